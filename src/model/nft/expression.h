/* What a rule can ask of a packet: the expressions of libnftables-json(5) that name one thing of it. One
 * table says of each how it is spelt, of which type it is and which word of a packet answers it. */
#pragma once
#include "model/nft/evaluate.h"
#include "model/nft/nft.h"

enum nft_expression_flag {
    NFT_QUOTED = 1 << 0,   /* its constants are printed in quotes */
    NFT_BARE = 1 << 1,     /* is printed without the word "meta" */
    NFT_ORIGINAL = 1 << 2, /* of a connection, with the direction "original" only */
};

struct nft_expression {
    const char *kind;   /* "payload" */
    const char *scope;  /* "tcp"; "" where there is none */
    const char *key;    /* "dport" */
    const char *type;   /* of nft_type_by_name(); NULL: none that is known here */
    enum nft_word word; /* NFT_WORD_MAX: nothing that is known of a packet here answers it */
    unsigned flags;
};

/* The row for {"payload": {"protocol": "tcp", "field": "dport"}} and the like; NULL: there is none. */
const struct nft_expression *nft_expression_find(const json_t *expression);
/* The type of what it gives, also of an operation on it; NULL: none, or several as in a concatenation. */
const struct nft_type *nft_expression_type(const json_t *expression);
/* The only member of an object, and its key; NULL: it is none, or has several. */
const json_t *nft_only(const json_t *object, const char **ret_key);
bool nft_is_operation(const char *key); /* "&", "|", "^", "<<", ">>" */
