/* Routes of both families, in one dump.
 *
 * Linux tells routes apart by destination, table and metric; that is our identity too. An IPv6 route that is
 * made without a metric gets 1024, an IPv4 one 0. A scope is an IPv4 idea: a route to a gateway has `global`,
 * one straight to a link `link`; the kernel refuses a wrong one and does not guess. A gateway of the other
 * family goes into RTA_VIA.
 *
 * A dump in AF_UNSPEC also brings families that are none of ours (multicast routing, MPLS), and cached
 * clones. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "kernel/linux/attributes.h"
#include "kernel/linux/linux.h"
#include "model/nexthop.h"

enum key {
    K_TO,
    K_TABLE,
    K_METRIC,
    K_TYPE,
    K_VIA,
    K_DEV,
    K_SRC,
    K_MTU,
    K_SCOPE,
    K_ONLINK,
    K_NEXTHOPS,
    K_PROTOCOL,
    K_ATTRIBUTES,
    K_MAX
};

static const char *const key_names[K_MAX] = {"to",       "table",    "metric",    "type",  "via",
                                             "dev",      "src",      "mtu",       "scope", "onlink",
                                             "nexthops", "protocol", "attributes"};
static int key_index[K_MAX];

static void route_init(void)
{
    keys_resolve(classes[CLASS_ROUTE], key_names, key_index, K_MAX);
}

static const char *text_of_key(const struct object *object, enum key key)
{
    return value_text_at(object, key_index[key]);
}

static int64_t number_of_key(const struct object *object, enum key key, int64_t if_unset)
{
    return value_number_at(object, key_index[key], if_unset);
}

/* What Linux wants to hear where nothing was said. */
static uint8_t natural_scope(const struct object *object, uint8_t type)
{
    switch (type) {
    case RTN_LOCAL:
    case RTN_NAT:
        return RT_SCOPE_HOST;
    case RTN_BROADCAST:
    case RTN_MULTICAST:
    case RTN_ANYCAST:
        return RT_SCOPE_LINK;
    case RTN_UNICAST:
        return text_of_key(object, K_VIA) || text_of_key(object, K_NEXTHOPS) ? RT_SCOPE_UNIVERSE
                                                                             : RT_SCOPE_LINK;
    default:
        return RT_SCOPE_UNIVERSE;
    }
}

static int put_gateway(struct message *message, uint8_t family, const char *via)
{
    struct ip gateway;
    if (ip_parse(via, &gateway) < 0)
        return -EINVAL;
    if (gateway.family == family) {
        message_put_ip(message, RTA_GATEWAY, &gateway);
        return 0;
    }
    struct {
        uint16_t family;
        uint8_t address[16];
    } other = {.family = gateway.family == 4 ? AF_INET : AF_INET6};
    memcpy(other.address, gateway.bytes, ip_size(&gateway));
    message_put(message, RTA_VIA, &other, sizeof other.family + ip_size(&gateway));
    return 0;
}

static int put_nexthops(struct linux_door *door, const struct netns *ns, uint8_t family, const char *list)
{
    struct message *message = &door->message;
    struct nlattr *nest = message_nest(message, RTA_MULTIPATH);
    struct nexthop hop;
    int r;
    while ((r = nexthop_take(&list, &hop)) > 0) {
        int index = hop.dev[0] ? netns_ifindex(ns, hop.dev) : 0;
        if (index < 0)
            return index;
        uint32_t begin = message->header.nlmsg_len;
        message_put_struct(message, sizeof(struct rtnexthop));
        if (hop.via[0] && (r = put_gateway(message, family, hop.via)) < 0)
            return r;
        if (message->full)
            return -EMSGSIZE;
        struct rtnexthop *next = (struct rtnexthop *)(message->buffer + begin);
        next->rtnh_ifindex = index;
        next->rtnh_hops = (uint8_t)(hop.weight - 1);
        next->rtnh_flags = hop.onlink ? RTNH_F_ONLINK : 0;
        next->rtnh_len = (uint16_t)(message->header.nlmsg_len - begin);
    }
    message_nest_end(message, nest);
    return r;
}

