/* What others took while it was away.
 *
 * On the way back something may bear the name of what must return that is neither what was there before
 * nor of our making, since what we make is marked from its birth: somebody else made it meanwhile. It
 * stays as it is. Nothing returns that would lie on it, be plugged into it or lead through it; all the
 * rest does, and what does not is told. It is the same with what would lie on an interface that others have
 * deleted meanwhile, also where something adopted goes back to what it was before us; and with what was in a
 * namespace that was attached to and is no more. */
#include <string.h>

#include "model/former.h"
#include "model/nexthop.h"
#include "model/reference.h"
#include "model/uses.h"
#include "model/way.h"
#include "plan/internal.h"

static const struct object *taker_of_interface(const struct planner *planner, const char *ns,
                                               const char *interface)
{
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s ", classes[CLASS_INTERFACE]->name);
    reference_put(interface, ns, &id);
    return map_get(&planner->taken, text_of(&id));
}

static const struct object *taker_of_namespace(const struct planner *planner, const char *ns)
{
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s %s/%s", classes[CLASS_NAMESPACE]->name, HOST, ns);
    return map_get(&planner->taken, text_of(&id));
}

static const struct object *taker_of_nexthops(const struct planner *planner, const struct object *route)
{
    const char *list = object_text(route, "nexthops");
    const struct object *taker = NULL;
    for (struct nexthop hop; !taker && nexthop_take(&list, &hop) > 0;)
        taker = *hop.dev ? taker_of_interface(planner, route->ns, hop.dev) : NULL;
    return taker;
}

/* The source of a route must be an address that is there. */
static const struct object *taker_of_source(const struct planner *planner, const struct object *route)
{
    const char *source = object_word(route, "src");
    struct ip ip;
    if (!source || ip_parse(source, &ip) < 0)
        return NULL;
    for (const struct object *o = map_get(&planner->request->desired->namespaces, route->ns); o;
         o = o->next_in_ns) {
        const struct object *taker = address_has_ip(o, &ip) ? map_get(&planner->taken, o->id) : NULL;
        if (taker)
            return taker;
    }
    return NULL;
}

/* The master of the interface on which the object is. */
static const struct object *taker_of_bridge(const struct planner *planner, const struct object *entry)
{
    const struct object *port =
        model_interface(planner->request->desired, entry->ns, object_text(entry, "dev"));
    const char *master = port ? object_word(port, "master") : NULL;
    return master ? taker_of_interface(planner, entry->ns, master) : NULL;
}

static const struct object *taker_of_table(const struct planner *planner, const struct object *object)
{
    struct text id CLEANUP_TEXT = {0};
    return map_get(&planner->taken, table_id(object, &id));
}

/* What was taken of that without which the object cannot be. */
static const struct object *taker_below(const struct planner *planner, const struct object *object)
{
    static const char *const keys[] = {"dev", "parent", "peer"};
    const struct object *taker =
        object->class->id == CLASS_NAMESPACE ? NULL : taker_of_namespace(planner, object->ns);
    for (size_t i = 0; !taker && i < sizeof keys / sizeof keys[0]; i++) {
        const char *name = object_text(object, keys[i]);
        taker = name ? taker_of_interface(planner, object->ns, name) : NULL;
    }
    if (!taker && object->class->id == CLASS_FDB && !object_text(object, "dst"))
        taker = taker_of_bridge(planner, object);
    if (!taker && (object->class->id == CLASS_SET || object->class->id == CLASS_CHAIN))
        taker = taker_of_table(planner, object);
    if (!taker && object->class->id == CLASS_ROUTE)
        taker = taker_of_nexthops(planner, object);
    return taker || object->class->id != CLASS_ROUTE ? taker : taker_of_source(planner, object);
}

/* Of what was not ours before, that is sure only where it is of another kind; of a file also where it says
 * something else. */
static bool is_another(const struct object *want, const struct object *have)
{
    struct option_set changed = {0};
    if (want->class->flags & CLASS_FILE)
        return plan_compare(want, have, &changed);
    return want->kind && want->kind != have->kind;
}

/* Somebody else's, who came meanwhile. */
static bool is_stranger(const struct planner *planner, const struct object *want, const struct object *have)
{
    const struct object *given_back = map_get(&planner->request->recorded->by_id, want->id);
    if ((given_back && given_back->flags & OBJECT_FOREIGN) || !(have->class->flags & CLASS_MARKED) ||
        have->owner || have->flags & (OBJECT_OURS | OBJECT_KERNEL) || object_is_always(have) ||
        object_is_always(want) || object_is_attached(want))
        return false;
    return !(want->flags & OBJECT_FOREIGN) || is_another(want, have);
}

/* Nobody has the interface, and nobody will: it was deleted, or goes with this plan. Of a namespace that
 * nobody looked into, which would have a loopback, that is not known. */
static bool is_gone(const struct planner *planner, const char *ref)
{
    const struct plan_request *request = planner->request;
    const struct object *record = model_interface_ref(request->recorded, ref);
    struct text ns CLEANUP_TEXT = {0};
    if (!reference_ns(ref, &ns) || !model_interface(request->observed, text_of(&ns), "lo") ||
        model_interface_ref(request->desired, ref))
        return false;
    return !model_interface_ref(request->observed, ref) || (record && record->flags & OBJECT_MADE);
}

