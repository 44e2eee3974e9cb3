/* Prepare a change, and run it.
 *
 * The order of things is what makes it safe: nothing is touched before the journal is on disk, and the
 * journal goes only after the record is. Whatever fails in between, or whoever kills us, leads to
 * journal_undo(). */
#include "apply/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/flows.h"
#include "apply/guard.h"
#include "apply/internal.h"
#include "apply/networks.h"
#include "apply/uplinks.h"
#include "model/sysctl.h"

static bool has_all_of(const struct model *a, const struct model *b)
{
    if (b->n_objects > a->n_objects)
        return false;
    for (size_t i = 0; i < b->n_objects; i++)
        if (!map_has(&a->by_id, b->objects[i]->id))
            return false;
    return true;
}

int observe_for(struct door *door, const struct model *a, const struct model *b, enum look look,
                struct model *ret_observed, struct errors *errors)
{
    struct model both CLEANUP_MODEL = {0};
    if (has_all_of(a, b))
        return door->ops->observe(door, a, look, ret_observed, errors);
    if (has_all_of(b, a))
        return door->ops->observe(door, b, look, ret_observed, errors);
    model_each(a, object) model_borrow(&both, object);
    model_each(b, object)
    {
        if (!map_has(&both.by_id, object->id))
            model_borrow(&both, object);
    }
    return door->ops->observe(door, &both, look, ret_observed, errors);
}

/* What other topologies that run say too of what is there by itself (OBJECT_ADOPTED), as it was before the
 * first of them; and of settings what follows them. */
static void note_said(const struct record *record, struct model *others)
{
    model_each(&record->originals, original)
    {
        const struct object *said = map_get(&record->recorded.by_id, original->id);
        struct object *noted = map_get(&others->by_id, original->id);
        if (!object_is_always(said ? said : original))
            continue;
        noted = noted ? noted : model_copy(others, original);
        noted->flags = said ? OBJECT_ADOPTED : noted->flags;
        for (unsigned i = 0; said && i < original->class->n_options; i++)
            if (!value_is_set(&noted->values[i]) && value_is_set(&said->values[i]))
                object_set(others, noted, object_option(noted, i)->key, original->values[i]);
    }
}

/* Notes in `observed` which namespaces and interfaces belong to other topologies that run; and what they set.
 */
static void note_others(const struct session *session, struct model *observed, const char *except,
                        struct model *others)
{
    char **names = running_names(session->machine);
    for (char **name = names; *name; name++) {
        struct errors ignored CLEANUP_ERRORS = {0};
        struct record record CLEANUP_RECORD = {0};
        if (strcmp(*name, except) == 0 ||
            record_load(session->machine, *name, &record, &ignored) != RESULT_DONE)
            continue;
        const char *owner = arena_strdup(&observed->arena, *name);
        model_each(&record.recorded, object)
        {
            struct object *have = map_get(&observed->by_id, object->id);
            if (have && object->flags & OBJECT_MADE)
                have->owner = owner;
        }
        note_said(&record, others);
    }
    names_free(names);
}

struct plan_request change_request(const struct change *change)
{
    const struct record *before = change->former.name ? &change->former : &change->before;
    return (struct plan_request){
        .desired = change->desired.n_objects ? &change->desired
                   : change->topology        ? &change->topology->model
                                             : &change->empty,
        .recorded = &before->recorded,
        .originals = &before->originals,
        .observed = &change->observed,
        .others = &change->others,
        .removed = &change->removed,
        .topology = change->name,
        .adopt = change->adopt,
    };
}

static enum result refuse_unconfirmed(struct session *session, const char *name)
{
    struct journal journal CLEANUP_JOURNAL = {0};
    if (session->access != ACCESS_WRITE ||
        journal_load(session->machine, name, &journal, &session->errors) < 0)
        return RESULT_DONE;
    struct error *error =
        errors_add(&session->errors, NULL, "the last apply of `%s` waits for confirmation", name);
    error_hint(&session->errors, error,
               "keep it with `plexus confirm %s`, or take it back with `plexus rollback %s`", name, name);
    return RESULT_BUSY;
}

static enum result plan_change(struct session *session, struct change *change)
{
    struct plan_request request = change_request(change);
    plan_done(&change->plan);
    return result_of(plan_make(&request, &change->plan, &session->errors));
}

static enum result look(struct session *session, struct change *change, enum look how)
{
    struct plan_request request = change_request(change);
    int r = observe_for(session->door, request.desired, request.recorded, how, &change->observed,
                        &session->errors);
    if (r == 0)
        note_others(session, &change->observed, change->name, &change->others);
    return result_of(r);
}

