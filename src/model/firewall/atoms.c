/* A rule in a person's words may need several of the kernel: for both families, for a zone of interfaces and
 * networks, for each protocol. Each is an atom; together they match what the rule does, and order among them
 * means nothing. */
#include <stdlib.h>
#include <string.h>

#include "model/firewall/compiler.h"

/* Protocols */

const char *fw_protocol_word(uint8_t protocol)
{
    return protocol == IPPROTO_ICMPV6 ? "ipv6-icmp" : names_format(fw_protocol_names, protocol);
}

static int by_port(const void *a, const void *b)
{
    const struct fw_ports *x = a, *y = b;
    return x->first != y->first ? x->first - y->first : x->last - y->last;
}

static void ports_settle(struct fw_group *group)
{
    unsigned n = 0;
    if (group->n_ports)
        qsort(group->ports, group->n_ports, sizeof *group->ports, by_port);
    for (unsigned i = 0; i < group->n_ports; i++) {
        struct fw_ports *last = n ? &group->ports[n - 1] : NULL;
        if (!last || group->ports[i].first > last->last + 1)
            group->ports[n++] = group->ports[i];
        else if (group->ports[i].last > last->last)
            last->last = group->ports[i].last;
    }
    group->n_ports = n;
}

/* What a list of matches says of one protocol; false: nothing. */
static bool group_of(struct fw_compiler *c, const struct fw_matches *matches, uint8_t protocol,
                     unsigned family, struct fw_group *ret)
{
    bool any = false, is_icmp = protocol == IPPROTO_ICMP;
    *ret =
        (struct fw_group){.protocol = is_icmp && family == 6 ? IPPROTO_ICMPV6 : protocol, .family = family};
    ret->ports = arena_alloc(c->arena, matches->n * sizeof *ret->ports);
    ret->kinds = arena_alloc(c->arena, matches->n * sizeof *ret->kinds);
    for (unsigned i = 0; i < matches->n; i++) {
        const struct fw_match *match = &matches->list[i];
        if (match->protocol != protocol)
            continue;
        const char *kind = !match->icmp ? NULL : family == 4 ? match->icmp->ipv4 : match->icmp->ipv6;
        any |= !match->first && !match->icmp;
        if (match->first)
            ret->ports[ret->n_ports++] = (struct fw_ports){match->first, match->last};
        if (kind)
            ret->kinds[ret->n_kinds++] = kind;
    }
    if (any)
        ret->n_ports = ret->n_kinds = 0;
    ports_settle(ret);
    return any || ret->n_ports || ret->n_kinds;
}

/* One for each protocol, in the order in which they are said; of ICMP, one for each family. */
static unsigned groups_of(struct fw_compiler *c, const struct fw_matches *matches,
                          const struct fw_group **ret_groups)
{
    bool seen[256] = {false};
    struct fw_group *groups = arena_alloc(c->arena, (2 * matches->n + 1) * sizeof *groups);
    unsigned n = 0;
    for (unsigned i = 0; i < matches->n; i++) {
        uint8_t protocol = matches->list[i].protocol;
        bool is_icmp = protocol == IPPROTO_ICMP;
        if (seen[protocol])
            continue;
        seen[protocol] = true;
        n += group_of(c, matches, protocol, is_icmp ? 4 : 0, &groups[n]);
        if (is_icmp)
            n += group_of(c, matches, protocol, 6, &groups[n]);
    }
    *ret_groups = groups;
    return n;
}

/* Sides */

struct alternative {
    unsigned family;
    const struct fw_zone *zone; /* its interfaces */
    struct fw_part part;
};

enum { ALTERNATIVES_MAX = 3 };

static unsigned alternatives_of(struct fw_compiler *c, const struct fw_side *side,
                                struct alternative ret[ALTERNATIVES_MAX])
{
    const struct addresses *addresses = side->form == FW_ZONE        ? &side->zone->networks
                                        : side->form == FW_ADDRESSES ? &side->addresses
                                        : side->form == FW_HOST && addresses_any(&side->addresses)
                                            ? &side->addresses
                                        : side->form == FW_SET ? &side->set->addresses
                                                               : NULL;
    unsigned n = 0;
    if (!addresses) {
        ret[0] = (struct alternative){0};
        return 1;
    }
    if (side->form == FW_ZONE && side->zone->n_interfaces)
        ret[n++] = (struct alternative){.zone = side->zone};
    for (unsigned family = 0; family < FAMILIES; family++) {
        const struct ranges *ranges = &addresses->of[family];
        struct alternative *next = &ret[n];
        *next = (struct alternative){.family = family == IPV4 ? 4 : 6};
        if (side->form == FW_SET && (ranges->n || side->set->grows))
            next->part.set = arena_printf(c->arena, "@%s", fw_user_set_name(c, side->set, next->family));
        else if (side->form != FW_SET && ranges->n)
            next->part.ranges = ranges;
        n += next->part.set || next->part.ranges;
    }
    return n;
}

