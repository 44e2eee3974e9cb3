/* Interfaces as the kernel reports them: one RTM_GETLINK dump for each namespace.
 *
 * The dump is walked twice: an interface may refer to one that comes later. What refers to another namespace
 * (the other end of a veth) is noted, and resolved when all namespaces have been read.
 *
 * Our mark is the alias, "plexus:TOPOLOGY". A namespace cannot be marked; so its `lo` is, and what lies in a
 * marked namespace needs no mark of its own.
 *
 * Without RTEXT_FILTER_SKIP_STATS half of the answer, and of the time, is counters. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "kernel/linux/attributes.h"
#include "kernel/linux/linux.h"

enum { DATA_MAX = 95 };
enum key { K_NAME, K_UP, K_PARENT, K_PEER, K_ATTRIBUTES, K_MAX };

static const char *const key_names[K_MAX] = {"name", "up", "parent", "peer", "attributes"};
static int key_index[K_MAX];

/* Tunnels that modules put into every new namespace. */
static const char *const made_by_kernel[] = {
    "tunl0",    "gre0",    "gretap0", "erspan0",    "sit0",       "ip_vti0",
    "ip6_vti0", "ip6tnl0", "ip6gre0", "ip6gretap0", "ip6erspan0",
};

const struct linux_kind *linux_kind_of(const struct kind *kind)
{
    static const struct linux_kind *const all[] = {&linux_kind_tun, &linux_kind_wireguard};
    if (kind->maker == MAKER_TUN)
        return &linux_kind_tun;
    for (size_t i = 0; kind->info_kind && i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i]->info_kind, kind->info_kind) == 0)
            return all[i];
    return NULL;
}

