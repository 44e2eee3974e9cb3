/* Feeds bytes as a record and as a journal: whatever stands below /run/plexus, however damaged, is either
 * refused or read into objects that can be written out and read again with the same result: all of the
 * record, and every value of every object. */
#include <stdint.h>
#include <stdlib.h>

#include "apply/record.c" // NOLINT(bugprone-suspicious-include): its journal_parse() is static

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_object_equal(const struct object *a, const struct object *b)
{
    if (a->class != b->class || a->kind != b->kind || a->flags != b->flags || strcmp(a->id, b->id) != 0 ||
        !is_text_equal(a->owner, b->owner))
        return false;
    for (unsigned i = 0; i < object_n_options(a); i++)
        if (!value_equal(&a->values[i], &b->values[i]))
            return false;
    return true;
}

static bool is_model_equal(const struct model *a, const struct model *b)
{
    if (a->n_objects != b->n_objects)
        return false;
    for (size_t i = 0; i < a->n_objects; i++)
        if (!is_object_equal(a->objects[i], b->objects[i]))
            return false;
    return true;
}

/* A copy, since reading spends it; its end is the end of the memory. */
static char *copied_bytes(const void *data, size_t size)
{
    char *copy = xrealloc(NULL, size + 1, 1);
    memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

static int read_record(const void *data, size_t size, struct record *ret_record)
{
    char *text CLEANUP_FREE = copied_bytes(data, size);
    struct pull pull = pull_of(text, size);
    int r = record_parse(&pull, NULL, ret_record);
    return r == 0 && !pull_is_whole(&pull) ? -EBADMSG : r;
}

/* Whatever is taken is JSON to others too. */
static void check_json(const void *data, size_t size)
{
    json_t *json CLEANUP_JSON = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        abort();
}

static void check_record(const uint8_t *data, size_t size)
{
    struct record record CLEANUP_RECORD = {0}, again CLEANUP_RECORD = {0};
    if (read_record(data, size, &record) < 0)
        return;
    check_json(data, size);
    struct text text CLEANUP_TEXT = {0};
    record_format(&record, NULL, &text);
    if (read_record(text.data, text.length, &again) < 0 || strcmp(again.name, record.name) != 0 ||
        strcmp(again.user, record.user) != 0 || strcmp(again.source, record.source) != 0 ||
        again.applied != record.applied || again.revision != record.revision ||
        !is_model_equal(&again.recorded, &record.recorded) ||
        !is_model_equal(&again.originals, &record.originals))
        abort();
}

static void check_journal(const uint8_t *data, size_t size)
{
    struct journal journal CLEANUP_JOURNAL = {0};
    char *text CLEANUP_FREE = copied_bytes(data, size);
    struct pull pull = pull_of(text, size);
    if (journal_parse(&pull, NULL, &journal) == 0)
        check_json(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_record(data, size);
    check_journal(data, size);
    return 0;
}
