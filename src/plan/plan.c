/* The fate of each identity: what shall be against what is.
 *
 * What is there already and agrees with the file needs nothing, and stays when the topology goes. What is
 * there and differs is changed or made anew where it is ours (owner.c), and refused where it is not. */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/former.h"
#include "model/reference.h"
#include "plan/internal.h"

struct item *item_of_interface(const struct planner *planner, const char *reference)
{
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s %s", classes[CLASS_INTERFACE]->name, reference);
    return item_of(planner, text_of(&id));
}

struct item *item_named_by(const struct planner *planner, const struct object *object, const char *key)
{
    struct text ref CLEANUP_TEXT = {0};
    const char *name = object_word(object, key);
    if (!name)
        return NULL;
    reference_put(name, object->ns, &ref);
    return item_of_interface(planner, text_of(&ref));
}

struct item *item_of_namespace(const struct planner *planner, const char *ns)
{
    struct text id CLEANUP_TEXT = {0};
    text_printf(&id, "%s %s/%s", classes[CLASS_NAMESPACE]->name, HOST, ns);
    return strcmp(ns, HOST) == 0 ? NULL : item_of(planner, text_of(&id));
}

struct item *item_new(struct planner *planner, const char *id)
{
    struct item *item = arena_alloc(&planner->plan->arena, sizeof *item);
    item->id = id;
    item->record = record_of(planner->request, id);
    item->have = map_get(&planner->request->observed->by_id, id);
    map_set(&planner->by_id, id, item);
    if (planner->last)
        planner->last->next = item;
    else
        planner->items = item;
    planner->last = item;
    return item;
}

bool item_changes(const struct item *item, const char *key)
{
    int i = object_find_option(item->want, key);
    return i >= 0 && option_set_has(&item->changed, (unsigned)i);
}

static void say_missing(const struct object *want, const struct model *observed, struct errors *errors,
                        __typeof__(errors_add) *say)
{
    struct nearest nearest = {.word = want->name};
    struct text known CLEANUP_TEXT = {0};
    for (const struct object *o = map_get(&observed->namespaces, want->ns); o; o = o->next_in_ns) {
        if (o->class->id != CLASS_INTERFACE || strcmp(o->name, "lo") == 0)
            continue;
        nearest_offer(&nearest, o->name);
        if (known.length < 100)
            text_join(&known, o->name);
    }
    bool in_host = strcmp(want->ns, HOST) == 0;
    struct error *error = say(errors, &want->place, "there is no interface `%s` %s%s", want->name,
                              in_host ? "on this host" : "in namespace ", in_host ? "" : want->ns);
    if (nearest.best)
        error_hint(errors, error, "did you mean `%s`?", nearest.best);
    else
        error_hint(errors, error, "there are: %s", known.length ? text_of(&known) : "none but `lo`");
}

static void report_missing(struct planner *planner, const struct item *item)
{
    say_missing(item->want, planner->request->observed, planner->errors, errors_add);
    planner->failed = -ENODEV;
}

void plan_warn_missing(const struct model *wanted, const struct model *observed, struct errors *errors)
{
    model_each(wanted, object)
    {
        if (!model_by_id(observed, object->id))
            say_missing(object, observed, errors, errors_warn);
    }
}

/* A number that the kernel chose by itself at birth, and that nothing tells us now. */
static bool is_stuck_number(const struct object *object, const struct option *option)
{
    return object->class->id == CLASS_INTERFACE && option->type == TYPE_NUMBER &&
           !(option->flags & OPTION_PORT);
}

struct value plan_value_at_birth(const struct object *object, const struct option *option)
{
    const struct kind *kind = object->kind;
    if (kind && kind->mtu && strcmp(option->key, "mtu") == 0)
        return value_number(kind->mtu);
    if (kind && strcmp(option->key, "qlen") == 0)
        return value_number(kind->qlen ? kind->qlen : 1000);
    return option_fallback(option);
}

/* The same, where it depends on the bridge of a port. */
static struct value value_unsaid(const struct planner *planner, const struct object *object,
                                 const struct option *option)
{
    struct value pvid = option->type == TYPE_VLANS ? default_pvid_of(planner, object) : (struct value){0};
    if (!value_is_set(&pvid))
        return plan_value_at_birth(object, option);
    return value_text(
        pvid.number ? arena_printf(&planner->plan->arena, "%lld pvid untagged", (long long)pvid.number) : "");
}

