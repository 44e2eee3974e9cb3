/* Endpoints: what was said by hand of the networks of a topology that runs, beside its file: who is plugged
 * into one (`plexus run`, `plexus network connect`), and which ports lead to a guest (`plexus network
 * publish`). They are read as if the file said them (src/file/endpoints.c), and kept in a file of their own
 * (src/apply/endpoints.h), so that the text of the file is nobody's but the person's who wrote it.
 *
 * One lives as long as what uses it: the process of `plexus run`, or the namespace that was plugged in. Such
 * a namespace is none of the topology: it is attached by its name, as are those of other topologies. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/namespace_id.h"
#include "model/firewall/addresses.h"

enum endpoint_addresses { ENDPOINT_ADDRESSES = 2 }; /* one of a family */

struct endpoint {
    const char *network, *ns;
    bool is_plugged;  /* by hand; else the file has it in the network, and only the ports are by hand */
    bool is_run;      /* by plexus run */
    bool is_new;      /* what is wrong with it is an error; of others, it is no more what it was: a warning */
    const char *path; /* of the namespace, to which others gave the name; NULL: it is one of the topology */
    struct namespace_id id; /* of what is at `path` */
    unsigned led; /* a bit (1 << family) for each default route that the namespace has from others */
    const char *leaders[FAMILIES];             /* the topology of each of these; NULL: none of Plexus */
    const char *addresses[ENDPOINT_ADDRESSES]; /* NULL: the next that is free */
    const char *mac, *interface;               /* NULL: not said */
    const char **publish;                      /* as files have it */
    size_t n_publish;
    pid_t process;              /* it lives as long as that and `path`; 0: as `path`, or the topology */
    unsigned long long started; /* process_start() of it */
    struct endpoint *next;
};

json_t *endpoints_to_json(const struct endpoint *first);
/* All of a list, as a text that is malloc'ed: two lists that say the same have the same. */
char *endpoints_text(const struct endpoint *first);
