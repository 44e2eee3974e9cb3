/* tun: IP packets handed to a program through /dev/net/tun.
 *
 * There is no RTM_NEWLINK for tun and tap: they are made by an ioctl and kept by TUNSETPERSIST; the
 * attributes serve for reading only. A program attaches with the same number of queues or gets EINVAL; a
 * virtio header and packet information are as the last that attached wants them, as QEMU does, whatever the
 * device was made with. While one is attached to a single-queue device nobody else can, so not even the
 * owner can be changed: a change makes the device anew, and cuts off the program. The link is without
 * carrier until a program attaches. */
#include <linux/if_link.h>

#include "model/kinds.h"

const struct option tun_options[TUN_OPTIONS_MAX] = {
    {
        .key = "owner",
        .type = TYPE_USER,
        .wire = WIRE_U32,
        .attr = IFLA_TUN_OWNER,
        .change = CHANGE_RECREATE,
        .ip = "user %v",
        .help = "The user who may attach to it without privileges.",
    },
    {
        .key = "group",
        .type = TYPE_GROUP,
        .wire = WIRE_U32,
        .attr = IFLA_TUN_GROUP,
        .change = CHANGE_RECREATE,
        .ip = "group %v",
        .help = "The group whose members may attach to it without privileges.",
    },
    {
        .key = "multi-queue",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_TUN_MULTI_QUEUE,
        .change = CHANGE_RECREATE,
        .fallback = "false",
        .ip = "multi_queue|",
        .help = "Whether a program can attach several queues, one for each of its threads or virtual CPUs.",
    },
    {
        .key = "packet-info",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_TUN_PI,
        .change = CHANGE_RECREATE,
        .flags = OPTION_ECHOED,
        .fallback = "false",
        .ip = "pi|",
        .help = "Whether each packet is preceded by four bytes with flags and protocol.",
    },
    {
        .key = "vnet-header",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_TUN_VNET_HDR,
        .change = CHANGE_RECREATE,
        .flags = OPTION_ECHOED,
        .fallback = "false",
        .ip = "vnet_hdr|",
        .help = "Whether each packet is preceded by a virtio header, which lets segmentation be left to the "
                "other side.",
    },
    {
        .key = "persistent",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_TUN_PERSIST,
        .change = CHANGE_RECREATE,
        .flags = OPTION_INTERNAL,
        .fallback = "true",
        .help = "Whether it stays when no program is attached; what Plexus makes always does.",
    },
};

const struct kind kind_tun = {
    .name = "tun",
    .info_kind = "tun", /* that of a tap too: IFLA_TUN_TYPE tells them apart, and kind_by_info() says tun */
    .maker = MAKER_TUN,
    .flags = KIND_LAYER3,
    .options = tun_options,
    .n_options = TUN_OPTIONS_MAX,
    .mtu = 1500,
    .qlen = 500,
    .config = "TUN",
    .help = "IP packets to and from a program.",
};
