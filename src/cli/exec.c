/* plexus exec: a program inside a namespace, as `ip netns exec` runs it. */
#include "cli/inside.h"

static enum result run(struct cli *cli)
{
    enum result result = inside_enter(cli, cli->args[0]);
    return result == RESULT_DONE ? inside_exec(cli, cli->args + 1) : result;
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
