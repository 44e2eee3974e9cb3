/* plexus: finds the command, runs it, and says at the end, once, what went wrong. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/names.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/output.h"
#include "kernel/world.h"

/* In the order of --help. */
static const struct command *const commands[] = {
    &command_apply,   &command_plan,     &command_check,    &command_down,
    &command_confirm, &command_rollback, &command_list,     &command_show,
    &command_status,  &command_history,  &command_save,     &command_forget,
    &command_exec,    &command_shell,    &command_network,  &command_run,
    &command_plug,    &command_unplug,   &command_firewall, &command_leases,
    &command_schema,  &command_manual,   &command_complete, NULL,
};

static struct machine machine = {
    .open_door = door_linux, .run_dir = "/run/plexus", .saved_dir = "/etc/plexus"};

static bool may_color(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(stream)) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

/* What ip, netplan, nmcli, docker and git call the same. */
static const struct {
    const char *theirs, *ours;
} aliases[] = {
    {"up", "apply"},
    {"start", "apply"},
    {"add", "apply"},
    {"create", "apply"},
    {"try", "apply --confirm"},
    {"diff", "plan"},
    {"preview", "plan"},
    {"generate", "plan --commands"},
    {"validate", "check"},
    {"lint", "check"},
    {"delete", "down"},
    {"del", "down"},
    {"remove", "down"},
    {"rm", "down"},
    {"stop", "down"},
    {"destroy", "down"},
    {"accept", "confirm"},
    {"commit", "confirm"},
    {"undo", "rollback"},
    {"revert", "rollback"},
    {"cancel", "rollback"},
    {"ls", "list"},
    {"ps", "list"},
    {"inspect", "show"},
    {"get", "show"},
    {"info", "show"},
    {"log", "history"},
    {"enter", "shell"},
    {"enable", "save"},
    {"disable", "forget"},
    {"version", "--version"},
    {"network list", "network ls"},
    {"network show", "network inspect"},
    {"network add", "network create"},
    {"network remove", "network rm"},
    {"network delete", "network rm"},
    {"network down", "network rm"},
    {"network prune", "network rm"},
};

static const char *our_word(const char *theirs)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].theirs, theirs) == 0)
            return aliases[i].ours;
    return NULL;
}

/* `above`: the command that it was looked for below; NULL: none. */
static enum result refuse_command(struct cli *cli, const struct command *above, const char *word)
{
    const char *whole = above ? arena_printf(&cli->arena, "%s %s", above->name, word) : word;
    const char *ours = our_word(whole);
    struct nearest nearest = {.word = word};
    for (const struct command *const *command = above ? above->below : commands; *command; command++)
        if (!((*command)->needs & NEED_HIDING))
            nearest_offer(&nearest, command_word(*command));
    cli_fail(cli, RESULT_USAGE, "unknown command `%s`", whole);
    if (ours)
        cli_hint(cli, "here it is: plexus %s", ours);
    else if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "plexus %s%s--help lists all", above ? above->name : "", above ? " " : "");
    return RESULT_USAGE;
}

/* `plexus help` and `plexus help apply` are --help in other words. *ret_unknown: the word after it that is no
 * command, or NULL. */
static bool is_help_word(struct cli *cli, int argc, char **argv, int index, const char *word,
                         const char **ret_unknown)
{
    if (!word || strcmp(word, "help") != 0)
        return false;
    cli->help = true;
    for (int i = index + 1; i < argc && !cli->command; i++)
        if (argv[i][0] != '-' && strcmp(argv[i], word) != 0 &&
            !(cli->command = command_find(commands, argv[index = i])) && !*ret_unknown)
            *ret_unknown = argv[i];
    const char *below =
        cli->command && cli->command->below ? options_find_command(argc, argv, index + 1, &index) : NULL;
    const struct command *found = below ? command_find(cli->command->below, below) : NULL;
    cli->command = found ? found : cli->command;
    return true;
}

/* `network create`: the word before goes from argv. The word that is none of those below it, or NULL. */
static const char *go_below(struct cli *cli, int *argc, char **argv, int *index)
{
    const struct command *above = cli->command;
    int at;
    const char *word = above && above->below ? options_find_command(*argc, argv, *index + 1, &at) : NULL;
    const struct command *found = word ? command_find(above->below, word) : NULL;
    if (!found)
        return word;
    cli->command = found;
    memmove(argv + *index, argv + *index + 1, (size_t)(*argc - *index) * sizeof *argv);
    (*argc)--;
    *index = at - 1;
    return NULL;
}

