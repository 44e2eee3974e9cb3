/* What others do to the firewall of a file, and it to theirs: looked at where a plan changes rules. */
#include <string.h>

#include "apply/internal.h"
#include "apply/store.h"
#include "kernel/foreign.h"

static bool changes_rules(const struct plan *plan, const char *ns)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct object *object = step_object(plan->steps[i]);
        if ((object->class->id == CLASS_TABLE || object->class->id == CLASS_CHAIN) &&
            strcmp(object->ns, ns) == 0)
            return true;
    }
    return false;
}

/* A namespace that is made has nothing of others in it. */
static bool is_there(const struct change *change, const char *ns)
{
    return strcmp(ns, HOST) == 0 || model_get(&change->observed, CLASS_NAMESPACE, HOST, ns);
}

void foreign_look(struct session *session, const struct topology *topology, const char *ns)
{
    const struct firewall *fw = topology->firewalls;
    struct foreign foreign CLEANUP_FOREIGN = {0};
    struct text ours CLEANUP_TEXT = {0};
    while (fw && strcmp(fw->ns, ns) != 0)
        fw = fw->next;
    text_printf(&ours, "plexus-%s", topology->name);
    if (fw && door_foreign(session->door, ns, text_of(&ours), &foreign) == 0)
        foreign_warn(&foreign, fw, &topology->model, &session->errors);
}

void foreign_look_around(struct session *session, const struct change *change)
{
    const struct firewall *fw = change->topology ? change->topology->firewalls : NULL;
    for (; fw; fw = fw->next)
        if (changes_rules(&change->plan, fw->ns) && is_there(change, fw->ns))
            foreign_look(session, change->topology, fw->ns);
}
