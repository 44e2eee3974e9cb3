/* The difference of two texts, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "model/line_texts.h"
#include "model/lines.h"

/* What is expected: kept lines, -gone and +new ones, each ended by a semicolon. */
static const struct row {
    const char *old, *new, *edits;
} rows[] = {
    {NULL, NULL, ""},
    {"", "", ""},
    {"a\nb\nc", "a\nb\nc", ""},
    {NULL, "a", "+a;"},
    {"a", NULL, "-a;"},
    {"a\nb\nc", "a\nc", "-b;"},
    {"a\nc", "a\nb\nc", "+b;"},
    {"a\nb\nc", "a\nx\nc", "-b;+x;"},
    {"a\nb", "a\nb\nc", " b;+c;"}, /* what was the last line had no newline */
    {"b\nc", "a\nb\nc", "+a;"},
    {"a\nb\nc\nd", "a\nc\nb\nd", "+c; b;-c;"},
    {"a\na\na", "a\na", "-a;"},
    {"x\na\nb\ny", "a\nx\ny\nb", "+a; x;-a;+y; b;-y;"},
    {"ab\nb", "b", "-ab;"},
    {"b", "ab\nb", "+ab;"},
    {"a\n1\n2\n3\nz", "a\n0\n1\n3\n4\nz", "+0; 1;-2; 3;+4;"},
};

static void lines_that_differ_are_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct edits edits CLEANUP_EDITS = {0};
        struct text list CLEANUP_TEXT = {0};
        lines_compare(rows[i].old, rows[i].new, &edits);
        for (size_t e = 0; e < edits.n; e++)
            text_printf(&list, "%c%.*s;", " -+"[edits.list[e].kind], (int)edits.list[e].length,
                        edits.list[e].line);
        assert_string_equal(text_of(&list), rows[i].edits);
    }
}

static char *numbers(int n, int without)
{
    struct text text = {0};
    for (int i = 0; i < n; i++)
        if (i != without)
            text_printf(&text, "%s%d.%d", text.length ? "\n" : "", i / 7, i);
    return text.data;
}

/* Both ends are passed over, also where they are longer than what is compared at once. */
static void one_of_many_is_found(void **state)
{
    (void)state;
    enum { N = 1000 };
    char *all = numbers(N, -1);
    for (int i = 0; i < N; i += 37) {
        struct edits edits CLEANUP_EDITS = {0};
        char line[20], *less = numbers(N, i);
        snprintf(line, sizeof line, "%d.%d", i / 7, i);
        lines_compare(all, less, &edits);
        const struct edit *last = &edits.list[edits.n - 1];
        assert_in_range(edits.n, 1, 2); /* the last line takes the newline of the one before it along */
        assert_int_equal(last->kind, EDIT_GONE);
        assert_int_equal(last->length, strlen(line));
        assert_memory_equal(last->line, line, strlen(line));
        assert_true(edits.list[0].kind == EDIT_KEPT || edits.list[0].line == all + edits.begin);
        free(less);
    }
    free(all);
}

/* "-gone +new", as a step is described. */
static void few_lines_are_shown(void **state)
{
    (void)state;
    static const struct option elements = {.key = "elements", .type = TYPE_ELEMENTS},
                               rules = {.key = "rules", .type = TYPE_RULES};
    struct text out CLEANUP_TEXT = {0};
    line_text_more(&elements, "1\n2\n3\n4\n5\n6\n7\n8", "3", "+", &out);
    assert_string_equal(text_of(&out), "+1, +2, +4, +5, +6 and 2 more");
    text_clear(&out);
    line_text_more(&rules, "{\"comment\":\"x\",\"expr\":[{\"accept\":null}]}", "", "-", &out);
    assert_string_equal(text_of(&out), "-accept comment \"x\"");
    text_clear(&out);
    line_text_count(&rules, "a\nb", &out);
    line_text_count(&elements, "a", &out);
    line_text_count(&elements, "", &out);
    assert_string_equal(text_of(&out), "2 rules1 element0 elements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_differ_are_listed),
        cmocka_unit_test(one_of_many_is_found),
        cmocka_unit_test(few_lines_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
