/* vrf: a routing table as an interface. What comes in by its ports, and what is bound to it, is routed by its
 * table.
 *
 * Joining moves a port's connected routes into the table and drops its IPv6 addresses unless
 * keep_addr_on_down is set. The kernel makes the rule `1000: from all lookup [l3mdev-table]` with the
 * first VRF and never removes it. Linux has no way to change the table of a living one. */
#include <linux/if_link.h>

#include "model/kinds.h"

static const struct option options[] = {
    {
        .key = "table",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_VRF_TABLE,
        .change = CHANGE_RECREATE,
        .flags = OPTION_REQUIRED,
        .min = 1,
        .max = UINT32_MAX,
        .ip = "table %v",
        .help = "The routing table that its ports use.",
    },
};

const struct kind kind_vrf = {
    .name = "vrf",
    .info_kind = "vrf",
    .maker = MAKER_LINK,
    .flags = KIND_PORTS | KIND_MOVES_ROUTES,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .config = "NET_VRF",
    .help = "A routing table of its own for the interfaces that are its ports.",
};
