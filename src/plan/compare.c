/* The difference between an object as it shall be and as it is.
 *
 * Only what is said counts: an option that the file leaves unset is the kernel's to choose. */
#include <string.h>

#include "model/reference.h"
#include "plan/internal.h"

/* The other end of a cable that leads to a namespace nobody looked into. */
static bool is_unknown(const struct value *value)
{
    return value->form == VALUE_TEXT && strcmp(value->text, "?") == 0;
}

/* It leads to where nobody looked. What is wanted may lie there too, unless that is a place where somebody
 * did: every namespace that was looked at has its loopback. */
static bool may_be(const struct value *want, const struct model *observed)
{
    struct text ns CLEANUP_TEXT = {0};
    if (!observed || want->form != VALUE_TEXT || !reference_ns(want->text, &ns))
        return true;
    return !model_interface(observed, text_of(&ns), "lo");
}

static bool agrees(const struct option *option, const struct value *want, const struct value *have,
                   const struct value *record, const struct model *observed)
{
    if (!value_is_set(want) || value_equal(want, have) || is_unknown(want))
        return true;
    if (is_unknown(have))
        return may_be(want, observed);
    if (option->flags & OPTION_UNSEEN)
        return !record || !value_is_set(record) || value_equal(want, record);
    if (option->flags & OPTION_ECHOED)
        return record && value_equal(want, record);
    if (option->flags & OPTION_DECAYS && want->form == VALUE_NUMBER && have->form == VALUE_NUMBER)
        return have->number > 0 && have->number <= want->number &&
               want->number != option->max; /* max: forever */
    if (!value_is_set(have)) {
        /* What the kernel does not report is at its fallback. */
        struct value fallback = option_fallback(option);
        return value_is_set(&fallback) && value_equal(want, &fallback);
    }
    return false;
}

/* Options of a bridge port, and its VLANs. */
static bool is_of_port(const struct object *object, const struct option *option)
{
    return option->flags & OPTION_PORT ||
           (option->type == TYPE_VLANS && object->kind && !(object->kind->flags & KIND_VLAN_PORTS));
}

static bool has_master(const struct object *object)
{
    return object->kind && object_word(object, "master");
}

/* Joining another bridge sets back what an interface has as a port. */
static bool changes_master(const struct object *want, const struct object *have)
{
    return has_master(want) && has_master(have) &&
           strcmp(object_text(want, "master"), object_text(have, "master")) != 0;
}

/* What the record says about a port counts only while it stays with its master. */
bool compare_is_moot(const struct object *want, const struct option *option, const struct object *record)
{
    return is_of_port(want, option) &&
           (!has_master(want) || (record && has_master(record) && changes_master(want, record)));
}

bool compare_is_elsewhere(const struct object *want, const struct option *option, const struct object *other)
{
    return is_of_port(want, option) && (!has_master(other) || changes_master(want, other));
}

int compare_objects(const struct object *want, const struct object *have, const struct object *record,
                    const struct model *observed, struct option_set *changed,
                    const struct option **ret_option)
{
    static const struct value unset = {0};
    int hardest = -1;
    bool moves = changes_master(want, have);
    for (unsigned i = 0; i < object_n_options(want); i++) {
        const struct option *option = object_option(want, i);
        const struct value *recorded = record && record->kind == want->kind ? &record->values[i] : NULL;
        const struct value *is = moves && is_of_port(want, option) ? &unset : &have->values[i];
        if (agrees(option, &want->values[i], is, recorded, observed) || compare_is_moot(want, option, NULL))
            continue;
        option_set_put(changed, i);
        if ((int)option->change > hardest) {
            hardest = (int)option->change;
            *ret_option = option;
        }
    }
    return hardest;
}

bool plan_compare(const struct object *shall, const struct object *is, struct option_set *changed)
{
    const struct option *option;
    return compare_objects(shall, is, shall, NULL, changed, &option) >= 0;
}
