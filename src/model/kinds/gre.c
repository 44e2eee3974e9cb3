/* gre: IP packets inside GRE over IPv4. gretap (gretap.c) carries Ethernet frames the same way.
 *
 * Linux reads a change of a GRE tunnel as a whole: every attribute that a message leaves out goes back to
 * its default, local and remote included. Nothing can be changed alone, so a change makes it anew. The
 * first tunnel of a namespace brings the interfaces gre0, gretap0 and erspan0 with it, which stay. The
 * tunnel outlives its parent. Keys, sequence numbers and checksums are one value with flags in another
 * attribute, and are left out. */
#include <linux/if_link.h>
#include <linux/if_tunnel.h>

#include "base/ip.h"
#include "model/kinds.h"

const struct option gre_options[GRE_OPTIONS_MAX] = {
    {
        .key = "local",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = IFLA_GRE_LOCAL,
        .change = CHANGE_RECREATE,
        .fallback = "0.0.0.0",
        .ip = "local %v",
        .help = "The own IPv4 address that packets leave from; nothing takes that of the route.",
    },
    {
        .key = "remote",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = IFLA_GRE_REMOTE,
        .change = CHANGE_RECREATE,
        .fallback = "0.0.0.0",
        .ip = "remote %v",
        .help = "The IPv4 address of the other end.",
    },
    {
        .key = "ttl",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_GRE_TTL,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = 255,
        .fallback = "0",
        .ip = "ttl %v",
        .help = "The time to live of the outer packets; 0 copies that of the inner.",
    },
    {
        .key = "tos",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_GRE_TOS,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = 255,
        .fallback = "0",
        .ip = "tos %x",
        .help = "The type-of-service byte of the outer packets; 1 copies that of the inner.",
    },
    {
        .key = "path-mtu-discovery",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_GRE_PMTUDISC,
        .change = CHANGE_RECREATE,
        .fallback = "true",
        .ip = "pmtudisc|nopmtudisc",
        .help = "Whether outer packets may not be fragmented on their way.",
    },
};

static void check_ipv4(const struct object *interface, const char *key, struct errors *errors)
{
    const char *ip = object_text(interface, key);
    if (ip_text_is_ipv6(ip))
        errors_add(errors, &interface->place, "`%s` of the %s %s/%s is %s, and must be an IPv4 address", key,
                   interface->kind->name, interface->ns, interface->name, ip);
}

void gre_check(const struct object *interface, struct errors *errors)
{
    check_ipv4(interface, "local", errors);
    check_ipv4(interface, "remote", errors);
    if (object_number(interface, "ttl", 0) > 0 && !object_number(interface, "path-mtu-discovery", 1))
        errors_add(errors, &interface->place, "%s/%s has a `ttl`, which needs `path-mtu-discovery: true`",
                   interface->ns, interface->name);
}

const struct kind kind_gre = {
    .name = "gre",
    .info_kind = "gre",
    .maker = MAKER_LINK,
    .flags = KIND_LAYER3 | KIND_OUTLIVES,
    .parent_attr = IFLA_GRE_LINK,
    .options = gre_options,
    .n_options = GRE_OPTIONS_MAX,
    .config = "NET_IPGRE",
    .help = "A tunnel for IP packets over IPv4, without encryption.",
    .check = gre_check,
};
