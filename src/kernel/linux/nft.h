/* The firewall's part of the Linux door: what its files share.
 *
 * libnftables speaks about rules, as only it knows how they are made of the kernel's expressions; elements
 * of sets, of which there may be hundreds of thousands, go by netlink messages of our own. */
#pragma once
#include <jansson.h>

#include "kernel/counts.h"
#include "kernel/linux/linux.h"
#include "model/lines.h"

struct nft_ctx;

/* nft_library.c: between these two the thread is in the namespace, and nothing may be called that goes into
 * another. -EPROTONOSUPPORT: this kernel has no nf_tables. */
int nft_open(struct linux_door *door, const char *ns, struct nft_ctx **ret_ctx);
void nft_close(struct linux_door *door, struct nft_ctx *ctx);

/* All tables of a family with chains, rules and sets, but without the elements of these: the list of
 * objects that libnftables-json(5) calls `nftables`. 0 with a new reference, or a negative errno with words
 * in door->reply. */
int nft_list(struct linux_door *door, struct nft_ctx *ctx, int64_t family, json_t **ret_list);

/* nft.c: adds to the model of the view a chain out of such a list, with its rules. */
void nft_chain_read(struct view *view, const json_t *list, const json_t *json, const char *table);

/* Runs a script as one transaction: 0; or a negative errno with words in door->reply, and *ret_line is the
 * line at fault, from 1 (0: it is not known). */
int nft_script(struct linux_door *door, struct nft_ctx *ctx, const struct text *script, size_t *ret_line);

/* nft_elements.c: adds and deletes the elements of the edits, which make `set` what it says, in as few
 * transactions as the socket takes. */
int nft_elements_change(struct linux_door *door, const struct object *set, const struct edits *edits);
/* nft_elements_read.c: the elements of a set, as the option has them. 0, or a negative errno. */
int nft_elements_read(struct linux_door *door, int fd, const struct object *set, struct text *out);
/* What each of them has counted. */
int nft_elements_count(struct linux_door *door, int fd, const struct object *set, count_told tell,
                       void *userdata);

/* nft_library.c: whether the kernel takes a script, in the namespace of the calling thread. */
bool nft_try(const char *script);

/* nft_features.c: what an object needs of the kernel, as a set of numbered features; which of them the kernel
 * lacks (tried in the namespace of the calling thread); and an entry for each that is missing. */
uint32_t nft_features_of(const struct object *object);
uint32_t nft_features_missing(uint32_t wanted);
void nft_features_say(const struct object *object, uint32_t missing, struct errors *errors);

/* nft_known.c: the state of all tables of a namespace; fd: NETLINK_NETFILTER in it. */
struct nft_state {
    uint64_t cookie; /* of the namespace, and no other until the next boot; 0: not known */
    uint32_t generation;
};
int nft_state(struct linux_door *door, int fd, struct nft_state *ret_state);
/* At that state the set has these elements. Short ones are not kept, unless it is new and will have more. */
void nft_known_put(struct linux_door *door, const struct object *set, struct nft_state at, const char *text,
                   bool is_new);
/* The elements, if they are known at that state; or NULL. Good until something is put or dropped. */
const char *nft_known_get(struct linux_door *door, const struct object *set, struct nft_state at);
/* A set is changed by others means than these; or a table, and all in it. */
void nft_known_drop(struct linux_door *door, const struct object *object, uint64_t cookie);
/* A transaction of ours led from one state to the next: what it did not touch is still known. */
void nft_known_advance(struct linux_door *door, struct nft_state before, struct nft_state after);
bool nft_knows_any(struct linux_door *door);
void nft_known_done(struct linux_door *door); /* and keeps it for the next */
