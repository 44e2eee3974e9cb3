/* plexus save: what runs now runs again after the next boot. */
#include "apply/store.h"
#include "cli/network.h"
#include "cli/output.h"

static enum result run(struct cli *cli)
{
    const char *name = cli->args[0];
    struct record record CLEANUP_RECORD = {0};
    enum result result = network_record(cli, name, &record);
    if (result == RESULT_DONE)
        result = network_open(cli, ACCESS_WRITE, name, true);
    if (result == RESULT_DONE)
        result = save_topology(cli->session, name);
    if (result != RESULT_DONE)
        return result;
    char *path CLEANUP_FREE = saved_path(cli->machine, name);
    if (cli->json)
        output_json(json_pack("{s:s, s:s, s:s}", "topology", name, "result", "saved", "path", path));
    if (cli->in_world)
        output_say(cli, "%s: saved: ~/.config/plexus/%s.yaml; plexus apply --saved applies it", name, name);
    else
        output_say(cli, "%s: saved for the next boot: %s", name, path);
    return result;
}

const struct command command_save = {
    .name = "save",
    .usage = "NAME",
    .summary = "Save what runs for the next boot",
    .min_args = 1,
    .max_args = 1,
    .arguments = {ARGUMENT_RUNNING},
    .needs = NEED_WORLD,
    .run = run,
};
