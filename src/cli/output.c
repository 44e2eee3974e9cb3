#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/names.h"
#include "base/text.h"
#include "model/step.h"

static const struct name result_names[] = {
    {"done", RESULT_DONE},
    {"failed", RESULT_FAILED},
    {"usage", RESULT_USAGE},
    {"unconfirmed", RESULT_UNCONFIRMED},
    {"not_found", RESULT_NOT_FOUND},
    {"not_permitted", RESULT_NOT_PERMITTED},
    {"busy", RESULT_BUSY},
    {"rolled_back", RESULT_ROLLED_BACK},
    {NULL, 0},
};

const char *output_result(enum result result)
{
    const char *name = names_format(result_names, result);
    return name ? name : "failed";
}

enum result cli_fail(struct cli *cli, enum result result, const char *format, ...)
{
    struct text message CLEANUP_TEXT = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&message, format, args);
    va_end(args);
    errors_add(&cli->errors, NULL, "%s", text_of(&message));
    return result;
}

void cli_hint(struct cli *cli, const char *format, ...)
{
    struct text hint CLEANUP_TEXT = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&hint, format, args);
    va_end(args);
    error_hint(&cli->errors, cli->errors.last, "%s", text_of(&hint));
}

bool cli_hint_nearest(struct cli *cli, const char *nearest)
{
    return error_hint_nearest(&cli->errors, cli->errors.last, nearest);
}

static json_t *error_to_json(const struct error *error, enum result result)
{
    bool is_error = error->severity == SEVERITY_ERROR;
    json_t *json = json_pack("{s:s, s:o}", "severity", is_error ? "error" : "warning", "message",
                             output_json_text(error->message));
    if (is_error)
        json_object_set_new(json, "code", json_string(output_result(result)));
    if (error->hint)
        json_object_set_new(json, "hint", output_json_text(error->hint));
    if (error->place.file)
        json_object_set_new(json, "file", output_json_text(error->place.file));
    if (error->place.line) {
        json_object_set_new(json, "line", json_integer(error->place.line));
        json_object_set_new(json, "column", json_integer(error->place.column));
    }
    return json;
}

static void print_list(const struct cli *cli, const struct errors *errors, enum result result)
{
    if (!cli->json) {
        errors_print(errors, stderr, cli->color_errors);
        return;
    }
    for (const struct error *error = errors->first; error; error = error->next) {
        json_t *json = error_to_json(error, result);
        json_dumpf(json, stderr, JSON_COMPACT);
        fputc('\n', stderr);
        json_decref(json);
    }
}

int output_flush(void)
{
    static int failed;
    bool is_bad = fflush(stdout) < 0;
    if (!failed && (is_bad || ferror(stdout)))
        failed = is_bad ? errno : EIO;
    return failed;
}

void output_errors(struct cli *cli, enum result result)
{
    output_flush();
    print_list(cli, &cli->errors, result);
    errors_done(&cli->errors);
    if (cli->session)
        print_list(cli, &cli->session->errors, result);
}

bool output_is_talking(const struct cli *cli)
{
    return !cli->json && !cli->quiet;
}

const char *output_color(const struct cli *cli, enum color color)
{
    static const char *const escapes[COLOR_MAX] = {
        [COLOR_ADD] = "\033[32m", [COLOR_CHANGE] = "\033[33m", [COLOR_DELETE] = "\033[31m",
        [COLOR_DIM] = "\033[2m",  [COLOR_STRONG] = "\033[1m",  [COLOR_OFF] = "\033[0m",
    };
    return cli->color ? escapes[color] : "";
}

__attribute__((format(printf, 3, 0))) static void say(const struct cli *cli, enum color color,
                                                      const char *format, va_list args)
{
    struct text line CLEANUP_TEXT = {0}, shown CLEANUP_TEXT = {0};
    const char *on = color == COLOR_OFF ? "" : output_color(cli, color);
    text_vprintf(&line, format, args);
    text_add_shown(&shown, text_of(&line));
    printf("%s%s%s\n", on, text_of(&shown), *on ? output_color(cli, COLOR_OFF) : "");
}

