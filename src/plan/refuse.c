/* Why what is there already stays somebody else's, and what to do.
 *
 * What can be changed and changed back may be taken over (`adopt`). What would have to be destroyed is not: a
 * namespace with all that is in it, a cable with its other end, an interface of another kind or with
 * interfaces of others on it. Nobody could give those back. */
#include <errno.h>
#include <string.h>

#include "plan/internal.h"

/* Interfaces of others are its ports or lie on it, and would not come back with it. */
static bool carries_others(struct planner *planner, const struct object *interface)
{
    for (const struct dependent *d = dependents_of(planner, interface); d; d = d->next)
        if (d->object->class->id == CLASS_INTERFACE && !d->object->owner &&
            !map_has(&planner->request->desired->by_id, d->object->id))
            return true;
    return false;
}

bool refuse_can_adopt(struct planner *planner, const struct item *item)
{
    const struct object *have = item->have;
    if (item->fate != FATE_RECREATE || planner->request->back)
        return true;
    if (have->class->id != CLASS_INTERFACE)
        return have->class->id != CLASS_NAMESPACE;
    return have->kind == item->want->kind && !(have->kind->flags & KIND_PAIR) &&
           !carries_others(planner, have);
}

/* "?": where nobody looked. */
static void say_value(const struct option *option, const struct value *value, struct text *out)
{
    size_t before = out->length;
    if (value->form == VALUE_TEXT && strcmp(value->text, "?") == 0)
        text_add(out, "elsewhere");
    else
        option_format(option, value, out);
    if (out->length == before)
        text_add(out, "unset");
}

/* In what the foreign thing is not as wanted. */
static void say_difference(const struct item *item, const struct option *option, struct text *out)
{
    const struct object *have = item->have, *want = item->want;
    int peer = object_has(have, "peer") ? object_find_option(have, "peer") : -1;
    int i = option ? object_find_option(want, option->key) : -1;
    if (i < 0 || !object_is_of(have, want->kind)) {
        text_printf(out, "and is of kind %s", have->kind ? have->kind->name : have->class->name);
        if (peer >= 0) {
            text_add(out, "; its other end is ");
            say_value(object_option(have, (unsigned)peer), &have->values[peer], out);
        }
        return;
    }
    text_add(out, "was not made by Plexus, and ");
    if (have->class->id == CLASS_NAMESPACE) { /* from where it came nobody can read */
        text_printf(out, "is not the one that `%s` names: ", option->key);
    } else {
        text_printf(out, "differs: %s is ", option->key);
        say_value(option, &have->values[i], out);
        text_add(out, ", not ");
    }
    option_format(option, &want->values[i], out);
}

bool refuse_stolen(struct planner *planner, const struct item *item)
{
    const struct plan_request *request = planner->request;
    const struct object *have = item->have, *want = item->want;
    int option =
        want->class->id == CLASS_INTERFACE && !request->back ? object_find_option(want, "master") : -1;
    const char *wanted = option < 0 ? NULL : object_word(want, "master"), *is = object_word(have, "master");
    if (!wanted || !is || strcmp(wanted, is) == 0 || !is_said_by_others(request, want, (unsigned)option))
        return false;
    const struct object *master = model_interface_of(request->observed, have, "master");
    const char *owner = master && master->owner ? master->owner : NULL;
    planner->failed = planner->failed ? planner->failed : -EEXIST;
    struct error *error =
        errors_add(planner->errors, &want->place, "`%s` is a port of `%s`, into which %s%s%s has plugged it",
                   want->name, master ? master->name : is, owner ? "the topology `" : "another topology",
                   owner ? owner : "", owner ? "`" : "");
    if (owner)
        error_hint(planner->errors, error, "plug what is to be with it into `%s`, or first: plexus down %s",
                   master->name, owner);
    else
        error_hint(planner->errors, error,
                   "an interface is a port of one bridge: plexus list shows who runs");
    return true;
}

static void hint_destroyed(const struct planner *planner, const struct object *have, struct error *error)
{
    static const char because[] = "--adopt does not take it over: it would be destroyed, and not come back";
    char ip[300];
    bool has_name =
        strcmp(have->ns, HOST) == 0 || model_get(planner->request->observed, CLASS_NAMESPACE, HOST, have->ns);
    command_in("ip", have->ns, ip, sizeof ip);
    if (!has_name) /* its namespace is to be attached */
        error_hint(planner->errors, error, "%s; rename it there, or delete it", because);
    else if (have->class->id == CLASS_NAMESPACE)
        error_hint(planner->errors, error, "%s; use another name, or delete it: ip netns del %s", because,
                   have->name);
    else
        error_hint(planner->errors, error,
                   "%s; rename it while it is down (%s link set %s name NEW), or delete it: %s link del %s",
                   because, ip, have->name, ip, have->name);
}

void refuse_foreign(struct planner *planner, const struct item *item, const struct option *option)
{
    const struct object *have = item->have;
    const struct error *last = planner->errors->last;
    const struct place *place = &item->want->place;
    planner->failed = planner->failed ? planner->failed : -EEXIST;
    /* Both ends of a cable are said in one place: once is enough. */
    if (last && last->severity == SEVERITY_ERROR && place->line && last->place.line == place->line &&
        last->place.column == place->column)
        return;
    if (have->owner) {
        struct error *error = errors_add(planner->errors, &item->want->place,
                                         "%s belongs to the topology `%s`", item->id, have->owner);
        error_hint(planner->errors, error, "use another name, or take it down first: plexus down %s",
                   have->owner);
        return;
    }
    struct text differs CLEANUP_TEXT = {0};
    say_difference(item, option, &differs);
    struct error *error =
        errors_add(planner->errors, &item->want->place, "%s exists already, %s", item->id, text_of(&differs));
    if (refuse_can_adopt(planner, item))
        error_hint(planner->errors, error, "use another name, remove it, or take it over with --adopt");
    else
        hint_destroyed(planner, have, error);
}
