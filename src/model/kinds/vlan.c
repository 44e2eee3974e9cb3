/* vlan: one VLAN of another interface, as an interface of its own. Frames leave through the parent with the
 * tag, and tagged frames that come in by the parent appear here without it.
 *
 * It takes MTU and MAC address from its parent, is down while the parent is down (ENETDOWN), and dies with
 * it. Id and protocol are fixed at birth. GVRP, MVRP and loose binding are bits of one struct with a mask
 * and are left out. */
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "model/kinds.h"

static const struct name protocol_names[] = {{"802.1q", ETH_P_8021Q}, {"802.1ad", ETH_P_8021AD}, {NULL, 0}};

static const struct option options[] = {
    {
        .key = "id",
        .type = TYPE_NUMBER,
        .wire = WIRE_U16,
        .attr = IFLA_VLAN_ID,
        .change = CHANGE_RECREATE,
        .flags = OPTION_REQUIRED,
        .min = 1,
        .max = 4094,
        .ip = "id %v",
        .help = "The VLAN id.",
    },
    {
        .key = "protocol",
        .type = TYPE_ENUM,
        .wire = WIRE_BE16,
        .attr = IFLA_VLAN_PROTOCOL,
        .change = CHANGE_RECREATE,
        .names = protocol_names,
        .fallback = "802.1q",
        .ip = "protocol %v",
        .help = "The kind of tag: customer (802.1q) or service provider (802.1ad, QinQ).",
    },
};

const struct kind kind_vlan = {
    .name = "vlan",
    .info_kind = "vlan",
    .maker = MAKER_LINK,
    .flags = KIND_PARENT | KIND_FOLLOWS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .config = "VLAN_8021Q",
    .help = "One VLAN of the interface `parent`.",
};
