/* plexus rollback: the way back.
 *
 * Without a number it is the way out of an apply that waits for confirmation or was cut short: at once, to
 * what was before. With a number it is an apply like any other, of the file that an earlier revision had: 1
 * is the revision before the present one, as in Junos and VyOS; 0 is the present one, which repairs what
 * drifted. It makes a new revision. */
#include <string.h>

#include "apply/store.h"
#include "cli/change.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/output.h"

enum { FLAG_CONFIRM, FLAG_DRY_RUN, FLAG_NO_EXPECT, FLAG_NO_WAIT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_CONFIRM] = {"confirm", "S", true,
                      "with N: go back after S seconds (30) unless `plexus confirm` is said before"},
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "with N: show the steps and do none"},
    [FLAG_NO_EXPECT] = {"no-expect", NULL, false, "with N: do not probe what the file expects"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
};

/* Opening the network for writing mends what was cut short or has expired, of any topology; where it was this
 * one, nothing is left to revert. */
static enum result revert(struct cli *cli, const char *name)
{
    enum result result = network_open(cli, ACCESS_WRITE, name, !cli->given[FLAG_NO_WAIT]);
    if (result == RESULT_DONE)
        result = apply_revert(cli->session, name);
    if (result == RESULT_NOT_FOUND && session_mended(cli->session, name))
        result = RESULT_DONE;
    if (result == RESULT_NOT_FOUND) {
        struct error *error =
            errors_add(&cli->session->errors, NULL, "%s: nothing waits for confirmation", name);
        error_hint(&cli->session->errors, error, "to go back to an earlier revision: plexus rollback %s 1",
                   name);
    }
    if (cli->json)
        output_json_line(json_pack("{s:s, s:s}", "topology", name, "result",
                                   result == RESULT_DONE ? "rolled_back" : output_result(result)));
    if (result == RESULT_DONE)
        output_say(cli, "%s: rolled back: %s", name, undo_words(cli->session));
    network_close(cli, result);
    return result;
}

/* The revision `back` steps before the present one. */
static const struct revision *find_revision(const struct revision *list, size_t n, unsigned long back)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].back >= 0 && (unsigned long)list[i].back == back)
            return &list[i];
    return NULL;
}

/* What --save has put there stays. */
static void say_saved(struct cli *cli, const char *name, const char *source)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    char *saved CLEANUP_FREE = NULL;
    if (saved_read(cli->machine, name, &saved, &ignored) == RESULT_DONE && strcmp(saved, source) != 0)
        output_say(cli, "%s: another file is saved%s; to keep this one: plexus save %s", name,
                   cli->in_world ? "" : " for the next boot", name);
}

static enum result apply_revision(struct cli *cli, const char *name, const char *number,
                                  const struct revision *revision)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct text file CLEANUP_TEXT = {0};
    long seconds = 0;
    enum result result = options_number(cli, FLAG_CONFIRM, 1, CONFIRM_MAX,
                                        cli->given[FLAG_CONFIRM] ? CONFIRM_SECONDS : 0, &seconds);
    if (result != RESULT_DONE)
        return result;
    struct change_job job = {
        .name = name,
        .dry_run = cli->given[FLAG_DRY_RUN],
        .wait = !cli->given[FLAG_NO_WAIT],
        .options = {.confirm_seconds = (int)seconds, .expect = !cli->given[FLAG_NO_EXPECT]},
    };
    char *source CLEANUP_FREE = NULL;
    result = history_source(cli->machine, name, revision->number, &source, &cli->errors);
    if (result == RESULT_NOT_FOUND)
        return cli_fail(cli, result, "the file of revision %s of `%s` is gone", number, name);
    if (result != RESULT_DONE)
        return result;
    if (!*source) /* it was down */
        return change_make(cli, &job);
    text_printf(&file, "%s.yaml", name);
    if (network_read_text(cli, text_of(&file), source, &topology) < 0)
        return RESULT_FAILED;
    job.topology = &topology;
    result = change_make(cli, &job);
    if (result == RESULT_DONE && !job.dry_run)
        say_saved(cli, name, source);
    return result;
}

