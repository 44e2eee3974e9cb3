/* A topology: what one network file describes. It has a name, and owns what it makes. */
#pragma once
#include "model/object.h"

enum probe { PROBE_ICMP, PROBE_TCP, PROBE_UDP, PROBE_MAX };
extern const struct name probe_names[]; /* "icmp", "tcp", "udp" */

/* A claim of the file: "red reaches blue", "web cannot reach 10.0.0.1 tcp/5432". */
struct expectation {
    const char *text; /* as written, spaces folded */
    const char *from; /* a namespace; HOST for the host */
    const char *to;   /* a namespace, "ns/interface", or an address */
    bool reachable;   /* false: "cannot reach" */
    enum probe probe;
    int port; /* of tcp and udp */
    struct place place;
    struct expectation *next;
};

enum { TOPOLOGY_NAME_MAX = 64 };
/* 1 to TOPOLOGY_NAME_MAX letters, digits, "-", "_" or ".", the first a letter, digit or "_"; and not "lock",
 * of which there is a file in /run/plexus. */
bool topology_name_is_valid(const char *name);

struct firewall;
struct fw_guard;
struct network;

struct topology {
    const char *name;
    const char *description;
    struct model model;
    struct expectation *expectations;
    struct firewall *firewalls; /* src/model/firewall/firewall.h; one of a namespace at most */
    struct network *networks;   /* src/model/network.h; what they stand for is in the model */
    struct fw_guard *guards;    /* src/model/firewall/guard.h; of ports of their bridges */
    const char *by_hand;        /* with what it was read: endpoints_text(); NULL: nobody was asked */
    struct place place;
    char *source; /* the text of the file, or of all files merged: what history and save keep; malloc'ed */
    size_t source_size;
};

#define CLEANUP_TOPOLOGY __attribute__((cleanup(topology_done)))
void topology_done(struct topology *topology);

/* The semantic check, over the whole model: references, masters, VLANs, duplicates. All mistakes are
 * gathered. Needs no kernel. */
int topology_check(const struct topology *topology, struct errors *errors);
