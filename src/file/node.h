/* The tree of a YAML file: maps, lists and scalars, each with the place where it was written.
 *
 * The tree is made by yaml.c, merged by load.c and read by read.c and its sections. It is never changed once
 * a reader has it. Aliases share nodes, so the tree is a graph without cycles; `weight` and `height` say how
 * much it would be without sharing, which keeps a small file from standing for a huge network. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum node_form { NODE_SCALAR, NODE_LIST, NODE_MAP };

enum { NODE_DEPTH_MAX = 64, NODE_WEIGHT_MAX = 500 * 1000 };

struct node;
struct pair {
    struct node *key; /* a scalar */
    struct node *value;
};

struct node_alias {
    const char *name;
    struct place place;
};

struct node {
    enum node_form form;
    bool quoted; /* scalar: between quotes, or a block; so that "~" and "" are texts, not nothing */
    bool exact;  /* scalar: each character of `text` stands in the file as it is, so that places within can be
                    shown */
    bool open;   /* internal to yaml.c: not finished yet */
    bool shared; /* an alias stands for it as well */
    const struct node_alias *alias; /* the first that stands for it; NULL: none */
    struct place place;
    const char *text; /* scalar */
    size_t n;
    union {
        struct node **items; /* list */
        struct pair *pairs;  /* map */
    };
    /* Bytes of the text from which it was read, for edit.c: with quotes and brackets. What was not written is
     * empty. An alias has those of its definition. */
    unsigned begin, end;
    size_t weight;   /* nodes below and including this one, shared ones counted each time */
    unsigned height; /* levels below this one */
};

static inline bool node_is_map(const struct node *node)
{
    return node->form == NODE_MAP;
}
static inline bool node_is_list(const struct node *node)
{
    return node->form == NODE_LIST;
}
static inline bool node_is_scalar(const struct node *node)
{
    return node->form == NODE_SCALAR;
}
bool node_is_null(const struct node *node); /* nothing was written, or ~ or null */

const char *node_form_text(const struct node *node); /* "a map", "a list", "nothing", "a single value" */

/* The pair with the key, or NULL; linear: for small maps. */
const struct pair *node_pair(const struct node *map, const char *key);
struct node *node_value(const struct node *map, const char *key);

/* The place of a byte of a scalar's text: of the scalar as a whole where it was written in another way. */
struct place node_place_at(const struct node *scalar, size_t offset);

/* A list of one or many: item i of a list, or the scalar or map itself as the only one; nothing has none. */
size_t node_count(const struct node *node);
const struct node *node_item(const struct node *node, size_t i);

struct node *node_new(struct arena *arena, enum node_form form, const struct place *place);
struct node *node_new_scalar(struct arena *arena, const char *text, const struct place *place);
void node_add_item(struct arena *arena, struct node *list, struct node *item);
void node_add_pair(struct arena *arena, struct node *map, struct node *key, struct node *value);

/* A copy in which every `{n}` of a text is the number; what holds none is shared. */
struct node *node_numbered(struct arena *arena, struct node *node, unsigned number);