/* Destination, table, metric, type, and the way: what a deletion says too, so that it hits no other route. */
static int put_identity(struct linux_door *door, uint16_t type, uint16_t flags, const struct object *object,
                        struct netns **ret_ns)
{
    struct message *message = &door->message;
    struct prefix to;
    const char *text = text_of_key(object, K_TO), *dev = text_of_key(object, K_DEV);
    const char *via = text_of_key(object, K_VIA), *nexthops = text_of_key(object, K_NEXTHOPS);
    int r = linux_ns_of(door, object, ret_ns);
    if (r < 0)
        return r;
    if (!text || prefix_parse(text, &to) < 0)
        return -EINVAL;
    struct rtmsg *info = message_begin(message, type, flags, sizeof *info);
    info->rtm_family = to.ip.family == 4 ? AF_INET : AF_INET6;
    info->rtm_dst_len = to.length;
    info->rtm_type = (uint8_t)number_of_key(object, K_TYPE, RTN_UNICAST);
    int64_t table = number_of_key(object, K_TABLE, RT_TABLE_MAIN);
    info->rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
    message_put_u32(message, RTA_TABLE, (uint32_t)table);
    if (to.length)
        message_put_ip(message, RTA_DST, &to.ip);
    if (number_of_key(object, K_METRIC, 0))
        message_put_u32(message, RTA_PRIORITY, (uint32_t)number_of_key(object, K_METRIC, 0));
    if (dev) {
        int index = netns_ifindex(*ret_ns, dev);
        if (index < 0)
            return index;
        message_mark(message, "dev");
        message_put_u32(message, RTA_OIF, (uint32_t)index);
    }
    if (via) {
        message_mark(message, "via");
        r = put_gateway(message, to.ip.family, via);
    }
    return r < 0 || !nexthops ? r : put_nexthops(door, *ret_ns, to.ip.family, nexthops);
}

static int send_route(struct linux_door *door, const struct object *object, uint16_t flags)
{
    struct netns *ns;
    struct ip source;
    struct message *message = &door->message;
    int r = put_identity(door, RTM_NEWROUTE, flags, object, &ns);
    if (r < 0)
        return r;
    struct rtmsg *info = (struct rtmsg *)(message->buffer + NLMSG_HDRLEN);
    int64_t protocol = object->flags & OBJECT_FOREIGN ? RTPROT_BOOT : MARK_PROTOCOL;
    info->rtm_protocol = (uint8_t)number_of_key(object, K_PROTOCOL, protocol);
    info->rtm_scope = (uint8_t)number_of_key(object, K_SCOPE, natural_scope(object, info->rtm_type));
    if (number_of_key(object, K_ONLINK, 0))
        info->rtm_flags |= RTNH_F_ONLINK;
    if (text_of_key(object, K_SRC) && ip_parse(text_of_key(object, K_SRC), &source) == 0) {
        message_mark(message, "src");
        message_put_ip(message, RTA_PREFSRC, &source);
    }
    if (text_of_key(object, K_ATTRIBUTES)) { /* the MTU is among them */
        attributes_put(message, text_of_key(object, K_ATTRIBUTES), NULL, 0);
    } else if (number_of_key(object, K_MTU, 0)) {
        struct nlattr *metrics = message_nest(message, RTA_METRICS);
        message_put_u32(message, RTAX_MTU, (uint32_t)number_of_key(object, K_MTU, 0));
        message_nest_end(message, metrics);
    }
    return linux_request(door, ns);
}

static int route_add(struct linux_door *door, const struct step *step)
{
    return send_route(door, step->new, NLM_F_CREATE | NLM_F_EXCL);
}

static int route_set(struct linux_door *door, const struct step *step)
{
    return send_route(door, step->new, NLM_F_CREATE | NLM_F_REPLACE);
}

static int route_del(struct linux_door *door, const struct step *step)
{
    struct netns *ns;
    int r = put_identity(door, RTM_DELROUTE, 0, step->old, &ns);
    if (r < 0)
        return r;
    ((struct rtmsg *)(door->message.buffer + NLMSG_HDRLEN))->rtm_scope = RT_SCOPE_NOWHERE;
    return linux_request(door, ns);
}

