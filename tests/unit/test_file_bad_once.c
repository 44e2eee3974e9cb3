/* Files with one mistake that could be taken for several: it alone is told, with what to do, and not what
 * follows from it. */
#include "test_file_bad.h"

static const struct mistake mistakes[] = {
    /* clang-format off */
    {"namespace is a list",
     "namespaces: {red: [eth0], blue: {interfaces: {eth0: {peer: red/eth0}}}}\n"
     "expect: [blue reaches red]\n",
     "lab.yaml:1:19: error: namespace `red` must be a map of sections, not a list\n"
     "     1 | namespaces: {red: [eth0], blue: {interfaces: {eth0: {peer: red/eth0}}}}\n"
     "       |                   ^\n"
     "       for example: `red: {interfaces: {eth0: {bridge: br0}}}`\n"},
    {"interfaces of a namespace are a list",
     "namespaces:\n"
     "  red: {interfaces: [eth0], routes: [{to: default, dev: eth0}]}\n"
     "  blue: {interfaces: {eth0: {bridge: red/br0}}}\n"
     "expect: [blue reaches red/eth0]\n",
     "lab.yaml:2:21: error: `interfaces` must be a map, not a list\n"
     "     2 |   red: {interfaces: [eth0], routes: [{to: default, dev: eth0}]}\n"
     "       |                     ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
    {"interfaces of the host are a list",
     "interfaces: [br0]\n"
     "namespaces: {red: {interfaces: {eth0: {bridge: br0}, v: {peer: w}}}}\n"
     "routes: [{to: 10.0.0.0/8, dev: br0}]\n"
     "expect: [red reaches br0]\n",
     "lab.yaml:1:13: error: `interfaces` must be a map, not a list\n"
     "     1 | interfaces: [br0]\n"
     "       |             ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
    {"namespaces are a list",
     "namespaces: [red]\n"
     "interfaces: {v0: {type: veth, peer: red/v1}}\n"
     "expect: [host reaches red]\n",
     "lab.yaml:1:13: error: `namespaces` must be a map, not a list\n"
     "     1 | namespaces: [red]\n"
     "       |             ^\n"
     "       for example: `namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}`\n"},
    {"count is wrong",
     "namespaces:\n"
     "  web: {count: zero, interfaces: {eth0: {bridge: br0}}}\n"
     "  db: {interfaces: {eth0: {peer: web-1/eth1}}}\n"
     "interfaces: {br0: {type: bridge}}\n"
     "expect: [db reaches web, web-1 reaches db]\n",
     "lab.yaml:2:16: error: `count` cannot be `zero`: expected a number from 1 to 4096\n"
     "     2 |   web: {count: zero, interfaces: {eth0: {bridge: br0}}}\n"
     "       |                ^\n"},
    {"namespaces misspelt",
     "namspaces: {red: {interfaces: {eth0: {bridge: br0, mtu: 3}}}}\n"
     "interfaces: {br0: {type: bridge}, v0: {type: veth, peer: red/v1}}\n"
     "expect: [host reaches red]\n",
     "lab.yaml:1:1: error: unknown key `namspaces` at the top of the file\n"
     "     1 | namspaces: {red: {interfaces: {eth0: {bridge: br0, mtu: 3}}}}\n"
     "       | ^\n"
     "       did you mean `namespaces`?\n"
     "lab.yaml:1:57: error: `mtu` cannot be `3`: expected a number from 68 to 65535 (bytes)\n"
     "     1 | namspaces: {red: {interfaces: {eth0: {bridge: br0, mtu: 3}}}}\n"
     "       |                                                         ^\n"},
    {"interfaces misspelt",
     "interfacs: {br0: {type: bridge, mtu: 3}}\n"
     "namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}\n"
     "routes: [{to: 10.0.0.0/8, dev: br0}]\n"
     "expect: [red reaches br0]\n",
     "lab.yaml:1:1: error: unknown key `interfacs` at the top of the file\n"
     "     1 | interfacs: {br0: {type: bridge, mtu: 3}}\n"
     "       | ^\n"
     "       did you mean `interfaces`?\n"
     "lab.yaml:1:38: error: `mtu` cannot be `3`: expected a number from 68 to 65535 (bytes)\n"
     "     1 | interfacs: {br0: {type: bridge, mtu: 3}}\n"
     "       |                                      ^\n"},
    {"count misspelt",
     "namespaces: {web: {cont: 2, interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1-10.0.0.2/24]}}}}\n"
     "interfaces: {br0: {type: bridge}}\n"
     "expect: [web-1 reaches web-2]\n",
     "lab.yaml:1:20: error: unknown key `cont` in a namespace\n"
     "     1 | namespaces: {web: {cont: 2, interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1-10.0.0.2/24]}}}}\n"
     "       |                    ^\n"
     "       did you mean `count`?\n"},
    {"bridge misspelt",
     "namespaces: {red: {interfaces: {eth0: {brige: br0}}}}\n"
     "interfaces: {br0: {type: bridge}}\n",
     "lab.yaml:1:40: error: unknown key `brige` in an interface\n"
     "     1 | namespaces: {red: {interfaces: {eth0: {brige: br0}}}}\n"
     "       |                                        ^\n"
     "       did you mean `bridge`?\n"},
    {"no space behind type",
     "interfaces: {br0: {type:bridge}}\n",
     "lab.yaml:1:20: error: unknown key `type:bridge` in an interface\n"
     "     1 | interfaces: {br0: {type:bridge}}\n"
     "       |                    ^\n"
     "       a space is missing behind the colon: `type: bridge`\n"},
    {"kind by keys",
     "interfaces:\n"
     "  eth0: {type: physical}\n"
     "  eth0.10: {parent: eth0, id: 10}\n",
     "lab.yaml:3:3: error: interface `eth0.10` needs a `type`\n"
     "     3 |   eth0.10: {parent: eth0, id: 10}\n"
     "       |   ^\n"
     "       by its keys: `type: vlan` or `type: vxlan`\n"},
    {"path is a list",
     "namespaces: {green: {path: [a], interfaces: {eth0: {type: physical}}, routes: [{to: default, via: 10.2.0.1}]}}\n",
     "lab.yaml:1:28: error: `path` takes a single value, not a list\n"
     "     1 | namespaces: {green: {path: [a], interfaces: {eth0: {type: physical}}, routes: [{to: default, via: 10.2.0.1}]}}\n"
     "       |                            ^\n"},
    {"namespace of the peer misspelt",
     "interfaces: {v0: {type: veth, peer: rde/v1}}\n"
     "namespaces: {red: {interfaces: {v1: {addresses: [10.0.0.1/24]}}}}\n",
     "lab.yaml:1:37: error: `peer`: there is no namespace `rde`\n"
     "     1 | interfaces: {v0: {type: veth, peer: rde/v1}}\n"
     "       |                                     ^\n"
     "       did you mean `red`?\n"},
    {"namespace of the peer unknown",
     "interfaces: {v0: {type: veth, peer: blue/v1}}\n",
     "lab.yaml:1:37: error: `peer`: there is no namespace `blue`\n"
     "     1 | interfaces: {v0: {type: veth, peer: blue/v1}}\n"
     "       |                                     ^\n"
     "       describe it in this file: `namespaces: {blue: {}}`\n"},
    {"route to the gateway is wrong",
     "namespaces: {red: {interfaces: {eth0: {bridge: br0}}, routes: [{to: 10.9.0.0/16, dev: eht0}, {to: default, via: 10.9.0.1}]}}\n"
     "interfaces: {br0: {type: bridge}}\n",
     "lab.yaml:1:87: error: `dev`: no interface `eht0` in namespace `red`\n"
     "     1 | namespaces: {red: {interfaces: {eth0: {bridge: br0}}, routes: [{to: 10.9.0.0/16, dev: eht0}, {to: default, via: 10.9.0.1\n"
     "       |                                                                                       ^\n"
     "       did you mean `eth0`?\n"},
    {"range too short",
     "namespaces: {web: {count: 3, interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1-10.0.0.2/24], gateway: 10.0.0.9}}}}\n"
     "interfaces: {br0: {type: bridge}}\n",
     "lab.yaml:1:75: error: the range has 2 addresses, but 3 are needed (`count`)\n"
     "     1 | namespaces: {web: {count: 3, interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1-10.0.0.2/24], gateway: 10.0.0.9}}}}\n"
     "       |                                                                           ^\n"},
    {"several in one word",
     "interfaces:\n"
     "  b0: {type: bond, mode: 802.3ad, miimon: 100, ports: eno1 eno2, addresses: \"10.0.0.1/24, 10.0.0.2/24\"}\n",
     "lab.yaml:2:55: error: `ports`: `eno1 eno2` is more than one word\n"
     "     2 |   b0: {type: bond, mode: 802.3ad, miimon: 100, ports: eno1 eno2, addresses: \"10.0.0.1/24, 10.0.0.2/24\"}\n"
     "       |                                                       ^\n"
     "       several are a list: `ports: [eno1, eno2]`\n"
     "lab.yaml:2:77: error: `addresses`: `10.0.0.1/24, 10.0.0.2/24` is more than one word\n"
     "     2 |   b0: {type: bond, mode: 802.3ad, miimon: 100, ports: eno1 eno2, addresses: \"10.0.0.1/24, 10.0.0.2/24\"}\n"
     "       |                                                                             ^\n"
     "       several are a list: `addresses: [10.0.0.1/24, 10.0.0.2/24]`\n"},
    {"several VLANs",
     "interfaces: {br0: {type: bridge, vlan-aware: true}, t0: {type: tap, bridge: br0, vlan: [10, 20]}}\n",
     "lab.yaml:1:88: error: `vlan` takes one VLAN, not a list\n"
     "     1 | interfaces: {br0: {type: bridge, vlan-aware: true}, t0: {type: tap, bridge: br0, vlan: [10, 20]}}\n"
     "       |                                                                                        ^\n"
     "       several are tagged: `trunk: [10, 20]`\n"},
    {"targets",
     "namespaces: {red: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}}\n"
     "interfaces: {br0: {type: bridge}}\n"
     "expect: [host reaches 10.0.0.0/24, \"host reaches red:80\", host reaches red/eth1, {host: red}]\n",
     "lab.yaml:3:23: error: there is no namespace, interface or address `10.0.0.0/24`\n"
     "     3 | expect: [host reaches 10.0.0.0/24, \"host reaches red:80\", host reaches red/eth1, {host: red}]\n"
     "       |                       ^\n"
     "       an address is without a prefix length: `10.0.0.0`\n"
     "lab.yaml:3:50: error: there is no namespace, interface or address `red:80`\n"
     "     3 | expect: [host reaches 10.0.0.0/24, \"host reaches red:80\", host reaches red/eth1, {host: red}]\n"
     "       |                                                  ^\n"
     "       a port is a word of its own: `red tcp/80`\n"
     "lab.yaml:3:72: error: there is no namespace, interface or address `red/eth1`\n"
     "     3 | expect: [host reaches 10.0.0.0/24, \"host reaches red:80\", host reaches red/eth1, {host: red}]\n"
     "       |                                                                        ^\n"
     "       did you mean `red/eth0`?\n"
     "lab.yaml:3:82: error: each of `expect` is a few words, not a map\n"
     "     3 | expect: [host reaches 10.0.0.0/24, \"host reaches red:80\", host reaches red/eth1, {host: red}]\n"
     "       |                                                                                  ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"},
    {"dhcp",
     "interfaces: {eno1: {type: physical, dhcp4: true}}\n",
     "lab.yaml:1:37: error: unknown key `dhcp4` in an interface\n"
     "     1 | interfaces: {eno1: {type: physical, dhcp4: true}}\n"
     "       |                                     ^\n"
     "       Plexus asks no DHCP server: say `addresses`, or leave the interface to what does\n"},
    {"parent of dummy",
     "interfaces: {eno1: {type: physical}, d0: {type: dummy, parent: eno1}}\n",
     "lab.yaml:1:38: error: `d0` has a `parent`, and a dummy lies on no other interface\n"
     "     1 | interfaces: {eno1: {type: physical}, d0: {type: dummy, parent: eno1}}\n"
     "       |                                      ^\n"
     "       leave `parent` away; macvlan, ipvlan and vlan lie on one\n"},
    {"primary",
     "interfaces: {b0: {type: bond, mode: active-backup, miimon: 100, primary: eno2, ports: [eno1]}}\n",
     "lab.yaml:1:14: error: `primary` of `b0`: `eno2` is not a port of it\n"
     "     1 | interfaces: {b0: {type: bond, mode: active-backup, miimon: 100, primary: eno2, ports: [eno1]}}\n"
     "       |              ^\n"
     "       did you mean `eno1`?\n"},
    {"port option of a bridge",
     "interfaces: {br0: {type: bridge, path-cost: 5}}\n",
     "lab.yaml:1:14: error: `path-cost` is an option of bridge ports, and `br0` is none\n"
     "     1 | interfaces: {br0: {type: bridge, path-cost: 5}}\n"
     "       |              ^\n"
     "       say it at the ports of `br0`\n"},
    {"one namespace twice",
     "namespaces: {web: {count: 3, path: /run/netns/x}}\n",
     "lab.yaml:1:14: error: `web-1` and `web-2` would be one namespace: /run/netns/x\n"
     "     1 | namespaces: {web: {count: 3, path: /run/netns/x}}\n"
     "       |              ^\n"
     "       with `count`, `{n}` in the path stands for the number\n"},
    {"IPv6 off",
     "interfaces: {br0: {type: bridge, ipv6: false, addresses: [\"fd00::1/64\", 10.0.0.1/24]}}\n",
     "lab.yaml:1:59: error: `br0` has an IPv6 address, and IPv6 is switched off on it\n"
     "     1 | interfaces: {br0: {type: bridge, ipv6: false, addresses: [\"fd00::1/64\", 10.0.0.1/24]}}\n"
     "       |                                                           ^\n"
     "       leave the address away, or `ipv6: false`\n"},
    {"interfaces of rules",
     "namespaces: {red: {rules: [{iif: eth7, table: 5}, {iif: tun1, table: 6}], interfaces: {tun0: {type: tun}}}}\n"
     "rules: [{iif: ppp0, table: 5, prio: 3}]\n",
     "lab.yaml:1:34: warning: `iif`: no interface `eth7` is in this file, so nothing matches\n"
     "     1 | namespaces: {red: {rules: [{iif: eth7, table: 5}, {iif: tun1, table: 6}], interfaces: {tun0: {type: tun}}}}\n"
     "       |                                  ^\n"
     "       it matches once somebody makes one\n"
     "lab.yaml:1:57: warning: `iif`: no interface `tun1` is in this file, so nothing matches\n"
     "     1 | namespaces: {red: {rules: [{iif: eth7, table: 5}, {iif: tun1, table: 6}], interfaces: {tun0: {type: tun}}}}\n"
     "       |                                                         ^\n"
     "       did you mean `tun0`?\n"
     "lab.yaml:2:31: error: unknown key `prio` in a rule\n"
     "     2 | rules: [{iif: ppp0, table: 5, prio: 3}]\n"
     "       |                               ^\n"
     "       did you mean `priority`?\n"},
    {"not indented",
     "interfaces:\n"
     "  br0:\n"
     "  type: bridge\n"
     "  mtu: 1400\n",
     "lab.yaml:3:9: error: interface `type` must be a map of options, not a single value\n"
     "     3 |   type: bridge\n"
     "       |         ^\n"
     "       `type` of an interface is indented further than its name\n"
     "lab.yaml:4:8: error: interface `mtu` must be a map of options, not a single value\n"
     "     4 |   mtu: 1400\n"
     "       |        ^\n"
     "       `mtu` of an interface is indented further than its name\n"},
    {"of interfaces",
     "namespaces: {red: {mtu: 1400, addresses: [10.0.0.1/24]}}\n",
     "lab.yaml:1:20: error: unknown key `mtu` in a namespace\n"
     "     1 | namespaces: {red: {mtu: 1400, addresses: [10.0.0.1/24]}}\n"
     "       |                    ^\n"
     "       that is said of an interface: `interfaces: {eth0: {mtu: ...}}`\n"
     "lab.yaml:1:31: error: unknown key `addresses` in a namespace\n"
     "     1 | namespaces: {red: {mtu: 1400, addresses: [10.0.0.1/24]}}\n"
     "       |                               ^\n"
     "       that is said of an interface: `interfaces: {eth0: {addresses: ...}}`\n"},
    {"words for others",
     "interfaces: {t0: {type: tap, user: root, trunk: \"10,20\"}, vx: {type: vxlan, id: 5, group: 239.1.1.1}}\n"
     "expect: [t0 reaches 10.0.0.1, host reaches example.com]\n",
     "lab.yaml:1:30: error: unknown key `user` in an interface\n"
     "     1 | interfaces: {t0: {type: tap, user: root, trunk: \"10,20\"}, vx: {type: vxlan, id: 5, group: 239.1.1.1}}\n"
     "       |                              ^\n"
     "       did you mean `owner`?\n"
     "lab.yaml:1:49: error: `trunk` cannot be `10,20`: expected a number or a range (20-30) from 1 to 4094\n"
     "     1 | interfaces: {t0: {type: tap, user: root, trunk: \"10,20\"}, vx: {type: vxlan, id: 5, group: 239.1.1.1}}\n"
     "       |                                                 ^\n"
     "       several are a list: `trunk: [10, 20-30]`\n"
     "lab.yaml:1:84: error: `group` is an option of tun, tap, not of vxlan\n"
     "     1 | interfaces: {t0: {type: tap, user: root, trunk: \"10,20\"}, vx: {type: vxlan, id: 5, group: 239.1.1.1}}\n"
     "       |                                                                                    ^\n"
     "       a multicast group is said as `remote`\n"
     "lab.yaml:2:10: error: there is no namespace `t0`\n"
     "     2 | expect: [t0 reaches 10.0.0.1, host reaches example.com]\n"
     "       |          ^\n"
     "       packets are sent from a namespace: say `host`\n"
     "lab.yaml:2:44: error: there is no namespace, interface or address `example.com`\n"
     "     2 | expect: [t0 reaches 10.0.0.1, host reaches example.com]\n"
     "       |                                            ^\n"
     "       names of the DNS are not looked up: say its address\n"},
    {"peer misspelt",
     "name: lab\n"
     "interfaces: {v0: {type: veth, per: red/v1}}\n"
     "namespaces: {red: {interfaces: {v1: {mtu: 1400}}}}\n",
     "lab.yaml:2:31: error: unknown key `per` in an interface\n"
     "     2 | interfaces: {v0: {type: veth, per: red/v1}}\n"
     "       |                               ^\n"
     "       did you mean `peer`?\n"},
    {"peer misspelt, for ports",
     "namespaces:\n"
     "  a: {interfaces: {v0: {per: b/eth0}}}\n"
     "  b: {interfaces: {b0: {type: bond, mode: active-backup, primary: eth0, miimon: 100, ports: [eth0]}}, routes: [{to: 10.0.0.0/8, dev: eth0}]}\n",
     "lab.yaml:2:25: error: unknown key `per` in an interface\n"
     "     2 |   a: {interfaces: {v0: {per: b/eth0}}}\n"
     "       |                         ^\n"
     "       did you mean `peer`?\n"},
    {"type misspelt, with a peer",
     "interfaces: {v0: {type: vteh, peer: red/v1}}\n"
     "namespaces: {red: {interfaces: {v1: {mtu: 1400}}}}\n",
     "lab.yaml:1:25: error: there is no type `vteh`\n"
     "     1 | interfaces: {v0: {type: vteh, peer: red/v1}}\n"
     "       |                         ^\n"
     "       did you mean `veth`?\n"},
    {"name misspelt",
     "nme: lab\n",
     "lab.yaml:1:1: error: unknown key `nme` at the top of the file\n"
     "     1 | nme: lab\n"
     "       | ^\n"
     "       did you mean `name`?\n"},
    {"peers",
     "interfaces: {wg0: {type: wireguard, peers: [{allowed-ips: [10.0.0.0/24]}, x]}}\n",
     "lab.yaml:1:45: error: a peer needs `public-key`\n"
     "     1 | interfaces: {wg0: {type: wireguard, peers: [{allowed-ips: [10.0.0.0/24]}, x]}}\n"
     "       |                                             ^\n"
     "       `public-key`: a key of WireGuard: 32 bytes in base64, which are 44 characters, the last of them `=`\n"
     "lab.yaml:1:75: error: each of `peers` is a map, not a single value\n"
     "     1 | interfaces: {wg0: {type: wireguard, peers: [{allowed-ips: [10.0.0.0/24]}, x]}}\n"
     "       |                                                                           ^\n"
     "       for example: `peers: [{public-key: ..., allowed-ips: [10.0.0.2/32]}]`\n"},
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
