/* Addresses of interfaces, IPv4 and IPv6 in one dump.
 *
 * For IPv4 the own address is IFA_LOCAL, and IFA_ADDRESS the peer's where there is one; for IPv6 IFA_LOCAL is
 * only there with a peer. The length of the prefix is then the peer's. Lifetimes count down; for ever is
 * 2^32-1. The flags have a byte in the header, which is too small for them, and IFA_FLAGS. An IPv4 address
 * that is valid for ever is reported as preferred for ever too, whatever was set; that its time is over shows
 * by the flag only.
 *
 * Since 5.18 an address says who made it (IFA_PROTO): the kernel for loopback, link-local and those of router
 * advertisements, or we. Before, the kernel's own must be guessed. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

enum { FOREVER = -1, PROTO_LO = 1, PROTO_RA = 3 };
enum key {
    K_DEV,
    K_ADDRESS,
    K_PEER,
    K_SCOPE,
    K_BROADCAST,
    K_LABEL,
    K_VALID,
    K_PREFERRED,
    K_METRIC,
    K_NOPREFIX,
    K_NODAD,
    K_MAX
};

static const char *const key_names[K_MAX] = {"dev",       "address",       "peer",  "scope",
                                             "broadcast", "label",         "valid", "preferred",
                                             "metric",    "noprefixroute", "nodad"};
static int key_index[K_MAX];

static void address_init(void)
{
    keys_resolve(classes[CLASS_ADDRESS], key_names, key_index, K_MAX);
}

static const char *text_of_key(const struct object *object, enum key key)
{
    return value_text_at(object, key_index[key]);
}

static int64_t number_of_key(const struct object *object, enum key key, int64_t if_unset)
{
    return value_number_at(object, key_index[key], if_unset);
}

/* Header, IFA_LOCAL and IFA_ADDRESS: what identifies it. */
static int put_identity(struct linux_door *door, uint16_t type, uint16_t flags, const struct object *object,
                        struct netns **ret_ns)
{
    struct prefix own;
    struct ip peer;
    uint32_t index;
    const char *text = text_of_key(object, K_ADDRESS), *peer_text = text_of_key(object, K_PEER);
    int r = linux_dev_of(door, object, ret_ns, &index);
    if (r < 0)
        return r;
    if (!text || prefix_parse(text, &own) < 0 || (peer_text && ip_parse(peer_text, &peer) < 0))
        return -EINVAL;
    struct ifaddrmsg *info = message_begin(&door->message, type, flags, sizeof *info);
    info->ifa_family = own.ip.family == 4 ? AF_INET : AF_INET6;
    info->ifa_index = index;
    info->ifa_prefixlen = own.length;
    message_mark(&door->message, "address");
    message_put_ip(&door->message, IFA_LOCAL, &own.ip);
    message_mark(&door->message, peer_text ? "peer" : "address");
    message_put_ip(&door->message, IFA_ADDRESS, peer_text ? &peer : &own.ip);
    return 0;
}

static void put_lifetime(struct linux_door *door, const struct object *object)
{
    struct ifa_cacheinfo life = {
        .ifa_valid = (uint32_t)number_of_key(object, K_VALID, FOREVER),
        .ifa_prefered = (uint32_t)number_of_key(object, K_PREFERRED, FOREVER),
    };
    if (life.ifa_prefered > life.ifa_valid)
        life.ifa_prefered = life.ifa_valid;
    message_put(&door->message, IFA_CACHEINFO, &life, sizeof life);
}

static int send_address(struct linux_door *door, const struct object *object, uint16_t flags)
{
    struct netns *ns;
    struct ip broadcast;
    struct message *message = &door->message;
    int r = put_identity(door, RTM_NEWADDR, flags, object, &ns);
    if (r < 0)
        return r;
    const char *label = text_of_key(object, K_LABEL), *broadcast_text = text_of_key(object, K_BROADCAST);
    struct ifaddrmsg *info = (struct ifaddrmsg *)(message->buffer + NLMSG_HDRLEN);
    info->ifa_scope = (uint8_t)number_of_key(object, K_SCOPE, RT_SCOPE_UNIVERSE);
    if (broadcast_text && ip_parse(broadcast_text, &broadcast) == 0)
        message_put_ip(message, IFA_BROADCAST, &broadcast);
    if (label && info->ifa_family == AF_INET)
        message_put_string(message, IFA_LABEL, label);
    if (number_of_key(object, K_METRIC, 0))
        message_put_u32(message, IFA_RT_PRIORITY, (uint32_t)number_of_key(object, K_METRIC, 0));
    uint32_t bits = (number_of_key(object, K_NOPREFIX, 0) ? IFA_F_NOPREFIXROUTE : 0U) |
                    (number_of_key(object, K_NODAD, 0) ? IFA_F_NODAD : 0U);
    if (bits)
        message_put_u32(message, IFA_FLAGS, bits);
    put_lifetime(door, object);
    if (!(object->flags & OBJECT_FOREIGN))
        message_put_u8(message, IFA_PROTO, MARK_PROTOCOL);
    return linux_request(door, ns);
}

