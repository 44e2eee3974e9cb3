#include "cli/network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/networks.h"
#include "apply/store.h"
#include "cli/live.h"
#include "cli/output.h"
#include "file/read.h"
#include "kernel/world.h"

static const char default_file[] = "plexus.yaml";

bool network_is_here(void)
{
    return access(default_file, F_OK) == 0;
}

enum result network_read(struct cli *cli, char *const *paths, size_t n, struct topology *ret_topology)
{
    const char *const fallback[] = {default_file};
    const char *const *files = n ? (const char *const *)paths : fallback;
    if (n == 0 && !network_is_here()) {
        cli_fail(cli, RESULT_USAGE, "no file was named, and there is no %s here", default_file);
        cli_hint(cli, "usage: plexus %s [OPTION...] %s", cli->command->name, cli->command->usage);
        return RESULT_USAGE;
    }
    struct surroundings there = surroundings_of(cli->machine);
    int r = file_read_there(&there, files, n ? n : 1, ret_topology, &cli->errors);
    surroundings_done(&there);
    if (r == 0)
        r = topology_check(ret_topology, &cli->errors);
    return r < 0 ? RESULT_USAGE : RESULT_DONE;
}

int network_read_text(struct cli *cli, const char *file, const char *text, struct topology *ret_topology)
{
    struct surroundings there = surroundings_of(cli->machine);
    int r = file_read_text_there(&there, file, text, strlen(text), ret_topology, &cli->errors);
    surroundings_done(&there);
    return r;
}

enum result network_read_or_running(struct cli *cli, char *const *paths, size_t n,
                                    struct topology *ret_topology)
{
    struct record record CLEANUP_RECORD = {0};
    if (n != 1 || access(paths[0], F_OK) == 0 || strchr(paths[0], '.') || !topology_name_is_valid(paths[0]) ||
        topology_runs(cli->machine, paths[0]) != 0)
        return network_read(cli, paths, n, ret_topology);
    enum result result = record_load(cli->machine, paths[0], &record, &cli->errors);
    if (result != RESULT_DONE)
        return result;
    return network_read_text(cli, paths[0], record.source, ret_topology) < 0 ||
                   topology_check(ret_topology, &cli->errors) < 0
               ? RESULT_USAGE
               : RESULT_DONE;
}

static void say_waiting(const char *holder, void *userdata)
{
    const struct cli *cli = userdata;
    struct text shown CLEANUP_TEXT = {0};
    text_add_shown(&shown, holder);
    if (output_is_talking(cli))
        fprintf(stderr, "plexus: waiting for %s\n", text_of(&shown));
}

enum result network_open(struct cli *cli, enum access access, const char *topology, bool wait)
{
    cli->session = arena_alloc(&cli->arena, sizeof *cli->session);
    cli->has_written |= access == ACCESS_WRITE;
    return session_open(cli->session, cli->machine, access, topology, wait ? WAIT_SECONDS : 0, say_waiting,
                        cli);
}

void network_close(struct cli *cli, enum result result)
{
    if (!cli->session)
        return;
    session_close(cli->session);
    output_errors(cli, result);
    session_done(cli->session);
    cli->session = NULL;
}

enum { PROGRESS_FROM = 100 }; /* steps: fewer are done before anyone has read a line */

static void show_progress(size_t done, size_t total, void *userdata)
{
    struct progress *progress = userdata;
    size_t percent = total ? done * 100 / total : 100;
    if (total <= PROGRESS_FROM || (progress->is_shown && percent == progress->percent))
        return;
    *progress = (struct progress){.is_shown = true, .percent = percent};
    fprintf(stderr, "\r%zu of %zu steps (%zu %%)", done, total, percent);
    fflush(stderr);
}

void network_progress(const struct cli *cli, struct progress *progress, struct apply_options *options)
{
    *progress = (struct progress){0};
    options->progress = output_is_talking(cli) && isatty(STDERR_FILENO) ? show_progress : NULL;
    options->userdata = progress;
}

void network_progress_end(struct progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
}

enum result network_name(struct cli *cli, const char *name)
{
    if (topology_name_is_valid(name))
        return RESULT_DONE;
    cli_fail(cli, RESULT_USAGE, "`%s` is not the name of a topology", name);
    cli_hint(cli, strchr(name, '/') ? "its name is wanted, not its file: plexus list shows the names"
                                    : "names are letters, digits, `-`, `_` and `.`; plexus list shows them");
    return RESULT_USAGE;
}

static enum result refuse_name(struct cli *cli, const char *name)
{
    const char *nearest = live_nearest(cli, LIVE_RUNNING, name);
    cli_fail(cli, RESULT_NOT_FOUND, "no topology `%s` runs", name);
    if (!cli_hint_nearest(cli, nearest))
        cli_hint(cli, "plexus list shows those that do");
    return RESULT_NOT_FOUND;
}

enum result network_no_history(struct cli *cli, const char *name)
{
    cli_fail(cli, RESULT_NOT_FOUND, "`%s` has no history", name);
    cli_hint(cli, "plexus history shows all there is, since the machine was started");
    return RESULT_NOT_FOUND;
}

enum result network_runs(struct cli *cli, const char *name)
{
    enum result result = network_name(cli, name);
    if (result != RESULT_DONE)
        return result;
    int r = topology_runs(cli->machine, name);
    if (r == 0)
        return RESULT_DONE;
    if (r == -EACCES || r == -EPERM)
        cli_fail(cli, RESULT_NOT_PERMITTED, "the record of `%s` may not be read", name);
    else
        return refuse_name(cli, name);
    cli_hint(cli, "run it as root: sudo plexus %s ...", cli->command->name);
    return RESULT_NOT_PERMITTED;
}

enum result network_record(struct cli *cli, const char *name, struct record *ret_record)
{
    enum result result = network_runs(cli, name);
    return result == RESULT_DONE ? record_load(cli->machine, name, ret_record, &cli->errors) : result;
}

struct record *network_records(struct cli *cli, size_t *ret_n)
{
    struct record *records = NULL;
    char **names = running_names(cli->machine);
    size_t n = 0;
    for (char **name = names; *name; name++) {
        struct record record = {0};
        if (record_load(cli->machine, *name, &record, &cli->errors) != RESULT_DONE)
            continue;
        records = xrealloc(records, n + 1, sizeof *records);
        records[n++] = record;
    }
    names_free(names);
    *ret_n = n;
    return records;
}

void network_records_free(struct record *records, size_t n)
{
    for (size_t i = 0; i < n; i++)
        record_done(&records[i]);
    free(records);
}

void network_say_cut_short(const struct cli *cli, const char *name)
{
    output_say(cli,
               "%s: its last apply was cut short; the next apply or down takes it back first, or now: plexus "
               "rollback %s",
               name, name);
}

static bool is_anything_running(const struct cli *cli)
{
    struct pending *pending;
    size_t n;
    char **names = present_names(cli->machine);
    bool is = *names != NULL;
    pending_list(cli->machine, &pending, &n);
    pending_free(pending, n);
    names_free(names);
    return is || n;
}

/* Under the lock: another plexus may be at work on the first topology of this world. */
void network_leave(struct cli *cli)
{
    struct session session;
    if (!cli->in_world || is_anything_running(cli))
        return;
    if (session_open(&session, cli->machine, ACCESS_WRITE, NULL, 0, NULL, NULL) == RESULT_DONE &&
        !is_anything_running(cli))
        world_end();
    session_done(&session);
}
