/* The elements of a whole set: sorted by the bytes of their keys, so that equal sets are equal texts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/nft/nft.h"

struct elements {
    struct nft_element *element;
    size_t n, capacity;
};

static void elements_done(struct elements *elements)
{
    free(elements->element);
}

static struct nft_element *elements_new(struct elements *elements)
{
    if (elements->n == elements->capacity) {
        elements->capacity = elements->capacity ? 2 * elements->capacity : 16;
        elements->element = xrealloc(elements->element, elements->capacity, sizeof *elements->element);
    }
    return &elements->element[elements->n++];
}

static int by_key(const void *left, const void *right)
{
    const struct nft_element *a = left, *b = right;
    int r = memcmp(a->first, b->first, sizeof a->first);
    return r ? r : memcmp(a->last, b->last, sizeof a->last);
}

static void elements_put(const struct nft_key *key, const struct nft_key *data, struct elements *elements,
                         struct text *out)
{
    const char *before = "";
    if (elements->n)
        qsort(elements->element, elements->n, sizeof *elements->element, by_key);
    for (size_t i = 0; i < elements->n; i++) {
        if (i && by_key(&elements->element[i - 1], &elements->element[i]) == 0)
            continue;
        text_add(out, before);
        nft_element_format(key, data, &elements->element[i], out);
        before = "\n";
    }
}

int nft_elements_format(const struct nft_key *key, const struct nft_key *data, const json_t *elements,
                        struct text *out)
{
    struct elements all __attribute__((cleanup(elements_done))) = {0};
    size_t i;
    json_t *elem;
    json_array_foreach(elements, i,
                       elem) if (nft_element_read(key, data, elem, elements_new(&all)) < 0) return -EINVAL;
    elements_put(key, data, &all, out);
    return 0;
}

int nft_elements_sort(const struct nft_key *key, const struct nft_key *data, const char *lines,
                      struct text *out)
{
    struct elements all __attribute__((cleanup(elements_done))) = {0};
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        if (length && nft_element_parse(key, data, line, length, elements_new(&all)) < 0)
            return -EINVAL;
        line += length + (line[length] == '\n');
    }
    elements_put(key, data, &all, out);
    return 0;
}
