#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "cli/output.h"

/* What every command takes. */
enum global { GLOBAL_JSON, GLOBAL_QUIET, GLOBAL_NO_COLOR, GLOBAL_HELP, GLOBAL_VERSION, GLOBAL_MAX };

static const struct {
    const char *name;
    char letter;
    const char *help;
} globals[GLOBAL_MAX] = {
    [GLOBAL_JSON] = {"json", 'j', "answer in JSON; errors too, one object a line"},
    [GLOBAL_QUIET] = {"quiet", 'q', "say nothing but errors and warnings"},
    [GLOBAL_NO_COLOR] = {"no-color", 0, "no colors (also: NO_COLOR in the environment)"},
    [GLOBAL_HELP] = {"help", 'h', "this text"},
    [GLOBAL_VERSION] = {"version", 'V', "the version of Plexus"},
};

/* What getopt_long() returns for them: past all letters. */
enum { CODE_GLOBAL = 1000, CODE_FLAG = 2000 };

static void set_global(struct cli *cli, enum global global)
{
    switch (global) {
    case GLOBAL_JSON:
        cli->json = true;
        break;
    case GLOBAL_QUIET:
        cli->quiet = true;
        break;
    case GLOBAL_NO_COLOR:
        cli->color = cli->color_errors = false;
        break;
    case GLOBAL_HELP:
        cli->help = true;
        break;
    case GLOBAL_VERSION:
        cli->version = true;
        break;
    case GLOBAL_MAX:
        break;
    }
}

static unsigned count_flags(const struct command *command)
{
    return command ? command->n_flags : 0;
}

static void fill_options(const struct command *command, struct option *options)
{
    for (int i = 0; i < GLOBAL_MAX; i++)
        *options++ = (struct option){globals[i].name, no_argument, NULL, CODE_GLOBAL + i};
    for (unsigned i = 0; i < count_flags(command); i++) {
        const struct flag *flag = &command->flags[i];
        int argument = !flag->value ? no_argument : flag->optional ? optional_argument : required_argument;
        *options++ = (struct option){flag->name, argument, NULL, CODE_FLAG + (int)i};
    }
    *options = (struct option){0};
}

static void offer_option(const char *name, const char *help, void *userdata)
{
    (void)help;
    nearest_offer(userdata, name);
}

static char letter_of(const struct command *command, unsigned flag)
{
    return command->letters ? command->letters[flag] : '\0';
}

/* As getopt_long() takes them. */
static const char *letters_of(struct cli *cli)
{
    struct text letters CLEANUP_TEXT = {0};
    text_add(&letters, cli->command && cli->command->needs & NEED_ORDER ? "+:" : ":");
    for (int i = 0; i < GLOBAL_MAX; i++)
        if (globals[i].letter)
            text_printf(&letters, "%c", globals[i].letter);
    for (unsigned i = 0; i < count_flags(cli->command); i++)
        if (letter_of(cli->command, i))
            text_printf(&letters, "%c%s", letter_of(cli->command, i),
                        cli->command->flags[i].value ? ":" : "");
    return arena_strdup(&cli->arena, text_of(&letters));
}

/* Options of programs that have a command of the name, and what they are here. */
static const struct {
    const char *command, *letters, *name, *hint;
} theirs[] = {
    {"run", "", "rm", "it is always so: what is in the network ends with the program"},
    {"run", "d", "detach", "it stays with the program: put `&` behind it, or start it by systemd-run"},
    {"run", "it", "interactive", "the program has the terminal of this command"},
    {"run", "", "tty", "the program has the terminal of this command"},
    {"run", "v", "volume", "the program sees the files of the host"},
    {"run", "u", "user", "put setpriv(1) or su(1) before the program"},
    {"run", "", "net", "say `--network NETWORK`"},
    {"run", "P", "publish-all", "say each port: `--publish 8080:80`"},
    {"network create", "", "internal", "say `--mode isolated`"},
    {"network create", "d", "driver", "it is a bridge; `--mode` says how it leads to the outside"},
    {"network create", "o", "opt", "`--bridge`, `--mtu` and `--isolated` are options of their own"},
    {"network create", "", "ip-range", "`--dhcp` gives addresses away; which, a file says"},
    {"network create", "", "attachable", "every network is"},
    {"network ls", "f", "filter", "say `--json`, and let jq(1) choose"},
    {"network ls", "", "format", "say `--json`, and let jq(1) choose"},
    {"network inspect", "f", "format", "say `--json`, and let jq(1) choose"},
    {"network disconnect", "f", "force", "it is not needed: nobody is asked"},
};

/* `name`: a long one, or one letter. */
static const char *hint_for(const struct command *command, const char *name)
{
    for (size_t i = 0; command && i < COUNT(theirs); i++)
        if (strcmp(theirs[i].command, command->name) == 0 &&
            (strcmp(theirs[i].name, name) == 0 || (!name[1] && strchr(theirs[i].letters, name[0]))))
            return theirs[i].hint;
    return NULL;
}

