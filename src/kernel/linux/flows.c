/* Flows, by ctnetlink (net/netfilter/nf_conntrack_netlink.c). */
#include "kernel/flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/flows.h"

void flows_done(struct flows *flows)
{
    free(flows->list);
    *flows = (struct flows){0};
}

struct flow *flows_add(struct flows *flows)
{
    if (flows->n == flows->capacity) {
        flows->capacity = flows->capacity ? flows->capacity * 2 : 64;
        flows->list = xrealloc(flows->list, flows->capacity, sizeof *flows->list);
    }
    struct flow *flow = &flows->list[flows->n++];
    *flow = (struct flow){0};
    return flow;
}

/* Reading */

static struct ip ip_of(const struct nlattr *attr, uint8_t family)
{
    struct ip ip = {.family = family};
    if (attr && attr_size(attr) == ip_size(&ip))
        memcpy(ip.bytes, attr_data(attr), ip_size(&ip));
    else
        ip.family = 0;
    return ip;
}

static void read_ips(const struct nlattr *nest, struct flow_tuple *tuple)
{
    const struct nlattr *ips[CTA_IP_MAX + 1];
    attrs_of_nest(nest, ips, CTA_IP_MAX);
    bool v6 = ips[CTA_IP_V6_SRC];
    tuple->source = ip_of(ips[v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC], v6 ? 6 : 4);
    tuple->destination = ip_of(ips[v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST], v6 ? 6 : 4);
}

static uint16_t port_of(const struct nlattr *attr)
{
    return ntohs((uint16_t)attr_number(attr, 0));
}

