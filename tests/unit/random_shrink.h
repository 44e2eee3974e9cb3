/* Making a failing case small: models with one thing less that are still sound, and how they are shown.
 *
 * What is shown is what random_say.h reads, so a case can be pasted into a test of its own. */
#pragma once
#include <stdio.h>

#include "base/ip.h"
#include "model/uses.h"
#include "random_say.h"

static inline void print_model(const char *title, const struct model *model, FILE *out)
{
    fprintf(out, "%s:%s\n", title, model->n_objects ? "" : " nothing");
    for (size_t i = 0; i < model->n_objects; i++) {
        const struct object *object = model->objects[i];
        fprintf(out, "    %s %s", object->kind ? object->kind->name : object->class->name, object->ns);
        for (unsigned o = 0; o < object_n_options(object); o++) {
            struct text value CLEANUP_TEXT = {0};
            if (!value_is_set(&object->values[o]))
                continue;
            option_format(object_option(object, o), &object->values[o], &value);
            fprintf(out, " %s=", object_option(object, o)->key);
            for (const char *c = text_of(&value); *c; c++)
                fputs(*c == '\n' ? "\\n" : (const char[]){*c == ' ' ? '+' : *c, '\0'}, out);
        }
        fputc('\n', out);
    }
}

static inline bool names(const char *reference, const struct object *object)
{
    const char *slash = reference ? strrchr(reference, '/') : NULL;
    return slash && strncmp(reference, object->ns, (size_t)(slash - reference)) == 0 &&
           !object->ns[slash - reference] && strcmp(slash + 1, object->name) == 0;
}

/* A set or chain that another one names. */
static inline bool uses(const struct object *object, const struct object *used)
{
    struct text id CLEANUP_TEXT = {0};
    struct use use;
    for (const char *at = uses_text(object); at && use_next(object, &at, &use);)
        if (strcmp(use_id(object, &use, &id), used->id) == 0)
            return true;
    return false;
}

static inline bool depends_on(const struct object *object, const struct object *gone)
{
    if (gone->class->id == CLASS_NAMESPACE)
        return strcmp(object->ns, gone->name) == 0;
    if (gone->class->id == CLASS_TABLE)
        return strcmp(object->ns, gone->ns) == 0 &&
               (object->class->id == CLASS_SET || object->class->id == CLASS_CHAIN) &&
               strcmp(object_text(object, "table"), object_text(gone, "name")) == 0;
    if (gone->class->id == CLASS_SET || gone->class->id == CLASS_CHAIN)
        return strcmp(object->ns, gone->ns) == 0 && uses(object, gone);
    if (gone->class->id != CLASS_INTERFACE)
        return false;
    if (object->class->id == CLASS_INTERFACE)
        return names(object_text(object, "peer"), gone) || names(object_text(object, "parent"), gone);
    const char *dev = object_text(object, "dev");
    const char *hops = object->class->id == CLASS_ROUTE ? object_text(object, "nexthops") : NULL;
    char hop[40];
    snprintf(hop, sizeof hop, " dev %s", gone->name);
    return strcmp(object->ns, gone->ns) == 0 &&
           ((dev && strcmp(dev, gone->name) == 0) || (hops && strstr(hops, hop)));
}

static inline void leave_master(struct object *object)
{
    for (unsigned i = 0; i < object->class->n_options; i++) {
        const struct option *option = &object->class->options[i];
        bool vlans = strcmp(option->key, "vlans") == 0 && !(object->kind->flags & KIND_VLAN_PORTS);
        if (option->flags & OPTION_PORT || strcmp(option->key, "master") == 0 || vlans)
            object->values[i] = (struct value){0};
    }
}

/* A copy without object number `i` and what depends on it. */
static inline void copy_without(const struct model *model, size_t i, struct model *out)
{
    bool *gone = xrealloc(NULL, model->n_objects, sizeof *gone);
    memset(gone, 0, model->n_objects);
    gone[i] = true;
    for (bool again = true; again;) {
        again = false;
        for (size_t a = 0; a < model->n_objects; a++)
            for (size_t b = 0; b < model->n_objects && !gone[a]; b++)
                if (gone[b] && depends_on(model->objects[a], model->objects[b]))
                    gone[a] = again = true;
    }
    for (size_t a = 0; a < model->n_objects; a++) {
        struct object *copy = gone[a] ? NULL : model_copy(out, model->objects[a]);
        for (size_t b = 0; copy && copy->kind && b < model->n_objects; b++)
            if (gone[b] && model->objects[b]->kind && names(object_text(copy, "master"), model->objects[b]))
                leave_master(copy);
    }
    free(gone);
}

