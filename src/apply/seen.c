/* What was there after an apply of which the file says nothing: /run/plexus/NAME/seen.json.
 *
 * The kernel chooses what the file leaves open, and it is no business of a plan. But somebody who changes it
 * later does so behind our back, and `plexus status` must be able to tell. So an apply notes what it sees at
 * its end. Only what differs from what the kernel always does is worth a line: of a thousand namespaces that
 * is a few hundred kilobytes, read by nobody but status, and by an apply that changes something.
 *
 * What the kernel itself changes later is not noted: see is_watched(). A file that is missing is no error;
 * then nobody knows. */
#include "apply/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Where it waits until the change is complete. */
#define ASIDE "seen-before.json"

static bool is_port_of(const struct object *object, const struct model *model, unsigned kind_flag)
{
    const struct object *master = model_interface_of(model, object, "master");
    return master && master->kind->flags & kind_flag;
}

/* A bridge takes MAC address and MTU of its ports, a bond gives its ports its own, and a vlan has those of
 * its parent; what a path costs follows the speed of the port. */
static bool may_vary(const struct object *object, const struct option *option, const struct model *model)
{
    if (strcmp(option->key, "path-cost") == 0)
        return true;
    if (strcmp(option->key, "mac") != 0 && strcmp(option->key, "mtu") != 0)
        return false;
    return object->kind->flags & (KIND_PORTS | KIND_PARENT) || is_port_of(object, model, KIND_PORTS_DOWN);
}

/* Whether a change of the option, which `said` does not say, would be somebody's doing. */
static bool is_watched(const struct object *said, unsigned i, const struct model *model)
{
    const struct option *option = object_option(said, i);
    if (value_is_set(&said->values[i]) || said->class->flags & CLASS_ALWAYS ||
        option->flags &
            (OPTION_KEY | OPTION_UNSEEN | OPTION_ECHOED | OPTION_DECAYS | OPTION_SECRET | OPTION_KEPT))
        return false;
    if (said->class->id == CLASS_INTERFACE)
        return !(said->kind->flags & KIND_STAYS) && !may_vary(said, option, model);
    return said->class->id == CLASS_ROUTE; /* of others there is nothing to change: they are made anew */
}

/* A copy of the object in `seen`, with nothing but its identity. */
static struct object *bare_copy(struct model *seen, const struct object *object)
{
    struct object *copy = model_copy(seen, object);
    copy->flags = 0;
    for (unsigned i = 0; i < object_n_options(copy); i++)
        if (!(object_option(copy, i)->flags & OPTION_KEY))
            copy->values[i] = (struct value){0};
    return copy;
}

static void see_one(const struct object *said, const struct object *is, const struct model *model,
                    struct model *seen)
{
    struct object *copy = NULL;
    for (unsigned i = 0; i < object_n_options(said); i++) {
        struct value born = plan_value_at_birth(said, object_option(said, i));
        if (!is_watched(said, i, model) || !value_is_set(&is->values[i]) ||
            value_equal(&is->values[i], &born))
            continue;
        copy = copy ? copy : bare_copy(seen, said);
        object_set(seen, copy, object_option(said, i)->key, is->values[i]);
    }
}

void seen_note(const struct model *said, const struct model *observed, struct model *seen)
{
    model_each(said, object)
    {
        const struct object *is = map_get(&observed->by_id, object->id);
        struct object *before = model_by_id(seen, object->id);
        if (before)
            model_remove(seen, before);
        if (is && is->kind == object->kind)
            see_one(object, is, said, seen);
    }
}

int seen_load(const struct machine *machine, const char *name, struct model *seen)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    char *path CLEANUP_FREE = run_path(machine, name, "seen.json");
    char *text CLEANUP_FREE = NULL;
    size_t size = 0;
    int r = store_read(path, &text, &size, &ignored);
    if (r < 0)
        return r;
    struct pull pull = pull_of(text, size);
    r = models_parse(&pull, NULL, seen);
    return r == 0 && !pull_is_whole(&pull) ? -EBADMSG : r;
}

int seen_save(const struct machine *machine, const char *name, const struct model *seen,
              struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, name, "seen.json");
    struct text json CLEANUP_TEXT = {0};
    models_format(seen, NULL, &json);
    text_add(&json, "\n");
    return store_write(path, json.data, json.length, errors);
}

int seen_set_aside(const struct machine *machine, const char *name, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, name, "seen.json"),
               *aside CLEANUP_FREE = run_path(machine, name, ASIDE);
    return store_rename(path, aside, errors);
}

void seen_complete(const struct machine *machine, const char *name)
{
    char *aside CLEANUP_FREE = run_path(machine, name, ASIDE);
    store_remove(aside);
}

int seen_return(const struct machine *machine, const char *name, bool runs, struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, name, "seen.json"),
               *aside CLEANUP_FREE = run_path(machine, name, ASIDE);
    if (runs)
        return store_rename(aside, path, errors); /* nothing was set aside: what is there is right */
    int r = store_remove(path);
    return r < 0 ? r : store_remove(aside);
}

int seen_look(struct session *session, const struct record *record)
{
    struct model observed CLEANUP_MODEL = {0}, none CLEANUP_MODEL = {0}, seen CLEANUP_MODEL = {0};
    int r = observe_for(session->door, &record->recorded, &none, LOOK_WHOLE, &observed, &session->errors);
    if (r < 0)
        return r;
    seen_note(&record->recorded, &observed, &seen);
    return seen_save(session->machine, record->name, &seen, &session->errors);
}

/* In another bridge, what it is as a port is another thing. */
static bool has_moved(const struct object *said, const struct object *is)
{
    const char *a = object_text(said, "master"), *b = object_text(is, "master");
    return strcmp(a ? a : "", b ? b : "") != 0;
}

static struct value value_at_apply(const struct object *said, const struct object *was, unsigned i)
{
    return was && was->kind == said->kind && value_is_set(&was->values[i])
               ? was->values[i]
               : plan_value_at_birth(said, object_option(said, i));
}

void seen_compare(const struct object *said, const struct model *seen, const struct object *is,
                  const struct model *recorded, struct option_set *changed, struct object *ret_shall)
{
    const struct object *was = model_by_id(seen, said->id);
    if (is->kind != said->kind || !(said->flags & OBJECT_MADE))
        return;
    for (unsigned i = 0; i < object_n_options(said); i++) {
        struct value shall = value_at_apply(said, was, i), now = is->values[i];
        if (!value_is_set(&now)) /* what the kernel does not report is as ever */
            now = plan_value_at_birth(said, object_option(said, i));
        if (!value_is_set(&shall) || !is_watched(said, i, recorded) || value_equal(&shall, &now) ||
            (object_option(said, i)->flags & OPTION_PORT && has_moved(said, is)))
            continue;
        ret_shall->values[i] = shall;
        option_set_put(changed, i);
    }
}
