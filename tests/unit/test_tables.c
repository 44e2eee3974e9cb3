/* The tables of options are total and sane, so that what reads them (files, netlink, commands, the manual)
 * need not ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <ctype.h>
#include <string.h>
#include <cmocka.h>

#include "model/object.h"
#include "model/step.h"

/* Every table: of each class, and of each kind together with what all interfaces have. */
struct table {
    const struct class *class;
    const struct kind *kind; /* NULL: of the class alone */
};

static unsigned table_size(const struct table *table)
{
    return table->class->n_options + (table->kind ? table->kind->n_options : 0);
}

static const struct option *table_option(const struct table *table, unsigned i)
{
    unsigned n = table->class->n_options;
    return i < n ? &table->class->options[i] : &table->kind->options[i - n];
}

static void each_table(void (*test)(const struct table *table))
{
    for (unsigned i = 0; i < CLASS_MAX; i++)
        test(&(struct table){classes[i], NULL});
    for (unsigned i = 0; kinds[i]; i++)
        test(&(struct table){classes[CLASS_INTERFACE], kinds[i]});
}

static void fail_option(const struct table *table, const struct option *option, const char *why)
{
    fail_msg("option `%s` of %s: %s", option->key, table->kind ? table->kind->name : table->class->name, why);
}

#define check(condition)                            \
    do {                                            \
        if (!(condition))                           \
            fail_option(table, option, #condition); \
    } while (0)

static bool is_word(const char *word)
{
    if (!islower((unsigned char)*word))
        return false;
    for (const char *c = word; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && !(*c == '-' && c[1] && c[1] != '-'))
            return false;
    return true;
}

static bool is_sentence(const char *help)
{
    size_t length = help ? strlen(help) : 0;
    return length > 4 && isupper((unsigned char)*help) && help[length - 1] == '.' && !strstr(help, "  ");
}

static bool is_number(const struct option *option)
{
    switch (option->type) {
    case TYPE_BOOL:
    case TYPE_NUMBER:
    case TYPE_ENUM:
    case TYPE_USER:
    case TYPE_GROUP:
        return true;
    case TYPE_TEXT:
    case TYPE_MAC:
    case TYPE_IP:
    case TYPE_ADDRESS:
    case TYPE_NETWORK:
    case TYPE_INTERFACE:
    case TYPE_DEVICE:
    case TYPE_KEY:
    case TYPE_ENDPOINT:
    case TYPE_VLANS:
    case TYPE_NEXTHOPS:
    case TYPE_RULES:
    case TYPE_LINES:
    case TYPE_ELEMENTS:
    case TYPE_MAX:
        return false;
    }
    return false;
}

static void check_keys(const struct table *table)
{
    bool keys_over = false;
    for (unsigned i = 0; i < table_size(table); i++) {
        const struct option *option = table_option(table, i);
        bool is_key = option->flags & OPTION_KEY;
        check(option->key && is_word(option->key));
        check(!is_key || !keys_over);
        check(!is_key || i < table->class->n_options);
        check(!is_key || option->change == CHANGE_RECREATE);
        check(is_key || !(option->flags & OPTION_LABEL));
        keys_over |= !is_key;
        for (unsigned j = 0; j < i; j++)
            check(strcmp(option->key, table_option(table, j)->key) != 0);
    }
    assert_true(table_size(table) <= STEP_OPTIONS_MAX);
    assert_true(table->class->options[0].flags & OPTION_KEY);
}

static void check_columns(const struct table *table)
{
    for (unsigned i = 0; i < table_size(table); i++) {
        const struct option *option = table_option(table, i);
        check(option->type < TYPE_MAX);
        check((option->attr != 0) == (option->wire != WIRE_NONE));
        check(option->type != TYPE_ENUM || (option->names && option->names->name));
        check(!option->names || option->type == TYPE_ENUM || option->type == TYPE_NUMBER);
        check(option->type == TYPE_NUMBER ? option->min < option->max : !option->min && !option->max);
        check(!option->scale || (is_number(option) && option->scale > 1));
        check(!option->unit || option->type == TYPE_NUMBER);
        check(is_sentence(option->help));
        check(!option->needs || isupper((unsigned char)*option->needs));
        check(!(option->flags & OPTION_SECRET) || option->type == TYPE_KEY);
        check(!(option->flags & OPTION_LIST) || !is_number(option));
        check(!(option->flags & OPTION_REQUIRED) || !option->fallback);
        check(!(option->flags & OPTION_PORT) || i < table->class->n_options);
        for (unsigned j = 0; j < i; j++) {
            const struct option *other = table_option(table, j);
            bool same_nest = (option->flags & OPTION_PORT) == (other->flags & OPTION_PORT) &&
                             (i < table->class->n_options) == (j < table->class->n_options);
            check(!same_nest || !option->attr || option->attr != other->attr);
        }
    }
}

/* The form in which a value is kept must be one that its wire carries. */
static void check_wire(const struct table *table)
{
    for (unsigned i = 0; i < table_size(table); i++) {
        const struct option *option = table_option(table, i);
        int64_t top = option->max * (option->scale ? option->scale : 1);
        switch (option->wire) {
        case WIRE_NONE:
            break;
        case WIRE_U8:
            check(is_number(option) && top <= UINT8_MAX);
            break;
        case WIRE_U16:
        case WIRE_BE16:
            check(is_number(option) && top <= UINT16_MAX);
            break;
        case WIRE_U32:
            check(is_number(option) && top <= UINT32_MAX);
            break;
        case WIRE_U64:
            check(is_number(option));
            break;
        case WIRE_STRING:
            check(!is_number(option));
            break;
        case WIRE_MAC:
            check(option->type == TYPE_MAC);
            break;
        case WIRE_IP:
            check(option->type == TYPE_IP && !(option->flags & OPTION_LIST));
            break;
        case WIRE_IFINDEX:
            check(option->type == TYPE_INTERFACE || option->type == TYPE_DEVICE);
            break;
        case WIRE_IP_LIST:
            check(option->type == TYPE_IP && option->flags & OPTION_LIST);
            break;
        }
    }
}

/* An empty fallback of a text means "none". */
static void check_fallbacks(const struct table *table)
{
    struct arena arena = {0};
    for (unsigned i = 0; i < table_size(table); i++) {
        const struct option *option = table_option(table, i);
        const char *expected = NULL, *near = NULL;
        struct value parsed, fallback = option_fallback(option);
        check(value_is_set(&fallback) == (option->fallback != NULL));
        if (!option->fallback || (!*option->fallback && !is_number(option)))
            continue;
        check(option_parse(option, option->fallback, &arena, &parsed, &expected, &near) == 0);
        check(value_equal(&parsed, &fallback));
        check(parsed.form == (is_number(option) ? VALUE_NUMBER : VALUE_TEXT));
    }
    arena_done(&arena);
}

/* The words of commands: known placeholders, and two spellings for booleans only. */
static void check_words(const struct table *table)
{
    for (unsigned i = 0; i < table_size(table); i++) {
        const struct option *option = table_option(table, i);
        for (const char *c = option->ip; c && (c = strchr(c, '%')); c += 2) {
            check(c[1] && strchr("vrboxg", c[1]));
            check(c[1] == 'v' || (c[1] == 'g' ? option->type == TYPE_IP : is_number(option)));
            check(c[1] != 'b' || option->type == TYPE_BOOL);
            check(c[1] != 'o' || option->type == TYPE_BOOL);
            check(c[1] != 'v' || option->type != TYPE_BOOL);
            check(c[1] != 'v' || option->scale == 0);
        }
        check(!option->ip || !strchr(option->ip, '|') || option->type == TYPE_BOOL);
        check(!option->ip || !(option->flags & OPTION_SECRET));
        check(!option->attr_ipv6 || option->wire == WIRE_IP);
        check(!(option->flags & OPTION_PORT) || option->ip);
    }
}

static void check_names(const struct table *table)
{
    for (unsigned i = 0; i < table_size(table); i++) {
        const struct option *option = table_option(table, i);
        for (const struct name *a = option->names; a && a->name; a++)
            for (const struct name *b = option->names; b < a; b++)
                check(strcmp(a->name, b->name) != 0 && a->value != b->value);
    }
}

static void keys_are_unique_and_come_first(void **state)
{
    (void)state;
    each_table(check_keys);
}

static void columns_agree(void **state)
{
    (void)state;
    each_table(check_columns);
}

static void wires_carry_their_types(void **state)
{
    (void)state;
    each_table(check_wire);
}

static void fallbacks_can_be_read(void **state)
{
    (void)state;
    each_table(check_fallbacks);
}

static void words_have_known_placeholders(void **state)
{
    (void)state;
    each_table(check_words);
}

static void names_are_unique(void **state)
{
    (void)state;
    each_table(check_names);
}

static void classes_are_registered_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CLASS_MAX; i++) {
        assert_non_null(classes[i]);
        assert_int_equal(classes[i]->id, i);
        assert_ptr_equal(class_by_name(classes[i]->name), classes[i]);
        assert_true(is_word(classes[i]->name));
        assert_true(is_sentence(classes[i]->help));
        assert_non_null(classes[i]->commands);
        assert_non_null(classes[i]->plural);
        assert_in_range(classes[i]->deletion, 1, 499); /* twice that is below ADDED_RANK of order.c */
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(classes[i]->plural, classes[j]->plural);
            assert_int_not_equal(classes[i]->deletion, classes[j]->deletion);
        }
    }
    assert_null(class_by_name("nonsense"));
}

