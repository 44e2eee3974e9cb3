/* YAML text to a tree of nodes.
 *
 * libfyaml says what was read as events; the tree, aliases, merge keys, duplicate keys and all limits are
 * ours, so that every mistake is told in our words and at our places (lines and columns are counted by
 * source.c, in characters). What libfyaml complains about is collected, reworded and put with the other
 * errors; it never writes to the terminal.
 *
 * Limits: nesting to NODE_DEPTH_MAX; NODE_WEIGHT_MAX nodes, those behind an alias counted each time it is
 * used. Tags
 * ("!!int") and several documents are refused: they have no meaning in a network file. A node keeps the place
 * of its definition, also where an alias uses it, since that is the text to mend. */
#include "file/yaml.h"

#include <errno.h>
#include <libfyaml.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/map.h"
#include "base/names.h"
#include "file/source.h"

struct frame {
    struct node *node;
    struct node *key; /* of a map: the key that waits for its value */
};

struct parser {
    struct source source;
    struct arena *arena;
    struct errors *errors;

    struct frame frames[NODE_DEPTH_MAX];
    unsigned depth;
    struct node *root;
    struct map anchors;
    struct place last; /* of the last thing read: for what has no text of its own */
    unsigned end;      /* of the last text read: a block ends with the last in it */
    unsigned n_documents;
    bool failed; /* reading on makes no sense */
};

static struct place place_of_mark(struct parser *p, const struct fy_mark *mark)
{
    if (mark)
        p->last = source_place(&p->source, mark->input_pos);
    return p->last;
}

/* Building */

static void give_up(struct parser *p, const struct place *place, const char *message, const char *hint)
{
    struct error *error = errors_add(p->errors, place, "%s", message);
    if (hint)
        error_hint(p->errors, error, "%s", hint);
    p->failed = true;
}

static const char *token_text(struct parser *p, struct fy_token *token)
{
    size_t length = 0;
    const char *text = token ? fy_token_get_text(token, &length) : NULL;
    return text ? arena_strndup(p->arena, text, length) : "";
}

static void refuse_twice(struct parser *p, const struct pair *pair, const struct pair *other)
{
    const struct place *first = &other->key->place;
    struct error *error =
        errors_add(p->errors, &pair->key->place, "key `%s` is given twice", pair->key->text);
    error_hint(p->errors, error, "first given at %s:%d:%d", first->file, first->line, first->column);
}

enum { FEW = 8 }; /* keys that are compared one by one */

/* Tells the keys that are given twice, and keeps the first of each. */
static void drop_duplicates(struct parser *p, struct node *map)
{
    CLEANUP_MAP struct map seen = {0};
    size_t kept = 0;
    for (size_t i = 0; i < map->n; i++) {
        const struct pair *pair = &map->pairs[i], *other = NULL;
        bool few = map->n <= FEW;
        for (size_t j = 0; few && j < kept && !other; j++)
            other = strcmp(map->pairs[j].key->text, pair->key->text) == 0 ? &map->pairs[j] : NULL;
        if (!few)
            other = map_get(&seen, pair->key->text);
        if (other) {
            refuse_twice(p, pair, other);
            continue;
        }
        map->pairs[kept] = *pair;
        if (!few)
            map_set(&seen, pair->key->text, &map->pairs[kept]);
        kept++;
    }
    map->n = kept;
}

static bool is_merge(const struct pair *pair)
{
    return !pair->key->quoted && strcmp(pair->key->text, "<<") == 0;
}

static void merge_map(struct parser *p, struct node *into, struct map *known, const struct node *from)
{
    if (from->form != NODE_MAP) {
        errors_add(p->errors, &from->place, "`<<` merges maps, and this is %s", node_form_text(from));
        return;
    }
    for (size_t i = 0; i < from->n; i++) {
        const struct pair *pair = &from->pairs[i];
        if (map_has(known, pair->key->text))
            continue;
        map_set(known, pair->key->text, pair->value);
        node_add_pair(p->arena, into, pair->key, pair->value);
    }
}

/* What the map says itself goes before what it merges, and the first of several merged maps before the
 * others. */
