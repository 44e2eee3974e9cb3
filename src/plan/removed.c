/* What others have on a card that becomes the port of a bridge (plan_request: `removed`).
 *
 * As a port it has no use for addresses and routes: the request wants them of the bridge, and takes them from
 * the card. That is a move, and nothing is to be cut off by it: the bridge is up and has the addresses before
 * the card joins it; then the routes are changed over, and last of all what lies on the card goes (order.c).
 * What went is recorded (OBJECT_REMOVED), and returns once the request speaks of it no more. A route is one
 * object wherever it leads, so it is changed and changed back like anything that is adopted. */
#include <string.h>

#include "model/nexthop.h"
#include "model/reference.h"
#include "plan/internal.h"

bool item_moves(const struct item *item)
{
    return item->moves && item->fate == FATE_SET && !item->doomed;
}

/* The interface that has the address then. */
static const char *heir_of(const struct planner *planner, const struct object *object)
{
    const char *text = object->class->id == CLASS_ADDRESS ? object_text(object, "address") : NULL;
    const struct object *o = map_get(&planner->request->desired->namespaces, object->ns);
    while (text && o && (o->class->id != CLASS_ADDRESS || strcmp(object_text(o, "address"), text) != 0))
        o = o->next_in_ns;
    return text && o ? object_dev(o) : NULL;
}

static void remove_it(struct planner *planner, const struct object *object)
{
    struct item *item = item_new(planner, object->id);
    const char *heir = heir_of(planner, object);
    item->is_removed = true;
    item->fate = item->have ? FATE_DEL : FATE_KEEP;
    item->reason = heir ? arena_printf(&planner->plan->arena, "it moves to %s", heir) : NULL;
}

void decide_removed(struct planner *planner)
{
    if (planner->request->removed)
        model_each(planner->request->removed, object) remove_it(planner, object);
}

/* Unless somebody did that already, or the card goes too. */
static void give_back(struct planner *planner, const struct object *object)
{
    const struct object *card =
        model_interface(planner->request->observed, object->ns, object_text(object, "dev"));
    const struct item *item = card ? item_of(planner, card->id) : NULL;
    if (map_has(&planner->request->observed->by_id, object->id) || (item && item->fate == FATE_DEL))
        return;
    if (!card) {
        if (!planner->request->again)
            errors_warn(planner->errors, NULL, "interface %s/%s is no more, so %s does not come back",
                        object->ns, object_text(object, "dev"), object->id);
        return;
    }
    struct object *again = object_clone(&planner->plan->arena, object);
    again->flags = OBJECT_FOREIGN;
    struct item *back = item_new(planner, object->id);
    back->want = again;
    back->fate = FATE_ADD;
}

static bool note_card(struct planner *planner, struct item *card)
{
    const struct item *bridge = card && card->want ? item_named_by(planner, card->want, "master") : NULL;
    bool hands_over = bridge && bridge->want;
    if (hands_over)
        card->hands_over = true;
    return hands_over;
}

/* Those on which the object is. Returns whether there are any. */
static bool note_cards(struct planner *planner, const struct object *object)
{
    const char *list = object->class->id == CLASS_ROUTE ? object_text(object, "nexthops") : NULL;
    bool any = note_card(planner, item_named_by(planner, object, "dev"));
    for (struct nexthop hop; nexthop_take(&list, &hop) > 0;) {
        struct text ref CLEANUP_TEXT = {0};
        reference_put(hop.dev, object->ns, &ref);
        any |= note_card(planner, item_of_interface(planner, text_of(&ref)));
    }
    return any;
}

static bool is_adopted_route(const struct item *item)
{
    return item->want && item->want->class->id == CLASS_ROUTE && item->want->flags & OBJECT_ADOPTED &&
           item->fate == FATE_SET;
}

void decide_given_back(struct planner *planner)
{
    model_each(planner->request->recorded, object)
    {
        if (object->flags & OBJECT_REMOVED && !item_of(planner, object->id))
            give_back(planner, object);
    }
    for (struct item *item = planner->items; item; item = item->next)
        if (item->have && (item->is_removed || is_adopted_route(item)))
            item->moves = note_cards(planner, item->have) && !item->is_removed;
}
