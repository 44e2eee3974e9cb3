/* What the tests of the Linux door against the running kernel share: a world of their own, objects built by
 * hand, steps run one by one, and what is observed compared.
 *
 * The world is new network and mount namespaces (and a user namespace, for who is not root), with empty file
 * systems on /run and /etc. Where that is not allowed, or the kernel lacks a kind, tests are skipped and say
 * so. */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/door.h"
#include "model/classes.h"
#include "model/kinds.h"

static struct door *door;
static struct model model, seen;
static struct errors errors;

static inline struct object *new_object(const struct class *class, const struct kind *kind, const char *ns)
{
    return model_new(&model, class, kind, ns);
}

/* Sets options given as "key", "written value", ..., NULL, and adds the object. */
static inline struct object *with(struct object *object, ...)
{
    va_list args;
    va_start(args, object);
    for (const char *key; (key = va_arg(args, const char *));) {
        const char *written = va_arg(args, const char *), *expected = NULL, *near = NULL;
        int i = object_find_option(object, key);
        assert_true(i >= 0);
        if (object_option(object, (unsigned)i)->flags & OPTION_LIST)
            object->values[i] = value_text(arena_strdup(&model.arena, written));
        else if (option_parse(object_option(object, (unsigned)i), written, &model.arena, &object->values[i],
                              &expected, &near) < 0)
            fail_msg("%s: %s: expected %s", key, written, expected);
    }
    va_end(args);
    struct object *other = NULL;
    return model_add(&model, object, &other) == 0 ? object : other;
}

static inline struct object *interface(const struct kind *kind, const char *ns, const char *name)
{
    struct object *object = new_object(&class_interface, kind, ns);
    object_set_text(&model, object, "name", name);
    return object;
}

static inline int run_one(const struct step *step)
{
    size_t done = 0;
    int r = door->ops->run(door, &step, 1, &done, &errors);
    assert_int_equal(done, r == 0);
    return r;
}

static inline void must(int r)
{
    if (r < 0 && errors.first)
        errors_print(&errors, stderr, false);
    assert_int_equal(r, 0);
}

static inline int add_with_peer(const struct object *object, const struct object *peer)
{
    const struct step step = {.verb = VERB_ADD, .new = object, .peer = peer};
    return run_one(&step);
}

static inline int add(const struct object *object)
{
    return add_with_peer(object, NULL);
}

static inline int del(const struct object *object)
{
    const struct step step = {.verb = VERB_DEL, .old = object};
    return run_one(&step);
}

/* A SET of one option; returns what the object is then. */
static inline struct object *set(const struct object *old, const char *key, const char *written)
{
    struct object *new = object_clone(&model.arena, old);
    int i = object_find_option(new, key);
    const char *expected = NULL, *near = NULL;
    assert_true(i >= 0);
    new->values[i] = (struct value){0};
    if (written && (object_option(new, (unsigned)i)->flags & OPTION_LIST || !*written))
        new->values[i] = value_text(arena_strdup(&model.arena, written));
    else if (written)
        assert_int_equal(option_parse(object_option(new, (unsigned)i), written, &model.arena, &new->values[i],
                                      &expected, &near),
                         0);
    struct step step = {.verb = VERB_SET, .old = old, .new = new, .changed = option_set_of((unsigned)i)};
    must(run_one(&step));
    return new;
}

static inline void observe(void)
{
    model_done(&seen);
    must(door->ops->observe(door, &model, false, &seen, &errors));
}

static inline const struct object *seen_object(const char *id)
{
    const struct object *object = model_by_id(&seen, id);
    if (!object)
        fail_msg("not observed: %s", id);
    return object;
}

static inline void see(const char *id, const char *key, const char *expected)
{
    const struct object *object = seen_object(id);
    struct text text CLEANUP_TEXT = {0};
    int i = object_find_option(object, key);
    assert_true(i >= 0);
    option_format(object_option(object, (unsigned)i), &object->values[i], &text);
    if (strcmp(text_of(&text), expected) != 0)
        fail_msg("%s: %s is `%s`, not `%s`", id, key, text_of(&text), expected);
}

/* Every option that is set in the wanted object is observed with the same value. */
static inline void see_as_wanted(const struct object *wanted)
{
    const struct object *object = seen_object(wanted->id);
    assert_ptr_equal(object->kind, wanted->kind);
    for (unsigned i = 0; i < object_n_options(wanted); i++) {
        const struct option *option = object_option(wanted, i);
        struct text a CLEANUP_TEXT = {0}, b CLEANUP_TEXT = {0};
        if (!value_is_set(&wanted->values[i]) || option->flags & OPTION_UNSEEN)
            continue;
        option_format(option, &wanted->values[i], &a);
        option_format(option, &object->values[i], &b);
        if (!value_equal(&wanted->values[i], &object->values[i]))
            fail_msg("%s: %s is `%s`, not `%s`", wanted->id, option->key, text_of(&b), text_of(&a));
    }
}

