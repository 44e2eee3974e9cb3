#include "model/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 64 };

/* Writing */

/* "ageing-time" in files is "ageing_time" in JSON. */
static const char *json_key(const char *key, char buffer[KEY_SIZE])
{
    size_t i = 0;
    for (; i < KEY_SIZE - 1 && key[i]; i++)
        buffer[i] = key[i] == '-' ? '_' : key[i];
    buffer[i] = '\0';
    return buffer;
}

/* Where an object comes from; what nothing is known of has no such key. */
static const struct name origin_names[] = {{"kernel", OBJECT_KERNEL},
                                           {"ours", OBJECT_OURS},
                                           {"made", OBJECT_MADE},
                                           {"adopted", OBJECT_ADOPTED},
                                           {"foreign", OBJECT_FOREIGN},
                                           {"shared", OBJECT_SHARED},
                                           {"removed", OBJECT_REMOVED},
                                           {"learnt", OBJECT_KERNEL | OBJECT_LEARNT},
                                           {NULL, 0}};

void apart_format(const char *name, struct text *out)
{
    text_add(out, "{\"apart\":");
    text_add_json(out, name);
    text_add(out, "}");
}

static bool is_kept_apart(const char *text, const struct apart *apart, struct text *out)
{
    struct text name CLEANUP_TEXT = {0};
    size_t length = apart ? strlen(text) : 0;
    if (length < APART_MIN || !apart->keep(apart->userdata, text, length, &name))
        return false;
    apart_format(text_of(&name), out);
    return true;
}

/* JSON is UTF-8. A text that is not (others name links as they like) is kept by its bytes: {"hex": "62ff"}.
 */
void text_format(const char *text, const struct apart *apart, struct text *out)
{
    if (is_kept_apart(text, apart, out))
        return;
    if (utf8_is_valid(text)) {
        text_add_json(out, text);
        return;
    }
    text_add(out, "{\"hex\":\"");
    for (; *text; text++)
        text_printf(out, "%02x", (unsigned char)*text);
    text_add(out, "\"}");
}

static void number_format(const struct option *option, int64_t number, struct text *out)
{
    const char *name = option->names ? names_format(option->names, number) : NULL;
    if (option->type == TYPE_BOOL)
        text_add(out, number ? "true" : "false");
    else if (name)
        text_add_json(out, name);
    else
        text_printf(out, "%lld", (long long)number);
}

static void value_format(const struct option *option, const struct value *value, bool hide,
                         const struct apart *apart, struct text *out)
{
    if (hide && option->flags & OPTION_SECRET)
        text_add_json(out, "(hidden)");
    else if (value->form == VALUE_TEXT)
        text_format(value->text, apart, out);
    else
        number_format(option, value->number, out);
}

static void values_format(const struct object *object, bool hide, const struct apart *apart, struct text *out)
{
    char key[KEY_SIZE];
    bool first = true;
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        if (!value_is_set(&object->values[i]))
            continue;
        text_add(out, first ? "\"" : ",\"");
        text_add(out, json_key(option->key, key));
        text_add(out, "\":");
        value_format(option, &object->values[i], hide, apart, out);
        first = false;
    }
}

void object_format(const struct object *object, bool hide, const struct apart *apart, struct text *out)
{
    const char *origin = names_format(origin_names, object->flags & (OBJECT_ORIGIN | OBJECT_LEARNT));
    text_add(out, "{\"class\":");
    text_add_json(out, object->class->name);
    text_add(out, ",\"namespace\":");
    text_format(object->ns, NULL, out);
    if (object->kind) {
        text_add(out, ",\"kind\":");
        text_add_json(out, object->kind->name);
    }
    if (object->owner) {
        text_add(out, ",\"owner\":");
        text_format(object->owner, NULL, out);
    }
    if (origin) {
        text_add(out, ",\"origin\":");
        text_add_json(out, origin);
    }
    text_add(out, ",\"values\":{");
    values_format(object, hide, apart, out);
    text_add(out, "}}");
}

/* As a part of a larger tree. */
static json_t *tree_of(const struct text *json)
{
    return json_loadb(json->data, json->length, JSON_DECODE_ANY, NULL);
}

static json_t *text_to_json(const char *text)
{
    struct text json CLEANUP_TEXT = {0};
    text_format(text, NULL, &json);
    return tree_of(&json);
}

json_t *object_to_json(const struct object *object, bool hide)
{
    struct text json CLEANUP_TEXT = {0};
    object_format(object, hide, NULL, &json);
    return tree_of(&json);
}

/* Reading */

