/* Rules as lines and as text. That nft takes the text and gives the same line back is seen in
 * tests/net/nft.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/nft/nft.h"

/* The expr of a rule as it may come, and as it is kept. */
static const char *const lines[][2] = {
    {"[{\"counter\":{\"packets\":5,\"bytes\":7}},{\"accept\":null}]",
     "[{\"counter\":null},{\"accept\":null}]"},
    {"[{\"counter\":\"named\"}]", "[{\"counter\":\"named\"}]"},
    {"[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"tcp\",\"field\":\"dport\"}},"
     "\"right\":{\"set\":[443,{\"range\":[80,90]},22,22]}}}]",
     "[{\"match\":{\"left\":{\"payload\":{\"field\":\"dport\",\"protocol\":\"tcp\"}},\"op\":\"==\","
     "\"right\":{\"set\":[22,{\"range\":[80,90]},443]}}}]"},
    {"[{\"match\":{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"l4proto\"}},\"right\":{\"set\":[\"tcp\"]}}}]",
     "[{\"match\":{\"left\":{\"meta\":{\"key\":\"l4proto\"}},\"op\":\"==\",\"right\":\"tcp\"}}]"},
    {"[{\"match\":{\"op\":\"==\",\"left\":{\"ct\":{\"key\":\"state\"}},\"right\":{\"set\":[\"new\"]}}}]",
     "[{\"match\":{\"left\":{\"ct\":{\"key\":\"state\"}},\"op\":\"in\",\"right\":\"new\"}}]"},
    {"[{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}},\"right\":[\"related\","
     "\"established\"]}}]",
     "[{\"match\":{\"left\":{\"ct\":{\"key\":\"state\"}},\"op\":\"in\",\"right\":[\"established\","
     "\"related\"]}}]"},
    {"[{\"match\":{\"op\":\"==\",\"left\":{\"concat\":[{\"meta\":{\"key\":\"oifname\"}},{\"meta\":{\"key\":"
     "\"iifname\"}}]},\"right\":{\"set\":[{\"concat\":[\"b\",\"a\"]}]}}}]",
     "[{\"match\":{\"left\":{\"concat\":[{\"meta\":{\"key\":\"oifname\"}},{\"meta\":{\"key\":\"iifname\"}}]},"
     "\"op\":\"==\",\"right\":{\"set\":[{\"concat\":[\"b\",\"a\"]}]}}}]"},
    {"[{\"limit\":{\"rate\":6,\"burst\":5,\"per\":\"minute\",\"inv\":false}}]",
     "[{\"limit\":{\"per\":\"minute\",\"rate\":6}}]"},
    {"[{\"limit\":{\"rate\":6,\"burst\":0,\"per\":\"second\",\"rate_unit\":\"kbytes\",\"burst_unit\":"
     "\"bytes\"}}]",
     "[{\"limit\":{\"per\":\"second\",\"rate\":6,\"rate_unit\":\"kbytes\"}}]"},
    {"[{\"reject\":{\"type\":\"icmpx\",\"expr\":\"port-unreachable\"}}]", "[{\"reject\":null}]"},
    {"[{\"masquerade\":{\"flags\":[\"random\",\"persistent\"]}}]",
     "[{\"masquerade\":{\"flags\":[\"persistent\",\"random\"]}}]"},
    {"[{\"dnat\":{\"addr\":{\"range\":[\"10.0.0.9\",\"10.0.0.10\"]},\"flags\":[\"persistent\"]}}]",
     "[{\"dnat\":{\"addr\":{\"range\":[\"10.0.0.9\",\"10.0.0.10\"]},\"flags\":\"persistent\"}}]"},
    {"[{\"log\":{}}]", "[{\"log\":null}]"},
    {"[{\"match\":{\"op\":\"!=\",\"left\":{\"payload\":{\"protocol\":\"icmpv6\",\"field\":\"taddr\"}},"
     "\"right\":{\"set\":[\"fe80::1\",\"fd00::5\"]}}}]",
     "[{\"match\":{\"left\":{\"payload\":{\"base\":\"th\",\"len\":128,\"offset\":64}},\"op\":\"!=\","
     "\"right\":{\"set\":"
     "[\"0xfd000000000000000000000000000005\",\"0xfe800000000000000000000000000001\"]}}}]"},
    {"[{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"icmpv6\",\"field\":\"taddr\"}},"
     "\"right\":\"64:ff9b::1\"}}]",
     "[{\"match\":{\"left\":{\"payload\":{\"base\":\"th\",\"len\":128,\"offset\":64}},\"op\":\"==\","
     "\"right\":"
     "\"0x64ff9b000000000000000000000001\"}}]"},
    {"[{\"vmap\":{\"key\":{\"meta\":{\"key\":\"iifname\"}},\"data\":{\"set\":[[\"b\",{\"drop\":null}],"
     "[\"a\",{\"jump\":{\"target\":\"z\"}}]]}}}]",
     "[{\"vmap\":{\"data\":{\"set\":[[\"a\",{\"jump\":{\"target\":\"z\"}}],[\"b\",{\"drop\":null}]]},"
     "\"key\":{\"meta\":{\"key\":\"iifname\"}}}}]"},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        json_t *rule = json_pack("{s:o,s:i,s:s}", "expr", json_loads(lines[i][0], 0, NULL), "handle", 7,
                                 "family", "inet");
        char expected[1000];
        assert_non_null(rule);
        snprintf(expected, sizeof expected, "{\"expr\":%s}", lines[i][1]);
        char *line = nft_rule_line(rule);
        assert_string_equal(line, expected);
        json_t *again = nft_rule_parse(line, strlen(line));
        char *same = nft_rule_line(again);
        assert_string_equal(same, expected);
        json_decref(rule);
        json_decref(again);
        free(line);
        free(same);
    }
}

