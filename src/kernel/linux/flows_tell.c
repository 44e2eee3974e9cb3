/* Connections that conntrack does not know of yet: read by sock_diag(7), told by ctnetlink. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/flows.h"

enum {
    LISTENING = 1 << TCP_LISTEN,
    CONNECTED = 1 << TCP_ESTABLISHED | 1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 | 1 << TCP_CLOSE_WAIT,
    ESTABLISHED_S = 5 * 24 * 60 * 60, /* as long as the kernel keeps one (nf_conntrack_proto_tcp.c) */
    PORTS = 65536,
};

/* IPv4 by a socket of IPv6 is IPv4. */
static struct ip ip_of_words(const __be32 words[4], uint8_t family)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct ip ip = {.family = family == AF_INET ? 4 : 6};
    memcpy(ip.bytes, words, ip_size(&ip));
    if (ip.family == 4 || memcmp(ip.bytes, mapped, sizeof mapped) != 0)
        return ip;
    struct ip inner = {.family = 4};
    memcpy(inner.bytes, ip.bytes + sizeof mapped, 4);
    return inner;
}

static int ask(struct linux_door *door, int fd, uint8_t family, uint32_t states)
{
    struct inet_diag_req_v2 *request =
        message_begin(&door->message, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof *request);
    request->sdiag_family = family;
    request->sdiag_protocol = IPPROTO_TCP;
    request->idiag_states = states;
    return netlink_dump(fd, &door->message, &door->dump, &door->reply);
}

static bool is_loopback(const struct ip *ip)
{
    static const struct ip one = {6, {[15] = 1}};
    return ip->family == 4 ? ip->bytes[0] == 127 : ip_equal(ip, &one);
}

/* Who began it, the kernel does not say. It was the other where a program listens on our port. */
static void add_connection(const struct inet_diag_msg *socket, const bool *listens, struct flows *flows)
{
    struct ip here = ip_of_words(socket->id.idiag_src, socket->idiag_family);
    struct ip there = ip_of_words(socket->id.idiag_dst, socket->idiag_family);
    uint16_t port = ntohs(socket->id.idiag_sport), far_port = ntohs(socket->id.idiag_dport);
    if (is_loopback(&here) || is_loopback(&there))
        return;
    struct flow *flow = flows_add(flows);
    const struct flow_tuple out = {here, there, port, far_port}, in = {there, here, far_port, port};
    flow->protocol = IPPROTO_TCP;
    flow->tcp_state = TCP_CONNTRACK_ESTABLISHED;
    flow->status = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;
    flow->original = listens[port] ? in : out;
    flow->reply = listens[port] ? out : in;
}

static int read_sockets(struct linux_door *door, int fd, uint32_t states, bool *listens, struct flows *flows)
{
    static const uint8_t families[] = {AF_INET, AF_INET6};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof families; i++) {
        r = ask(door, fd, families[i], states);
        for (const struct nlmsghdr *m = NULL;
             r == 0 && (m = dump_next(door->dump.data, door->dump.length, m));) {
            const struct inet_diag_msg *socket = message_fixed(m, sizeof *socket);
            if (socket && states == LISTENING)
                listens[ntohs(socket->id.idiag_sport)] = true;
            else if (socket)
                add_connection(socket, listens, flows);
        }
    }
    return r;
}

/* Of one that is found in its middle, the kernel does not know the windows: it takes what comes. */
static int tell(struct linux_door *door, int fd, const struct flow *flow)
{
    flow_begin(&door->message, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL, flow);
    flow_put_tuple(&door->message, CTA_TUPLE_REPLY, flow->protocol, &flow->reply);
    message_put_u32(&door->message, CTA_TIMEOUT, htonl(ESTABLISHED_S));
    message_put_u32(&door->message, CTA_STATUS, htonl(flow->status));
    flow_put_tcp(&door->message, flow->tcp_state, IP_CT_TCP_FLAG_SACK_PERM | IP_CT_TCP_FLAG_BE_LIBERAL);
    return netlink_request(fd, &door->message, &door->reply);
}

int door_connections(struct door *base, const char *ns, struct flows *ret_flows)
{
    static bool listens[PORTS];
    struct linux_door *door = linux_door_of(base);
    int fd = door ? namespaces_netlink(&door->namespaces, ns, NETLINK_SOCK_DIAG) : -1;
    if (fd < 0)
        return door ? fd : 0;
    memset(listens, 0, sizeof listens);
    int r = read_sockets(door, fd, LISTENING, listens, ret_flows);
    if (r == 0)
        r = read_sockets(door, fd, CONNECTED, listens, ret_flows);
    close(fd);
    return r;
}

int door_flows_tell(struct door *base, const char *ns, struct flows *flows, size_t *ret_new)
{
    struct linux_door *door = linux_door_of(base);
    int fd = door ? namespaces_netlink(&door->namespaces, ns, NETLINK_NETFILTER) : -1, first = 0;
    *ret_new = 0;
    if (fd < 0)
        return door ? fd : 0;
    for (size_t i = 0; i < flows->n; i++) {
        const struct flow flow = flows->list[i];
        int r = tell(door, fd, &flow);
        if (r == 0) {
            flows->list[i] = flows->list[*ret_new];
            flows->list[(*ret_new)++] = flow;
        } else if (r != -EEXIST && r != -EBUSY && first == 0) {
            first = r;
        }
    }
    close(fd);
    return first;
}
