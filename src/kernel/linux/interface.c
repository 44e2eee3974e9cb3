/* Interfaces: making, changing, deleting.
 *
 * Not to be guessed:
 * - The far end of a pair can be born inside its namespace, but not up (ENOTCONN), nor with a master.
 * - The near end can be born with its master and up. But a bond takes a port only while it is down; and
 * options of a bridge's port (IFLA_INFO_SLAVE_DATA) and the alias are ignored or refused at birth: they need
 * a second message.
 * - An interface whose parent lies in another namespace is asked for in the parent's, with IFLA_NET_NS_FD:
 * index and name of the parent mean something only there.
 * - RTM_NEWLINK on an existing interface applies slave data before IFLA_MASTER: a port that moves to
 *   another bridge gets its options in a message after that.
 * - Options that need the interface down (CHANGE_DOWN) cost its routes; it is down for two messages. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/linux.h"

/* A text that is empty says "none". */
static const char *text_or_null(const struct object *object, const char *key)
{
    const char *text = object_text(object, key);
    return text && *text ? text : NULL;
}

/* Keys that this file puts by itself; all others go by the table. */
static const char *const own_keys[] = {"name", "up", "master", "parent", "peer", "vlans"};

static bool is_own(const struct option *option)
{
    for (size_t i = 0; i < sizeof own_keys / sizeof own_keys[0]; i++)
        if (strcmp(option->key, own_keys[i]) == 0)
            return true;
    return false;
}

/* Whether the step says something about an option: all that are set, when it adds. */
static bool says(const struct step *step, unsigned i)
{
    return step->verb == VERB_SET ? step_changes(step, i) : value_is_set(&step->new->values[i]);
}

static bool says_key(const struct step *step, const char *key)
{
    int i = object_find_option(step->new, key);
    return i >= 0 && says(step, (unsigned)i);
}

/* An option that is no longer wanted goes back to what Linux does by itself. */
static struct value wanted_value(const struct object *object, unsigned i)
{
    struct value value = object->values[i];
    return value_is_set(&value) ? value : option_fallback(object_option(object, i));
}

enum part { PART_COMMON, PART_PORT, PART_KIND };

static enum part part_of(const struct object *object, unsigned i)
{
    if (i >= object->class->n_options)
        return PART_KIND;
    return object_option(object, i)->flags & OPTION_PORT ? PART_PORT : PART_COMMON;
}

/* A kernel without VLANs or snooping refuses even the word for "off": so what a new link or port does by
 * itself is not said. */
static bool goes_without_saying(const struct object *object, unsigned i)
{
    struct value fallback = option_fallback(object_option(object, i));
    return object_option(object, i)->needs && value_equal(&object->values[i], &fallback);
}

/* Appends the options of one part that the step speaks of; *ret_n counts them. */
static int put_part(struct linux_door *door, const struct netns *ns, const struct step *step, enum part part,
                    bool all, unsigned *ret_n)
{
    const struct object *object = step->new;
    *ret_n = 0;
    for (unsigned i = 0; i < object_n_options(object); i++) {
        struct option option = *object_option(object, i);
        if (part_of(object, i) != part || is_own(&option) || option.wire == WIRE_NONE ||
            !(all ? value_is_set(&object->values[i]) : says(step, i)))
            continue;
        struct value value = wanted_value(object, i);
        if (!value_is_set(&value) || ((all || step->verb == VERB_ADD) && goes_without_saying(object, i)))
            continue;
        if (option.wire == WIRE_IP && value.form == VALUE_TEXT && strchr(value.text, ':'))
            option.attr = kind_attr_ipv6(object->kind, option.attr);
        int r = option_encode(&door->message, ns, &option, &value);
        if (r < 0)
            return r;
        (*ret_n)++;
    }
    return 0;
}

static int put_master(struct linux_door *door, const struct netns *ns, const char *master)
{
    int index = master ? netns_ifindex(ns, reference_name(master)) : 0;
    if (index < 0)
        return index;
    message_mark(&door->message, "master");
    message_put_u32(&door->message, IFLA_MASTER, (uint32_t)index);
    return 0;
}

/* What the kind of a master asks of its ports. */
static unsigned master_flags(struct linux_door *door, const struct netns *ns, const char *master)
{
    int index = netns_ifindex(ns, reference_name(master));
    if (index == door->master.index && strcmp(door->master.ns, ns->name) == 0)
        return door->master.flags;
    size_t size = strlen(ns->name) + 1;
    unsigned flags;
    if (index < 0 || interface_kind_flags(door, ns, index, &flags) < 0)
        return 0;
    if (size <= sizeof door->master.ns) {
        memcpy(door->master.ns, ns->name, size);
        door->master.index = index;
        door->master.flags = flags;
    }
    return flags;
}

