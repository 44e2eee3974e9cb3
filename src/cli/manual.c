/* plexus manual: the reference of all options, out of their tables, as source of a manual page. The build
 * puts it into plexus.file(5). */
#include "file/manual.h"

#include "cli/command.h"

static enum result run(struct cli *cli)
{
    (void)cli;
    manual_write(stdout);
    return RESULT_DONE;
}

const struct command command_manual = {
    .name = "manual",
    .usage = "",
    .summary = "Print the reference of the network file, as scdoc source",
    .needs = NEED_HIDING,
    .run = run,
};