static void test_comment(void **state)
{
    json_t *rule = json_pack("{s:s,s:[{s:n}]}", "comment", "ssh", "expr", "accept");
    char *line = nft_rule_line(rule);
    (void)state;
    assert_string_equal(line, "{\"comment\":\"ssh\",\"expr\":[{\"accept\":null}]}");
    free(line);
    json_decref(rule);
}

/* What nft does not print itself, or not so here; the rest is in tests/net/nft.bats. */
static void test_text(void **state)
{
    static const char *const texts[][2] = {
        {"{\"comment\":\"the app\",\"expr\":[{\"counter\":{\"packets\":1,\"bytes\":2}},{\"accept\":null}]}",
         "counter accept comment \"the app\""},
        {"{\"expr\":[{\"xt\":{\"type\":\"match\",\"name\":\"recent\"}},{\"drop\":null}]}",
         "xt match \"recent\" drop"},
        {"{\"expr\":[{\"xt\":null}]}", "xt"},
        {"{\"expr\":[{\"queue\":{\"num\":{\"range\":[1,3]},\"flags\":\"bypass\"}}]}",
         "queue flags bypass to 1-3"},
        {"{\"expr\":[{\"flow\":{\"op\":\"add\",\"flowtable\":\"@f\"}}]}", "flow add @f"},
        {"{\"expr\":[{\"novelty\":{\"b\":1,\"a\":[]}}]}", "{\"novelty\":{\"a\":[],\"b\":1}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct text text CLEANUP_TEXT = {0};
        json_t *rule = nft_rule_parse(texts[i][0], strlen(texts[i][0]));
        nft_rule_print(rule, &text);
        assert_string_equal(text_of(&text), texts[i][1]);
        json_decref(rule);
    }
}

static void test_no_rules(void **state)
{
    static const char *const texts[] = {"",
                                        "null",
                                        "[]",
                                        "{}",
                                        "{\"expr\":1}",
                                        "{\"expr\":[],\"comment\":1}",
                                        "{\"expr\":[]",
                                        "{\"expr\":[]}x"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_null(nft_rule_parse(texts[i], strlen(texts[i])));
    assert_null(nft_rule_line(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_comment),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_no_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
