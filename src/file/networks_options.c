/* What a file can say of a network, and of a guest in it. See networks.h. */
#include "file/networks.h"

const struct option network_options[NETWORK_OPTIONS] = {
    [NETWORK_OPTION_MODE] =
        {
            .key = "mode",
            .type = TYPE_ENUM,
            .names = network_mode_names,
            .fallback = "nat",
            .help =
                "How it gets to the outside. `nat`: under the addresses of the host. `routed`: under its "
                "own, "
                "both ways, so that the outside must know the way to it. `isolated`: not at all. `bridged`: "
                "by the uplink as a port of the bridge; its guests are in the same network as the uplink. "
                "`vlan`: the "
                "same, in one VLAN of the uplink.",
        },
    [NETWORK_OPTION_SUBNET] =
        {
            .key = "subnet",
            .type = TYPE_NETWORK,
            .help = "Its addresses. Without it (and not `bridged`) one of 10.0.0.0/8 is chosen that is not "
                    "in use, "
                    "and stays the same.",
        },
    [NETWORK_OPTION_IPV6] =
        {
            .key = "ipv6",
            .type = TYPE_TEXT,
            .help =
                "`true`: unique local addresses (RFC 4193) besides; or the prefix itself, like "
                "2001:db8:0:1::/64. "
                "The host then forwards IPv6, and takes router advertisements by an uplink only where that "
                "has `accept-ra: forwarding`.",
        },
    [NETWORK_OPTION_GATEWAY] =
        {
            .key = "gateway",
            .type = TYPE_IP,
            .flags = OPTION_LIST,
            .help =
                "The addresses of the host in it. Without it, the first of each subnet; `isolated`: none. Of "
                "`bridged`: the router that its guests use.",
        },
    [NETWORK_OPTION_UPLINK] =
        {
            .key = "uplink",
            .type = TYPE_DEVICE,
            .help = "The interface of the host that leads to the outside. Without it: every interface that "
                    "is in no "
                    "network of this file.",
        },
    [NETWORK_OPTION_VLAN] =
        {
            .key = "vlan",
            .type = TYPE_NUMBER,
            .min = 1,
            .max = 4094,
            .help =
                "Of `vlan`: its tag. Where the uplink is a bridge of the file, with `vlan-aware`, guests are "
                "plugged into that; else into a bridge whose port is the interface UPLINK.TAG.",
        },
    [NETWORK_OPTION_MTU] =
        {
            .key = "mtu",
            .type = TYPE_NUMBER,
            .min = 68,
            .max = 65535,
            .help = "The largest packet, at the bridge and at each guest. Without it, that of the uplink.",
        },
    [NETWORK_OPTION_ISOLATED] =
        {
            .key = "isolated",
            .type = TYPE_BOOL,
            .fallback = "false",
            .help = "Whether its guests are kept from each other. They reach the host and the outside.",
        },
    [NETWORK_OPTION_ANTI_SPOOFING] =
        {
            .key = "anti-spoofing",
            .type = TYPE_BOOL,
            .fallback = "false",
            .help =
                "Whether each guest may send from its own MAC and IP addresses only, and play neither router "
                "nor DHCP server.",
        },
    [NETWORK_OPTION_PUBLISH] =
        {
            .key = "publish",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help = "Ports of the host that lead to a guest: `[ADDRESS:]PORT:GUEST:PORT[/udp] [from ZONE]`. "
                    "A guest is named by its namespace, a virtual machine by its interface or its `name`.",
        },
    [NETWORK_OPTION_BRIDGE] =
        {
            .key = "bridge",
            .type = TYPE_TEXT,
            .help = "The name of its bridge. Without it, that of the network. What `interfaces` says of that "
                    "name "
                    "is said of the bridge.",
        },
    [NETWORK_OPTION_DHCP] =
        {
            .key = "dhcp",
            .type = TYPE_TEXT,
            .help =
                "`true`, or a map: whether dnsmasq gives addresses to who asks for one, and, where it has "
                "a subnet of IPv6, sends router advertisements and answers DHCPv6.",
        },
    [NETWORK_OPTION_DNS] =
        {
            .key = "dns",
            .type = TYPE_TEXT,
            .help = "`true`, or a map: whether dnsmasq answers for the names of guests, and passes on all "
                    "else.",
        },
};

const struct option guest_options[GUEST_OPTIONS] = {
    [GUEST_OPTION_ADDRESS] =
        {
            .key = "address",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help =
                "Its address, one for each family. Without it, the next that is free. In a network without a "
                "subnet, with the length of the prefix, and without it none.",
        },
    [GUEST_OPTION_MAC] =
        {
            .key = "mac",
            .type = TYPE_MAC,
            .flags = OPTION_ONE,
            .help = "Its MAC address. Of a virtual machine: the one of its network card, which is not that "
                    "of the "
                    "TAP.",
        },
    [GUEST_OPTION_INTERFACE] =
        {
            .key = "interface",
            .type = TYPE_DEVICE,
            .help =
                "Of a namespace: the name of its interface. Without it, the first of eth0, eth1 ... that is "
                "free.",
        },
    [GUEST_OPTION_NAME] =
        {
            .key = "name",
            .type = TYPE_TEXT,
            .help =
                "Of an interface of the host: what the machine behind it is called in `publish`. Without it, "
                "as the interface.",
        },
    [GUEST_OPTION_ISOLATED] =
        {
            .key = "isolated",
            .type = TYPE_BOOL,
            .help = "Whether it and other guests that are isolated are kept from each other. Without it, as "
                    "the network.",
        },
    [GUEST_OPTION_ANTI_SPOOFING] =
        {
            .key = "anti-spoofing",
            .type = TYPE_BOOL,
            .help = "Whether it may send from its own addresses only: `mac`, `address`, `also`, those that "
                    "the file gives to its interface, and the link-local one made of the MAC address. "
                    "Without it, as "
                    "the network.",
        },
    [GUEST_OPTION_ALSO] =
        {
            .key = "also",
            .type = TYPE_TEXT,
            .flags = OPTION_LIST,
            .help =
                "Addresses, networks and ranges from which it may send besides, in spite of `anti-spoofing`.",
        },
    [GUEST_OPTION_RATE] =
        {
            .key = "rate",
            .type = TYPE_TEXT,
            .help =
                "How much it may send, and how much it may get: a number with `kbit`, `mbit` or `gbit`, a "
                "second. What is beyond is dropped; what was not used for up to a second may come at once.",
        },
    [GUEST_OPTION_DHCP] =
        {
            .key = "dhcp",
            .type = TYPE_BOOL,
            .fallback = "false",
            .help = "Whether it asks for its address by DHCP. An `address` is then kept for it.",
        },
};
