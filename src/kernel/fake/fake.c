/* The door of the fake kernel: looking, and running steps. The rules are in the files beside it. */
#include "kernel/fake/fake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fake/internal.h"

int fake_refuse(struct fake *fake, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(fake->words, sizeof fake->words, format, args);
    va_end(args);
    return -error;
}

void fake_put_text(struct fake *fake, struct object *object, int at, const char *text)
{
    if (text)
        object->values[at] = value_text(arena_strdup(&fake->now.arena, text));
    else
        fake_put_fallback(object, (unsigned)at);
}

void fake_put_number(struct object *object, int at, int64_t number)
{
    object->values[at] = value_number(number);
}

void fake_put_fallback(struct object *object, unsigned option)
{
    object->values[option] = option_fallback(object_option(object, option));
}

bool fake_knows_namespace(const struct fake *fake, const char *ns)
{
    return strcmp(ns, HOST) == 0 || model_get(&fake->now, CLASS_NAMESPACE, HOST, ns);
}

/* What the option table does not allow, the kernel does not either. */
static int check_value(struct fake *fake, const struct option *option, const struct value *value)
{
    if (value->form != VALUE_NUMBER)
        return 0;
    bool named = option->names && names_format(option->names, value->number);
    if (option->type == TYPE_ENUM && !named)
        return fake_refuse(fake, EINVAL, "`%s` %lld", option->key, (long long)value->number);
    bool ranged = option->type == TYPE_NUMBER && (option->min || option->max) && !named;
    if (ranged && (value->number < option->min || value->number > option->max))
        return fake_refuse(fake, ERANGE, "`%s` %lld", option->key, (long long)value->number);
    return 0;
}

/* lo takes any MTU, and has 65536 from birth. */
static bool is_free(const struct fake *fake, const struct object *object, unsigned option)
{
    return object->kind == &kind_loopback && (int)option == fake->at.mtu;
}

