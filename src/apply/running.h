/* The topologies that run and their networks, read from the file of each with what was said by hand. */
#pragma once
#include "apply/endpoints.h"
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

/* Those that have networks or published ports, in the order of their names, without what cannot be read. */
void running_load(const struct machine *machine, struct running_list *ret);
void running_done(struct running_list *all);

/* Each network of all of them; `running` and `network` name the loop's variables. */
#define each_running_network(all, running, network)                                              \
    for (size_t running##_i = 0; running##_i < (all)->n; running##_i++)                          \
        for (const struct running *running = &(all)->list[running##_i]; running; running = NULL) \
            for (const struct network *network = running->topology.networks; network; network = network->next)

/* A network by its name, or by TOPOLOGY/NAME where two topologies have it. RESULT_NOT_FOUND, or RESULT_USAGE:
 * two have it; with an entry in errors. */
enum result running_find(const struct running_list *all, const char *word, const struct running **ret_running,
                         const struct network **ret_network, struct errors *errors);

/* The ports of the host that are published; NULL: none. */
const struct fw_publish *topology_published(const struct topology *topology);
