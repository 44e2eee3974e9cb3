/* plexus network inspect: one network, with its guests as they are now. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/network.h"
#include "cli/networks.h"
#include "cli/output.h"
#include "model/firewall/firewall.h"

struct inspected {
    const struct running *running;
    const struct network *network;
    struct model observed; /* for MAC addresses, which hardly a file says */
};

static const char *mac_of(const struct inspected *it, const struct network_guest *guest)
{
    const struct object *interface = model_interface(&it->observed, guest->ns, guest->interface);
    return guest->mac  ? guest->mac /* of a machine: not that of its TAP */
           : interface ? object_text(interface, "mac")
                       : NULL;
}

/* JSON */

static json_t *guests_to_json(const struct inspected *it)
{
    json_t *list = json_array();
    for (const struct network_guest *guest = it->network->guests; guest; guest = guest->next) {
        const struct endpoint *endpoint =
            endpoint_find(&it->running->endpoints, it->network->name, guest->name);
        const char *by = guest_origin(it->running, it->network, guest);
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:s, s:o, s:o, s:s, s:o}", "name", output_json_text(guest->name),
                            "namespace", output_json_text(guest->ns), "interface", guest->interface, "mac",
                            output_json_text(mac_of(it, guest)), "addresses",
                            prefixes_to_json(guest->addresses), "by", by, "process",
                            endpoint && endpoint->process ? json_integer(endpoint->process) : json_null()));
    }
    return list;
}

static json_t *ports_to_json(const struct inspected *it)
{
    json_t *list = json_array();
    const struct fw_publish *port = NULL;
    while ((port = network_published(&it->running->topology, it->network, port))) {
        char at[IP_TEXT_SIZE], to[IP_TEXT_SIZE];
        json_array_append_new(
            list,
            json_pack("{s:o, s:s, s:o, s:i, s:i, s:s, s:i, s:s}", "published", output_json_text(port->words),
                      "protocol", names_format(fw_protocol_names, port->protocol), "address",
                      port->at.family ? json_string(ip_format(&port->at, at)) : json_null(), "port",
                      port->first, "last_port", port->last, "guest_address", ip_format(&port->to, to),
                      "guest_port", port->to_first, "by", place_is_file(&port->place) ? "file" : "hand"));
    }
    return list;
}

static json_t *gateways_to_json(const struct network *network)
{
    char buffer[IP_TEXT_SIZE];
    json_t *list = json_array();
    for (unsigned family = 0; family < FAMILIES; family++)
        if (network->gateways[family].family)
            json_array_append_new(list, json_string(ip_format(&network->gateways[family], buffer)));
    return list;
}

static json_t *dhcp_to_json(const struct network_dhcp *dhcp)
{
    json_t *ranges = json_array();
    for (unsigned family = 0; family < FAMILIES; family++) {
        struct text range CLEANUP_TEXT = {0};
        if (!dhcp->ranges[family].first.family)
            continue;
        range_format(&dhcp->ranges[family], &range);
        json_array_append_new(ranges, json_string(text_of(&range)));
    }
    return json_pack("{s:o}", "ranges", ranges);
}

static json_t *dns_to_json(const struct network_dns *dns)
{
    return json_pack("{s:o, s:o}", "domain", output_json_text(dns->domain), "servers",
                     output_json_text(dns->servers));
}

static json_t *to_json(const struct inspected *it)
{
    const struct network *network = it->network;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "name",
        network->name, "topology", it->running->record.name, "mode",
        names_format(network_mode_names, network->mode), "bridge", network->bridge, "uplink",
        output_json_text(network->uplink), "mtu", network->mtu ? json_integer(network->mtu) : json_null(),
        "vlan", network->vlan ? json_integer(network->vlan) : json_null(), "isolated", network->is_isolated,
        "anti_spoofing", network->is_guarded, "subnets", prefixes_to_json(network->subnets), "gateways",
        gateways_to_json(network), "chosen", network->is_chosen, "dhcp",
        network->dhcp.is_on ? dhcp_to_json(&network->dhcp) : json_null(), "dns",
        network->dns.is_on ? dns_to_json(&network->dns) : json_null(), "guests", guests_to_json(it),
        "published", ports_to_json(it));
}

/* For people */

static void print_services(const struct cli *cli, const struct network *network)
{
    struct text ranges CLEANUP_TEXT = {0};
    const struct network_dns *dns = &network->dns;
    for (unsigned family = 0; family < FAMILIES; family++)
        if (network->dhcp.ranges[family].first.family) {
            text_add(&ranges, ranges.length ? ", " : "");
            range_format(&network->dhcp.ranges[family], &ranges);
        }
    if (network->dhcp.is_on)
        output_say(cli, "dhcp:     %s", text_of(&ranges));
    if (dns->is_on)
        output_say(cli, "dns:      %s%s%s", dns->domain ? dns->domain : "of its guests",
                   dns->servers ? ", asks " : "", dns->servers ? dns->servers : "");
}