void interface_ask(struct message *message)
{
    message_begin(message, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
    message_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

/* Both are the kind "tun" to the kernel. */
static const struct kind *kind_of_tun(const struct nlattr *data)
{
    const struct nlattr *attrs[IFLA_TUN_MAX + 1];
    attrs_of_nest(data, attrs, IFLA_TUN_MAX);
    const struct kind *kind =
        kind_by_name(attr_number(attrs[IFLA_TUN_TYPE], IFF_TAP) == IFF_TUN ? "tun" : "tap");
    return kind ? kind : &kind_other;
}

static const struct kind *kind_of(const struct ifinfomsg *info, const struct nlattr **linkinfo)
{
    const char *info_kind = attr_string(linkinfo[IFLA_INFO_KIND]);
    if (info_kind && strcmp(info_kind, "tun") == 0)
        return kind_of_tun(linkinfo[IFLA_INFO_DATA]);
    if (info_kind)
        return kind_by_info(info_kind);
    return info->ifi_type == ARPHRD_LOOPBACK ? &kind_loopback : &kind_physical;
}

/* The topology that an alias names, or NULL. */
static const char *owner_of(const struct nlattr *alias)
{
    const char *text = attr_string(alias);
    size_t length = strlen(MARK_ALIAS);
    return text && strncmp(text, MARK_ALIAS, length) == 0 && text[length] ? text + length : NULL;
}

/* First walk: names by index, and whose namespace it is. */
static void read_names(struct view *view, const void *data, size_t length)
{
    struct arena *arena = &view->model->arena;
    for (const struct nlmsghdr *m = NULL; (m = dump_next(data, length, m));) {
        const struct ifinfomsg *info = message_fixed(m, sizeof *info);
        const struct nlattr *attrs[IFLA_IFALIAS + 1];
        if (!info || m->nlmsg_type != RTM_NEWLINK)
            continue;
        attrs_of_message(m, sizeof *info, attrs, IFLA_IFALIAS);
        const char *name = attr_string(attrs[IFLA_IFNAME]);
        if (!name || strlen(name) >= IFNAMSIZ)
            continue;
        links_add(&view->links, info->ifi_index, arena_strdup(arena, name));
        if (info->ifi_type == ARPHRD_LOOPBACK && owner_of(attrs[IFLA_IFALIAS]))
            view->owner = arena_strdup(arena, owner_of(attrs[IFLA_IFALIAS]));
    }
    links_sort(&view->links);
}

static void add_far_end(struct view *view, struct far_end end)
{
    if (view->n_far_ends == view->far_capacity) {
        view->far_capacity = view->far_capacity ? view->far_capacity * 2 : 64;
        view->far_ends = xrealloc(view->far_ends, view->far_capacity, sizeof end);
    }
    view->far_ends[view->n_far_ends++] = end;
}

static void put_reference(struct view *view, struct object *object, int key, int index)
{
    const char *name = view_device(view, (uint32_t)index);
    if (name && key >= 0)
        object->values[key] = value_text(arena_printf(&view->model->arena, "%s/%s", view->name, name));
}

/* The peer of a pair, or what it lies on: in this namespace, or noted for later. */
static void read_lower(struct view *view, struct object *object, int own_index, const struct nlattr **attrs)
{
    bool pair = object->kind->flags & KIND_PAIR;
    int key = key_index[pair ? K_PEER : K_PARENT];
    if (!attrs[IFLA_LINK] || key < 0)
        return;
    int index = (int)attr_number(attrs[IFLA_LINK], 0);
    if (attrs[IFLA_LINK_NETNSID])
        add_far_end(view, (struct far_end){.object = object,
                                           .key = key,
                                           .index = own_index,
                                           .far_index = index,
                                           .nsid = (int)attr_number(attrs[IFLA_LINK_NETNSID], 0)});
    else if (index && index != own_index)
        put_reference(view, object, key, index);
}

/* Options of the class, in the message itself; those of a bridge's port in a nest of their own. */
static void read_common(struct view *view, struct object *object, const struct nlattr **attrs,
                        const struct nlattr **linkinfo)
{
    const struct decoding decoding = {&view->model->arena, view->name, &view->links};
    const struct nlattr *port[DATA_MAX + 1];
    const char *slave = attr_string(linkinfo[IFLA_INFO_SLAVE_KIND]);
    bool is_port = slave && strcmp(slave, "bridge") == 0;
    attrs_of_nest(is_port ? linkinfo[IFLA_INFO_SLAVE_DATA] : NULL, port, DATA_MAX);
    for (unsigned i = 0; i < object->class->n_options; i++) {
        const struct option *option = &object->class->options[i];
        bool of_port = option->flags & OPTION_PORT;
        if (option->wire == WIRE_NONE || (int)i == key_index[K_NAME] || (int)i == key_index[K_PARENT] ||
            (of_port && !is_port) || option->attr > (of_port ? DATA_MAX : IFLA_MAX))
            continue;
        object->values[i] =
            option_decode(&decoding, option, of_port ? port[option->attr] : attrs[option->attr]);
    }
}

static int read_kind(struct view *view, struct object *object, const struct nlattr *data)
{
    const struct decoding decoding = {&view->model->arena, view->name, &view->links};
    const struct linux_kind *special = linux_kind_of(object->kind);
    const struct nlattr *attrs[DATA_MAX + 1];
    if (special && special->read)
        return special->read(view, object, data);
    attrs_of_nest(data, attrs, DATA_MAX);
    for (unsigned i = 0; i < object->kind->n_options; i++) {
        const struct option *option = &object->kind->options[i];
        if (option->wire == WIRE_NONE || option->attr > DATA_MAX)
            continue;
        const struct nlattr *attr = attrs[option->attr];
        if (!attr && option->attr_ipv6)
            attr = attrs[option->attr_ipv6];
        object->values[object->class->n_options + i] = option_decode(&decoding, option, attr);
    }
    uint16_t parent = object->kind->parent_attr;
    if (parent && attr_number(attrs[parent], 0))
        put_reference(view, object, key_index[K_PARENT], (int)attr_number(attrs[parent], 0));
    return 0;
}

static void notice(struct view *view, const struct object *object, const struct nlattr *data)
{
    const struct nlattr *attrs[IFLA_BR_VLAN_FILTERING + 1];
    view->has_fdb |= (object->kind->flags & KIND_FDB) != 0;
    if (!(object->kind->flags & KIND_VLAN_PORTS))
        return;
    attrs_of_nest(data, attrs, IFLA_BR_VLAN_FILTERING);
    view->has_vlans |= attr_number(attrs[IFLA_BR_VLAN_FILTERING], 0) != 0;
}

static bool is_made_by_kernel(const char *name)
{
    for (size_t i = 0; i < sizeof made_by_kernel / sizeof made_by_kernel[0]; i++)
        if (strcmp(made_by_kernel[i], name) == 0)
            return true;
    return false;
}

/* What others gave to it; our marks are not among that. */
static void read_attributes(struct view *view, struct object *object, const struct nlattr **attrs)
{
    const uint16_t kept[] = {IFLA_PROP_LIST, IFLA_GROUP, IFLA_IFALIAS};
    const struct nlattr *table[IFLA_PROP_LIST + 1] = {[IFLA_PROP_LIST] = attrs[IFLA_PROP_LIST]};
    uint64_t group = attr_number(attrs[IFLA_GROUP], 0);
    if (group && group != MARK_GROUP)
        table[IFLA_GROUP] = attrs[IFLA_GROUP];
    if (!owner_of(attrs[IFLA_IFALIAS]))
        table[IFLA_IFALIAS] = attrs[IFLA_IFALIAS];
    value_put_text(object, key_index[K_ATTRIBUTES],
                   attributes_read(&view->model->arena, table, kept, sizeof kept / sizeof kept[0]));
}

static int read_interface(struct view *view, const struct ifinfomsg *info, const struct nlattr **attrs)
{
    const struct nlattr *linkinfo[IFLA_INFO_MAX + 1];
    const char *name = view_device(view, (uint32_t)info->ifi_index);
    if (!name)
        return 0;
    attrs_of_nest(attrs[IFLA_LINKINFO], linkinfo, IFLA_INFO_MAX);
    struct object *object =
        model_new(view->model, classes[CLASS_INTERFACE], kind_of(info, linkinfo), view->name);
    value_put_text(object, key_index[K_NAME], name);
    value_put_number(object, key_index[K_UP], (info->ifi_flags & IFF_UP) != 0);
    read_common(view, object, attrs, linkinfo);
    read_lower(view, object, info->ifi_index, attrs);
    read_attributes(view, object, attrs);
    int r = read_kind(view, object, linkinfo[IFLA_INFO_DATA]);
    if (r < 0)
        return r;
    notice(view, object, linkinfo[IFLA_INFO_DATA]);
    if (is_made_by_kernel(name))
        object->flags |= OBJECT_KERNEL;
    else if (owner_of(attrs[IFLA_IFALIAS]))
        object->owner = arena_strdup(&view->model->arena, owner_of(attrs[IFLA_IFALIAS]));
    struct link *link = (struct link *)links_find(&view->links, info->ifi_index);
    link->object = object;
    view_add(view, object, attr_number(attrs[IFLA_GROUP], 0) == MARK_GROUP);
    return 0;
}

int interface_decode(struct view *view, const void *data, size_t length)
{
    int r = 0;
    read_names(view, data, length);
    for (const struct nlmsghdr *m = NULL; r == 0 && (m = dump_next(data, length, m));) {
        const struct ifinfomsg *info = message_fixed(m, sizeof *info);
        const struct nlattr *attrs[IFLA_MAX + 1];
        if (!info || m->nlmsg_type != RTM_NEWLINK)
            continue;
        attrs_of_message(m, sizeof *info, attrs, IFLA_MAX);
        r = read_interface(view, info, attrs);
    }
    return r;
}

void interface_init(void)
{
    keys_resolve(classes[CLASS_INTERFACE], key_names, key_index, K_MAX);
}

int interface_read_all(struct view *view, const void *data, size_t length)
{
    int r = interface_decode(view, data, length);
    return r < 0 || !view->has_vlans ? r : bridge_vlans_observe(view);
}

int interface_kind_flags(struct linux_door *door, const struct netns *ns, int index, unsigned *ret_flags)
{
    struct ifinfomsg *ask = message_begin(&door->message, RTM_GETLINK, 0, sizeof *ask);
    ask->ifi_index = index;
    message_put_u32(&door->message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    int r = netlink_dump(ns->route, &door->message, &door->dump, &door->reply);
    if (r < 0)
        return r;
    *ret_flags = 0;
    const struct nlmsghdr *m = dump_next(door->dump.data, door->dump.length, NULL);
    const struct ifinfomsg *info = m ? message_fixed(m, sizeof *info) : NULL;
    if (!info)
        return 0;
    const struct nlattr *attrs[IFLA_MAX + 1], *linkinfo[IFLA_INFO_MAX + 1];
    attrs_of_message(m, sizeof *info, attrs, IFLA_MAX);
    attrs_of_nest(attrs[IFLA_LINKINFO], linkinfo, IFLA_INFO_MAX);
    *ret_flags = kind_of(info, linkinfo)->flags;
    return 0;
}
