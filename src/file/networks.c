/* Networks: what a file says of each. See networks.h. */
#include "file/networks.h"

#include <string.h>

#include "file/firewall.h"

const struct option network_options[NETWORK_OPTIONS] = {
    [NETWORK_OPTION_MODE] =
        {
            .key = "mode",
            .type = TYPE_ENUM,
            .names = network_mode_names,
            .fallback = "nat",
            .help =
                "How it gets to the outside. `nat`: under the addresses of the host. `routed`: under its "
                "own, "
                "both ways, so that the outside must know the way to it. `isolated`: not at all. `bridged`: "
                "by the uplink as a port of the bridge; its guests are in the same network as the uplink.",
        },
    [NETWORK_OPTION_SUBNET] =
        {
            .key = "subnet",
            .type = TYPE_NETWORK,
            .help = "Its addresses. Without it (and not `bridged`) one of 10.0.0.0/8 is chosen that is not "
                    "in use, "
                    "and stays the same.",
        },
    [NETWORK_OPTION_IPV6] =
        {
            .key = "ipv6",
            .type = TYPE_TEXT,
            .help =
                "`true`: unique local addresses (RFC 4193) besides; or the prefix itself, like "
                "2001:db8:0:1::/64. "
                "The host then forwards IPv6, and takes router advertisements by an uplink only where that "
                "has `accept-ra: forwarding`.",
        },
    [NETWORK_OPTION_GATEWAY] =
        {
            .key = "gateway",
            .type = TYPE_IP,
            .flags = OPTION_LIST,
            .help =
                "The addresses of the host in it. Without it, the first of each subnet; `isolated`: none. Of "
                "`bridged`: the router that its guests use.",
        },
    [NETWORK_OPTION_UPLINK] =
        {
            .key = "uplink",
            .type = TYPE_DEVICE,
            .help = "The interface of the host that leads to the outside. Without it: every interface that "
                    "is in no "
                    "network of this file.",
        },
    [NETWORK_OPTION_MTU] =
        {
            .key = "mtu",
            .type = TYPE_NUMBER,
            .min = 68,
            .max = 65535,
            .help = "The largest packet, at the bridge and at each guest. Without it, that of the uplink "
                    "where the "
                    "file says one.",
        },
    [NETWORK_OPTION_ISOLATED] =
        {
            .key = "isolated",
            .type = TYPE_BOOL,
            .fallback = "false",
            .help = "Whether its guests are kept from each other. They reach the host and the outside.",
        },
    [NETWORK_OPTION_PUBLISH] =
        {
            .key = "publish",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help = "Ports of the host that lead to a guest: `[ADDRESS:]PORT:GUEST:PORT[/udp] [from ZONE]`. "
                    "A guest "
                    "is named by its namespace.",
        },
    [NETWORK_OPTION_BRIDGE] =
        {
            .key = "bridge",
            .type = TYPE_TEXT,
            .help = "The name of its bridge. Without it, that of the network. What `interfaces` says of that "
                    "name "
                    "is said of the bridge.",
        },
    [NETWORK_OPTION_DHCP] =
        {
            .key = "dhcp",
            .type = TYPE_TEXT,
            .help =
                "`true`, or a map: whether dnsmasq gives addresses to who asks for one, and, where it has "
                "a subnet of IPv6, sends router advertisements and answers DHCPv6.",
        },
    [NETWORK_OPTION_DNS] =
        {
            .key = "dns",
            .type = TYPE_TEXT,
            .help = "`true`, or a map: whether dnsmasq answers for the names of guests, and passes on all "
                    "else.",
        },
};

const struct option guest_options[GUEST_OPTIONS] = {
    [GUEST_OPTION_ADDRESS] =
        {
            .key = "address",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help =
                "Its address, one for each family. Without it, the next that is free. In a network without a "
                "subnet, with the length of the prefix, and without it none.",
        },
    [GUEST_OPTION_MAC] = {.key = "mac", .type = TYPE_MAC, .help = "Its MAC address."},
    [GUEST_OPTION_INTERFACE] =
        {
            .key = "interface",
            .type = TYPE_DEVICE,
            .help = "The name of its interface. Without it, the first of eth0, eth1 ... that is free.",
        },
    [GUEST_OPTION_DHCP] =
        {
            .key = "dhcp",
            .type = TYPE_BOOL,
            .fallback = "false",
            .help = "Whether it asks for its address by DHCP. An `address` is then kept for it.",
        },
};

