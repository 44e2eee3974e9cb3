/* Networks of a file: what they stand for, and what is wrong with those that have a mistake. */
#include "test_file_bad.h"

#include <errno.h>

#include "base/text.h"
#include "model/firewall/firewall.h"
#include "model/network.h"

/* All that a topology has, a line each, of the classes that networks are made of. */
static char *objects(const char *yaml, bool rules)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct text text = {0};
    int r = file_read_text("lab.yaml", yaml, strlen(yaml), &topology, &errors);
    if (r == 0)
        r = topology_check(&topology, &errors);
    errors_print(&errors, stderr, false);
    assert_int_equal(r, 0);
    assert_int_equal(errors.n_warnings, 0);
    model_each(&topology.model, object)
    {
        bool is_rule = object->class->id == CLASS_CHAIN;
        if (is_rule != rules || object->class->id == CLASS_NAMESPACE || object->class->id == CLASS_TABLE ||
            object->class->id == CLASS_SET || strcmp(object->name, "lo") == 0)
            continue;
        text_printf(&text, "%s", object->id);
        for (unsigned i = 0; !is_rule && i < object_n_options(object); i++) {
            const struct option *option = object_option(object, i);
            if (option->flags & OPTION_KEY || !value_is_set(&object->values[i]) ||
                strcmp(option->key, "up") == 0)
                continue;
            text_printf(&text, ", %s ", option->key);
            option_format(option, &object->values[i], &text);
        }
        const char *lines = is_rule ? object_text(object, "rules") : "";
        for (const char *at = lines; (at = strstr(at, "\"comment\":\"")); at++)
            text_printf(&text, "\n    %.*s", (int)strcspn(at + 11, "\""), at + 11);
        text_add(&text, "\n");
    }
    char *copy = xstrdup(text_of(&text));
    text_done(&text);
    return copy;
}

static void stands_for(const char *yaml, const char *expected)
{
    char *text = objects(yaml, false);
    assert_string_equal(text, expected);
    free(text);
}

static void asks(const char *yaml, const char *expected)
{
    char *text = objects(yaml, true);
    assert_string_equal(text, expected);
    free(text);
}

static void test_nat(void **state)
{
    (void)state;
    stands_for(
        "interfaces: {wan0: {type: dummy, mtu: 1450}}\n"
        "networks: {guests: {subnet: 10.1.0.0/24, uplink: wan0}}\n"
        "namespaces:\n"
        "  web: {networks: [guests]}\n"
        "  db: {networks: {guests: {address: 10.1.0.2, mac: \"02:00:00:00:00:09\", interface: lan0}}}\n",
        "interface host/wan0, mtu 1450\n"
        "interface host/guests, mtu 1450\n"
        "interface host/web-eth0, mtu 1450, master host/guests, peer web/eth0\n"
        "interface host/db-lan0, mtu 1450, master host/guests, peer db/lan0\n"
        "interface web/eth0, mtu 1450, peer host/web-eth0\n"
        "interface db/lan0, mtu 1450, mac 02:00:00:00:00:09, peer host/db-lan0\n"
        "address host/guests 10.1.0.1/24\n"
        "address web/eth0 10.1.0.3/24\n"
        "route web/0.0.0.0/0, via 10.1.0.1, dev eth0\n"
        "address db/lan0 10.1.0.2/24\n"
        "route db/0.0.0.0/0, via 10.1.0.1, dev lan0\n"
        "sysctl host/net/ipv4/ip_forward, value 1\n");
}

static void test_ipv6(void **state)
{
    (void)state;
    stands_for("networks: {n: {subnet: 10.1.0.0/24, ipv6: \"fd00:1::/64\"}}\n"
               "namespaces: {a: {networks: n}}\n",
               "interface host/n\n"
               "interface host/a-eth0, master host/n, peer a/eth0\n"
               "interface a/eth0, peer host/a-eth0\n"
               "address host/n 10.1.0.1/24\n"
               "address host/n fd00:1::1/64\n"
               "address a/eth0 10.1.0.2/24\n"
               "address a/eth0 fd00:1::2/64\n"
               "route a/0.0.0.0/0, via 10.1.0.1, dev eth0\n"
               "route a/::/0 metric 1024, via fd00:1::1, dev eth0\n"
               "sysctl host/net/ipv4/ip_forward, value 1\n"
               "sysctl host/net/ipv6/conf/all/forwarding, value 1\n");
}

