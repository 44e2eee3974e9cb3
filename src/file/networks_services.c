/* DHCP and DNS of networks: `dhcp` and `dns`, each `true` or a map. The texts that dnsmasq reads are made by
 * model/dnsmasq.c. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "file/networks.h"
#include "model/dnsmasq.h"

const struct option dhcp_options[DHCP_OPTIONS] = {
    [DHCP_OPTION_RANGE] =
        {
            .key = "range",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help =
                "The addresses that are given away, as `10.0.0.100-10.0.0.200`, one range for each family. "
                "Without it, the upper half of the subnet of IPv4, and ::1000 to ::ffff of that of IPv6, as "
                "far as no address of the file is in it.",
        },
    [DHCP_OPTION_LEASE_TIME] =
        {
            .key = "lease-time",
            .type = TYPE_TEXT,
            .fallback = "1h",
            .help = "How long: `45m`, `12h`, `7d`, a number of seconds (at least 120), or `infinite`.",
        },
    [DHCP_OPTION_HOSTS] =
        {
            .key = "hosts",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help = "Addresses that are kept for one client: maps of `mac` or `name`, and `address`.",
        },
    [DHCP_OPTION_OPTIONS] =
        {
            .key = "options",
            .type = TYPE_TEXT,
            .help =
                "What clients are told besides: a map of names or numbers of DHCP options (`dnsmasq --help "
                "dhcp` lists them) and values, like `ntp-server: 10.0.0.1`; `option6:` before those of "
                "DHCPv6.",
        },
    [DHCP_OPTION_BOOT_FILE] =
        {
            .key = "boot-file",
            .type = TYPE_TEXT,
            .help = "The file from which machines start by network (PXE).",
        },
    [DHCP_OPTION_TFTP_SERVER] =
        {
            .key = "tftp-server",
            .type = TYPE_IP,
            .help = "Who has that file. Without it, the host.",
        },
    [DHCP_OPTION_TFTP_ROOT] =
        {
            .key = "tftp-root",
            .type = TYPE_TEXT,
            .help = "A folder of the host whose files are given by TFTP.",
        },
};

const struct option dns_options[DNS_OPTIONS] = {
    [DNS_OPTION_DOMAIN] =
        {
            .key = "domain",
            .type = TYPE_TEXT,
            .help = "The domain of its guests. Without it, NETWORK.internal.",
        },
    [DNS_OPTION_SERVERS] =
        {
            .key = "servers",
            .type = TYPE_IP,
            .flags = OPTION_LIST,
            .help = "Who is asked for all other names. Without it, those that the host asks; of an isolated "
                    "network "
                    "nobody.",
        },
    [DNS_OPTION_HOST_NAMES] =
        {
            .key = "host-names",
            .type = TYPE_ENUM,
            .names = host_names_names,
            .fallback = "resolved",
            .help =
                "How the host itself learns the names. `resolved`: systemd-resolved, where it runs, asks for "
                "the domain here. `hosts`: they are kept in a marked part of /etc/hosts; how clients of DHCP "
                "call themselves, as NAME.DOMAIN only. `none`: it does not.",
        },
};

/* Texts that go into a line of a configuration as they are. */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!isgraph((unsigned char)*c) || strchr(",#\"\\", *c))
            return false;
    return *text;
}

static bool plain_read(struct reader *r, const struct node *node, const struct value *value, const char *key,
                       const char **ret)
{
    if (value->form != VALUE_TEXT)
        return true;
    *ret = value->text;
    if (is_plain(value->text))
        return true;
    errors_add(r->errors, &node->place, "`%s` cannot be `%s`: expected one word without commas, # or quotes",
               key, value->text);
    return false;
}

/* Whether they are wanted */

static bool switch_settle(struct reader *r, const struct node *node, const char *key, bool *ret_on,
                          const struct node **ret_map)
{
    const struct option option = {.key = key, .type = TYPE_BOOL};
    struct value value;
    if (!node || node_is_null(node))
        return true;
    if (node_is_map(node)) {
        *ret_map = node;
        *ret_on = true;
        return true;
    }
    if (!value_read(r, &option, node, &value))
        return false;
    *ret_on = value.number;
    return true;
}

static bool refuse_bridged(struct reader *r, const struct network *network, const struct node *node,
                           const char *key)
{
    struct error *error =
        errors_add(r->errors, &node->place, "`%s`: network `%s` is bridged", key, network->name);
    error_hint(r->errors, error, "its guests ask the servers of the network that `uplink` leads to");
    return false;
}

