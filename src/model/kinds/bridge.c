/* bridge: the switch of the kernel.
 *
 * Timers are hundredths of a second in the kernel. A bridge takes the lowest MAC address of its ports
 * until it is given one, and the smallest MTU of its ports until it is given one. It has no carrier before
 * a port has. Set up before its ports, it floods each new port's multicast to all the others: hence
 * KIND_RAISE_LAST. With VLANs on, a new port (and the bridge itself) is member of `vlan-default-pvid`,
 * untagged, whatever else it is told. Forward delays below 2 s are refused only while STP runs. It holds
 * 1,023 ports and cannot be a port of another bridge. */
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "model/kinds.h"

static const struct name protocol_names[] = {{"802.1q", ETH_P_8021Q}, {"802.1ad", ETH_P_8021AD}, {NULL, 0}};
static const struct name router_names[] = {{"never", 0}, {"auto", 1}, {"always", 2}, {NULL, 0}};

static const struct option options[] = {
    {
        .key = "stp",
        .type = TYPE_BOOL,
        .wire = WIRE_U32,
        .attr = IFLA_BR_STP_STATE,
        .change = CHANGE_BLINK,
        .fallback = "false",
        .ip = "stp_state %b",
        .help = "Whether it takes part in the spanning tree protocol; a port then needs twice "
                "`forward-delay` to forward.",
    },
    {
        .key = "vlan-aware",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_VLAN_FILTERING,
        .change = CHANGE_BLINK,
        .fallback = "false",
        .ip = "vlan_filtering %b",
        .needs = "BRIDGE_VLAN_FILTERING",
        .help = "Whether frames stay within their VLAN, and ports have VLANs.",
    },
    {
        .key = "vlan-protocol",
        .type = TYPE_ENUM,
        .wire = WIRE_BE16,
        .attr = IFLA_BR_VLAN_PROTOCOL,
        .change = CHANGE_BLINK,
        .names = protocol_names,
        .fallback = "802.1q",
        .ip = "vlan_protocol %v",
        .needs = "BRIDGE_VLAN_FILTERING",
        .help = "The kind of tag it looks at: customer (802.1q) or service provider (802.1ad).",
    },
    {
        .key = "vlan-default-pvid",
        .type = TYPE_NUMBER,
        .wire = WIRE_U16,
        .attr = IFLA_BR_VLAN_DEFAULT_PVID,
        .change = CHANGE_BLINK,
        .min = 0,
        .max = 4094,
        .fallback = "1",
        .ip = "vlan_default_pvid %v",
        .needs = "BRIDGE_VLAN_FILTERING",
        .help = "The VLAN of untagged frames at ports that say nothing; 0 is none.",
    },
    {
        .key = "vlan-statistics",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_VLAN_STATS_ENABLED,
        .fallback = "false",
        .ip = "vlan_stats_enabled %b",
        .needs = "BRIDGE_VLAN_FILTERING",
        .help = "Whether packets are counted by VLAN.",
    },
    {
        .key = "ageing-time",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BR_AGEING_TIME,
        .min = 0,
        .max = 1000000,
        .scale = 100,
        .unit = "s",
        .fallback = "300",
        .ip = "ageing_time %r",
        .help = "How long a learned MAC address is kept; 0 makes it forget at once, like a hub.",
    },
    {
        .key = "forward-delay",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BR_FORWARD_DELAY,
        .min = 0,
        .max = 30,
        .scale = 100,
        .unit = "s",
        .fallback = "15",
        .ip = "forward_delay %r",
        .help = "How long a port listens, and then learns, before it forwards; below 2 only without `stp`.",
    },
    {
        .key = "hello-time",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BR_HELLO_TIME,
        .min = 1,
        .max = 10,
        .scale = 100,
        .unit = "s",
        .fallback = "2",
        .ip = "hello_time %r",
        .help = "The time between the messages of the root of the spanning tree.",
    },
    {
        .key = "max-age",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFLA_BR_MAX_AGE,
        .min = 6,
        .max = 40,
        .scale = 100,
        .unit = "s",
        .fallback = "20",
        .ip = "max_age %r",
        .help = "After which silence of the root another one is looked for.",
    },
    {
        .key = "priority",
        .type = TYPE_NUMBER,
        .wire = WIRE_U16,
        .attr = IFLA_BR_PRIORITY,
        .min = 0,
        .max = 65535,
        .fallback = "32768",
        .ip = "priority %v",
        .help = "Its priority to become the root of the spanning tree; the lowest wins.",
    },
    {
        .key = "group-fwd-mask",
        .type = TYPE_NUMBER,
        .wire = WIRE_U16,
        .attr = IFLA_BR_GROUP_FWD_MASK,
        .min = 0,
        .max = 65535,
        .fallback = "0",
        .ip = "group_fwd_mask %v",
        .help = "Bit N forwards frames to 01:80:c2:00:00:0N, which a switch keeps to itself: 16384 lets LLDP "
                "through.",
    },
    {
        .key = "multicast-snooping",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_MCAST_SNOOPING,
        .change = CHANGE_BLINK,
        .fallback = "true",
        .ip = "mcast_snooping %b",
        .needs = "BRIDGE_IGMP_SNOOPING",
        .help = "Whether multicast goes only to the ports that asked for it.",
    },
    {
        .key = "multicast-querier",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_MCAST_QUERIER,
        .fallback = "false",
        .ip = "mcast_querier %b",
        .needs = "BRIDGE_IGMP_SNOOPING",
        .help = "Whether it asks by itself who wants multicast, where no router does.",
    },
    {
        .key = "multicast-router",
        .type = TYPE_ENUM,
        .wire = WIRE_U8,
        .attr = IFLA_BR_MCAST_ROUTER,
        .names = router_names,
        .fallback = "auto",
        .ip = "mcast_router %r",
        .needs = "BRIDGE_IGMP_SNOOPING",
        .help = "Whether the host itself gets all multicast, as a router must.",
    },
    {
        .key = "multicast-query-interval",
        .type = TYPE_NUMBER,
        .wire = WIRE_U64,
        .attr = IFLA_BR_MCAST_QUERY_INTVL,
        .min = 1,
        .max = 1000000,
        .scale = 100,
        .unit = "s",
        .fallback = "125",
        .ip = "mcast_query_interval %r",
        .needs = "BRIDGE_IGMP_SNOOPING",
        .help = "The time between its questions who wants multicast.",
    },
    {
        .key = "igmp-version",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_BR_MCAST_IGMP_VERSION,
        .min = 2,
        .max = 3,
        .fallback = "2",
        .ip = "mcast_igmp_version %v",
        .needs = "BRIDGE_IGMP_SNOOPING",
        .help = "The version of IGMP its questions use.",
    },
    {
        .key = "mld-version",
        .type = TYPE_NUMBER,
        .wire = WIRE_U8,
        .attr = IFLA_BR_MCAST_MLD_VERSION,
        .min = 1,
        .max = 2,
        .fallback = "1",
        .ip = "mcast_mld_version %v",
        .needs = "BRIDGE_IGMP_SNOOPING",
        .help = "The version of MLD its questions use.",
    },
    {
        .key = "nf-call-iptables",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_NF_CALL_IPTABLES,
        .fallback = "false",
        .ip = "nf_call_iptables %b",
        .needs = "BRIDGE_NETFILTER",
        .help = "Whether bridged IPv4 packets pass the IP firewall of the host.",
    },
    {
        .key = "nf-call-ip6tables",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_NF_CALL_IP6TABLES,
        .fallback = "false",
        .ip = "nf_call_ip6tables %b",
        .needs = "BRIDGE_NETFILTER",
        .help = "Whether bridged IPv6 packets pass the IP firewall of the host.",
    },
    {
        .key = "nf-call-arptables",
        .type = TYPE_BOOL,
        .wire = WIRE_U8,
        .attr = IFLA_BR_NF_CALL_ARPTABLES,
        .fallback = "false",
        .ip = "nf_call_arptables %b",
        .needs = "BRIDGE_NETFILTER",
        .help = "Whether bridged ARP packets pass the ARP firewall of the host.",
    },
};