static enum result refuse_unknown(struct cli *cli, const char *word)
{
    const char *name = arena_strndup(&cli->arena, word, strcspn(word, "="));
    struct nearest nearest = {.word = name + strspn(name, "-")};
    options_each(cli->command, offer_option, &nearest);
    const char *hint = hint_for(cli->command, nearest.word);
    cli_fail(cli, RESULT_USAGE, "unknown option `%s`", name);
    if (hint)
        cli_hint(cli, "%s", hint);
    else if (nearest.best)
        cli_hint(cli, "did you mean `--%s`?", nearest.best);
    else if (cli->command)
        cli_hint(cli, "plexus %s --help shows all", cli->command->name);
    return RESULT_USAGE;
}

static enum result refuse_letter(struct cli *cli, int letter)
{
    const char *hint = hint_for(cli->command, (char[]){(char)letter, '\0'});
    cli_fail(cli, RESULT_USAGE, "unknown option `-%c`", letter);
    if (hint)
        cli_hint(cli, "%s", hint);
    else if (cli->command)
        cli_hint(cli, "plexus %s --help shows all", cli->command->name);
    return RESULT_USAGE;
}

/* What getopt_long() did not like: `word`, or a letter in it. */
static enum result refuse_option(struct cli *cli, const char *word, bool lacks_value)
{
    if (!lacks_value && !optopt)
        return refuse_unknown(cli, word);
    if (lacks_value)
        cli_fail(cli, RESULT_USAGE, "option `%s` needs a value", word);
    else if (optopt >= CODE_FLAG && cli->command)
        cli_fail(cli, RESULT_USAGE, "option `--%s` takes no value",
                 cli->command->flags[optopt - CODE_FLAG].name);
    else if (optopt >= CODE_GLOBAL && optopt < CODE_GLOBAL + GLOBAL_MAX)
        cli_fail(cli, RESULT_USAGE, "option `--%s` takes no value", globals[optopt - CODE_GLOBAL].name);
    else
        return refuse_letter(cli, optopt);
    if (cli->command)
        cli_hint(cli, "plexus %s --help shows all", cli->command->name);
    return RESULT_USAGE;
}

bool options_is_number(const char *word)
{
    return word && *word && word[strspn(word, "0123456789")] == '\0';
}

static void add_value(struct cli *cli, unsigned i, const char *value)
{
    size_t n = 0;
    while (cli->lists[i] && cli->lists[i][n])
        n++;
    const char **list = arena_alloc(&cli->arena, (n + 2) * sizeof *list);
    for (size_t k = 0; k < n; k++)
        list[k] = cli->lists[i][k];
    list[n] = value;
    cli->lists[i] = list;
}

static void set_flag(struct cli *cli, unsigned i, char **words)
{
    cli->given[i] = true;
    cli->values[i] = optarg;
    if (!optarg && cli->command->flags[i].optional && options_is_number(words[optind]))
        cli->values[i] = words[optind++];
    if (cli->values[i])
        add_value(cli, i, cli->values[i]);
}

static void set_letter(struct cli *cli, int letter, char **words)
{
    for (int i = 0; i < GLOBAL_MAX; i++)
        if (letter == globals[i].letter)
            set_global(cli, (enum global)i);
    for (unsigned i = 0; i < count_flags(cli->command); i++)
        if (letter == letter_of(cli->command, i))
            set_flag(cli, i, words);
}

/* Goes on after a mistake: all are told at once, and a --json behind one still counts. */
static enum result read_words(struct cli *cli, int n, char **words)
{
    enum result result = RESULT_DONE;
    struct option options[GLOBAL_MAX + FLAGS_MAX + 1];
    fill_options(cli->command, options);
    const char *letters = letters_of(cli);
    opterr = 0;
    optind = 0; /* glibc: begin anew, with these letters */
    for (int c; (c = getopt_long(n, words, letters, options, NULL)) != -1;) {
        if (c == '?' || c == ':')
            result = refuse_option(cli, words[optind - 1], c == ':');
        else if (c >= CODE_FLAG && cli->command)
            set_flag(cli, (unsigned)(c - CODE_FLAG), words);
        else if (c >= CODE_GLOBAL)
            set_global(cli, (enum global)(c - CODE_GLOBAL));
        else
            set_letter(cli, c, words);
    }
    cli->args = words + optind;
    cli->n_args = (size_t)(n - optind);
    return result;
}

const char *options_find_command(int argc, char **argv, int first, int *ret_index)
{
    for (int i = first; i < argc; i++)
        if (argv[i][0] != '-') {
            *ret_index = i;
            return argv[i];
        }
    return NULL;
}

