/* macvlan: a second interface with a MAC address of its own on the link of another. The parent itself and its
 * macvlans do not reach each other: frames between them never leave the driver upwards.
 *
 * The parent must not be a bridge port or a macvtap's (EBUSY), may lie in another namespace, and takes it
 * with itself when it dies. Linux changes private, vepa and bridge into each other on a live one, but not
 * from or to passthru; one row cannot say both, so a change of mode makes it anew. */
#include <linux/if_link.h>

#include "model/kinds.h"

static const struct name mode_names[] = {
    {"private", MACVLAN_MODE_PRIVATE},   {"vepa", MACVLAN_MODE_VEPA},     {"bridge", MACVLAN_MODE_BRIDGE},
    {"passthru", MACVLAN_MODE_PASSTHRU}, {"source", MACVLAN_MODE_SOURCE}, {NULL, 0},
};

static const struct option options[] = {
    {
        .key = "mode",
        .type = TYPE_ENUM,
        .wire = WIRE_U32,
        .attr = IFLA_MACVLAN_MODE,
        .change = CHANGE_RECREATE,
        .names = mode_names,
        .fallback = "vepa",
        .ip = "mode %v",
        .help = "Whom it reaches on the same parent: `bridge` all others directly, `private` none, `vepa` "
                "through the "
                "switch outside; `passthru` takes the parent for itself alone.",
    },
    {
        .key = "broadcast-queue",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_MACVLAN_BC_QUEUE_LEN,
        .max = UINT32_MAX,
        .unit = "packets",
        .fallback = "1000",
        .ip = "bcqueuelen %v",
        .help = "How many broadcasts may wait for delivery; the parent uses the largest of all its macvlans.",
    },
};

const struct kind kind_macvlan = {
    .name = "macvlan",
    .info_kind = "macvlan",
    .maker = MAKER_LINK,
    .flags = KIND_PARENT,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .config = "MACVLAN",
    .help = "A further interface with its own MAC address on the link of `parent`.",
};
