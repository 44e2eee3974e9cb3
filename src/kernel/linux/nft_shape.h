/* How the kernel has the elements of a set.
 *
 * Intervals: in a set of one field, an element where it begins and another, marked as an end, right behind it
 * (none where it reaches to the last value there is); in a set of several fields one element with two keys.
 * Bytes are those of the network, but for types of the machine's order in sets without intervals. */
#pragma once
/* The kernel and the model both have verdicts, by the same names. */
#define NFT_CONTINUE KERNEL_CONTINUE
#define NFT_JUMP     KERNEL_JUMP
#define NFT_GOTO     KERNEL_GOTO
#define NFT_RETURN   KERNEL_RETURN
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#undef NFT_CONTINUE
#undef NFT_JUMP
#undef NFT_GOTO
#undef NFT_RETURN

#include "model/nft/nft.h"
#include "model/object.h"

struct shape {
    struct nft_key key, data;
    bool is_map, is_verdict, is_interval;
    unsigned key_size, data_size; /* bytes */
};

/* 0, or -EOPNOTSUPP: it has a type that is not known here. */
int shape_of(const struct object *set, struct shape *ret_shape);
const struct nft_key *shape_data(const struct shape *shape); /* NULL: it is no map */
bool shape_has_ends(const struct shape *shape);              /* two elements make an interval */

/* Fields in the order of the machine, from or to that of the network. */
void swap_fields(const struct nft_key *key, uint8_t *value);
bool step_up(uint8_t *value, unsigned size); /* the value right behind; false: there is none */
void step_down(uint8_t *value, unsigned size);

/* The kernel's number of a verdict, and back (NFT_VERDICT_NONE: it is none of ours). */
int verdict_code(enum nft_verdict verdict);
enum nft_verdict verdict_of_code(int code);
