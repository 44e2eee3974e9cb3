/* The hold that one command has on the network. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/internal.h"

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

static enum result take_lock(struct session *session, int wait_seconds, void (*waiting)(const char *holder))
{
    char *holder CLEANUP_FREE = NULL;
    session->lock = lock_take(wait_seconds, waiting, &holder);
    if (session->lock >= 0)
        return RESULT_DONE;
    int r = session->lock;
    struct error *error;
    if (r == -EBUSY) {
        error = errors_add(&session->errors, NULL, "the network is being changed by another plexus: %s",
                           holder ? holder : "unknown");
        error_hint(&session->errors, error, "wait until it is done, and try again");
        return RESULT_BUSY;
    }
    error = errors_add(&session->errors, NULL, "cannot lock %s: %s", RUN_DIR "/lock", strerror(-r));
    if (r == -EACCES || r == -EPERM)
        error_hint(&session->errors, error, "run it as root: sudo plexus ...");
    else if (r == -EROFS)
        error_hint(&session->errors, error,
                   "Plexus keeps in %s what it needs to undo a change, so nothing was changed", RUN_DIR);
    return result_of(r);
}

/* What a crash or an unconfirmed apply left behind is undone before anything else is done. */
static enum result mend(struct session *session)
{
    enum result result = RESULT_DONE;
    char **names = journal_names();
    for (char **name = names; *name && result == RESULT_DONE; name++) {
        struct journal journal CLEANUP_JOURNAL = {0};
        int r = journal_load(*name, &journal, &session->errors);
        if (r < 0) {
            result = result_of(r);
            break;
        }
        bool waits = journal.state == JOURNAL_UNCONFIRMED && boottime() < journal.deadline;
        if (waits)
            continue;
        result = journal_undo(session->door, &journal, &session->errors);
        if (result == RESULT_DONE)
            errors_warn(&session->errors, NULL,
                        "%s: an earlier apply was %s; the network is as it was before it", *name,
                        journal.state == JOURNAL_RUNNING ? "cut short" : "not confirmed in time");
    }
    names_free(names);
    return result;
}

enum result session_open(struct session *session, enum access access, const char *topology, int wait_seconds,
                         void (*waiting)(const char *holder))
{
    *session = (struct session){.access = access, .lock = -1};
    if (access == ACCESS_WRITE) {
        enum result result = take_lock(session, wait_seconds, waiting);
        if (result != RESULT_DONE)
            return result;
    }
    int r = door_linux(topology, &session->door, &session->errors);
    if (r < 0)
        return result_of(r);
    return access == ACCESS_WRITE ? mend(session) : RESULT_DONE;
}

void session_close(struct session *session)
{
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
    errors_done(&session->errors);
}
