/* Interfaces: their objects, and the values of their keys.
 *
 * A key is one of the table of keys.c, or an option of the class, or one of the kind. Options of a bridge
 * port go to the end that is the port. */
#include <string.h>

#include "file/reader.h"

static void make(struct reader *r, struct entry *entry)
{
    if (entry->peer && entry->peer->broken && !entry->broken)
        entry_break(r, entry);
    if (entry->broken)
        return;
    struct object *object = model_new(r->model, classes[CLASS_INTERFACE], entry->kind, entry->scope->ns);
    object_set_text(r->model, object, "name", entry->name);
    if (entry->peer)
        object_set_text(r->model, object, "peer", entry->peer->ref);
    if (entry->master && entry->master->broken)
        entry_spoil(r, entry);
    else if (entry->master)
        object_set_text(r->model, object, "master", entry->master->ref);
    if (object_put(r, object, &entry->place))
        entry->object = object;
}

void entries_make(struct reader *r)
{
    each_scope(r, scope)
    {
        if (!scope->exists && !entry_find(r, scope->ns, "lo"))
            entry_new(r, scope, "lo", &scope->place)->kind = &kind_loopback;
        for (struct entry *entry = scope->first; entry; entry = entry->next)
            make(r, entry);
    }
}

/* Keys */

static const char *kinds_with(struct reader *r, const char *key)
{
    struct text names CLEANUP_TEXT = {0};
    for (unsigned i = 0; kinds[i]; i++)
        if (option_find(kinds[i]->options, kinds[i]->n_options, key))
            text_join(&names, kinds[i]->name);
    return names.length ? arena_strdup(r->arena, text_of(&names)) : NULL;
}

static void refuse_interface_key(struct reader *r, const struct entry *entry, const struct node *key)
{
    const char *others = entry->kind ? kinds_with(r, key->text) : NULL;
    if (others) {
        struct error *error = errors_add(r->errors, &key->place, "`%s` is an option of %s, not of %s",
                                         key->text, others, entry->kind->name);
        bool of_port = entry->port->master && strcmp(key->text, "priority") == 0;
        if (of_port)
            error_hint(r->errors, error, "that of a bridge port is `port-priority`");
        else if (strcmp(key->text, "group") == 0 &&
                 option_find(entry->kind->options, entry->kind->n_options, "remote"))
            error_hint(r->errors, error, "a multicast group is said as `remote`");
        return;
    }
    struct known_keys known = {0};
    const struct class *class = classes[CLASS_INTERFACE];
    for (unsigned i = 0; entry->kind && i < entry->kind->n_options; i++)
        if (!(entry->kind->options[i].flags & OPTION_INTERNAL))
            known_add(&known, entry->kind->options[i].key);
    for (const struct key *row = keys; row->key; row++)
        if (row->at & AT_INTERFACE)
            known_add(&known, row->key);
    for (unsigned i = 0; i < class->n_options; i++)
        if (!(class->options[i].flags & (OPTION_INTERNAL | OPTION_KEY)))
            known_add(&known, class->options[i].key);
    refuse_key(r, key, "in an interface", &known);
}

static void read_option(struct reader *r, struct entry *entry, const struct option *option,
                        const struct pair *pair)
{
    struct value value;
    struct entry *owner = option->flags & OPTION_PORT ? entry->port : entry;
    if (!value_read(r, option, pair->value, &value) || !owner->object)
        return;
    if (object_has(owner->object, option->key)) {
        refuse_twice(r, &pair->key->place, &owner->place, "`%s` of port `%s` is given at both ends",
                     option->key, owner->ref);
        return;
    }
    object_set(r->model, owner->object, option->key, value);
}

/* The option that a key is: of the class, of the kind, or of any kind where that is not known. */
static const struct option *find_option(const struct entry *entry, const char *key)
{
    const struct class *class = classes[CLASS_INTERFACE];
    const struct option *option = option_find(class->options, class->n_options, key);
    if (option && option->flags & OPTION_KEY)
        option = NULL; /* the name is said by the map */
    if (!option && entry->kind)
        return option_find(entry->kind->options, entry->kind->n_options, key);
    for (unsigned i = 0; !option && kinds[i]; i++)
        option = option_find(kinds[i]->options, kinds[i]->n_options, key);
    return option;
}

static void read_as_option(struct reader *r, struct entry *entry, const struct pair *pair)
{
    if (key_find(pair->key->text, AT_INTERFACE))
        return;
    const struct option *option = find_option(entry, pair->key->text);
    if (!option)
        refuse_interface_key(r, entry, pair->key);
    else if (entry->kind)
        read_option(r, entry, option, pair);
}

static void read_as_key(struct reader *r, struct entry *entry, const struct pair *pair)
{
    const struct key *key = key_find(pair->key->text, AT_INTERFACE);
    if (!key || !key->read)
        return;
    if (key->kind && entry->kind && strcmp(key->kind, entry->kind->name) != 0)
        errors_add(r->errors, &pair->key->place, "`%s` is an option of %s, not of %s", key->key, key->kind,
                   entry->kind->name);
    else
        key->read(r, entry->scope, entry, pair);
}

static void read_pairs(struct reader *r, struct entry *entry,
                       void (*read)(struct reader *r, struct entry *entry, const struct pair *pair))
{
    size_t before = r->errors->n_errors;
    for (size_t i = 0; entry->keys && i < entry->keys->n; i++)
        read(r, entry, &entry->keys->pairs[i]);
    if (r->errors->n_errors == before)
        return;
    entry_spoil(r, entry);
    entry_spoil(r, entry->port);
}

/* Options before the other keys: a route through a port of a VRF asks for that VRF's table. */
void entries_read(struct reader *r)
{
    each_entry(r, entry) read_pairs(r, entry, read_as_option);
    each_entry(r, entry) read_pairs(r, entry, read_as_key);
    each_entry(r, entry) if (entry->object && !object_has(entry->object, "up"))
        object_set_number(r->model, entry->object, "up", 1);
}

void read_parent(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    struct entry *parent = entry_resolve(r, scope, pair->value, pair->key->text);
    if (parent && entry->object)
        object_set_text(r->model, entry->object, "parent", parent->ref);
    if (!parent)
        entry_spoil(r, entry);
}
