/* Entries: the interfaces that are listed in a file or implied by it, by name, and how a word finds one. */
#include <string.h>

#include "file/reader.h"

struct entry *entry_new(struct reader *r, struct scope *scope, const char *name, const struct place *place)
{
    struct entry *entry = arena_alloc(r->arena, sizeof *entry);
    *entry = (struct entry){.scope = scope, .name = name, .place = *place};
    entry->ref = arena_printf(r->arena, "%s/%s", scope->ns, name);
    entry->port = entry;
    map_set(&r->entries, entry->ref, entry);
    if (scope->last)
        scope->last->next = entry;
    else
        scope->first = entry;
    scope->last = entry;
    return entry;
}

struct entry *entry_find(const struct reader *r, const char *ns, const char *name)
{
    struct text ref CLEANUP_TEXT = {0};
    text_printf(&ref, "%s/%s", ns, name);
    return map_get(&r->entries, text_of(&ref));
}

void entry_spoil(struct reader *r, struct entry *entry)
{
    map_set(&r->broken, arena_printf(r->arena, "interface %s", entry->ref), entry);
}

void entry_break(struct reader *r, struct entry *entry)
{
    entry->broken = true;
    entry_spoil(r, entry);
}

static void declare(struct reader *r, struct scope *scope, const struct pair *pair)
{
    const struct node *value = pair->value;
    const struct entry *other = entry_find(r, scope->ns, pair->key->text);
    if (other) {
        refuse_twice(r, &pair->key->place, &other->place, "interface `%s` is given twice", other->name);
        return;
    }
    struct entry *entry = entry_new(r, scope, pair->key->text, &pair->key->place);
    if (node_is_null(value))
        value = node_new(r->arena, NODE_MAP, &pair->key->place);
    if (node_is_map(value)) {
        entry->keys = value;
        return;
    }
    struct error *error =
        errors_add(r->errors, &value->place, "interface `%s` must be a map of options, not %s", entry->name,
                   node_form_text(value));
    entry_break(r, entry);
    if (!is_of_interfaces(entry->name)) {
        error_hint(r->errors, error, "for example: `%s: {type: bridge}`", entry->name);
        return;
    }
    error_hint(r->errors, error, "`%s` of an interface is indented further than its name", entry->name);
    for (struct entry *above = scope->first; above != entry; above = above->next)
        if (above->next == entry && above->keys && !above->keys->n)
            entry_break(r, above); /* whose it is */
}

void entries_declare(struct reader *r, struct scope *scope)
{
    const struct pair *pair =
        section_pair(scope->sections, "interfaces", scope == &r->host ? AT_TOP : AT_NAMESPACE);
    const struct node *interfaces = pair ? pair->value : NULL;
    if (!interfaces || node_is_null(interfaces))
        return;
    if (!want_form(r, interfaces, NODE_MAP, "interfaces", "interfaces: {br0: {type: bridge}}")) {
        scope_break(r, scope);
        return;
    }
    for (size_t i = 0; i < interfaces->n; i++)
        declare(r, scope, &interfaces->pairs[i]);
}

static const char *scope_words(struct reader *r, const struct scope *scope)
{
    return scope == &r->host ? "the host" : arena_printf(r->arena, "namespace `%s`", scope->ns);
}

/* The nearest of what could have been meant: names here, then those of the host. */
static const char *nearest_entry(struct reader *r, const struct scope *scope, bool or_host, const char *name)
{
    struct nearest nearest = {.word = name};
    if (!may_guess(r))
        return NULL;
    for (const struct entry *entry = scope->first; entry; entry = entry->next)
        nearest_offer(&nearest, entry->name);
    for (const struct entry *entry = or_host ? r->host.first : NULL; entry; entry = entry->next)
        nearest_offer(&nearest, entry->name);
    return nearest.best;
}

/* The kind of what the word must name: of `bridge` and its like. NULL: any. */
static const char *kind_meant(const char *key)
{
    return kind_has_ports(key) ? key : strcmp(key, "master") == 0 ? "bridge" : NULL;
}

void refuse_reference(struct reader *r, const struct scope *scope, bool or_host, const struct node *word,
                      const char *key)
{
    const char *name = reference_name(word->text);
    bool says_where = name != word->text;
    const char *where = scope_words(r, scope);
    if (scope->unread || (or_host && !says_where && r->host.unread) || end_was_meant(r, scope, name))
        return;
    if (or_host && !says_where)
        where = arena_printf(r->arena, "%s or in the host", where);
    struct error *error =
        errors_add(r->errors, &word->place, "`%s`: there is no interface `%s` in %s", key, name, where);
    const char *best = nearest_entry(r, scope, or_host && !says_where, name);
    if (best && says_where)
        error_hint(r->errors, error, "did you mean `%s/%s`?", scope->ns, best);
    else if (best)
        error_hint(r->errors, error, "did you mean `%s`?", best);
    else if (kind_meant(key))
        error_hint(r->errors, error,
                   "describe it in this file: `%s: {type: %s}`; one that exists already is taken over by "
                   "`--adopt`",
                   name, kind_meant(key));
    else if (scope->exists)
        error_hint(r->errors, error, "describe one that exists already: `%s: {type: physical}`", name);
}

static struct scope *resolve_scope(struct reader *r, const struct node *word, const char *ns, const char *key)
{
    struct scope *scope = scope_find(r, ns);
    if (scope || scope_is_unread(r, ns))
        return scope;
    struct error *error = errors_add(r->errors, &word->place, "`%s`: there is no namespace `%s`", key, ns);
    struct nearest nearest = {.word = ns};
    if (may_guess(r))
        scopes_offer(r, &nearest);
    const struct group *group = map_get(&r->groups, ns);
    if (group)
        error_hint(r->errors, error, "`%s` has a count: say which one, `%s-1` to `%s-%u`", ns, ns, ns,
                   group->count);
    else if (!error_hint_nearest(r->errors, error, nearest.best))
        error_hint(r->errors, error, "describe it in this file: `namespaces: {%s: {}}`", ns);
    return NULL;
}

struct entry *entry_resolve(struct reader *r, const struct scope *scope, const struct node *word,
                            const char *key)
{
    if (!want_word(r, word, key))
        return NULL;
    struct entry *entry;
    struct text ns CLEANUP_TEXT = {0};
    if (reference_ns(word->text, &ns)) {
        scope = resolve_scope(r, word, text_of(&ns), key);
        if (!scope)
            return NULL;
        entry = entry_find(r, scope->ns, reference_name(word->text));
    } else {
        entry = entry_find(r, scope->ns, word->text);
        if (!entry)
            entry = entry_find(r, HOST, word->text);
    }
    if (!entry)
        refuse_reference(r, scope, scope != &r->host, word, key);
    return entry && !entry->broken ? entry : NULL;
}