static struct ifinfomsg *begin(struct linux_door *door, uint16_t flags)
{
    return message_begin(&door->message, RTM_NEWLINK, flags, sizeof(struct ifinfomsg));
}

static int set_flags(struct linux_door *door, const struct netns *ns, int index, bool up)
{
    struct ifinfomsg *info = begin(door, 0);
    info->ifi_index = index;
    info->ifi_change = IFF_UP;
    info->ifi_flags = up ? IFF_UP : 0;
    return linux_request(door, ns);
}

bool linux_ns_is_marked(struct linux_door *door, struct netns *ns)
{
    if (ns == door->namespaces.home)
        return false;
    if (ns->mark == MARK_UNKNOWN) {
        message_begin(&door->message, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
        message_put_string(&door->message, IFLA_IFNAME, "lo");
        const struct nlattr *attrs[IFLA_IFALIAS + 1] = {0};
        if (netlink_dump(ns->route, &door->message, &door->dump, &door->reply) < 0)
            return false;
        const struct nlmsghdr *answer = dump_next(door->dump.data, door->dump.length, NULL);
        if (answer)
            attrs_of_message(answer, sizeof(struct ifinfomsg), attrs, IFLA_IFALIAS);
        const char *alias = attr_string(attrs[IFLA_IFALIAS]);
        bool ours = alias && strncmp(alias, MARK_ALIAS, strlen(MARK_ALIAS)) == 0;
        ns->mark = ours ? MARK_OURS : MARK_NONE;
    }
    return ns->mark == MARK_OURS;
}

/* What returns on the way back may be another topology's. */
static void put_mark(struct linux_door *door, const struct object *object)
{
    char alias[256];
    const char *owner = object->owner ? object->owner : door->topology;
    int length = snprintf(alias, sizeof alias, MARK_ALIAS "%s", owner);
    message_put(&door->message, IFLA_IFALIAS, alias, (size_t)length);
    message_put_u32(&door->message, IFLA_GROUP, 0); /* in place of the mark at birth */
}

int linux_mark(struct linux_door *door, int route, const struct object *object, const char *interface)
{
    begin(door, 0);
    message_put_string(&door->message, IFLA_IFNAME, interface);
    put_mark(door, object);
    return netlink_request(route, &door->message, &door->reply);
}

bool linux_marks(const struct linux_door *door, const struct object *object)
{
    return door->topology && !(object->flags & OBJECT_FOREIGN);
}

/* Whether an interface that is made is to be marked. Asks the kernel when it looks at a namespace first. */
static bool is_to_be_marked(struct linux_door *door, const struct object *object)
{
    struct netns *ns;
    return linux_marks(door, object) && object->kind->maker != MAKER_EXISTING &&
           linux_ns_of(door, object, &ns) == 0 && !linux_ns_is_marked(door, ns);
}

/* An interface that comes into being. */
struct birth {
    const struct step *step;
    const struct netns *ns, *there; /* where it shall be, and where it is asked for */
    int target;                     /* descriptor of `ns` where the two differ, or -1 */
    int peer_ns;                    /* the same of its far end */
    bool up, mark, mark_peer;
};

/* The far end, as it is born. */
static int put_peer(struct linux_door *door, const struct birth *birth)
{
    const struct object *peer = birth->step->peer;
    struct message *message = &door->message;
    struct nlattr *nest = message_nest(message, VETH_INFO_PEER);
    message_put_struct(message, sizeof(struct ifinfomsg));
    message_put_string(message, IFLA_IFNAME, peer->name);
    message_put_u32(message, IFLA_NET_NS_FD, (uint32_t)birth->peer_ns);
    if (birth->mark_peer)
        message_put_u32(message, IFLA_GROUP, MARK_GROUP);
    for (unsigned i = 0; i < peer->class->n_options; i++) {
        const struct option *option = &peer->class->options[i];
        int r = !is_own(option) && (option->attr == IFLA_MTU || option->attr == IFLA_ADDRESS) &&
                        !(option->flags & OPTION_PORT)
                    ? option_encode(message, NULL, option, &peer->values[i])
                    : 0;
        if (r < 0)
            return r;
    }
    message_nest_end(message, nest);
    return 0;
}

/* IFLA_LINKINFO: the kind and its options; `birth` is NULL when it is there already. */
static int put_kind(struct linux_door *door, const struct netns *ns, const struct step *step,
                    const struct birth *birth, unsigned *ret_n)
{
    struct message *message = &door->message;
    const struct kind *kind = step->new->kind;
    const char *parent = text_or_null(step->new, "parent");
    uint16_t parent_attr = kind_attr_parent(kind);
    struct nlattr *info = message_nest(message, IFLA_LINKINFO);
    message_put_string(message, IFLA_INFO_KIND, kind->info_kind);
    struct nlattr *data = message_nest(message, IFLA_INFO_DATA);
    int r = put_part(door, ns, step, PART_KIND, false, ret_n);
    if (r == 0 && birth && parent && parent_attr) {
        int index = netns_ifindex(ns, reference_name(parent));
        r = index < 0 ? index : 0;
        message_put_u32(message, parent_attr, (uint32_t)index);
    }
    if (r == 0 && birth && step->peer)
        r = put_peer(door, birth);
    message_nest_end(message, data);
    message_nest_end(message, info);
    return r;
}

/* Everything that an interface can be born with. The group says whose it is until the alias does, which it
 * cannot be born with: killed in between, we know it again. */
static int put_birth(struct linux_door *door, const struct birth *birth)
{
    const struct object *object = birth->step->new;
    const char *parent = text_or_null(object, "parent"), *master = text_or_null(object, "master");
    unsigned n;
    struct ifinfomsg *info = begin(door, NLM_F_CREATE | NLM_F_EXCL);
    info->ifi_change = info->ifi_flags = birth->up ? IFF_UP : 0;
    message_put_string(&door->message, IFLA_IFNAME, object->name);
    if (birth->mark)
        message_put_u32(&door->message, IFLA_GROUP, MARK_GROUP);
    int r = put_part(door, birth->ns, birth->step, PART_COMMON, false, &n);
    if (r == 0 && master)
        r = put_master(door, birth->ns, master);
    if (r == 0 && parent && !kind_attr_parent(object->kind)) {
        int index = netns_ifindex(birth->there, reference_name(parent));
        r = index < 0 ? index : 0;
        message_mark(&door->message, "parent");
        message_put_u32(&door->message, IFLA_LINK, (uint32_t)index);
    }
    if (birth->target >= 0)
        message_put_u32(&door->message, IFLA_NET_NS_FD, (uint32_t)birth->target);
    if (r < 0)
        return r;
    if (!(object->kind->flags & KIND_SETS_LATER))
        return put_kind(door, birth->there, birth->step, birth, &n);
    struct nlattr *linkinfo = message_nest(&door->message, IFLA_LINKINFO);
    message_put_string(&door->message, IFLA_INFO_KIND, object->kind->info_kind);
    message_nest_end(&door->message, linkinfo);
    return 0;
}

/* Fills in the namespaces. What is opened here birth_done() closes, also after a failure. */
static int birth_open(struct linux_door *door, struct birth *birth)
{
    const struct object *object = birth->step->new, *peer = birth->step->peer;
    const char *parent = text_or_null(object, "parent");
    char parent_ns[256];
    struct netns *ns, *there;
    int r = linux_ns_of(door, object, &ns);
    there = ns;
    if (r == 0 && parent && !reference_in(parent, object->ns)) {
        snprintf(parent_ns, sizeof parent_ns, "%.*s", (int)(strrchr(parent, '/') - parent), parent);
        birth->target = namespaces_open(&door->namespaces, object->ns);
        r = birth->target < 0 ? birth->target : namespaces_get(&door->namespaces, parent_ns, &there);
    }
    if (r == 0 && peer) {
        birth->peer_ns = namespaces_open(&door->namespaces, peer->ns);
        r = birth->peer_ns < 0 ? birth->peer_ns : 0;
    }
    if (r == 0 && there != ns) /* opening the second may have closed the first */
        r = linux_ns_of(door, object, &ns);
    birth->ns = ns;
    birth->there = there;
    return r;
}

static void birth_done(struct birth *birth)
{
    if (birth->target >= 0)
        close(birth->target);
    if (birth->peer_ns >= 0)
        close(birth->peer_ns);
}

/* Makes an interface by RTM_NEWLINK. */
static int make_link(struct linux_door *door, const struct step *step, bool up, bool mark)
{
    struct birth birth = {.step = step, .target = -1, .peer_ns = -1, .up = up, .mark = mark};
    birth.mark_peer = step->peer && is_to_be_marked(door, step->peer);
    int r = birth_open(door, &birth);
    if (r == 0)
        r = put_birth(door, &birth);
    if (r == 0)
        r = netlink_request(birth.there->route, &door->message, &door->reply);
    birth_done(&birth);
    return r;
}

static int move_to(struct linux_door *door, const char *interface, const char *from, const char *to)
{
    struct netns *ns;
    int r = namespaces_get(&door->namespaces, from, &ns);
    int target = r < 0 ? r : namespaces_open(&door->namespaces, to);
    if (target < 0)
        return target;
    begin(door, 0);
    message_put_string(&door->message, IFLA_IFNAME, interface);
    message_put_u32(&door->message, IFLA_NET_NS_FD, (uint32_t)target);
    r = linux_request(door, ns);
    close(target);
    return r;
}

/* Message two: what cannot be had at birth or together with a new master. */
static int set_port_and_mark(struct linux_door *door, struct netns *ns, const struct step *step, int index,
                             bool all, bool mark)
{
    unsigned n = 0;
    int r = 0;
    struct ifinfomsg *info = begin(door, 0);
    info->ifi_index = index;
    if (text_or_null(step->new, "master")) {
        struct nlattr *linkinfo = message_nest(&door->message, IFLA_LINKINFO);
        message_put_string(&door->message, IFLA_INFO_SLAVE_KIND, "bridge");
        struct nlattr *data = message_nest(&door->message, IFLA_INFO_SLAVE_DATA);
        r = put_part(door, ns, step, PART_PORT, all, &n);
        if (n) {
            message_nest_end(&door->message, data);
            message_nest_end(&door->message, linkinfo);
        } else {
            message_nest_cancel(&door->message, linkinfo);
        }
    }
    if (mark)
        put_mark(door, step->new);
    return r < 0 || (!n && !mark) ? r : linux_request(door, ns);
}

static int set_vlans(struct linux_door *door, const struct netns *ns, const struct step *step, int index,
                     bool fresh)
{
    int i = object_find_option(step->new, "vlans");
    bool is_bridge = step->new->kind->flags &KIND_VLAN_PORTS && !text_or_null(step->new, "master");
    if (i < 0 || !(fresh ? value_is_set(&step->new->values[i]) : says(step, (unsigned)i)))
        return 0;
    struct value to = wanted_value(step->new, (unsigned)i);
    const char *from = fresh ? NULL : object_text(step->old, "vlans");
    return bridge_vlans_set(door, ns, index, is_bridge, from, to.form == VALUE_TEXT ? to.text : "");
}

static int set_of_kind(struct linux_door *door, const struct step *step)
{
    const struct linux_kind *special = linux_kind_of(step->new->kind);
    return special && special->set ? special->set(door, step, step->new) : 0;
}

/* Makes it, with as much as possible at once. Returns its index. */
static int make(struct linux_door *door, const struct step *step, bool up, bool mark)
{
    const struct object *object = step->new;
    const struct linux_kind *special = linux_kind_of(object->kind);
    struct netns *ns;
    int r = -EOPNOTSUPP;
    switch (object->kind->maker) {
    case MAKER_TUN:
        r = special->make(door, object, mark);
        break;
    case MAKER_LINK:
        r = make_link(door, step, up, mark);
        break;
    case MAKER_EXISTING: /* hardware lies in the host, unless it was moved before */
        r = linux_ns_of(door, object, &ns);
        if (r == 0 && netns_ifindex(ns, object->name) < 0 && ns != door->namespaces.home)
            r = move_to(door, object->name, HOST, object->ns);
        break;
    }
    if (r == 0)
        r = linux_ns_of(door, object, &ns);
    return r == 0 ? netns_ifindex(ns, object->name) : r;
}

/* What was not made by RTM_NEWLINK has nothing yet but its name. */
static int set_common(struct linux_door *door, const struct netns *ns, const struct step *step, int index,
                      bool up)
{
    unsigned n;
    const char *master = text_or_null(step->new, "master");
    struct ifinfomsg *info = begin(door, 0);
    info->ifi_index = index;
    info->ifi_change = info->ifi_flags = up ? IFF_UP : 0;
    int r = put_part(door, ns, step, PART_COMMON, false, &n);
    if (r == 0 && master)
        r = put_master(door, ns, master);
    return r < 0 ? r : linux_request(door, ns);
}

static int mark_peer(struct linux_door *door, const struct object *peer)
{
    struct netns *ns;
    if (!is_to_be_marked(door, peer))
        return 0;
    int r = linux_ns_of(door, peer, &ns);
    return r < 0 ? r : linux_mark(door, ns->route, peer, peer->name);
}

static int interface_add(struct linux_door *door, const struct step *step)
{
    const struct object *object = step->new;
    const char *master = text_or_null(object, "master");
    bool up = object_number(object, "up", 0);
    struct netns *ns;
    int r = linux_ns_of(door, object, &ns);
    if (r < 0)
        return r;
    bool later =
        object->kind->flags & KIND_SETS_LATER || (master && master_flags(door, ns, master) & KIND_PORTS_DOWN);
    bool mark = is_to_be_marked(door, object);
    int index = make(door, step, up && !later, mark);
    if (index < 0 || (r = linux_ns_of(door, object, &ns)) < 0)
        return index < 0 ? index : r;
    if (object->kind->maker != MAKER_LINK && (r = set_common(door, ns, step, index, up && !later)) < 0)
        return r;
    if ((r = set_port_and_mark(door, ns, step, index, true, mark)) < 0 ||
        (r = set_vlans(door, ns, step, index, true)) < 0 || (r = set_of_kind(door, step)) < 0)
        return r;
    if (step->peer && (r = mark_peer(door, step->peer)) < 0)
        return r;
    if (up && later && (r = linux_ns_of(door, object, &ns)) == 0)
        r = set_flags(door, ns, index, true);
    return r;
}

static bool needs_down(const struct step *step)
{
    for (unsigned i = 0; i < object_n_options(step->new); i++)
        if (step_changes(step, i) && object_option(step->new, i)->change == CHANGE_DOWN)
            return true;
    return false;
}

/* Message one of a change: common options, the kind's, the master, and up or down where that can come at
 * once. */
static int change(struct linux_door *door, const struct netns *ns, const struct step *step, int index)
{
    unsigned n_common, n_kind = 0;
    bool new_master = says_key(step, "master");
    begin(door, 0)->ifi_index = index;
    int r = put_part(door, ns, step, PART_COMMON, false, &n_common);
    if (r == 0 && new_master)
        r = put_master(door, ns, text_or_null(step->new, "master"));
    if (r == 0 && step->new->kind->maker == MAKER_LINK && !linux_kind_of(step->new->kind)) {
        uint32_t before = door->message.header.nlmsg_len;
        r = put_kind(door, ns, step, NULL, &n_kind);
        if (!n_kind)
            door->message.header.nlmsg_len = before;
    }
    return r < 0 || !(n_common + n_kind + new_master) ? r : linux_request(door, ns);
}

static int interface_set(struct linux_door *door, const struct step *step)
{
    const struct object *object = step->new;
    const char *master = text_or_null(object, "master");
    bool new_master = says_key(step, "master");
    struct netns *ns;
    uint32_t index;
    int r = linux_dev_of(door, object, &ns, &index);
    if (r < 0)
        return r;
    bool was_up = netns_interface_is_up(ns, object->name), is_up = was_up;
    bool up = says_key(step, "up") ? object_number(object, "up", was_up) : was_up;
    bool down =
        needs_down(step) || (new_master && master && master_flags(door, ns, master) & KIND_PORTS_DOWN);
    if (is_up && (down || !up)) {
        r = set_flags(door, ns, (int)index, false);
        is_up = false;
    }
    if (r < 0 || (r = change(door, ns, step, (int)index)) < 0 ||
        (r = set_port_and_mark(door, ns, step, (int)index, new_master, false)) < 0 ||
        (r = set_vlans(door, ns, step, (int)index, new_master)) < 0 || (r = set_of_kind(door, step)) < 0)
        return r;
    if (up == is_up || (r = linux_ns_of(door, object, &ns)) < 0)
        return r;
    return set_flags(door, ns, (int)index, up);
}

/* Hardware goes back to the host; a loopback cannot go. */
static int interface_del(struct linux_door *door, const struct step *step)
{
    const struct object *object = step->old;
    struct netns *ns;
    if (object->kind->flags & KIND_STAYS)
        return 0;
    if (object->kind->maker == MAKER_EXISTING && strcmp(object->ns, HOST) != 0)
        return move_to(door, object->name, object->ns, HOST);
    int r = linux_ns_of(door, object, &ns);
    if (r < 0)
        return r;
    message_begin(&door->message, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    message_put_string(&door->message, IFLA_IFNAME, object->name);
    return linux_request(door, ns);
}

const struct linux_class linux_interface = {
    .init = interface_init,
    .observe = interface_observe,
    .add = interface_add,
    .set = interface_set,
    .del = interface_del,
};
