#include "model/kinds.h"

#include <string.h>

const struct kind *const kinds[] = {
    &kind_physical, &kind_loopback,  &kind_veth,  &kind_bridge,  &kind_tun,    &kind_tap,
    &kind_vlan,     &kind_bond,      &kind_vxlan, &kind_macvlan, &kind_ipvlan, &kind_dummy,
    &kind_vrf,      &kind_wireguard, &kind_gre,   &kind_gretap,  &kind_other,  NULL,
};

const struct kind *kind_by_name(const char *name)
{
    for (unsigned i = 0; kinds[i]; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

const struct kind *kind_by_info(const char *info_kind)
{
    for (unsigned i = 0; kinds[i]; i++)
        if (kinds[i]->info_kind && strcmp(kinds[i]->info_kind, info_kind) == 0)
            return kinds[i];
    return &kind_other;
}

bool kind_has_ports(const char *name)
{
    const struct kind *kind = kind_by_name(name);
    return kind && kind->flags & KIND_PORTS;
}

const char *kinds_with_ports(struct arena *arena)
{
    const char *list = NULL, *last = NULL;
    for (unsigned i = 0; kinds[i]; i++) {
        if (!(kinds[i]->flags & KIND_PORTS))
            continue;
        list = !last ? NULL : list ? arena_printf(arena, "%s, %s", list, last) : last;
        last = kinds[i]->name;
    }
    return list ? arena_printf(arena, "%s and %s", list, last) : last;
}
