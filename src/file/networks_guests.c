/* Guests: the namespaces that are in a network, the names of their interfaces, and their addresses.
 * Addresses that are said come first; then those keep theirs that run with one already; then each of the
 * others gets the next that is free, in the order of the file. */
#include <stdlib.h>
#include <string.h>

#include "file/networks.h"
#include "model/dnsmasq.h"

/* Addresses */

const char *address_taken_by(struct reader *r, const struct networks *networks, const struct network *network,
                             const struct ip *ip)
{
    char text[IP_TEXT_SIZE];
    if (network->gateways[ip_family(ip)].family && ip_equal(&network->gateways[ip_family(ip)], ip))
        return arena_printf(r->arena, "the gateway of `%s`", network->name);
    return map_get(&networks->taken, ip_format(ip, text));
}

void address_take(struct reader *r, struct networks *networks, const struct ip *ip, const char *who)
{
    char text[IP_TEXT_SIZE];
    map_set(&networks->taken, arena_strdup(r->arena, ip_format(ip, text)), (void *)who);
}

static bool address_fits(struct reader *r, const struct networks *networks, const struct network *network,
                         const struct node *word, const struct prefix *address)
{
    char buffer[PREFIX_TEXT_SIZE], text[IP_TEXT_SIZE];
    const struct prefix *subnet = &network->subnets[ip_family(&address->ip)];
    const char *who = address_taken_by(r, networks, network, &address->ip);
    bool is_said = strchr(word->text, '/');
    struct error *error;
    if (who) {
        errors_add(r->errors, &word->place, "address %s is taken: %s has it", ip_format(&address->ip, text),
                   who);
    } else if (is_said && subnet->ip.family) {
        error = errors_add(r->errors, &word->place,
                           "`address`: the subnet of `%s` says the length of the prefix", network->name);
        error_hint(r->errors, error, "leave `/%u` away", address->length);
    } else if (!is_said && !subnet->ip.family) {
        error = errors_add(r->errors, &word->place,
                           "`address`: `%s` has no subnet of IPv%u, so %s needs a length", network->name,
                           address->ip.family, word->text);
        error_hint(r->errors, error, "for example: `%s/%u`", word->text, address->ip.family == 4 ? 24 : 64);
    } else if (subnet->ip.family && !subnet_has_host(subnet, &address->ip)) {
        errors_add(r->errors, &word->place, "address %s is none of a host in %s, the subnet of `%s`",
                   ip_format(&address->ip, text), prefix_format(subnet, buffer), network->name);
    } else {
        return true;
    }
    return false;
}

static bool address_read(struct reader *r, struct networks *networks, struct guest_said *said,
                         const struct node *word)
{
    struct prefix address;
    const struct network *network = said->said->network;
    if (!want_word(r, word, "address"))
        return false;
    if (prefix_parse(word->text, &address) < 0) {
        errors_add(r->errors, &word->place, "`address` cannot be `%s`: expected %s", word->text,
                   "an IP address like 10.0.0.5 or fd00::5");
        return false;
    }
    struct prefix *slot = &said->guest->addresses[ip_family(&address.ip)];
    if (slot->ip.family) {
        errors_add(r->errors, &word->place, "`address`: one of each family, and there are two of IPv%u",
                   address.ip.family);
        return false;
    }
    if (said->said->is_unaddressed || !address_fits(r, networks, network, word, &address))
        return said->said->is_unaddressed;
    if (network->subnets[ip_family(&address.ip)].ip.family)
        address.length = network->subnets[ip_family(&address.ip)].length;
    *slot = address;
    address_take(r, networks, &address.ip, arena_printf(r->arena, "`%s`", said->guest->name));
    return true;
}

/* Addresses that the file gives by hand, on whatever interface: nobody else gets them. */
static void note_addresses(struct reader *r, struct networks *networks, const struct scope *scope,
                           const struct node *map)
{
    const struct node *addresses = node_is_map(map) ? node_value(map, "addresses") : NULL;
    for (size_t i = 0; addresses && !node_is_map(addresses) && i < node_count(addresses); i++) {
        const struct node *item = node_item(addresses, i);
        const struct node *word = node_is_map(item) ? node_value(item, "address") : item;
        struct prefix prefix;
        if (word && node_is_scalar(word) && prefix_parse(word->text, &prefix) == 0)
            address_take(r, networks, &prefix.ip,
                         scope == &r->host ? "the host" : arena_printf(r->arena, "`%s`", scope->ns));
    }
}

