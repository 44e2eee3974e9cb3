/* What networks ask of the host: that it forwards, and a part of its firewall. The bridge of a network is a
 * zone of the network's name. What is said here is asked last, when no rule of the file has decided:
 *
 *   from a network to itself     pass, unless its guests are kept from each other
 *   nat, routed: to the outside  pass; nat: under the address of the host
 *   routed: from the outside     pass
 *   from or to a network, else   drop
 *   isolated: to the host        its services; the gateway that the file says, as the file's
 *                                default has it; else drop
 *
 * And what is published, which is let through before that, is so for all but isolated networks.
 *
 * A zone is its bridge, and not its subnet too: whoever sends from outside under an address of ours is no
 * guest. */
#include <string.h>

#include "file/firewall.h"
#include "file/networks.h"

/* Zones */

static struct fw_zone *zone_new(struct reader *r, const char *name, const struct place *place, size_t n)
{
    struct fw_zone *zone = arena_alloc(r->arena, sizeof *zone);
    *zone = (struct fw_zone){.name = name, .place = *place};
    zone->interfaces = arena_alloc(r->arena, (n + 1) * sizeof *zone->interfaces);
    return zone;
}

static void zone_add(struct fw_zone *zone, const char *interface)
{
    zone->interfaces[zone->n_interfaces++] = interface;
}

void networks_zones(struct fw_reader *f)
{
    struct fw_zone **last = &f->fw->zones;
    const struct network *network = f->scope == &f->r->host ? f->r->topology->networks : NULL;
    for (; network; network = network->next) {
        if (network->is_on_bridge)
            continue; /* a part of what comes by that bridge */
        *last = zone_new(f->r, network->name, &network->place, 1);
        zone_add(*last, network->bridge);
        last = &(*last)->next;
    }
}

static struct fw_side side_of(const struct fw_zone *zone)
{
    return (struct fw_side){.form = zone ? FW_ZONE : FW_ANY, .zone = zone, .is_said = true};
}

/* The rules */

struct asker {
    struct reader *r;
    struct firewall *fw;
    struct fw_rule **last;
    const struct fw_zone *bridges; /* of all networks that are not bridged */
    const struct fw_zone *outside; /* every interface but these */
};

/* A zone of NULL is anywhere. */
static struct fw_rule *ask(struct asker *a, enum fw_verdict verdict, const struct fw_zone *from,
                           const struct fw_zone *to, const char *words)
{
    struct fw_rule *rule = arena_alloc(a->r->arena, sizeof *rule);
    *rule = (struct fw_rule){.verdict = verdict,
                             .from = side_of(from),
                             .to = side_of(to),
                             .comment = words,
                             .words = words,
                             .place = from ? from->place
                                      : to ? to->place
                                           : a->fw->place};
    *a->last = rule;
    a->last = &rule->next;
    return rule;
}

static const struct fw_zone *zone_named(const struct firewall *fw, const char *name)
{
    const struct fw_zone *zone = fw->zones;
    while (zone && strcmp(zone->name, name) != 0)
        zone = zone->next;
    return zone;
}

static void ask_masquerade(struct asker *a, const struct network *network, const struct fw_zone *outside)
{
    struct fw_nat *nat = arena_alloc(a->r->arena, sizeof *nat), **last = &a->fw->nat;
    *nat = (struct fw_nat){
        .verb = FW_MASQUERADE,
        .from = {.form = FW_ADDRESSES, .is_said = true},
        .to = side_of(outside),
        .words = arena_printf(a->r->arena, "masquerade from %s to %s", network->name, outside->name),
        .place = network->place};
    for (unsigned family = 0; family < FAMILIES; family++) {
        const struct prefix *subnet = &network->subnets[family];
        char buffer[PREFIX_TEXT_SIZE];
        struct range range;
        bool hides = family == IPV4 ? subnet->ip.family != 0 : ip_is_unique_local(&subnet->ip);
        if (hides && range_parse(prefix_format(subnet, buffer), &range) == 0)
            addresses_add(a->r->arena, &nat->from.addresses, &range);
    }
    while (*last)
        last = &(*last)->next;
    if (addresses_any(&nat->from.addresses))
        *last = nat;
}

