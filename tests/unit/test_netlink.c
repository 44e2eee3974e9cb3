/* Walks over attributes: what is whole is visited, and nothing beyond the end is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kernel/linux/netlink.h"

/* A nest of these lengths and types, each filled with zeros up to the next; `size` bytes in all, on a heap of
 * just that size, so that a sanitizer sees what is read beyond. */
static struct nlattr *nest_of(const struct nlattr *heads, size_t n, size_t size)
{
    struct nlattr *nest = calloc(1, NLA_HDRLEN + size);
    char *at = (char *)nest + NLA_HDRLEN, *end = at + size;
    assert_non_null(nest);
    nest->nla_len = (uint16_t)(NLA_HDRLEN + size);
    for (size_t i = 0; i < n; i++) {
        size_t room = (size_t)(end - at);
        memcpy(at, &heads[i], room < sizeof heads[i] ? room : sizeof heads[i]);
        at += (size_t)NLA_ALIGN(heads[i].nla_len) < room ? (size_t)NLA_ALIGN(heads[i].nla_len) : room;
    }
    return nest;
}

static void visits(const struct nlattr *heads, size_t n, size_t size, unsigned expected)
{
    struct nlattr *nest = nest_of(heads, n, size);
    const struct nlattr *table[4];
    unsigned seen = 0;
    for (const struct nlattr *attr = NULL; (attr = attr_next(nest, attr));)
        assert_int_equal(attr->nla_type, heads[seen++].nla_type);
    assert_int_equal(seen, expected);
    attrs_of_nest(nest, table, 3);
    for (unsigned i = 0; i < n; i++)
        assert_true((table[heads[i].nla_type] != NULL) == (i < expected));
    free(nest);
}

static void test_walk(void **state)
{
    static const struct nlattr two[] = {{8, 1}, {6, 2}}, short_head[] = {{8, 1}, {3, 2}},
                               too_long[] = {{8, 1}, {9, 2}}, empty[] = {{0, 1}};
    (void)state;
    visits(two, 2, 16, 2);
    visits(two, 2, 14, 2); /* without the padding of the last */
    visits(two, 2, 13, 1); /* cut off */
    visits(two, 2, 11, 1); /* not even a head */
    visits(two, 2, 8, 1);
    visits(two, 2, 7, 0);
    visits(short_head, 2, 16, 1);
    visits(too_long, 2, 16, 1);
    visits(empty, 1, 16, 0);
    visits(NULL, 0, 0, 0);
    assert_null(attr_next(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
