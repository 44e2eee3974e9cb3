#include "cli/view.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "model/json.h"

/* Of a topology: what it made, and what hangs on that (the addresses that the kernel gave to it). */
static bool belongs(const struct view *view, const struct object *object)
{
    const char *dev = object_dev(object);
    return model_by_id(view->only, object->id) || (dev && model_interface(view->only, object->ns, dev));
}

bool view_has(const struct view *view, const struct object *object)
{
    if (view->only && !belongs(view, object))
        return false;
    if (object->class->id == CLASS_NAMESPACE)
        return !view->interface && (!view->ns || strcmp(object->name, view->ns) == 0);
    if (view->ns && strcmp(object->ns, view->ns) != 0)
        return false;
    const char *dev = object_dev(object);
    return !view->interface || (dev && strcmp(dev, view->interface) == 0);
}

static int by_namespace(const void *a, const void *b)
{
    const struct object *left = *(const struct object *const *)a, *right = *(const struct object *const *)b;
    bool left_is_host = strcmp(left->ns, HOST) == 0, right_is_host = strcmp(right->ns, HOST) == 0;
    if (left_is_host != right_is_host)
        return left_is_host ? -1 : 1;
    int order = strverscmp(left->ns, right->ns);
    return order ? order : strverscmp(left->name, right->name);
}

/* The loopback that every namespace has says nothing, unless it is asked for or somebody gave it an address.
 */
static bool is_dull(const struct view *view, const struct object *interface)
{
    struct text addresses CLEANUP_TEXT = {0};
    if (interface->kind != &kind_loopback || view->ns)
        return false;
    view_addresses(view, interface, " ", false, &addresses);
    const char *all = text_of(&addresses);
    return !*all || strcmp(all, "127.0.0.1/8") == 0 || strcmp(all, "127.0.0.1/8 ::1/128") == 0;
}

const struct object **view_interfaces(const struct view *view, size_t *ret_n)
{
    const struct object **list = xrealloc(NULL, view->observed.n_objects + 1, sizeof(struct object *));
    size_t n = 0;
    model_each(&view->observed, object)
    {
        if (object->class->id == CLASS_INTERFACE && view_has(view, object) && !is_dull(view, object))
            list[n++] = object;
    }
    qsort(list, n, sizeof(struct object *), by_namespace);
    *ret_n = n;
    return list;
}

void view_number(const struct object **interfaces, size_t n, struct map *ret_places)
{
    for (size_t i = 0; i < n; i++)
        map_set(ret_places, interfaces[i]->id, &interfaces[i]);
}

size_t view_place(const struct map *places, const struct object **interfaces, size_t n,
                  const struct object *interface)
{
    const struct object **place = interface ? map_get(places, interface->id) : NULL;
    return place ? (size_t)(place - interfaces) : n;
}

/* An address of an interface. */
struct address {
    const struct object *object;
    const struct address *next;
};

void view_index(struct view *view)
{
    const struct model *observed = &view->observed;
    for (size_t i = observed->n_objects; i-- > 0;) {
        const struct object *object = observed->objects[i];
        if (object->class->id != CLASS_ADDRESS)
            continue;
        const struct object *interface = model_interface(observed, object->ns, object_dev(object));
        if (!interface)
            continue;
        struct address *address = arena_alloc(&view->arena, sizeof *address);
        *address = (struct address){.object = object, .next = map_get(&view->addresses, interface->id)};
        map_set(&view->addresses, interface->id, address);
    }
}

void view_done(struct view *view)
{
    map_done(&view->addresses);
    arena_done(&view->arena);
    model_done(&view->observed);
}

void view_addresses(const struct view *view, const struct object *interface, const char *separator,
                    bool with_kernel, struct text *out)
{
    const struct address *address = map_get(&view->addresses, interface->id);
    for (; address; address = address->next) {
        bool is_learnt = address->object->flags & OBJECT_LEARNT;
        if (address->object->flags & OBJECT_KERNEL && !with_kernel && !is_learnt)
            continue;
        text_printf(out, "%s%s%s", out->length ? separator : "", object_text(address->object, "address"),
                    is_learnt ? " (learnt)" : "");
    }
}

/* The same keys in every namespace, also where there is nothing. */
static json_t *namespace_to_json(const char *name)
{
    json_t *json = json_pack("{s:o}", "name", output_json_text(name));
    for (unsigned i = 0; i < CLASS_MAX; i++)
        if (i != CLASS_NAMESPACE)
            json_object_set_new(json, classes[i]->plural, json_array());
    return json;
}

/* The object of a namespace in the list; made where it is the first time. */
static json_t *namespace_in(json_t *list, struct map *seen, const char *name)
{
    json_t *json = map_get(seen, name);
    if (json)
        return json;
    json = namespace_to_json(name);
    json_array_append_new(list, json);
    map_set(seen, name, json);
    return json;
}

json_t *view_to_json(const struct view *view)
{
    json_t *list = json_array();
    struct map seen CLEANUP_MAP = {0};
    model_each(&view->observed, object)
    {
        if (!view_has(view, object))
            continue;
        bool is_namespace = object->class->id == CLASS_NAMESPACE;
        json_t *json = namespace_in(list, &seen, is_namespace ? object->name : object->ns);
        if (!is_namespace)
            json_array_append_new(json_object_get(json, object->class->plural), object_to_json(object, true));
    }
    return json_pack("{s:o}", "namespaces", list);
}
