/* Gateways: each must be on the link of an interface of its namespace, or Linux refuses the route ("Nexthop
 * has invalid gateway"). What is on the link follows from addresses, their peers, and routes without a
 * gateway. */
#include <string.h>

#include "model/checker.h"

/* All that is on a link, as texts "NS NETWORK" and "NS/DEV NETWORK", and which prefix lengths occur at all: a
 * question is one look-up for each of those, however many networks there are. */
struct links {
    struct map networks;
    struct map owned; /* "NS ADDRESS" -> the address */
    bool lengths[2][129];
    struct map open; /* "NS" or "NS/DEV": may have addresses that the model does not know */
};

static const char *key_of(struct checker *c, const char *ns, const char *dev, const struct prefix *network)
{
    char buffer[PREFIX_TEXT_SIZE];
    return arena_printf(&c->arena, "%s%s%s %s", ns, dev ? "/" : "", dev ? dev : "",
                        prefix_format(network, buffer));
}

static void links_add(struct checker *c, struct links *links, const struct object *object, const char *dev,
                      const char *text)
{
    struct prefix prefix;
    if (!text || prefix_parse(text, &prefix) < 0)
        return;
    struct prefix network = prefix_network(&prefix);
    links->lengths[prefix.ip.family == 6][prefix.length] = true;
    map_set(&links->networks, key_of(c, object->ns, NULL, &network), (void *)object);
    if (dev)
        map_set(&links->networks, key_of(c, object->ns, dev, &network), (void *)object);
}

static void links_index(struct checker *c, struct links *links, const struct object *object)
{
    char buffer[IP_TEXT_SIZE];
    const char *dev = object_text(object, "dev");
    struct prefix prefix;
    if (object->class->id == CLASS_ADDRESS) {
        const char *text = object_text(object, "address");
        links_add(c, links, object, dev, text);
        links_add(c, links, object, dev, object_text(object, "peer"));
        if (text && prefix_parse(text, &prefix) == 0)
            map_set(&links->owned,
                    arena_printf(&c->arena, "%s %s", object->ns, ip_format(&prefix.ip, buffer)),
                    (void *)object);
    } else if (object->class->id == CLASS_ROUTE && !object_has(object, "via") &&
               !object_has(object, "nexthops")) {
        links_add(c, links, object, dev, object_text(object, "to"));
    } else if (object->class->id == CLASS_INTERFACE) {
        bool existing = object->kind->maker == MAKER_EXISTING && object->kind != &kind_loopback;
        if (existing || check_skips(c, object)) {
            map_set(&links->open, object->ns, (void *)object);
            map_set(&links->open, arena_printf(&c->arena, "%s/%s", object->ns, object->name), (void *)object);
        }
    }
}

static bool links_have(struct checker *c, const struct links *links, const char *ns, const char *dev,
                       const struct ip *ip)
{
    for (unsigned length = 0; length <= ip_bits(ip); length++) {
        struct prefix prefix = {.ip = *ip, .length = (uint8_t)length};
        struct prefix network = prefix_network(&prefix);
        if (links->lengths[ip->family == 6][length] &&
            map_has(&links->networks, key_of(c, ns, dev, &network)))
            return true;
    }
    return false;
}

static bool is_open(struct checker *c, const struct links *links, const char *ns, const char *dev)
{
    if (!dev)
        return check_exists(c, ns) || map_has(&links->open, ns);
    return map_has(&links->open, arena_printf(&c->arena, "%s/%s", ns, dev));
}

static const char *ns_words(const char *ns)
{
    return strcmp(ns, HOST) == 0 ? "the host" : ns;
}

static void refuse_gateway(struct checker *c, const struct object *route, const char *via, const char *dev)
{
    struct error *error;
    if (dev)
        error = errors_add(c->errors, &route->place,
                           "gateway %s is not reachable: no address of `%s` has it in its network", via, dev);
    else
        error = errors_add(c->errors, &route->place,
                           "gateway %s is not reachable: no address of %s has it in its network", via,
                           ns_words(route->ns));
    error_hint(c->errors, error,
               "a gateway must be in a network that an interface has an address of; `onlink: true` in a "
               "route takes it as it is");
}

/* Where there may be addresses that no file says. */
static void warn_gateway(struct checker *c, const struct object *route, const char *via)
{
    struct error *error =
        errors_warn(c->errors, &route->place, "no address of this file has gateway %s in its network", via);
    error_hint(c->errors, error, "unless another address of %s has, Linux refuses the route",
               ns_words(route->ns));
}

/* Linux takes no route through an interface that is down. */
static void check_up(struct checker *c, const struct object *route)
{
    const char *dev = object_text(route, "dev");
    const struct object *interface = dev ? model_interface(c->model, route->ns, dev) : NULL;
    if (!interface || check_skips(c, interface) || object_number(interface, "up", 1))
        return;
    struct error *error = errors_warn(c->errors, &route->place,
                                      "`%s` is down (`up: false`), and Linux takes no route through it", dev);
    error_hint(c->errors, error, "leave `up: false` away, or the route");
}

static void check_gateway(struct checker *c, const struct links *links, const struct object *route)
{
    struct ip ip;
    const char *via = object_text(route, "via"), *dev = object_text(route, "dev");
    if (!via || !*via || ip_parse(via, &ip) < 0 || object_number(route, "onlink", 0))
        return;
    if (dev && !model_interface(c->model, route->ns, dev))
        return; /* told already */
    if (ip_is_link_local(&ip)) {
        if (!dev)
            errors_add(c->errors, &route->place, "gateway %s is link-local: the route needs `dev`", via);
        return;
    }
    if (map_has(&links->owned, arena_printf(&c->arena, "%s %s", route->ns, via))) {
        struct error *error = errors_add(c->errors, &route->place, "gateway %s is an address of %s itself",
                                         via, ns_words(route->ns));
        error_hint(c->errors, error, "a gateway is the next router, on the other side");
        return;
    }
    if (links_have(c, links, route->ns, dev, &ip))
        return;
    if (check_skips_ns(c, route->ns))
        return;
    if (!is_open(c, links, route->ns, dev))
        refuse_gateway(c, route, via, dev);
    else if (!dev && !map_has(&links->open, route->ns))
        warn_gateway(c, route, via);
}

void check_gateways(struct checker *c)
{
    struct links links = {0};
    check_each(c, object) links_index(c, &links, object);
    check_each(c, route)
    {
        if (route->class->id != CLASS_ROUTE)
            continue;
        check_gateway(c, &links, route);
        check_up(c, route);
    }
    map_done(&links.networks);
    map_done(&links.owned);
    map_done(&links.open);
}
