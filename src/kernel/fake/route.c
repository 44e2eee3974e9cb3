/* Routes of the fake kernel, and what goes when an interface goes.
 *
 * Where Linux surprises, as tried:
 *  - A gateway must be reached by a route without a gateway: that of an address, or any other `dev` route,
 *    even a default one. It is looked for in the route's own table first, then in main. IPv4 says
 *    ENETUNREACH, IPv6 EHOSTUNREACH.
 *  - Nothing is looked at twice: a route stays when its gateway becomes unreachable.
 *  - Rejecting routes (blackhole, unreachable, prohibit) need no device. Those of IPv6 are bound to `lo` all
 *    the same, and go when it goes down, though they can be added while it is down.
 *  - A route that IPv4 makes for an address counts as a duplicate of ours, yet not the other way round.
 *  - The ports of a vrf are in its table: main reaches their gateways only when the device is said.
 *  - A route with several next hops lives until the last of their interfaces is down or the first is
 *    deleted. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "kernel/fake/internal.h"
#include "model/nexthop.h"

static bool is_six(const struct fake *fake, const struct object *route)
{
    return strchr(fake_text(route, fake->at.to), ':') != NULL;
}

/* Blackhole and the like: it needs no device. */
static bool rejects(const struct fake *fake, const struct object *route)
{
    const struct value *type = &route->values[fake->at.type];
    return type->form == VALUE_NUMBER && (type->number == RTN_BLACKHOLE || type->number == RTN_UNREACHABLE ||
                                          type->number == RTN_PROHIBIT || type->number == RTN_THROW);
}

/* Whether the route leaves by the interface. With several next hops: whether all that are left do (`all`), or
 * one. */
static bool leaves_by(const struct fake *fake, const struct object *route, const struct object *link,
                      bool all)
{
    const char *hops = fake_text(route, fake->at.nexthops), *dev = fake_dev(fake, route);
    if (!hops)
        return dev && strcmp(dev, link->name) == 0;
    bool any = false;
    for (struct nexthop hop; nexthop_take(&hops, &hop) > 0;) {
        const struct object *other = fake_link(fake, link->ns, hop.dev);
        if (other == link)
            any = true;
        else if (all && other && fake_is_up(fake, other))
            return false;
    }
    return any;
}

unsigned fake_route_flush(const struct fake *fake, const struct object *route)
{
    return is_six(fake, route) ? FLUSH_ROUTES_6 : FLUSH_ROUTES_4;
}

void fake_flush(struct fake *fake, const struct object *link, unsigned what)
{
    fake_each(fake, link->ns, object)
    {
        const struct fake_class *class = &fake_classes[object->class->id];
        if (!class->flush || !(class->flush(fake, object) & what))
            continue;
        const char *dev = fake_dev(fake, object);
        bool hangs = object->class->id == CLASS_ROUTE ? leaves_by(fake, object, link, !(what & FLUSH_REST))
                                                      : dev && strcmp(dev, link->name) == 0;
        if (hangs)
            model_remove(&fake->now, object);
    }
    if (what & (FLUSH_ADDRESSES_4 | FLUSH_ADDRESSES_6))
        fake_forget_sources(fake, link);
}

/* Looking for a gateway: the longest route that reaches it without another gateway. */
struct search {
    const struct fake *fake;
    const char *ns, *dev; /* dev: only by this one; or NULL */
    const char *vrf;      /* with `dev`: the vrf that it is in; its table counts as main then */
    struct ip ip;
    int64_t table;
    int best;       /* length of the prefix; -1: none */
    const char *by; /* device */
};

static void offer(struct search *search, const struct prefix *prefix, const char *dev)
{
    if (prefix->ip.family != search->ip.family || prefix->length <= search->best ||
        !prefix_contains(prefix, &search->ip) || (search->dev && strcmp(search->dev, dev) != 0))
        return;
    search->best = prefix->length;
    search->by = dev;
}

static int64_t table_of(const struct fake *fake, const struct object *link)
{
    int64_t table = RT_TABLE_MAIN;
    fake_vrf_table(fake, link, &table);
    return table;
}

