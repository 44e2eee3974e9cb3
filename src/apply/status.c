/* Status: what is saved, what runs, and what was changed behind our back, attribute by attribute. */
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "model/line_texts.h"
#include "model/uses.h"

const struct name drift_names[] = {{"missing", DRIFT_MISSING},
                                   {"changed", DRIFT_CHANGED},
                                   {"extra", DRIFT_EXTRA},
                                   {"replaced", DRIFT_REPLACED},
                                   {NULL, 0}};

static void add_drift(struct status *status, const struct drift *drift)
{
    if (status->n_drifts % 32 == 0)
        status->drifts = xrealloc(status->drifts, status->n_drifts + 32, sizeof *status->drifts);
    struct drift *copy = &status->drifts[status->n_drifts++];
    *copy = (struct drift){
        .kind = drift->kind,
        .object = arena_strdup(&status->arena, drift->object),
        .option = arena_strdup(&status->arena, drift->option),
        .shall = arena_strdup(&status->arena, drift->shall),
        .is = arena_strdup(&status->arena, drift->is),
        .unsaid = drift->unsaid,
        .command = arena_strdup(&status->arena, drift->command),
    };
}

/* `command`: of what the file does not say. */
static void add_changed(struct status *status, const struct object *shall, const struct object *is,
                        unsigned index, const char *command)
{
    const struct option *option = object_option(shall, index);
    struct text a CLEANUP_TEXT = {0}, b CLEANUP_TEXT = {0};
    if (option->flags & OPTION_SECRET) {
        text_add(&a, "(hidden)");
        text_add(&b, "(hidden, another)");
    } else if (is_line_text(option)) {
        const char *wanted = object_text(shall, option->key), *there = object_text(is, option->key);
        line_text_more(option, wanted, there ? there : "", "", &a);
        line_text_more(option, there ? there : "", wanted, "", &b);
    } else {
        option_format(option, &shall->values[index], &a);
        option_format(option, &is->values[index], &b);
    }
    add_drift(status, &(struct drift){.kind = DRIFT_CHANGED,
                                      .object = shall->id,
                                      .option = option->key,
                                      .shall = text_of(&a),
                                      .is = b.length               ? text_of(&b)
                                            : is_line_text(option) ? "not there"
                                                                   : "unset",
                                      .unsaid = command,
                                      .command = command});
}

/* As a person would type it; "" where no command can. */
static char *command_of(struct arena *arena, const struct step *step)
{
    struct commands commands CLEANUP_COMMANDS = {0};
    struct text all CLEANUP_TEXT = {0};
    step_commands(step, &commands);
    for (size_t c = 0; c < commands.n; c++)
        text_printf(&all, "%s%s", c ? "; " : "", commands.lines[c]);
    return arena_strdup(arena, text_of(&all));
}

static char *command_for(struct arena *arena, const struct object *shall, const struct object *is, unsigned i)
{
    struct step step = {.verb = VERB_SET, .old = is, .new = shall, .changed = option_set_of(i)};
    return value_is_set(&shall->values[i]) ? command_of(arena, &step) : arena_strdup(arena, "");
}

/* What lies on it goes with it, and bears its mark still. */
static void add_replaced(struct status *status, const struct object *is)
{
    if (is && !(is->flags & OBJECT_OURS))
        add_drift(status, &(struct drift){.kind = DRIFT_REPLACED, .object = is->id});
}

static void add_extra(struct status *status, const struct object *object)
{
    struct step step = {.verb = VERB_DEL, .old = object};
    add_drift(status, &(struct drift){.kind = DRIFT_EXTRA,
                                      .object = object->id,
                                      .command = command_of(&status->arena, &step)});
}

static void compare_unsaid(struct status *status, const struct record *record, const struct model *seen,
                           const struct object *said, const struct object *is)
{
    struct option_set changed = {0};
    struct object *shall = object_clone(&status->arena, is);
    seen_compare(said, seen, is, &record->recorded, &changed, shall);
    for (unsigned i = 0; i < object_n_options(said); i++)
        if (option_set_has(&changed, i))
            add_changed(status, shall, is, i, command_for(&status->arena, shall, is, i));
}

