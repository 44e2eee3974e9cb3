/* From fates to steps: what is added, set and raised. (What is deleted was decided in doom.c.) */
#include <string.h>

#include "plan/internal.h"

static enum disturbance disturbance_of_change(const struct option *option, const struct value *value)
{
    if (strcmp(option->key, "up") == 0)
        return value->number ? DISTURBS_NOTHING : DISTURBS_CUT;
    switch (option->change) {
    case CHANGE_LIVE:
        return DISTURBS_NOTHING;
    case CHANGE_BLINK:
    case CHANGE_DOWN:
        return DISTURBS_BLINK;
    case CHANGE_RECREATE:
        return DISTURBS_CUT;
    }
    return DISTURBS_CUT;
}

static enum disturbance disturbance_of(const struct step *step)
{
    enum disturbance worst = DISTURBS_NOTHING;
    if (step->verb == VERB_ADD)
        return worst;
    if (step_object(step)->class->flags & CLASS_TOGETHER)
        return worst; /* one transaction: what was let through passes meanwhile */
    if (step->verb == VERB_DEL)
        return step->old->class->flags & CLASS_BRIEF ? DISTURBS_BLINK : DISTURBS_CUT;
    for (unsigned i = 0; i < object_n_options(step->new); i++) {
        if (!step_changes(step, i))
            continue;
        enum disturbance disturbs = disturbance_of_change(object_option(step->new, i), &step->new->values[i]);
        worst = disturbs > worst ? disturbs : worst;
    }
    return worst;
}

struct value default_pvid_of(const struct planner *planner, const struct object *interface)
{
    if (!interface || interface->class->id != CLASS_INTERFACE)
        return (struct value){0};
    const struct item *item = item_named_by(planner, interface, "master");
    const struct object *bridges[] = {
        item ? item->want : NULL,
        item && item->fate == FATE_RECREATE
            ? NULL
            : model_interface_of(planner->request->observed, interface, "master"),
    };
    for (size_t b = 0; b < sizeof bridges / sizeof bridges[0]; b++) {
        int i = bridges[b] ? object_find_option(bridges[b], "vlan-default-pvid") : -1;
        if (i >= 0 && value_is_set(&bridges[b]->values[i]))
            return bridges[b]->values[i];
    }
    return (struct value){0};
}

struct step *step_new(struct planner *planner, enum verb verb, const struct object *old,
                      const struct object *new)
{
    struct step *step = arena_alloc(&planner->plan->arena, sizeof *step);
    *step =
        (struct step){.verb = verb, .old = old, .new = new, .default_pvid = default_pvid_of(planner, new)};
    step->disturbs = disturbance_of(step);
    return step;
}

struct step *step_set(struct planner *planner, const struct object *old, const struct object *new,
                      const struct option_set *changed)
{
    struct step *step = arena_alloc(&planner->plan->arena, sizeof *step);
    *step = (struct step){.verb = VERB_SET,
                          .old = old,
                          .new = new,
                          .changed = *changed,
                          .default_pvid = default_pvid_of(planner, new)};
    step->disturbs = disturbance_of(step);
    return step;
}

static struct value *value_by_key(struct object *object, const char *key)
{
    int i = object_find_option(object, key);
    return i < 0 ? NULL : &object->values[i];
}

/* The interface as the kernel makes it by itself: a veth's far end, the loopback of a new namespace. Of what
 * is wanted, only the keys listed are there from birth. */
static struct object *born(struct planner *planner, const struct object *want, const char *const keys[])
{
    struct object *object = object_clone(&planner->plan->arena, want);
    for (unsigned i = 0; i < object_n_options(object); i++) {
        bool kept = false;
        for (const char *const *key = keys; *key; key++)
            kept |= strcmp(*key, object_option(object, i)->key) == 0;
        if (!kept)
            object->values[i] = (struct value){0};
    }
    *value_by_key(object, "up") = value_number(0);
    return object;
}

/* The SET that makes `old` into `want`; NULL when there is nothing to set. */
static struct step *set_between(struct planner *planner, const struct object *old, const struct object *want)
{
    struct option_set changed = {0};
    const struct option *option;
    return compare_objects(want, old, NULL, NULL, &changed, &option) < 0
               ? NULL
               : step_set(planner, old, want, &changed);
}

static bool is_up(const struct object *object)
{
    return object->class->id == CLASS_INTERFACE && object_number(object, "up", 0);
}

/* The same interface, not raised; what names one of its own ports (the primary of a bond) comes with the
 * raising too, since the port joins in between. */
static const struct object *lowered(struct planner *planner, const struct object *want)
{
    struct object *object = object_clone(&planner->plan->arena, want);
    *value_by_key(object, "up") = value_number(0);
    for (unsigned i = want->class->n_options; i < object_n_options(want); i++)
        if (want->kind->flags & KIND_PORTS && object_option(want, i)->type == TYPE_DEVICE)
            object->values[i] = (struct value){0};
    return object;
}

