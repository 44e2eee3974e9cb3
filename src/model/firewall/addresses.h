/* Lists of IP addresses, networks and ranges, by family: sorted, without overlaps, as the kernel wants the
 * elements of an interval set. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"

struct range {
    struct ip first, last; /* of one family */
};

struct ranges {
    struct range *list;
    size_t n, capacity;
};

enum { IPV4, IPV6, FAMILIES };

struct addresses {
    struct ranges of[FAMILIES];
};

/* "10.0.0.1", "10.0.0.0/8" (host bits are cleared), "10.0.0.1-10.0.0.9". 0, or -EINVAL. */
int range_parse(const char *text, struct range *ret_range);
/* As nft has it: an address, a network where it is one, else both ends. */
void range_format(const struct range *range, struct text *out);
/* Whether it is a network, of how many bits. */
bool range_is_prefix(const struct range *range, unsigned *ret_bits);
bool range_is_single(const struct range *range);

/* Makes room for so many more of the family, so that adding them copies none. */
void addresses_expect(struct arena *arena, struct addresses *addresses, unsigned family, size_t more);
void addresses_add(struct arena *arena, struct addresses *addresses, const struct range *range);
/* Sorts, and joins what overlaps; and what touches, as nft does within a rule, but not in a set that has
 * a name. To be called after the last addition. */
void addresses_settle(struct addresses *addresses, bool touching);
/* Whether each is one address. */
bool ranges_are_single(const struct ranges *ranges);
bool addresses_any(const struct addresses *addresses);
/* Whether each address of `b` is in `a`; whether they share one. Both are settled. */
bool addresses_cover(const struct addresses *a, const struct addresses *b);
bool addresses_meet(const struct addresses *a, const struct addresses *b);

static inline unsigned ip_family(const struct ip *ip)
{
    return ip->family == 4 ? IPV4 : IPV6;
}