static struct ip gateway_of(const struct nlattr **attrs)
{
    struct ip ip = attr_ip(attrs[RTA_GATEWAY]);
    size_t size = attrs[RTA_VIA] ? attr_size(attrs[RTA_VIA]) : 0;
    if (size == 2 + 4 || size == 2 + 16) {
        ip.family = size == 2 + 4 ? 4 : 6;
        memcpy(ip.bytes, (const char *)attr_data(attrs[RTA_VIA]) + 2, size - 2);
    }
    return ip;
}

static void add_nexthop(struct view *view, const struct rtnexthop *hop, struct text *out)
{
    struct nexthop nexthop = {.weight = hop->rtnh_hops + 1U, .onlink = hop->rtnh_flags & RTNH_F_ONLINK};
    const struct nlattr *attrs[RTA_VIA + 1];
    attrs_of_bytes(hop + 1, hop->rtnh_len - sizeof *hop, attrs, RTA_VIA);
    struct ip gateway = gateway_of(attrs);
    const char *dev = view_device(view, (uint32_t)hop->rtnh_ifindex);
    if (gateway.family)
        ip_format(&gateway, nexthop.via);
    if (dev)
        snprintf(nexthop.dev, sizeof nexthop.dev, "%s", dev);
    nexthop_add(out, &nexthop);
}

static void read_nexthops(struct view *view, struct object *object, const struct nlattr *multipath)
{
    struct text list CLEANUP_TEXT = {0};
    size_t left = multipath ? attr_size(multipath) : 0;
    const char *at = multipath ? attr_data(multipath) : NULL;
    while (left >= sizeof(struct rtnexthop)) {
        const struct rtnexthop *hop = (const struct rtnexthop *)at;
        if (hop->rtnh_len < sizeof *hop || hop->rtnh_len > left)
            break;
        add_nexthop(view, hop, &list);
        size_t step = RTNH_ALIGN((size_t)hop->rtnh_len);
        at += step < left ? step : left;
        left -= step < left ? step : left;
    }
    if (list.length)
        value_put_text(object, key_index[K_NEXTHOPS], arena_strdup(&view->model->arena, list.data));
}

static void read_ip(struct view *view, struct object *object, enum key key, struct ip ip)
{
    char buffer[IP_TEXT_SIZE];
    if (ip.family)
        value_put_text(object, key_index[key], arena_strdup(&view->model->arena, ip_format(&ip, buffer)));
}

/* What no option of ours says. */
static const uint16_t kept[] = {RTA_METRICS, RTA_FLOW, RTA_PREF, RTA_ENCAP_TYPE, RTA_ENCAP};

static void read_details(struct view *view, struct object *object, const struct rtmsg *info,
                         const struct nlattr **attrs)
{
    const struct nlattr *metrics[RTAX_MTU + 1];
    value_put_number(object, key_index[K_TYPE], info->rtm_type);
    value_put_number(object, key_index[K_SCOPE], info->rtm_scope);
    value_put_number(object, key_index[K_ONLINK], (info->rtm_flags & RTNH_F_ONLINK) != 0);
    read_ip(view, object, K_VIA, gateway_of(attrs));
    read_ip(view, object, K_SRC, attr_ip(attrs[RTA_PREFSRC]));
    value_put_text(object, key_index[K_DEV], view_device(view, (uint32_t)attr_number(attrs[RTA_OIF], 0)));
    attrs_of_nest(attrs[RTA_METRICS], metrics, RTAX_MTU);
    if (metrics[RTAX_MTU])
        value_put_number(object, key_index[K_MTU], (int64_t)attr_number(metrics[RTAX_MTU], 0));
    if (attrs[RTA_MULTIPATH])
        read_nexthops(view, object, attrs[RTA_MULTIPATH]);
    if (info->rtm_protocol == MARK_PROTOCOL || object->flags & OBJECT_KERNEL)
        return;
    value_put_number(object, key_index[K_PROTOCOL], info->rtm_protocol);
    if (!attr_number(attrs[RTA_PREF], 0))
        attrs[RTA_PREF] = NULL; /* as all that nobody prefers */
    value_put_text(object, key_index[K_ATTRIBUTES],
                   attributes_read(&view->model->arena, attrs, kept, sizeof kept / sizeof kept[0]));
}

