/* Whose a thing is.
 *
 * What the record or a mark says is ours may be changed and deleted. What is there and differs is somebody
 * else's, and stays so unless `adopt` says to take it over. Hardware and settings of the kernel exist by
 * themselves, so they are changed, and changed back in the end. */
#include <string.h>

#include "plan/internal.h"

bool is_there_anyway(const struct item *item)
{
    return object_is_always(item->have) || (item->want && object_is_always(item->want));
}

/* The file attaches the namespace, and it is that one: whoever made it, it is shared. */
static bool is_attached(const struct item *item)
{
    struct option_set changed = {0};
    return item->want && item->want->class->id == CLASS_NAMESPACE && object_is_attached(item->want) &&
           !plan_compare(item->want, item->have, &changed);
}

bool is_of_another(const struct planner *planner, const struct item *item)
{
    return item->have->owner && !planner->request->back && !is_named(planner->request, item->have) &&
           !is_there_anyway(item) && !is_attached(item);
}

/* A file is no part of its namespace; all that tells whose it is stands in it. One that was adopted and
 * needed no change has no mark, and is as it was. */
static bool is_file_replaced(const struct plan_request *request, const struct object *record,
                             const struct object *have)
{
    const struct object *original = original_of(request, have->id);
    struct option_set changed = {0};
    if (!(record->flags & (OBJECT_MADE | OBJECT_ADOPTED)) || is_marked(request, have))
        return false;
    return record->flags & OBJECT_MADE || !original || plan_compare(original, have, &changed);
}

bool plan_is_replaced(const struct plan_request *request, const struct object *record)
{
    const struct model *observed = request->observed;
    const struct object *have = map_get(&observed->by_id, record->id);
    if (record->class->flags & CLASS_FILE)
        return have && is_file_replaced(request, record, have);
    if (!(record->flags & OBJECT_MADE))
        return false;
    if (strcmp(record->ns, HOST) != 0) {
        const struct object *made = model_get(request->recorded, CLASS_NAMESPACE, HOST, record->ns);
        const struct object *ns = model_get(observed, CLASS_NAMESPACE, HOST, record->ns);
        if (made && plan_is_replaced(request, made))
            return true;
        if (!ns || ns->owner)
            return false;
    }
    if (!have || object_is_always(have))
        return false;
    const char *dev = record->class->id == CLASS_INTERFACE ? NULL : object_dev(record);
    const struct object *interface = dev ? model_interface(request->recorded, record->ns, dev) : NULL;
    if (interface && plan_is_replaced(request, interface))
        return true;
    if (!(have->class->flags & CLASS_MARKED))
        return false;
    if (object_is_attached(record)) /* which bears no mark; its process may be gone */
        return have->owner;
    return !is_marked(request, have);
}

bool is_ours(struct planner *planner, const struct item *item)
{
    return (item->record && !plan_is_replaced(planner->request, item->record)) || item->have->owner ||
           is_there_anyway(item) || (item->want && item->want->flags & OBJECT_ADOPTED) ||
           (planner->request->adopt && refuse_can_adopt(planner, item)) ||
           (planner->request->again && !(item->have->class->flags & CLASS_MARKED));
}

bool bears_our_mark(const struct planner *planner, const struct object *have)
{
    return have->class->flags & CLASS_MARKED && !object_is_always(have) && is_marked(planner->request, have);
}
