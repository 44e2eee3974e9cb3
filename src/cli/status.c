/* plexus status: what runs, what is saved, and what somebody changed behind our back; with both ways out of a
 * difference. */
#include <string.h>

#include "base/map.h"
#include "base/names.h"
#include "cli/live.h"
#include "cli/network.h"
#include "cli/output.h"

enum { FLAG_ADOPT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_ADOPT] = {"adopt", NULL, false, "take what runs for what shall be (the other way: apply)"},
};

/* What runs and is not saved is no difference: nobody said that it should come back. */
static bool is_different(const struct status *status)
{
    if (status->under_way)
        return false; /* nobody can tell */
    return status->n_drifts || status->saved_differs || status->was_cut_short ||
           (status->is_saved && !status->runs);
}

static json_t *drift_to_json(const struct drift *drift)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:o}", "kind", names_format(drift_names, drift->kind),
                     "object", output_json_text(drift->object), "option", output_json_text(drift->option),
                     "shall", output_json_text(drift->shall), "is", output_json_text(drift->is), "unsaid",
                     drift->unsaid, "command", output_json_text(drift->command));
}

static json_t *status_to_json(const struct status *status)
{
    json_t *drifts = json_array(), *learnt = json_array();
    for (size_t i = 0; i < status->n_learnt; i++)
        json_array_append_new(learnt, output_json_text(status->learnt[i]));
    for (size_t i = 0; i < status->n_drifts; i++)
        json_array_append_new(drifts, drift_to_json(&status->drifts[i]));
    return json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "topology", status->name,
                     "running", status->runs, "saved", status->is_saved, "saved_differs",
                     status->saved_differs, "cut_short", status->was_cut_short, "differs",
                     is_different(status), "confirm_seconds",
                     status->confirm_seconds ? json_integer(status->confirm_seconds) : json_null(),
                     "under_way", output_json_text(status->under_way), "drift", drifts, "learnt", learnt);
}

static const char *saved_text(const struct status *status)
{
    if (!status->is_saved)
        return "not saved";
    return status->saved_differs ? "another file is saved" : "saved";
}

enum { CELL_MAX = 60 };