static bool domain_read(struct reader *r, const struct node *node, const char *domain)
{
    size_t length = strlen(domain);
    bool is_good =
        length && length < 200 && domain[0] != '.' && domain[length - 1] != '.' && !strstr(domain, "..");
    for (const char *c = domain; *c; c++)
        is_good &= isalnum((unsigned char)*c) || strchr("-_.", *c);
    if (!is_good)
        errors_add(r->errors, &node->place, "`domain` cannot be `%s`: expected a name like guests.internal",
                   domain);
    return is_good;
}

static bool dns_settle(struct reader *r, struct network_said *said)
{
    struct network_dns *dns = &said->network->dns;
    struct value values[DNS_OPTIONS] = {0};
    const struct node *nodes[DNS_OPTIONS] = {0};
    bool good = true;
    dns->host_names = HOST_NAMES_RESOLVED;
    dns->domain = arena_printf(r->arena, "%s.internal", said->network->name);
    if (!said->dns)
        return true;
    good = values_read(r, said->dns, dns_options, DNS_OPTIONS, 0, "in `dns` of a network", values, nodes);
    if (values[DNS_OPTION_DOMAIN].form == VALUE_TEXT) {
        dns->domain = values[DNS_OPTION_DOMAIN].text;
        good &= domain_read(r, nodes[DNS_OPTION_DOMAIN], dns->domain);
    }
    if (values[DNS_OPTION_SERVERS].form == VALUE_TEXT)
        dns->servers = values[DNS_OPTION_SERVERS].text;
    if (values[DNS_OPTION_HOST_NAMES].form == VALUE_NUMBER)
        dns->host_names = (enum host_names)values[DNS_OPTION_HOST_NAMES].number;
    return good;
}

bool services_settle(struct reader *r, struct network_said *said, const struct node *dhcp,
                     const struct node *dns)
{
    struct network *network = said->network;
    bool good = switch_settle(r, dhcp, "dhcp", &network->dhcp.is_on, &said->dhcp) &&
                switch_settle(r, dns, "dns", &network->dns.is_on, &said->dns);
    if (dhcp)
        network->dhcp.place = dhcp->place;
    if (network_is_bridged(network) && network->dhcp.is_on)
        good = refuse_bridged(r, network, dhcp, "dhcp");
    if (network_is_bridged(network) && network->dns.is_on)
        good = refuse_bridged(r, network, dns, "dns");
    network->dhcp.options = "";
    network->dhcp.lease_seconds = LEASE_SECONDS;
    if (network->dns.is_on)
        said->has_bad_dns = !dns_settle(r, said);
    return good;
}

/* Ranges */

static bool is_within(const struct range *range, const struct ip *ip)
{
    return range->first.family == ip->family && memcmp(ip->bytes, range->first.bytes, ip_size(ip)) >= 0 &&
           memcmp(ip->bytes, range->last.bytes, ip_size(ip)) <= 0;
}

/* What is kept for a guest may be in a range: it is given to nobody else. */
static bool is_kept(const struct network *network, const struct ip *ip)
{
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next)
        if (network_guest_is_kept(network, guest) && ip_equal(&guest->addresses[ip_family(ip)].ip, ip))
            return true;
    return false;
}

/* Of the addresses that are somebody's, one in the range, the first by number: what is told is the same each
 * time. */
static bool first_taken(const struct networks *networks, const struct network *network,
                        const struct range *range, struct ip *ret)
{
    bool any = false;
    for (unsigned family = 0; family < FAMILIES; family++)
        if (is_within(range, &network->gateways[family])) {
            *ret = network->gateways[family];
            return true;
        }
    for (struct map_entry *e = NULL; (e = map_next(&networks->taken, e));) {
        struct ip ip;
        if (ip_parse(e->key, &ip) == 0 && is_within(range, &ip) && !is_kept(network, &ip) &&
            (!any || memcmp(ip.bytes, ret->bytes, ip_size(&ip)) < 0)) {
            *ret = ip;
            any = true;
        }
    }
    return any;
}

static bool range_fits(struct reader *r, const struct networks *networks, const struct network *network,
                       const struct node *word, const struct range *range)
{
    const struct prefix *subnet = &network->subnets[ip_family(&range->first)];
    char buffer[PREFIX_TEXT_SIZE], text[IP_TEXT_SIZE];
    struct ip taken;
    struct error *error;
    if (!subnet->ip.family) {
        errors_add(r->errors, &word->place, "`range`: network `%s` has no subnet of IPv%u", network->name,
                   range->first.family);
    } else if (!subnet_has_host(subnet, &range->first) || !subnet_has_host(subnet, &range->last)) {
        errors_add(r->errors, &word->place, "`range`: %s is not within %s, the subnet of `%s`", word->text,
                   prefix_format(subnet, buffer), network->name);
    } else if (first_taken(networks, network, range, &taken)) {
        error = errors_add(r->errors, &word->place, "`range`: %s has %s in it, and %s has that", word->text,
                           ip_format(&taken, text), address_taken_by(r, networks, network, &taken));
        error_hint(r->errors, error, "what is given away must be nobody's");
    } else {
        return true;
    }
    return false;
}

