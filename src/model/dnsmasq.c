/* The files of dnsmasq(8). What may change while it runs (names, kept addresses, options) is in files of
 * their own, which it reads again at SIGHUP.
 *
 * It listens on the bridge and nowhere else, so that it gets along with any other resolver of the host. What
 * is asked about the domain of the network is never asked elsewhere. Of an isolated network nothing is: who
 * can ask the outside for names can tell it something. */
#include "model/dnsmasq.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void dnsmasq_option(const char *name, const char *value, struct text *out)
{
    bool is_number = strspn(name, "0123456789") == strlen(name);
    bool is_six = strncmp(name, "option6:", 8) == 0;
    text_printf(out, "%s%s,%s\n", is_number || is_six ? "" : "option:", name, value);
}

/* As `dnsmasq --help dhcp` and `--help dhcp6` list them. */
static const char *const known_options[] = {
    "all-subnets-local",
    "arp-timeout",
    "boot-file-size",
    "bootfile-name",
    "classless-static-route",
    "client-arch",
    "client-interface-id",
    "client-machine-id",
    "default-ttl",
    "dns-server",
    "domain-name",
    "domain-search",
    "ethernet-encap",
    "extension-path",
    "ip-forward-enable",
    "ipv6-only",
    "irc-server",
    "log-server",
    "lpr-server",
    "max-datagram-reassembly",
    "mobile-ip-home",
    "mtu",
    "netbios-dd",
    "netbios-nodetype",
    "netbios-ns",
    "netbios-scope",
    "nis+-domain",
    "nis+-server",
    "nis-domain",
    "nis-server",
    "nntp-server",
    "non-local-source-routing",
    "ntp-server",
    "policy-filter",
    "pop3-server",
    "posix-timezone",
    "rapid-commit",
    "root-path",
    "router",
    "router-discovery",
    "router-solicitation",
    "server-ip-address",
    "sip-server",
    "smtp-server",
    "static-route",
    "swap-server",
    "tcp-keepalive",
    "tcp-ttl",
    "tftp-server",
    "tftp-server-address",
    "time-offset",
    "trailer-encapsulation",
    "tzdb-timezone",
    "user-class",
    "vendor-class",
    "vendor-id-encap",
    "x-windows-dm",
    "x-windows-fs",
};
static const char *const known_options6[] = {
    "bootfile-param", "bootfile-url", "dns-server",        "domain-search", "information-refresh-time",
    "nis+-domain",    "nis+-server",  "nis-domain",        "nis-server",    "ntp-server",
    "posix-timezone", "sip-server",   "sip-server-domain", "sntp-server",   "tzdb-timezone",
};

bool dnsmasq_knows_option(const char *name, const char **ret_near)
{
    bool is_six = strncmp(name, "option6:", 8) == 0;
    const char *word = is_six ? name + 8 : name;
    const char *const *list = is_six ? known_options6 : known_options;
    size_t n = is_six ? sizeof known_options6 / sizeof *list : sizeof known_options / sizeof *list;
    struct nearest nearest = {.word = word};
    if (*word && strspn(word, "0123456789") == strlen(word))
        return strlen(word) <= 3 && strtol(word, NULL, 10) > 0 && strtol(word, NULL, 10) < 255;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], word) == 0)
            return true;
        nearest_offer(&nearest, list[i]);
    }
    *ret_near = nearest.best;
    return false;
}

bool dnsmasq_can_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return false;
    return *name && *name != '-' && strlen(name) <= 63;
}

/* DNS */

static void add_dns(const struct network *network, const char *folder, struct text *out)
{
    const struct network_dns *dns = &network->dns;
    if (!dns->is_on) {
        text_add(out, "port=0\n");
        return;
    }
    text_printf(out, "domain=%s\nlocal=/%s/\nexpand-hosts\ndomain-needed\nbogus-priv\n", dns->domain,
                dns->domain);
    text_printf(out, "addn-hosts=%s/names\n", folder);
    if (dns->servers || network->mode == NETWORK_ISOLATED)
        text_add(out, "no-resolv\n");
    for (const char *at = dns->servers; at && *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        text_printf(out, "server=%.*s\n", (int)length, at);
        at += length;
    }
}

/* DHCP and router advertisements */

static void add_netmask(const struct prefix *subnet, struct text *out)
{
    struct ip all = {.family = 4, .bytes = {255, 255, 255, 255}};
    const struct prefix whole = {all, subnet->length}, mask = prefix_network(&whole);
    char buffer[IP_TEXT_SIZE];
    text_add(out, ip_format(&mask.ip, buffer));
}

