/* ipvlan: further interfaces on one link that share the parent's MAC address and are told apart by their IP
 * addresses: for links that admit one MAC address only (Wi-Fi, most clouds).
 *
 * Mode and flag belong to the parent: setting them on one ipvlan sets them on all its siblings. A parent
 * with macvlans cannot have ipvlans. In l3 and l3s it neither sends nor answers ARP. */
#include <linux/if_link.h>

#include "model/kinds.h"

static const struct name mode_names[] = {
    {"l2", IPVLAN_MODE_L2}, {"l3", IPVLAN_MODE_L3}, {"l3s", IPVLAN_MODE_L3S}, {NULL, 0}};

static const struct name flag_names[] = {
    {"bridge", 0}, {"private", IPVLAN_F_PRIVATE}, {"vepa", IPVLAN_F_VEPA}, {NULL, 0}};

static const struct option options[] = {
    {
        .key = "mode",
        .type = TYPE_ENUM,
        .wire = WIRE_U16,
        .attr = IFLA_IPVLAN_MODE,
        .change = CHANGE_BLINK,
        .names = mode_names,
        .fallback = "l3",
        .ip = "mode %v",
        .help = "Where packets are told apart: `l2` switches, `l3` routes, `l3s` routes with netfilter "
                "seeing them.",
    },
    {
        .key = "isolation",
        .type = TYPE_ENUM,
        .wire = WIRE_U16,
        .attr = IFLA_IPVLAN_FLAGS,
        .change = CHANGE_BLINK,
        .names = flag_names,
        .fallback = "bridge",
        .ip = "%v",
        .help = "Whom it reaches on the same parent: `bridge` all others, `private` none, `vepa` through the "
                "switch outside.",
    },
};

const struct kind kind_ipvlan = {
    .name = "ipvlan",
    .info_kind = "ipvlan",
    .maker = MAKER_LINK,
    .flags = KIND_PARENT,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .config = "IPVLAN",
    .help = "A further interface on the link of `parent`, with the parent's MAC address.",
};