static const struct node *interfaces_of(const struct reader *r, const struct scope *scope)
{
    const struct pair *pair =
        section_pair(scope->sections, "interfaces", scope == &r->host ? AT_TOP : AT_NAMESPACE);
    return pair && node_is_map(pair->value) ? pair->value : NULL;
}

static void refuse_full(struct reader *r, const struct guest_said *said, const struct prefix *subnet)
{
    char buffer[PREFIX_TEXT_SIZE];
    struct error *error =
        errors_add(r->errors, &said->guest->place, "network `%s` is full: %s has no address left for `%s`",
                   said->said->network->name, prefix_format(subnet, buffer), said->guest->name);
    error_hint(r->errors, error,
               said->said->network->dhcp.is_on ? "give it a larger `subnet`, or `dhcp` a smaller `range`"
                                               : "give it a larger `subnet`");
    said->said->is_broken = said->said->is_full = true; /* told once */
}

static bool is_given_away(const struct network *network, const struct ip *ip)
{
    const struct range *range = &network->dhcp.ranges[ip_family(ip)];
    return range->first.family && memcmp(ip->bytes, range->first.bytes, ip_size(ip)) >= 0 &&
           memcmp(ip->bytes, range->last.bytes, ip_size(ip)) <= 0;
}

static bool wants_address(const struct guest_said *said, unsigned family)
{
    const struct network *network = said->said->network;
    return network->subnets[family].ip.family && !said->guest->addresses[family].ip.family &&
           !said->said->is_unaddressed && !said->said->is_full && !network_is_bridged(network) &&
           !said->guest->is_client;
}

/* What runs does not notice that the file has others before it now. */
static void keep_address(struct reader *r, struct networks *networks, struct guest_said *said,
                         unsigned family)
{
    const struct network *network = said->said->network;
    const struct prefix *subnet = &network->subnets[family];
    if (!r->there || !r->topology->name || !wants_address(said, family))
        return;
    struct ip ip = r->there->address(r->there->userdata, r->topology->name, said->scope->ns,
                                     said->guest->interface, subnet);
    if (!ip.family || !subnet_has_host(subnet, &ip) || address_taken_by(r, networks, network, &ip))
        return;
    said->guest->addresses[family] = (struct prefix){ip, subnet->length};
    address_take(r, networks, &ip, arena_printf(r->arena, "`%s`", said->guest->name));
}

static void number_guest(struct reader *r, struct networks *networks, struct guest_said *said,
                         unsigned family)
{
    struct network_said *net = said->said;
    const struct prefix *subnet = &net->network->subnets[family];
    struct ip *next = &net->next[family];
    if (!wants_address(said, family))
        return;
    bool any = true;
    if (!next->family)
        *next = subnet_first(subnet);
    else
        any = subnet_next(subnet, next);
    while (any && (address_taken_by(r, networks, net->network, next) || is_given_away(net->network, next)))
        any = subnet_next(subnet, next);
    if (any)
        said->guest->addresses[family] = (struct prefix){*next, subnet->length};
    else
        refuse_full(r, said, subnet);
}

void guests_number(struct reader *r, struct networks *networks)
{
    for (struct guest_said *said = networks->guests; said; said = said->next_said)
        for (unsigned family = 0; family < FAMILIES; family++)
            keep_address(r, networks, said, family);
    for (struct guest_said *said = networks->guests; said; said = said->next_said)
        for (unsigned family = 0; family < FAMILIES; family++)
            number_guest(r, networks, said, family);
    for (struct guest_said *said = networks->guests; said; said = said->next_said)
        if ((said->is_broken || said->said->is_broken) && said->scope != &r->host)
            scope_break(r, said->scope); /* what it lacks is only the consequence */
}

/* Names of interfaces */

static const char *interface_name(struct reader *r, struct networks *networks, const struct scope *scope)
{
    const struct node *interfaces = interfaces_of(r, scope);
    for (unsigned i = 0;; i++) {
        const char *name = arena_printf(r->arena, "eth%u", i);
        const char *ref = arena_printf(r->arena, "%s/%s", scope->ns, name);
        if (map_has(&networks->names, ref) || (interfaces && node_pair(interfaces, name)))
            continue;
        map_set(&networks->names, ref, networks);
        return name;
    }
}

/* Guests */

