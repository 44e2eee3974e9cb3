/* The values with which settings are born.
 *
 * A setting below /proc/sys that Plexus makes in a namespace of its own goes back, when the file no longer says it, to what it was at birth. The
 * namespace was not there to be looked at before; but a new one is born with the same values (IPv4 settings are copied from
 * the host's, IPv6 settings are the kernel's defaults), and those of an interface are those of `default`. So they are read
 * from a namespace that lives for a moment. */
#include <string.h>
#include <unistd.h>

#include "apply/internal.h"

static bool needs_birth(const struct object *object, const struct model *originals)
{
    return object->class->id == CLASS_SYSCTL && object->flags & OBJECT_MADE &&
           strcmp(object->ns, HOST) != 0 && !map_has(&originals->by_id, object->id);
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

static void want_births(const struct model *recorded, const struct model *originals, const char *ns,
                        struct model *wanted)
{
    model_each(recorded, object)
    {
        if (!needs_birth(object, originals))
            continue;
        struct object *sysctl = model_new(wanted, classes[CLASS_SYSCTL], NULL, ns);
        object_set_text(wanted, sysctl, "name", name_at_birth(&wanted->arena, object));
        model_add(wanted, sysctl, NULL);
    }
}

static void take_births(const struct model *recorded, const struct model *observed, const char *ns,
                        struct model *originals)
{
    model_each(recorded, object)
    {
        if (!needs_birth(object, originals))
            continue;
        const struct object *born =
            model_get(observed, CLASS_SYSCTL, ns, name_at_birth(&originals->arena, object));
        const char *value = born ? object_text(born, "value") : NULL;
        if (!value)
            continue;
        struct object *original = model_copy(originals, object);
        original->flags = 0;
        object_set_text(originals, original, "value", value);
    }
}

void note_births(struct door *door, const struct model *recorded, struct model *originals)
{
    struct model wanted CLEANUP_MODEL = {0}, observed CLEANUP_MODEL = {0};
    struct errors ignored CLEANUP_ERRORS = {0};
    const char *ns = arena_printf(&wanted.arena, "plexus-%d", (int)getpid());
    want_births(recorded, originals, ns, &wanted);
    if (!wanted.n_objects)
        return;
    struct object *namespace = model_new(&wanted, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(&wanted, namespace, "name", ns);
    model_add(&wanted, namespace, NULL);
    const struct step add = {.verb = VERB_ADD, .new = namespace}, del = {.verb = VERB_DEL, .old = namespace};
    const struct step *steps[] = {&add, &del};
    size_t done;
    if (door->ops->run(door, &steps[0], 1, &done, &ignored) < 0)
        return;
    if (door->ops->observe(door, &wanted, LOOK_WANTED, &observed, &ignored) == 0)
        take_births(recorded, &observed, ns, originals);
    door->ops->run(door, &steps[1], 1, &done, &ignored);
}