static void ask_for(struct asker *a, const struct network *network)
{
    struct reader *r = a->r;
    const struct fw_zone *zone = zone_named(a->fw, network->name), *outside = a->outside;
    if (network_is_bridged(network) || !zone)
        return;
    ask(a, network->is_isolated ? FW_DROP : FW_ACCEPT, zone, zone,
        arena_printf(r->arena, network->is_isolated ? "%s: its guests are isolated" : "%s: among its guests",
                     network->name));
    if (!network_leads_out(network))
        return;
    if (network->uplink) {
        struct fw_zone *uplink = zone_new(r, network->uplink, &network->uplink_place, 1);
        zone_add(uplink, network->uplink);
        outside = uplink;
    }
    ask(a, FW_ACCEPT, zone, outside, arena_printf(r->arena, "%s: to %s", network->name, outside->name));
    if (network->mode == NETWORK_ROUTED)
        ask(a, FW_ACCEPT, outside, zone, arena_printf(r->arena, "%s: from %s", network->name, outside->name));
    else
        ask_masquerade(a, network, outside);
}

static bool is_ours(const struct network *network)
{
    return !network_is_bridged(network);
}

static bool is_closed(const struct network *network)
{
    return network->mode == NETWORK_ISOLATED;
}

static struct fw_zone *bridges_of(struct reader *r, const char *name, bool (*has)(const struct network *))
{
    size_t n = 0;
    const struct network *networks = r->topology->networks;
    for (const struct network *network = networks; network; network = network->next)
        n += has(network);
    if (!n)
        return NULL;
    struct fw_zone *zone = zone_new(r, name, &networks->place, n + 1);
    for (const struct network *network = networks; network; network = network->next)
        if (has(network))
            zone_add(zone, network->bridge);
    return zone;
}

static bool is_said(const struct firewall *fw, enum fw_chain chain)
{
    const struct fw_rule *const lists[] = {fw->rules, fw->policies};
    for (unsigned i = 0; i < 2; i++)
        for (const struct fw_rule *rule = lists[i]; rule; rule = rule->next)
            if (fw_rule_chain(rule) == chain)
                return true;
    return fw->defaults[chain] != FW_UNSAID;
}

/* What its guests ask the host, and the answers that belong to no connection. An explicit rule comes
 * before. */
static const struct {
    bool dns;
    enum fw_chain chain;
    struct fw_match match;
    const char *words;
} of_services[] = {
    {true, FW_INPUT, {.protocol = IPPROTO_UDP, .first = 53, .last = 53}, "its guests ask for names"},
    {true, FW_INPUT, {.protocol = IPPROTO_TCP, .first = 53, .last = 53}, "its guests ask for names"},
    {false, FW_INPUT, {.protocol = IPPROTO_UDP, .first = 67, .last = 67}, "its guests ask for addresses"},
    {false, FW_INPUT, {.protocol = IPPROTO_UDP, .first = 547, .last = 547}, "its guests ask for addresses"},
    {false, FW_INPUT, {.protocol = IPPROTO_UDP, .first = 69, .last = 69}, "its guests ask for boot files"},
    {false, FW_OUTPUT, {.protocol = IPPROTO_UDP, .first = 68, .last = 68}, "its guests get addresses"},
    {false, FW_OUTPUT, {.protocol = IPPROTO_UDP, .first = 546, .last = 546}, "its guests get addresses"},
};

static bool needs_match(const struct network *network, const struct fw_match *match, bool dns)
{
    enum { TFTP_PORT = 69 };
    return dns                         ? network->dns.is_on
           : match->first == TFTP_PORT ? network->dhcp.tftp_root != NULL
                                       : network->dhcp.is_on;
}

static void ask_for_services(struct asker *a, const struct network *network)
{
    const struct fw_zone *zone = zone_named(a->fw, network->name);
    const struct fw_side host = {.form = FW_HOST, .is_said = true};
    for (size_t i = 0; zone && i < sizeof of_services / sizeof *of_services; i++) {
        bool is_input = of_services[i].chain == FW_INPUT;
        if (!(is_said(a->fw, of_services[i].chain) || (is_input && is_closed(network))) ||
            !needs_match(network, &of_services[i].match, of_services[i].dns))
            continue;
        struct fw_rule **asked = a->last;
        ask(a, FW_ACCEPT, zone, zone,
            arena_printf(a->r->arena, "%s: %s", network->name, of_services[i].words));
        (*asked)->matches = (struct fw_matches){.list = &of_services[i].match, .n = 1};
        *(is_input ? &(*asked)->to : &(*asked)->from) = host;
    }
}