static struct network_said *network_named(struct reader *r, const struct networks *networks,
                                          const struct node *word)
{
    struct network_said *said = map_get(&networks->by_name, word->text);
    if (said)
        return said;
    struct error *error = errors_add(r->errors, &word->place, "there is no network `%s`", word->text);
    struct nearest nearest = {.word = word->text};
    for (const struct network_said *other = networks->list; other && may_guess(r); other = other->next_said)
        nearest_offer(&nearest, other->network->name);
    if (!error_hint_nearest(r->errors, error, nearest.best))
        error_hint(r->errors, error, "describe it at the top of the file: `networks: {%s: {}}`", word->text);
    return NULL;
}

/* An interface that the file describes may get more options, but no other end; one of the host is of whatever
 * kind, and is plugged in nowhere else. */
static bool is_unplugged(struct reader *r, const struct guest_said *said)
{
    static const char *const ends[] = {"bridge", "master", "bond",   "vrf", "vlan",
                                       "peer",   "type",   "parent", NULL};
    enum { PLUGS = 5 };
    unsigned n = said->scope == &r->host ? PLUGS : sizeof ends / sizeof *ends - 1;
    const struct node *interfaces = interfaces_of(r, said->scope);
    const char *name = said->guest->interface;
    const struct node *map = interfaces && name ? node_value(interfaces, name) : NULL;
    for (unsigned i = 0; map && node_is_map(map) && i < n; i++) {
        const struct pair *pair = node_pair(map, ends[i]);
        if (!pair)
            continue;
        struct error *error =
            errors_add(r->errors, &pair->key->place,
                       "`%s` of `%s` is plugged into network `%s`: it cannot have a `%s` too", name,
                       said->scope->ns, said->said->network->name, ends[i]);
        error_hint(r->errors, error,
                   said->scope == &r->host ? "leave this or its `network` away"
                                           : "leave this away, or say another `interface` in `networks`");
        return false;
    }
    return true;
}

/* "100mbit" in bytes a second, of which tc(8) counts 1000 to the next unit. */
static bool rate_read(struct reader *r, const struct node *node, const char *text, int64_t *ret_rate)
{
    static const struct name units[] = {{"kbit", 1000}, {"mbit", 1000000}, {"gbit", 1000000000}, {NULL, 0}};
    enum { DIGITS_MAX = 6, BITS = 8 };
    size_t digits = strspn(text, "0123456789");
    int64_t unit, number = digits && digits <= DIGITS_MAX ? strtol(text, NULL, 10) : 0;
    if (number && names_parse(units, text + digits, &unit) == 0) {
        *ret_rate = number * unit / BITS;
        return true;
    }
    errors_add(r->errors, &node->place,
               "`rate` cannot be `%s`: expected a number with kbit, mbit or gbit, like 100mbit", text);
    return false;
}

static bool also_read(struct reader *r, struct network_guest *guest, const struct node *word)
{
    struct range range;
    if (range_parse(word->text, &range) == 0) {
        addresses_add(r->arena, &guest->also, &range);
        return true;
    }
    errors_add(r->errors, &word->place, "`also` cannot be `%s`: expected an address, network or range",
               word->text);
    return false;
}

static bool name_settle(struct reader *r, struct guest_said *said, const struct node *node, const char *name)
{
    const struct network_guest *other = network_guest_find(said->said->network, name);
    struct error *error;
    if (said->scope != &r->host) {
        error = errors_add(r->errors, &node->place, "`name`: a namespace has its own, `%s`", said->scope->ns);
        error_hint(r->errors, error, "leave it away");
    } else if (other && other != said->guest) {
        refuse_twice(r, &node->place, &other->place, "network `%s` has a guest `%s` already",
                     said->said->network->name, name);
    } else {
        said->guest->name = name;
        return true;
    }
    return false;
}

static bool interface_settle(struct reader *r, struct guest_said *said, const struct node *node,
                             const char *name)
{
    if (said->scope != &r->host) {
        said->guest->interface = name;
        return true;
    }
    struct error *error = errors_add(
        r->errors, &node->place, "`interface`: it is the one that says this, `%s`", said->guest->interface);
    error_hint(r->errors, error, "leave it away");
    return false;
}

static bool is_set(const struct value *value, bool fallback)
{
    return value->form == VALUE_NUMBER ? value->number : fallback;
}

