/* The way by which the SSH session comes that a command is typed in: an interface, what that lies on, and the
 * address that was called. A plan that cuts it would leave nobody to mend it. */
#include <errno.h>
#include <string.h>

#include "apply/internal.h"
#include "apply/networks.h"
#include "apply/ssh.h"
#include "model/way.h"

static bool is_address(const struct object *object, const struct ip *ip)
{
    struct prefix prefix;
    return object->class->id == CLASS_ADDRESS && prefix_parse(object_text(object, "address"), &prefix) == 0 &&
           ip_equal(&prefix.ip, ip);
}

/* Into a bridge, a bond or a vrf: what has an address on it is not heard there. */
static bool joins(const struct step *step)
{
    int master = step->new ? object_find_option(step->new, "master") : -1;
    return step->verb == VERB_SET && master >= 0 && step_changes(step, (unsigned)master) &&
           object_word(step->new, "master");
}

static bool cuts(const struct step *step, const struct object *link, const struct ssh_session *own)
{
    const struct object *object = step->old ? step->old : step->new;
    if (strcmp(object->ns, HOST) != 0)
        return false;
    if (is_address(object, &own->server))
        return step->verb == VERB_DEL;
    return (step->disturbs == DISTURBS_CUT || joins(step)) && strcmp(object->id, link->id) == 0;
}

static const struct step *find_cut(const struct change *change, const struct ssh_session *own,
                                   const char **ret_dev)
{
    const char *dev = way_dev(&change->observed, HOST, &own->client);
    const struct object *link = dev ? model_interface(&change->observed, HOST, dev) : NULL;
    for (*ret_dev = dev; link; link = model_interface_of(&change->observed, link, "parent"))
        for (size_t i = 0; i < change->plan.n_steps; i++)
            if (cuts(change->plan.steps[i], link, own))
                return change->plan.steps[i];
    return NULL;
}

int ssh_way_stays(struct session *session, const struct change *change)
{
    struct ssh_session own;
    struct text what CLEANUP_TEXT = {0};
    char client[IP_TEXT_SIZE];
    const char *dev;
    const struct step *step =
        change->topology && ssh_session_find(&own) ? find_cut(change, &own, &dev) : NULL;
    if (!step)
        return 0;
    step_describe(step, &what);
    struct error *error = errors_add(
        &session->errors, NULL,
        "%s: the SSH session that this is typed in, from %s, comes in by `%s`, and is cut by: %s %s",
        change->name, ip_format(&own.client, client), dev, names_format(verb_names, step->verb),
        text_of(&what));
    error_hint(
        &session->errors, error,
        "to do it nevertheless: --confirm; then the old network returns by itself, unless you confirm");
    return -EBUSY;
}