static void compare_one(struct status *status, const struct object *shall, const struct object *is)
{
    struct option_set changed = {0};
    if (!is) {
        add_drift(status, &(struct drift){.kind = DRIFT_MISSING, .object = shall->id});
        return;
    }
    if (!object_is_of(is, shall->kind)) {
        add_drift(status, &(struct drift){.kind = DRIFT_CHANGED,
                                          .object = shall->id,
                                          .option = "type",
                                          .shall = shall->kind->name,
                                          .is = is->kind->name});
        return;
    }
    if (!plan_compare(shall, is, &changed))
        return;
    for (unsigned i = 0; i < object_n_options(shall); i++)
        if (option_set_has(&changed, i))
            add_changed(status, shall, is, i, NULL);
}

/* The table of the firewall that a set or chain is in. */
static const struct object *recorded_table(const struct model *recorded, const struct object *object)
{
    struct text id CLEANUP_TEXT = {0};
    bool is_in_table = object->class->id == CLASS_SET || object->class->id == CLASS_CHAIN;
    return is_in_table ? map_get(&recorded->by_id, table_id(object, &id)) : NULL;
}

/* Inside what we made, and not ours: somebody else put it there. */
static bool is_extra(const struct model *recorded, const struct object *object)
{
    if (object->flags & OBJECT_KERNEL || map_has(&recorded->by_id, object->id) || object_is_always(object))
        return false;
    const struct object *ns = model_get(recorded, CLASS_NAMESPACE, HOST, object->ns);
    const char *dev = object_text(object, "dev");
    const struct object *interface = dev ? model_interface(recorded, object->ns, dev) : NULL;
    const struct object *table = recorded_table(recorded, object);
    return (ns && ns->flags & OBJECT_MADE) || (interface && interface->flags & OBJECT_MADE) ||
           (table && table->flags & OBJECT_MADE);
}

/* In our namespace, and plugged in there by another topology, to which it is no surprise. */
static bool is_of_another(const struct session *session, const char *name, const struct object *object)
{
    return object->owner && strcmp(object->owner, name) != 0 &&
           topology_runs(session->machine, object->owner) == 0;
}

/* By a client that is ours. */
static void note_learnt(struct status *status, const struct model *recorded, const struct object *object)
{
    const char *dev = object->flags & OBJECT_LEARNT ? object_dev(object) : NULL;
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s %s/dhcp-%s", classes[CLASS_SERVICE]->name, object->ns, dev ? dev : "");
    if (!dev || !map_has(&recorded->by_id, text_of(&id)))
        return;
    status->learnt = xrealloc(status->learnt, status->n_learnt + 1, sizeof *status->learnt);
    status->learnt[status->n_learnt++] = arena_strdup(&status->arena, object->id);
}

static void compare_saved(struct session *session, struct status *status, const struct record *record)
{
    char *path CLEANUP_FREE = saved_path(session->machine, status->name);
    char *data CLEANUP_FREE = NULL;
    size_t size;
    status->is_saved = store_read(path, &data, &size, &session->errors) == 0;
    status->saved_differs = status->is_saved && status->runs && strcmp(data, record->source) != 0;
}

static enum result compare_running(struct session *session, const struct record *record,
                                   struct status *status)
{
    struct model observed CLEANUP_MODEL = {0}, none CLEANUP_MODEL = {0}, seen CLEANUP_MODEL = {0};
    int r = observe_for(session->door, &record->recorded, &none, LOOK_WHOLE, &observed, &session->errors);
    if (r < 0)
        return result_of(r);
    bool has_seen = seen_load(session->machine, record->name, &seen) == 0;
    const struct plan_request request = {
        .recorded = &record->recorded, .observed = &observed, .topology = record->name};
    model_each(&record->recorded, object)
    {
        const struct object *is = map_get(&observed.by_id, object->id);
        if (object->flags & OBJECT_REMOVED) {
            if (is)
                add_extra(status, is); /* somebody put it there again */
            continue;
        }
        if (plan_is_replaced(&request, object)) {
            add_replaced(status, is);
            continue;
        }
        compare_one(status, object, is);
        if (is && has_seen)
            compare_unsaid(status, record, &seen, object, is);
    }
    model_each(&observed, object) note_learnt(status, &record->recorded, object);
    for (size_t i = observed.n_objects; i-- > 0;) /* what lies on others comes after them, and goes first */
        if (is_extra(&record->recorded, observed.objects[i]) &&
            !is_of_another(session, record->name, observed.objects[i]))
            add_extra(status, observed.objects[i]);
    return RESULT_DONE;
}

