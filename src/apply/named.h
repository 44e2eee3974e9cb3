/* Names below /run/netns that were given by hand to the namespace of a process, by `plexus run` and by
 * `plexus network connect --pid`: /run/plexus/.names.json. They belong to no topology, so that networks of
 * several can attach the namespace by its name, and each can go without the others noticing.
 *
 * One is listed before it is given and until it is taken away, so that none outlives a crash. It goes when
 * its process has ended; and that of --pid with the last network that the namespace is in. */
#pragma once
#include "apply/apply.h"
#include "model/endpoint.h"

struct named {
    const char *ns;
    bool is_run; /* of plexus run: it stays without networks */
    pid_t process;
    unsigned long long started; /* process_start() of it */
    struct namespace_id id;
    struct named *next;
};

struct named_list {
    struct arena arena;
    struct named *first;
};
#define CLEANUP_NAMED __attribute__((cleanup(named_done)))

/* None is no error. 0, or a negative errno with an entry in errors. */
int named_load(const struct machine *machine, struct named_list *ret, struct errors *errors);
void named_done(struct named_list *list);
const struct named *named_find(const struct named_list *list, const char *ns);

/* Gives the name of the endpoint, which nobody may have, to the namespace of its process; the session is
 * ACCESS_WRITE. */
enum result named_give(struct session *session, const struct endpoint *endpoint);
/* Takes away those that nobody uses any more; what cannot be taken away now stays listed. */
void named_sweep(struct session *session);
