#include "apply/record.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "model/json.h"

static void add_key(struct text *out, const char *key)
{
    text_add(out, out->data[out->length - 1] == '{' ? "" : ",");
    text_add_json(out, key);
    text_add(out, ":");
}

static void add_text(struct text *out, const char *key, const char *value)
{
    add_key(out, key);
    text_add_json(out, value);
}

static void add_number(struct text *out, const char *key, int64_t value)
{
    add_key(out, key);
    text_printf(out, "%lld", (long long)value);
}

void models_format(const struct model *model, const struct apart *apart, struct text *out)
{
    text_add(out, "[");
    model_each(model, object)
    {
        if (object != model->objects[0])
            text_add(out, ",\n");
        object_format(object, false, apart, out);
    }
    text_add(out, "]");
}

static void add_model(struct text *out, const char *key, const struct model *model, const struct apart *apart)
{
    add_key(out, key);
    models_format(model, apart, out);
}

int models_parse(struct pull *pull, const struct apart *apart, struct model *model)
{
    pull_open(pull, '[');
    while (pull_item(pull))
        object_parse(model, apart, pull, NULL);
    return pull->damaged ? -EBADMSG : 0;
}

void record_format(const struct record *record, const struct apart *apart, struct text *out)
{
    text_add(out, "{");
    add_text(out, "name", record->name);
    add_number(out, "applied", record->applied);
    add_text(out, "user", record->user && utf8_is_valid(record->user) ? record->user : "");
    add_number(out, "revision", record->revision);
    add_key(out, "source");
    text_format(record->source ? record->source : "", apart, out);
    add_model(out, "objects", &record->recorded, apart);
    add_model(out, "originals", &record->originals, apart);
    text_add(out, "}\n");
}

enum record_member {
    RECORD_NAME,
    RECORD_APPLIED,
    RECORD_USER,
    RECORD_REVISION,
    RECORD_SOURCE,
    RECORD_OBJECTS,
    RECORD_ORIGINALS,
    RECORD_MAX
};
static const struct name record_members[] = {
    {"name", RECORD_NAME},           {"applied", RECORD_APPLIED},
    {"user", RECORD_USER},           {"revision", RECORD_REVISION},
    {"source", RECORD_SOURCE},       {"objects", RECORD_OBJECTS},
    {"originals", RECORD_ORIGINALS}, {NULL, 0},
};

static char *copied(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static void record_member_parse(struct pull *pull, enum record_member member, const struct apart *apart,
                                struct record *record)
{
    switch (member) {
    case RECORD_NAME:
        record->name = copied(pull_text(pull));
        break;
    case RECORD_APPLIED:
        record->applied = (time_t)pull_integer(pull, INT64_MIN, INT64_MAX);
        break;
    case RECORD_USER:
        record->user = copied(pull_text(pull));
        break;
    case RECORD_REVISION:
        record->revision = (unsigned)pull_integer(pull, 0, INT_MAX);
        break;
    case RECORD_SOURCE:
        record->source = text_parse(&record->recorded.arena, apart, pull);
        break;
    case RECORD_OBJECTS:
        models_parse(pull, apart, &record->recorded);
        break;
    case RECORD_ORIGINALS:
        models_parse(pull, apart, &record->originals);
        break;
    case RECORD_MAX:
        break;
    }
}

int record_parse(struct pull *pull, const struct apart *apart, struct record *ret_record)
{
    struct record record = {0};
    unsigned seen = 0;
    int member;
    pull_open(pull, '{');
    while ((member = pull_member_of(pull, record_members, &seen)) >= 0)
        record_member_parse(pull, (enum record_member)member, apart, &record);
    if (pull->damaged || seen != (1U << RECORD_MAX) - 1 || !topology_name_is_valid(record.name)) {
        record_done(&record);
        pull_refuse(pull);
        return -EBADMSG;
    }
    *ret_record = record;
    return 0;
}

void record_done(struct record *record)
{
    free(record->name);
    free(record->user);
    model_done(&record->recorded);
    model_done(&record->originals);
    *record = (struct record){0};
}

int record_save(const struct machine *machine, const struct record *record, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, record->name, "record.json");
    struct text json CLEANUP_TEXT = {0};
    struct texts texts = {.machine = machine, .name = record->name, .errors = errors};
    const struct apart apart = texts_apart(&texts);
    record_format(record, &apart, &json);
    return texts.result < 0 ? texts.result : store_write(path, json.data, json.length, errors);
}

