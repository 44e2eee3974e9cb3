/* Words of other tools, words that name the wrong kind of thing, and what is said of them: each as in
 * test_file_bad.c. */
#include "test_file_bad.h"

static const struct mistake mistakes[] = {
    /* clang-format off */
    {"vrf names a bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  d0: {type: dummy, vrf: br0}\n"
     "namespaces: {red: {interfaces: {eth0: {bond: br0, addresses: [10.0.0.1/24]}}}}\n",
     "lab.yaml:3:26: error: `vrf`: `br0` is a bridge\n"
     "     3 |   d0: {type: dummy, vrf: br0}\n"
     "       |                          ^\n"
     "       say `bridge: br0`\n"
     "lab.yaml:4:46: error: `bond`: `br0` is a bridge\n"
     "     4 | namespaces: {red: {interfaces: {eth0: {bond: br0, addresses: [10.0.0.1/24]}}}}\n"
     "       |                                              ^\n"
     "       say `bridge: br0`\n"},
    {"bridge names hardware",
     "interfaces:\n"
     "  eth0: {type: physical}\n"
     "  d0: {type: dummy, bridge: eth0}\n",
     "lab.yaml:3:29: error: `bridge`: `eth0` is a physical\n"
     "     3 |   d0: {type: dummy, bridge: eth0}\n"
     "       |                             ^\n"
     "       describe it as what it is: `eth0: {type: bridge}`\n"},
    {"ports of hardware",
     "interfaces:\n"
     "  eth0: {type: physical, ports: [eth1]}\n",
     "lab.yaml:2:33: error: a physical has no ports\n"
     "     2 |   eth0: {type: physical, ports: [eth1]}\n"
     "       |                                 ^\n"
     "       describe it as what it is: `eth0: {type: bridge}`\n"},
    {"bridge not described",
     "interfaces:\n"
     "  d0: {type: dummy, bridge: br0}\n"
     "  d1: {type: dummy, vrf: blue}\n",
     "lab.yaml:2:29: error: `bridge`: there is no interface `br0` in the host\n"
     "     2 |   d0: {type: dummy, bridge: br0}\n"
     "       |                             ^\n"
     "       describe it in this file: `br0: {type: bridge}`; one that exists already is taken over by `--adopt`\n"
     "lab.yaml:3:26: error: `vrf`: there is no interface `blue` in the host\n"
     "     3 |   d1: {type: dummy, vrf: blue}\n"
     "       |                          ^\n"
     "       describe it in this file: `blue: {type: vrf}`; one that exists already is taken over by `--adopt`\n"},
    {"two peers",
     "interfaces:\n"
     "  v0: {type: veth, peer: v1}\n"
     "  v1: {type: veth, peer: v2}\n",
     "lab.yaml:3:26: error: `host/v1` already has the peer `host/v0`\n"
     "     3 |   v1: {type: veth, peer: v2}\n"
     "       |                          ^\n"
     "       first given at lab.yaml:2:26\n"},
    {"default twice",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24, \"fd00::1/64\"], gateway: [10.0.0.2, \"fd00::2\"]}}\n"
     "routes:\n"
     "  - {to: default, via: 10.0.0.3}\n"
     "  - {to: default, via: \"fd00::3\"}\n",
     "lab.yaml:3:5: error: route `default` is given twice\n"
     "     3 |   - {to: default, via: 10.0.0.3}\n"
     "       |     ^\n"
     "       first given at lab.yaml:1:82\n"
     "lab.yaml:4:5: error: IPv6 route `default metric 1024` is given twice\n"
     "     4 |   - {to: default, via: \"fd00::3\"}\n"
     "       |     ^\n"
     "       first given at lab.yaml:1:92\n"},
    {"lo is everywhere",
     "routes: [{to: 10.0.0.0/8, dev: lo}]\n"
     "namespaces: {red: {routes: [{to: 10.0.0.0/8, dev: lo}]}}\n",
     ""},
    {"hop is a text",
     "routes: [{to: 10.0.0.0/8, nexthops: [via 10.0.0.1 dev eth0]}]\n",
     "lab.yaml:1:38: error: each of `nexthops` is a map, not a single value\n"
     "     1 | routes: [{to: 10.0.0.0/8, nexthops: [via 10.0.0.1 dev eth0]}]\n"
     "       |                                      ^\n"
     "       for example: `nexthops: [{via: 10.0.0.1, weight: 2}, {via: 10.0.0.2}]`\n"},
    {"owner unknown",
     "interfaces: {t: {type: tap, owner: nobody-here, group: nothing-here}}\n",
     "lab.yaml:1:36: error: `owner`: there is no user `nobody-here`\n"
     "     1 | interfaces: {t: {type: tap, owner: nobody-here, group: nothing-here}}\n"
     "       |                                    ^\n"
     "       a number works too: `owner: 1000`\n"
     "lab.yaml:1:56: error: `group`: there is no group `nothing-here`\n"
     "     1 | interfaces: {t: {type: tap, owner: nobody-here, group: nothing-here}}\n"
     "       |                                                        ^\n"
     "       a number works too: `group: 1000`\n"},
    {"host bits of networks",
     "interfaces: {d0: {type: dummy}}\n"
     "routes: [{to: 10.1.0.5/24, dev: d0}]\n"
     "rules: [{from: \"fd00::1/64\", table: 5}]\n",
     "lab.yaml:2:15: warning: `to`: 10.1.0.5/24 is not a network, and is taken for 10.1.0.0/24\n"
     "     2 | routes: [{to: 10.1.0.5/24, dev: d0}]\n"
     "       |               ^\n"
     "       the one address is `10.1.0.5`\n"
     "lab.yaml:3:16: warning: `from`: fd00::1/64 is not a network, and is taken for fd00::/64\n"
     "     3 | rules: [{from: \"fd00::1/64\", table: 5}]\n"
     "       |                ^\n"
     "       the one address is `fd00::1`\n"},
    {"words of others",
     "interfaces:\n"
     "  br0: {type: bridge, stp_state: true, ageing_time: 5, vlan_filtering: true}\n"
     "  d0: {type: dummy, bridge: br0, cost: 5, priority: 3, ip: 10.0.0.1/24, address: 10.0.0.1/24, gateway4: 10.0.0.2}\n"
     "  v0: {type: vlan, link: d0, id: 5, MTUBytes: 1400, nameservers: [], routing-policy: []}\n"
     "ethernets: {}\n",
     "lab.yaml:2:23: error: unknown key `stp_state` in an interface\n"
     "     2 |   br0: {type: bridge, stp_state: true, ageing_time: 5, vlan_filtering: true}\n"
     "       |                       ^\n"
     "       did you mean `stp`?\n"
     "lab.yaml:2:40: error: unknown key `ageing_time` in an interface\n"
     "     2 |   br0: {type: bridge, stp_state: true, ageing_time: 5, vlan_filtering: true}\n"
     "       |                                        ^\n"
     "       did you mean `ageing-time`?\n"
     "lab.yaml:2:56: error: unknown key `vlan_filtering` in an interface\n"
     "     2 |   br0: {type: bridge, stp_state: true, ageing_time: 5, vlan_filtering: true}\n"
     "       |                                                        ^\n"
     "       did you mean `vlan-aware`?\n"
     "lab.yaml:3:34: error: unknown key `cost` in an interface\n"
     "     3 |   d0: {type: dummy, bridge: br0, cost: 5, priority: 3, ip: 10.0.0.1/24, address: 10.0.0.1/24, gateway4: 10.0.0.2}\n"
     "       |                                  ^\n"
     "       did you mean `path-cost`?\n"
     "lab.yaml:3:43: error: `priority` is an option of bridge, not of dummy\n"
     "     3 |   d0: {type: dummy, bridge: br0, cost: 5, priority: 3, ip: 10.0.0.1/24, address: 10.0.0.1/24, gateway4: 10.0.0.2}\n"
     "       |                                           ^\n"
     "       that of a bridge port is `port-priority`\n"
     "lab.yaml:3:56: error: unknown key `ip` in an interface\n"
     "     3 |   d0: {type: dummy, bridge: br0, cost: 5, priority: 3, ip: 10.0.0.1/24, address: 10.0.0.1/24, gateway4: 10.0.0.2}\n"
     "       |                                                        ^\n"
     "       did you mean `addresses`?\n"
     "lab.yaml:3:73: error: unknown key `address` in an interface\n"
     "     3 |   d0: {type: dummy, bridge: br0, cost: 5, priority: 3, ip: 10.0.0.1/24, address: 10.0.0.1/24, gateway4: 10.0.0.2}\n"
     "       |                                                                         ^\n"
     "       did you mean `addresses`?\n"
     "lab.yaml:3:95: error: unknown key `gateway4` in an interface\n"
     "     3 | ...ost: 5, priority: 3, ip: 10.0.0.1/24, address: 10.0.0.1/24, gateway4: 10.0.0.2}\n"
     "       |                                                                ^\n"
     "       did you mean `gateway`?\n"
     "lab.yaml:4:20: error: unknown key `link` in an interface\n"
     "     4 |   v0: {type: vlan, link: d0, id: 5, MTUBytes: 1400, nameservers: [], routing-policy: []}\n"
     "       |                    ^\n"
     "       did you mean `parent`?\n"
     "lab.yaml:4:37: error: unknown key `MTUBytes` in an interface\n"
     "     4 |   v0: {type: vlan, link: d0, id: 5, MTUBytes: 1400, nameservers: [], routing-policy: []}\n"
     "       |                                     ^\n"
     "       did you mean `mtu`?\n"
     "lab.yaml:4:53: error: unknown key `nameservers` in an interface\n"
     "     4 |   v0: {type: vlan, link: d0, id: 5, MTUBytes: 1400, nameservers: [], routing-policy: []}\n"
     "       |                                                     ^\n"
     "       that is `dns`, a section beside `interfaces`\n"
     "lab.yaml:4:70: error: unknown key `routing-policy` in an interface\n"
     "     4 |   v0: {type: vlan, link: d0, id: 5, MTUBytes: 1400, nameservers: [], routing-policy: []}\n"
     "       |                                                                      ^\n"
     "       that is `rules`, a section beside `interfaces`\n"
     "lab.yaml:5:1: error: unknown key `ethernets` at the top of the file\n"
     "     5 | ethernets: {}\n"
     "       | ^\n"
     "       did you mean `interfaces`?\n"},
    {"key twice and more",
     "interfaces:\n"
     "  d0: {type: dummy, mtu: 1500, mtu: 1400}\n"
     "  d1: {type: dumy}\n",
     "lab.yaml:2:32: error: key `mtu` is given twice\n"
     "     2 |   d0: {type: dummy, mtu: 1500, mtu: 1400}\n"
     "       |                                ^\n"
     "       first given at lab.yaml:2:21\n"
     "lab.yaml:3:14: error: there is no type `dumy`\n"
     "     3 |   d1: {type: dumy}\n"
     "       |              ^\n"
     "       did you mean `dummy`?\n"},
    /* clang-format on */
};

static void test_mistakes(void **state)
{
    (void)state;
    mistakes_compare(mistakes, sizeof mistakes / sizeof *mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
