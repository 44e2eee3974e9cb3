/* plexus apply: makes the network as the file says.
 *
 * With --saved, for the boot: every saved topology, each by itself, and one that fails does not keep the
 * others from running. */
#include "apply/store.h"
#include "cli/change.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/output.h"
#include "kernel/leftovers.h"

enum {
    FLAG_CONFIRM,
    FLAG_DRY_RUN,
    FLAG_ADOPT,
    FLAG_EXPECT,
    FLAG_NO_EXPECT,
    FLAG_NO_WAIT,
    FLAG_SAVED,
    FLAG_MAX
};

static const struct flag flags[FLAG_MAX] = {
    [FLAG_CONFIRM] = {"confirm", "S", true,
                      "go back after S seconds (30) unless `plexus confirm` is said before"},
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FLAG_ADOPT] = {"adopt", NULL, false, "take over what is in the way and was not made by Plexus"},
    [FLAG_EXPECT] = {"expect", NULL, false,
                     "probe what the file expects, and go back when it does not hold (default)"},
    [FLAG_NO_EXPECT] = {"no-expect", NULL, false, "do not probe"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
    [FLAG_SAVED] = {"saved", NULL, false, "every topology that is saved, instead of files"},
};

static enum result read_flags(struct cli *cli, struct change_job *job)
{
    long seconds = 0;
    enum result result = options_number(cli, FLAG_CONFIRM, 1, CONFIRM_MAX,
                                        cli->given[FLAG_CONFIRM] ? CONFIRM_SECONDS : 0, &seconds);
    if (result != RESULT_DONE)
        return result;
    if (cli->given[FLAG_EXPECT] && cli->given[FLAG_NO_EXPECT])
        return cli_fail(cli, RESULT_USAGE, "--expect and --no-expect cannot both be meant");
    *job = (struct change_job){
        .adopt = cli->given[FLAG_ADOPT],
        .dry_run = cli->given[FLAG_DRY_RUN],
        .wait = !cli->given[FLAG_NO_WAIT],
        .is_of_file = true,
        .options = {.confirm_seconds = (int)seconds, .expect = !cli->given[FLAG_NO_EXPECT]},
    };
    return RESULT_DONE;
}

static enum result apply_once(struct cli *cli, struct change_job *job, char *const *paths, size_t n)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    enum result result = network_read_or_running(cli, paths, n, &topology);
    if (result != RESULT_DONE)
        return result;
    struct change_job once = *job;
    once.name = topology.name;
    once.topology = &topology;
    result = change_make(cli, &once);
    job->is_stale = once.is_stale;
    return result;
}

/* Files are read without the lock, and `plexus run` comes and goes. */
static enum result apply_files(struct cli *cli, struct change_job job, char *const *paths, size_t n)
{
    enum { TRIES = 10 };
    enum result result = RESULT_BUSY;
    job.is_stale = true;
    for (int i = 1; i <= TRIES && job.is_stale; i++) {
        job.is_stale = false;
        job.reads_again = i < TRIES;
        result = apply_once(cli, &job, paths, n);
    }
    return result;
}

/* Nobody else may begin something meanwhile; where somebody does, it is no boot. */
static void clean_up(struct cli *cli)
{
    struct session session;
    if (session_open(&session, cli->machine, ACCESS_WRITE, NULL, 0, NULL, NULL) == RESULT_DONE)
        leftovers_forget();
    session_done(&session);
}

static enum result apply_saved(struct cli *cli, struct change_job job)
{
    enum result last = RESULT_DONE;
    char **names = saved_names(cli->machine), **running = running_names(cli->machine);
    job.stream = true;
    if (!*running && !job.dry_run) /* a boot */
        clean_up(cli);
    names_free(running);
    for (char **name = names; *name; name++) {
        char *path CLEANUP_FREE = saved_path(cli->machine, *name);
        enum result result = saved_look(cli->machine, *name, &cli->errors);
        if (result == RESULT_DONE)
            result = apply_files(cli, job, &path, 1);
        if (result != RESULT_DONE) {
            output_errors(cli, result);
            last = result;
        }
    }
    if (!*names)
        output_say(cli, "no topology is saved");
    names_free(names);
    return last;
}

static enum result run(struct cli *cli)
{
    struct change_job job;
    enum result result = read_flags(cli, &job);
    if (result != RESULT_DONE)
        return result;
    if (!cli->given[FLAG_SAVED])
        return apply_files(cli, job, cli->args, cli->n_args);
    if (!cli->n_args)
        return apply_saved(cli, job);
    cli_fail(cli, RESULT_USAGE, "--saved takes no files");
    cli_hint(cli, "it applies all that is saved; one file: plexus apply %s", cli->args[0]);
    return RESULT_USAGE;
}

const struct command command_apply = {
    .name = "apply",
    .usage = "[FILE...]",
    .summary = "Make the network as the file says",
    .details =
        "Several files, or the *.yaml files of a folder, are one topology. Without FILE: plexus.yaml here.\n"
        "What already is as it should be is left alone. When a step or an expectation fails, everything\n"
        "goes back to what was before (exit status 7).",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 1000,
    .arguments = {ARGUMENT_FILE},
    .needs = NEED_NEW_WORLD,
    .run = run,
};