static void merge_keys(struct parser *p, struct node *map)
{
    bool any = false;
    for (size_t i = 0; i < map->n; i++)
        any |= is_merge(&map->pairs[i]);
    if (!any)
        return;

    CLEANUP_MAP struct map known = {0};
    struct node *merged = node_new(p->arena, NODE_MAP, &map->place);
    merged->begin = map->begin;
    merged->end = map->end;
    for (size_t i = 0; i < map->n; i++) {
        if (is_merge(&map->pairs[i]))
            continue;
        map_set(&known, map->pairs[i].key->text, map->pairs[i].value);
        node_add_pair(p->arena, merged, map->pairs[i].key, map->pairs[i].value);
    }
    for (size_t i = 0; i < map->n; i++)
        for (size_t k = 0; is_merge(&map->pairs[i]) && k < node_count(map->pairs[i].value); k++)
            merge_map(p, merged, &known, node_item(map->pairs[i].value, k));
    *map = *merged;
}

static void attach(struct parser *p, struct node *node)
{
    if (!p->depth) {
        p->root = node;
        return;
    }
    struct frame *top = &p->frames[p->depth - 1];
    if (top->node->form == NODE_LIST) {
        node_add_item(p->arena, top->node, node);
    } else if (top->key) {
        node_add_pair(p->arena, top->node, top->key, node);
        top->key = NULL;
    } else if (node->form == NODE_SCALAR) {
        top->key = node;
    } else {
        give_up(p, &node->place, "a key must be a word, not a list or a map", NULL);
    }
}

/* Nodes open now and their own weights, with this one put below. */
static void check_limits(struct parser *p, const struct node *node, const struct place *place)
{
    if (p->depth + node->height > NODE_DEPTH_MAX) {
        give_up(p, place, arena_printf(p->arena, "nested deeper than %d levels", NODE_DEPTH_MAX), NULL);
        return;
    }
    size_t weight = node->weight;
    for (unsigned i = 0; i < p->depth; i++)
        weight += p->frames[i].node->weight;
    if (weight > NODE_WEIGHT_MAX)
        give_up(p, place, arena_printf(p->arena, "the file stands for more than %d values", NODE_WEIGHT_MAX),
                "each use of an alias counts all that it stands for");
}

static void define_anchor(struct parser *p, struct fy_token *anchor, struct node *node)
{
    if (anchor)
        map_set(&p->anchors, token_text(p, anchor), node);
}

static void refuse_tag(struct parser *p, struct fy_token *tag)
{
    if (!tag)
        return;
    struct place place = place_of_mark(p, fy_token_start_mark(tag));
    give_up(p, &place, "tags have no meaning in a network file",
            "leave it away; quote a value to make it a text");
}

/* libfyaml's mark of a quoted scalar is behind the quote. */
static struct place place_of_scalar(struct parser *p, struct fy_token *token)
{
    struct fy_mark mark = {0};
    if (!token || !fy_token_start_mark(token))
        return p->last;
    mark = *fy_token_start_mark(token);
    enum fy_scalar_style style = fy_scalar_token_get_style(token);
    bool quotes = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    if (quotes && mark.input_pos && strchr("\"'", p->source.parsed[mark.input_pos - 1]))
        mark.input_pos--;
    return place_of_mark(p, &mark);
}

static unsigned byte_of_mark(const struct parser *p, const struct fy_mark *mark)
{
    return mark ? (unsigned)source_byte(&p->source, mark->input_pos) : p->end;
}

/* libfyaml's end of a block is where the next thing begins; empty lines in between belong to it only where it
 * keeps them. */
static unsigned end_of_block(const struct parser *p, const struct node *node, unsigned end)
{
    const char *data = p->source.data, *text = node->text;
    unsigned last = end;
    for (unsigned i = end; i > node->begin && strchr(" \t\r\n", data[i - 1]); i--)
        last = data[i - 1] == '\n' ? i - 1 : last;
    for (size_t n = strlen(text); n > 1 && text[n - 1] == '\n' && text[n - 2] == '\n'; n--)
        while (last < end && data[++last] != '\n')
            ;
    return last;
}

/* Where it was written: with its quotes, but without the header of a block. */
static void note_bytes(struct parser *p, struct node *node, struct fy_token *token)
{
    node->begin = node->end = p->end;
    if (!token || !fy_token_start_mark(token))
        return;
    enum fy_scalar_style style = fy_scalar_token_get_style(token);
    unsigned quote = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    node->begin = byte_of_mark(p, fy_token_start_mark(token)) - quote;
    node->end = byte_of_mark(p, fy_token_end_mark(token)) + quote;
    if (style == FYSS_LITERAL || style == FYSS_FOLDED)
        node->end = end_of_block(p, node, node->end);
    p->end = node->end;
}

