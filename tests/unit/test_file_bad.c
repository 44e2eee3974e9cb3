/* Every mistake of a network file with all that is said of it: text, line, column, the line with its caret, and what to do
 * next. The check runs too, so the table covers both. Rows are in the order of their names; what depends on files that
 * exist (include, folders, permissions) is in test_file_load.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file/load.h"
#include "file/read.h"

static const struct mistake {
    const char *name, *yaml, *expected;
} mistakes[] = {
    /* clang-format off */
    {"anchor",
     "a: *nowhere\n",
     "lab.yaml:1:5: error: no anchor `&nowhere` before this place\n"
     "     1 | a: *nowhere\n"
     "       |     ^\n"},
    {"anchor self",
     "a: &x [*x]\n",
     "lab.yaml:1:9: error: `*x` stands inside of what it stands for\n"
     "     1 | a: &x [*x]\n"
     "       |         ^\n"},
    {"bad address",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.300/24]}}\n",
     "lab.yaml:1:44: error: `address` cannot be `10.0.0.300/24`: expected an address with its prefix length, like 10.0.0.1/24 or fd00::1/64\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.300/24]}}\n"
     "       |                                            ^\n"},
    {"bad bool",
     "interfaces: {d0: {type: dummy, up: maybe}}\n",
     "lab.yaml:1:36: error: `up` cannot be `maybe`: expected true or false\n"
     "     1 | interfaces: {d0: {type: dummy, up: maybe}}\n"
     "       |                                    ^\n"},
    {"bad enum",
     "interfaces: {b: {type: bond, mode: 803.3ad}}\n",
     "lab.yaml:1:36: error: `mode` cannot be `803.3ad`: expected one of: balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb, balance-alb\n"
     "     1 | interfaces: {b: {type: bond, mode: 803.3ad}}\n"
     "       |                                    ^\n"
     "       did you mean `802.3ad`?\n"},
    {"bad mac",
     "interfaces: {d0: {type: dummy, mac: 02-00-00-00-00-01}}\n",
     "lab.yaml:1:37: error: `mac` cannot be `02-00-00-00-00-01`: expected a MAC address like 02:00:00:00:00:01\n"
     "     1 | interfaces: {d0: {type: dummy, mac: 02-00-00-00-00-01}}\n"
     "       |                                     ^\n"},
    {"bad mtu",
     "interfaces: {d0: {type: dummy, mtu: 20}}\n",
     "lab.yaml:1:37: error: `mtu` cannot be `20`: expected a number from 68 to 65535 (bytes)\n"
     "     1 | interfaces: {d0: {type: dummy, mtu: 20}}\n"
     "       |                                     ^\n"},
    {"bad prefix",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.3/33]}}\n",
     "lab.yaml:1:44: error: `address` cannot be `10.0.0.3/33`: expected an address with its prefix length, like 10.0.0.1/24 or fd00::1/64\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.3/33]}}\n"
     "       |                                            ^\n"},
    {"both ends",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  v0: {bridge: br0, isolated: true}\n"
     "namespaces: {red: {interfaces: {eth0: {peer: host/v0, bridge: br0, isolated: false}}}}\n",
     "lab.yaml:4:68: error: `isolated` of port `host/v0` is given at both ends\n"
     "     4 | namespaces: {red: {interfaces: {eth0: {peer: host/v0, bridge: br0, isolated: false}}}}\n"
     "       |                                                                    ^\n"
     "       first given at lab.yaml:3:3\n"},
    {"bridge in bridge",
     "interfaces:\n"
     "  br0: {type: bridge, bridge: br1}\n"
     "  br1: {type: bridge}\n",
     "lab.yaml:2:3: error: `br0` cannot be a port of `br1`: both are bridges\n"
     "     2 |   br0: {type: bridge, bridge: br1}\n"
     "       |   ^\n"
     "       connect two bridges by a veth: `type: veth`, `peer`, `bridge`\n"},
    {"comment",
     "# nothing\n",
     "lab.yaml: error: the file is empty\n"},
    {"count bad",
     "namespaces: {web: {count: 0}}\n",
     "lab.yaml:1:27: error: `count` cannot be `0`: expected a number from 1 to 4096\n"
     "     1 | namespaces: {web: {count: 0}}\n"
     "       |                           ^\n"},
    {"count name",
     "namespaces: {web: {count: 2, interfaces: {d0: {type: dummy, mtu: 5}}}}\n",
     "lab.yaml:1:66: error: `mtu` cannot be `5`: expected a number from 68 to 65535 (bytes)\n"
     "     1 | namespaces: {web: {count: 2, interfaces: {d0: {type: dummy, mtu: 5}}}}\n"
     "       |                                                                  ^\n"},
    {"count pool",
     "interfaces: {br0: {type: bridge}}\n"
     "namespaces: {web: {count: 5, interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1-10.0.0.3/24]}}}}\n",
     "lab.yaml:2:75: error: the range has 3 addresses, but 5 are needed (`count`)\n"
     "     2 | namespaces: {web: {count: 5, interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1-10.0.0.3/24]}}}}\n"
     "       |                                                                           ^\n"},
    {"dup address",
     "interfaces:\n"
     "  d0: {type: dummy, addresses: [10.0.0.1/24]}\n"
     "  d1: {type: dummy, addresses: [10.0.0.1/16]}\n",
     "lab.yaml:3:33: error: address 10.0.0.1 is given twice in the host\n"
     "     3 |   d1: {type: dummy, addresses: [10.0.0.1/16]}\n"
     "       |                                 ^\n"
     "       first given at lab.yaml:2:33, to `d0`\n"},
    {"dup address same",
     "interfaces:\n"
     "  d0: {type: dummy, addresses: [10.0.0.1/24, 10.0.0.1/24]}\n",
     "lab.yaml:2:46: error: address `d0 10.0.0.1/24` is given twice\n"
     "     2 |   d0: {type: dummy, addresses: [10.0.0.1/24, 10.0.0.1/24]}\n"
     "       |                                              ^\n"
     "       first given at lab.yaml:2:33\n"},
    {"dup key",
     "interfaces:\n"
     "  d0: {type: dummy}\n"
     "  d0: {type: dummy}\n",
     "lab.yaml:3:3: error: key `d0` is given twice\n"
     "     3 |   d0: {type: dummy}\n"
     "       |   ^\n"
     "       first given at lab.yaml:2:3\n"},
    {"empty",
     "",
     "lab.yaml: error: the file is empty\n"},
    {"empty value",
     "interfaces: {d0: {type: dummy, mtu: }}\n",
     "lab.yaml:1:32: error: `mtu` has no value\n"
     "     1 | interfaces: {d0: {type: dummy, mtu: }}\n"
     "       |                                ^\n"},
    {"expect ns",
     "namespaces: {red: {}, blue: {}}\n"
     "expect:\n"
     "  - rde reaches blue\n"
     "  - red reaches bleu\n"
     "  - red reches blue\n"
     "  - red cannot raech blue\n"
     "  - red reaches\n"
     "  - red reaches blue tpc/80\n"
     "  - red reaches blue tcp/0\n"
     "  - red reaches blue icmp now\n"
     "  - [red, blue]\n",
     "lab.yaml:3:5: error: there is no namespace `rde`\n"
     "     3 |   - rde reaches blue\n"
     "       |     ^\n"
     "       did you mean `red`?\n"
     "lab.yaml:4:17: error: there is no namespace, interface or address `bleu`\n"
     "     4 |   - red reaches bleu\n"
     "       |                 ^\n"
     "       did you mean `blue`?\n"
     "lab.yaml:5:9: error: expected `reaches` or `cannot reach`, not `reches`\n"
     "     5 |   - red reches blue\n"
     "       |         ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"
     "lab.yaml:6:16: error: expected `reach`, not `raech`\n"
     "     6 |   - red cannot raech blue\n"
     "       |                ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"
     "lab.yaml:7:16: error: expected a namespace, an interface or an address here\n"
     "     7 |   - red reaches\n"
     "       |                ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"
     "lab.yaml:8:22: error: expected icmp, tcp/PORT or udp/PORT, not `tpc/80`\n"
     "     8 |   - red reaches blue tpc/80\n"
     "       |                      ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"
     "lab.yaml:9:22: error: expected a port from 1 to 65535, not `tcp/0`\n"
     "     9 |   - red reaches blue tcp/0\n"
     "       |                      ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"
     "lab.yaml:10:27: error: `now` is one word too many\n"
     "    10 |   - red reaches blue icmp now\n"
     "       |                           ^\n"
     "lab.yaml:11:5: error: `expect` takes a single value here, not a list\n"
     "    11 |   - [red, blue]\n"
     "       |     ^\n"},
    {"far taken",
     "interfaces: {br0: {type: bridge}, red-eth0: {type: dummy}}\n"
     "namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}\n",
     "lab.yaml:2:48: error: the far end of `red/eth0` would be called `host/red-eth0`, which is another interface\n"
     "     2 | namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}\n"
     "       |                                                ^\n"
     "       first given at lab.yaml:1:35\n"},
    {"gateway bad",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.0.1/24}}\n",
     "lab.yaml:1:67: error: `gateway` cannot be `10.0.0.1/24`: expected an IP address\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.0.1/24}}\n"
     "       |                                                                   ^\n"
     "       without a prefix length\n"},
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
     "lab.yaml:1:67: error: gateway 10.0.0.1 is an address of host itself\n"
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
    {"hop key",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24]}}\n"
     "routes:\n"
     "  - {to: 10.1.0.0/16, nexthops: [{vai: 10.0.0.2}]}\n",
     "lab.yaml:3:35: error: unknown key `vai` in a nexthop\n"
     "     3 |   - {to: 10.1.0.0/16, nexthops: [{vai: 10.0.0.2}]}\n"
     "       |                                   ^\n"
     "       did you mean `via`?\n"},
    {"host bits",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.0/24, 10.0.1.255/24]}}\n",
     "lab.yaml:1:44: warning: 10.0.0.0 is the network address of 10.0.0.0/24, not one for a host\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.0/24, 10.0.1.255/24]}}\n"
     "       |                                            ^\n"
     "lab.yaml:1:57: warning: 10.0.1.255 is the broadcast address of 10.0.1.0/24, not one for a host\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.0/24, 10.0.1.255/24]}}\n"
     "       |                                                         ^\n"},
    {"iface word",
     "interfaces: {br0: bridge}\n",
     "lab.yaml:1:19: error: interface `br0` must be a map of options, not a single value\n"
     "     1 | interfaces: {br0: bridge}\n"
     "       |                   ^\n"
     "       for example: `br0: {type: bridge}`\n"},
    {"indent",
     "interfaces:\n"
     "  br0: {}\n"
     "   br1: {}\n",
     "lab.yaml:3:4: error: wrong indentation\n"
     "     3 |    br1: {}\n"
     "       |    ^\n"
     "       keys of one map begin in one column\n"},
    {"indent2",
     "name: x\n"
     "  y: z\n",
     "lab.yaml:1:7: error: this line does not fit the one below it\n"
     "     1 | name: x\n"
     "       |       ^\n"
     "       the line below is indented deeper, though this one already has a value\n"},
    {"ipv6 mtu",
     "interfaces: {d0: {type: dummy, mtu: 1000, addresses: [\"fd00::1/64\"]}}\n",
     "lab.yaml:1:55: error: IPv6 needs an MTU of 1280, and `d0` has 1000\n"
     "     1 | interfaces: {d0: {type: dummy, mtu: 1000, addresses: [\"fd00::1/64\"]}}\n"
     "       |                                                       ^\n"},
    {"list for map",
     "interfaces:\n"
     "  - br0\n",
     "lab.yaml:2:3: error: `interfaces` must be a map, not a list\n"
     "     2 |   - br0\n"
     "       |   ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
    {"list for word",
     "interfaces: {d0: {type: dummy, mtu: [1500]}}\n",
     "lab.yaml:1:37: error: `mtu` takes a single value, not a list\n"
     "     1 | interfaces: {d0: {type: dummy, mtu: [1500]}}\n"
     "       |                                     ^\n"},
    {"list top",
     "- a\n",
     "lab.yaml:1:1: error: a network file is a map of sections, not a list\n"
     "     1 | - a\n"
     "       | ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
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
    {"many",
     "interfaces:\n"
     "  d0: {type: dumy, mtu: 3}\n"
     "  d1: {type: dummy, mtu: 3, foo: bar}\n"
     "  v0: {type: veth}\n"
     "routes: [{to: x, via: 10.0.0.1}]\n"
     "expect: [a reaches b]\n",
     "lab.yaml:2:14: error: there is no type `dumy`\n"
     "     2 |   d0: {type: dumy, mtu: 3}\n"
     "       |              ^\n"
     "       did you mean `dummy`?\n"
     "lab.yaml:3:26: error: `mtu` cannot be `3`: expected a number from 68 to 65535 (bytes)\n"
     "     3 |   d1: {type: dummy, mtu: 3, foo: bar}\n"
     "       |                          ^\n"
     "lab.yaml:3:29: error: unknown key `foo` in an interface\n"
     "     3 |   d1: {type: dummy, mtu: 3, foo: bar}\n"
     "       |                             ^\n"
     "lab.yaml:4:3: error: veth `v0` needs a `peer`\n"
     "     4 |   v0: {type: veth}\n"
     "       |   ^\n"
     "       its other end: `peer: namespace/interface`; or a `bridge` in another namespace\n"
     "lab.yaml:5:15: error: `to` cannot be `x`: expected a network like 10.0.0.0/24 or fd00::/64, or `default`\n"
     "     5 | routes: [{to: x, via: 10.0.0.1}]\n"
     "       |               ^\n"
     "lab.yaml:6:10: error: there is no namespace `a`\n"
     "     6 | expect: [a reaches b]\n"
     "       |          ^\n"
     "lab.yaml:6:20: error: there is no namespace, interface or address `b`\n"
     "     6 | expect: [a reaches b]\n"
     "       |                    ^\n"},
    {"map for list",
     "interfaces: {d0: {type: dummy, addresses: {a: b}}}\n",
     "lab.yaml:1:43: error: `addresses` must be a list, not a map\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: {a: b}}}\n"
     "       |                                           ^\n"
     "       for example: `addresses: [10.0.0.1/24]`\n"},
    {"mapkey",
     "[a, b]: c\n",
     "lab.yaml:1:1: error: a key must be a word, not a list or a map\n"
     "     1 | [a, b]: c\n"
     "       | ^\n"},
    {"merge bad",
     "a: {<<: 5}\n",
     "lab.yaml:1:9: error: `<<` merges maps, and this is a single value\n"
     "     1 | a: {<<: 5}\n"
     "       |         ^\n"},
    {"name bad",
     "name: a b\n",
     "lab.yaml:1:7: error: `name` cannot be `a b`\n"
     "     1 | name: a b\n"
     "       |       ^\n"
     "       `name:` takes 1 to 64 letters, digits, `-`, `_` or `.`, and begins with a letter or digit\n"},
    {"neighbour dev",
     "neighbours: [{ip: 10.0.0.1, mac: \"02:00:00:00:00:01\"}]\n",
     "lab.yaml:1:14: error: a neighbour needs `dev`\n"
     "     1 | neighbours: [{ip: 10.0.0.1, mac: \"02:00:00:00:00:01\"}]\n"
     "       |              ^\n"},
    {"no bridge",
     "interfaces: {br0: {type: bridge}}\n"
     "namespaces:\n"
     "  red:\n"
     "    interfaces:\n"
     "      eth0: {bridge: br1}\n",
     "lab.yaml:5:22: error: `bridge`: there is no interface `br1` in namespace `red` or in the host\n"
     "     5 |       eth0: {bridge: br1}\n"
     "       |                      ^\n"
     "       did you mean `br0`?\n"},
    {"no bridge ns",
     "interfaces: {br0: {type: bridge}}\n"
     "namespaces:\n"
     "  red:\n"
     "    interfaces:\n"
     "      eth0: {bridge: hots/br0}\n",
     "lab.yaml:5:22: error: `bridge`: there is no namespace `hots`\n"
     "     5 |       eth0: {bridge: hots/br0}\n"
     "       |                      ^\n"
     "       did you mean `host`?\n"},
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
    {"no peer",
     "interfaces:\n"
     "  v0: {peer: redd/eth0}\n"
     "namespaces: {red: {}}\n",
     "lab.yaml:2:14: error: `peer`: there is no namespace `redd`\n"
     "     2 |   v0: {peer: redd/eth0}\n"
     "       |              ^\n"
     "       did you mean `red`?\n"},
    {"no prefix",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.3]}}\n",
     "lab.yaml:1:44: error: `address` cannot be `10.0.0.3`: expected an address with its prefix length, like 10.0.0.1/24 or fd00::1/64\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.3]}}\n"
     "       |                                            ^\n"},
    {"no type",
     "interfaces:\n"
     "  br0: {addresses: [10.0.0.1/24]}\n",
     "lab.yaml:2:3: error: interface `br0` needs a `type`\n"
     "     2 |   br0: {addresses: [10.0.0.1/24]}\n"
     "       |   ^\n"
     "       `type: physical` for one that exists already\n"},
    {"no type ns",
     "namespaces: {red: {interfaces: {eth0: {}}}}\n",
     "lab.yaml:1:33: error: interface `eth0` needs a `type`\n"
     "     1 | namespaces: {red: {interfaces: {eth0: {}}}}\n"
     "       |                                 ^\n"
     "       or a `bridge` in the host, or a `peer`: then it is a veth\n"},
    {"not a bridge",
     "interfaces:\n"
     "  d0: {type: dummy}\n"
     "  d1: {type: dummy, bridge: d0}\n",
     "lab.yaml:3:3: error: `d1` cannot be plugged into `host/d0`: a dummy has no ports\n"
     "     3 |   d1: {type: dummy, bridge: d0}\n"
     "       |   ^\n"
     "       bridge, bond and vrf have\n"},
    {"ns host",
     "namespaces:\n"
     "  host: {}\n",
     "lab.yaml:2:3: error: no namespace can be called `host`: that is the host\n"
     "     2 |   host: {}\n"
     "       |   ^\n"
     "       say at the top of the file what belongs to the host\n"},
    {"ns list",
     "namespaces: {red: [a]}\n",
     "lab.yaml:1:19: error: namespace `red` must be a map of sections, not a list\n"
     "     1 | namespaces: {red: [a]}\n"
     "       |                   ^\n"
     "       for example: `red: {interfaces: {eth0: {bridge: br0}}}`\n"},
    {"ns name",
     "namespaces:\n"
     "  \"re d\": {}\n",
     "lab.yaml:2:3: error: a namespace cannot be called `re d`: only letters, digits, `-`, `_` and `.` are taken\n"
     "     2 |   \"re d\": {}\n"
     "       |   ^\n"},
    {"other kind",
     "interfaces: {br0: {type: bridge, mode: 802.3ad}}\n",
     "lab.yaml:1:34: error: `mode` is an option of bond, macvlan, ipvlan, not of bridge\n"
     "     1 | interfaces: {br0: {type: bridge, mode: 802.3ad}}\n"
     "       |                                  ^\n"},
    {"other ns",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "namespaces: {red: {interfaces: {t: {type: tap, bridge: br0}}}}\n",
     "lab.yaml:3:33: error: `t` is in `red`, and cannot be plugged into `br0` in `host`\n"
     "     3 | namespaces: {red: {interfaces: {t: {type: tap, bridge: br0}}}}\n"
     "       |                                 ^\n"
     "       both must be in one namespace; a veth can connect two\n"},
    {"parent missing",
     "interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth1, id: 3}}\n",
     "lab.yaml:1:62: error: `parent`: there is no interface `eth1` in the host\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth1, id: 3}}\n"
     "       |                                                              ^\n"
     "       did you mean `eth0`?\n"},
    {"parent of bridge",
     "interfaces: {eth0: {type: physical}, v: {type: bridge, parent: eth0}}\n",
     "lab.yaml:1:38: error: `v` has a `parent`, and a bridge lies on no other interface\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: bridge, parent: eth0}}\n"
     "       |                                      ^\n"},
    {"peer is bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  v0: {type: veth, peer: br0}\n",
     "lab.yaml:3:26: error: the peer of a veth is a veth, and `host/br0` is a bridge\n"
     "     3 |   v0: {type: veth, peer: br0}\n"
     "       |                          ^\n"},
    {"peer of bridge",
     "interfaces:\n"
     "  br0: {type: bridge, peer: v0}\n",
     "lab.yaml:2:29: error: `peer` is the other end of a veth, and `br0` is a bridge\n"
     "     2 |   br0: {type: bridge, peer: v0}\n"
     "       |                             ^\n"},
    {"peer taken",
     "interfaces:\n"
     "  v0: {type: veth, peer: v1}\n"
     "  v2: {type: veth, peer: v1}\n",
     "lab.yaml:3:26: error: `host/v1` already has the peer `host/v0`\n"
     "     3 |   v2: {type: veth, peer: v1}\n"
     "       |                          ^\n"
     "       first given at lab.yaml:2:26\n"},
    {"peers kind",
     "interfaces: {d0: {type: dummy, peers: []}}\n",
     "lab.yaml:1:32: error: `peers` is an option of wireguard, not of dummy\n"
     "     1 | interfaces: {d0: {type: dummy, peers: []}}\n"
     "       |                                ^\n"},
    {"physical ns",
     "namespaces: {red: {interfaces: {eth0: {type: physical}}}}\n",
     "lab.yaml:1:33: error: there is no `eth0` in namespace `red`, which is made new\n"
     "     1 | namespaces: {red: {interfaces: {eth0: {type: physical}}}}\n"
     "       |                                 ^\n"
     "       hardware is in the host; bring it in by a bridge, or by a macvlan on it\n"},
    {"plain peer",
     "namespaces:\n"
     "  red:\n"
     "    interfaces:\n"
     "      eth0: {peer: v0}\n",
     "lab.yaml:4:20: error: `peer`: there is no interface `v0` yet\n"
     "     4 |       eth0: {peer: v0}\n"
     "       |                    ^\n"
     "       say where to make it: `host/v0` or `red/v0`\n"},
    {"pool bad",
     "namespaces: {web: {count: 2, interfaces: {d0: {type: dummy, addresses: [10.0.0.9-10.0.0.3/24]}}}}\n",
     "lab.yaml:1:73: error: `10.0.0.9-10.0.0.3/24` is not a range of addresses\n"
     "     1 | namespaces: {web: {count: 2, interfaces: {d0: {type: dummy, addresses: [10.0.0.9-10.0.0.3/24]}}}}\n"
     "       |                                                                         ^\n"
     "       expected first, last and prefix length, like 10.0.0.10-10.0.0.99/24\n"},
    {"pool nocount",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1-10.0.0.3/24]}}\n",
     "lab.yaml:1:44: error: a range gives each of several namespaces an address\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: [10.0.0.1-10.0.0.3/24]}}\n"
     "       |                                            ^\n"
     "       say one address, or give the namespace a `count`\n"},
    {"port option",
     "interfaces:\n"
     "  t: {type: tap, isolated: true}\n",
     "lab.yaml:2:3: error: `isolated` is an option of bridge ports, and `t` is none\n"
     "     2 |   t: {type: tap, isolated: true}\n"
     "       |   ^\n"
     "       plug it into a bridge: `bridge: br0`\n"},
    {"ports of dummy",
     "interfaces:\n"
     "  d0: {type: dummy, ports: [a]}\n",
     "lab.yaml:2:28: error: a dummy has no ports\n"
     "     2 |   d0: {type: dummy, ports: [a]}\n"
     "       |                            ^\n"
     "       bridge, bond and vrf have\n"},
    {"route dev",
     "namespaces: {red: {routes: [{to: 10.0.0.0/8, dev: eth0}], interfaces: {eth1: {type: dummy}}}}\n",
     "lab.yaml:1:51: error: `dev`: no interface `eth0` in namespace `red`\n"
     "     1 | namespaces: {red: {routes: [{to: 10.0.0.0/8, dev: eth0}], interfaces: {eth1: {type: dummy}}}}\n"
     "       |                                                   ^\n"
     "       did you mean `eth1`?\n"},
    {"route dup",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24]}}\n"
     "routes:\n"
     "  - {to: 10.1.0.0/16, via: 10.0.0.2}\n"
     "  - {to: 10.1.0.0/16, via: 10.0.0.3}\n",
     "lab.yaml:4:5: error: route `10.1.0.0/16` is given twice\n"
     "     4 |   - {to: 10.1.0.0/16, via: 10.0.0.3}\n"
     "       |     ^\n"
     "       first given at lab.yaml:3:5\n"},
    {"route key",
     "namespaces: {red: {routes: [{to: default, gateway: 10.0.0.1}]}}\n",
     "lab.yaml:1:43: error: unknown key `gateway` in a route\n"
     "     1 | namespaces: {red: {routes: [{to: default, gateway: 10.0.0.1}]}}\n"
     "       |                                           ^\n"
     "       known here: to, table, metric, type, via, dev, src, mtu, scope, onlink, nexthops\n"},
    {"route nothing",
     "namespaces: {red: {routes: [{to: 10.0.0.0/8}]}}\n",
     "lab.yaml:1:29: error: a route needs `via`, `dev` or `nexthops`\n"
     "     1 | namespaces: {red: {routes: [{to: 10.0.0.0/8}]}}\n"
     "       |                             ^\n"
     "       or `type: blackhole`, which drops the packets\n"},
    {"route noto",
     "namespaces: {red: {routes: [{via: 10.0.0.1}]}}\n",
     "lab.yaml:1:29: error: a route needs `to`\n"
     "     1 | namespaces: {red: {routes: [{via: 10.0.0.1}]}}\n"
     "       |                             ^\n"},
    {"route word",
     "routes: [default]\n",
     "lab.yaml:1:10: error: each of `routes` is a map, not a single value\n"
     "     1 | routes: [default]\n"
     "       |          ^\n"},
    {"rule mixed",
     "rules: [{from: 10.0.0.0/8, to: \"fd00::/8\", table: 5}]\n",
     "lab.yaml:1:9: error: `from` and `to` of a rule must both be IPv4 or both IPv6\n"
     "     1 | rules: [{from: 10.0.0.0/8, to: \"fd00::/8\", table: 5}]\n"
     "       |         ^\n"},
    {"rule none",
     "rules: [{from: 10.0.0.0/8}]\n",
     "lab.yaml:1:9: error: a rule needs a `table`\n"
     "     1 | rules: [{from: 10.0.0.0/8}]\n"
     "       |         ^\n"
     "       or an `action`: blackhole, unreachable or prohibit\n"},
    {"same ip bridge",
     "interfaces: {br0: {type: bridge}}\n"
     "namespaces: {red: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}, blue: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}}\n",
     "lab.yaml:2:134: warning: `red/eth0` and `blue/eth0` are on one bridge and both have 10.0.0.1\n"
     "     2 | namespaces: {red: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.1/24]}}}, blue: {interfaces: {eth0: {bridge: br0,\n"},
    {"scalar top",
     "hello\n",
     "lab.yaml:1:1: error: a network file is a map of sections, not a single value\n"
     "     1 | hello\n"
     "       | ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
    {"secret",
     "interfaces: {wg0: {type: wireguard, private-key: [secret, words]}}\n",
     "lab.yaml:1:50: error: `private-key` takes a single value, not a list\n"},
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
    {"sysctl iface",
     "interfaces: {d0: {type: dummy, sysctls: {net.ipv4.ip_forward: 1}}}\n",
     "lab.yaml:1:42: error: `net.ipv4.ip_forward` is not a setting of `d0`\n"
     "     1 | interfaces: {d0: {type: dummy, sysctls: {net.ipv4.ip_forward: 1}}}\n"
     "       |                                          ^\n"
     "       say it in `sysctls` of the host\n"},
    {"sysctl kernel",
     "sysctls: {kernel.core_pattern: x}\n",
     "lab.yaml:1:11: error: `kernel.core_pattern` is not a setting of the network\n"
     "     1 | sysctls: {kernel.core_pattern: x}\n"
     "       |           ^\n"
     "       expected a name that begins with `net.`, like `net.ipv4.ip_forward`\n"},
    {"tab",
     "interfaces:\n"
     "\tbr0: {type: bridge}\n",
     "lab.yaml:2:1: error: a tab in the indentation\n"
     "     2 |  br0: {type: bridge}\n"
     "       | ^\n"
     "       YAML is indented by spaces\n"},
    {"tag",
     "name: !foo x\n",
     "lab.yaml:1:7: error: tags have no meaning in a network file\n"
     "     1 | name: !foo x\n"
     "       |       ^\n"
     "       leave it away; quote a value to make it a text\n"},
    {"tun bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  tun0: {type: tun, bridge: br0}\n",
     "lab.yaml:3:3: error: `tun0` cannot be a port of bridge `br0`: a bridge switches Ethernet frames (layer 2), and a tun carries IP packets (layer 3)\n"
     "     3 |   tun0: {type: tun, bridge: br0}\n"
     "       |   ^\n"
     "       a tap is layer 2, and can be a port\n"},
    {"two bridges",
     "interfaces:\n"
     "  br0: {type: bridge, ports: [d0]}\n"
     "  br1: {type: bridge, ports: [d0]}\n"
     "  d0: {type: dummy}\n",
     "lab.yaml:3:31: error: `d0` is plugged into `br0` and into `br1`\n"
     "     3 |   br1: {type: bridge, ports: [d0]}\n"
     "       |                               ^\n"
     "       first given at lab.yaml:2:31\n"},
    {"two bridges b",
     "interfaces:\n"
     "  br0: {type: bridge, ports: [d0]}\n"
     "  br1: {type: bridge}\n"
     "  d0: {type: dummy, bridge: br1}\n",
     "lab.yaml:2:31: error: `d0` is plugged into `br1` and into `br0`\n"
     "     2 |   br0: {type: bridge, ports: [d0]}\n"
     "       |                               ^\n"
     "       first given at lab.yaml:4:29\n"},
    {"two colons",
     "name: a: b\n",
     "lab.yaml:1:8: error: a second `key:` in one line\n"
     "     1 | name: a: b\n"
     "       |        ^\n"
     "       begin a new line, or put the value in quotes\n"},
    {"two docs",
     "a: 1\n"
     "---\n"
     "b: 2\n",
     "lab.yaml:2:1: error: a second document begins here\n"
     "     2 | ---\n"
     "       | ^\n"
     "       a file is one network: leave the `---` away\n"},
    {"two words",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  d0: {type: dummy, bridge: br0, bond: br0}\n",
     "lab.yaml:3:34: error: `d0` is plugged into two: `bridge` and `bond`\n"
     "     3 |   d0: {type: dummy, bridge: br0, bond: br0}\n"
     "       |                                  ^\n"
     "       first given at lab.yaml:3:21\n"},
    {"unclosed",
     "interfaces:\n"
     "  br0: {type: bridge\n"
     "  br1: {type: bridge}\n",
     "lab.yaml:2:8: error: this `{` is not closed\n"
     "     2 |   br0: {type: bridge\n"
     "       |        ^\n"
     "       its `}` is missing before line 3\n"},
    {"unclosed list",
     "interfaces:\n"
     "  br0: {type: bridge, ports: [a, b}\n",
     "lab.yaml:2:35: error: this bracket does not fit the one that it closes\n"
     "     2 |   br0: {type: bridge, ports: [a, b}\n"
     "       |                                   ^\n"},
    {"unclosed quote",
     "name: \"abc\n",
     "lab.yaml:1:8: error: a quote that is not closed\n"
     "     1 | name: \"abc\n"
     "       |        ^\n"},
    {"unknown key",
     "interfaces:\n"
     "  br0: {type: bridge, adresses: [10.0.0.1/24]}\n",
     "lab.yaml:2:23: error: unknown key `adresses` in an interface\n"
     "     2 |   br0: {type: bridge, adresses: [10.0.0.1/24]}\n"
     "       |                       ^\n"
     "       did you mean `addresses`?\n"},
    {"unknown ns key",
     "namespaces: {red: {expect: [a reaches b]}}\n",
     "lab.yaml:1:20: error: unknown key `expect` in a namespace\n"
     "     1 | namespaces: {red: {expect: [a reaches b]}}\n"
     "       |                    ^\n"
     "       known here: description, include, interfaces, count, routes, rules, neighbours, sysctls, forwarding, dns, path, pid\n"},
    {"unknown section",
     "interface: {}\n",
     "lab.yaml:1:1: error: unknown key `interface` at the top of the file\n"
     "     1 | interface: {}\n"
     "       | ^\n"
     "       did you mean `interfaces`?\n"},
    {"unknown section far",
     "zzzzzzzz: {}\n",
     "lab.yaml:1:1: error: unknown key `zzzzzzzz` at the top of the file\n"
     "     1 | zzzzzzzz: {}\n"
     "       | ^\n"
     "       known here: name, description, include, interfaces, namespaces, routes, rules, neighbours, sysctls, forwarding, dns, expect\n"},
    {"unknown type",
     "interfaces: {br0: {type: brigde}}\n",
     "lab.yaml:1:26: error: there is no type `brigde`\n"
     "     1 | interfaces: {br0: {type: brigde}}\n"
     "       |                          ^\n"
     "       did you mean `bridge`?\n"},
    {"unknown type far",
     "interfaces: {br0: {type: xyzzyx}}\n",
     "lab.yaml:1:26: error: there is no type `xyzzyx`\n"
     "     1 | interfaces: {br0: {type: xyzzyx}}\n"
     "       |                          ^\n"
     "       types: physical, loopback, veth, bridge, tun, tap, vlan, bond, vxlan, macvlan, ipvlan, dummy, vrf, wireguard, gre, gretap\n"},
    {"veth nopeer",
     "interfaces:\n"
     "  v0: {type: veth}\n",
     "lab.yaml:2:3: error: veth `v0` needs a `peer`\n"
     "     2 |   v0: {type: veth}\n"
     "       |   ^\n"
     "       its other end: `peer: namespace/interface`; or a `bridge` in another namespace\n"},
    {"veth same",
     "interfaces:\n"
     "  v0: {type: veth, peer: v0}\n",
     "lab.yaml:2:26: error: both ends of veth `v0` are the same\n"
     "     2 |   v0: {type: veth, peer: v0}\n"
     "       |                          ^\n"
     "       name the other end: `namespace/interface`\n"},
    {"vlan0",
     "interfaces:\n"
     "  br0: {type: bridge, vlan-aware: true}\n"
     "  t: {type: tap, bridge: br0, vlan: 0}\n",
     "lab.yaml:3:37: error: `vlan` cannot be `0`: expected a number from 1 to 4094\n"
     "     3 |   t: {type: tap, bridge: br0, vlan: 0}\n"
     "       |                                     ^\n"},
    {"vlan4095",
     "interfaces:\n"
     "  br0: {type: bridge, vlan-aware: true}\n"
     "  t: {type: tap, bridge: br0, trunk: [1, 4095, 30-20]}\n",
     "lab.yaml:3:42: error: `trunk` cannot be `4095`: expected a number or a range (20-30) from 1 to 4094\n"
     "     3 |   t: {type: tap, bridge: br0, trunk: [1, 4095, 30-20]}\n"
     "       |                                          ^\n"
     "lab.yaml:3:48: error: `trunk` cannot be `30-20`: expected a number or a range (20-30) from 1 to 4094\n"
     "     3 |   t: {type: tap, bridge: br0, trunk: [1, 4095, 30-20]}\n"
     "       |                                                ^\n"},
    {"vlan native",
     "interfaces:\n"
     "  br0: {type: bridge, vlan-aware: true}\n"
     "  t: {type: tap, bridge: br0, vlan: 5, trunk: [6]}\n",
     "lab.yaml:3:31: error: `vlan` with `trunk`\n"
     "     3 |   t: {type: tap, bridge: br0, vlan: 5, trunk: [6]}\n"
     "       |                               ^\n"
     "       `vlan` is for an access port; the untagged VLAN of a trunk is its `native`\n"},
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
    {"vlanid",
     "interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0, id: 4095}}\n",
     "lab.yaml:1:72: error: `id` cannot be `4095`: expected a number from 1 to 4094\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0, id: 4095}}\n"
     "       |                                                                        ^\n"},
    {"wg bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  wg0: {type: wireguard, bridge: br0}\n",
     "lab.yaml:3:3: error: `wg0` cannot be a port of bridge `br0`: a bridge switches Ethernet frames (layer 2), and a wireguard carries IP packets (layer 3)\n"
     "     3 |   wg0: {type: wireguard, bridge: br0}\n"
     "       |   ^\n"
     "       give it an address, and route\n"},
    {"word for map",
     "namespaces: red\n",
     "lab.yaml:1:13: error: `namespaces` must be a map, not a single value\n"
     "     1 | namespaces: red\n"
     "       |             ^\n"
     "       for example: `namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}`\n"},
    {"invalid utf8",
     "name: x\n"
     "description: gr\374\337e\n",
     "lab.yaml:2:16: error: byte 0xfc is not valid UTF-8\n"
     "       save the file as UTF-8\n"},
    {"overlong utf8",
     "name: \300\257\n",
     "lab.yaml:1:7: error: byte 0xc0 is not valid UTF-8\n"
     "       save the file as UTF-8\n"},
    {"control",
     "name: \033[31m\n",
     "lab.yaml:1:7: error: control character 0x1b\n"
     "     1 | name:  [31m\n"
     "       |       ^\n"
     "       in quotes it can be written as \"\\x1b\"\n"},
    {"zero escape",
     "name: \"a\\0b\"\n",
     "lab.yaml:1:7: error: a zero byte in a text\n"
     "     1 | name: \"a\\0b\"\n"
     "       |       ^\n"},
    {"deep",
     "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
     "lab.yaml:1:67: error: nested deeper than 64 levels\n"
     "     1 | a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
     "       |                                                                   ^\n"},
    {"bomb",
     "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
     "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
     "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
     "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
     "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
     "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
     "g: [*f,*f]\n",
     "lab.yaml:6:18: error: the file stands for more than 500000 values\n"
     "     6 | f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
     "       |                  ^\n"
     "       each use of an alias counts all that it stands for\n"},
    {"anchor near",
     "a: &bridge {}\n"
     "b: *brigde\n",
     "lab.yaml:2:5: error: no anchor `&brigde` before this place\n"
     "     2 | b: *brigde\n"
     "       |     ^\n"
     "       did you mean `*bridge`?\n"},
    {"alias blames definition",
     "x-any: &bad {type: dummy, mtu: 5}\n"
     "interfaces:\n"
     "  d0: *bad\n",
     "lab.yaml:1:32: error: `mtu` cannot be `5`: expected a number from 68 to 65535 (bytes)\n"
     "     1 | x-any: &bad {type: dummy, mtu: 5}\n"
     "       |                                ^\n"},
    {"merge dup",
     "interfaces:\n"
     "  d0: &d {type: dummy, mtu: 1400}\n"
     "  d1: {<<: *d, mtu: 14}\n",
     "lab.yaml:3:21: error: `mtu` cannot be `14`: expected a number from 68 to 65535 (bytes)\n"
     "     3 |   d1: {<<: *d, mtu: 14}\n"
     "       |                     ^\n"},
    {"missing comma",
     "interfaces: {d0: {type: dummy}, d1: {type: \"dummy\" mtu: 1400}}\n",
     "lab.yaml:1:52: error: a `,` is missing before this\n"
     "     1 | interfaces: {d0: {type: dummy}, d1: {type: \"dummy\" mtu: 1400}}\n"
     "       |                                                    ^\n"},
    {"tab inside",
     "interfaces:\n"
     "  d0:\n"
     "  \ttype: dummy\n",
     "lab.yaml:3:3: error: a tab in the indentation\n"
     "     3 |    type: dummy\n"
     "       |   ^\n"
     "       YAML is indented by spaces\n"},
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
    {"port missing in namespace",
     "namespaces:\n"
     "  red:\n"
     "    interfaces:\n"
     "      br0: {type: bridge, ports: [eth1]}\n"
     "      eth0: {type: tap}\n",
     "lab.yaml:4:35: error: `ports`: there is no interface `eth1` in namespace `red`\n"
     "     4 |       br0: {type: bridge, ports: [eth1]}\n"
     "       |                                   ^\n"
     "       did you mean `eth0`?\n"},
    {"group as peer",
     "namespaces:\n"
     "  web: {count: 3}\n"
     "interfaces:\n"
     "  v0: {peer: web/eth0}\n",
     "lab.yaml:4:14: error: `peer`: there is no namespace `web`\n"
     "     4 |   v0: {peer: web/eth0}\n"
     "       |              ^\n"
     "       `web` has a count: say which one, `web-1` to `web-3`\n"},
    {"group as bridge",
     "namespaces:\n"
     "  web: {count: 3}\n"
     "interfaces:\n"
     "  v0: {type: tap, bridge: web/br0}\n",
     "lab.yaml:4:27: error: `bridge`: there is no namespace `web`\n"
     "     4 |   v0: {type: tap, bridge: web/br0}\n"
     "       |                           ^\n"
     "       `web` has a count: say which one, `web-1` to `web-3`\n"},
    {"count not a number",
     "namespaces: {web: {count: many}}\n",
     "lab.yaml:1:27: error: `count` cannot be `many`: expected a number from 1 to 4096\n"
     "     1 | namespaces: {web: {count: many}}\n"
     "       |                           ^\n"},
    {"count clash",
     "namespaces: {web: {count: 2}, web-2: {}}\n",
     "lab.yaml:1:31: error: namespace `web-2` is given twice\n"
     "     1 | namespaces: {web: {count: 2}, web-2: {}}\n"
     "       |                               ^\n"
     "       first given at lab.yaml:1:14\n"},
    {"path and pid",
     "namespaces: {red: {path: /run/netns/red, pid: 5}}\n",
     "lab.yaml:1:14: error: namespace `red` has both `path` and `pid`\n"
     "     1 | namespaces: {red: {path: /run/netns/red, pid: 5}}\n"
     "       |              ^\n"},
    {"route priority",
     "rules: [{from: 10.0.0.0/8, table: 1, prio: 5}]\n",
     "lab.yaml:1:38: error: unknown key `prio` in a rule\n"
     "     1 | rules: [{from: 10.0.0.0/8, table: 1, prio: 5}]\n"
     "       |                                      ^\n"
     "       known here: priority, from, to, iif, oif, mark, table, action, family\n"},
    {"rule family",
     "rules: [{from: 10.0.0.0/8, table: 1, family: ipv6}]\n",
     "lab.yaml:1:46: error: `family` cannot be `ipv6`: the addresses of the rule are ipv4\n"
     "     1 | rules: [{from: 10.0.0.0/8, table: 1, family: ipv6}]\n"
     "       |                                              ^\n"},
    {"accept ra",
     "interfaces: {d0: {type: dummy, accept-ra: perhaps}}\n",
     "lab.yaml:1:43: error: `accept-ra` cannot be `perhaps`: expected one of: true, false, yes, no, on, off, forwarding\n"
     "     1 | interfaces: {d0: {type: dummy, accept-ra: perhaps}}\n"
     "       |                                           ^\n"},
    {"forwarding",
     "forwarding: 2\n",
     "lab.yaml:1:13: error: `forwarding` cannot be `2`: expected true or false\n"
     "     1 | forwarding: 2\n"
     "       |             ^\n"},
    {"forwarding twice",
     "forwarding: true\n"
     "sysctls: {net.ipv4.ip_forward: 0}\n",
     "lab.yaml:2:11: error: sysctl `net/ipv4/ip_forward` is given twice\n"
     "     2 | sysctls: {net.ipv4.ip_forward: 0}\n"
     "       |           ^\n"
     "       first given at lab.yaml:1:1\n"},
    {"dns",
     "dns: {servers: [example], serach: [lab]}\n",
     "lab.yaml:1:17: error: `servers` cannot be `example`: expected an IP address like 10.0.0.1 or fd00::1\n"
     "     1 | dns: {servers: [example], serach: [lab]}\n"
     "       |                 ^\n"
     "lab.yaml:1:27: error: unknown key `serach` in a resolver\n"
     "     1 | dns: {servers: [example], serach: [lab]}\n"
     "       |                           ^\n"
     "       did you mean `search`?\n"},
    {"fdb key",
     "interfaces: {d0: {type: dummy, fdb: [{mac: \"02:00:00:00:00:01\", vlan: 4095}]}}\n",
     "lab.yaml:1:71: error: `vlan` cannot be `4095`: expected a number from 1 to 4094\n"
     "     1 | interfaces: {d0: {type: dummy, fdb: [{mac: \"02:00:00:00:00:01\", vlan: 4095}]}}\n"
     "       |                                                                       ^\n"},
    {"dev inside",
     "interfaces: {d0: {type: dummy, routes: [{to: default, dev: d1}]}}\n",
     "lab.yaml:1:55: error: `dev` is not said inside of an interface\n"
     "     1 | interfaces: {d0: {type: dummy, routes: [{to: default, dev: d1}]}}\n"
     "       |                                                       ^\n"
     "       here it is `d0`; leave it away\n"},
    {"kinds known keys",
     "interfaces: {br0: {type: bridge, vlan_aware: true}}\n",
     "lab.yaml:1:34: error: unknown key `vlan_aware` in an interface\n"
     "     1 | interfaces: {br0: {type: bridge, vlan_aware: true}}\n"
     "       |                                  ^\n"
     "       did you mean `vlan-aware`?\n"},
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
    {"nothing wrong",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24], gateway: 10.0.0.2}}\n",
     ""},
    /* clang-format on */
};

