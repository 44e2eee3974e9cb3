/* The door to the running kernel: opening, observing, running.
 *
 * Observing asks each namespace a handful of dumps, where there are many by threads that are ahead of the
 * reader (ahead.c), and keeps nothing between two calls but open sockets.
 * Running does steps one by one, each at most a few requests, all acknowledged: measured on 6.18, sending
 * many requests at once is not faster, since the kernel's own work is nearly all of the time. Deleting
 * interfaces is the exception (delete.c). */
#include "kernel/linux/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/linux/nft.h"
#include "kernel/linux/resolver_file.h"

const struct linux_class *const linux_classes[CLASS_MAX] = {
    [CLASS_NAMESPACE] = &linux_namespace,
    [CLASS_INTERFACE] = &linux_interface,
    [CLASS_ADDRESS] = &linux_address,
    [CLASS_ROUTE] = &linux_route,
    [CLASS_RULE] = &linux_rule,
    [CLASS_NEIGHBOUR] = &linux_neighbour,
    [CLASS_FDB] = &linux_fdb,
    [CLASS_WGPEER] = &linux_wgpeer,
    [CLASS_SYSCTL] = &linux_sysctl,
    [CLASS_RESOLVER] = &linux_resolver,
    [CLASS_TABLE] = &linux_table,
    [CLASS_SET] = &linux_set,
    [CLASS_CHAIN] = &linux_chain,
    [CLASS_SERVICE] = &linux_service,
};

int linux_request(struct linux_door *door, const struct netns *ns)
{
    return netlink_request(ns->route, &door->message, &door->reply);
}

int linux_ns_of(struct linux_door *door, const struct object *object, struct netns **ret_ns)
{
    return namespaces_get(&door->namespaces, object->ns, ret_ns);
}

int linux_dev_of(struct linux_door *door, const struct object *object, struct netns **ret_ns,
                 uint32_t *ret_index)
{
    const char *dev = object_dev(object);
    int r = linux_ns_of(door, object, ret_ns);
    if (r < 0)
        return r;
    int index = dev ? netns_ifindex(*ret_ns, dev) : -ENODEV;
    if (index < 0)
        return index;
    *ret_index = (uint32_t)index;
    return 0;
}

int view_dump(struct view *view)
{
    return netlink_dump(view->route, &view->door->message, &view->door->dump, &view->door->reply);
}

struct object *view_new(struct view *view, enum class_id class)
{
    return model_new(view->model, classes[class], NULL, view->name);
}

/* The kernel says "none" by silence; the tables say it by an empty text, where one can be set back to none.
 */
static void say_none(struct object *object)
{
    unsigned n = object_n_options(object);
    for (unsigned i = 0; i < n; i++) {
        const char *fallback = object_option(object, i)->fallback;
        if (fallback && !*fallback && !value_is_set(&object->values[i]))
            object->values[i] = value_text("");
    }
}

/* A protocol number says "Plexus" and no more. Whose it is, the interface says that it hangs on (in the
 * namespace of one topology, others may have theirs), or the namespace; in the host, on an interface that is
 * nobody's, that stays open. */
static const char *owner_of(const struct view *view, const struct object *object)
{
    const char *dev = object_dev(object);
    const struct object *interface = dev ? model_interface(view->model, view->name, dev) : NULL;
    return interface && interface->owner ? interface->owner : view->owner;
}

void view_add(struct view *view, struct object *object, bool marked)
{
    if (!(object->flags & OBJECT_ORIGIN) && (marked || view->owner || object->owner))
        object->flags |= OBJECT_OURS;
    if (object->flags & OBJECT_OURS && !object->owner)
        object->owner = owner_of(view, object);
    say_none(object);
    struct object *other;
    if (model_add(view->model, object, &other) == -EEXIST && object->flags & OBJECT_OURS &&
        !(other->flags & OBJECT_OURS)) { /* of two routes of one identity, ours */
        model_remove(view->model, other);
        model_add(view->model, object, NULL);
    }
}

const char *view_device(const struct view *view, uint32_t index)
{
    const struct link *link = links_find(&view->links, (int)index);
    return link ? link->name : NULL;
}

static int cannot_read(struct view *view, const char *what, int error)
{
    const char *words = view->door->reply.text;
    struct error *entry = errors_add(view->door->errors, NULL, "cannot read %s of %s%s: %s%s%s%s", what,
                                     strcmp(view->name, HOST) == 0 ? "the host" : "namespace ",
                                     strcmp(view->name, HOST) == 0 ? "" : view->name, strerror(-error),
                                     *words ? " (" : "", words, *words ? ")" : "");
    if (error == -EPERM || error == -EACCES)
        error_hint(view->door->errors, entry, "run it as root: sudo plexus ...");
    return error;
}

