/* table: what holds sets and chains of the firewall (nf_tables).
 *
 * Ours are named `plexus-TOPOLOGY`: the name is the mark of whose they are, and all in one goes with it.
 * Tables of others are not looked at. */
#include <linux/netfilter.h>

#include "model/classes.h"
#include "model/nft_lines.h"
#include "model/words.h"

const struct name nft_family_names[] = {
    {"inet", NFPROTO_INET},
    {"ip", NFPROTO_IPV4},
    {"ip6", NFPROTO_IPV6},
    {"arp", NFPROTO_ARP},
    {"bridge", NFPROTO_BRIDGE},
    {"netdev", NFPROTO_NETDEV},
    {NULL, 0},
};

static const struct option options[] = {
    NFT_FAMILY_OPTION("What packets it sees: `inet` those of IPv4 and IPv6."),
    NFT_NAME_OPTION("name", "Its name."),
};

void table_lines(const struct step *step, struct commands *out)
{
    struct text words CLEANUP_TEXT = {0};
    nft_begin(&words, step->verb == VERB_DEL ? "delete table" : "add table", step_object(step));
    words_end(&words, out);
}

const struct class class_table = {
    .id = CLASS_TABLE,
    .name = "table",
    .plural = "tables",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED | CLASS_ASKED | CLASS_BRIEF | CLASS_TOGETHER,
    .deletion = 114,
    .help = "A table of the firewall.",
    .commands = nft_commands,
};
