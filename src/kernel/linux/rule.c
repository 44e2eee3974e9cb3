/* Routing rules of both families. A rule cannot be changed: SET is a deletion and an addition.
 *
 * The kernel's own (local, main, default) say so by their protocol; so do the rules that the first VRF
 * brings. */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

enum key { K_PRIORITY, K_FAMILY, K_FROM, K_TO, K_IIF, K_OIF, K_MARK, K_TABLE, K_ACTION, K_PROTOCOL, K_MAX };

static const char *const key_names[K_MAX] = {"priority", "family", "from",  "to",     "iif",
                                             "oif",      "mark",   "table", "action", "protocol"};
static int key_index[K_MAX];

static void rule_init(void)
{
    keys_resolve(classes[CLASS_RULE], key_names, key_index, K_MAX);
}

static int put_network(struct message *message, const struct object *object, enum key key, uint16_t attr,
                       uint8_t *ret_length)
{
    const char *text = value_text_at(object, key_index[key]);
    struct prefix prefix;
    if (!text)
        return 0;
    if (prefix_parse(text, &prefix) < 0)
        return -EINVAL;
    message_mark(message, key_names[key]);
    if (prefix.length)
        message_put_ip(message, attr, &prefix.ip);
    *ret_length = prefix.length;
    return 0;
}

static void put_name(struct message *message, const struct object *object, enum key key, uint16_t attr)
{
    const char *text = value_text_at(object, key_index[key]);
    if (text)
        message_put_string(message, attr, text);
}

/* All that a rule says; a deletion takes the first rule that has all of it. */
static int send_rule(struct linux_door *door, const struct object *object, uint16_t type, uint16_t flags)
{
    struct message *message = &door->message;
    int64_t otherwise = object->flags & OBJECT_FOREIGN ? RTPROT_BOOT : MARK_PROTOCOL;
    struct netns *ns;
    uint8_t from = 0, to = 0;
    int r = linux_ns_of(door, object, &ns);
    if (r < 0)
        return r;
    struct fib_rule_hdr *info = message_begin(message, type, flags, sizeof *info);
    info->family = (uint8_t)value_number_at(object, key_index[K_FAMILY], AF_INET);
    info->action = (uint8_t)value_number_at(object, key_index[K_ACTION], FR_ACT_TO_TBL);
    if ((r = put_network(message, object, K_FROM, FRA_SRC, &from)) < 0 ||
        (r = put_network(message, object, K_TO, FRA_DST, &to)) < 0)
        return r;
    info->src_len = from;
    info->dst_len = to;
    message_put_u32(message, FRA_PRIORITY, (uint32_t)value_number_at(object, key_index[K_PRIORITY], 0));
    put_name(message, object, K_IIF, FRA_IIFNAME);
    put_name(message, object, K_OIF, FRA_OIFNAME);
    if (value_number_at(object, key_index[K_MARK], 0))
        message_put_u32(message, FRA_FWMARK, (uint32_t)value_number_at(object, key_index[K_MARK], 0));
    if (info->action == FR_ACT_TO_TBL)
        message_put_u32(message, FRA_TABLE,
                        (uint32_t)value_number_at(object, key_index[K_TABLE], RT_TABLE_MAIN));
    if (type == RTM_NEWRULE)
        message_put_u8(message, FRA_PROTOCOL,
                       (uint8_t)value_number_at(object, key_index[K_PROTOCOL], otherwise));
    else if (object->flags & OBJECT_OURS)
        message_put_u8(message, FRA_PROTOCOL, MARK_PROTOCOL);
    return linux_request(door, ns);
}

static int rule_add(struct linux_door *door, const struct step *step)
{
    return send_rule(door, step->new, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
}

static int rule_del(struct linux_door *door, const struct step *step)
{
    return send_rule(door, step->old, RTM_DELRULE, 0);
}

static int rule_set(struct linux_door *door, const struct step *step)
{
    int r = rule_del(door, step);
    return r < 0 && r != -ENOENT ? r : rule_add(door, step);
}

static void read_network(struct view *view, struct object *object, enum key key, const struct nlattr *attr,
                         uint8_t length)
{
    char buffer[PREFIX_TEXT_SIZE];
    struct prefix prefix = {attr_ip(attr), length};
    if (prefix.ip.family && length <= ip_bits(&prefix.ip))
        value_put_text(object, key_index[key],
                       arena_strdup(&view->model->arena, prefix_format(&prefix, buffer)));
}

static void read_name(struct view *view, struct object *object, enum key key, const struct nlattr *attr)
{
    const char *name = attr_string(attr);
    if (name && strlen(name) < IFNAMSIZ)
        value_put_text(object, key_index[key], arena_strdup(&view->model->arena, name));
}

/* It asks for more than a file can say: it is nobody's business here, and must not be taken for another. */
static bool is_beyond_us(const struct fib_rule_hdr *info, const struct nlattr **attrs)
{
    static const uint16_t selectors[] = {FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_UID_RANGE,
                                         FRA_TUN_ID};
    for (size_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++)
        if (attrs[selectors[i]])
            return true;
    return info->flags & FIB_RULE_INVERT || info->tos || attr_number(attrs[FRA_L3MDEV], 0) ||
           attr_number(attrs[FRA_FWMASK], UINT32_MAX) != UINT32_MAX ||
           attr_number(attrs[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) != UINT32_MAX ||
           attr_number(attrs[FRA_SUPPRESS_IFGROUP], UINT32_MAX) != UINT32_MAX;
}

static void read_rule(struct view *view, const struct nlmsghdr *m)
{
    const struct fib_rule_hdr *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[FRA_MAX + 1];
    if (!info || m->nlmsg_type != RTM_NEWRULE || (info->family != AF_INET && info->family != AF_INET6))
        return;
    attrs_of_message(m, sizeof *info, attrs, FRA_MAX);
    if (is_beyond_us(info, attrs))
        return;
    uint64_t protocol = attr_number(attrs[FRA_PROTOCOL], 0);
    struct object *object = view_new(view, CLASS_RULE);
    value_put_number(object, key_index[K_PRIORITY], (int64_t)attr_number(attrs[FRA_PRIORITY], 0));
    value_put_number(object, key_index[K_FAMILY], info->family);
    read_network(view, object, K_FROM, attrs[FRA_SRC], info->src_len);
    read_network(view, object, K_TO, attrs[FRA_DST], info->dst_len);
    read_name(view, object, K_IIF, attrs[FRA_IIFNAME]);
    read_name(view, object, K_OIF, attrs[FRA_OIFNAME]);
    if (attr_number(attrs[FRA_FWMARK], 0))
        value_put_number(object, key_index[K_MARK], (int64_t)attr_number(attrs[FRA_FWMARK], 0));
    uint64_t table = attr_number(attrs[FRA_TABLE], info->table);
    if (info->action == FR_ACT_TO_TBL && table)
        value_put_number(object, key_index[K_TABLE], (int64_t)table);
    value_put_number(object, key_index[K_ACTION], info->action);
    if (protocol == RTPROT_KERNEL)
        object->flags |= OBJECT_KERNEL;
    else if (protocol != MARK_PROTOCOL)
        value_put_number(object, key_index[K_PROTOCOL], (int64_t)protocol);
    view_add(view, object, protocol == MARK_PROTOCOL);
}

static void rule_ask(struct message *message)
{
    message_begin(message, RTM_GETRULE, NLM_F_DUMP, sizeof(struct fib_rule_hdr));
}

const struct linux_class linux_rule = {
    .init = rule_init,
    .ask = rule_ask,
    .read = read_rule,
    .add = rule_add,
    .set = rule_set,
    .del = rule_del,
};