/* Somebody answers it, and keeps the address for it. */
static bool guest_may_ask(struct reader *r, const struct guest_said *said, const struct node *dhcp,
                          const struct node *address)
{
    const struct network *network = said->said->network;
    bool is_bridged = network_is_bridged(network);
    if (is_bridged ? !address : network->dhcp.is_on)
        return true;
    struct error *error =
        is_bridged
            ? errors_add(r->errors, &address->place,
                         "`address`: `%s` asks for one, and network `%s` has its DHCP server elsewhere",
                         said->guest->name, network->name)
            : errors_add(r->errors, &dhcp->place, "`dhcp`: network `%s` has no DHCP server", network->name);
    error_hint(r->errors, error,
               is_bridged
                   ? "leave it away, or `dhcp`"
                   : "say `dhcp: true` in the network too, or leave it away here: then it gets an address");
    return false;
}

/* What stands in its map. */
static bool guest_settle(struct reader *r, struct networks *networks, struct guest_said *said,
                         const struct node *map)
{
    struct value values[GUEST_OPTIONS] = {0};
    const struct node *nodes[GUEST_OPTIONS] = {0};
    struct network_guest *guest = said->guest;
    bool good = guest_values_read(r, map, values, nodes);
    const struct node *address = nodes[GUEST_OPTION_ADDRESS], *also = nodes[GUEST_OPTION_ALSO];
    for (size_t i = 0; address && i < node_count(address); i++)
        good &= address_read(r, networks, said, node_item(address, i));
    for (size_t i = 0; also && values[GUEST_OPTION_ALSO].form && i < node_count(also); i++)
        good &= also_read(r, guest, node_item(also, i));
    if (values[GUEST_OPTION_MAC].form == VALUE_TEXT)
        guest->mac = values[GUEST_OPTION_MAC].text;
    if (values[GUEST_OPTION_INTERFACE].form == VALUE_TEXT)
        good &= interface_settle(r, said, nodes[GUEST_OPTION_INTERFACE], values[GUEST_OPTION_INTERFACE].text);
    if (values[GUEST_OPTION_NAME].form == VALUE_TEXT)
        good &= name_settle(r, said, nodes[GUEST_OPTION_NAME], values[GUEST_OPTION_NAME].text);
    if (values[GUEST_OPTION_RATE].form == VALUE_TEXT)
        good &= rate_read(r, nodes[GUEST_OPTION_RATE], values[GUEST_OPTION_RATE].text, &guest->rate);
    guest->is_isolated = is_set(&values[GUEST_OPTION_ISOLATED], guest->is_isolated);
    guest->is_guarded = is_set(&values[GUEST_OPTION_ANTI_SPOOFING], guest->is_guarded);
    if (values[GUEST_OPTION_DHCP].form == VALUE_NUMBER)
        guest->is_client = values[GUEST_OPTION_DHCP].number;
    if (guest->is_client && !said->said->is_broken)
        good &= guest_may_ask(r, said, nodes[GUEST_OPTION_DHCP], address);
    return is_unplugged(r, said) && good;
}

static struct guest_said *guest_new(struct reader *r, struct network_said *said, struct scope *scope,
                                    const char *name, const struct place *place)
{
    struct network *network = said->network;
    struct network_guest *guest = arena_alloc(r->arena, sizeof *guest), **last = &network->guests;
    *guest = (struct network_guest){.name = name,
                                    .ns = scope->ns,
                                    .is_isolated = network->is_isolated,
                                    .is_guarded = network->is_guarded,
                                    .place = *place};
    while (*last)
        last = &(*last)->next;
    *last = guest;
    struct guest_said *guest_said = arena_alloc(r->arena, sizeof *guest_said);
    *guest_said = (struct guest_said){.guest = guest, .said = said, .scope = scope};
    return guest_said;
}

/* `map` may be NULL: nothing but its network. `interface`: that of the host by which it is in it; NULL: it is
 * a namespace, and gets one. */
static struct guest_said *guest_read(struct reader *r, struct networks *networks, struct scope *scope,
                                     const char *interface, const struct node *name, const struct node *map)
{
    const char *key = interface ? "network" : "networks", *who = interface ? interface : scope->ns;
    struct network_said *network = want_word(r, name, key) ? network_named(r, networks, name) : NULL;
    const struct network_guest *other = network ? network_guest_find(network->network, who) : NULL;
    if (!network && !interface)
        scope_break(r, scope);
    if (other)
        refuse_twice(r, &name->place, &other->place, "`%s` is in network `%s` twice", who, name->text);
    if (!network || other)
        return NULL;
    struct guest_said *said = guest_new(r, network, scope, who, &name->place);
    said->guest->interface = interface;
    if (map && !node_is_null(map))
        said->is_broken = !want_form(r, map, NODE_MAP, name->text,
                                     arena_printf(r->arena, "%s: {address: 10.0.0.5}", name->text)) ||
                          !guest_settle(r, networks, said, map);
    else
        said->is_broken = !is_unplugged(r, said);
    if (said->guest->interface)
        map_set(&networks->names, arena_printf(r->arena, "%s/%s", scope->ns, said->guest->interface),
                networks);
    return said;
}

