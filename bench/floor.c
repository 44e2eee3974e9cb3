/*
 * The floor: what the kernel itself charges for the networks the benchmarks build.
 *
 * One process, one thread, libmnl, no file to read, nothing observed, nothing planned, nothing kept for
 * undo. Whatever a real tool needs above this is its own cost; no tool that makes the same objects through
 * the same kernel can be much below it.
 *
 *   floor star N [lo]    N namespaces n1..nN, each with one cable to the bridge br0, an address and a
 *                        default route; the bridge has the gateway's address. With "lo", raise lo as well
 *   floor down N         take that star down: one group delete for all links, then the names
 *   floor down-each N    the same with one RTM_DELLINK per link: the slow way, for comparison
 *   floor redblue [lo]   two namespaces, red and blue, on one bridge
 *   floor ping NS ADDR   echo requests from namespace NS, one per millisecond, until the first answer
 *
 * What Linux does that one would not guess:
 *  - A veth peer cannot be created up (ENOTCONN). So the pair is made by one message, peer born inside its
 *    namespace, near end plugged in and raised; the peer is raised by a second message.
 *  - A bridge is raised last: on a running bridge every new port's IPv6 multicast floods all earlier ports.
 *  - A bridge holds 1,023 ports.
 *  - A netlink socket stays in the namespace it was opened in. The loop below walks forward through new
 *    namespaces and never returns; the socket opened first keeps talking to the outer one.
 *  - Each delete request waits for an RCU barrier, however many links it names. All links, and the bridge
 *    too, carry one group number so that one request takes them all.
 *  - Ports leave a lowered bridge in little more than half the time they need to leave a running one.
 *
 * Every request is acknowledged and every error is fatal: a benchmark of half a network is worthless.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NETNS_DIR        "/run/netns"
#define BRIDGE           "br0"
#define BRIDGE_PORTS_MAX 1024
#define GROUP            0x706c
#define STAR_NET         0x0a010000u /* 10.1.0.0/16 */
#define STAR_PREFIX      16
#define STAR_GATEWAY     (STAR_NET + 1)
#define REDBLUE_NET      0xc0a83200u /* 192.168.50.0/24 */
#define PING_LIMIT_MS    10000

/* A namespace at the end of a cable. Addresses are in host byte order; gateway 0 is no default route. */
struct endpoint {
    char ns[16];
    uint32_t address;
    uint8_t prefix;
    uint32_t gateway;
};

/* ---- asking the kernel ---- */

static char buffer[4096];
static uint32_t sequence;

static struct mnl_socket *netlink_open(void)
{
    struct mnl_socket *sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

    if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
        err(1, "netlink");
    return sock;
}

static struct nlmsghdr *request(uint16_t type, uint16_t flags, void *ret_body, size_t size)
{
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);

    nlh->nlmsg_type = type;
    nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    nlh->nlmsg_seq = ++sequence;
    *(void **)ret_body = mnl_nlmsg_put_extra_header(nlh, size);
    return nlh;
}

/* Sends the request that stands in the buffer and waits for its acknowledgement. */
static void netlink_do(struct mnl_socket *sock, struct nlmsghdr *nlh, const char *what, const char *name)
{
    char answer[8192];
    ssize_t size;

    if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
        err(1, "%s %s: send", what, name);
    size = mnl_socket_recvfrom(sock, answer, sizeof(answer));
    if (size < 0)
        err(1, "%s %s: receive", what, name);
    /* MNL_CB_STOP is the acknowledgement; anything else (a notification, more data) is not expected here. */
    if (mnl_cb_run(answer, (size_t)size, sequence, mnl_socket_get_portid(sock), NULL, NULL) != MNL_CB_STOP)
        err(1, "%s %s", what, name);
}

/* ---- links, addresses, routes ---- */

static void bridge_add(struct mnl_socket *sock)
{
    struct ifinfomsg *ifi;
    struct nlmsghdr *nlh = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(*ifi));
    struct nlattr *info;

    mnl_attr_put_strz(nlh, IFLA_IFNAME, BRIDGE);
    mnl_attr_put_u32(nlh, IFLA_GROUP, GROUP);
    info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
    mnl_attr_nest_end(nlh, info);
    netlink_do(sock, nlh, "add bridge", BRIDGE);
}

static void cable_add(struct mnl_socket *sock, const char *ns, int ns_fd, uint32_t bridge)
{
    char name[IFNAMSIZ + 8];
    struct ifinfomsg *ifi;
    struct nlmsghdr *nlh = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(*ifi));
    struct nlattr *info, *data, *peer;

    ifi->ifi_flags = ifi->ifi_change = IFF_UP;
    snprintf(name, sizeof(name), "%s-eth0", ns);
    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    mnl_attr_put_u32(nlh, IFLA_MASTER, bridge);
    mnl_attr_put_u32(nlh, IFLA_GROUP, GROUP);
    info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
    data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
    peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(nlh, IFLA_IFNAME, "eth0");
    mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)ns_fd);
    mnl_attr_nest_end(nlh, peer);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, info);
    netlink_do(sock, nlh, "add cable", name);
}