static void on_scalar(struct parser *p, struct fy_event *event)
{
    struct fy_token *token = event->scalar.value;
    struct place place = place_of_scalar(p, token);
    size_t length = 0;
    if (token &&
        (!fy_token_get_text(token, &length) || memchr(fy_token_get_text(token, &length), '\0', length))) {
        give_up(p, &place, "a zero byte in a text", NULL);
        return;
    }
    struct node *node = node_new(p->arena, NODE_SCALAR, &place);
    node->text = token_text(p, token);
    enum fy_scalar_style style = token ? fy_scalar_token_get_style(token) : FYSS_PLAIN;
    node->quoted = style != FYSS_PLAIN;
    note_bytes(p, node, token);
    node->exact =
        token && !strpbrk(node->text, "\n\r") && source_continues(&p->source, node->quoted, node->text);
    refuse_tag(p, event->scalar.tag);
    define_anchor(p, event->scalar.anchor, node);
    check_limits(p, node, &place);
    attach(p, node);
}

static void on_open(struct parser *p, struct fy_event *event, enum node_form form)
{
    struct place place = place_of_mark(p, fy_event_start_mark(event));
    struct node *node = node_new(p->arena, form, &place);
    node->open = true;
    node->begin = byte_of_mark(p, fy_event_start_mark(event));
    refuse_tag(p, form == NODE_MAP ? event->mapping_start.tag : event->sequence_start.tag);
    define_anchor(p, form == NODE_MAP ? event->mapping_start.anchor : event->sequence_start.anchor, node);
    if (p->depth == NODE_DEPTH_MAX) {
        give_up(p, &place, arena_printf(p->arena, "nested deeper than %d levels", NODE_DEPTH_MAX), NULL);
        return;
    }
    if (p->depth) {
        struct frame *top = &p->frames[p->depth - 1];
        if (top->node->form == NODE_MAP && !top->key) {
            give_up(p, &place, "a key must be a word, not a list or a map", NULL);
            return;
        }
    }
    p->frames[p->depth++] = (struct frame){.node = node};
}

/* A block has no end of its own: its mark is where the next thing begins. */
static void on_close(struct parser *p, struct fy_event *event)
{
    struct node *node = p->frames[--p->depth].node;
    const struct fy_mark *start = fy_event_start_mark(event), *end = fy_event_end_mark(event);
    node->open = false;
    if (start && end && end->input_pos > start->input_pos)
        p->end = byte_of_mark(p, end);
    node->end = p->end;
    if (node->form == NODE_MAP) {
        drop_duplicates(p, node);
        merge_keys(p, node);
    }
    attach(p, node);
}

static void on_alias(struct parser *p, struct fy_event *event)
{
    struct place place = place_of_mark(p, fy_event_start_mark(event));
    const char *name = token_text(p, event->alias.anchor);
    struct node *node = map_get(&p->anchors, name);
    if (!node) {
        struct nearest nearest = {.word = name};
        for (struct map_entry *entry = NULL; (entry = map_next(&p->anchors, entry));)
            nearest_offer(&nearest, entry->key);
        give_up(p, &place, arena_printf(p->arena, "no anchor `&%s` before this place", name),
                nearest.best ? arena_printf(p->arena, "did you mean `*%s`?", nearest.best)
                             : "a text that begins with `*` needs quotes");
    } else if (node->open) {
        give_up(p, &place, arena_printf(p->arena, "`*%s` stands inside of what it stands for", name), NULL);
    } else {
        struct node_alias *alias = arena_alloc(p->arena, sizeof *alias);
        *alias = (struct node_alias){name, place};
        node->alias = node->alias ? node->alias : alias;
        node->shared = true;
        p->end = byte_of_mark(p, fy_token_end_mark(event->alias.anchor));
        check_limits(p, node, &place);
        attach(p, node);
    }
}

static void on_event(struct parser *p, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (p->n_documents++) {
            struct place place = place_of_mark(p, fy_event_start_mark(event));
            give_up(p, &place, "a second document begins here",
                    "a file is one network: leave the `---` away");
        }
        break;
    case FYET_SCALAR:
        on_scalar(p, event);
        break;
    case FYET_SEQUENCE_START:
        on_open(p, event, NODE_LIST);
        break;
    case FYET_MAPPING_START:
        on_open(p, event, NODE_MAP);
        break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        on_close(p, event);
        break;
    case FYET_ALIAS:
        on_alias(p, event);
        break;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
}

/* What libfyaml complains about, in other words. */

