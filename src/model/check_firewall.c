/* Firewalls: what no single word shows. Rules that can never match, zones that overlap, and what is about
 * packets that nobody forwards. All of it could be meant, so these are warnings. */
#include <string.h>

#include "model/checker.h"
#include "model/firewall/firewall.h"

/* Forwarding */

static bool forwards(const struct checker *c, const char *ns)
{
    static const char *const names[] = {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"};
    for (unsigned i = 0; i < 2; i++) {
        const struct object *sysctl = model_get(c->model, CLASS_SYSCTL, ns, names[i]);
        const char *value = sysctl ? object_text(sysctl, "value") : NULL;
        if (value && strcmp(value, "0") != 0)
            return true;
    }
    return false;
}

/* The first thing that is about forwarded packets. */
static const char *first_forwarded(const struct firewall *fw, const struct place **ret_place)
{
    const struct fw_rule *const lists[] = {fw->rules, fw->policies};
    for (const struct fw_nat *nat = fw->nat; nat; nat = nat->next)
        if (nat->verb != FW_REDIRECT) {
            *ret_place = &nat->place;
            return nat->words;
        }
    if (fw->published) {
        *ret_place = &fw->published->place;
        return fw->published->words;
    }
    for (unsigned i = 0; i < 2; i++)
        for (const struct fw_rule *rule = lists[i]; rule; rule = rule->next)
            if (fw_rule_chain(rule) == FW_FORWARD && rule->verdict == FW_ACCEPT) {
                *ret_place = &rule->place;
                return rule->words;
            }
    return NULL;
}

static void check_forwarding(struct checker *c, const struct firewall *fw)
{
    const struct place *place;
    const char *words = forwards(c, fw->ns) ? NULL : first_forwarded(fw, &place);
    if (!words)
        return;
    bool host = strcmp(fw->ns, HOST) == 0;
    struct error *error =
        errors_warn(c->errors, place, "`%s`: nothing in this file lets %s%s%s forward packets", words,
                    host ? "the host" : "namespace `", host ? "" : fw->ns, host ? "" : "`");
    error_hint(c->errors, error, "say `forwarding: true`");
}

/* Zones */

static const char *shared_interface(const struct fw_zone *a, const struct fw_zone *b)
{
    for (size_t i = 0; i < a->n_interfaces; i++)
        for (size_t k = 0; k < b->n_interfaces; k++)
            if (strcmp(a->interfaces[i], b->interfaces[k]) == 0)
                return a->interfaces[i];
    return NULL;
}

static void check_zones(struct checker *c, const struct firewall *fw)
{
    for (const struct fw_zone *zone = fw->zones; zone; zone = zone->next)
        for (const struct fw_zone *before = fw->zones; before != zone; before = before->next) {
            const char *interface = shared_interface(before, zone);
            if (!interface && !addresses_meet(&before->networks, &zone->networks))
                continue;
            struct error *error = errors_warn(
                c->errors, &zone->place, "zones `%s` and `%s` overlap: %s%s", before->name, zone->name,
                interface ? "both have " : "their networks do", interface ? interface : "");
            error_hint(c->errors, error,
                       "a packet of both is matched by the rules of either, and the first decides");
        }
}

/* Of what comes in by a port, rules see the bridge or the bond. */
static void check_ports_of_zones(struct checker *c, const struct firewall *fw)
{
    for (const struct fw_zone *zone = fw->zones; zone; zone = zone->next)
        for (size_t i = 0; i < zone->n_interfaces; i++) {
            const struct object *port = model_interface(c->model, fw->ns, zone->interfaces[i]);
            const struct object *master = port ? model_interface_of(c->model, port, "master") : NULL;
            const char *kind = master ? master->kind->name : "";
            if (strcmp(kind, "bridge") != 0 && strcmp(kind, "bond") != 0)
                continue;
            struct error *error = errors_warn(c->errors, &zone->place,
                                              "zone `%s`: nothing comes in by `%s`: it is a port of %s `%s`",
                                              zone->name, port->name, kind, master->name);
            error_hint(c->errors, error, "name `%s`: rules see packets there", master->name);
        }
}

/* Rules that never match */

static const struct addresses *side_addresses(const struct fw_side *side)
{
    return side->form == FW_ZONE  ? &side->zone->networks
           : side->form == FW_SET ? &side->set->addresses
                                  : &side->addresses;
}

static bool side_is_all(const struct fw_side *side)
{
    return side->form == FW_ANY || side->form == FW_HOST; /* of its chain */
}

static bool zone_has(const struct fw_zone *zone, const char *interface)
{
    for (size_t i = 0; zone && i < zone->n_interfaces; i++)
        if (strcmp(zone->interfaces[i], interface) == 0)
            return true;
    return false;
}

static bool side_covers(const struct fw_side *a, const struct fw_side *b)
{
    if (side_is_all(a))
        return true;
    if (side_is_all(b))
        return false;
    for (size_t i = 0; b->zone && i < b->zone->n_interfaces; i++)
        if (!zone_has(a->zone, b->zone->interfaces[i]))
            return false;
    return addresses_cover(side_addresses(a), side_addresses(b));
}

static bool match_covers(const struct fw_match *a, const struct fw_match *b)
{
    if (a->protocol != b->protocol)
        return false;
    if (!a->first && !a->icmp)
        return true;
    return a->icmp ? a->icmp == b->icmp : b->first && a->first <= b->first && b->last <= a->last;
}

static bool matches_cover(const struct fw_matches *a, const struct fw_matches *b)
{
    bool all = !a->n || b->n;
    for (unsigned i = 0; a->n && all && i < b->n; i++) {
        all = false;
        for (unsigned k = 0; k < a->n && !all; k++)
            all = match_covers(&a->list[k], &b->list[i]);
    }
    return all;
}

static bool rule_covers(const struct fw_rule *a, const struct fw_rule *b)
{
    return fw_rule_chain(a) == fw_rule_chain(b) && matches_cover(&a->matches, &b->matches) &&
           side_covers(&a->from, &b->from) && side_covers(&a->to, &b->to);
}

/* Rules in the order of the file, so arranged that one is compared with few of those before it: a rule
 * about one address can only cover one about the same, a rule about one port only one about that port. */
struct earlier {
    const struct fw_rule *rule;
    struct earlier *next;
};

enum { COMPARISONS_MAX = 2 * 1000 * 1000 };

struct shadows {
    struct checker *c;
    struct map narrow; /* key -> struct earlier */
    struct earlier *wide;
    size_t n_compared;
};

static const char *address_key(struct shadows *s, const struct fw_rule *rule)
{
    const struct addresses *addresses = &rule->from.addresses;
    if (rule->from.form != FW_ADDRESSES)
        return NULL;
    const struct range *range = addresses->of[IPV4].n ? addresses->of[IPV4].list : addresses->of[IPV6].list;
    char buffer[IP_TEXT_SIZE];
    return range_is_single(range) ? arena_strdup(&s->c->arena, ip_format(&range->first, buffer)) : NULL;
}

static const char *port_key(struct shadows *s, const struct fw_rule *rule, bool is_only)
{
    const struct fw_match *match = rule->matches.list;
    if (!rule->matches.n || (is_only && rule->matches.n > 1) || !match->first || match->first != match->last)
        return NULL;
    return arena_printf(&s->c->arena, "%u/%u", match->protocol, match->first);
}

static const struct fw_rule *find_cover(struct shadows *s, const struct earlier *list,
                                        const struct fw_rule *rule)
{
    for (; list && s->n_compared++ < COMPARISONS_MAX; list = list->next)
        if (rule_covers(list->rule, rule))
            return list->rule;
    return NULL;
}

static void remember(struct shadows *s, const struct fw_rule *rule)
{
    const char *key = address_key(s, rule);
    if (!key)
        key = port_key(s, rule, true);
    struct earlier *earlier = arena_alloc(&s->c->arena, sizeof *earlier);
    *earlier = (struct earlier){rule, key ? map_get(&s->narrow, key) : s->wide};
    if (key)
        map_set(&s->narrow, key, earlier);
    else
        s->wide = earlier;
}

static unsigned side_families(const struct fw_side *side)
{
    const struct addresses *addresses = side_addresses(side);
    if (side_is_all(side) || (side->form == FW_ZONE && side->zone->n_interfaces) ||
        (side->form == FW_SET && side->set->grows))
        return 3;
    return (addresses->of[IPV4].n ? 1 : 0) | (addresses->of[IPV6].n ? 2 : 0);
}

static unsigned match_families(const struct fw_matches *matches)
{
    unsigned families = matches->n ? 0 : 3;
    for (unsigned i = 0; i < matches->n; i++) {
        const struct fw_icmp *icmp = matches->list[i].icmp;
        families |= !icmp ? 3 : (icmp->ipv4 ? 1U : 0) | (icmp->ipv6 ? 2U : 0);
    }
    return families;
}

static void check_rule(struct shadows *s, const struct fw_rule *rule)
{
    const char *address = address_key(s, rule), *port = port_key(s, rule, false);
    unsigned families =
        side_families(&rule->from) & side_families(&rule->to) & match_families(&rule->matches);
    const struct fw_rule *before = find_cover(s, s->wide, rule);
    if (!before && address)
        before = find_cover(s, map_get(&s->narrow, address), rule);
    if (!before && port)
        before = find_cover(s, map_get(&s->narrow, port), rule);
    if (before && families) {
        struct error *error = errors_warn(s->c->errors, &rule->place,
                                          "`%s` never matches: a rule before it decides", rule->words);
        error_hint(s->c->errors, error, "`%s` at %s:%d:%d", before->words, before->place.file,
                   before->place.line, before->place.column);
    } else if (!families) {
        struct error *error = errors_warn(s->c->errors, &rule->place, "`%s` never matches", rule->words);
        error_hint(s->c->errors, error, "one part of it is about IPv4 only, and another about IPv6");
    }
    remember(s, rule);
}

/* Denials that are about the host only, where ports lead on to guests */

/* Whether a rule denies to what is forwarded what this one denies to the host. */
static bool is_denied_beyond(const struct firewall *fw, const struct fw_rule *rule)
{
    for (const struct fw_rule *other = fw->rules; other; other = other->next)
        if (other->verdict != FW_ACCEPT && fw_rule_chain(other) == FW_FORWARD &&
            side_covers(&other->from, &rule->from))
            return true;
    return false;
}

static void check_denied(struct checker *c, const struct firewall *fw)
{
    for (const struct fw_rule *rule = fw->published ? fw->rules : NULL; rule; rule = rule->next) {
        if (rule->verdict == FW_ACCEPT || fw_rule_chain(rule) != FW_INPUT || rule->to.is_said ||
            rule->from.form == FW_ANY || rule->matches.n || is_denied_beyond(fw, rule))
            continue;
        struct error *error = errors_warn(
            c->errors, &rule->place,
            "`%s` is about this host itself: published ports lead on, and are open to it", rule->words);
        error_hint(c->errors, error, "for those as well: `%s to any`", rule->words);
    }
}

static void check_list(struct checker *c, const struct fw_rule *rules)
{
    struct shadows s = {.c = c};
    for (const struct fw_rule *rule = rules; rule; rule = rule->next)
        check_rule(&s, rule);
    map_done(&s.narrow);
}

void check_firewalls(struct checker *c)
{
    for (const struct firewall *fw = c->topology->firewalls; fw; fw = fw->next) {
        if (fw->is_broken)
            continue;
        check_forwarding(c, fw);
        check_zones(c, fw);
        check_ports_of_zones(c, fw);
        check_list(c, fw->rules);
        check_list(c, fw->policies);
        check_denied(c, fw);
    }
}