/* It is the file of another topology, or of none. */
static bool is_misplaced(const char *said, const char *name)
{
    return !said || strcmp(said, name) != 0;
}

void record_say_damaged(const char *path, struct errors *errors)
{
    struct error *error =
        errors_add(errors, NULL, "%s is damaged, or was written by another version of Plexus", path);
    error_hint(errors, error, "nothing was changed; remove the file to forget what it describes");
}

int record_load_list(const char *path, bool (*read_one)(void *list, json_t *one), void *list,
                     struct errors *errors)
{
    char *data CLEANUP_FREE = NULL;
    json_t *json CLEANUP_JSON = NULL, *one;
    size_t size = 0, i;
    int r = store_read(path, &data, &size, errors);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    json = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    bool is_whole = json_is_array(json);
    json_array_foreach(json, i, one) is_whole = is_whole && read_one(list, one);
    if (is_whole)
        return 0;
    record_say_damaged(path, errors);
    return -EBADMSG;
}

/* 0, -EBADMSG without an entry in the errors, or what store_read() says. */
static int load_once(const char *path, struct texts *texts, struct record *ret_record)
{
    char *text CLEANUP_FREE = NULL;
    size_t size = 0;
    const struct apart apart = texts_apart(texts);
    struct record record CLEANUP_RECORD = {0};
    texts->is_missing = false;
    int r = store_read(path, &text, &size, texts->errors);
    if (r < 0)
        return r;
    struct pull pull = pull_of(text, size);
    if (record_parse(&pull, &apart, &record) < 0 || !pull_is_whole(&pull) ||
        is_misplaced(record.name, texts->name))
        return -EBADMSG;
    *ret_record = record;
    record = (struct record){0};
    return 0;
}

/* Who only looks has no lock: between the record and a text of it, an apply may come to its end. */
enum result record_load(const struct machine *machine, const char *name, struct record *ret_record,
                        struct errors *errors)
{
    enum { TRIES = 10 };
    char *path CLEANUP_FREE = run_path(machine, name, "record.json");
    struct texts texts = {.machine = machine, .name = name, .errors = errors};
    int r = load_once(path, &texts, ret_record);
    for (unsigned tries = 1; r == -EBADMSG && texts.is_missing && tries < TRIES; tries++)
        r = load_once(path, &texts, ret_record);
    if (r == -EBADMSG)
        record_say_damaged(path, errors);
    return r == 0         ? RESULT_DONE
           : r == -ENOENT ? RESULT_NOT_FOUND
           : r == -EACCES ? RESULT_NOT_PERMITTED
                          : RESULT_FAILED;
}

int64_t boottime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

static const struct name state_names[] = {
    {"running", JOURNAL_RUNNING}, {"unconfirmed", JOURNAL_UNCONFIRMED}, {NULL, 0}};

void journal_stands(const struct journal *journal)
{
    out_of_memory_hint("this is cut short, and the next command that changes something takes it back: "
                       "plexus rollback ",
                       journal->name);
}

int journal_write(const struct machine *machine, const struct journal *journal, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, journal->name, "journal.json");
    struct text json CLEANUP_TEXT = {0};
    struct texts texts = {.machine = machine, .name = journal->name, .errors = errors};
    const struct apart apart = texts_apart(&texts);
    text_add(&json, "{");
    add_text(&json, "name", journal->name);
    add_text(&json, "state", names_format(state_names, journal->state));
    add_number(&json, "deadline", journal->deadline);
    add_number(&json, "revision", journal->revision);
    add_model(&json, "lost", &journal->lost, &apart);
    add_model(&json, "added", &journal->added, &apart);
    if (journal->before.name) {
        add_key(&json, "before");
        record_format(&journal->before, &apart, &json);
    }
    text_add(&json, "}\n");
    int r = texts.result < 0 ? texts.result : store_write(path, json.data, json.length, errors);
    if (r == 0)
        journal_stands(journal);
    return r;
}

