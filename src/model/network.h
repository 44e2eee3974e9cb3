/* Networks: a bridge with a subnet, its guests, and their way to the outside. A file says them under
 * `networks`; the reader makes of each the objects that it stands for (src/file/networks.c), so that no
 * other part need know them. What stays here are the facts: who asks which network it was, and arithmetic
 * with subnets. */
#pragma once
#include "base/error.h"
#include "base/ip.h"
#include "base/names.h"
#include "model/endpoint.h"
#include "model/firewall/addresses.h"

enum network_mode { NETWORK_NAT, NETWORK_ROUTED, NETWORK_ISOLATED, NETWORK_BRIDGED };
extern const struct name network_mode_names[];

/* An interface of a namespace that is plugged into the bridge. */
struct network_guest {
    const char *ns, *interface;
    struct prefix addresses[FAMILIES]; /* family 0: none */
    struct place place;
    struct network_guest *next;
};

struct network {
    const char *name;
    const char *bridge; /* the name of its interface in the host */
    const char *uplink; /* NULL: anywhere that is no network of ours */
    enum network_mode mode;
    struct prefix subnets[FAMILIES]; /* family 0: none */
    struct ip gateways[FAMILIES];    /* the bridge's own addresses; family 0: none */
    int64_t mtu;                     /* 0: not said */
    bool is_isolated;                /* its guests do not see each other */
    bool is_chosen;                  /* the IPv4 subnet was chosen by itself */
    struct place place, uplink_place;
    struct network_guest *guests;
    struct network *next;
};

/* Whether packets pass between it and the outside by the host. */
static inline bool network_leads_out(const struct network *network)
{
    return network->mode == NETWORK_NAT || network->mode == NETWORK_ROUTED;
}

struct network *network_find(struct network *networks, const char *name); /* NULL: none */
const struct network_guest *network_guest_find(const struct network *network, const char *ns);

bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

/* Whether an address of the subnet can be one of a host: neither that of the network nor that of a
 * broadcast. */
bool subnet_has_host(const struct prefix *subnet, const struct ip *ip);
struct ip subnet_first(const struct prefix *subnet);
/* The address behind `ip`; false: it was the last. */
bool subnet_next(const struct prefix *subnet, struct ip *ip);

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
    void *userdata;
};