/* All that a command would print about the text. */
static char *printed(const char *yaml, size_t size)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology = {0};
    char *text = NULL;
    size_t text_size;
    int r = file_read_text("lab.yaml", yaml, size, &topology, &errors);
    if (r == 0)
        topology_check(&topology, &errors);
    else
        assert_null(topology.name); /* untouched on failure */
    topology_done(&topology);

    FILE *stream = open_memstream(&text, &text_size);
    errors_print(&errors, stream, false);
    fclose(stream);
    return text;
}

static void test_mistakes(void **state)
{
    unsigned n_wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        char *text = printed(mistakes[i].yaml, strlen(mistakes[i].yaml));
        if (strcmp(text, mistakes[i].expected) != 0) {
            print_error("--- %s: expected\n%s--- printed\n%s", mistakes[i].name, mistakes[i].expected, text);
            n_wrong++;
        }
        free(text);
    }
    assert_int_equal(n_wrong, 0);
}

/* The same message for any text that is cut anywhere: none may crash, and none may be silent. */
static void test_cut(void **state)
{
    static const char yaml[] = "interfaces:\n  br0: {type: bridge, addresses: [10.0.0.1/24]}\n"
                               "namespaces:\n  red: &r {interfaces: {eth0: {bridge: br0}}}\n  blue: *r\n"
                               "expect: [red reaches blue tcp/80]\n";
    (void)state;
    for (size_t size = 0; size < sizeof yaml; size++)
        free(printed(yaml, size));
}

