#include "model/json.h"

#include <errno.h>
#include <string.h>

enum { KEY_SIZE = 64 };

static const char *replaced(const char *key, char from, char to, char buffer[KEY_SIZE])
{
    size_t i = 0;
    for (; i < KEY_SIZE - 1 && key[i]; i++)
        buffer[i] = key[i] == from ? to : key[i];
    buffer[i] = '\0';
    return buffer;
}

/* "ageing-time" in files is "ageing_time" in JSON. */
static const char *json_key(const char *key, char buffer[KEY_SIZE])
{
    return replaced(key, '-', '_', buffer);
}

static const char *option_key(const char *key, char buffer[KEY_SIZE])
{
    return replaced(key, '_', '-', buffer);
}

/* Where an object comes from; what nothing is known of has no such key. */
static const struct name origin_names[] = {{"kernel", OBJECT_KERNEL},
                                           {"ours", OBJECT_OURS},
                                           {"made", OBJECT_MADE},
                                           {"adopted", OBJECT_ADOPTED},
                                           {NULL, 0}};

static json_t *number_to_json(const struct option *option, int64_t number)
{
    if (option->type == TYPE_BOOL)
        return json_boolean(number);
    const char *name = option->names ? names_format(option->names, number) : NULL;
    return name ? json_string(name) : json_integer(number);
}

static json_t *value_to_json(const struct option *option, const struct value *value, bool hide)
{
    if (hide && option->flags & OPTION_SECRET)
        return json_string("(hidden)");
    return value->form == VALUE_TEXT ? json_string(value->text) : number_to_json(option, value->number);
}

json_t *object_to_json(const struct object *object, bool hide)
{
    char key[KEY_SIZE];
    json_t *json = json_pack("{s:s, s:s}", "class", object->class->name, "namespace", object->ns);
    if (object->kind)
        json_object_set_new(json, "kind", json_string(object->kind->name));
    if (object->owner)
        json_object_set_new(json, "owner", json_string(object->owner));
    const char *origin = names_format(origin_names, object->flags & OBJECT_ORIGIN);
    if (origin)
        json_object_set_new(json, "origin", json_string(origin));
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        if (value_is_set(&object->values[i]))
            json_object_set_new(json, json_key(option->key, key),
                                value_to_json(option, &object->values[i], hide));
    }
    return json;
}

/* Texts of the record are canonical already, so they are taken as they are; what is no identifier of ours is refused. */
static int value_from_json(struct model *model, const struct option *option, const json_t *json,
                           struct value *ret_value)
{
    bool numeric = option->type == TYPE_BOOL || option->type == TYPE_NUMBER || option->type == TYPE_ENUM ||
                   option->type == TYPE_USER || option->type == TYPE_GROUP;
    int64_t number;
    if (!numeric && json_is_string(json)) {
        *ret_value = value_text(arena_strdup(&model->arena, json_string_value(json)));
        return 0;
    }
    if (option->type == TYPE_BOOL && json_is_boolean(json))
        number = json_is_true(json);
    else if (numeric && json_is_integer(json))
        number = json_integer_value(json);
    else if (!numeric || !json_is_string(json) || !option->names ||
             names_parse(option->names, json_string_value(json), &number) < 0)
        return -EINVAL;
    *ret_value = value_number(number);
    return 0;
}

/* The members that say what the object is, beside those that say its values. */
static bool is_about_object(const char *key)
{
    static const char *const keys[] = {"class", "namespace", "kind", "owner", "origin"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static int values_from_json(struct model *model, struct object *object, const json_t *json)
{
    const char *member;
    json_t *value;
    json_object_foreach((json_t *)json, member, value)
    {
        char key[KEY_SIZE];
        if (is_about_object(member))
            continue;
        int i = object_find_option(object, option_key(member, key));
        if (i < 0 ||
            value_from_json(model, object_option(object, (unsigned)i), value, &object->values[i]) < 0)
            return -EINVAL;
    }
    return 0;
}

static int identity_is_whole(const struct object *object)
{
    for (unsigned i = 0; i < object->class->n_options; i++)
        if (object->class->options[i].flags & OPTION_REQUIRED && !value_is_set(&object->values[i]))
            return -EINVAL;
    return 0;
}

int object_from_json(struct model *model, const json_t *json, struct object **ret_object)
{
    const char *class_name, *ns, *kind_name = NULL, *owner = NULL, *origin = NULL;
    int64_t flags = 0;
    if (json_unpack((json_t *)json, "{s:s, s:s, s?s, s?s, s?s}", "class", &class_name, "namespace", &ns,
                    "kind", &kind_name, "owner", &owner, "origin", &origin) < 0)
        return -EINVAL;
    if (origin && names_parse(origin_names, origin, &flags) < 0)
        return -EINVAL;
    const struct class *class = class_by_name(class_name);
    const struct kind *kind = kind_name ? kind_by_name(kind_name) : NULL;
    if (!class || (class->id == CLASS_INTERFACE) != (kind != NULL))
        return -EINVAL;
    struct object *object = model_new(model, class, kind, ns);
    object->owner = arena_strdup(&model->arena, owner);
    object->flags = (unsigned)flags;
    int r = values_from_json(model, object, json);
    if (r == 0)
        r = identity_is_whole(object);
    if (r == 0 && model_add(model, object, NULL) < 0)
        r = -EINVAL;
    if (r == 0 && ret_object)
        *ret_object = object;
    return r;
}

static json_t *commands_to_json(const struct step *step)
{
    struct commands commands CLEANUP_COMMANDS = {0};
    step_commands(step, &commands);
    json_t *list = json_array();
    for (size_t i = 0; i < commands.n; i++)
        json_array_append_new(list, json_string(commands.lines[i]));
    return list;
}

static json_t *changes_to_json(const struct step *step)
{
    char key[KEY_SIZE];
    json_t *list = json_array();
    for (unsigned i = 0; i < object_n_options(step->new); i++)
        if (step_changes(step, i))
            json_array_append_new(list, json_string(json_key(object_option(step->new, i)->key, key)));
    return list;
}

json_t *step_to_json(const struct step *step)
{
    json_t *json =
        json_pack("{s:s, s:s, s:s}", "verb", names_format(verb_names, step->verb), "object",
                  step_object(step)->id, "disturbs", names_format(disturbance_names, step->disturbs));
    if (step->old)
        json_object_set_new(json, "old", object_to_json(step->old, true));
    if (step->new)
        json_object_set_new(json, "new", object_to_json(step->new, true));
    if (step->verb == VERB_SET)
        json_object_set_new(json, "changed", changes_to_json(step));
    if (step->reason)
        json_object_set_new(json, "reason", json_string(step->reason));
    json_object_set_new(json, "commands", commands_to_json(step));
    return json;
}
