/* Objects that are maps of the options of their class: neighbours, forwarding entries, WireGuard peers, and
 * the common part of routes, rules and addresses. */
#include <errno.h>
#include <string.h>

#include "file/reader.h"
#include "model/network.h"

static const char *class_words(enum class_id class)
{
    static const char *const words[CLASS_MAX] = {
        [CLASS_NAMESPACE] = "a namespace", [CLASS_INTERFACE] = "an interface",
        [CLASS_ADDRESS] = "an address",    [CLASS_ROUTE] = "a route",
        [CLASS_RULE] = "a rule",           [CLASS_NEIGHBOUR] = "a neighbour",
        [CLASS_FDB] = "an fdb entry",      [CLASS_WGPEER] = "a peer",
        [CLASS_SYSCTL] = "a setting",      [CLASS_RESOLVER] = "`dns`",
        [CLASS_TABLE] = "a table",         [CLASS_SET] = "a set",
        [CLASS_CHAIN] = "a chain",         [CLASS_SERVICE] = "a service",
    };
    return words[class];
}

/* One of a list, as it could be written. */
static const char *class_example(enum class_id class)
{
    return class == CLASS_WGPEER ? "peers: [{public-key: ..., allowed-ips: [10.0.0.2/32]}]"
           : class == CLASS_FDB  ? "fdb: [{mac: 02:00:00:00:00:01, dst: 10.0.0.2}]"
                                 : "neighbours: [{ip: 10.0.0.1, mac: 02:00:00:00:00:01}]";
}

/* "route 10.0.0.0/8" for messages. */
static const char *object_words(struct reader *r, const struct object *object)
{
    static const char *const all[] = {"0.0.0.0/0", "::/0"};
    for (unsigned i = 0; i < 2 && object->class->id == CLASS_ROUTE; i++) {
        size_t length = strlen(all[i]);
        if (strncmp(object->name, all[i], length) == 0)
            return arena_printf(r->arena, "%sroute `default%s`", i ? "IPv6 " : "", object->name + length);
    }
    return arena_printf(r->arena, "%s `%s`", object->class->name, object->name);
}

bool object_put(struct reader *r, struct object *object, const struct place *place)
{
    struct object *other = NULL;
    object->place = *place;
    if (model_add(r->model, object, &other) == 0)
        return true;
    refuse_twice(r, place, &other->place, "%s is given twice", object_words(r, object));
    return false;
}

/* The words for "unknown key ... in a route". */
static void refuse_field(struct reader *r, const struct class *class, bool in_interface,
                         const struct node *key)
{
    struct known_keys known = {0};
    for (unsigned i = 0; i < class->n_options; i++) {
        const struct option *option = &class->options[i];
        if (!(option->flags & OPTION_INTERNAL) && !(in_interface && strcmp(option->key, "dev") == 0))
            known_add(&known, option->key);
    }
    const struct key *key_of_maps = key_of_class(class->id);
    if (key_of_maps && key_of_maps->more)
        known_add(&known, key_of_maps->more->key);
    refuse_key(r, key, arena_printf(r->arena, "in %s", class_words(class->id)), &known);
}

bool interface_is_there(const struct reader *r, const struct scope *scope, const char *name)
{
    return scope == &r->host && r->there && r->there->mtu(r->there->userdata, name);
}

/* A device must be an interface of the scope; each has a loopback, described or not. */
bool device_known(struct reader *r, const struct scope *scope, const struct node *word, const char *key)
{
    if (entry_find(r, scope->ns, word->text) || strcmp(word->text, "lo") == 0)
        return true;
    if (scope->unread || end_was_meant(r, scope, word->text))
        return false;
    struct error *error = errors_add(r->errors, &word->place, "`%s`: no interface `%s` in %s%s%s", key,
                                     word->text, scope == &r->host ? "the host" : "namespace `",
                                     scope == &r->host ? "" : scope->ns, scope == &r->host ? "" : "`");
    struct nearest nearest = {.word = word->text};
    bool guess = may_guess(r);
    for (const struct entry *entry = guess ? scope->first : NULL; entry; entry = entry->next)
        nearest_offer(&nearest, entry->name);
    if (nearest.best)
        error_hint(r->errors, error, "did you mean `%s`?", nearest.best);
    else if (scope->exists)
        error_hint(r->errors, error, "describe one that exists already: `%s: {type: physical}`", word->text);
    return false;
}

