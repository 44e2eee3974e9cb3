/* Uplinks of bridged networks, and what others have on them: uplinks.c; what stands in the way of that:
 * uplinks_fit.c, by guards.h. */
#pragma once
#include "apply/apply.h"
#include "model/network.h"

/* Puts what moves to the bridges into change->desired, beside all that the file says, and what goes from the
 * uplinks into change->removed. */
void uplinks_move(struct change *change);

/* The interface exists, and has no master but a bridge; and the bridge has none. */
bool uplink_gives(const struct change *change, const struct network *network);
/* It is an address of the uplink, or a route over it; nobody's but others'; and for a time only. */
bool uplink_has(const struct network *network, const struct object *object);
bool uplink_is_theirs(const struct change *change, const struct object *object);
bool uplink_is_leased(const struct object *address);
