/* plexus down: takes away what a topology made, and sets back what it adopted. */
#include "apply/apply.h"
#include "cli/change.h"
#include "cli/network.h"
#include "cli/output.h"

enum { FLAG_ALL, FLAG_DRY_RUN, FLAG_NO_WAIT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_ALL] = {"all", NULL, false, "every topology that runs"},
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
};

/* Opening the network for writing undoes it; unless it was no more than under way, and came to its end. */
static enum result undo_cut_short(struct cli *cli, const char *name, bool *ret_mended)
{
    enum result result = network_open(cli, ACCESS_WRITE, name, !cli->given[FLAG_NO_WAIT]);
    *ret_mended = result == RESULT_DONE && session_mended(cli->session, name);
    network_close(cli, result);
    if (*ret_mended)
        output_say(cli, "%s: down", name);
    return result;
}

static enum result down(struct cli *cli, const char *name, bool stream)
{
    enum result result = RESULT_DONE;
    bool mended = false;
    if (topology_is_half_made(cli->machine, name) && !cli->given[FLAG_DRY_RUN]) {
        result = undo_cut_short(cli, name, &mended);
        if (result != RESULT_DONE || mended || topology_runs(cli->machine, name) < 0)
            return result;
    }
    result = network_runs(cli, name);
    if (result != RESULT_DONE)
        return result;
    struct change_job job = {
        .name = name,
        .dry_run = cli->given[FLAG_DRY_RUN],
        .wait = !cli->given[FLAG_NO_WAIT],
        .stream = stream,
    };
    result = change_make(cli, &job);
    if (result == RESULT_DONE && !job.dry_run && topology_is_saved(cli->machine, name))
        output_say(cli, "%s: still saved%s; to undo that: plexus forget %s", name,
                   cli->in_world ? "" : " for the next boot", name);
    return result;
}

/* One that fails does not keep the others up. */
static enum result down_all(struct cli *cli)
{
    enum result last = RESULT_DONE;
    char **names = present_names(cli->machine);
    for (char **name = names; *name; name++) {
        enum result result = down(cli, *name, true);
        if (result == RESULT_DONE)
            continue;
        output_errors(cli, result);
        last = result;
    }
    if (!*names)
        output_say(cli, "nothing runs");
    names_free(names);
    return last;
}

static enum result run(struct cli *cli)
{
    if (cli->given[FLAG_ALL] == (cli->n_args == 1)) {
        cli_fail(cli, RESULT_USAGE, "either the name of a topology or --all is wanted");
        cli_hint(cli, "plexus list shows what runs");
        return RESULT_USAGE;
    }
    return cli->given[FLAG_ALL] ? down_all(cli) : down(cli, cli->args[0], false);
}

const struct command command_down = {
    .name = "down",
    .usage = "NAME",
    .summary = "Take a topology down; nothing of it is left",
    .details = "What was there before and was adopted stays, as it was before. What is saved stays saved.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 1,
    .arguments = {ARGUMENT_RUNNING},
    .needs = NEED_WORLD,
    .run = run,
};
