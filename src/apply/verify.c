/* Trust, but look again.
 *
 * A plan knows what Linux takes down along with something, but Linux has more surprises than any plan. So
 * after running, the namespaces that were touched are observed anew, and what is still to be done there is
 * done. Whoever is left alone by the plan is not looked at: one change among a thousand namespaces costs one
 * look at one of them. */
#include <errno.h>
#include <string.h>

#include "apply/internal.h"

static int plan_rest(struct session *session, struct plan_request request, struct model *observed,
                     struct plan *ret_rest)
{
    int r = observe_for(session->door, request.desired, request.recorded, LOOK_WANTED, observed,
                        &session->errors);
    if (r < 0)
        return r;
    request.observed = observed;
    request.again = true;
    return plan_make(&request, ret_rest, &session->errors);
}

/* It takes the same thing in more than one way of writing, and tells it in one. */
static void report_setting(struct session *session, const struct step *step)
{
    struct error *error =
        errors_add(&session->errors, &step->new->place, "%s: `%s` was written, and the kernel tells `%s`",
                   step->new->id, object_text(step->new, "value"), object_text(step->old, "value"));
    error_hint(&session->errors, error,
               "say in the file what the kernel tells, if it means the same; or another program sets it too");
}

static int report_rest(struct session *session, const struct plan *rest)
{
    const struct step *first = rest->steps[0];
    if (first->new && first->new->class->id == CLASS_SYSCTL && first->old) {
        report_setting(session, first);
        return -EIO;
    }
    struct text text CLEANUP_TEXT = {0};
    text_printf(&text, "%s ", names_format(verb_names, first->verb));
    step_describe(first, &text);
    struct error *error = errors_add(&session->errors, NULL,
                                     "the kernel took every step, but %zu thing%s did not stay so; first: %s",
                                     rest->n_steps, rest->n_steps == 1 ? "" : "s", text_of(&text));
    error_hint(&session->errors, error,
               "another program may set it too (NetworkManager, systemd-networkd, udev): see `ip monitor`");
    return -EIO;
}

/* What was made anew has nothing left of what the file no longer says: the record of it is past. */
static bool is_remade(const struct model *recorded, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i]->verb == VERB_ADD && map_has(&recorded->by_id, plan->steps[i]->new->id))
            return true;
    return false;
}

static const struct model *without_remade(const struct model *recorded, const struct plan *plan,
                                          struct model *copy)
{
    if (recorded != copy)
        model_each(recorded, object) model_borrow(copy, object);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = plan->steps[i];
        const struct object *made[] = {step->verb == VERB_ADD ? step->new : NULL,
                                       step->verb == VERB_ADD ? step->peer : NULL};
        for (size_t m = 0; m < 2; m++) {
            struct object *past = made[m] ? map_get(&copy->by_id, made[m]->id) : NULL;
            if (past)
                model_remove(copy, past);
        }
    }
    return copy;
}

/* What was noted of namespaces that were not touched stays; of a first apply nothing was. */
static void note_seen(const struct session *session, struct change *change, const struct model *desired,
                      const struct model *observed)
{
    if (!change->topology)
        return;
    bool is_part = desired != change_request(change).desired;
    if (is_part && change->before.name && seen_load(session->machine, change->name, &change->seen) < 0)
        return; /* of the rest nobody knows */
    seen_note(desired, observed, &change->seen);
    change->has_seen = true;
}

int verify_change(struct session *session, struct change *change, const struct apply_options *options)
{
    struct plan_request request = change_request(change);
    struct model desired CLEANUP_MODEL = {0}, recorded CLEANUP_MODEL = {0};
    struct map touched CLEANUP_MAP = {0};
    touched_by(&change->plan, &touched);
    request.desired = touched_part(request.desired, &touched, &desired);
    request.recorded = touched_part(request.recorded, &touched, &recorded);
    if (is_remade(request.recorded, &change->plan))
        request.recorded = without_remade(request.recorded, &change->plan, &recorded);
    for (int round = 0; round < 2; round++) {
        struct model observed CLEANUP_MODEL = {0};
        struct plan rest CLEANUP_PLAN = {0};
        size_t done;
        int r = plan_rest(session, request, &observed, &rest);
        if (r == 0 && !rest.n_steps)
            note_seen(session, change, request.desired, &observed);
        if (r < 0 || !rest.n_steps)
            return r;
        r = round == 0 ? run_steps(session, &rest, options, &done) : report_rest(session, &rest);
        if (r < 0)
            return r;
    }
    return 0;
}
