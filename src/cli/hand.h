/* Changing by hand who is in a network that runs: what connect, disconnect, publish and run share. */
#pragma once
#include "cli/networks.h"

struct hand {
    const char *word;   /* the network, as it was said */
    bool dry_run, wait; /* to wait for another plexus */
    bool keeps_ssh;     /* it may lead away the port of the session of whoever asks: then refused */
    void *userdata;
    /* Changes `endpoints`, under the lock. What is not RESULT_DONE ends it, with an entry in the errors. */
    enum result (*edit)(struct cli *cli, struct hand *hand);
    /* Says what was done; `running` is still what it was before. May be NULL. */
    void (*say)(struct cli *cli, const struct hand *hand, const struct network *now);

    /* For edit and say. */
    const struct running *running;
    const struct network *network;
    struct endpoints endpoints;
};

/* Opens a session, and closes it. */
enum result hand_change(struct cli *cli, struct hand *hand);

/* Whether the namespace of a new endpoint is one, and not yet a guest of the network; that of a process which
 * the endpoint has (--pid) gets the name. Settles by what the endpoint lives: the topology, if its file has
 * the namespace; or the name, and the process of a name that was given by hand. */
enum result hand_namespace(struct cli *cli, const struct hand *hand, struct endpoint *endpoint);
/* Where others made the namespace: settles what depends on what it has already, its default routes and the
 * names of its interfaces. */
enum result hand_look(struct cli *cli, const struct hand *hand, struct endpoint *endpoint);
/* Puts an address (--ip) where there is room; false: it is one too many. */
bool endpoint_take_address(struct endpoint *endpoint, const char *address);
