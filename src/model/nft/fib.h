/* What the addresses of a namespace say of one: "local", "broadcast", "multicast", "unicast". */
#pragma once
#include "model/nft/answer.h"

/* For {"flags": ["daddr"], "result": "type"}; NULL: not known, or another result. */
const char *nft_fib_type(const struct nft_run *run, const json_t *fib);