const struct object *master_of(const struct planner *planner, const struct object *interface)
{
    const struct item *item = item_named_by(planner, interface, "master");
    return item && item->want ? item->want
                              : model_interface_of(planner->request->observed, interface, "master");
}

/* Raised by a step of its own: after its ports, after its settings below /proc/sys, or after it joined a
 * master that takes only ports that are down. */
static bool is_raised_apart(const struct planner *planner, const struct item *item)
{
    const struct object *master = master_of(planner, item->want);
    return is_up(item->want) && (item->want->kind->flags & KIND_RAISE_LAST || item->has_sysctls ||
                                 (master && master->kind->flags & KIND_PORTS_DOWN));
}

static void add_interface(struct planner *planner, struct item *item)
{
    if (!is_raised_apart(planner, item)) {
        item->steps[PART_MAKE] = step_new(planner, VERB_ADD, NULL, item->want);
        return;
    }
    const struct object *down = lowered(planner, item->want);
    item->steps[PART_MAKE] = step_new(planner, VERB_ADD, NULL, down);
    item->steps[PART_RAISE] = set_between(planner, down, item->want);
}

/* Hardware that is not there is an error found earlier; so this is the loopback of a namespace that is made
 * in this plan. */
static void add_existing(struct planner *planner, struct item *item)
{
    static const char *const keys[] = {"name", NULL};
    item->steps[PART_MAKE] = set_between(planner, born(planner, item->want, keys), item->want);
}

static void add_pair(struct planner *planner, struct item *near, struct item *far)
{
    static const char *const keys[] = {"name", "peer", "mtu", "mac", NULL};
    const struct object *far_born = born(planner, far->want, keys);
    near->pair = far;
    far->pair = near;
    far->is_far = true;
    add_interface(planner, near);
    near->steps[PART_MAKE]->peer = far_born;
    if (!is_raised_apart(planner, far)) {
        far->steps[PART_SET] = set_between(planner, far_born, far->want);
        return;
    }
    const struct object *down = lowered(planner, far->want);
    far->steps[PART_SET] = set_between(planner, far_born, down);
    far->steps[PART_RAISE] = set_between(planner, down, far->want);
}

static struct item *peer_of(const struct planner *planner, const struct item *item)
{
    struct item *other = item_named_by(planner, item->want, "peer");
    return other && other != item && other->want && (other->fate == FATE_ADD || other->fate == FATE_RECREATE)
               ? other
               : NULL;
}

static void add_item(struct planner *planner, struct item *item)
{
    const struct kind *kind = item->want->kind;
    struct item *other = kind && kind->flags & KIND_PAIR ? peer_of(planner, item) : NULL;
    if (item->pair)
        return;
    if (!kind)
        item->steps[PART_MAKE] = step_new(planner, VERB_ADD, NULL, item->want);
    else if (kind->maker == MAKER_EXISTING)
        add_existing(planner, item);
    else if (other && strcmp(other->want->ns, HOST) == 0 && strcmp(item->want->ns, HOST) != 0)
        add_pair(planner, other, item);
    else if (other)
        add_pair(planner, item, other);
    else
        add_interface(planner, item);
}

static bool joins_down(const struct planner *planner, const struct item *item)
{
    const struct object *master = master_of(planner, item->want);
    return item_changes(item, "master") && master && master->kind->flags & KIND_PORTS_DOWN;
}

/* A bond gives its MTU to whoever joins it, and gives back that which it found. On the way back that is what
 * the port had before: it is lost when what the bond gave is said. */
static void leave_mtu_to_bond(const struct planner *planner, struct item *item)
{
    int mtu = object_find_option(item->want, "mtu");
    if (value_equal(&item->want->values[mtu], &master_of(planner, item->want)->values[mtu]))
        option_set_drop(&item->changed, (unsigned)mtu);
}

/* What is raised apart is set in up to three steps: down, if it must be down to join; all that changes; up.
 */
static void set_apart(struct planner *planner, struct item *item, int up)
{
    const struct object *have = item->have, *down = lowered(planner, item->want);
    const struct option_set only_up = option_set_of((unsigned)up);
    bool joins = joins_down(planner, item);
    enum part part = PART_MAKE;

    if (joins && is_up(have)) {
        const struct object *lowered_have = lowered(planner, have);
        item->steps[part] = step_set(planner, have, lowered_have, &only_up);
        have = lowered_have;
        part = PART_SET;
    }
    if (joins || item_changes(item, "up"))
        item->steps[PART_RAISE] = step_set(planner, down, item->want, &only_up);
    option_set_drop(&item->changed, (unsigned)up);
    if (joins && planner->request->back)
        leave_mtu_to_bond(planner, item);
    if (!option_set_is_empty(&item->changed))
        item->steps[part] = step_set(planner, have, down, &item->changed);
}

/* A bond leaves its port down, with the MTU and MAC address that it had before. */
static bool leaves_bond(const struct planner *planner, const struct item *item)
{
    const struct object *bond = model_interface_of(planner->request->observed, item->have, "master");
    return bond && bond->kind->flags & KIND_PORTS_DOWN && item_changes(item, "master");
}

