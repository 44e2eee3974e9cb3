/* The words that nft(8) has for numbers, as `nft describe TYPE` lists them. Of several words for one number
 * the first is the one that nft prints. */
#pragma once
#include "base/names.h"

extern const struct name nft_boolean_names[], nft_ct_direction_names[], nft_ct_state_names[],
    nft_ct_status_names[], nft_ether_type_names[], nft_fib_type_names[], nft_icmp_code_names[],
    nft_icmp_type_names[], nft_icmpv6_code_names[], nft_icmpv6_type_names[], nft_icmpx_code_names[],
    nft_nfproto_names[], nft_pkttype_names[], nft_protocol_names[], nft_tcp_flag_names[], nft_arp_op_names[],
    nft_iface_type_names[], nft_dscp_names[];
