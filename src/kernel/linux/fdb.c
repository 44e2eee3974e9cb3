/* Fixed entries of forwarding databases: of bridges, and of vxlans.
 *
 * One message, three places: NTF_MASTER writes into the bridge that the interface is a port of, NTF_SELF into
 * the interface itself (a vxlan; also the bridge's own entries, when it is the bridge). An entry with `dst`
 * is a vxlan's. A bridge marks fixed entries NUD_NOARP; NUD_PERMANENT are the addresses of its ports, which
 * it makes itself. A vxlan's fixed ones are both. A vxlan keeps several `dst` of one address as one entry, to
 * which NLM_F_APPEND adds.
 *
 * A dump also brings the multicast and unicast filters of every interface, marked NTF_SELF. */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

enum key { K_DEV, K_MAC, K_VLAN, K_DST, K_MAX };

static const char *const key_names[K_MAX] = {"dev", "mac", "vlan", "dst"};
static int key_index[K_MAX];

static void fdb_init(void)
{
    keys_resolve(classes[CLASS_FDB], key_names, key_index, K_MAX);
}

static int send_entry(struct linux_door *door, const struct object *object, uint16_t type, uint16_t flags)
{
    const char *text = value_text_at(object, key_index[K_MAC]),
               *dst = value_text_at(object, key_index[K_DST]);
    int64_t vlan = value_number_at(object, key_index[K_VLAN], 0);
    struct message *message = &door->message;
    struct netns *ns;
    struct mac mac;
    struct ip ip;
    uint32_t index;
    unsigned kind = 0;
    int r = linux_dev_of(door, object, &ns, &index);
    if (r == 0)
        r = interface_kind_flags(door, ns, (int)index, &kind);
    if (r < 0)
        return r;
    if (!text || mac_parse(text, &mac) < 0 || (dst && ip_parse(dst, &ip) < 0))
        return -EINVAL;
    struct ndmsg *info = message_begin(message, type, flags, sizeof *info);
    info->ndm_family = AF_BRIDGE;
    info->ndm_ifindex = (int)index;
    info->ndm_state = dst ? NUD_NOARP | NUD_PERMANENT : NUD_NOARP;
    info->ndm_flags = dst || kind & KIND_VLAN_PORTS ? NTF_SELF : NTF_MASTER;
    message_mark(message, "mac");
    message_put(message, NDA_LLADDR, mac.bytes, sizeof mac.bytes);
    if (vlan)
        message_put_u16(message, NDA_VLAN, (uint16_t)vlan);
    if (dst)
        message_put_ip(message, NDA_DST, &ip);
    return linux_request(door, ns);
}

static int fdb_add(struct linux_door *door, const struct step *step)
{
    bool many = value_text_at(step->new, key_index[K_DST]);
    return send_entry(door, step->new, RTM_NEWNEIGH, NLM_F_CREATE | (many ? NLM_F_APPEND : NLM_F_REPLACE));
}

static int fdb_del(struct linux_door *door, const struct step *step)
{
    return send_entry(door, step->old, RTM_DELNEIGH, 0);
}

/* To an entry of no VLAN the bridge adds one in each VLAN of the port, whether or not it filters by them, and
 * takes these away with it. */
static bool follows_another(const struct view *view, const struct object *object)
{
    struct text identity CLEANUP_TEXT = {0};
    text_printf(&identity, "%s %s", value_text_at(object, key_index[K_DEV]),
                value_text_at(object, key_index[K_MAC]));
    return model_get(view->model, CLASS_FDB, view->name, text_of(&identity));
}

/* Of the entries, those in a VLAN, or the others. */
static void read_entry(struct view *view, const struct nlmsghdr *m, bool in_vlan)
{
    const struct ndmsg *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[NDA_MASTER + 1];
    char buffer[IP_TEXT_SIZE], mac_buffer[MAC_TEXT_SIZE];
    struct mac mac;
    if (!info || m->nlmsg_type != RTM_NEWNEIGH || info->ndm_family != AF_BRIDGE ||
        !(info->ndm_state & NUD_NOARP))
        return;
    attrs_of_message(m, sizeof *info, attrs, NDA_MASTER);
    struct ip dst = attr_ip(attrs[NDA_DST]);
    bool of_bridge = !(info->ndm_flags & NTF_SELF) && !(info->ndm_state & NUD_PERMANENT);
    const char *dev = view_device(view, (uint32_t)info->ndm_ifindex);
    uint16_t vlan = (uint16_t)attr_number(attrs[NDA_VLAN], 0);
    if (!dev || (!of_bridge && !dst.family) || !vlan != !in_vlan || !attrs[NDA_LLADDR] ||
        attr_size(attrs[NDA_LLADDR]) != sizeof mac.bytes)
        return;
    memcpy(mac.bytes, attr_data(attrs[NDA_LLADDR]), sizeof mac.bytes);
    struct object *object = view_new(view, CLASS_FDB);
    struct arena *arena = &view->model->arena;
    value_put_text(object, key_index[K_DEV], dev);
    value_put_text(object, key_index[K_MAC], arena_strdup(arena, mac_format(&mac, mac_buffer)));
    if (vlan)
        value_put_number(object, key_index[K_VLAN], vlan);
    if (dst.family)
        value_put_text(object, key_index[K_DST], arena_strdup(arena, ip_format(&dst, buffer)));
    if (vlan && follows_another(view, object))
        object->flags |= OBJECT_KERNEL;
    view_add(view, object, false);
}

static int fdb_read_all(struct view *view, const void *data, size_t length)
{
    for (int in_vlan = 0; in_vlan < 2; in_vlan++)
        for (const struct nlmsghdr *m = NULL; (m = dump_next(data, length, m));)
            read_entry(view, m, in_vlan);
    return 0;
}

static bool fdb_is_there(const struct view *view)
{
    return view->has_fdb;
}

static void fdb_ask(struct message *message)
{
    struct ndmsg *ask = message_begin(message, RTM_GETNEIGH, NLM_F_DUMP, sizeof *ask);
    ask->ndm_family = AF_BRIDGE;
}

const struct linux_class linux_fdb = {
    .init = fdb_init,
    .is_there = fdb_is_there,
    .ask = fdb_ask,
    .read_all = fdb_read_all,
    .add = fdb_add,
    .del = fdb_del,
};