static void test_counted(void **state)
{
    (void)state;
    stands_for("networks: {n: {subnet: 10.1.0.0/29, gateway: 10.1.0.4, mode: routed}}\n"
               "forwarding: true\n"
               "namespaces: {a: {count: 3, networks: [n], interfaces: {eth0: {type: dummy, addresses: "
               "[10.1.0.1/32]}}}}\n",
               "interface host/n\n"
               "interface host/a-1-eth1, master host/n, peer a-1/eth1\n"
               "interface host/a-2-eth1, master host/n, peer a-2/eth1\n"
               "interface host/a-3-eth1, master host/n, peer a-3/eth1\n"
               "interface a-1/eth0\n"
               "interface a-1/eth1, peer host/a-1-eth1\n"
               "interface a-2/eth0\n"
               "interface a-2/eth1, peer host/a-2-eth1\n"
               "interface a-3/eth0\n"
               "interface a-3/eth1, peer host/a-3-eth1\n"
               "address host/n 10.1.0.4/29\n"
               "address a-1/eth0 10.1.0.1/32\n"
               "address a-1/eth1 10.1.0.2/29\n"
               "route a-1/0.0.0.0/0, via 10.1.0.4, dev eth1\n"
               "address a-2/eth0 10.1.0.1/32\n"
               "address a-2/eth1 10.1.0.3/29\n"
               "route a-2/0.0.0.0/0, via 10.1.0.4, dev eth1\n"
               "address a-3/eth0 10.1.0.1/32\n"
               "address a-3/eth1 10.1.0.5/29\n"
               "route a-3/0.0.0.0/0, via 10.1.0.4, dev eth1\n"
               "sysctl host/net/ipv4/ip_forward, value 1\n"
               "sysctl host/net/ipv6/conf/all/forwarding, value 1\n");
}

static void test_isolated(void **state)
{
    (void)state;
    stands_for("networks:\n"
               "  quiet: {subnet: 10.1.0.0/24, mode: isolated, isolated: true}\n"
               "  known: {subnet: 10.2.0.0/24, mode: isolated, gateway: 10.2.0.9}\n"
               "namespaces: {a: {networks: [quiet, known]}}\n",
               "interface host/quiet\n"
               "interface host/known\n"
               "interface host/a-eth0, master host/quiet, peer a/eth0, isolated true\n"
               "interface host/a-eth1, master host/known, peer a/eth1\n"
               "interface a/eth0, peer host/a-eth0\n"
               "interface a/eth1, peer host/a-eth1\n"
               "address host/known 10.2.0.9/24\n"
               "address a/eth0 10.1.0.1/24\n"
               "address a/eth1 10.2.0.1/24\n"
               "sysctl host/net/ipv6/conf/quiet/disable_ipv6, value 1, dev quiet\n"
               "sysctl host/net/ipv6/conf/known/disable_ipv6, value 1, dev known\n");
}

/* The first network that leads outside has the default route, unless the file gives one. */
static void test_default_routes(void **state)
{
    (void)state;
    stands_for("networks: {a: {subnet: 10.1.0.0/24, mode: isolated}, b: {subnet: 10.2.0.0/24}, c: {subnet: "
               "10.3.0.0/24}}\n"
               "namespaces: {x: {networks: [a, c, b]}}\n",
               "interface host/a\n"
               "interface host/b\n"
               "interface host/c\n"
               "interface host/x-eth0, master host/a, peer x/eth0\n"
               "interface host/x-eth1, master host/c, peer x/eth1\n"
               "interface host/x-eth2, master host/b, peer x/eth2\n"
               "interface x/eth0, peer host/x-eth0\n"
               "interface x/eth1, peer host/x-eth1\n"
               "interface x/eth2, peer host/x-eth2\n"
               "address host/b 10.2.0.1/24\n"
               "address host/c 10.3.0.1/24\n"
               "address x/eth0 10.1.0.1/24\n"
               "address x/eth1 10.3.0.2/24\n"
               "route x/0.0.0.0/0, via 10.3.0.1, dev eth1\n"
               "address x/eth2 10.2.0.2/24\n"
               "sysctl host/net/ipv6/conf/a/disable_ipv6, value 1, dev a\n"
               "sysctl host/net/ipv4/ip_forward, value 1\n");
}

static void test_bridged(void **state)
{
    (void)state;
    stands_for("interfaces:\n"
               "  eno1: {type: physical}\n"
               "  br-lan: {addresses: [192.168.1.5/24], gateway: 192.168.1.1}\n"
               "networks: {lan: {mode: bridged, uplink: eno1, bridge: br-lan, gateway: 192.168.1.1}}\n"
               "namespaces: {a: {networks: [lan]}, b: {networks: {lan: {address: 192.168.1.9/24}}}}\n",
               "interface host/eno1, master host/br-lan\n"
               "interface host/br-lan\n"
               "interface host/a-eth0, master host/br-lan, peer a/eth0\n"
               "interface host/b-eth0, master host/br-lan, peer b/eth0\n"
               "interface a/eth0, peer host/a-eth0\n"
               "interface b/eth0, peer host/b-eth0\n"
               "address host/br-lan 192.168.1.5/24\n"
               "route host/0.0.0.0/0, via 192.168.1.1, dev br-lan\n"
               "address b/eth0 192.168.1.9/24\n"
               "route b/0.0.0.0/0, via 192.168.1.1, dev eth0\n");
}

