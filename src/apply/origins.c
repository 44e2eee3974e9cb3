/* Where the namespaces that are to be attached come from: to find out in the middle of a run is late.
 * On the way back they may be no more, which must be in the way of nothing else. */
#include <errno.h>
#include <string.h>

#include "apply/internal.h"
#include "model/former.h"

/* What is attached already may have lost the process by which it was found. */
static bool comes(const struct plan *plan, const struct object *namespace)
{
    bool adds = !plan;
    for (size_t i = 0; plan && i < plan->n_steps && !adds; i++)
        adds = plan->steps[i]->verb == VERB_ADD && strcmp(plan->steps[i]->new->id, namespace->id) == 0;
    return adds;
}

/* One namespace can have two files and many processes. */
static int refuse_twice(const struct object *first, const struct object *second, struct errors *errors)
{
    struct error *error =
        errors_add(errors, &second->place, "`%s` is the same namespace as `%s`, by another %s", second->name,
                   first->name, object_has(second, "path") ? "path" : "process");
    error_hint(errors, error, "that is at %s:%d:%d; say in one what belongs to both", first->place.file,
               first->place.line, first->place.column);
    return -EOPNOTSUPP;
}

int origins_check(struct session *session, const struct topology *topology, const struct plan *plan)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct map known CLEANUP_MAP = {0};
    struct door *door = session->door;
    int r = 0;
    model_each(&topology->model, object)
    {
        struct text identity CLEANUP_TEXT = {0};
        if (object->class->id != CLASS_NAMESPACE || !object_is_attached(object))
            continue;
        bool is_new = comes(plan, object);
        int one = door->ops->attaches(door, object, &identity, is_new ? &session->errors : &ignored);
        const struct object *other = identity.length ? map_get(&known, text_of(&identity)) : NULL;
        if (one < 0)
            r = is_new ? one : r;
        else if (other)
            r = refuse_twice(other, object, &session->errors);
        else if (identity.length)
            map_set(&known, arena_strdup(&ignored.arena, text_of(&identity)), object);
    }
    return r;
}

/* One that was attached, and of which it could not be seen from where: that was no more already. */
static bool lost_its_origin(const struct journal *journal, const struct object *namespace)
{
    struct arena arena = {0};
    const char *name = namespace->name;
    const char *plain = former_is(name) ? former_other(&arena, name) : name;
    const struct object *record = model_get(&journal->before.recorded, CLASS_NAMESPACE, HOST, plain);
    bool lost = record && object_is_attached(record) && !object_is_attached(namespace);
    arena_done(&arena);
    return lost;
}

void origins_gone(struct door *door, const struct journal *journal, struct map *ret_gone)
{
    model_each(&journal->lost, object)
    {
        struct errors ignored CLEANUP_ERRORS = {0};
        struct text identity CLEANUP_TEXT = {0};
        if (object->class->id == CLASS_NAMESPACE &&
            (lost_its_origin(journal, object) ||
             (object_is_attached(object) && door->ops->attaches(door, object, &identity, &ignored) < 0)))
            map_set(ret_gone, object->id, object);
    }
}
