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

/* Of which words a rule of a chain was made. */
struct fw_origin {
    const char *words;
    struct place place;
};

struct fw_compile_options {
    size_t run_min;      /* so many alike rules become a set; 0: FW_RUN_MIN; SIZE_MAX: none do */
    struct map *origins; /* "CHAIN NUMBER" -> struct fw_origin, in the arena of the model; or NULL */
};

/* `options` may be NULL. Objects of the table that are in the model already stay, and count as ours. */
void firewall_compile(const struct firewall *firewall, const char *topology, struct model *model,
                      const struct fw_compile_options *options);
