/* What is remembered of an apply: for the next one, and for undoing it. */
#include "plan/plan.h"

#include <string.h>

#include "model/reference.h"
#include "model/sysctl.h"
#include "plan/internal.h"

/* The plan did not take over what was there, but made another in its place. */
static bool is_made_anew(const struct object *object, const struct object *have)
{
    struct option_set changed = {0};
    const struct option *option;
    if (object->kind != have->kind)
        return true;
    return compare_objects(object, have, NULL, NULL, &changed, &option) == CHANGE_RECREATE;
}

/* The same as record_of(); nothing of what somebody else has put in its place since. */
static const struct object *live_record(const struct plan_request *request, const struct object *object)
{
    const struct object *record = record_of(request, object->id);
    return record && plan_is_replaced(request, record) ? NULL : record;
}

/* It was there, was somebody else's, and agreed: nothing was done to it, and it is no more ours for that. */
static bool is_shared(const struct plan_request *request, const struct object *object)
{
    const struct object *have = map_get(&request->observed->by_id, object->id);
    return have && !request->adopt && !(object->flags & OBJECT_ADOPTED) && !live_record(request, object) &&
           !object_is_always(have) && !object_is_always(object) && !is_named(request, have) &&
           !is_made_anew(object, have);
}

/* It is somebody else's and elsewhere now, and returns there, also when it was deleted meanwhile. */
static bool moves_back(const struct plan_request *request, const struct object *object)
{
    const struct object *have = map_get(&request->observed->by_id, object->id);
    return object->flags & OBJECT_ADOPTED &&
           (original_of(request, object->id) || (have && !is_marked(request, have)));
}

static unsigned origin_of(const struct plan_request *request, const struct object *object)
{
    const struct object *record = live_record(request, object);
    const struct object *have = map_get(&request->observed->by_id, object->id);
    bool always = object_is_always(object) || (have && object_is_always(have));
    if (moves_back(request, object))
        return OBJECT_ADOPTED;
    if (record && (have || always))
        return record->flags & OBJECT_ORIGIN;
    if (!have) /* what was adopted, and deleted since, is no more */
        return OBJECT_MADE;
    return is_marked(request, have) && !always ? OBJECT_MADE : OBJECT_ADOPTED;
}

/* It will be said, or made, as a whole again, and not only what the file changed of it. */
static bool is_kept_whole(const struct object *object, const struct object *have, const struct object *before)
{
    if (object->class->flags & CLASS_WHOLE)
        return true;
    if (object->class->id != CLASS_INTERFACE)
        return false;
    if (object_is_always(object) || object_is_always(have))
        return false;
    return before ? have->flags & OBJECT_OURS : is_made_anew(object, have);
}

/* The last apply set the option already: what is observed is ours then, and no original. */
static bool is_said_before(const struct plan_request *request, const struct object *object, unsigned option)
{
    const struct object *record = live_record(request, object);
    return record && record->kind == object->kind && value_is_set(&record->values[option]);
}

/* A bond gives its ports its own MTU and MAC address: what they had is their own, though no file says it. */
static bool is_given_by_master(const struct plan_request *request, const struct object *object,
                               const struct option *option)
{
    if (!object->kind || (strcmp(option->key, "mtu") != 0 && strcmp(option->key, "mac") != 0))
        return false;
    const struct object *master = model_interface_of(request->desired, object, "master");
    return master && master->kind->flags & KIND_PORTS_DOWN;
}

/* Of an adopted object, the values that it had before the options that the file now sets. */
static void keep_originals(const struct plan_request *request, const struct object *object,
                           struct model *ret_originals)
{
    const struct object *have = map_get(&request->observed->by_id, object->id);
    bool may_be_known = live_record(request, object) || sysctl_follower_of(object->name);
    const struct object *before = may_be_known ? original_of(request, object->id) : NULL;
    if (!before && !live_record(request, object))
        before = before_others(request, object->id);
    if (!have || (object->flags & OBJECT_MADE && !before))
        return;
    bool whole = is_kept_whole(object, have, before);
    struct object *original =
        object_clone(&ret_originals->arena, before && (whole || before->kind == have->kind) ? before : have);
    unsigned n_said = object_is_of(have, object->kind) ? object_n_options(object) : 0;
    for (unsigned i = 0; !whole && i < object_n_options(original); i++) {
        const struct option *option = object_option(original, i);
        bool is_set_now = i < n_said && value_is_set(&object->values[i]);
        if (option->flags & OPTION_KEY)
            continue;
        if (!is_set_now && !is_given_by_master(request, object, option))
            original->values[i] = (struct value){0};
        else if (!value_is_set(&original->values[i]) && !is_said_before(request, object, i))
            original->values[i] = is_said_by_others(request, object, i)
                                      ? said_by_others(request, object->id)->values[i]
                                      : have->values[i];
    }
    original->flags = OBJECT_FOREIGN; /* when it returns, it carries no mark of ours */
    model_copy(ret_originals, original);
}

/* Of the settings that follow it, those that are in the model and not known yet. */
static void keep_followers_of(const struct plan_request *request, const struct object *leader,
                              const struct model *model, struct model *ret_originals)
{
    for (const struct object *o = map_get(&model->namespaces, leader->ns); o; o = o->next_in_ns)
        if (is_led_by(o, leader->name) && !map_has(&request->desired->by_id, o->id) &&
            !map_has(&ret_originals->by_id, o->id))
            model_copy(ret_originals, o)->flags = OBJECT_FOREIGN;
}

