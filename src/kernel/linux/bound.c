/* Who listens: the tables of sockets in /proc/net, and the process that holds the inode, as ss(8) finds it.
 */
#include "kernel/bound.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"

enum { IP_HEX_LENGTH = 32 };
static const char tcp_listening[] = "0A";

/* "0100007F" or four of these: words in the order of this machine (net/ipv4/tcp_ipv4.c, get_tcp4_sock). */
static struct ip ip_of_hex(const char *hex)
{
    struct ip ip = {.family = strlen(hex) == 8 ? 4 : 6};
    for (size_t i = 0; i < ip_size(&ip) / 4; i++) {
        char word[9] = "";
        memcpy(word, hex + 8 * i, 8);
        uint32_t number = (uint32_t)strtoul(word, NULL, 16);
        memcpy(ip.bytes + 4 * i, &number, sizeof number);
    }
    return ip;
}

/* What is bound to :: hears IPv4 too, as a rule; what is bound to 0.0.0.0 never hears IPv6. */
static bool is_at(const struct ip *bound, const struct ip *at)
{
    if (!at->family)
        return true;
    if (ip_is_unspecified(bound))
        return bound->family == 6 || at->family == 4;
    return ip_is_unspecified(at) ? bound->family == at->family : ip_equal(bound, at);
}

struct bound_socket {
    struct ip at;
    uint8_t protocol;
    uint16_t port;
    unsigned long inode;
};

static bool line_parse(const char *line, uint8_t protocol, struct bound_socket *ret)
{
    char hex[IP_HEX_LENGTH + 1], port[5], state[3], inode[21];
    if (sscanf(line, " %*[0-9]: %32[0-9A-F]:%4[0-9A-F] %*[0-9A-F:] %2[0-9A-F] %*s %*s %*s %*s %*s %20[0-9]",
               hex, port, state, inode) != 4)
        return false;
    *ret = (struct bound_socket){.at = ip_of_hex(hex),
                                 .protocol = protocol,
                                 .port = (uint16_t)strtoul(port, NULL, 16),
                                 .inode = strtoul(inode, NULL, 10)};
    return protocol == IPPROTO_UDP || strcmp(state, tcp_listening) == 0;
}

static void table_read(const char *path, uint8_t protocol, struct sockets *sockets)
{
    char line[512];
    struct bound_socket one;
    FILE *table = fopen(path, "re");
    while (table && fgets(line, sizeof line, table)) {
        if (!line_parse(line, protocol, &one))
            continue;
        if ((sockets->n & (sockets->n - 1)) == 0) /* full: it holds powers of two */
            sockets->list = xrealloc(sockets->list, sockets->n ? 2 * sockets->n : 1, sizeof one);
        sockets->list[sockets->n++] = one;
    }
    if (table)
        fclose(table);
}

static int by_port(const void *a, const void *b)
{
    return ((const struct bound_socket *)a)->port - ((const struct bound_socket *)b)->port;
}

void sockets_read(struct sockets *ret)
{
    *ret = (struct sockets){0};
    table_read("/proc/thread-self/net/tcp", IPPROTO_TCP, ret);
    table_read("/proc/thread-self/net/tcp6", IPPROTO_TCP, ret);
    table_read("/proc/thread-self/net/udp", IPPROTO_UDP, ret);
    table_read("/proc/thread-self/net/udp6", IPPROTO_UDP, ret);
    if (ret->n)
        qsort(ret->list, ret->n, sizeof *ret->list, by_port);
}

void sockets_done(struct sockets *sockets)
{
    free(sockets->list);
    *sockets = (struct sockets){0};
}

static bool holds(const char *pid, const char *socket)
{
    char path[64], target[64];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%.16s/fd", pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        found = strcmp(target, socket) == 0;
    }
    if (folder)
        closedir(folder);
    return found;
}

static void add_process(const char *pid, struct text *who)
{
    char path[64], name[64] = "";
    snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
    FILE *file = fopen(path, "re");
    if (file && fgets(name, sizeof name, file))
        name[strcspn(name, "\n")] = '\0';
    if (file)
        fclose(file);
    text_printf(who, "`%s` (pid %s)", name, pid);
}

static void add_holder(unsigned long inode, struct text *who)
{
    char socket[64];
    bool found = false;
    snprintf(socket, sizeof socket, "socket:[%lu]", inode);
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        found = strspn(entry->d_name, "0123456789") == strlen(entry->d_name) && holds(entry->d_name, socket);
        if (found)
            add_process(entry->d_name, who);
    }
    if (folder)
        closedir(folder);
}

/* The first of all whose port is not smaller. */
static size_t find_port(const struct sockets *sockets, uint16_t port)
{
    size_t low = 0, high = sockets->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sockets->list[middle].port < port)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint16_t port_bound(const struct sockets *sockets, uint8_t protocol, const struct ip *at, uint16_t first,
                    uint16_t last, struct text *who)
{
    for (size_t i = find_port(sockets, first); i < sockets->n && sockets->list[i].port <= last; i++) {
        const struct bound_socket *one = &sockets->list[i];
        if (one->protocol != protocol || !is_at(&one->at, at))
            continue;
        add_holder(one->inode, who);
        return one->port;
    }
    return 0;
}

/* Binding is tried, as the program will do it. */
bool port_refused(uint8_t protocol, const struct ip *at, uint16_t port, bool shared, struct text *who)
{
    const int yes = 1;
    bool is_six = at->family == 6;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(is_six ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr, at->bytes, is_six ? 16 : 4);
    int fd = socket(is_six ? AF_INET6 : AF_INET,
                    (protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes);
    if (is_six)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    bool is_refused = bind(fd, is_six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
                           is_six ? sizeof v6 : sizeof v4) < 0 &&
                      errno == EADDRINUSE;
    close(fd);
    struct sockets sockets CLEANUP_SOCKETS = {0};
    if (is_refused)
        sockets_read(&sockets);
    port_bound(&sockets, protocol, at, port, port, who);
    return is_refused;
}
