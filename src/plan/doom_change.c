/* What dies when an interface lives on and changes: it goes down, if only for a moment, or leaves its master,
 * its MTU shrinks, its MAC address is another. */
#include <string.h>

#include "base/ip.h"
#include "plan/doom.h"

static bool goes_down(const struct item *item)
{
    const struct object *have = item->have, *want = item->want;
    if (item->doomed || item->fate != FATE_SET || have->class->id != CLASS_INTERFACE)
        return false;
    for (unsigned i = 0; i < object_n_options(want); i++) {
        const struct option *option = object_option(want, i);
        if (!option_set_has(&item->changed, i))
            continue;
        if (option->change == CHANGE_DOWN)
            return object_number(have, "up", 1);
        if (strcmp(option->key, "up") == 0)
            return want->values[i].number == 0;
    }
    return false;
}

/* It is up, or its parent takes it along. */
static bool is_up_by_then(const struct planner *planner, const struct item *item)
{
    const struct item *parent = item_named_by(planner, item->have, "parent");
    if (object_number(item->have, "up", 1))
        return true;
    return parent && parent->want && parent->fate == FATE_SET && follows(item->have, parent->want) &&
           object_number(parent->want, "up", 1) && !object_number(parent->have, "up", 1);
}

/* Joining a bond takes the port down for a moment; joining or leaving a VRF moves its routes to another
 * table. */
static bool joins_roughly(const struct planner *planner, const struct item *item)
{
    if (!item_changes(item, "master") || !is_up_by_then(planner, item))
        return false;
    const struct object *masters[] = {master_of(planner, item->want), master_of(planner, item->have)};
    for (size_t m = 0; m < 2; m++)
        if (masters[m] && masters[m]->kind->flags & (KIND_PORTS_DOWN | KIND_MOVES_ROUTES))
            return true;
    return false;
}

/* What lies on the interface takes its smaller MTU over, and IPv6 leaves where it is too small. */
static void shrink(struct planner *planner, const struct object *interface, int64_t mtu)
{
    if (object_number(interface, "mtu", 0) <= mtu)
        return;
    for (const struct dependent *d = dependents_of(planner, interface); d; d = d->next) {
        enum class_id class = d->object->class->id;
        if (lies_on(d->object, interface)) {
            if (object_number(d->object, "mtu", 0) > mtu)
                lose(planner, d->object);
            shrink(planner, d->object, mtu);
        }
        if (mtu < IPV6_MIN_MTU && ((class == CLASS_ROUTE && is_family(d->object, "to", 6)) ||
                                   (class == CLASS_ADDRESS && is_family(d->object, "address", 6)) ||
                                   (class == CLASS_NEIGHBOUR && is_family(d->object, "ip", 6))))
            doom(planner, d->object);
    }
}

void doom_by_raise(struct planner *planner, const struct object *interface)
{
    for (const struct dependent *d = dependents_of(planner, interface); d; d = d->next) {
        const struct item *child = item_of(planner, d->object->id);
        if (!child || !child->want || !follows(d->object, interface))
            continue;
        if (!object_number(child->want, "up", 1))
            doom_by_down(planner, d->object);
        doom_by_raise(planner, d->object);
    }
}

void doom_by_change(struct planner *planner, const struct item *item)
{
    bool is_down_once = goes_down(item) || joins_roughly(planner, item);
    if (is_down_once)
        doom_by_down(planner, item->have);
    if ((is_down_once || item_changes(item, "up")) && object_number(item->want, "up", 1))
        doom_by_raise(planner, item->have);
    if (item_changes(item, "master") && object_text(item->have, "master"))
        doom_fdb(planner, item->have);
    if (item_changes(item, "mtu"))
        shrink(planner, item->have, object_number(item->want, "mtu", 0));
    for (const struct dependent *d = item_changes(item, "mac") ? dependents_of(planner, item->have) : NULL; d;
         d = d->next)
        if (d->object->class->id == CLASS_NEIGHBOUR)
            doom(planner, d->object);
}
