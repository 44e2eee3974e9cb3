/* plexus forget: what is saved no longer runs after the next boot. What runs now goes on. */
#include "cli/live.h"
#include "cli/network.h"
#include "cli/output.h"

/* forget_topology() has said that there is none. */
static void hint_nearest(struct cli *cli, const char *name)
{
    struct errors *errors = &cli->session->errors;
    if (errors->last)
        error_hint_nearest(errors, errors->last, live_nearest(cli, LIVE_SAVED, name));
}

static enum result run(struct cli *cli)
{
    const char *name = cli->args[0];
    enum result result = network_name(cli, name);
    if (result == RESULT_DONE)
        result = network_open(cli, ACCESS_WRITE, name, true);
    if (result == RESULT_DONE)
        result = forget_topology(cli->session, name);
    if (result == RESULT_NOT_FOUND)
        hint_nearest(cli, name);
    if (result != RESULT_DONE)
        return result;
    if (cli->json)
        output_json(json_pack("{s:s, s:s}", "topology", name, "result", "forgotten"));
    output_say(cli, "%s: forgotten", name);
    if (topology_runs(cli->machine, name) == 0)
        output_say(cli, "%s: it goes on until `plexus down %s` or the next boot", name, name);
    return result;
}

const struct command command_forget = {
    .name = "forget",
    .usage = "NAME",
    .summary = "Forget what is saved for the next boot",
    .min_args = 1,
    .max_args = 1,
    .arguments = {ARGUMENT_SAVED},
    .needs = NEED_WORLD,
    .run = run,
};