static void test_rules(void **state)
{
    (void)state;
    asks("interfaces: {wan0: {type: dummy}}\n"
         "networks:\n"
         "  a: {subnet: 10.1.0.0/24, uplink: wan0}\n"
         "  b: {subnet: 10.2.0.0/24, mode: routed}\n"
         "  c: {subnet: 10.3.0.0/24, mode: isolated, isolated: true}\n",
         "chain host/inet plexus-lab input\n"
         "    what comes from no isolated network\n"
         "    what belongs to a connection that was let through\n"
         "    what belongs to no connection and begins none\n"
         "    loopback\n"
         "    IPv6: errors, neighbours, routers, multicast groups\n"
         "    answers to DHCP clients\n"
         "    answers to DHCPv6 clients\n"
         "    c: isolated from the host\n"
         "chain host/inet plexus-lab forward\n"
         "    what is of no network of ours\n"
         "    what belongs to a connection that was let through\n"
         "    what belongs to no connection and begins none\n"
         "    IPv6: errors, neighbours, routers, multicast groups\n"
         "    a: among its guests\n"
         "    a: to wan0\n"
         "    b: among its guests\n"
         "    b: to outside\n"
         "    b: from outside\n"
         "    c: its guests are isolated\n"
         "    from a network to where it does not lead\n"
         "    to a network, unasked\n"
         "chain host/inet plexus-lab postrouting\n"
         "    masquerade from a to wan0\n");
}

/* What the file says of packets comes first, and it may name networks. */
static void test_beside_a_firewall(void **state)
{
    (void)state;
    asks("networks: {a: {subnet: 10.1.0.0/24, publish: [\"80:x:80\"]}, b: {subnet: 10.2.0.0/24}}\n"
         "namespaces: {x: {networks: [a]}}\n"
         "firewall: {rules: [reject smtp from a to any], policies: [a to b: allow]}\n",
         "chain host/inet plexus-lab forward\n"
         "    what belongs to a connection that was let through\n"
         "    what belongs to no connection and begins none\n"
         "    IPv6: errors, neighbours, routers, multicast groups\n"
         "    reject smtp from a to any\n"
         "    publish\n"
         "    a to b: allow\n"
         "    a: among its guests\n"
         "    a: to outside\n"
         "    b: among its guests\n"
         "    b: to outside\n"
         "    from a network to where it does not lead\n"
         "    to a network, unasked\n"
         "chain host/inet plexus-lab prerouting\n"
         "    publish\n"
         "chain host/inet plexus-lab output-nat\n"
         "    publish\n"
         "chain host/inet plexus-lab postrouting\n"
         "    from a guest to its sibling by what is published\n"
         "    masquerade from a to outside\n"
         "    masquerade from b to outside\n");
}

static const char machines[] = "networks: {guests: {subnet: 10.1.0.0/24}}\n"
                               "interfaces:\n"
                               "  tap0: {type: tap, network: {guests: {name: vm, address: 10.1.0.9, mac: "
                               "\"52:54:00:00:00:01\", anti-spoofing: true,\n"
                               "    also: [10.1.0.64/26, fd00::5], rate: 8192kbit, isolated: true}}}\n"
                               "  tap1: {type: tap, network: guests}\n"
                               "namespaces: {a: {networks: {guests: {isolated: true}}}}\n";

/* Machines come after namespaces: one more takes no address from these. */
static void test_machines(void **state)
{
    (void)state;
    stands_for(machines, "interface host/tap0, master host/guests, isolated true, learning false\n"
                         "interface host/tap1, master host/guests\n"
                         "interface host/guests\n"
                         "interface host/a-eth0, master host/guests, peer a/eth0, isolated true\n"
                         "interface a/eth0, peer host/a-eth0\n"
                         "address host/guests 10.1.0.1/24\n"
                         "address a/eth0 10.1.0.2/24\n"
                         "route a/0.0.0.0/0, via 10.1.0.1, dev eth0\n"
                         "sysctl host/net/ipv4/ip_forward, value 1\n"
                         "fdb host/tap0 52:54:00:00:00:01\n");
}

static const char *rules_of(const struct topology *topology, const char *chain)
{
    const struct object *object = model_get(&topology->model, CLASS_CHAIN, HOST, chain);
    assert_non_null(object);
    return object_text(object, "rules");
}

static void says(const char *rules, const char *expected)
{
    if (!strstr(rules, expected))
        fail_msg("does not say %s: %s", expected, rules);
}

static void test_guards(void **state)
{
    (void)state;
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    assert_int_equal(file_read_text("lab.yaml", machines, strlen(machines), &topology, &errors), 0);
    const char *from = rules_of(&topology, "bridge plexus-lab from-tap0");
    says(from, "\"burst\":128,\"burst_unit\":\"kbytes\",\"inv\":true,\"per\":\"second\",\"rate\":1000,\"rate_"
               "unit\":\"kbytes\"");
    says(from, "\"left\":{\"payload\":{\"field\":\"saddr\",\"protocol\":\"ether\"}},\"op\":\"!=\",\"right\":"
               "\"52:54:00:00:00:01\"");
    says(from,
         "\"right\":{\"set\":[\"0.0.0.0\",\"10.1.0.9\",{\"prefix\":{\"addr\":\"10.1.0.64\",\"len\":26}}]}");
    says(from, "\"right\":{\"set\":[\"0xfd000000000000000000000000000005\","
               "\"0xfe80000000000000505400fffe000001\"]}");
    says(from, "\"right\":{\"set\":[\"::\",\"fd00::5\",\"fe80::5054:ff:fe00:1\"]}");
    says(rules_of(&topology, "bridge plexus-lab from-a-eth0"), "a: to its network by way of the host");
    assert_null(model_get(&topology.model, CLASS_CHAIN, HOST, "bridge plexus-lab from-tap1"));
    const struct object *map =
        model_get(&topology.model, CLASS_SET, HOST, "bridge plexus-lab prerouting-ports");
    assert_non_null(map);
    assert_string_equal(object_text(map, "elements"), "a-eth0 : goto from-a-eth0\ntap0 : goto from-tap0");
}

