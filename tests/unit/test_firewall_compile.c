/* What a firewall comes to: its sets with their elements, and its chains as nft lists them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file/read.h"
#include "model/nft/nft.h"

static const struct {
    const char *name, *yaml, *expected;
} cases[] = {
    /* clang-format off */
    {"a default in each chain",
     "firewall: {input: drop, forward: reject, output: accept, log: dropped}\n",
     "chain input, drop\n"
     "  ct state established,related counter accept comment \"what belongs to a connection that was let through\"\n"
     "  ct state invalid counter drop comment \"what belongs to no connection and begins none\"\n"
     "  iifname \"lo\" counter accept comment \"loopback\"\n"
     "  icmpv6 type { destination-unreachable, mld-listener-done, mld-listener-query, mld-listener-report, mld2-listener-report, nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-router-solicit, packet-too-big, parameter-problem, time-exceeded } counter accept comment \"IPv6: errors, neighbours, routers, multicast groups\"\n"
     "  udp sport 67 udp dport 68 counter accept comment \"answers to DHCP clients\"\n"
     "  ip6 saddr fe80::/10 udp sport 547 udp dport 546 counter accept comment \"answers to DHCPv6 clients\"\n"
     "  limit rate 10/second burst 20 packets log prefix \"plexus-lab input drop: \" comment \"log: dropped\"\n"
     "  counter drop comment \"input: drop\"\n"
     "chain forward, drop\n"
     "  ct state established,related counter accept comment \"what belongs to a connection that was let through\"\n"
     "  ct state invalid counter drop comment \"what belongs to no connection and begins none\"\n"
     "  icmpv6 type { destination-unreachable, mld-listener-done, mld-listener-query, mld-listener-report, mld2-listener-report, nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-router-solicit, packet-too-big, parameter-problem, time-exceeded } counter accept comment \"IPv6: errors, neighbours, routers, multicast groups\"\n"
     "  limit rate 10/second burst 20 packets log prefix \"plexus-lab forward reject: \" comment \"log: dropped\"\n"
     "  counter reject comment \"forward: reject\"\n"
     "chain output\n"
     "  ct state established,related counter accept comment \"what belongs to a connection that was let through\"\n"
     "  ct state invalid counter drop comment \"what belongs to no connection and begins none\"\n"
     "  oifname \"lo\" counter accept comment \"loopback\"\n"
     "  icmpv6 type { destination-unreachable, mld-listener-done, mld-listener-query, mld-listener-report, mld2-listener-report, nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-router-solicit, packet-too-big, parameter-problem, time-exceeded } counter accept comment \"IPv6: errors, neighbours, routers, multicast groups\"\n"
     "  udp sport 68 udp dport 67 counter accept comment \"DHCP clients\"\n"
     "  udp sport 546 udp dport 547 counter accept comment \"DHCPv6 clients\"\n"},
    {"nothing is said",
     "firewall: {sets: {few: [10.0.0.1, \"fd00::1\"]}}\n",
     "set few-v4: ipv4_addr\n"
     "  10.0.0.1\n"
     "set few-v6: ipv6_addr\n"
     "  fd00::1\n"},
    {"rules make their chain",
     "firewall: {rules: [allow ssh]}\n",
     "chain input\n"
     "  tcp dport 22 counter accept comment \"allow ssh\"\n"},
    {"services and protocols",
     "interfaces: {eno1: {type: physical}, br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}}\n"
     "forwarding: true\n"
     "firewall:\n"
     "  services: {app: tcp/8000-8010, game: [tcp/27015, udp/27015, app]}\n"
     "  rules:\n"
     "    - allow ssh, https, tcp/8443 udp/443\n"
     "    - allow game\n"
     "    - deny gre, tcp/1-10, tcp/5-20, tcp/21\n"
     "    - allow icmp\n"
     "    - allow icmp echo-request, redirect packet-too-big\n"
     "    - reject any\n",
     "chain input\n"
     "  tcp dport { 22, 443, 8443 } counter accept comment \"allow ssh, https, tcp/8443 udp/443\"\n"
     "  udp dport 443 counter accept comment \"allow ssh, https, tcp/8443 udp/443\"\n"
     "  tcp dport { 8000-8010, 27015 } counter accept comment \"allow game\"\n"
     "  udp dport 27015 counter accept comment \"allow game\"\n"
     "  meta l4proto gre counter drop comment \"deny gre, tcp/1-10, tcp/5-20, tcp/21\"\n"
     "  tcp dport 1-21 counter drop comment \"deny gre, tcp/1-10, tcp/5-20, tcp/21\"\n"
     "  meta l4proto icmp counter accept comment \"allow icmp\"\n"
     "  meta l4proto ipv6-icmp counter accept comment \"allow icmp\"\n"
     "  icmp type { echo-request, redirect } counter accept comment \"allow icmp echo-request, redirect packet-too-big\"\n"
     "  icmpv6 type { echo-request, nd-redirect, packet-too-big } counter accept comment \"allow icmp echo-request, redirect packet-too-big\"\n"
     "  counter reject comment \"reject any\"\n"},
    {"sides",
     "interfaces: {eno1: {type: physical}, br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}}\n"
     "forwarding: true\n"
     "firewall:\n"
     "  zones: {wan: [eno1], office: [192.168.1.0/24, \"2001:db8::/32\"], both: [br-g, eno1, 10.9.0.0/16, 10.8.0.0/16]}\n"
     "  sets: {few: [10.0.0.5, 10.0.0.6, \"fd00::5\"], four: [10.1.0.0/16, 10.1.2.3, 10.2.0.0/16]}\n"
     "  rules:\n"
     "    - allow ssh from wan\n"
     "    - allow ssh from office\n"
     "    - allow ssh from both to host\n"
     "    - reject smtp from both to office\n"
     "    - deny from @few to @four\n"
     "    - allow from host to 10.0.0.5-10.0.0.9\n"
     "    - deny from host to wan\n"
     "    - deny from any to any\n"
     "    - allow icmp from 10.0.0.1\n",
     "set few-v4: ipv4_addr\n"
     "  10.0.0.5\n"
     "  10.0.0.6\n"
     "set few-v6: ipv6_addr\n"
     "  fd00::5\n"
     "set four-v4-nets: ipv4_addr, interval\n"
     "  10.1.0.0/16\n"
     "  10.2.0.0/16\n"
     "chain input\n"
     "  iifname \"eno1\" tcp dport 22 counter accept comment \"allow ssh from wan\"\n"
     "  ip saddr 192.168.1.0/24 tcp dport 22 counter accept comment \"allow ssh from office\"\n"
     "  ip6 saddr 2001:db8::/32 tcp dport 22 counter accept comment \"allow ssh from office\"\n"
     "  iifname { \"br-g\", \"eno1\" } tcp dport 22 counter accept comment \"allow ssh from both to host\"\n"
     "  ip saddr 10.8.0.0/15 tcp dport 22 counter accept comment \"allow ssh from both to host\"\n"
     "  ip saddr 10.0.0.1 meta l4proto icmp counter accept comment \"allow icmp from 10.0.0.1\"\n"
     "chain forward\n"
     "  iifname { \"br-g\", \"eno1\" } ip daddr 192.168.1.0/24 tcp dport 25 counter reject with icmp type port-unreachable comment \"reject smtp from both to office\"\n"
     "  iifname { \"br-g\", \"eno1\" } ip6 daddr 2001:db8::/32 tcp dport 25 counter reject with icmpv6 type port-unreachable comment \"reject smtp from both to office\"\n"
     "  ip saddr 10.8.0.0/15 ip daddr 192.168.1.0/24 tcp dport 25 counter reject with icmp type port-unreachable comment \"reject smtp from both to office\"\n"
     "  ip saddr @few-v4 ip daddr @four-v4-nets counter drop comment \"deny from @few to @four\"\n"
     "  counter drop comment \"deny from any to any\"\n"
     "chain output\n"
     "  ip daddr 10.0.0.5-10.0.0.9 counter accept comment \"allow from host to 10.0.0.5-10.0.0.9\"\n"
     "  oifname \"eno1\" counter drop comment \"deny from host to wan\"\n"},
    {"options",
     "interfaces: {eno1: {type: physical}, br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}}\n"
     "forwarding: true\n"
     "firewall:\n"
     "  zones: {wan: [eno1], office: [192.168.1.0/24]}\n"
     "  rules:\n"
     "    - allow ssh from wan limit 6/minute\n"
     "    - allow ssh from office limit 10/second burst 20 per source log\n"
     "    - limit https\n"
     "    - {allow: tcp/8080, log: true, comment: the app, connections: 20, name: app}\n"
     "    - {reject: tcp/113, log: true, name: \"ident, which \\\"nobody\\\" uses any more\"}\n",
     "set allow-ssh-from-office-limit-10-second-burst-20-p-rate-v4: ipv4_addr, dynamic, timeout 2\n"
     "set allow-ssh-from-office-limit-10-second-burst-20-p-rate-v6: ipv6_addr, dynamic, timeout 2\n"
     "set limit-https-rate-v4: ipv4_addr, dynamic, timeout 120\n"
     "set limit-https-rate-v6: ipv6_addr, dynamic, timeout 120\n"
     "set app-count-v4: ipv4_addr, dynamic\n"
     "set app-count-v6: ipv6_addr, dynamic\n"
     "chain allow-ssh-from-wan-limit-6-minute\n"
     "  limit rate over 6/minute counter drop comment \"beyond the limit\"\n"
     "  counter accept comment \"allow ssh from wan limit 6/minute\"\n"
     "chain allow-ssh-from-office-limit-10-second-burst-20-p\n"
     "  add @allow-ssh-from-office-limit-10-second-burst-20-p-rate-v4 { ip saddr limit rate over 10/second burst 20 packets } counter drop comment \"beyond that of one source\"\n"
     "  add @allow-ssh-from-office-limit-10-second-burst-20-p-rate-v6 { ip6 saddr limit rate over 10/second burst 20 packets } counter drop comment \"beyond that of one source\"\n"
     "  counter log prefix \"allow ssh from office limit 10/second burst 20 per source log: \" accept comment \"allow ssh from office limit 10/second burst 20 per source log\"\n"
     "chain limit-https\n"
     "  add @limit-https-rate-v4 { ip saddr limit rate over 12/minute burst 6 packets } counter drop comment \"beyond that of one source\"\n"
     "  add @limit-https-rate-v6 { ip6 saddr limit rate over 12/minute burst 6 packets } counter drop comment \"beyond that of one source\"\n"
     "  counter accept comment \"limit https\"\n"
     "chain app\n"
     "  add @app-count-v4 { ip saddr ct count over 20 } counter drop comment \"beyond that of one source\"\n"
     "  add @app-count-v6 { ip6 saddr ct count over 20 } counter drop comment \"beyond that of one source\"\n"
     "  counter log prefix \"app: \" accept comment \"the app\"\n"
     "chain input\n"
     "  iifname \"eno1\" tcp dport 22 counter jump allow-ssh-from-wan-limit-6-minute comment \"allow ssh from wan limit 6/minute\"\n"
     "  ip saddr 192.168.1.0/24 tcp dport 22 counter jump allow-ssh-from-office-limit-10-second-burst-20-p comment \"allow ssh from office limit 10/second burst 20 per source log\"\n"
     "  tcp dport 443 counter jump limit-https comment \"limit https\"\n"
     "  tcp dport 8080 counter jump app comment \"the app\"\n"
     "  tcp dport 113 counter log prefix \"ident, which 'nobody' uses any more: \" reject comment \"reject tcp/113\"\n"},
    {"policies come last",
     "interfaces: {eno1: {type: physical}, br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}}\n"
     "forwarding: true\n"
     "firewall:\n"
     "  zones: {wan: [eno1], guests: [br-g]}\n"
     "  forward: drop\n"
     "  policies: [guests to wan: allow, wan to host: reject]\n"
     "  rules: [reject smtp from guests to wan]\n",
     "chain input\n"
     "  iifname \"eno1\" counter reject comment \"wan to host: reject\"\n"
     "chain forward, drop\n"
     "  iifname \"br-g\" oifname \"eno1\" tcp dport 25 counter reject comment \"reject smtp from guests to wan\"\n"
     "  iifname \"br-g\" oifname \"eno1\" counter accept comment \"guests to wan: allow\"\n"
     "  counter drop comment \"forward: drop\"\n"},
    {"translation",
     "interfaces: {eno1: {type: physical}, br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}}\n"
     "forwarding: true\n"
     "firewall:\n"
     "  zones: {wan: [eno1], guests: [br-g]}\n"
     "  forward: drop\n"
     "  input: drop\n"
     "  nat:\n"
     "    - masquerade from guests to wan\n"
     "    - masquerade from fd00:0:0:1::/64 to wan\n"
     "    - snat from 10.0.0.0/24 to wan as 192.0.2.1\n"
     "    - dnat tcp/80, tcp/81 from wan to 10.0.0.5:8080\n"
     "    - dnat udp/82 to fd00:0:0:1::5\n"
     "    - redirect tcp/80 from guests to 3128\n",
     "set hairpin-v4: ipv4_addr . ipv4_addr, interval\n"
     "  10.0.0.0/24 . 10.0.0.0/24\n"
     "set hairpin-v6: ipv6_addr . ipv6_addr, interval\n"
     "  fd00:0:0:1::/64 . fd00:0:0:1::/64\n"
     "chain input, drop\n"
     "  iifname \"br-g\" tcp dport 3128 ct status dnat counter accept comment \"redirect tcp/80 from guests to 3128\"\n"
     "  counter drop comment \"input: drop\"\n"
     "chain forward, drop\n"
     "  iifname \"eno1\" ip daddr 10.0.0.5 tcp dport 8080 ct status dnat counter accept comment \"dnat tcp/80, tcp/81 from wan to 10.0.0.5:8080\"\n"
     "  ip6 daddr fd00:0:0:1::5 udp dport 82 ct status dnat counter accept comment \"dnat udp/82 to fd00:0:0:1::5\"\n"
     "  counter drop comment \"forward: drop\"\n"
     "chain prerouting\n"
     "  iifname \"eno1\" tcp dport 80-81 counter dnat ip to 10.0.0.5:8080 comment \"dnat tcp/80, tcp/81 from wan to 10.0.0.5:8080\"\n"
     "  udp dport 82 counter dnat ip6 to fd00:0:0:1::5 comment \"dnat udp/82 to fd00:0:0:1::5\"\n"
     "  iifname \"br-g\" tcp dport 80 counter redirect to :3128 comment \"redirect tcp/80 from guests to 3128\"\n"
     "chain postrouting\n"
     "  ct status dnat ip saddr . ip daddr @hairpin-v4 counter masquerade comment \"from a guest to its sibling by what is published\"\n"
     "  ct status dnat ip6 saddr . ip6 daddr @hairpin-v6 counter masquerade comment \"from a guest to its sibling by what is published\"\n"
     "  iifname \"br-g\" oifname \"eno1\" meta nfproto ipv4 counter masquerade comment \"masquerade from guests to wan\"\n"
     "  iifname \"br-g\" oifname \"eno1\" ip6 saddr fc00::/7 counter masquerade comment \"masquerade from guests to wan\"\n"
     "  oifname \"eno1\" ip6 saddr fd00:0:0:1::/64 counter masquerade comment \"masquerade from fd00:0:0:1::/64 to wan\"\n"
     "  oifname \"eno1\" ip saddr 10.0.0.0/24 counter snat ip to 192.0.2.1 comment \"snat from 10.0.0.0/24 to wan as 192.0.2.1\"\n"},
    {"published ports",
     "interfaces: {eno1: {type: physical}, br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}}\n"
     "forwarding: true\n"
     "firewall:\n"
     "  zones: {wan: [eno1]}\n"
     "  forward: drop\n"
     "  output: drop\n"
     "  rules: [deny tcp/80 from 203.0.113.0/24 to 10.0.0.5]\n"
     "  publish:\n"
     "    - 8080:10.0.0.5:80\n"
     "    - \"5000-5002:10.0.0.6:6000-6002/udp\"\n"
     "    - 192.0.2.1:53:10.9.0.6:53/udp\n"
     "    - 443:[fd00:0:0:1::5]:443 from wan\n",
     "set publish-at-v4: ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service, counted\n"
     "  192.0.2.1 . udp . 53 : 10.9.0.6 . 53\n"
     "set published-at-v4: ipv4_addr . inet_proto . inet_service, counted\n"
     "  10.9.0.6 . udp . 53\n"
     "set publish-wan-v6: inet_proto . inet_service : ipv6_addr . inet_service, counted\n"
     "  tcp . 443 : fd00:0:0:1::5 . 443\n"
     "set published-wan-v6: ipv6_addr . inet_proto . inet_service, counted\n"
     "  fd00:0:0:1::5 . tcp . 443\n"
     "set publish-v4: inet_proto . inet_service : ipv4_addr . inet_service, counted\n"
     "  tcp . 8080 : 10.0.0.5 . 80\n"
     "  udp . 5000 : 10.0.0.6 . 6000\n"
     "  udp . 5001 : 10.0.0.6 . 6001\n"
     "  udp . 5002 : 10.0.0.6 . 6002\n"
     "set published-v4: ipv4_addr . inet_proto . inet_service, counted\n"
     "  10.0.0.5 . tcp . 80\n"
     "  10.0.0.6 . udp . 6000\n"
     "  10.0.0.6 . udp . 6001\n"
     "  10.0.0.6 . udp . 6002\n"
     "set hairpin-v4: ipv4_addr . ipv4_addr, interval\n"
     "  10.0.0.0/24 . 10.0.0.0/24\n"
     "  10.9.0.6 . 10.9.0.6\n"
     "set hairpin-v6: ipv6_addr . ipv6_addr, interval\n"
     "  fd00:0:0:1::/64 . fd00:0:0:1::/64\n"
     "chain forward, drop\n"
     "  ip saddr 203.0.113.0/24 ip daddr 10.0.0.5 tcp dport 80 counter drop comment \"deny tcp/80 from 203.0.113.0/24 to 10.0.0.5\"\n"
     "  ct status dnat ip daddr . meta l4proto . th dport @published-at-v4 counter accept comment \"publish\"\n"
     "  iifname \"eno1\" ct status dnat ip6 daddr . meta l4proto . th dport @published-wan-v6 counter accept comment \"publish\"\n"
     "  ct status dnat ip daddr . meta l4proto . th dport @published-v4 counter accept comment \"publish\"\n"
     "  counter drop comment \"forward: drop\"\n"
     "chain output, drop\n"
     "  ct status dnat ip daddr . meta l4proto . th dport @published-at-v4 counter accept comment \"publish\"\n"
     "  ct status dnat ip daddr . meta l4proto . th dport @published-v4 counter accept comment \"publish\"\n"
     "  counter drop comment \"output: drop\"\n"
     "chain prerouting\n"
     "  counter dnat ip to ip daddr . meta l4proto . th dport map @publish-at-v4 comment \"publish\"\n"
     "  iifname \"eno1\" fib daddr type local counter dnat ip6 to meta l4proto . th dport map @publish-wan-v6 comment \"publish\"\n"
     "  fib daddr type local counter dnat ip to meta l4proto . th dport map @publish-v4 comment \"publish\"\n"
     "chain output-nat\n"
     "  ip daddr != 127.0.0.0/8 counter dnat ip to ip daddr . meta l4proto . th dport map @publish-at-v4 comment \"publish\"\n"
     "  ip daddr != 127.0.0.0/8 fib daddr type local counter dnat ip to meta l4proto . th dport map @publish-v4 comment \"publish\"\n"
     "chain postrouting\n"
     "  ct status dnat ip saddr . ip daddr @hairpin-v4 counter masquerade comment \"from a guest to its sibling by what is published\"\n"
     "  ct status dnat ip6 saddr . ip6 daddr @hairpin-v6 counter masquerade comment \"from a guest to its sibling by what is published\"\n"},
    {"a set as a text grows",
     "firewall:\n"
     "  sets:\n"
     "    bad: |\n"
     "      10.0.0.1 # one\n"
     "      10.0.0.2\n"
     "\n"
     "      # none\n"
     "      10.0.0.3-10.0.0.9\n"
     "  rules: [deny from @bad]\n",
     "set bad-v4-nets: ipv4_addr, interval\n"
     "  10.0.0.1\n"
     "  10.0.0.2\n"
     "  10.0.0.3-10.0.0.9\n"
     "set bad-v6: ipv6_addr\n"
     "chain input\n"
     "  ip saddr @bad-v4-nets counter drop comment \"deny from @bad\"\n"
     "  ip6 saddr @bad-v6 counter drop comment \"deny from @bad\"\n"},
    {"few rules stay rules",
     "firewall:\n"
     "  rules:\n"
     "    - allow tcp/9000\n"
     "    - allow tcp/8998\n"
     "    - allow tcp/8996\n"
     "    - allow tcp/8994\n"
     "    - allow tcp/8992\n"
     "    - allow tcp/8990\n"
     "    - allow tcp/8988\n"
     "    - allow tcp/8986\n"
     "    - allow tcp/8984\n"
     "    - allow tcp/8982\n"
     "    - allow tcp/8980\n"
     "    - allow tcp/8978\n"
     "    - allow tcp/8976\n"
     "    - allow tcp/8974\n"
     "    - allow tcp/8972\n",
     "chain input\n"
     "  tcp dport 9000 counter accept comment \"allow tcp/9000\"\n"
     "  tcp dport 8998 counter accept comment \"allow tcp/8998\"\n"
     "  tcp dport 8996 counter accept comment \"allow tcp/8996\"\n"
     "  tcp dport 8994 counter accept comment \"allow tcp/8994\"\n"
     "  tcp dport 8992 counter accept comment \"allow tcp/8992\"\n"
     "  tcp dport 8990 counter accept comment \"allow tcp/8990\"\n"
     "  tcp dport 8988 counter accept comment \"allow tcp/8988\"\n"
     "  tcp dport 8986 counter accept comment \"allow tcp/8986\"\n"
     "  tcp dport 8984 counter accept comment \"allow tcp/8984\"\n"
     "  tcp dport 8982 counter accept comment \"allow tcp/8982\"\n"
     "  tcp dport 8980 counter accept comment \"allow tcp/8980\"\n"
     "  tcp dport 8978 counter accept comment \"allow tcp/8978\"\n"
     "  tcp dport 8976 counter accept comment \"allow tcp/8976\"\n"
     "  tcp dport 8974 counter accept comment \"allow tcp/8974\"\n"
     "  tcp dport 8972 counter accept comment \"allow tcp/8972\"\n"},
    {"many become a set",
     "firewall:\n"
     "  rules:\n"
     "    - deny telnet\n"
     "    - allow tcp/9000\n"
     "    - allow tcp/8998\n"
     "    - allow tcp/8996\n"
     "    - allow tcp/8994\n"
     "    - allow tcp/8992\n"
     "    - allow tcp/8990\n"
     "    - allow tcp/8988\n"
     "    - allow tcp/8986\n"
     "    - allow tcp/8984\n"
     "    - allow tcp/8982\n"
     "    - allow tcp/8980\n"
     "    - allow tcp/8978\n"
     "    - allow tcp/8976\n"
     "    - allow tcp/8974\n"
     "    - allow tcp/8972\n"
     "    - allow tcp/8970\n"
     "    - deny any\n",
     "set input-1: inet_proto . inet_service : verdict, counted\n"
     "  tcp . 23 : drop\n"
     "  tcp . 8970 : accept\n"
     "  tcp . 8972 : accept\n"
     "  tcp . 8974 : accept\n"
     "  tcp . 8976 : accept\n"
     "  tcp . 8978 : accept\n"
     "  tcp . 8980 : accept\n"
     "  tcp . 8982 : accept\n"
     "  tcp . 8984 : accept\n"
     "  tcp . 8986 : accept\n"
     "  tcp . 8988 : accept\n"
     "  tcp . 8990 : accept\n"
     "  tcp . 8992 : accept\n"
     "  tcp . 8994 : accept\n"
     "  tcp . 8996 : accept\n"
     "  tcp . 8998 : accept\n"
     "  tcp . 9000 : accept\n"
     "chain input\n"
     "  meta l4proto . th dport vmap @input-1 comment \"deny telnet, and more alike\"\n"
     "  counter drop comment \"deny any\"\n"},
    {"shapes of one verdict",
     "firewall:\n"
     "  zones: {wan: [10.0.0.0/8]}\n"
     "  rules:\n"
     "    - allow from 10.2.0.0/24\n"
     "    - allow tcp/101 from 10.1.0.1\n"
     "    - allow from 10.2.2.0/24\n"
     "    - allow tcp/103 from 10.1.0.3\n"
     "    - allow from 10.2.4.0/24\n"
     "    - allow tcp/105 from 10.1.0.5\n"
     "    - allow from 10.2.6.0/24\n"
     "    - allow tcp/107 from 10.1.0.7\n"
     "    - allow from 10.2.8.0/24\n"
     "    - allow tcp/109 from 10.1.0.9\n"
     "    - allow from 10.2.10.0/24\n"
     "    - allow tcp/111 from 10.1.0.11\n"
     "    - allow from 10.2.12.0/24\n"
     "    - allow tcp/113 from 10.1.0.13\n"
     "    - allow from 10.2.14.0/24\n"
     "    - allow tcp/115 from 10.1.0.15\n"
     "    - allow from 10.2.16.0/24\n"
     "    - allow tcp/117 from 10.1.0.17\n"
     "    - allow from 10.2.18.0/24\n"
     "    - allow tcp/119 from 10.1.0.19\n"
     "    - allow from 10.2.20.0/24\n"
     "    - allow tcp/121 from 10.1.0.21\n"
     "    - allow from 10.2.22.0/24\n"
     "    - allow tcp/123 from 10.1.0.23\n"
     "    - allow from 10.2.24.0/24\n"
     "    - allow tcp/125 from 10.1.0.25\n"
     "    - allow from 10.2.26.0/24\n"
     "    - allow tcp/127 from 10.1.0.27\n"
     "    - allow from 10.2.28.0/24\n"
     "    - allow tcp/129 from 10.1.0.29\n"
     "    - allow from 10.2.30.0/24\n"
     "    - allow tcp/131 from 10.1.0.31\n"
     "    - allow from 10.2.32.0/24\n"
     "    - allow tcp/133 from 10.1.0.33\n"
     "    - allow ssh\n",
     "set input-1: ipv4_addr, interval, counted\n"
     "  10.2.0.0/24\n"
     "  10.2.2.0/24\n"
     "  10.2.4.0/24\n"
     "  10.2.6.0/24\n"
     "  10.2.8.0/24\n"
     "  10.2.10.0/24\n"
     "  10.2.12.0/24\n"
     "  10.2.14.0/24\n"
     "  10.2.16.0/24\n"
     "  10.2.18.0/24\n"
     "  10.2.20.0/24\n"
     "  10.2.22.0/24\n"
     "  10.2.24.0/24\n"
     "  10.2.26.0/24\n"
     "  10.2.28.0/24\n"
     "  10.2.30.0/24\n"
     "  10.2.32.0/24\n"
     "set input-2: ipv4_addr . inet_proto . inet_service, counted\n"
     "  10.1.0.1 . tcp . 101\n"
     "  10.1.0.3 . tcp . 103\n"
     "  10.1.0.5 . tcp . 105\n"
     "  10.1.0.7 . tcp . 107\n"
     "  10.1.0.9 . tcp . 109\n"
     "  10.1.0.11 . tcp . 111\n"
     "  10.1.0.13 . tcp . 113\n"
     "  10.1.0.15 . tcp . 115\n"
     "  10.1.0.17 . tcp . 117\n"
     "  10.1.0.19 . tcp . 119\n"
     "  10.1.0.21 . tcp . 121\n"
     "  10.1.0.23 . tcp . 123\n"
     "  10.1.0.25 . tcp . 125\n"
     "  10.1.0.27 . tcp . 127\n"
     "  10.1.0.29 . tcp . 129\n"
     "  10.1.0.31 . tcp . 131\n"
     "  10.1.0.33 . tcp . 133\n"
     "chain input\n"
     "  ip saddr @input-1 counter accept comment \"allow from 10.2.0.0/24, and more alike\"\n"
     "  ip saddr . meta l4proto . th dport @input-2 counter accept comment \"allow tcp/101 from 10.1.0.1, and more alike\"\n"
     "  tcp dport 22 counter accept comment \"allow ssh\"\n"},
    {"overlaps",
     "firewall:\n"
     "  rules:\n"
     "    - allow udp/100-105 from fd00::/16\n"
     "    - allow udp/110-115 from fd00::/17\n"
     "    - allow udp/120-125 from fd00::/18\n"
     "    - allow udp/130-135 from fd00::/19\n"
     "    - allow udp/140-145 from fd00::/20\n"
     "    - allow udp/150-155 from fd00::/21\n"
     "    - allow udp/160-165 from fd00::/22\n"
     "    - allow udp/170-175 from fd00::/23\n"
     "    - allow udp/180-185 from fd00::/24\n"
     "    - allow udp/190-195 from fd00::/25\n"
     "    - allow udp/200-205 from fd00::/26\n"
     "    - allow udp/210-215 from fd00::/27\n"
     "    - allow udp/220-225 from fd00::/28\n"
     "    - allow udp/230-235 from fd00::/29\n"
     "    - allow udp/240-245 from fd00::/30\n"
     "    - allow udp/250-255 from fd00::/31\n"
     "    - allow udp/100 from fd00::1\n"
     "    - allow udp/103-107 from fd00::/8\n",
     "set input-1: ipv6_addr . inet_proto . inet_service, interval, counted\n"
     "  fd00::/8 . udp . 103-107\n"
     "  fd00::/17 . udp . 110-115\n"
     "  fd00::/18 . udp . 120-125\n"
     "  fd00::/19 . udp . 130-135\n"
     "  fd00::/20 . udp . 140-145\n"
     "  fd00::/21 . udp . 150-155\n"
     "  fd00::/22 . udp . 160-165\n"
     "  fd00::/23 . udp . 170-175\n"
     "  fd00::/24 . udp . 180-185\n"
     "  fd00::/25 . udp . 190-195\n"
     "  fd00::/26 . udp . 200-205\n"
     "  fd00::/27 . udp . 210-215\n"
     "  fd00::/28 . udp . 220-225\n"
     "  fd00::/29 . udp . 230-235\n"
     "  fd00::/30 . udp . 240-245\n"
     "  fd00::/31 . udp . 250-255\n"
     "  fd00::1 . udp . 100\n"
     "chain input\n"
     "  ip6 saddr fd00::/16 udp dport 100-105 counter accept comment \"allow udp/100-105 from fd00::/16\"\n"
     "  ip6 saddr . meta l4proto . th dport @input-1 counter accept comment \"allow udp/100-105 from fd00::/16, and more alike\"\n"},
    {"both verdicts for single keys",
     "firewall:\n"
     "  rules:\n"
     "    - allow tcp/22 from 10.0.0.0\n"
     "    - deny tcp/23 from 10.0.0.0\n"
     "    - allow tcp/24 from 10.0.0.0\n"
     "    - deny tcp/22 from 10.0.0.1\n"
     "    - allow tcp/23 from 10.0.0.1\n"
     "    - deny tcp/24 from 10.0.0.1\n"
     "    - allow tcp/22 from 10.0.0.2\n"
     "    - deny tcp/23 from 10.0.0.2\n"
     "    - allow tcp/24 from 10.0.0.2\n"
     "    - deny tcp/22 from 10.0.0.3\n"
     "    - allow tcp/23 from 10.0.0.3\n"
     "    - deny tcp/24 from 10.0.0.3\n"
     "    - allow tcp/22 from 10.0.0.4\n"
     "    - deny tcp/23 from 10.0.0.4\n"
     "    - allow tcp/24 from 10.0.0.4\n"
     "    - deny tcp/22 from 10.0.0.5\n"
     "    - allow tcp/23 from 10.0.0.5\n"
     "    - deny tcp/24 from 10.0.0.5\n"
     "    - deny tcp/22 from 10.0.0.0\n",
     "set input-1: ipv4_addr . inet_proto . inet_service : verdict, counted\n"
     "  10.0.0.0 . tcp . 22 : accept\n"
     "  10.0.0.0 . tcp . 23 : drop\n"
     "  10.0.0.0 . tcp . 24 : accept\n"
     "  10.0.0.1 . tcp . 22 : drop\n"
     "  10.0.0.1 . tcp . 23 : accept\n"
     "  10.0.0.1 . tcp . 24 : drop\n"
     "  10.0.0.2 . tcp . 22 : accept\n"
     "  10.0.0.2 . tcp . 23 : drop\n"
     "  10.0.0.2 . tcp . 24 : accept\n"
     "  10.0.0.3 . tcp . 22 : drop\n"
     "  10.0.0.3 . tcp . 23 : accept\n"
     "  10.0.0.3 . tcp . 24 : drop\n"
     "  10.0.0.4 . tcp . 22 : accept\n"
     "  10.0.0.4 . tcp . 23 : drop\n"
     "  10.0.0.4 . tcp . 24 : accept\n"
     "  10.0.0.5 . tcp . 22 : drop\n"
     "  10.0.0.5 . tcp . 23 : accept\n"
     "  10.0.0.5 . tcp . 24 : drop\n"
     "chain input\n"
     "  ip saddr . meta l4proto . th dport vmap @input-1 comment \"allow tcp/22 from 10.0.0.0, and more alike\"\n"},
    {"a log ends a run",
     "firewall:\n"
     "  rules:\n"
     "    - deny from 10.0.0.1\n"
     "    - deny from 10.0.1.1\n"
     "    - deny from 10.0.2.1\n"
     "    - deny from 10.0.3.1\n"
     "    - deny from 10.0.4.1\n"
     "    - deny from 10.0.5.1\n"
     "    - deny from 10.0.6.1\n"
     "    - deny from 10.0.7.1\n"
     "    - deny from 10.0.8.1\n"
     "    - deny from 10.0.9.1 log\n"
     "    - deny from 10.0.10.1\n"
     "    - deny from 10.0.11.1\n"
     "    - deny from 10.0.12.1\n"
     "    - deny from 10.0.13.1\n"
     "    - deny from 10.0.14.1\n"
     "    - deny from 10.0.15.1\n"
     "    - deny from 10.0.16.1\n"
     "    - deny from 10.0.17.1\n"
     "    - deny from 10.0.18.1\n"
     "    - deny from 10.0.19.1\n"
     "    - deny from 10.0.20.1\n"
     "    - deny from 10.0.21.1\n"
     "    - deny from 10.0.22.1\n"
     "    - deny from 10.0.23.1\n",
     "chain input\n"
     "  ip saddr 10.0.0.1 counter drop comment \"deny from 10.0.0.1\"\n"
     "  ip saddr 10.0.1.1 counter drop comment \"deny from 10.0.1.1\"\n"
     "  ip saddr 10.0.2.1 counter drop comment \"deny from 10.0.2.1\"\n"
     "  ip saddr 10.0.3.1 counter drop comment \"deny from 10.0.3.1\"\n"
     "  ip saddr 10.0.4.1 counter drop comment \"deny from 10.0.4.1\"\n"
     "  ip saddr 10.0.5.1 counter drop comment \"deny from 10.0.5.1\"\n"
     "  ip saddr 10.0.6.1 counter drop comment \"deny from 10.0.6.1\"\n"
     "  ip saddr 10.0.7.1 counter drop comment \"deny from 10.0.7.1\"\n"
     "  ip saddr 10.0.8.1 counter drop comment \"deny from 10.0.8.1\"\n"
     "  ip saddr 10.0.9.1 counter log prefix \"deny from 10.0.9.1 log: \" drop comment \"deny from 10.0.9.1 log\"\n"
     "  ip saddr 10.0.10.1 counter drop comment \"deny from 10.0.10.1\"\n"
     "  ip saddr 10.0.11.1 counter drop comment \"deny from 10.0.11.1\"\n"
     "  ip saddr 10.0.12.1 counter drop comment \"deny from 10.0.12.1\"\n"
     "  ip saddr 10.0.13.1 counter drop comment \"deny from 10.0.13.1\"\n"
     "  ip saddr 10.0.14.1 counter drop comment \"deny from 10.0.14.1\"\n"
     "  ip saddr 10.0.15.1 counter drop comment \"deny from 10.0.15.1\"\n"
     "  ip saddr 10.0.16.1 counter drop comment \"deny from 10.0.16.1\"\n"
     "  ip saddr 10.0.17.1 counter drop comment \"deny from 10.0.17.1\"\n"
     "  ip saddr 10.0.18.1 counter drop comment \"deny from 10.0.18.1\"\n"
     "  ip saddr 10.0.19.1 counter drop comment \"deny from 10.0.19.1\"\n"
     "  ip saddr 10.0.20.1 counter drop comment \"deny from 10.0.20.1\"\n"
     "  ip saddr 10.0.21.1 counter drop comment \"deny from 10.0.21.1\"\n"
     "  ip saddr 10.0.22.1 counter drop comment \"deny from 10.0.22.1\"\n"
     "  ip saddr 10.0.23.1 counter drop comment \"deny from 10.0.23.1\"\n"},
    /* clang-format on */
};