static inline void see_nothing(const char *id)
{
    if (model_by_id(&seen, id))
        fail_msg("observed, but should be gone: %s", id);
}

static inline struct object *make_namespace(const char *name)
{
    struct object *ns = with(new_object(&class_namespace, NULL, HOST), "name", name, NULL);
    must(add(ns));
    return ns;
}

/* A pair between the host and a namespace, the far end raised. */
static inline void make_pair(const char *near, const char *ns, const char *far, const char *master)
{
    char ref[64];
    struct object *a = interface(&kind_veth, HOST, near), *b = interface(&kind_veth, ns, far);
    snprintf(ref, sizeof ref, "%s/%s", ns, far);
    a = with(a, "up", "true", "peer", ref, master ? "master" : NULL, master, NULL);
    snprintf(ref, sizeof ref, HOST "/%s", near);
    b = with(b, "up", "false", "peer", ref, NULL);
    must(add_with_peer(a, b));
    set(b, "up", "true");
}

/* Adds it, unless the kernel has no such kind. */
static inline bool add_if_known(struct object *object)
{
    int r = add(object);
    if (r == -EOPNOTSUPP) {
        assert_non_null(strstr(errors.last->message, "Unknown device type"));
        print_message("[   SKIP   ] this kernel has no %s\n", object->kind->name);
        return false;
    }
    must(r);
    return true;
}

/* Two namespaces on a bridge of the host, addresses of both families, as they are observed then. */
static inline void make_red_blue(void)
{
    struct object *bridge =
        with(interface(&kind_bridge, HOST, "br0"), "up", "false", "ageing-time", "20", NULL);
    must(add(bridge));
    make_namespace("red");
    make_namespace("blue");
    make_pair("red0", "red", "eth0", HOST "/br0");
    make_pair("blue0", "blue", "eth0", HOST "/br0");
    must(add(with(new_object(&class_address, NULL, "red"), "dev", "eth0", "address", "10.9.0.1/24", NULL)));
    must(add(with(new_object(&class_address, NULL, "blue"), "dev", "eth0", "address", "10.9.0.2/24", NULL)));
    must(add(with(new_object(&class_address, NULL, "blue"), "dev", "eth0", "address", "fd09::2/64", NULL)));
    must(add(with(new_object(&class_address, NULL, "red"), "dev", "eth0", "address", "fd09::1/64", NULL)));
    set(bridge, "up", "true");
    observe();
}

/* The object as it is observed and wanted is forgotten by the next test. */
static inline int begin(void **state)
{
    (void)state;
    return door_linux("test", &door, &errors);
}

static inline int end(void **state)
{
    (void)state;
    observe();
    struct step *steps = calloc(seen.n_objects + 1, sizeof *steps);
    size_t n = 0;
    model_each(&seen, object)
    {
        bool link = object->class->id == CLASS_INTERFACE && strcmp(object->ns, HOST) == 0 && object->owner;
        if (object->class->id == CLASS_NAMESPACE || link)
            steps[n++] = (struct step){.verb = VERB_DEL, .old = object};
    }
    for (size_t i = 0; i < n; i++)
        must(run_one(&steps[i]));
    free(steps);
    door->ops->free(door);
    model_done(&model);
    model_done(&seen);
    errors_done(&errors);
    errors = (struct errors){0};
    return 0;
}

static inline bool write_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content);
    if (fd >= 0)
        close(fd);
    return ok;
}

static inline bool new_world(void)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWNET | CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)) < 0)
        return false;
    if (uid) {
        snprintf(map, sizeof map, "0 %u 1", uid);
        bool ok = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %u 1", gid);
        if (!ok || !write_file("/proc/self/gid_map", map))
            return false;
    }
    return mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("test", "/run", "tmpfs", 0, "mode=755") == 0 &&
           mount("test", "/etc", "tmpfs", 0, "mode=755") == 0;
}

/* A world of its own; false, and said, where that is not allowed. */
static inline bool enter_world(void)
{
    bool ok = new_world();
    if (!ok)
        fprintf(stderr, "SKIP: no namespaces of its own here: %s\n", strerror(errno));
    return ok;
}
