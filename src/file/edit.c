/* One change of a file: in the tree, and in the text, and whether both are the same. */
#include "file/edit.h"

#include <errno.h>
#include <string.h>

#include "base/map.h"
#include "file/pieces.h"
#include "file/yaml.h"

struct editor {
    struct arena *arena;
    struct errors *errors;
    const struct file_edit *edit;
    struct pieces pieces;
    const struct node_alias *alias; /* of what is taken away; NULL: none */
};

/* Trees */

static bool is_same(const struct node *a, const struct node *b);

static bool has_same_keys(const struct node *a, const struct node *b)
{
    CLEANUP_MAP struct map values = {0};
    bool same = true;
    for (size_t i = 0; i < b->n; i++)
        map_set(&values, b->pairs[i].key->text, b->pairs[i].value);
    for (size_t i = 0; same && i < a->n; i++) {
        const struct node *other = map_get(&values, a->pairs[i].key->text);
        same = other && is_same(a->pairs[i].value, other);
    }
    return same;
}

static bool is_same(const struct node *a, const struct node *b)
{
    if (a->form != b->form || a->n != b->n || node_is_null(a) != node_is_null(b))
        return false;
    if (a->form == NODE_MAP)
        return has_same_keys(a, b);
    for (size_t i = 0; a->form == NODE_LIST && i < a->n; i++)
        if (!is_same(a->items[i], b->items[i]))
            return false;
    return a->form == NODE_LIST || node_is_null(a) || strcmp(a->text, b->text) == 0;
}

static struct node *list_new(struct editor *e, const struct node *value)
{
    struct node *list = node_new(e->arena, NODE_LIST, &value->place);
    node_add_item(e->arena, list, (struct node *)value);
    return list;
}

/* What is put where the path ends in the tree: the value, in the maps that are missing of the path. */
static const struct node *value_below(struct editor *e, const char *const *path)
{
    const struct node *value = e->edit->value;
    size_t n = 0;
    while (path[n])
        n++;
    if (e->edit->verb == EDIT_INSERT)
        value = list_new(e, value);
    while (n--) {
        struct node *map = node_new(e->arena, NODE_MAP, &value->place);
        node_add_pair(e->arena, map, node_new_scalar(e->arena, path[n], &value->place), (struct node *)value);
        value = map;
    }
    return value;
}

/* The list with the item more or less. */
static struct node *list_edited(struct editor *e, const struct node *list, size_t index)
{
    struct node *edited = node_new(e->arena, NODE_LIST, &list->place);
    for (size_t i = 0; i <= node_count(list); i++) {
        if (i == index && e->edit->verb == EDIT_INSERT)
            node_add_item(e->arena, edited, (struct node *)e->edit->value);
        if (i < node_count(list) && (i != index || e->edit->verb == EDIT_INSERT))
            node_add_item(e->arena, edited, (struct node *)node_item(list, i));
    }
    return edited;
}

/* The map with another value of the key; NULL: without it. */
static struct node *map_edited(struct editor *e, const struct node *map, const char *key,
                               const struct node *value)
{
    struct node *edited = node_new(e->arena, NODE_MAP, &map->place);
    bool found = false;
    for (size_t i = 0; i < map->n; i++) {
        const struct pair *pair = &map->pairs[i];
        bool is_it = strcmp(pair->key->text, key) == 0;
        found |= is_it;
        if (!is_it || value)
            node_add_pair(e->arena, edited, pair->key, is_it ? (struct node *)value : pair->value);
    }
    if (!found)
        node_add_pair(e->arena, edited, node_new_scalar(e->arena, key, &map->place), (struct node *)value);
    return edited;
}

/* Refusals. All return -EINVAL. */

