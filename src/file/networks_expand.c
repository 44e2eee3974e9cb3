/* Networks as a person would write them without this word: the bridge among the interfaces of the host, and
 * in each guest an interface that is plugged into it. What the file itself says of these interfaces is
 * kept. */
#include <string.h>

#include "file/networks.h"

struct expansion {
    struct reader *r;
    struct node *map; /* of what is added */
    const struct place *place;
};

static struct node *scalar(const struct expansion *x, const char *text)
{
    return node_new_scalar(x->r->arena, text, x->place);
}

static void say(const struct expansion *x, const char *key, struct node *value)
{
    node_add_pair(x->r->arena, x->map, scalar(x, key), value);
}

static void say_word(const struct expansion *x, const char *key, const char *text)
{
    say(x, key, scalar(x, text));
}

static void say_number(const struct expansion *x, const char *key, int64_t number)
{
    say_word(x, key, arena_printf(x->r->arena, "%lld", (long long)number));
}

static void say_mtu(const struct expansion *x, const struct network *network)
{
    if (network->mtu)
        say_number(x, "mtu", network->mtu);
}

static struct expansion expansion_new(struct reader *r, const struct place *place)
{
    return (struct expansion){r, node_new(r->arena, NODE_MAP, place), place};
}

/* Joining */

static struct node *joined_lists(struct reader *r, const struct node *a, const struct node *b)
{
    struct node *list = node_new(r->arena, NODE_LIST, &a->place);
    for (size_t i = 0; i < node_count(a); i++)
        node_add_item(r->arena, list, (struct node *)node_item(a, i));
    for (size_t i = 0; i < node_count(b); i++)
        node_add_item(r->arena, list, (struct node *)node_item(b, i));
    return list;
}

/* A copy of a map, with what it does not say itself; lists of addresses and ports become one. */
static struct node *joined_maps(struct reader *r, const struct node *said, const struct node *more)
{
    struct node *map = node_new(r->arena, NODE_MAP, &said->place);
    for (size_t i = 0; i < said->n; i++) {
        const struct pair *pair = &said->pairs[i];
        const struct node *other = node_value(more, pair->key->text);
        bool both = other &&
                    (strcmp(pair->key->text, "addresses") == 0 || strcmp(pair->key->text, "ports") == 0) &&
                    !node_is_map(pair->value);
        node_add_pair(r->arena, map, pair->key, both ? joined_lists(r, other, pair->value) : pair->value);
    }
    for (size_t i = 0; i < more->n; i++)
        if (!node_pair(said, more->pairs[i].key->text))
            node_add_pair(r->arena, map, more->pairs[i].key, more->pairs[i].value);
    return map;
}

/* The sections of a scope with interfaces more. Each of its names is looked up once. */
static void scope_join(struct reader *r, struct scope *scope, const struct node *more)
{
    unsigned at = scope == &r->host ? AT_TOP : AT_NAMESPACE;
    const struct pair *pair = section_pair(scope->sections, "interfaces", at);
    struct node *sections = node_new(r->arena, NODE_MAP, &scope->sections->place);
    struct node *interfaces = node_new(r->arena, NODE_MAP, &scope->sections->place);
    const struct node *said = pair ? pair->value : NULL;
    CLEANUP_MAP struct map added = {0};
    if (!more->n || (said && !node_is_map(said) && !node_is_null(said)))
        return;
    for (size_t i = 0; i < more->n; i++)
        map_set(&added, more->pairs[i].key->text, more->pairs[i].value);
    for (size_t i = 0; said && node_is_map(said) && i < said->n; i++) {
        const struct pair *one = &said->pairs[i];
        const struct node *extra = map_get(&added, one->key->text);
        struct node *value = one->value;
        if (extra && node_is_map(value))
            value = joined_maps(r, value, extra);
        else if (extra && node_is_null(value))
            value = (struct node *)extra;
        map_remove(&added, one->key->text);
        node_add_pair(r->arena, interfaces, one->key, value);
    }
    for (size_t i = 0; i < more->n; i++)
        if (map_has(&added, more->pairs[i].key->text))
            node_add_pair(r->arena, interfaces, more->pairs[i].key, more->pairs[i].value);
    for (size_t i = 0; i < scope->sections->n; i++)
        if (!pair || scope->sections->pairs[i].key != pair->key)
            node_add_pair(r->arena, sections, scope->sections->pairs[i].key, scope->sections->pairs[i].value);
    node_add_pair(r->arena, sections,
                  node_new_scalar(r->arena, "interfaces", pair ? &pair->key->place : &scope->place),
                  interfaces);
    scope->sections = sections;
}

/* The bridge */

