/* Changes of the text of a file: what is written where; what is refused; and, by chance, that the tree is the
 * one that was meant, and that no other line was touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/map.h"
#include "file/edit.h"
#include "file/yaml.h"

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The changed text, or what is printed as the reason. */
static char *edited(const char *text, const struct file_edit *edit)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct text out = {0};
    if (edit_text("lab.yaml", text, strlen(text), edit, &out, &errors) == 0)
        return out.data ? out.data : xstrdup("");
    assert_int_equal(out.length, 0);
    char *printed = NULL;
    size_t size;
    FILE *stream = open_memstream(&printed, &size);
    errors_print(&errors, stream, false);
    fclose(stream);
    return printed;
}

static void becomes(const char *text, struct file_edit edit, const char *word, const char *expected)
{
    struct arena arena = {0};
    if (word)
        edit.value = node_new_scalar(&arena, word, &(struct place){0});
    char *result = edited(text, &edit);
    assert_string_equal(result, expected);
    free(result);
    arena_done(&arena);
}

#define INSERT(i, ...) ((struct file_edit){.verb = EDIT_INSERT, .path = PATH(__VA_ARGS__), .index = (i)})
#define REMOVE(i, ...) ((struct file_edit){.verb = EDIT_REMOVE, .path = PATH(__VA_ARGS__), .index = (i)})
#define SET(...)       ((struct file_edit){.verb = EDIT_SET, .path = PATH(__VA_ARGS__)})
#define UNSET(...)     ((struct file_edit){.verb = EDIT_UNSET, .path = PATH(__VA_ARGS__)})
#define RULES          "firewall", "rules"

static const char block[] = "name: lab\n"
                            "# the firewall\n"
                            "firewall:\n"
                            "  input: drop     # but\n"
                            "  rules:\n"
                            "    # the office\n"
                            "    - allow ssh   # until May\n"
                            "    - {allow: https,\n"
                            "       from: wan}\n"
                            "    # - deny any\n"
                            "\n"
                            "# the end\n";

