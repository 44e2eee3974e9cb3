/* Bridge ports: what may be said of them, and how many a bridge takes. */
#include <string.h>

#include "model/checker.h"

/* Linux numbers them from 1 to 1023: a 1024th is refused with EXFULL. */
enum { PORTS_MAX = 1023 };

static const struct object *bridge_of(const struct checker *c, const struct object *port)
{
    const struct object *master = check_reference(c, port, "master");
    return master && is_bridge(master) ? master : NULL;
}

static void check_vlans(struct checker *c, const struct object *port)
{
    if (!object_has(port, "vlans"))
        return;
    const struct object *bridge = is_bridge(port) ? port : bridge_of(c, port);
    if (!bridge) {
        struct error *error =
            errors_add(c->errors, &port->place, "`%s` has VLANs, but is not a port of a bridge", port->name);
        error_hint(c->errors, error,
                   port->kind->flags & KIND_PARENT ? "the VLAN of %s itself is its `id`"
                                                   : "plug %s into one: `bridge: br0`",
                   check_a_kind(c, port));
    } else if (!object_number(bridge, "vlan-aware", 0) && !check_skips(c, bridge)) {
        struct error *error =
            errors_add(c->errors, &port->place, "`%s` has VLANs, but bridge `%s` does not look at them",
                       port->name, bridge->name);
        error_hint(c->errors, error, "say `vlan-aware: true` at `%s`", bridge->name);
    }
}

static void check_port_options(struct checker *c, const struct object *port)
{
    if (bridge_of(c, port))
        return;
    for (unsigned i = 0; i < object_n_options(port); i++) {
        const struct option *option = object_option(port, i);
        if (!(option->flags & OPTION_PORT) || !value_is_set(&port->values[i]))
            continue;
        struct error *error =
            errors_add(c->errors, &port->place, "`%s` is an option of bridge ports, and `%s` is none",
                       option->key, port->name);
        error_hint(c->errors, error,
                   is_bridge(port) ? "say it at the ports of `%s`" : "plug `%s` into a bridge: `bridge: br0`",
                   port->name);
    }
}

static bool is_port_of(struct checker *c, const struct object *interface, const char *name)
{
    const struct object *port = model_interface(c->model, interface->ns, name);
    if (!port || check_skips(c, port)) /* told already, if it was meant to be there */
        return check_known(c, arena_printf(&c->arena, "%s/%s", interface->ns, name));
    return check_reference(c, port, "master") == interface;
}

static void refuse_port(struct checker *c, const struct object *interface, const char *key, const char *name)
{
    struct error *error = errors_add(c->errors, &interface->place, "`%s` of `%s`: `%s` is not a port of it",
                                     key, interface->name, name);
    struct nearest nearest = {.word = name};
    check_each(c, other)
    {
        if (other->class->id == CLASS_INTERFACE && check_reference(c, other, "master") == interface)
            nearest_offer(&nearest, other->name);
    }
    if (!error_hint_nearest(c->errors, error, nearest.best))
        error_hint(c->errors, error, "name one of its `ports`");
}

/* Of a bond: what is to be its first port is one of them. */
static void check_devices(struct checker *c, const struct object *interface)
{
    for (unsigned i = 0; i < interface->kind->n_options; i++) {
        const struct option *option = &interface->kind->options[i];
        const char *name = option->type == TYPE_DEVICE ? object_text(interface, option->key) : NULL;
        if (name && *name && !is_port_of(c, interface, name))
            refuse_port(c, interface, option->key, name);
    }
}

static void count_port(struct checker *c, struct map *counts, const struct object *port)
{
    const struct object *bridge = bridge_of(c, port);
    if (!bridge)
        return;
    size_t *n = map_get(counts, bridge->id);
    if (!n) {
        n = arena_alloc(&c->arena, sizeof *n);
        map_set(counts, bridge->id, n);
    }
    if (++*n != PORTS_MAX + 1)
        return;
    struct error *error =
        errors_add(c->errors, &bridge->place, "bridge `%s` has more than %d ports", bridge->name, PORTS_MAX);
    error_hint(c->errors, error,
               "`%s` is the first too many; Linux refuses it. Use several bridges, joined by a veth",
               port->name);
}

void check_ports(struct checker *c)
{
    CLEANUP_MAP struct map counts = {0};
    check_each_interface(c, port)
    {
        bool unknown_master = object_has(port, "master") && !check_reference(c, port, "master");
        if (unknown_master)
            continue;
        check_vlans(c, port);
        check_port_options(c, port);
        check_devices(c, port);
        count_port(c, &counts, port);
    }
}
