/* What the fake kernel shows: copies of what is there, and what Linux makes by itself (connected routes, the
 * three rules), marked OBJECT_KERNEL. Of sysctls and resolvers only those that are asked for; the other end
 * of a cable in a namespace that is not looked at is "?", and so is a parent there, except in HOST. */
#include <string.h>

#include "kernel/fake/internal.h"

struct look_at {
    const struct model *wanted;
    struct map namespaces;
    bool classes[CLASS_MAX];
};

/* Which namespaces are looked at, and what is read in them. */
static void choose(const struct fake *fake, const struct model *wanted, enum look look, struct look_at *at)
{
    if (look == LOOK_EVERYWHERE || !wanted->n_objects)
        map_set(&at->namespaces, HOST, at);
    for (unsigned i = 0; i < CLASS_MAX; i++)
        at->classes[i] = look != LOOK_WANTED || !(classes[i]->flags & CLASS_ASKED);
    model_each(wanted, object)
    {
        map_set(&at->namespaces, object_namespace(object), at);
        at->classes[object->class->id] = true;
    }
    if (look == LOOK_EVERYWHERE)
        model_each(&fake->now, object) if (object->class->id == CLASS_NAMESPACE)
            map_set(&at->namespaces, object->name, at);
}

static bool is_asked(const struct look_at *at, const struct object *object)
{
    enum class_id class = object->class->id;
    return at->classes[class] && class != CLASS_SYSCTL &&
           (class != CLASS_RESOLVER || model_by_id(at->wanted, object->id)) &&
           map_has(&at->namespaces, object_namespace(object));
}

static bool is_hidden(const struct map *seen, const char *reference)
{
    struct text ns CLEANUP_TEXT = {0};
    return reference && reference_ns(reference, &ns) && !map_has(seen, text_of(&ns));
}

/* The kernel tells the number of the namespace of a parent, and HOST is always compared with it. */
static bool is_hidden_parent(const struct map *seen, const char *reference)
{
    return is_hidden(seen, reference) && !reference_in(reference, HOST);
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
    if (is_hidden_parent(seen, fake_text(copy, fake->at.parent)))
        copy->values[fake->at.parent] = value_text("?");
}

/* It is there without having been made; what was never written is 0. */
static void show_sysctl(const struct fake *fake, const char *ns, const char *name, const char *dev,
                        struct model *out)
{
    const struct object *now = model_get(&fake->now, CLASS_SYSCTL, ns, name);
    if ((dev && !fake_link(fake, ns, dev)) || model_get(out, CLASS_SYSCTL, ns, name))
        return;
    struct object *shown = model_new(out, classes[CLASS_SYSCTL], NULL, ns);
    object_set_text(out, shown, "name", name);
    object_set_text(out, shown, "value", now ? object_text(now, "value") : "0");
    if (dev)
        object_set_text(out, shown, "dev", dev);
    model_add(out, shown, NULL);
}

/* What whoever turns forwarding on or off changes. */
static void show_forwarding(const struct fake *fake, const char *ns, int family, struct model *out)
{
    char name[100];
    if (family == 4)
        show_sysctl(fake, ns, "net/ipv4/conf/all/accept_redirects", NULL, out);
    snprintf(name, sizeof name, "net/ipv%d/conf/default/forwarding", family);
    show_sysctl(fake, ns, name, NULL, out);
    for (const struct object *link = map_get(&fake->now.namespaces, ns); link; link = link->next_in_ns) {
        snprintf(name, sizeof name, "net/ipv%d/conf/%s/forwarding", family, link->name);
        if (link->class->id == CLASS_INTERFACE)
            show_sysctl(fake, ns, name, link->name, out);
    }
}

static void show_sysctls(const struct fake *fake, const struct model *wanted, enum look look,
                         struct model *out)
{
    model_each(wanted, object)
    {
        if (object->class->id != CLASS_SYSCTL || !fake_knows_namespace(fake, object->ns))
            continue;
        show_sysctl(fake, object->ns, object->name, fake_dev(fake, object), out);
        if (look != LOOK_WANTED && strcmp(object->name, "net/ipv4/ip_forward") == 0)
            show_forwarding(fake, object->ns, 4, out);
        if (look != LOOK_WANTED && strcmp(object->name, "net/ipv6/conf/all/forwarding") == 0)
            show_forwarding(fake, object->ns, 6, out);
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
    static const struct model nothing;
    struct fake *fake = fake_of(door);
    struct look_at at = {.wanted = wanted ? wanted : &nothing};
    choose(fake, at.wanted, look, &at);
    model_each(&fake->now, object)
    {
        if (is_asked(&at, object))
            show(fake, object, &at.namespaces, ret_model);
    }
    show_sysctls(fake, at.wanted, look, ret_model);
    for (struct map_entry *e = NULL; (e = map_next(&at.namespaces, e));) {
        if (!fake_knows_namespace(fake, e->key))
            continue;
        fake_route_connected(fake, e->key, ret_model);
        if (at.classes[CLASS_RULE])
            show_rules(ret_model, e->key);
    }
    map_done(&at.namespaces);
    return 0;
}
