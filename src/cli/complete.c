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
    [ARGUMENT_NETWORK] = {LIVE_NETWORKS, NULL},
    [ARGUMENT_OBJECT] = {LIVE_RUNNING | LIVE_NAMESPACES | LIVE_INTERFACES, NULL},
    [ARGUMENT_PROGRAM] = {0, ":programs"},
    [ARGUMENT_SUBCOMMAND] = {0, NULL},
};

static void print_arguments(const struct cli *cli, const struct command *command, enum argument argument,
                            char *typed)
{
    for (const struct command *const *below = command->below; below && *below; below++)
        print(command_word(*below), (*below)->summary, typed);
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

/* The flag whose value the next word is; NULL: none. */
static const struct flag *awaits_value(const struct command *command, const char *word)
{
    for (unsigned i = 0; command && strncmp(word, "--", 2) == 0 && i < command->n_flags; i++)
        if (strcmp(command->flags[i].name, word + 2) == 0)
            return command->flags[i].value && !command->flags[i].optional ? &command->flags[i] : NULL;
    return NULL;
}

/* What the words before the cursor come to. */
struct typed {
    const struct command *command;
    const struct flag *flag; /* the word under the cursor is its value */
    size_t n;                /* words after the command that are no options */
    bool is_unknown;
};

static void take(const struct cli *cli, const char *word, struct typed *typed)
{
    const struct command *above = typed->command;
    bool is_value = typed->flag, is_foreign = above && above->needs & NEED_ORDER && typed->n;
    typed->flag = is_value || is_foreign ? NULL : awaits_value(above, word);
    if (is_value || (word[0] == '-' && !is_foreign))
        return;
    if (!above || above->below) {
        typed->command = command_find(above ? above->below : cli->commands, word);
        typed->is_unknown |= !typed->command && strcmp(word, "help") != 0;
    } else {
        typed->n++;
    }
}

static enum result run(struct cli *cli)
{
    struct typed before = {0};
    if (cli->n_args == 0)
        return RESULT_DONE;
    char *typed = cli->args[cli->n_args - 1];
    for (size_t i = 0; i + 1 < cli->n_args && !before.is_unknown; i++)
        take(cli, cli->args[i], &before);
    const struct command *command = before.command;
    bool is_foreign = command && command->needs & NEED_ORDER && before.n >= 1;
    if (before.is_unknown)
        return RESULT_DONE;
    if (before.flag)
        print_arguments(cli, command, before.flag->argument, typed);
    else if (typed[0] == '-' && !is_foreign)
        options_each(command, print_option, typed);
    else if (command)
        print_arguments(cli, command, argument_at(command, before.n), typed);
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
