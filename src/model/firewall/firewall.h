/* A firewall in a person's terms: what a file says of one namespace under `firewall`, with names resolved and
 * addresses and ports as numbers. compile.h makes tables, chains and sets of it.
 *
 * Rules are asked in their order, and the first that matches decides. `from` and `to` say which chain a rule
 * belongs to: to the host itself is input, from it output, all else forward. Everything lives in the arena
 * of the model. */
#pragma once
#include <netinet/in.h>

#include "base/error.h"
#include "base/ip.h"
#include "base/names.h"
#include "model/firewall/addresses.h"

enum fw_verdict { FW_ACCEPT, FW_DROP, FW_REJECT, FW_UNSAID };
extern const struct name fw_verdict_names[]; /* accept, drop, reject */

enum fw_chain { FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_CHAINS };
extern const char *const fw_chain_names[FW_CHAINS];

/* Interfaces, and networks: a packet is in the zone if either says so. */
struct fw_zone {
    const char *name;
    const char **interfaces;
    size_t n_interfaces;
    struct addresses networks;
    bool is_all_but; /* its interfaces are all, except these */
    struct place place;
    struct fw_zone *next;
};

struct fw_set {
    const char *name;
    struct addresses addresses;
    bool grows; /* from a file: it has elements of both families, be they none */
    struct place place;
    struct fw_set *next;
};

/* Kinds of ICMP by the name that both families share; NULL: the family has no such thing. */
struct fw_icmp {
    const char *name, *ipv4, *ipv6;
};
extern const struct fw_icmp fw_icmps[]; /* ended by .name = NULL */

/* One of what a rule is about: a protocol, with ports where it has some, or a kind of ICMP. IPPROTO_ICMP
 * stands for that of both families. */
struct fw_match {
    uint8_t protocol;
    uint16_t first, last;       /* ports; 0: any */
    const struct fw_icmp *icmp; /* NULL: any */
};

enum { FW_MATCHES_MAX = 256 };

struct fw_matches {
    const struct fw_match *list;
    unsigned n;   /* 0: everything */
    bool is_said; /* also where that is `any` */
};

struct fw_service {
    const char *name;
    struct fw_matches matches;
    struct place place;
    struct fw_service *next;
};

/* The table of services that everybody knows: words as a file has them, "tcp/53,udp/53". */
struct fw_known_service {
    const char *name, *words;
};
extern const struct fw_known_service fw_known_services[]; /* ended by .name = NULL */

extern const struct name fw_protocol_names[]; /* those that can be said; "icmp" is that of both families */
bool fw_protocol_has_ports(uint8_t protocol);

enum fw_side_form { FW_ANY, FW_HOST, FW_ZONE, FW_SET, FW_ADDRESSES };

struct fw_side {
    enum fw_side_form form;
    const struct fw_zone *zone;
    const struct fw_set *set;
    struct addresses addresses;
    bool is_said;
};

struct fw_limit {
    unsigned rate;   /* 0: none */
    const char *per; /* "second", "minute", "hour", "day" */
    unsigned burst;
    bool by_source;
};
enum { FW_BURST = 5 }; /* what nft takes where nothing is said */

struct fw_rule {
    enum fw_verdict verdict;
    struct fw_matches matches;
    struct fw_side from, to;
    struct fw_limit limit;
    unsigned connections; /* at once, of each source; 0: any number */
    bool log;
    const char *name;    /* NULL: none */
    const char *comment; /* what the rule of the kernel bears */
    const char *words;   /* as written, spaces folded */
    struct place place;
    struct fw_rule *next;
};

enum fw_chain fw_rule_chain(const struct fw_rule *rule);

enum fw_nat_verb { FW_MASQUERADE, FW_SNAT, FW_DNAT, FW_REDIRECT };
extern const struct name fw_nat_names[];

struct fw_nat {
    enum fw_nat_verb verb;
    struct fw_matches matches;
    struct fw_side from, to;
    struct ip address;    /* of snat and dnat */
    uint16_t first, last; /* ports there; 0: they stay */
    const char *words;
    struct place place;
    struct fw_nat *next;
};

/* A port of the host that leads to a guest. */
struct fw_publish {
    struct ip at; /* family 0: every address of the host */
    uint8_t protocol;
    uint16_t first, last;
    struct ip to;
    uint16_t to_first;
    struct fw_side from;
    const char *words;
    struct place place;
    struct fw_publish *next;
};

struct firewall {
    const char *ns;
    struct place place;
    enum fw_verdict defaults[FW_CHAINS]; /* FW_UNSAID: accept */
    bool log_dropped;
    struct fw_zone *zones;
    struct fw_service *services;
    struct fw_set *sets;
    struct fw_rule *rules, *policies; /* policies come after what is published */
    struct fw_nat *nat;
    struct fw_publish *published;
    struct fw_rule *networks; /* of the networks of the file: asked when nothing else has decided */
    /* What comes neither from nor goes to it is let pass; NULL: all is judged. */
    const struct fw_zone *only[FW_CHAINS];
    /* From where what is translated is let through, unless its rule says where from; NULL: from anywhere. */
    const struct fw_zone *expected;
    bool is_said;   /* by the file, under `firewall`; else it comes of its networks only */
    bool is_broken; /* a mistake in it was told: it is not judged any further */
    struct firewall *next;
};
