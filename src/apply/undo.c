/* The way back: after a failed step, a crash, or an apply that nobody confirmed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/flows.h"
#include "apply/internal.h"
#include "model/former.h"

/* The name is that of something that returns. */
static bool was_there(const struct journal *journal, const struct object *namespace)
{
    struct arena arena = {0};
    const char *former = former_other(&arena, namespace->name);
    bool was = map_has(&journal->lost.by_id, namespace->id) ||
               model_get(&journal->lost, CLASS_NAMESPACE, HOST, former);
    arena_done(&arena);
    return was;
}

/* A namespace is made by laying it over a file of its name: when that was cut short between the two, the bare
 * name is left. As there is no such namespace to be observed, no plan knows it. */
static void remove_bare_names(struct door *door, const struct journal *journal, const struct model *observed)
{
    struct errors ignored CLEANUP_ERRORS = {0}; /* nearly always there is none */
    model_each(&journal->added, object)
    {
        const struct step del = {.verb = VERB_DEL, .old = object};
        const struct step *steps[] = {&del};
        size_t done;
        if (object->class->id == CLASS_NAMESPACE && !map_has(&observed->by_id, object->id) &&
            !was_there(journal, object))
            door->ops->run(door, steps, 1, &done, &ignored);
    }
}

/* Services that do not run again as they did: one was damaged, or has lost its port meanwhile. Each is tried
 * once and told, and the rest goes on: else nothing would ever lead out. */
struct given_up {
    struct arena arena;
    struct map ids;
};

static const struct object *object_of(const struct step *step)
{
    return step->new ? step->new : step->old;
}

static bool may_give_up(const struct step *step)
{
    return object_of(step)->class->id == CLASS_SERVICE && step->verb != VERB_DEL;
}

static void retell(const struct errors *found, bool as_warnings, struct errors *errors)
{
    for (const struct error *one = found->first; one; one = one->next) {
        bool is_warning = as_warnings || one->severity == SEVERITY_WARNING;
        struct error *told = (is_warning ? errors_warn : errors_add)(errors, &one->place, "%s", one->message);
        if (one->hint)
            error_hint(errors, told, "%s", one->hint);
    }
}

static void drop_given_up(struct plan *plan, const struct given_up *given_up)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_steps; i++)
        if (!may_give_up(plan->steps[i]) || !map_has(&given_up->ids, object_of(plan->steps[i])->id))
            plan->steps[n++] = plan->steps[i];
    plan->n_steps = n;
}

static int run_back_steps(struct session *session, const struct plan *plan, struct given_up *given_up)
{
    struct door *door = session->door;
    int r = 0;
    for (size_t at = 0, done = 0; at < plan->n_steps && r == 0; at += done + 1) {
        struct errors found CLEANUP_ERRORS = {0};
        r = door->ops->run(door, plan->steps + at, plan->n_steps - at, &done, &found);
        const struct step *failed = r < 0 && at + done < plan->n_steps ? plan->steps[at + done] : NULL;
        bool gives_up = failed && r == -ECHILD && may_give_up(failed); /* its program ended */
        retell(&found, gives_up, &session->errors);
        if (!gives_up)
            continue;
        map_set(&given_up->ids, arena_strdup(&given_up->arena, object_of(failed)->id), given_up);
        r = 0;
    }
    return r;
}

/* Flows follow: what only the new rules let through is cut, and what they had cut goes on. */
static int run_back(struct session *session, const struct plan *plan, const struct model *observed,
                    struct given_up *given_up)
{
    struct flow_effect effect = {0};
    flows_tell(session, plan, observed, &effect);
    int r = run_back_steps(session, plan, given_up);
    if (r == 0)
        flows_settle(session, plan, observed, &effect, false);
    flow_effect_done(&effect);
    return r;
}

/* One round: what must return and what must go, planned from what is there now. Returns the number of steps,
 * or a negative errno. */