/* The host need have no address there to be asked: it takes what is sent to any of its addresses. */
static void ask_closed(struct asker *a, const struct network *network)
{
    const struct fw_zone *zone = zone_named(a->fw, network->name);
    struct fw_side host = {.form = FW_HOST, .is_said = true};
    if (!is_closed(network) || !zone)
        return;
    if (network->says_gateway) {
        for (unsigned family = 0; family < FAMILIES; family++) {
            const struct ip *ip = &network->gateways[family];
            if (ip->family)
                addresses_add(a->r->arena, &host.addresses, &(struct range){*ip, *ip});
        }
        enum fw_verdict verdict = a->fw->defaults[FW_INPUT];
        ask(a, verdict == FW_UNSAID ? FW_ACCEPT : verdict, zone, NULL,
            arena_printf(a->r->arena, "%s: to its gateway", network->name))
            ->to = host;
        host.addresses = (struct addresses){0};
    }
    ask(a, FW_DROP, zone, NULL, arena_printf(a->r->arena, "%s: isolated from the host", network->name))->to =
        host;
}

static void ask_all(struct reader *r, struct firewall *fw)
{
    struct fw_zone *bridges = bridges_of(r, "networks", is_ours),
                   *outside = bridges_of(r, "outside", is_ours),
                   *open = bridges_of(r, "but what is isolated", is_closed);
    struct asker a = {.r = r, .fw = fw, .last = &fw->networks, .bridges = bridges, .outside = outside};
    if (!bridges)
        return;
    zone_add(outside, "lo");
    outside->is_all_but = true;
    if (open)
        open->is_all_but = true;
    fw->expected = open;
    fw->only[FW_FORWARD] = is_said(fw, FW_FORWARD) ? NULL : bridges;
    fw->only[FW_INPUT] = is_said(fw, FW_INPUT) ? NULL : bridges_of(r, "isolated", is_closed);
    for (const struct network *network = r->topology->networks; network; network = network->next)
        ask_for_services(&a, network);
    for (const struct network *network = r->topology->networks; network; network = network->next)
        ask_closed(&a, network);
    for (const struct network *network = r->topology->networks; network; network = network->next)
        ask_for(&a, network);
    ask(&a, FW_DROP, bridges, NULL, "from a network to where it does not lead");
    ask(&a, FW_DROP, NULL, bridges, "to a network, unasked");
}

/* Published ports */

/* So that a guest reaches itself too by what is published: where a bridge asks the firewall (br_netfilter),
 * what was translated goes back by the port that it came from. */
static void let_return(struct reader *r, const struct network *network, const struct ip *to)
{
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next) {
        const struct entry *entry = entry_find(r, guest->ns, guest->interface);
        bool is_it = ip_equal(&guest->addresses[ip_family(to)].ip, to);
        if (is_it && entry && entry->port->object && !object_has(entry->port->object, "hairpin"))
            object_set_number(r->model, entry->port->object, "hairpin", 1);
    }
}

static bool can_publish(struct reader *r, const struct network_said *said)
{
    const struct network *network = said->network;
    if (network_leads_out(network) || node_is_null(said->publish))
        return !node_is_null(said->publish);
    struct error *error = errors_add(r->errors, &said->publish->place, "`publish`: network `%s` is %s",
                                     network->name, names_format(network_mode_names, network->mode));
    error_hint(r->errors, error,
               network_is_bridged(network) ? "its guests are reached under their own addresses"
                                           : "say `mode: nat` for guests that are reached from outside");
    return false;
}

/* `fw` may be NULL where all networks are bridged. */
static void publish(struct reader *r, struct firewall *fw, const struct network_said *said)
{
    struct fw_reader f = {.r = r, .scope = &r->host, .fw = fw, .network = said->network};
    if (!said->publish || said->is_unaddressed || said->is_full || !can_publish(r, said) || !fw)
        return;
    struct fw_publish **last = &fw->published;
    while (*last)
        last = &(*last)->next;
    for (size_t i = 0; i < node_count(said->publish); i++) {
        struct fw_publish *one = arena_alloc(r->arena, sizeof *one);
        if (!publish_read(&f, node_item(said->publish, i), one))
            continue;
        *last = one;
        last = &one->next;
        let_return(r, said->network, &one->to);
    }
}

