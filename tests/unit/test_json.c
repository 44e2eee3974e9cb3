/* Objects as JSON and back: nothing is lost, nothing damaged is taken. The objects are made from the tables:
 * of every class and every kind one with every option set, with one value after another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/json.h"

/* Beside what looks like a value: what JSON must escape, what is not ASCII, and what is not UTF-8 at all. */
static const char *const texts[] = {
    "10.0.0.1/24", "a b,c",  "\"\\/\b\t\n\x7f", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7",
    "\xff",        "b\xc3(", "\xed\xa0\x80",
};

enum { N_TEXTS = sizeof texts / sizeof texts[0], N_VARIANTS = 24 };

static bool is_number(const struct option *option)
{
    return option->type == TYPE_BOOL || option->type == TYPE_NUMBER || option->type == TYPE_ENUM ||
           option->type == TYPE_USER || option->type == TYPE_GROUP;
}

static bool must_be_there(const struct option *option)
{
    return option->flags & OPTION_KEY && !(option->flags & OPTION_LABEL) && !option->fallback;
}

static struct value sample(const struct option *option, unsigned variant)
{
    const int64_t ends[] = {option->min, option->max};
    unsigned n_names = 0;
    while (option->names && option->names[n_names].name)
        n_names++;
    if (option->type == TYPE_BOOL)
        return value_number(variant % 2);
    if (n_names && (option->type == TYPE_ENUM || variant % 2))
        return value_number(option->names[variant / 2 % n_names].value);
    if (option->type == TYPE_NUMBER)
        return value_number(ends[variant / 2 % 2]);
    if (is_number(option))
        return value_number(1000 + variant);
    if (!(option->flags & OPTION_KEY) && variant % (N_TEXTS + 1) == N_TEXTS)
        return value_text("");
    return value_text(texts[variant % N_TEXTS]);
}

static struct object *make(struct model *model, const struct class *class, const struct kind *kind,
                           unsigned variant)
{
    static const unsigned origins[] = {0,           OBJECT_KERNEL,  OBJECT_OURS,
                                       OBJECT_MADE, OBJECT_ADOPTED, OBJECT_FOREIGN};
    static const char *const owners[] = {NULL, "lab", "caf\xe9"}, *const spaces[] = {HOST, "red", "r\xe9"};
    struct object *object = model_new(model, class, kind, spaces[variant % 3]);
    object->flags = origins[variant % 6];
    object->owner = owners[variant / 2 % 3];
    for (unsigned i = 0; i < object_n_options(object); i++)
        object->values[i] = sample(object_option(object, i), variant);
    assert_int_equal(model_add(model, object, NULL), 0);
    return object;
}

static void each(void (*test)(const struct class *class, const struct kind *kind))
{
    for (unsigned i = 0; i < CLASS_MAX; i++)
        if (i != CLASS_INTERFACE)
            test(classes[i], NULL);
    for (unsigned i = 0; kinds[i]; i++)
        test(classes[CLASS_INTERFACE], kinds[i]);
}

/* Through text, as it lies on disk. Takes the reference. */
static json_t *through_text(json_t *json)
{
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    json_t *again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(again);
    free(text);
    json_decref(json);
    return again;
}

/* The text is spent by it. */
static int parse_text(struct model *model, char *text, struct object **ret_object)
{
    struct pull pull = pull_of(text, strlen(text));
    int r = object_parse(model, NULL, &pull, ret_object);
    assert_int_equal(r == 0, pull_is_whole(&pull));
    return r;
}

static int parse(struct model *model, const json_t *json, struct object **ret_object)
{
    char *text = json_dumps(json, JSON_COMPACT);
    int r = parse_text(model, text, ret_object);
    free(text);
    return r;
}

static void assert_text_equal(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a)
        assert_string_equal(a, b);
}

static void assert_equal(const struct object *a, const struct object *b)
{
    assert_ptr_equal(a->class, b->class);
    assert_ptr_equal(a->kind, b->kind);
    assert_int_equal(a->flags, b->flags);
    assert_string_equal(a->ns, b->ns);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->id, b->id);
    assert_text_equal(a->owner, b->owner);
    for (unsigned i = 0; i < object_n_options(a); i++)
        if (!value_equal(&a->values[i], &b->values[i]))
            fail_msg("%s: `%s` has changed", a->id, object_option(a, i)->key);
}