bool view_passes_over(const struct view *view, enum class_id id)
{
    return classes[id]->flags & CLASS_ASKED && view->look == LOOK_WANTED && !view->wants[id];
}

int class_read(struct view *view, const struct linux_class *class, const void *data, size_t length)
{
    if (class->read_all)
        return class->read_all(view, data, length);
    for (const struct nlmsghdr *m = NULL; (m = dump_next(data, length, m));)
        class->read(view, m);
    return 0;
}

static int observe_class(struct view *view, enum class_id id)
{
    const struct linux_class *class = linux_classes[id];
    const struct answer *answer = view->answers ? &view->answers->of[id] : NULL;
    if (class->observe)
        return class->observe(view);
    if (!class->ask || (class->is_there && !class->is_there(view)))
        return 0;
    if (answer && answer->is_there)
        return class_read(view, class, view->answers->dump->data + answer->at, answer->length);
    class->ask(&view->door->message);
    int r = view_dump(view);
    return r < 0 ? r : class_read(view, class, view->door->dump.data, view->door->dump.length);
}

/* All classes, or those with one of the flags. */
static int observe_classes(struct view *view, unsigned flags, bool has_name)
{
    for (enum class_id i = 0; i < CLASS_MAX; i++) {
        if (i == CLASS_NAMESPACE && !has_name)
            continue;
        if ((flags && !(classes[i]->flags & flags)) || view_passes_over(view, i))
            continue;
        int r = observe_class(view, i);
        if (r < 0)
            return cannot_read(view, i == CLASS_NAMESPACE ? "anything" : classes[i]->name, r);
    }
    return 0;
}

static void take_answers(struct view *view, const char *name, struct answers *answers)
{
    view->answers = answers;
    if (!answers || !answers->is_new)
        return;
    namespaces_adopt(&view->door->namespaces, name, answers->route, &answers->about);
    answers->is_new = false;
}

/* `wanted`: somebody asked for it by name. One that is only listed may be another user's, and is passed over.
 */
static int observe_namespace(struct view *view, const char *name, bool wanted)
{
    struct netns *ns;
    bool has_name;
    view->name = arena_strdup(&view->model->arena, name);
    view->owner = NULL;
    view->door->reply = (struct reply){0};
    int r = linux_find(view, name, wanted, &ns, &has_name);
    if (r == -ENOENT && wanted) /* its file below /etc/netns may be there all the same */
        return observe_classes(view, CLASS_FILE, false);
    if (r == -ENOENT || (r < 0 && !wanted))
        return 0;
    if (r < 0)
        return cannot_read(view, "anything", r);
    view->route = ns->route;
    view->owner = NULL;
    view->namespace = NULL;
    view->has_bare = view->has_fdb = view->has_vlans = view->has_wireguard = false;
    links_clear(&view->links);
    r = observe_classes(view, 0, has_name);
    if (r < 0)
        return r;
    if (view->namespace && view->owner) {
        view->namespace->owner = view->owner;
        view->namespace->flags |= OBJECT_OURS;
    }
    return 0;
}

struct names {
    const char **list;
    size_t n, n_wanted, capacity;
    struct map seen;
};

static void names_add(struct names *names, const char *name)
{
    if (map_has(&names->seen, name))
        return;
    if (names->n == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 64;
        names->list = xrealloc(names->list, names->capacity, sizeof *names->list);
    }
    names->list[names->n++] = name;
    map_set(&names->seen, name, (void *)name);
}

struct listing {
    struct names *names;
    struct arena *arena;
};

static int add_listed(const char *name, void *userdata)
{
    const struct listing *listing = userdata;
    names_add(listing->names, arena_strdup(listing->arena, name));
    return 0;
}

/* Those that `wanted` speaks of in its order, or HOST; then the rest. */
static void gather_names(const struct model *wanted, bool everything, struct model *model,
                         struct names *names)
{
    if (everything || !wanted || !wanted->n_objects)
        names_add(names, HOST);
    if (wanted)
        model_each(wanted, object) names_add(names, object_namespace(object));
    names->n_wanted = names->n;
    struct listing listing = {.names = names, .arena = &model->arena};
    if (everything)
        namespaces_list(add_listed, &listing);
}

static int observe_namespaces(struct view *view, const struct names *names)
{
    const struct view asked = *view;
    struct ahead *ahead = ahead_start(&asked, names->list, names->n);
    int r = 0;
    for (size_t i = 0; r == 0 && i < names->n; i++) {
        take_answers(view, names->list[i], ahead_answers(ahead, i));
        r = observe_namespace(view, names->list[i], i < names->n_wanted);
    }
    view->answers = NULL;
    ahead_stop(ahead);
    return r;
}