/* Subnets */

/* A network in which hosts can have addresses. */
static bool subnet_settle(struct reader *r, struct network *network, const struct node *node, const char *key,
                          const char *text)
{
    struct prefix subnet;
    if (prefix_parse(text, &subnet) < 0)
        return false;
    unsigned longest = ip_bits(&subnet.ip) - 2;
    struct prefix *slot = &network->subnets[ip_family(&subnet.ip)];
    if (subnet.length <= longest && subnet.length && !slot->ip.family) {
        *slot = prefix_network(&subnet);
        return true;
    }
    struct error *error = errors_add(r->errors, &node->place, "`%s` cannot be `%s`: %s", key, node->text,
                                     slot->ip.family  ? "the network has one of that family already"
                                     : !subnet.length ? "that is every address"
                                                      : "it has no room for a gateway and a guest");
    if (!slot->ip.family)
        error_hint(r->errors, error, "expected one from /8 to /%u", longest);
    return false;
}

static bool ipv6_settle(struct reader *r, struct network *network, const struct node *node)
{
    static const struct option boolean = {.key = "ipv6", .type = TYPE_BOOL},
                               prefix = {.key = "ipv6", .type = TYPE_NETWORK};
    struct value value;
    const char *topology = r->topology->name ? r->topology->name : "";
    if (!node_is_scalar(node) || ip_text_is_ipv6(node->text))
        return value_read(r, &prefix, node, &value) && subnet_settle(r, network, node, "ipv6", value.text);
    if (strchr(node->text, '/') || strchr(node->text, '.')) {
        struct error *error = errors_add(
            r->errors, &node->place, "`ipv6` cannot be `%s`: expected true, or a prefix of IPv6", node->text);
        error_hint(r->errors, error, "addresses of IPv4 are said as `subnet`");
        return false;
    }
    if (!value_read(r, &boolean, node, &value))
        return false;
    if (value.number && !network->subnets[IPV6].ip.family)
        network->subnets[IPV6] = subnet_unique_local(topology, network->name);
    return true;
}

static const struct network *overlapping(const struct networks *networks, const struct network *network,
                                         const struct prefix *subnet)
{
    for (const struct network_said *other = networks->list; other; other = other->next_said)
        for (unsigned family = 0; family < FAMILIES; family++)
            if (other->network != network && prefix_overlaps(&other->network->subnets[family], subnet))
                return other->network;
    return NULL;
}

static void refuse_overlaps(struct reader *r, const struct networks *networks, struct network_said *said)
{
    for (unsigned family = 0; family < FAMILIES; family++) {
        struct prefix *subnet = &said->network->subnets[family];
        const struct network *other = overlapping(networks, said->network, subnet);
        char mine[PREFIX_TEXT_SIZE], theirs[PREFIX_TEXT_SIZE];
        if (!other)
            continue;
        struct error *error = errors_add(
            r->errors, &said->network->place, "networks `%s` and `%s` overlap: %s and %s", other->name,
            said->network->name, prefix_format(&other->subnets[family], theirs), prefix_format(subnet, mine));
        error_hint(r->errors, error, "give each a `subnet` of its own, or leave it away: then one is chosen");
        said->is_broken = true;
        *subnet = (struct prefix){0};
    }
}

static bool is_free(const struct reader *r, const struct networks *networks, const struct network *network,
                    const struct prefix *subnet)
{
    return !overlapping(networks, network, subnet) &&
           !(r->there && r->there->in_use(r->there->userdata, subnet));
}