static void test_vlan(void **state)
{
    (void)state;
    stands_for("networks: {blue: {mode: vlan, uplink: eno1, vlan: 20, mtu: 1400}}\n"
               "namespaces: {a: {networks: {blue: {address: 10.0.0.5/24}}}}\n",
               "interface host/blue, mtu 1400\n"
               "interface host/eno1.20, mtu 1400, master host/blue, parent host/eno1, id 20\n"
               "interface host/eno1\n"
               "interface host/a-eth0, mtu 1400, master host/blue, peer a/eth0\n"
               "interface a/eth0, mtu 1400, peer host/a-eth0\n"
               "address a/eth0 10.0.0.5/24\n");
    stands_for("networks: {blue: {mode: vlan, uplink: br0, vlan: 20}}\n"
               "interfaces: {br0: {type: bridge, vlan-aware: yes}, tap0: {type: tap, network: blue}}\n"
               "namespaces: {a: {networks: [blue]}}\n",
               "interface host/br0, vlan-aware true\n"
               "interface host/tap0, master host/br0, vlans 20 pvid untagged\n"
               "interface host/a-eth0, master host/br0, peer a/eth0, vlans 20 pvid untagged\n"
               "interface a/eth0, peer host/a-eth0\n");
}

static const struct mistake mistakes[] = {
    /* clang-format off */
    {"unknown mode",
     "networks: {a: {mode: natted}}\n",
     "lab.yaml:1:22: error: `mode` cannot be `natted`: expected one of: nat, routed, isolated, bridged, vlan\n"
     "     1 | networks: {a: {mode: natted}}\n"
     "       |                      ^\n"},
    {"unknown key",
     "networks: {a: {subnets: 10.0.0.0/24}}\n",
     "lab.yaml:1:16: error: unknown key `subnets` in a network\n"
     "     1 | networks: {a: {subnets: 10.0.0.0/24}}\n"
     "       |                ^\n"
     "       did you mean `subnet`?\n"},
    {"unknown network",
     "networks: {guests: {}}\n"
     "namespaces: {web: {networks: [guest]}}\n",
     "lab.yaml:2:31: error: there is no network `guest`\n"
     "     2 | namespaces: {web: {networks: [guest]}}\n"
     "       |                               ^\n"
     "       did you mean `guests`?\n"},
    {"no network",
     "namespaces: {web: {networks: {zzz: {}}}}\n",
     "lab.yaml:1:31: error: there is no network `zzz`\n"
     "     1 | namespaces: {web: {networks: {zzz: {}}}}\n"
     "       |                               ^\n"
     "       describe it at the top of the file: `networks: {zzz: {}}`\n"},
    {"a name that a guest has",
     "networks: {a: {}}\n"
     "interfaces: {tap0: {type: tap, network: {a: {name: web}}}}\n"
     "namespaces: {web: {networks: [a]}}\n",
     "lab.yaml:2:52: error: network `a` has a guest `web` already\n"
     "     2 | interfaces: {tap0: {type: tap, network: {a: {name: web}}}}\n"
     "       |                                                    ^\n"
     "       first given at lab.yaml:3:31\n"},
    {"the machine's address is not the TAP's",
     "networks: {a: {}}\n"
     "interfaces: {tap0: {type: tap, mac: \"52:54:00:00:00:01\", network: {a: {mac: \"52:54:00:00:00:01\"}}}}\n",
     "lab.yaml:2:68: error: `mac`: `tap0` itself has 52:54:00:00:00:01, so the bridge would take what is sent to the machine\n"
     "     2 | interfaces: {tap0: {type: tap, mac: \"52:54:00:00:00:01\", network: {a: {mac: \"52:54:00:00:00:01\"}}}}\n"
     "       |                                                                    ^\n"
     "       leave the `mac` of `tap0` away: it gets another\n"},
    {"an interface of a namespace",
     "networks: {a: {}}\n"
     "namespaces: {web: {interfaces: {eth0: {network: a}}}}\n",
     "lab.yaml:2:33: error: interface `eth0` needs a `type`\n"
     "     2 | namespaces: {web: {interfaces: {eth0: {network: a}}}}\n"
     "       |                                 ^\n"
     "       or a `bridge` in the host, or a `peer`: then it is a veth\n"
     "lab.yaml:2:40: error: `network` is said of interfaces of the host\n"
     "     2 | namespaces: {web: {interfaces: {eth0: {network: a}}}}\n"
     "       |                                        ^\n"
     "       of a namespace: `web: {networks: {NAME: {interface: eth0}}}`\n"},
    {"no uplink",
     "networks: {lan: {mode: bridged}}\n",
     "lab.yaml:1:12: error: network `lan` is bridged, and needs an `uplink`\n"
     "     1 | networks: {lan: {mode: bridged}}\n"
     "       |            ^\n"
     "       the interface that becomes a port of its bridge: `uplink: eth0`\n"},
    {"addresses on the uplink",
     "interfaces: {eno1: {type: physical, addresses: [10.0.0.5/24], gateway: 10.0.0.1}}\n"
     "networks: {lan: {mode: bridged, uplink: eno1}}\n",
     "lab.yaml:1:37: error: `addresses` of `eno1`: it becomes a port of bridge `lan`, which has them\n"
     "     1 | interfaces: {eno1: {type: physical, addresses: [10.0.0.5/24], gateway: 10.0.0.1}}\n"
     "       |                                     ^\n"
     "       say them there: `interfaces: {lan: {addresses: ...}}`\n"
     "lab.yaml:1:63: error: `gateway` of `eno1`: it becomes a port of bridge `lan`, which has them\n"
     "     1 | interfaces: {eno1: {type: physical, addresses: [10.0.0.5/24], gateway: 10.0.0.1}}\n"
     "       |                                                               ^\n"
     "       say them there: `interfaces: {lan: {gateway: ...}}`\n"},
    {"overlap",
     "networks:\n"
     "  a: {subnet: 10.0.0.0/16}\n"
     "  b: {subnet: 10.0.3.0/24}\n",
     "lab.yaml:3:3: error: networks `a` and `b` overlap: 10.0.0.0/16 and 10.0.3.0/24\n"
     "     3 |   b: {subnet: 10.0.3.0/24}\n"
     "       |   ^\n"
     "       give each a `subnet` of its own, or leave it away: then one is chosen\n"},
    {"outside the subnet",
     "networks: {a: {subnet: 10.0.0.0/24}}\n"
     "namespaces: {web: {networks: {a: {address: 10.0.1.5}}}}\n",
     "lab.yaml:2:44: error: address 10.0.1.5 is none of a host in 10.0.0.0/24, the subnet of `a`\n"
     "     2 | namespaces: {web: {networks: {a: {address: 10.0.1.5}}}}\n"
     "       |                                            ^\n"},
    {"taken twice",
     "networks: {a: {subnet: 10.0.0.0/24}}\n"
     "namespaces:\n"
     "  web: {networks: {a: {address: 10.0.0.5}}}\n"
     "  db: {networks: {a: {address: 10.0.0.5}}}\n",
     "lab.yaml:4:32: error: address 10.0.0.5 is taken: `web` has it\n"
     "     4 |   db: {networks: {a: {address: 10.0.0.5}}}\n"
     "       |                                ^\n"},
    {"gateway taken",
     "networks: {a: {subnet: 10.0.0.0/24}}\n"
     "namespaces:\n"
     "  web: {networks: {a: {address: 10.0.0.1}}}\n",
     "lab.yaml:3:33: error: address 10.0.0.1 is taken: the gateway of `a` has it\n"
     "     3 |   web: {networks: {a: {address: 10.0.0.1}}}\n"
     "       |                                 ^\n"},
    {"full",
     "networks: {a: {subnet: 10.0.0.0/30}}\n"
     "namespaces: {web: {count: 3, networks: [a]}}\n"
     "expect: [web-2 reaches web-1]\n",
     "lab.yaml:2:41: error: network `a` is full: 10.0.0.0/30 has no address left for `web-2`\n"
     "     2 | namespaces: {web: {count: 3, networks: [a]}}\n"
     "       |                                         ^\n"
     "       give it a larger `subnet`\n"},
    {"too small",
     "networks: {a: {subnet: 10.0.0.0/31}}\n",
     "lab.yaml:1:24: error: `subnet` cannot be `10.0.0.0/31`: it has no room for a gateway and a guest\n"
     "     1 | networks: {a: {subnet: 10.0.0.0/31}}\n"
     "       |                        ^\n"
     "       expected one from /8 to /30\n"},
    {"no guest",
     "networks:\n"
     "  a: {subnet: 10.0.0.0/24, publish: [\"80:wep:80\", \"81:db:81\"]}\n"
     "  b: {subnet: 10.0.1.0/24}\n"
     "namespaces: {web: {networks: [a]}, db: {networks: [b]}}\n",
     "lab.yaml:2:39: error: `wep` is not in network `a`\n"
     "     2 |   a: {subnet: 10.0.0.0/24, publish: [\"80:wep:80\", \"81:db:81\"]}\n"
     "       |                                       ^\n"
     "       did you mean `web`?\n"
     "lab.yaml:2:52: error: `db` is not in network `a`\n"
     "     2 |   a: {subnet: 10.0.0.0/24, publish: [\"80:wep:80\", \"81:db:81\"]}\n"
     "       |                                                    ^\n"
     "       a namespace says in which it is: `namespaces: {db: {networks: [a]}}`\n"},
    {"published twice",
     "networks:\n"
     "  a: {subnet: 10.0.0.0/24, publish: [\"80-90:web:80-90\"]}\n"
     "  b: {subnet: 10.0.1.0/24, publish: [\"85:web:85\"]}\n"
     "namespaces: {web: {networks: [a, b]}}\n",
     "lab.yaml:3:38: error: port 85/tcp is published twice\n"
     "     3 |   b: {subnet: 10.0.1.0/24, publish: [\"85:web:85\"]}\n"
     "       |                                      ^\n"
     "       first given at lab.yaml:2:38\n"},
    {"published from isolated",
     "networks: {a: {subnet: 10.0.0.0/24, mode: isolated, publish: [\"80:web:80\"]}}\n"
     "namespaces: {web: {networks: [a]}}\n",
     "lab.yaml:1:62: error: `publish`: network `a` is isolated\n"
     "     1 | networks: {a: {subnet: 10.0.0.0/24, mode: isolated, publish: [\"80:web:80\"]}}\n"
     "       |                                                              ^\n"
     "       say `mode: nat` for guests that are reached from outside\n"},
    {"no forwarding",
     "forwarding: false\n"
     "networks: {a: {subnet: 10.0.0.0/24}}\n",
     "lab.yaml:1:1: error: network `a` is nat, and the host does not forward\n"
     "     1 | forwarding: false\n"
     "       | ^\n"
     "       leave this away, or say `mode: isolated`\n"},
    {"gateway outside",
     "networks: {a: {subnet: 10.0.0.0/24, gateway: [10.0.1.1, \"fd00::1\"]}}\n",
     "lab.yaml:1:47: error: gateway 10.0.1.1 is no address of a host in 10.0.0.0/24, the subnet of `a`\n"
     "     1 | networks: {a: {subnet: 10.0.0.0/24, gateway: [10.0.1.1, \"fd00::1\"]}}\n"
     "       |                                               ^\n"
     "lab.yaml:1:57: error: gateway fd00::1: `a` has no subnet of IPv6\n"
     "     1 | networks: {a: {subnet: 10.0.0.0/24, gateway: [10.0.1.1, \"fd00::1\"]}}\n"
     "       |                                                         ^\n"},
    {"twice in",
     "networks: {a: {}}\n"
     "namespaces: {web: {networks: [a, a]}}\n",
     "lab.yaml:2:34: error: `web` is in network `a` twice\n"
     "     2 | namespaces: {web: {networks: [a, a]}}\n"
     "       |                                  ^\n"
     "       first given at lab.yaml:2:31\n"},
    {"zone",
     "networks: {a: {}}\n"
     "firewall: {zones: {a: [eth0]}}\n",
     "lab.yaml:2:20: error: zone `a`: the network of that name is a zone by itself\n"
     "     2 | firewall: {zones: {a: [eth0]}}\n"
     "       |                    ^\n"
     "       leave it away, or call it something else\n"},
    {"ipv4 as ipv6",
     "networks: {a: {ipv6: 10.0.0.0/24}}\n",
     "lab.yaml:1:22: error: `ipv6` cannot be `10.0.0.0/24`: expected true, or a prefix of IPv6\n"
     "     1 | networks: {a: {ipv6: 10.0.0.0/24}}\n"
     "       |                      ^\n"
     "       addresses of IPv4 are said as `subnet`\n"},
    {"uplink of isolated",
     "networks: {a: {mode: isolated, uplink: eth0}}\n",
     "lab.yaml:1:40: error: `uplink`: network `a` is isolated\n"
     "     1 | networks: {a: {mode: isolated, uplink: eth0}}\n"
     "       |                                        ^\n"
     "       leave it away, or say `mode: nat`\n"},
    {"length beside a subnet",
     "networks: {a: {subnet: 10.0.0.0/24}}\n"
     "namespaces: {web: {networks: {a: {address: 10.0.0.5/16}}}}\n",
     "lab.yaml:2:44: error: `address`: the subnet of `a` says the length of the prefix\n"
     "     2 | namespaces: {web: {networks: {a: {address: 10.0.0.5/16}}}}\n"
     "       |                                            ^\n"
     "       leave `/16` away\n"},
    {"on an interface",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.9/16], routes: [{to: 10.0.0.0/8}, {to: 11.0.0.0/8}, {to: default}]}}\n"
     "networks: {a: {subnet: 10.0.0.0/24}}\n",
     "lab.yaml:1:44: error: address 10.0.0.9/16 on d0 overlaps 10.0.0.0/24, the subnet of network `a`\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.9/16], routes: [{to: 10.0.0.0/8}, {to: 11.0.0.0/8}, {to: default}]}}\n"
     "       |                                            ^\n"
     "       give the network another `subnet`, or none: then one is chosen\n"
     "lab.yaml:1:67: error: route 10.0.0.0/8 on d0 overlaps 10.0.0.0/24, the subnet of network `a`\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.9/16], routes: [{to: 10.0.0.0/8}, {to: 11.0.0.0/8}, {to: default}]}}\n"
     "       |                                                                   ^\n"
     "       give the network another `subnet`, or none: then one is chosen\n"},
    {"within a name",
     "networks: {any: {subnet: 10.0.0.0/24}}\n",
     "lab.yaml:1:12: error: a network cannot be called `any`\n"
     "     1 | networks: {any: {subnet: 10.0.0.0/24}}\n"
     "       |            ^\n"
     "       the word has a meaning of its own in a rule\n"},
    {"form",
     "networks: [a]\n",
     "lab.yaml:1:11: error: `networks` must be a map, not a list\n"
     "     1 | networks: [a]\n"
     "       |           ^\n"
     "       for example: `networks: {guests: {subnet: 10.10.10.0/24}}`\n"},
    {"form of one",
     "networks: {a: 10.0.0.0/24}\n"
     "namespaces: {web: {networks: [a]}}\n",
     "lab.yaml:1:15: error: `a` must be a map, not a single value\n"
     "     1 | networks: {a: 10.0.0.0/24}\n"
     "       |               ^\n"
     "       for example: `a: {subnet: 10.10.10.0/24}`\n"},
    {"form of a guest",
     "networks: {a: {}}\n"
     "namespaces: {web: {networks: {a: 10.0.0.5}}}\n",
     "lab.yaml:2:34: error: `a` must be a map, not a single value\n"
     "     2 | namespaces: {web: {networks: {a: 10.0.0.5}}}\n"
     "       |                                  ^\n"
     "       for example: `a: {address: 10.0.0.5}`\n"},
    {"not an address",
     "networks: {a: {}}\n"
     "namespaces: {web: {networks: {a: {address: 10.0.0.}}}}\n",
     "lab.yaml:2:44: error: `address` cannot be `10.0.0.`: expected an IP address like 10.0.0.5 or fd00::5\n"
     "     2 | namespaces: {web: {networks: {a: {address: 10.0.0.}}}}\n"
     "       |                                            ^\n"},
    {"bridge that is none",
     "interfaces: {a: {type: dummy}}\n"
     "networks: {a: {}}\n"
     "namespaces: {web: {networks: [a]}}\n",
     "lab.yaml:1:24: error: `a` is the bridge of network `a`, not a dummy\n"
     "     1 | interfaces: {a: {type: dummy}}\n"
     "       |                        ^\n"
     "       leave the type away, or call the network's `bridge` something else\n"},
    {"one bridge",
     "networks: {a: {bridge: b}, b: {}}\n",
     "lab.yaml:1:28: error: networks `a` and `b` have one bridge, `b`\n"
     "     1 | networks: {a: {bridge: b}, b: {}}\n"
     "       |                            ^\n"
     "       first given at lab.yaml:1:12\n"},
    {"plugged in",
     "interfaces: {br0: {type: bridge}}\n"
     "networks: {a: {subnet: 10.0.0.0/24}}\n"
     "namespaces: {web: {networks: {a: {interface: eth0}}, interfaces: {eth0: {bridge: br0}}}}\n",
     "lab.yaml:3:74: error: `eth0` of `web` is plugged into network `a`: it cannot have a `bridge` too\n"
     "     3 | namespaces: {web: {networks: {a: {interface: eth0}}, interfaces: {eth0: {bridge: br0}}}}\n"
     "       |                                                                          ^\n"
     "       leave this away, or say another `interface` in `networks`\n"},
    {"unknown uplink",
     "interfaces: {eno1: {type: physical}}\n"
     "networks: {a: {subnet: 10.0.0.0/24, uplink: eno2}, b: {subnet: 10.1.0.0/24, uplink: wlan0}}\n",
     "lab.yaml:2:45: warning: `uplink`: no interface `eno2` is in this file\n"
     "     2 | networks: {a: {subnet: 10.0.0.0/24, uplink: eno2}, b: {subnet: 10.1.0.0/24, uplink: wlan0}}\n"
     "       |                                             ^\n"
     "       did you mean `eno1`?\n"
     "lab.yaml:2:85: warning: `uplink`: no interface `wlan0` is in this file\n"
     "     2 | networks: {a: {subnet: 10.0.0.0/24, uplink: eno2}, b: {subnet: 10.1.0.0/24, uplink: wlan0}}\n"
     "       |                                                                                     ^\n"
     "       describe one that exists already: `wlan0: {type: physical}`\n"},
    {"published at localhost",
     "networks: {a: {subnet: 10.0.0.0/24, publish: [\"127.0.0.1:8099:web:80\"]}}\n"
     "namespaces: {web: {networks: {a: {address: 10.0.0.5}}}}\n",
     "lab.yaml:1:48: error: `127.0.0.1:8099:web:80`: nothing is sent on from the loopback to a guest\n"
     "     1 | networks: {a: {subnet: 10.0.0.0/24, publish: [\"127.0.0.1:8099:web:80\"]}}\n"
     "       |                                                ^\n"
     "       publish at an address of the host, `from` a zone to keep others out; or connect to the guest itself, 10.0.0.5\n"},
    {"published, by DHCP",
     "networks: {a: {subnet: 10.0.0.0/24, dhcp: true, publish: [\"8099:pc:80\"]}}\n"
     "namespaces: {pc: {networks: {a: {dhcp: true}}}}\n",
     "lab.yaml:1:60: error: `pc` gets its address in network `a` by DHCP\n"
     "     1 | networks: {a: {subnet: 10.0.0.0/24, dhcp: true, publish: [\"8099:pc:80\"]}}\n"
     "       |                                                            ^\n"
     "       `address:` keeps one for it: `networks: {a: {dhcp: true, address: ...}}`\n"},
    {"no length",
     "networks: {a: {mode: bridged, uplink: eth0}}\n"
     "namespaces: {web: {networks: {a: {address: 10.0.0.5}}}}\n",
     "lab.yaml:2:44: error: `address`: `a` has no subnet of IPv4, so 10.0.0.5 needs a length\n"
     "     2 | namespaces: {web: {networks: {a: {address: 10.0.0.5}}}}\n"
     "       |                                            ^\n"
     "       for example: `10.0.0.5/24`\n"},
    /* clang-format on */
};

