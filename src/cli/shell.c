/* plexus shell: the user's shell inside a namespace, with a prompt that says where one is.
 *
 * A prompt is set in a way of each shell's own, since most of them overwrite PS1 from the environment when
 * they start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/inside.h"

enum { WORDS_MAX = 4 };

/* bash reads its file after ~/.bashrc would have been: an anonymous one, which the shell closes when it has
 * read it. */
static void prepare_bash(struct cli *cli, const char *ns, char **words)
{
    int fd = memfd_create("plexus-shell", 0);
    if (fd < 0)
        return;
    dprintf(fd, "[ -f ~/.bashrc ] && . ~/.bashrc\nPS1='[%s] \\$ '\nexec %d<&-\n", ns, fd);
    words[1] = arena_strdup(&cli->arena, "--rcfile");
    words[2] = arena_printf(&cli->arena, "/dev/fd/%d", fd);
}

static void prepare_fish(struct cli *cli, const char *ns, char **words)
{
    words[1] = arena_strdup(&cli->arena, "--init-command");
    words[2] = arena_printf(&cli->arena,
                            "functions --copy fish_prompt plexus_prompt; "
                            "function fish_prompt; echo -n '[%s] '; plexus_prompt; end",
                            ns);
}

static void prepare_other(struct cli *cli, const char *ns, char **words)
{
    (void)words;
    setenv("PS1", arena_printf(&cli->arena, geteuid() == 0 ? "[%s] # " : "[%s] $ ", ns), 1);
}

static const struct {
    const char *shell;
    void (*prepare)(struct cli *cli, const char *ns, char **words);
} shells[] = {{"bash", prepare_bash}, {"fish", prepare_fish}, {NULL, prepare_other}};

static enum result run(struct cli *cli)
{
    const char *ns = cli->args[0], *shell = getenv("SHELL");
    char *words[WORDS_MAX] = {arena_strdup(&cli->arena, shell && *shell ? shell : "/bin/sh")};
    enum result result = inside_enter(cli, ns);
    if (result != RESULT_DONE)
        return result;
    const char *slash = strrchr(words[0], '/'), *name = slash ? slash + 1 : words[0];
    size_t i = 0;
    while (shells[i].shell && strcmp(shells[i].shell, name) != 0)
        i++;
    shells[i].prepare(cli, ns, words);
    setenv("PLEXUS_NAMESPACE", ns, 1);
    return inside_exec(cli, words);
}

const struct command command_shell = {
    .name = "shell",
    .usage = "NS",
    .summary = "Open a shell inside a namespace",
    .details =
        "The prompt says where one is: [red] $. The shell is that of $SHELL; PLEXUS_NAMESPACE is set in it.",
    .min_args = 1,
    .max_args = 1,
    .arguments = {ARGUMENT_NAMESPACE},
    .needs = NEED_WORLD,
    .run = run,
};