/* Unset is something to go back to for a text of an interface: a port leaves its bridge. Other things are
 * said anew as a whole, and what they have right after that, the kernel chose. */
static bool may_be_unset(const struct planner *planner, const struct option *option, const struct value *have,
                         const struct object *want)
{
    if (!value_is_set(have))
        return false;
    if (want->class->id != CLASS_INTERFACE)
        return !planner->request->again;
    return have->form == VALUE_TEXT && option->type != TYPE_MAC;
}

/* What the file said last time and no longer says goes back: to what it was before us, or to what the kernel
 * does by itself, or, where neither is a value, to unset (a port leaves its bridge). Returns the option that
 * cannot go back on a live object, or NULL. */
static const struct option *fill_unsaid(struct planner *planner, struct item *item)
{
    const struct object *want = item->want, *record = item->record;
    const struct object *original = original_of(planner->request, item->id);
    struct object *filled = NULL;
    const struct option *stuck = NULL;

    if (!record || record->kind != want->kind)
        return NULL;
    for (unsigned i = 0; i < object_n_options(want); i++) {
        const struct option *option = object_option(want, i);
        if (value_is_set(&want->values[i]) || !value_is_set(&record->values[i]) ||
            option->flags & (OPTION_UNSEEN | OPTION_ECHOED) || compare_is_moot(want, option, record) ||
            is_said_by_others(planner->request, want, i))
            continue;
        bool has_original =
            original && object_is_of(original, want->kind) && !compare_is_elsewhere(want, option, original);
        struct value value =
            has_original ? value_before(planner, original, i) : value_unsaid(planner, want, option);
        if (value_is_set(&value)) {
            filled = filled ? filled : object_clone(&planner->plan->arena, want);
            filled->values[i] = value;
        } else if (option->change == CHANGE_RECREATE || is_stuck_number(want, option)) {
            stuck = value_is_set(&item->have->values[i]) ? option : stuck;
        } else if (may_be_unset(planner, option, &item->have->values[i], want)) {
            option_set_put(&item->changed, i);
        }
    }
    if (filled)
        item->want = filled;
    return stuck;
}

/* A cable whose other end is wanted and nowhere to be seen: it leads elsewhere, into a namespace that is
 * dying, or where nobody looks. */
static bool lost_its_peer(const struct planner *planner, const struct object *want)
{
    const char *peer = want->kind && want->kind->flags & KIND_PAIR ? object_text(want, "peer") : NULL;
    return peer && model_interface_ref(planner->request->desired, peer) &&
           !model_interface_ref(planner->request->observed, peer);
}

/* Its other end is seen, and is not the one that is wanted. */
static bool is_elsewhere(const struct object *have)
{
    const char *peer = object_text(have, "peer");
    return peer && *peer && strcmp(peer, "?") != 0;
}

/* An interface bears the name of its topology as soon as it is made. One that is marked and has none: the
 * making of it was cut short. */
static bool is_half_made(const struct object *have)
{
    return have->class->id == CLASS_INTERFACE && have->flags & OBJECT_OURS && !have->owner;
}

/* What somebody else made and plugged in is so again when it is made anew, unless the file says otherwise. */
static void keep_master(struct planner *planner, struct item *item)
{
    int i = item->want->kind ? object_find_option(item->want, "master") : -1;
    const char *master = i >= 0 && item->have->kind ? object_word(item->have, "master") : NULL;
    const struct object *record = master ? model_interface_ref(planner->request->recorded, master) : NULL;
    if (!master || item->record || value_is_set(&item->want->values[i]) || planner->request->back ||
        (record && record->flags & OBJECT_MADE))
        return;
    struct object *want = object_clone(&planner->plan->arena, item->want);
    want->values[i] = item->have->values[i];
    item->want = want;
}

/* What is not ours has more to it than can be seen here. */
static void warn_of_loss(struct planner *planner, struct item *item)
{
    if (item->have->class->id == CLASS_INTERFACE && !is_marked(planner->request, item->have))
        item->reason = arena_printf(&planner->plan->arena,
                                    "%s; what others set on it with sysctl, tc or nft is lost", item->reason);
}

