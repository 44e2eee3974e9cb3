/* Names of what is there, for completion and for "did you mean". Never fails: what cannot be seen is not
 * offered. */
#pragma once
#include "cli/command.h"

enum live {
    LIVE_RUNNING = 1 << 0,    /* topologies that run, or of which a first apply was cut short */
    LIVE_SAVED = 1 << 1,      /* topologies that are saved; with LIVE_RUNNING, those that do not run */
    LIVE_NAMESPACES = 1 << 2, /* the host, and what lies in /run/netns */
    LIVE_INTERFACES = 1 << 3, /* NS/NAME, of the topologies that run */
    LIVE_PENDING = 1 << 4,    /* topologies that wait for confirmation */
    LIVE_NETWORKS = 1 << 6,   /* networks of the topologies that run */
    LIVE_PAST = 1 << 5,       /* topologies that have a history; with LIVE_RUNNING, those that do not run */
};

/* The name is good during the call only. */
typedef void (*live_offer)(const char *name, const char *help, void *userdata);
void live_each(const struct cli *cli, unsigned what, live_offer offer, void *userdata);

/* The name nearest to the word, in cli->arena, or NULL. */
const char *live_nearest(struct cli *cli, unsigned what, const char *word);
