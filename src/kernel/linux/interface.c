/* Interfaces: making, changing, deleting.
 *
 * How it is made stands in interface_birth.c, what a message says in interface_put.c. Not to be guessed here:
 * - RTM_NEWLINK on an existing interface applies slave data before IFLA_MASTER: a port that moves to
 *   another bridge gets its options in a message after that.
 * - Options that need the interface down (CHANGE_DOWN) cost its routes; it is down for two messages. */
#include "kernel/linux/interface.h"
#include "kernel/linux/attributes.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

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

static int set_flags(struct linux_door *door, const struct netns *ns, int index, bool up)
{
    struct ifinfomsg *info = begin_link(door, 0);
    info->ifi_index = index;
    info->ifi_change = IFF_UP;
    info->ifi_flags = up ? IFF_UP : 0;
    return linux_request(door, ns);
}

/* Message two: what cannot be had at birth or together with a new master. */
static int set_port_and_mark(struct linux_door *door, struct netns *ns, const struct step *step, int index,
                             bool all, bool mark)
{
    unsigned n = 0;
    int r = 0;
    struct ifinfomsg *info = begin_link(door, 0);
    info->ifi_index = index;
    if (object_word(step->new, "master")) {
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
    bool is_bridge = step->new->kind->flags &KIND_VLAN_PORTS && !object_word(step->new, "master");
    if (i < 0 || !(fresh ? value_is_set(&step->new->values[i]) : step_says(step, (unsigned)i)))
        return 0;
    struct value to = interface_value(step->new, (unsigned)i);
    const char *from = fresh ? NULL : object_text(step->old, "vlans");
    return bridge_vlans_set(door, ns, index, is_bridge, from, to.form == VALUE_TEXT ? to.text : "");
}

/* What others gave to it before it was made anew. It may have some of its names still. */
static int set_attributes(struct linux_door *door, const struct netns *ns, const struct step *step, int index)
{
    static const uint16_t names[] = {IFLA_PROP_LIST}, rest[] = {IFLA_GROUP, IFLA_IFALIAS};
    const char *attributes = object_word(step->new, "attributes");
    if (!attributes || !step_says_key(step, "attributes"))
        return 0;
    begin_link(door, 0)->ifi_index = index;
    int r = attributes_put(&door->message, attributes, rest, 2) ? linux_request(door, ns) : 0;
    struct ifinfomsg *info =
        message_begin(&door->message, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
    info->ifi_index = index;
    if (r == 0 && attributes_put(&door->message, attributes, names, 1))
        r = linux_request(door, ns);
    return r == -EEXIST ? 0 : r;
}

static int set_of_kind(struct linux_door *door, const struct step *step)
{
    const struct linux_kind *special = linux_kind_of(step->new->kind);
    return special && special->set ? special->set(door, step, step->new) : 0;
}

/* What was not made by RTM_NEWLINK has nothing yet but its name. */
static int set_common(struct linux_door *door, const struct netns *ns, const struct step *step, int index,
                      bool up)
{
    unsigned n;
    const char *master = object_word(step->new, "master");
    struct ifinfomsg *info = begin_link(door, 0);
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
    if (!interface_is_marked(door, peer))
        return 0;
    int r = linux_ns_of(door, peer, &ns);
    return r < 0 ? r : linux_mark(door, ns->route, peer, peer->name);
}

static int interface_add(struct linux_door *door, const struct step *step)
{
    const struct object *object = step->new;
    const char *master = object_word(object, "master");
    bool up = object_number(object, "up", 0);
    struct netns *ns;
    int r = linux_ns_of(door, object, &ns);
    if (r < 0)
        return r;
    bool later =
        object->kind->flags & KIND_SETS_LATER || (master && master_flags(door, ns, master) & KIND_PORTS_DOWN);
    bool mark = interface_is_marked(door, object);
    int index = interface_make(door, step, up && !later, mark);
    if (index < 0 || (r = linux_ns_of(door, object, &ns)) < 0)
        return index < 0 ? index : r;
    if (object->kind->maker != MAKER_LINK && (r = set_common(door, ns, step, index, up && !later)) < 0)
        return r;
    if ((r = set_port_and_mark(door, ns, step, index, true, mark)) < 0 ||
        (r = set_vlans(door, ns, step, index, true)) < 0 || (r = set_attributes(door, ns, step, index)) < 0 ||
        (r = set_of_kind(door, step)) < 0)
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
    bool new_master = step_says_key(step, "master");
    begin_link(door, 0)->ifi_index = index;
    int r = put_part(door, ns, step, PART_COMMON, false, &n_common);
    if (r == 0 && new_master)
        r = put_master(door, ns, object_word(step->new, "master"));
    if (r == 0 && step->new->kind->maker == MAKER_LINK && !linux_kind_of(step->new->kind)) {
        uint32_t before = door->message.header.nlmsg_len;
        r = put_kind(door, ns, step, &n_kind, NULL, NULL);
        if (!n_kind)
            door->message.header.nlmsg_len = before;
    }
    return r < 0 || !(n_common + n_kind + new_master) ? r : linux_request(door, ns);
}

/* A bond that is left sets its port down, and gives back the MTU that it found: so what moves from one master
 * to another leaves in a message of its own, before anything else is said. */
static int leave_master(struct linux_door *door, const struct netns *ns, uint32_t index)
{
    begin_link(door, 0)->ifi_index = (int)index;
    put_master(door, ns, NULL);
    return linux_request(door, ns);
}

static int interface_set(struct linux_door *door, const struct step *step)
{
    const struct object *object = step->new;
    const char *master = object_word(object, "master");
    bool new_master = step_says_key(step, "master");
    struct netns *ns;
    uint32_t index;
    int r = linux_dev_of(door, object, &ns, &index);
    if (r == 0 && master && new_master && object_word(step->old, "master"))
        r = leave_master(door, ns, index);
    if (r < 0)
        return r;
    bool was_up = netns_interface_is_up(ns, object->name), is_up = was_up;
    bool up = step_says_key(step, "up") ? object_number(object, "up", was_up) : was_up;
    bool down =
        needs_down(step) || (new_master && master && master_flags(door, ns, master) & KIND_PORTS_DOWN);
    if (is_up && (down || !up)) {
        r = set_flags(door, ns, (int)index, false);
        is_up = false;
    }
    if (r < 0 || (r = change(door, ns, step, (int)index)) < 0 ||
        (r = set_port_and_mark(door, ns, step, (int)index, new_master, false)) < 0 ||
        (r = set_vlans(door, ns, step, (int)index, new_master)) < 0 ||
        (r = set_attributes(door, ns, step, (int)index)) < 0 || (r = set_of_kind(door, step)) < 0)
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
        return interface_move(door, object->name, object->ns, HOST);
    int r = linux_ns_of(door, object, &ns);
    if (r < 0)
        return r;
    message_begin(&door->message, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    message_put_string(&door->message, IFLA_IFNAME, object->name);
    return linux_request(door, ns);
}

const struct linux_class linux_interface = {
    .init = interface_init,
    .ask = interface_ask,
    .read_all = interface_read_all,
    .add = interface_add,
    .set = interface_set,
    .del = interface_del,
};
