/* How an interface comes into being.
 *
 * - The far end of a pair can be born inside its namespace, but not up (ENOTCONN), nor with a master.
 * - The near end can be born with its master and up. But a bond takes a port only while it is down; and
 *   options of a bridge's port (IFLA_INFO_SLAVE_DATA) and the alias are ignored or refused at birth: they
 *   need a second message.
 * - An interface whose parent lies in another namespace is asked for in the parent's, with IFLA_NET_NS_FD:
 *   index and name of the parent mean something only there. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/interface.h"

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
        int r = !interface_is_own(option) && (option->attr == IFLA_MTU || option->attr == IFLA_ADDRESS) &&
                        !(option->flags & OPTION_PORT)
                    ? option_encode(message, NULL, option, &peer->values[i])
                    : 0;
        if (r < 0)
            return r;
    }
    message_nest_end(message, nest);
    return 0;
}

/* In IFLA_INFO_DATA, besides the options. */
static int put_origin(struct linux_door *door, const void *userdata)
{
    const struct birth *birth = userdata;
    const struct object *object = birth->step->new;
    const char *parent = object_word(object, "parent");
    uint16_t attr = object->kind->parent_attr;
    if (parent && attr) {
        int index = netns_ifindex(birth->there, reference_name(parent));
        if (index < 0)
            return index;
        message_put_u32(&door->message, attr, (uint32_t)index);
    }
    return birth->step->peer ? put_peer(door, birth) : 0;
}

/* Everything that an interface can be born with. The group says whose it is until the alias does, which it
 * cannot be born with: killed in between, we know it again. */
static int put_birth(struct linux_door *door, const struct birth *birth)
{
    const struct object *object = birth->step->new;
    const char *parent = object_word(object, "parent"), *master = object_word(object, "master");
    unsigned n;
    struct ifinfomsg *info = begin_link(door, NLM_F_CREATE | NLM_F_EXCL);
    info->ifi_change = info->ifi_flags = birth->up ? IFF_UP : 0;
    message_put_string(&door->message, IFLA_IFNAME, object->name);
    if (birth->mark)
        message_put_u32(&door->message, IFLA_GROUP, MARK_GROUP);
    int r = put_part(door, birth->ns, birth->step, PART_COMMON, false, &n);
    if (r == 0 && master)
        r = put_master(door, birth->ns, master);
    if (r == 0 && parent && !object->kind->parent_attr) {
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
        return put_kind(door, birth->there, birth->step, &n, put_origin, birth);
    struct nlattr *linkinfo = message_nest(&door->message, IFLA_LINKINFO);
    message_put_string(&door->message, IFLA_INFO_KIND, object->kind->info_kind);
    message_nest_end(&door->message, linkinfo);
    return 0;
}

/* Fills in the namespaces. What is opened here birth_done() closes, also after a failure. */
static int birth_open(struct linux_door *door, struct birth *birth)
{
    const struct object *object = birth->step->new, *peer = birth->step->peer;
    const char *parent = object_word(object, "parent");
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
    birth.mark_peer = step->peer && interface_is_marked(door, step->peer);
    int r = birth_open(door, &birth);
    if (r == 0)
        r = put_birth(door, &birth);
    if (r == 0)
        r = netlink_request(birth.there->route, &door->message, &door->reply);
    birth_done(&birth);
    return r;
}

int interface_move(struct linux_door *door, const char *interface, const char *from, const char *to)
{
    struct netns *ns;
    int r = namespaces_get(&door->namespaces, from, &ns);
    int target = r < 0 ? r : namespaces_open(&door->namespaces, to);
    if (target < 0)
        return target;
    begin_link(door, 0);
    message_put_string(&door->message, IFLA_IFNAME, interface);
    message_put_u32(&door->message, IFLA_NET_NS_FD, (uint32_t)target);
    r = linux_request(door, ns);
    close(target);
    return r;
}

int interface_make(struct linux_door *door, const struct step *step, bool up, bool mark)
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
            r = interface_move(door, object->name, HOST, object->ns);
        break;
    }
    if (r == 0)
        r = linux_ns_of(door, object, &ns);
    return r == 0 ? netns_ifindex(ns, object->name) : r;
}
