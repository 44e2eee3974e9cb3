/* Where a namespace sends packets, by the addresses and routes that a model has of it: the table `main` and
 * the networks of its addresses. Rules that lead to other tables are not asked. */
#pragma once
#include "base/ip.h"
#include "model/object.h"

/* Whether packets to it end in the namespace: an address of its own, a broadcast, a multicast group. */
bool way_ends(const struct model *model, const char *ns, const struct ip *ip);
/* Whether it is an address of the namespace itself. */
bool way_is_local(const struct model *model, const char *ns, const struct ip *ip);
/* It is an address, and that one. */
bool address_has_ip(const struct object *object, const struct ip *ip);
/* It is a route to everywhere, in the table `main`. */
bool route_is_default(const struct object *object);
/* The interface by which it sends to another; NULL: not known. */
const char *way_dev(const struct model *model, const char *ns, const struct ip *ip);
