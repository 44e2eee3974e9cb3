/* What dies with an address: the secondary addresses of its subnet; of the last IPv4 address of an interface,
 * the routes and neighbours of that; and what names it as its source. */
#include <linux/rtnetlink.h>
#include <string.h>

#include "model/way.h"
#include "plan/doom.h"

/* Does it stay as it is, while other addresses of its interface go? */
static bool stays(const struct planner *planner, const struct object *address)
{
    const struct item *item = item_of(planner, address->id);
    return !(address->flags & OBJECT_KERNEL) && (!item || lives_on(item));
}

static bool same_subnet(const struct object *a, const struct object *b)
{
    struct prefix pa, pb;
    if (prefix_parse(object_text(a, "address"), &pa) < 0 || prefix_parse(object_text(b, "address"), &pb) < 0)
        return false;
    return pa.length == pb.length && prefix_contains(&pa, &pb.ip);
}

/* Observed addresses stand in the kernel's order: of those in one subnet, the first is the primary. */
static bool comes_after(const struct object *later, const struct object *address)
{
    return later->sequence > address->sequence;
}

/* An IPv6 route outlives its source, and forgets it. */
static void forget_source(struct planner *planner, const struct object *route)
{
    struct item *item = item_of(planner, route->id);
    lose(planner, route);
    if (!item || !item->want || !lives_on(item))
        return;
    struct object *now = object_clone(&planner->plan->arena, item->have);
    now->values[object_find_option(now, "src")] = value_text("");
    become(item, now);
}

/* Another interface has the same; of what moves, before this one goes. */
static bool is_elsewhere(const struct planner *planner, const struct object *address, const struct ip *ip)
{
    const struct plan_request *request = planner->request;
    const struct item *item = item_of(planner, address->id);
    for (const struct object *o = map_get(&request->observed->namespaces, address->ns); o; o = o->next_in_ns)
        if (o != address && address_has_ip(o, ip) && stays(planner, o))
            return true;
    const struct object *o =
        item && item->is_removed ? map_get(&request->desired->namespaces, address->ns) : NULL;
    while (o && !address_has_ip(o, ip))
        o = o->next_in_ns;
    return o;
}

/* An IPv4 route dies with the address in `src`, in the table of the address: main, or that of a VRF. In
 * others it stays. */
void doom_by_source(struct planner *planner, const struct object *address)
{
    struct prefix prefix;
    char source[IP_TEXT_SIZE];
    const struct object *port =
        model_interface(planner->request->observed, address->ns, object_text(address, "dev"));
    const struct object *vrf = port ? model_interface_of(planner->request->observed, port, "master") : NULL;
    int64_t table =
        vrf && vrf->kind->flags & KIND_MOVES_ROUTES ? object_number(vrf, "table", 0) : RT_TABLE_MAIN;
    if (prefix_parse(object_text(address, "address"), &prefix) < 0)
        return;
    ip_format(&prefix.ip, source);
    const struct dependent *d = dependents_by_source(planner, address->ns, source);
    if (d && is_elsewhere(planner, address, &prefix.ip))
        return;
    for (; d; d = d->next) {
        if (prefix.ip.family == 6)
            forget_source(planner, d->object);
        else if (object_number(d->object, "table", RT_TABLE_MAIN) == table)
            doom(planner, d->object);
    }
}

static bool moves(const struct planner *planner, const struct object *route)
{
    const struct item *item = item_of(planner, route->id);
    return item && item_moves(item);
}

/* Routes through a gateway that only this address' subnet reached stay in the kernel; what goes is what is
 * listed here. */
void doom_by_address(struct planner *planner, const struct object *address)
{
    struct object key = {.ns = address->ns, .name = object_text(address, "dev")};
    bool any_left = false;
    doom_by_source(planner, address);
    if (!is_family(address, "address", 4))
        return;
    const struct dependent *all = dependents_of(planner, &key);
    bool is_primary = true;
    for (const struct dependent *d = all; d; d = d->next)
        is_primary &= d->object->class->id != CLASS_ADDRESS || !is_family(d->object, "address", 4) ||
                      !same_subnet(address, d->object) || !comes_after(address, d->object);
    for (const struct dependent *d = is_primary ? all : NULL; d; d = d->next)
        if (d->object->class->id == CLASS_ADDRESS && is_family(d->object, "address", 4) &&
            d->object != address && stays(planner, d->object) && same_subnet(address, d->object) &&
            comes_after(d->object, address)) {
            doom(planner, d->object);
            doom_by_source(planner, d->object);
        }
    for (const struct dependent *d = all; d; d = d->next)
        any_left |= d->object->class->id == CLASS_ADDRESS && is_family(d->object, "address", 4) &&
                    d->object != address && stays(planner, d->object);
    for (const struct dependent *d = any_left ? NULL : all; d; d = d->next)
        if ((d->object->class->id == CLASS_ROUTE && is_family(d->object, "to", 4) &&
             !moves(planner, d->object)) ||
            (d->object->class->id == CLASS_NEIGHBOUR && is_family(d->object, "ip", 4)))
            doom(planner, d->object);
}
