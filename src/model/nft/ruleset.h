/* The chains and sets of a namespace, opened for judging: found by name, rules and elements read once,
 * when they are first asked for. */
#pragma once
#include "model/nft/evaluate.h"

struct nft_chain {
    const struct object *object;
    const char *family, *table;
    bool nat;
    enum nft_hook hook; /* NFT_HOOK_MAX: a regular chain */
    int64_t priority;
    size_t sequence; /* among the chains of the model */
    enum nft_verdict policy;
    bool read;
    json_t **rules; /* one that cannot be read is NULL */
    size_t n_rules;
};

struct nft_set {
    const struct object *object;
    bool known; /* its types are, and its elements */
    struct nft_key key, data;
    bool is_map;
    struct nft_element *elements;
    size_t n_elements;
};

struct nft_ruleset {
    const struct model *model;
    const char *ns;
    struct arena arena;
    struct map chains, sets; /* "inet filter input" -> struct nft_chain, struct nft_set */
    struct nft_chain **base; /* by hook and priority, as the kernel runs them */
    size_t n_base;
};

void nft_chain_open(struct nft_ruleset *ruleset, struct nft_chain *chain); /* reads its rules */
/* Opened, of the table that the chain is in; NULL: not in the model. */
struct nft_chain *nft_ruleset_chain(struct nft_ruleset *ruleset, const struct nft_chain *beside,
                                    const char *name);
struct nft_set *nft_ruleset_set(struct nft_ruleset *ruleset, const struct nft_chain *beside,
                                const char *name);