static int undo_once(struct session *session, const struct journal *journal, bool again,
                     struct given_up *given_up)
{
    struct door *door = session->door;
    struct errors *errors = &session->errors;
    struct model observed CLEANUP_MODEL = {0};
    struct map gone CLEANUP_MAP = {0};
    struct plan plan CLEANUP_PLAN = {0};
    struct plan_request request = {.desired = &journal->lost,
                                   .recorded = &journal->added,
                                   .observed = &observed,
                                   .topology = journal->name,
                                   .gone = &gone,
                                   .adopt = true,
                                   .again = again,
                                   .back = true};
    origins_gone(door, journal, &gone);
    int r = observe_for(door, &journal->lost, &journal->added, LOOK_WHOLE, &observed, errors);
    if (r == 0)
        r = plan_make(&request, &plan, errors);
    drop_given_up(&plan, given_up);
    if (r == 0)
        r = run_back(session, &plan, &observed, given_up);
    if (r == 0)
        remove_bare_names(door, journal, &observed);
    session->fell_short = plan.falls_short || given_up->ids.used;
    return r < 0 ? r : (int)plan.n_steps;
}

/* Not written when it stands there still: the disk may be full. */
static int restore_record(struct session *session, const struct journal *journal)
{
    char *path CLEANUP_FREE = run_path(session->machine, journal->name, "record.json");
    char *data CLEANUP_FREE = NULL;
    struct text json CLEANUP_TEXT = {0};
    struct errors ignored CLEANUP_ERRORS = {0};
    struct texts texts = {.machine = session->machine, .name = journal->name, .errors = &session->errors};
    const struct apart apart = texts_apart(&texts);
    size_t size = 0;
    int r = seen_return(session->machine, journal->name, journal->before.name, &session->errors);
    if (r < 0)
        return r;
    if (!journal->before.name)
        return store_remove(path);
    record_format(&journal->before, &apart, &json);
    if (texts.result < 0)
        return texts.result;
    if (store_read(path, &data, &size, &ignored) == 0 && size == json.length &&
        memcmp(data, json.data, size) == 0)
        return 0;
    return store_write(path, json.data, json.length, &session->errors);
}

/* What is half undone must not be confirmed. A full disk, on which that cannot be said, is no reason to stay.
 */
static void take_up(struct session *session, struct journal *journal)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    if (journal->state == JOURNAL_RUNNING)
        return;
    journal->state = JOURNAL_RUNNING;
    journal_write(session->machine, journal, &ignored);
}

enum result journal_undo(struct session *session, struct journal *journal)
{
    enum { ROUNDS = 3 };
    struct given_up given_up = {0};
    int r = 1;
    journal_stands(journal);
    take_up(session, journal);
    for (int round = 0; round < ROUNDS && r > 0; round++)
        r = undo_once(session, journal, round > 0, &given_up);
    map_done(&given_up.ids);
    arena_done(&given_up.arena);
    if (r == 0)
        r = restore_record(session, journal);
    if (r == 0)
        history_undo(session->machine, journal->name, journal->revision);
    if (r != 0) {
        struct error *error = errors_add(&session->errors, NULL,
                                         "%s: the old network could not be restored in full", journal->name);
        error_hint(&session->errors, error, "mend what stands above, then run: plexus rollback %s",
                   journal->name);
        return RESULT_FAILED;
    }
    return result_of(journal_remove(session->machine, journal->name));
}

const char *undo_words(const struct session *session)
{
    return session->fell_short
               ? "the network is as it was before, but for what cannot return (see the warning)"
               : "the network is as it was before";
}

enum result apply_revert(struct session *session, const char *name)
{
    struct journal journal CLEANUP_JOURNAL = {0};
    int r = journal_load(session->machine, name, &journal, &session->errors);
    if (r < 0)
        return result_of(r);
    return journal_undo(session, &journal);
}

enum result apply_confirm(struct session *session, const char *name)
{
    struct journal journal CLEANUP_JOURNAL = {0};
    int r = journal_load(session->machine, name, &journal, &session->errors);
    return r < 0 ? result_of(r) : result_of(journal_remove(session->machine, name));
}