/* The kernel may give the ways of a route back in another order than that of the file. */
static void keep_order(struct view *view, struct object *object)
{
    const struct object *wanted = model_by_id(view->wanted, object->id);
    const char *said = wanted ? text_of_key(wanted, K_NEXTHOPS) : NULL;
    value_put_text(object, key_index[K_NEXTHOPS],
                   arena_strdup(&view->model->arena, list_as_wanted(text_of_key(object, K_NEXTHOPS), said)));
}

bool route_is_local(const struct object *object)
{
    return object->class->id == CLASS_ROUTE &&
           number_of_key(object, K_TABLE, RT_TABLE_MAIN) == RT_TABLE_LOCAL;
}

/* What the kernel notes for itself about each address and interface: ten of twelve routes in most namespaces,
 * and no plan says anything of them. */
static bool is_passed_over(const struct view *view, const struct rtmsg *info)
{
    return view->look == LOOK_WANTED && !view->wants_local && info->rtm_table == RT_TABLE_LOCAL &&
           info->rtm_protocol == RTPROT_KERNEL;
}

/* NetworkManager and systemd-networkd make the connected route of an address themselves, with a metric of
 * theirs, in the kernel's name. */
static bool is_in_kernels_name(const struct view *view, const struct prefix *to, const char *dev)
{
    const struct object *o = view->has_bare && dev ? map_get(&view->model->namespaces, view->name) : NULL;
    struct prefix own;
    for (; o; o = o->next_in_ns) {
        if (o->class->id != CLASS_ADDRESS || !object_number(o, "noprefixroute", 0) ||
            strcmp(object_dev(o), dev) != 0 || prefix_parse(object_text(o, "address"), &own) < 0)
            continue;
        own = prefix_network(&own);
        if (own.length == to->length && ip_equal(&own.ip, &to->ip))
            return true;
    }
    return false;
}

static bool is_kernels(const struct view *view, uint8_t protocol, const struct prefix *to, const char *dev)
{
    if (protocol == RTPROT_REDIRECT || protocol == RTPROT_RA)
        return true;
    return protocol == RTPROT_KERNEL && !is_in_kernels_name(view, to, dev);
}

static void read_route(struct view *view, const struct nlmsghdr *m)
{
    const struct rtmsg *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[RTA_MAX + 1];
    char buffer[PREFIX_TEXT_SIZE];
    if (!info || m->nlmsg_type != RTM_NEWROUTE || info->rtm_flags & RTM_F_CLONED ||
        (info->rtm_family != AF_INET && info->rtm_family != AF_INET6) || is_passed_over(view, info) ||
        info->rtm_tos) /* no file can say it, so it is not the one of the same identity */
        return;
    attrs_of_message(m, sizeof *info, attrs, RTA_MAX);
    uint8_t family = info->rtm_family == AF_INET ? 4 : 6;
    struct prefix to = {{.family = family}, info->rtm_dst_len};
    if (attrs[RTA_DST])
        to.ip = attr_ip(attrs[RTA_DST]);
    if (to.ip.family != family || to.length > ip_bits(&to.ip))
        return;
    struct object *object = view_new(view, CLASS_ROUTE);
    value_put_text(object, key_index[K_TO], arena_strdup(&view->model->arena, prefix_format(&to, buffer)));
    value_put_number(object, key_index[K_TABLE], (int64_t)attr_number(attrs[RTA_TABLE], info->rtm_table));
    value_put_number(object, key_index[K_METRIC],
                     (int64_t)attr_number(attrs[RTA_PRIORITY], family == 6 ? IPV6_METRIC : 0));
    if (is_kernels(view, info->rtm_protocol, &to,
                   view_device(view, (uint32_t)attr_number(attrs[RTA_OIF], 0))))
        object->flags |= OBJECT_KERNEL;
    read_details(view, object, info, attrs);
    view_add(view, object, info->rtm_protocol == MARK_PROTOCOL);
    if (attrs[RTA_MULTIPATH] && view->wanted)
        keep_order(view, object);
}

static void route_ask(struct message *message)
{
    message_begin(message, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
}

const struct linux_class linux_route = {
    .init = route_init,
    .ask = route_ask,
    .read = read_route,
    .add = route_add,
    .set = route_set,
    .del = route_del,
};
