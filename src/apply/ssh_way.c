/* The way by which the SSH session comes that a command is typed in: an interface, what that lies on, what is
 * plugged into that, and the address that was called. A plan that cuts it would leave nobody to mend it.
 *
 * Where the address moves to another interface (uplinks.c), the session goes on over that. */
#include <errno.h>
#include <string.h>

#include "apply/guards.h"
#include "apply/ssh.h"
#include "model/way.h"

struct way_in {
    const struct change *change;
    struct ssh_session own;
    const char *dev;  /* by which it comes in */
    const char *heir; /* the interface that gets the address by the plan; NULL: none */
};

enum { DEPTH_MAX = 8 }; /* of what lies on each other: the kernel's own limit */

static bool is_server(const struct way_in *way, const struct object *object)
{
    return strcmp(object->ns, HOST) == 0 && address_has_ip(object, &way->own.server);
}

static const struct step *step_of(const struct change *change, const struct object *object)
{
    for (size_t i = 0; i < change->plan.n_steps; i++) {
        const struct step *step = change->plan.steps[i];
        if (step->old && strcmp(step->old->id, object->id) == 0 && step->verb != VERB_ADD)
            return step;
    }
    return NULL;
}

static const char *find_heir(const struct way_in *way)
{
    for (size_t i = 0; i < way->change->plan.n_steps; i++) {
        const struct step *step = way->change->plan.steps[i];
        if (step->verb == VERB_ADD && is_server(way, step->new))
            return object_dev(step->new);
    }
    return NULL;
}

static const struct step *cut_of_address(const struct way_in *way)
{
    const struct step *cut = NULL;
    model_each(&way->change->observed, object)
    {
        if (!is_server(way, object))
            continue;
        const struct step *step = step_of(way->change, object);
        if (!step || step->verb != VERB_DEL)
            return NULL; /* one of them stays */
        cut = step;
    }
    return way->heir ? NULL : cut;
}

static bool changes_master(const struct step *step)
{
    int master = step->verb == VERB_SET ? object_find_option(step->new, "master") : -1;
    return master >= 0 && step_changes(step, (unsigned)master);
}

/* Joining a bridge, a bond or a VRF: what has an address on it is not heard there. */
static const struct step *cut_of_link(const struct way_in *way, const struct object *link)
{
    const struct step *step = step_of(way->change, link);
    if (!step || (step->verb == VERB_DEL && way->heir))
        return NULL;
    bool joins = changes_master(step) && object_word(step->new, "master");
    return step->disturbs == DISTURBS_CUT || joins ? step : NULL;
}

/* Which ports lead out is not known; but those of guests, which topologies make, do not. */
static bool leads_out(const struct way_in *way, const struct object *port)
{
    const struct object *record = map_get(&way->change->before.recorded.by_id, port->id);
    return !port->owner && !(port->flags & OBJECT_OURS) && !(record && record->flags & OBJECT_MADE);
}

static const struct step *cut_below(const struct way_in *way, const struct object *link, unsigned depth);

/* The port is taken down, or out; unless the address goes with it. */
static const struct step *cut_of_port(const struct way_in *way, const struct object *port, unsigned depth)
{
    const struct step *step = step_of(way->change, port);
    if (step && changes_master(step) && !(way->heir && strcmp(way->heir, port->name) == 0))
        return step;
    return cut_below(way, port, depth);
}

/* All that lead out. */
static const struct step *cut_of_ports(const struct way_in *way, const struct object *link, unsigned depth)
{
    const struct step *cut = NULL;
    model_each(&way->change->observed, port)
    {
        if (!port->kind || strcmp(port->ns, HOST) != 0 || !leads_out(way, port) ||
            model_interface_of(&way->change->observed, port, "master") != link)
            continue;
        cut = cut_of_port(way, port, depth);
        if (!cut)
            return NULL;
    }
    return cut;
}

static const struct step *cut_below(const struct way_in *way, const struct object *link, unsigned depth)
{
    const struct object *parent = model_interface_of(&way->change->observed, link, "parent");
    const struct step *cut = cut_of_link(way, link);
    if (!cut && parent && depth < DEPTH_MAX)
        cut = cut_below(way, parent, depth + 1);
    if (!cut && depth < DEPTH_MAX)
        cut = cut_of_ports(way, link, depth + 1);
    return cut;
}

static const struct step *find_cut(struct way_in *way)
{
    way->dev = way_dev(&way->change->observed, HOST, &way->own.client);
    const struct object *link = way->dev ? model_interface(&way->change->observed, HOST, way->dev) : NULL;
    if (!link)
        return NULL;
    way->heir = find_heir(way);
    const struct step *cut = cut_of_address(way);
    return cut ? cut : cut_below(way, link, 0);
}

void ssh_way_look(struct session *session, const struct change *change, guard_sayer *say)
{
    struct way_in way = {.change = change};
    struct text what CLEANUP_TEXT = {0};
    char client[IP_TEXT_SIZE];
    const struct step *step = ssh_session_find(&way.own) ? find_cut(&way) : NULL;
    if (!step)
        return;
    step_describe(step, &what);
    struct error *error =
        say(&session->errors, NULL,
            "%s: the SSH session that this is typed in, from %s, comes in by `%s`, and is cut by: %s %s",
            change->name, ip_format(&way.own.client, client), way.dev, names_format(verb_names, step->verb),
            text_of(&what));
    if (change->topology)
        error_hint(&session->errors, error,
                   "to do it nevertheless: --confirm; then the old network returns by itself, unless you "
                   "confirm");
    else
        error_hint(&session->errors, error, "from another way in, it comes back by: plexus rollback %s 1",
                   change->name);
}
