/* What dies with what.
 *
 * Linux takes a lot down by itself: a deleted interface takes its addresses, routes, neighbours and children
 * along, a veth its peer, a namespace all that is in it; an interface that goes down loses its IPv4 routes,
 * its neighbours and nearly all of its IPv6. None of that needs a step, and all of it that the desired model
 * still wants must be made again. Here the fates are corrected accordingly. */
#include "plan/doom.h"

#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "model/nexthop.h"
#include "model/reference.h"
#include "model/sysctl.h"

static bool interface_stays(const struct planner *planner, const char *ns, const char *name)
{
    const struct object *have = model_interface(planner->request->observed, ns, name);
    const struct item *item = have ? item_of(planner, have->id) : NULL;
    return have && (!item || lives_on(item));
}

void lose(struct planner *planner, const struct object *observed)
{
    struct plan *plan = planner->plan;
    if (observed->flags & OBJECT_KERNEL || map_has(&planner->lost, observed->id))
        return;
    if (plan->n_lost % 64 == 0)
        plan->lost = xrealloc(plan->lost, plan->n_lost + 64, sizeof(struct object *));
    plan->lost[plan->n_lost++] = observed;
    map_set(&planner->lost, observed->id, (void *)observed);
}

static void kill_interface(struct planner *planner, const struct object *interface);

bool lives_on(const struct item *item)
{
    return !item->doomed && item->fate != FATE_DEL && item->fate != FATE_RECREATE;
}

void become(struct item *item, const struct object *now)
{
    const struct option *option;
    item->have = now;
    item->changed = (struct option_set){0};
    item->fate = compare_objects(item->want, now, item->record, NULL, &item->changed, &option) < 0 ? FATE_KEEP
                                                                                                   : FATE_SET;
}

void delete_item(struct planner *planner, struct item *item)
{
    lose(planner, item->have);
    item->steps[PART_DEL] = step_new(planner, VERB_DEL, item->have, NULL);
    item->steps[PART_DEL]->reason = item->reason;
    if (item->is_removed && item->reason)
        item->steps[PART_DEL]->disturbs = DISTURBS_BLINK;
    item->steps[PART_DEL]->peer = model_interface_of(planner->request->observed, item->have, "peer");
}

/* What outlives its parent points to nothing afterwards: it is made again like one that died, but must be
 * deleted first. */
static void doom_outliving(struct planner *planner, struct item *item)
{
    if (item->doomed || item->steps[PART_DEL])
        return;
    if (!item_goes(item))
        item->fate = FATE_RECREATE;
    item->reason = item->reason ? item->reason : "its parent goes";
    delete_item(planner, item);
    kill_interface(planner, item->have);
}

/* As it is made again. What agreed and is somebody else's stays that: it returns with all that it had. */
static const struct object *wanted_again(struct planner *planner, const struct item *item)
{
    const struct plan_request *request = planner->request;
    if (item->record || request->adopt || item->want->flags & OBJECT_ADOPTED ||
        item->have->flags & OBJECT_KERNEL || is_marked(request, item->have) || object_is_always(item->have))
        return item->want;
    const struct object *shape = item->have->class->id == CLASS_INTERFACE ? item->want : item->have;
    struct object *theirs = object_clone(&planner->plan->arena, shape);
    theirs->flags = OBJECT_FOREIGN;
    return theirs;
}

bool is_split(const struct object *route)
{
    const char *list = route->class->id == CLASS_ROUTE ? object_text(route, "nexthops") : NULL;
    struct nexthop first, hop;
    if (nexthop_take(&list, &first) <= 0 || !ip_text_is_ipv6(object_text(route, "to")))
        return false;
    while (nexthop_take(&list, &hop) > 0)
        if (strcmp(hop.dev, first.dev) != 0)
            return true;
    return false;
}

