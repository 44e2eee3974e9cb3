/* The part of a subnet that DHCP gives away where the file does not say it. */
#include <string.h>

#include "model/network.h"

/* How far an address lies behind another; what does not fit into 64 bits does not happen here. */
static uint64_t distance(const struct ip *from, const struct ip *to)
{
    uint64_t a = 0, b = 0;
    for (size_t i = ip_size(from) > 8 ? ip_size(from) - 8 : 0; i < ip_size(from); i++) {
        a = a << 8 | from->bytes[i];
        b = b << 8 | to->bytes[i];
    }
    return b - a;
}

static struct ip ip_at(const struct ip *base, uint64_t offset)
{
    struct ip ip = *base;
    ip_add(&ip, offset);
    return ip;
}

static struct range whole_range(const struct prefix *subnet)
{
    enum { IPV6_FIRST = 0x1000, IPV6_LAST = 0xffff, IPV6_BITS = 16 };
    struct ip base = prefix_network(subnet).ip;
    unsigned bits = ip_bits(&base) - subnet->length;
    if (base.family == 6 && bits > IPV6_BITS)
        return (struct range){ip_at(&base, IPV6_FIRST), ip_at(&base, IPV6_LAST)};
    uint64_t size = UINT64_C(1) << bits;
    return (struct range){ip_at(&base, size / 2), ip_at(&base, size - (base.family == 4 ? 2 : 1))};
}

/* The next of the addresses within [at, last], or `last` + 1; as offsets. */
static uint64_t next_taken(const struct range *whole, const struct ip *taken, size_t n, uint64_t at,
                           uint64_t last)
{
    uint64_t next = last + 1;
    for (size_t i = 0; i < n; i++) {
        bool inside = taken[i].family == whole->first.family &&
                      memcmp(taken[i].bytes, whole->first.bytes, ip_size(&taken[i])) >= 0 &&
                      memcmp(taken[i].bytes, whole->last.bytes, ip_size(&taken[i])) <= 0;
        uint64_t offset = inside ? distance(&whole->first, &taken[i]) : last + 1;
        if (offset >= at && offset < next)
            next = offset;
    }
    return next;
}

struct range subnet_range(const struct prefix *subnet, const struct ip *taken, size_t n_taken)
{
    const struct range whole = whole_range(subnet);
    uint64_t last = distance(&whole.first, &whole.last), best_at = 0, best = 0;
    for (uint64_t at = 0; at <= last;) {
        uint64_t end = next_taken(&whole, taken, n_taken, at, last);
        if (end - at > best) {
            best = end - at;
            best_at = at;
        }
        at = end + 1;
    }
    if (!best)
        return (struct range){0};
    return (struct range){ip_at(&whole.first, best_at), ip_at(&whole.first, best_at + best - 1)};
}