static void search_table(struct search *search)
{
    const struct fake *fake = search->fake;
    struct prefix prefix;
    for (const struct object *o = map_get(&fake->now.namespaces, search->ns); o; o = o->next_in_ns) {
        if (o->class->id == CLASS_ADDRESS && fake_address_prefix(fake, o, &prefix)) {
            const struct object *link = fake_link(fake, o->ns, fake_dev(fake, o));
            if (fake_is_up(fake, link) && table_of(fake, link) == search->table &&
                !fake_number(o, fake->at.noprefix))
                offer(search, &prefix, link->name);
        } else if (o->class->id == CLASS_ROUTE && fake_number(o, fake->at.table) == search->table &&
                   !fake_text(o, fake->at.via) && !rejects(fake, o) && fake_dev(fake, o) &&
                   prefix_parse(fake_text(o, fake->at.to), &prefix) == 0) {
            offer(search, &prefix, fake_dev(fake, o));
        }
    }
}

/* The device that reaches a gateway, or NULL. */
static const char *reach(const struct fake *fake, const struct object *route, const struct ip *ip,
                         const char *dev)
{
    struct search search = {.fake = fake, .ns = route->ns, .dev = dev, .ip = *ip, .best = -1};
    search.table = fake_number(route, fake->at.table);
    search_table(&search);
    const struct object *link = dev ? fake_link(fake, route->ns, dev) : NULL;
    int64_t fallback = link ? table_of(fake, link) : RT_TABLE_MAIN;
    if (search.best < 0 && fallback != search.table) {
        search.table = fallback;
        search_table(&search);
    }
    return search.best < 0 ? NULL : search.by;
}

/* A next hop: the device said, or found by the gateway. */
static int check_hop(struct fake *fake, const struct object *route, const char *via, const char *dev,
                     const char **ret_dev)
{
    const struct object *link = dev ? fake_link(fake, route->ns, dev) : NULL;
    if (dev && !link)
        return fake_refuse(fake, ENODEV, "there is no interface %s", dev);
    if (link && !fake_is_up(fake, link))
        return fake_refuse(fake, ENETDOWN, "Device for nexthop is not up");
    if (!via && !dev)
        return fake_refuse(fake, is_six(fake, route) ? ENODEV : EINVAL, "neither gateway nor device");
    *ret_dev = dev;
    struct ip ip;
    if (!via || (dev && fake_number(route, fake->at.onlink)))
        return 0;
    if (ip_parse(via, &ip) < 0)
        return fake_refuse(fake, EINVAL, "gateway %s", via);
    bool six = ip.family == 6;
    if (six && !dev && ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80)
        return fake_refuse(fake, EINVAL, "Egress device not specified");
    if (six && fake_has_address(fake, route->ns, &ip))
        return fake_refuse(fake, EINVAL, "Gateway can not be a local address");
    *ret_dev = reach(fake, route, &ip, dev);
    return *ret_dev
               ? 0
               : fake_refuse(fake, six ? EHOSTUNREACH : ENETUNREACH, "Nexthop has invalid gateway %s", via);
}

static int check_hops(struct fake *fake, const struct object *route)
{
    const char *hops = fake_text(route, fake->at.nexthops), *by;
    struct nexthop hop;
    int r;
    while ((r = nexthop_take(&hops, &hop)) > 0) {
        r = check_hop(fake, route, *hop.via ? hop.via : NULL, *hop.dev ? hop.dev : NULL, &by);
        if (r < 0)
            return r;
    }
    return r < 0 ? fake_refuse(fake, EINVAL, "a next hop") : 0;
}

static int check_source(struct fake *fake, const struct object *route)
{
    struct ip src;
    const char *text = fake_text(route, fake->at.src);
    if (!text)
        return 0;
    if (ip_parse(text, &src) < 0 || !fake_has_address(fake, route->ns, &src))
        return fake_refuse(fake, EINVAL, "Invalid prefsrc address %s", text);
    return 0;
}

