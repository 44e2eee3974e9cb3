#include "model/topology.h"

#include <stdlib.h>

#include "model/check.h"

const struct name probe_names[] = {
    {"icmp", PROBE_ICMP},
    {"tcp", PROBE_TCP},
    {"udp", PROBE_UDP},
    {NULL, 0},
};

void topology_done(struct topology *topology)
{
    model_done(&topology->model);
    free(topology->source);
    *topology = (struct topology){0};
}