/* A port that shall have no master leaves among the deletions: what joins then may rest on it, and would be a
 * loop. */
static void leave_first(struct planner *planner, struct item *item)
{
    int master = object_find_option(item->want, "master");
    if (!item_changes(item, "master") || !object_word(item->have, "master") ||
        object_word(item->want, "master"))
        return;
    struct object *left = object_clone(&planner->plan->arena, item->have);
    left->values[master] = item->want->values[master];
    const struct option_set only_master = option_set_of((unsigned)master);
    item->steps[PART_DEL] = step_set(planner, item->have, left, &only_master);
    option_set_drop(&item->changed, (unsigned)master);
}

static void set_item(struct planner *planner, struct item *item)
{
    int up = item->want->class->id == CLASS_INTERFACE ? object_find_option(item->want, "up") : -1;
    if (up >= 0 && leaves_bond(planner, item)) {
        static const char *const restored[] = {"mtu", "mac"};
        item->have = lowered(planner, item->have);
        option_set_drop(&item->changed, (unsigned)up);
        if (is_up(item->want))
            option_set_put(&item->changed, (unsigned)up);
        for (unsigned i = 0; i < sizeof restored / sizeof restored[0]; i++)
            if (object_has(item->want, restored[i]))
                option_set_put(&item->changed, (unsigned)object_find_option(item->want, restored[i]));
    }
    if (up >= 0)
        leave_first(planner, item);
    if (option_set_is_empty(&item->changed))
        return;
    if (up >= 0 && is_raised_apart(planner, item) && (item_changes(item, "up") || joins_down(planner, item)))
        set_apart(planner, item, up);
    else
        item->steps[PART_MAKE] = step_set(planner, item->have, item->want, &item->changed);
}

static bool moves_routes(const struct planner *planner, const struct item *item)
{
    const struct object *before = model_interface_of(planner->request->observed, item->have, "master");
    const struct object *after = master_of(planner, item->want);
    return (before && before->kind->flags & KIND_MOVES_ROUTES) ||
           (after && after->kind->flags & KIND_MOVES_ROUTES);
}

static bool is_raised_late(const struct planner *planner, const struct item *parent, const struct item *child)
{
    int up = object_find_option(parent->want, "up"), master = object_find_option(parent->want, "master");
    bool is_new = child->fate == FATE_ADD || child->fate == FATE_RECREATE;
    if (parent->steps[PART_RAISE] || (!is_new && parent->is_cycled))
        return true;
    /* It may follow a parent of its own. */
    bool follows = parent->want->kind && parent->want->kind->flags & KIND_FOLLOWS;
    const struct item *base = follows ? item_named_by(planner, parent->want, "parent") : NULL;
    if (base && base->want && is_raised_late(planner, base, parent))
        return true;
    if (is_new || parent->fate != FATE_SET || !parent->steps[PART_MAKE])
        return false;
    for (unsigned i = 0; i < object_n_options(parent->want); i++)
        if (option_set_has(&parent->changed, i) &&
            (object_option(parent->want, i)->change == CHANGE_DOWN || (int)i == up ||
             ((int)i == master && moves_routes(planner, parent))))
            return true;
    return false;
}

/* Linux raises the vlans of an interface with it: one that shall be down is taken down again. */
static void lower_follower(struct planner *planner, struct item *item)
{
    const struct item *parent = item_named_by(planner, item->want, "parent");
    if (!(item->want->kind->flags & KIND_FOLLOWS) || is_up(item->want) || !parent || !parent->want ||
        !is_up(parent->want) || !is_raised_late(planner, parent, item) || item->steps[PART_RAISE])
        return;
    struct object *raised = object_clone(&planner->plan->arena, item->want);
    *value_by_key(raised, "up") = value_number(1);
    const struct option_set only_up = option_set_of((unsigned)object_find_option(item->want, "up"));
    item->steps[PART_RAISE] = step_set(planner, raised, item->want, &only_up);
    item->steps[PART_RAISE]->reason = "Linux raises it with its parent";
}

/* Notes the interfaces that have settings below /proc/sys in this plan. */
static void mark_sysctls(struct planner *planner)
{
    for (struct item *item = planner->items; item; item = item->next) {
        if (!item->want || item->want->class->id != CLASS_SYSCTL || item->fate == FATE_KEEP)
            continue;
        struct item *interface = item_named_by(planner, item->want, "dev");
        if (interface)
            interface->has_sysctls = true;
    }
}

void make_steps(struct planner *planner)
{
    mark_sysctls(planner);
    for (struct item *item = planner->items; item; item = item->next) {
        if (item->fate == FATE_ADD || item->fate == FATE_RECREATE)
            add_item(planner, item);
        else if (item->fate == FATE_SET && !item->doomed)
            set_item(planner, item);
    }
    for (struct item *item = planner->items; item; item = item->next)
        if (item->want && item->want->class->id == CLASS_INTERFACE)
            lower_follower(planner, item);
}
