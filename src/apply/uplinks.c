/* What the host has on an interface that becomes the uplink of a bridged network moves to the bridge.
 *
 * As a port of the bridge the card hears none of it any more. So the file is planned as if it said of the
 * bridge what others have on the card, and what lies on the card is removed for as long as the network is
 * there (plan/removed.c). What the file says of the bridge itself comes first. What moved once is known by
 * the record: what it took from the card, and over which interface the routes that it changed led before.
 *
 * What has a lifetime was leased or advertised, and nobody can renew it on the bridge but who asks there: it
 * is taken from the card, with the routes that need it, and not put anywhere. What the kernel has by router
 * advertisements it keeps, and the bridge gets its own. */
#include "apply/uplinks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "apply/networks.h"
#include "model/nexthop.h"

struct address_list {
    const struct object **list;
    size_t n;
};

struct moving {
    struct change *change;
    const struct network *network;
    struct address_list leased; /* on the uplink */
    struct address_list others; /* on the bridge, of the file and moved */
};

static bool runs_over(const struct object *route, const char *dev)
{
    const char *only = object_text(route, "dev"), *list = object_text(route, "nexthops");
    bool runs = only && strcmp(only, dev) == 0;
    for (struct nexthop hop; !runs && nexthop_take(&list, &hop) > 0;)
        runs = strcmp(hop.dev, dev) == 0;
    return runs;
}

bool uplink_has(const struct network *network, const struct object *object)
{
    if (strcmp(object->ns, HOST) != 0)
        return false;
    return object->class->id == CLASS_ADDRESS
               ? strcmp(object_dev(object), network->uplink) == 0
               : object->class->id == CLASS_ROUTE && runs_over(object, network->uplink);
}

bool uplink_is_theirs(const struct change *change, const struct object *object)
{
    const struct object *record = map_get(&change->before.recorded.by_id, object->id);
    return !(object->flags & (OBJECT_KERNEL | OBJECT_OURS)) && !object->owner &&
           !(record && record->flags & (OBJECT_MADE | OBJECT_ADOPTED));
}

bool uplink_is_leased(const struct object *address)
{
    return object_number(address, "valid", UINT32_MAX) != UINT32_MAX;
}

/* Addresses on a bridge in a VRF are in another world. */
static bool is_in_vrf(const struct change *change, const struct network *network)
{
    const struct object *bridge = model_interface(&change->topology->model, HOST, network->bridge);
    return bridge && object_word(bridge, "master");
}

bool uplink_gives(const struct change *change, const struct network *network)
{
    const struct object *uplink = model_interface(&change->observed, HOST, network->uplink);
    const struct object *master = uplink ? model_interface_of(&change->observed, uplink, "master") : NULL;
    return uplink && !is_in_vrf(change, network) &&
           (!object_word(uplink, "master") || (master && strcmp(master->kind->name, "bridge") == 0));
}

/* Addresses */

static void rename_label(struct model *model, struct object *address, const char *from, const char *to)
{
    char label[16] = "";
    size_t length = strlen(from);
    const char *was = object_word(address, "label");
    if (!was || strncmp(was, from, length) != 0)
        return;
    address->values[object_find_option(address, "label")] = (struct value){0};
    if (was[length] == ':' && snprintf(label, sizeof label, "%s%s", to, was + length) < (int)sizeof label)
        object_set_text(model, address, "label", label);
}

static void note(struct address_list *addresses, const struct object *address)
{
    addresses->list = xrealloc(addresses->list, addresses->n + 1, sizeof *addresses->list);
    addresses->list[addresses->n++] = address;
}

static void note_others(struct moving *moving)
{
    model_each(&moving->change->desired, o)
    {
        if (o->class->id == CLASS_ADDRESS && strcmp(o->ns, HOST) == 0 &&
            strcmp(object_dev(o), moving->network->bridge) == 0)
            note(&moving->others, o);
    }
}

/* IPv6 has an address of an interface once, whatever the prefix. */
static bool bridge_has(const struct moving *moving, const struct object *address)
{
    struct prefix one, other;
    bool has = false;
    if (prefix_parse(object_text(address, "address"), &one) < 0 || one.ip.family == 4)
        return false;
    for (size_t i = 0; i < moving->others.n && !has; i++)
        has = prefix_parse(object_text(moving->others.list[i], "address"), &other) == 0 &&
              ip_equal(&one.ip, &other.ip);
    return has;
}

static struct object *copy_of(struct model *model, const struct object *object)
{
    struct object *copy = model_new(model, object->class, NULL, HOST);
    for (unsigned i = 0; i < object_n_options(object); i++)
        if (value_is_set(&object->values[i]))
            object_set(model, copy, object_option(object, i)->key, object->values[i]);
    return copy;
}

static void take_address(struct moving *moving, const struct object *address)
{
    struct model *desired = &moving->change->desired, *removed = &moving->change->removed;
    const struct network *network = moving->network;
    if (map_has(&desired->by_id, address->id))
        return;
    model_copy(removed, address)->flags = 0;
    if (uplink_is_leased(address))
        note(&moving->leased, address);
    if (uplink_is_leased(address) || bridge_has(moving, address))
        return;
    struct object *moved = copy_of(desired, address);
    object_set_text(desired, moved, "dev", network->bridge);
    rename_label(desired, moved, network->uplink, network->bridge);
    if (ip_text_is_ipv6(object_text(address, "address"))) /* that nobody else has it is known */
        object_set_number(desired, moved, "nodad", 1);
    moved->place = network->uplink_place;
    if (model_add(desired, moved, NULL) == 0) /* unless the file says it */
        note(&moving->others, moved);
}