/* Checks a route that is not there yet, and finds its device. */
static int check_route(struct fake *fake, struct object *route)
{
    const char *dev = NULL;
    int r = 0;
    if (rejects(fake, route)) {
        if (!is_six(fake, route) && (fake_dev(fake, route) || fake_text(route, fake->at.via)))
            return fake_refuse(fake, EINVAL, "a rejecting route takes no device");
        if (is_six(fake, route))
            fake_put_text(fake, route, fake->at.dev[CLASS_ROUTE], "lo");
        return 0;
    }
    if (fake_text(route, fake->at.nexthops))
        r = check_hops(fake, route);
    else
        r = check_hop(fake, route, fake_text(route, fake->at.via), fake_dev(fake, route), &dev);
    if (r < 0)
        return r;
    if (dev)
        fake_put_text(fake, route, fake->at.dev[CLASS_ROUTE], dev);
    return check_source(fake, route);
}

static int check_connected(struct fake *fake, const struct object *want)
{
    struct model connected CLEANUP_MODEL = {0};
    if (is_six(fake, want)) /* those of IPv6 have the metric 256 */
        return 0;
    fake_route_connected(fake, want->ns, &connected);
    return model_by_id(&connected, want->id)
               ? fake_refuse(fake, EEXIST, "the kernel has this route by an address")
               : 0;
}

static struct object *complete(struct fake *fake, const struct object *want)
{
    struct object *route = object_clone(&fake->now.arena, want);
    for (unsigned i = 0; i < route->class->n_options; i++)
        if (!value_is_set(&route->values[i]))
            fake_put_fallback(route, i);
    return route;
}

int fake_route_add(struct fake *fake, const struct step *step)
{
    struct object *route = complete(fake, step->new);
    int r = check_route(fake, route);
    if (r == 0)
        r = check_connected(fake, step->new);
    if (r == 0)
        fake_put(fake, route);
    return r;
}

/* NLM_F_REPLACE: the message says the whole route anew, and what it does not say is gone. */
int fake_route_set(struct fake *fake, const struct step *step, struct object *now)
{
    int r = fake_check_changes(fake, step);
    if (r < 0)
        return r;
    struct object *route = complete(fake, step->new);
    r = check_route(fake, route);
    if (r < 0)
        return r;
    memcpy(now->values, route->values, now->class->n_options * sizeof now->values[0]);
    bool marks = fake->owner && !(step->new->flags &OBJECT_FOREIGN);
    now->owner = marks ? arena_strdup(&fake->now.arena, fake->owner) : NULL;
    now->flags = marks ? OBJECT_OURS : 0;
    return 0;
}

void fake_route_connected(const struct fake *fake, const char *ns, struct model *out)
{
    struct prefix prefix;
    char text[PREFIX_TEXT_SIZE], ip[IP_TEXT_SIZE];
    for (const struct object *o = map_get(&fake->now.namespaces, ns); o; o = o->next_in_ns) {
        if (o->class->id != CLASS_ADDRESS || !fake_address_prefix(fake, o, &prefix) ||
            fake_number(o, fake->at.noprefix) || prefix.length == ip_bits(&prefix.ip))
            continue;
        const struct object *link = fake_link(fake, ns, fake_dev(fake, o));
        if (!fake_is_up(fake, link) || link->kind == &kind_loopback)
            continue;
        struct prefix network = prefix_network(&prefix);
        struct object *route = model_new(out, classes[CLASS_ROUTE], NULL, ns);
        object_set_text(out, route, "to", prefix_format(&network, text));
        object_set_number(out, route, "table", table_of(fake, link));
        object_set_number(out, route, "metric", prefix.ip.family == 6 ? 256 : 0);
        object_set_text(out, route, "dev", link->name);
        if (prefix.ip.family == 4)
            object_set_text(out, route, "src", ip_format(&prefix.ip, ip));
        route->flags = OBJECT_KERNEL;
        model_add(out, route, NULL); /* two interfaces in one network: the first stands for both */
    }
}
