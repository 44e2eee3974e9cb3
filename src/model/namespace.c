/* namespace: a network stack of its own, with a name in /run/netns where `ip netns` finds it.
 *
 * The name is a file onto which the namespace is mounted; it lives as long as something holds it: the
 * mount, a process in it, an open file. Deleting the name ends it only when nobody else does. With `path`
 * or `pid` Plexus gives a name to a namespace that somebody else made (a container's), and takes away no
 * more than that name. */
#include "base/text.h"
#include "model/classes.h"
#include "model/step.h"

static const struct option options[] = {
    {
        .key = "name",
        .type = TYPE_TEXT,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .help = "The name of the namespace.",
    },
    {
        .key = "path",
        .type = TYPE_TEXT,
        .flags = OPTION_ECHOED,
        .change = CHANGE_RECREATE,
        .help = "An existing namespace to give the name to, as a file: `/proc/4711/ns/net`, "
                "`/run/docker/netns/abc`. What Plexus makes in it goes with `down`, and settings go back to "
                "what they were. Where it leads to another one by now, `apply` moves the network there.",
    },
    {
        .key = "pid",
        .type = TYPE_NUMBER,
        .flags = OPTION_ECHOED,
        .change = CHANGE_RECREATE,
        .min = 1,
        .max = 4194304,
        .help = "An existing namespace to give the name to: that of the process.",
    },
};

static void add(const struct object *ns, struct commands *out)
{
    const char *path = object_text(ns, "path");
    if (path && *path) {
        struct text quoted CLEANUP_TEXT = {0};
        text_add_quoted(&quoted, path);
        commands_add(out, "mkdir -p /run/netns && touch /run/netns/%s && mount --bind %s /run/netns/%s",
                     ns->name, text_of(&quoted), ns->name);
    } else if (object_has(ns, "pid")) {
        commands_add(out, "ip netns attach %s %lld", ns->name, (long long)object_number(ns, "pid", 0));
    } else {
        commands_add(out, "ip netns add %s", ns->name);
    }
}

static void commands(const struct step *step, struct commands *out)
{
    if (step->verb != VERB_ADD)
        commands_add(out, "ip netns del %s", step->old->name);
    if (step->verb != VERB_DEL)
        add(step->new, out);
}

const struct class class_namespace = {
    .id = CLASS_NAMESPACE,
    .name = "namespace",
    .plural = "namespaces",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED | CLASS_CARRIES,
    .deletion = 100,
    .help = "A network stack of its own: interfaces, routes, firewall, ports.",
    .commands = commands,
};
