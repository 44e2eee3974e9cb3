#include "model/nft/expression.h"

#include <string.h>

/* By the order of the manual page. */
static const struct nft_expression table[] = {
    {"payload", "ether", "saddr", "ether_addr", NFT_ETHER_SADDR, 0},
    {"payload", "ether", "daddr", "ether_addr", NFT_ETHER_DADDR, 0},
    {"payload", "ether", "type", "ether_type", NFT_FAMILY, 0},
    {"payload", "ip", "saddr", "ipv4_addr", NFT_SADDR, 0},
    {"payload", "ip", "daddr", "ipv4_addr", NFT_DADDR, 0},
    {"payload", "ip", "protocol", "inet_proto", NFT_PROTOCOL, 0},
    {"payload", "ip", "dscp", "dscp", NFT_WORD_MAX, 0},
    {"payload", "ip6", "saddr", "ipv6_addr", NFT_SADDR, 0},
    {"payload", "ip6", "daddr", "ipv6_addr", NFT_DADDR, 0},
    {"payload", "ip6", "nexthdr", "inet_proto", NFT_PROTOCOL, 0},
    {"payload", "ip6", "dscp", "dscp", NFT_WORD_MAX, 0},
    {"payload", "tcp", "sport", "inet_service", NFT_SPORT, 0},
    {"payload", "tcp", "dport", "inet_service", NFT_DPORT, 0},
    {"payload", "tcp", "flags", "tcp_flag", NFT_TCP_FLAGS, 0},
    {"payload", "udp", "sport", "inet_service", NFT_SPORT, 0},
    {"payload", "udp", "dport", "inet_service", NFT_DPORT, 0},
    {"payload", "udplite", "sport", "inet_service", NFT_SPORT, 0},
    {"payload", "udplite", "dport", "inet_service", NFT_DPORT, 0},
    {"payload", "sctp", "sport", "inet_service", NFT_SPORT, 0},
    {"payload", "sctp", "dport", "inet_service", NFT_DPORT, 0},
    {"payload", "dccp", "sport", "inet_service", NFT_SPORT, 0},
    {"payload", "dccp", "dport", "inet_service", NFT_DPORT, 0},
    {"payload", "th", "sport", "inet_service", NFT_SPORT, 0},
    {"payload", "th", "dport", "inet_service", NFT_DPORT, 0},
    {"payload", "icmp", "type", "icmp_type", NFT_ICMP_TYPE, 0},
    {"payload", "icmp", "code", "icmp_code", NFT_ICMP_CODE, 0},
    {"payload", "icmpv6", "type", "icmpv6_type", NFT_ICMP_TYPE, 0},
    {"payload", "icmpv6", "code", "icmpv6_code", NFT_ICMP_CODE, 0},
    {"payload", "arp", "operation", "arp_op", NFT_WORD_MAX, 0},
    {"payload", "arp", "saddr ip", "ipv4_addr", NFT_WORD_MAX, 0},
    {"payload", "arp", "daddr ip", "ipv4_addr", NFT_WORD_MAX, 0},
    {"meta", "", "iif", "iface_index", NFT_IIFNAME, NFT_QUOTED | NFT_BARE},
    {"meta", "", "oif", "iface_index", NFT_OIFNAME, NFT_QUOTED | NFT_BARE},
    {"meta", "", "iifname", "ifname", NFT_IIFNAME, NFT_QUOTED | NFT_BARE},
    {"meta", "", "oifname", "ifname", NFT_OIFNAME, NFT_QUOTED | NFT_BARE},
    {"meta", "", "iifgroup", "devgroup", NFT_WORD_MAX, NFT_BARE},
    {"meta", "", "oifgroup", "devgroup", NFT_WORD_MAX, NFT_BARE},
    {"meta", "", "ibrname", "ifname", NFT_IBRNAME, NFT_QUOTED},
    {"meta", "", "obrname", "ifname", NFT_OBRNAME, NFT_QUOTED},
    {"meta", "", "ibridgename", "ifname", NFT_IBRNAME, NFT_QUOTED},
    {"meta", "", "obridgename", "ifname", NFT_OBRNAME, NFT_QUOTED},
    {"meta", "", "sdif", "iface_index", NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "sdifname", "ifname", NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "iifkind", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "oifkind", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "time", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "hour", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "day", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"meta", "", "l4proto", "inet_proto", NFT_PROTOCOL, 0},
    {"meta", "", "nfproto", "nf_proto", NFT_FAMILY, 0},
    {"meta", "", "protocol", "ether_type", NFT_FAMILY, 0},
    {"meta", "", "mark", "mark", NFT_MARK, 0},
    {"meta", "", "pkttype", "pkt_type", NFT_PKTTYPE, 0},
    {"meta", "", "skuid", "uid", NFT_SKUID, 0},
    {"meta", "", "skgid", "gid", NFT_SKGID, 0},
    {"meta", "", "iiftype", "iface_type", NFT_WORD_MAX, 0},
    {"meta", "", "oiftype", "iface_type", NFT_WORD_MAX, 0},
    {"ct", "", "state", "ct_state", NFT_CT_STATE, 0},
    {"ct", "", "status", "ct_status", NFT_CT_STATUS, 0},
    {"ct", "", "direction", "ct_dir", NFT_CT_DIRECTION, 0},
    {"ct", "", "mark", "mark", NFT_CT_MARK, 0},
    {"ct", "", "protocol", "inet_proto", NFT_PROTOCOL, 0},
    {"ct", "", "l3proto", "nf_proto", NFT_FAMILY, 0},
    {"ct", "", "ip saddr", "ipv4_addr", NFT_CT_SADDR, NFT_ORIGINAL},
    {"ct", "", "ip daddr", "ipv4_addr", NFT_CT_DADDR, NFT_ORIGINAL},
    {"ct", "", "ip6 saddr", "ipv6_addr", NFT_CT_SADDR, NFT_ORIGINAL},
    {"ct", "", "ip6 daddr", "ipv6_addr", NFT_CT_DADDR, NFT_ORIGINAL},
    {"ct", "", "proto-src", "inet_service", NFT_CT_SPORT, NFT_ORIGINAL},
    {"ct", "", "proto-dst", "inet_service", NFT_CT_DPORT, NFT_ORIGINAL},
    {"ct", "", "helper", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"socket", "", "mark", "mark", NFT_WORD_MAX, 0},
    {"osf", "", "name", NULL, NFT_WORD_MAX, NFT_QUOTED},
    {"fib", "", "type", "fib_addrtype", NFT_WORD_MAX, 0},
    {"fib", "", "oif", "iface_index", NFT_WORD_MAX, NFT_QUOTED},
    {"fib", "", "oifname", "ifname", NFT_WORD_MAX, NFT_QUOTED},
};

