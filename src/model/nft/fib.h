/* What the addresses of a namespace say of one: "local", "broadcast", "multicast", "unicast". */
#pragma once
#include "base/ip.h"
#include "model/nft/answer.h"

/* For {"flags": ["daddr"], "result": "type"}; NULL: not known, or another result. */
const char *nft_fib_type(const struct nft_run *run, const json_t *fib);

/* The same of an address; `behind`: by this interface alone, NULL: by any. */
const char *nft_address_type(const struct model *model, const char *ns, const struct ip *ip,
                             const char *behind);
