/* Errors that a person reads.
 *
 * Two shapes of failure run through Plexus. Mechanics return a negative errno. What a person wrote, or what
 * the kernel refused, is in addition put into a `struct errors`, at the place where it is found: where (file,
 * line, column, the line itself), what is wrong, and what to do next. Library code never prints; the command
 * does, once, at the top. All mistakes of a file are gathered before anything is said. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

/* Where something was written. Lines and columns count from 1; line 0: no place in a file. */
struct place {
    const char *file; /* as the user named it; NULL: none */
    int line, column;
    const char *line_text; /* the line itself without its end, for the caret; may be NULL */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct error {
    enum severity severity;
    struct place place;
    const char *message; /* "unknown key `adresses` in an interface" */
    const char *hint;    /* what to do next: "did you mean `addresses`?"; may be NULL */
    struct error *next;
};

struct errors {
    struct arena arena;
    struct error *first, *last;
    size_t n_errors, n_warnings;
};

#define CLEANUP_ERRORS __attribute__((cleanup(errors_done)))

/* `place` may be NULL. The returned error can be given a hint by error_hint(). A warning is told once. */
struct error *errors_add(struct errors *errors, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct error *errors_warn(struct errors *errors, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void error_hint(struct errors *errors, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Asks whether the known word was meant; false: there is none (NULL), so another hint may be of use. */
bool error_hint_nearest(struct errors *errors, struct error *error, const char *nearest);

/* Prints all, in the order in which they were added:
 *     lab.yaml:4:5: error: unknown key `adresses` in an interface
 *       4 |     adresses: [10.0.0.1/24]
 *         |     ^
 *       did you mean `addresses`? */
void errors_print(const struct errors *errors, FILE *stream, bool color);
void errors_done(struct errors *errors);