/* With an interface, a namespace or an address, things may go that the file does not speak of, and with a
 * setting others change: whoever may have to bring them back must have seen them. */
static bool reaches_further(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_lost; i++)
        if (plan->lost[i]->class->flags & CLASS_CARRIES || sysctl_leads(plan->lost[i]->name))
            return true;
    return false;
}

static bool is_seen_closer(const struct object *object)
{
    return (object->class->flags & CLASS_ASKED || sysctl_follower_of(object->name)) &&
           !(object->flags & OBJECT_KERNEL);
}

/* Looks at all there is in the namespaces that the plan touches, and adds what was not looked at before: if
 * anything, the plan is made anew. What the kernel made by itself is nothing to a plan. */
static enum result look_closer(struct session *session, struct change *change)
{
    struct plan_request request = change_request(change);
    struct model desired CLEANUP_MODEL = {0}, recorded CLEANUP_MODEL = {0}, whole CLEANUP_MODEL = {0};
    struct map touched CLEANUP_MAP = {0};
    touched_by(&change->plan, &touched);
    int r = observe_for(session->door, touched_part(request.desired, &touched, &desired),
                        touched_part(request.recorded, &touched, &recorded), LOOK_WHOLE, &whole,
                        &session->errors);
    if (r < 0)
        return result_of(r);
    size_t n_before = change->observed.n_objects;
    model_each(&whole, object)
    {
        if (is_seen_closer(object))
            model_copy(&change->observed, object);
    }
    return change->observed.n_objects == n_before ? RESULT_DONE : plan_change(session, change);
}

enum result change_prepare(struct session *session, const char *name, const struct topology *topology,
                           bool adopt, struct change *ret_change)
{
    struct change change = {.topology = topology, .name = xstrdup(name), .adopt = adopt};
    enum result result = refuse_unconfirmed(session, name);
    if (result == RESULT_DONE)
        result = record_load(session->machine, name, &change.before, &session->errors);
    if (result == RESULT_NOT_FOUND && topology)
        result = RESULT_DONE;
    enum result lacks = RESULT_DONE; /* all that is in the way is told at once */
    if (result == RESULT_DONE && topology)
        lacks = result_of(session->door->ops->lacks(session->door, &topology->model, &session->errors));
    if (result == RESULT_DONE)
        result = look(session, &change, topology ? LOOK_WANTED : LOOK_WHOLE);
    if (result == RESULT_DONE && topology && leave_names(session->door, &change)) {
        model_done(&change.observed);
        result = look(session, &change, LOOK_WANTED);
    }
    if (result == RESULT_DONE && topology)
        uplinks_move(&change);
    if (result == RESULT_DONE && networks_fit(session, &change) < 0)
        result = RESULT_BUSY;
    if (result == RESULT_DONE && services_fit(session, &change) < 0)
        result = RESULT_BUSY;
    if (result == RESULT_DONE)
        result = plan_change(session, &change);
    if (result == RESULT_DONE && change.plan.n_steps)
        publish_warn(session, &change);
    if (result == RESULT_DONE && change.plan.n_steps)
        ports_warn(session, &change);
    if (result == RESULT_DONE)
        foreign_look_around(session, &change);
    if (lacks != RESULT_DONE)
        result = lacks;
    if (result == RESULT_DONE && topology && reaches_further(&change.plan))
        result = look_closer(session, &change);
    if (result == RESULT_DONE && topology)
        result = result_of(origins_check(session, topology, &change.plan));
    if (result != RESULT_DONE)
        change_done(&change);
    else
        *ret_change = change;
    return result;
}

void change_foresee(struct session *session, struct change *change)
{
    flows_settle(session, &change->plan, &change->observed, &change->flows, true);
}

void change_done(struct change *change)
{
    flow_effect_done(&change->flows);
    plan_done(&change->plan);
    model_done(&change->observed);
    model_done(&change->others);
    model_done(&change->empty);
    model_done(&change->desired);
    model_done(&change->removed);
    model_done(&change->seen);
    record_done(&change->before);
    record_done(&change->former);
    free(change->name);
    *change = (struct change){0};
}

int run_steps(struct session *session, const struct plan *plan, const struct apply_options *options,
              size_t *ret_done)
{
    struct door *door = session->door;
    *ret_done = 0;
    if (options->progress)
        options->progress(0, plan->n_steps, options->userdata);
    door->progress = options->progress;
    door->userdata = options->userdata;
    int r = door->ops->run(door, plan->steps, plan->n_steps, ret_done, &session->errors);
    door->progress = NULL;
    if (options->progress)
        options->progress(*ret_done, plan->n_steps, options->userdata);
    return r;
}

