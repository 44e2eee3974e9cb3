/* DHCP and DNS of networks: the texts that dnsmasq reads, word by word, which addresses are given away,
 * and what is wrong with files that have a mistake. */
#include "test_file_bad.h"

#include "base/text.h"
#include "model/dnsmasq.h"
#include "model/network.h"
#include "model/service.h"

/* The services of a file: "NS/NAME" with its options, a line each, texts of lines indented. */
static char *services(const char *yaml)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct text text = {0};
    int r = file_read_text("lab.yaml", yaml, strlen(yaml), &topology, &errors);
    if (r == 0)
        r = topology_check(&topology, &errors);
    errors_print(&errors, stderr, false);
    assert_int_equal(r, 0);
    model_each(&topology.model, object)
    {
        if (object->class->id != CLASS_SERVICE)
            continue;
        text_printf(&text, "%s/%s\n", object->ns, object->name);
        for (unsigned i = 1; i < object_n_options(object); i++) {
            const struct option *option = object_option(object, i);
            struct text value CLEANUP_TEXT = {0};
            if (value_is_set(&object->values[i]))
                option_format(option, &object->values[i], &value);
            if (!value.length)
                continue;
            char *rest = NULL;
            for (char *line = strtok_r(value.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                text_printf(&text, "%s: %s\n", option->key, line);
        }
    }
    char *copy = xstrdup(text_of(&text));
    text_done(&text);
    return copy;
}

static void runs(const char *yaml, const char *expected)
{
    char *text = services(yaml);
    assert_string_equal(text, expected);
    free(text);
}

#define FOLDER "/run/plexus-services/host/dnsmasq-lan"

static void test_both(void **state)
{
    (void)state;
    runs("networks:\n"
         "  lan:\n"
         "    subnet: 10.1.0.0/24\n"
         "    ipv6: fd01::/64\n"
         "    dhcp:\n"
         "      lease-time: 43200\n"
         "      hosts:\n"
         "        - {mac: \"02:00:00:00:00:01\", name: printer, address: [10.1.0.50, \"fd01::50\"]}\n"
         "        - {name: laptop, address: 10.1.0.51}\n"
         "      options: {ntp-server: [10.1.0.8, 10.1.0.9], 252: \"http://wpad/\", \"option6:sntp-server\": "
         "\"fd01::8\"}\n"
         "      boot-file: pxelinux.0\n"
         "      tftp-server: 10.1.0.7\n"
         "    dns: {servers: [192.0.2.53, 192.0.2.54], host-names: hosts}\n"
         "namespaces:\n"
         "  web: {networks: [lan]}\n"
         "  pc: {networks: {lan: {dhcp: true, address: 10.1.0.200}}}\n",
         "pc/dhcp-eth0\n"
         "program: dhcp-client\n"
         "interface: eth0\n"
         "config: hostname pc\n"
         "state: running\n"
         "host/dnsmasq-lan\n"
         "program: dnsmasq\n"
         "interface: lan\n"
         "network: lan\n"
         "config: # network lan\n"
         "config: interface=lan\n"
         "config: except-interface=lo\n"
         "config: bind-dynamic\n"
         "config: no-hosts\n"
         "config: pid-file=" FOLDER "/pid\n"
         "config: domain=lan.internal\n"
         "config: local=/lan.internal/\n"
         "config: expand-hosts\n"
         "config: domain-needed\n"
         "config: bogus-priv\n"
         "config: addn-hosts=" FOLDER "/names\n"
         "config: no-resolv\n"
         "config: server=192.0.2.53\n"
         "config: server=192.0.2.54\n"
         "config: dhcp-range=10.1.0.128,10.1.0.254,255.255.255.0,43200\n"
         "config: dhcp-range=fd01::1000,fd01::ffff,slaac,64,43200\n"
         "config: dhcp-leasefile=" FOLDER "/lease-database\n"
         "config: dhcp-hostsfile=" FOLDER "/leases\n"
         "config: dhcp-optsfile=" FOLDER "/options\n"
         "config: dhcp-lease-max=65536\n"
         "config: dhcp-authoritative\n"
         "config: no-ping\n"
         "config: quiet-dhcp\n"
         "config: quiet-dhcp6\n"
         "config: quiet-ra\n"
         "config: enable-ra\n"
         "config: dhcp-option=option6:domain-search,lan.internal\n"
         "config: dhcp-boot=pxelinux.0,,10.1.0.7\n"
         "names: 10.1.0.2 web\n"
         "names: fd01::2 web\n"
         "leases: 02:00:00:00:00:01,10.1.0.50,[fd01::50],printer\n"
         "leases: laptop,10.1.0.51\n"
         "leases: pc,10.1.0.200\n"
         "options: option:ntp-server,10.1.0.8,10.1.0.9\n"
         "options: 252,http://wpad/\n"
         "options: option6:sntp-server,fd01::8\n"
         "host-names: hosts\n"
         "domain: lan.internal\n"
         "server: 10.1.0.1\n"
         "state: running\n");
}

/* Of an isolated network the host has an address to answer from, tells nobody of a way out, and asks
 * nobody. */
static void test_isolated(void **state)
{
    (void)state;
    runs("networks: {lan: {mode: isolated, subnet: 10.1.0.0/30, dhcp: {lease-time: infinite}, dns: {domain: "
         "quiet.test}}}\n",
         "host/dnsmasq-lan\n"
         "program: dnsmasq\n"
         "interface: lan\n"
         "network: lan\n"
         "config: # network lan\n"
         "config: interface=lan\n"
         "config: except-interface=lo\n"
         "config: bind-dynamic\n"
         "config: no-hosts\n"
         "config: pid-file=" FOLDER "/pid\n"
         "config: domain=quiet.test\n"
         "config: local=/quiet.test/\n"
         "config: expand-hosts\n"
         "config: domain-needed\n"
         "config: bogus-priv\n"
         "config: addn-hosts=" FOLDER "/names\n"
         "config: no-resolv\n"
         "config: dhcp-range=10.1.0.2,10.1.0.2,255.255.255.252,infinite\n"
         "config: dhcp-leasefile=" FOLDER "/lease-database\n"
         "config: dhcp-hostsfile=" FOLDER "/leases\n"
         "config: dhcp-optsfile=" FOLDER "/options\n"
         "config: dhcp-lease-max=65536\n"
         "config: dhcp-authoritative\n"
         "config: no-ping\n"
         "config: quiet-dhcp\n"
         "config: quiet-dhcp6\n"
         "config: quiet-ra\n"
         "config: dhcp-option=option:router\n"
         "host-names: resolved\n"
         "domain: quiet.test\n"
         "server: 10.1.0.1\n"
         "state: running\n");
}

static void test_only_dns(void **state)
{
    (void)state;
    runs("networks: {lan: {subnet: 10.1.0.0/24, dhcp: false, dns: true}}\n",
         "host/dnsmasq-lan\n"
         "program: dnsmasq\n"
         "interface: lan\n"
         "network: lan\n"
         "config: # network lan\n"
         "config: interface=lan\n"
         "config: except-interface=lo\n"
         "config: bind-dynamic\n"
         "config: no-hosts\n"
         "config: pid-file=" FOLDER "/pid\n"
         "config: domain=lan.internal\n"
         "config: local=/lan.internal/\n"
         "config: expand-hosts\n"
         "config: domain-needed\n"
         "config: bogus-priv\n"
         "config: addn-hosts=" FOLDER "/names\n"
         "host-names: resolved\n"
         "domain: lan.internal\n"
         "server: 10.1.0.1\n"
         "state: running\n");
    runs("networks: {lan: {subnet: 10.1.0.0/24, dhcp: false, dns: false}, other: {subnet: 10.2.0.0/24}}\n",
         "");
    runs("interfaces: {wan: {type: dummy, dhcp: true}, lan: {type: dummy, dhcp: no}}\n",
         "host/dhcp-wan\n"
         "program: dhcp-client\n"
         "interface: wan\n"
         "state: running\n");
}

static void range_is(const char *subnet, const char *taken, const char *expected)
{
    struct prefix prefix;
    struct ip ips[8];
    size_t n = 0;
    struct text text CLEANUP_TEXT = {0};
    char *copy = xstrdup(taken), *rest = NULL, buffer[IP_TEXT_SIZE];
    assert_int_equal(prefix_parse(subnet, &prefix), 0);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        assert_int_equal(ip_parse(word, &ips[n++]), 0);
    struct range range = subnet_range(&prefix, ips, n);
    if (range.first.family) {
        text_printf(&text, "%s ", ip_format(&range.first, buffer));
        text_add(&text, ip_format(&range.last, buffer));
    }
    assert_string_equal(text_of(&text), expected);
    free(copy);
}

static void test_ranges(void **state)
{
    (void)state;
    range_is("10.1.0.0/24", "", "10.1.0.128 10.1.0.254");
    range_is("10.1.0.0/24", "10.1.0.1 10.1.0.127 10.2.0.200", "10.1.0.128 10.1.0.254");
    range_is("10.1.0.0/24", "10.1.0.128 10.1.0.254", "10.1.0.129 10.1.0.253");
    range_is("10.1.0.0/24", "10.1.0.200 10.1.0.150", "10.1.0.201 10.1.0.254");
    range_is("10.1.0.0/24", "10.1.0.140 10.1.0.230 10.1.0.200", "10.1.0.141 10.1.0.199");
    range_is("10.0.0.0/8", "10.128.0.0", "10.128.0.1 10.255.255.254");
    range_is("10.1.0.0/30", "", "10.1.0.2 10.1.0.2");
    range_is("10.1.0.0/30", "10.1.0.2", "");
    range_is("fd00::/64", "fd00::2", "fd00::1000 fd00::ffff");
    range_is("fd00::/64", "fd00::1000 fd00::fff0", "fd00::1001 fd00::ffef");
    range_is("fd00::/120", "", "fd00::80 fd00::ff");
}

/* Names that DNS cannot have are left out, not made up. */
static void test_names(void **state)
{
    (void)state;
    assert_true(dnsmasq_can_name("web-1"));
    assert_false(dnsmasq_can_name(""));
    assert_false(dnsmasq_can_name("-web"));
    assert_false(dnsmasq_can_name("a b"));
    assert_false(dnsmasq_can_name("a.b"));
    assert_false(dnsmasq_can_name("0123456789012345678901234567890123456789012345678901234567890123"));
    char *text = services("networks: {lan: {subnet: 10.1.0.0/24, dns: true}}\n"
                          "namespaces: {web: {networks: [lan]}, w.x: {networks: [lan]}}\n");
    assert_non_null(strstr(text, "names: 10.1.0.2 web\nhost-names"));
    free(text);
}

/* What is kept for a guest, and how it is called, are in the texts: a piece of them. */
static void has(const char *yaml, const char *piece)
{
    char *text = services(yaml);
    if (!strstr(text, piece))
        fail_msg("no `%s` in:\n%s", piece, text);
    free(text);
}

/* A machine behind an interface of the host asks, or does not: its address is its own in both cases. */
static void test_machines(void **state)
{
    (void)state;
    static const char machine[] =
        "networks: {lan: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.40-10.1.0.60}, dns: true}}\n"
        "interfaces:\n"
        "  vm0: {type: tap, network: {lan: {name: mail, mac: \"52:54:00:00:00:01\", address: 10.1.0.50}}}\n"
        "  vm1: {type: tap, network: {lan: {mac: \"52:54:00:00:00:02\"}}}\n"
        "  vm2: {type: tap, network: lan}\n";
    has(machine, "names: 10.1.0.50 mail\nnames: 10.1.0.2 vm1\nnames: 10.1.0.3 vm2\n");
    has(machine, "leases: 52:54:00:00:00:01,10.1.0.50,mail\n"
                 "leases: 52:54:00:00:00:02,10.1.0.2,vm1\n"
                 "leases: vm2,10.1.0.3\n");
}

/* Whom DHCP cannot know by a name, it knows by a MAC address that is chosen. */
static void test_nameless(void **state)
{
    (void)state;
    char *text = services("networks: {lan: {subnet: 10.1.0.0/24, dhcp: true}}\n"
                          "namespaces: {w.x: {networks: {lan: {dhcp: true, address: 10.1.0.5}}}}\n");
    char *lease = strstr(text, "leases: ");
    struct mac mac;
    assert_non_null(lease);
    lease[strcspn(lease, ",")] = '\0';
    assert_int_equal(mac_parse(lease + strlen("leases: "), &mac), 0);
    free(text);
}

/* The name of a service is one in its namespace: two topologies may call their networks the same. */
static void test_service_name(void **state)
{
    (void)state;
    has("networks: {lan: {bridge: br7, subnet: 10.1.0.0/24, dhcp: true}}\n",
        "host/dnsmasq-br7\nprogram: dnsmasq\ninterface: br7\nnetwork: lan\n");
}

static const struct mistake mistakes[] = {
    /* clang-format off */
    {"range outside",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.1.10-10.1.1.20}}}\n",
     "lab.yaml:1:51: error: `range`: 10.1.1.10-10.1.1.20 is not within 10.1.0.0/24, the subnet of `a`\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.1.10-10.1.1.20}}}\n"
     "       |                                                   ^\n"},
    {"range upside down",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.20-10.1.0.10}}}\n",
     "lab.yaml:1:51: error: `range` cannot be `10.1.0.20-10.1.0.10`: expected two addresses, like 10.0.0.100-10.0.0.200\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.20-10.1.0.10}}}\n"
     "       |                                                   ^\n"},
    {"range of no subnet",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: \"fd00::10-fd00::20\"}}}\n",
     "lab.yaml:1:51: error: `range`: network `a` has no subnet of IPv6\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: \"fd00::10-fd00::20\"}}}\n"
     "       |                                                   ^\n"},
    {"two ranges",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: [10.1.0.10-10.1.0.20, 10.1.0.30-10.1.0.40]}}}\n",
     "lab.yaml:1:73: error: `range`: one for each family, and there are two of IPv4\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: [10.1.0.10-10.1.0.20, 10.1.0.30-10.1.0.40]}}}\n"
     "       |                                                                         ^\n"},
    {"range with a guest",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.10-10.1.0.20}}}\n"
     "namespaces: {web: {networks: {a: {address: 10.1.0.15}}}}\n",
     "lab.yaml:1:51: error: `range`: 10.1.0.10-10.1.0.20 has 10.1.0.15 in it, and `web` has that\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.10-10.1.0.20}}}\n"
     "       |                                                   ^\n"
     "       what is given away must be nobody's\n"},
    {"range with the gateway",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.1-10.1.0.20}}}\n",
     "lab.yaml:1:51: error: `range`: 10.1.0.1-10.1.0.20 has 10.1.0.1 in it, and the gateway of `a` has that\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {range: 10.1.0.1-10.1.0.20}}}\n"
     "       |                                                   ^\n"
     "       what is given away must be nobody's\n"},
    {"lease outside",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{mac: \"02:00:00:00:00:01\", address: 10.2.0.5}]}}}\n",
     "lab.yaml:1:88: error: address 10.2.0.5 is none of a host in 10.1.0.0/24, the subnet of `a`\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{mac: \"02:00:00:00:00:01\", address: 10.2.0.5}]}}}\n"
     "       |                                                                                        ^\n"},
    {"lease that a guest has",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{name: x, address: 10.1.0.5}]}}}\n"
     "namespaces: {web: {networks: {a: {address: 10.1.0.5}}}}\n",
     "lab.yaml:1:71: error: address 10.1.0.5 is taken: `web` has it\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{name: x, address: 10.1.0.5}]}}}\n"
     "       |                                                                       ^\n"},
    {"lease for the MAC address of a guest",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{mac: \"02:00:00:00:00:01\", address: 10.1.0.5}]}}}\n"
     "namespaces: {web: {networks: {a: {mac: \"02:00:00:00:00:01\", dhcp: true, address: 10.1.0.6}}}}\n",
     "lab.yaml:1:58: error: `hosts`: 02:00:00:00:00:01 is the MAC address of `web`, which has an address of its own\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{mac: \"02:00:00:00:00:01\", address: 10.1.0.5}]}}}\n"
     "       |                                                          ^\n"
     "       leave this away; say it there: `a: {address: 10.0.0.50}`\n"},
    {"lease for the MAC address of a guest that does not ask",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{mac: \"02:00:00:00:00:01\", address: 10.1.0.5}]}}}\n"
     "namespaces: {web: {networks: {a: {mac: \"02:00:00:00:00:01\"}}}}\n",
     "lab.yaml:1:58: error: `hosts`: 02:00:00:00:00:01 is the MAC address of `web`, which has an address of its own\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{mac: \"02:00:00:00:00:01\", address: 10.1.0.5}]}}}\n"
     "       |                                                          ^\n"
     "       leave this away; say it there: `a: {address: 10.0.0.50}`\n"},
    {"lease by a MAC address given twice",
     "networks:\n"
     "  a:\n"
     "    subnet: 10.1.0.0/24\n"
     "    dhcp:\n"
     "      hosts:\n"
     "        - {mac: \"02:00:00:00:00:01\", address: 10.1.0.5}\n"
     "        - {mac: \"02:00:00:00:00:01\", address: 10.1.0.6}\n",
     "lab.yaml:7:17: error: `hosts`: 02:00:00:00:00:01 has an address already\n"
     "     7 |         - {mac: \"02:00:00:00:00:01\", address: 10.1.0.6}\n"
     "       |                 ^\n"
     "       first given at lab.yaml:6:11\n"},
    {"address given twice",
     "networks:\n"
     "  a:\n"
     "    subnet: 10.1.0.0/24\n"
     "    dhcp:\n"
     "      hosts:\n"
     "        - {mac: \"02:00:00:00:00:01\", address: 10.1.0.5}\n"
     "        - {name: two, address: 10.1.0.5}\n",
     "lab.yaml:7:32: error: address 10.1.0.5 is taken: `02:00:00:00:00:01` has it\n"
     "     7 |         - {name: two, address: 10.1.0.5}\n"
     "       |                                ^\n"},
    {"lease for nobody",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{address: 10.1.0.5}]}}}\n",
     "lab.yaml:1:52: error: one of `hosts` needs a `mac` or a `name`\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{address: 10.1.0.5}]}}}\n"
     "       |                                                    ^\n"
     "       for example: `{mac: 02:00:00:00:00:01, address: 10.0.0.50}`\n"},
    {"lease of nothing",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{name: x}]}}}\n",
     "lab.yaml:1:52: error: one of `hosts` needs an `address`\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {hosts: [{name: x}]}}}\n"
     "       |                                                    ^\n"},
    {"lease time",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {lease-time: 1 hour}}}\n",
     "lab.yaml:1:56: error: `lease-time` cannot be `1 hour`: expected 45m, 12h, 7d, a number of seconds from 120, or infinite\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {lease-time: 1 hour}}}\n"
     "       |                                                        ^\n"},
    {"short lease time",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {lease-time: 5s}}}\n",
     "lab.yaml:1:56: error: `lease-time` cannot be `5s`: expected 45m, 12h, 7d, a number of seconds from 120, or infinite\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {lease-time: 5s}}}\n"
     "       |                                                        ^\n"},
    {"unknown option",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {options: {ntp-servers: 10.1.0.9}}}}\n",
     "lab.yaml:1:54: error: there is no DHCP option `ntp-servers`\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {options: {ntp-servers: 10.1.0.9}}}}\n"
     "       |                                                      ^\n"
     "       did you mean `ntp-server`?\n"},
    {"option with a comma",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {options: {42: \"10.1.0.9,10.1.0.8\"}}}}\n",
     "lab.yaml:1:58: error: `42` cannot be `10.1.0.9,10.1.0.8`: expected words without commas, # or quotes\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {options: {42: \"10.1.0.9,10.1.0.8\"}}}}\n"
     "       |                                                          ^\n"},
    {"unknown key",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: {ranges: 10.1.0.9}, dns: {domian: x}}}\n",
     "lab.yaml:1:44: error: unknown key `ranges` in `dhcp` of a network\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {ranges: 10.1.0.9}, dns: {domian: x}}}\n"
     "       |                                            ^\n"
     "       did you mean `range`?\n"
     "lab.yaml:1:69: error: unknown key `domian` in `dns` of a network\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: {ranges: 10.1.0.9}, dns: {domian: x}}}\n"
     "       |                                                                     ^\n"
     "       did you mean `domain`?\n"},
    {"domain",
     "networks: {a: {subnet: 10.1.0.0/24, dns: {domain: \"a b\"}}}\n",
     "lab.yaml:1:51: error: `domain` cannot be `a b`: expected a name like guests.internal\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dns: {domain: \"a b\"}}}\n"
     "       |                                                   ^\n"},
    {"bridged",
     "networks: {a: {mode: bridged, uplink: eth0, dhcp: true}}\n",
     "lab.yaml:1:51: error: `dhcp`: network `a` is bridged\n"
     "     1 | networks: {a: {mode: bridged, uplink: eth0, dhcp: true}}\n"
     "       |                                                   ^\n"
     "       its guests ask the servers of the network that `uplink` leads to\n"},
    {"client without a server",
     "networks: {a: {subnet: 10.1.0.0/24}}\n"
     "namespaces: {web: {networks: {a: {dhcp: true}}}}\n",
     "lab.yaml:2:41: error: `dhcp`: network `a` has no DHCP server\n"
     "     2 | namespaces: {web: {networks: {a: {dhcp: true}}}}\n"
     "       |                                         ^\n"
     "       say `dhcp: true` in the network too, or leave it away here: then it gets an address\n"},
    {"client with an address elsewhere",
     "networks: {a: {mode: bridged, uplink: eth0}}\n"
     "namespaces: {web: {networks: {a: {dhcp: true, address: 10.1.0.5/24}}}}\n",
     "lab.yaml:2:56: error: `address`: `web` asks for one, and network `a` has its DHCP server elsewhere\n"
     "     2 | namespaces: {web: {networks: {a: {dhcp: true, address: 10.1.0.5/24}}}}\n"
     "       |                                                        ^\n"
     "       leave it away, or `dhcp`\n"},
    {"client on a port",
     "interfaces: {br0: {type: bridge}, d0: {type: dummy, bridge: br0, dhcp: true}}\n",
     "lab.yaml:1:66: error: `dhcp` of `d0`: it is a port of `br0`, which gets the answers\n"
     "     1 | interfaces: {br0: {type: bridge}, d0: {type: dummy, bridge: br0, dhcp: true}}\n"
     "       |                                                                  ^\n"
     "       say it there: `br0: {dhcp: true}`\n"},
    {"no room for guests",
     "networks: {a: {subnet: 10.1.0.0/29, dhcp: true}}\n"
     "namespaces: {web: {count: 3, networks: [a]}}\n",
     "lab.yaml:2:41: error: network `a` is full: 10.1.0.0/29 has no address left for `web-3`\n"
     "     2 | namespaces: {web: {count: 3, networks: [a]}}\n"
     "       |                                         ^\n"
     "       give it a larger `subnet`, or `dhcp` a smaller `range`\n"},
    {"neither",
     "networks: {a: {subnet: 10.1.0.0/24, dhcp: maybe}}\n",
     "lab.yaml:1:43: error: `dhcp` cannot be `maybe`: expected true or false\n"
     "     1 | networks: {a: {subnet: 10.1.0.0/24, dhcp: maybe}}\n"
     "       |                                           ^\n"},
    /* clang-format on */
};

static void test_mistakes(void **state)
{
    (void)state;
    mistakes_compare(mistakes, sizeof mistakes / sizeof *mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both),     cmocka_unit_test(test_isolated),     cmocka_unit_test(test_only_dns),
        cmocka_unit_test(test_ranges),   cmocka_unit_test(test_names),        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_nameless), cmocka_unit_test(test_service_name), cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
