/* Permanent neighbours: fixed pairs of IP and MAC address. What the kernel learns by itself is not read. */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

enum key { K_DEV, K_IP, K_MAC, K_PROTOCOL, K_MAX };

static const char *const key_names[K_MAX] = {"dev", "ip", "mac", "protocol"};
static int key_index[K_MAX];

static void neighbour_init(void)
{
    keys_resolve(classes[CLASS_NEIGHBOUR], key_names, key_index, K_MAX);
}

static int put_identity(struct linux_door *door, const struct object *object, uint16_t type, uint16_t flags,
                        struct netns **ret_ns)
{
    const char *text = value_text_at(object, key_index[K_IP]);
    struct ip ip;
    uint32_t index;
    int r = linux_dev_of(door, object, ret_ns, &index);
    if (r < 0)
        return r;
    if (!text || ip_parse(text, &ip) < 0)
        return -EINVAL;
    struct ndmsg *info = message_begin(&door->message, type, flags, sizeof *info);
    info->ndm_family = ip.family == 4 ? AF_INET : AF_INET6;
    info->ndm_ifindex = (int)index;
    info->ndm_state = NUD_PERMANENT;
    message_mark(&door->message, "ip");
    message_put_ip(&door->message, NDA_DST, &ip);
    return 0;
}

static int send_neighbour(struct linux_door *door, const struct object *object, uint16_t flags)
{
    const char *text = value_text_at(object, key_index[K_MAC]);
    struct netns *ns;
    struct mac mac;
    int r = put_identity(door, object, RTM_NEWNEIGH, flags, &ns);
    if (r < 0)
        return r;
    if (!text || mac_parse(text, &mac) < 0)
        return -EINVAL;
    message_mark(&door->message, "mac");
    message_put(&door->message, NDA_LLADDR, mac.bytes, sizeof mac.bytes);
    int64_t theirs = object->flags & OBJECT_FOREIGN ? 0 : MARK_PROTOCOL;
    int64_t protocol = value_number_at(object, key_index[K_PROTOCOL], theirs);
    if (protocol)
        message_put_u8(&door->message, NDA_PROTOCOL, (uint8_t)protocol);
    return linux_request(door, ns);
}

/* What was learnt for the address meanwhile gives way, so this is no NLM_F_EXCL. */
static int neighbour_add(struct linux_door *door, const struct step *step)
{
    return send_neighbour(door, step->new, NLM_F_CREATE | NLM_F_REPLACE);
}

static int neighbour_del(struct linux_door *door, const struct step *step)
{
    struct netns *ns;
    int r = put_identity(door, step->old, RTM_DELNEIGH, 0, &ns);
    return r < 0 ? r : linux_request(door, ns);
}

/* A change cannot take a mark off. */
static int neighbour_set(struct linux_door *door, const struct step *step)
{
    int r = step->new->flags &OBJECT_FOREIGN ? neighbour_del(door, step) : 0;
    return r < 0 && r != -ENOENT ? r : neighbour_add(door, step);
}

static void read_neighbour(struct view *view, const struct nlmsghdr *m)
{
    const struct ndmsg *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[NDA_PROTOCOL + 1];
    char buffer[IP_TEXT_SIZE], mac_buffer[MAC_TEXT_SIZE];
    struct mac mac;
    if (!info || m->nlmsg_type != RTM_NEWNEIGH || !(info->ndm_state & NUD_PERMANENT) ||
        (info->ndm_family != AF_INET && info->ndm_family != AF_INET6) || info->ndm_flags & NTF_PROXY)
        return;
    attrs_of_message(m, sizeof *info, attrs, NDA_PROTOCOL);
    const char *dev = view_device(view, (uint32_t)info->ndm_ifindex);
    struct ip ip = attr_ip(attrs[NDA_DST]);
    if (!dev || !ip.family || !attrs[NDA_LLADDR] || attr_size(attrs[NDA_LLADDR]) != sizeof mac.bytes)
        return;
    memcpy(mac.bytes, attr_data(attrs[NDA_LLADDR]), sizeof mac.bytes);
    struct object *object = view_new(view, CLASS_NEIGHBOUR);
    struct arena *arena = &view->model->arena;
    value_put_text(object, key_index[K_DEV], dev);
    value_put_text(object, key_index[K_IP], arena_strdup(arena, ip_format(&ip, buffer)));
    value_put_text(object, key_index[K_MAC], arena_strdup(arena, mac_format(&mac, mac_buffer)));
    uint64_t protocol = attr_number(attrs[NDA_PROTOCOL], 0);
    if (protocol && protocol != MARK_PROTOCOL)
        value_put_number(object, key_index[K_PROTOCOL], (int64_t)protocol);
    view_add(view, object, protocol == MARK_PROTOCOL);
}

static void neighbour_ask(struct message *message)
{
    message_begin(message, RTM_GETNEIGH, NLM_F_DUMP, sizeof(struct ndmsg));
}

const struct linux_class linux_neighbour = {
    .init = neighbour_init,
    .ask = neighbour_ask,
    .read = read_neighbour,
    .add = neighbour_add,
    .set = neighbour_set,
    .del = neighbour_del,
};
