/* The plain C server: one recvfrom and one sendto for each message. */
#include "socket.h"
#include "watch.h"

int main(void)
{
    int server = open_server();
    static char message[65536];
    end_with_input();
    for (;;)
    {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        if (recvfrom(server, message, sizeof message, 0, (struct sockaddr *)&peer, &length) >= 0)
        {
            sendto(server, "Message received", 16, 0, (struct sockaddr *)&peer, length);
        }
    }
}
