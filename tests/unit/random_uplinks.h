/* Bridged networks of random topologies: a network card that is a port of a bridge is its uplink. What others
 * have on the card is on the bridge then, and the card has it back afterwards. */
#pragma once
#include <string.h>

#include "model/network.h"
#include "random_say.h"

enum { CARDS = 2 };
static const char *const cards[CARDS] = {"eth0", "eth1"};

static inline bool says_address_of(const struct model *model, const char *card)
{
    model_each(model, object)
    {
        if (object->class->id == CLASS_ADDRESS && strcmp(object->ns, HOST) == 0 &&
            strcmp(object_text(object, "dev"), card) == 0)
            return true;
    }
    return false;
}

static inline struct network *networks_of(const struct model *model, struct network networks[CARDS])
{
    struct network *list = NULL;
    for (int i = 0; i < CARDS; i++) {
        const struct object *card = model_interface(model, HOST, cards[i]);
        const struct object *bridge = card ? model_interface_of(model, card, "master") : NULL;
        if (!bridge || strcmp(bridge->kind->name, "bridge") != 0 || !object_number(bridge, "up", 1))
            continue;                         /* no route can lead over one that is down */
        if (says_address_of(model, cards[i])) /* no file does */
            continue;
        if (object_word(bridge, "master")) /* in a VRF */
            continue;
        networks[i] = (struct network){.name = bridge->name,
                                       .bridge = bridge->name,
                                       .uplink = cards[i],
                                       .mode = NETWORK_BRIDGED,
                                       .next = list};
        list = &networks[i];
    }
    return list;
}

static inline const struct network *network_over(const struct network *networks, const struct object *object)
{
    bool is_route = object->class->id == CLASS_ROUTE;
    const char *dev = object_text(object, "dev"), *hops = is_route ? object_text(object, "nexthops") : NULL;
    bool may_move = strcmp(object->ns, HOST) == 0 && (is_route || object->class->id == CLASS_ADDRESS);
    while (networks && !(may_move && ((dev && strcmp(dev, networks->uplink) == 0) ||
                                      (hops && strstr(hops, networks->uplink)))))
        networks = networks->next;
    return networks;
}

/* The names of cards are nowhere in it but as such. */
static inline void lead_over(struct model *model, struct object *route, const struct network *network)
{
    char hops[200] = "";
    const char *at = object_text(route, "nexthops"), *card;
    while (at && (card = strstr(at, network->uplink))) {
        size_t length = strlen(hops);
        snprintf(hops + length, sizeof hops - length, "%.*s%s", (int)(card - at), at, network->bridge);
        at = card + strlen(network->uplink);
    }
    if (*hops)
        object_set_text(model, route, "nexthops", hops);
}

/* Of what was there at first, what stays as it is, and what is on bridges. */
static inline void foresee_moves(const struct network *networks, const struct model *initial,
                                 struct model *stays, struct model *moves)
{
    model_each(initial, object)
    {
        const struct network *network = object->flags & OBJECT_KERNEL ? NULL : network_over(networks, object);
        if (!network) {
            model_copy(stays, object)->flags = object->flags;
            continue;
        }
        struct object *moved = model_new(moves, object->class, NULL, HOST);
        for (unsigned i = 0; i < object_n_options(object); i++)
            if (value_is_set(&object->values[i]) && strcmp(object_option(object, i)->key, "nodad") != 0)
                object_set(moves, moved, object_option(object, i)->key, object->values[i]);
        if (object_text(moved, "dev"))
            object_set_text(moves, moved, "dev", network->bridge);
        if (object->class->id == CLASS_ROUTE)
            lead_over(moves, moved, network);
        model_add(moves, moved, NULL);
    }
}
