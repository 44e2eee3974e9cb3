/* The namespaces that a plan touches: what lies in others need not be looked at again. One change among a
 * thousand namespaces costs one look at one of them. */
#include <string.h>

#include "apply/internal.h"

static void touch(struct map *touched, const struct object *object)
{
    if (!object)
        return;
    map_set(touched, object_namespace(object), (void *)object);
}

static bool is_touched(const struct map *touched, const struct object *object)
{
    return map_has(touched, object_namespace(object));
}

const struct model *touched_part(const struct model *model, const struct map *touched, struct model *part)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n_objects; i++)
        n += is_touched(touched, model->objects[i]);
    if (n == model->n_objects)
        return model;
    model_each(model, object)
    {
        if (is_touched(touched, object))
            model_borrow(part, object);
    }
    return part;
}

void touched_by(const struct plan *plan, struct map *touched)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = plan->steps[i];
        touch(touched, step_object(step));
        touch(touched, step_object(step_planned(step)));
        touch(touched, step->peer);
    }
}
