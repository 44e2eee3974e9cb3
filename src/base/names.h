/* Tables of names: what a number is called, and which known word a mistaken one was meant to be. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct name {
    const char *name; /* NULL ends the table */
    int64_t value;
};

const char *names_format(const struct name *table, int64_t value);               /* NULL: not in the table */
int names_parse(const struct name *table, const char *word, int64_t *ret_value); /* 0 or -EINVAL */

/* The nearest of the candidates offered so far: start with {.word = what was written}, offer each known word,
 * and read `best`, which is NULL when none is near enough to suggest (more than a third of the letters off).
 */
struct nearest {
    const char *word;
    const char *best;
    size_t distance;
};
void nearest_offer(struct nearest *nearest, const char *candidate);