static bool is_marked_at_birth(const struct object *object)
{
    return object->class->id == CLASS_INTERFACE ||
           (object->class->id == CLASS_NAMESPACE && !object_is_attached(object));
}

/* What no step has made yet may have been made by somebody else meanwhile, and is not for us to take away.
 * The step that failed may have come half way; what bears a mark is judged by that. */
static void forget_undone(struct model *added, const struct plan *plan, size_t done, int error)
{
    struct map begun CLEANUP_MAP = {0};
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = step_planned(plan->steps[i]);
        const struct object *objects[] = {step->new, step->peer};
        bool not_made = i > done || (i == done && step->verb == VERB_ADD && error == -EEXIST);
        for (size_t o = 0; o < 2; o++) {
            struct object *object = objects[o] ? model_by_id(added, objects[o]->id) : NULL;
            if (!object)
                continue;
            if (!not_made)
                map_set(&begun, objects[o]->id, object);
            else if (!map_has(&begun, objects[o]->id) && !is_marked_at_birth(object))
                model_remove(added, object);
        }
    }
}

static int check_expectations(struct session *session, struct change *change)
{
    enum { TIMEOUT_MS = 5000 };
    struct probe_result *results CLEANUP_FREE = NULL;
    size_t n = 0, n_failed = 0;
    struct error *failed = NULL;
    const char *from = NULL;
    if (!change->topology->expectations)
        return 0; /* and no look at all namespaces for the sake of nothing */
    if (expect_probe(session, change->topology, TIMEOUT_MS, &results, &n) != RESULT_DONE)
        return -EIO;
    for (size_t i = 0; i < n; i++) {
        if (results[i].holds) {
            change->n_held++;
            continue;
        }
        failed = errors_add(&session->errors, &results[i].expectation->place, "expected `%s`, but %s",
                            results[i].expectation->text,
                            results[i].reached ? "it is reached"
                            : results[i].why   ? results[i].why
                                               : "it has no address");
        from = results[i].expectation->from;
        n_failed++;
    }
    if (failed)
        error_hint(
            &session->errors, failed,
            "to look into it, keep the network: plexus apply --no-expect; then: plexus exec %s ping ...",
            from);
    return n_failed ? -ECONNREFUSED : 0;
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int probe(struct session *session, struct change *change, const struct apply_options *options)
{
    double start = milliseconds();
    int r = options->expect && change->topology ? check_expectations(session, change) : 0;
    change->probe_ms = milliseconds() - start;
    return r;
}

/* The record of what now runs; none after down. */
static int write_record(struct session *session, struct change *change, const struct apply_options *options)
{
    char *path CLEANUP_FREE = run_path(session->machine, change->name, "record.json");
    if (!change->topology) {
        history_add(session->machine, change->name, options->what, &change->plan, "", &session->errors);
        int r = seen_set_aside(session->machine, change->name, &session->errors);
        return r == 0 ? store_remove(path) : r;
    }
    struct record record CLEANUP_RECORD = {.name = xstrdup(change->name),
                                           .source = change->topology->source ? change->topology->source : "",
                                           .user = xstrdup(user_name()),
                                           .applied = time(NULL)};
    struct plan_request request = change_request(change);
    plan_record(&request, &record.recorded, &record.originals);
    int r = note_births(session->door, &record.recorded, &record.originals, &session->errors);
    if (r < 0)
        return r;
    record.revision = options->what ? history_add(session->machine, change->name, options->what,
                                                  &change->plan, record.source, &session->errors)
                                    : change->before.revision;
    r = record_save(session->machine, &record, &session->errors);
    if (r < 0 || (!change->has_seen && change->before.name))
        return r; /* what was noted last time stays */
    r = seen_set_aside(session->machine, change->name, &session->errors);
    return r < 0 ? r : seen_save(session->machine, change->name, &change->seen, &session->errors);
}

/* The journal borrows the record while it is written. */
static int write_journal(struct session *session, const struct change *change, struct journal *journal,
                         struct errors *errors)
{
    journal->before = change->before;
    int r = journal_write(session->machine, journal, errors);
    journal->before = (struct record){0};
    return r;
}

/* Going down makes space, and whatever cuts it short, the next does the rest: the record of what was there
 * goes last. So a full disk does not forbid it. */
static int begin_journal(struct session *session, const struct change *change, struct journal *journal)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    bool must = change->topology || journal->deadline;
    int r = write_journal(session, change, journal, must ? &session->errors : &ignored);
    if (must || r == 0)
        return r;
    if (r != -ENOSPC)
        return write_journal(session, change, journal, &session->errors);
    struct error *warning =
        errors_warn(&session->errors, NULL, "without space in %s this is not taken back when it is cut short",
                    session->machine->run_dir);
    error_hint(&session->errors, warning, "then say it once more: plexus down %s", change->name);
    return 0;
}

