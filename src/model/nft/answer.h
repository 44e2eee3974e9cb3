/* What an expression gives for a packet at the place where it is, as far as that is known. */
#pragma once
#include "model/nft/ruleset.h"

enum nft_truth { NFT_NO, NFT_YES, NFT_MAYBE };

/* Where a packet is. */
struct nft_run {
    struct nft_walk *walk;
    enum nft_hook hook;
    const struct nft_chain *base;  /* the base chain */
    const struct nft_chain *chain; /* where it has come to from there */
    unsigned outcomes;             /* of the base chain so far, as bits */
    enum nft_truth translated;     /* by a nat chain of this hook */
};

/* A value, field by field. */
struct nft_answer {
    bool absent;      /* the packet has no such thing: the rule does not match, whatever it compares */
    unsigned unknown; /* the fields that are not known, as bits; all of them where key.n is 0 */
    struct nft_key key;
    uint8_t first[NFT_VALUE_SIZE], last[NFT_VALUE_SIZE]; /* differ only in what a map gives for NAT */
};

/* `want` is of what type a constant in it is to be, and the values of a map without a name; or NULL. */
struct nft_answer nft_answer(const struct nft_run *run, const json_t *expression, const struct nft_key *want);
bool nft_answer_is_known(const struct nft_answer *answer);

/* Goes through the elements of a named ("@blocked") or anonymous ({"set": [...]}) set that hold the key,
 * or may hold it; ends after the first that does. `data` is of what type an anonymous map gives, NULL for
 * a set. Gives the truth of the best; NFT_MAYBE too where the set is not known. */
struct nft_lookup {
    const struct nft_answer *key;
    const json_t *set;
    const struct nft_key *data;
    void (*found)(struct nft_lookup *lookup, enum nft_truth truth, const struct nft_element *element,
                  const struct nft_key *data);
    void *context;
    bool unknown; /* result: the set or one of its elements cannot be read */
};
enum nft_truth nft_lookup(const struct nft_run *run, struct nft_lookup *lookup);

/* A statement that lets a packet pass or not: match, limit, ct count ... NFT_YES for all that always do. */
enum nft_truth nft_condition(const struct nft_run *run, const json_t *statement);

/* The words of a packet as they are seen at this place. */
const char *nft_packet_family(const struct nft_packet *packet); /* "ipv4"; NULL: not known */
bool nft_packet_is_tracked(const struct nft_run *run);          /* by then, in the kernel */