/* What it has already stays, so that its guests do not notice how it was chosen. */
static void choose_subnet(struct reader *r, const struct networks *networks, struct network *network)
{
    const char *topology = r->topology->name ? r->topology->name : "";
    struct prefix subnet = {0};
    if (r->there)
        subnet = r->there->kept(r->there->userdata, topology, network->bridge);
    bool found = subnet.ip.family && !overlapping(networks, network, &subnet);
    for (unsigned attempt = 0; !found && attempt < SUBNET_ATTEMPTS; attempt++) {
        subnet = subnet_candidate(topology, network->name, attempt);
        found = is_free(r, networks, network, &subnet);
    }
    if (found)
        network->subnets[IPV4] = subnet;
    else
        errors_add(r->errors, &network->place, "network `%s`: all of 10.0.0.0/8 is in use; say a `subnet`",
                   network->name);
    network->is_chosen = found;
}

/* Gateways */

static bool gateway_settle(struct reader *r, struct network *network, const struct node *word)
{
    struct ip ip;
    char buffer[PREFIX_TEXT_SIZE];
    if (ip_parse(word->text, &ip) < 0)
        return false; /* told */
    const struct prefix *subnet = &network->subnets[ip_family(&ip)];
    if (subnet->ip.family ? subnet_has_host(subnet, &ip) : network->mode == NETWORK_BRIDGED) {
        network->gateways[ip_family(&ip)] = ip;
        return true;
    }
    if (subnet->ip.family)
        errors_add(r->errors, &word->place, "gateway %s is no address of a host in %s, the subnet of `%s`",
                   word->text, prefix_format(subnet, buffer), network->name);
    else
        errors_add(r->errors, &word->place, "gateway %s: `%s` has no subnet of IPv%u", word->text,
                   network->name, ip.family);
    return false;
}

static void gateways_settle(struct reader *r, struct network_said *said, const struct node *gateway)
{
    struct network *network = said->network;
    for (size_t i = 0; gateway && i < node_count(gateway); i++)
        said->is_broken |= !gateway_settle(r, network, node_item(gateway, i));
    bool needs = network_leads_out(network) || network_serves(network);
    for (unsigned family = 0; needs && family < FAMILIES; family++)
        if (network->subnets[family].ip.family && !network->gateways[family].family)
            network->gateways[family] = subnet_first(&network->subnets[family]);
}

/* Uplinks */

static const struct node *interface_keys(const struct reader *r, const char *name)
{
    const struct pair *interfaces = section_pair(r->host.sections, "interfaces", AT_TOP);
    const struct node *map =
        interfaces && node_is_map(interfaces->value) ? node_value(interfaces->value, name) : NULL;
    return map && node_is_map(map) ? map : NULL;
}

static void uplink_mtu(const struct reader *r, struct network *network)
{
    struct value value;
    const char *expected, *near;
    const struct node *map = network->uplink ? interface_keys(r, network->uplink) : NULL;
    const struct node *mtu = map ? node_value(map, "mtu") : NULL;
    if (!network->mtu && mtu && node_is_scalar(mtu) &&
        option_parse(class_option(CLASS_INTERFACE, "mtu"), mtu->text, r->arena, &value, &expected, &near) ==
            0)
        network->mtu = value.number;
}

/* What lies on an uplink that is a port is not reached. */
static bool uplink_is_bare(struct reader *r, const struct network *network)
{
    static const char *const moves[] = {"addresses", "gateway", "routes"};
    const struct node *map = interface_keys(r, network->uplink);
    bool bare = true;
    for (unsigned i = 0; map && i < sizeof moves / sizeof *moves; i++) {
        const struct pair *said = node_pair(map, moves[i]);
        if (!said)
            continue;
        struct error *error = errors_add(r->errors, &said->key->place,
                                         "`%s` of `%s`: it becomes a port of bridge `%s`, which has them",
                                         moves[i], network->uplink, network->bridge);
        error_hint(r->errors, error, "say them there: `interfaces: {%s: {%s: ...}}`", network->bridge,
                   moves[i]);
        bare = false;
    }
    return bare;
}