/* What a rule looks at may come later. But in a namespace that is made now there is only what the file has,
 * and a name that is nearly one of the file's was meant to be it. */
static void warn_device(struct reader *r, const struct scope *scope, const struct node *word, const char *key)
{
    if (scope->unread || entry_find(r, scope->ns, word->text) || strcmp(word->text, "lo") == 0 ||
        interface_is_there(r, scope, word->text))
        return;
    struct nearest nearest = {.word = word->text};
    bool guess = may_guess(r);
    for (const struct entry *entry = guess ? scope->first : NULL; entry; entry = entry->next)
        nearest_offer(&nearest, entry->name);
    if (scope->exists && !nearest.best)
        return;
    struct error *error = errors_warn(r->errors, &word->place, "`%s`: no interface `%s` is in this file%s",
                                      key, word->text, scope->exists ? "" : ", so nothing matches");
    if (!error_hint_nearest(r->errors, error, nearest.best))
        error_hint(r->errors, error, "it matches once somebody makes one");
}

static bool field_read(struct reader *r, struct scope *scope, const struct entry *entry,
                       struct object *object, const struct pair *pair)
{
    const struct class *class = object->class;
    const struct option *option = option_find(class->options, class->n_options, pair->key->text);
    if (!option) {
        refuse_field(r, class, entry, pair->key);
        return false;
    }
    if (entry && strcmp(option->key, "dev") == 0) {
        struct error *error =
            errors_add(r->errors, &pair->key->place, "`dev` is not said inside of an interface");
        error_hint(r->errors, error, "here it is `%s`; leave it away", entry->name);
        return false;
    }
    struct value value;
    if (!value_read(r, option, pair->value, &value))
        return false;
    if (option->type == TYPE_DEVICE && strcmp(option->key, "dev") == 0 &&
        !device_known(r, scope, pair->value, option->key))
        return false;
    if (option->type == TYPE_DEVICE && strcmp(option->key, "dev") != 0)
        warn_device(r, scope, pair->value, option->key);
    object_set(r->model, object, option->key, value);
    return true;
}

static bool fields_complete(struct reader *r, const struct object *object, const struct node *map)
{
    bool complete = true;
    for (unsigned i = 0; i < object->class->n_options; i++) {
        const struct option *option = &object->class->options[i];
        bool names_device = option->flags & OPTION_KEY && strcmp(option->key, "dev") == 0;
        if (!(option->flags & OPTION_REQUIRED || names_device) || value_is_set(&object->values[i]))
            continue;
        struct error *error =
            errors_add(r->errors, &map->place, "%s needs `%s`", class_words(object->class->id), option->key);
        struct text expected CLEANUP_TEXT = {0};
        option_expects(option, &expected);
        error_hint(r->errors, error, "`%s`: %s", option->key, text_of(&expected));
        complete = false;
    }
    return complete;
}

struct object *object_read(struct reader *r, struct scope *scope, struct entry *entry, enum class_id class,
                           const struct node *map)
{
    struct object *object = model_new(r->model, classes[class], NULL, scope->ns);
    bool good = true;
    if (entry)
        object_set_text(r->model, object, "dev", entry->name);
    for (size_t i = 0; i < map->n; i++)
        good &= field_read(r, scope, entry, object, &map->pairs[i]);
    return good && fields_complete(r, object, map) ? object : NULL;
}

void read_objects(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    const struct key *key = key_find(pair->key->text, AT_TOP | AT_NAMESPACE | AT_INTERFACE);
    if (node_is_null(pair->value) ||
        !want_form(r, pair->value, NODE_LIST, key->key, class_example(key->class)))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct node *item = pair->value->items[i];
        if (!node_is_map(item)) {
            struct error *error = errors_add(r->errors, &item->place, "each of `%s` is a map, not %s",
                                             key->key, node_form_text(item));
            error_hint(r->errors, error, "for example: `%s`", class_example(key->class));
            continue;
        }
        struct object *object = object_read(r, scope, entry, key->class, item);
        if (object)
            object_put(r, object, &item->place);
    }
}
