/* A UDP socket on a free port of loopback, whose number goes to the output. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int open_server(void)
{
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0
        || getsockname(server, (struct sockaddr *)&address, &length) != 0)
    {
        perror("bind");
        exit(1);
    }

    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return server;
}
