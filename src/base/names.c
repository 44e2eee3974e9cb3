#include "base/names.h"

#include <errno.h>
#include <string.h>

const char *names_format(const struct name *table, int64_t value)
{
    for (; table->name; table++)
        if (table->value == value)
            return table->name;
    return NULL;
}

int names_parse(const struct name *table, const char *word, int64_t *ret_value)
{
    for (; table->name; table++)
        if (strcmp(table->name, word) == 0) {
            *ret_value = table->value;
            return 0;
        }
    return -EINVAL;
}

enum { WORD_MAX = 40 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Optimal string alignment: insertions, deletions, replacements and swaps of two neighbours, each costing
 * one. */
static size_t distance_between(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1], la = strlen(a), lb = strlen(b);
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
    }
    return rows[la % 3][lb];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t written = strlen(nearest->word), length = strlen(candidate);
    if (written > WORD_MAX || length > WORD_MAX)
        return;
    size_t distance = distance_between(nearest->word, candidate);
    size_t limit = (written > length ? written : length) / 3;
    if (distance > (limit ? limit : 1) || distance >= length ||
        (nearest->best && distance >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}
