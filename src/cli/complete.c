/* plexus __complete: what may follow. The completions of the shells call it with the words typed so far after
 * `plexus`, the last being the one under the cursor (or empty). One candidate a line, with a tab and a word
 * of help after it. A line that begins with a colon is for the shell itself: `:files` and `:programs` say
 * that it knows better. */
#include <stdio.h>
#include <string.h>

#include "cli/live.h"
#include "cli/options.h"

static void print(const char *name, const char *help, void *userdata)
{
    const char *typed = userdata;
    if (strncmp(name, typed, strlen(typed)) == 0)
        printf("%s\t%s\n", name, help);
}

static void print_option(const char *name, const char *help, void *userdata)
{
    char option[64];
    snprintf(option, sizeof option, "--%s", name);
    print(option, help, userdata);
}

static void print_commands(const struct cli *cli, char *typed)
{
    for (const struct command *const *command = cli->commands; *command; command++)
        if (!((*command)->needs & NEED_HIDING))
            print((*command)->name, (*command)->summary, typed);
    print("help", "Explain a command", typed);
}

/* What is offered for a kind of word: live names, or a word to the shell. */
static const struct {
    unsigned live;
    const char *shell;
} offers[] = {
    [ARGUMENT_NONE] = {0, NULL},
    [ARGUMENT_FILE] = {0, ":files"},
    [ARGUMENT_RUNNING] = {LIVE_RUNNING, NULL},
    [ARGUMENT_PENDING] = {LIVE_PENDING, NULL},
    [ARGUMENT_PAST] = {LIVE_RUNNING | LIVE_PAST, NULL},
    [ARGUMENT_SAVED] = {LIVE_SAVED, NULL},
    [ARGUMENT_TOPOLOGY] = {LIVE_RUNNING | LIVE_SAVED, NULL},
    [ARGUMENT_NAMESPACE] = {LIVE_NAMESPACES, NULL},
    [ARGUMENT_OBJECT] = {LIVE_RUNNING | LIVE_NAMESPACES | LIVE_INTERFACES, NULL},
    [ARGUMENT_PROGRAM] = {0, ":programs"},
    [ARGUMENT_SUBCOMMAND] = {0, NULL},
};

static void print_arguments(const struct cli *cli, const struct command *command, enum argument argument,
                            char *typed)
{
    if (argument == ARGUMENT_SUBCOMMAND)
        for (const char *const *word = command->subcommands; *word; word++)
            print(*word, "", typed);
    live_each(cli, offers[argument].live, print, typed);
    if (offers[argument].shell)
        puts(offers[argument].shell);
}

/* The last kind of word goes on for all that follow. */
static enum argument argument_at(const struct command *command, size_t i)
{
    if (i >= command->max_args)
        return ARGUMENT_NONE;
    size_t last = 0;
    while (last + 1 < ARGUMENTS_MAX && command->arguments[last + 1] != ARGUMENT_NONE)
        last++;
    return command->arguments[i < last ? i : last];
}

static enum result run(struct cli *cli)
{
    const struct command *command = NULL;
    size_t n = 0; /* words after the command that are no options */
    if (cli->n_args == 0)
        return RESULT_DONE;
    char *typed = cli->args[cli->n_args - 1];
    for (size_t i = 0; i + 1 < cli->n_args; i++) {
        if (cli->args[i][0] == '-')
            continue;
        if (command)
            n++;
        else if (!(command = command_find(cli->commands, cli->args[i])) && strcmp(cli->args[i], "help") != 0)
            return RESULT_DONE;
    }
    bool is_foreign = command && command->needs & NEED_ORDER && n >= 1;
    if (typed[0] == '-' && !is_foreign)
        options_each(command, print_option, typed);
    else if (command)
        print_arguments(cli, command, argument_at(command, n), typed);
    else
        print_commands(cli, typed);
    return RESULT_DONE;
}

const struct command command_complete = {
    .name = "__complete",
    .usage = "WORD...",
    .summary = "Print what may follow, for the completions of shells",
    .max_args = 1000,
    .needs = NEED_WORLD | NEED_HIDING | NEED_RAW,
    .run = run,
};
