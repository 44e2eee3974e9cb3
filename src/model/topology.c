#include "model/topology.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/check.h"

const struct name probe_names[] = {
    {"icmp", PROBE_ICMP},
    {"tcp", PROBE_TCP},
    {"udp", PROBE_UDP},
    {NULL, 0},
};

bool topology_name_is_valid(const char *name)
{
    size_t length = strlen(name);
    if (length < 1 || length > TOPOLOGY_NAME_MAX || name[0] == '.' || name[0] == '-' ||
        strcmp(name, "lock") == 0)
        return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
            return false;
    return true;
}

void topology_done(struct topology *topology)
{
    model_done(&topology->model);
    free(topology->source);
    *topology = (struct topology){0};
}
