/* Files that read well and make no sense: every finding of the semantic check, with all that is printed. */
#include "test_file_bad.h"

static const struct mistake mistakes[] = {
    /* clang-format off */
    {"bridge in bridge",
     "interfaces:\n"
     "  br0: {type: bridge, bridge: br1}\n"
     "  br1: {type: bridge}\n",
     "lab.yaml:2:3: error: `br0` cannot be a port of `br1`: both are bridges\n"
     "     2 |   br0: {type: bridge, bridge: br1}\n"
     "       |   ^\n"
     "       connect two bridges by a veth: `type: veth`, `peer`, `bridge`\n"},
    {"its own bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "namespaces:\n"
     "  red: {interfaces: {br0: {bridge: br0}}}\n",
     "lab.yaml:4:22: error: interface `br0` needs a `type`\n"
     "     4 |   red: {interfaces: {br0: {bridge: br0}}}\n"
     "       |                      ^\n"
     "       its `bridge` is itself; the one in the host is `bridge: host/br0`\n"},
    {"dup address",
     "interfaces:\n"
     "  d0: {type: dummy, addresses: [10.0.0.1/24]}\n"
     "  d1: {type: dummy, addresses: [10.0.0.1/16]}\n",
     "lab.yaml:3:33: error: address 10.0.0.1 is given twice in the host\n"
     "     3 |   d1: {type: dummy, addresses: [10.0.0.1/16]}\n"
     "       |                                 ^\n"
     "       first given at lab.yaml:2:33, to `d0`\n"},
    {"gateway far",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.1.1}}\n",
     "lab.yaml:1:67: error: gateway 10.0.1.1 is not reachable: no address of `d0` has it in its network\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.1.1}}\n"
     "       |                                                                   ^\n"
     "       a gateway must be in a network that an interface has an address of; `onlink: true` in a route takes it as it is\n"},
    {"gateway ll",
     "namespaces: {red: {routes: [{to: default, via: \"fe80::1\"}]}}\n",
     "lab.yaml:1:29: error: gateway fe80::1 is link-local: the route needs `dev`\n"
     "     1 | namespaces: {red: {routes: [{to: default, via: \"fe80::1\"}]}}\n"
     "       |                             ^\n"},
    {"gateway self",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.0.1}}\n",
     "lab.yaml:1:67: error: gateway 10.0.0.1 is an address of the host itself\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.0.1}}\n"
     "       |                                                                   ^\n"
     "       a gateway is the next router, on the other side\n"},
    {"gre bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  g0: {type: gre, bridge: br0, local: 10.0.0.1, remote: 10.0.0.2}\n",
     "lab.yaml:3:3: error: `g0` cannot be a port of bridge `br0`: a bridge switches Ethernet frames (layer 2), and a gre carries IP packets (layer 3)\n"
     "     3 |   g0: {type: gre, bridge: br0, local: 10.0.0.1, remote: 10.0.0.2}\n"
     "       |   ^\n"
     "       a gretap is layer 2, and can be a port\n"},
    {"host bits",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.0/24, 10.0.1.255/24]}}\n",
     "lab.yaml:1:44: warning: 10.0.0.0 is the network address of 10.0.0.0/24, not one for a host\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.0/24, 10.0.1.255/24]}}\n"
     "       |                                            ^\n"
     "lab.yaml:1:57: warning: 10.0.1.255 is the broadcast address of 10.0.1.0/24, not one for a host\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.0/24, 10.0.1.255/24]}}\n"
     "       |                                                         ^\n"},
    {"ipv6 mtu",
     "interfaces: {d0: {type: dummy, mtu: 1000, addresses: [\"fd00::1/64\"]}}\n",
     "lab.yaml:1:55: error: IPv6 needs an MTU of 1280, and `d0` has 1000\n"
     "     1 | interfaces: {d0: {type: dummy, mtu: 1000, addresses: [\"fd00::1/64\"]}}\n"
     "       |                                                       ^\n"
     "       leave `mtu` away at `d0`, or the address\n"},
    {"lo dummy",
     "interfaces: {lo: {type: dummy}}\n",
     "lab.yaml:1:14: error: `lo` cannot be a dummy: `lo` is the one loopback of a namespace\n"
     "     1 | interfaces: {lo: {type: dummy}}\n"
     "       |              ^\n"},
    {"long name",
     "interfaces:\n"
     "  averyveryverylongname: {type: dummy}\n",
     "lab.yaml:2:3: error: an interface cannot be called `averyveryverylongname`: it has 21 characters, and Linux takes 15\n"
     "     2 |   averyveryverylongname: {type: dummy}\n"
     "       |   ^\n"},
    {"loop",
     "interfaces:\n"
     "  br0: {type: bridge, ports: [b0]}\n"
     "  b0: {type: bond, ports: [br0]}\n",
     "lab.yaml:2:3: error: `br0` lies on itself\n"
     "     2 |   br0: {type: bridge, ports: [b0]}\n"
     "       |   ^\n"
     "       each lies on the one before it, by parent or as its bridge: br0 -> b0 -> br0\n"
     "lab.yaml:3:3: warning: the bond host/b0 has neither `miimon` nor `arp-interval`, and never notices a dead link\n"
     "     3 |   b0: {type: bond, ports: [br0]}\n"
     "       |   ^\n"},
    {"loop parent",
     "interfaces:\n"
     "  br0: {type: bridge, ports: [v1]}\n"
     "  v1: {type: vlan, id: 1, parent: br0}\n",
     "lab.yaml:2:3: error: `br0` lies on itself\n"
     "     2 |   br0: {type: bridge, ports: [v1]}\n"
     "       |   ^\n"
     "       each lies on the one before it, by parent or as its bridge: br0 -> v1 -> br0\n"},
    {"no id",
     "interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0}}\n",
     "lab.yaml:1:38: error: vlan `v` needs `id`\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0}}\n"
     "       |                                      ^\n"
     "       a number from 1 to 4094\n"},
    {"no parent",
     "interfaces: {v: {type: vlan, id: 3}}\n",
     "lab.yaml:1:14: error: vlan `v` needs a `parent`\n"
     "     1 | interfaces: {v: {type: vlan, id: 3}}\n"
     "       |              ^\n"
     "       the interface that it lies on: `parent: eth0`\n"},
    {"not a master",
     "interfaces:\n"
     "  d0: {type: dummy}\n"
     "  d1: {type: dummy, master: d0}\n",
     "lab.yaml:3:3: error: `d1` cannot be plugged into `host/d0`: a dummy has no ports\n"
     "     3 |   d1: {type: dummy, master: d0}\n"
     "       |   ^\n"
     "       bridge, bond and vrf have\n"},
    {"not a bridge",
     "interfaces:\n"
     "  d0: {type: dummy}\n"
     "  d1: {type: dummy, bridge: d0}\n",
     "lab.yaml:3:29: error: `bridge`: `d0` is a dummy\n"
     "     3 |   d1: {type: dummy, bridge: d0}\n"
     "       |                             ^\n"
     "       only bridge, bond and vrf have ports\n"},
    {"ns name",
     "namespaces:\n"
     "  \"re d\": {}\n",
     "lab.yaml:2:3: error: a namespace cannot be called `re d`: only letters, digits, `-`, `_` and `.` are taken\n"
     "     2 |   \"re d\": {}\n"
     "       |   ^\n"},
    {"other ns",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "namespaces: {red: {interfaces: {t: {type: tap, bridge: br0}}}}\n",
     "lab.yaml:3:33: error: `t` is in `red`, and cannot be plugged into `br0` in `host`\n"
     "     3 | namespaces: {red: {interfaces: {t: {type: tap, bridge: br0}}}}\n"
     "       |                                 ^\n"
     "       both must be in one namespace; a veth connects two: what has no `type` is one\n"},
    {"parent of bridge",
     "interfaces: {eth0: {type: physical}, v: {type: bridge, parent: eth0}}\n",
     "lab.yaml:1:38: error: `v` has a `parent`, and a bridge lies on no other interface\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: bridge, parent: eth0}}\n"
     "       |                                      ^\n"
     "       leave `parent` away; macvlan, ipvlan and vlan lie on one\n"},
    {"physical ns",
     "namespaces: {red: {interfaces: {eth0: {type: physical}}}}\n",
     "lab.yaml:1:33: error: there is no `eth0` in namespace `red`, which is made new\n"
     "     1 | namespaces: {red: {interfaces: {eth0: {type: physical}}}}\n"
     "       |                                 ^\n"
     "       hardware is in the host; bring it in by a bridge, or by a macvlan on it\n"},
    {"port option",
     "interfaces:\n"
     "  t: {type: tap, isolated: true}\n",
     "lab.yaml:2:3: error: `isolated` is an option of bridge ports, and `t` is none\n"
     "     2 |   t: {type: tap, isolated: true}\n"
     "       |   ^\n"
     "       plug `t` into a bridge: `bridge: br0`\n"},
    {"same ip bridge",
     "interfaces: {br0: {type: bridge}}\n"
     "namespaces: {red: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}, blue: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}}\n",
     "lab.yaml:2:134: warning: `red/eth0` and `blue/eth0` are on one bridge and both have 10.0.0.1\n"
     "     2 | ...24]}}}, blue: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}}\n"
     "       |                                                                ^\n"
     "       give each its own; with `count`, a range such as 10.0.0.10-10.0.0.99/24 does\n"},
    {"self parent",
     "interfaces:\n"
     "  v1: {type: vlan, id: 1, parent: v1}\n",
     "lab.yaml:2:3: error: `v1` lies on itself\n"
     "     2 |   v1: {type: vlan, id: 1, parent: v1}\n"
     "       |   ^\n"
     "       each lies on the one before it, by parent or as its bridge: v1 -> v1\n"},
    {"slash name",
     "interfaces:\n"
     "  a/b: {type: dummy}\n",
     "lab.yaml:2:3: error: an interface cannot be called `a/b`: it contains `/`\n"
     "     2 |   a/b: {type: dummy}\n"
     "       |   ^\n"},
    {"subnet",
     "interfaces: {br0: {type: bridge, addresses: [10.0.0.1/24]}}\n"
     "namespaces: {red: {interfaces: {eth0: {bridge: br0, addresses: [10.0.1.2/24]}}}}\n",
     "lab.yaml:2:65: warning: 10.0.1.2 is not in 10.0.0.0/24, the network of bridge `br0`\n"
     "     2 | namespaces: {red: {interfaces: {eth0: {bridge: br0, addresses: [10.0.1.2/24]}}}}\n"
     "       |                                                                 ^\n"
     "       the two will not reach each other without a route\n"},
    {"tun bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  tun0: {type: tun, bridge: br0}\n",
     "lab.yaml:3:3: error: `tun0` cannot be a port of bridge `br0`: a bridge switches Ethernet frames (layer 2), and a tun carries IP packets (layer 3)\n"
     "     3 |   tun0: {type: tun, bridge: br0}\n"
     "       |   ^\n"
     "       a tap is layer 2, and can be a port\n"},
    {"veth nopeer",
     "interfaces:\n"
     "  v0: {type: veth}\n",
     "lab.yaml:2:3: error: veth `v0` needs a `peer`\n"
     "     2 |   v0: {type: veth}\n"
     "       |   ^\n"
     "       its other end: `peer: namespace/interface`; or a `bridge` in another namespace\n"},
    {"vlan noport",
     "interfaces:\n"
     "  t: {type: tap, vlan: 5}\n",
     "lab.yaml:2:3: error: `t` has VLANs, but is not a port of a bridge\n"
     "     2 |   t: {type: tap, vlan: 5}\n"
     "       |   ^\n"
     "       plug a tap into one: `bridge: br0`\n"},
    {"vlan on vlan",
     "interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0, id: 4, vlan: 4}}\n",
     "lab.yaml:1:38: error: `v` has VLANs, but is not a port of a bridge\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0, id: 4, vlan: 4}}\n"
     "       |                                      ^\n"
     "       the VLAN of a vlan itself is its `id`\n"},
    {"vlan unaware",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  t: {type: tap, bridge: br0, vlan: 5}\n",
     "lab.yaml:3:3: error: `t` has VLANs, but bridge `br0` does not look at them\n"
     "     3 |   t: {type: tap, bridge: br0, vlan: 5}\n"
     "       |   ^\n"
     "       say `vlan-aware: true` at `br0`\n"},
    {"wg bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  wg0: {type: wireguard, bridge: br0}\n",
     "lab.yaml:3:3: error: `wg0` cannot be a port of bridge `br0`: a bridge switches Ethernet frames (layer 2), and a wireguard carries IP packets (layer 3)\n"
     "     3 |   wg0: {type: wireguard, bridge: br0}\n"
     "       |   ^\n"
     "       give it an address, and route\n"},
    {"vlan on implied port",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "namespaces:\n"
     "  red:\n"
     "    interfaces:\n"
     "      eth0: {bridge: br0, vlan: 10}\n",
     "lab.yaml:6:7: error: `red-eth0` has VLANs, but bridge `br0` does not look at them\n"
     "     6 |       eth0: {bridge: br0, vlan: 10}\n"
     "       |       ^\n"
     "       say `vlan-aware: true` at `br0`\n"},
    {"path and pid",
     "namespaces: {red: {path: /run/netns/red, pid: 5}}\n",
     "lab.yaml:1:14: error: namespace `red` has both `path` and `pid`\n"
     "     1 | namespaces: {red: {path: /run/netns/red, pid: 5}}\n"
     "       |              ^\n"
     "       each says which one to attach: keep one of them\n"},
    {"all name",
     "interfaces: {all: {type: dummy}}\n",
     "lab.yaml:1:14: error: an interface cannot be called `all`: its settings would be those of all interfaces\n"
     "     1 | interfaces: {all: {type: dummy}}\n"
     "       |              ^\n"},
    {"space name",
     "interfaces: {\"a b\": {type: dummy}}\n",
     "lab.yaml:1:14: error: an interface cannot be called `a b`: it contains a space or control character\n"
     "     1 | interfaces: {\"a b\": {type: dummy}}\n"
     "       |              ^\n"},
    {"loop of three",
     "interfaces:\n"
     "  v1: {type: vlan, id: 1, parent: v2}\n"
     "  v2: {type: vlan, id: 1, parent: v3}\n"
     "  v3: {type: vlan, id: 1, parent: v1}\n",
     "lab.yaml:2:3: error: `v1` lies on itself\n"
     "     2 |   v1: {type: vlan, id: 1, parent: v2}\n"
     "       |   ^\n"
     "       each lies on the one before it, by parent or as its bridge: v1 -> v3 -> v2 -> v1\n"},
    {"dns of host",
     "dns: 10.0.0.53\n"
     "namespaces: {red: {dns: 10.0.0.53}}\n",
     "lab.yaml:1:1: error: the host's DNS servers are not Plexus' to set: other programs write /etc/resolv.conf\n"
     "     1 | dns: 10.0.0.53\n"
     "       | ^\n"
     "       say `dns` in a namespace; the host's are set by systemd-resolved or NetworkManager\n"},
    {"mac of a group",
     "interfaces:\n"
     "  d0: {type: dummy, mac: \"01:00:5e:00:00:01\"}\n"
     "  d1: {type: dummy, mac: \"00:00:00:00:00:00\"}\n",
     "lab.yaml:2:26: error: `mac` cannot be `01:00:5e:00:00:01`: expected a MAC address like "
     "02:00:00:00:00:01, neither of a group (01: ...) nor zero\n"
     "     2 |   d0: {type: dummy, mac: \"01:00:5e:00:00:01\"}\n"
     "       |                          ^\n"
     "lab.yaml:3:26: error: `mac` cannot be `00:00:00:00:00:00`: expected a MAC address like "
     "02:00:00:00:00:01, neither of a group (01: ...) nor zero\n"
     "     3 |   d1: {type: dummy, mac: \"00:00:00:00:00:00\"}\n"
     "       |                          ^\n"},
    {"no address for a host",
     "interfaces: {d0: {type: dummy, addresses: [\"ff02::5/64\", 224.0.0.5/24, 0.0.0.0/8, \"::/64\"]}}\n",
     "lab.yaml:1:44: error: ff02::5 is a multicast address, not one for an interface\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [\"ff02::5/64\", 224.0.0.5/24, 0.0.0.0/8, \"::/64\"]}}\n"
     "       |                                            ^\n"
     "       a program that listens to a group joins it by itself\n"
     "lab.yaml:1:58: error: 224.0.0.5 is a multicast address, not one for an interface\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [\"ff02::5/64\", 224.0.0.5/24, 0.0.0.0/8, \"::/64\"]}}\n"
     "       |                                                          ^\n"
     "       a program that listens to a group joins it by itself\n"
     "lab.yaml:1:72: error: 0.0.0.0 is no address for an interface\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [\"ff02::5/64\", 224.0.0.5/24, 0.0.0.0/8, \"::/64\"]}}\n"
     "       |                                                                        ^\n"
     "lab.yaml:1:83: error: :: is no address for an interface\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [\"ff02::5/64\", 224.0.0.5/24, 0.0.0.0/8, \"::/64\"]}}\n"
     "       |                                                                                   ^\n"},
    {"gateway of the host",
     "interfaces: {d0: {type: dummy, addresses: [10.1.0.1/24]}}\n"
     "routes: [{to: 10.2.0.0/16, via: 10.0.0.9}]\n",
     "lab.yaml:2:10: warning: no address of this file has gateway 10.0.0.9 in its network\n"
     "     2 | routes: [{to: 10.2.0.0/16, via: 10.0.0.9}]\n"
     "       |          ^\n"
     "       unless another address of the host has, Linux refuses the route\n"},
    {"gateway of what is down",
     "interfaces: {d0: {type: dummy, up: false, addresses: [10.0.0.1/24], gateway: 10.0.0.2}}\n",
     "lab.yaml:1:78: warning: `d0` is down (`up: false`), and Linux takes no route through it\n"
     "     1 | interfaces: {d0: {type: dummy, up: false, addresses: [10.0.0.1/24], gateway: 10.0.0.2}}\n"
     "       |                                                                              ^\n"
     "       leave `up: false` away, or the route\n"},
    {"expect without an address",
     "interfaces: {br0: {type: bridge}}\n"
     "namespaces:\n"
     "  a: {interfaces: {eth0: {bridge: br0, addresses: [\"fe90::1/64\"]}, lo: {addresses: [10.9.0.1/32]}}}\n"
     "  b: {interfaces: {eth0: {bridge: br0}}}\n"
     "  c: {path: /run/netns/c}\n"
     "expect:\n"
     "  - host reaches b\n"
     "  - host reaches b/eth0\n"
     "  - host cannot reach b\n"
     "  - host reaches a\n"
     "  - host reaches c\n"
     "  - b reaches host\n",
     "lab.yaml:7:5: error: `b` has no address, so nothing can reach it\n"
     "     7 |   - host reaches b\n"
     "       |     ^\n"
     "       say `addresses` in one of its interfaces; or `accept-ra: true`, if a router gives it some\n"
     "lab.yaml:8:5: error: `b/eth0` has no address, so nothing can reach it\n"
     "     8 |   - host reaches b/eth0\n"
     "       |     ^\n"
     "       say `addresses` in one of its interfaces; or `accept-ra: true`, if a router gives it some\n"
     "lab.yaml:9:5: warning: `b` has no address, so nothing can reach it anyway\n"
     "     9 |   - host cannot reach b\n"
     "       |     ^\n"
     "lab.yaml:10:5: error: `a` has no address, so nothing can reach it\n"
     "    10 |   - host reaches a\n"
     "       |     ^\n"
     "       link-local addresses and those of `lo` are not tried; name the address itself\n"},
    {"expect told once all is known",
     "namespaces:\n"
     "  b: {interfaces: {d0: {type: dummy, addresses: [10.0.0.300/24]}}}\n"
     "  c: {count: 3}\n"
     "expect: [host reaches b, b reaches c]\n",
     "lab.yaml:2:50: error: `address` cannot be `10.0.0.300/24`: expected an address with its prefix length, like 10.0.0.1/24 or fd00::1/64\n"
     "     2 |   b: {interfaces: {d0: {type: dummy, addresses: [10.0.0.300/24]}}}\n"
     "       |                                                  ^\n"
     "lab.yaml:4:26: error: `c-1` has no address, so nothing can reach it\n"
     "     4 | expect: [host reaches b, b reaches c]\n"
     "       |                          ^\n"
     "       say `addresses` in one of its interfaces; or `accept-ra: true`, if a router gives it some\n"},
    {"nothing wrong",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.0.2}}\n",
     ""},
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
