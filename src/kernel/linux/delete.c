/* Deleting many interfaces as one.
 *
 * Each RTM_DELLINK waits for all processors to have let go of the interface (17-22 ms). One request that
 * names a group (IFLA_GROUP) waits once for all of its members: measured on 6.18, 0.27 ms each. So a run of
 * deletions in one namespace is first gathered into a group that nothing else is in.
 *
 * The kernel refuses the whole if one member cannot be deleted; then all go back to where they were, and each
 * is tried for itself, which also says which. So it is done too when one was gone in the meantime. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "kernel/linux/linux.h"

enum {
    FIRST_GROUP = 0x504c5800,
    TOGETHER_MAX =
        2000, /* what is sent as one must fit into a socket of usual size: 40 bytes each of 208 KB */
};

static bool can_join(const struct step *step, const char *ns)
{
    const struct object *object = step_object(step);
    return step->verb == VERB_DEL && object->class->id == CLASS_INTERFACE &&
           object->kind->maker != MAKER_EXISTING && strcmp(object->ns, ns) == 0;
}

static bool group_is_used(const struct dump *dump, uint32_t group)
{
    for (const struct nlmsghdr *m = NULL; (m = dump_next(dump->data, dump->length, m));) {
        const struct nlattr *attrs[IFLA_GROUP + 1];
        attrs_of_message(m, sizeof(struct ifinfomsg), attrs, IFLA_GROUP);
        if (attr_number(attrs[IFLA_GROUP], 0) == group)
            return true;
    }
    return false;
}

static int free_group(struct linux_door *door, const struct netns *ns, uint32_t *ret_group)
{
    interface_ask(&door->message);
    int r = netlink_dump(ns->route, &door->message, &door->dump, &door->reply);
    if (r < 0)
        return r;
    *ret_group = FIRST_GROUP;
    while (group_is_used(&door->dump, *ret_group))
        ++*ret_group;
    return 0;
}

/* What lowering it costs is paid once, and not for each of its ports: a bridge that is down lets go of
 * them 1.5 times faster. */
static bool is_lowered(const struct step *step, const struct ifinfomsg *info)
{
    return step->old->kind->flags & KIND_PORTS && info->ifi_flags & IFF_UP;
}

/* Begins the message that puts an interface of the dump into the group; or, with `undo`, back to where it
 * was. False for one that stays. */
static bool begin_change(struct linux_door *door, const struct nlmsghdr *m, const struct map *going,
                         uint32_t group, bool undo)
{
    const struct ifinfomsg *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[IFLA_GROUP + 1];
    attrs_of_message(m, sizeof *info, attrs, IFLA_GROUP);
    const char *name = attr_string(attrs[IFLA_IFNAME]);
    const struct step *step = info && name ? map_get(going, name) : NULL;
    if (!step)
        return false;
    struct ifinfomsg *change = message_begin(&door->message, RTM_SETLINK, 0, sizeof *change);
    change->ifi_index = info->ifi_index;
    change->ifi_change = is_lowered(step, info) ? IFF_UP : 0;
    change->ifi_flags = undo ? change->ifi_change : 0;
    message_put_u32(&door->message, IFLA_GROUP, undo ? (uint32_t)attr_number(attrs[IFLA_GROUP], 0) : group);
    return true;
}

/* In one request: killed in between, what is not deleted in the end would stay in the group. */
static int delete_group(struct linux_door *door, const struct netns *ns, const struct map *going,
                        uint32_t group)
{
    struct dump requests = {0};
    const struct dump *dump = &door->dump;
    for (const struct nlmsghdr *m = NULL; (m = dump_next(dump->data, dump->length, m));)
        if (begin_change(door, m, going, group, false))
            netlink_add(&requests, &door->message);
    message_begin(&door->message, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    message_put_u32(&door->message, IFLA_GROUP, group);
    int r = netlink_request_all(ns->route, &requests, &door->message);
    dump_done(&requests);
    return r;
}

static void undo_group(struct linux_door *door, const struct netns *ns, const struct map *going)
{
    const struct dump *dump = &door->dump;
    for (const struct nlmsghdr *m = NULL; (m = dump_next(dump->data, dump->length, m));)
        if (begin_change(door, m, going, 0, true))
            linux_request(door, ns);
}

/* Deletes the interfaces of the steps, or leaves all as they were. */
static int delete_run(struct linux_door *door, const struct netns *ns, const struct step *const *steps,
                      size_t n)
{
    CLEANUP_MAP struct map going = {0};
    uint32_t group;
    int r = free_group(door, ns, &group);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++)
        map_set(&going, steps[i]->old->name, (void *)steps[i]);
    r = delete_group(door, ns, &going, group);
    if (r < 0)
        undo_group(door, ns, &going);
    return r;
}

size_t linux_delete_together(struct linux_door *door, const struct step *const *steps, size_t n_steps)
{
    const char *name = step_object(steps[0])->ns;
    size_t n = 0;
    struct netns *ns;
    if (door->alone) {
        door->alone--;
        return 0;
    }
    while (n < n_steps && n < TOGETHER_MAX && can_join(steps[n], name))
        n++;
    if (n < 2)
        return 0;
    if (namespaces_get(&door->namespaces, name, &ns) == 0 && delete_run(door, ns, steps, n) == 0) {
        door->master.index = 0;
        return n;
    }
    door->alone = n - 1;
    return 0;
}
