#include "base/error.h"

#include <stdlib.h>
#include <string.h>

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

enum { LINE_SHOWN = 120 }; /* characters of the offending line that fit a terminal */

/* Writes the line and a caret below its column; of a long line the part around it. A tab counts as one column
 * and is shown as one space, as are control characters, so that the caret stands where it should and the
 * terminal is left alone. */
static void print_line(const struct place *place, FILE *stream)
{
    size_t length = strlen(place->line_text), column = place->column > 0 ? (size_t)place->column - 1 : 0;
    size_t start = column > LINE_SHOWN * 3 / 4 && column <= length ? column - LINE_SHOWN / 2 : 0;
    size_t shown = strnlen(place->line_text + start, LINE_SHOWN);
    const char *dots = start ? "..." : "";

    fprintf(stream, "%6d | %s", place->line, dots);
    for (size_t i = start; i < start + shown; i++) {
        unsigned char c = (unsigned char)place->line_text[i];
        fputc(c < 0x20 || c == 0x7f ? ' ' : c, stream);
    }
    if (place->column > 0 && column <= length)
        fprintf(stream, "\n       | %*s^", (int)(column - start + strlen(dots)), "");
    fputc('\n', stream);
}

static void print_one(const struct error *error, FILE *stream, bool color)
{
    bool is_error = error->severity == SEVERITY_ERROR;
    const char *on = !color ? "" : is_error ? "\033[1;31m" : "\033[1;33m";

    if (error->place.file && error->place.line)
        fprintf(stream, "%s:%d:%d: ", error->place.file, error->place.line, error->place.column);
    else if (error->place.file)
        fprintf(stream, "%s: ", error->place.file);
    else
        fputs("plexus: ", stream);
    fprintf(stream, "%s%s:%s %s\n", on, is_error ? "error" : "warning", color ? "\033[0m" : "",
            error->message);
    if (error->place.line && error->place.line_text)
        print_line(&error->place, stream);
    if (error->hint)
        fprintf(stream, "       %s\n", error->hint);
}

void errors_print(const struct errors *errors, FILE *stream, bool color)
{
    for (const struct error *error = errors->first; error; error = error->next)
        print_one(error, stream, color);
}

void errors_done(struct errors *errors)
{
    arena_done(&errors->arena);
    *errors = (struct errors){0};
}
