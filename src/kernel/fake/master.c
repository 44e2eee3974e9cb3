/* Masters of the fake kernel: bridges, bonds and vrfs with their ports.
 *
 * Where Linux surprises, as tried:
 *  - A bridge has 1,023 ports, not 1,024: number 0 is reserved. The next gets EXFULL.
 *  - A bond wants its port down and raises it; a port that leaves is set down, also when the bond dies.
 *    Lowering the bond leaves its ports up.
 *  - To join or leave a vrf takes a port that is up down and up again: routes, neighbours and IPv6 addresses
 *    go, and its VLANs follow it. IPv4 addresses stay and their connected routes move to the other table.
 *  - A VLAN of a bridge cannot be a port of that bridge: EBUSY, as for any loop. A bridge in a bridge: ELOOP.
 *  - What leaves a bridge loses its FDB entries and VLANs there. */
#include <errno.h>
#include <string.h>

#include "kernel/fake/internal.h"

enum { BRIDGE_PORTS_MAX = 1023 };

struct object *fake_master(const struct fake *fake, const struct object *port)
{
    const char *master = fake_text(port, fake->at.master);
    return master ? model_interface_ref(&fake->now, master) : NULL;
}

bool fake_is_bridge_port(const struct fake *fake, const struct object *link)
{
    const struct object *master = fake_master(fake, link);
    return master && master->kind->flags & KIND_VLAN_PORTS;
}

/* A macvlan or ipvlan lies on it. */
static bool takes_frames(const struct fake *fake, const struct object *link)
{
    model_each(&fake->now,
               object) if (object->class->id == CLASS_INTERFACE && fake_parent(fake, object) == link &&
                           (fake_is_kind(object, "macvlan") || fake_is_kind(object, "ipvlan"))) return true;
    return false;
}

const char *fake_vrf_table(const struct fake *fake, const struct object *link, int64_t *ret_table)
{
    const struct object *master = fake_master(fake, link);
    if (!master || !fake_is_kind(master, "vrf"))
        return NULL;
    *ret_table = object_number(master, "table", 0);
    return master->name;
}

/* Whether `link` rests on `base`, by parents and ports. */
static bool rests_on(const struct fake *fake, const struct object *link, const struct object *base)
{
    if (link == base)
        return true;
    const struct object *parent = fake_parent(fake, link);
    if (parent && rests_on(fake, parent, base))
        return true;
    model_each(&fake->now,
               object) if (object->class->id == CLASS_INTERFACE && fake_text(object, fake->at.master) &&
                           fake_master(fake, object) == link && rests_on(fake, object, base)) return true;
    return false;
}

static int count_ports(const struct fake *fake, const struct object *master)
{
    int n = 0;
    for (const struct object *o = map_get(&fake->now.namespaces, master->ns); o; o = o->next_in_ns)
        n += o->class->id == CLASS_INTERFACE && fake_text(o, fake->at.master) &&
             fake_master(fake, o) == master;
    return n;
}

static int check_bridge(struct fake *fake, const struct object *port, const struct object *bridge)
{
    if (port->kind == &kind_loopback || port->kind->flags & KIND_LAYER3 || fake_is_kind(port, "vrf") ||
        fake_is_kind(port, "ipvlan")) /* IFF_DONT_BRIDGE */
        return fake_refuse(fake, EINVAL, "a %s cannot be a port of a bridge", port->kind->name);
    if (port->kind->flags & KIND_VLAN_PORTS)
        return fake_refuse(fake, ELOOP, "Can not enslave a bridge to a bridge");
    if (takes_frames(fake, port))
        return fake_refuse(fake, EBUSY, "a macvlan or ipvlan lies on it");
    if (count_ports(fake, bridge) >= BRIDGE_PORTS_MAX)
        return fake_refuse(fake, EXFULL, "the bridge has %d ports", BRIDGE_PORTS_MAX);
    return 0;
}

static int check_bond(struct fake *fake, const struct object *port, const struct object *bond)
{
    if (port == bond)
        return fake_refuse(fake, EPERM, "Cannot enslave bond to itself");
    if (fake_is_up(fake, port))
        return fake_refuse(fake, EPERM, "Device can not be enslaved while up");
    if (takes_frames(fake, port))
        return fake_refuse(fake, EBUSY, "Device is in use and cannot be enslaved");
    return 0;
}

