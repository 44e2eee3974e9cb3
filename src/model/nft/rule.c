/* The canonical line of a rule: what is the same rule is the same text, whether it was compiled here,
 * typed, or listed by another version of nft. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ip.h"
#include "model/nft/expression.h"
#include "model/nft/nft.h"

/* What says no more than its absence, by statement. */

enum { DEFAULT_BURST = 5 };

static void drop_if(json_t *object, const char *key, json_int_t value)
{
    const json_t *member = json_object_get(object, key);
    if (json_is_integer(member) && json_integer_value(member) == value)
        json_object_del(object, key);
}

static void drop_if_word(json_t *object, const char *key, const char *word)
{
    const char *member = json_string_value(json_object_get(object, key));
    if (member && strcmp(member, word) == 0)
        json_object_del(object, key);
}

static void counter_trim(json_t *counter)
{
    json_object_clear(counter);
}

static void quota_trim(json_t *quota)
{
    json_object_del(quota, "used");
    json_object_del(quota, "used_unit");
    drop_if_word(quota, "val_unit", "bytes");
}

static void limit_trim(json_t *limit)
{
    drop_if_word(limit, "rate_unit", "packets");
    bool bytes = json_object_get(limit, "rate_unit");
    drop_if(limit, "burst", bytes ? 0 : DEFAULT_BURST);
    if (!bytes || !json_object_get(limit, "burst"))
        json_object_del(limit, "burst_unit");
    drop_if_word(limit, "burst_unit", "bytes");
}

static void log_trim(json_t *log)
{
    drop_if_word(log, "level", "warn");
    drop_if(log, "snaplen", 0);
    drop_if(log, "queue-threshold", 0);
}

/* In a table of family inet that is what a bare `reject` means. */
static void reject_trim(json_t *reject)
{
    const char *type = json_string_value(json_object_get(reject, "type"));
    const char *code = json_string_value(json_object_get(reject, "expr"));
    if (type && code && strcmp(type, "icmpx") == 0 && strcmp(code, "port-unreachable") == 0)
        json_object_clear(reject);
}

static void numgen_trim(json_t *numgen)
{
    drop_if(numgen, "offset", 0);
}

static const struct {
    const char *key;
    void (*trim)(json_t *value);
} trims[] = {
    {"counter", counter_trim}, {"quota", quota_trim},   {"limit", limit_trim},  {"log", log_trim},
    {"reject", reject_trim},   {"numgen", numgen_trim}, {"jhash", numgen_trim}, {"symhash", numgen_trim},
};

/* Lists whose order says nothing: flags, and the words of a value that is made up of several. */
static bool is_unordered(const char *key, const json_t *list)
{
    static const char *const ordered[] = {"concat", "range", "expr", "stmt"};
    size_t i;
    json_t *word;
    for (size_t k = 0; k < sizeof ordered / sizeof *ordered; k++)
        if (strcmp(ordered[k], key) == 0)
            return false;
    json_array_foreach(list, i, word) if (!json_is_string(word)) return false;
    return json_array_size(list) > 0;
}

/* Numbers by size, then the rest by its text; what begins a range, a pair or a concatenation stands for
 * it. */
static json_int_t beginning(const json_t *value)
{
    for (const json_t *inner = value; inner;) {
        value = inner;
        inner = json_object_get(value, "range");
        inner = inner ? inner : json_object_get(value, "concat");
        inner = json_array_get(inner ? inner : value, 0);
    }
    return json_integer_value(value);
}

struct member {
    json_t *value;
    json_int_t number;
    char *text;
};

static int by_value(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    return a->number != b->number ? (a->number > b->number) - (a->number < b->number)
                                  : strcmp(a->text, b->text);
}

static json_t *sorted(const json_t *list)
{
    size_t n = json_array_size(list);
    struct member *members = xrealloc(NULL, n + 1, sizeof *members);
    json_t *result = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *value = json_array_get(list, i);
        members[i] =
            (struct member){value, beginning(value), json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS)};
    }
    qsort(members, n, sizeof *members, by_value);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_value(&members[i - 1], &members[i]) != 0)
            json_array_append(result, members[i].value);
    for (size_t i = 0; i < n; i++)
        free(members[i].text);
    free(members);
    return result;
}

static json_t *canonical(const char *key, const json_t *value);