static struct node *list_of(const struct expansion *x, const char *text)
{
    struct node *list = node_new(x->r->arena, NODE_LIST, x->place);
    node_add_item(x->r->arena, list, scalar(x, text));
    return list;
}

static struct node *bridge_addresses(const struct expansion *x, const struct network *network)
{
    struct node *list = node_new(x->r->arena, NODE_LIST, x->place);
    for (unsigned family = 0; family < FAMILIES; family++) {
        char buffer[PREFIX_TEXT_SIZE];
        const struct prefix address = {network->gateways[family], network->subnets[family].length};
        if (address.ip.family && !network_is_bridged(network))
            node_add_item(x->r->arena, list,
                          scalar(x, arena_strdup(x->r->arena, prefix_format(&address, buffer))));
    }
    return list;
}

static struct node *bridge_keys(struct reader *r, const struct network *network)
{
    struct expansion x = expansion_new(r, &network->place);
    struct node *addresses = bridge_addresses(&x, network);
    say_word(&x, "type", "bridge");
    if (network_is_bridged(network) && network->uplink)
        say(&x, "ports", list_of(&x, network_port(r, network)));
    if (addresses->n)
        say(&x, "addresses", addresses);
    say_mtu(&x, network);
    return x.map;
}

/* The interface that is the VLAN, and the uplink below it where the file does not describe that. */
static void say_vlan(const struct expansion *x, const struct network *network)
{
    const struct expansion port = expansion_new(x->r, x->place), uplink = expansion_new(x->r, x->place);
    say_word(&port, "type", "vlan");
    say_word(&port, "parent", network->uplink);
    say_number(&port, "id", network->vlan);
    say_mtu(&port, network);
    say(x, network_port(x->r, network), port.map);
    say_word(&uplink, "type", "physical");
    if (!interface_is_said(x->r, network->uplink) && !node_value(x->map, network->uplink))
        say(x, network->uplink, uplink.map);
}

static void network_expand(struct reader *r, const struct network *network, struct node *host)
{
    const struct expansion x = {r, host, &network->place};
    if (network->is_on_bridge || node_value(host, network->bridge))
        return;
    say(&x, network->bridge, bridge_keys(r, network));
    if (network->mode == NETWORK_VLAN && network->uplink && network->vlan)
        say_vlan(&x, network);
}

/* Guests */

/* Whether the file itself, or somebody else, gives a namespace a default route of the family. */
static bool says_default(const struct scope *scope, unsigned family)
{
    if (scope->led & 1U << family)
        return true;
    const struct node *routes = node_value(scope->sections, "routes"),
                      *interfaces = node_value(scope->sections, "interfaces");
    for (size_t i = 0; routes && node_is_list(routes) && i < routes->n; i++) {
        const struct node *route = routes->items[i],
                          *to = node_is_map(route) ? node_value(route, "to") : NULL;
        const struct node *via = to ? node_value(route, "via") : NULL;
        if (to && node_is_scalar(to) && strcmp(to->text, "default") == 0 && via && node_is_scalar(via) &&
            ip_text_is_ipv6(via->text) == (family == IPV6) && !node_value(route, "table"))
            return true;
    }
    for (size_t i = 0; interfaces && node_is_map(interfaces) && i < interfaces->n; i++) {
        const struct node *map = interfaces->pairs[i].value;
        const struct node *gateway = node_is_map(map) ? node_value(map, "gateway") : NULL;
        for (size_t k = 0; gateway && k < node_count(gateway); k++)
            if (node_is_scalar(node_item(gateway, k)) &&
                ip_text_is_ipv6(node_item(gateway, k)->text) == (family == IPV6))
                return true;
    }
    return false;
}

/* `has` is by family whether there is a default route already: the first network that leads out decides. */
static void say_gateways(const struct expansion *x, const struct guest_said *said, bool has[FAMILIES])
{
    const struct network *network = said->said->network;
    struct node *gateways = node_new(x->r->arena, NODE_LIST, x->place);
    for (unsigned family = 0; family < FAMILIES; family++) {
        char buffer[IP_TEXT_SIZE];
        const struct ip *gateway = &network->gateways[family];
        if (has[family] || network->mode == NETWORK_ISOLATED || !gateway->family ||
            !said->guest->addresses[family].ip.family)
            continue;
        has[family] = true;
        node_add_item(x->r->arena, gateways,
                      scalar(x, arena_strdup(x->r->arena, ip_format(gateway, buffer))));
    }
    if (gateways->n)
        say(x, "gateway", gateways);
}

