/* Feeds bytes as a record and as a journal: whatever stands below /run/plexus, however damaged, is either refused or read
 * into objects that can be written out and read again with the same result. */
#include <stdint.h>
#include <stdlib.h>

#include "apply/record.c" // NOLINT(bugprone-suspicious-include): its journal_from_json() is static

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const json_t *json)
{
    struct record record CLEANUP_RECORD = {0}, again CLEANUP_RECORD = {0};
    if (record_from_json(json, &record) < 0)
        return;
    struct text text CLEANUP_TEXT = {0};
    record_format(&record, &text);
    json_t *written CLEANUP_JSON = json_loadb(text.data, text.length, 0, NULL);
    if (!written || record_from_json(written, &again) < 0 ||
        again.recorded.n_objects != record.recorded.n_objects)
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