static void test_mistakes(void **state)
{
    (void)state;
    mistakes_compare(mistakes, sizeof mistakes / sizeof *mistakes);
}

/* A machine on which some run already: c with an address of another subnet, e with one that is said of d, f
 * with that of the gateway. */
static struct ip runs_with(void *userdata, const char *topology, const char *ns, const char *interface,
                           const struct prefix *subnet)
{
    static const struct {
        const char *ns, *address;
    } running[] = {{"b", "10.1.0.2"}, {"c", "10.9.0.2"}, {"e", "10.1.0.4"}, {"f", "10.1.0.1"}};
    struct ip ip = {0};
    (void)userdata;
    assert_string_equal(topology, "lab");
    assert_string_equal(interface, "eth0");
    assert_int_equal(subnet->length, 24);
    for (unsigned i = 0; i < sizeof running / sizeof *running; i++)
        if (strcmp(running[i].ns, ns) == 0)
            assert_int_equal(ip_parse(running[i].address, &ip), 0);
    return ip;
}

static const struct endpoint *nobody(void *userdata, const char *topology)
{
    (void)userdata, (void)topology;
    return NULL;
}

static void test_addresses_stay(void **state)
{
    static const char yaml[] = "networks: {n: {subnet: 10.1.0.0/24}}\n"
                               "namespaces:\n"
                               "  a: {networks: n}\n"
                               "  b: {networks: n}\n"
                               "  c: {networks: n}\n"
                               "  d: {networks: {n: {address: 10.1.0.4}}}\n"
                               "  e: {networks: n}\n"
                               "  f: {networks: n}\n";
    static const char *const expected[] = {"10.1.0.3/24", "10.1.0.2/24", "10.1.0.5/24",
                                           "10.1.0.4/24", "10.1.0.6/24", "10.1.0.7/24"};
    static const struct surroundings there = {.address = runs_with, .endpoints = nobody};
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    char text[PREFIX_TEXT_SIZE];
    unsigned n = 0;
    (void)state;
    assert_int_equal(file_read_text_there(&there, "lab.yaml", yaml, strlen(yaml), &topology, &errors), 0);
    for (const struct network_guest *guest = topology.networks->guests; guest; guest = guest->next)
        assert_string_equal(prefix_format(&guest->addresses[IPV4], text), expected[n++]);
    assert_int_equal(n, sizeof expected / sizeof *expected);
}