/* Its interface is a bridge, and no other network's. */
static bool bridge_settle(struct reader *r, const struct network *network)
{
    const struct node *map = interface_keys(r, network->bridge), *type = map ? node_value(map, "type") : NULL;
    const struct network *other = r->topology->networks;
    while (other != network && strcmp(other->bridge, network->bridge) != 0)
        other = other->next;
    if (other != network) {
        refuse_twice(r, &network->place, &other->place, "networks `%s` and `%s` have one bridge, `%s`",
                     other->name, network->name, network->bridge);
        return false;
    }
    if (!type || !node_is_scalar(type) || strcmp(type->text, "bridge") == 0)
        return true;
    struct error *error = errors_add(r->errors, &type->place, "`%s` is the bridge of network `%s`, not %s %s",
                                     network->bridge, network->name, text_article(type->text), type->text);
    error_hint(r->errors, error, "leave the type away, or call the network's `bridge` something else");
    return false;
}

static bool uplink_settle(struct reader *r, const struct network *network)
{
    struct error *error;
    if (network->mode == NETWORK_BRIDGED && !network->uplink) {
        error = errors_add(r->errors, &network->place, "network `%s` is bridged, and needs an `uplink`",
                           network->name);
        error_hint(r->errors, error, "the interface that becomes a port of its bridge: `uplink: eth0`");
    } else if (network->mode == NETWORK_ISOLATED && network->uplink) {
        error = errors_add(r->errors, &network->uplink_place, "`uplink`: network `%s` is isolated",
                           network->name);
        error_hint(r->errors, error, "leave it away, or say `mode: nat`");
    } else {
        return network->mode != NETWORK_BRIDGED || uplink_is_bare(r, network);
    }
    return false;
}

/* The whole of one */

bool values_read(struct reader *r, const struct node *map, const struct option *options, unsigned n,
                 unsigned apart, const char *where, struct value *values, const struct node **nodes)
{
    struct known_keys known = {0};
    bool good = true;
    for (unsigned i = 0; i < n; i++)
        known_add(&known, options[i].key);
    for (size_t i = 0; i < map->n; i++) {
        const struct pair *pair = &map->pairs[i];
        const struct option *option = option_find(options, n, pair->key->text);
        if (!option) {
            refuse_key(r, pair->key, where, &known);
            good = false;
            continue;
        }
        nodes[option - options] = pair->value;
        if (!(apart & 1U << (option - options)))
            good &= value_read(r, option, pair->value, &values[option - options]);
    }
    return good;
}

bool guest_values_read(struct reader *r, const struct node *map, struct value values[GUEST_OPTIONS],
                       const struct node *nodes[GUEST_OPTIONS])
{
    return values_read(r, map, guest_options, GUEST_OPTIONS, 0, "of a guest", values, nodes);
}

static void network_settle(struct reader *r, struct networks *networks, struct network_said *said,
                           const struct value *values, const struct node *const *nodes)
{
    struct network *network = said->network;
    bool good = true;
    if (values[NETWORK_OPTION_MODE].form == VALUE_NUMBER)
        network->mode = (enum network_mode)values[NETWORK_OPTION_MODE].number;
    if (values[NETWORK_OPTION_BRIDGE].form == VALUE_TEXT)
        network->bridge = values[NETWORK_OPTION_BRIDGE].text;
    if (values[NETWORK_OPTION_MTU].form == VALUE_NUMBER)
        network->mtu = values[NETWORK_OPTION_MTU].number;
    if (values[NETWORK_OPTION_UPLINK].form == VALUE_TEXT) {
        network->uplink = values[NETWORK_OPTION_UPLINK].text;
        network->uplink_place = nodes[NETWORK_OPTION_UPLINK]->place;
    }
    network->is_isolated =
        values[NETWORK_OPTION_ISOLATED].form == VALUE_NUMBER && values[NETWORK_OPTION_ISOLATED].number;
    said->publish = nodes[NETWORK_OPTION_PUBLISH];
    said->says_subnet = nodes[NETWORK_OPTION_SUBNET];
    uplink_mtu(r, network);
    good &= services_settle(r, said, nodes[NETWORK_OPTION_DHCP], nodes[NETWORK_OPTION_DNS]);
    good &= uplink_settle(r, network);
    good &= bridge_settle(r, network);
    if (values[NETWORK_OPTION_SUBNET].form == VALUE_TEXT)
        good &= subnet_settle(r, network, nodes[NETWORK_OPTION_SUBNET], "subnet",
                              values[NETWORK_OPTION_SUBNET].text);
    if (nodes[NETWORK_OPTION_IPV6])
        good &= ipv6_settle(r, network, nodes[NETWORK_OPTION_IPV6]);
    said->is_broken |= !good;
    refuse_overlaps(r, networks, said);
}