/* Notes the interface, that something which returns needs, as taken if it is gone. */
static void note_gone(struct planner *planner, const char *ns, const char *interface)
{
    struct arena *arena = &planner->plan->arena;
    struct text ref CLEANUP_TEXT = {0};
    reference_put(interface, ns, &ref);
    if (!is_gone(planner, text_of(&ref)))
        return;
    struct object *gone = arena_alloc(arena, sizeof *gone);
    gone->id = arena_printf(arena, "%s %s", classes[CLASS_INTERFACE]->name, text_of(&ref));
    if (!map_has(&planner->taken, gone->id))
        map_set(&planner->taken, gone->id, gone);
}

static void note_gone_below(struct planner *planner, const struct object *object)
{
    static const char *const keys[] = {"dev", "parent", "master"};
    const char *list = object->class->id == CLASS_ROUTE ? object_text(object, "nexthops") : NULL;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *name = object_word(object, keys[i]);
        if (name)
            note_gone(planner, object->ns, name);
    }
    for (struct nexthop hop; list && nexthop_take(&list, &hop) > 0;)
        if (*hop.dev)
            note_gone(planner, object->ns, hop.dev);
}

static bool take(struct planner *planner, const struct object *object, const struct object *taker)
{
    if (taker)
        map_set(&planner->taken, object->id, (void *)taker);
    return taker;
}

static void list(struct text *out, const char *id)
{
    text_add(out, out->length ? ", " : "");
    former_say(id, out);
}

static const struct object *taker_of_master(const struct planner *planner, const struct object *object)
{
    const char *master = object->kind ? object_word(object, "master") : NULL;
    return master ? taker_of_interface(planner, object->ns, master) : NULL;
}

static void tell(const struct planner *planner, const struct object *taker)
{
    struct text what CLEANUP_TEXT = {0}, lost CLEANUP_TEXT = {0}, loose CLEANUP_TEXT = {0};
    list(&what, taker->id);
    model_each(planner->request->desired, object)
    {
        if (map_get(&planner->taken, object->id) == taker && object != taker)
            list(&lost, object->id);
        else if (taker_of_master(planner, object) == taker)
            list(&loose, object->id);
    }
    errors_warn(planner->errors, NULL, "%s %s%s%s%s%s", text_of(&what),
                map_has(&planner->request->observed->by_id, taker->id)
                    ? "was made by somebody else meanwhile, so it stays as it is"
                    : "is no more",
                lost.length ? "; not back: " : "", text_of(&lost), loose.length ? "; not plugged in: " : "",
                text_of(&loose));
}

static void tell_all(const struct planner *planner)
{
    struct map told CLEANUP_MAP = {0};
    model_each(planner->request->desired, object)
    {
        const struct object *taker = map_get(&planner->taken, object->id);
        taker = taker ? taker : taker_of_master(planner, object);
        if (!taker || map_has(&told, taker->id))
            continue;
        map_set(&told, taker->id, (void *)taker);
        tell(planner, taker);
    }
}

void find_taken(struct planner *planner)
{
    const struct plan_request *request = planner->request;
    bool more = true;
    model_each(request->desired, object)
    {
        const struct object *have = map_get(&request->observed->by_id, object->id);
        if (have && is_stranger(planner, object, have))
            take(planner, object, have);
        else if (!have && request->gone && map_has(request->gone, object->id))
            take(planner, object, object);
        note_gone_below(planner, object);
    }
    while (planner->taken.used && more) {
        more = false;
        model_each(request->desired, object) more |=
            !map_has(&planner->taken, object->id) && take(planner, object, taker_below(planner, object));
    }
    if (planner->taken.used && !request->again)
        tell_all(planner);
}

const struct object *without_taken(struct planner *planner, const struct object *want)
{
    struct object *copy = NULL;
    for (unsigned i = 0; planner->taken.used && want->kind && i < object_n_options(want); i++) {
        enum type type = object_option(want, i)->type;
        const char *name = want->values[i].form == VALUE_TEXT ? want->values[i].text : NULL;
        if (!name || (type != TYPE_INTERFACE && type != TYPE_DEVICE) ||
            !taker_of_interface(planner, want->ns, name))
            continue;
        copy = copy ? copy : object_clone(&planner->plan->arena, want);
        copy->values[i] = (struct value){0};
    }
    for (unsigned i = 0; copy && i < object_n_options(copy); i++)
        if (compare_is_moot(copy, object_option(copy, i), NULL)) /* it is no port any more */
            copy->values[i] = (struct value){0};
    return copy ? copy : want;
}

static void tell_gone(const struct planner *planner, const struct object *gone, const struct object *original,
                      const char *what)
{
    if (!planner->request->again)
        errors_warn(planner->errors, NULL, "%s is no more, so %s %s", gone->id, original->id, what);
}

struct value value_before(struct planner *planner, const struct object *original, unsigned option)
{
    const struct value *value = &original->values[option];
    if (strcmp(object_option(original, option)->key, "master") != 0)
        return *value;
    note_gone_below(planner, original);
    const struct object *gone = taker_of_master(planner, original);
    if (gone)
        tell_gone(planner, gone, original, "is not plugged in again");
    return gone ? value_text("") : *value;
}

const struct object *as_before(struct planner *planner, const struct object *original)
{
    int master = object_find_option(original, "master");
    note_gone_below(planner, original);
    const struct object *gone = taker_below(planner, original);
    if (gone && !(original->class->flags & CLASS_ALWAYS)) /* nobody misses the settings of what is no more */
        tell_gone(planner, gone, original, "does not go back to what it was");
    if (gone || master < 0)
        return gone ? NULL : original;
    struct value value = value_before(planner, original, (unsigned)master);
    struct object *now = object_clone(&planner->plan->arena, without_taken(planner, original));
    now->values[master] = value;
    return now;
}