static void link_set(struct mnl_socket *sock, uint32_t index, bool up, const char *name)
{
    struct ifinfomsg *ifi;
    struct nlmsghdr *nlh = request(RTM_NEWLINK, 0, &ifi, sizeof(*ifi));

    ifi->ifi_index = (int)index;
    ifi->ifi_flags = up ? IFF_UP : 0;
    ifi->ifi_change = IFF_UP;
    netlink_do(sock, nlh, up ? "raise" : "lower", name);
}

static void address_add(struct mnl_socket *sock, uint32_t index, uint32_t address, uint8_t prefix)
{
    struct ifaddrmsg *ifa;
    struct nlmsghdr *nlh = request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(*ifa));

    ifa->ifa_family = AF_INET;
    ifa->ifa_prefixlen = prefix;
    ifa->ifa_index = index;
    mnl_attr_put_u32(nlh, IFA_LOCAL, htonl(address));
    mnl_attr_put_u32(nlh, IFA_ADDRESS, htonl(address));
    netlink_do(sock, nlh, "add address", "");
}

static void default_route_add(struct mnl_socket *sock, uint32_t index, uint32_t gateway)
{
    struct rtmsg *rtm;
    struct nlmsghdr *nlh = request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &rtm, sizeof(*rtm));

    rtm->rtm_family = AF_INET;
    rtm->rtm_table = RT_TABLE_MAIN;
    rtm->rtm_protocol = RTPROT_STATIC;
    rtm->rtm_scope = RT_SCOPE_UNIVERSE;
    rtm->rtm_type = RTN_UNICAST;
    mnl_attr_put_u32(nlh, RTA_GATEWAY, htonl(gateway));
    mnl_attr_put_u32(nlh, RTA_OIF, index);
    netlink_do(sock, nlh, "add default route", "");
}

static void link_del(struct mnl_socket *sock, const char *name)
{
    struct ifinfomsg *ifi;
    struct nlmsghdr *nlh = request(RTM_DELLINK, 0, &ifi, sizeof(*ifi));

    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    netlink_do(sock, nlh, "delete", name);
}

static void group_del(struct mnl_socket *sock)
{
    struct ifinfomsg *ifi;
    struct nlmsghdr *nlh = request(RTM_DELLINK, 0, &ifi, sizeof(*ifi));

    mnl_attr_put_u32(nlh, IFLA_GROUP, GROUP);
    netlink_do(sock, nlh, "delete", "group");
}

/* ---- namespaces ---- */

static void ns_path(char *path, size_t size, const char *ns)
{
    if (snprintf(path, size, NETNS_DIR "/%s", ns) >= (int)size)
        errx(1, "%s: name too long", ns);
}

/* Makes a namespace, enters it and gives it a name, the way `ip netns` does. */
static void ns_add(const char *ns)
{
    char path[64];
    int fd;

    ns_path(path, sizeof(path), ns);
    fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (fd < 0)
        err(1, "%s", path);
    close(fd);
    if (unshare(CLONE_NEWNET) < 0)
        err(1, "%s: unshare", ns);
    if (mount("/proc/self/ns/net", path, "none", MS_BIND, NULL) < 0)
        err(1, "%s: mount", path);
}

static void ns_del(const char *ns)
{
    char path[64];

    ns_path(path, sizeof(path), ns);
    if (umount2(path, MNT_DETACH) < 0 || unlink(path) < 0)
        err(1, "%s", path);
}

static uint32_t index_of(const char *name)
{
    uint32_t index = if_nametoindex(name);

    if (!index)
        err(1, "%s", name);
    return index;
}

/* ---- the networks ---- */

static void endpoint_add(struct mnl_socket *host, uint32_t bridge, const struct endpoint *end, bool with_lo)
{
    struct mnl_socket *inside;
    uint32_t index;
    int fd;

    ns_add(end->ns);
    fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        err(1, "%s: open", end->ns);
    cable_add(host, end->ns, fd, bridge);
    close(fd);

    inside = netlink_open();
    index = index_of("eth0");
    if (with_lo)
        link_set(inside, 1, true, "lo");
    link_set(inside, index, true, "eth0");
    address_add(inside, index, end->address, end->prefix);
    if (end->gateway)
        default_route_add(inside, index, end->gateway);
    mnl_socket_close(inside);
}

static struct endpoint star_end(unsigned i)
{
    struct endpoint end = {.address = STAR_GATEWAY + i, .prefix = STAR_PREFIX, .gateway = STAR_GATEWAY};

    snprintf(end.ns, sizeof(end.ns), "n%u", i);
    return end;
}

