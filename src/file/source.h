/* The text of one YAML file: lines and places, what bytes it may have, and the form in which the parser gets
 * it. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

enum { SOURCE_LINE_MAX = 64 * 1024 };

struct source {
    const char *file;
    const char *data; /* as written */
    size_t size;
    struct arena *arena;
    size_t *starts; /* where lines begin in `data`; NULL: no place was asked for yet */
    size_t n_lines;

    const char *parsed; /* `data`, or with line breaks put in: see source_init() */
    size_t parsed_size;
    size_t *breaks; /* where they are in `parsed` */
    size_t n_breaks;

    struct { /* the last place that was asked for: the next is mostly just behind it */
        size_t at, line;
        int column;
        const char *text; /* of the line */
    } last;
};

/* Refuses what is not UTF-8 text, with an error. The name is copied into the arena,
 * and the lines of places that are asked for; the data is not, and must stay as long as places are asked
 * for. libfyaml holds a line in memory at up to 400 times its size, since any of it may turn out to be a
 * key; so lines are limited, and a text that begins with a bracket, as JSON does, gets breaks where they
 * mean nothing. */
int source_init(struct source *source, const char *file, const char *data, size_t size, struct arena *arena,
                struct errors *errors);

/* Bytes and places of positions in `parsed`, which are what the parser knows; and of its own lines and
 * columns, from 1. */
size_t source_byte(const struct source *source, size_t position); /* of `data` */
struct place source_place(struct source *source, size_t position);
struct place source_place_of(struct source *source, int line, int column);

/* Whether the text stands `skip` bytes behind the last place that was asked for. */
bool source_continues(const struct source *source, size_t skip, const char *text);

/* Where in its line a place is; NULL: nowhere. */
const char *place_in_line(const struct place *place);
