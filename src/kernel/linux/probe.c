/* Probes by sockets that were made inside the namespaces and are waited for together from outside.
 *
 * ICMP uses a raw socket: a user namespace that owns the network namespace grants CAP_NET_RAW in it; a ping
 * socket (SOCK_DGRAM) would depend on net.ipv4.ping_group_range. A raw IPv4 socket hands over the IP header
 * as well, and both see every echo reply of the namespace, so each probe has a number of its own in the
 * identifier.
 *
 * A UDP or ICMP socket learns of ICMP errors only when it is connected (UDP) or asks for them (IP_RECVERR).
 */
#include "kernel/probe.h"

#include <errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

/* One attempt of one probe. */
struct attempt {
    struct probe_request *request;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } to;
    socklen_t to_size;
    int fd;        /* -1: waits for `again` */
    uint16_t id;   /* of ICMP */
    int64_t sent;  /* ms */
    int64_t again; /* when to try once more */
    bool done;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int prepare(struct attempt *attempt, struct probe_request *request, uint16_t id)
{
    struct ip ip;
    *attempt = (struct attempt){.request = request, .fd = -1, .id = id};
    request->result = 0;
    request->why = "no answer";
    if (ip_parse(request->to_address, &ip) < 0)
        return -EINVAL;
    uint16_t port = request->probe == PROBE_ICMP ? 0 : htons((uint16_t)request->port);
    if (ip.family == 4) {
        attempt->to.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
        memcpy(&attempt->to.v4.sin_addr, ip.bytes, 4);
        attempt->to_size = sizeof attempt->to.v4;
    } else {
        attempt->to.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
        memcpy(&attempt->to.v6.sin6_addr, ip.bytes, 16);
        attempt->to_size = sizeof attempt->to.v6;
    }
    return 0;
}

static int open_socket(struct linux_door *door, const struct attempt *attempt)
{
    const char *ns = attempt->request->from_ns;
    int family = attempt->to.any.sa_family;
    switch (attempt->request->probe) {
    case PROBE_ICMP:
        return namespaces_socket(&door->namespaces, ns, family, SOCK_RAW | SOCK_NONBLOCK,
                                 family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
    case PROBE_TCP:
        return namespaces_socket(&door->namespaces, ns, family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    case PROBE_UDP:
        return namespaces_socket(&door->namespaces, ns, family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    case PROBE_MAX:
        break;
    }
    return -EINVAL;
}

static uint16_t checksum(const void *data, size_t size)
{
    const char *bytes = data;
    uint32_t sum = 0;
    uint16_t word;
    for (size_t i = 0; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        sum += word;
    }
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t) ~(sum + (sum >> 16));
}

static int send_echo(const struct attempt *attempt)
{
    struct icmphdr echo = {.type = ICMP_ECHO, .un.echo.id = htons(attempt->id)};
    if (attempt->to.any.sa_family == AF_INET6)
        echo.type =
            ICMPV6_ECHO_REQUEST; /* the kernel fills the checksum in, which covers the addresses too */
    else
        echo.checksum = checksum(&echo, sizeof echo);
    return send(attempt->fd, &echo, sizeof echo, 0) < 0 ? -errno : 0;
}

/* Ends the attempt with a failure, to be tried again. */
static void fail(struct attempt *attempt, int error)
{
    if (attempt->fd >= 0)
        close(attempt->fd);
    attempt->fd = -1;
    attempt->again = now_ms() + PROBE_AGAIN_MS;
    attempt->request->why = error ? strerrordesc_np(-error) : "no answer";
}

static void finish(struct attempt *attempt, int result)
{
    if (attempt->fd >= 0)
        close(attempt->fd);
    attempt->fd = -1;
    attempt->done = true;
    attempt->request->result = result;
    if (result)
        attempt->request->why = NULL;
}

/* Sends the first packet. */
static void start(struct linux_door *door, struct attempt *attempt)
{
    attempt->fd = open_socket(door, attempt);
    if (attempt->fd < 0) {
        finish(attempt, attempt->fd);
        return;
    }
    attempt->sent = now_ms();
    int r = connect(attempt->fd, &attempt->to.any, attempt->to_size) < 0 && errno != EINPROGRESS ? -errno : 0;
    if (r == 0 && attempt->request->probe == PROBE_ICMP)
        r = send_echo(attempt);
    else if (r == 0 && attempt->request->probe == PROBE_UDP)
        r = send(attempt->fd, "", 1, 0) < 0 ? -errno : 0;
    if (r < 0)
        fail(attempt, r);
}

static bool is_our_reply(const struct attempt *attempt, const uint8_t *packet, size_t size)
{
    bool v4 = attempt->to.any.sa_family == AF_INET;
    size_t header = v4 && size ? (size_t)(packet[0] & 15) * 4 : 0;
    if (size < header + sizeof(struct icmphdr))
        return false;
    struct icmphdr echo;
    memcpy(&echo, packet + header, sizeof echo);
    return echo.type == (v4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY) && echo.un.echo.id == htons(attempt->id);
}

/* The error that poll(2) announced, or what came. */
static void look(struct attempt *attempt, short events)
{
    uint8_t packet[256];
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        fail(attempt, -error);
        return;
    }
    if (attempt->request->probe == PROBE_TCP) {
        if (events & POLLOUT)
            finish(attempt, 1);
        return;
    }
    ssize_t length = recv(attempt->fd, packet, sizeof packet, 0);
    if (length < 0) {
        if (errno != EAGAIN)
            fail(attempt, -errno);
    } else if (attempt->request->probe == PROBE_UDP || is_our_reply(attempt, packet, (size_t)length)) {
        finish(attempt, 1);
    }
}

/* What time alone decides: silence after UDP is good, after ICMP and TCP another try is due. */
static void tick(struct linux_door *door, struct attempt *attempt, int64_t now)
{
    enum { ECHO_EVERY_MS = 250, CONNECT_EVERY_MS = 1100 };
    int64_t waited = now - attempt->sent;
    if (attempt->fd < 0) {
        if (now >= attempt->again)
            start(door, attempt);
    } else if (attempt->request->probe == PROBE_UDP) {
        if (waited >= PROBE_QUIET_MS)
            finish(attempt, 1);
    } else if (waited >= (attempt->request->probe == PROBE_ICMP ? ECHO_EVERY_MS : CONNECT_EVERY_MS)) {
        fail(attempt, 0);
        start(door, attempt);
    }
}

static size_t gather(struct attempt *attempts, size_t n, struct pollfd *polled, size_t *places)
{
    size_t n_polled = 0;
    for (size_t i = 0; i < n; i++) {
        if (attempts[i].done || attempts[i].fd < 0)
            continue;
        polled[n_polled].fd = attempts[i].fd;
        polled[n_polled].events = attempts[i].request->probe == PROBE_TCP ? POLLOUT : POLLIN;
        places[n_polled++] = i;
    }
    return n_polled;
}

static bool all_done(const struct attempt *attempts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!attempts[i].done)
            return false;
    return true;
}