static void check_round(const struct class *class, const struct kind *kind)
{
    for (unsigned variant = 0; variant < N_VARIANTS; variant++) {
        struct model model CLEANUP_MODEL = {0}, again CLEANUP_MODEL = {0};
        struct object *object = make(&model, class, kind, variant), *read = NULL;
        json_t *json = object_to_json(object, false);
        assert_int_equal(parse(&again, json, &read), 0);
        assert_ptr_equal(model_by_id(&again, object->id), read);
        assert_equal(object, read);
        assert_int_equal(parse(&again, json, NULL), -EINVAL); /* it is there already */
        assert_int_equal(again.n_objects, 1);
        json_decref(json);
    }
}

static void everything_comes_back(void **state)
{
    (void)state;
    each(check_round);
}

/* What is unset stays unset. */
static void check_bare(const struct class *class, const struct kind *kind)
{
    struct model model CLEANUP_MODEL = {0}, again CLEANUP_MODEL = {0};
    struct object *object = model_new(&model, class, kind, HOST), *read = NULL;
    for (unsigned i = 0; i < object_n_options(object); i++)
        if (must_be_there(object_option(object, i)))
            object->values[i] = sample(object_option(object, i), 0);
    assert_int_equal(model_add(&model, object, NULL), 0);
    json_t *json = object_to_json(object, false);
    assert_int_equal(parse(&again, json, &read), 0);
    assert_equal(object, read);
    json_decref(json);
}

static void nothing_is_added(void **state)
{
    (void)state;
    each(check_bare);
}

static bool is_taken(const json_t *json)
{
    struct model model CLEANUP_MODEL = {0};
    int r = parse(&model, json, NULL);
    assert_true(r == 0 || r == -EINVAL);
    assert_int_equal(model.n_objects, r == 0);
    return r == 0;
}

static const char *member_of(const struct option *option, char buffer[64])
{
    snprintf(buffer, 64, "%s", option->key);
    for (char *c = buffer; (c = strchr(c, '-'));)
        *c = '_';
    return buffer;
}

/* With the member put in the place of the value; NULL: without it. Takes the reference. */
static bool is_taken_with(const json_t *json, const char *member, json_t *value)
{
    json_t *copy = json_deep_copy(json), *values = json_object_get(copy, "values");
    if (value)
        json_object_set_new(values, member, value);
    else
        json_object_del(values, member);
    bool taken = is_taken(copy);
    json_decref(copy);
    return taken;
}

static void check_damaged_values(const struct class *class, const struct kind *kind)
{
    struct model model CLEANUP_MODEL = {0};
    const struct object *object = make(&model, class, kind, 0);
    json_t *json = object_to_json(object, false);
    assert_true(is_taken(json));
    assert_false(is_taken_with(json, "no_such_option", json_true()));
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        char member[64];
        member_of(option, member);
        if (is_taken_with(json, member, NULL) == must_be_there(option) ||
            is_taken_with(json, member, json_null()) || is_taken_with(json, member, json_array()) ||
            is_taken_with(json, member, json_object()) || is_taken_with(json, member, json_real(1.5)) ||
            is_taken_with(json, member, json_string("no such word")) == is_number(option) ||
            is_taken_with(json, member, json_true()) != (option->type == TYPE_BOOL) ||
            is_taken_with(json, member, json_integer(7)) !=
                (is_number(option) && option->type != TYPE_BOOL) ||
            (must_be_there(option) && is_taken_with(json, member, json_string(""))))
            fail_msg("%s: `%s`", object->id, option->key);
    }
    json_decref(json);
}

static void damaged_values_are_refused(void **state)
{
    (void)state;
    each(check_damaged_values);
}

static bool is_text_taken(const char *text)
{
    struct model model CLEANUP_MODEL = {0};
    char copy[256];
    assert_true(strlen(text) < sizeof copy);
    bool taken = parse_text(&model, strcpy(copy, text), NULL) == 0;
    assert_int_equal(model.n_objects, taken);
    return taken;
}

static const char good[] = "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"}}";

