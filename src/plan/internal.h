/* What the parts of the planner share. An item is one identity, seen as desired, recorded and observed; its
 * fate is decided first (plan.c; whose it is, in owner.c), then corrected by what dies with something else
 * (doom.c), turned into steps (steps.c) and put in order (order.c). */
#pragma once
#include <string.h>

#include "plan/plan.h"

enum fate {
    FATE_KEEP, /* it is as it shall be, or not our business */
    FATE_ADD,
    FATE_SET,
    FATE_DEL,
    FATE_RECREATE, /* DEL, then ADD */
};

struct node;

/* The steps that one item can have. */
enum part { PART_DEL, PART_MAKE, PART_SET, PART_RAISE, PART_MAX };

struct item {
    const char *id;
    const struct object
        *want; /* as it shall be, with values that must be set back filled in; NULL: shall not be */
    const struct object *have; /* observed; NULL: is not */
    const struct object *record;
    enum fate fate;
    bool is_leftover; /* recorded and no longer desired: `want` is what it goes back to, if it lives on */
    bool doomed;      /* `have` dies with something else, so it needs no DEL of its own */
    struct option_set changed;
    const char *reason; /* of FATE_RECREATE */
    /* DEL: the deletion. MAKE: the ADD, or the SET of what is there already. SET: of the far end of a pair,
     * after its birth. RAISE: the SET of `up`, when that is a step of its own. */
    struct step *steps[PART_MAX];
    struct item *pair; /* the other end, when both are added by one step */
    bool is_far;       /* it is born by the pair's step */
    bool is_removed;   /* somebody else's, of request->removed */
    bool moves;        /* a route of others, which shall lead over another interface than its card */
    bool hands_over;   /* a card that becomes a port, and has such things */
    bool is_cycled;    /* Linux takes it down and up by itself: its VRF goes */
    bool has_sysctls;  /* settings below /proc/sys of this interface change in this plan */
    struct node *nodes[PART_MAX]; /* order.c: its steps in the graph */
    struct item *next;            /* in the order of the file, then of the record */
};

/* Something of others that dies with a change of ours. */
struct stray {
    const struct object *object;
    struct stray *next;
};

struct planner {
    const struct plan_request *request;
    struct plan *plan;
    struct errors *errors;
    struct map by_id; /* id -> item */
    struct item *items, *last;
    struct map dependents; /* dependents.c: "ns/dev" -> list of struct dependent */
    struct map indexed;    /* the namespaces whose objects are among them */
    struct map lost;       /* ids in plan->lost */
    struct map dead;       /* ids of objects without an item that die */
    struct map taken; /* taken.c: id of what cannot return -> what others put into its place, or below it */
    struct stray *strays; /* doom.c: what dies by our doing and is not our business */
    int failed;           /* negative errno of a refusal, or 0 */
};

static inline struct item *item_of(const struct planner *planner, const char *id)
{
    return map_get(&planner->by_id, id);
}
struct item *item_new(struct planner *planner, const char *id);
/* Whether the option is among those of `changed`; false for a key that `want` does not have. */
bool item_changes(const struct item *item, const char *key);
struct item *item_of_interface(const struct planner *planner, const char *reference); /* "ns/name" */
/* The interface that an option of the object names (`dev`, `master`, `parent`, `peer`). */
struct item *item_named_by(const struct planner *planner, const struct object *object, const char *key);
struct item *item_of_namespace(const struct planner *planner, const char *ns); /* NULL for HOST */

/* What the last apply made or changed of it; NULL: nothing. */
static inline const struct object *record_of(const struct plan_request *request, const char *id)
{
    const struct object *record = map_get(&request->recorded->by_id, id);
    return record && !(record->flags & (OBJECT_SHARED | OBJECT_REMOVED)) ? record : NULL;
}

/* What an adopted object was before; NULL: it is not known. */
static inline const struct object *original_of(const struct plan_request *request, const char *id)
{
    return request->originals ? map_get(&request->originals->by_id, id) : NULL;
}

/* A setting or a piece of hardware of which another topology says something, or which it changed by saying
 * something else: with the values from before that. NULL: none did. */
static inline const struct object *before_others(const struct plan_request *request, const char *id)
{
    return request->others ? map_get(&request->others->by_id, id) : NULL;
}

/* The same, where something is said of it; and whether that is an option. */
static inline const struct object *said_by_others(const struct plan_request *request, const char *id)
{
    const struct object *before = before_others(request, id);
    return before && before->flags & OBJECT_ADOPTED ? before : NULL;
}
static inline bool is_said_by_others(const struct plan_request *request, const struct object *object,
                                     unsigned option)
{
    const struct object *said = said_by_others(request, object->id);
    return said && option < object_n_options(said) && value_is_set(&said->values[option]);
}

/* It bears the name of the topology. */
static inline bool is_named(const struct plan_request *request, const struct object *have)
{
    return have->owner && request->topology && strcmp(have->owner, request->topology) == 0;
}

