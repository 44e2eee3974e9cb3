/* From a firewall to the objects of the kernel: a table, its sets, its chains, put into the model in the
 * order in which commands could be typed.
 *
 * The table is `inet plexus-TOPOLOGY`. A chain is made only where something is said for it. In each come
 * first what must always pass (established connections, the loopback, neighbour discovery, DHCP clients),
 * then the rules in their order, then what is published, then the policies, then the default. Runs of
 * many alike rules become one look-up (runs.c); published ports are one map (nat.c). */
#pragma once
#include "model/firewall/firewall.h"
#include "model/object.h"

enum { FW_RUN_MIN = 16 };

/* Of which words a rule of a chain was made, or an element of a set that stands for many rules. */
struct fw_origin {
    const char *words;
    struct place place;
    const struct fw_rule *rule; /* NULL: of none that a file has among `rules` and `policies` */
    bool is_lookup;             /* rule of a chain: what it does is said, and counted, by elements */
};

struct fw_compile_options {
    size_t run_min; /* so many alike rules become a set; 0: FW_RUN_MIN; SIZE_MAX: none do */
    /* "CHAIN NUMBER", and "SET ELEMENT" -> struct fw_origin, in the arena of the model; or NULL. Rules that say
     * the same, or lie in another of the same verdict, may have no element of their own. */
    struct map *origins, *elements;
};

/* `options` may be NULL. Objects of the table that are in the model already stay, and count as ours. */
void firewall_compile(const struct firewall *firewall, const char *topology, struct model *model,
                      const struct fw_compile_options *options);