static void print_set(const struct object *set, struct text *out)
{
    static const char *const flags[] = {"interval", "dynamic", "counted"};
    const char *data = object_text(set, "data"), *elements = object_text(set, "elements");
    text_printf(out, "set %s: %s", object_text(set, "name"), object_text(set, "key"));
    if (data)
        text_printf(out, " : %s", data);
    for (unsigned i = 0; i < 3; i++)
        if (object_number(set, flags[i], 0))
            text_printf(out, ", %s", flags[i]);
    if (object_number(set, "timeout", 0))
        text_printf(out, ", timeout %d", (int)object_number(set, "timeout", 0));
    text_add(out, "\n");
    for (const char *line = elements ? elements : ""; *line; line += strspn(line, "\n")) {
        text_printf(out, "  %.*s\n", (int)strcspn(line, "\n"), line);
        line += strcspn(line, "\n");
    }
}

/* Without what is in each: the first test has that. */
static void print_chain(const struct object *chain, bool all, struct text *out)
{
    const char *rules = object_text(chain, "rules");
    bool is_filter = object_has(chain, "type") && strcmp(object_text(chain, "name"), "prerouting") != 0;
    text_printf(out, "chain %s%s\n", object_text(chain, "name"),
                object_number(chain, "policy", 1) == 0 ? ", drop" : "");
    while (*rules) {
        size_t length = strcspn(rules, "\n");
        json_t *rule = nft_rule_parse(rules, length);
        const char *comment = json_string_value(json_object_get(rule, "comment"));
        static const char *const always[] = {"what belongs", "loopback", "IPv6: errors", "answers to",
                                             "DHCP"};
        bool is_always = false;
        for (unsigned i = 0; is_filter && i < sizeof always / sizeof *always; i++)
            is_always |= strncmp(comment, always[i], strlen(always[i])) == 0;
        if (all || !is_always) {
            text_add(out, "  ");
            nft_rule_print(rule, out);
            text_add(out, "\n");
        }
        json_decref(rule);
        rules += length + (rules[length] == '\n');
    }
}

static char *compiled(const char *yaml, bool all)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct text out CLEANUP_TEXT = {0};
    if (file_read_text("lab.yaml", yaml, strlen(yaml), &topology, &errors) < 0)
        errors_print(&errors, stderr, false);
    model_each(&topology.model, object)
    {
        if (object->class->id == CLASS_SET)
            print_set(object, &out);
        if (object->class->id == CLASS_CHAIN)
            print_chain(object, all, &out);
    }
    return strdup(text_of(&out));
}

static void test_cases(void **state)
{
    unsigned n_wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = compiled(cases[i].yaml, i == 0);
        if (strcmp(text, cases[i].expected) != 0) {
            print_error("--- %s: expected\n%s--- compiled\n%s", cases[i].name, cases[i].expected, text);
            n_wrong++;
        }
        free(text);
    }
    assert_int_equal(n_wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
