/* The plain C sender: for each line COUNT of its input, so many messages by send; the seconds go to the output. */
#define _POSIX_C_SOURCE 200112L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { LENGTH = 64 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argumentCount, char **arguments)
{
    long count;
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(argumentCount > 1 ? atoi(arguments[1]) : 0);
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0)
    {
        perror("connect");
        return 1;
    }

    puts("ready");
    fflush(stdout);
    while (scanf("%ld", &count) == 1)
    {
        /* Made before the time starts, as the array of texts is. */
        char *messages = malloc((size_t)count * LENGTH + 1);
        double start;
        long i;
        for (i = 0; i < count; i++)
        {
            snprintf(messages + i * LENGTH, LENGTH + 1, "%020ld%044d", i, 0);
        }

        start = now();
        for (i = 0; i < count; i++)
        {
            if (send(client, messages + i * LENGTH, LENGTH, 0) != LENGTH)
            {
                perror("send");
                return 1;
            }
        }

        printf("seconds %.9f\n", now() - start);
        fflush(stdout);
        free(messages);
    }

    return 0;
}
