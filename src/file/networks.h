/* What the parts of the reader of `networks` share.
 *
 * A network is read before interfaces are (networks.c), then who is in it (guests.c). Both become nodes as
 * a person would write them, a bridge and veths with addresses, which the other passes read like any others
 * (expand.c). What is about packets becomes a part of the host's firewall, at the end
 * (networks_firewall.c), and what a port may send, a table of its own (networks_guards.c). */
#pragma once
#include "file/reader.h"
#include "model/network.h"

/* What a file says of a network, and of a guest in it: schema and manual are made from the tables. */
enum network_option {
    NETWORK_OPTION_MODE,
    NETWORK_OPTION_SUBNET,
    NETWORK_OPTION_IPV6,
    NETWORK_OPTION_GATEWAY,
    NETWORK_OPTION_UPLINK,
    NETWORK_OPTION_VLAN,
    NETWORK_OPTION_MTU,
    NETWORK_OPTION_ISOLATED,
    NETWORK_OPTION_ANTI_SPOOFING,
    NETWORK_OPTION_PUBLISH,
    NETWORK_OPTION_BRIDGE,
    NETWORK_OPTION_DHCP,
    NETWORK_OPTION_DNS,
    NETWORK_OPTIONS,
};
extern const struct option network_options[NETWORK_OPTIONS];

enum guest_option {
    GUEST_OPTION_ADDRESS,
    GUEST_OPTION_MAC,
    GUEST_OPTION_INTERFACE,
    GUEST_OPTION_NAME,
    GUEST_OPTION_ISOLATED,
    GUEST_OPTION_ANTI_SPOOFING,
    GUEST_OPTION_ALSO,
    GUEST_OPTION_RATE,
    GUEST_OPTION_DHCP,
    GUEST_OPTIONS,
};
extern const struct option guest_options[GUEST_OPTIONS];

/* The same of the maps `dhcp` and `dns` of a network, and of `hosts` in the first. */
enum dhcp_option {
    DHCP_OPTION_RANGE,
    DHCP_OPTION_LEASE_TIME,
    DHCP_OPTION_HOSTS,
    DHCP_OPTION_OPTIONS,
    DHCP_OPTION_BOOT_FILE,
    DHCP_OPTION_TFTP_SERVER,
    DHCP_OPTION_TFTP_ROOT,
    DHCP_OPTIONS,
};
extern const struct option dhcp_options[DHCP_OPTIONS];

enum dns_option { DNS_OPTION_DOMAIN, DNS_OPTION_SERVERS, DNS_OPTION_HOST_NAMES, DNS_OPTIONS };
extern const struct option dns_options[DNS_OPTIONS];

enum lease_option { LEASE_OPTION_MAC, LEASE_OPTION_NAME, LEASE_OPTION_ADDRESS, LEASE_OPTIONS };
extern const struct option lease_options[LEASE_OPTIONS];

/* A network while it is read. */
struct network_said {
    struct network *network;
    const struct node *publish;    /* NULL: none */
    const struct node *dhcp, *dns; /* maps; NULL: nothing but that they are on or off */
    struct ip next[FAMILIES];      /* where to look for an address that is free; family 0: at the first */
    bool says_subnet;
    bool is_broken;      /* a mistake in it was told: nothing is made of it */
    bool is_unaddressed; /* one in its mode or subnets: nothing can be said of addresses in it */
    bool is_full;        /* no address is left, which was told */
    bool has_bad_dns;    /* one in `dns`, on which nothing else depends */
    struct network_said *next_said;
};

/* A guest while it is read. */
struct guest_said {
    struct network_guest *guest;
    struct network_said *said;
    struct scope *scope; /* of a guest with an interface of the host: the host */
    bool is_broken;
    struct guest_said *next_said;
};

struct networks {
    struct network_said *list;
    struct guest_said *guests;
    struct map by_name; /* -> struct network_said */
    struct map taken;   /* text of an address -> who has it, in words */
    struct map names;   /* "ns/name" of interfaces that guests have */
};

/* Reads the values of a map; false: one had a mistake. Unknown keys are told. Those whose bit is in
 * `apart` are only noted in `nodes`. */
bool values_read(struct reader *r, const struct node *map, const struct option *options, unsigned n,
                 unsigned apart, const char *where, struct value *values, const struct node **nodes);
bool guest_values_read(struct reader *r, const struct node *map, struct value values[GUEST_OPTIONS],
                       const struct node *nodes[GUEST_OPTIONS]);

/* networks_uplink.c: the uplink, and the bridge and MTU that follow from it. */
bool uplink_settle(struct reader *r, struct network *network, const struct node *vlan,
                   const struct node *bridge);
/* Of a bridged network: the port of its bridge that leads outside. */
const char *network_port(struct reader *r, const struct network *network);
bool interface_is_said(const struct reader *r, const char *name); /* by the file, in the host */

/* networks_guests.c */
void guests_read(struct reader *r, struct networks *networks);
/* Gives those an address that say none. */
void guests_number(struct reader *r, struct networks *networks);

/* networks_guards.c */
void guards_make(struct reader *r);
/* Who has the address, in words; NULL: nobody. From then on `who` has it. */
const char *address_taken_by(struct reader *r, const struct networks *networks, const struct network *network,
                             const struct ip *ip);
void address_take(struct reader *r, struct networks *networks, const struct ip *ip, const char *who);

/* networks_services.c: whether DHCP and DNS are wanted, when a network is read; what is said of them, when
 * subnets are known and addresses that guests say; and the programs, at the end. */
bool services_settle(struct reader *r, struct network_said *said, const struct node *dhcp,
                     const struct node *dns);
void services_read(struct reader *r, struct networks *networks);
void services_finish(struct reader *r, const struct networks *networks);
/* networks_leases.c: `hosts` of `dhcp`. */
void leases_read(struct reader *r, struct networks *networks, struct network_said *said,
                 const struct node *hosts);

/* networks_expand.c */
void networks_expand(struct reader *r, const struct networks *networks);
