#include "apply/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "model/json.h"

/* Objects are written one by one: the JSON of a thousand namespaces as one tree would take more memory than
 * all the rest. */
static int add_to_text(const char *data, size_t size, void *text)
{
    text_add_n(text, data, size);
    return 0;
}

static void add_json(struct text *out, json_t *json)
{
    json_dump_callback(json, add_to_text, out, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(json);
}

static void add_member(struct text *out, const char *key, json_t *value)
{
    text_printf(out, "%s\"%s\":", out->data[out->length - 1] == '{' ? "" : ",", key);
    add_json(out, value);
}

void models_format(const struct model *model, struct text *out)
{
    text_add(out, "[");
    model_each(model, object)
    {
        if (object != model->objects[0])
            text_add(out, ",\n");
        add_json(out, object_to_json(object, false));
    }
    text_add(out, "]");
}

static void add_model(struct text *out, const char *key, const struct model *model)
{
    text_printf(out, ",\"%s\":", key);
    models_format(model, out);
}

int models_from_json(const json_t *list, struct model *model)
{
    size_t i;
    const json_t *json;
    if (!json_is_array(list))
        return -EBADMSG;
    json_array_foreach(list, i, json) if (object_from_json(model, json, NULL) < 0) return -EBADMSG;
    return 0;
}

void record_format(const struct record *record, struct text *out)
{
    text_add(out, "{");
    add_member(out, "name", json_string(record->name));
    add_member(out, "applied", json_integer(record->applied));
    add_member(out, "user", json_string(record->user ? record->user : ""));
    add_member(out, "revision", json_integer(record->revision));
    add_member(out, "source", json_string(record->source ? record->source : ""));
    add_model(out, "objects", &record->recorded);
    add_model(out, "originals", &record->originals);
    text_add(out, "}\n");
}

int record_from_json(const json_t *json, struct record *ret_record)
{
    const char *name, *user, *source;
    json_int_t applied;
    int revision;
    json_t *objects, *originals;
    struct record record = {0};

    if (json_unpack((json_t *)json, "{s:s, s:I, s:s, s:i, s:s, s:o, s:o}", "name", &name, "applied", &applied,
                    "user", &user, "revision", &revision, "source", &source, "objects", &objects, "originals",
                    &originals) < 0 ||
        !topology_name_is_valid(name) || models_from_json(objects, &record.recorded) < 0 ||
        models_from_json(originals, &record.originals) < 0) {
        record_done(&record);
        return -EBADMSG;
    }
    record.name = xstrdup(name);
    record.user = xstrdup(user);
    record.source = xstrdup(source);
    record.applied = (time_t)applied;
    record.revision = (unsigned)revision;
    *ret_record = record;
    return 0;
}

void record_done(struct record *record)
{
    free(record->name);
    free(record->user);
    free(record->source);
    model_done(&record->recorded);
    model_done(&record->originals);
    *record = (struct record){0};
}

int record_save(const struct record *record, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(record->name, "record.json");
    struct text json CLEANUP_TEXT = {0};
    record_format(record, &json);
    return store_write(path, json.data, json.length, errors);
}

static void say_damaged(const char *path, struct errors *errors)
{
    struct error *error =
        errors_add(errors, NULL, "%s is damaged, or was written by another version of Plexus", path);
    error_hint(errors, error, "nothing was changed; remove the file to forget what it describes");
}

enum result record_load(const char *name, struct record *ret_record, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(name, "record.json");
    json_t *json CLEANUP_JSON = NULL;
    int r = store_read_json(path, &json, errors);
    if (r == -ENOENT)
        return RESULT_NOT_FOUND;
    if (r == -EACCES)
        return RESULT_NOT_PERMITTED;
    if (r < 0)
        return RESULT_FAILED;
    struct record record CLEANUP_RECORD = {0};
    if (record_from_json(json, &record) < 0 || strcmp(record.name, name) != 0) {
        say_damaged(path, errors);
        return RESULT_FAILED;
    }
    *ret_record = record;
    record = (struct record){0};
    return RESULT_DONE;
}

int64_t boottime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

static const struct name state_names[] = {
    {"running", JOURNAL_RUNNING}, {"unconfirmed", JOURNAL_UNCONFIRMED}, {NULL, 0}};

int journal_write(const struct journal *journal, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(journal->name, "journal.json");
    struct text json CLEANUP_TEXT = {0};
    text_add(&json, "{");
    add_member(&json, "name", json_string(journal->name));
    add_member(&json, "state", json_string(names_format(state_names, journal->state)));
    add_member(&json, "deadline", json_integer(journal->deadline));
    add_member(&json, "revision", json_integer(journal->revision));
    add_model(&json, "lost", &journal->lost);
    add_model(&json, "added", &journal->added);
    if (journal->before.name) {
        text_add(&json, ",\"before\":");
        record_format(&journal->before, &json);
    }
    text_add(&json, "}\n");
    return store_write(path, json.data, json.length, errors);
}

static int journal_from_json(const json_t *json, struct journal *journal)
{
    const char *name, *state;
    json_int_t deadline;
    json_t *lost, *added, *before = NULL;
    int revision;
    int64_t number;
    if (json_unpack((json_t *)json, "{s:s, s:s, s:I, s:i, s:o, s:o, s?o}", "name", &name, "state", &state,
                    "deadline", &deadline, "revision", &revision, "lost", &lost, "added", &added, "before",
                    &before) < 0 ||
        !topology_name_is_valid(name) || names_parse(state_names, state, &number) < 0)
        return -EBADMSG;
    journal->name = xstrdup(name);
    journal->state = (enum journal_state)number;
    journal->deadline = deadline;
    journal->revision = (unsigned)revision;
    if (models_from_json(lost, &journal->lost) < 0 || models_from_json(added, &journal->added) < 0)
        return -EBADMSG;
    return before ? record_from_json(before, &journal->before) : 0;
}

int journal_load(const char *name, struct journal *ret_journal, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(name, "journal.json");
    json_t *json CLEANUP_JSON = NULL;
    struct journal journal = {0};
    int r = store_read_json(path, &json, errors);
    if (r < 0)
        return r;
    r = journal_from_json(json, &journal);
    if (r == 0 && strcmp(journal.name, name) != 0)
        r = -EBADMSG;
    if (r < 0) {
        say_damaged(path, errors);
        journal_done(&journal);
        return r;
    }
    *ret_journal = journal;
    return 0;
}

int journal_remove(const char *name)
{
    char *path CLEANUP_FREE = run_path(name, "journal.json");
    seen_complete(name);
    return store_remove(path);
}

void journal_done(struct journal *journal)
{
    free(journal->name);
    model_done(&journal->lost);
    model_done(&journal->added);
    record_done(&journal->before);
    *journal = (struct journal){0};
}