static int refuse(struct editor *e, const struct place *place, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int refuse(struct editor *e, const struct place *place, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct error *error = errors_add(e->errors, place, "%s", arena_vprintf(e->arena, format, args));
    va_end(args);
    if (hint)
        error_hint(e->errors, error, "%s", hint);
    return -EINVAL;
}

static int refuse_shared(struct editor *e, const char *key, const struct node *value)
{
    return refuse(e, &value->place, "write it out where the two differ, or change it by hand",
                  "`%s` stands in two places by an alias: a change of one would change both", key);
}

static int refuse_missing(struct editor *e, const struct node *map, const char *key, const struct pair *pair)
{
    const struct pair *include = node_pair(map, "include");
    if (pair)
        return refuse(e, &pair->key->place, "change it where it is written",
                      "`%s` comes from another map, by `<<`", key);
    if (include)
        return refuse(e, &include->key->place, "change it in the file that says it",
                      "there is no `%s` beside this: an included file has it", key);
    return refuse(e, &map->place, NULL, "there is no `%s` here", key);
}

static int refuse_alias(struct editor *e, const struct node_alias *alias)
{
    return refuse(e, &alias->place, "write out here what it stands for, or change both by hand",
                  "`*%s` is in the way: it stands for what would be changed or taken away", alias->name);
}

/* What was written is not what was meant. */
static int refuse_result(struct editor *e, const struct place *place, const struct errors *errors)
{
    return refuse(e, place, "change it by hand", "this place cannot be changed without more of the file%s%s",
                  errors->first ? ": " : "", errors->first ? errors->first->message : "");
}

/* The change, from the top down. Each returns the tree as it should be then; NULL: refused. */

/* Whether the map says the pair itself, rather than by `<<`. */
static bool is_own(const struct node *map, const struct pair *pair)
{
    return pair->key->begin >= map->begin && pair->key->end <= map->end;
}

static const struct node *edit_value(struct editor *e, const struct node *map, const struct pair *pair,
                                     const struct node *value, struct place *ret_place)
{
    *ret_place = pair->key->place;
    return pieces_set(&e->pieces, map, pair, value) ? value : NULL;
}

static const struct node *edit_list(struct editor *e, const struct node *map, const struct pair *pair,
                                    struct place *ret_place)
{
    const struct node *list = pair->value;
    size_t n = node_count(list);
    bool removes = e->edit->verb == EDIT_REMOVE;
    size_t index = e->edit->index == EDIT_END ? n - removes : (size_t)e->edit->index;
    if (list->form == NODE_MAP) {
        refuse(e, &list->place, NULL, "`%s` is a map here, not a list", pair->key->text);
        return NULL;
    }
    if (index >= n + !removes) {
        refuse(e, &list->place, NULL, "`%s` has no item %zu", pair->key->text, index + 1);
        return NULL;
    }
    e->alias = removes ? node_item(list, index)->alias : NULL;
    const struct node *edited = list_edited(e, list, index);
    if (list->form != NODE_LIST || (removes && n == 1))
        return edit_value(e, map, pair, edited, ret_place);
    *ret_place = list->place;
    return (removes ? pieces_remove(&e->pieces, list, index)
                    : pieces_insert(&e->pieces, list, index, NULL, e->edit->value))
               ? edited
               : NULL;
}

static const struct node *edit_map(struct editor *e, const struct node *map, const char *const *path,
                                   struct place *ret_place);

/* What there is of the key. */
static const struct node *edit_pair(struct editor *e, const struct node *map, const struct pair *pair,
                                    const char *const *path, struct place *ret_place)
{
    const struct node *value = pair->value;
    enum edit_verb verb = e->edit->verb;
    bool is_last = !path[1], makes = verb == EDIT_SET || verb == EDIT_INSERT;
    if (value->shared) {
        refuse_shared(e, *path, value);
        return NULL;
    }
    if (is_last && verb == EDIT_SET)
        return edit_value(e, map, pair, e->edit->value, ret_place);
    if (node_is_null(value) && makes)
        return edit_value(e, map, pair, value_below(e, path + 1), ret_place);
    if (verb == EDIT_UNSET && !path[2] && value->form == NODE_MAP && value->n == 1 &&
        node_pair(value, path[1]) && is_own(value, &value->pairs[0]))
        return edit_value(e, map, pair, node_new(e->arena, NODE_MAP, &value->place), ret_place);
    return is_last ? edit_list(e, map, pair, ret_place) : edit_map(e, value, path + 1, ret_place);
}

static const struct node *edit_key(struct editor *e, const struct node *map, const char *const *path,
                                   const struct pair *pair, struct place *ret_place)
{
    size_t i = (size_t)(pair - map->pairs);
    *ret_place = pair->key->place;
    return pieces_remove(&e->pieces, map, i) ? map_edited(e, map, *path, NULL) : NULL;
}

static const struct node *edit_map(struct editor *e, const struct node *map, const char *const *path,
                                   struct place *ret_place)
{
    bool makes = e->edit->verb == EDIT_SET || e->edit->verb == EDIT_INSERT;
    if (map->form != NODE_MAP) {
        refuse(e, &map->place, NULL, "`%s` cannot be here: this is %s, not a map", *path,
               node_form_text(map));
        return NULL;
    }
    const struct pair *pair = node_pair(map, *path);
    bool is_missing = !pair || !is_own(map, pair);
    if (is_missing && !makes) {
        refuse_missing(e, map, *path, pair);
        return NULL;
    }
    *ret_place = map->place;
    const struct node *value;
    if (is_missing) {
        const struct node *key = node_new_scalar(e->arena, *path, &map->place);
        value = value_below(e, path + 1);
        if (!pieces_insert(&e->pieces, map, map->n, key, value))
            return NULL;
    } else if (!path[1] && e->edit->verb == EDIT_UNSET) {
        return edit_key(e, map, path, pair, ret_place);
    } else {
        value = edit_pair(e, map, pair, path, ret_place);
    }
    return value ? map_edited(e, map, *path, value) : NULL;
}

/* The whole */

static void write_pieces(const struct pieces *p, struct text *out)
{
    size_t at = 0;
    for (unsigned i = 0; i < p->n; i++) {
        text_add_n(out, p->text + at, p->list[i].from - at);
        text_add(out, p->list[i].with);
        at = p->list[i].to;
    }
    text_add_n(out, p->text + at, p->size - at);
}

static int edit_root(struct editor *e, const char *file, const struct node *root, struct text *out)
{
    struct errors errors CLEANUP_ERRORS = {0};
    struct node *again = NULL;
    struct place place = root->place;
    size_t before = e->errors->n_errors;
    e->pieces.json =
        root->n && e->pieces.text[root->begin] == '{' && e->pieces.text[root->pairs[0].key->begin] == '"';
    const struct node *wanted = edit_map(e, root, e->edit->path, &place);
    if (e->errors->n_errors > before)
        return -EINVAL;
    if (!wanted)
        return e->alias ? refuse_alias(e, e->alias) : refuse_result(e, &place, &errors);
    write_pieces(&e->pieces, out);
    int r = yaml_parse(file, text_of(out), out->length, e->arena, &errors, &again);
    if (r < 0 || errors.n_errors || !is_same(wanted, again))
        return e->alias ? refuse_alias(e, e->alias) : refuse_result(e, &place, &errors);
    return 0;
}

int edit_text(const char *file, const char *text, size_t size, const struct file_edit *edit, struct text *ret,
              struct errors *errors)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct arena arena = {0};
    struct text out CLEANUP_TEXT = {0};
    struct node *root = NULL;
    size_t start = size >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0, before = errors->n_errors;
    struct editor e = {.arena = &arena, .errors = errors, .edit = edit};
    e.pieces = (struct pieces){
        .text = arena_strndup(&arena, text + start, size - start), .size = size - start, .arena = &arena};
    int r = yaml_parse(file, e.pieces.text, e.pieces.size, &arena, errors, &root);
    if (r == 0 && errors->n_errors > before)
        r = -EINVAL;
    if (r == 0)
        r = edit_root(&e, file, root, &out);
    if (r == 0) {
        text_add_n(ret, text, start);
        text_add_n(ret, text_of(&out), out.length);
    }
    arena_done(&arena);
    return r;
}

bool edit_has(const char *text, size_t size, const char *const *path)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct arena arena = {0};
    struct node *root = NULL;
    const struct node *node = yaml_parse("", text, size, &arena, &ignored, &root) == 0 ? root : NULL;
    for (; node && *path; path++) {
        const struct pair *pair = node_pair(node, *path);
        node = pair && is_own(node, pair) ? pair->value : NULL;
    }
    arena_done(&arena);
    return node;
}
