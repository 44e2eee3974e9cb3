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

static void guard_make(struct reader *r, const struct guest_said *said, struct fw_guard ***last)
{
    const struct network_guest *guest = said->guest;
    const struct entry *entry = entry_find(r, guest->ns, guest->interface);
    if ((!guest->is_guarded && !guest->rate) || said->is_broken || said->said->is_broken || !entry ||
        !entry->object || !entry->port->object)
        return;
    struct fw_guard *guard = arena_alloc(r->arena, sizeof *guard);
    *guard = (struct fw_guard){.port = entry->port->name,
                               .guest = guest->name,
                               .is_guarded = guest->is_guarded,
                               .rate = guest->rate,
                               .place = guest->place};
    if (guest->is_guarded && !identity_settle(r, guard, said, entry))
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