static const char *chosen_mac(struct reader *r, const struct network_guest *guest)
{
    char text[MAC_TEXT_SIZE];
    struct mac mac = guest_mac(r->topology->name ? r->topology->name : "", guest->ns, guest->interface);
    return arena_strdup(r->arena, mac_format(&mac, text));
}

/* It must be known by one: to its guard, or to a DHCP server that keeps an address for it and cannot know it
 * by its name. */
static bool needs_mac(const struct network_guest *guest)
{
    bool has_address = guest->addresses[IPV4].ip.family || guest->addresses[IPV6].ip.family;
    return guest->is_guarded || (guest->is_client && has_address && !dnsmasq_can_name(guest->name));
}

/* A list of names, or a map of what each says. */
static void scope_read(struct reader *r, struct networks *networks, struct scope *scope,
                       struct guest_said ***last)
{
    const struct pair *pair = section_pair(scope->sections, "networks", AT_NAMESPACE);
    const struct node *value = pair ? pair->value : NULL;
    struct guest_said **first = *last;
    bool is_map = value && node_is_map(value);
    for (size_t i = 0; value && i < (is_map ? value->n : node_count(value)); i++) {
        struct guest_said *said =
            is_map ? guest_read(r, networks, scope, NULL, value->pairs[i].key, value->pairs[i].value)
                   : guest_read(r, networks, scope, NULL, node_item(value, i), NULL);
        if (!said)
            continue;
        **last = said;
        *last = &said->next_said;
    }
    for (struct guest_said *said = *first; said; said = said->next_said) {
        if (!said->guest->interface)
            said->guest->interface = interface_name(r, networks, scope);
        if (!said->guest->mac && needs_mac(said->guest))
            said->guest->mac = chosen_mac(r, said->guest);
    }
}

/* Interfaces of the host that are in a network, each in one. */
static void port_read(struct reader *r, struct networks *networks, const struct pair *interface,
                      struct guest_said ***last)
{
    const struct node *value = node_is_map(interface->value) ? node_value(interface->value, "network") : NULL;
    bool is_map = value && node_is_map(value), is_one = value && (is_map ? value->n : node_count(value)) == 1;
    if (!value || node_is_null(value))
        return;
    if (!is_one) {
        struct error *error =
            errors_add(r->errors, &value->place, "`%s` is in one network", interface->key->text);
        error_hint(r->errors, error,
                   "for example: `network: guests`, or `network: {guests: {address: 10.0.0.5}}`");
        return;
    }
    **last =
        guest_read(r, networks, &r->host, interface->key->text,
                   is_map ? value->pairs->key : node_item(value, 0), is_map ? value->pairs->value : NULL);
    if (**last)
        *last = &(**last)->next_said;
}

static void refuse_port(struct reader *r, const struct scope *scope, const struct pair *interface)
{
    const struct pair *pair = node_is_map(interface->value) ? node_pair(interface->value, "network") : NULL;
    if (!pair)
        return;
    struct error *error =
        errors_add(r->errors, &pair->key->place, "`network` is said of interfaces of the host");
    error_hint(r->errors, error, "of a namespace: `%s: {networks: {NAME: {interface: %s}}}`", scope->ns,
               interface->key->text);
}

void guests_read(struct reader *r, struct networks *networks)
{
    struct guest_said **last = &networks->guests;
    const struct node *ports = interfaces_of(r, &r->host);
    each_scope(r, noted)
    {
        const struct node *interfaces = interfaces_of(r, noted);
        for (size_t i = 0; networks->list && interfaces && i < interfaces->n; i++)
            note_addresses(r, networks, noted, interfaces->pairs[i].value);
        for (size_t i = 0; noted != &r->host && interfaces && i < interfaces->n; i++)
            refuse_port(r, noted, &interfaces->pairs[i]);
    }
    for (struct scope *scope = r->host.next; scope; scope = scope->next)
        scope_read(r, networks, scope, &last);
    for (size_t i = 0; ports && i < ports->n; i++)
        port_read(r, networks, &ports->pairs[i], &last);
}
