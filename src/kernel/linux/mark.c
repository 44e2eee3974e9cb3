/* The marks by which what we made is known again; see kernel/door.h. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/linux/interface.h"

void note_mark(struct netns *ns, const char *owner)
{
    free(ns->owner);
    ns->owner = owner ? xstrdup(owner) : NULL;
    ns->mark = owner ? MARK_OURS : MARK_NONE;
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
        note_mark(ns, ours ? alias + strlen(MARK_ALIAS) : NULL);
    }
    return ns->mark == MARK_OURS;
}

/* What returns on the way back may be another topology's. */
const char *linux_marker(const struct linux_door *door, const struct object *object)
{
    return object->owner ? object->owner : door->topology;
}

void put_mark(struct linux_door *door, const struct object *object)
{
    char alias[256];
    int length = snprintf(alias, sizeof alias, MARK_ALIAS "%s", linux_marker(door, object));
    message_put(&door->message, IFLA_IFALIAS, alias, (size_t)length);
    message_put_u32(&door->message, IFLA_GROUP, 0); /* in place of the mark at birth */
}

int linux_mark(struct linux_door *door, int route, const struct object *object, const char *interface)
{
    begin_link(door, 0);
    message_put_string(&door->message, IFLA_IFNAME, interface);
    put_mark(door, object);
    return netlink_request(route, &door->message, &door->reply);
}

bool linux_marks(const struct linux_door *door, const struct object *object)
{
    return door->topology && !(object->flags & OBJECT_FOREIGN);
}

/* The mark of its namespace says it too, where that is of the same topology. */
bool interface_is_marked(struct linux_door *door, const struct object *object)
{
    struct netns *ns;
    return linux_marks(door, object) && object->kind->maker != MAKER_EXISTING &&
           linux_ns_of(door, object, &ns) == 0 &&
           (!linux_ns_is_marked(door, ns) || strcmp(ns->owner, linux_marker(door, object)) != 0);
}
