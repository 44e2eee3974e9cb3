#include "model/firewall/addresses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int ip_compare(const struct ip *a, const struct ip *b)
{
    return memcmp(a->bytes, b->bytes, ip_size(a));
}

static struct range range_of_prefix(const struct prefix *prefix)
{
    struct range range = {.first = prefix_network(prefix).ip};
    range.last = range.first;
    for (unsigned bit = prefix->length; bit < ip_bits(&range.last); bit++)
        range.last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return range;
}

static int ends_parse(const char *text, size_t dash, struct range *ret_range)
{
    char first[IP_TEXT_SIZE];
    struct range range;
    if (dash >= sizeof first)
        return -EINVAL;
    memcpy(first, text, dash);
    first[dash] = '\0';
    if (ip_parse(first, &range.first) < 0 || ip_parse(text + dash + 1, &range.last) < 0 ||
        range.first.family != range.last.family || ip_compare(&range.first, &range.last) > 0)
        return -EINVAL;
    *ret_range = range;
    return 0;
}

int range_parse(const char *text, struct range *ret_range)
{
    struct prefix prefix;
    size_t dash = strcspn(text, "-");
    if (text[dash])
        return ends_parse(text, dash, ret_range);
    if (prefix_parse(text, &prefix) < 0)
        return -EINVAL;
    *ret_range = range_of_prefix(&prefix);
    return 0;
}

bool range_is_single(const struct range *range)
{
    return ip_compare(&range->first, &range->last) == 0;
}

bool range_is_prefix(const struct range *range, unsigned *ret_bits)
{
    unsigned bits = 0, all = ip_bits(&range->first);
    while (bits < all && !((range->first.bytes[bits / 8] ^ range->last.bytes[bits / 8]) & 0x80 >> bits % 8))
        bits++;
    struct prefix prefix = {.ip = range->first, .length = (uint8_t)bits};
    struct range whole = range_of_prefix(&prefix);
    *ret_bits = bits;
    return ip_compare(&whole.first, &range->first) == 0 && ip_compare(&whole.last, &range->last) == 0;
}

void range_format(const struct range *range, struct text *out)
{
    char buffer[IP_TEXT_SIZE];
    unsigned bits;
    text_add(out, ip_format(&range->first, buffer));
    if (range_is_single(range))
        return;
    if (range_is_prefix(range, &bits))
        text_printf(out, "/%u", bits);
    else
        text_printf(out, "-%s", ip_format(&range->last, buffer));
}

static void ranges_grow(struct arena *arena, struct ranges *ranges, size_t capacity)
{
    struct range *list = arena_alloc(arena, capacity * sizeof *list);
    if (ranges->n)
        memcpy(list, ranges->list, ranges->n * sizeof *list);
    ranges->list = list;
    ranges->capacity = capacity;
}

void addresses_expect(struct arena *arena, struct addresses *addresses, unsigned family, size_t more)
{
    struct ranges *ranges = &addresses->of[family];
    if (ranges->capacity - ranges->n < more)
        ranges_grow(arena, ranges, ranges->n + more);
}

void addresses_add(struct arena *arena, struct addresses *addresses, const struct range *range)
{
    struct ranges *ranges = &addresses->of[ip_family(&range->first)];
    if (ranges->n == ranges->capacity)
        ranges_grow(arena, ranges, ranges->capacity ? 2 * ranges->capacity : 4);
    ranges->list[ranges->n++] = *range;
}

static int by_first(const void *a, const void *b)
{
    return ip_compare(&((const struct range *)a)->first, &((const struct range *)b)->first);
}

static bool are_sorted(const struct ranges *ranges)
{
    size_t i = 1;
    while (i < ranges->n && by_first(&ranges->list[i - 1], &ranges->list[i]) <= 0)
        i++;
    return i >= ranges->n;
}

static bool goes_on(const struct range *range, const struct ip *ip, bool touching)
{
    struct ip behind = range->last;
    return ip_compare(ip, &range->last) <= 0 ||
           (touching && ip_add(&behind, 1) && ip_compare(ip, &behind) == 0);
}

void addresses_settle(struct addresses *addresses, bool touching)
{
    for (unsigned family = 0; family < FAMILIES; family++) {
        struct ranges *ranges = &addresses->of[family];
        size_t n = 0;
        if (!are_sorted(ranges))
            qsort(ranges->list, ranges->n, sizeof *ranges->list, by_first);
        for (size_t i = 0; i < ranges->n; i++) {
            struct range *last = n ? &ranges->list[n - 1] : NULL;
            if (!last || !goes_on(last, &ranges->list[i].first, touching))
                ranges->list[n++] = ranges->list[i];
            else if (ip_compare(&ranges->list[i].last, &last->last) > 0)
                last->last = ranges->list[i].last;
        }
        ranges->n = n;
    }
}

bool ranges_are_single(const struct ranges *ranges)
{
    size_t i = 0;
    while (i < ranges->n && range_is_single(&ranges->list[i]))
        i++;
    return i == ranges->n;
}

bool addresses_any(const struct addresses *addresses)
{
    return addresses->of[IPV4].n || addresses->of[IPV6].n;
}

/* The first range that does not end before `ip`; NULL: none. */
static const struct range *range_upto(const struct ranges *ranges, const struct ip *ip)
{
    size_t low = 0, high = ranges->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ip_compare(&ranges->list[middle].last, ip) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ranges->n ? &ranges->list[low] : NULL;
}

bool addresses_cover(const struct addresses *a, const struct addresses *b)
{
    for (unsigned family = 0; family < FAMILIES; family++)
        for (size_t i = 0; i < b->of[family].n; i++) {
            const struct range *inner = &b->of[family].list[i];
            const struct range *outer = range_upto(&a->of[family], &inner->first);
            if (!outer || ip_compare(&outer->first, &inner->first) > 0 ||
                ip_compare(&outer->last, &inner->last) < 0)
                return false;
        }
    return true;
}

bool addresses_meet(const struct addresses *a, const struct addresses *b)
{
    for (unsigned family = 0; family < FAMILIES; family++)
        for (size_t i = 0; i < b->of[family].n; i++) {
            const struct range *range = &b->of[family].list[i];
            const struct range *other = range_upto(&a->of[family], &range->first);
            if (other && ip_compare(&other->first, &range->last) <= 0)
                return true;
        }
    return false;
}
