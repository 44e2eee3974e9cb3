/* Feeds bytes as a record and as a journal: whatever stands below /run/plexus, however damaged, is either
 * refused or read into objects that can be written out and read again with the same result: all of the
 * record, and every value of every object. */
#include <stdint.h>
#include <stdlib.h>

#include "apply/record.c" // NOLINT(bugprone-suspicious-include): its journal_from_json() is static

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

static void check_record(const json_t *json)
{
    struct record record CLEANUP_RECORD = {0}, again CLEANUP_RECORD = {0};
    if (record_from_json(json, &record) < 0)
        return;
    struct text text CLEANUP_TEXT = {0};
    record_format(&record, &text);
    json_t *written CLEANUP_JSON = json_loadb(text.data, text.length, 0, NULL);
    if (!written || record_from_json(written, &again) < 0 || strcmp(again.name, record.name) != 0 ||
        strcmp(again.user, record.user) != 0 || strcmp(again.source, record.source) != 0 ||
        again.applied != record.applied || again.revision != record.revision ||
        !is_model_equal(&again.recorded, &record.recorded) ||
        !is_model_equal(&again.originals, &record.originals))
        abort();
}

static void check_journal(const json_t *json)
{
    struct journal journal CLEANUP_JOURNAL = {0};
    (void)journal_from_json(json, &journal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json CLEANUP_JSON = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (json) {
        check_record(json);
        check_journal(json);
    }
    return 0;
}
