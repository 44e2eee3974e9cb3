/* What hangs on what: of the observed objects, those that lie on an interface or lead through it, and the
 * routes that name an address as their source.
 *
 * Most plans kill nothing, and of those that do, most in one namespace or two. So a namespace is looked
 * through when the first is asked for in it; only parents, which may lie elsewhere, are looked for in all. */
#include "model/nexthop.h"
#include "plan/internal.h"

static void add_dependent(struct planner *planner, const char *ref, const struct object *object)
{
    struct dependent *dependent = arena_alloc(&planner->plan->arena, sizeof *dependent);
    *dependent = (struct dependent){.object = object, .next = map_get(&planner->dependents, ref)};
    map_set(&planner->dependents, ref, dependent);
}

/* The interface of its own namespace that it hangs on. */
static void index_device(struct planner *planner, const struct object *object)
{
    const char *dev = object_text(object, "dev"), *master = object_text(object, "master");
    if (dev)
        add_dependent(planner, arena_printf(&planner->plan->arena, "%s/%s", object->ns, dev), object);
    if (master)
        add_dependent(planner, master, object);
}

/* The interfaces that next hops name. */
static void index_nexthops(struct planner *planner, const struct object *route)
{
    const char *list = object_text(route, "nexthops");
    for (struct nexthop hop; nexthop_take(&list, &hop) > 0;)
        add_dependent(planner, arena_printf(&planner->plan->arena, "%s/%s", route->ns, hop.dev), route);
}

/* Under a name that no interface can have. */
static const char *source_key(struct arena *arena, const char *ns, const char *source)
{
    return arena_printf(arena, "%s/src %s", ns, source);
}

static void index_source(struct planner *planner, const struct object *route)
{
    const char *source = object_word(route, "src");
    if (source)
        add_dependent(planner, source_key(&planner->plan->arena, route->ns, source), route);
}

/* Only a parent may lie in another namespace. */
static void index_parents(struct planner *planner)
{
    model_each(planner->request->observed, object)
    {
        const char *parent = object->class->id == CLASS_INTERFACE ? object_text(object, "parent") : NULL;
        if (parent)
            add_dependent(planner, parent, object);
    }
}

static void index_namespace(struct planner *planner, const char *ns)
{
    if (!planner->indexed.capacity)
        index_parents(planner);
    for (const struct object *object = map_get(&planner->request->observed->namespaces, ns); object;
         object = object->next_in_ns) {
        index_device(planner, object);
        if (object->class->id == CLASS_ROUTE) {
            index_nexthops(planner, object);
            index_source(planner, object);
        }
    }
    map_set(&planner->indexed, ns, planner);
}

static const struct dependent *find(struct planner *planner, const char *ns, const char *key)
{
    if (!map_has(&planner->indexed, ns))
        index_namespace(planner, ns);
    return map_get(&planner->dependents, key);
}

const struct dependent *dependents_of(struct planner *planner, const struct object *interface)
{
    struct text ref CLEANUP_TEXT = {0};
    text_printf(&ref, "%s/%s", interface->ns, interface->name);
    return find(planner, interface->ns, text_of(&ref));
}

const struct dependent *dependents_by_source(struct planner *planner, const char *ns, const char *source)
{
    return find(planner, ns, source_key(&planner->plan->arena, ns, source));
}
