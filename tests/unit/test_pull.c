/* JSON by pulling: what stands there is what comes, and nothing that is no JSON is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/pull.h"

static void texts_are_unescaped(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text; /* NULL: refused */
    } rows[] = {
        {"\"\"", ""},
        {" \"a b\" ", "a b"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"a\\nb\\u0041c\"", "a\nbAc"},
        {"\"\\u007f\\u00e9\\u20AC\\ud83d\\udc27.\"", "\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7."},
        {"\"\\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7\x7f\"", "\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7\x7f"},
        {"", NULL},
        {"a", NULL},
        {"\"", NULL},
        {"\"a", NULL},
        {"\"a\\", NULL},
        {"\"a\\\"", NULL},
        {"\"\\x\"", NULL},
        {"\"a\nb\"", NULL},
        {"\"\x1f\"", NULL},
        {"\"\xff\"", NULL},
        {"\"\xc3\"", NULL},
        {"\"\xc3(\"", NULL},
        {"\"\xed\xa0\x80\"", NULL},
        {"\"\xc0\x80\"", NULL},
        {"\"\\u12\"", NULL},
        {"\"\\u\"", NULL},
        {"\"\\u00g0\"", NULL},
        {"\"\\u0000\"", NULL},
        {"\"\\ud83d\"", NULL},
        {"\"\\ud83d\\n\"", NULL},
        {"\"\\ud83d\\u0041\"", NULL},
        {"\"\\udc27\"", NULL},
        {"\"a\" \"b\"", NULL},
        {"\"a\",", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = strdup(rows[i].json);
        struct pull pull = pull_of(json, strlen(json));
        const char *text = pull_text(&pull);
        if (pull_is_whole(&pull) != (rows[i].text != NULL))
            fail_msg("%s", rows[i].json);
        if (rows[i].text)
            assert_string_equal(text, rows[i].text);
        free(json);
    }
}

static void integers_are_whole_and_in_range(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t min, max, number;
        bool taken;
    } rows[] = {
        {"0", 0, 9, 0, true},
        {" 7\n", 0, 9, 7, true},
        {"-7", -9, 9, -7, true},
        {"9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX, true},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN, true},
        {"9223372036854775808", INT64_MIN, INT64_MAX, 0, false},
        {"10", 0, 9, 0, false},
        {"-1", 0, 9, 0, false},
        {"07", 0, 9, 0, false},
        {"-07", -9, 9, 0, false},
        {"+7", 0, 9, 0, false},
        {"-", -9, 9, 0, false},
        {"- 7", -9, 9, 0, false},
        {"1.0", 0, 9, 0, false},
        {"1e0", 0, 9, 0, false},
        {"0x1", 0, 9, 0, false},
        {"true", 0, 9, 0, false},
        {"\"1\"", 0, 9, 0, false},
        {"", 0, 9, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = strdup(rows[i].json);
        struct pull pull = pull_of(json, strlen(json));
        int64_t number = pull_integer(&pull, rows[i].min, rows[i].max);
        if (pull_is_whole(&pull) != rows[i].taken || (rows[i].taken && number != rows[i].number))
            fail_msg("%s", rows[i].json);
        free(json);
    }
}

/* What a form holds: of lists and objects all that is in them, to any depth. */
static void walk(struct pull *pull)
{
    const char *key;
    switch (pull_next(pull)) {
    case '{':
        pull_open(pull, '{');
        while (pull_member(pull, &key))
            walk(pull);
        break;
    case '[':
        pull_open(pull, '[');
        while (pull_item(pull))
            walk(pull);
        break;
    case '"':
        pull_text(pull);
        break;
    case 't':
    case 'f':
        pull_bool(pull);
        break;
    default:
        pull_integer(pull, 0, 99);
    }
}

static bool is_walked(const char *text)
{
    char *json = strdup(text);
    struct pull pull = pull_of(json, strlen(json));
    walk(&pull);
    bool is_whole = pull_is_whole(&pull);
    free(json);
    return is_whole;
}

static void brackets_and_commas_are_in_their_places(void **state)
{
    (void)state;
    static const char *const good[] = {
        "[]",    " [ ] ",        "{}",          "[1]",
        "[1,2]", "[[],[[]],{}]", "{\"a\":1}",   "{\"a\":{},\"b\":[{}],\"c\":1}",
        "true",  "false",        "[true,\"\"]", "{ \"a\" :\t1 , \"b\":\r\n2 }"};
    static const char *const bad[] = {"[",         "]",          "{",
                                      "}",         "[}",         "{]",
                                      "[1",        "[1,",        "[,]",
                                      "[,1]",      "[1,]",       "[1 2]",
                                      "[1]]",      "{\"a\"}",    "{\"a\":}",
                                      "{\"a\":1",  "{\"a\":1,}", "{,}",
                                      "{1:1}",     "{a:1}",      "{\"a\" 1}",
                                      "{\"a\",1}", "[[]",        "{\"a\":[}",
                                      "[1}",       "[{]}",       "tru",
                                      "truefalse", "null",       "[null]",
                                      "[tru]",     "[1],",       "{\"a\":1 \"b\":2}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!is_walked(good[i]))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (is_walked(bad[i]))
            fail_msg("taken: %s", bad[i]);
}

static void members_are_known_and_given_once(void **state)
{
    (void)state;
    static const struct name members[] = {{"a", 0}, {"b", 31}, {NULL, 0}};
    static const struct {
        const char *json;
        unsigned seen;
        bool taken;
    } rows[] = {
        {"{}", 0, true},
        {"{\"b\":1,\"a\":2}", 1U << 31 | 1, true},
        {"{\"a\":1,\"a\":2}", 1, false},
        {"{\"a\":1,\"c\":2}", 1, false},
        {"{\"a\":1", 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = strdup(rows[i].json);
        struct pull pull = pull_of(json, strlen(json));
        unsigned seen = 0;
        pull_open(&pull, '{');
        while (pull_member_of(&pull, members, &seen) >= 0)
            pull_integer(&pull, 0, 9);
        if (pull_is_whole(&pull) != rows[i].taken || seen != rows[i].seen)
            fail_msg("%s", rows[i].json);
        free(json);
    }
}

/* A zero byte is no end. */
static void what_follows_a_zero_byte_is_not_overlooked(void **state)
{
    (void)state;
    char after[] = "1\0", within[] = "\"a\0b\"";
    struct pull pull = pull_of(after, sizeof after - 1);
    pull_integer(&pull, 0, 9);
    assert_false(pull_is_whole(&pull));
    pull = pull_of(within, sizeof within - 1);
    assert_null(pull_text(&pull));
    assert_false(pull_is_whole(&pull));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_unescaped),
        cmocka_unit_test(integers_are_whole_and_in_range),
        cmocka_unit_test(brackets_and_commas_are_in_their_places),
        cmocka_unit_test(members_are_known_and_given_once),
        cmocka_unit_test(what_follows_a_zero_byte_is_not_overlooked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
