#include "model/nft/names.h"

const struct name nft_arp_op_names[] = {{"request", 1},   {"reply", 2},   {"rrequest", 3}, {"rreply", 4},
                                        {"inrequest", 8}, {"inreply", 9}, {"nak", 10},     {NULL, 0}};

const struct name nft_boolean_names[] = {{"exists", 1}, {"missing", 0}, {NULL, 0}};

const struct name nft_ct_direction_names[] = {{"original", 0}, {"reply", 1}, {NULL, 0}};

const struct name nft_ct_state_names[] = {{"invalid", 0x1}, {"established", 0x2}, {"related", 0x4},
                                          {"new", 0x8},     {"untracked", 0x40},  {NULL, 0}};

const struct name nft_ct_status_names[] = {
    {"expected", 0x1}, {"seen-reply", 0x2}, {"assured", 0x4}, {"confirmed", 0x8},
    {"snat", 0x10},    {"dnat", 0x20},      {"dying", 0x200}, {NULL, 0}};

const struct name nft_dscp_names[] = {
    {"cs0", 0x00},  {"cs1", 0x08},  {"cs2", 0x10},  {"cs3", 0x18},  {"cs4", 0x20},   {"cs5", 0x28},
    {"cs6", 0x30},  {"cs7", 0x38},  {"df", 0x00},   {"be", 0x00},   {"lephb", 0x01}, {"af11", 0x0a},
    {"af12", 0x0c}, {"af13", 0x0e}, {"af21", 0x12}, {"af22", 0x14}, {"af23", 0x16},  {"af31", 0x1a},
    {"af32", 0x1c}, {"af33", 0x1e}, {"af41", 0x22}, {"af42", 0x24}, {"af43", 0x26},  {"va", 0x2c},
    {"ef", 0x2e},   {NULL, 0}};

const struct name nft_ether_type_names[] = {{"ip", 0x0800},    {"arp", 0x0806},    {"ip6", 0x86dd},
                                            {"8021q", 0x8100}, {"8021ad", 0x88a8}, {"vlan", 0x8100},
                                            {NULL, 0}};

const struct name nft_fib_type_names[] = {
    {"unspec", 0},    {"unicast", 1},   {"local", 2},       {"broadcast", 3}, {"anycast", 4},
    {"multicast", 5}, {"blackhole", 6}, {"unreachable", 7}, {"prohibit", 8},  {NULL, 0}};

const struct name nft_icmp_code_names[] = {
    {"net-unreachable", 0},  {"host-unreachable", 1},  {"prot-unreachable", 2},
    {"port-unreachable", 3}, {"frag-needed", 4},       {"net-prohibited", 9},
    {"host-prohibited", 10}, {"admin-prohibited", 13}, {NULL, 0}};

const struct name nft_icmp_type_names[] = {{"echo-reply", 0},           {"destination-unreachable", 3},
                                           {"source-quench", 4},        {"redirect", 5},
                                           {"echo-request", 8},         {"router-advertisement", 9},
                                           {"router-solicitation", 10}, {"time-exceeded", 11},
                                           {"parameter-problem", 12},   {"timestamp-request", 13},
                                           {"timestamp-reply", 14},     {"info-request", 15},
                                           {"info-reply", 16},          {"address-mask-request", 17},
                                           {"address-mask-reply", 18},  {NULL, 0}};

const struct name nft_icmpv6_code_names[] = {{"no-route", 0},
                                             {"admin-prohibited", 1},
                                             {"addr-unreachable", 3},
                                             {"port-unreachable", 4},
                                             {"policy-fail", 5},
                                             {"reject-route", 6},
                                             {NULL, 0}};

const struct name nft_icmpv6_type_names[] = {{"destination-unreachable", 1}, {"packet-too-big", 2},
                                             {"time-exceeded", 3},           {"parameter-problem", 4},
                                             {"echo-request", 128},          {"echo-reply", 129},
                                             {"mld-listener-query", 130},    {"mld-listener-report", 131},
                                             {"mld-listener-done", 132},     {"mld-listener-reduction", 132},
                                             {"nd-router-solicit", 133},     {"nd-router-advert", 134},
                                             {"nd-neighbor-solicit", 135},   {"nd-neighbor-advert", 136},
                                             {"nd-redirect", 137},           {"router-renumbering", 138},
                                             {"ind-neighbor-solicit", 141},  {"ind-neighbor-advert", 142},
                                             {"mld2-listener-report", 143},  {NULL, 0}};

const struct name nft_icmpx_code_names[] = {
    {"no-route", 0}, {"port-unreachable", 1}, {"host-unreachable", 2}, {"admin-prohibited", 3}, {NULL, 0}};

const struct name nft_iface_type_names[] = {{"ether", 1},      {"ppp", 512}, {"ipip", 768},  {"ipip6", 769},
                                            {"loopback", 772}, {"sit", 776}, {"ipgre", 778}, {NULL, 0}};

const struct name nft_nfproto_names[] = {{"ipv4", 2}, {"ipv6", 10}, {NULL, 0}};

const struct name nft_pkttype_names[] = {{"host", 0},      {"unicast", 0}, {"broadcast", 1},
                                         {"multicast", 2}, {"other", 3},   {NULL, 0}};

const struct name nft_protocol_names[] = {
    {"ip", 0},          {"icmp", 1},       {"igmp", 2},   {"ipencap", 4},     {"tcp", 6},
    {"udp", 17},        {"dccp", 33},      {"ipv6", 41},  {"ipv6-route", 43}, {"ipv6-frag", 44},
    {"gre", 47},        {"esp", 50},       {"ah", 51},    {"ipv6-icmp", 58},  {"icmpv6", 58},
    {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"ospf", 89},  {"ipip", 94},       {"etherip", 97},
    {"pim", 103},       {"ipcomp", 108},   {"comp", 108}, {"vrrp", 112},      {"l2tp", 115},
    {"sctp", 132},      {"udplite", 136},  {NULL, 0}};

const struct name nft_tcp_flag_names[] = {{"fin", 0x1},  {"syn", 0x2},  {"rst", 0x4},
                                          {"psh", 0x8},  {"ack", 0x10}, {"urg", 0x20},
                                          {"ecn", 0x40}, {"cwr", 0x80}, {NULL, 0}};
