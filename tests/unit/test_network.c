/* Arithmetic with subnets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>
#include <cmocka.h>

#include "model/network.h"

static struct prefix prefix(const char *text)
{
    struct prefix prefix;
    assert_int_equal(prefix_parse(text, &prefix), 0);
    return prefix;
}

static void test_hosts(void **state)
{
    static const struct {
        const char *subnet, *ip;
        bool has;
    } rows[] = {
        {"10.0.0.0/24", "10.0.0.0", false},
        {"10.0.0.0/24", "10.0.0.1", true},
        {"10.0.0.0/24", "10.0.0.254", true},
        {"10.0.0.0/24", "10.0.0.255", false},
        {"10.0.0.0/24", "10.0.1.1", false},
        {"10.0.0.0/8", "10.0.0.255", true},
        {"255.255.255.0/24", "255.255.255.255", false},
        {"fd00::/64", "fd00::", false},
        {"fd00::/64", "fd00::ffff:ffff:ffff:ffff", true},
        {"fd00::/64", "10.0.0.1", false},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prefix subnet = prefix(rows[i].subnet);
        struct prefix ip = prefix(rows[i].ip);
        if (subnet_has_host(&subnet, &ip.ip) != rows[i].has)
            fail_msg("%s in %s", rows[i].ip, rows[i].subnet);
    }
}

static void test_all_are_given_once(void **state)
{
    struct prefix subnet = prefix("10.0.0.248/29");
    struct ip ip = subnet_first(&subnet);
    char text[IP_TEXT_SIZE];
    unsigned n = 1;
    (void)state;
    assert_string_equal(ip_format(&ip, text), "10.0.0.249");
    while (subnet_next(&subnet, &ip))
        n++;
    assert_int_equal(n, 6);
    assert_string_equal(ip_format(&ip, text), "10.0.0.254");
}

static void test_overlaps(void **state)
{
    struct prefix all = prefix("10.0.0.0/8"), one = prefix("10.1.0.0/24"), next = prefix("10.1.1.0/24"),
                  six = prefix("fd00::/64"), none = {0};
    (void)state;
    assert_true(prefix_overlaps(&all, &one));
    assert_true(prefix_overlaps(&one, &all));
    assert_false(prefix_overlaps(&one, &next));
    assert_false(prefix_overlaps(&one, &six));
    assert_false(prefix_overlaps(&none, &none));
}

/* The same at each reading; others for others; and each of 10.0.0.0/8 is tried. */
static void test_candidates(void **state)
{
    static bool seen[SUBNET_ATTEMPTS];
    struct prefix a = subnet_candidate("lab", "a", 0), again = subnet_candidate("lab", "a", 0),
                  b = subnet_candidate("lab", "b", 0), other = subnet_candidate("other", "a", 0),
                  six = subnet_unique_local("lab", "a"), private = prefix("10.0.0.0/8");
    (void)state;
    assert_memory_equal(&a, &again, sizeof a);
    assert_false(prefix_overlaps(&a, &b));
    assert_false(prefix_overlaps(&a, &other));
    assert_true(ip_is_unique_local(&six.ip));
    assert_int_equal(six.length, 64);
    for (unsigned i = 0; i < SUBNET_ATTEMPTS; i++) {
        struct prefix subnet = subnet_candidate("lab", "a", i);
        unsigned number = subnet.ip.bytes[1] * 256U + subnet.ip.bytes[2];
        assert_true(prefix_contains(&private, &subnet.ip));
        assert_false(seen[number]);
        seen[number] = true;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_all_are_given_once),
        cmocka_unit_test(test_overlaps),
        cmocka_unit_test(test_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