static void decide_present(struct planner *planner, struct item *item)
{
    const struct option *option = NULL;
    if (is_of_another(planner, item)) {
        refuse_foreign(planner, item, NULL);
        return;
    }
    if (refuse_stolen(planner, item))
        return;
    if (!object_is_of(item->have, item->want->kind)) {
        item->fate = FATE_RECREATE;
        item->reason = "it is of another kind";
    } else if (is_half_made(item->have)) {
        item->fate = FATE_RECREATE;
        item->reason = "it was only half made";
    } else if (lost_its_peer(planner, item->want)) {
        item->fate = FATE_RECREATE;
        option = object_option(item->want, (unsigned)object_find_option(item->want, "peer"));
        item->reason = is_elsewhere(item->have) ? "its other end is another" : "its other end is gone";
    } else {
        const struct option *stuck = fill_unsaid(planner, item);
        int change = compare_objects(item->want, item->have, item->record, planner->request->observed,
                                     &item->changed, &option);
        if (change < 0 && !stuck && option_set_is_empty(&item->changed))
            return;
        item->fate = change == CHANGE_RECREATE || stuck ? FATE_RECREATE : FATE_SET;
        if (item->fate == FATE_RECREATE)
            item->reason = arena_printf(&planner->plan->arena, "`%s` cannot be changed on a live %s",
                                        stuck ? stuck->key : option->key,
                                        item->want->kind ? item->want->kind->name : item->want->class->name);
    }
    if (item->fate == FATE_RECREATE && is_there_anyway(item))
        item->fate = FATE_SET;
    if (item->fate == FATE_RECREATE) {
        keep_master(planner, item);
        warn_of_loss(planner, item);
    }
    if (!is_ours(planner, item))
        refuse_foreign(planner, item, option);
}

/* A namespace that is desired but absent will be made in this plan, with its loopback. */
static bool namespace_is_new(const struct planner *planner, const char *ns)
{
    return strcmp(ns, HOST) != 0 && !model_get(planner->request->observed, CLASS_NAMESPACE, HOST, ns);
}

static void decide_absent(struct planner *planner, struct item *item)
{
    item->fate = FATE_ADD;
    if (item->want->kind && item->want->kind->maker == MAKER_EXISTING &&
        !namespace_is_new(planner, item->want->ns))
        report_missing(planner, item);
}

/* What was adopted, and bears our mark, was made or said anew by us: it is so again for whoever it
 * belonged to, also where nothing else differs. */
static void give_back(struct item *item)
{
    enum class_id class = item->have->class->id;
    item->fate = class == CLASS_ROUTE || class == CLASS_RESOLVER ? FATE_SET : FATE_RECREATE;
    item->reason = item->fate == FATE_RECREATE ? "it is given back as it was" : NULL;
    for (unsigned i = 0; i < object_n_options(item->want); i++)
        if (value_is_set(&item->want->values[i]) && !(object_option(item->want, i)->flags & OPTION_KEY))
            option_set_put(&item->changed, i);
}

/* What others say too is not set back. */
static const struct object *without_said(struct planner *planner, const struct object *original)
{
    struct object *rest = NULL;
    for (unsigned i = 0; i < object_n_options(original); i++)
        if (!(object_option(original, i)->flags & OPTION_KEY) &&
            is_said_by_others(planner->request, original, i)) {
            rest = rest ? rest : object_clone(&planner->plan->arena, original);
            rest->values[i] = (struct value){0};
        }
    return rest ? rest : original;
}

