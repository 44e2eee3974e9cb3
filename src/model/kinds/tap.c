/* tap: Ethernet frames handed to a program through /dev/net/tun: the network card of a virtual machine.
 * What Linux does with it is said in tun.c; a tap has a MAC address, and can be a bridge port. */
#include "model/kinds.h"

const struct kind kind_tap = {
    .name = "tap",
    .info_kind = "tun",
    .maker = MAKER_TUN,
    .options = tun_options,
    .n_options = TUN_OPTIONS_MAX,
    .mtu = 1500,
    .config = "TUN",
    .help = "Ethernet frames to and from a program, such as a virtual machine.",
};
