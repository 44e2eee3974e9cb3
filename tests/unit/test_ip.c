/* Facts about addresses: at the edges of each range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ip.h"

static struct ip parsed(const char *text)
{
    struct ip ip = {0};
    assert_int_equal(ip_parse(text, &ip), 0);
    return ip;
}

/* Of each fact: those just outside, and the first and the last inside. */
struct range {
    bool (*holds)(const struct ip *ip);
    const char *before, *first, *last, *after;
};

static const struct range ranges[] = {
    {ip_is_link_local, "fe7f:ffff::", "fe80::", "febf:ffff::", "fec0::"},
    {ip_is_multicast, "223.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.0"},
    {ip_is_multicast, "feff:ffff::", "ff00::", "ffff::", NULL},
    {ip_is_unspecified, NULL, "0.0.0.0", "0.0.0.0", "0.0.0.1"},
    {ip_is_unspecified, NULL, "::", "::", "::1"},
};

static void test_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *range = &ranges[i];
        const struct {
            const char *text;
            bool inside;
        } edges[] = {
            {range->before, false},
            {range->first, true},
            {range->last, true},
            {range->after, false},
        };
        for (size_t k = 0; k < sizeof edges / sizeof *edges; k++) {
            struct ip ip = edges[k].text ? parsed(edges[k].text) : (struct ip){0};
            if (edges[k].text && range->holds(&ip) != edges[k].inside)
                fail_msg("%s must be %s", edges[k].text, edges[k].inside ? "inside" : "outside");
        }
    }
}

/* The first byte of an IPv4 address alone says nothing of IPv6. */
static void test_families(void **state)
{
    struct ip ip = parsed("254.128.0.1");
    (void)state;
    assert_false(ip_is_link_local(&ip));
    ip = parsed("e000::1");
    assert_false(ip_is_multicast(&ip));
}

static void test_texts(void **state)
{
    (void)state;
    assert_true(ip_text_is_ipv6("::"));
    assert_true(ip_text_is_ipv6("fd00::/64"));
    assert_false(ip_text_is_ipv6("10.0.0.0/8"));
    assert_false(ip_text_is_ipv6(""));
    assert_false(ip_text_is_ipv6(NULL));
    assert_true(ip_text_is_link_local("FE80::1/64"));
    assert_true(ip_text_is_link_local("fe90::1"));
    assert_false(ip_text_is_link_local("fec0::1/64"));
    assert_false(ip_text_is_link_local("fe80::1/200"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
