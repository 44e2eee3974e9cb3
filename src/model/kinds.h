/* The kinds of interfaces, one file each below kinds/; kinds.c lists them. To add one: a file, a line
 * here, a line there. */
#pragma once
#include "model/object.h"

extern const struct kind kind_bridge, kind_tap, kind_tun, kind_vlan, kind_bond, kind_vxlan, kind_macvlan,
    kind_ipvlan, kind_dummy, kind_vrf, kind_wireguard, kind_gre, kind_gretap; /* the rest: object.h */

/* Two pairs of kinds differ in nothing but what they carry; each shares one table and one check. */
enum { TUN_OPTIONS_MAX = 6, GRE_OPTIONS_MAX = 5 };
extern const struct option tun_options[TUN_OPTIONS_MAX]; /* tun.c: tun and tap */
extern const struct option gre_options[GRE_OPTIONS_MAX]; /* gre.c: gre and gretap */
void gre_check(const struct object *interface, struct errors *errors);