void fw_atom_add(struct fw_atoms *atoms, const struct fw_atom *atom)
{
    if (atoms->n == atoms->capacity) {
        atoms->capacity = atoms->capacity ? 2 * atoms->capacity : 16;
        atoms->list = xrealloc(atoms->list, atoms->capacity, sizeof *atoms->list);
    }
    atoms->list[atoms->n++] = *atom;
}

void fw_atoms_done(struct fw_atoms *atoms)
{
    free(atoms->list);
    *atoms = (struct fw_atoms){0};
}

static bool families_meet(unsigned a, unsigned b)
{
    return !a || !b || a == b;
}

void fw_atoms_of(struct fw_compiler *c, const struct fw_matches *matches, const struct fw_side *from,
                 const struct fw_side *to, const struct fw_rule *rule, struct fw_atoms *out)
{
    struct alternative sources[ALTERNATIVES_MAX], destinations[ALTERNATIVES_MAX];
    const struct fw_group *groups;
    unsigned n_sources = alternatives_of(c, from, sources);
    unsigned n_destinations = alternatives_of(c, to, destinations);
    unsigned n_groups = groups_of(c, matches, &groups), n = matches->n ? n_groups : 1;
    for (unsigned i = 0; i < n_sources * n_destinations * n; i++) {
        const struct alternative *source = &sources[i / n / n_destinations];
        const struct alternative *destination = &destinations[i / n % n_destinations];
        const struct fw_group *group = matches->n ? &groups[i % n] : NULL;
        unsigned family = source->family ? source->family : destination->family;
        if (!families_meet(source->family, destination->family) ||
            !families_meet(family, group ? group->family : 0))
            continue;
        struct fw_atom atom = {.rule = rule,
                               .family = family  ? family
                                         : group ? group->family
                                                 : 0,
                               .in = source->zone,
                               .out = destination->zone,
                               .source = source->part,
                               .destination = destination->part,
                               .group = group};
        fw_atom_add(out, &atom);
    }
}

/* As JSON */

void fw_add_interfaces(json_t *expr, const struct fw_zone *in, const struct fw_zone *out)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct fw_zone *zone = side ? out : in;
        if (!zone)
            continue;
        json_t *list = json_array();
        for (size_t i = 0; i < zone->n_interfaces; i++)
            json_array_append_new(list, json_string(zone->interfaces[i]));
        json_t *names = json_pack("{s:o}", "set", list), *key = fw_meta(side ? "oifname" : "iifname");
        json_array_append_new(expr, zone->is_all_but ? fw_is_not(key, names) : fw_is(key, names));
    }
}

static void add_part(json_t *expr, unsigned family, const char *field, const struct fw_part *part)
{
    if (part->set)
        json_array_append_new(expr, fw_is(fw_field(family, field), json_string(part->set)));
    if (!part->ranges)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < part->ranges->n; i++)
        json_array_append_new(list, fw_range_json(&part->ranges->list[i]));
    json_array_append_new(expr, fw_is(fw_field(family, field), json_pack("{s:o}", "set", list)));
}

static void add_group(json_t *expr, const struct fw_group *group)
{
    json_t *list = json_array();
    const char *protocol = fw_protocol_word(group->protocol);
    for (unsigned i = 0; i < group->n_kinds; i++)
        json_array_append_new(list, json_string(group->kinds[i]));
    for (unsigned i = 0; i < group->n_ports; i++) {
        const struct fw_ports *ports = &group->ports[i];
        json_array_append_new(list, ports->first == ports->last
                                        ? json_integer(ports->first)
                                        : json_pack("{s:[i, i]}", "range", ports->first, ports->last));
    }
    json_t *left = group->n_kinds   ? fw_payload(group->family == 4 ? "icmp" : "icmpv6", "type")
                   : group->n_ports ? fw_payload(protocol, "dport")
                                    : fw_meta("l4proto");
    if (!json_array_size(list))
        json_array_append_new(list, json_string(protocol));
    json_array_append_new(expr, fw_is(left, json_pack("{s:o}", "set", list)));
}

json_t *fw_atom_json(const struct fw_atom *atom)
{
    json_t *expr = json_array();
    fw_add_interfaces(expr, atom->in, atom->out);
    add_part(expr, atom->family, "saddr", &atom->source);
    add_part(expr, atom->family, "daddr", &atom->destination);
    if (atom->group)
        add_group(expr, atom->group);
    return expr;
}

json_t *fw_atom_verdict(const struct fw_atom *atom)
{
    const struct fw_part *from = &atom->source, *to = &atom->destination;
    bool is_bound =
        from->ranges || from->set || to->ranges || to->set || (atom->group && atom->group->n_kinds);
    if (atom->rule->verdict == FW_REJECT)
        return fw_reject_json(is_bound ? atom->family : 0);
    return fw_verdict_json(atom->rule->verdict);
}