static int check_vrf(struct fake *fake, const struct object *port)
{
    if (port->kind == &kind_loopback)
        return fake_refuse(fake, EINVAL, "Can not enslave loopback device to a VRF");
    if (fake_is_kind(port, "vrf"))
        return fake_refuse(fake, EINVAL, "Can not enslave an L3 master device to a VRF");
    return 0;
}

static int check_join(struct fake *fake, const struct object *port, const struct object *master)
{
    int r;
    if (!(master->kind->flags & KIND_PORTS))
        return fake_refuse(fake, EOPNOTSUPP, "Device does not allow enslaving");
    if (master->kind->flags & KIND_VLAN_PORTS)
        r = check_bridge(fake, port, master);
    else if (master->kind->flags & KIND_PORTS_DOWN)
        r = check_bond(fake, port, master);
    else
        r = check_vrf(fake, port);
    if (r == 0 && rests_on(fake, port, master))
        r = fake_refuse(fake, EBUSY, "%s rests on %s", port->name, master->name);
    return r;
}

/* What a bridge makes a new port a member of. */
void fake_put_default_vlans(struct fake *fake, struct object *port, const struct object *bridge)
{
    char text[32];
    int64_t pvid = object_number(bridge, "vlan-default-pvid", 1);
    snprintf(text, sizeof text, "%lld pvid untagged", (long long)pvid);
    port->values[fake->at.vlans] = value_text(arena_strdup(&fake->now.arena, pvid ? text : ""));
}

static void become_port(struct fake *fake, struct object *port, struct object *master)
{
    if (master->kind->flags & KIND_VLAN_PORTS) {
        for (unsigned i = 0; i < port->class->n_options; i++)
            if (port->class->options[i].flags & OPTION_PORT)
                fake_put_fallback(port, i);
        int cost = object_find_option(port, "path-cost");
        if (cost >= 0)
            fake_put_number(port, cost, 100); /* that of an unknown speed */
        if (!(port->kind->flags & KIND_VLAN_PORTS))
            fake_put_default_vlans(fake, port, master);
    } else if (master->kind->flags & KIND_PORTS_DOWN) {
        struct fake_saved *saved = arena_alloc(&fake->now.arena, sizeof *saved);
        *saved = (struct fake_saved){port, fake_number(port, fake->at.mtu), fake->saved};
        fake->saved = saved;
        fake_mtu_set(fake, port, fake_number(master, fake->at.mtu));
        fake_link_raise(fake, port);
    } else if (fake_is_up(fake, port)) {
        fake_link_lower(fake, port);
        fake_link_raise(fake, port);
    }
}

int fake_join(struct fake *fake, struct object *port, const char *reference)
{
    const char *before = fake_text(port, fake->at.master);
    if (reference && before && strcmp(before, reference) == 0)
        return 0;
    if (!reference) {
        fake_leave(fake, port);
        return 0;
    }
    struct object *master = model_interface_ref(&fake->now, reference);
    if (!master || strcmp(master->ns, port->ns) != 0)
        return fake_refuse(fake, ENODEV, "there is no %s in the namespace", reference);
    fake_leave(fake, port); /* Linux does not join it to the old one again if the new one refuses */
    int r = check_join(fake, port, master);
    if (r < 0)
        return r;
    fake_put_text(fake, port, fake->at.master, reference);
    become_port(fake, port, master);
    return 0;
}

static void restore_mtu(struct fake *fake, struct object *port)
{
    for (struct fake_saved **saved = &fake->saved; *saved; saved = &(*saved)->next)
        if ((*saved)->port == port) {
            int64_t mtu = (*saved)->mtu;
            *saved = (*saved)->next;
            fake_mtu_set(fake, port, mtu);
            return;
        }
}

void fake_leave(struct fake *fake, struct object *port)
{
    struct object *master = fake_master(fake, port);
    if (!master)
        return;
    fake_put_text(fake, port, fake->at.master, NULL);
    if (master->kind->flags & KIND_VLAN_PORTS) {
        fake_flush(fake, port, FLUSH_FDB_PORT);
        for (unsigned i = 0; i < port->class->n_options; i++)
            if (port->class->options[i].flags & OPTION_PORT)
                port->values[i] = (struct value){0};
        if (!(port->kind->flags & KIND_VLAN_PORTS))
            port->values[fake->at.vlans] = (struct value){0};
    } else if (master->kind->flags & KIND_PORTS_DOWN) {
        fake_link_lower(fake, port);
        restore_mtu(fake, port);
    } else if (fake_is_up(fake, port)) {
        fake_link_lower(fake, port);
        fake_link_raise(fake, port);
    }
}