enum result options_read(struct cli *cli, int argc, char **argv, int skip)
{
    char **words = arena_alloc(&cli->arena, ((size_t)argc + 1) * sizeof *words);
    int n = 0;
    for (int i = 0; i < argc; i++)
        if (i == 0 || i != skip)
            words[n++] = argv[i];
    if (!cli->command || !(cli->command->needs & NEED_RAW))
        return read_words(cli, n, words);
    cli->args = words + 1;
    cli->n_args = (size_t)n - 1;
    return RESULT_DONE;
}

enum result options_check(struct cli *cli)
{
    const struct command *command = cli->command;
    if (cli->n_args >= command->min_args && cli->n_args <= command->max_args)
        return RESULT_DONE;
    if (cli->n_args < command->min_args)
        cli_fail(cli, RESULT_USAGE, "%s: something is missing: %s", command->name, command->usage);
    else
        cli_fail(cli, RESULT_USAGE, "%s: one word too many: `%s`", command->name,
                 cli->args[command->max_args]);
    cli_hint(cli, "usage: plexus %s [OPTION...]%s%s", command->name, *command->usage ? " " : "",
             command->usage);
    return RESULT_USAGE;
}

enum result options_number(struct cli *cli, unsigned flag, long min, long max, long if_unset,
                           long *ret_number)
{
    const char *value = cli->values[flag];
    errno = 0;
    long number = value ? strtol(value, NULL, 10) : if_unset;
    if (value && (!options_is_number(value) || errno || number < min || number > max))
        return cli_fail(cli, RESULT_USAGE, "--%s: a number from %ld to %ld was expected, not `%s`",
                        cli->command->flags[flag].name, min, max, value);
    *ret_number = number;
    return RESULT_DONE;
}

enum { HELP_COLUMN = 22 };

static void help_line(FILE *stream, char letter, const char *name, const struct flag *flag, const char *help)
{
    char left[64], value[32] = "";
    if (flag && flag->value)
        snprintf(value, sizeof value, "%s=%s%s", flag->optional ? "[" : "", flag->value,
                 flag->optional ? "]" : "");
    snprintf(left, sizeof left, "%c%c%c --%s%s", letter ? '-' : ' ', letter ? letter : ' ',
             letter ? ',' : ' ', name, value);
    fprintf(stream, "  %-*s  %s\n", HELP_COLUMN, left, help);
}

static void help_globals(FILE *stream)
{
    fputs("\nOptions of every command:\n", stream);
    for (int i = 0; i < GLOBAL_MAX; i++)
        help_line(stream, globals[i].letter, globals[i].name, NULL, globals[i].help);
}

void options_help(const struct command *command, FILE *stream)
{
    fprintf(stream, "Usage: plexus %s [OPTION...]%s%s\n\n%s.\n", command->name, *command->usage ? " " : "",
            command->usage, command->summary);
    if (command->details)
        fprintf(stream, "%s\n", command->details);
    if (command->below)
        fputs("\nCommands:\n", stream);
    for (const struct command *const *below = command->below; below && *below; below++)
        fprintf(stream, "  %-10s  %s\n", command_word(*below), (*below)->summary);
    if (command->n_flags)
        fputs("\nOptions:\n", stream);
    for (unsigned i = 0; i < command->n_flags; i++)
        help_line(stream, letter_of(command, i), command->flags[i].name, &command->flags[i],
                  command->flags[i].help);
    help_globals(stream);
    if (!(command->needs & NEED_HIDING))
        fprintf(stream, "\nMore: man plexus-%.*s\n", (int)strcspn(command->name, " "), command->name);
}

void options_help_all(const struct command *const *commands, FILE *stream)
{
    fputs("Usage: plexus COMMAND [OPTION...] [ARGUMENT...]\n\nThe virtual network of this host, from one "
          "file.\n\nCommands:\n",
          stream);
    for (; *commands; commands++)
        if (!((*commands)->needs & NEED_HIDING))
            fprintf(stream, "  %-10s  %s\n", (*commands)->name, (*commands)->summary);
    help_globals(stream);
    fputs("\nMore: plexus COMMAND --help, man plexus\n", stream);
}

void options_each(const struct command *command,
                  void (*each)(const char *name, const char *help, void *userdata), void *userdata)
{
    for (unsigned i = 0; i < count_flags(command); i++)
        each(command->flags[i].name, command->flags[i].help, userdata);
    for (int i = 0; i < GLOBAL_MAX; i++)
        each(globals[i].name, globals[i].help, userdata);
}

const char *command_word(const struct command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

const struct command *command_find(const struct command *const *commands, const char *name)
{
    while (*commands && strcmp(command_word(*commands), name) != 0)
        commands++;
    if (*commands && (*commands)->prepare)
        (*commands)->prepare();
    return *commands;
}