static bool range_read(struct reader *r, const struct networks *networks, const struct network_said *said,
                       const struct node *word)
{
    struct network *network = said->network;
    struct range range;
    if (!want_word(r, word, "range"))
        return false;
    if (!strchr(word->text, '-') || range_parse(word->text, &range) < 0) {
        errors_add(r->errors, &word->place,
                   "`range` cannot be `%s`: expected two addresses, like 10.0.0.100-10.0.0.200", word->text);
        return false;
    }
    struct range *slot = &network->dhcp.ranges[ip_family(&range.first)];
    if (slot->first.family) {
        errors_add(r->errors, &word->place, "`range`: one for each family, and there are two of IPv%u",
                   range.first.family);
        return false;
    }
    if (!said->is_unaddressed && !range_fits(r, networks, network, word, &range))
        return false;
    *slot = range;
    return true;
}

/* What no address of the file is in. */
static bool range_choose(struct reader *r, const struct networks *networks, struct network *network,
                         unsigned family)
{
    size_t n = 0;
    struct ip *taken = arena_alloc(r->arena, (networks->taken.used + 1) * sizeof *taken);
    for (struct map_entry *e = NULL; (e = map_next(&networks->taken, e));)
        n += ip_parse(e->key, &taken[n]) == 0 && !is_kept(network, &taken[n]);
    taken[n++] = network->gateways[family];
    network->dhcp.ranges[family] = subnet_range(&network->subnets[family], taken, n);
    if (network->dhcp.ranges[family].first.family)
        return true;
    struct error *error =
        errors_add(r->errors, &network->dhcp.place,
                   "`dhcp`: the upper half of the subnet of `%s` has no free address", network->name);
    error_hint(r->errors, error, "say a `range`, or a larger `subnet`");
    return false;
}

/* Times */

static bool lease_time_read(struct reader *r, const struct node *node, const char *text, int64_t *ret)
{
    static const struct name units[] = {{"", 1},      {"s", 1},      {"m", 60}, {"h", 3600},
                                        {"d", 86400}, {"w", 604800}, {NULL, 0}};
    char *end;
    int64_t unit = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (strcmp(text, "infinite") == 0) {
        *ret = LEASE_FOREVER;
        return true;
    }
    if (isdigit((unsigned char)*text) && names_parse(units, end, &unit) == 0 && number < LEASE_FOREVER &&
        (int64_t)number * unit >= LEASE_SECONDS_MIN && (int64_t)number * unit < LEASE_FOREVER) {
        *ret = (int64_t)number * unit;
        return true;
    }
    errors_add(r->errors, &node->place,
               "`lease-time` cannot be `%s`: expected 45m, 12h, 7d, a number of seconds from %d, or infinite",
               text, LEASE_SECONDS_MIN);
    return false;
}

/* Options */

static bool option_put(struct reader *r, const struct pair *pair, struct text *lines)
{
    const char *near = NULL;
    struct text value CLEANUP_TEXT = {0};
    if (!dnsmasq_knows_option(pair->key->text, &near)) {
        struct error *error =
            errors_add(r->errors, &pair->key->place, "there is no DHCP option `%s`", pair->key->text);
        if (!error_hint_nearest(r->errors, error, near))
            error_hint(r->errors, error,
                       "`dnsmasq --help dhcp` lists them; each can be said by its number too");
        return false;
    }
    if (node_is_map(pair->value)) {
        errors_add(r->errors, &pair->value->place, "`%s` takes one or more values, not a map",
                   pair->key->text);
        return false;
    }
    for (size_t i = 0; i < node_count(pair->value); i++) {
        const struct node *word = node_item(pair->value, i);
        if (!want_word(r, word, pair->key->text))
            return false;
        if (!is_plain(word->text)) {
            errors_add(r->errors, &word->place,
                       "`%s` cannot be `%s`: expected words without commas, # or quotes", pair->key->text,
                       word->text);
            return false;
        }
        text_printf(&value, "%s%s", value.length ? "," : "", word->text);
    }
    dnsmasq_option(pair->key->text, text_of(&value), lines);
    return true;
}

static bool options_read_map(struct reader *r, struct network *network, const struct node *map)
{
    struct text lines CLEANUP_TEXT = {0};
    bool good_form = want_form(r, map, NODE_MAP, "options", "options: {ntp-server: 10.0.0.1}");
    bool good = good_form;
    for (size_t i = 0; good_form && i < map->n; i++)
        good &= option_put(r, &map->pairs[i], &lines);
    network->dhcp.options = arena_strdup(r->arena, text_of(&lines));
    return good;
}

