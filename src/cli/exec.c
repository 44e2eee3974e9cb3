/* plexus exec: a program inside a namespace, as `ip netns exec` runs it. */
#include <string.h>

#include "cli/inside.h"
#include "cli/output.h"

static enum result run(struct cli *cli)
{
    /* `exec red -- ip link`, as people write it for other tools. */
    int first = strcmp(cli->args[1], "--") == 0 ? 2 : 1;
    if (!cli->args[first]) {
        cli_fail(cli, RESULT_USAGE, "a program to run is missing");
        cli_hint(cli, "for example: plexus exec %s ip address; for a shell: plexus shell %s", cli->args[0],
                 cli->args[0]);
        return RESULT_USAGE;
    }
    enum result result = inside_enter(cli, cli->args[0]);
    return result == RESULT_DONE ? inside_exec(cli, cli->args + first) : result;
}

const struct command command_exec = {
    .name = "exec",
    .usage = "NS PROGRAM [ARGUMENT...]",
    .summary = "Run a program inside a namespace",
    .details = "It sees the namespace's /sys, and the files of /etc/netns/NS in /etc. The exit status is "
               "that of the\n"
               "program; 126 when it cannot be run, 127 when it is not found.",
    .min_args = 2,
    .max_args = 100000,
    .arguments = {ARGUMENT_NAMESPACE, ARGUMENT_PROGRAM, ARGUMENT_FILE},
    .needs = NEED_WORLD | NEED_ORDER,
    .run = run,
};