static json_t *canonical_list(const char *key, const json_t *list)
{
    json_auto_t *copy = json_array();
    size_t i;
    json_t *value;
    /* Inside a set a list is a pair of a map; inside an operation it is a value with several bits. */
    const char *inner = strcmp(key, "set") == 0 ? "concat" : "";
    json_array_foreach(list, i, value) json_array_append_new(copy, canonical(inner, value));
    if (strcmp(key, "set") != 0 && !is_unordered(key, copy))
        return json_incref(copy);
    json_t *result = sorted(copy);
    if (json_array_size(result) != 1 || strcmp(key, "set") == 0)
        return result;
    json_t *only = json_incref(json_array_get(result, 0));
    json_decref(result);
    return only;
}

/* A set of one is the one, unless that needs a set around it. */
static void match_unwrap(json_t *match)
{
    const json_t *set = json_object_get(json_object_get(match, "right"), "set");
    json_t *only = json_is_array(set) && json_array_size(set) == 1 ? json_array_get(set, 0) : NULL;
    const struct nft_type *type = nft_expression_type(json_object_get(match, "left"));
    if (!only || json_is_array(only) || json_object_get(only, "concat") || json_object_get(only, "elem"))
        return;
    json_object_set(match, "right", only);
    const char *op = json_string_value(json_object_get(match, "op"));
    if (type && type->bits && op && strcmp(op, "==") == 0)
        json_object_set_new(match, "op", json_string("in"));
}

/* The target of neighbour discovery has had a name since nft 1.0.7; before it is bits of the header behind
 * that of IPv6, and the addresses are numbers. That all versions take. */
static json_t *number_of(const json_t *address)
{
    struct ip ip;
    char text[IP_HEX_SIZE];
    const char *word = json_string_value(address);
    return word && ip_parse(word, &ip) == 0 ? json_string(ip_format_hex(&ip, text)) : json_deep_copy(address);
}

static void target_unname(json_t *match)
{
    const json_t *payload = json_object_get(json_object_get(match, "left"), "payload");
    const char *field = json_string_value(json_object_get(payload, "field"));
    const json_t *right = json_object_get(match, "right"), *set = json_object_get(right, "set");
    size_t i;
    json_t *address;
    if (!field || strcmp(field, "taddr") != 0)
        return;
    json_auto_t *numbers = json_array();
    json_array_foreach(set, i, address) json_array_append_new(numbers, number_of(address));
    json_object_set_new(match, "left",
                        json_pack("{s:{s:s, s:i, s:i}}", "payload", "base", "th", "offset", 64, "len", 128));
    json_object_set_new(match, "right", set ? json_pack("{s:o}", "set", sorted(numbers)) : number_of(right));
}

static json_t *canonical_object(const char *key, const json_t *object)
{
    json_t *copy = json_object();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name,
                        value) if (!(strcmp(name, "inv") == 0 && json_is_false(value)))
        json_object_set_new(copy, name, canonical(name, value));
    for (size_t i = 0; i < sizeof trims / sizeof *trims; i++)
        if (strcmp(trims[i].key, key) == 0)
            trims[i].trim(copy);
    if (strcmp(key, "match") == 0) {
        target_unname(copy);
        match_unwrap(copy);
    }
    if (json_object_size(copy) > 0)
        return copy;
    json_decref(copy);
    return json_null();
}

/* Of the value that is called so in its object; "" in a list. */
static json_t *canonical(const char *key, const json_t *value)
{
    if (json_is_array(value))
        return canonical_list(key, value);
    if (json_is_object(value))
        return canonical_object(key, value);
    return json_deep_copy(value);
}

char *nft_rule_line(const json_t *rule)
{
    const json_t *expr = json_object_get(rule, "expr"), *comment = json_object_get(rule, "comment");
    if (!json_is_array(expr))
        return NULL;
    json_auto_t *line = json_object();
    json_object_set_new(line, "expr", canonical("expr", expr));
    if (json_is_string(comment))
        json_object_set_new(line, "comment", json_deep_copy(comment));
    return json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);
}

json_t *nft_rule_parse(const char *line, size_t length)
{
    json_t *rule = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *comment = json_object_get(rule, "comment");
    if (json_is_array(json_object_get(rule, "expr")) && (!comment || json_is_string(comment)))
        return rule;
    json_decref(rule);
    return NULL;
}
