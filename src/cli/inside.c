#include "cli/inside.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/live.h"
#include "cli/output.h"
#include "kernel/enter.h"

enum result inside_enter(struct cli *cli, const char *ns)
{
    int r = namespace_enter(ns, &cli->errors);
    if (r == 0)
        return RESULT_DONE;
    if (r != -ENOENT)
        return r == -EPERM || r == -EACCES ? RESULT_NOT_PERMITTED : RESULT_FAILED;
    if (!cli->errors.last)
        cli_fail(cli, RESULT_NOT_FOUND, "there is no namespace `%s`", ns);
    const char *nearest = live_nearest(cli, LIVE_NAMESPACES, ns);
    cli_hint_nearest(cli, nearest);
    return RESULT_NOT_FOUND;
}

enum result inside_exec(struct cli *cli, char *const *words)
{
    enum { NOT_RUNNABLE = 126, UNKNOWN = 127 };
    output_errors(cli, RESULT_DONE); /* warnings: nobody is there to print them later */
    fflush(NULL);
    signal(SIGPIPE, SIG_DFL);
    execvp(words[0], words);
    int error = errno;
    cli_fail(cli, RESULT_FAILED, "cannot run %s: %s", words[0], strerror(error));
    if (error == ENOENT)
        cli_hint(cli, "the programs in a namespace are those of the host, found by PATH");
    return (enum result)(error == ENOENT ? UNKNOWN : NOT_RUNNABLE);
}