int fake_check_values(struct fake *fake, const struct object *object)
{
    for (unsigned i = 0; i < object_n_options(object); i++) {
        if (is_free(fake, object, i))
            continue;
        int r = check_value(fake, object_option(object, i), &object->values[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

int fake_check_changes(struct fake *fake, const struct step *step)
{
    for (unsigned i = 0; i < object_n_options(step->new); i++) {
        if (!step_changes(step, i))
            continue;
        const struct option *option = object_option(step->new, i);
        if (option->change == CHANGE_RECREATE || option->flags & OPTION_KEY)
            return fake_refuse(fake, EOPNOTSUPP, "`%s` cannot be changed", option->key);
        int r = is_free(fake, step->new, i) ? 0 : check_value(fake, option, &step->new->values[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

const struct fake_class fake_classes[CLASS_MAX] = {
    [CLASS_NAMESPACE] = {.has_mark = true, /* the alias of its loopback */
                         .add = fake_namespace_add,
                         .del = fake_namespace_del},
    [CLASS_INTERFACE] = {.has_mark = true, .add = fake_link_add, .set = fake_link_set, .del = fake_link_del},
    [CLASS_ADDRESS] = {.has_mark = true,
                       .add = fake_address_add,
                       .del = fake_address_del,
                       .flush = fake_address_flush},
    [CLASS_ROUTE] = {.has_mark = true,
                     .add = fake_route_add,
                     .set = fake_route_set,
                     .flush = fake_route_flush},
    [CLASS_RULE] = {.has_mark = true}, /* one that names a deleted interface stays, [detached] */
    [CLASS_NEIGHBOUR] = {.has_mark = true, .check = fake_neighbour_check, .flush = fake_neighbour_flush},
    [CLASS_FDB] = {.check = fake_fdb_check, .flush = fake_fdb_flush},
    [CLASS_WGPEER] = {.check = fake_wgpeer_check, .flush = fake_entry_flush},
    [CLASS_SYSCTL] = {.put = fake_sysctl_put, .flush = fake_entry_flush},
    [CLASS_RESOLVER] = {.has_mark = true, .set = fake_resolver_set},
    [CLASS_SERVICE] = {.has_mark = true},
    [CLASS_TABLE] = {.has_mark = true, .del = fake_table_del},
    [CLASS_SET] = {.has_mark = true,
                   .add = fake_firewall_add,
                   .set = fake_firewall_set,
                   .del = fake_firewall_del},
    [CLASS_CHAIN] = {.has_mark = true,
                     .add = fake_firewall_add,
                     .set = fake_firewall_set,
                     .del = fake_firewall_del},
};

static bool has_mark(const struct object *object)
{
    return fake_classes[object->class->id].has_mark &&
           !(object->kind && object->kind->maker == MAKER_EXISTING);
}

struct object *fake_put(struct fake *fake, const struct object *object)
{
    struct object *copy = model_copy(&fake->now, object);
    bool ours = fake->owner && has_mark(copy) && !(object->flags & OBJECT_FOREIGN);
    copy->owner = ours ? arena_strdup(&fake->now.arena, fake->owner) : NULL;
    copy->flags = ours ? OBJECT_OURS : 0;
    copy->place = (struct place){0};
    for (unsigned i = 0; i < object_n_options(copy); i++)
        if (!value_is_set(&copy->values[i]))
            fake_put_fallback(copy, i);
    return copy;
}

void fake_change(struct fake *fake, struct object *now, const struct step *step)
{
    for (unsigned i = 0; i < object_n_options(now); i++) {
        if (!step_changes(step, i))
            continue;
        now->values[i] = step->new->values[i];
        if (now->values[i].form == VALUE_TEXT)
            now->values[i].text = arena_strdup(&fake->now.arena, now->values[i].text);
        else if (now->values[i].form == VALUE_UNSET)
            fake_put_fallback(now, i);
    }
}

static int add(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    const struct fake_class *class = &fake_classes[want->class->id];
    if (!fake_knows_namespace(fake, want->ns))
        return fake_refuse(fake, ENOENT, "there is no namespace %s", want->ns);
    if (class->put)
        return class->put(fake, step);
    if (model_by_id(&fake->now, want->id))
        return fake_refuse(fake, EEXIST, "it is there already");
    int r = fake_check_values(fake, want);
    if (r < 0)
        return r;
    return class->add ? class->add(fake, step) : fake_entry_add(fake, step);
}

static int set(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    const struct fake_class *class = &fake_classes[want->class->id];
    if (!fake_knows_namespace(fake, want->ns))
        return fake_refuse(fake, ENOENT, "there is no namespace %s", want->ns);
    if (class->put)
        return class->put(fake, step);
    struct object *now = model_by_id(&fake->now, want->id);
    if (!now)
        return fake_refuse(fake, want->class->id == CLASS_INTERFACE ? ENODEV : ENOENT, "it is not there");
    if (now->kind != want->kind)
        return fake_refuse(fake, EOPNOTSUPP, "it is a %s, not a %s", now->kind->name, want->kind->name);
    return class->set ? class->set(fake, step, now) : fake_entry_set(fake, step, now);
}

static int del(struct fake *fake, const struct step *step)
{
    const struct fake_class *class = &fake_classes[step->old->class->id];
    if (class->put)
        return fake_refuse(fake, EOPNOTSUPP, "it cannot be deleted");
    struct object *now = model_by_id(&fake->now, step->old->id);
    if (!now || now->flags & OBJECT_KERNEL)
        return 0; /* it died with something else */
    return class->del ? class->del(fake, now) : fake_entry_del(fake, now);
}

static int step_run(struct fake *fake, const struct step *step)
{
    fake->words[0] = '\0';
    switch (step->verb) {
    case VERB_ADD:
        return add(fake, step);
    case VERB_SET:
        return set(fake, step);
    case VERB_DEL:
        return del(fake, step);
    case VERB_MAX:
        break;
    }
    return -EINVAL;
}

static void report(struct fake *fake, const struct step *step, int r, struct errors *errors)
{
    struct text what CLEANUP_TEXT = {0};
    step_describe(step, &what);
    errors_add(errors, &step_object(step)->place, "%s %s: %s (%s)", names_format(verb_names, step->verb),
               text_of(&what), strerror(-r), fake->words);
}

static int run(struct door *door, const struct step *const *steps, size_t n_steps, size_t *ret_done,
               struct errors *errors)
{
    struct fake *fake = fake_of(door);
    size_t done = 0;
    int r = 0;
    for (; done < n_steps && (r = step_run(fake, steps[done])) == 0; done++)
        ;
    if (r < 0)
        report(fake, steps[done], r, errors);
    if (ret_done)
        *ret_done = done;
    return r;
}

/* ---- what this kernel lacks ---- */

static bool is_lacking(const struct fake *fake, const char *config)
{
    for (unsigned i = 0; config && i < fake->n_lacks; i++)
        if (strcmp(fake->lacks[i], config) == 0)
            return true;
    return false;
}

static int lacks(struct door *door, const struct model *model, struct errors *errors)
{
    const struct fake *fake = fake_of(door);
    int r = 0;
    model_each(model, object)
    {
        const char *config =
            object->kind && is_lacking(fake, object->kind->config) ? object->kind->config : NULL;
        for (unsigned i = 0; !config && i < object_n_options(object); i++)
            if (value_is_set(&object->values[i]) && is_lacking(fake, object_option(object, i)->needs))
                config = object_option(object, i)->needs;
        if (!config)
            continue;
        errors_add(errors, &object->place, "%s: this kernel has no CONFIG_%s", object->id, config);
        r = -EOPNOTSUPP;
    }
    return r;
}

/* Every process runs here, and every path is a namespace. */
static int attaches(struct door *door, const struct object *namespace, struct text *identity,
                    struct errors *errors)
{
    const char *path = object_text(namespace, "path");
    (void)door, (void)errors;
    text_printf(identity, "%s%lld", path ? path : "", (long long)object_number(namespace, "pid", 0));
    return 0;
}

/* ---- birth and death ---- */

static void fake_free(struct door *door)
{
    struct fake *fake = fake_of(door);
    model_done(&fake->now);
    free(fake);
}

static const struct door_ops ops = {
    .observe = fake_observe, .run = run, .lacks = lacks, .attaches = attaches, .free = fake_free};

static int find_field(enum class_id class, const char *key)
{
    for (unsigned i = 0; i < classes[class]->n_options; i++)
        if (strcmp(classes[class]->options[i].key, key) == 0)
            return (int)i;
    return -1;
}

static void find_fields(struct fake_fields *at)
{
    for (unsigned class = 0; class < CLASS_MAX; class ++)
        at->dev[class] = find_field(class, "dev");
    const struct {
        int *at;
        enum class_id class;
        const char *key;
    } fields[] = {
        {&at->up, CLASS_INTERFACE, "up"},
        {&at->mtu, CLASS_INTERFACE, "mtu"},
        {&at->mac, CLASS_INTERFACE, "mac"},
        {&at->master, CLASS_INTERFACE, "master"},
        {&at->parent, CLASS_INTERFACE, "parent"},
        {&at->peer, CLASS_INTERFACE, "peer"},
        {&at->vlans, CLASS_INTERFACE, "vlans"},
        {&at->address, CLASS_ADDRESS, "address"},
        {&at->noprefix, CLASS_ADDRESS, "noprefixroute"},
        {&at->to, CLASS_ROUTE, "to"},
        {&at->table, CLASS_ROUTE, "table"},
        {&at->metric, CLASS_ROUTE, "metric"},
        {&at->type, CLASS_ROUTE, "type"},
        {&at->via, CLASS_ROUTE, "via"},
        {&at->src, CLASS_ROUTE, "src"},
        {&at->onlink, CLASS_ROUTE, "onlink"},
        {&at->nexthops, CLASS_ROUTE, "nexthops"},
        {&at->ip, CLASS_NEIGHBOUR, "ip"},
        {&at->fdb_vlan, CLASS_FDB, "vlan"},
        {&at->priority, CLASS_RULE, "priority"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        *fields[i].at = find_field(fields[i].class, fields[i].key);
        if (*fields[i].at < 0)
            abort(); /* the tables and the fake have parted */
    }
}

int door_fake(struct door **ret_door)
{
    struct fake *fake = xrealloc(NULL, 1, sizeof *fake);
    *fake = (struct fake){.door.ops = &ops, .owner = "test"};
    find_fields(&fake->at);
    struct object *lo = model_new(&fake->now, classes[CLASS_INTERFACE], &kind_loopback, HOST);
    object_set_text(&fake->now, lo, "name", "lo");
    lo->values[fake->at.mtu] = value_number(65536);
    model_add(&fake->now, lo, NULL);
    for (unsigned i = 0; i < object_n_options(lo); i++)
        if (!value_is_set(&lo->values[i]) && !(object_option(lo, i)->flags & OPTION_PORT))
            fake_put_fallback(lo, i);
    fake_put_number(lo, fake->at.up, 0);
    fake_link_raise(fake, lo);
    *ret_door = &fake->door;
    return 0;
}

/* ---- for tests ---- */

void fake_topology(struct door *door, const char *topology)
{
    struct fake *fake = fake_of(door);
    fake->owner = arena_strdup(&fake->now.arena, topology);
}

/* The far end of a pair, or lo: it is there, and set to what the object says. */
static void difference(const struct object *now, const struct object *object, struct step *ret_step)
{
    *ret_step = (struct step){.verb = VERB_SET, .old = now, .new = object};
    for (unsigned i = 0; i < object_n_options(object); i++)
        if (value_is_set(&object->values[i]) && !value_equal(&object->values[i], &now->values[i]))
            option_set_put(&ret_step->changed, i);
}

static int foreign_one(struct fake *fake, const struct model *objects, const struct object *object,
                       struct errors *errors)
{
    struct step step = {.verb = VERB_ADD, .new = object};
    const char *peer = object->class->id == CLASS_INTERFACE ? fake_text(object, fake->at.peer) : NULL;
    struct object *now = model_by_id(&fake->now, object->id);
    if (now && now->class->id == CLASS_INTERFACE)
        difference(now, object, &step);
    else if (peer && object->kind->flags & KIND_PAIR)
        step.peer = model_interface_ref(objects, peer);
    int r = step_run(fake, &step);
    if (r < 0)
        report(fake, &step, r, errors);
    return r;
}

int fake_foreign(struct door *door, const struct model *objects, struct errors *errors)
{
    struct fake *fake = fake_of(door);
    const char *owner = fake->owner;
    int r = 0;
    fake->owner = NULL;
    for (size_t i = 0; i < objects->n_objects && r == 0; i++)
        r = foreign_one(fake, objects, objects->objects[i], errors);
    fake->owner = owner;
    return r;
}

void fake_lack(struct door *door, const char *config)
{
    struct fake *fake = fake_of(door);
    if (fake->n_lacks < FAKE_LACKS)
        fake->lacks[fake->n_lacks++] = arena_strdup(&fake->now.arena, config);
}
