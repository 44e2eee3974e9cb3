/* Addresses that are kept for one client: `hosts` of `dhcp` in a network. */
#include <string.h>

#include "file/networks.h"
#include "model/dnsmasq.h"

const struct option lease_options[LEASE_OPTIONS] = {
    [LEASE_OPTION_MAC] = {.key = "mac",
                          .type = TYPE_MAC,
                          .flags = OPTION_ONE,
                          .help = "The MAC address of the client."},
    [LEASE_OPTION_NAME] =
        {
            .key = "name",
            .type = TYPE_TEXT,
            .help =
                "With `mac`, how it is called. Without, the name by which it is known, which it says itself.",
        },
    [LEASE_OPTION_ADDRESS] =
        {
            .key = "address",
            .type = TYPE_IP,
            .flags = OPTION_LIST | OPTION_REQUIRED,
            .help = "What it gets, one for each family; in the range or not.",
        },
};

static bool is_same(const char *a, const char *b)
{
    return a && b && strcasecmp(a, b) == 0;
}

static bool is_known_by(struct reader *r, const struct network *network, const struct network_lease *lease,
                        const struct node *const *nodes)
{
    for (const struct network_lease *other = network->dhcp.leases; other; other = other->next) {
        bool by_mac = is_same(lease->mac, other->mac), by_name = is_same(lease->name, other->name);
        if (!by_mac && !by_name)
            continue;
        const struct node *node = nodes[by_mac ? LEASE_OPTION_MAC : LEASE_OPTION_NAME];
        refuse_twice(r, &node->place, &other->place, "`hosts`: %s has an address already",
                     by_mac ? lease->mac : lease->name);
        return false;
    }
    return true;
}

/* Of a guest that has an address already, or does not ask for one, nothing else can be kept. */
static bool is_of_guest(struct reader *r, const struct network *network, const struct network_lease *lease,
                        const struct node *const *nodes)
{
    const struct network_guest *guest = network->guests;
    while (guest && !is_same(lease->mac, guest->mac))
        guest = guest->next;
    if (!guest || (network_guest_is_kept(network, guest) && !guest->addresses[IPV4].ip.family &&
                   !guest->addresses[IPV6].ip.family))
        return false;
    struct error *error = errors_add(
        r->errors, &nodes[LEASE_OPTION_MAC]->place,
        "`hosts`: %s is the MAC address of `%s`, which has an address of its own", lease->mac, guest->name);
    error_hint(r->errors, error, "leave this away; say it there: `%s: {address: 10.0.0.50}`", network->name);
    return true;
}

static bool lease_name_fits(struct reader *r, const struct node *item, const struct network_lease *lease,
                            const struct node *const *nodes)
{
    struct error *error;
    if (!lease->mac && !lease->name) {
        error = errors_add(r->errors, &item->place, "one of `hosts` needs a `mac` or a `name`");
        error_hint(r->errors, error, "for example: `{mac: 02:00:00:00:00:01, address: 10.0.0.50}`");
        return false;
    }
    if (!lease->name || dnsmasq_can_name(lease->name))
        return true;
    errors_add(r->errors, &nodes[LEASE_OPTION_NAME]->place,
               "`name` cannot be `%s`: expected letters, digits and `-`, at most 63", lease->name);
    return false;
}

static bool lease_address_read(struct reader *r, struct networks *networks, const struct network_said *said,
                               const struct node *word, struct network_lease *lease)
{
    const struct network *network = said->network;
    struct ip ip;
    char buffer[PREFIX_TEXT_SIZE];
    if (said->is_unaddressed || ip_parse(word->text, &ip) < 0)
        return false; /* told */
    const struct prefix *subnet = &network->subnets[ip_family(&ip)];
    const char *who = address_taken_by(r, networks, network, &ip);
    if (who) {
        errors_add(r->errors, &word->place, "address %s is taken: %s has it", word->text, who);
    } else if (!subnet->ip.family) {
        errors_add(r->errors, &word->place, "address %s: network `%s` has no subnet of IPv%u", word->text,
                   network->name, ip.family);
    } else if (!subnet_has_host(subnet, &ip)) {
        errors_add(r->errors, &word->place, "address %s is none of a host in %s, the subnet of `%s`",
                   word->text, prefix_format(subnet, buffer), network->name);
    } else if (lease->addresses[ip_family(&ip)].family) {
        errors_add(r->errors, &word->place, "`address`: one of each family, and there are two of IPv%u",
                   ip.family);
    } else {
        lease->addresses[ip_family(&ip)] = ip;
        address_take(r, networks, &ip,
                     lease->name || lease->mac
                         ? arena_printf(r->arena, "`%s`", lease->name ? lease->name : lease->mac)
                         : "one of `hosts`");
        return true;
    }
    return false;
}

static bool lease_read(struct reader *r, struct networks *networks, const struct network_said *said,
                       const struct node *item, struct network_lease *lease)
{
    struct value values[LEASE_OPTIONS] = {0};
    const struct node *nodes[LEASE_OPTIONS] = {0};
    if (!want_form(r, item, NODE_MAP, "hosts", "hosts: [{mac: 02:00:00:00:00:01, address: 10.0.0.50}]"))
        return false;
    bool good = values_read(r, item, lease_options, LEASE_OPTIONS, 0, "in `hosts`", values, nodes);
    lease->place = item->place;
    lease->mac = values[LEASE_OPTION_MAC].form == VALUE_TEXT ? values[LEASE_OPTION_MAC].text : NULL;
    lease->name = values[LEASE_OPTION_NAME].form == VALUE_TEXT ? values[LEASE_OPTION_NAME].text : NULL;
    if (good)
        good = lease_name_fits(r, item, lease, nodes) && is_known_by(r, said->network, lease, nodes) &&
               !is_of_guest(r, said->network, lease, nodes);
    const struct node *address = nodes[LEASE_OPTION_ADDRESS];
    if (!address) {
        errors_add(r->errors, &item->place, "one of `hosts` needs an `address`");
        return false;
    }
    for (size_t i = 0; values[LEASE_OPTION_ADDRESS].form && i < node_count(address); i++)
        good &= lease_address_read(r, networks, said, node_item(address, i), lease);
    return good;
}

void leases_read(struct reader *r, struct networks *networks, struct network_said *said,
                 const struct node *hosts)
{
    struct network_lease **last = &said->network->dhcp.leases;
    if (node_is_null(hosts))
        return;
    if (node_is_map(hosts)) {
        want_form(r, hosts, NODE_LIST, "hosts", "hosts: [{mac: 02:00:00:00:00:01, address: 10.0.0.50}]");
        said->is_broken = true;
        return;
    }
    for (size_t i = 0; i < node_count(hosts); i++) {
        struct network_lease *lease = arena_alloc(r->arena, sizeof *lease);
        if (lease_read(r, networks, said, node_item(hosts, i), lease)) {
            *last = lease;
            last = &lease->next;
        } else {
            said->is_broken = true;
        }
    }
}
