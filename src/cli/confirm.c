/* plexus confirm: keeps what `apply --confirm` did. Without a name everything that waits: who is asked for
 * this has seconds. */
#include "cli/network.h"
#include "cli/output.h"

/* Whether the last change of the topology was undone: then it is too late. */
static bool is_undone(const struct cli *cli, const char *name)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct revision *list = NULL;
    size_t n = 0;
    if (history_list(cli->machine, name, &list, &n, &ignored) != RESULT_DONE)
        return false;
    bool is = list[n - 1].back < 0;
    history_free(list, n);
    return is;
}

static enum result refuse(struct cli *cli, const char *name)
{
    if (!is_undone(cli, name)) {
        errors_add(&cli->session->errors, NULL, "%s: nothing waits for confirmation", name);
        return RESULT_NOT_FOUND;
    }
    errors_add(&cli->session->errors, NULL,
               "%s: too late: the last apply was undone, and the old network is back", name);
    return RESULT_UNCONFIRMED;
}

static enum result confirm(struct cli *cli, const char *name)
{
    enum result result = network_open(cli, ACCESS_WRITE, name, true);
    if (result == RESULT_DONE)
        result = apply_confirm(cli->session, name);
    if (result == RESULT_NOT_FOUND)
        result = refuse(cli, name);
    if (cli->json)
        output_json_line(json_pack("{s:s, s:s}", "topology", name, "result",
                                   result == RESULT_DONE ? "confirmed" : output_result(result)));
    if (result == RESULT_DONE)
        output_say(cli, "%s: confirmed", name);
    network_close(cli, result);
    return result;
}

static enum result confirm_all(struct cli *cli)
{
    struct pending *list;
    size_t n;
    enum result result = RESULT_DONE;
    pending_list(cli->machine, &list, &n);
    if (n == 0) {
        cli_fail(cli, RESULT_NOT_FOUND, "nothing waits for confirmation");
        cli_hint(cli, "if it was too late, the old network is back: plexus history");
        result = RESULT_NOT_FOUND;
    }
    for (size_t i = 0; i < n; i++) {
        enum result one = confirm(cli, list[i].name);
        result = one == RESULT_DONE ? result : one;
    }
    pending_free(list, n);
    return result;
}

static enum result run(struct cli *cli)
{
    if (cli->n_args == 0)
        return confirm_all(cli);
    enum result result = network_name(cli, cli->args[0]);
    return result == RESULT_DONE ? confirm(cli, cli->args[0]) : result;
}

const struct command command_confirm = {
    .name = "confirm",
    .usage = "[NAME]",
    .summary = "Keep what apply --confirm did",
    .details =
        "Without NAME: everything that waits. Exit status 3: it was too late, and the old network is back.",
    .max_args = 1,
    .arguments = {ARGUMENT_RUNNING},
    .needs = NEED_WORLD,
    .run = run,
};
