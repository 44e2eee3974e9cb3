/* Networks: a subnet that the host has an address in must not be a part of what it has elsewhere. Those of
 * two networks were compared when they were read. */
#include <string.h>

#include <linux/rtnetlink.h>

#include "model/checker.h"
#include "model/network.h"

static const char *network_text(const struct object *object)
{
    if (strcmp(object->ns, HOST) != 0)
        return NULL;
    if (object->class->id == CLASS_ROUTE && object_number(object, "type", RTN_UNICAST) == RTN_UNICAST)
        return object_text(object, "to");
    return object->class->id == CLASS_ADDRESS ? object_text(object, "address") : NULL;
}

static void check_against(struct checker *c, const struct network *network, const struct object *object)
{
    struct prefix other;
    const char *text = network_text(object), *dev = object_dev(object);
    if (!text || prefix_parse(text, &other) < 0 || !other.length ||
        (dev && strcmp(dev, network->bridge) == 0))
        return;
    for (unsigned family = 0; family < FAMILIES; family++) {
        const struct prefix *subnet = &network->subnets[family];
        char mine[PREFIX_TEXT_SIZE];
        if (!network->gateways[family].family || !prefix_overlaps(subnet, &other))
            continue;
        struct error *error =
            errors_add(c->errors, &object->place, "%s %s%s%s overlaps %s, the subnet of network `%s`",
                       object->class->name, text, dev ? " on " : "", dev ? dev : "",
                       prefix_format(subnet, mine), network->name);
        error_hint(c->errors, error, "give the network another `subnet`, or none: then one is chosen");
    }
}

void check_networks(struct checker *c)
{
    for (const struct network *network = c->topology->networks; network; network = network->next)
        check_each(c, object) if (!network_is_bridged(network)) check_against(c, network, object);
}
