#include "model/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

unsigned object_n_options(const struct object *object)
{
    return object->class->n_options + (object->kind ? object->kind->n_options : 0);
}

const struct option *object_option(const struct object *object, unsigned index)
{
    unsigned n = object->class->n_options;
    return index < n ? &object->class->options[index] : &object->kind->options[index - n];
}

/* Asked for more often than anything else: the first letter says no to nearly all. */
static int find_key(const struct option *options, unsigned n, const char *key)
{
    for (unsigned i = 0; i < n; i++)
        if (*options[i].key == *key && strcmp(options[i].key, key) == 0)
            return (int)i;
    return -ENOENT;
}

int object_find_option(const struct object *object, const char *key)
{
    const struct class *class = object->class;
    int i = find_key(class->options, class->n_options, key);
    if (i >= 0 || !object->kind)
        return i;
    i = find_key(object->kind->options, object->kind->n_options, key);
    return i < 0 ? i : i + (int)class->n_options;
}

static const struct value *value_of(const struct object *object, const char *key)
{
    int i = object_find_option(object, key);
    return i < 0 || !value_is_set(&object->values[i]) ? NULL : &object->values[i];
}

const char *object_text(const struct object *object, const char *key)
{
    const struct value *value = value_of(object, key);
    return value && value->form == VALUE_TEXT ? value->text : NULL;
}

const char *object_word(const struct object *object, const char *key)
{
    const char *text = object_text(object, key);
    return text && *text ? text : NULL;
}

int64_t object_number(const struct object *object, const char *key, int64_t if_unset)
{
    const struct value *value = value_of(object, key);
    return value && value->form == VALUE_NUMBER ? value->number : if_unset;
}

bool object_has(const struct object *object, const char *key)
{
    return value_of(object, key) != NULL;
}

bool object_is_of(const struct object *there, const struct kind *kind)
{
    return there->kind == kind || (there->kind && kind == &kind_physical);
}

bool object_is_always(const struct object *object)
{
    return object->class->flags & CLASS_ALWAYS || (object->kind && object->kind->maker == MAKER_EXISTING);
}

bool object_is_attached(const struct object *namespace)
{
    return object_has(namespace, "path") || object_has(namespace, "pid");
}

const char *object_namespace(const struct object *object)
{
    return object->class->id == CLASS_NAMESPACE ? object->name : object->ns;
}

const char *object_dev(const struct object *object)
{
    return object->class->id == CLASS_INTERFACE ? object->name : object_text(object, "dev");
}

struct object *model_new(struct model *model, const struct class *class, const struct kind *kind,
                         const char *ns)
{
    size_t n = class->n_options + (kind ? kind->n_options : 0);
    struct object *object = arena_alloc(&model->arena, sizeof *object + n * sizeof object->values[0]);
    object->class = class;
    object->kind = kind;
    /* One copy of a namespace's name serves all its objects. */
    const struct object *neighbour = map_get(&model->namespaces, ns);
    object->ns = neighbour ? neighbour->ns : arena_strdup(&model->arena, ns);
    return object;
}

void object_set(struct model *model, struct object *object, const char *key, struct value value)
{
    int i = object_find_option(object, key);
    if (i < 0)
        abort(); /* a key that no table knows is a mistake of the caller, never of the user */
    if (value.form == VALUE_TEXT)
        value.text = arena_strdup(&model->arena, value.text);
    object->values[i] = value;
}

void object_set_number(struct model *model, struct object *object, const char *key, int64_t number)
{
    object_set(model, object, key, value_number(number));
}

void object_set_text(struct model *model, struct object *object, const char *key, const char *text)
{
    object_set(model, object, key, value_text(text));
}

static bool is_fallback(const struct option *option, const struct value *value)
{
    struct value fallback = option_fallback(option);
    return value_is_set(&fallback) && value_equal(value, &fallback);
}

/* The identity: values of the key options that say something, those with a label after it. The name is the
 * end of the id, and shares its memory. */
void object_identify(struct arena *arena, struct object *object)
{
    struct text id CLEANUP_TEXT = {0};
    text_add(&id, object->class->name);
    text_add(&id, " ");
    text_add(&id, object->ns);
    text_add(&id, "/");
    size_t start = id.length;
    for (unsigned i = 0; i < object->class->n_options; i++) {
        const struct option *option = &object->class->options[i];
        const struct value *value = &object->values[i];
        if (!(option->flags & OPTION_KEY))
            break; /* they come first */
        if (!value_is_set(value) || is_fallback(option, value))
            continue;
        if (id.length > start)
            text_add(&id, " ");
        if (option->flags & OPTION_LABEL) {
            text_add(&id, option->key);
            text_add(&id, " ");
        }
        option_format(option, value, &id);
    }
    object->id = arena_strndup(arena, id.data, id.length);
    object->name = object->id + start;
}

static void chain(struct model *model, struct object *object)
{
    struct object *last = map_get(&model->chains, object->ns);
    if (last)
        last->next_in_ns = object;
    else
        map_set(&model->namespaces, object->ns, object);
    map_set(&model->chains, object->ns, object);
}

