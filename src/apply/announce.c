/* After a change: what has another MAC address than before tells its neighbours.
 *
 * That is an interface that was made anew or got another MAC, and a bridge whose ports changed: unless the
 * file says one, it has the lowest of theirs. Nobody can have an old MAC of what was not there before, so
 * that is passed over, unless an address moved to it: telling costs some ten milliseconds for each namespace.
 */
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "kernel/announce.h"

struct news {
    const struct model *model;
    struct map before;  /* ids of the objects and texts of the addresses that were there before */
    struct map changed; /* id of an interface or an address */
    struct announcement *list;
    size_t n;
};

static void tell(struct news *news, const struct object *object, const char *address)
{
    news->list = xrealloc(news->list, news->n + 1, sizeof *news->list);
    news->list[news->n++] =
        (struct announcement){.ns = object->ns, .dev = object_dev(object), .address = address};
}

static void note_interface(struct news *news, const struct object *interface)
{
    if (!interface || map_has(&news->changed, interface->id) || !map_has(&news->before, interface->id))
        return;
    map_set(&news->changed, interface->id, (void *)interface);
    tell(news, interface, NULL);
}

static void note_master(struct news *news, const struct object *port)
{
    if (port)
        note_interface(news, model_interface_of(news->model, port, "master"));
}

static bool changes(const struct step *step, const char *key)
{
    int index = object_find_option(step_object(step), key);
    return step->verb != VERB_SET || (index >= 0 && step_changes(step, (unsigned)index));
}

static void note_step(struct news *news, const struct step *step)
{
    enum class_id class = step_object(step)->class->id;
    if (class == CLASS_ADDRESS && step->verb == VERB_ADD &&
        map_has(&news->before, object_text(step->new, "address")))
        map_set(&news->changed, step->new->id, (void *)step->new);
    if (class != CLASS_INTERFACE)
        return;
    if (step->new &&changes(step, "mac")) {
        note_interface(news, step->new);
        note_interface(news, step->peer);
    }
    if (changes(step, "master") || changes(step, "mac")) {
        note_master(news, step->old);
        note_master(news, step->new);
    }
}

void announce_change(struct session *session, const struct change *change)
{
    struct news news = {.model = change->topology ? &change->topology->model : NULL};
    if (!news.model || !change->before.name)
        return;
    model_each(&change->before.recorded, object)
    {
        bool is_address = object->class->id == CLASS_ADDRESS;
        map_set(&news.before, is_address ? object_text(object, "address") : object->id, object);
    }
    for (size_t i = 0; i < change->plan.n_steps; i++)
        note_step(&news, change->plan.steps[i]);
    model_each(news.model, object)
    {
        if (object->class->id != CLASS_ADDRESS)
            continue;
        const struct object *interface = model_interface(news.model, object->ns, object_dev(object));
        if (map_has(&news.changed, object->id) || (interface && map_has(&news.changed, interface->id)))
            tell(&news, object, object_text(object, "address"));
    }
    door_announce(session->door, news.list, news.n);
    map_done(&news.before);
    map_done(&news.changed);
    free(news.list);
}
