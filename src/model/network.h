/* Networks: a bridge with a subnet, its guests, and their way to the outside. A file says them under
 * `networks`; the reader makes of each the objects that it stands for (src/file/networks.c), so that no
 * other part need know them. What stays here are the facts: who asks which network it was, and arithmetic
 * with subnets. */
#pragma once
#include <string.h>

#include "base/error.h"
#include "base/ip.h"
#include "base/names.h"
#include "model/endpoint.h"
#include "model/firewall/addresses.h"
#include "model/service.h"

enum network_mode { NETWORK_NAT, NETWORK_ROUTED, NETWORK_ISOLATED, NETWORK_BRIDGED, NETWORK_VLAN };
extern const struct name network_mode_names[];

/* Who is in it: an interface of a namespace that is plugged into the bridge, or one of the host behind which
 * there is a machine of its own (a TAP). */
struct network_guest {
    const char *name; /* what others in the file call it */
    const char *ns, *interface;
    struct prefix addresses[FAMILIES]; /* family 0: none */
    bool is_client;                    /* it asks by DHCP; what it has here is kept for it */
    const char *mac;                   /* NULL: not said */
    struct addresses also;             /* what else it may send from */
    int64_t rate;                      /* bytes a second, each way; 0: any */
    bool is_isolated;                  /* it does not see others that are */
    bool is_guarded;                   /* it sends from its own addresses only */
    struct place place;
    struct network_guest *next;
};

/* An address that is kept for one client, known by its MAC address or by the name that it says. */
struct network_lease {
    const char *mac, *name;        /* either may be NULL */
    struct ip addresses[FAMILIES]; /* family 0: none */
    struct place place;
    struct network_lease *next;
};

struct network_dhcp {
    bool is_on;
    struct range ranges[FAMILIES]; /* family 0: none */
    bool says_range[FAMILIES];
    int64_t lease_seconds; /* LEASE_FOREVER: no end */
    const char *options;   /* lines as dnsmasq(8) reads them; "" where there are none */
    const char *boot_file, *tftp_server, *tftp_root; /* NULL: not said */
    struct network_lease *leases;
    struct place place;
};
enum { LEASE_SECONDS = 3600, LEASE_SECONDS_MIN = 120, LEASE_FOREVER = INT32_MAX };

struct network_dns {
    bool is_on;
    const char *domain;
    const char *servers; /* joined by ","; NULL: those of the host */
    enum host_names host_names;
};

struct network {
    const char *name;
    const char *bridge; /* the name of its interface in the host */
    const char *uplink; /* NULL: anywhere that is no network of ours */
    enum network_mode mode;
    struct prefix subnets[FAMILIES]; /* family 0: none */
    struct ip gateways[FAMILIES];    /* the bridge's own addresses; family 0: none */
    int64_t mtu;                     /* 0: not said */
    int64_t vlan;                    /* of NETWORK_VLAN: its tag */
    bool is_on_bridge;               /* of NETWORK_VLAN: the uplink is the bridge, where it is a tag */
    bool is_isolated;                /* its guests do not see each other */
    bool is_guarded;                 /* its guests send from their own addresses only */
    bool says_gateway;               /* the file, and not only its services */
    bool is_chosen;                  /* the IPv4 subnet was chosen by itself */
    struct place place, uplink_place;
    struct network_guest *guests;
    struct network_dhcp dhcp;
    struct network_dns dns;
    struct network *next;
};

/* Whether its guests are neighbours of those outside, in whose network the host need have no part. */
static inline bool network_is_bridged(const struct network *network)
{
    return network->mode == NETWORK_BRIDGED || network->mode == NETWORK_VLAN;
}

/* Whether packets pass between it and the outside by the host. */
static inline bool network_leads_out(const struct network *network)
{
    return network->mode == NETWORK_NAT || network->mode == NETWORK_ROUTED;
}

/* Whether a program of the host answers its guests. */
static inline bool network_serves(const struct network *network)
{
    return network->dhcp.is_on || network->dns.is_on;
}

/* Whether the DHCP server keeps its address for it: it asks, or it is a machine of its own, which may. */
static inline bool network_guest_is_kept(const struct network *network, const struct network_guest *guest)
{
    return guest->is_client || (network->dhcp.is_on && strcmp(guest->ns, HOST) == 0);
}

struct network *network_find(struct network *networks, const char *name); /* NULL: none */
const struct network_guest *network_guest_find(const struct network *network, const char *name);

/* The MAC address of a guest for which none is said and that must have one: by its name, so that it is the
 * same at each reading. And the link-local address that an interface with a MAC address gives itself (RFC
 * 4291, appendix A). */
struct mac guest_mac(const char *topology, const char *ns, const char *interface);
struct ip ip_of_mac(const struct mac *mac);

bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

/* Whether an address of the subnet can be one of a host: neither that of the network nor that of a
 * broadcast. */
bool subnet_has_host(const struct prefix *subnet, const struct ip *ip);
struct ip subnet_first(const struct prefix *subnet);
/* The address behind `ip`; false: it was the last. */
bool subnet_next(const struct prefix *subnet, struct ip *ip);

/* The part of a subnet that is given away where the file says none: of IPv4 the upper half, of IPv6
 * ::1000 to ::ffff or the upper half; of that, the longest part without an address of the list. */
struct range subnet_range(const struct prefix *subnet, const struct ip *taken, size_t n_taken);

/* The subnet that a network gets which says none: 10.X.Y.0/24, by its name and that of its topology, so
 * that it is the same at each reading; `attempt` counts from 0, and 65535 is the last. And
 * fdXX:XXXX:XXXX:XXXX::/64. */
enum { SUBNET_ATTEMPTS = 65536 };
struct prefix subnet_candidate(const char *topology, const char *network, unsigned attempt);
struct prefix subnet_unique_local(const char *topology, const char *network);
bool ip_is_unique_local(const struct ip *ip); /* fc00::/7 (RFC 4193) */

/* The machine on which subnets and addresses are chosen. */
struct surroundings {
    /* The subnet that the topology has on its bridge already; family 0: none. */
    struct prefix (*kept)(void *userdata, const char *topology, const char *bridge);
    /* The address in the subnet that an interface of the topology has already; family 0: none. */
    struct ip (*address)(void *userdata, const char *topology, const char *ns, const char *interface,
                         const struct prefix *subnet);
    /* What was said by hand of its networks; NULL: nothing. */
    const struct endpoint *(*endpoints)(void *userdata, const char *topology);
    /* Whether an address or a route of the host has a part of it. */
    bool (*in_use)(void *userdata, const struct prefix *subnet);
    /* The MTU of an interface of the host; 0: there is none. */
    int64_t (*mtu)(void *userdata, const char *interface);
    /* Whether the kernel has no IPv6 at all: nothing need be switched off or on there. */
    bool (*lacks_ipv6)(void *userdata);
    void *userdata;
};