static void add_lease_time(const struct network_dhcp *dhcp, struct text *out)
{
    if (dhcp->lease_seconds == LEASE_FOREVER)
        text_add(out, ",infinite\n");
    else
        text_printf(out, ",%lld\n", (long long)dhcp->lease_seconds);
}

static void add_range(const struct network *network, unsigned family, struct text *out)
{
    enum { SLAAC_LENGTH = 64 };
    const struct range *range = &network->dhcp.ranges[family];
    const struct prefix *subnet = &network->subnets[family];
    char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE];
    if (!range->first.family)
        return;
    text_printf(out, "dhcp-range=%s,%s,", ip_format(&range->first, first), ip_format(&range->last, last));
    if (family == IPV4)
        add_netmask(subnet, out);
    else
        text_printf(out, "%s%u", subnet->length == SLAAC_LENGTH ? "slaac," : "", subnet->length);
    add_lease_time(&network->dhcp, out);
}

static void add_boot(const struct network_dhcp *dhcp, struct text *out)
{
    if (dhcp->tftp_root)
        text_printf(out, "enable-tftp\ntftp-root=%s\n", dhcp->tftp_root);
    if (dhcp->boot_file)
        text_printf(out, "dhcp-boot=%s%s%s\n", dhcp->boot_file, dhcp->tftp_server ? ",," : "",
                    dhcp->tftp_server ? dhcp->tftp_server : "");
}

static void add_dhcp(const struct network *network, const char *folder, struct text *out)
{
    bool is_isolated = network->mode == NETWORK_ISOLATED, has_six = network->dhcp.ranges[IPV6].first.family;
    if (!network->dhcp.is_on)
        return;
    add_range(network, IPV4, out);
    add_range(network, IPV6, out);
    text_printf(out,
                "dhcp-leasefile=%s/lease-database\ndhcp-hostsfile=%s/leases\ndhcp-optsfile=%s/options\n"
                "dhcp-lease-max=65536\ndhcp-authoritative\nno-ping\nquiet-dhcp\nquiet-dhcp6\nquiet-ra\n",
                folder, folder, folder);
    if (is_isolated)
        text_add(out, "dhcp-option=option:router\n");
    if (has_six)
        text_add(out, "enable-ra\n");
    if (has_six && is_isolated)
        text_printf(out, "ra-param=%s,0,0\n", network->bridge);
    if (has_six && network->dns.is_on)
        text_printf(out, "dhcp-option=option6:domain-search,%s\n", network->dns.domain);
    add_boot(&network->dhcp, out);
}

void dnsmasq_config(const struct network *network, const char *folder, struct text *out)
{
    text_printf(out,
                "# network %s\ninterface=%s\nexcept-interface=lo\nbind-dynamic\nno-hosts\n"
                "pid-file=%s/pid\n",
                network->name, network->bridge, folder);
    add_dns(network, folder, out);
    add_dhcp(network, folder, out);
}

/* The other files */

void dnsmasq_names(const struct network *network, struct text *out)
{
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next)
        for (unsigned family = 0; family < FAMILIES; family++) {
            const struct ip *ip = &guest->addresses[family].ip;
            char buffer[IP_TEXT_SIZE];
            if (ip->family && !guest->is_client && network->dns.is_on && dnsmasq_can_name(guest->name))
                text_printf(out, "%s %s\n", ip_format(ip, buffer), guest->name);
        }
}

static void add_lease(const char *mac, const char *name, const struct ip *addresses, struct text *out)
{
    const char *separator = "";
    const char *const keys[] = {mac, mac ? NULL : name};
    for (size_t i = 0; i < 2; i++)
        if (keys[i]) {
            text_printf(out, "%s%s", separator, keys[i]);
            separator = ",";
        }
    for (unsigned family = 0; family < FAMILIES; family++) {
        char buffer[IP_TEXT_SIZE];
        if (addresses[family].family)
            text_printf(out, family == IPV4 ? ",%s" : ",[%s]", ip_format(&addresses[family], buffer));
    }
    text_printf(out, "%s%s\n", mac && name ? "," : "", mac && name ? name : "");
}

void dnsmasq_leases(const struct network *network, struct text *out)
{
    if (!network->dhcp.is_on)
        return;
    for (const struct network_lease *lease = network->dhcp.leases; lease; lease = lease->next)
        add_lease(lease->mac, lease->name, lease->addresses, out);
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next) {
        const struct ip ips[FAMILIES] = {guest->addresses[IPV4].ip, guest->addresses[IPV6].ip};
        const char *name = dnsmasq_can_name(guest->name) ? guest->name : NULL;
        if (network_guest_is_kept(network, guest) && (ips[IPV4].family || ips[IPV6].family) &&
            (guest->mac || name))
            add_lease(guest->mac, name, ips, out);
    }
}
