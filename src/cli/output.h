/* What a person or a program reads: errors, messages, tables, JSON.
 *
 * The answer of a command goes to standard output, everything else to standard error. With --json the answer
 * is JSON and nothing else is said; errors are then objects, one a line. */
#pragma once
#include <jansson.h>
#include <libsmartcols/libsmartcols.h>
#include <time.h>

#include "base/text.h"
#include "cli/command.h"

/* Notes why the command ends, and returns `result`, so that it can be said in one line. */
enum result cli_fail(struct cli *cli, enum result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void cli_hint(struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));                   /* for the last error */
bool cli_hint_nearest(struct cli *cli, const char *nearest); /* see error_hint_nearest() */

/* What this exit code is called in JSON: "rolled_back". */
const char *output_result(enum result result);

/* Prints the errors of the command and of its session, and forgets those of the command. */
void output_errors(struct cli *cli, enum result result);

/* Writes out what was said so far. The errno of the first time that this failed, or 0. */
int output_flush(void);

/* Whether people read the answer: neither --json nor --quiet. */
bool output_is_talking(const struct cli *cli);

/* A line of an answer for people: nothing with --json or --quiet. The newline is added. */
void output_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum color { COLOR_ADD, COLOR_CHANGE, COLOR_DELETE, COLOR_DIM, COLOR_STRONG, COLOR_OFF, COLOR_MAX };
const char *output_color(const struct cli *cli, enum color color); /* an escape sequence, or "" */
void output_say_in(const struct cli *cli, enum color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct step;
void output_step(const struct step *step, struct text *out); /* in words for people; without a newline */

/* Prints and frees. A stream is one object a line; anything else is indented where a person reads it. */
void output_json(json_t *json);
void output_json_line(json_t *json);
json_t *output_json_text(const char *text); /* NULL: null */
json_t *output_json_time(time_t time);      /* "2026-11-22T21:22:00+01:00"; 0: null */

/* Tables. Headings end with NULL; one that ends in "|" is the tree. Cells come in the same order, NULL being
 * empty. */
struct libscols_table *table_new(const struct cli *cli, const char *const *headings);
struct libscols_line *table_add(struct libscols_table *table, struct libscols_line *parent,
                                const char *const *cells);
void table_print(
    struct libscols_table *table); /* without empty columns, nothing if there are no lines; and frees it */

enum { TIME_TEXT_SIZE = 32 };
const char *output_time(time_t time,
                        char buffer[TIME_TEXT_SIZE]); /* "2026-11-22 21:22:00" in local time; 0: "" */