/* With its identity. */
static int insert(struct model *model, struct object *object, struct object **ret_other)
{
    struct object *other = map_get(&model->by_id, object->id);
    if (other) {
        if (ret_other)
            *ret_other = other;
        return -EEXIST;
    }
    if (model->n_objects == model->capacity) {
        model->capacity = model->capacity ? model->capacity * 2 : 32;
        model->objects = xrealloc(model->objects, model->capacity, sizeof(struct object *));
    }
    object->sequence = model->n_added++;
    model->objects[model->n_objects++] = object;
    map_set(&model->by_id, object->id, object);
    object->next_in_ns = NULL;
    chain(model, object);
    return 0;
}

int model_add(struct model *model, struct object *object, struct object **ret_other)
{
    object_identify(&model->arena, object);
    return insert(model, object, ret_other);
}

/* Its texts are still those of the other. */
static struct object *shallow_copy(struct arena *arena, const struct object *object)
{
    size_t size = sizeof *object + object_n_options(object) * sizeof object->values[0];
    struct object *copy = arena_alloc(arena, size);
    memcpy(copy, object, size);
    copy->next_in_ns = NULL;
    return copy;
}

struct object *object_clone(struct arena *arena, const struct object *object)
{
    unsigned n = object_n_options(object);
    struct object *copy = shallow_copy(arena, object);
    copy->ns = arena_strdup(arena, object->ns);
    copy->id = arena_strdup(arena, object->id);
    copy->name = copy->id ? copy->id + (object->name - object->id) : NULL;
    copy->owner = arena_strdup(arena, object->owner);
    copy->place.file = arena_strdup(arena, object->place.file);
    copy->place.line_text = arena_strdup(arena, object->place.line_text);
    for (unsigned i = 0; i < n; i++)
        if (copy->values[i].form == VALUE_TEXT)
            copy->values[i].text = arena_strdup(arena, object->values[i].text);
    return copy;
}

struct object *model_copy(struct model *model, const struct object *object)
{
    struct object *copy = object_clone(&model->arena, object);
    struct object *other = NULL;
    return model_add(model, copy, &other) < 0 ? other : copy;
}

struct object *model_borrow(struct model *model, const struct object *object)
{
    struct object *copy = shallow_copy(&model->arena, object);
    struct object *other = NULL;
    return insert(model, copy, &other) < 0 ? other : copy;
}

static void unchain(struct model *model, struct object *object)
{
    struct object *first = map_get(&model->namespaces, object->ns), *before = NULL;
    for (struct object *o = first; o != object; o = o->next_in_ns)
        before = o;
    /* The maps keep the name of a namespace by the pointer of their first object, which stays in the arena.
     */
    if (before)
        before->next_in_ns = object->next_in_ns;
    else if (object->next_in_ns)
        map_set(&model->namespaces, object->ns, object->next_in_ns);
    else
        map_remove(&model->namespaces, object->ns);
    if (object->next_in_ns)
        return;
    if (before)
        map_set(&model->chains, object->ns, before);
    else
        map_remove(&model->chains, object->ns);
}

void model_remove(struct model *model, struct object *object)
{
    map_remove(&model->by_id, object->id);
    unchain(model, object);
    for (size_t i = 0; i < model->n_objects; i++) {
        if (model->objects[i] != object)
            continue;
        memmove(&model->objects[i], &model->objects[i + 1],
                (model->n_objects - i - 1) * sizeof(struct object *));
        model->n_objects--;
        return;
    }
}

void model_done(struct model *model)
{
    map_done(&model->by_id);
    map_done(&model->namespaces);
    map_done(&model->chains);
    free(model->objects);
    arena_done(&model->arena);
    *model = (struct model){0};
}

struct object *model_by_id(const struct model *model, const char *id)
{
    return map_get(&model->by_id, id);
}

/* Asked for very often: put together by hand, which costs a tenth of what printing would. */
static struct object *get(const struct model *model, enum class_id class, const char *ns, const char *name)
{
    struct text id CLEANUP_TEXT = {0};
    text_add(&id, classes[class]->name);
    text_add(&id, " ");
    text_add(&id, ns);
    if (name) {
        text_add(&id, "/");
        text_add(&id, name);
    }
    return map_get(&model->by_id, text_of(&id));
}

struct object *model_get(const struct model *model, enum class_id class, const char *ns, const char *name)
{
    return get(model, class, ns, name);
}

struct object *model_interface(const struct model *model, const char *ns, const char *name)
{
    return get(model, CLASS_INTERFACE, ns, name);
}

struct object *model_interface_ref(const struct model *model, const char *reference)
{
    return get(model, CLASS_INTERFACE, reference, NULL);
}

struct object *model_interface_of(const struct model *model, const struct object *object, const char *key)
{
    const char *reference = object_word(object, key);
    return reference ? model_interface_ref(model, reference) : NULL;
}

const char *model_ref(struct arena *arena, const struct object *interface)
{
    return arena_printf(arena, "%s/%s", interface->ns, interface->name);
}