/* A mark without a name is that of a route, or of something that was just born. */
static inline bool is_marked(const struct plan_request *request, const struct object *have)
{
    return have->owner ? is_named(request, have) : have->flags & OBJECT_OURS;
}

/* refuse.c: another topology has plugged it into something else; told. */
bool refuse_stolen(struct planner *planner, const struct item *item);
/* owner.c: the file calls it hardware, or it is: then it was never made, and is never deleted. */
bool is_there_anyway(const struct item *item);
/* Another topology made it: then it is not even shared, since it would go when that topology does; but for a
 * namespace that the file attaches, of which it says itself that it is another's. */
bool is_of_another(const struct planner *planner, const struct item *item);
/* It may be changed: ours by record or mark, or a thing that nobody makes. */
bool is_ours(struct planner *planner, const struct item *item);
/* We made it, or said it as a whole. */
bool bears_our_mark(const struct planner *planner, const struct object *have);

/* settings.c: it is a setting that changes with that of the name `leader`; the item of that, or NULL. */
bool is_led_by(const struct object *follower, const char *leader);
const struct item *leader_of(const struct planner *planner, const struct object *follower);
/* When all else is decided: what followed a setting that is left over goes back to what it was. */
void decide_followers(struct planner *planner);

/* removed.c: what of others must go, and what of that returns. */
void decide_removed(struct planner *planner);
void decide_given_back(struct planner *planner);
/* A route of others that is changed over from a card to its bridge. */
bool item_moves(const struct item *item);

/* taken.c: on the way back, notes in planner->taken what cannot return, and tells it. The object without
 * what leads to that. */
void find_taken(struct planner *planner);
const struct object *without_taken(struct planner *planner, const struct object *want);
/* What something adopted goes back to: the original, without a master that is no more; NULL, when that which
 * it cannot be without is no more. The latter: one value of it. They tell it. */
const struct object *as_before(struct planner *planner, const struct object *original);
struct value value_before(struct planner *planner, const struct object *original, unsigned option);

/* refuse.c: the item, which is somebody else's, may be taken over: that destroys nothing. */
bool refuse_can_adopt(struct planner *planner, const struct item *item);
/* It is in the way. `option` (may be NULL) is one in which it differs. */
void refuse_foreign(struct planner *planner, const struct item *item, const struct option *option);

/* compare.c: puts into `changed` the options in which `have` is not as `want` says. Returns the hardest of
 * their changes, or -1 when nothing differs; *ret_option, for CHANGE_RECREATE, is the option that demands it.
 * `observed` (may be NULL) says where somebody looked, for what leads to where nobody did. */
int compare_objects(const struct object *want, const struct object *have, const struct object *record,
                    const struct model *observed, struct option_set *changed,
                    const struct option **ret_option);

/* The option is about a bridge port, and says nothing: there is no master, or not the one of the record (may
 * be NULL). */
bool compare_is_moot(const struct object *want, const struct option *option, const struct object *record);
/* The option is about a bridge port, and `other` has another master or none, so its value says nothing. */
bool compare_is_elsewhere(const struct object *want, const struct option *option, const struct object *other);

/* An observed object that hangs on an interface, by `dev`, `parent`, `master` or a next hop, or on an
 * address. */
struct dependent {
    const struct object *object;
    struct dependent *next;
};

/* dependents.c: of an interface; the routes with that `src`. */
const struct dependent *dependents_of(struct planner *planner, const struct object *interface);
const struct dependent *dependents_by_source(struct planner *planner, const char *ns, const char *source);

/* doom.c: finds what dies with what is deleted, re-created or taken down, and corrects the fates. Makes the
 * DEL steps, since which of them are needed depends on it. */
void doom_items(struct planner *planner);
/* It is deleted by a step of its own, whether for good or to be made anew. */
static inline bool item_goes(const struct item *item)
{
    return !item->doomed && (item->fate == FATE_DEL || item->fate == FATE_RECREATE);
}
/* strays.c: makes items of what of planner->strays can come back. */
void restore_strays(struct planner *planner);

/* doom.c: an IPv6 route over several interfaces does not die with one of them, but loses that way: it is
 * deleted before it is made again. */
bool is_split(const struct object *route);

/* An attached namespace loses its name, and outlives that. */
bool planner_leaves_namespace(const struct planner *planner, const char *ns);

/* steps.c */
void make_steps(struct planner *planner);
/* What the interface is plugged into, as it shall be, or else as it is; NULL: nothing. */
const struct object *master_of(const struct planner *planner, const struct object *interface);
/* `vlan-default-pvid` of the bridge that the interface is plugged into: as the file says, or else as it is;
 * unset: none. */
struct value default_pvid_of(const struct planner *planner, const struct object *interface);
struct step *step_new(struct planner *planner, enum verb verb, const struct object *old,
                      const struct object *new);
struct step *step_set(struct planner *planner, const struct object *old, const struct object *new,
                      const struct option_set *changed);

/* order.c: puts the steps of all items into plan->steps. */
int order_steps(struct planner *planner);