static void read_tuple(const struct nlattr *nest, struct flow_tuple *tuple, uint8_t *protocol)
{
    const struct nlattr *parts[CTA_TUPLE_MAX + 1], *proto[CTA_PROTO_MAX + 1];
    attrs_of_nest(nest, parts, CTA_TUPLE_MAX);
    attrs_of_nest(parts[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX);
    read_ips(parts[CTA_TUPLE_IP], tuple);
    *protocol = (uint8_t)attr_number(proto[CTA_PROTO_NUM], 0);
    if (*protocol == IPPROTO_ICMP || *protocol == IPPROTO_ICMPV6) {
        bool v6 = *protocol == IPPROTO_ICMPV6;
        uint64_t type = attr_number(proto[v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE], 0);
        uint64_t code = attr_number(proto[v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE], 0);
        tuple->from = port_of(proto[v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID]);
        tuple->to = (uint16_t)(type << 8 | code);
        return;
    }
    tuple->from = port_of(proto[CTA_PROTO_SRC_PORT]);
    tuple->to = port_of(proto[CTA_PROTO_DST_PORT]);
}

static uint8_t tcp_state_of(const struct nlattr *info)
{
    const struct nlattr *protocols[CTA_PROTOINFO_MAX + 1], *tcp[CTA_PROTOINFO_TCP_MAX + 1];
    attrs_of_nest(info, protocols, CTA_PROTOINFO_MAX);
    attrs_of_nest(protocols[CTA_PROTOINFO_TCP], tcp, CTA_PROTOINFO_TCP_MAX);
    return (uint8_t)attr_number(tcp[CTA_PROTOINFO_TCP_STATE], 0);
}

static void read_flow(const struct nlmsghdr *message, struct flows *flows)
{
    const struct nlattr *attrs[CTA_MAX + 1];
    uint8_t protocol;
    struct flow flow = {0};
    attrs_of_message(message, sizeof(struct nfgenmsg), attrs, CTA_MAX);
    read_tuple(attrs[CTA_TUPLE_ORIG], &flow.original, &flow.protocol);
    read_tuple(attrs[CTA_TUPLE_REPLY], &flow.reply, &protocol);
    if (attrs[CTA_ZONE] || !flow.original.source.family || !flow.original.destination.family ||
        !flow.reply.source.family || !flow.reply.destination.family)
        return;
    flow.status = ntohl((uint32_t)attr_number(attrs[CTA_STATUS], 0));
    flow.id = (uint32_t)attr_number(attrs[CTA_ID], 0);
    flow.tcp_state = tcp_state_of(attrs[CTA_PROTOINFO]);
    *flows_add(flows) = flow;
}

static int netfilter_socket(struct linux_door *door, const char *ns)
{
    return namespaces_netlink(&door->namespaces, ns, NETLINK_NETFILTER);
}

/* What the kernel says where it was built without ctnetlink. */
static int or_unsupported(int r)
{
    return r == -EINVAL || r == -EPROTONOSUPPORT ? -EOPNOTSUPP : r;
}

int door_flows(struct door *base, const char *ns, struct flows *ret_flows)
{
    struct linux_door *door = linux_door_of(base);
    int fd = door ? netfilter_socket(door, ns) : -1;
    if (fd < 0)
        return door ? or_unsupported(fd) : 0;
    message_begin(&door->message, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP,
                  sizeof(struct nfgenmsg));
    int r = netlink_dump(fd, &door->message, &door->dump, &door->reply);
    close(fd);
    for (const struct nlmsghdr *m = NULL; r == 0 && (m = dump_next(door->dump.data, door->dump.length, m));)
        read_flow(m, ret_flows);
    return or_unsupported(r);
}

/* Changing */

static void put_ip(struct message *message, uint16_t v4, uint16_t v6, const struct ip *ip)
{
    message_put(message, ip->family == 4 ? v4 : v6, ip->bytes, ip_size(ip));
}

static void put_port(struct message *message, uint16_t attr, uint16_t port)
{
    message_put_u16(message, attr, htons(port));
}

static void put_protocol(struct message *message, uint8_t protocol, const struct flow_tuple *tuple)
{
    bool v6 = protocol == IPPROTO_ICMPV6;
    message_put_u8(message, CTA_PROTO_NUM, protocol);
    if (v6 || protocol == IPPROTO_ICMP) {
        put_port(message, v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID, tuple->from);
        message_put_u8(message, v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE, (uint8_t)(tuple->to >> 8));
        message_put_u8(message, v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE, (uint8_t)tuple->to);
        return;
    }
    put_port(message, CTA_PROTO_SRC_PORT, tuple->from);
    put_port(message, CTA_PROTO_DST_PORT, tuple->to);
}

void flow_put_tuple(struct message *message, uint16_t attr, uint8_t protocol, const struct flow_tuple *tuple)
{
    struct nlattr *nest = message_nest(message, attr), *part = message_nest(message, CTA_TUPLE_IP);
    put_ip(message, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &tuple->source);
    put_ip(message, CTA_IP_V4_DST, CTA_IP_V6_DST, &tuple->destination);
    message_nest_end(message, part);
    part = message_nest(message, CTA_TUPLE_PROTO);
    put_protocol(message, protocol, tuple);
    message_nest_end(message, part);
    message_nest_end(message, nest);
}

void flow_put_tcp(struct message *message, uint8_t state, uint8_t flags)
{
    const struct nf_ct_tcp_flags both = {flags, flags};
    struct nlattr *nest = message_nest(message, CTA_PROTOINFO);
    struct nlattr *tcp = message_nest(message, CTA_PROTOINFO_TCP);
    message_put_u8(message, CTA_PROTOINFO_TCP_STATE, state);
    if (flags) {
        message_put(message, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, &both, sizeof both);
        message_put(message, CTA_PROTOINFO_TCP_FLAGS_REPLY, &both, sizeof both);
    }
    message_nest_end(message, tcp);
    message_nest_end(message, nest);
}

void flow_begin(struct message *message, unsigned type, uint16_t flags, const struct flow *flow)
{
    struct nfgenmsg *fixed =
        message_begin(message, (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type), flags, sizeof *fixed);
    fixed->nfgen_family = flow->original.source.family == 4 ? AF_INET : AF_INET6;
    flow_put_tuple(message, CTA_TUPLE_ORIG, flow->protocol, &flow->original);
}

/* The id says that it is the same still, and no new one between the same ends. */
static void put_change(struct message *message, const struct flow *flow, enum flow_fate fate)
{
    if (fate == FLOW_ENDS) {
        flow_begin(message, IPCTNL_MSG_CT_DELETE, 0, flow);
        message_put_u32(message, CTA_ID, flow->id);
        return;
    }
    flow_begin(message, IPCTNL_MSG_CT_NEW, 0, flow);
    message_put_u32(message, CTA_STATUS, htonl(flow->status | IPS_ASSURED));
    flow_put_tcp(message, fate == FLOW_STOPS ? TCP_CONNTRACK_SYN_SENT : TCP_CONNTRACK_ESTABLISHED, 0);
}

int door_flows_change(struct door *base, const char *ns, const struct flow *flows,
                      const enum flow_fate *fates, size_t n, size_t *ret_done)
{
    struct linux_door *door = linux_door_of(base);
    int fd = door ? netfilter_socket(door, ns) : -1, first = 0;
    if (fd < 0)
        return door ? fd : 0;
    for (size_t i = 0; i < n; i++) {
        if (fates[i] == FLOW_STAYS || fates[i] == FLOW_UNKNOWN)
            continue;
        put_change(&door->message, &flows[i], fates[i]);
        int r = netlink_request(fd, &door->message, &door->reply);
        *ret_done += r == 0;
        if (r < 0 && r != -ENOENT && first == 0)
            first = r;
    }
    close(fd);
    return first;
}