/* What they are now was there before us only while the leader is as it was. */
static void keep_followers(const struct plan_request *request, const struct object *leader,
                           struct model *ret_originals)
{
    const struct object *have = map_get(&request->observed->by_id, leader->id);
    const struct object *original = map_get(&ret_originals->by_id, leader->id);
    if (!have || !original)
        return;
    if (request->originals)
        keep_followers_of(request, leader, request->originals, ret_originals);
    if (request->others)
        keep_followers_of(request, leader, request->others, ret_originals);
    if (strcmp(object_text(have, "value"), object_text(original, "value")) == 0)
        keep_followers_of(request, leader, request->observed, ret_originals);
}

void plan_record(const struct plan_request *request, struct model *ret_recorded, struct model *ret_originals)
{
    model_each(request->desired, object)
    {
        unsigned origin = is_shared(request, object) ? OBJECT_SHARED : origin_of(request, object);
        struct object *copy = model_borrow(ret_recorded, object);
        copy->flags = origin;
        if (moves_back(request, object) && original_of(request, object->id))
            model_copy(ret_originals, original_of(request, object->id))->flags = OBJECT_FOREIGN;
        else if (origin == OBJECT_ADOPTED || object->class->flags & CLASS_ALWAYS)
            keep_originals(request, copy, ret_originals);
        if (sysctl_leads(object->name))
            keep_followers(request, object, ret_originals);
    }
    if (request->removed)
        model_each(request->removed, object) model_borrow(ret_recorded, object)->flags = OBJECT_REMOVED;
}

/* What was there before and is changed is noted too, as what is set on it now must be unset again. It is not
 * of our making for that: what bears its name on the way back is no stranger, and what we made on it goes. */
static void note_added(enum verb verb, const struct object *object, const struct model *observed,
                       struct model *ret_added)
{
    const struct object *before = object ? map_get(&observed->by_id, object->id) : NULL;
    if (!object || (before && before->flags & OBJECT_KERNEL) || map_has(&ret_added->by_id, object->id))
        return; /* the first step of it tells */
    bool made = verb == VERB_ADD || !before;
    bool given_back = object->flags & OBJECT_FOREIGN; /* without our mark */
    model_borrow(ret_added, object)->flags = given_back ? OBJECT_FOREIGN
                                             : made     ? OBJECT_MADE
                                                        : OBJECT_ADOPTED;
}

/* What somebody else made returns without our mark. */
static void copy_lost(const struct object *object, struct model *ret_lost)
{
    bool ours = object->owner || object->flags & OBJECT_OURS;
    struct object *copy = model_borrow(ret_lost, object);
    copy->flags = ours ? 0 : OBJECT_FOREIGN;
    /* A bridge without ports shows no address at all: it takes one by itself, and cannot be given none. */
    const char *mac = object_text(copy, "mac");
    if (mac && strcmp(mac, "00:00:00:00:00:00") == 0)
        copy->values[object_find_option(copy, "mac")] = (struct value){0};
}

/* The interfaces on which the way back changes something, and the namespaces in which they are: "ns/name"
 * and "ns" -> anything. */
static void note_touched(const struct model *model, struct map *touched)
{
    model_each(model, object)
    {
        const char *dev = object_dev(object);
        if (!dev)
            continue;
        map_set(touched, arena_printf((struct arena *)&model->arena, "%s/%s", object->ns, dev), object);
        map_set(touched, object->ns, object);
    }
}

static bool hangs_on(const struct object *object, const struct map *touched)
{
    struct text ref CLEANUP_TEXT = {0};
    const char *parent = object->class->id == CLASS_INTERFACE ? object_text(object, "parent") : NULL;
    const char *dev = map_has(touched, object->ns) ? object_dev(object) : NULL;
    if (dev)
        text_printf(&ref, "%s/%s", object->ns, dev);
    return (dev && map_has(touched, text_of(&ref))) || (parent && map_has(touched, parent));
}

/* The way back may kill in passing what the way there did not touch, and be broken in its turn: so it has to
 * know all that hangs on the interfaces where it changes something. */
static void lose_dependents(const struct model *observed, const struct model *added, struct model *ret_lost)
{
    struct map touched CLEANUP_MAP = {0};
    note_touched(added, &touched);
    for (size_t before = SIZE_MAX; before != ret_lost->n_objects;) {
        before = ret_lost->n_objects;
        note_touched(ret_lost, &touched);
        model_each(observed, object)
        {
            if (!(object->flags & OBJECT_KERNEL) && !map_has(&ret_lost->by_id, object->id) &&
                hangs_on(object, &touched))
                copy_lost(object, ret_lost);
        }
    }
}

/* On what an interface lies can be told only by who looks into that namespace too. */
static void lose_places(const struct model *observed, const struct model *interfaces, struct model *ret_lost)
{
    for (size_t i = 0; i < interfaces->n_objects; i++) {
        const struct object *object = interfaces->objects[i];
        const char *parent = object->class->id == CLASS_INTERFACE ? object_text(object, "parent") : NULL;
        struct text ns CLEANUP_TEXT = {0};
        const struct object *place = parent && reference_ns(parent, &ns)
                                         ? model_get(observed, CLASS_NAMESPACE, HOST, text_of(&ns))
                                         : NULL;
        if (place && !map_has(&ret_lost->by_id, place->id))
            copy_lost(place, ret_lost);
    }
}

void plan_undo(const struct plan *plan, const struct model *observed, struct model *ret_lost,
               struct model *ret_added)
{
    for (size_t i = 0; i < plan->n_lost; i++)
        copy_lost(plan->lost[i], ret_lost);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = step_planned(plan->steps[i]);
        note_added(step->verb, step->new, observed, ret_added);
        note_added(step->verb, step->peer, observed, ret_added);
    }
    lose_dependents(observed, ret_added, ret_lost);
    lose_places(observed, ret_added, ret_lost);
    lose_places(observed, ret_lost, ret_lost);
}
