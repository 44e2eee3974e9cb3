/* What others have, and what dies by our doing without being our business, comes back: as far as what it
 * hangs on lives on, and can carry it. What does not come back though its interface does is told. */
#include <string.h>

#include "base/ip.h"
#include "model/nexthop.h"
#include "plan/internal.h"

/* As it will be in the end: NULL if it will not be there. */
static const struct object *final_of(const struct planner *planner, const struct object *observed)
{
    const struct item *item = item_of(planner, observed->id);
    if (!item)
        return map_has(&planner->dead, observed->id) ? NULL : observed;
    return item->want && !(item->is_leftover && item->doomed) ? item->want
           : item->fate == FATE_KEEP && !item->doomed         ? item->have
                                                              : NULL;
}

/* Is the gateway in a network that the interface will still have? */
static bool is_reachable(const struct planner *planner, const struct object *interface, const char *gateway)
{
    struct prefix prefix;
    struct ip via;
    if (ip_parse(gateway, &via) < 0 || ip_is_link_local(&via))
        return true;
    for (const struct object *o = map_get(&planner->request->observed->namespaces, interface->ns); o;
         o = o->next_in_ns) {
        if (o->class->id == CLASS_ADDRESS && strcmp(object_dev(o), interface->name) == 0 &&
            final_of(planner, o) && prefix_parse(object_text(o, "address"), &prefix) == 0 &&
            prefix_contains(&prefix, &via))
            return true;
    }
    return false;
}

enum stand { STAND_GONE, STAND_UNFIT, STAND_FIT }; /* of an interface, to carry it again */

static enum stand stand_of(const struct planner *planner, const struct object *object, const char *dev,
                           const char *gateway, bool onlink)
{
    const struct object *have = model_interface(planner->request->observed, object->ns, dev);
    const struct object *interface = have ? final_of(planner, have) : NULL;
    if (!interface)
        return STAND_GONE;
    if (object->class->id == CLASS_FDB && !object_has(object, "dst"))
        return object_word(interface, "master") ? STAND_FIT : STAND_UNFIT;
    if (object->class->id != CLASS_ROUTE)
        return STAND_FIT;
    return object_number(interface, "up", object_number(have, "up", 1)) &&
                   (onlink || is_reachable(planner, have, gateway))
               ? STAND_FIT
               : STAND_UNFIT;
}

/* Of what it hangs on; of several ways all have to be fit. */
static enum stand stand_of_all(const struct planner *planner, const struct object *object)
{
    const char *dev = object_text(object, "dev"), *via = object_text(object, "via");
    const char *list = object->class->id == CLASS_ROUTE ? object_text(object, "nexthops") : NULL;
    if (dev)
        return stand_of(planner, object, dev, via ? via : "", object_number(object, "onlink", 0));
    unsigned n = 0, n_gone = 0, n_fit = 0;
    for (struct nexthop hop; nexthop_take(&list, &hop) > 0; n++) {
        enum stand stand = stand_of(planner, object, hop.dev, hop.via, hop.onlink);
        n_gone += stand == STAND_GONE;
        n_fit += stand == STAND_FIT;
    }
    return n_gone == n ? STAND_GONE : n_fit == n ? STAND_FIT : STAND_UNFIT;
}

static void restore(struct planner *planner, const struct object *object)
{
    struct item *item = item_new(planner, object->id);
    struct object *again = object_clone(&planner->plan->arena, object);
    again->flags = OBJECT_FOREIGN;
    item->want = again;
    item->doomed = true;
    item->fate = is_split(object) ? FATE_RECREATE : FATE_ADD;
    if (item->fate == FATE_RECREATE)
        item->steps[PART_DEL] = step_new(planner, VERB_DEL, object, NULL);
}

void restore_strays(struct planner *planner)
{
    const struct plan_request *request = planner->request;
    for (const struct stray *stray = planner->strays; stray; stray = stray->next) {
        const struct object *object = stray->object;
        enum stand stand = stand_of_all(planner, object);
        if (stand == STAND_FIT)
            restore(planner, object);
        else if (stand == STAND_UNFIT && !request->again && !request->back)
            errors_warn(planner->errors, NULL, "%s, which others made, goes with this and cannot come back",
                        object->id);
    }
}
