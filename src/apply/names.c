/* Which topologies there are: running, saved, waiting. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/internal.h"

struct names {
    char **list;
    size_t n;
};

static void names_add(struct names *names, const char *name, size_t length)
{
    names->list = xrealloc(names->list, names->n + 2, sizeof *names->list);
    if (name) {
        names->list[names->n] = xrealloc(NULL, length + 1, 1);
        memcpy(names->list[names->n], name, length);
        names->list[names->n++][length] = '\0';
    }
    names->list[names->n] = NULL;
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b); /* web-2 before web-10 */
}

static bool has_file(const struct machine *machine, const char *name, const char *file)
{
    char *path CLEANUP_FREE = run_path(machine, name, file);
    return access(path, F_OK) == 0;
}

int topology_runs(const struct machine *machine, const char *name)
{
    if (!topology_name_is_valid(name))
        return -ENOENT;
    char *path CLEANUP_FREE = run_path(machine, name, "record.json");
    return access(path, R_OK) == 0 ? 0 : -errno;
}

static bool has_record(const struct machine *machine, const char *name)
{
    return has_file(machine, name, "record.json");
}

static bool has_journal(const struct machine *machine, const char *name)
{
    return has_file(machine, name, "journal.json");
}

bool topology_is_half_made(const struct machine *machine, const char *name)
{
    return topology_name_is_valid(name) && has_journal(machine, name) && !has_record(machine, name);
}

bool topology_is_saved(const struct machine *machine, const char *name)
{
    char *path CLEANUP_FREE = saved_path(machine, name);
    return access(path, F_OK) == 0;
}

static bool has_history(const struct machine *machine, const char *name)
{
    return has_file(machine, name, "history/last");
}

static bool journal_says_running(const struct machine *machine, const char *name)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct journal journal CLEANUP_JOURNAL = {0};
    return journal_load(machine, name, &journal, &ignored) == 0 && journal.state == JOURNAL_RUNNING;
}

/* Who applies holds the lock as long as there is such a journal: so one that is there before and after a
 * moment when nobody holds it was left behind. */
bool apply_was_cut_short(const struct machine *machine, const char *name)
{
    if (!has_journal(machine, name) || !journal_says_running(machine, name))
        return false;
    char *holder CLEANUP_FREE = lock_holder(machine);
    return !holder && journal_says_running(machine, name);
}

char *apply_under_way(const struct machine *machine, const char *name)
{
    char *holder = has_journal(machine, name) ? lock_holder(machine) : NULL;
    if (!holder || has_journal(machine, name))
        return holder;
    free(holder);
    return NULL;
}

static bool is_present(const struct machine *machine, const char *name)
{
    return has_record(machine, name) || journal_says_running(machine, name);
}

/* Topologies of which that is so, among those that have a folder below /run/plexus. */
static char **names_that(const struct machine *machine,
                         bool (*is_so)(const struct machine *machine, const char *name))
{
    struct names names = {0};
    names_add(&names, NULL, 0);
    DIR *folder = opendir(machine->run_dir);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (topology_name_is_valid(entry->d_name) && is_so(machine, entry->d_name))
            names_add(&names, entry->d_name, strlen(entry->d_name));
    }
    if (folder)
        closedir(folder);
    qsort(names.list, names.n, sizeof *names.list, by_name);
    return names.list;
}

char **running_names(const struct machine *machine)
{
    return names_that(machine, has_record);
}

char **present_names(const struct machine *machine)
{
    return names_that(machine, is_present);
}

char **journal_names(const struct machine *machine)
{
    return names_that(machine, has_journal);
}

static bool has_endpoints(const struct machine *machine, const char *name)
{
    return has_file(machine, name, "endpoints.json");
}

char **endpoints_names(const struct machine *machine)
{
    return names_that(machine, has_endpoints);
}

char **history_names(const struct machine *machine)
{
    return names_that(machine, has_history);
}

char **saved_names(const struct machine *machine)
{
    static const char ending[] = ".yaml";
    struct names names = {0};
    names_add(&names, NULL, 0);
    DIR *folder = opendir(machine->saved_dir);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        size_t length = strlen(entry->d_name);
        if (length > sizeof ending - 1 && strcmp(entry->d_name + length - (sizeof ending - 1), ending) == 0)
            names_add(&names, entry->d_name, length - (sizeof ending - 1));
    }
    if (folder)
        closedir(folder);
    qsort(names.list, names.n, sizeof *names.list, by_name);
    return names.list;
}

void names_free(char **names)
{
    for (char **name = names; *name; name++)
        free(*name);
    free(names);
}

static bool is_pending(const struct machine *machine, const char *name, struct pending *ret_pending)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct journal journal CLEANUP_JOURNAL = {0};
    if (journal_load(machine, name, &journal, &ignored) < 0 || journal.state != JOURNAL_UNCONFIRMED)
        return false;
    int64_t now = boottime(), left = journal.deadline - now - 1; /* whole ones: see change_run() */
    *ret_pending =
        (struct pending){.seconds_left = left > 0 ? (int)left : 0, .is_overdue = now > journal.deadline};
    return true;
}

int pending_seconds(const struct machine *machine, const char *name, bool *ret_overdue)
{
    struct pending pending = {0};
    bool is = has_journal(machine, name) && is_pending(machine, name, &pending);
    if (ret_overdue)
        *ret_overdue = pending.is_overdue;
    return !is ? 0 : pending.seconds_left > 0 ? pending.seconds_left : 1;
}

void pending_list(const struct machine *machine, struct pending **ret_list, size_t *ret_n)
{
    struct pending *list = NULL, pending;
    size_t n = 0;
    char **names = journal_names(machine);
    for (char **name = names; *name; name++) {
        if (!is_pending(machine, *name, &pending))
            continue;
        list = xrealloc(list, n + 1, sizeof *list);
        pending.name = xstrdup(*name);
        list[n++] = pending;
    }
    names_free(names);
    *ret_list = list;
    *ret_n = n;
}

void pending_free(struct pending *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].name);
    free(list);
}