static void test_block(void **state)
{
    (void)state;
    becomes(block, INSERT(EDIT_END, RULES), "deny any",
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n  rules:\n    # the office\n"
            "    - allow ssh   # until May\n    - {allow: https,\n       from: wan}\n    # - deny any\n"
            "    - deny any\n\n# the end\n");
    becomes(block, INSERT(0, RULES), "deny any",
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n  rules:\n    - deny any\n"
            "    # the office\n    - allow ssh   # until May\n    - {allow: https,\n       from: wan}\n"
            "    # - deny any\n\n# the end\n");
    becomes(block, INSERT(1, RULES), "deny any",
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n  rules:\n    # the office\n"
            "    - allow ssh   # until May\n    - deny any\n    - {allow: https,\n       from: wan}\n"
            "    # - deny any\n\n# the end\n");
    becomes(block, REMOVE(0, RULES), NULL,
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n  rules:\n    # the office\n"
            "    - {allow: https,\n       from: wan}\n    # - deny any\n\n# the end\n");
    becomes(block, REMOVE(EDIT_END, RULES), NULL,
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n  rules:\n    # the office\n"
            "    - allow ssh   # until May\n    # - deny any\n\n# the end\n");
    becomes(block, SET("firewall", "input"), "reject",
            "name: lab\n# the firewall\nfirewall:\n  input: reject     # but\n  rules:\n    # the office\n"
            "    - allow ssh   # until May\n    - {allow: https,\n       from: wan}\n    # - deny any\n\n"
            "# the end\n");
    becomes(block, UNSET("firewall", "input"), NULL,
            "name: lab\n# the firewall\nfirewall:\n  rules:\n    # the office\n"
            "    - allow ssh   # until May\n    - {allow: https,\n       from: wan}\n    # - deny any\n\n"
            "# the end\n");
    becomes(block, UNSET(RULES), NULL,
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n\n# the end\n");
    becomes(block, SET("forwarding"), "true",
            "name: lab\n# the firewall\nfirewall:\n  input: drop     # but\n  rules:\n    # the office\n"
            "    - allow ssh   # until May\n    - {allow: https,\n       from: wan}\n    # - deny any\n"
            "forwarding: \"true\"\n\n# the end\n");
}

/* What is missing of the path is made in the form of what is around it. */
static void test_missing(void **state)
{
    (void)state;
    becomes("name: a\n", INSERT(EDIT_END, RULES), "allow ssh",
            "name: a\nfirewall:\n  rules:\n    - allow ssh\n");
    becomes("name: a", INSERT(EDIT_END, RULES), "allow ssh", "name: a\nfirewall:\n  rules:\n    - allow ssh");
    becomes("name: a\nfirewall:  # none\nx: 1\n", INSERT(EDIT_END, RULES), "allow ssh",
            "name: a\nfirewall:  # none\n  rules:\n    - allow ssh\nx: 1\n");
    becomes("name: a\nfirewall: ~\n", INSERT(EDIT_END, RULES), "allow ssh",
            "name: a\nfirewall: {rules: [allow ssh]}\n");
    becomes("name: a\nfirewall: {input: drop}\n", INSERT(EDIT_END, RULES), "allow 10.0.0.0/8",
            "name: a\nfirewall: {input: drop, rules: [allow 10.0.0.0/8]}\n");
    becomes("name: a\nfirewall: {}\n", SET("firewall", "input"), "drop",
            "name: a\nfirewall: {input: drop}\n");
    becomes("namespaces:\n  web: {}\n", INSERT(EDIT_END, "namespaces", "web", "networks"), "lan",
            "namespaces:\n  web: {networks: [lan]}\n");
    becomes("namespaces:\n  web:\n  db:\n", INSERT(EDIT_END, "namespaces", "web", "networks"), "lan",
            "namespaces:\n  web:\n    networks:\n      - lan\n  db:\n");
    becomes("{\"name\": \"a\"}", INSERT(EDIT_END, RULES), "allow ssh",
            "{\"name\": \"a\", \"firewall\": {\"rules\": [\"allow ssh\"]}}");
    becomes("a: 1\r\nb: 2\r\n", INSERT(EDIT_END, RULES), "x",
            "a: 1\r\nb: 2\r\nfirewall:\r\n  rules:\r\n    - x\r\n");
    becomes("\xef\xbb\xbf"
            "a: 1\n",
            SET("b"), "x",
            "\xef\xbb\xbf"
            "a: 1\nb: x\n");
}

static void test_flow(void **state)
{
    (void)state;
    const char *one = "firewall: {rules: [allow ssh, \"deny a, b\" , x], input: drop} # f\n";
    becomes(one, INSERT(EDIT_END, RULES), "y",
            "firewall: {rules: [allow ssh, \"deny a, b\" , x, \"y\"], input: drop} # f\n");
    becomes(one, INSERT(1, RULES), "z, z",
            "firewall: {rules: [allow ssh, \"z, z\", \"deny a, b\" , x], input: drop} # f\n");
    becomes(one, REMOVE(0, RULES), NULL, "firewall: {rules: [\"deny a, b\" , x], input: drop} # f\n");
    becomes(one, REMOVE(1, RULES), NULL, "firewall: {rules: [allow ssh, x], input: drop} # f\n");
    becomes(one, REMOVE(2, RULES), NULL, "firewall: {rules: [allow ssh, \"deny a, b\" ], input: drop} # f\n");
    becomes(one, UNSET("firewall", "input"), NULL, "firewall: {rules: [allow ssh, \"deny a, b\" , x]} # f\n");
    becomes(one, UNSET(RULES), NULL, "firewall: {input: drop} # f\n");
    becomes("firewall: {rules: [x]}\n", REMOVE(0, RULES), NULL, "firewall: {rules: []}\n");
    becomes(
        "{\n  \"firewall\": {\n    \"rules\": [\n      \"a\",\n      \"b\"\n    ]\n  }\n}\n",
        INSERT(EDIT_END, RULES), "c",
        "{\n  \"firewall\": {\n    \"rules\": [\n      \"a\",\n      \"b\",\n      \"c\"\n    ]\n  }\n}\n");
    becomes("{\n  \"firewall\": {\n    \"rules\": [\n      \"a\",\n      \"b\"\n    ]\n  }\n}\n",
            REMOVE(1, RULES), NULL, "{\n  \"firewall\": {\n    \"rules\": [\n      \"a\"\n    ]\n  }\n}\n");
    becomes("firewall:\n  rules: [\n    a, # A\n    b, # B\n    ]\n", INSERT(EDIT_END, RULES), "c",
            "firewall:\n  rules: [\n    a, # A\n    b, # B\n    c,\n    ]\n");
    becomes("firewall:\n  rules: [\n    a, # A\n    b # B\n    ]\n", INSERT(0, RULES), "c",
            "firewall:\n  rules: [\n    c,\n    a, # A\n    b # B\n    ]\n");
}

/* One value that stands for a list of one. */
static void test_single(void **state)
{
    (void)state;
    becomes("web: {networks: a}\n", INSERT(EDIT_END, "web", "networks"), "b", "web: {networks: [a, b]}\n");
    becomes("web:\n  networks: a  # A\n", INSERT(EDIT_END, "web", "networks"), "b",
            "web:\n  networks: [a, b]  # A\n");
    becomes("web:\n  networks: a, c\n", INSERT(0, "web", "networks"), "b",
            "web:\n  networks: [b, \"a, c\"]\n");
    becomes("web:\n  networks: a\n  x: 1\n", REMOVE(0, "web", "networks"), NULL,
            "web:\n  networks: []\n  x: 1\n");
    becomes("web:\n  networks:\n  - a # A\n  x: 1\n", REMOVE(0, "web", "networks"), NULL,
            "web:\n  networks: []\n  x: 1\n");
    becomes("web:\n  networks:\n    a: {address: 1}\nx: 1\n", UNSET("web", "networks", "a"), NULL,
            "web:\n  networks: {}\nx: 1\n");
}

static void test_texts(void **state)
{
    (void)state;
    becomes("a:\n  set: |\n    1.1.1.1\n    2.2.2.2\n\n  b: 1\n", SET("a", "set"), "x",
            "a:\n  set: x\n\n  b: 1\n");
    becomes("a:\n  set: |+\n    1.1.1.1\n\n\nb: 1\n", SET("a", "c"), "x",
            "a:\n  set: |+\n    1.1.1.1\n\n\n  c: x\nb: 1\n");
    becomes("a:\n  - |\n    x\n    y\n  - z\n", REMOVE(0, "a"), NULL, "a:\n  - z\n");
    becomes("a:\n- x\n- several\n  lines\n# c\nb: 1\n", INSERT(EDIT_END, "a"), "null",
            "a:\n- x\n- several\n  lines\n- \"null\"\n# c\nb: 1\n");
    becomes("a: x\n", SET("a"), "it's: \"so\"\n", "a: \"it's: \\\"so\\\"\\x0a\"\n");
}

/* A line so long that the parser gets it in pieces. */
static void test_long(void **state)
{
    struct text text CLEANUP_TEXT = {0}, expected CLEANUP_TEXT = {0};
    (void)state;
    text_add(&text, "{\"a\":[\"x\"");
    for (unsigned i = 0; i < 20000; i++)
        text_printf(&text, ",\"item %u\"", i);
    text_add(&expected, text_of(&text));
    text_add(&text, "],\"b\":1}");
    text_add(&expected, ", \"y\"],\"b\":1}");
    becomes(text_of(&text), INSERT(EDIT_END, "a"), "y", text_of(&expected));
    becomes(text_of(&expected), REMOVE(EDIT_END, "a"), NULL, text_of(&text));
}

static void test_refused(void **state)
{
    (void)state;
    becomes("a: &x [b]\nc: *x\n", INSERT(EDIT_END, "a"), "d",
            "lab.yaml:1:7: error: `a` stands in two places by an alias: a change of one would change both\n"
            "     1 | a: &x [b]\n       |       ^\n"
            "       write it out where the two differ, or change it by hand\n");
    becomes("a:\n  - &x b\n  - *x\n", REMOVE(0, "a"), NULL,
            "lab.yaml:3:6: error: `*x` is in the way: it stands for what would be changed or taken away\n"
            "     3 |   - *x\n       |      ^\n"
            "       write out here what it stands for, or change both by hand\n");
    becomes("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", UNSET("c", "b"), NULL,
            "lab.yaml:1:8: error: `b` comes from another map, by `<<`\n"
            "     1 | a: &x {b: 1}\n       |        ^\n       change it where it is written\n");
    becomes("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", SET("c", "b"), "2",
            "a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n  b: \"2\"\n");
    becomes("a: [x]\n", SET("a", "b"), "c",
            "lab.yaml:1:4: error: `b` cannot be here: this is a list, not a map\n"
            "     1 | a: [x]\n       |    ^\n");
    becomes("a: [x]\n", REMOVE(1, "a"), NULL,
            "lab.yaml:1:4: error: `a` has no item 2\n     1 | a: [x]\n       |    ^\n");
    becomes("include: more.yaml\n", REMOVE(0, RULES), NULL,
            "lab.yaml:1:1: error: there is no `firewall` beside this: an included file has it\n"
            "     1 | include: more.yaml\n       | ^\n       change it in the file that says it\n");
    becomes("a: [&x b, c]\nd: *x\n", REMOVE(0, "a"), NULL,
            "lab.yaml:2:5: error: `*x` is in the way: it stands for what would be changed or taken away\n"
            "     2 | d: *x\n       |     ^\n"
            "       write out here what it stands for, or change both by hand\n");
    becomes("a: [x\n", SET("b"), "c",
            "lab.yaml:1:4: error: this `[` is not closed\n     1 | a: [x\n       |    ^\n"
            "       its `]` is missing at the end of the file\n");
}

/* By chance. Every text in a tree is another one, and so is every remark: lines are known by them. */

enum { DEPTH = 4, PATH_MAX_KEYS = DEPTH + 3 };

static struct chance {
    struct arena arena;
    uint64_t state;
    unsigned n_texts;
} chance;

static const struct place nowhere;

static unsigned upto(unsigned n)
{
    chance.state = chance.state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(chance.state >> 33) % n;
}

static struct node *chance_text(void)
{
    static const char *const ends[] = {"", " x", ", y", ": z", " #", "'", "\"", "/24", "\\"};
    const char *text = arena_printf(&chance.arena, "t%u.%s", chance.n_texts++, ends[upto(9)]);
    return node_new_scalar(&chance.arena, text, &nowhere);
}

static struct node *chance_node(unsigned depth)
{
    enum node_form form = depth == DEPTH ? NODE_MAP : !depth ? NODE_SCALAR : (enum node_form)upto(3);
    if (form == NODE_SCALAR)
        return chance_text();
    struct node *node = node_new(&chance.arena, form, &nowhere);
    for (unsigned n = upto(5) + (depth == DEPTH); n--;)
        if (form == NODE_MAP)
            node_add_pair(&chance.arena, node,
                          node_new_scalar(&chance.arena, arena_printf(&chance.arena, "k%u", n), &nowhere),
                          chance_node(depth - 1));
        else
            node_add_item(&chance.arena, node, chance_node(depth - 1));
    return node;
}

static void say_text(const char *text, bool json, struct text *out)
{
    if (json || upto(2) || strpbrk(text, ",:#'\"\\"))
        text_add_json(out, text);
    else
        text_printf(out, upto(2) ? "'%s'" : "%s", text);
}

static void say_break(unsigned indent, bool json, struct text *out)
{
    if (!json && !upto(3))
        text_printf(out, " # r%u.", chance.n_texts++);
    text_add(out, "\n");
    if (!json && !upto(4))
        text_printf(out, "%*s# r%u.\n", (int)(indent + upto(2)), "", chance.n_texts++);
    if (!upto(8))
        text_add(out, "\n");
}

static void say_space(struct text *out)
{
    text_add(out, upto(4) ? "" : " ");
}

static void say_flow(const struct node *node, unsigned indent, bool json, struct text *out)
{
    bool is_map = node->form == NODE_MAP, breaks = !upto(3);
    if (node->form == NODE_SCALAR) {
        say_text(node->text, json, out);
        return;
    }
    text_add(out, is_map ? "{" : "[");
    for (size_t i = 0; i < node->n; i++) {
        if (breaks) {
            say_break(indent, json, out);
            text_printf(out, "%*s", (int)indent, "");
        }
        if (is_map) {
            say_text(node->pairs[i].key->text, json, out);
            text_add(out, ": ");
        }
        say_flow(is_map ? node->pairs[i].value : node->items[i], indent + 2, json, out);
        say_space(out);
        text_add(out, i + 1 < node->n || (!json && !upto(4)) ? "," : "");
        text_add(out, breaks ? "" : " ");
    }
    if (breaks && node->n) {
        say_break(indent, json, out);
        text_printf(out, "%*s", (int)indent, "");
    }
    text_add(out, is_map ? "}" : "]");
}

static void say_block(const struct node *node, unsigned indent, struct text *out)
{
    bool is_map = node->form == NODE_MAP;
    for (size_t i = 0; i < node->n; i++) {
        struct node *value = is_map ? node->pairs[i].value : node->items[i];
        text_printf(out, "%*s%s", (int)indent, "", is_map ? node->pairs[i].key->text : "-");
        text_add(out, is_map ? ":" : "");
        if (value->form != NODE_SCALAR && value->n && upto(3)) {
            unsigned more = is_map && value->form == NODE_LIST ? upto(3) : 1 + upto(3);
            say_break(indent + more, false, out);
            say_block(value, indent + more, out);
        } else if (value->form == NODE_SCALAR && !upto(4)) {
            text_printf(out, " |\n%*s%s\n", (int)indent + 2, "", value->text);
            value->text = arena_printf(&chance.arena, "%s\n", value->text);
        } else {
            text_add(out, " ");
            say_flow(value, indent + 2, false, out);
            say_break(indent, false, out);
        }
    }
}

/* The edit, made in the tree itself. What goes is noted. */

struct chosen {
    const char *path[PATH_MAX_KEYS];
    struct file_edit edit;
    const struct node *gone;
};

static void drop(struct node *node, size_t i)
{
    size_t size = node->form == NODE_MAP ? sizeof *node->pairs : sizeof(struct node *);
    char *list = node->form == NODE_MAP ? (char *)node->pairs : (char *)node->items;
    memmove(list + i * size, list + (i + 1) * size, (node->n - i - 1) * size);
    node->n--;
}

static void insert_item(struct node *list, size_t i, struct node *item)
{
    node_add_item(&chance.arena, list, item);
    memmove(&list->items[i + 1], &list->items[i], (list->n - i - 1) * sizeof(struct node *));
    list->items[i] = item;
}

/* A value becomes the list of itself. */
static void be_list(struct node *node)
{
    struct node *copy = node_new_scalar(&chance.arena, node->text, &nowhere);
    if (node->form != NODE_SCALAR)
        return;
    *node = *node_new(&chance.arena, NODE_LIST, &nowhere);
    node_add_item(&chance.arena, node, copy);
}

static void choose_in_list(struct chosen *chosen, struct node *list)
{
    be_list(list);
    bool inserts = !list->n || upto(2);
    size_t i = upto((unsigned)list->n + inserts);
    chosen->edit.verb = inserts ? EDIT_INSERT : EDIT_REMOVE;
    chosen->edit.index = inserts && i == list->n && upto(2) ? EDIT_END : (long)i;
    if (inserts) {
        struct node *item = chance_node(upto(3));
        chosen->edit.value = item;
        insert_item(list, i, item);
    } else {
        chosen->gone = list->items[i];
        drop(list, i);
    }
}

/* A new key with a value or, below as many keys as there are, a list. */
static void choose_new(struct chosen *chosen, struct node *map, unsigned n)
{
    struct node *value = chance_node(upto(3)), *in = map;
    chosen->edit.value = value;
    chosen->edit.verb = upto(2) ? EDIT_SET : EDIT_INSERT;
    chosen->edit.index = EDIT_END;
    for (unsigned more = 1 + upto(2); more--;) {
        const char *key = chosen->path[n++] = more ? "new" : "newer";
        struct node *below =
            node_new(&chance.arena, chosen->edit.verb == EDIT_SET || more ? NODE_MAP : NODE_LIST, &nowhere);
        node_add_pair(&chance.arena, in, node_new_scalar(&chance.arena, key, &nowhere),
                      !more && chosen->edit.verb == EDIT_SET ? value : below);
        in = below;
    }
    if (chosen->edit.verb == EDIT_INSERT)
        node_add_item(&chance.arena, in, value);
}

static void choose(struct chosen *chosen, struct node *map, unsigned n, bool is_root)
{
    size_t i = map->n ? upto((unsigned)map->n) : 0;
    if (!map->n || !upto(4)) {
        choose_new(chosen, map, n);
        return;
    }
    struct node *value = map->pairs[i].value;
    chosen->path[n++] = map->pairs[i].key->text;
    if (value->form == NODE_MAP && upto(4)) {
        choose(chosen, value, n, false);
    } else if (value->form != NODE_MAP && upto(3)) {
        choose_in_list(chosen, value);
    } else if (upto(2) || (is_root && map->n == 1)) {
        chosen->edit.verb = EDIT_SET;
        chosen->edit.value = map->pairs[i].value = chance_node(upto(3));
        chosen->gone = value;
    } else {
        chosen->edit.verb = EDIT_UNSET;
        chosen->gone = value;
        drop(map, i);
    }
}

static bool is_same(const struct node *a, const struct node *b)
{
    bool same = a->form == b->form && a->n == b->n;
    for (size_t i = 0; same && a->form != NODE_SCALAR && i < a->n; i++)
        if (a->form == NODE_LIST)
            same = is_same(a->items[i], b->items[i]);
        else
            same = strcmp(a->pairs[i].key->text, b->pairs[i].key->text) == 0 &&
                   is_same(a->pairs[i].value, b->pairs[i].value);
    return same && (a->form != NODE_SCALAR || strcmp(a->text, b->text) == 0);
}

/* Whether the line holds a text of what went. */
static bool is_about(const char *line, const struct node *gone)
{
    if (!gone)
        return false;
    if (gone->form == NODE_SCALAR)
        return strstr(line,
                      arena_printf(&chance.arena, "%.*s", (int)strcspn(gone->text, ".") + 1, gone->text));
    for (size_t i = 0; i < gone->n; i++)
        if (is_about(line, gone->form == NODE_MAP ? gone->pairs[i].value : gone->items[i]))
            return true;
    return false;
}

/* Lines with texts or remarks that are not the same any more: where the last entry gets or loses its comma,
 * and where the entry began, or the bracket around it. Remarks of what went may go with it. */
static unsigned count_touched(const char *before, const char *after, const struct node *gone)
{
    unsigned n = 0;
    const char *from = after;
    for (const char *line = before, *end; *line; line = end + 1) {
        end = line + strcspn(line, "\n");
        const char *whole = arena_strndup(&chance.arena, line, (size_t)(end - line) + 1);
        const char *found = strstr(from, whole);
        if (!strchr(whole, 't') && (gone || !strchr(whole, 'r')))
            continue;
        if (found && (found == after || found[-1] == '\n'))
            from = found + strlen(whole);
        else
            n += !is_about(whole, gone);
    }
    return n;
}

static void test_chance(void **state)
{
    (void)state;
    const char *rounds = getenv("PLEXUS_PAIRS");
    for (unsigned long round = 0; round < (rounds ? strtoul(rounds, NULL, 10) : 20000); round++) {
        CLEANUP_ERRORS struct errors errors = {0};
        struct text before CLEANUP_TEXT = {0}, after CLEANUP_TEXT = {0};
        struct node *again;
        chance = (struct chance){.state = round * 7919 + 1};
        struct node *root = chance_node(DEPTH);
        bool json = !upto(3);
        if (json || !upto(8)) {
            say_flow(root, 2, json, &before);
            text_add(&before, "\n");
        } else {
            say_block(root, 0, &before);
        }
        struct chosen chosen = {0};
        choose(&chosen, root, 0, true);
        chosen.edit.path = chosen.path;
        int r = edit_text("lab.yaml", text_of(&before), before.length, &chosen.edit, &after, &errors);
        if (r == 0)
            r = yaml_parse("lab.yaml", text_of(&after), after.length, &chance.arena, &errors, &again);
        unsigned touched = r == 0 ? count_touched(text_of(&before), text_of(&after), chosen.gone) : 0;
        if (r < 0 || !is_same(root, again) || touched > 2) {
            printf("round %lu: verb %d at", round, (int)chosen.edit.verb);
            for (unsigned i = 0; chosen.path[i]; i++)
                printf(" %s", chosen.path[i]);
            printf(" [%ld], %u lines touched\n%s---\n%s", chosen.edit.index, touched, text_of(&before),
                   text_of(&after));
            errors_print(&errors, stdout, false);
            fail();
        }
        arena_done(&chance.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block),  cmocka_unit_test(test_missing), cmocka_unit_test(test_flow),
        cmocka_unit_test(test_single), cmocka_unit_test(test_texts),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long),   cmocka_unit_test(test_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