static int linux_observe(struct door *base, const struct model *wanted, enum look look,
                         struct model *ret_model, struct errors *errors)
{
    struct linux_door *door = (struct linux_door *)base;
    struct view view = {.door = door, .wanted = wanted, .look = look, .model = ret_model};
    struct names names = {0};
    door->errors = errors;
    namespaces_round(&door->namespaces);
    gather_names(wanted, look == LOOK_EVERYWHERE, ret_model, &names);
    for (size_t i = 0; wanted && i < wanted->n_objects; i++) {
        view.wants[wanted->objects[i]->class->id] = true;
        view.wants_local |= route_is_local(wanted->objects[i]);
    }
    int r = observe_namespaces(&view, &names);
    if (r == 0)
        far_ends_resolve(&view);
    namespaces_release(&door->namespaces);
    links_done(&view.links);
    free(view.far_ends);
    free(names.list);
    map_done(&names.seen);
    return r;
}

/* It went already, together with what it hung on. */
static bool was_gone(int error)
{
    return error == -ENOENT || error == -ENODEV || error == -ESRCH || error == -EADDRNOTAVAIL ||
           error == -ENXIO;
}

static int run_step(struct linux_door *door, const struct step *step)
{
    const struct linux_class *class = linux_classes[step_object(step)->class->id];
    if (step->verb != VERB_DEL || class != &linux_namespace)
        namespaces_release(&door->namespaces); /* it may need what they hold */
    int (*function)(struct linux_door *, const struct step *) = NULL;
    switch (step->verb) {
    case VERB_ADD:
        function = class->add;
        break;
    case VERB_SET:
        function = class->set;
        break;
    case VERB_DEL:
        function = class->del;
        break;
    case VERB_MAX:
        break;
    }
    if (step->verb == VERB_DEL || class == &linux_namespace)
        door->master.index = 0; /* its index may mean another now */
    door->reply = (struct reply){0};
    int r = function ? function(door, step) : -EOPNOTSUPP;
    if (r < 0 && step->verb == VERB_DEL && was_gone(r))
        r = 0;
    return r < 0 ? linux_refused(door, step, r) : 0;
}

enum { PROGRESS_STEPS = 50 }; /* between two words of progress */

static int linux_run(struct door *base, const struct step *const *steps, size_t n_steps, size_t *ret_done,
                     struct errors *errors)
{
    struct linux_door *door = (struct linux_door *)base;
    int r = 0;
    size_t done = 0, told = 0;
    door->errors = errors;
    door->master.index = 0;
    door->alone = 0;
    namespaces_round(&door->namespaces);
    resolver_file_tidy();
    while (r == 0 && done < n_steps) {
        size_t together = linux_delete_together(door, steps + done, n_steps - done);
        if (!together)
            r = linux_nft_run(door, steps + done, n_steps - done, &together);
        if (r == 0 && !together) {
            r = run_step(door, steps[done]);
            together = r == 0;
        }
        done += together;
        if (base->progress && done - told >= PROGRESS_STEPS) {
            base->progress(done, n_steps, base->userdata);
            told = done;
        }
    }
    *ret_done = done;
    return r;
}

static void linux_free(struct door *base)
{
    struct linux_door *door = (struct linux_door *)base;
    if (!door)
        return;
    namespaces_done(&door->namespaces);
    nft_known_done(door);
    dump_done(&door->dump);
    free(door->topology);
    free(door);
}

static const struct door_ops linux_ops = {
    .observe = linux_observe,
    .run = linux_run,
    .lacks = linux_lacks,
    .attaches = linux_attaches,
    .free = linux_free,
};

struct linux_door *linux_door_of(struct door *door)
{
    return door && door->ops == &linux_ops ? (struct linux_door *)door : NULL;
}

int door_linux(const char *topology, struct door **ret_door, struct errors *errors)
{
    struct linux_door *door = xrealloc(NULL, 1, sizeof *door);
    memset(door, 0, sizeof *door);
    door->door.ops = &linux_ops;
    door->topology = topology ? xstrdup(topology) : NULL;
    int r = namespaces_init(&door->namespaces);
    if (r < 0) {
        errors_add(errors, NULL, "cannot open a netlink socket: %s", strerror(-r));
        linux_free(&door->door);
        return r;
    }
    for (unsigned i = 0; i < CLASS_MAX; i++)
        if (linux_classes[i]->init)
            linux_classes[i]->init();
    *ret_door = &door->door;
    return 0;
}