static void test_binary(void **state)
{
    static const char binary[] = "name: x\na: \0b\n";
    char *text = printed(binary, sizeof binary - 1);
    (void)state;
    assert_string_equal(text, "lab.yaml:2:4: error: this is not a text: it contains a zero byte\n"
                              "       a network file is YAML in UTF-8; is this a binary file, or UTF-16?\n");
    free(text);
}

static void test_too_large(void **state)
{
    size_t size = LOAD_SIZE_MAX + 1;
    char *spaces = malloc(size);
    (void)state;
    assert_non_null(spaces);
    memset(spaces, ' ', size);
    char *text = printed(spaces, size);
    assert_string_equal(text, "lab.yaml: error: too large: a network file has at most 8 MiB\n"
                              "       use `count` and aliases for what repeats, or several files\n");
    free(text);
    free(spaces);
}

/* As deep as YAML is let, and far deeper: refused without using the stack up. */
static void test_deep(void **state)
{
    enum { DEPTH = 100000 };
    char *yaml = malloc(DEPTH);
    (void)state;
    assert_non_null(yaml);
    memset(yaml, '[', DEPTH);
    char *text = printed(yaml, DEPTH);
    assert_memory_equal(text, "lab.yaml:1:65: error: nested deeper than 64 levels\n", 51);
    free(text);
    free(yaml);
}

static void test_too_many_ports(void **state)
{
    static const char yaml[] = "interfaces:\n  br0: {type: bridge}\nnamespaces:\n"
                               "  a: {count: 1024, interfaces: {e: {bridge: br0}}}\n";
    char *text = printed(yaml, sizeof yaml - 1);
    (void)state;
    assert_string_equal(text,
                        "lab.yaml:2:3: error: bridge `br0` has more than 1023 ports\n"
                        "     2 |   br0: {type: bridge}\n"
                        "       |   ^\n"
                        "       `a-1024-e` is the first too many; Linux refuses it. Use several bridges, "
                        "joined by a veth\n");
    free(text);
}

/* A secret is repeated neither in the message nor by its line. */
static void test_secret(void **state)
{
    static const char yaml[] = "interfaces:\n  wg0:\n    type: wireguard\n    private-key: [hush]\n";
    char *text = printed(yaml, sizeof yaml - 1);
    (void)state;
    assert_null(strstr(text, "hush"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),  cmocka_unit_test(test_cut),  cmocka_unit_test(test_binary),
        cmocka_unit_test(test_too_large), cmocka_unit_test(test_deep), cmocka_unit_test(test_too_many_ports),
        cmocka_unit_test(test_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