static void damaged_objects_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "[]",
        "{}",
        "{\"namespace\":\"host\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\"}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"name\":\"red\"}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":[]}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{}}",
        "{\"class\":\"nonsense\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":1,\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"owner\":1,\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"owner\":null,\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"origin\":\"x\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"kind\":\"veth\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"kind\":\"x\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"class\":\"rule\",\"namespace\":\"host\",\"values\":{\"name\":\"a\"}}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{\"name\":\"red\",\"name\":\"red\"}}",
        "{\"class\":\"namespace\",\"values\":{\"name\":\"red\"},\"namespace\":\"host\"}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"},\"owner\":\"lab\"}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"}",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"",
        "{\"class\":\"namespace\",\"namespace\":\"host\",\"more\":1,\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"interface\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"interface\",\"namespace\":\"host\",\"kind\":\"x\",\"values\":{\"name\":\"red\"}}",
        "{\"class\":\"interface\",\"namespace\":\"host\",\"kind\":\"veth\",\"values\":{\"ageing_time\":1}}",
    };
    assert_true(
        is_text_taken("{\"class\":\"namespace\",\"namespace\":\"host\",\"values\":{\"name\":\"red\"}}"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (is_text_taken(bad[i]))
            fail_msg("taken: %s", bad[i]);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"\"f\"",  "\"fff\"", "\"00\"",  "\"6200\"",       "\"\"", "\"FF\"",
                                      "\" f\"", "\"zz\"",  "\"0x1\"", "\"ff\",\"x\":1", "1",    "null"};
    json_t *json = json_loads(good, 0, NULL);
    assert_true(is_taken(json));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[40];
        snprintf(text, sizeof text, "{\"hex\":%s}", bad[i]);
        if (is_taken_with(json, "name", json_loads(text, 0, NULL)))
            fail_msg("taken: %s", text);
    }
    assert_true(is_taken_with(json, "name", json_pack("{s:s}", "hex", "ff")));
    json_decref(json);
}

/* The option `owner` of a tap is a user, and not the topology that made it. */
static void a_tap_has_two_owners(void **state)
{
    (void)state;
    struct model model CLEANUP_MODEL = {0}, again CLEANUP_MODEL = {0};
    struct object *tap = model_new(&model, classes[CLASS_INTERFACE], kind_by_name("tap"), HOST), *read = NULL;
    tap->owner = "lab";
    object_set_text(&model, tap, "name", "tap0");
    object_set_number(&model, tap, "owner", 1000);
    assert_int_equal(model_add(&model, tap, NULL), 0);
    json_t *json = object_to_json(tap, false);
    assert_int_equal(parse(&again, json, &read), 0);
    assert_string_equal(read->owner, "lab");
    assert_int_equal(object_number(read, "owner", -1), 1000);
    json_decref(json);
}

static void text_that_is_not_utf8_is_not_lost(void **state)
{
    (void)state;
    struct model model CLEANUP_MODEL = {0};
    struct object *link = model_new(&model, classes[CLASS_INTERFACE], kind_by_name("dummy"), "r\xff");
    object_set_text(&model, link, "name", "b\xff");
    assert_int_equal(model_add(&model, link, NULL), 0);
    const struct step add = {.verb = VERB_ADD, .new = link, .reason = "\xff"};
    json_t *json = through_text(step_to_json(&add));
    const char *object, *ns, *name, *reason, *command;
    assert_int_equal(json_unpack(json, "{s:{s:s}, s:{s:{s:s}, s:{s:{s:s}}}, s:{s:s}, s:[{s:s}]}", "object",
                                 "hex", &object, "new", "namespace", "hex", &ns, "values", "name", "hex",
                                 &name, "reason", "hex", &reason, "commands", "hex", &command),
                     0);
    assert_string_equal(ns, "72ff");
    assert_string_equal(name, "62ff");
    assert_string_equal(reason, "ff");
    json_decref(json);
}

static void check_hidden(const struct class *class, const struct kind *kind)
{
    struct model model CLEANUP_MODEL = {0};
    const struct object *object = make(&model, class, kind, 0);
    json_t *shown = object_to_json(object, true), *whole = object_to_json(object, false);
    for (unsigned i = 0; i < object_n_options(object); i++) {
        char member[64];
        member_of(object_option(object, i), member);
        const json_t *value = json_object_get(json_object_get(shown, "values"), member);
        if (object_option(object, i)->flags & OPTION_SECRET)
            assert_string_equal(json_string_value(value), "(hidden)");
        else
            assert_true(json_equal(value, json_object_get(json_object_get(whole, "values"), member)));
    }
    json_decref(shown);
    json_decref(whole);
}

static void secrets_are_hidden_where_asked(void **state)
{
    (void)state;
    each(check_hidden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(nothing_is_added),
        cmocka_unit_test(damaged_values_are_refused),
        cmocka_unit_test(damaged_objects_are_refused),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(a_tap_has_two_owners),
        cmocka_unit_test(text_that_is_not_utf8_is_not_lost),
        cmocka_unit_test(secrets_are_hidden_where_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
