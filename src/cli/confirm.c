/* plexus confirm: keeps what `apply --confirm` did. Without a name the only one that waits: who is asked for
 * this has seconds. */
#include "base/text.h"
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
        struct error *error =
            errors_add(&cli->session->errors, NULL, "%s: nothing waits for confirmation", name);
        error_hint(&cli->session->errors, error,
                   "only `plexus apply --confirm` does; plexus list says what waits");
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

/* What did wait and was undone may be why this was typed. */
static enum result refuse_all(struct cli *cli)
{
    struct text undone CLEANUP_TEXT = {0};
    char **names = history_names(cli->machine);
    for (char **name = names; *name; name++)
        if (is_undone(cli, *name))
            text_join(&undone, *name);
    names_free(names);
    cli_fail(cli, RESULT_NOT_FOUND, "nothing waits for confirmation");
    if (undone.length)
        cli_hint(cli, "of these the last apply was undone, and the old network is back: %s",
                 text_of(&undone));
    return RESULT_NOT_FOUND;
}

/* The name of the one that waits. */
static enum result find_only(struct cli *cli, const char **ret_name)
{
    struct text names CLEANUP_TEXT = {0};
    struct pending *list;
    size_t n;
    pending_list(cli->machine, &list, &n);
    if (n == 1)
        *ret_name = arena_strdup(&cli->arena, list[0].name);
    for (size_t i = 0; i < n; i++)
        text_printf(&names, "%splexus confirm %s (%d s left)", i ? ", or " : "", list[i].name,
                    list[i].seconds_left);
    pending_free(list, n);
    if (n == 1)
        return RESULT_DONE;
    if (n == 0)
        return refuse_all(cli);
    cli_fail(cli, RESULT_USAGE, "%zu applies wait for confirmation: which one is meant?", n);
    cli_hint(cli, "%s", text_of(&names));
    return RESULT_USAGE;
}

static enum result run(struct cli *cli)
{
    const char *name = cli->n_args ? cli->args[0] : NULL;
    enum result result = name ? network_name(cli, name) : find_only(cli, &name);
    return result == RESULT_DONE ? confirm(cli, name) : result;
}

const struct command command_confirm = {
    .name = "confirm",
    .usage = "[NAME]",
    .summary = "Keep what apply --confirm did",
    .details = "Without NAME: the only one that waits. Exit status 3: it was too late, and the old network "
               "is back;\n"
               "4: nothing waits.",
    .max_args = 1,
    .arguments = {ARGUMENT_PENDING},
    .needs = NEED_WORLD,
    .run = run,
};
