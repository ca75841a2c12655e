// Drives a DNS server on 127.0.0.1 and says what came back. Spends little itself: many datagrams a system call.
//
//   load PORT FILE SECONDS [-r RATE] [-w WINDOW] [-c CLIENTS] [-f FIRST] [-n MOST] [-s]
//
// FILE has a name and a type a line, of which the name is asked for, type A, from line FIRST on and round again.
// With -r it sends so many queries a second whatever comes back (open loop); without, it keeps WINDOW queries of each
// socket unanswered (closed loop). Queries come from the CLIENTS addresses from 127.1.0.1 on, in turn. With -s it never
// sleeps, which is for a core of its own. After MOST queries, or at SIGTERM, it
// ends before its time.
//
// Prints one line of JSON: seconds of sending, queries sent, answered (NOERROR or NXDOMAIN), failed (any other RCODE),
// lost (no answer within half a second of the end), CPU seconds of its own, and the latencies p50, p99, p999 in µs.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SOCKETS = 4, BATCH = 64, PACED = 16, SIZE = 1500, IDS = 65536, FINE = 32, BUCKETS = 40 * FINE };
static const double PATIENCE = 0.5;  // seconds after which an answer counts as lost
static const double STUCK = 0.2;     // seconds of silence after which a closed loop begins anew

struct query { unsigned char *bytes; int length; };
struct line { int fd, flying; uint16_t next; double at[IDS]; };  // at: when an ID was sent, 0 if it is not waited for
union source { char room[CMSG_SPACE(sizeof(struct in_pktinfo))]; struct cmsghdr align; };

static struct query *queries;
static long count, turn, client, most = -1;
static struct line lines[SOCKETS];
static long sent, answered, failed, histogram[BUCKETS];
static int clients = 32, window = 32;
static struct sockaddr_in server;
static volatile sig_atomic_t enough;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void stop(int number) { (void)number; enough = 1; }

static void die(const char *what) { perror(what); exit(1); }

// A query for A in wire form (RFC 1035, 4.1), its ID left open.
static struct query encode(const char *name) {
    unsigned char *bytes = calloc(1, strlen(name) + 24);
    int at = 12;
    bytes[2] = 1, bytes[5] = 1;
    while (*name) {
        const char *dot = strchrnul(name, '.');
        bytes[at] = dot - name;
        memcpy(bytes + at + 1, name, dot - name);
        at += 1 + (dot - name);
        name = *dot ? dot + 1 : dot;
    }
    bytes[at + 2] = 1, bytes[at + 4] = 1;
    return (struct query){bytes, at + 5};
}

static void read_queries(const char *path) {
    char name[512], type[32];
    long room = 0;
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    while (fscanf(file, "%500s %30s", name, type) == 2) {
        if (count == room && !(queries = realloc(queries, (room += 65536) * sizeof *queries))) die("memory");
        queries[count++] = encode(name);
    }
    fclose(file);
    if (!count) { fprintf(stderr, "%s has no queries\n", path); exit(1); }
}

// Sockets of lo that may send from any of its addresses, and get what is sent to any.
static void open_lines(void) {
    for (int i = 0; i < SOCKETS; i++) {
        struct sockaddr_in any = {.sin_family = AF_INET};
        int bytes = 4 << 20, fd = lines[i].fd = socket(AF_INET, SOCK_DGRAM, 0);
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2)) die("lo");
        if (bind(fd, (void *)&any, sizeof any)) die("bind");
    }
}

// Latency in µs as bucket: exact below FINE, then FINE buckets for each doubling.
static int bucket(double microseconds) {
    uint64_t value = microseconds < 0 ? 0 : (uint64_t)microseconds;
    if (value < FINE) return value;
    int high = 63 - __builtin_clzll(value), shift = high - 5;
    int index = (shift + 1) * FINE + (int)((value >> shift) - FINE);
    return index < BUCKETS ? index : BUCKETS - 1;
}

static double middle(int index) {
    if (index < FINE) return index + 0.5;
    int shift = index / FINE - 1;
    return ((index % FINE + FINE) + 0.5) * (double)(1ull << shift);
}

static double percentile(double part) {
    long total = 0, seen = 0;
    for (int i = 0; i < BUCKETS; i++) total += histogram[i];
    for (int i = 0; i < BUCKETS; i++)
        if ((seen += histogram[i]) >= part * total && seen) return middle(i);
    return 0;
}

