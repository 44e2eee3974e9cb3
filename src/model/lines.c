/* The difference of two texts, line by line.
 *
 * What both begin and end with is passed over by comparing bytes, so that a change of one line of 100,000
 * costs next to nothing. Of the rest, each new line is matched with the first old one of the same text that
 * no line has yet; of these pairs, the longest run that keeps the order of both stays (patience sorting). For
 * lines that are sorted, as elements are, these are all that are in both. */
#include "model/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

enum { BLOCK = 256 }; /* bytes compared at once */

struct line {
    const char *text;
    size_t length;
    const char *key;   /* the same with its end */
    struct line *same; /* old: the next of the same text */
    size_t number;     /* from 1 */
    size_t match;      /* new: the old line that it is, by number; 0: none */
};

struct lines {
    struct line *list;
    size_t n;
};

static void add(struct edits *edits, enum edit_kind kind, const char *line, size_t length)
{
    if (edits->n == edits->capacity) {
        edits->capacity = edits->capacity ? edits->capacity * 2 : 16;
        edits->list = xrealloc(edits->list, edits->capacity, sizeof *edits->list);
    }
    edits->list[edits->n++] = (struct edit){.kind = kind, .line = line, .length = length};
}

/* The length of the first line; *ret_next is where the second begins. */
static size_t first_line(const char *text, const char *end, const char **ret_next)
{
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    *ret_next = newline ? newline + 1 : end;
    return newline ? (size_t)(newline - text) : (size_t)(end - text);
}

static void add_all(struct edits *edits, enum edit_kind kind, const char *text, const char *end)
{
    for (const char *next; text < end; text = next) {
        size_t length = first_line(text, end, &next);
        add(edits, kind, text, length);
    }
}

static struct lines split(struct arena *arena, const char *text, const char *end)
{
    struct lines lines = {0};
    size_t capacity = 1;
    for (const char *c = text; c < end; c++)
        capacity += *c == '\n';
    lines.list = arena_alloc(arena, capacity * sizeof *lines.list);
    for (const char *next; text < end; text = next) {
        struct line *line = &lines.list[lines.n++];
        line->text = text;
        line->length = first_line(text, end, &next);
        line->key = arena_strndup(arena, text, line->length);
        line->number = lines.n;
    }
    return lines;
}

/* Each new line gets the old one that it could be. */
static void match(struct lines *old, struct lines *new)
{
    struct map by_text CLEANUP_MAP = {0};
    for (size_t i = old->n; i > 0; i--) {
        struct line *line = &old->list[i - 1];
        line->same = map_get(&by_text, line->key);
        if (line->same)
            map_remove(&by_text, line->key);
        map_set(&by_text, line->key, line);
    }
    for (size_t i = 0; i < new->n; i++) {
        struct line *found = map_get(&by_text, new->list[i].key);
        if (!found)
            continue;
        new->list[i].match = found->number;
        map_remove(&by_text, found->key);
        if (found->same)
            map_set(&by_text, found->same->key, found->same);
    }
}

/* Of the matches, leaves the longest run of rising numbers. */
static void keep_rising(struct arena *arena, struct lines *new)
{
    size_t *ends = arena_alloc(arena, (new->n + 1) * sizeof *ends);     /* of the best run of each length */
    size_t *before = arena_alloc(arena, (new->n + 1) * sizeof *before); /* each: its predecessor, from 1 */
    size_t longest = 0, next = 0;
    for (size_t i = 0; i < new->n; i++) {
        size_t low = 0, high = longest;
        if (!new->list[i].match)
            continue;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (new->list[ends[middle] - 1].match < new->list[i].match)
                low = middle + 1;
            else
                high = middle;
        }
        before[i] = low ? ends[low - 1] : 0;
        ends[low] = i + 1;
        longest = low == longest ? low + 1 : longest;
    }
    next = longest ? ends[longest - 1] : 0;
    for (size_t i = new->n; i > 0; i--) {
        if (i == next)
            next = before[i - 1];
        else
            new->list[i - 1].match = 0;
    }
}

static void write_down(const struct lines *old, const struct lines *new, struct edits *edits)
{
    size_t o = 0, next = 0; /* the next new line that is kept */
    for (size_t i = 0; i <= new->n; i++) {
        for (next = next < i ? i : next; next < new->n && !new->list[next].match; next++)
            ;
        for (size_t until = next < new->n ? new->list[next].match - 1 : old->n; o < until; o++)
            add(edits, EDIT_GONE, old->list[o].text, old->list[o].length);
        if (i < new->n)
            add(edits, i == next ? EDIT_KEPT : EDIT_NEW, new->list[i].text, new->list[i].length);
        o += i < new->n &&i == next;
    }
}

static bool is_begin(const char *text, size_t at)
{
    return at == 0 || text[at - 1] == '\n';
}

/* Bytes of whole lines with which both begin. */
static size_t common_begin(const char *a, const char *b, size_t shorter)
{
    size_t n = 0;
    while (n + BLOCK <= shorter && memcmp(a + n, b + n, BLOCK) == 0)
        n += BLOCK;
    while (n < shorter && a[n] == b[n])
        n++;
    while (!is_begin(a, n))
        n--;
    return n;
}

/* Bytes of whole lines before the two ends. */
static size_t common_end(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *a_end = a + a_length, *b_end = b + b_length;
    size_t n = 0, shorter = a_length < b_length ? a_length : b_length;
    while (n + BLOCK <= shorter && memcmp(a_end - n - BLOCK, b_end - n - BLOCK, BLOCK) == 0)
        n += BLOCK;
    while (n < shorter && a_end[-1 - (ptrdiff_t)n] == b_end[-1 - (ptrdiff_t)n])
        n++;
    while (n && (!is_begin(a, a_length - n) || !is_begin(b, b_length - n)))
        n--;
    return n;
}

/* What is between: of both something. */
static void compare_middles(const char *old, const char *old_end, const char *new, const char *new_end,
                            struct edits *edits)
{
    struct arena arena = {0};
    struct lines gone = split(&arena, old, old_end), come = split(&arena, new, new_end);
    match(&gone, &come);
    keep_rising(&arena, &come);
    write_down(&gone, &come, edits);
    arena_done(&arena);
}

void lines_compare(const char *old, const char *new, struct edits *ret_edits)
{
    old = old ? old : "";
    new = new ? new : "";
    size_t old_length = strlen(old), new_length = strlen(new);
    size_t begin = common_begin(old, new, old_length < new_length ? old_length : new_length);
    size_t end = common_end(old + begin, old_length - begin, new + begin, new_length - begin);
    const char *old_end = old + old_length - end, *new_end = new + new_length - end;
    ret_edits->begin = begin;
    old += begin;
    new += begin;
    if (old < old_end && new < new_end) {
        compare_middles(old, old_end, new, new_end, ret_edits);
        return;
    }
    add_all(ret_edits, EDIT_GONE, old, old_end);
    add_all(ret_edits, EDIT_NEW, new, new_end);
}

void edits_done(struct edits *edits)
{
    free(edits->list);
    *edits = (struct edits){0};
}