static enum result go_back(struct cli *cli, const char *name, const char *number)
{
    struct revision *list = NULL;
    size_t n = 0;
    enum result result = history_list(cli->machine, name, &list, &n, &cli->errors);
    if (result == RESULT_NOT_FOUND)
        return network_no_history(cli, name);
    if (result != RESULT_DONE)
        return result;
    const struct revision *revision = find_revision(list, n, strtoul(number, NULL, 10));
    if (revision) {
        result = apply_revision(cli, name, number, revision);
    } else {
        result = cli_fail(cli, RESULT_NOT_FOUND, "`%s` has no revision %s", name, number);
        cli_hint(cli, "plexus history %s shows those there are", name);
    }
    history_free(list, n);
    return result;
}

/* Without a name: the one that waits; with a number, or where none waits, the one that runs. */
static enum result only_name(struct cli *cli, bool prefers_pending, char **ret_name)
{
    struct pending *pending;
    size_t n_pending, n = 0;
    char **names = present_names(cli->machine);
    pending_list(cli->machine, &pending, &n_pending);
    while (names[n])
        n++;
    if (prefers_pending && n_pending == 1)
        *ret_name = arena_strdup(&cli->arena, pending[0].name);
    else if (n == 1)
        *ret_name = arena_strdup(&cli->arena, names[0]);
    enum result result = *ret_name ? RESULT_DONE : n || n_pending ? RESULT_USAGE : RESULT_NOT_FOUND;
    if (result == RESULT_NOT_FOUND) {
        cli_fail(cli, result, "nothing runs");
        cli_hint(cli, "what went down comes back by its name: plexus rollback NAME 1; see plexus history");
    } else if (result == RESULT_USAGE) {
        cli_fail(cli, result, "there are several topologies: which one is meant?");
        cli_hint(cli, "plexus rollback %s, or the name of another: plexus list shows all",
                 n ? names[0] : pending[0].name);
    }
    names_free(names);
    pending_free(pending, n_pending);
    return result;
}

static enum result run(struct cli *cli)
{
    char *name = cli->n_args && (cli->n_args == 2 || !options_is_number(cli->args[0])) ? cli->args[0] : NULL;
    const char *number = cli->n_args == 2 || (cli->n_args == 1 && !name) ? cli->args[cli->n_args - 1] : NULL;
    if (number && !options_is_number(number)) {
        cli_fail(cli, RESULT_USAGE, "the number of a revision was expected, not `%s`", number);
        cli_hint(cli, "1 is the one before the present; plexus history %s shows them", name);
        return RESULT_USAGE;
    }
    enum result result = name ? network_name(cli, name) : only_name(cli, !number, &name);
    if (result != RESULT_DONE)
        return result;
    if (number)
        return go_back(cli, name, number);
    if (!cli->given[FLAG_CONFIRM] && !cli->given[FLAG_DRY_RUN])
        return revert(cli, name);
    cli_fail(cli, RESULT_USAGE, "--confirm and --dry-run need the number of a revision");
    cli_hint(cli, "the one before the present: plexus rollback --dry-run %s 1", name);
    return RESULT_USAGE;
}

const struct command command_rollback = {
    .name = "rollback",
    .usage = "[NAME] [N]",
    .summary = "Go back: out of an unconfirmed apply, or to an earlier revision",
    .details = "Without N: takes back an apply that waits for confirmation or was cut short, at once. With "
               "N: applies\n"
               "the file as it was N revisions ago (plexus history); 1 is the one before the present, 0 the "
               "present.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 2,
    .arguments = {ARGUMENT_PAST},
    .needs = NEED_NEW_WORLD,
    .run = run,
};