void output_say(const struct cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (output_is_talking(cli))
        say(cli, COLOR_OFF, format, args);
    va_end(args);
}

void output_say_in(const struct cli *cli, enum color color, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (output_is_talking(cli))
        say(cli, color, format, args);
    va_end(args);
}

void output_step(const struct step *step, struct text *out)
{
    struct text line CLEANUP_TEXT = {0};
    step_describe(step, &line);
    text_add_shown(out, text_of(&line));
}

static void print_and_free(json_t *json, size_t flags)
{
    json_dumpf(json, stdout, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(json);
}

void output_json(json_t *json)
{
    print_and_free(json, isatty(STDOUT_FILENO) ? JSON_INDENT(2) : JSON_COMPACT);
}

void output_json_line(json_t *json)
{
    print_and_free(json, JSON_COMPACT);
}

/* JSON knows one encoding: what is no UTF-8 (the name of a link that someone else made) loses the bytes that
 * are none. */
json_t *output_json_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *json = json_string(text);
    if (json)
        return json;
    struct text clean CLEANUP_TEXT = {0};
    for (; *text; text++)
        text_add_n(&clean, (unsigned char)*text < 0x80 ? text : "?", 1);
    return json_string(text_of(&clean));
}

json_t *output_json_time(time_t time)
{
    char buffer[TIME_TEXT_SIZE], zone[8];
    struct tm tm;
    if (time == 0 || !localtime_r(&time, &tm))
        return json_null();
    strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(zone, sizeof zone, "%z", &tm); /* +0100; RFC 3339 wants a colon */
    return json_sprintf("%s%.3s:%s", buffer, zone, zone + 3);
}

struct libscols_table *table_new(const struct cli *cli, const char *const *headings)
{
    struct libscols_table *table = scols_new_table();
    scols_table_enable_colors(table, cli->color);
    scols_table_enable_noencoding(table, 1); /* table_add() has its own */
    for (; *headings; headings++) {
        size_t length = strcspn(*headings, "|");
        char *heading = strndup(*headings, length);
        scols_table_new_column(table, heading, 0, (*headings)[length] ? SCOLS_FL_TREE : 0);
        free(heading);
    }
    return table;
}

struct libscols_line *table_add(struct libscols_table *table, struct libscols_line *parent,
                                const char *const *cells)
{
    struct libscols_line *line = scols_table_new_line(table, parent);
    for (size_t i = 0; line && i < scols_table_get_ncols(table); i++) {
        struct text cell CLEANUP_TEXT = {0};
        text_add_shown(&cell, cells[i] ? cells[i] : "");
        scols_line_set_data(line, i, text_of(&cell));
    }
    return line;
}

static bool is_column_empty(struct libscols_table *table, size_t column)
{
    struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
    struct libscols_line *line;
    bool is_empty = true;
    while (is_empty && scols_table_next_line(table, iter, &line) == 0) {
        const char *data = scols_line_get_column_data(line, scols_table_get_column(table, column));
        is_empty = !data || !*data;
    }
    scols_free_iter(iter);
    return is_empty;
}

/* Padding at the end of a line helps nobody who copies it. */
static void print_trimmed(char *text)
{
    for (char *line = text, *next; *line; line = next) {
        char *end = line + strcspn(line, "\n");
        next = *end ? end + 1 : end;
        while (end > line && end[-1] == ' ')
            end--;
        printf("%.*s\n", (int)(end - line), line);
    }
}

void table_print(struct libscols_table *table)
{
    char *text = NULL;
    for (size_t i = 0; i < scols_table_get_ncols(table); i++)
        if (is_column_empty(table, i))
            scols_column_set_flags(scols_table_get_column(table, i), SCOLS_FL_HIDDEN);
    if (scols_table_get_nlines(table) && scols_print_table_to_string(table, &text) == 0)
        print_trimmed(text);
    free(text);
    scols_unref_table(table);
}

const char *output_time(time_t time, char buffer[TIME_TEXT_SIZE])
{
    struct tm tm;
    if (time == 0 || !localtime_r(&time, &tm) || !strftime(buffer, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm))
        return "";
    return buffer;
}