static void print_facts(const struct cli *cli, const struct inspected *it)
{
    const struct network *network = it->network;
    struct text subnets CLEANUP_TEXT = {0}, gateways CLEANUP_TEXT = {0};
    subnets_text(network->subnets, &subnets);
    gateways_text(network->gateways, &gateways);
    output_say_in(cli, COLOR_STRONG, "%s: %s, of topology %s", network->name,
                  names_format(network_mode_names, network->mode), it->running->record.name);
    output_say(cli, "bridge:   %s", network->bridge);
    if (subnets.length)
        output_say(cli, "subnets:  %s%s", text_of(&subnets), network->is_chosen ? " (chosen)" : "");
    if (gateways.length)
        output_say(cli, "gateways: %s", text_of(&gateways));
    if (network->uplink)
        output_say(cli, "uplink:   %s", network->uplink);
    if (network->vlan)
        output_say(cli, "vlan:     %lld", (long long)network->vlan);
    if (network->mtu)
        output_say(cli, "mtu:      %lld", (long long)network->mtu);
    if (network->is_isolated)
        output_say(cli, "isolated: its guests do not see each other");
    if (network->is_guarded)
        output_say(cli, "guarded:  its guests send from their own addresses only");
    print_services(cli, network);
}

static void print_guests(const struct cli *cli, const struct inspected *it)
{
    static const char *const headings[] = {"GUEST", "INTERFACE", "MAC", "ADDRESSES", "BY", NULL};
    struct libscols_table *table = table_new(cli, headings);
    for (const struct network_guest *guest = it->network->guests; guest; guest = guest->next) {
        struct text addresses CLEANUP_TEXT = {0};
        subnets_text(guest->addresses, &addresses);
        const char *const cells[] = {guest->name, guest->interface, mac_of(it, guest), text_of(&addresses),
                                     guest_origin(it->running, it->network, guest)};
        table_add(table, NULL, cells);
    }
    table_print(table);
}

static void print_ports(const struct cli *cli, const struct inspected *it)
{
    static const char *const headings[] = {"PUBLISHED", "LEADS TO", "BY", NULL};
    struct libscols_table *table = table_new(cli, headings);
    const struct fw_publish *port = NULL;
    while ((port = network_published(&it->running->topology, it->network, port))) {
        struct text to CLEANUP_TEXT = {0};
        char buffer[IP_TEXT_SIZE];
        text_printf(&to, port->to.family == 6 ? "[%s]:%u" : "%s:%u", ip_format(&port->to, buffer),
                    port->to_first);
        const char *const cells[] = {port->words, text_of(&to),
                                     place_is_file(&port->place) ? "file" : "hand"};
        table_add(table, NULL, cells);
    }
    table_print(table);
}

static void print(const struct cli *cli, const struct inspected *it)
{
    if (cli->json)
        output_json(to_json(it));
    if (!output_is_talking(cli))
        return;
    print_facts(cli, it);
    print_guests(cli, it);
    print_ports(cli, it);
}

static enum result inspect(struct cli *cli, const struct running_list *all, const char *word)
{
    struct inspected it = {0};
    struct door *door = cli->session->door;
    enum result result = running_find(all, word, &it.running, &it.network, &cli->errors);
    if (result != RESULT_DONE)
        return result;
    if (door->ops->observe(door, &it.running->record.recorded, LOOK_WANTED, &it.observed,
                           &cli->session->errors) < 0)
        result = RESULT_FAILED;
    else
        print(cli, &it);
    model_done(&it.observed);
    return result;
}

static enum result run(struct cli *cli)
{
    struct running_list all CLEANUP_RUNNING = {0};
    enum result result = network_open(cli, ACCESS_READ, NULL, false);
    if (result != RESULT_DONE)
        return result;
    running_load(cli->machine, &all);
    for (size_t i = 0; i < cli->n_args; i++) {
        if (i)
            output_say(cli, "%s", "");
        enum result one = inspect(cli, &all, cli->args[i]);
        result = one == RESULT_DONE ? result : one;
    }
    return result;
}

const struct command command_network_inspect = {
    .name = "network inspect",
    .usage = "NETWORK...",
    .summary = "Show networks: addresses, guests, published ports",
    .details =
        "A network that two topologies have is said as TOPOLOGY/NETWORK. With --json, an object for each.",
    .min_args = 1,
    .max_args = 1000,
    .arguments = {ARGUMENT_NETWORK},
    .needs = NEED_WORLD,
    .run = run,
};