/* The whole */

static void put_forwarding(struct reader *r, const struct network *network, unsigned family)
{
    static const char *const names[FAMILIES] = {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"};
    const struct object *said = model_get(r->model, CLASS_SYSCTL, HOST, names[family]);
    if (said && strcmp(object_text(said, "value"), "0") == 0) {
        struct error *error =
            errors_add(r->errors, &said->place, "network `%s` is %s, and the host does not forward",
                       network->name, names_format(network_mode_names, network->mode));
        error_hint(r->errors, error, "leave this away, or say `mode: isolated`");
    }
    if (said)
        return;
    struct object *sysctl = model_new(r->model, classes[CLASS_SYSCTL], NULL, HOST);
    object_set_text(r->model, sysctl, "name", names[family]);
    object_set_text(r->model, sysctl, "value", "1");
    object_put(r, sysctl, &network->place);
}

static bool has_ipv6(const struct reader *r, const char *bridge)
{
    for (const struct object *o = map_get(&r->model->namespaces, HOST); o; o = o->next_in_ns) {
        const char *dev = object_dev(o);
        if (o->class->id == CLASS_ADDRESS && dev && strcmp(dev, bridge) == 0 &&
            ip_text_is_ipv6(object_text(o, "address")))
            return true;
    }
    return false;
}

/* Without it the bridge has a link-local address, and believes a guest that says it is a router. */
static void put_no_ipv6(struct reader *r, const struct network *network)
{
    const char *name = arena_printf(r->arena, "net/ipv6/conf/%s/disable_ipv6", network->bridge);
    if (!is_closed(network) || has_ipv6(r, network->bridge) ||
        model_get(r->model, CLASS_SYSCTL, HOST, name) || ipv6_is_lacking(r))
        return;
    struct object *sysctl = model_new(r->model, classes[CLASS_SYSCTL], NULL, HOST);
    object_set_text(r->model, sysctl, "name", name);
    object_set_text(r->model, sysctl, "value", "1");
    object_set_text(r->model, sysctl, "dev", network->bridge);
    object_put(r, sysctl, &network->place);
}

/* Any interface can be there without the file, also later; one that is nearly one of the file's was meant to
 * be it. */
static void warn_uplink(struct reader *r, const struct network *network)
{
    struct nearest nearest = {.word = network->uplink};
    if (!network->uplink || !network_leads_out(network) || entry_find(r, HOST, network->uplink) ||
        r->host.unread || interface_is_there(r, &r->host, network->uplink))
        return;
    for (const struct entry *entry = r->host.first; entry; entry = entry->next)
        nearest_offer(&nearest, entry->name);
    struct error *error = errors_warn(r->errors, &network->uplink_place,
                                      "`uplink`: no interface `%s` is in this file", network->uplink);
    if (!error_hint_nearest(r->errors, error, nearest.best))
        error_hint(r->errors, error, "describe one that exists already: `%s: {type: physical}`",
                   network->uplink);
}

void networks_finish(struct reader *r)
{
    struct firewall *fw = r->topology->firewalls;
    size_t before = r->errors->n_errors;
    bool any = false;
    for (const struct network *network = r->topology->networks; network; network = network->next) {
        any |= !network_is_bridged(network);
        warn_uplink(r, network);
        put_no_ipv6(r, network);
        for (unsigned family = 0; network_leads_out(network) && family < FAMILIES; family++)
            if (network->subnets[family].ip.family)
                put_forwarding(r, network, family);
    }
    while (fw && strcmp(fw->ns, HOST) != 0)
        fw = fw->next;
    if (!fw && any)
        fw = firewall_new(r, &r->host, &r->topology->networks->place);
    if (fw)
        ask_all(r, fw);
    for (const struct network_said *said = r->networks->list; said; said = said->next_said)
        publish(r, fw, said);
    services_finish(r, r->networks);
    for (const struct network_said *said = r->networks->list; fw && said; said = said->next_said)
        fw->is_broken |= said->is_broken || r->errors->n_errors > before;
    guards_make(r);
}
