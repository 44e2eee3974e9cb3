/* What the fake kernel shows: copies of what is there, and what Linux makes by itself (connected routes, the
 * three rules), marked OBJECT_KERNEL. Of sysctls and resolvers only those that are asked for; the other end
 * of a cable or the parent in a namespace that is not looked at is "?". */
#include <string.h>

#include "kernel/fake/internal.h"

static void see_reference(const char *reference, struct map *seen, struct arena *arena)
{
    const char *slash = reference ? strrchr(reference, '/') : NULL;
    if (slash)
        map_set(seen, arena_strndup(arena, reference, (size_t)(slash - reference)), seen);
}

/* Which namespaces are looked at. */
static void see(const struct fake *fake, const struct model *wanted, bool everything, struct map *seen,
                struct arena *arena)
{
    map_set(seen, HOST, seen);
    model_each(everything ? &fake->now : wanted, object)
    {
        map_set(seen, object->ns, seen);
        if (object->class->id == CLASS_NAMESPACE)
            map_set(seen, object->name, seen);
        if (object->class->id == CLASS_INTERFACE) {
            see_reference(fake_text(object, fake->at.peer), seen, arena);
            see_reference(fake_text(object, fake->at.parent), seen, arena);
        }
    }
}

static bool is_hidden(const struct map *seen, const char *reference)
{
    char ns[200];
    const char *slash = reference ? strrchr(reference, '/') : NULL;
    if (!slash)
        return false;
    snprintf(ns, sizeof ns, "%.*s", (int)(slash - reference), reference);
    return !map_has(seen, ns);
}

static void show(const struct fake *fake, const struct object *object, const struct map *seen,
                 struct model *out)
{
    struct object *copy = model_copy(out, object);
    copy->flags = object->flags;
    for (unsigned i = 0; i < object_n_options(copy); i++)
        if (object_option(copy, i)->flags & OPTION_UNSEEN)
            copy->values[i] = (struct value){0};
    if (copy->class->id != CLASS_INTERFACE)
        return;
    if (is_hidden(seen, fake_text(copy, fake->at.peer)))
        copy->values[fake->at.peer] = value_text("?");
    if (is_hidden(seen, fake_text(copy, fake->at.parent)))
        copy->values[fake->at.parent] = value_text("?");
}

/* Sysctls are there without having been made; what was never written is 0. */
static void show_sysctls(const struct fake *fake, const struct model *wanted, struct model *out)
{
    model_each(wanted, object)
    {
        if (object->class->id != CLASS_SYSCTL || model_by_id(out, object->id) ||
            !fake_knows_namespace(fake, object->ns))
            continue;
        const struct object *now = model_by_id(&fake->now, object->id);
        const char *dev = fake_dev(fake, object);
        if (dev && !fake_link(fake, object->ns, dev))
            continue;
        struct object *copy = model_copy(out, now ? now : object);
        if (!now)
            object_set_text(out, copy, "value", "0");
        copy->flags = 0;
        copy->place = (struct place){0};
    }
}

static void show_rules(struct model *out, const char *ns)
{
    static const struct {
        int priority, table;
    } automatic[] = {{0, 255}, {32766, 254}, {32767, 253}};
    for (size_t i = 0; i < sizeof automatic / sizeof automatic[0]; i++) {
        struct object *rule = model_new(out, classes[CLASS_RULE], NULL, ns);
        object_set_number(out, rule, "priority", automatic[i].priority);
        object_set_number(out, rule, "table", automatic[i].table);
        rule->flags = OBJECT_KERNEL;
        model_add(out, rule, NULL);
    }
}

int fake_observe(struct door *door, const struct model *wanted, enum look look, struct model *ret_model,
                 struct errors *errors)
{
    (void)errors;
    struct fake *fake = fake_of(door);
    struct map seen CLEANUP_MAP = {0};
    struct arena arena = {0};
    fake->stats.observes++;
    see(fake, wanted, look == LOOK_EVERYWHERE, &seen, &arena);
    model_each(&fake->now, object)
    {
        bool is_namespace = object->class->id == CLASS_NAMESPACE;
        bool asked =
            object->class->id != CLASS_SYSCTL && (object->class->id != CLASS_RESOLVER ||
                                                  look == LOOK_EVERYWHERE || model_by_id(wanted, object->id));
        if (asked && map_has(&seen, is_namespace ? object->name : object->ns))
            show(fake, object, &seen, ret_model);
    }
    show_sysctls(fake, wanted, ret_model);
    for (struct map_entry *e = NULL; (e = map_next(&seen, e));) {
        if (!fake_knows_namespace(fake, e->key))
            continue;
        fake_route_connected(fake, e->key, ret_model);
        show_rules(ret_model, e->key);
    }
    arena_done(&arena);
    return 0;
}