static void say_addresses(const struct expansion *x, const struct network_guest *guest)
{
    struct node *addresses = node_new(x->r->arena, NODE_LIST, x->place);
    for (unsigned family = 0; family < FAMILIES; family++) {
        char buffer[PREFIX_TEXT_SIZE];
        if (guest->addresses[family].ip.family)
            node_add_item(
                x->r->arena, addresses,
                scalar(x, arena_strdup(x->r->arena, prefix_format(&guest->addresses[family], buffer))));
    }
    if (addresses->n)
        say(x, "addresses", addresses);
}

/* Where packets are of another size than usual, the far end says so too. */
static void say_far_end(const struct expansion *x, const struct guest_said *said, struct node *host)
{
    const char *name = far_name(x->r, said->scope->ns, said->guest->interface, HOST);
    const struct expansion far = expansion_new(x->r, x->place), beside = {x->r, host, x->place};
    say_word(x, "peer", arena_printf(x->r->arena, "%s/%s", HOST, name));
    say_mtu(&far, said->said->network);
    say(&beside, name, far.map);
}

/* How it is plugged in. */
static void say_port(const struct expansion *x, const struct guest_said *said)
{
    const struct network *network = said->said->network;
    say_word(x, "bridge", arena_printf(x->r->arena, "%s/%s", HOST, network->bridge));
    if (network->is_on_bridge)
        say_number(x, "vlan", network->vlan);
    say_mtu(x, network);
    if (said->guest->is_isolated)
        say_word(x, "isolated", "true");
}

static struct node *guest_keys(struct reader *r, const struct guest_said *said, bool has[FAMILIES],
                               struct node *host)
{
    const struct expansion x = expansion_new(r, &said->guest->place);
    say_port(&x, said);
    if (said->said->network->mtu)
        say_far_end(&x, said, host);
    if (said->guest->mac)
        say_word(&x, "mac", said->guest->mac);
    if (said->guest->is_client) {
        say_word(&x, "dhcp", "true");
        return x.map;
    }
    say_addresses(&x, said->guest);
    say_gateways(&x, said, has);
    return x.map;
}

static struct node *gateways_of(const struct expansion *x, const struct network *network)
{
    struct node *list = node_new(x->r->arena, NODE_LIST, x->place);
    for (unsigned family = 0; family < FAMILIES; family++) {
        char buffer[IP_TEXT_SIZE];
        const struct ip *gateway = &network->gateways[family];
        if (gateway->family)
            node_add_item(x->r->arena, list,
                          scalar(x, arena_strdup(x->r->arena, ip_format(gateway, buffer))));
    }
    return list;
}

/* The first of its networks that answers for names does so for the namespace, unless the file says who. */
static void say_resolver(struct reader *r, const struct guest_said *said)
{
    struct scope *scope = said->scope;
    while (said && said->scope == scope && (!said->said->network->dns.is_on || said->said->is_broken))
        said = said->next_said;
    if (!said || said->scope != scope || section_pair(scope->sections, "dns", AT_NAMESPACE))
        return;
    struct expansion x = expansion_new(r, &said->guest->place);
    say(&x, "servers", gateways_of(&x, said->said->network));
    say(&x, "search", list_of(&x, said->said->network->dns.domain));
    node_add_pair(r->arena, (struct node *)scope->sections, scalar(&x, "dns"), x.map);
}

/* An interface of the host: of the machine behind it nothing is said here. */
static void port_expand(struct reader *r, const struct guest_said *said, struct node *host)
{
    const struct expansion x = {r, host, &said->guest->place}, port = expansion_new(r, x.place);
    say_port(&port, said);
    if (!said->said->is_broken)
        say(&x, said->guest->interface, port.map);
}

/* The interfaces of one namespace, whose guests follow each other. */
static const struct guest_said *scope_expand(struct reader *r, const struct guest_said *said,
                                             struct node *host)
{
    const struct guest_said *first = said;
    struct scope *scope = said->scope;
    struct node *more = node_new(r->arena, NODE_MAP, &scope->place);
    bool has[FAMILIES] = {says_default(scope, IPV4), says_default(scope, IPV6)};
    for (; said && said->scope == scope; said = said->next_said) {
        const struct expansion x = {r, more, &said->guest->place};
        if (!said->said->is_broken)
            say(&x, said->guest->interface, guest_keys(r, said, has, host));
    }
    scope_join(r, scope, more);
    if (more->n)
        say_resolver(r, first);
    return said;
}

void networks_expand(struct reader *r, const struct networks *networks)
{
    struct node *host = node_new(r->arena, NODE_MAP, &r->host.place);
    for (const struct network_said *said = networks->list; said; said = said->next_said)
        network_expand(r, said->network, host);
    for (const struct guest_said *said = networks->guests; said;) {
        if (said->scope != &r->host) {
            said = scope_expand(r, said, host);
            continue;
        }
        port_expand(r, said, host);
        said = said->next_said;
    }
    scope_join(r, &r->host, host);
}