static void kinds_are_registered_once(void **state)
{
    (void)state;
    for (unsigned i = 0; kinds[i]; i++) {
        const struct kind *kind = kinds[i];
        assert_ptr_equal(kind_by_name(kind->name), kind);
        assert_true(is_word(kind->name));
        assert_true(is_sentence(kind->help));
        assert_int_equal(kind->maker == MAKER_EXISTING, kind->info_kind == NULL);
        assert_int_equal(kind->maker == MAKER_EXISTING, kind->config == NULL);
        assert_int_equal(kind->options == NULL, kind->n_options == 0);
        if (kind->info_kind) /* tun and tap are one to the kernel */
            assert_string_equal(kind_by_info(kind->info_kind)->info_kind, kind->info_kind);
    }
    assert_ptr_equal(kind_by_info("nonsense"), &kind_other);
    assert_null(kind_by_name("nonsense"));
}

/* 1: read; 0: refused, with the right expectation. */
static int reads(enum type type, const char *written, const char *canonical)
{
    const struct option option = {.key = "x", .type = type};
    struct arena arena = {0};
    struct value value;
    const char *expected = NULL, *near = NULL;
    int r = option_parse(&option, written, &arena, &value, &expected, &near);
    if (r == 0)
        assert_string_equal(value.text, canonical);
    else
        assert_non_null(strstr(expected, type == TYPE_KEY ? "44 characters" : "no host name"));
    arena_done(&arena);
    return r == 0;
}