static int address_add(struct linux_door *door, const struct step *step)
{
    return send_address(door, step->new, NLM_F_CREATE | NLM_F_EXCL);
}

static int address_set(struct linux_door *door, const struct step *step)
{
    return send_address(door, step->new, NLM_F_CREATE | NLM_F_REPLACE);
}

static int address_del(struct linux_door *door, const struct step *step)
{
    struct netns *ns;
    int r = put_identity(door, RTM_DELADDR, 0, step->old, &ns);
    return r < 0 ? r : linux_request(door, ns);
}

static bool is_link_local_of_mac(const struct ip *ip)
{
    return ip->family == 6 && ip->bytes[0] == 0xfe && ip->bytes[1] == 0x80 && ip->bytes[11] == 0xff &&
           ip->bytes[12] == 0xfe;
}

static bool is_loopback(const struct ip *ip)
{
    static const uint8_t v4[] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
    return memcmp(ip->bytes, ip->family == 4 ? v4 : v6, ip_size(ip)) == 0;
}

static bool is_kernels(const struct ifaddrmsg *info, const struct nlattr **attrs, const struct ip *own)
{
    uint64_t proto = attr_number(attrs[IFA_PROTO], 0);
    uint64_t flags = attr_number(attrs[IFA_FLAGS], info->ifa_flags);
    if (proto)
        return proto >= PROTO_LO && proto <= PROTO_RA;
    if (is_loopback(own) || is_link_local_of_mac(own))
        return true;
    return own->family == 6 &&
           flags & (IFA_F_MANAGETEMPADDR | IFA_F_TEMPORARY); /* of IPv4: IFA_F_SECONDARY */
}

static void read_details(struct view *view, struct object *object, const struct ifaddrmsg *info,
                         const struct nlattr **attrs)
{
    struct arena *arena = &view->model->arena;
    char buffer[IP_TEXT_SIZE];
    struct ip broadcast = attr_ip(attrs[IFA_BROADCAST]);
    uint64_t flags = attr_number(attrs[IFA_FLAGS], info->ifa_flags);
    value_put_number(object, key_index[K_SCOPE], info->ifa_scope);
    if (broadcast.family)
        value_put_text(object, key_index[K_BROADCAST], arena_strdup(arena, ip_format(&broadcast, buffer)));
    value_put_text(object, key_index[K_LABEL], arena_strdup(arena, attr_string(attrs[IFA_LABEL])));
    value_put_number(object, key_index[K_METRIC], (int64_t)attr_number(attrs[IFA_RT_PRIORITY], 0));
    value_put_number(object, key_index[K_NOPREFIX], (flags & IFA_F_NOPREFIXROUTE) != 0);
    view->has_bare |= (flags & IFA_F_NOPREFIXROUTE) != 0;
    value_put_number(object, key_index[K_NODAD], (flags & IFA_F_NODAD) != 0);
    if (attrs[IFA_CACHEINFO] && attr_size(attrs[IFA_CACHEINFO]) >= sizeof(struct ifa_cacheinfo)) {
        const struct ifa_cacheinfo *life = attr_data(attrs[IFA_CACHEINFO]);
        value_put_number(object, key_index[K_VALID], life->ifa_valid);
        bool deprecated = flags & IFA_F_DEPRECATED && info->ifa_family == AF_INET;
        value_put_number(object, key_index[K_PREFERRED], deprecated ? 0 : life->ifa_prefered);
    }
}

static void read_address(struct view *view, const struct nlmsghdr *m)
{
    const struct ifaddrmsg *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[IFA_PROTO + 1];
    char buffer[PREFIX_TEXT_SIZE];
    if (!info || m->nlmsg_type != RTM_NEWADDR || !view_device(view, info->ifa_index))
        return;
    attrs_of_message(m, sizeof *info, attrs, IFA_PROTO);
    struct ip far = attr_ip(attrs[IFA_ADDRESS]);
    struct prefix own = {attr_ip(attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS]),
                         info->ifa_prefixlen};
    if (!own.ip.family || own.length > ip_bits(&own.ip))
        return;
    struct object *object = view_new(view, CLASS_ADDRESS);
    struct arena *arena = &view->model->arena;
    if (far.family == own.ip.family && !ip_equal(&far, &own.ip))
        value_put_text(object, key_index[K_PEER], arena_strdup(arena, ip_format(&far, buffer)));
    value_put_text(object, key_index[K_DEV], view_device(view, info->ifa_index));
    value_put_text(object, key_index[K_ADDRESS], arena_strdup(arena, prefix_format(&own, buffer)));
    read_details(view, object, info, attrs);
    if (is_kernels(info, attrs, &own.ip))
        object->flags |= OBJECT_KERNEL;
    view_add(view, object, attr_number(attrs[IFA_PROTO], 0) == MARK_PROTOCOL);
}

static void address_ask(struct message *message)
{
    message_begin(message, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
}

const struct linux_class linux_address = {
    .init = address_init,
    .ask = address_ask,
    .read = read_address,
    .add = address_add,
    .set = address_set,
    .del = address_del,
};