/* The bytes of two digits each; NULL: they are not. */
static const char *text_of_hex(struct arena *arena, const char *hex)
{
    size_t length = strlen(hex);
    if (length % 2 || strspn(hex, "0123456789abcdef") < length)
        return NULL;
    char *text = arena_alloc(arena, length / 2 + 1);
    for (size_t i = 0; i < length / 2; i++) {
        text[i] = (char)strtoul((char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
        if (!text[i])
            return NULL;
    }
    return text;
}

const char *text_parse(struct arena *arena, const struct apart *apart, struct pull *pull)
{
    enum { HEX, APART };
    static const struct name members[] = {{"hex", HEX}, {"apart", APART}, {NULL, 0}};
    unsigned seen = 0;
    int member;
    const char *text = NULL, *word;
    if (pull_next(pull) != '{')
        return arena_strdup(arena, pull_text(pull));
    pull_open(pull, '{');
    while ((member = pull_member_of(pull, members, &seen)) >= 0) {
        word = text ? NULL : pull_text(pull); /* one of the two */
        text = !word           ? NULL
               : member == HEX ? text_of_hex(arena, word)
               : apart != NULL ? apart->fetch(apart->userdata, arena, word)
                               : NULL;
        if (!text)
            pull_refuse(pull);
    }
    if (!text)
        pull_refuse(pull);
    return text;
}

static int64_t number_parse(const struct option *option, struct pull *pull)
{
    int64_t number = 0;
    if (option->type == TYPE_BOOL)
        return pull_bool(pull);
    if (pull_next(pull) != '"')
        return pull_integer(pull, INT64_MIN, INT64_MAX);
    const char *word = pull_text(pull);
    if (!word || !option->names || names_parse(option->names, word, &number) < 0)
        pull_refuse(pull);
    return number;
}

/* Texts of the record are canonical already, so they are taken as they are. */
static struct value value_parse(struct model *model, const struct option *option, const struct apart *apart,
                                struct pull *pull)
{
    switch (option->type) {
    case TYPE_BOOL:
    case TYPE_NUMBER:
    case TYPE_ENUM:
    case TYPE_USER:
    case TYPE_GROUP:
        return value_number(number_parse(option, pull));
    case TYPE_TEXT:
    case TYPE_MAC:
    case TYPE_IP:
    case TYPE_ADDRESS:
    case TYPE_NETWORK:
    case TYPE_INTERFACE:
    case TYPE_DEVICE:
    case TYPE_KEY:
    case TYPE_ENDPOINT:
    case TYPE_VLANS:
    case TYPE_NEXTHOPS:
    case TYPE_RULES:
    case TYPE_LINES:
    case TYPE_ELEMENTS:
    case TYPE_MAX:
        break;
    }
    return value_text(text_parse(&model->arena, apart, pull));
}

static bool is_key_of(const char *member, const struct option *option)
{
    const char *key = option->key;
    for (; *key && *member == (*key == '-' ? '_' : *key); key++)
        member++;
    return !*key && !*member;
}

/* They were written in the order of the table, so the next is found by looking on from the last. */
static void values_parse(struct model *model, struct object *object, const struct apart *apart,
                         struct pull *pull)
{
    unsigned n = object_n_options(object), at = 0;
    const char *member;
    pull_open(pull, '{');
    while (pull_member(pull, &member)) {
        unsigned tried = 0;
        while (tried < n && !is_key_of(member, object_option(object, at))) {
            at = (at + 1) % n;
            tried++;
        }
        if (tried == n || value_is_set(&object->values[at])) {
            pull_refuse(pull);
            return;
        }
        object->values[at] = value_parse(model, object_option(object, at), apart, pull);
    }
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

enum object_member {
    MEMBER_CLASS,
    MEMBER_NAMESPACE,
    MEMBER_KIND,
    MEMBER_OWNER,
    MEMBER_ORIGIN,
    MEMBER_VALUES
};
static const struct name object_members[] = {
    {"class", MEMBER_CLASS},
    {"namespace", MEMBER_NAMESPACE},
    {"kind", MEMBER_KIND},
    {"owner", MEMBER_OWNER},
    {"origin", MEMBER_ORIGIN},
    {"values", MEMBER_VALUES},
    {NULL, 0},
};

/* What stands before the values; all unset: not said. */
struct head {
    const struct class *class;
    const struct kind *kind;
    const char *ns, *owner;
    int64_t origin;
};

static void head_parse(struct model *model, enum object_member member, struct pull *pull, struct head *head)
{
    const char *word = NULL;
    if (member == MEMBER_NAMESPACE)
        head->ns = text_parse(&model->arena, NULL, pull);
    else if (member == MEMBER_OWNER)
        head->owner = text_parse(&model->arena, NULL, pull);
    else
        word = pull_text(pull);
    if (!word)
        return;
    if (member == MEMBER_CLASS)
        head->class = class_by_name(word);
    if (member == MEMBER_KIND)
        head->kind = kind_by_name(word);
    if ((member == MEMBER_CLASS && !head->class) || (member == MEMBER_KIND && !head->kind) ||
        (member == MEMBER_ORIGIN && names_parse(origin_names, word, &head->origin) < 0))
        pull_refuse(pull);
}

/* Not yet in the model; NULL where the head does not say what it is. */
static struct object *head_object(struct model *model, const struct head *head)
{
    if (!head->class || !head->ns || (head->class->id == CLASS_INTERFACE) != (head->kind != NULL))
        return NULL;
    struct object *object = model_new(model, head->class, head->kind, head->ns);
    object->owner = head->owner;
    object->flags = (unsigned)head->origin;
    return object;
}

int object_parse(struct model *model, const struct apart *apart, struct pull *pull,
                 struct object **ret_object)
{
    struct head head = {0};
    struct object *object = NULL;
    unsigned seen = 0;
    int member;
    pull_open(pull, '{');
    while ((member = pull_member_of(pull, object_members, &seen)) >= 0 && !object) {
        if (member != MEMBER_VALUES)
            head_parse(model, (enum object_member)member, pull, &head);
        else if ((object = head_object(model, &head)))
            values_parse(model, object, apart, pull);
        else
            pull_refuse(pull);
    }
    if (member >= 0 || !object || pull->damaged || !identity_is_whole(object) ||
        model_add(model, object, NULL) < 0) {
        pull_refuse(pull);
        return -EINVAL;
    }
    if (ret_object)
        *ret_object = object;
    return 0;
}

/* Steps */

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
        if (step_tells(step, i))
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