static void network_read(struct reader *r, struct networks *networks, const struct pair *pair,
                         struct network_said *said, const struct node **ret_gateway)
{
    struct value values[NETWORK_OPTIONS] = {0};
    const struct node *nodes[NETWORK_OPTIONS] = {0}, *map = pair->value;
    if (node_is_null(map))
        map = node_new(r->arena, NODE_MAP, &pair->key->place);
    if (!want_form(r, map, NODE_MAP, pair->key->text,
                   arena_printf(r->arena, "%s: {subnet: 10.10.10.0/24}", pair->key->text))) {
        said->is_broken = true;
        return;
    }
    const unsigned apart = 1U << NETWORK_OPTION_IPV6 | 1U << NETWORK_OPTION_PUBLISH |
                           1U << NETWORK_OPTION_DHCP | 1U << NETWORK_OPTION_DNS;
    said->is_broken |=
        !values_read(r, map, network_options, NETWORK_OPTIONS, apart, "in a network", values, nodes);
    network_settle(r, networks, said, values, nodes);
    *ret_gateway = said->is_broken ? NULL : nodes[NETWORK_OPTION_GATEWAY];
}

/* Networks that say their subnet come first: what is chosen goes out of their way. */
static void networks_complete(struct reader *r, struct networks *networks, const struct node *const *gateways)
{
    for (struct network_said *said = networks->list; said; said = said->next_said, gateways++) {
        const struct network *network = said->network;
        if (!said->is_broken && network->mode != NETWORK_BRIDGED && !network->subnets[IPV4].ip.family &&
            !said->says_subnet)
            choose_subnet(r, networks, said->network);
        gateways_settle(r, said, *gateways);
    }
}

static void networks_declare(struct reader *r, const struct node *section, struct networks *networks)
{
    struct fw_reader f = {.r = r, .scope = &r->host};
    struct network_said **last = &networks->list;
    struct network **last_network = &r->topology->networks;
    const struct node **gateways = arena_alloc(r->arena, (section->n + 1) * sizeof *gateways);
    for (size_t i = 0, n = 0; i < section->n; i++) {
        const struct pair *pair = &section->pairs[i];
        if (!name_is_good(&f, pair->key, "network"))
            continue;
        struct network_said *said = arena_alloc(r->arena, sizeof *said);
        said->network = arena_alloc(r->arena, sizeof *said->network);
        *said->network =
            (struct network){.name = pair->key->text, .bridge = pair->key->text, .place = pair->key->place};
        *last = said;
        last = &said->next_said;
        *last_network = said->network;
        last_network = &said->network->next;
        map_set(&networks->by_name, pair->key->text, said);
        network_read(r, networks, pair, said, &gateways[n++]);
    }
    networks_complete(r, networks, gateways);
}

void networks_read(struct reader *r)
{
    const struct pair *pair = section_pair(r->host.sections, "networks", AT_TOP);
    r->networks = arena_alloc(r->arena, sizeof *r->networks);
    if (pair && !node_is_null(pair->value) &&
        want_form(r, pair->value, NODE_MAP, "networks", "networks: {guests: {subnet: 10.10.10.0/24}}"))
        networks_declare(r, pair->value, r->networks);
    guests_read(r, r->networks);
    services_read(r, r->networks);
    guests_number(r, r->networks);
    networks_expand(r, r->networks);
}

void networks_done(struct networks *networks)
{
    map_done(&networks->by_name);
    map_done(&networks->taken);
    map_done(&networks->names);
}
