/* Addresses: given once, fitting the MTU and the bridge that they are on. */
#include <stdlib.h>
#include <string.h>

#include "model/checker.h"

/* An address of the model, and what the check knows of its interface. */
struct holding {
    const struct object *object;
    const struct object *interface;
    struct prefix prefix;
    struct holding *next; /* of those with the same key */
};

static bool holding_init(const struct checker *c, const struct object *object, struct holding *ret)
{
    const char *text = object_text(object, "address"), *dev = object_text(object, "dev");
    *ret = (struct holding){.object = object};
    if (!text || !dev || prefix_parse(text, &ret->prefix) < 0)
        return false;
    ret->interface = model_interface(c->model, object->ns, dev);
    return ret->interface;
}

/* Devices */

static void check_device(struct checker *c, const struct object *object)
{
    const char *dev = object->class->id == CLASS_INTERFACE ? NULL : object_text(object, "dev");
    if (!dev || !*dev || strcmp(dev, "lo") == 0 ||
        check_known(c, arena_printf(&c->arena, "%s/%s", object->ns, dev)))
        return;
    struct error *error =
        errors_add(c->errors, &object->place, "there is no interface `%s/%s`", object->ns, dev);
    struct nearest nearest = {.word = dev};
    if (!check_may_guess(c))
        return;
    check_each(c, other) if (other->class->id == CLASS_INTERFACE && strcmp(other->ns, object->ns) == 0)
        nearest_offer(&nearest, other->name);
    error_hint_nearest(c->errors, error, nearest.best);
}

/* Given once */

/* Two VRFs are two worlds. */
static const char *world_of(const struct checker *c, const struct object *interface)
{
    const struct object *master = check_reference(c, interface, "master");
    return master && master->kind->flags & KIND_MOVES_ROUTES ? master->name : "";
}

/* Links between two hosts can share one address: with `peer`, or with the whole length as prefix. */
static bool may_repeat(const struct holding *a)
{
    return object_has(a->object, "peer") || a->prefix.length == ip_bits(&a->prefix.ip) ||
           ip_is_link_local(&a->prefix.ip);
}

static void check_once(struct checker *c, struct map *seen, struct holding *holding)
{
    char buffer[IP_TEXT_SIZE];
    const struct object *object = holding->object;
    ip_format(&holding->prefix.ip, buffer);
    const char *key =
        arena_printf(&c->arena, "%s %s %s", object->ns, world_of(c, holding->interface), buffer);
    const struct holding *other = map_get(seen, key);
    if (!other) {
        map_set(seen, key, holding);
        return;
    }
    if (may_repeat(holding) && may_repeat(other) && holding->interface != other->interface)
        return;
    struct error *error = errors_add(c->errors, &object->place, "address %s is given twice in %s%s", buffer,
                                     strcmp(object->ns, HOST) == 0 ? "the host" : "namespace ",
                                     strcmp(object->ns, HOST) == 0 ? "" : object->ns);
    const struct place *first = &other->object->place;
    if (first->line)
        error_hint(c->errors, error, "first given at %s:%d:%d, to `%s`", first->file, first->line,
                   first->column, other->interface->name);
    else
        error_hint(c->errors, error, "`%s` has it already", other->interface->name);
}

/* Not usable for a host */

/* Linux refuses a multicast address of IPv6, takes one of IPv4 to no use, and passes silently over 0.0.0.0.
 */
static bool is_for_a_host(struct checker *c, const struct holding *holding)
{
    const struct ip *ip = &holding->prefix.ip;
    bool multicast = ip_is_multicast(ip), zero = ip_is_unspecified(ip);
    char buffer[IP_TEXT_SIZE];
    if (!multicast && !zero)
        return true;
    struct error *error =
        errors_add(c->errors, &holding->object->place, "%s is %s for an interface", ip_format(ip, buffer),
                   zero ? "no address" : "a multicast address, not one");
    if (multicast)
        error_hint(c->errors, error, "a program that listens to a group joins it by itself");
    return false;
}

static void check_host_bits(struct checker *c, const struct holding *holding)
{
    const struct prefix *prefix = &holding->prefix;
    struct prefix network = prefix_network(prefix);
    if (prefix->ip.family != 4 || prefix->length > 30)
        return;
    struct ip last = network.ip;
    ip_add(&last, (1ULL << (32 - prefix->length)) - 1);
    char ip[IP_TEXT_SIZE], net[PREFIX_TEXT_SIZE];
    bool is_network = ip_equal(&network.ip, &prefix->ip);
    if (is_network || ip_equal(&last, &prefix->ip))
        errors_warn(c->errors, &holding->object->place, "%s is the %s address of %s, not one for a host",
                    ip_format(&prefix->ip, ip), is_network ? "network" : "broadcast",
                    prefix_format(&network, net));
}

