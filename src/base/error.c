#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

__attribute__((format(printf, 4, 0))) static struct error *append(struct errors *errors,
                                                                  enum severity severity,
                                                                  const struct place *place,
                                                                  const char *format, va_list args)
{
    struct error *error = arena_alloc(&errors->arena, sizeof *error);
    error->severity = severity;
    error->message = arena_vprintf(&errors->arena, format, args);
    if (place) {
        error->place = *place;
        error->place.file = arena_strdup(&errors->arena, place->file);
        error->place.line_text = arena_strdup(&errors->arena, place->line_text);
    }
    if (errors->last)
        errors->last->next = error;
    else
        errors->first = error;
    errors->last = error;
    if (severity == SEVERITY_ERROR)
        errors->n_errors++;
    else
        errors->n_warnings++;
    return error;
}

struct error *errors_add(struct errors *errors, const struct place *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct error *error = append(errors, SEVERITY_ERROR, place, format, args);
    va_end(args);
    return error;
}

static bool is_same(const struct error *a, const struct error *b)
{
    return a->severity == b->severity && a->place.line == b->place.line &&
           a->place.column == b->place.column && strcmp(a->message, b->message) == 0;
}

/* A plan that is made twice has the same to tell, once. */
struct error *errors_warn(struct errors *errors, const struct place *place, const char *format, ...)
{
    struct error *before = errors->last;
    va_list args;
    va_start(args, format);
    struct error *error = append(errors, SEVERITY_WARNING, place, format, args);
    va_end(args);
    for (struct error *told = errors->first; told != error; told = told->next) {
        if (!is_same(told, error))
            continue;
        before->next = NULL;
        errors->last = before;
        errors->n_warnings--;
        return told;
    }
    return error;
}

void error_hint(struct errors *errors, struct error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error->hint = arena_vprintf(&errors->arena, format, args);
    va_end(args);
}

static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += starts_character(*text);
    return n;
}

/* Where in the line the column begins; its end, when it has none such. */
static const char *find_column(const char *line, int column)
{
    for (; *line; line++)
        if (starts_character(*line) && --column <= 0)
            break;
    return line;
}

enum { LINE_SHOWN = 120 }; /* bytes of the offending line that fit a terminal */

static const char *to_character(const char *at)
{
    while (!starts_character(*at))
        at++;
    return at;
}

/* A tab counts as one column, and is shown as one space. */
static void add_part(struct text *out, const char *from, const char *to)
{
    for (const char *tab; (tab = memchr(from, '\t', (size_t)(to - from))); from = tab + 1) {
        text_add_shown_n(out, from, (size_t)(tab - from));
        text_add(out, " ");
    }
    text_add_shown_n(out, from, (size_t)(to - from));
}

/* Writes the line and a caret below its column; of a long line the part around it. */
static void print_line(const struct place *place, FILE *stream)
{
    struct text shown CLEANUP_TEXT = {0};
    const char *line = place->line_text, *at = find_column(line, place->column);
    const char *start = at - line > LINE_SHOWN * 3 / 4 ? to_character(at - LINE_SHOWN / 2) : line;
    text_add(&shown, start > line ? "..." : "");
    add_part(&shown, start, at);
    size_t before = count_characters(text_of(&shown));
    add_part(&shown, at, to_character(at + strnlen(at, (size_t)(LINE_SHOWN - (at - start)))));
    fprintf(stream, "%6d | %s", place->line, text_of(&shown));
    if (place->column > 0)
        fprintf(stream, "\n       | %*s^", (int)before, "");
    fputc('\n', stream);
}

static void print_place(const struct place *place, FILE *stream)
{
    struct text file CLEANUP_TEXT = {0};
    text_add_shown(&file, place->file ? place->file : "plexus");
    if (place->file && place->line)
        fprintf(stream, "%s:%d:%d: ", text_of(&file), place->line, place->column);
    else
        fprintf(stream, "%s: ", text_of(&file));
}

static void print_one(const struct error *error, FILE *stream, bool color)
{
    bool is_error = error->severity == SEVERITY_ERROR;
    const char *on = !color ? "" : is_error ? "\033[1;31m" : "\033[1;33m";
    struct text message CLEANUP_TEXT = {0}, hint CLEANUP_TEXT = {0};

    print_place(&error->place, stream);
    text_add_shown(&message, error->message);
    fprintf(stream, "%s%s:%s %s\n", on, is_error ? "error" : "warning", color ? "\033[0m" : "",
            text_of(&message));
    if (error->place.line && error->place.line_text)
        print_line(&error->place, stream);
    if (error->hint) {
        text_add_shown(&hint, error->hint);
        fprintf(stream, "       %s\n", text_of(&hint));
    }
}

void errors_print(const struct errors *errors, FILE *stream, bool color)
{
    for (const struct error *error = errors->first; error; error = error->next)
        print_one(error, stream, color);
}

bool error_hint_nearest(struct errors *errors, struct error *error, const char *nearest)
{
    if (nearest)
        error_hint(errors, error, "did you mean `%s`?", nearest);
    return nearest;
}

void errors_done(struct errors *errors)
{
    arena_done(&errors->arena);
    *errors = (struct errors){0};
}
