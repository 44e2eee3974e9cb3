/* JSON text (RFC 8259), read piece by piece by somebody who knows what must come.
 *
 * No tree is made: a record of a thousand namespaces as one would cost more time and memory than all that is
 * done with it. Texts are unescaped where they stand, so the text that is read is spent by it, and what is
 * returned lives as long as that text.
 *
 * The first thing that is not as it must be makes the whole damaged: from then on nothing more is found, and
 * whoever reads needs to ask only once, at the end. What Plexus never writes is damage too: fractions, null,
 * the character U+0000, a member that is given twice where the members are known. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"

struct pull {
    char *at, *end;
    bool first; /* a bracket was just opened: no comma yet */
    bool damaged;
};

struct pull pull_of(char *text, size_t size); /* text[size] must be NUL */
bool pull_is_whole(struct pull *pull);        /* nothing was damaged, and nothing but space is left */
void pull_refuse(struct pull *pull);          /* what was read makes no sense: it is damaged */

char pull_next(
    struct pull *pull); /* the first character of what comes: a quote, bracket, digit ...; 0: nothing */

/* Between pull_open() and the false (or -1) of the others, each member or item must be read. `bracket` is '{'
 * or '['. pull_member_of() takes only the members of the table, whose numbers are below 32, and notes them in
 * *seen. */
void pull_open(struct pull *pull, char bracket);
bool pull_item(struct pull *pull);                         /* whether a list goes on */
bool pull_member(struct pull *pull, const char **ret_key); /* the next member of an object */
int pull_member_of(struct pull *pull, const struct name *members, unsigned *seen); /* its number, or -1 */

/* NULL, 0 or false where it is damaged. */
const char *pull_text(struct pull *pull);
int64_t pull_integer(struct pull *pull, int64_t min, int64_t max);
bool pull_bool(struct pull *pull);
