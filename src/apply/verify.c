/* Trust, but look again.
 *
 * A plan knows what Linux takes down along with something, but Linux has more surprises than any plan. So after running, the namespaces that
 * were touched are observed anew, and what is still to be done there is done. Whoever is left alone by the plan is not looked at: one change
 * among a thousand namespaces costs one look at one of them. */
#include <errno.h>
#include <string.h>

#include "apply/internal.h"

static void touch(struct map *touched, const struct object *object)
{
    if (!object)
        return;
    map_set(touched, object->class->id == CLASS_NAMESPACE ? object->name : object->ns, (void *)object);
}

static bool is_touched(const struct map *touched, const struct object *object)
{
    return map_has(touched, object->class->id == CLASS_NAMESPACE ? object->name : object->ns);
}

/* The part of a model that was touched: the model itself when that is all of it, else copied into `part`. */
static const struct model *touched_part(const struct model *model, const struct map *touched,
                                        struct model *part)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n_objects; i++)
        n += is_touched(touched, model->objects[i]);
    if (n == model->n_objects)
        return model;
    model_each(model, object)
    {
        if (is_touched(touched, object))
            model_copy(part, object);
    }
    return part;
}

/* What we made meanwhile is ours, whatever the marks say: so this plan takes over. */
static int plan_rest(struct session *session, struct plan_request request, struct model *observed,
                     struct plan *ret_rest)
{
    int r = observe_for(session->door, request.desired, request.recorded, LOOK_WANTED, observed,
                        &session->errors);
    if (r < 0)
        return r;
    request.observed = observed;
    request.adopt = true;
    return plan_make(&request, ret_rest, &session->errors);
}

static int report_rest(struct session *session, const struct plan *rest)
{
    struct text text CLEANUP_TEXT = {0};
    text_printf(&text, "%s ", names_format(verb_names, rest->steps[0]->verb));
    step_describe(rest->steps[0], &text);
    errors_add(&session->errors, NULL,
               "the kernel took every step, but %zu thing%s did not stay so; first: %s", rest->n_steps,
               rest->n_steps == 1 ? "" : "s", text_of(&text));
    return -EIO;
}

int verify_change(struct session *session, const struct change *change, const struct apply_options *options)
{
    struct plan_request request = change_request(change);
    struct model desired CLEANUP_MODEL = {0}, recorded CLEANUP_MODEL = {0};
    struct map touched CLEANUP_MAP = {0};
    for (size_t i = 0; i < change->plan.n_steps; i++) {
        touch(&touched, step_object(change->plan.steps[i]));
        touch(&touched, change->plan.steps[i]->peer);
    }
    request.desired = touched_part(request.desired, &touched, &desired);
    request.recorded = touched_part(request.recorded, &touched, &recorded);
    for (int round = 0; round < 2; round++) {
        struct model observed CLEANUP_MODEL = {0};
        struct plan rest CLEANUP_PLAN = {0};
        int r = plan_rest(session, request, &observed, &rest);
        if (r < 0 || !rest.n_steps)
            return r;
        r = round == 0 ? run_steps(session, &rest, options) : report_rest(session, &rest);
        if (r < 0)
            return r;
    }
    return 0;
}