static const struct wording {
    const char *theirs, *ours, *hint;
} wordings[] = {
    {"tab character", "a tab in the indentation", "YAML is indented by spaces"},
    {"invalid tab", "a tab in the indentation", "YAML is indented by spaces"},
    {"invalid nested block mapping", "a second `key:` in one line",
     "begin a new line, or put the value in quotes"},
    {"invalid multiline plain key", "this line does not fit the one below it",
     "the line below is indented deeper, though this one already has a value"},
    {"missing comma", "a `,` is missing before this", NULL},
    {"without closing quote", "a quote that is not closed", NULL},
    {"without closing", "a bracket that is not closed", NULL},
    {"did not find expected key", "a `key:` should stand here", "is the line indented like the ones above?"},
    {"did not find expected '-'", "a `- ` should stand here", "is the line indented like the ones above?"},
    {"mismatched flow", "this bracket does not fit the one that it closes", NULL},
    {"indentation", "wrong indentation", "keys of one map begin in one column"},
    {"wrong", "wrong indentation or a misplaced sign", "is the line indented like the ones above?"},
};

/* The innermost bracket still open that began on an earlier line: the likely culprit. */
static const struct node *open_bracket(const struct parser *p, int line)
{
    for (unsigned i = p->depth; i-- > 0;) {
        const struct node *node = p->frames[i].node;
        const char *at = place_in_line(&node->place);
        if (!at || node->place.line >= line)
            continue;
        if (*at == (node->form == NODE_MAP ? '{' : '['))
            return node;
    }
    return NULL;
}

static void complain(struct parser *p, const struct fy_diag_error *theirs)
{
    struct place place = source_place_of(&p->source, theirs->line, theirs->column);
    bool at_end = p->source.last.at == p->source.size;
    const struct node *bracket = open_bracket(p, at_end ? INT_MAX : place.line);
    if (bracket && (at_end || strstr(theirs->msg, "flow") || strstr(theirs->msg, "comma"))) {
        struct error *error = errors_add(p->errors, &bracket->place, "this `%c` is not closed",
                                         bracket->form == NODE_MAP ? '{' : '[');
        char closing = bracket->form == NODE_MAP ? '}' : ']';
        if (at_end)
            error_hint(p->errors, error, "its `%c` is missing at the end of the file", closing);
        else
            error_hint(p->errors, error, "its `%c` is missing before line %d", closing, place.line);
        return;
    }
    for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++)
        if (strstr(theirs->msg, wordings[i].theirs)) {
            struct error *error = errors_add(p->errors, &place, "%s", wordings[i].ours);
            if (wordings[i].hint)
                error_hint(p->errors, error, "%s", wordings[i].hint);
            return;
        }
    errors_add(p->errors, &place, "this is not YAML: %s", theirs->msg);
}

static void discard(struct fy_diag *diag, void *user, const char *text, size_t length)
{
    (void)diag, (void)user, (void)text, (void)length;
}

static void run_events(struct parser *p, struct fy_parser *fyp, struct fy_diag *diag)
{
    struct fy_event *event;
    while (!p->failed && (event = fy_parser_parse(fyp))) {
        on_event(p, event);
        fy_parser_event_free(fyp, event);
    }
    if (p->failed || !fy_parser_get_stream_error(fyp))
        return;
    p->failed = true;
    void *iterator = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &iterator);
    if (first)
        complain(p, first); /* what follows the first is only its consequence */
    else
        errors_add(p->errors, &p->last, "this is not YAML");
}

static int run_parser(struct parser *p)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = discard;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag)
        return -ENOMEM;
    fy_diag_set_collect_errors(diag, true);

    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_DEPTH_LIMIT,
                               .diag = diag};
    struct fy_parser *fyp = fy_parser_create(&cfg);
    int r = fyp && fy_parser_set_string(fyp, p->source.parsed, p->source.parsed_size) == 0 ? 0 : -ENOMEM;
    if (r == 0)
        run_events(p, fyp, diag);
    fy_parser_destroy(fyp);
    fy_diag_destroy(diag);
    return r;
}

int yaml_parse(const char *file, const char *data, size_t size, struct arena *arena, struct errors *errors,
               struct node **ret_root)
{
    static const char bom[] = "\xef\xbb\xbf";
    if (size >= 3 && memcmp(data, bom, 3) == 0)
        data += 3, size -= 3;

    struct parser p = {.arena = arena, .errors = errors};
    int r = source_init(&p.source, file, data, size, arena, errors);
    p.last = (struct place){.file = p.source.file, .line = 1, .column = 1};
    if (r == 0)
        r = run_parser(&p);
    map_done(&p.anchors);
    if (r < 0 || p.failed)
        return r < 0 ? r : -EINVAL;
    if (!p.root || node_is_null(p.root)) {
        errors_add(errors, &(struct place){.file = p.source.file}, "the file is empty");
        return -EINVAL;
    }
    *ret_root = p.root;
    return 0;
}