/* Of the record and no longer said, it goes back to where nothing dies: from a bridge to its card. */
static bool returns_elsewhere(const struct planner *planner, const struct item *item)
{
    const char *dev = object_word(item->want, "dev"), *list = object_word(item->want, "nexthops");
    const char *had = object_word(item->have, "dev"), *had_list = object_word(item->have, "nexthops");
    if (item->want->class->id != CLASS_ROUTE || item->fate != FATE_SET)
        return false;
    if (dev)
        return (!had || strcmp(dev, had) != 0) && interface_stays(planner, item->want->ns, dev);
    bool moves = list && (!had_list || strcmp(list, had_list) != 0);
    for (struct nexthop hop; moves && nexthop_take(&list, &hop) > 0;)
        moves = interface_stays(planner, item->want->ns, hop.dev);
    return moves;
}

void doom(struct planner *planner, const struct object *object)
{
    struct item *item = item_of(planner, object->id);
    if (item && item->doomed)
        return;
    if (!item && map_has(&planner->lost, object->id))
        return;
    if (item && object->kind && object->kind->flags & KIND_OUTLIVES) {
        doom_outliving(planner, item);
        return;
    }
    lose(planner, object);
    if (!item)
        map_set(&planner->dead, object->id, (void *)object);
    if (!item && !(object->flags & OBJECT_KERNEL)) {
        struct stray *stray = arena_alloc(&planner->plan->arena, sizeof *stray);
        *stray = (struct stray){.object = object, .next = planner->strays};
        planner->strays = stray;
    }
    if (item) {
        bool returns = item->want && item->is_leftover && returns_elsewhere(planner, item);
        item->is_leftover &= !returns;
        bool again = item->want && !item->is_leftover, split = again && is_split(object);
        item->doomed = !split;
        item->fate = split ? FATE_RECREATE : again ? FATE_ADD : FATE_KEEP;
        item->want = again ? wanted_again(planner, item) : item->want;
    }
    if (object->class->id == CLASS_INTERFACE)
        kill_interface(planner, object);
    else if (object->class->id == CLASS_ADDRESS)
        doom_by_source(planner, object);
}

bool lies_on(const struct object *object, const struct object *parent)
{
    const char *ref = object->kind ? object_text(object, "parent") : NULL;
    return ref && reference_in(ref, parent->ns) && strcmp(reference_name(ref), parent->name) == 0;
}

bool follows(const struct object *object, const struct object *parent)
{
    return object->kind && object->kind->flags & KIND_FOLLOWS && lies_on(object, parent);
}

bool is_family(const struct object *object, const char *key, uint8_t family)
{
    const char *text = object_text(object, key);
    return text && (ip_text_is_ipv6(text) ? 6 : 4) == family;
}

void doom_fdb(struct planner *planner, const struct object *port)
{
    for (const struct dependent *d = dependents_of(planner, port); d; d = d->next)
        if (d->object->class->id == CLASS_FDB && !object_text(d->object, "dst"))
            doom(planner, d->object);
}

/* A port whose master dies stays, without one; what belongs to a port is gone too. A bond leaves its ports
 * down, and a VRF gives their routes up. */
static void orphan(struct planner *planner, const struct object *port, const struct object *master)
{
    struct item *item = item_of(planner, port->id);
    lose(planner, port);
    doom_fdb(planner, port);
    if (master->kind->flags & (KIND_PORTS_DOWN | KIND_MOVES_ROUTES) && object_number(port, "up", 1))
        doom_by_down(planner, port);
    if (!item || !item->want || !lives_on(item))
        return;
    struct object *now = object_clone(&planner->plan->arena, item->have);
    bool of_bond = master->kind->flags & KIND_PORTS_DOWN;
    for (unsigned i = 0; i < object_n_options(now); i++) {
        const struct option *option = object_option(now, i);
        bool of_port =
            strcmp(option->key, "master") == 0 || option->flags & OPTION_PORT || option->type == TYPE_VLANS;
        /* what it had before the bond comes back */
        bool given_back = of_bond && (strcmp(option->key, "mtu") == 0 || strcmp(option->key, "mac") == 0);
        if (of_port || given_back)
            now->values[i] = (struct value){0};
        else if (of_bond && strcmp(option->key, "up") == 0)
            now->values[i] = value_number(0);
    }
    item->is_cycled = master->kind->flags & KIND_MOVES_ROUTES && object_number(port, "up", 1);
    become(item, now);
}