static void check_mtu(struct checker *c, const struct holding *holding)
{
    int64_t mtu = object_number(holding->interface, "mtu", IPV6_MIN_MTU);
    if (holding->prefix.ip.family == 6 && mtu < IPV6_MIN_MTU)
        error_hint(c->errors,
                   errors_add(c->errors, &holding->object->place,
                              "IPv6 needs an MTU of %d, and `%s` has %lld", IPV6_MIN_MTU,
                              holding->interface->name, (long long)mtu),
                   "leave `mtu` away at `%s`, or the address", holding->interface->name);
}

/* Linux refuses it as if it were a question of rights: EACCES. */
static void check_ipv6(struct checker *c, const struct holding *holding)
{
    const char *names[] = {holding->interface->name, "all"};
    for (unsigned i = 0; i < 2 && holding->prefix.ip.family == 6; i++) {
        const char *name = arena_printf(&c->arena, "net/ipv6/conf/%s/disable_ipv6", names[i]);
        const struct object *sysctl = model_get(c->model, CLASS_SYSCTL, holding->object->ns, name);
        const char *value = sysctl ? object_text(sysctl, "value") : NULL;
        if (!value || strcmp(value, "0") == 0)
            continue;
        struct error *error =
            errors_add(c->errors, &holding->object->place,
                       "`%s` has an IPv6 address, and IPv6 is switched off on it", holding->interface->name);
        error_hint(c->errors, error, "leave the address away, or %s",
                   i ? "the setting disable_ipv6" : "`ipv6: false`");
        return;
    }
}

/* On one bridge */

/* Where frames of the interface go: a bridge, and the VLANs of the port. */
static const char *segment_of(struct checker *c, const struct object *interface)
{
    const struct object *port, *bridge = check_bridge(c, interface, &port);
    if (!bridge)
        return NULL;
    const char *vlans = object_text(port, "vlans");
    return arena_printf(&c->arena, "%s %s", bridge->id, vlans ? vlans : "");
}

static void check_segment_once(struct checker *c, struct map *seen, struct holding *holding,
                               const char *segment)
{
    char buffer[IP_TEXT_SIZE];
    ip_format(&holding->prefix.ip, buffer);
    const char *key = arena_printf(&c->arena, "%s %s", segment, buffer);
    const struct holding *other = map_get(seen, key);
    if (!other)
        map_set(seen, key, holding);
    else if (strcmp(other->object->ns, holding->object->ns) != 0)
        error_hint(c->errors,
                   errors_warn(c->errors, &holding->object->place,
                               "`%s/%s` and `%s/%s` are on one bridge and both have %s", other->object->ns,
                               other->interface->name, holding->object->ns, holding->interface->name, buffer),
                   "give each its own; with `count`, a range such as 10.0.0.10-10.0.0.99/24 does");
}

/* The addresses of each bridge, by its segment. */
static void index_bridge(struct checker *c, struct map *bridges, struct holding *holding)
{
    if (!is_bridge(holding->interface))
        return;
    const char *segment = segment_of(c, holding->interface);
    holding->next = map_get(bridges, segment);
    map_set(bridges, segment, holding);
}

static void check_subnet(struct checker *c, const struct map *bridges, const struct holding *holding,
                         const char *segment)
{
    const struct holding *first = NULL;
    if (is_bridge(holding->interface) || ip_is_link_local(&holding->prefix.ip))
        return;
    for (const struct holding *at = map_get(bridges, segment); at; at = at->next) {
        if (at->prefix.ip.family != holding->prefix.ip.family || ip_is_link_local(&at->prefix.ip))
            continue;
        if (prefix_contains(&at->prefix, &holding->prefix.ip) ||
            prefix_contains(&holding->prefix, &at->prefix.ip))
            return;
        first = at;
    }
    if (!first)
        return;
    char ip[IP_TEXT_SIZE], net[PREFIX_TEXT_SIZE];
    struct prefix network = prefix_network(&first->prefix);
    struct error *error =
        errors_warn(c->errors, &holding->object->place, "%s is not in %s, the network of bridge `%s`",
                    ip_format(&holding->prefix.ip, ip), prefix_format(&network, net), first->interface->name);
    error_hint(c->errors, error, "the two will not reach each other without a route");
}

void check_addresses(struct checker *c)
{
    CLEANUP_MAP struct map seen = {0}, bridges = {0};
    CLEANUP_MAP struct map on_segment = {0};
    struct holding *holdings = xrealloc(NULL, c->model->n_objects + 1, sizeof *holdings);
    size_t n = 0;
    check_each(c, object)
    {
        check_device(c, object);
        if (object->class->id == CLASS_ADDRESS && holding_init(c, object, &holdings[n]))
            index_bridge(c, &bridges, &holdings[n++]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_for_a_host(c, &holdings[i]))
            continue;
        check_once(c, &seen, &holdings[i]);
        check_host_bits(c, &holdings[i]);
        check_mtu(c, &holdings[i]);
        check_ipv6(c, &holdings[i]);
        const char *segment = segment_of(c, holdings[i].interface);
        if (!segment || check_skips(c, holdings[i].interface))
            continue;
        check_segment_once(c, &on_segment, &holdings[i], segment);
        check_subnet(c, &bridges, &holdings[i], segment);
    }
    free(holdings);
}
