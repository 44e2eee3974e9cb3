/* Texts of lines, as the rules of a chain and the elements of a set are kept: what differs between two. Lines
 * are separated by newlines; the last has none. No lines are the empty text. */
#pragma once
#include <stddef.h>

enum edit_kind { EDIT_KEPT, EDIT_GONE, EDIT_NEW };

/* A line of one of the texts or of both, without its newline. */
struct edit {
    enum edit_kind kind;
    const char *line; /* in the text */
    size_t length;
};

/* From the old text to the new one. Texts are long and changes small: the lines that both begin or end with
 * are not listed. Those between stand in their order, what goes before what comes. */
struct edits {
    size_t begin; /* bytes of the lines that both begin with */
    struct edit *list;
    size_t n, capacity;
};

#define CLEANUP_EDITS __attribute__((cleanup(edits_done)))

/* Either may be NULL: no lines. As many lines as can be are kept. */
void lines_compare(const char *old, const char *new, struct edits *ret_edits);
void edits_done(struct edits *edits);