/* A copy in which one option of object number `i` is not said; false where it must be. */
static inline bool copy_unsaid(const struct model *model, size_t i, unsigned option, struct model *out)
{
    const struct object *object = model->objects[i];
    const struct option *o = object_option(object, option);
    if (!value_is_set(&object->values[option]) || o->flags & (OPTION_KEY | OPTION_REQUIRED) ||
        strcmp(o->key, "up") == 0 || strcmp(o->key, "mtu") == 0 || strcmp(o->key, "peer") == 0 ||
        strcmp(o->key, "parent") == 0 || (strcmp(o->key, "dev") == 0 && object->class->id != CLASS_ROUTE))
        return false;
    for (size_t a = 0; a < model->n_objects; a++) {
        struct object *copy = model_copy(out, model->objects[a]);
        if (a == i && strcmp(o->key, "master") == 0)
            leave_master(copy);
        if (a == i)
            copy->values[option] = (struct value){0};
    }
    return true;
}

static inline bool is_set_up(const struct model *model, const char *ns, const char *dev)
{
    const struct object *link = dev ? model_interface(model, ns, dev) : NULL;
    return link && object_number(link, "up", 1);
}

static inline bool is_in_vrf(const struct model *model, const char *ns, const char *dev)
{
    const struct object *link = model_interface(model, ns, dev);
    const struct object *master =
        object_text(link, "master") ? model_interface_ref(model, object_text(link, "master")) : NULL;
    return master && strcmp(master->kind->name, "vrf") == 0;
}

static inline bool reaches(const struct model *model, const struct object *route, const struct ip *ip)
{
    const char *dev = object_text(route, "dev");
    for (size_t i = 0; i < model->n_objects; i++) {
        const struct object *address = model->objects[i];
        struct prefix prefix;
        if (address->class->id != CLASS_ADDRESS || strcmp(address->ns, route->ns) != 0 ||
            prefix_parse(object_text(address, "address"), &prefix) < 0)
            continue;
        const char *on = object_text(address, "dev");
        if (is_set_up(model, route->ns, on) && !object_number(address, "noprefixroute", 0) &&
            prefix_contains(&prefix, ip) && (dev ? strcmp(dev, on) == 0 : !is_in_vrf(model, route->ns, on)))
            return true;
    }
    return false;
}

static inline bool is_sound_route(const struct model *model, const struct object *route)
{
    const char *via = object_text(route, "via"), *dev = object_text(route, "dev"),
               *src = object_text(route, "src");
    struct ip ip;
    if (object_number(route, "type", 1) != 1)
        return true;
    if (dev && !is_set_up(model, route->ns, dev))
        return false;
    if (via && (ip_parse(via, &ip) < 0 || !reaches(model, route, &ip)))
        return false;
    const char *hops = object_text(route, "nexthops");
    if (hops) { /* all next hops are in one network: the first stands for them */
        char first[64];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(hops + 4, " "), hops + 4);
        if (ip_parse(first, &ip) < 0 || !reaches(model, route, &ip))
            return false;
    }
    bool found = !src;
    for (size_t i = 0; src && i < model->n_objects; i++) {
        const struct object *address = model->objects[i];
        size_t n = strlen(src);
        found |= address->class->id == CLASS_ADDRESS && strcmp(address->ns, route->ns) == 0 &&
                 strncmp(object_text(address, "address"), src, n) == 0 &&
                 object_text(address, "address")[n] == '/';
    }
    return found && (dev || via || hops);
}

/* Whether a smaller model is one that a file could say. What the random topologies never do need not be
 * looked for. */
static inline bool is_sound(const struct model *model, const struct model *foreign)
{
    for (size_t i = 0; i < model->n_objects; i++) {
        const struct object *object = model->objects[i];
        if (object->class->id == CLASS_ROUTE && !is_sound_route(model, object))
            return false;
        if (object->class->id == CLASS_FDB && !object_text(object, "dst") &&
            !object_text(model_interface(model, object->ns, object_text(object, "dev")), "master"))
            return false;
        if (object->class->id == CLASS_NAMESPACE && !model_interface(model, object->name, "lo"))
            return false;
        if (object->class->id != CLASS_INTERFACE)
            continue;
        if (object->kind == &kind_physical && !model_by_id(foreign, object->id))
            return false;
        const char *parent = object_text(object, "parent"), *master = object_text(object, "master");
        const struct object *base = parent ? model_interface_ref(model, parent) : NULL;
        if (base && strcmp(object->kind->name, "vlan") == 0 && object_number(object, "up", 1) &&
            !object_number(base, "up", 1))
            return false;
        if (base && object_number(object, "mtu", 0) > object_number(base, "mtu", 0))
            return false;
        if (master && !model_interface_ref(model, master))
            return false;
    }
    return true;
}
