/* The endpoints (model/endpoint.h) of topologies that run: /run/plexus/NAME/endpoints.json.
 *
 * Whoever changes them holds the lock: reads the file that runs with the endpoints as they shall be, plans,
 * and runs it as any other change, so that a failure or a crash leads back. Nothing of it is in the history,
 * which is of files. Where what used an endpoint has ended, the next session that writes takes it away. */
#pragma once
#include "apply/apply.h"
#include "model/endpoint.h"

struct endpoints {
    struct arena arena;
    struct endpoint *first;
    size_t n_ended; /* those that are kept, but not in use any more: left out */
};
#define CLEANUP_ENDPOINTS __attribute__((cleanup(endpoints_done)))

/* Those of the topology that are in use; none is no error. 0, or a negative errno with an entry in errors. */
int endpoints_load(const struct machine *machine, const char *name, struct endpoints *ret,
                   struct errors *errors);
void endpoints_done(struct endpoints *all);

struct endpoint *endpoint_find(const struct endpoints *all, const char *network, const char *ns);
/* A new one at the end; texts that are put into it must live as long, as those in all->arena do. */
struct endpoint *endpoint_add(struct endpoints *all, const char *network, const char *ns);
void endpoint_publish(struct endpoints *all, struct endpoint *endpoint, const char *port);
void endpoint_remove(struct endpoints *all, const struct endpoint *endpoint);

/* Whether the topology was read with those that there are now. */
bool endpoints_agree(struct session *session, const struct topology *topology);

/* What it means for the topology, which runs, that these are its endpoints; the session may be ACCESS_READ
 * where that is only shown. *ret_topology must outlive *ret_change. RESULT_USAGE: they cannot be. */
enum result endpoints_prepare(struct session *session, const char *name, const struct endpoints *all,
                              struct topology *ret_topology, struct change *ret_change);
/* Makes it so; else they are as they were before. */
enum result endpoints_run(struct session *session, struct change *change, const struct endpoints *all);
