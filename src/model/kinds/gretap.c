/* gretap: Ethernet frames inside GRE over IPv4. All that gre.c says holds for it; it can be a bridge port. */
#include <linux/if_tunnel.h>

#include "model/kinds.h"

const struct kind kind_gretap = {
    .name = "gretap",
    .info_kind = "gretap",
    .maker = MAKER_LINK,
    .flags = KIND_OUTLIVES,
    .parent_attr = IFLA_GRE_LINK,
    .options = gre_options,
    .n_options = GRE_OPTIONS_MAX,
    .config = "NET_IPGRE",
    .help = "A tunnel for Ethernet frames over IPv4, without encryption.",
    .check = gre_check,
};
