/* Where the other end of an interface lies, when it is another namespace.
 *
 * The kernel gives its index there, and a number that this namespace has for the other (nsid). The two ends
 * of a pair name each other's index: nearly always that decides without a question. When several interfaces
 * fit, each candidate namespace is shown to the kernel, which answers with the number it has here
 * (RTM_GETNSID); that costs an open() and a request. Interfaces that lie on others (a macvlan in a namespace)
 * are not named back: they always ask. */
#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/linux.h"

static const char unknown[] = "?";

static int by_index(const void *a, const void *b)
{
    const struct far_end *one = *(const struct far_end *const *)a, *other = *(const struct far_end *const *)b;
    return one->index != other->index
               ? (one->index > other->index) - (one->index < other->index)
               : (one->far_index > other->far_index) - (one->far_index < other->far_index);
}

/* Whether `ns` is what `seen_from` calls `nsid`. */
static bool is_nsid(struct linux_door *door, const char *seen_from, const char *ns, int nsid)
{
    const struct nlattr *attrs[NETNSA_MAX + 1];
    struct netns *from;
    int fd = namespaces_open(&door->namespaces, ns);
    if (fd < 0)
        return false;
    message_begin(&door->message, RTM_GETNSID, 0, sizeof(struct rtgenmsg));
    message_put_u32(&door->message, NETNSA_FD, (uint32_t)fd);
    int r = namespaces_get(&door->namespaces, seen_from, &from);
    if (r == 0)
        r = netlink_dump(from->route, &door->message, &door->dump, &door->reply);
    close(fd);
    const struct nlmsghdr *answer = r == 0 ? dump_next(door->dump.data, door->dump.length, NULL) : NULL;
    if (!answer)
        return false;
    attrs_of_message(answer, sizeof(struct rtgenmsg), attrs, NETNSA_MAX);
    return (int)attr_number(attrs[NETNSA_NSID], (uint64_t)-2) == nsid;
}

static bool fits(const struct far_end *end, const struct far_end *other)
{
    return other->index == end->far_index && other->far_index == end->index && end != other &&
           strcmp(other->object->ns, end->object->ns) != 0;
}

/* The ends whose index is what `end` names, in a list sorted by index: first one, and how many fit. */
static struct far_end **candidates_of(struct far_end **sorted, size_t n, const struct far_end *end,
                                      size_t *ret_n)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct far_end *m = sorted[middle];
        if (m->index < end->far_index || (m->index == end->far_index && m->far_index < end->index))
            low = middle + 1;
        else
            high = middle;
    }
    size_t last = low;
    while (last < n && sorted[last]->index == end->far_index && sorted[last]->far_index == end->index)
        last++;
    *ret_n = last - low;
    return sorted + low;
}

static const struct far_end *find_pair(struct view *view, struct far_end **sorted, const struct far_end *end)
{
    size_t n, n_fitting = 0;
    struct far_end **candidates = candidates_of(sorted, view->n_far_ends, end, &n);
    const struct far_end *fitting = NULL;
    for (size_t i = 0; i < n; i++)
        if (fits(end, candidates[i]) && ++n_fitting)
            fitting = candidates[i];
    if (n_fitting < 2)
        return fitting;
    for (size_t i = 0; i < n; i++)
        if (fits(end, candidates[i]) &&
            is_nsid(view->door, end->object->ns, candidates[i]->object->ns, end->nsid))
            return candidates[i];
    return NULL;
}

static void put_text(struct view *view, const struct far_end *end, const char *ns, const char *name)
{
    end->object->values[end->key] = value_text(arena_printf(&view->model->arena, "%s/%s", ns, name));
}

/* The name of the interface with an index in a namespace, by asking for it. */
static const char *name_in(struct linux_door *door, const char *ns, int index)
{
    const struct nlattr *attrs[IFLA_IFNAME + 1];
    struct netns *there;
    struct ifinfomsg *ask = message_begin(&door->message, RTM_GETLINK, 0, sizeof *ask);
    ask->ifi_index = index;
    if (namespaces_get(&door->namespaces, ns, &there) < 0 ||
        netlink_dump(there->route, &door->message, &door->dump, &door->reply) < 0)
        return NULL;
    const struct nlmsghdr *answer = dump_next(door->dump.data, door->dump.length, NULL);
    if (!answer)
        return NULL;
    attrs_of_message(answer, sizeof *ask, attrs, IFLA_IFNAME);
    return attr_string(attrs[IFLA_IFNAME]);
}

/* A lower device: of all namespaces that were read, the one with the number; HOST first, since it is most
 * often there. */
static bool find_lower(struct view *view, const struct far_end *end)
{
    const char *own = end->object->ns;
    struct linux_door *door = view->door;
    bool host = strcmp(own, HOST) != 0 && is_nsid(door, own, HOST, end->nsid);
    const char *found = host ? HOST : NULL;
    for (size_t i = 0; !found && i < view->model->n_objects; i++) {
        const struct object *object = view->model->objects[i];
        if (object->class->id == CLASS_NAMESPACE && strcmp(object->name, own) != 0 &&
            is_nsid(door, own, object->name, end->nsid))
            found = object->name;
    }
    const char *name = found ? name_in(door, found, end->far_index) : NULL;
    if (name)
        put_text(view, end, found, name);
    return name;
}

void far_ends_resolve(struct view *view)
{
    size_t n = view->n_far_ends;
    if (!n)
        return;
    struct far_end **sorted = xrealloc(NULL, n, sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &view->far_ends[i];
    qsort(sorted, n, sizeof *sorted, by_index);
    for (size_t i = 0; i < n; i++) {
        struct far_end *end = &view->far_ends[i];
        bool pair = end->object->kind->flags & KIND_PAIR;
        const struct far_end *other = pair ? find_pair(view, sorted, end) : NULL;
        if (other)
            put_text(view, end, other->object->ns, other->object->name);
        else if (pair || !find_lower(view, end))
            end->object->values[end->key] = value_text(unknown);
    }
    free(sorted);
}
