/* Large sets that need not be read again.
 *
 * The kernel numbers the states of a namespace's tables, one up with each transaction. As long as the
 * number is that at which a set was read or written, it is as it was; and where our own transactions alone
 * have raised it, what they changed is known. Reading 100,000 elements takes the kernel a second, since
 * each piece of a dump begins to search from the start; and an apply looks three times. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/linux/nft.h"

enum { WORTH_KEEPING = 4096 }; /* bytes of text */

struct nft_known {
    char *ns, *id, *text; /* of a set: its elements */
    uint32_t generation;
    struct nft_known *next;
};

int nft_generation(struct linux_door *door, int fd, uint32_t *ret_generation)
{
    const struct nlattr *attrs[NFTA_GEN_ID + 1];
    message_begin(&door->message, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, sizeof(struct nfgenmsg));
    int r = netlink_dump(fd, &door->message, &door->dump, &door->reply);
    const struct nlmsghdr *m = r < 0 ? NULL : dump_next(door->dump.data, door->dump.length, NULL);
    if (!m)
        return r < 0 ? r : -EBADMSG;
    attrs_of_message(m, sizeof(struct nfgenmsg), attrs, NFTA_GEN_ID);
    *ret_generation = ntohl((uint32_t)attr_number(attrs[NFTA_GEN_ID], 0));
    return 0;
}

void nft_known_put(struct linux_door *door, const struct object *set, uint32_t generation, const char *text,
                   bool is_new)
{
    nft_known_drop(door, set);
    if (!is_new && strlen(text) < WORTH_KEEPING)
        return;
    struct nft_known *known = xrealloc(NULL, 1, sizeof *known);
    *known = (struct nft_known){.ns = xstrdup(set->ns),
                                .id = xstrdup(set->id),
                                .text = xstrdup(text),
                                .generation = generation,
                                .next = door->nft_known};
    door->nft_known = known;
}

const char *nft_known_get(const struct linux_door *door, const struct object *set, uint32_t generation)
{
    for (const struct nft_known *known = door->nft_known; known; known = known->next)
        if (known->generation == generation && strcmp(known->id, set->id) == 0)
            return known->text;
    return NULL;
}

/* Of a table, all in its namespace: that costs no more than a look. */
static bool concerns(const struct object *object, const struct nft_known *known)
{
    return object->class->id == CLASS_TABLE ? strcmp(known->ns, object->ns) == 0
                                            : strcmp(known->id, object->id) == 0;
}

static void drop(struct nft_known **at)
{
    struct nft_known *known = *at;
    *at = known->next;
    free(known->ns);
    free(known->id);
    free(known->text);
    free(known);
}

void nft_known_drop(struct linux_door *door, const struct object *object)
{
    for (struct nft_known **at = &door->nft_known; *at;) {
        if (concerns(object, *at))
            drop(at);
        else
            at = &(*at)->next;
    }
}

void nft_known_advance(struct linux_door *door, const char *ns, uint32_t before, uint32_t after)
{
    for (struct nft_known *known = door->nft_known; known && after == before + 1; known = known->next)
        if (known->generation == before && strcmp(known->ns, ns) == 0)
            known->generation = after;
}

bool nft_knows(const struct linux_door *door, const char *ns)
{
    const struct nft_known *known = door->nft_known;
    while (known && strcmp(known->ns, ns) != 0)
        known = known->next;
    return known;
}

void nft_known_done(struct linux_door *door)
{
    while (door->nft_known)
        drop(&door->nft_known);
}
