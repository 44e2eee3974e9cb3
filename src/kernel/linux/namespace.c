/* Namespaces as objects: made, attached and removed through namespaces.c.
 *
 * Nothing can be written on a namespace itself. So the `lo` of one that we made carries our alias, and all
 * that is in it counts as ours. One that was there before and only got a name (`path`, `pid`) is left
 * unmarked. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/linux/linux.h"
#include "model/former.h"

/* The file of a namespace that others made and that is attached to, put into `path`; NULL: none. */
static const char *origin_path(const struct object *object, char path[PATH_MAX])
{
    const char *given = object_text(object, "path");
    int64_t pid = object_number(object, "pid", 0);
    if (given)
        snprintf(path, PATH_MAX, "%s", given);
    else if (pid)
        snprintf(path, PATH_MAX, "/proc/%lld/ns/net", (long long)pid);
    return given || pid ? path : NULL;
}

/* What is wrong with the place from where it is to be attached, and what to do. */
static void refuse_origin(const struct object *namespace, const char *path, int error, struct errors *errors)
{
    bool by_pid = !object_has(namespace, "path");
    long long pid = object_number(namespace, "pid", 0);
    const char *key = by_pid ? "pid" : "path";
    if (error == -EEXIST) {
        struct error *entry = errors_add(errors, &namespace->place,
                                         "`%s` of namespace `%s`: %s is the namespace of the host itself",
                                         key, namespace->name, path);
        error_hint(errors, entry, "say at the top of the file what belongs to the host");
    } else if (by_pid) {
        struct error *entry =
            errors_add(errors, &namespace->place, "`pid` of namespace `%s`: there is no process %lld",
                       namespace->name, pid);
        error_hint(errors, entry, "that of a container is shown by: docker inspect -f '{{.State.Pid}}' NAME");
    } else {
        struct error *entry =
            errors_add(errors, &namespace->place, "`path` of namespace `%s`: %s %s", namespace->name, path,
                       error == -EINVAL ? "is not a network namespace" : "is not there");
        error_hint(
            errors, entry,
            "those with a name are /run/netns/NAME (`ip netns`), that of a process is /proc/PID/ns/net");
    }
}

int linux_attaches(struct door *door, const struct object *namespace, struct text *identity,
                   struct errors *errors)
{
    char buffer[PATH_MAX];
    struct stat about;
    const char *path = origin_path(namespace, buffer);
    int r = path ? namespaces_look(&linux_door_of(door)->namespaces, path, &about) : 0;
    if (path && r == 0)
        text_printf(identity, "%llu:%llu", (unsigned long long)about.st_dev,
                    (unsigned long long)about.st_ino);
    if (r != -EEXIST && r != -EINVAL && r != -ENOENT && r != -ESRCH)
        return 0;
    refuse_origin(namespace, path, r, errors);
    return -EOPNOTSUPP;
}

struct marking {
    struct linux_door *door;
    const struct object *namespace;
};

static int mark_new(int route, void *userdata)
{
    const struct marking *marking = userdata;
    return linux_mark(marking->door, route, marking->namespace, "lo");
}

static int namespace_add(struct linux_door *door, const struct step *step)
{
    char buffer[PATH_MAX];
    struct netns *ns;
    struct marking marking = {door, step->new};
    const char *path = origin_path(step->new, buffer);
    bool mark = !path && linux_marks(door, step->new);
    int r = namespaces_make(&door->namespaces, step->new->name, path, mark ? mark_new : NULL, &marking);
    if (r == 0 && mark && (r = namespaces_get(&door->namespaces, step->new->name, &ns)) == 0)
        note_mark(ns, linux_marker(door, step->new));
    return r;
}

static int namespace_del(struct linux_door *door, const struct step *step)
{
    return namespaces_remove(&door->namespaces, step->old->name);
}

/* The plain name: below it the file lies. */
static const char *file_name(struct view *view, const char *name)
{
    return former_is(name) ? former_other(&view->model->arena, name) : name;
}

/* The name leads to where it is to be attached from; one that we made is known by its mark. */
static bool is_behind(struct view *view, const char *name, const struct object *namespace)
{
    char path[PATH_MAX];
    struct netns *ns;
    if (origin_path(namespace, path))
        return namespaces_same(name, path);
    return namespaces_get(&view->door->namespaces, name, &ns) == 0 && linux_ns_is_marked(view->door, ns);
}

static bool is_no_more(const struct object *namespace)
{
    char path[PATH_MAX];
    struct stat about;
    return origin_path(namespace, path) && stat(path, &about) < 0;
}

/* A process may have ended, and its namespace lives on by the name alone. Then it is the one that came, if a
 * run has brought it (that is so on the way back) and it is not the other. */
static bool has_come(struct view *view, const struct object *newcomer, const struct object *former)
{
    const char *name = newcomer->name;
    return is_behind(view, name, newcomer) ||
           (newcomer->flags & OBJECT_MADE && is_no_more(newcomer) && !is_behind(view, name, former));
}

static const struct object *wanted_namespace(const struct view *view, const char *name)
{
    return view->wanted ? model_get(view->wanted, CLASS_NAMESPACE, HOST, name) : NULL;
}

static bool bears_name(struct view *view, const char *name)
{
    const char *plain = file_name(view, name);
    const struct object *newcomer = wanted_namespace(view, plain);
    const struct object *former = wanted_namespace(view, former_other(&view->model->arena, plain));
    return !newcomer || !former || has_come(view, newcomer, former) == (name == plain);
}

int linux_find(struct view *view, const char *name, bool wanted, struct netns **ret_ns, bool *ret_named)
{
    struct namespaces *all = &view->door->namespaces;
    const struct object *object = wanted_namespace(view, name);
    char path[PATH_MAX];
    bool bears = bears_name(view, name);
    int r = bears && !former_is(name) ? namespaces_get(all, name, ret_ns) : -ENOENT;
    if (r < 0)
        view->answers = NULL; /* they are those of whoever bears the name */
    if (bears && former_is(name))
        r = namespaces_lend(all, name, file_name(view, name), ret_ns);
    *ret_named = r != -ENOENT;
    if (r != -ENOENT || !wanted || !object || !origin_path(object, path))
        return r;
    return namespaces_borrow(all, name, path, ret_ns) < 0 ? -ENOENT : 0;
}

/* Where it was attached from cannot be read; but whether it is what the file wants attached can. */
static void read_origin(struct view *view, struct object *object)
{
    char path[PATH_MAX];
    const struct object *wanted = wanted_namespace(view, view->name);
    if (!wanted || !origin_path(wanted, path) || !namespaces_same(file_name(view, view->name), path))
        return;
    if (object_text(wanted, "path"))
        object_set_text(view->model, object, "path", object_text(wanted, "path"));
    else
        object_set_number(view->model, object, "pid", object_number(wanted, "pid", 0));
}

static int namespace_observe(struct view *view)
{
    if (strcmp(view->name, HOST) == 0)
        return 0;
    struct object *object = model_new(view->model, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(view->model, object, "name", view->name);
    read_origin(view, object);
    view_add(view, object, false);
    view->namespace = object;
    return 0;
}

const struct linux_class linux_namespace = {
    .observe = namespace_observe,
    .add = namespace_add,
    .del = namespace_del,
};