/* Of the record, and no longer desired. What was there before us is set back; what we made goes. */
static void decide_leftover(struct planner *planner, struct item *item)
{
    item->is_leftover = true;
    if (!item->have)
        return;
    if (plan_is_replaced(planner->request, item->record)) {
        bool is_told = strcmp(item->have->ns, HOST) == 0 || item->have->class->flags & CLASS_FILE;
        if (is_told && !planner->request->again && !planner->request->back)
            errors_warn(planner->errors, NULL,
                        "%s does not bear the mark of Plexus: somebody made it anew, so it stays", item->id);
        return;
    }
    bool is_only_there_by_us = item->record->flags & (OBJECT_MADE | OBJECT_FOREIGN);
    if (is_only_there_by_us && !object_is_always(item->have)) {
        item->fate = FATE_DEL;
        return;
    }
    const struct object *original = original_of(planner->request, item->id);
    const struct option *option;
    if (!original)
        return;
    bool ours = bears_our_mark(planner, item->have);
    original = as_before(planner, without_said(planner, original));
    item->want = original;
    if (!original)
        item->fate = ours ? FATE_DEL : FATE_KEEP;
    else if (ours)
        give_back(item);
    else if (object_is_of(original, item->have->kind) &&
             compare_objects(original, item->have, NULL, NULL, &item->changed, &option) >= 0)
        item->fate = FATE_SET;
    else
        item->want = NULL;
}

/* Its namespace has no name, and shall have none: it was never attached, or is no longer. */
static bool is_out_of_reach(const struct planner *planner, const struct object *object)
{
    const struct plan_request *request = planner->request;
    return strcmp(object->ns, HOST) != 0 && !(object->class->flags & CLASS_FILE) &&
           !model_get(request->observed, CLASS_NAMESPACE, HOST, object->ns) &&
           !model_get(request->desired, CLASS_NAMESPACE, HOST, object->ns);
}

/* It cannot return, and what bears its name now is of our making: that is no more than any other thing to
 * go. */
static bool is_only_ours(const struct planner *planner, const struct object *object)
{
    const struct object *have = map_get(&planner->request->observed->by_id, object->id);
    return have && map_has(&planner->taken, object->id) && have->class->flags & CLASS_MARKED &&
           is_marked(planner->request, have);
}

static void decide(struct planner *planner)
{
    if (planner->request->back)
        find_taken(planner);
    planner->plan->falls_short = planner->taken.capacity;
    decide_removed(planner);
    model_each(planner->request->desired, object)
    {
        if (is_out_of_reach(planner, object) || is_only_ours(planner, object))
            continue;
        struct item *item = item_new(planner, object->id);
        if (map_has(&planner->taken, object->id))
            continue; /* it stays as it is */
        item->want = planner->request->back ? without_taken(planner, object) : object;
        if (item->have)
            decide_present(planner, item);
        else
            decide_absent(planner, item);
    }
    model_each(planner->request->recorded, object)
    {
        if (record_of(planner->request, object->id) && !map_has(&planner->by_id, object->id) &&
            !is_out_of_reach(planner, object))
            decide_leftover(planner, item_new(planner, object->id));
    }
    decide_given_back(planner);
    decide_followers(planner);
}

static void name_plainly(struct plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        plan->steps[i] = former_plain(&plan->arena, plan->steps[i]);
}

static int compare_sequence(const void *a, const void *b)
{
    const struct object *const *one = a, *const *other = b;
    return (*one)->sequence < (*other)->sequence ? -1 : (*one)->sequence > (*other)->sequence;
}

/* What returns does so in the order in which it was there: the first address of a network is its primary. */
static void sort_lost(struct plan *plan)
{
    if (plan->n_lost)
        qsort(plan->lost, plan->n_lost, sizeof *plan->lost, compare_sequence);
}

int plan_make(const struct plan_request *request, struct plan *ret_plan, struct errors *errors)
{
    struct plan plan = {0};
    struct planner planner = {.request = request, .plan = &plan, .errors = errors};
    int r = 0;

    decide(&planner);
    if (planner.failed) {
        r = planner.failed;
    } else {
        doom_items(&planner);
        make_steps(&planner);
        sort_lost(&plan);
        r = order_steps(&planner);
        name_plainly(&plan);
    }
    map_done(&planner.by_id);
    map_done(&planner.dependents);
    map_done(&planner.indexed);
    map_done(&planner.lost);
    map_done(&planner.dead);
    map_done(&planner.taken);
    if (r < 0)
        plan_done(&plan);
    else
        *ret_plan = plan;
    return r;
}

void plan_done(struct plan *plan)
{
    free(plan->steps);
    free(plan->lost);
    arena_done(&plan->arena);
    *plan = (struct plan){0};
}