const json_t *nft_only(const json_t *object, const char **ret_key)
{
    void *first = json_object_iter((json_t *)object);
    if (json_object_size(object) != 1)
        return NULL;
    *ret_key = json_object_iter_key(first);
    return json_object_iter_value(first);
}

bool nft_is_operation(const char *key)
{
    static const char *const operations[] = {"&", "|", "^", "<<", ">>"};
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i], key) == 0)
            return true;
    return false;
}

/* How the kinds call what they ask for. */
static const char *key_of(const char *kind, const json_t *value)
{
    const char *member = strcmp(kind, "payload") == 0 ? "field" : strcmp(kind, "fib") == 0 ? "result" : "key";
    return json_string_value(json_object_get(value, member));
}

const struct nft_expression *nft_expression_find(const json_t *expression)
{
    const char *kind = NULL;
    const json_t *value = nft_only(expression, &kind);
    const char *key = value ? key_of(kind, value) : NULL;
    const char *scope = json_string_value(json_object_get(value, "protocol"));
    for (size_t i = 0; key && i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].key, key) == 0 && strcmp(table[i].kind, kind) == 0 &&
            strcmp(table[i].scope, scope ? scope : "") == 0)
            return &table[i];
    return NULL;
}

const struct nft_type *nft_expression_type(const json_t *expression)
{
    const char *kind = NULL;
    const json_t *value = nft_only(expression, &kind);
    if (!value)
        return NULL;
    if (nft_is_operation(kind))
        return nft_expression_type(json_array_get(value, 0));
    if (strcmp(kind, "elem") == 0)
        return nft_expression_type(json_object_get(value, "val"));
    const struct nft_expression *row = nft_expression_find(expression);
    return row && row->type ? nft_type_by_name(row->type) : NULL;
}
