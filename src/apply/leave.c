/* Namespaces that leave their names to others.
 *
 * A name that is to lead to another namespace than so far (`pid: 1` becomes `pid: 2`, or goes from the file;
 * a `path` leads to another) means two namespaces in one change: the one that leaves gets back what it had,
 * the one that comes is looked at and attached as any other. */
#include "apply/internal.h"
#include "model/former.h"

static bool has_same_origin(const struct object *one, const struct object *other)
{
    static const char *const keys[] = {"path", "pid"};
    bool same = true;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        int option = object_find_option(one, keys[i]);
        same &= value_equal(&one->values[option], &other->values[option]);
    }
    return same;
}

/* There is a namespace where it is to be attached from. */
static bool has_origin(struct door *door, const struct object *want)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct text identity CLEANUP_TEXT = {0};
    return door->ops->attaches(door, want, &identity, &ignored) == 0 && identity.length;
}

/* Other words need not mean another namespace: where they do not, the observed one has the new words. And the
 * same path may lead to another by now: a container was restarted. One that leads nowhere is no reason to
 * leave, and a number means no process but the one it was said of. */
static bool leaves(struct door *door, const struct change *change, const struct object *want)
{
    const struct object *record = model_by_id(&change->before.recorded, want->id);
    const struct object *have = model_by_id(&change->observed, want->id);
    if (!record || !(record->flags & OBJECT_MADE))
        return false;
    if (has_same_origin(want, record))
        return object_has(want, "path") && have && !has_same_origin(want, have) && has_origin(door, want);
    return !object_is_attached(want) || !have || !has_same_origin(want, have);
}

bool leave_names(struct door *door, struct change *change)
{
    struct map names CLEANUP_MAP = {0};
    model_each(&change->topology->model, object)
    {
        if (object->class->id == CLASS_NAMESPACE && leaves(door, change, object))
            map_set(&names, object->name, object);
    }
    if (!names.used)
        return false;
    change->former.name = xstrdup(change->name);
    former_copy(&change->before.recorded, &names, &change->former.recorded);
    former_copy(&change->before.originals, &names, &change->former.originals);
    return true;
}