enum journal_member {
    MEMBER_NAME,
    MEMBER_STATE,
    MEMBER_DEADLINE,
    MEMBER_REVISION,
    MEMBER_LOST,
    MEMBER_ADDED,
    MEMBER_BEFORE, /* may be missing */
};
static const struct name journal_members[] = {
    {"name", MEMBER_NAME},         {"state", MEMBER_STATE},
    {"deadline", MEMBER_DEADLINE}, {"revision", MEMBER_REVISION},
    {"lost", MEMBER_LOST},         {"added", MEMBER_ADDED},
    {"before", MEMBER_BEFORE},     {NULL, 0},
};

static enum journal_state state_parse(struct pull *pull)
{
    int64_t number = 0;
    const char *state = pull_text(pull);
    if (!state || names_parse(state_names, state, &number) < 0)
        pull_refuse(pull);
    return (enum journal_state)number;
}

static void journal_member_parse(struct pull *pull, enum journal_member member, const struct apart *apart,
                                 struct journal *journal)
{
    switch (member) {
    case MEMBER_NAME:
        journal->name = copied(pull_text(pull));
        break;
    case MEMBER_STATE:
        journal->state = state_parse(pull);
        break;
    case MEMBER_DEADLINE:
        journal->deadline = pull_integer(pull, INT64_MIN, INT64_MAX);
        break;
    case MEMBER_REVISION:
        journal->revision = (unsigned)pull_integer(pull, 0, INT_MAX);
        break;
    case MEMBER_LOST:
        models_parse(pull, apart, &journal->lost);
        break;
    case MEMBER_ADDED:
        models_parse(pull, apart, &journal->added);
        break;
    case MEMBER_BEFORE:
        record_parse(pull, apart, &journal->before);
        break;
    }
}

/* What was read of a damaged one is the caller's to free all the same. */
static int journal_parse(struct pull *pull, const struct apart *apart, struct journal *journal)
{
    unsigned seen = 0;
    int member;
    pull_open(pull, '{');
    while ((member = pull_member_of(pull, journal_members, &seen)) >= 0)
        journal_member_parse(pull, (enum journal_member)member, apart, journal);
    bool is_whole = (seen | 1U << MEMBER_BEFORE) == (2U << MEMBER_BEFORE) - 1;
    return pull_is_whole(pull) && is_whole && topology_name_is_valid(journal->name) ? 0 : -EBADMSG;
}

int journal_load(const struct machine *machine, const char *name, struct journal *ret_journal,
                 struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, name, "journal.json");
    char *text CLEANUP_FREE = NULL;
    size_t size = 0;
    struct journal journal = {0};
    int r = store_read(path, &text, &size, errors);
    if (r < 0)
        return r;
    struct texts texts = {.machine = machine, .name = name, .errors = errors};
    const struct apart apart = texts_apart(&texts);
    struct pull pull = pull_of(text, size);
    r = journal_parse(&pull, &apart, &journal);
    if (r == 0 && is_misplaced(journal.name, name))
        r = -EBADMSG;
    if (r < 0) {
        record_say_damaged(path, errors);
        journal_done(&journal);
        return r;
    }
    *ret_journal = journal;
    return 0;
}

int journal_remove(const struct machine *machine, const char *name)
{
    char *path CLEANUP_FREE = run_path(machine, name, "journal.json");
    int r = store_remove(path);
    if (r == 0)
        out_of_memory_hint("", "");
    if (r == 0)
        seen_complete(machine, name); /* not before: as long as there is a journal, it may be wanted back */
    if (r == 0)
        texts_sweep(machine, name);
    return r;
}

void journal_done(struct journal *journal)
{
    free(journal->name);
    model_done(&journal->lost);
    model_done(&journal->added);
    record_done(&journal->before);
    *journal = (struct journal){0};
}