/* Routes */

static bool leads_into(const struct object *address, const char *gateway)
{
    struct prefix prefix;
    struct ip via;
    return gateway && ip_parse(gateway, &via) == 0 &&
           prefix_parse(object_text(address, "address"), &prefix) == 0 && prefix_contains(&prefix, &via);
}

static bool is_address(const struct object *address, const char *source)
{
    struct prefix prefix;
    struct ip ip;
    return source && ip_parse(source, &ip) == 0 &&
           prefix_parse(object_text(address, "address"), &prefix) == 0 && ip_equal(&prefix.ip, &ip);
}

/* Its gateway is in the network of what was leased, and no other; or that is its source. */
static bool goes_with_lease(const struct moving *moving, const struct object *route)
{
    const char *via = object_word(route, "via"), *source = object_word(route, "src");
    bool goes = false;
    for (size_t i = 0; i < moving->leased.n; i++)
        goes |= leads_into(moving->leased.list[i], via) || is_address(moving->leased.list[i], source);
    for (size_t i = 0; i < moving->others.n && goes; i++)
        goes = !leads_into(moving->others.list[i], via);
    return goes;
}

static void lead_over_bridge(struct model *model, struct object *route, const struct network *network)
{
    const char *dev = object_text(route, "dev"), *list = object_word(route, "nexthops");
    struct text hops CLEANUP_TEXT = {0};
    if (dev && strcmp(dev, network->uplink) == 0)
        object_set_text(model, route, "dev", network->bridge);
    for (struct nexthop hop; nexthop_take(&list, &hop) > 0;) {
        if (strcmp(hop.dev, network->uplink) == 0)
            snprintf(hop.dev, sizeof hop.dev, "%s", network->bridge);
        nexthop_add(&hops, &hop);
    }
    if (hops.length)
        object_set_text(model, route, "nexthops", text_of(&hops));
}

static void take_route(struct moving *moving, const struct object *route)
{
    struct model *desired = &moving->change->desired;
    struct object *said = map_get(&desired->by_id, route->id);
    if (!said && object_text(route, "dev") && goes_with_lease(moving, route)) {
        model_copy(&moving->change->removed, route)->flags = 0;
        return;
    }
    if (!said) {
        said = copy_of(desired, route);
        said->place = moving->network->uplink_place;
        model_add(desired, said, NULL);
    }
    if (!map_has(&moving->change->topology->model.by_id, route->id))
        lead_over_bridge(desired, said, moving->network);
    said->flags = OBJECT_ADOPTED;
}

/* All of them */

static void take(struct moving *moving, enum class_id class, const struct object *object)
{
    if (object->class->id != class || map_has(&moving->change->removed.by_id, object->id))
        return;
    if (class == CLASS_ADDRESS)
        take_address(moving, object);
    else
        take_route(moving, object);
}

static void take_all(struct moving *moving, enum class_id class)
{
    const struct change *change = moving->change;
    const struct network *network = moving->network;
    model_each(&change->before.recorded, object)
    {
        if (object->flags & OBJECT_REMOVED && uplink_has(network, object))
            take(moving, class, object);
    }
    model_each(&change->before.originals, original)
    {
        const struct object *record = map_get(&change->before.recorded.by_id, original->id);
        if (record && original->class->id == CLASS_ROUTE && uplink_has(network, original) &&
            !runs_over(record, network->uplink))
            take(moving, class, original);
    }
    if (!uplink_gives(change, network))
        return;
    model_each(&change->observed, object)
    {
        if (uplink_has(network, object) && uplink_is_theirs(change, object))
            take(moving, class, object);
    }
}

/* The same as that of the card: neighbours outside need not learn another. */
static void keep_mac(struct moving *moving)
{
    struct change *change = moving->change;
    const struct network *network = moving->network;
    struct object *bridge = model_interface(&change->desired, HOST, network->bridge);
    const struct object *record = bridge ? map_get(&change->before.recorded.by_id, bridge->id) : NULL;
    bool is_new = bridge && !map_has(&change->observed.by_id, bridge->id);
    const struct object *cards[] = {is_new ? model_interface(&change->desired, HOST, network->uplink) : NULL,
                                    is_new ? model_interface(&change->observed, HOST, network->uplink)
                                           : NULL};
    const char *mac = record && record->kind == bridge->kind ? object_text(record, "mac") : NULL;
    for (size_t i = 0; i < 2; i++)
        mac = mac || !cards[i] ? mac : object_text(cards[i], "mac");
    if (mac && !object_has(bridge, "mac"))
        object_set_text(&change->desired, bridge, "mac", mac);
}

void uplinks_move(struct change *change)
{
    const struct network *network = change->topology->networks;
    for (; network; network = network->next) {
        struct moving moving = {.change = change, .network = network};
        if (network->mode != NETWORK_BRIDGED || is_in_vrf(change, network))
            continue;
        if (!change->desired.n_objects)
            model_each(&change->topology->model, object) model_borrow(&change->desired, object);
        size_t before = change->removed.n_objects;
        note_others(&moving);
        take_all(&moving, CLASS_ADDRESS);
        take_all(&moving, CLASS_ROUTE);
        free(moving.leased.list);
        free(moving.others.list);
        if (change->removed.n_objects > before)
            keep_mac(&moving);
    }
}
