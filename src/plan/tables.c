/* What a table of the firewall takes along, and who lets go of what goes.
 *
 * A table dies with all its sets and chains. A set or chain that others name cannot be deleted: rules that
 * name it go before, and come back with it where they are still wanted. All other rules of their chain stay
 * meanwhile, so that nobody who types the commands is locked out. */
#include <string.h>

#include "model/uses.h"
#include "plan/doom.h"

static bool is_in(const struct object *object, const struct object *table)
{
    const char *name = object_text(object, "table");
    return (object->class->id == CLASS_SET || object->class->id == CLASS_CHAIN) && name &&
           strcmp(name, object_text(table, "name")) == 0 &&
           object_number(object, "family", 0) == object_number(table, "family", 0);
}

void delete_tables(struct planner *planner)
{
    for (struct item *item = planner->items; item; item = item->next) {
        if (!item_goes(item) || item->have->class->id != CLASS_TABLE)
            continue;
        delete_item(planner, item);
        for (const struct object *o = map_get(&planner->request->observed->namespaces, item->have->ns); o;
             o = o->next_in_ns)
            if (is_in(o, item->have))
                doom(planner, o);
    }
}

static bool names_what_goes(const struct planner *planner, const struct object *user, const char *line)
{
    struct text id CLEANUP_TEXT = {0};
    struct use use;
    while (use_next(user, &line, &use)) {
        const struct item *used = item_of(planner, use_id(user, &use, &id));
        if (used && used->have && item_goes(used))
            return true;
    }
    return false;
}

/* The text without the lines that name what goes; NULL: there are none. */
static const char *text_without(struct planner *planner, const struct object *user)
{
    struct text kept CLEANUP_TEXT = {0}, line CLEANUP_TEXT = {0};
    bool differs = false;
    for (const char *at = uses_text(user); at && *at;) {
        size_t length = strcspn(at, "\n");
        text_clear(&line);
        text_add_n(&line, at, length);
        if (names_what_goes(planner, user, text_of(&line)))
            differs = true;
        else
            text_printf(&kept, "%s%s", kept.length ? "\n" : "", text_of(&line));
        at += length + (at[length] == '\n');
    }
    return differs ? arena_strdup(&planner->plan->arena, text_of(&kept)) : NULL;
}

static void let_go(struct planner *planner, struct item *item)
{
    const char *text = text_without(planner, item->have);
    if (!text)
        return;
    int i = object_find_option(item->have, item->have->class->id == CLASS_CHAIN ? "rules" : "elements");
    struct object *left = object_clone(&planner->plan->arena, item->have);
    const struct option_set changed = option_set_of((unsigned)i);
    lose(planner, item->have);
    left->values[i] = value_text(text);
    item->steps[PART_DEL] = step_set(planner, item->have, left, &changed);
    become(item, left);
}

void let_users_go(struct planner *planner)
{
    bool any = false;
    for (const struct item *item = planner->items; item && !any; item = item->next)
        any = item->have && item_goes(item) && item->have->class->flags & CLASS_TOGETHER;
    for (struct item *item = any ? planner->items : NULL; item; item = item->next)
        if (item->have && item->want && !item->doomed && !item_goes(item) && uses_text(item->have))
            let_go(planner, item);
}
