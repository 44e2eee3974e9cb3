/* Networks: what a file says of each. See networks.h. */
#include "file/networks.h"

#include <string.h>

#include "file/firewall.h"

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
        said->is_broken = said->is_unaddressed = true;
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
    if (subnet->ip.family ? subnet_has_host(subnet, &ip) : network_is_bridged(network)) {
        network->gateways[ip_family(&ip)] = ip;
        network->says_gateway = true;
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

/* What is not said is 0. */
static int64_t number_of(const struct value *value)
{
    return value->form == VALUE_NUMBER ? value->number : 0;
}

/* What could not be read was told. */
static bool is_unread(const struct value *value, const struct node *node)
{
    return node && !value->form;
}

static bool subnets_settle(struct reader *r, struct network *network, const struct value *values,
                           const struct node *const *nodes)
{
    const struct value *subnet = &values[NETWORK_OPTION_SUBNET];
    bool good = !is_unread(subnet, nodes[NETWORK_OPTION_SUBNET]);
    if (subnet->form == VALUE_TEXT)
        good &= subnet_settle(r, network, nodes[NETWORK_OPTION_SUBNET], "subnet", subnet->text);
    if (nodes[NETWORK_OPTION_IPV6])
        good &= ipv6_settle(r, network, nodes[NETWORK_OPTION_IPV6]);
    return good;
}

static void network_settle(struct reader *r, struct networks *networks, struct network_said *said,
                           const struct value *values, const struct node *const *nodes)
{
    struct network *network = said->network;
    bool good = true, knows_mode = !is_unread(&values[NETWORK_OPTION_MODE], nodes[NETWORK_OPTION_MODE]);
    if (values[NETWORK_OPTION_MODE].form == VALUE_NUMBER)
        network->mode = (enum network_mode)values[NETWORK_OPTION_MODE].number;
    if (values[NETWORK_OPTION_BRIDGE].form == VALUE_TEXT)
        network->bridge = values[NETWORK_OPTION_BRIDGE].text;
    network->mtu = number_of(&values[NETWORK_OPTION_MTU]);
    network->vlan = number_of(&values[NETWORK_OPTION_VLAN]);
    if (values[NETWORK_OPTION_UPLINK].form == VALUE_TEXT) {
        network->uplink = values[NETWORK_OPTION_UPLINK].text;
        network->uplink_place = nodes[NETWORK_OPTION_UPLINK]->place;
    }
    network->is_isolated = number_of(&values[NETWORK_OPTION_ISOLATED]);
    network->is_guarded = number_of(&values[NETWORK_OPTION_ANTI_SPOOFING]);
    said->publish = nodes[NETWORK_OPTION_PUBLISH];
    said->says_subnet = nodes[NETWORK_OPTION_SUBNET];
    good &= services_settle(r, said, nodes[NETWORK_OPTION_DHCP], nodes[NETWORK_OPTION_DNS]);
    if (knows_mode)
        good &= uplink_settle(r, network, nodes[NETWORK_OPTION_VLAN], nodes[NETWORK_OPTION_BRIDGE]);
    said->is_unaddressed = !knows_mode || !subnets_settle(r, network, values, nodes);
    said->is_broken |= !good || said->is_unaddressed;
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
        said->is_broken = said->is_unaddressed = true;
        return;
    }
    const unsigned apart = 1U << NETWORK_OPTION_IPV6 | 1U << NETWORK_OPTION_PUBLISH |
                           1U << NETWORK_OPTION_DHCP | 1U << NETWORK_OPTION_DNS;
    said->is_broken |=
        !values_read(r, map, network_options, NETWORK_OPTIONS, apart, "in a network", values, nodes);
    network_settle(r, networks, said, values, nodes);
    *ret_gateway = said->is_unaddressed ? NULL : nodes[NETWORK_OPTION_GATEWAY];
}

/* Networks that say their subnet come first: what is chosen goes out of their way. */
static void networks_complete(struct reader *r, struct networks *networks, const struct node *const *gateways)
{
    for (struct network_said *said = networks->list; said; said = said->next_said, gateways++) {
        const struct network *network = said->network;
        if (!said->is_unaddressed && !network_is_bridged(network) && !network->subnets[IPV4].ip.family &&
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
