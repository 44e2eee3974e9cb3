/* The ways of a route that has several: `nexthops`.
 *
 * In the model they are one text, in the form of `ip route`: "via 10.0.0.1 dev eth0 weight 2,dev eth1", the
 * parts of each in the order of the struct, those that say nothing left away. Everybody writes it here, so
 * two texts are equal when the ways are. */
#pragma once
#include <stdbool.h>

#include "base/ip.h"
#include "base/text.h"

struct nexthop {
    char via[IP_TEXT_SIZE], dev[16]; /* "" for none */
    unsigned weight;                 /* 1 to 256 */
    bool onlink;
};

/* Takes the first of a list; *list (may be NULL) is left behind it. Returns 1, 0 at the end, or -EINVAL. */
int nexthop_take(const char **list, struct nexthop *ret_nexthop);
/* Appends it to a list. */
void nexthop_add(struct text *list, const struct nexthop *nexthop);
