#include "file/node.h"

#include <stdio.h>
#include <string.h>

bool node_is_null(const struct node *node)
{
    return node->form == NODE_SCALAR && !node->quoted &&
           (!*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *node_form_text(const struct node *node)
{
    if (node_is_null(node))
        return "nothing";
    switch (node->form) {
    case NODE_SCALAR:
        return "a single value";
    case NODE_LIST:
        return "a list";
    case NODE_MAP:
        return "a map";
    }
    return "?";
}

const struct pair *node_pair(const struct node *map, const char *key)
{
    if (map->form != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return &map->pairs[i];
    return NULL;
}

struct node *node_value(const struct node *map, const char *key)
{
    const struct pair *pair = node_pair(map, key);
    return pair ? pair->value : NULL;
}

struct place node_place_at(const struct node *scalar, size_t offset)
{
    struct place place = scalar->place;
    if (!scalar->exact)
        return place;
    for (size_t i = 0; i < offset && scalar->text[i]; i++)
        if (((unsigned char)scalar->text[i] & 0xc0) != 0x80)
            place.column++;
    place.column += scalar->quoted;
    return place;
}

size_t node_count(const struct node *node)
{
    if (node->form == NODE_LIST)
        return node->n;
    return node_is_null(node) ? 0 : 1;
}

const struct node *node_item(const struct node *node, size_t i)
{
    return node->form == NODE_LIST ? node->items[i] : node;
}

struct node *node_new(struct arena *arena, enum node_form form, const struct place *place)
{
    struct node *node = arena_alloc(arena, sizeof *node);
    *node = (struct node){.form = form, .place = *place, .text = "", .weight = 1};
    return node;
}

struct node *node_new_scalar(struct arena *arena, const char *text, const struct place *place)
{
    struct node *node = node_new(arena, NODE_SCALAR, place);
    node->text = text;
    node->quoted = true;
    return node;
}

/* Room for one more. The capacity is 4, 8, 16 ..., so it follows from the number. */
static void *with_room(struct arena *arena, void *old, size_t n, size_t size)
{
    if (n && (n < 4 || n & (n - 1)))
        return old;
    void *bigger = arena_alloc(arena, (n ? 2 * n : 4) * size);
    if (n)
        memcpy(bigger, old, n * size);
    return bigger;
}

static void grew(struct node *parent, const struct node *child)
{
    parent->n++;
    parent->weight += child->weight;
    if (child->height + 1 > parent->height)
        parent->height = child->height + 1;
}

void node_add_item(struct arena *arena, struct node *list, struct node *item)
{
    list->items = with_room(arena, list->items, list->n, sizeof *list->items);
    list->items[list->n] = item;
    grew(list, item);
}

void node_add_pair(struct arena *arena, struct node *map, struct node *key, struct node *value)
{
    map->pairs = with_room(arena, map->pairs, map->n, sizeof *map->pairs);
    map->pairs[map->n] = (struct pair){key, value};
    grew(map, value);
    map->weight++;
}

static const char *text_numbered(struct arena *arena, const char *text, unsigned number)
{
    char digits[16];
    size_t n_digits = (size_t)snprintf(digits, sizeof digits, "%u", number), n = 0;
    for (const char *at = text; (at = strstr(at, "{n}")); at += 3)
        n++;
    if (!n)
        return text;

    char *made = arena_alloc(arena, strlen(text) + n * n_digits + 1), *out = made;
    const char *at = text;
    for (const char *next; (next = strstr(at, "{n}")); at = next + 3) {
        memcpy(out, at, (size_t)(next - at));
        out += next - at;
        memcpy(out, digits, n_digits);
        out += n_digits;
    }
    memcpy(out, at, strlen(at) + 1);
    return made;
}

static struct node *scalar_numbered(struct arena *arena, struct node *node, unsigned number)
{
    const char *text = text_numbered(arena, node->text, number);
    if (text == node->text)
        return node;
    struct node *copy = node_new(arena, NODE_SCALAR, &node->place);
    copy->text = text;
    copy->quoted = node->quoted;
    return copy;
}

static struct node *child_numbered(struct arena *arena, struct node *node, size_t i, unsigned number)
{
    return node_numbered(arena, node->form == NODE_LIST ? node->items[i] : node->pairs[i].value, number);
}

struct node *node_numbered(struct arena *arena, struct node *node, unsigned number)
{
    if (node->form == NODE_SCALAR)
        return scalar_numbered(arena, node, number);

    bool differs = false;
    struct node **children = node->n ? arena_alloc(arena, node->n * sizeof(struct node *)) : NULL;
    struct node **keys =
        node->n && node->form == NODE_MAP ? arena_alloc(arena, node->n * sizeof(struct node *)) : NULL;
    for (size_t i = 0; i < node->n; i++) {
        children[i] = child_numbered(arena, node, i, number);
        if (keys)
            keys[i] = scalar_numbered(arena, node->pairs[i].key, number);
        differs |= keys ? children[i] != node->pairs[i].value || keys[i] != node->pairs[i].key
                        : children[i] != node->items[i];
    }
    if (!differs)
        return node;

    struct node *copy = node_new(arena, node->form, &node->place);
    for (size_t i = 0; i < node->n; i++)
        if (keys)
            node_add_pair(arena, copy, keys[i], children[i]);
        else
            node_add_item(arena, copy, children[i]);
    return copy;
}
