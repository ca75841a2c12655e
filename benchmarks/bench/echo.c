// The floor: answers every datagram on 127.0.0.1 with itself and NXDOMAIN, with no thought. echo PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { BATCH = 64, SIZE = 512 };

int main(int argc, char **argv) {
    static unsigned char room[BATCH][SIZE];
    static struct sockaddr_in clients[BATCH];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    int bytes = 4 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                               .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (bind(fd, (void *)&here, sizeof here)) { perror("bind"); return 1; }
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){room[i], SIZE};
            messages[i].msg_hdr = (struct msghdr){.msg_name = &clients[i], .msg_namelen = sizeof clients[i],
                                                  .msg_iov = &parts[i], .msg_iovlen = 1};
        }
        int came = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < came; i++) {
            room[i][2] |= 0x80, room[i][3] = 0x83;
            parts[i].iov_len = messages[i].msg_len;
        }
        if (came > 0) sendmmsg(fd, messages, came, 0);
    }
}
