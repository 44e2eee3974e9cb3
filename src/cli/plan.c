/* plexus plan: what apply would do, and what that disturbs. Changes nothing. */
#include <unistd.h>

#include "apply/guards.h"
#include "cli/change.h"
#include "cli/firewall_lost.h"
#include "cli/firewall_ssh.h"
#include "cli/network.h"
#include "cli/output.h"

enum { FLAG_COMMANDS, FLAG_ADOPT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_COMMANDS] = {"commands", NULL, false, "as the commands that a person would type; a script for sh"},
    [FLAG_ADOPT] = {"adopt", NULL, false, "as with apply --adopt"},
};

/* A script has every byte of a name; a terminal would obey some of them. */
static void print_command(const char *command)
{
    struct text shown CLEANUP_TEXT = {0};
    bool is_seen = isatty(STDOUT_FILENO);
    text_add_shown(&shown, is_seen ? command : "");
    puts(is_seen ? text_of(&shown) : command);
}

static void print_commands(const struct change *change)
{
    const struct plan *plan = &change->plan;
    if (plan->n_steps)
        puts("set -e");
    for (size_t i = 0; i < plan->n_steps; i++) {
        struct commands commands CLEANUP_COMMANDS = {0};
        step_commands(plan->steps[i], &commands);
        for (size_t k = 0; k < commands.n; k++)
            print_command(commands.lines[k]);
    }
    for (size_t i = 0; i < change->flows.commands.n; i++)
        print_command(change->flows.commands.lines[i]);
}

static void print_text(const struct cli *cli, const char *name, const struct change *change)
{
    const struct plan *plan = &change->plan;
    plan_print(cli, plan, false);
    flows_print(cli, &change->flows);
    if (plan->n_steps == 0) {
        output_say(cli, "%s: nothing to do", name);
        return;
    }
    struct plan_summary summary = plan_summarize(plan);
    struct text text CLEANUP_TEXT = {0};
    summary.flows = change->flows.n_cut;
    plan_summary_text(&summary, &text);
    output_say(cli, "%s: %s", name, text_of(&text));
}

static void print_as_json(const char *name, const struct change *change)
{
    json_t *json = json_pack("{s:s}", "topology", name);
    json_t *steps = plan_to_json(&change->plan, &change->flows);
    json_object_update(json, steps);
    json_decref(steps);
    output_json(json);
}

static enum result show(struct cli *cli, const struct topology *topology)
{
    struct change change CLEANUP_CHANGE = {0};
    enum result result = network_open(cli, ACCESS_READ, NULL, false);
    if (result == RESULT_DONE)
        result = change_prepare(cli->session, topology->name, topology, cli->given[FLAG_ADOPT], &change);
    if (result != RESULT_DONE)
        return result;
    change_may(cli->session, &change, GUARDS_SHOW);
    ssh_keep(cli, &change, false, false);
    firewall_warn_lost(cli, &change);
    change_foresee(cli->session, &change);
    if (cli->json)
        print_as_json(topology->name, &change);
    else if (cli->given[FLAG_COMMANDS] && !cli->quiet)
        print_commands(&change);
    else
        print_text(cli, topology->name, &change);
    return change.plan.n_steps ? RESULT_FAILED : RESULT_DONE;
}

static enum result run(struct cli *cli)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    enum result result = network_read_or_running(cli, cli->args, cli->n_args, &topology);
    return result == RESULT_DONE ? show(cli, &topology) : result;
}

const struct command command_plan = {
    .name = "plan",
    .usage = "[FILE...]",
    .summary = "Show what apply would do, and what that disturbs",
    .details = "Exit status: 0 nothing to do, 1 there are steps, 2 a mistake in the file.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 1000,
    .arguments = {ARGUMENT_FILE},
    .needs = NEED_WORLD,
    .run = run,
};
