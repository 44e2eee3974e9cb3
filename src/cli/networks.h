/* Networks of topologies that run, for those who show them. */
#pragma once
#include <jansson.h>

#include "apply/running.h"
#include "cli/command.h"

/* What leads to the network: the ports of the host that are published to its subnets. Start with NULL. */
const struct fw_publish *network_published(const struct topology *topology, const struct network *network,
                                           const struct fw_publish *after);
/* Who said it, as "file", "hand" or "run". */
const char *guest_origin(const struct running *running, const struct network *network,
                         const struct network_guest *guest);
/* Says that nobody of the name is in it. RESULT_NOT_FOUND. */
enum result network_no_guest(struct cli *cli, const struct network *network, const char *word);
bool place_is_file(const struct place *place); /* it is not by hand */

/* Appends all of them, joined by ", ": subnets, gateways; addresses of a guest. */
void subnets_text(const struct prefix prefixes[FAMILIES], struct text *out);
void gateways_text(const struct ip gateways[FAMILIES], struct text *out);
json_t *prefixes_to_json(const struct prefix prefixes[FAMILIES]);
