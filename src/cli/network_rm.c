/* plexus network rm: takes away a network that `plexus network create` has made. */
#include <string.h>

#include "apply/store.h"
#include "cli/change.h"
#include "cli/commands.h"
#include "cli/network.h"
#include "cli/network_created.h"
#include "cli/networks.h"
#include "cli/output.h"

enum { FLAG_FORCE, FLAG_DRY_RUN, FLAG_NO_WAIT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_FORCE] = {"force", NULL, false, "also while guests are in it: they lose it"},
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
};

static const char letters[FLAG_MAX] = {[FLAG_FORCE] = 'f'};

static bool is_created(const char *file)
{
    return strncmp(file, NETWORK_CREATED, sizeof NETWORK_CREATED - 1) == 0;
}

static enum result refuse_of_file(struct cli *cli, const char *topology, const struct network *network)
{
    cli_fail(cli, RESULT_BUSY, "network `%s` is part of topology `%s`, which a file describes", network->name,
             topology);
    cli_hint(cli, "take it out of the file and apply that; or take all of it down: plexus down %s", topology);
    return RESULT_BUSY;
}

static enum result refuse_guests(struct cli *cli, const struct network *network)
{
    struct text guests CLEANUP_TEXT = {0};
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next)
        text_join(&guests, guest->name);
    cli_fail(cli, RESULT_BUSY, "network `%s` has guests: %s", network->name, text_of(&guests));
    cli_hint(cli, "plexus network disconnect %s %s, or --force", network->name, network->guests->name);
    return RESULT_BUSY;
}

static enum result check(struct cli *cli, const char *word, const char **ret_topology)
{
    struct running_list all CLEANUP_RUNNING = {0};
    const struct running *running;
    const struct network *network;
    running_load(cli->machine, &all);
    enum result result = running_find(&all, word, &running, &network, &cli->errors);
    if (result != RESULT_DONE)
        return result;
    const char *name = running->record.name;
    if (!is_created(running->record.source) || running->topology.networks->next)
        return refuse_of_file(cli, name, network);
    if (network->guests && !cli->given[FLAG_FORCE])
        return refuse_guests(cli, network);
    *ret_topology = arena_strdup(&cli->arena, name);
    return RESULT_DONE;
}

/* What was saved with it goes with it; another file of that name is somebody's. */
static enum result forget_saved(struct cli *cli, const char *name)
{
    char *path CLEANUP_FREE = saved_path(cli->machine, name), *file CLEANUP_FREE = NULL;
    size_t size;
    int r = store_read(path, &file, &size, &cli->session->errors);
    return r == 0 && is_created(file) ? forget_topology(cli->session, name) : RESULT_DONE;
}

static enum result remove_one(struct cli *cli, const char *word)
{
    struct change_job job = {.dry_run = cli->given[FLAG_DRY_RUN]};
    bool wait = !cli->given[FLAG_NO_WAIT];
    enum result result = check(cli, word, &job.name);
    if (result == RESULT_DONE)
        result = network_open(cli, job.dry_run ? ACCESS_READ : ACCESS_WRITE, job.name, wait);
    if (result == RESULT_DONE)
        result = check(cli, word, &job.name); /* what may have come before the lock was had */
    if (result == RESULT_DONE)
        result = change_make_here(cli, &job);
    if (result == RESULT_DONE && !job.dry_run)
        result = forget_saved(cli, job.name);
    network_close(cli, result);
    return result;
}

/* One that cannot be removed is in the way of no other. */
static enum result run(struct cli *cli)
{
    enum result result = RESULT_DONE;
    for (size_t i = 0; i < cli->n_args; i++) {
        enum result one = remove_one(cli, cli->args[i]);
        result = one == RESULT_DONE ? result : one;
    }
    return result;
}

const struct command command_network_rm = {
    .name = "network rm",
    .usage = "NETWORK...",
    .summary = "Take networks away that `network create` has made",
    .details = "One that has guests is not, without --force. It is no longer saved either.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .letters = letters,
    .min_args = 1,
    .max_args = 1000,
    .arguments = {ARGUMENT_NETWORK},
    .needs = NEED_WORLD,
    .run = run,
};