/* From the journal in memory: to read it again may be just what cannot be done. */
static enum result go_back(struct session *session, const struct change *change, struct journal *journal)
{
    journal->before = change->before;
    enum result result = journal_undo(session, journal);
    journal->before = (struct record){0};
    return result == RESULT_DONE ? RESULT_ROLLED_BACK : RESULT_FAILED;
}

static enum result end_journal(struct session *session, const char *name)
{
    int r = journal_remove(session->machine, name);
    if (r < 0)
        errors_add(&session->errors, NULL, "all is done, but the journal of `%s` cannot be removed: %s", name,
                   strerror(-r));
    return result_of(r);
}

/* Until the journal is gone, a crash brings all back: with those who were plugged in by hand. */
static enum result finish(struct session *session, const struct change *change)
{
    enum result result = end_journal(session, change->name);
    if (result == RESULT_DONE && !change->topology)
        endpoints_forget(session->machine, change->name);
    return result;
}

/* What agreed already is taken over, when that is said. */
static bool claims(const struct change *change)
{
    model_each(&change->before.recorded, object)
    {
        if (change->adopt && object->flags & OBJECT_SHARED)
            return true;
    }
    return false;
}

static bool is_news(const struct change *change, const struct apply_options *options)
{
    const char *source = change->topology ? change->topology->source : NULL;
    return change->plan.n_steps || !options->what || claims(change) || !change->before.name ||
           !change->topology ||
           strcmp(source ? source : "", change->before.source ? change->before.source : "") != 0;
}

static int do_change(struct session *session, struct change *change, struct journal *journal,
                     const struct apply_options *options)
{
    size_t done;
    int r = options->confirm_seconds
                ? guard_start(session->machine, change->name, journal->deadline, &session->errors)
                : 0;
    if (r == 0)
        flows_tell(session, &change->plan, &change->observed, &change->flows);
    if (r == 0 && change->plan.n_steps && (r = run_steps(session, &change->plan, options, &done)) < 0)
        forget_undone(&journal->added, &change->plan, done, r);
    if (r == 0 && change->plan.n_steps)
        r = verify_change(session, change, options);
    if (r == 0)
        announce_change(session, change);
    if (r == 0)
        r = probe(session, change, options);
    if (r == 0) /* what fails until here has cut nothing */
        flows_settle(session, &change->plan, &change->observed, &change->flows, false);
    return r < 0 ? r : write_record(session, change, options);
}

/* Nothing is to be done; what the file expects must hold all the same. */
static enum result probe_only(struct session *session, struct change *change,
                              const struct apply_options *options)
{
    return probe(session, change, options) < 0 ? RESULT_FAILED : RESULT_DONE;
}

/* Not less than is said. */
static int64_t deadline_after(int confirm_seconds)
{
    return confirm_seconds ? boottime() + 1 + confirm_seconds : 0;
}

enum result change_run(struct session *session, struct change *change, const struct apply_options *options)
{
    struct journal journal CLEANUP_JOURNAL = {.name = xstrdup(change->name)};
    if (!is_news(change, options))
        return probe_only(session, change, options);
    journal.revision = history_last(session->machine, change->name);
    journal.deadline = deadline_after(options->confirm_seconds);
    plan_undo(&change->plan, &change->observed, &journal.lost, &journal.added);
    if (change->topology)
        expect_births(&change->topology->model, &journal.added);
    seen_complete(session->machine, change->name); /* if whoever came before us died over it */
    int r = begin_journal(session, change, &journal);
    if (r < 0)
        return result_of(r);
    r = do_change(session, change, &journal, options);
    if (r < 0)
        return go_back(session, change, &journal);
    if (!options->confirm_seconds)
        return finish(session, change);
    journal.state = JOURNAL_UNCONFIRMED;
    journal.deadline = deadline_after(options->confirm_seconds); /* to probe takes time: it counts from now */
    return write_journal(session, change, &journal, &session->errors) < 0 ? go_back(session, change, &journal)
                                                                          : RESULT_DONE;
}