static void check(const struct object *interface, struct errors *errors)
{
    int64_t delay = object_number(interface, "forward-delay", 15),
            hello = object_number(interface, "hello-time", 2);
    int64_t mask = object_number(interface, "group-fwd-mask", 0),
            age = object_number(interface, "max-age", 20);
    if (object_number(interface, "stp", 0) && delay < 2)
        errors_add(errors, &interface->place, "`forward-delay` of %s/%s is %lld s, and at least 2 with `stp`",
                   interface->ns, interface->name, (long long)delay);
    /* IEEE 802.1D 8.10.2: Linux does not enforce it, and a tree outside of it does not settle. */
    if (object_number(interface, "stp", 0) && delay >= 2 && (2 * (delay - 1) < age || age < 2 * (hello + 1)))
        errors_warn(errors, &interface->place,
                    "`max-age` of %s/%s should be at least twice (`hello-time` + 1) and at most twice "
                    "(`forward-delay` - 1)",
                    interface->ns, interface->name);
    if (mask & 7)
        errors_add(errors, &interface->place,
                   "`group-fwd-mask` of %s/%s has one of the bits 0 to 2, which Linux refuses", interface->ns,
                   interface->name);
}

const struct kind kind_bridge = {
    .name = "bridge",
    .info_kind = "bridge",
    .maker = MAKER_LINK,
    .flags = KIND_PORTS | KIND_RAISE_LAST | KIND_VLAN_PORTS | KIND_FDB,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .mtu = 1500,
    .config = "BRIDGE",
    .help = "A switch; other interfaces are its ports.",
    .check = check,
};
