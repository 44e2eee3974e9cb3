#include "model/former.h"

#include <string.h>

#define SIGN "~"

bool former_is(const char *name)
{
    size_t length = strlen(name);
    return length && strcmp(name + length - 1, SIGN) == 0;
}

const char *former_other(struct arena *arena, const char *name)
{
    return former_is(name) ? arena_strndup(arena, name, strlen(name) - 1)
                           : arena_printf(arena, "%s" SIGN, name);
}

void former_say(const char *id, struct text *out)
{
    const char *sign = strstr(id, SIGN "/");
    bool is_namespace = strncmp(id, "namespace ", strlen("namespace ")) == 0;
    size_t plain = sign ? (size_t)(sign - id) : strlen(id) - (is_namespace && former_is(id));
    text_add_n(out, id, plain);
    if (sign)
        text_add(out, sign + strlen(SIGN));
}

/* The name of a namespace, or "ns/name", with that of the namespace changed: to the former one if it is among
 * `names`, or to the plain one if there are no names. */
static const char *rename_text(struct arena *arena, const char *text, const struct map *names)
{
    const char *ns = arena_strndup(arena, text, strcspn(text, "/"));
    bool changes = names ? map_has(names, ns) : former_is(ns);
    return changes ? arena_printf(arena, "%s%s", former_other(arena, ns), text + strlen(ns)) : text;
}

static struct object *renamed(struct arena *arena, const struct object *object, const struct map *names)
{
    struct object *copy = object_clone(arena, object);
    if (!(object->class->flags & CLASS_FILE))
        copy->ns = rename_text(arena, object->ns, names);
    for (unsigned i = 0; i < object_n_options(object); i++) {
        struct value *value = &copy->values[i];
        bool is_name =
            object->class->id == CLASS_NAMESPACE && strcmp(object_option(object, i)->key, "name") == 0;
        if (value->form == VALUE_TEXT && (is_name || object_option(object, i)->type == TYPE_INTERFACE))
            value->text = rename_text(arena, value->text, names);
    }
    object_identify(arena, copy);
    return copy;
}

void former_copy(const struct model *model, const struct map *names, struct model *ret_copy)
{
    model_each(model, object) model_add(ret_copy, renamed(&ret_copy->arena, object, names), NULL);
}

static bool is_about_former(const struct object *object)
{
    static const char *const keys[] = {"peer", "parent"};
    bool any = object && former_is(object_namespace(object));
    for (size_t i = 0; object && i < sizeof keys / sizeof keys[0]; i++) {
        const char *reference = object_text(object, keys[i]);
        any |= reference && strstr(reference, SIGN "/");
    }
    return any;
}

const struct step *former_plain(struct arena *arena, const struct step *step)
{
    const struct object *const objects[] = {step->old, step->new, step->peer};
    bool any = false;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        any |= is_about_former(objects[i]);
    if (!any)
        return step;
    struct step *plain = arena_alloc(arena, sizeof *plain);
    *plain = *step;
    plain->planned = step;
    plain->old = step->old ? renamed(arena, step->old, NULL) : NULL;
    plain->new = step->new ? renamed(arena, step->new, NULL) : NULL;
    plain->peer = step->peer ? renamed(arena, step->peer, NULL) : NULL;
    return plain;
}
