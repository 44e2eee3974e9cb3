/* What nobody uses any more is taken away, by every session that writes, as it opens and as it closes:
 * endpoints whose process or namespace is gone, or whose topology is; then names that were given by hand. And
 * where the topology is gone that led a namespace out, the network of another leads. */
#include <errno.h>

#include "apply/internal.h"
#include "apply/leaders.h"
#include "apply/named.h"

static enum result settle(struct session *session, const char *name, const struct endpoints *all)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct change change CLEANUP_CHANGE = {0};
    enum result result = endpoints_prepare(session, name, all, &topology, &change);
    return result == RESULT_DONE ? endpoints_run(session, &change, all) : result;
}

/* What cannot be taken away now (an apply waits for confirmation) is so by a later session. */
static void sweep_topology(struct session *session, const char *name)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct endpoints all CLEANUP_ENDPOINTS = {0};
    if (topology_runs(session->machine, name) == -ENOENT) {
        if (!topology_is_half_made(session->machine, name)) /* it went down, but for the very end */
            endpoints_forget(session->machine, name);
        return;
    }
    if (endpoints_load(session->machine, name, &all, &ignored) < 0)
        return;
    if (!all.n_ended && !leaders_are_lost(session->machine, &all))
        return;
    struct session own = {
        .machine = session->machine, .access = ACCESS_WRITE, .lock = -1}; /* the lock is held already */
    if (session->machine->open_door(name, &own.door, &own.errors) == 0) {
        own.door->run_dir = session->machine->run_dir;
        bool is_other = leaders_follow(&own, name, &all);
        if (all.n_ended || is_other)
            settle(&own, name, &all);
    }
    session_done(&own);
}

void session_sweep(struct session *session)
{
    char **names = endpoints_names(session->machine);
    for (char **name = names; *name; name++)
        sweep_topology(session, *name);
    names_free(names);
    named_sweep(session);
}
