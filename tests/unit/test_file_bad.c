/* Every mistake that the reader finds in a network file, with all that is said of it: text, line, column, the
 * line with its caret, and what to do next. What is no YAML is in test_file_bad_yaml.c, what the semantic
 * check finds in test_file_bad_sense.c, words of other tools in test_file_bad_words.c, what depends on files
 * that exist (include, folders, permissions) in test_file_load.c. */
#include "test_file_bad.h"

static const struct mistake mistakes[] = {
    /* clang-format off */
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
     "lab.yaml:1:37: error: `mac` cannot be `02-00-00-00-00-01`: expected a MAC address like 02:00:00:00:00:01, neither of a group (01: ...) nor zero\n"
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
    {"dup address same",
     "interfaces:\n"
     "  d0: {type: dummy, addresses: [10.0.0.1/24, 10.0.0.1/24]}\n",
     "lab.yaml:2:46: error: address `d0 10.0.0.1/24` is given twice\n"
     "     2 |   d0: {type: dummy, addresses: [10.0.0.1/24, 10.0.0.1/24]}\n"
     "       |                                              ^\n"
     "       first given at lab.yaml:2:33\n"},
    {"empty value",
     "interfaces: {d0: {type: dummy, mtu: }}\n",
     "lab.yaml:1:32: error: `mtu` has no value\n"
     "     1 | interfaces: {d0: {type: dummy, mtu: }}\n"
     "       |                                ^\n"
     "       write one behind the colon, or leave `mtu` away\n"},
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
     "lab.yaml:11:5: error: each of `expect` is a few words, not a list\n"
     "    11 |   - [red, blue]\n"
     "       |     ^\n"
     "       for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`\n"},
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
    {"hop key",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24]}}\n"
     "routes:\n"
     "  - {to: 10.1.0.0/16, nexthops: [{vai: 10.0.0.2}]}\n",
     "lab.yaml:3:35: error: unknown key `vai` in a nexthop\n"
     "     3 |   - {to: 10.1.0.0/16, nexthops: [{vai: 10.0.0.2}]}\n"
     "       |                                   ^\n"
     "       did you mean `via`?\n"},
    {"iface word",
     "interfaces: {br0: bridge}\n",
     "lab.yaml:1:19: error: interface `br0` must be a map of options, not a single value\n"
     "     1 | interfaces: {br0: bridge}\n"
     "       |                   ^\n"
     "       for example: `br0: {type: bridge}`\n"},
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
     "       plexus.file(5) has all keys\n"
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
     "       the names are those of this file; the host is called `host`\n"
     "lab.yaml:6:20: error: there is no namespace, interface or address `b`\n"
     "     6 | expect: [a reaches b]\n"
     "       |                    ^\n"
     "       the names are those of this file; the host is called `host`\n"},
    {"map for list",
     "interfaces: {d0: {type: dummy, addresses: {a: b}}}\n",
     "lab.yaml:1:43: error: `addresses` must be a list, not a map\n"
     "     1 | interfaces: {d0: {type: dummy, addresses: {a: b}}}\n"
     "       |                                           ^\n"
     "       for example: `addresses: [10.0.0.1/24]`\n"},
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
     "       |              ^\n"
     "       `dev`: the name of an interface (1 to 15 characters, no slash, colon or space)\n"},
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
     "       such as `type: bridge`; `type: physical` for one that exists already\n"},
    {"no type ns",
     "namespaces: {red: {interfaces: {eth0: {}}}}\n",
     "lab.yaml:1:33: error: interface `eth0` needs a `type`\n"
     "     1 | namespaces: {red: {interfaces: {eth0: {}}}}\n"
     "       |                                 ^\n"
     "       or a `bridge` in the host, or a `peer`: then it is a veth\n"},
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
    {"other kind",
     "interfaces: {br0: {type: bridge, mode: 802.3ad}}\n",
     "lab.yaml:1:34: error: `mode` is an option of bond, macvlan, ipvlan, not of bridge\n"
     "     1 | interfaces: {br0: {type: bridge, mode: 802.3ad}}\n"
     "       |                                  ^\n"},
    {"parent missing",
     "interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth1, id: 3}}\n",
     "lab.yaml:1:62: error: `parent`: there is no interface `eth1` in the host\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth1, id: 3}}\n"
     "       |                                                              ^\n"
     "       did you mean `eth0`?\n"},
    {"peer is bridge",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  v0: {type: veth, peer: br0}\n",
     "lab.yaml:3:26: error: the peer of a veth is a veth, and `host/br0` is a bridge\n"
     "     3 |   v0: {type: veth, peer: br0}\n"
     "       |                          ^\n"
     "       plug a veth into it: `bridge: br0`\n"},
    {"peer of bridge",
     "interfaces:\n"
     "  br0: {type: bridge, peer: v0}\n",
     "lab.yaml:2:29: error: `peer` is the other end of a veth, and `br0` is a bridge\n"
     "     2 |   br0: {type: bridge, peer: v0}\n"
     "       |                             ^\n"
     "       plug a veth into it: `bridge: br0`\n"},
    {"peer is ipvlan",
     "interfaces:\n"
     "  eth0: {type: physical}\n"
     "  i0: {type: ipvlan, parent: eth0}\n"
     "  v0: {type: veth, peer: i0}\n",
     "lab.yaml:4:26: error: the peer of a veth is a veth, and `host/i0` is an ipvlan\n"
     "     4 |   v0: {type: veth, peer: i0}\n"
     "       |                          ^\n"
     "       leave the `type` of `i0` away: with a peer it is a veth\n"},
    {"peer of ipvlan",
     "interfaces:\n"
     "  eth0: {type: physical}\n"
     "  i0: {type: ipvlan, parent: eth0, peer: v0}\n",
     "lab.yaml:3:42: error: `peer` is the other end of a veth, and `i0` is an ipvlan\n"
     "     3 |   i0: {type: ipvlan, parent: eth0, peer: v0}\n"
     "       |                                          ^\n"
     "       leave the `type` of `i0` away: with a peer it is a veth\n"},
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
    {"ports of ipvlan",
     "interfaces:\n"
     "  eth0: {type: physical}\n"
     "  i0: {type: ipvlan, parent: eth0, ports: [a]}\n",
     "lab.yaml:3:43: error: an ipvlan has no ports\n"
     "     3 |   i0: {type: ipvlan, parent: eth0, ports: [a]}\n"
     "       |                                           ^\n"
     "       bridge, bond and vrf have\n"},
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
     "       did you mean `via`?\n"},
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
     "       |                             ^\n"
     "       `to`: a network like 10.0.0.0/24 or fd00::/64, or `default`\n"},
    {"route word",
     "routes: [default]\n",
     "lab.yaml:1:10: error: each of `routes` is a map, not a single value\n"
     "     1 | routes: [default]\n"
     "       |          ^\n"
     "       for example: `routes: [{to: default, via: 10.0.0.1}]`\n"},
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
    {"secret",
     "interfaces: {wg0: {type: wireguard, private-key: [secret, words]}}\n",
     "lab.yaml:1:50: error: `private-key` takes a single value, not a list\n"},
    {"sysctl iface",
     "interfaces: {d0: {type: dummy, sysctls: {net.ipv4.ip_forward: 1}}}\n",
     "lab.yaml:1:42: error: `net.ipv4.ip_forward` is not a setting of `d0`\n"
     "     1 | interfaces: {d0: {type: dummy, sysctls: {net.ipv4.ip_forward: 1}}}\n"
     "       |                                          ^\n"
     "       say it in `sysctls` of the host\n"},
    {"sysctl bool",
     "sysctls: {net.ipv4.ip_forward: Yes}\n",
     "lab.yaml:1:32: error: `net.ipv4.ip_forward` cannot be `Yes`: expected a number\n"
     "     1 | sysctls: {net.ipv4.ip_forward: Yes}\n"
     "       |                                ^\n"
     "       settings are written as the kernel has them: 1\n"},
    {"sysctl kernel",
     "sysctls: {kernel.core_pattern: x}\n",
     "lab.yaml:1:11: error: `kernel.core_pattern` is not a setting of the network\n"
     "     1 | sysctls: {kernel.core_pattern: x}\n"
     "       |           ^\n"
     "       expected a name that begins with `net.`, like `net.ipv4.ip_forward`\n"},
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
    {"two words",
     "interfaces:\n"
     "  br0: {type: bridge}\n"
     "  d0: {type: dummy, bridge: br0, bond: br0}\n",
     "lab.yaml:3:34: error: `d0` is plugged into two: `bridge` and `bond`\n"
     "     3 |   d0: {type: dummy, bridge: br0, bond: br0}\n"
     "       |                                  ^\n"
     "       first given at lab.yaml:3:21\n"},
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
     "       known here: description, include, interfaces, networks, count, routes, rules, neighbours, sysctls, forwarding, dns, firewall, path, pid\n"},
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
     "       known here: name, description, include, interfaces, namespaces, networks, routes, rules, neighbours, sysctls, forwarding, dns, firewall, expect\n"},
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
     "lab.yaml:3:31: error: `vlan` and `trunk` exclude each other\n"
     "     3 |   t: {type: tap, bridge: br0, vlan: 5, trunk: [6]}\n"
     "       |                               ^\n"
     "       `vlan` is for an access port; the untagged VLAN of a trunk is its `native`\n"},
    {"vlanid",
     "interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0, id: 4095}}\n",
     "lab.yaml:1:72: error: `id` cannot be `4095`: expected a number from 1 to 4094\n"
     "     1 | interfaces: {eth0: {type: physical}, v: {type: vlan, parent: eth0, id: 4095}}\n"
     "       |                                                                        ^\n"},
    {"word for map",
     "namespaces: red\n",
     "lab.yaml:1:13: error: `namespaces` must be a map, not a single value\n"
     "     1 | namespaces: red\n"
     "       |             ^\n"
     "       for example: `namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}`\n"},
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
    {"route priority",
     "rules: [{from: 10.0.0.0/8, table: 1, prio: 5}]\n",
     "lab.yaml:1:38: error: unknown key `prio` in a rule\n"
     "     1 | rules: [{from: 10.0.0.0/8, table: 1, prio: 5}]\n"
     "       |                                      ^\n"
     "       did you mean `priority`?\n"},
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
     "lab.yaml:1:27: error: unknown key `serach` in `dns`\n"
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
    {"hop without dev",
     "interfaces: {d0: {type: dummy, addresses: [10.0.0.1/24]}}\n"
     "routes: [{to: 10.1.0.0/16, nexthops: [{via: 10.0.0.2}, {via: 10.9.0.2}]}]\n",
     "lab.yaml:2:56: error: no address has nexthop 10.9.0.2 in its network\n"
     "     2 | routes: [{to: 10.1.0.0/16, nexthops: [{via: 10.0.0.2}, {via: 10.9.0.2}]}]\n"
     "       |                                                        ^\n"
     "       say `dev`, the interface to send by\n"},
    {"hops in interface",
     "interfaces: {d0: {type: dummy, routes: [{to: 10.1.0.0/16, nexthops: []}]}}\n",
     "lab.yaml:1:69: error: `nexthops` go by several interfaces: say this route in `routes` of the host\n"
     "     1 | interfaces: {d0: {type: dummy, routes: [{to: 10.1.0.0/16, nexthops: []}]}}\n"
     "       |                                                                     ^\n"},
    /* clang-format on */
};

static void test_mistakes(void **state)
{
    (void)state;
    mistakes_compare(mistakes, sizeof mistakes / sizeof *mistakes);
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
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_too_many_ports),
        cmocka_unit_test(test_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
