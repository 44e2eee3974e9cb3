/* vxlan: Ethernet frames inside UDP, to one other end, to a multicast group, or to the ends that the FDB
 * names.
 *
 * `remote` is the entry for all-zero MAC addresses: where frames go whose destination is not known. A
 * multicast group needs `parent`. Linux's port is 8472, from before IANA assigned 4789; both ends must say
 * the same. It takes 50 bytes off the MTU of its parent, or nothing without a parent. It can be made without
 * any of them and filled by FDB entries.
 *
 * The parent is an attribute of the kind (IFLA_VXLAN_LINK), and so has IPv6 its own (GROUP6, LOCAL6). It is
 * no KIND_PARENT, since it can be without one. */
#include <linux/if_link.h>

#include "base/ip.h"
#include "model/kinds.h"

static const struct option options[] = {
    {
        .key = "id",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_VXLAN_ID,
        .change = CHANGE_RECREATE,
        .flags = OPTION_REQUIRED,
        .min = 0,
        .max = (1 << 24) - 1,
        .ip = "id %v",
        .help = "The number of the virtual network (VNI).",
    },
    {
        .key = "local",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = IFLA_VXLAN_LOCAL,
        .attr_ipv6 = IFLA_VXLAN_LOCAL6,
        .change = CHANGE_BLINK,
        .fallback = "0.0.0.0",
        .ip = "local %v",
        .help = "The own address that packets leave from; nothing takes that of the route.",
    },
    {
        .key = "remote",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = IFLA_VXLAN_GROUP,
        .attr_ipv6 = IFLA_VXLAN_GROUP6,
        .change = CHANGE_BLINK,
        .fallback = "0.0.0.0",
        .ip = "%g %v",
        .help = "The address of the other end, or a multicast group that all ends have joined.",
    },
    {
        .key = "port",
        .type = TYPE_NUMBER,
        .wire = WIRE_BE16,
        .attr = IFLA_VXLAN_PORT,
        .change = CHANGE_RECREATE,
        .min = 1,
        .max = 65535,
        .fallback = "8472",
        .ip = "dstport %v",
        .help = "The UDP port of both ends; the standard says 4789.",
    },
    {
        .key = "mac-learning",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_VXLAN_LEARNING,
        .fallback = "true",
        .ip = "learning|nolearning",
        .help = "Whether it learns behind which end a MAC address is from what comes in.",
    },
    {
        .key = "ageing",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_VXLAN_AGEING,
        .min = 0,
        .max = UINT32_MAX,
        .unit = "s",
        .fallback = "300",
        .ip = "ageing %v",
        .help = "How long a learned MAC address is kept.",
    },
    {
        .key = "limit",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_VXLAN_LIMIT,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = UINT32_MAX,
        .fallback = "0",
        .ip = "maxaddress %v",
        .help = "How many MAC addresses are kept at most; 0 is no limit.",
    },
    {
        .key = "ttl",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_VXLAN_TTL,
        .min = 0,
        .max = 255,
        .fallback = "0",
        .ip = "ttl %v",
        .help = "The time to live of the outer packets; 0 lets the kernel choose (1 for multicast).",
    },
    {
        .key = "tos",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_VXLAN_TOS,
        .min = 0,
        .max = 255,
        .fallback = "0",
        .ip = "tos %x",
        .help = "The type-of-service byte of the outer packets; 1 copies that of the inner.",
    },
};

static void check(const struct object *interface, struct errors *errors)
{
    const char *local_text = object_text(interface, "local"), *remote_text = object_text(interface, "remote");
    struct ip local = {0}, remote = {0};
    if (local_text)
        ip_parse(local_text, &local);
    if (!remote_text || ip_parse(remote_text, &remote) < 0)
        return;
    if (local.family && local.family != remote.family)
        errors_add(errors, &interface->place,
                   "`local` and `remote` of the vxlan %s/%s must be of one family: %s and %s are not",
                   interface->ns, interface->name, local_text, remote_text);
    if (ip_is_multicast(&remote) && !object_has(interface, "parent"))
        errors_add(errors, &interface->place,
                   "the vxlan %s/%s sends to the multicast group %s, and needs a `parent` to send by",
                   interface->ns, interface->name, remote_text);
}

const struct kind kind_vxlan = {
    .name = "vxlan",
    .info_kind = "vxlan",
    .maker = MAKER_LINK,
    .flags = KIND_FDB,
    .parent_attr = IFLA_VXLAN_LINK,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .config = "VXLAN",
    .help = "A tunnel for Ethernet frames over UDP, to one or many other ends.",
    .check = check,
};