static void probe_until(struct linux_door *door, struct attempt *attempts, size_t n, int64_t deadline)
{
    enum { TICK_MS = 20 };
    struct pollfd *polled = xrealloc(NULL, n + 1, sizeof *polled);
    size_t *places = xrealloc(NULL, n + 1, sizeof *places);
    while (!all_done(attempts, n) && now_ms() < deadline) {
        size_t n_polled = gather(attempts, n, polled, places);
        if (poll(polled, n_polled, TICK_MS) > 0)
            for (size_t i = 0; i < n_polled; i++)
                if (polled[i].revents)
                    look(&attempts[places[i]], polled[i].revents);
        int64_t now = now_ms();
        for (size_t i = 0; i < n; i++)
            if (!attempts[i].done)
                tick(door, &attempts[i], now);
    }
    free(polled);
    free(places);
}

void door_probe_all(struct door *door, struct probe_request *requests, size_t n, int timeout_ms)
{
    struct linux_door *real = linux_door_of(door);
    struct attempt *attempts = xrealloc(NULL, n + 1, sizeof *attempts);
    int64_t deadline = now_ms() + timeout_ms;
    uint16_t id = (uint16_t)getpid();
    for (size_t i = 0; i < n; i++) {
        int r = prepare(&attempts[i], &requests[i], (uint16_t)(id + i));
        if (!real || r < 0)
            finish(&attempts[i], r < 0 ? r : -EOPNOTSUPP);
        else
            start(real, &attempts[i]);
    }
    if (real)
        probe_until(real, attempts, n, deadline);
    for (size_t i = 0; i < n; i++)
        if (attempts[i].fd >= 0)
            close(attempts[i].fd);
    free(attempts);
}

int door_probe(struct door *door, const char *from_ns, const char *to_address, enum probe probe, int port,
               int timeout_ms, const char **ret_why)
{
    struct probe_request request = {
        .from_ns = from_ns, .to_address = to_address, .probe = probe, .port = port};
    door_probe_all(door, &request, 1, timeout_ms);
    if (ret_why)
        *ret_why = request.why;
    return request.result;
}
