#include "kernel/linux/nft_rules.h"

#include <stdlib.h>
#include <string.h>

#include "model/classes.h"
#include "model/lines.h"
#include "model/nft/nft.h"
#include "model/nft_lines.h"

bool rule_is_of(const json_t *rule, const struct object *chain)
{
    static const char *const keys[][2] = {{"table", "table"}, {"chain", "name"}};
    const char *family = json_string_value(json_object_get(rule, "family"));
    bool same =
        family && strcmp(family, names_format(nft_family_names, object_number(chain, "family", 0))) == 0;
    for (size_t i = 0; same && i < 2; i++) {
        const char *name = json_string_value(json_object_get(rule, keys[i][0]));
        same = name && strcmp(name, object_text(chain, keys[i][1])) == 0;
    }
    return same;
}

static void add_handle(struct live *live, int64_t handle)
{
    if (live->n == live->capacity) {
        live->capacity = live->capacity ? live->capacity * 2 : 32;
        live->handles = xrealloc(live->handles, live->capacity, sizeof *live->handles);
    }
    live->handles[live->n++] = handle;
}

void live_done(struct live *live)
{
    text_done(&live->rules);
    free(live->handles);
    *live = (struct live){0};
}

bool live_is_known(const struct live *live)
{
    for (size_t i = 0; i < live->n; i++)
        if (!live->handles[i])
            return false;
    return true;
}

void live_read(struct live *live, const json_t *list, const struct object *chain)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(list, i, entry)
    {
        const json_t *rule = json_object_get(entry, "rule");
        char *line = rule && rule_is_of(rule, chain) ? nft_rule_line(rule) : NULL;
        if (!line)
            continue;
        text_printf(&live->rules, "%s%s", live->n ? "\n" : "", line);
        add_handle(live, json_integer_value(json_object_get(rule, "handle")));
        free(line);
    }
}

static void add_line(struct text *script, const char *verb, const struct object *chain, int64_t handle,
                     const struct edit *rule)
{
    nft_begin(script, verb, chain);
    if (handle)
        text_printf(script, " handle %lld", (long long)handle);
    if (rule)
        nft_add_rule(script, rule->line, rule->length);
    text_add(script, "\n");
}

/* What goes stands before what comes, so the next that is there is one that stays: it goes before that. */
static void change_line(const struct live *live, size_t at, const struct object *chain,
                        const struct edit *edit, struct text *script)
{
    int64_t handle = at < live->n ? live->handles[at] : 0;
    if (edit->kind == EDIT_GONE)
        add_line(script, "delete rule", chain, handle, NULL);
    else if (edit->kind == EDIT_NEW)
        add_line(script, handle ? "insert rule" : "add rule", chain, handle, edit);
}

void live_change(struct live *live, const struct object *chain, struct text *script)
{
    struct edits edits CLEANUP_EDITS = {0};
    struct live then = {0};
    size_t at = 0; /* the rule that is reached, of those that are there */
    text_add(&then.rules, object_text(chain, "rules"));
    lines_compare(text_of(&live->rules), text_of(&then.rules), &edits);
    for (size_t i = 0; i < edits.begin; i++)
        if (live->rules.data[i] == '\n')
            add_handle(&then, live->handles[at++]);
    for (size_t i = 0; i < edits.n; i++) {
        enum edit_kind kind = edits.list[i].kind;
        change_line(live, at, chain, &edits.list[i], script);
        if (kind != EDIT_GONE)
            add_handle(&then, kind == EDIT_KEPT ? live->handles[at] : 0);
        at += kind != EDIT_NEW;
    }
    while (at < live->n)
        add_handle(&then, live->handles[at++]);
    live_done(live);
    *live = then;
}
