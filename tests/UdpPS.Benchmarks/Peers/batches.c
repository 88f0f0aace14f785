/* The fastest server there is on one socket: it shows how fast the load generator is. */
#define _GNU_SOURCE
#include "socket.h"
#include "watch.h"

enum { BATCH = 64, LONGEST = 2048 };

int main(void)
{
    int server = open_server();
    static struct mmsghdr messages[BATCH], acks[BATCH];
    static struct iovec texts[BATCH], ack;
    static struct sockaddr_in peers[BATCH];
    static char bytes[BATCH][LONGEST];
    int i;
    end_with_input();
    ack.iov_base = "Message received";
    ack.iov_len = 16;
    for (i = 0; i < BATCH; i++)
    {
        texts[i].iov_base = bytes[i];
        texts[i].iov_len = LONGEST;
        messages[i].msg_hdr.msg_iov = texts + i;
        acks[i].msg_hdr.msg_iov = &ack;
        messages[i].msg_hdr.msg_iovlen = acks[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = acks[i].msg_hdr.msg_name = peers + i;
        acks[i].msg_hdr.msg_namelen = sizeof peers[i];
    }

    for (;;)
    {
        int count;
        for (i = 0; i < BATCH; i++)
        {
            messages[i].msg_hdr.msg_namelen = sizeof peers[i];
        }

        count = recvmmsg(server, messages, BATCH, MSG_WAITFORONE, 0);
        if (count > 0)
        {
            sendmmsg(server, acks, count, 0);
        }
    }
}