static void keys_and_endpoints_are_checked(void **state)
{
    (void)state;
    static const char key[] = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    uint8_t bytes[WGKEY_SIZE];
    char text[WGKEY_TEXT_SIZE];
    assert_int_equal(wgkey_parse(key, bytes), 0);
    assert_int_equal(bytes[0], 0xc5);
    assert_int_equal(bytes[31], 0x38);
    assert_string_equal(wgkey_format(bytes, text), key);
    assert_true(reads(TYPE_KEY, key, key));
    assert_false(reads(TYPE_KEY, "", NULL));
    assert_false(reads(TYPE_KEY, "abc=", NULL));
    assert_false(reads(TYPE_KEY, "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg", NULL));
    assert_false(reads(TYPE_KEY, "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dh=", NULL)); /* 258 bits */
    assert_false(reads(TYPE_KEY, "xTIBA5rboUvnH4htodjb6e697QjLERt1-AB4mZqp8Dg=", NULL));
    assert_false(reads(TYPE_KEY, "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=x", NULL));
    assert_true(reads(TYPE_ENDPOINT, "192.0.2.1:51820", "192.0.2.1:51820"));
    assert_true(reads(TYPE_ENDPOINT, "[2001:DB8:0::1]:65535", "[2001:db8::1]:65535"));
    static const char *const refused[] = {
        "",           ":",          ":1",          "]:1",           "[]:1",          "[",
        "192.0.2.1",  "1.2.3.4:",   "1.2.3.4:x",   "1.2.3.4:0",     "1.2.3.4:99999", "1.2.3.4:0x10",
        "1.2.3.4:-1", "1.2.3.4: 1", "1.2.3.4:1 ",  "[1.2.3.4]:1",   "2001:db8::1:1", "[2001:db8::1]",
        "[fd00::1:1", "fd00::1]:1", "vpn.test:51", "[fd00::1]x:51",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (reads(TYPE_ENDPOINT, refused[i], ""))
            fail_msg("read: %s", refused[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_registered_once),    cmocka_unit_test(kinds_are_registered_once),
        cmocka_unit_test(keys_are_unique_and_come_first), cmocka_unit_test(columns_agree),
        cmocka_unit_test(wires_carry_their_types),        cmocka_unit_test(fallbacks_can_be_read),
        cmocka_unit_test(words_have_known_placeholders),  cmocka_unit_test(names_are_unique),
        cmocka_unit_test(keys_and_endpoints_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
