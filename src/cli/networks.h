/* The networks of the topologies that run, read from the file of each with what was said by hand. */
#pragma once
#include <jansson.h>

#include "apply/endpoints.h"
#include "cli/command.h"
#include "model/network.h"

struct running {
    struct record record;
    struct topology topology;
    struct endpoints endpoints;
};

struct running_list {
    struct running *list;
    size_t n;
};
#define CLEANUP_RUNNING __attribute__((cleanup(running_done)))

/* Those that have networks, in the order of their names. What cannot be read is left out. */
void running_load(const struct cli *cli, struct running_list *ret);
void running_done(struct running_list *all);

/* A network by its name, or by TOPOLOGY/NAME where two topologies have it. */
enum result running_find(struct cli *cli, const struct running_list *all, const char *word,
                         const struct running **ret_running, const struct network **ret_network);

/* What leads to the network: the ports of the host that are published to its subnets. Start with NULL. */
const struct fw_publish *network_published(const struct topology *topology, const struct network *network,
                                           const struct fw_publish *after);
/* Who said it, as "file", "hand" or "run". */
const char *guest_origin(const struct running *running, const struct network *network,
                         const struct network_guest *guest);
bool place_is_file(const struct place *place); /* it is not by hand */

/* Appends all of them, joined by ", ": subnets, gateways; addresses of a guest. */
void subnets_text(const struct prefix prefixes[FAMILIES], struct text *out);
void gateways_text(const struct ip gateways[FAMILIES], struct text *out);
json_t *prefixes_to_json(const struct prefix prefixes[FAMILIES]);
