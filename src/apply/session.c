/* The hold that one command has on the network. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/internal.h"
#include "base/regular.h"

enum result result_of(int r)
{
    switch (-r) {
    case 0:
        return RESULT_DONE;
    case EPERM:
    case EACCES:
        return RESULT_NOT_PERMITTED;
    case EBUSY:
    case EEXIST:
        return RESULT_BUSY;
    case ENOENT:
        return RESULT_NOT_FOUND;
    case EOPNOTSUPP:
    case ENODEV:
    case EINVAL:
        return RESULT_USAGE;
    default:
        return RESULT_FAILED;
    }
}

static enum result take_lock(struct session *session, int wait_seconds,
                             void (*waiting)(const char *holder, void *userdata), void *userdata)
{
    char *holder CLEANUP_FREE = NULL;
    session->lock = lock_take(session->machine, wait_seconds, waiting, userdata, &holder);
    if (session->lock >= 0)
        return RESULT_DONE;
    int r = session->lock;
    struct error *error;
    char *path CLEANUP_FREE = lock_path(session->machine);
    if (r == -EBUSY) {
        error = errors_add(&session->errors, NULL, "the network is being changed by another plexus: %s",
                           holder ? holder : "unknown");
        error_hint(&session->errors, error, "wait until it is done, and try again");
        return RESULT_BUSY;
    }
    error = errors_add(&session->errors, NULL, "cannot lock %s: %s", path, regular_why(r));
    if (r == -EACCES || r == -EPERM)
        error_hint(&session->errors, error, "run it as root: sudo plexus ...");
    else if (regular_is_odd(r))
        error_hint(&session->errors, error, "Plexus did not put it there: remove it");
    else if (r == -EROFS)
        error_hint(&session->errors, error,
                   "Plexus keeps in %s what it needs to undo a change, so nothing was changed",
                   session->machine->run_dir);
    return result_of(r);
}

static enum result mend_one(struct session *session, const char *name)
{
    struct journal journal CLEANUP_JOURNAL = {0};
    int r = journal_load(session->machine, name, &journal, &session->errors);
    if (r < 0)
        return result_of(r);
    if (journal.state == JOURNAL_UNCONFIRMED && boottime() < journal.deadline)
        return RESULT_DONE;
    bool crashed = journal.state == JOURNAL_RUNNING && (!journal.deadline || boottime() < journal.deadline);
    enum result result = journal_undo(session, &journal);
    if (result != RESULT_DONE)
        return result;
    errors_warn(&session->errors, NULL, "%s: an earlier apply was %s; %s", name,
                crashed ? "cut short" : "not confirmed in time", undo_words(session));
    session->mended = xrealloc(session->mended, session->n_mended + 1, sizeof *session->mended);
    session->mended[session->n_mended++] = xstrdup(name);
    return RESULT_DONE;
}

/* What a crash or an unconfirmed apply left behind is undone before anything else is done. One that cannot be
 * mended is told, and is in the way of no other. */
static enum result mend(struct session *session, const char *topology)
{
    enum result result = RESULT_DONE;
    char **names = journal_names(session->machine);
    for (char **name = names; *name; name++) {
        enum result one = mend_one(session, *name);
        if (one != RESULT_DONE && topology && strcmp(*name, topology) == 0)
            result = one;
    }
    names_free(names);
    return result;
}

bool session_mended(const struct session *session, const char *name)
{
    for (size_t i = 0; i < session->n_mended; i++)
        if (strcmp(session->mended[i], name) == 0)
            return true;
    return false;
}

enum result session_open(struct session *session, const struct machine *machine, enum access access,
                         const char *topology, int wait_seconds,
                         void (*waiting)(const char *holder, void *userdata), void *userdata)
{
    *session = (struct session){.machine = machine, .access = access, .lock = -1};
    int r = store_check(machine, &session->errors);
    if (r < 0)
        return result_of(r);
    if (access == ACCESS_WRITE) {
        enum result result = take_lock(session, wait_seconds, waiting, userdata);
        if (result != RESULT_DONE)
            return result;
    }
    r = machine->open_door(topology, &session->door, &session->errors);
    if (r < 0)
        return result_of(r);
    session->door->run_dir = machine->run_dir;
    if (access == ACCESS_READ)
        return RESULT_DONE;
    enum result result = mend(session, topology);
    session_sweep(session);
    return result;
}

void session_close(struct session *session)
{
    if (session->door && session->access == ACCESS_WRITE && session->lock >= 0)
        session_sweep(session); /* what was done may have ended a namespace */
    if (session->door)
        session->door->ops->free(session->door);
    session->door = NULL;
    if (session->lock >= 0)
        close(session->lock);
    session->lock = -1;
}

void session_done(struct session *session)
{
    session_close(session);
    for (size_t i = 0; i < session->n_mended; i++)
        free(session->mended[i]);
    free(session->mended);
    session->mended = NULL;
    session->n_mended = 0;
    errors_done(&session->errors);
}