static enum result enter_world(struct cli *cli)
{
    unsigned needs = cli->command->needs_of ? cli->command->needs_of(cli) : cli->command->needs;
    bool creates = needs & NEED_NEW_WORLD;
    if (!(needs & (NEED_WORLD | NEED_NEW_WORLD)) || !world_is_needed())
        return RESULT_DONE;
    for (unsigned i = 0; i < cli->command->n_flags; i++)
        if (cli->given[i] && strcmp(cli->command->flags[i].name, "dry-run") == 0)
            creates = false;
    enum result result = world_enter(creates, &cli->errors);
    cli->in_world = machine.is_private = result == RESULT_DONE;
    return result;
}

static enum result show_version(const struct cli *cli)
{
    if (cli->json)
        output_json(json_pack("{s:s}", "version", PLEXUS_VERSION));
    else
        puts("plexus " PLEXUS_VERSION);
    return RESULT_DONE;
}

static enum result run(struct cli *cli, int argc, char **argv)
{
    int index = 0;
    const char *word = options_find_command(argc, argv, 1, &index);
    const char *unknown = NULL;
    const struct command *above = NULL;
    bool is_help = is_help_word(cli, argc, argv, index, word, &unknown);
    if (word && !is_help && !(cli->command = command_find(commands, word)))
        unknown = word;
    else if (word && !is_help && (unknown = go_below(cli, &argc, argv, &index)))
        above = cli->command;
    if (unknown) {
        cli->command = NULL;
        options_read(cli, argc, argv, 0); /* --json counts for this error too; */
        errors_done(&cli->errors);        /* what else is wrong may not be */
        return refuse_command(cli, above, unknown);
    }
    enum result result = options_read(cli, argc, argv, index);
    if (cli->version)
        return show_version(cli);
    if (cli->help && cli->command)
        options_help(cli->command, stdout);
    else if (cli->help)
        options_help_all(commands, stdout);
    if (cli->help)
        return RESULT_DONE;
    if (result == RESULT_DONE && !cli->command)
        options_help_all(commands, stderr);
    else if (result == RESULT_DONE && cli->command->below)
        options_help(cli->command, stderr);
    if (result == RESULT_DONE && (!cli->command || cli->command->below))
        return RESULT_USAGE;
    if (result == RESULT_DONE)
        result = options_check(cli);
    if (result == RESULT_DONE)
        result = enter_world(cli);
    return result == RESULT_DONE ? cli->command->run(cli) : result;
}

/* A full disk must not look like success; a reader that has seen enough is none of our business. What was
 * done is done all the same. */
static enum result close_output(const struct cli *cli, enum result result)
{
    int error = output_flush();
    bool is_done = result == RESULT_DONE && cli->has_written;
    if (!error || error == EPIPE)
        return result;
    fprintf(stderr, "plexus: error: %s: %s\n",
            is_done ? "all was done, and stays; only the answer cannot be written"
                    : "cannot write the answer",
            strerror(error));
    return result == RESULT_DONE ? RESULT_FAILED : result;
}

/* A file that takes the number of a closed standard stream would get our answers. */
static void fill_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* Programs that others call by name; each is this one, and a command of it. */
static const struct {
    const char *program, *command;
} programs[] = {{"qemu-ifup", "plug"}, {"qemu-ifdown", "unplug"}, {"qemu-bridge-helper", "plug"}};

/* The words with the command put in, where the name says it; in the arena. */
static char **with_command(struct cli *cli, int *argc, char **argv)
{
    const char *slash = *argc ? strrchr(argv[0], '/') : NULL, *name = slash   ? slash + 1
                                                                      : *argc ? argv[0]
                                                                              : "";
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(name, programs[i].program) != 0)
            continue;
        char **words = arena_alloc(&cli->arena, ((size_t)*argc + 2) * sizeof *words);
        words[0] = argv[0];
        words[1] = arena_strdup(&cli->arena, programs[i].command);
        memcpy(words + 2, argv + 1, (size_t)*argc * sizeof *words); /* and the NULL behind */
        ++*argc;
        return words;
    }
    return argv;
}

int main(int argc, char **argv)
{
    fill_streams();
    process_words(argc, argv);
    struct cli cli = {.machine = &machine,
                      .commands = commands,
                      .color = may_color(stdout),
                      .color_errors = may_color(stderr)};
    setlocale(LC_CTYPE, "");  /* for the lines of trees */
    signal(SIGPIPE, SIG_IGN); /* `plexus apply | head` must not die in the middle of its steps */
    argv = with_command(&cli, &argc, argv);
    enum result result = run(&cli, argc, argv);
    if (cli.session)
        network_close(&cli, result);
    else
        output_errors(&cli, result);
    network_leave(&cli);
    arena_done(&cli.arena);
    return (int)close_output(&cli, result);
}
