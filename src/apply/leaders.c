#include "apply/leaders.h"

#include <string.h>

#include "apply/internal.h"
#include "model/way.h"

static unsigned family_of(const struct object *route)
{
    return ip_text_is_ipv6(object_text(route, "to")) ? IPV6 : IPV4;
}

int endpoint_look(struct session *session, const struct model *recorded, struct endpoint *endpoint,
                  struct model *ret_observed)
{
    struct model wanted CLEANUP_MODEL = {0};
    struct door *door = session->door;
    struct object *namespace = model_new(&wanted, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(&wanted, namespace, "name", endpoint->ns);
    object_set_text(&wanted, namespace, "path", endpoint->path);
    model_add(&wanted, namespace, NULL);
    int r = door->ops->observe(door, &wanted, LOOK_WANTED, ret_observed, &session->errors);
    endpoint->led = 0;
    endpoint->leaders[IPV4] = endpoint->leaders[IPV6] = NULL;
    model_each(ret_observed, object)
    {
        if (strcmp(object->ns, endpoint->ns) != 0 || !route_is_default(object) ||
            map_has(&recorded->by_id, object->id))
            continue;
        unsigned family = family_of(object);
        endpoint->led |= 1U << family;
        endpoint->leaders[family] = object->owner ? object->owner : endpoint->leaders[family];
    }
    return r;
}

/* The topology may call the namespace otherwise. */
static bool is_it(const struct model *recorded, const char *ns, const struct namespace_id *id)
{
    const struct object *namespace = model_get(recorded, CLASS_NAMESPACE, HOST, ns);
    const char *said = namespace ? object_word(namespace, "path") : NULL;
    struct text path CLEANUP_TEXT = {0};
    text_printf(&path, "%s%s", said ? "" : "/run/netns/", said ? said : ns);
    return namespace_is(text_of(&path), id);
}

static bool leads(const struct machine *machine, const char *topology, unsigned family,
                  const struct namespace_id *id)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct record record CLEANUP_RECORD = {0};
    record_load(machine, topology, &record, &ignored);
    model_each(&record.recorded, object)
    {
        if (route_is_default(object) && family_of(object) == family &&
            is_it(&record.recorded, object->ns, id))
            return true;
    }
    return false;
}

static bool has_lost_one(const struct machine *machine, const struct endpoint *endpoint)
{
    unsigned family = 0;
    while (family < FAMILIES &&
           (!endpoint->leaders[family] || leads(machine, endpoint->leaders[family], family, &endpoint->id)))
        family++;
    return endpoint->path && family < FAMILIES;
}

/* Another topology leads, or none: whether that is news. */
static bool settle_leaders(struct endpoints *all, struct endpoint *endpoint, const struct endpoint *now)
{
    bool is_other = endpoint->led != now->led;
    for (unsigned family = 0; family < FAMILIES; family++) {
        const char *before = endpoint->leaders[family], *leader = now->leaders[family];
        is_other |= strcmp(before ? before : "", leader ? leader : "") != 0;
        endpoint->leaders[family] = arena_strdup(&all->arena, leader);
    }
    endpoint->led = now->led;
    return is_other;
}

bool leaders_follow(struct session *session, const char *name, struct endpoints *all)
{
    struct record record CLEANUP_RECORD = {0};
    bool changed = false;
    record_load(session->machine, name, &record, &session->errors);
    for (struct endpoint *endpoint = all->first; endpoint; endpoint = endpoint->next) {
        struct model observed CLEANUP_MODEL = {0};
        struct endpoint now = *endpoint;
        if (has_lost_one(session->machine, endpoint) &&
            endpoint_look(session, &record.recorded, &now, &observed) == 0)
            changed |= settle_leaders(all, endpoint, &now);
    }
    return changed;
}

bool leaders_are_lost(const struct machine *machine, const struct endpoints *all)
{
    const struct endpoint *endpoint = all->first;
    while (endpoint && !has_lost_one(machine, endpoint))
        endpoint = endpoint->next;
    return endpoint;
}