/* A change that begins or ends in the meantime would be taken for somebody else's doing. */
static enum result compare_at_rest(struct session *session, const struct record *record,
                                   struct status *status)
{
    enum result result = status->under_way ? RESULT_DONE : compare_running(session, record, status);
    if (!status->under_way)
        status->under_way = apply_under_way(session->machine, status->name);
    if (status->under_way)
        status->n_drifts = status->n_learnt = 0;
    return result;
}

static enum result look_once(struct session *session, const char *name, struct status *ret_status)
{
    struct record record CLEANUP_RECORD = {0};
    struct status status = {.name = xstrdup(name)};
    enum result result = record_load(session->machine, name, &record, &session->errors);
    status.runs = result == RESULT_DONE;
    if (result == RESULT_DONE || result == RESULT_NOT_FOUND) {
        compare_saved(session, &status, &record);
        status.confirm_seconds = pending_seconds(session->machine, name, &status.is_overdue);
        status.under_way = apply_under_way(session->machine, name);
        status.was_cut_short = apply_was_cut_short(session->machine, name);
        bool is_known = status.is_saved || status.was_cut_short || status.under_way;
        result = status.runs ? compare_at_rest(session, &record, &status)
                 : is_known  ? RESULT_DONE
                             : RESULT_NOT_FOUND;
    }
    if (result == RESULT_DONE)
        *ret_status = status;
    else
        status_done(&status);
    return result;
}

enum result status_of(struct session *session, const char *name, struct status *ret_status)
{
    for (;;) {
        unsigned before = history_last(session->machine, name);
        enum result result = look_once(session, name, ret_status);
        if (history_last(session->machine, name) == before)
            return result;
        if (result == RESULT_DONE)
            status_done(ret_status);
    }
}

/* The values that run become those that are recorded; what is missing is no longer ours. */
static void adopt_running(struct model *recorded, const struct model *observed)
{
    for (size_t i = recorded->n_objects; i-- > 0;) {
        struct object *object = recorded->objects[i];
        const struct object *is = map_get(&observed->by_id, object->id);
        struct option_set changed = {0};
        if (object->flags & OBJECT_REMOVED)
            continue;
        if (!is || !object_is_of(is, object->kind)) {
            model_remove(recorded, object);
            continue;
        }
        if (!plan_compare(object, is, &changed))
            continue;
        for (unsigned o = 0; o < object_n_options(object); o++)
            if (option_set_has(&changed, o))
                object_set(recorded, object, object_option(object, o)->key, is->values[o]);
    }
}

enum result status_adopt(struct session *session, const char *name)
{
    struct record record CLEANUP_RECORD = {0};
    struct model observed CLEANUP_MODEL = {0}, none CLEANUP_MODEL = {0};
    enum result result = record_load(session->machine, name, &record, &session->errors);
    if (result != RESULT_DONE)
        return result;
    int r = observe_for(session->door, &record.recorded, &none, LOOK_WHOLE, &observed, &session->errors);
    if (r < 0)
        return result_of(r);
    adopt_running(&record.recorded, &observed);
    r = record_save(session->machine, &record, &session->errors);
    return result_of(r < 0 ? r : seen_look(session, &record));
}

void status_done(struct status *status)
{
    free(status->name);
    free(status->under_way);
    free(status->drifts);
    free(status->learnt);
    arena_done(&status->arena);
    *status = (struct status){0};
}