/* The interface is gone: by its own deletion or with something else. */
static void kill_interface(struct planner *planner, const struct object *interface)
{
    for (const struct dependent *d = dependents_of(planner, interface); d; d = d->next) {
        if (d->object->class->id != CLASS_INTERFACE || lies_on(d->object, interface))
            doom(planner, d->object);
        else
            orphan(planner, d->object, interface);
    }
    const struct object *other = model_interface_of(planner->request->observed, interface, "peer");
    if (other)
        doom(planner, other);
}

void doom_by_down(struct planner *planner, const struct object *interface)
{
    for (const struct dependent *d = dependents_of(planner, interface); d; d = d->next) {
        enum class_id class = d->object->class->id;
        if (follows(d->object, interface) && object_number(d->object, "up", 1))
            doom_by_down(planner, d->object);
        if (class == CLASS_ROUTE || class == CLASS_NEIGHBOUR ||
            (class == CLASS_ADDRESS && is_family(d->object, "address", 6)))
            doom(planner, d->object);
    }
}

/* By what the record says: of a process that has ended nothing else can be seen. */
static bool was_attached(const struct item *namespace)
{
    return object_is_attached(namespace->record ? namespace->record : namespace->have);
}

static bool namespace_dies(const struct planner *planner, const char *ns)
{
    const struct item *item = item_of_namespace(planner, ns);
    return item && item_goes(item) && !was_attached(item);
}

bool planner_leaves_namespace(const struct planner *planner, const char *ns)
{
    const struct item *item = item_of_namespace(planner, ns);
    return item && item_goes(item) && was_attached(item);
}

/* Interfaces of surviving namespaces get their own deletion: a namespace dies slowly, in the background, and
 * the host's ends of its cables would linger. Parents come before children, so that children die with them.
 */
static void delete_interfaces(struct planner *planner, bool host, bool children)
{
    for (struct item *item = planner->items; item; item = item->next) {
        if (!item_goes(item) || item->have->class->id != CLASS_INTERFACE ||
            (strcmp(item->have->ns, HOST) == 0) != host || object_has(item->have, "parent") != children ||
            namespace_dies(planner, item->have->ns))
            continue;
        delete_item(planner, item);
        kill_interface(planner, item->have);
    }
}

static void delete_namespaces(struct planner *planner)
{
    for (struct item *item = planner->items; item; item = item->next) {
        if (!item_goes(item) || item->have->class->id != CLASS_NAMESPACE)
            continue;
        delete_item(planner, item);
        if (was_attached(item))
            continue; /* only its name goes */
        for (const struct object *o = map_get(&planner->request->observed->namespaces, item->have->name); o;
             o = o->next_in_ns)
            if (!(o->class->flags & CLASS_FILE))
                doom(planner, o);
    }
}

static void delete_addresses(struct planner *planner)
{
    for (struct item *item = planner->items; item; item = item->next) {
        if (!item_goes(item) || item->have->class->id != CLASS_ADDRESS)
            continue;
        delete_item(planner, item);
        doom_by_address(planner, item->have);
    }
}

static void delete_rest(struct planner *planner)
{
    for (struct item *item = planner->items; item; item = item->next) {
        if (item_goes(item) && !item->steps[PART_DEL])
            delete_item(planner, item);
        else if (item->fate == FATE_SET && !item->doomed)
            lose(planner, item->have);
    }
}

void doom_items(struct planner *planner)
{
    for (int host = 1; host >= 0; host--)
        for (int children = 0; children <= 1; children++)
            delete_interfaces(planner, host, children);
    delete_namespaces(planner);
    delete_tables(planner);
    let_users_go(planner);
    for (struct item *item = planner->items; item; item = item->next) {
        if (item->fate != FATE_SET || item->doomed)
            continue;
        if (item->have->class->id == CLASS_INTERFACE)
            doom_by_change(planner, item);
        else if (sysctl_leads(item->have->name))
            doom_by_setting(planner, item);
    }
    for (struct item *item = planner->items; item; item = item->next)
        if (item->is_cycled && item->fate == FATE_KEEP && object_number(item->want, "up", 1))
            doom_by_raise(planner, item->have);
    delete_addresses(planner);
    delete_rest(planner);
    restore_strays(planner);
}
