/* What others took while it was away.
 *
 * On the way back something may bear the name of what must return that is neither what was there before
 * nor of our making, since what we make is marked from its birth: somebody else made it meanwhile. It
 * stays as it is. Nothing returns that would lie on it, be plugged into it or lead through it; all the
 * rest does, and what does not is told. */
#include <string.h>

#include "model/nexthop.h"
#include "model/uses.h"
#include "plan/internal.h"

static const struct object *taker_of_interface(const struct planner *planner, const char *ns,
                                               const char *interface)
{
    struct text id CLEANUP_TEXT = {0};
    const char *slash = strchr(interface, '/') ? "" : "/";
    text_printf(&id, "%s %s%s%s", classes[CLASS_INTERFACE]->name, *slash ? ns : "", slash, interface);
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

static bool is_address(const struct object *object, const char *ip)
{
    const char *text = object->class->id == CLASS_ADDRESS ? object_text(object, "address") : NULL;
    size_t length = strlen(ip);
    return text && strncmp(text, ip, length) == 0 && text[length] == '/';
}

/* The source of a route must be an address that is there. */
static const struct object *taker_of_source(const struct planner *planner, const struct object *route)
{
    const char *source = object_text(route, "src");
    if (!source || !*source)
        return NULL;
    for (const struct object *o = map_get(&planner->request->desired->namespaces, route->ns); o;
         o = o->next_in_ns) {
        const struct object *taker = is_address(o, source) ? map_get(&planner->taken, o->id) : NULL;
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
    const char *master = port ? object_text(port, "master") : NULL;
    return master && *master ? taker_of_interface(planner, entry->ns, master) : NULL;
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

/* Somebody else's, who came meanwhile. Of what was not ours before, that is sure only where it is of
 * another kind. */
static bool is_stranger(const struct planner *planner, const struct object *want, const struct object *have)
{
    const struct object *given_back = map_get(&planner->request->recorded->by_id, want->id);
    if ((given_back && given_back->flags & OBJECT_FOREIGN) || !(have->class->flags & CLASS_MARKED) ||
        have->owner || have->flags & (OBJECT_OURS | OBJECT_KERNEL) || object_is_always(have) ||
        object_is_always(want) || object_is_attached(want))
        return false;
    return want->flags & OBJECT_FOREIGN ? want->kind && want->kind != have->kind : true;
}

static bool take(struct planner *planner, const struct object *object, const struct object *taker)
{
    if (taker)
        map_set(&planner->taken, object->id, (void *)taker);
    return taker;
}

static void list(struct text *out, const char *id)
{
    text_printf(out, "%s%s", out->length ? ", " : "", id);
}

/* Its bridge, or its bond. */
static const char *master_of(const struct object *object)
{
    const char *master = object->kind ? object_text(object, "master") : NULL;
    return master && *master ? master : NULL;
}

static void tell(const struct planner *planner, const struct object *taker)
{
    struct text lost CLEANUP_TEXT = {0}, loose CLEANUP_TEXT = {0};
    model_each(planner->request->desired, object)
    {
        const char *master = master_of(object);
        if (map_get(&planner->taken, object->id) == taker)
            list(&lost, object->id);
        else if (master && taker_of_interface(planner, object->ns, master) == taker)
            list(&loose, object->id);
    }
    errors_warn(planner->errors, NULL,
                "%s was made by somebody else meanwhile, so it stays as it is; not back: %s%s%s", taker->id,
                text_of(&lost), loose.length ? "; not plugged in: " : "", text_of(&loose));
}

void find_taken(struct planner *planner)
{
    const struct plan_request *request = planner->request;
    bool any = false, more = true;
    model_each(request->desired, object)
    {
        const struct object *have = map_get(&request->observed->by_id, object->id);
        any |= have && is_stranger(planner, object, have) && take(planner, object, have);
    }
    for (; any && more;) {
        more = false;
        model_each(request->desired, object) more |=
            !map_has(&planner->taken, object->id) && take(planner, object, taker_below(planner, object));
    }
    for (size_t i = 0; any && !request->again && i < request->desired->n_objects; i++) {
        const struct object *taker = map_get(&planner->taken, request->desired->objects[i]->id);
        if (taker && strcmp(taker->id, request->desired->objects[i]->id) == 0)
            tell(planner, taker);
    }
}

const struct object *without_taken(struct planner *planner, const struct object *want)
{
    struct object *copy = NULL;
    for (unsigned i = 0; planner->taken.capacity && want->kind && i < object_n_options(want); i++) {
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
