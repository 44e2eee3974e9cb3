/* Guests: the namespaces that are in a network, the names of their interfaces, and their addresses.
 * Addresses that are said come first; then those keep theirs that run with one already; then each of the
 * others gets the next that is free, in the order of the file. */
#include <string.h>

#include "file/networks.h"

/* Addresses */

/* Who has it, in words; NULL: nobody. */
static const char *taken_by(struct reader *r, const struct networks *networks, const struct network *network,
                            const struct ip *ip)
{
    char text[IP_TEXT_SIZE];
    if (network->gateways[ip_family(ip)].family && ip_equal(&network->gateways[ip_family(ip)], ip))
        return arena_printf(r->arena, "the gateway of `%s`", network->name);
    return map_get(&networks->taken, ip_format(ip, text));
}

static void take(struct reader *r, struct networks *networks, const struct ip *ip, const char *who)
{
    char text[IP_TEXT_SIZE];
    map_set(&networks->taken, arena_strdup(r->arena, ip_format(ip, text)), (void *)who);
}

static bool address_fits(struct reader *r, const struct networks *networks, const struct network *network,
                         const struct node *word, const struct prefix *address)
{
    char buffer[PREFIX_TEXT_SIZE], text[IP_TEXT_SIZE];
    const struct prefix *subnet = &network->subnets[ip_family(&address->ip)];
    const char *who = taken_by(r, networks, network, &address->ip);
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
    if (said->said->is_broken || !address_fits(r, networks, network, word, &address))
        return said->said->is_broken;
    if (network->subnets[ip_family(&address.ip)].ip.family)
        address.length = network->subnets[ip_family(&address.ip)].length;
    *slot = address;
    take(r, networks, &address.ip, arena_printf(r->arena, "`%s`", said->scope->ns));
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
            take(r, networks, &prefix.ip,
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
                   said->said->network->name, prefix_format(subnet, buffer), said->scope->ns);
    error_hint(r->errors, error, "give it a larger `subnet`");
    said->said->is_broken = true; /* told once */
}

static bool wants_address(const struct guest_said *said, unsigned family)
{
    const struct network *network = said->said->network;
    return network->subnets[family].ip.family && !said->guest->addresses[family].ip.family &&
           !said->said->is_broken && network->mode != NETWORK_BRIDGED;
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
    if (!ip.family || !subnet_has_host(subnet, &ip) || taken_by(r, networks, network, &ip))
        return;
    said->guest->addresses[family] = (struct prefix){ip, subnet->length};
    take(r, networks, &ip, said->scope->ns);
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
    while (any && taken_by(r, networks, net->network, next))
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
        if (said->is_broken || said->said->is_broken)
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
    if (nearest.best)
        error_hint(r->errors, error, "did you mean `%s`?", nearest.best);
    else
        error_hint(r->errors, error, "describe it at the top of the file: `networks: {%s: {}}`", word->text);
    return NULL;
}

/* An interface that the file describes may get more options, but no other end. */
static bool is_unplugged(struct reader *r, const struct guest_said *said)
{
    static const char *const ends[] = {"bridge", "peer", "master", "type", "bond", "vrf", "parent"};
    const struct node *interfaces = interfaces_of(r, said->scope);
    const char *name = said->guest->interface;
    const struct node *map = interfaces && name ? node_value(interfaces, name) : NULL;
    for (unsigned i = 0; map && node_is_map(map) && i < sizeof ends / sizeof *ends; i++) {
        const struct pair *pair = node_pair(map, ends[i]);
        if (!pair)
            continue;
        struct error *error =
            errors_add(r->errors, &pair->key->place,
                       "`%s` of `%s` is plugged into network `%s`: it cannot have a `%s` too", name,
                       said->scope->ns, said->said->network->name, ends[i]);
        error_hint(r->errors, error, "leave this away, or say another `interface` in `networks`");
        return false;
    }
    return true;
}

static bool guest_settle(struct reader *r, struct networks *networks, struct guest_said *said,
                         const struct node *map)
{
    struct value values[GUEST_OPTIONS] = {0};
    const struct node *nodes[GUEST_OPTIONS] = {0};
    bool good = guest_values_read(r, map, values, nodes);
    const struct node *address = nodes[GUEST_OPTION_ADDRESS];
    for (size_t i = 0; address && i < node_count(address); i++)
        good &= address_read(r, networks, said, node_item(address, i));
    if (values[GUEST_OPTION_MAC].form == VALUE_TEXT)
        said->mac = values[GUEST_OPTION_MAC].text;
    if (values[GUEST_OPTION_INTERFACE].form == VALUE_TEXT)
        said->guest->interface = values[GUEST_OPTION_INTERFACE].text;
    return is_unplugged(r, said) && good;
}

/* `map` may be NULL: nothing but its network. */
static struct guest_said *guest_read(struct reader *r, struct networks *networks, struct scope *scope,
                                     const struct node *name, const struct node *map)
{
    struct network_said *network = want_word(r, name, "networks") ? network_named(r, networks, name) : NULL;
    if (!network) {
        scope_break(r, scope);
        return NULL;
    }
    const struct network_guest *other = network_guest_find(network->network, scope->ns);
    if (other) {
        refuse_twice(r, &name->place, &other->place, "`%s` is in network `%s` twice", scope->ns, name->text);
        return NULL;
    }
    struct network_guest *guest = arena_alloc(r->arena, sizeof *guest), **last = &network->network->guests;
    *guest = (struct network_guest){.ns = scope->ns, .place = name->place};
    while (*last)
        last = &(*last)->next;
    *last = guest;
    struct guest_said *said = arena_alloc(r->arena, sizeof *said);
    *said = (struct guest_said){.guest = guest, .said = network, .scope = scope};
    if (map && !node_is_null(map))
        said->is_broken = !want_form(r, map, NODE_MAP, name->text,
                                     arena_printf(r->arena, "%s: {address: 10.0.0.5}", name->text)) ||
                          !guest_settle(r, networks, said, map);
    if (guest->interface)
        map_set(&networks->names, arena_printf(r->arena, "%s/%s", scope->ns, guest->interface), networks);
    return said;
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
            is_map ? guest_read(r, networks, scope, value->pairs[i].key, value->pairs[i].value)
                   : guest_read(r, networks, scope, node_item(value, i), NULL);
        if (!said)
            continue;
        **last = said;
        *last = &said->next_said;
    }
    for (struct guest_said *said = *first; said; said = said->next_said)
        if (!said->guest->interface)
            said->guest->interface = interface_name(r, networks, scope);
}

void guests_read(struct reader *r, struct networks *networks)
{
    struct guest_said **last = &networks->guests;
    each_scope(r, noted)
    {
        const struct node *interfaces = interfaces_of(r, noted);
        for (size_t i = 0; networks->list && interfaces && i < interfaces->n; i++)
            note_addresses(r, networks, noted, interfaces->pairs[i].value);
    }
    for (struct scope *scope = r->host.next; scope; scope = scope->next)
        scope_read(r, networks, scope, &last);
}
