/* The values with which settings are born.
 *
 * A setting below /proc/sys that Plexus makes in a namespace of its own goes back, when the file no longer
 * says it, to what it was at birth. The namespace was not there to be looked at before; but a new one is born
 * with the same values (IPv4 settings are copied from the host's, IPv6 settings are the kernel's defaults).
 * So they are read from a namespace that lives for a moment. An interface is born with what its namespace has
 * under `default`. */
#include <string.h>

#include "apply/internal.h"

#define NURSERY "plexus-births" /* the namespace; one at a time, as whoever makes it holds the lock */

static bool needs_birth(const struct object *object, const struct model *originals)
{
    return object->class->id == CLASS_SYSCTL && object->flags & OBJECT_MADE &&
           !map_has(&originals->by_id, object->id);
}

static const char *birthplace(const struct object *sysctl)
{
    return object_dev(sysctl) ? sysctl->ns : NURSERY;
}

/* "net/ipv6/conf/eth0/accept_ra" -> "net/ipv6/conf/default/accept_ra" */
static char *name_at_birth(struct arena *arena, const struct object *sysctl)
{
    const char *dev = object_dev(sysctl);
    char *needle = dev ? arena_printf(arena, "/%s/", dev) : NULL;
    const char *found = needle ? strstr(sysctl->name, needle) : NULL;
    if (!found)
        return arena_strdup(arena, sysctl->name);
    return arena_printf(arena, "%.*s/default/%s", (int)(found - sysctl->name), sysctl->name,
                        found + strlen(needle));
}

static void want_births(const struct model *recorded, const struct model *originals, struct model *wanted)
{
    model_each(recorded, object)
    {
        if (!needs_birth(object, originals))
            continue;
        struct object *sysctl = model_new(wanted, classes[CLASS_SYSCTL], NULL, birthplace(object));
        object_set_text(wanted, sysctl, "name", name_at_birth(&wanted->arena, object));
        model_add(wanted, sysctl, NULL);
    }
}

static void take_births(const struct model *recorded, const struct model *observed, struct model *originals)
{
    model_each(recorded, object)
    {
        if (!needs_birth(object, originals))
            continue;
        const struct object *born =
            model_get(observed, CLASS_SYSCTL, birthplace(object), name_at_birth(&originals->arena, object));
        const char *value = born ? object_text(born, "value") : NULL;
        if (!value)
            continue;
        struct object *original = model_copy(originals, object);
        original->flags = 0;
        object_set_text(originals, original, "value", value);
    }
}

static struct object *add_nursery(struct model *model)
{
    struct object *namespace = model_new(model, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(model, namespace, "name", NURSERY);
    namespace->flags = OBJECT_MADE;
    model_add(model, namespace, NULL);
    return namespace;
}

void expect_births(const struct model *desired, struct model *added)
{
    for (size_t i = 0; i < desired->n_objects; i++)
        if (desired->objects[i]->class->id == CLASS_SYSCTL) {
            add_nursery(added);
            return;
        }
}

int note_births(struct door *door, const struct model *recorded, struct model *originals,
                struct errors *errors)
{
    struct model wanted CLEANUP_MODEL = {0}, observed CLEANUP_MODEL = {0};
    struct errors ignored CLEANUP_ERRORS = {0};
    want_births(recorded, originals, &wanted);
    if (!wanted.n_objects)
        return 0;
    const struct object *namespace = add_nursery(&wanted);
    const struct step add = {.verb = VERB_ADD, .new = namespace}, del = {.verb = VERB_DEL, .old = namespace};
    const struct step *steps[] = {&add, &del};
    size_t done;
    if (door->ops->run(door, &steps[0], 1, &done, &ignored) < 0)
        return 0;
    if (door->ops->observe(door, &wanted, LOOK_WANTED, &observed, &ignored) == 0)
        take_births(recorded, &observed, originals);
    return door->ops->run(door, &steps[1], 1, &done, errors);
}
