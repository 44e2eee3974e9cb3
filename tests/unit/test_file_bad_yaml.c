/* What is no YAML, or no YAML that a network file may be: syntax, encoding, limits, aliases, with all that is
 * printed. */
#include "test_file_bad.h"

#include "base/text.h"
#include "file/load.h"

static const struct mistake mistakes[] = {
    /* clang-format off */
    {"anchor",
     "a: *nowhere\n",
     "lab.yaml:1:5: error: no anchor `&nowhere` before this place\n"
     "     1 | a: *nowhere\n"
     "       |     ^\n"
     "       a text that begins with `*` needs quotes\n"},
    {"anchor self",
     "a: &x [*x]\n",
     "lab.yaml:1:9: error: `*x` stands inside of what it stands for\n"
     "     1 | a: &x [*x]\n"
     "       |         ^\n"},
    {"comment",
     "# nothing\n",
     "lab.yaml: error: the file is empty\n"},
    {"dup key",
     "interfaces:\n"
     "  d0: {type: dummy}\n"
     "  d0: {type: dummy}\n",
     "lab.yaml:3:3: error: key `d0` is given twice\n"
     "     3 |   d0: {type: dummy}\n"
     "       |   ^\n"
     "       first given at lab.yaml:2:3\n"},
    {"empty",
     "",
     "lab.yaml: error: the file is empty\n"},
    {"indent",
     "interfaces:\n"
     "  br0: {}\n"
     "   br1: {}\n",
     "lab.yaml:3:4: error: wrong indentation\n"
     "     3 |    br1: {}\n"
     "       |    ^\n"
     "       keys of one map begin in one column\n"},
    {"indent2",
     "name: x\n"
     "  y: z\n",
     "lab.yaml:1:7: error: this line does not fit the one below it\n"
     "     1 | name: x\n"
     "       |       ^\n"
     "       the line below is indented deeper, though this one already has a value\n"},
    {"list top",
     "- a\n",
     "lab.yaml:1:1: error: a network file is a map of sections, not a list\n"
     "     1 | - a\n"
     "       | ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
    {"mapkey",
     "[a, b]: c\n",
     "lab.yaml:1:1: error: a key must be a word, not a list or a map\n"
     "     1 | [a, b]: c\n"
     "       | ^\n"},
    {"merge bad",
     "a: {<<: 5}\n",
     "lab.yaml:1:1: error: unknown key `a` at the top of the file\n"
     "     1 | a: {<<: 5}\n"
     "       | ^\n"
     "       known here: name, description, include, interfaces, namespaces, networks, routes, rules, neighbours, sysctls, forwarding, dns, firewall, expect\n"
     "lab.yaml:1:9: error: `<<` merges maps, and this is a single value\n"
     "     1 | a: {<<: 5}\n"
     "       |         ^\n"},
    {"scalar top",
     "hello\n",
     "lab.yaml:1:1: error: a network file is a map of sections, not a single value\n"
     "     1 | hello\n"
     "       | ^\n"
     "       for example: `interfaces: {br0: {type: bridge}}`\n"},
    {"tab",
     "interfaces:\n"
     "\tbr0: {type: bridge}\n",
     "lab.yaml:2:1: error: a tab in the indentation\n"
     "     2 |  br0: {type: bridge}\n"
     "       | ^\n"
     "       YAML is indented by spaces\n"},
    {"tag",
     "name: !foo x\n",
     "lab.yaml:1:7: error: tags have no meaning in a network file\n"
     "     1 | name: !foo x\n"
     "       |       ^\n"
     "       leave it away; quote a value to make it a text\n"},
    {"two colons",
     "name: a: b\n",
     "lab.yaml:1:8: error: a second `key:` in one line\n"
     "     1 | name: a: b\n"
     "       |        ^\n"
     "       begin a new line, or put the value in quotes\n"},
    {"two docs",
     "a: 1\n"
     "---\n"
     "b: 2\n",
     "lab.yaml:2:1: error: a second document begins here\n"
     "     2 | ---\n"
     "       | ^\n"
     "       a file is one network: leave the `---` away\n"},
    {"unclosed",
     "interfaces:\n"
     "  br0: {type: bridge\n"
     "  br1: {type: bridge}\n",
     "lab.yaml:2:8: error: this `{` is not closed\n"
     "     2 |   br0: {type: bridge\n"
     "       |        ^\n"
     "       its `}` is missing before line 3\n"},
    {"unclosed list",
     "interfaces:\n"
     "  br0: {type: bridge, ports: [a, b}\n",
     "lab.yaml:2:35: error: this bracket does not fit the one that it closes\n"
     "     2 |   br0: {type: bridge, ports: [a, b}\n"
     "       |                                   ^\n"},
    {"unclosed quote",
     "name: \"abc\n",
     "lab.yaml:1:8: error: a quote that is not closed\n"
     "     1 | name: \"abc\n"
     "       |        ^\n"},
    {"invalid utf8",
     "name: x\n"
     "description: gr\374\337e\n",
     "lab.yaml:2:16: error: byte 0xfc is not valid UTF-8\n"
     "       save the file as UTF-8\n"},
    {"overlong utf8",
     "name: \300\257\n",
     "lab.yaml:1:7: error: byte 0xc0 is not valid UTF-8\n"
     "       save the file as UTF-8\n"},
    {"control",
     "name: \033[31m\n",
     "lab.yaml:1:7: error: control character 0x1b\n"
     "     1 | name: \\x1b[31m\n"
     "       |       ^\n"
     "       in quotes it can be written as \"\\x1b\"\n"},
    {"zero escape",
     "name: \"a\\0b\"\n",
     "lab.yaml:1:7: error: a zero byte in a text\n"
     "     1 | name: \"a\\0b\"\n"
     "       |       ^\n"},
    {"deep",
     "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
     "lab.yaml:1:67: error: nested deeper than 64 levels\n"
     "     1 | a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
     "       |                                                                   ^\n"},
    {"bomb",
     "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
     "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
     "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
     "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
     "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
     "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
     "g: [*f,*f]\n",
     "lab.yaml:6:18: error: the file stands for more than 500000 values\n"
     "     6 | f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
     "       |                  ^\n"
     "       each use of an alias counts all that it stands for\n"},
    {"anchor near",
     "a: &bridge {}\n"
     "b: *brigde\n",
     "lab.yaml:2:5: error: no anchor `&brigde` before this place\n"
     "     2 | b: *brigde\n"
     "       |     ^\n"
     "       did you mean `*bridge`?\n"},
    {"missing comma",
     "interfaces: {d0: {type: dummy}, d1: {type: \"dummy\" mtu: 1400}}\n",
     "lab.yaml:1:52: error: a `,` is missing before this\n"
     "     1 | interfaces: {d0: {type: dummy}, d1: {type: \"dummy\" mtu: 1400}}\n"
     "       |                                                    ^\n"},
    {"tab inside",
     "interfaces:\n"
     "  d0:\n"
     "  \ttype: dummy\n",
     "lab.yaml:3:3: error: a tab in the indentation\n"
     "     3 |    type: dummy\n"
     "       |   ^\n"
     "       YAML is indented by spaces\n"},
    /* clang-format on */
};

static void test_mistakes(void **state)
{
    (void)state;
    mistakes_compare(mistakes, sizeof mistakes / sizeof *mistakes);
}

/* The same message for any text that is cut anywhere: none may crash, and none may be silent. */
static void test_cut(void **state)
{
    static const char yaml[] = "interfaces:\n  br0: {type: bridge, addresses: [10.0.0.1/24]}\n"
                               "namespaces:\n  red: &r {interfaces: {eth0: {bridge: br0}}}\n  blue: *r\n"
                               "expect: [red reaches blue tcp/80]\n";
    (void)state;
    for (size_t size = 0; size < sizeof yaml; size++)
        free(printed(yaml, size));
}

/* Lines are counted over all of it, whatever it is. */
static void test_zeros(void **state)
{
    enum { SIZE = 100000 };
    char *zeros = xcalloc(1, SIZE);
    zeros[SIZE - 1] = '\n';
    char *text = printed(zeros, SIZE);
    (void)state;
    assert_string_equal(text, "lab.yaml:1:1: error: this is not a text: it contains a zero byte\n"
                              "       a network file is YAML in UTF-8; is this a binary file, or UTF-16?\n");
    free(text);
    free(zeros);
}

static void test_binary(void **state)
{
    static const char binary[] = "name: x\na: \0b\n";
    char *text = printed(binary, sizeof binary - 1);
    (void)state;
    assert_string_equal(text, "lab.yaml:2:4: error: this is not a text: it contains a zero byte\n"
                              "       a network file is YAML in UTF-8; is this a binary file, or UTF-16?\n");
    free(text);
}

static void test_too_large(void **state)
{
    size_t size = LOAD_SIZE_MAX + 1;
    char *spaces = malloc(size);
    (void)state;
    assert_non_null(spaces);
    memset(spaces, ' ', size);
    char *text = printed(spaces, size);
    assert_string_equal(text, "lab.yaml: error: too large: a network file has at most 8 MiB\n"
                              "       use `count` and aliases for what repeats, or several files\n");
    free(text);
    free(spaces);
}

/* As deep as YAML is let, and far deeper: refused without using the stack up. */
static void test_deep(void **state)
{
    enum { DEPTH = 100000 };
    char *yaml = malloc(DEPTH);
    (void)state;
    assert_non_null(yaml);
    memset(yaml, '[', DEPTH);
    char *text = printed(yaml, DEPTH);
    assert_memory_equal(text, "lab.yaml:1:65: error: nested deeper than 64 levels\n", 51);
    free(text);
    free(yaml);
}

/* A line of megabytes would cost the parser gigabytes; as JSON it can be broken up, otherwise it is refused.
 */
static void test_long_line(void **state)
{
    enum { ITEMS = 40000 };
    static const char *const begins[] = {"expect: [", "[", "{\"expect\": ["};
    static const char *const expected[] = {
        ("lab.yaml:1:1: error: this line is too long: at most 64 KiB\n"
         "       a list can go over several lines, each entry after `- `\n"),
        "lab.yaml:1:1: error: this `[` is not closed\n",
        "lab.yaml:1:12: error: this `[` is not closed\n",
    };
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        __attribute__((cleanup(text_done))) struct text yaml = {0};
        text_add(&yaml, begins[i]);
        for (unsigned k = 0; k < ITEMS; k++)
            text_add(&yaml, "ab,");
        char *text = printed(text_of(&yaml), yaml.length);
        assert_memory_equal(text, expected[i], strlen(expected[i]));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),  cmocka_unit_test(test_cut),       cmocka_unit_test(test_binary),
        cmocka_unit_test(test_zeros),     cmocka_unit_test(test_too_large), cmocka_unit_test(test_deep),
        cmocka_unit_test(test_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
