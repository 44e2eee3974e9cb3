#include "model/nft/ruleset.h"

#include <stdlib.h>
#include <string.h>

const struct name nft_hook_names[] = {
    {"prerouting", NFT_PREROUTING},   {"input", NFT_INPUT},
    {"forward", NFT_FORWARD},         {"output", NFT_OUTPUT},
    {"postrouting", NFT_POSTROUTING}, {NULL, 0},
};

/* An option as a word, be it a text or one of several names. */
static const char *word_of(const struct object *object, const char *key)
{
    int i = object_find_option(object, key);
    if (i < 0 || !value_is_set(&object->values[i]))
        return "";
    const struct option *option = object_option(object, (unsigned)i);
    const struct value *value = &object->values[i];
    if (value->form == VALUE_TEXT)
        return value->text;
    const char *name = option->names ? names_format(option->names, value->number) : NULL;
    return name ? name : "";
}

/* How many lines a text has. */
static size_t lines_of(const char *text)
{
    size_t n = 0;
    for (; *text; n++) {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return n;
}

/* Chains of type nat share one place in a hook, whatever their own priority, which orders them among each
 * other (nf_nat_register_fn). */
static int64_t place_of(const struct nft_chain *chain)
{
    enum { DESTINATION = -100, SOURCE = 100 };
    if (!chain->nat)
        return chain->priority;
    return chain->hook == NFT_PREROUTING || chain->hook == NFT_OUTPUT ? DESTINATION : SOURCE;
}

/* Of two at one place the kernel runs the one first that came last (nf_hook_entries_grow). */
static int by_priority(const void *left, const void *right)
{
    const struct nft_chain *a = *(struct nft_chain *const *)left, *b = *(struct nft_chain *const *)right;
    int64_t x = place_of(a), y = place_of(b);
    if (a->hook != b->hook)
        return a->hook < b->hook ? -1 : 1;
    if (x == y && a->nat && b->nat) {
        x = a->priority;
        y = b->priority;
    }
    if (x != y)
        return x < y ? -1 : 1;
    return a->sequence > b->sequence ? -1 : 1;
}

static char *name_in(struct arena *arena, const char *family, const char *table, const char *name)
{
    return arena_printf(arena, "%s %s %s", family, table, name);
}

static void chain_add(struct nft_ruleset *ruleset, const struct object *object)
{
    struct nft_chain *chain = arena_alloc(&ruleset->arena, sizeof *chain);
    int64_t hook = NFT_HOOK_MAX;
    bool base = names_parse(nft_hook_names, word_of(object, "hook"), &hook) == 0;
    *chain = (struct nft_chain){
        .object = object,
        .family = word_of(object, "family"),
        .table = word_of(object, "table"),
        .nat = strcmp(word_of(object, "type"), "nat") == 0,
        .hook = base ? (enum nft_hook)hook : NFT_HOOK_MAX,
        .priority = object_number(object, "priority", 0),
        .sequence = ruleset->chains.used,
        .policy = strcmp(word_of(object, "policy"), "drop") == 0 ? NFT_DROP : NFT_ACCEPT,
    };
    map_set(&ruleset->chains, name_in(&ruleset->arena, chain->family, chain->table, word_of(object, "name")),
            chain);
    if (base)
        ruleset->base[ruleset->n_base++] = chain;
}

static void set_add(struct nft_ruleset *ruleset, const struct object *object)
{
    struct nft_set *set = arena_alloc(&ruleset->arena, sizeof *set);
    set->object = object;
    map_set(&ruleset->sets,
            name_in(&ruleset->arena, word_of(object, "family"), word_of(object, "table"),
                    word_of(object, "name")),
            set);
}

struct nft_ruleset *nft_ruleset_new(const struct model *model, const char *ns)
{
    struct nft_ruleset *ruleset = xrealloc(NULL, 1, sizeof *ruleset);
    *ruleset = (struct nft_ruleset){.model = model, .ns = ns};
    ruleset->base = xrealloc(NULL, model->n_objects + 1, sizeof *ruleset->base);
    for (const struct object *o = map_get(&model->namespaces, ns); o; o = o->next_in_ns) {
        if (strcmp(o->class->name, "chain") == 0)
            chain_add(ruleset, o);
        else if (strcmp(o->class->name, "set") == 0)
            set_add(ruleset, o);
    }
    if (ruleset->n_base)
        qsort(ruleset->base, ruleset->n_base, sizeof(struct nft_chain *), by_priority);
    return ruleset;
}

void nft_ruleset_free(struct nft_ruleset *ruleset)
{
    if (!ruleset)
        return;
    for (struct map_entry *e = NULL; (e = map_next(&ruleset->chains, e));) {
        struct nft_chain *chain = e->value;
        for (size_t i = 0; i < chain->n_rules; i++)
            json_decref(chain->rules[i]);
    }
    map_done(&ruleset->chains);
    map_done(&ruleset->sets);
    arena_done(&ruleset->arena);
    free(ruleset->base);
    free(ruleset);
}

void nft_chain_open(struct nft_ruleset *ruleset, struct nft_chain *chain)
{
    if (chain->read)
        return;
    const char *line = word_of(chain->object, "rules");
    chain->rules = arena_alloc(&ruleset->arena, (lines_of(line) + 1) * sizeof *chain->rules);
    while (*line) {
        size_t length = strcspn(line, "\n");
        chain->rules[chain->n_rules++] = nft_rule_parse(line, length);
        line += length + (line[length] == '\n');
    }
    chain->read = true;
}

struct nft_chain *nft_ruleset_chain(struct nft_ruleset *ruleset, const struct nft_chain *beside,
                                    const char *name)
{
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s %s %s", beside->family, beside->table, name);
    struct nft_chain *chain = map_get(&ruleset->chains, text_of(&id));
    if (chain)
        nft_chain_open(ruleset, chain);
    return chain;
}

/* What a rule puts in and a timeout takes out is not what was seen when the kernel was read. */
static bool changes_by_itself(const struct object *set)
{
    return object_number(set, "dynamic", 0) || object_number(set, "timeout", 0);
}

static void elements_read(struct nft_ruleset *ruleset, struct nft_set *set)
{
    const char *line = word_of(set->object, "elements"), *data = word_of(set->object, "data");
    set->is_map = *data;
    set->elements = arena_alloc(&ruleset->arena, (lines_of(line) + 1) * sizeof *set->elements);
    set->known = !changes_by_itself(set->object) &&
                 nft_key_parse(word_of(set->object, "key"), &set->key) == 0 &&
                 (!set->is_map || nft_key_parse(data, &set->data) == 0);
    while (*line && set->known) {
        size_t length = strcspn(line, "\n");
        set->known = nft_element_parse(&set->key, set->is_map ? &set->data : NULL, line, length,
                                       &set->elements[set->n_elements++]) == 0;
        line += length + (line[length] == '\n');
    }
}

struct nft_set *nft_ruleset_set(struct nft_ruleset *ruleset, const struct nft_chain *beside, const char *name)
{
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s %s %s", beside->family, beside->table, name);
    struct nft_set *set = map_get(&ruleset->sets, text_of(&id));
    if (set && !set->elements)
        elements_read(ruleset, set);
    return set;
}
