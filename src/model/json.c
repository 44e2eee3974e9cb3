#include "model/json.h"

#include <errno.h>
#include <stdlib.h>
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
static const struct name origin_names[] = {{"kernel", OBJECT_KERNEL},   {"ours", OBJECT_OURS},
                                           {"made", OBJECT_MADE},       {"adopted", OBJECT_ADOPTED},
                                           {"foreign", OBJECT_FOREIGN}, {NULL, 0}};

/* JSON is UTF-8. A text that is not (others name links as they like) is kept by its bytes: {"hex": "62ff"}.
 */
static json_t *text_to_json(const char *text)
{
    json_t *json = json_string(text);
    if (json)
        return json;
    struct text hex CLEANUP_TEXT = {0};
    for (; *text; text++)
        text_printf(&hex, "%02x", (unsigned char)*text);
    return json_pack("{s:s}", "hex", hex.data);
}

/* In the arena of the model; NULL where there is none. */
static const char *text_from_json(struct model *model, const json_t *json)
{
    const char *hex;
    if (json_is_string(json))
        return arena_strdup(&model->arena, json_string_value(json));
    if (json_unpack((json_t *)json, "{s:s!}", "hex", &hex) < 0)
        return NULL;
    size_t length = strlen(hex);
    if (length % 2 || strspn(hex, "0123456789abcdef") < length)
        return NULL;
    char *text = arena_alloc(&model->arena, length / 2 + 1);
    for (size_t i = 0; i < length / 2; i++) {
        text[i] = (char)strtoul((char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
        if (!text[i])
            return NULL;
    }
    text[length / 2] = '\0';
    return text;
}

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
    return value->form == VALUE_TEXT ? text_to_json(value->text) : number_to_json(option, value->number);
}

static json_t *values_to_json(const struct object *object, bool hide)
{
    char key[KEY_SIZE];
    json_t *json = json_object();
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        if (value_is_set(&object->values[i]))
            json_object_set_new(json, json_key(option->key, key),
                                value_to_json(option, &object->values[i], hide));
    }
    return json;
}

json_t *object_to_json(const struct object *object, bool hide)
{
    json_t *json =
        json_pack("{s:s, s:o}", "class", object->class->name, "namespace", text_to_json(object->ns));
    if (object->kind)
        json_object_set_new(json, "kind", json_string(object->kind->name));
    if (object->owner)
        json_object_set_new(json, "owner", text_to_json(object->owner));
    const char *origin = names_format(origin_names, object->flags & OBJECT_ORIGIN);
    if (origin)
        json_object_set_new(json, "origin", json_string(origin));
    json_object_set_new(json, "values", values_to_json(object, hide));
    return json;
}

/* Texts of the record are canonical already, so they are taken as they are; what is no identifier of ours is
 * refused. */
static int value_from_json(struct model *model, const struct option *option, const json_t *json,
                           struct value *ret_value)
{
    bool numeric = option->type == TYPE_BOOL || option->type == TYPE_NUMBER || option->type == TYPE_ENUM ||
                   option->type == TYPE_USER || option->type == TYPE_GROUP;
    if (!numeric) {
        *ret_value = value_text(text_from_json(model, json));
        return ret_value->text ? 0 : -EINVAL;
    }
    int64_t number;
    if (option->type == TYPE_BOOL && json_is_boolean(json))
        number = json_is_true(json);
    else if (option->type != TYPE_BOOL && json_is_integer(json))
        number = json_integer_value(json);
    else if (!json_is_string(json) || !option->names ||
             names_parse(option->names, json_string_value(json), &number) < 0)
        return -EINVAL;
    *ret_value = value_number(number);
    return 0;
}

static int values_from_json(struct model *model, struct object *object, const json_t *json)
{
    const char *member;
    json_t *value;
    if (!json_is_object(json))
        return -EINVAL;
    json_object_foreach((json_t *)json, member, value)
    {
        char key[KEY_SIZE];
        int i = object_find_option(object, option_key(member, key));
        if (i < 0 ||
            value_from_json(model, object_option(object, (unsigned)i), value, &object->values[i]) < 0)
            return -EINVAL;
    }
    return 0;
}

/* A key may be missing only where that says something: it has a fallback, or is there only with its label. */
static bool identity_is_whole(const struct object *object)
{
    for (unsigned i = 0; i < object->class->n_options; i++) {
        const struct option *option = &object->class->options[i];
        const struct value *value = &object->values[i];
        if (!(option->flags & OPTION_KEY) || option->flags & OPTION_LABEL || option->fallback)
            continue;
        if (!value_is_set(value) || (value->form == VALUE_TEXT && !*value->text))
            return false;
    }
    return true;
}

int object_from_json(struct model *model, const json_t *json, struct object **ret_object)
{
    const char *class_name, *kind_name = NULL, *origin = NULL;
    const json_t *ns_json, *values, *owner_json = NULL;
    int64_t flags = 0;
    if (json_unpack((json_t *)json, "{s:s, s:o, s:o, s?s, s?o, s?s !}", "class", &class_name, "namespace",
                    &ns_json, "values", &values, "kind", &kind_name, "owner", &owner_json, "origin",
                    &origin) < 0)
        return -EINVAL;
    if (origin && names_parse(origin_names, origin, &flags) < 0)
        return -EINVAL;
    const struct class *class = class_by_name(class_name);
    const struct kind *kind = kind_name ? kind_by_name(kind_name) : NULL;
    const char *ns = text_from_json(model, ns_json);
    const char *owner = owner_json ? text_from_json(model, owner_json) : NULL;
    if (!class || (class->id == CLASS_INTERFACE) != (kind != NULL) || (kind_name && !kind) || !ns ||
        (owner_json && !owner))
        return -EINVAL;
    struct object *object = model_new(model, class, kind, ns);
    object->owner = owner;
    object->flags = (unsigned)flags;
    if (values_from_json(model, object, values) < 0 || !identity_is_whole(object) ||
        model_add(model, object, NULL) < 0)
        return -EINVAL;
    if (ret_object)
        *ret_object = object;
    return 0;
}

static json_t *commands_to_json(const struct step *step)
{
    struct commands commands CLEANUP_COMMANDS = {0};
    step_commands(step, &commands);
    json_t *list = json_array();
    for (size_t i = 0; i < commands.n; i++)
        json_array_append_new(list, text_to_json(commands.lines[i]));
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
    json_t *json = json_pack("{s:s, s:o, s:s}", "verb", names_format(verb_names, step->verb), "object",
                             text_to_json(step_object(step)->id), "disturbs",
                             names_format(disturbance_names, step->disturbs));
    if (step->old)
        json_object_set_new(json, "old", object_to_json(step->old, true));
    if (step->new)
        json_object_set_new(json, "new", object_to_json(step->new, true));
    if (step->verb == VERB_SET)
        json_object_set_new(json, "changed", changes_to_json(step));
    if (step->reason)
        json_object_set_new(json, "reason", text_to_json(step->reason));
    json_object_set_new(json, "commands", commands_to_json(step));
    return json;
}
