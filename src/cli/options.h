/* The words of the command line, read by the tables of flags, and --help written from the same tables. */
#pragma once
#include <stdio.h>

#include "cli/command.h"

/* Finds the command: the first word from argv[first] that is no option. NULL, and *ret_index untouched: there
 * is none. */
const char *options_find_command(int argc, char **argv, int first, int *ret_index);

/* Reads all words but argv[0] and argv[skip] (0: all) into `cli`. `cli->command` may be NULL: then only the
 * options that all commands have are known. RESULT_DONE, or RESULT_USAGE with an entry in cli->errors. */
enum result options_read(struct cli *cli, int argc, char **argv, int skip);

/* Whether the number of words is right for the command; asked for after --help was looked for. */
enum result options_check(struct cli *cli);

/* The value of a flag as a number; `if_unset` where it was not given or has no value. */
enum result options_number(struct cli *cli, unsigned flag, long min, long max, long if_unset,
                           long *ret_number);
bool options_is_number(const char *word); /* digits, and nothing else; NULL is none */

void options_help(const struct command *command, FILE *stream);
void options_help_all(const struct command *const *commands, FILE *stream);

/* Calls `each` with every long option that the command (or NULL) takes. */
void options_each(const struct command *command,
                  void (*each)(const char *name, const char *help, void *userdata), void *userdata);
/* Hidden ones too; or NULL. What it is called where it stands: "create" of "network create". */
const struct command *command_find(const struct command *const *commands, const char *name);
const char *command_word(const struct command *command);
