/* Guards of guests: what is known of each when all was read. */
#include <string.h>

#include "file/networks.h"
#include "model/firewall/guard.h"

/* What the file gives to the interface of a namespace, besides what the network does. */
static void add_given(struct reader *r, struct fw_guard *guard, const struct network_guest *guest)
{
    for (const struct object *o = map_get(&r->model->namespaces, guest->ns); o; o = o->next_in_ns) {
        const char *dev = object_dev(o),
                   *text = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        struct prefix prefix;
        if (!text || !dev || strcmp(dev, guest->interface) != 0 || prefix_parse(text, &prefix) < 0)
            continue;
        addresses_add(r->arena, &guard->own, &(struct range){prefix.ip, prefix.ip});
    }
}

static void add_own(struct reader *r, struct fw_guard *guard, const struct guest_said *said)
{
    const struct network_guest *guest = said->guest;
    for (unsigned family = 0; family < FAMILIES; family++) {
        const struct ip *ip = &guest->addresses[family].ip;
        const struct ranges *also = &guest->also.of[family];
        if (ip->family)
            addresses_add(r->arena, &guard->own, &(struct range){*ip, *ip});
        for (size_t i = 0; i < also->n; i++)
            addresses_add(r->arena, &guard->own, &also->list[i]);
    }
    if (said->scope != &r->host)
        add_given(r, guard, guest);
    addresses_settle(&guard->own, true);
}

/* The bridge learns from what is sent to the switch itself (01:80:c2:00:00:0e) where no hook sees it before:
 * at a guarded port it learns nothing, and is told who is there. */
static void pin(struct reader *r, const struct guest_said *said, const struct fw_guard *guard,
                struct object *port)
{
    char mac[MAC_TEXT_SIZE];
    const struct network *network = said->said->network;
    struct object *fdb = model_new(r->model, classes[CLASS_FDB], NULL, HOST);
    if (object_has(port, "learning"))
        return;
    object_set_number(r->model, port, "learning", 0);
    object_set_text(r->model, fdb, "dev", guard->port);
    object_set_text(r->model, fdb, "mac", mac_format(&guard->mac, mac));
    if (network->is_on_bridge)
        object_set_number(r->model, fdb, "vlan", network->vlan);
    fdb->place = guard->place;
    model_add(r->model, fdb, NULL); /* unless the file says it too */
}

/* The networks of its bridge: by address, since a guest can give itself any. */
static void add_siblings(struct reader *r, struct fw_guard *guard, const struct network *network)
{
    for (const struct object *o = map_get(&r->model->namespaces, HOST); o; o = o->next_in_ns) {
        const char *dev = object_dev(o),
                   *text = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        struct prefix prefix;
        struct range range;
        if (!text || !dev || strcmp(dev, network->bridge) != 0 || prefix_parse(text, &prefix) < 0 ||
            range_parse(text, &range) < 0)
            continue;
        addresses_add(r->arena, &guard->siblings, &range);
        addresses_add(r->arena, &guard->host, &(struct range){prefix.ip, prefix.ip});
    }
    addresses_settle(&guard->siblings, true);
    addresses_settle(&guard->host, true);
}

/* Where all are isolated, the firewall of IP tells (networks_firewall.c). */
static bool is_apart(const struct guest_said *said)
{
    const struct network *network = said->said->network;
    return said->guest->is_isolated && (!network->is_isolated || network_is_bridged(network));
}

static bool refuse_unknown(struct reader *r, const struct guest_said *said, const char *what,
                           const char *example)
{
    const struct network_guest *guest = said->guest;
    struct error *error = errors_add(r->errors, &guest->place,
                                     "`anti-spoofing` of `%s` needs to know its `%s`", guest->name, what);
    error_hint(r->errors, error, "for example: `%s: {%s}`", said->said->network->name, example);
    return false;
}

/* What it may send from must be known. */
static bool identity_settle(struct reader *r, struct fw_guard *guard, const struct guest_said *said,
                            const struct entry *entry)
{
    const char *given = said->scope == &r->host ? NULL : object_text(entry->object, "mac");
    const char *mac = given ? given : said->guest->mac;
    if (!mac || mac_parse(mac, &guard->mac) < 0)
        return refuse_unknown(r, said, "mac", "mac: 52:54:00:12:34:56");
    add_own(r, guard, said);
    if (!addresses_any(&guard->own))
        return refuse_unknown(r, said, "address", "address: 10.0.0.5/24");
    return true;
}

/* The bridge keeps what is sent to the address of one of its ports. */
static bool mac_is_apart(struct reader *r, const struct guest_said *said, const struct entry *entry)
{
    const char *port = object_text(entry->object, "mac"), *mac = said->guest->mac;
    if (said->scope != &r->host || !port || !mac || strcmp(port, mac) != 0)
        return true;
    struct error *error = errors_add(
        r->errors, &said->guest->place,
        "`mac`: `%s` itself has %s, so the bridge would take what is sent to the machine", entry->name, mac);
    error_hint(r->errors, error, "leave the `mac` of `%s` away: it gets another", entry->name);
    return false;
}

static void guard_make(struct reader *r, const struct guest_said *said, struct fw_guard ***last)
{
    const struct network_guest *guest = said->guest;
    const struct entry *entry = entry_find(r, guest->ns, guest->interface);
    if (said->is_broken || said->said->is_broken || !entry || !entry->object || !entry->port->object)
        return;
    if (!mac_is_apart(r, said, entry) || (!guest->is_guarded && !guest->rate && !is_apart(said)))
        return;
    struct fw_guard *guard = arena_alloc(r->arena, sizeof *guard);
    *guard = (struct fw_guard){.port = entry->port->name,
                               .guest = guest->name,
                               .is_guarded = guest->is_guarded,
                               .rate = guest->rate,
                               .place = guest->place};
    if (guest->is_guarded && !identity_settle(r, guard, said, entry))
        return;
    if (guest->is_guarded)
        pin(r, said, guard, entry->port->object);
    if (is_apart(said))
        add_siblings(r, guard, said->said->network);
    if (!guard->is_guarded && !guard->rate && !addresses_any(&guard->siblings))
        return;
    **last = guard;
    *last = &guard->next;
}

void guards_make(struct reader *r)
{
    struct fw_guard **last = &r->topology->guards;
    for (const struct guest_said *said = r->networks->guests; said; said = said->next_said)
        guard_make(r, said, &last);
}
