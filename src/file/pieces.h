/* Where in the text of a file an entry stands, and which pieces of the text are to be replaced so that
 * another comes, or this one goes or has another value.
 *
 * An entry is a pair of a map or an item of a list. In a block it has its own lines; between brackets, a
 * comma. A remark above an entry stays where it is; those behind it, and those below that stand deeper, go
 * with it. Each of the functions returns false where the text is of a form that it does not know; what it
 * wrote must be read again in any case (edit.c), since YAML has more forms than anyone foresees. */
#pragma once
#include "file/node.h"

struct piece {
    size_t from, to;
    const char *with;
};

enum { PIECES_MAX = 4 };
struct pieces {
    const char *text; /* ended by NUL */
    size_t size;
    struct arena *arena;
    bool json;                     /* keys and texts are in quotes */
    struct piece list[PIECES_MAX]; /* in the order of the text */
    unsigned n;
};

/* `key` is NULL for an item of a list. In front of entry i, or behind the last one. */
bool pieces_insert(struct pieces *p, const struct node *in, size_t i, const struct node *key,
                   const struct node *value);
/* Not the only entry of a block. */
bool pieces_remove(struct pieces *p, const struct node *from, size_t i);
bool pieces_set(struct pieces *p, const struct node *map, const struct pair *pair, const struct node *value);
