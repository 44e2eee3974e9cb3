/* Namespaces: the scopes of a file. The host is the first; a namespace with `count` becomes several. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/reader.h"

enum { COUNT_MAX = 4096 };

struct scope *scope_find(const struct reader *r, const char *ns)
{
    return map_get(&r->scopes, ns);
}

void scopes_offer(const struct reader *r, struct nearest *nearest)
{
    for (const struct scope *scope = &r->host; scope; scope = scope->next)
        nearest_offer(nearest, scope->ns);
}

void scope_spoil(struct reader *r, struct scope *scope)
{
    map_set(&r->broken, arena_printf(r->arena, "namespace %s/%s", HOST, scope->ns), scope);
}

void scope_break(struct reader *r, struct scope *scope)
{
    scope->unread = true;
    scope_spoil(r, scope);
}

bool scope_is_unread(const struct reader *r, const char *ns)
{
    const struct scope *scope = scope_find(r, ns);
    if (scope || r->unread)
        return scope ? scope->unread : true;
    struct text name CLEANUP_TEXT = {0};
    const char *dash = strrchr(ns, '-');
    const struct group *group = map_get(&r->groups, ns);
    if (!group && dash) {
        text_add_n(&name, ns, (size_t)(dash - ns)); /* one of those that are counted */
        group = map_get(&r->groups, text_of(&name));
    }
    return group && !group->count;
}

static bool scope_known(struct reader *r, const char *name, const struct place *place)
{
    const struct scope *other = scope_find(r, name);
    if (!other)
        return false;
    if (other == &r->host) {
        struct error *error =
            errors_add(r->errors, place, "no namespace can be called `%s`: that is the host", name);
        error_hint(r->errors, error, "say at the top of the file what belongs to the host");
    } else {
        refuse_twice(r, place, &other->place, "namespace `%s` is given twice", name);
    }
    return true;
}

static void scope_read_options(struct reader *r, struct scope *scope, struct object *object)
{
    const struct class *class = object->class;
    size_t before = r->errors->n_errors;
    for (size_t i = 0; i < scope->sections->n; i++) {
        const struct pair *pair = &scope->sections->pairs[i];
        const struct option *option = option_find(class->options, class->n_options, pair->key->text);
        struct value value;
        if (!option || option->flags & OPTION_KEY || key_find(pair->key->text, AT_NAMESPACE))
            continue;
        if (value_read(r, option, pair->value, &value))
            object_set(r->model, object, option->key, value);
    }
    scope->exists = object_is_attached(object);
    if (r->errors->n_errors == before)
        return;
    scope->exists = true; /* as was meant */
    scope_spoil(r, scope);
}

struct scope *scope_add(struct reader *r, const char *name, const struct place *place,
                        const struct node *sections)
{
    if (scope_known(r, name, place))
        return NULL;
    struct scope *scope = arena_alloc(r->arena, sizeof *scope);
    *scope = (struct scope){.ns = name, .sections = sections, .place = *place};
    map_set(&r->scopes, scope->ns, scope);
    r->last_scope = r->last_scope->next = scope;

    struct object *object = model_new(r->model, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(r->model, object, "name", name);
    scope_read_options(r, scope, object);
    object_put(r, object, place);
    return scope;
}

/* How many; 0 after a mistake. */
static unsigned read_count(struct reader *r, const struct node *count, const struct node *sections)
{
    if (!want_word(r, count, "count"))
        return 0;
    char *end;
    unsigned long number = strtoul(count->text, &end, 10);
    if (*end || count->text[0] < '0' || count->text[0] > '9' || number < 1 || number > COUNT_MAX) {
        errors_add(r->errors, &count->place, "`count` cannot be `%s`: expected a number from 1 to %d",
                   count->text, COUNT_MAX);
        return 0;
    }
    size_t before = r->counted;
    r->counted += sections->weight * number;
    if (r->counted > NODE_WEIGHT_MAX) {
        errors_add(r->errors, &count->place, "%lu of this namespace%s are more than %d values", number,
                   before ? ", with those before," : "", NODE_WEIGHT_MAX);
        return 0;
    }
    return (unsigned)number;
}

static void scopes_count(struct reader *r, const struct pair *pair, struct node *sections, unsigned count)
{
    struct group *group = arena_alloc(r->arena, sizeof *group);
    *group = (struct group){.name = pair->key->text, .count = count};
    map_set(&r->groups, group->name, group);
    for (unsigned number = 1; number <= count; number++) {
        const char *name = arena_printf(r->arena, "%s-%u", pair->key->text, number);
        struct scope *scope =
            scope_add(r, name, &pair->key->place, node_numbered(r->arena, sections, number));
        if (!scope)
            return;
        scope->number = number;
        scope->of = count;
    }
}

static void scope_make(struct reader *r, const struct pair *pair)
{
    struct node *sections = pair->value;
    bool unread = false;
    if (node_is_null(sections))
        sections = node_new(r->arena, NODE_MAP, &pair->key->place);
    if (!node_is_map(sections)) {
        struct error *error =
            errors_add(r->errors, &sections->place, "namespace `%s` must be a map of sections, not %s",
                       pair->key->text, node_form_text(sections));
        error_hint(r->errors, error, "for example: `%s: {interfaces: {eth0: {bridge: br0}}}`",
                   pair->key->text);
        sections = node_new(r->arena, NODE_MAP, &pair->key->place);
        unread = true;
    }
    const struct pair *count = section_pair(sections, "count", AT_NAMESPACE);
    if (count) {
        scopes_count(r, pair, sections, read_count(r, count->value, sections));
        return;
    }
    struct scope *scope = scope_add(r, pair->key->text, &pair->key->place, sections);
    if (unread && scope)
        scope_break(r, scope);
}

void scopes_make(struct reader *r, const struct node *root)
{
    r->host = (struct scope){.ns = HOST, .sections = root, .place = root->place, .exists = true};
    r->last_scope = &r->host;
    map_set(&r->scopes, r->host.ns, &r->host);
    const struct pair *pair = section_pair(root, "namespaces", AT_TOP);
    const struct node *namespaces = pair ? pair->value : NULL;
    if (!namespaces || node_is_null(namespaces))
        return;
    r->unread = !want_form(r, namespaces, NODE_MAP, "namespaces",
                           "namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}");
    for (size_t i = 0; !r->unread && i < namespaces->n; i++)
        scope_make(r, &namespaces->pairs[i]);
}
