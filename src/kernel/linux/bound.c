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

/* What is asked of a table, and the first socket that is it. */
struct question {
    const struct ip *at;
    uint16_t first, last;
    bool listening;
    unsigned long inode; /* 0: none */
    uint16_t port;
};

static void look_in(const char *path, struct question *q)
{
    char line[512], hex[IP_HEX_LENGTH + 1], port[5], state[3], inode[21];
    FILE *table = fopen(path, "re");
    while (table && !q->inode && fgets(line, sizeof line, table)) {
        if (sscanf(line,
                   " %*[0-9]: %32[0-9A-F]:%4[0-9A-F] %*[0-9A-F:] %2[0-9A-F] %*s %*s %*s %*s %*s %20[0-9]",
                   hex, port, state, inode) != 4)
            continue;
        unsigned long local = strtoul(port, NULL, 16);
        struct ip bound = ip_of_hex(hex);
        if (local < q->first || local > q->last || (q->listening && strcmp(state, tcp_listening) != 0) ||
            !is_at(&bound, q->at))
            continue;
        q->inode = strtoul(inode, NULL, 10);
        q->port = (uint16_t)local;
    }
    if (table)
        fclose(table);
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

uint16_t port_bound(uint8_t protocol, const struct ip *at, uint16_t first, uint16_t last, struct text *who)
{
    static const char *const tables[][2] = {{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"},
                                            {"/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"}};
    bool is_udp = protocol == IPPROTO_UDP;
    struct question q = {.at = at, .first = first, .last = last, .listening = !is_udp};
    for (unsigned i = 0; i < 2 && (is_udp || protocol == IPPROTO_TCP); i++)
        look_in(tables[is_udp][i], &q);
    if (q.inode)
        add_holder(q.inode, who);
    return q.port;
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
    if (is_refused)
        port_bound(protocol, at, port, port, who);
    return is_refused;
}