static void star_up(unsigned n, bool with_lo)
{
    struct mnl_socket *host = netlink_open();
    uint32_t bridge;

    bridge_add(host);
    bridge = index_of(BRIDGE);
    for (unsigned i = 1; i <= n; i++) {
        struct endpoint end = star_end(i);

        endpoint_add(host, bridge, &end, with_lo);
    }
    address_add(host, bridge, STAR_GATEWAY, STAR_PREFIX);
    link_set(host, bridge, true, BRIDGE);
    mnl_socket_close(host);
}

static void redblue_up(bool with_lo)
{
    static const struct endpoint ends[] = {
        {.ns = "red", .address = REDBLUE_NET + 1, .prefix = 24},
        {.ns = "blue", .address = REDBLUE_NET + 2, .prefix = 24},
    };
    struct mnl_socket *host = netlink_open();
    uint32_t bridge;

    bridge_add(host);
    bridge = index_of(BRIDGE);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        endpoint_add(host, bridge, &ends[i], with_lo);
    link_set(host, bridge, true, BRIDGE);
    mnl_socket_close(host);
}

static void star_down(unsigned n, bool each)
{
    struct mnl_socket *host = netlink_open();

    if (each) {
        char name[IFNAMSIZ + 8];

        for (unsigned i = 1; i <= n; i++) {
            snprintf(name, sizeof(name), "n%u-eth0", i);
            link_del(host, name);
        }
        link_del(host, BRIDGE);
    } else {
        link_set(host, index_of(BRIDGE), false, BRIDGE);
        group_del(host);
    }
    for (unsigned i = 1; i <= n; i++)
        ns_del(star_end(i).ns);
    mnl_socket_close(host);
}

/* ---- the first answer ---- */

static void ns_enter(const char *ns)
{
    char path[64];
    int fd;

    ns_path(path, sizeof(path), ns);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
        err(1, "%s", path);
    close(fd);
}

static uint16_t checksum(const void *data, size_t size)
{
    const uint16_t *word = data;
    uint32_t sum = 0;

    for (size_t i = 0; i < size / 2; i++)
        sum += word[i];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static bool is_answer(int fd, struct in_addr from)
{
    struct {
        struct iphdr ip;
        struct icmphdr icmp;
    } packet;
    ssize_t size = recv(fd, &packet, sizeof(packet), MSG_DONTWAIT);

    return size >= (ssize_t)sizeof(packet) && packet.ip.saddr == from.s_addr && packet.ip.ihl == 5 &&
           packet.icmp.type == ICMP_ECHOREPLY && packet.icmp.un.echo.id == htons((uint16_t)getpid());
}

static void ping(const char *ns, const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct pollfd wait = {.events = POLLIN};

    if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
        errx(2, "%s: not an IPv4 address", address);
    ns_enter(ns);
    wait.fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    if (wait.fd < 0)
        err(1, "socket");
    for (uint16_t i = 0; i < PING_LIMIT_MS; i++) {
        struct icmphdr echo = {.type = ICMP_ECHO};

        echo.un.echo.id = htons((uint16_t)getpid());
        echo.un.echo.sequence = htons(i);
        echo.checksum = checksum(&echo, sizeof(echo));
        /* A full queue behind an unanswered ARP request is no error here: the next one may go. */
        if (sendto(wait.fd, &echo, sizeof(echo), 0, (struct sockaddr *)&to, sizeof(to)) < 0 &&
            errno != ENOBUFS && errno != EHOSTUNREACH && errno != ENETUNREACH)
            err(1, "send");
        if (poll(&wait, 1, 1) > 0 && is_answer(wait.fd, to.sin_addr))
            return;
    }
    errx(1, "%s: no answer from %s in %d ms", ns, address, PING_LIMIT_MS);
}

/* ---- the command ---- */

static unsigned parse_count(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*end || n < 1 || n > BRIDGE_PORTS_MAX)
        errx(2, "%s: expected a number from 1 to %d, the ports a bridge holds", text, BRIDGE_PORTS_MAX);
    return (unsigned)n;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    bool with_lo = argc > 2 && !strcmp(argv[argc - 1], "lo");

    if (mkdir(NETNS_DIR, 0755) < 0 && errno != EEXIST)
        err(1, NETNS_DIR);
    if (!strcmp(mode, "star") && argc > 2)
        star_up(parse_count(argv[2]), with_lo);
    else if (!strcmp(mode, "down") && argc == 3)
        star_down(parse_count(argv[2]), false);
    else if (!strcmp(mode, "down-each") && argc == 3)
        star_down(parse_count(argv[2]), true);
    else if (!strcmp(mode, "redblue"))
        redblue_up(with_lo);
    else if (!strcmp(mode, "ping") && argc == 4)
        ping(argv[2], argv[3]);
    else
        errx(2, "usage: floor star N [lo] | down N | down-each N | redblue [lo] | ping NS ADDRESS");
    return 0;
}
