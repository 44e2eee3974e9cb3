/* What is saved for the next boot: the file as it was applied, below /etc/plexus. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"

/* The number of a process says nothing after a boot, or names another. */
static enum result refuse_processes(struct session *session, const struct record *record)
{
    model_each(&record->recorded, object)
    {
        if (object->class->id != CLASS_NAMESPACE || !object_has(object, "pid"))
            continue;
        struct error *error =
            errors_add(&session->errors, NULL,
                       "`%s` is not saved: namespace `%s` has `pid: %lld`, and no process has that number "
                       "for certain after a boot",
                       record->name, object->name, (long long)object_number(object, "pid", 0));
        error_hint(&session->errors, error,
                   "say `path` instead, if a file stays the same: "
                   "/run/netns/NAME, /run/docker/netns/NAME");
        return RESULT_USAGE;
    }
    return RESULT_DONE;
}

enum result save_topology(struct session *session, const char *name)
{
    return save_text(session, name, NULL);
}

enum result save_text(struct session *session, const char *name, const char *text)
{
    struct record record CLEANUP_RECORD = {0};
    struct journal journal CLEANUP_JOURNAL = {0};
    enum result result = record_load(session->machine, name, &record, &session->errors);
    if (result == RESULT_NOT_FOUND) {
        struct error *error =
            errors_add(&session->errors, NULL, "no topology `%s` runs, so there is nothing to save", name);
        error_hint(&session->errors, error, "plexus list shows those that run; plexus apply makes one run");
    }
    if (result != RESULT_DONE)
        return result;
    if (journal_load(session->machine, name, &journal, &session->errors) == 0) {
        struct error *error =
            errors_add(&session->errors, NULL,
                       "the last apply of `%s` waits for confirmation, so it is not saved", name);
        error_hint(&session->errors, error, "first: plexus confirm %s", name);
        return RESULT_BUSY;
    }
    result = refuse_processes(session, &record);
    if (result != RESULT_DONE)
        return result;
    char *path CLEANUP_FREE = saved_path(session->machine, name);
    text = text ? text : record.source;
    return result_of(store_write(path, text, strlen(text), &session->errors));
}

enum result saved_read(const struct machine *machine, const char *name, char **ret_text,
                       struct errors *errors)
{
    char *path CLEANUP_FREE = saved_path(machine, name);
    size_t size;
    return result_of(store_read(path, ret_text, &size, errors));
}

enum result saved_look(const struct machine *machine, const char *name, struct errors *errors)
{
    char *path CLEANUP_FREE = saved_path(machine, name), *data CLEANUP_FREE = NULL;
    size_t size;
    return result_of(store_read(path, &data, &size, errors));
}

enum result forget_topology(struct session *session, const char *name)
{
    char *path CLEANUP_FREE = saved_path(session->machine, name);
    char *data CLEANUP_FREE = NULL;
    size_t size;
    int r = store_read(path, &data, &size, &session->errors);
    if (r == -ENOENT) {
        struct error *error = errors_add(&session->errors, NULL, "no topology `%s` is saved", name);
        error_hint(&session->errors, error, "plexus list shows those that are");
        return RESULT_NOT_FOUND;
    }
    if (r == 0 && (r = store_remove(path)) < 0) {
        struct error *error = errors_add(&session->errors, NULL, "cannot remove %s: %s", path, strerror(-r));
        if (r == -EACCES || r == -EPERM)
            error_hint(&session->errors, error, "run it as root: sudo plexus ...");
    }
    return result_of(r);
}