static const struct endpoint *those(void *userdata, const char *topology)
{
    (void)topology;
    return userdata;
}

/* What cannot be: an error where it is said now, else a warning. */
static void test_by_hand(void **state)
{
    static const char yaml[] = "networks: {n: {subnet: 10.1.0.0/24}}\n"
                               "interfaces: {tap0: {type: tap, network: {n: {address: 10.1.0.5}}}}\n";
    static const char *ports[] = {"8080:tap0:80"}, *others[] = {"8081:tap1:80"};
    struct endpoint other = {.network = "n", .ns = "tap1", .publish = others, .n_publish = 1};
    struct endpoint first = {
        .network = "n", .ns = "tap0", .publish = ports, .n_publish = 1, .is_new = true, .next = &other};
    const struct surroundings there = {.address = runs_with, .endpoints = those, .userdata = &first};
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0}, none CLEANUP_TOPOLOGY = {0};
    (void)state;
    assert_int_equal(file_read_text_there(&there, "lab.yaml", yaml, strlen(yaml), &topology, &errors), 0);
    assert_string_equal(topology.firewalls->published->words, "8080:tap0:80");
    assert_null(topology.firewalls->published->next);
    assert_non_null(errors.first); /* of tap1 */
    assert_int_equal(errors.n_errors, 0);
    other.is_new = true;
    assert_int_equal(file_read_text_there(&there, "lab.yaml", yaml, strlen(yaml), &none, &errors), -EINVAL);
    assert_string_equal(errors.last->message, "`tap1` cannot be in network `n`: there is no such guest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nat),
        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_vlan),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_addresses_stay),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_isolated),
        cmocka_unit_test(test_default_routes),
        cmocka_unit_test(test_bridged),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_beside_a_firewall),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