static int send_some(struct line *line, int many) {
    if (most >= 0 && most - sent < many) many = most - sent;
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    static union source sources[BATCH];
    uint16_t first = line->next;
    double at = now();
    for (int i = 0; i < many; i++) {
        struct query *query = &queries[(turn + i) % count];
        uint16_t id = first + i;
        query->bytes[0] = id >> 8, query->bytes[1] = id;
        parts[i] = (struct iovec){query->bytes, query->length};
        struct msghdr *head = &messages[i].msg_hdr;
        *head = (struct msghdr){.msg_name = &server, .msg_namelen = sizeof server, .msg_iov = &parts[i], .msg_iovlen = 1,
                                .msg_control = sources[i].room, .msg_controllen = sizeof sources[i].room};
        struct cmsghdr *from = CMSG_FIRSTHDR(head);
        from->cmsg_level = IPPROTO_IP, from->cmsg_type = IP_PKTINFO, from->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
        struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(0x7f010001u + (client + i) % clients)};
        memcpy(CMSG_DATA(from), &info, sizeof info);
    }
    int gone = sendmmsg(line->fd, messages, many, MSG_DONTWAIT);
    for (int i = 0; i < gone; i++) line->at[(uint16_t)(first + i)] = at;
    if (gone <= 0) return 0;
    line->next += gone, line->flying += gone, turn += gone, client += gone, sent += gone;
    return gone;
}

static int receive_some(struct line *line) {
    static unsigned char room[BATCH][SIZE];
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){room[i], SIZE};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int came = recvmmsg(line->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    double at = came > 0 ? now() : 0;
    for (int i = 0; i < came; i++) {
        unsigned char *answer = room[i];
        uint16_t id = answer[0] << 8 | answer[1];
        int code = answer[3] & 15;
        if (messages[i].msg_len < 12 || !line->at[id]) continue;  // no answer of ours, or the second one
        if (at - line->at[id] <= PATIENCE) {
            histogram[bucket((at - line->at[id]) * 1e6)]++;
            if (code == 0 || code == 3) answered++; else failed++;
        }
        line->at[id] = 0, line->flying--;
    }
    return came > 0 ? came : 0;
}

static int receive_all(void) {
    int came = 0;
    for (int i = 0; i < SOCKETS; i++) came += receive_some(&lines[i]);
    return came;
}

static void rest(double seconds) {
    struct pollfd waiting[SOCKETS];
    for (int i = 0; i < SOCKETS; i++) waiting[i] = (struct pollfd){lines[i].fd, POLLIN, 0};
    struct timespec time = {0, seconds > 0 ? (long)(seconds * 1e9) : 0};
    ppoll(waiting, SOCKETS, &time, NULL);
}

static void open_loop(double began, double seconds, double rate, int spin) {
    for (double at; !enough && sent != most && (at = now()) - began < seconds;) {
        long due = (long)((at - began) * rate) + 1 - sent;
        if (due > 0) send_some(&lines[sent / PACED % SOCKETS], due < PACED ? due : PACED);
        int came = receive_all();
        if (!spin && !came && due <= 1) rest((sent + 1) / rate - (now() - began));
    }
}

static void closed_loop(double began, double seconds) {
    double last = began;
    for (double at; !enough && sent != most && (at = now()) - began < seconds;) {
        for (int i = 0; i < SOCKETS; i++) {
            int room = window - lines[i].flying;
            if (room > 0) send_some(&lines[i], room < BATCH ? room : BATCH);
        }
        rest(0.02);
        if (receive_all()) { last = at; continue; }
        if (at - last < STUCK) continue;
        for (int i = 0; i < SOCKETS; i++) lines[i].flying = 0;
        last = at;
    }
}

int main(int argc, char **argv) {
    double rate = 0;
    int spin = 0;
    for (int option; (option = getopt(argc, argv, "r:w:c:f:n:s")) != -1;) {
        if (option == 'r') rate = atof(optarg);
        else if (option == 'w') window = atoi(optarg);
        else if (option == 'c') clients = atoi(optarg);
        else if (option == 'f') turn = atol(optarg);
        else if (option == 'n') most = atol(optarg);
        else if (option == 's') spin = 1;
        else return 2;
    }
    if (argc - optind != 3) { fprintf(stderr, "load PORT FILE SECONDS [options]\n"); return 2; }
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[optind])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    double seconds = atof(argv[optind + 2]);
    prctl(PR_SET_TIMERSLACK, 1000);
    signal(SIGTERM, stop);
    read_queries(argv[optind + 1]);
    open_lines();
    double began = now();
    if (rate > 0) open_loop(began, seconds, rate, spin); else closed_loop(began, seconds);
    double ended = now();
    while (answered + failed < sent && now() - ended < PATIENCE) { rest(0.01); receive_all(); }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    printf("{\"seconds\": %.6f, \"sent\": %ld, \"answered\": %ld, \"failed\": %ld, \"lost\": %ld, \"cpu\": %.4f, "
           "\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f}\n",
           ended - began, sent, answered, failed, sent - answered - failed, cpu,
           percentile(0.5), percentile(0.99), percentile(0.999));
    return 0;
}