/* The whole */

static bool dhcp_read(struct reader *r, struct networks *networks, struct network_said *said)
{
    struct network_dhcp *dhcp = &said->network->dhcp;
    struct value values[DHCP_OPTIONS] = {0};
    const struct node *nodes[DHCP_OPTIONS] = {0};
    const unsigned apart = 1U << DHCP_OPTION_HOSTS | 1U << DHCP_OPTION_OPTIONS;
    struct value *boot = &values[DHCP_OPTION_BOOT_FILE], *root = &values[DHCP_OPTION_TFTP_ROOT];
    bool good = values_read(r, said->dhcp, dhcp_options, DHCP_OPTIONS, apart, "in `dhcp` of a network",
                            values, nodes);
    good &= plain_read(r, nodes[DHCP_OPTION_BOOT_FILE], boot, "boot-file", &dhcp->boot_file);
    good &= plain_read(r, nodes[DHCP_OPTION_TFTP_ROOT], root, "tftp-root", &dhcp->tftp_root);
    if (values[DHCP_OPTION_TFTP_SERVER].form == VALUE_TEXT)
        dhcp->tftp_server = values[DHCP_OPTION_TFTP_SERVER].text;
    if (values[DHCP_OPTION_LEASE_TIME].form == VALUE_TEXT)
        good &= lease_time_read(r, nodes[DHCP_OPTION_LEASE_TIME], values[DHCP_OPTION_LEASE_TIME].text,
                                &dhcp->lease_seconds);
    if (nodes[DHCP_OPTION_OPTIONS] && !node_is_null(nodes[DHCP_OPTION_OPTIONS]))
        good &= options_read_map(r, said->network, nodes[DHCP_OPTION_OPTIONS]);
    const struct node *range = values[DHCP_OPTION_RANGE].form ? nodes[DHCP_OPTION_RANGE] : NULL;
    for (size_t i = 0; range && i < node_count(range); i++)
        good &= range_read(r, networks, said, node_item(range, i));
    if (nodes[DHCP_OPTION_HOSTS])
        leases_read(r, networks, said, nodes[DHCP_OPTION_HOSTS]);
    return good;
}

void services_read(struct reader *r, struct networks *networks)
{
    for (struct network_said *said = networks->list; said; said = said->next_said) {
        struct network *network = said->network;
        bool good = !said->has_bad_dns;
        if (network->dhcp.is_on && said->dhcp && !network_is_bridged(network))
            good &= dhcp_read(r, networks, said);
        for (unsigned family = 0; good && !said->is_broken && network->dhcp.is_on && family < FAMILIES;
             family++)
            if (network->subnets[family].ip.family && !network->dhcp.ranges[family].first.family)
                good = range_choose(r, networks, network, family);
        said->is_broken |= !good;
    }
}

static void put_file(struct reader *r, struct object *service, const char *key, struct text *text)
{
    object_set_text(r->model, service, key, text_of(text));
    text_done(text);
}

static void put_service(struct reader *r, const struct network *network)
{
    const char *name = arena_printf(r->arena, "dnsmasq-%s", network->bridge);
    struct text config = {0}, names = {0}, leases = {0};
    char buffer[IP_TEXT_SIZE];
    unsigned family = network->gateways[IPV4].family ? IPV4 : IPV6;
    struct object *service = model_new(r->model, classes[CLASS_SERVICE], NULL, HOST);
    dnsmasq_config(network, service_folder(r->arena, HOST, name), &config);
    dnsmasq_names(network, &names);
    dnsmasq_leases(network, &leases);
    object_set_text(r->model, service, "name", name);
    object_set_number(r->model, service, "program", SERVICE_DNSMASQ);
    object_set_text(r->model, service, "interface", network->bridge);
    object_set_text(r->model, service, "network", network->name);
    put_file(r, service, "config", &config);
    put_file(r, service, "names", &names);
    put_file(r, service, "leases", &leases);
    object_set_text(r->model, service, "options", network->dhcp.options);
    object_set_number(r->model, service, "host-names",
                      network->dns.is_on ? network->dns.host_names : HOST_NAMES_NONE);
    object_set_text(r->model, service, "domain", network->dns.is_on ? network->dns.domain : "");
    object_set_text(r->model, service, "server", ip_format(&network->gateways[family], buffer));
    object_set_number(r->model, service, "state", SERVICE_RUNNING);
    object_put(r, service, &network->place);
}

void services_finish(struct reader *r, const struct networks *networks)
{
    for (const struct network_said *said = networks->list; said; said = said->next_said)
        if (network_serves(said->network) && !said->is_broken)
            put_service(r, said->network);
}