/* Rules and elements can be long: their beginning, and --json has them whole. */
static const char *cell_of(struct cli *cli, const char *text)
{
    size_t length = text ? strlen(text) : 0, cut = CELL_MAX;
    if (length <= CELL_MAX)
        return text;
    while (((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return arena_printf(&cli->arena, "%.*s...", (int)cut, text);
}

static void print_drifts(struct cli *cli, const struct status *status)
{
    static const char *const headings[] = {"OBJECT", "DIFFERS", "SHALL BE", "IS", NULL};
    struct libscols_table *table = table_new(cli, headings);
    for (size_t i = 0; i < status->n_drifts; i++) {
        const struct drift *drift = &status->drifts[i];
        const char *const cells[] = {drift->object,
                                     drift->option ? drift->option : names_format(drift_names, drift->kind),
                                     cell_of(cli, drift->shall), cell_of(cli, drift->is)};
        table_add(table, NULL, cells);
    }
    table_print(table);
}

static bool is_extra(const struct drift *drift)
{
    return drift->kind == DRIFT_EXTRA;
}

static bool is_replaced(const struct drift *drift)
{
    return drift->kind == DRIFT_REPLACED;
}

static bool is_unsaid(const struct drift *drift)
{
    return drift->unsaid;
}

static size_t count(const struct status *status, bool (*is_so)(const struct drift *drift))
{
    size_t n = 0;
    for (size_t i = 0; i < status->n_drifts; i++)
        n += is_so(&status->drifts[i]);
    return n;
}

/* What an apply leaves alone, and the commands that undo it. Returns how many there are. */
static size_t print_by_hand(const struct cli *cli, const struct status *status,
                            bool (*is_so)(const struct drift *drift), const char *reason)
{
    size_t n = count(status, is_so);
    if (n)
        output_say(cli, "%s; by hand:", reason);
    for (size_t i = 0; i < status->n_drifts; i++)
        if (is_so(&status->drifts[i]) && *status->drifts[i].command)
            output_say(cli, "        %s", status->drifts[i].command);
    return n;
}

static void print_ways_out(const struct cli *cli, const struct status *status)
{
    const char *name = status->name;
    size_t n_extras = print_by_hand(cli, status, is_extra,
                                    "extra:  others made it; Plexus leaves it alone, and takes it along only "
                                    "with what it is part of");
    size_t n_unsaid =
        print_by_hand(cli, status, is_unsaid, "unsaid: the file leaves it open, so apply does not set it");
    size_t n_replaced = count(status, is_replaced);
    if (n_replaced)
        output_say(cli, "replaced: it does not bear the mark of Plexus: somebody made it anew, so it is not "
                        "touched; take it over: plexus apply --adopt FILE");
    if (status->n_drifts > n_extras + n_unsaid + n_replaced)
        output_say(cli, "repair: plexus apply FILE, or plexus rollback %s 0", name);
    if (status->n_drifts > n_extras + n_replaced)
        output_say(cli, "adopt:  plexus status --adopt %s", name);
    if (status->is_saved && !status->runs)
        output_say(cli, "run it: plexus apply %s/%s.yaml   or forget it: plexus forget %s",
                   cli->machine->saved_dir, name, name);
    else if (status->saved_differs)
        output_say(cli, "save what runs: plexus save %s", name);
    if (status->was_cut_short)
        network_say_cut_short(cli, name);
    if (status->is_overdue)
        output_say(cli,
                   "unconfirmed, and the time is over: the old network waits for the next command that "
                   "changes something: plexus rollback %s",
                   name);
    else if (status->confirm_seconds)
        output_say(cli, "unconfirmed: the old network returns within %d s, unless you say: plexus confirm %s",
                   status->confirm_seconds, name);
}

static void print_status(struct cli *cli, const struct status *status)
{
    if (!output_is_talking(cli))
        return;
    output_say_in(cli, is_different(status) ? COLOR_CHANGE : COLOR_ADD, "%s: %s, %s%s", status->name,
                  status->runs ? "runs" : "does not run", saved_text(status),
                  status->under_way       ? ", and is being changed at this moment"
                  : status->was_cut_short ? ", and its last apply was cut short"
                  : status->n_drifts      ? ", differs from what was applied"
                  : status->runs          ? ", as it was applied"
                                          : "");
    if (status->under_way) {
        output_say(cli, "by %s: until that is done, nothing can be compared", status->under_way);
        return;
    }
    for (size_t i = 0; i < status->n_learnt; i++)
        output_say(cli, "learnt: %s, by DHCP", status->learnt[i]);
    print_drifts(cli, status);
    print_ways_out(cli, status);
}

/* RESULT_FAILED: something differs. RESULT_BUSY: an apply is under way. The JSON goes to the end of `list`.
 */
static enum result examine(struct cli *cli, const char *name, json_t *list)
{
    struct status status CLEANUP_STATUS = {0};
    enum result result = status_of(cli->session, name, &status);
    if (result == RESULT_NOT_FOUND) {
        const char *nearest = live_nearest(cli, LIVE_RUNNING | LIVE_SAVED, name);
        cli_fail(cli, result, "no topology `%s` runs or is saved", name);
        if (!cli_hint_nearest(cli, nearest))
            cli_hint(cli, "plexus list shows those that do");
        return result;
    }
    if (result != RESULT_DONE)
        return result;
    json_array_append_new(list, status_to_json(&status));
    print_status(cli, &status);
    return status.under_way ? RESULT_BUSY : is_different(&status) ? RESULT_FAILED : RESULT_DONE;
}

static enum result examine_list(struct cli *cli, char **names, struct map *seen, json_t *list)
{
    enum result worst = RESULT_DONE;
    for (char **name = names; *name; name++) {
        if (map_has(seen, *name))
            continue;
        map_set(seen, *name, *name);
        enum result result = examine(cli, *name, list);
        worst = result > worst ? result : worst;
    }
    return worst;
}

static enum result examine_all(struct cli *cli, json_t *list)
{
    struct map seen CLEANUP_MAP = {0};
    char **present = present_names(cli->machine), **saved = saved_names(cli->machine);
    enum result result = examine_list(cli, present, &seen, list),
                other = examine_list(cli, saved, &seen, list);
    if (!*present && !*saved)
        output_say(cli, "nothing runs, and nothing is saved");
    names_free(present);
    names_free(saved);
    return other > result ? other : result;
}

static enum result show(struct cli *cli)
{
    enum result result = network_open(cli, ACCESS_READ, NULL, false);
    if (result != RESULT_DONE)
        return result;
    json_t *list = json_array();
    result = cli->n_args ? examine(cli, cli->args[0], list) : examine_all(cli, list);
    if (cli->json)
        output_json(list);
    else
        json_decref(list);
    return result;
}

static enum result adopt(struct cli *cli)
{
    const char *name = cli->args[0];
    struct record record CLEANUP_RECORD = {0};
    enum result result = network_record(cli, name, &record);
    if (result == RESULT_DONE)
        result = network_open(cli, ACCESS_WRITE, name, true);
    if (result == RESULT_DONE)
        result = status_adopt(cli->session, name);
    if (result != RESULT_DONE)
        return result;
    if (cli->json)
        output_json(json_pack("{s:s, s:s}", "topology", name, "result", "adopted"));
    output_say(cli,
               "%s: what runs is now what shall be, until the next apply; its file still says otherwise,",
               name);
    output_say(cli, "and what others added stays theirs");
    return result;
}

static enum result run(struct cli *cli)
{
    enum result result = cli->n_args ? network_name(cli, cli->args[0]) : RESULT_DONE;
    if (result != RESULT_DONE)
        return result;
    if (!cli->given[FLAG_ADOPT])
        return show(cli);
    if (cli->n_args)
        return adopt(cli);
    cli_fail(cli, RESULT_USAGE, "--adopt needs the name of a topology");
    cli_hint(cli, "plexus status shows which differ");
    return RESULT_USAGE;
}

const struct command command_status = {
    .name = "status",
    .usage = "[NAME]",
    .summary = "Compare what runs with what was applied and what is saved",
    .details = "Exit status 1 when something differs, 6 while an apply is under way.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 1,
    .arguments = {ARGUMENT_TOPOLOGY},
    .needs = NEED_WORLD,
    .run = run,
};
