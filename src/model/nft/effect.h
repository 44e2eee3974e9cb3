/* What statements do to a packet and its connection: marks, NAT, no tracking. */
#pragma once
#include "model/nft/answer.h"

/* Does what the statement does to the words of the packet. Where it is not `certain` that the packet
 * comes to it, words that differ by it become unknown. NFT_NO: it ends the rule, having done nothing;
 * *ret_ends: it is NAT, and the packet is through with its base chain. */
enum nft_truth nft_effect(struct nft_run *run, const json_t *statement, bool certain, bool *ret_ends);
