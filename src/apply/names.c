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
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_file(const char *name, const char *file)
{
    char *path CLEANUP_FREE = run_path(name, file);
    return access(path, F_OK) == 0;
}

int topology_runs(const char *name)
{
    if (!topology_name_is_valid(name))
        return -ENOENT;
    char *path CLEANUP_FREE = run_path(name, "record.json");
    return access(path, R_OK) == 0 ? 0 : -errno;
}

static bool has_record(const char *name)
{
    return has_file(name, "record.json");
}

static bool has_journal(const char *name)
{
    return has_file(name, "journal.json");
}

bool topology_is_half_made(const char *name)
{
    return topology_name_is_valid(name) && has_journal(name) && !has_record(name);
}

bool topology_is_saved(const char *name)
{
    char *path CLEANUP_FREE = saved_path(name);
    return access(path, F_OK) == 0;
}

static bool has_history(const char *name)
{
    return has_file(name, "history/last");
}

static bool journal_says_running(const char *name)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct journal journal CLEANUP_JOURNAL = {0};
    return journal_load(name, &journal, &ignored) == 0 && journal.state == JOURNAL_RUNNING;
}

/* Who applies holds the lock as long as there is such a journal: so one that is there before and after a
 * moment when nobody holds it was left behind. */
bool apply_was_cut_short(const char *name)
{
    return has_journal(name) && journal_says_running(name) && !lock_is_held() && journal_says_running(name);
}

static bool is_present(const char *name)
{
    return has_record(name) || apply_was_cut_short(name);
}

/* Topologies of which that is so, among those that have a folder below /run/plexus. */
static char **names_that(bool (*is_so)(const char *name))
{
    struct names names = {0};
    names_add(&names, NULL, 0);
    DIR *folder = opendir(RUN_DIR);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (topology_name_is_valid(entry->d_name) && is_so(entry->d_name))
            names_add(&names, entry->d_name, strlen(entry->d_name));
    }
    if (folder)
        closedir(folder);
    qsort(names.list, names.n, sizeof *names.list, by_name);
    return names.list;
}

char **running_names(void)
{
    return names_that(has_record);
}

char **present_names(void)
{
    return names_that(is_present);
}

char **journal_names(void)
{
    return names_that(has_journal);
}

char **history_names(void)
{
    return names_that(has_history);
}

char **saved_names(void)
{
    static const char ending[] = ".yaml";
    struct names names = {0};
    names_add(&names, NULL, 0);
    DIR *folder = opendir(SAVED_DIR);
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

void pending_list(struct pending **ret_list, size_t *ret_n)
{
    struct pending *list = NULL;
    size_t n = 0;
    char **names = journal_names();
    for (char **name = names; *name; name++) {
        struct errors ignored CLEANUP_ERRORS = {0};
        struct journal journal CLEANUP_JOURNAL = {0};
        if (journal_load(*name, &journal, &ignored) < 0 || journal.state != JOURNAL_UNCONFIRMED)
            continue;
        int64_t left = journal.deadline - boottime();
        list = xrealloc(list, n + 1, sizeof *list);
        list[n++] = (struct pending){.name = xstrdup(*name), .seconds_left = left > 0 ? (int)left : 0};
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
