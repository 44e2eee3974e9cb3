/* Statements and whole rules as text for nft(8). */
#include <stdlib.h>
#include <string.h>

#include "model/nft/expression.h"
#include "model/nft/print.h"

static void option_print(const json_t *object, const char *key, struct text *out)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return;
    text_printf(out, " %s ", key);
    nft_print_word(value, out);
}

/* "==" is not written, unless it would mean that one of the bits is set; and "in" is just that. */
static const char *operator_of(const json_t *match)
{
    const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
    const char *op = json_string_value(json_object_get(match, "op")), *key = NULL;
    const struct nft_type *type = nft_expression_type(left);
    bool operation = nft_only(left, &key) && nft_is_operation(key);
    bool word =
        !json_object_get(right, "set") && !(json_string_value(right) && *json_string_value(right) == '@');
    if (!op || strcmp(op, "in") == 0)
        return "";
    if (strcmp(op, "==") == 0 && !operation && !(type && type->bits && word))
        return "";
    return op;
}

static void match_print(const json_t *match, struct text *out)
{
    const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
    const char *op = operator_of(match), *key = NULL;
    bool operation = nft_only(left, &key) && nft_is_operation(key);
    nft_print(left, NULL, out);
    text_printf(out, "%s%s ", *op ? " " : "", op);
    nft_print_list(right, *op ? " | " : ",", operation ? json_array_get(json_object_get(left, key), 0) : left,
                   out);
}

/* {"counter": "name"} is a counter of its own; so are quota, limit. */
static bool named_print(const char *statement, const json_t *value, struct text *out)
{
    if (!json_is_string(value))
        return false;
    text_printf(out, "%s name ", statement);
    nft_print_quoted(json_string_value(value), out);
    return true;
}

static void counter_print(const json_t *counter, struct text *out)
{
    if (!named_print("counter", counter, out))
        text_add(out, "counter");
}

static void amount_print(const json_t *object, const char *value, const char *unit, struct text *out)
{
    nft_print_word(json_object_get(object, value), out);
    const char *word = json_string_value(json_object_get(object, unit));
    text_printf(out, " %s", word ? word : "bytes");
}

static const char *over(const json_t *limit)
{
    return json_is_true(json_object_get(limit, "inv")) ? " over" : "";
}

static void quota_print(const json_t *quota, struct text *out)
{
    if (named_print("quota", quota, out))
        return;
    text_printf(out, "quota%s ", over(quota));
    amount_print(quota, "val", "val_unit", out);
}

static void limit_print(const json_t *limit, struct text *out)
{
    const char *unit = json_string_value(json_object_get(limit, "rate_unit"));
    const char *per = json_string_value(json_object_get(limit, "per"));
    bool bytes = unit && strcmp(unit, "packets") != 0;
    if (named_print("limit", limit, out))
        return;
    text_printf(out, "limit rate%s ", over(limit));
    nft_print_word(json_object_get(limit, "rate"), out);
    text_printf(out, "%s%s/%s", bytes ? " " : "", bytes ? unit : "", per ? per : "second");
    if (!json_object_get(limit, "burst"))
        return;
    text_add(out, " burst ");
    if (bytes) {
        amount_print(limit, "burst", "burst_unit", out);
    } else {
        nft_print_word(json_object_get(limit, "burst"), out);
        text_add(out, " packets");
    }
}

static void ct_count_print(const json_t *count, struct text *out)
{
    text_printf(out, "ct count%s ", over(count));
    nft_print_word(json_object_get(count, "val"), out);
}

/* nft has them in two parts: log flags tcp sequence,options flags ip options */
static void log_flags_print(const json_t *flags, struct text *out)
{
    bool tcp = false;
    size_t n = json_is_array(flags) ? json_array_size(flags) : 1;
    for (size_t i = 0; i < n; i++) {
        const char *flag = json_string_value(json_is_array(flags) ? json_array_get(flags, i) : flags);
        bool again = flag && tcp && strncmp(flag, "tcp ", 4) == 0;
        tcp = flag && strncmp(flag, "tcp ", 4) == 0;
        text_printf(out, again ? ",%s" : " flags %s", again ? flag + 4 : flag ? flag : "");
    }
}

static void log_print(const json_t *log, struct text *out)
{
    const char *prefix = json_string_value(json_object_get(log, "prefix"));
    text_add(out, "log");
    if (prefix) {
        text_add(out, " prefix ");
        nft_print_quoted(prefix, out);
    }
    option_print(log, "level", out);
    option_print(log, "group", out);
    option_print(log, "snaplen", out);
    option_print(log, "queue-threshold", out);
    if (json_object_get(log, "flags"))
        log_flags_print(json_object_get(log, "flags"), out);
}

static void reject_print(const json_t *reject, struct text *out)
{
    const char *type = json_string_value(json_object_get(reject, "type"));
    const json_t *code = json_object_get(reject, "expr");
    text_add(out, "reject");
    if (!type)
        return;
    text_printf(out, " with %s%s", type, code ? " type " : "");
    nft_print_word(code, out);
}

static void mangle_print(const json_t *mangle, struct text *out)
{
    const json_t *key = json_object_get(mangle, "key");
    nft_print(key, NULL, out);
    text_add(out, " set ");
    nft_print_list(json_object_get(mangle, "value"), ",", key, out);
}

/* NAT */

static void flags_print(const json_t *object, const char *separator, struct text *out)
{
    const json_t *flags = json_object_get(object, "flags");
    if (!flags)
        return;
    text_add(out, " ");
    nft_print_list(flags, separator, NULL, out);
}

static bool is_ip6(const json_t *address)
{
    const json_t *range = json_object_get(address, "range");
    const char *word = json_string_value(range ? json_array_get(range, 0) : address);
    return word && strchr(word, ':');
}

static void address_print(const json_t *address, bool port, struct text *out)
{
    bool brackets = port && is_ip6(address);
    text_add(out, brackets ? "[" : "");
    nft_print(address, NULL, out);
    text_add(out, brackets ? "]" : "");
}

static void nat_print(const char *name, const json_t *nat, struct text *out)
{
    const json_t *family = json_object_get(nat, "family"), *address = json_object_get(nat, "addr");
    const json_t *port = json_object_get(nat, "port"), *modes = json_object_get(nat, "type_flags");
    text_add(out, name);
    text_add(out, family ? " " : "");
    nft_print_word(family, out);
    if (modes) {
        text_add(out, " ");
        nft_print_list(modes, " ", NULL, out);
    }
    text_add(out, address || port ? " to " : "");
    if (address)
        address_print(address, port, out);
    if (port) {
        text_add(out, ":");
        nft_print(port, NULL, out);
    }
    const char *flag = json_string_value(json_object_get(nat, "flags"));
    if (!flag || strcmp(flag, "netmap") != 0) /* follows from "prefix" */
        flags_print(nat, ",", out);
}

static void snat_print(const json_t *nat, struct text *out)
{
    nat_print("snat", nat, out);
}

static void dnat_print(const json_t *nat, struct text *out)
{
    nat_print("dnat", nat, out);
}

static void masquerade_print(const json_t *nat, struct text *out)
{
    nat_print("masquerade", nat, out);
}

static void redirect_print(const json_t *nat, struct text *out)
{
    nat_print("redirect", nat, out);
}

static void tproxy_print(const json_t *nat, struct text *out)
{
    nat_print("tproxy", nat, out);
}

/* Sets, queues and what else there is */

static void statements_print(const json_t *statements, struct text *out)
{
    size_t i;
    json_t *statement;
    json_array_foreach(statements, i, statement)
    {
        text_add(out, i ? " " : "");
        nft_statement_print(statement, out);
    }
}

static void set_print(const json_t *set, struct text *out)
{
    const json_t *statements = json_object_get(set, "stmt");
    nft_print_word(json_object_get(set, "op"), out);
    text_add(out, " ");
    nft_print_word(json_object_get(set, "set"), out);
    text_add(out, " { ");
    nft_print(json_object_get(set, "elem"), NULL, out);
    text_add(out, statements ? " " : "");
    statements_print(statements, out);
    text_add(out, " }");
}

static void meter_print(const json_t *meter, struct text *out)
{
    text_add(out, "meter ");
    nft_print_word(json_object_get(meter, "name"), out);
    option_print(meter, "size", out);
    text_add(out, " { ");
    nft_print(json_object_get(meter, "key"), NULL, out);
    text_add(out, " ");
    nft_statement_print(json_object_get(meter, "stmt"), out);
    text_add(out, " }");
}

static void queue_print(const json_t *queue, struct text *out)
{
    const json_t *number = json_object_get(queue, "num");
    text_add(out, json_object_get(queue, "flags") ? "queue flags" : "queue");
    flags_print(queue, ",", out);
    text_add(out, number ? " to " : "");
    if (number)
        nft_print(number, NULL, out);
}

static void to_print(const char *name, const json_t *value, struct text *out)
{
    const json_t *address = json_object_get(value, "addr"), *device = json_object_get(value, "dev");
    const char *word = json_string_value(device);
    text_printf(out, "%s%s", name, address || strcmp(name, "fwd") == 0 ? " to " : "");
    if (address)
        nft_print(address, NULL, out);
    text_add(out, address && device ? " device " : "");
    if (word)
        nft_print_quoted(word, out);
    else if (device)
        nft_print(device, NULL, out);
}

static void dup_print(const json_t *dup, struct text *out)
{
    to_print("dup", dup, out);
}

static void fwd_print(const json_t *fwd, struct text *out)
{
    to_print("fwd", fwd, out);
}

static void synproxy_print(const json_t *synproxy, struct text *out)
{
    text_add(out, "synproxy");
    option_print(synproxy, "mss", out);
    option_print(synproxy, "wscale", out);
    flags_print(synproxy, " ", out);
}

static void flow_print(const json_t *flow, struct text *out)
{
    text_add(out, "flow add ");
    nft_print_word(json_object_get(flow, "flowtable"), out);
}

static void object_print(const char *name, const json_t *value, struct text *out)
{
    text_printf(out, "%s set ", name);
    nft_print_quoted(json_string_value(value) ? json_string_value(value) : "", out);
}

static void ct_helper_print(const json_t *helper, struct text *out)
{
    object_print("ct helper", helper, out);
}

static void ct_timeout_print(const json_t *timeout, struct text *out)
{
    object_print("ct timeout", timeout, out);
}

static void ct_expectation_print(const json_t *expectation, struct text *out)
{
    object_print("ct expectation", expectation, out);
}

/* Of iptables; nft cannot take it back. */
static void xt_print(const json_t *xt, struct text *out)
{
    const char *name = json_string_value(json_object_get(xt, "name"));
    const char *type = json_string_value(json_object_get(xt, "type"));
    text_printf(out, "xt%s%s", type ? " " : "", type ? type : "");
    if (name) {
        text_add(out, " ");
        nft_print_quoted(name, out);
    }
}

static const struct {
    const char *key;
    void (*print)(const json_t *value, struct text *out);
} printers[] = {
    {"match", match_print},
    {"counter", counter_print},
    {"limit", limit_print},
    {"quota", quota_print},
    {"ct count", ct_count_print},
    {"log", log_print},
    {"reject", reject_print},
    {"mangle", mangle_print},
    {"snat", snat_print},
    {"dnat", dnat_print},
    {"masquerade", masquerade_print},
    {"redirect", redirect_print},
    {"tproxy", tproxy_print},
    {"set", set_print},
    {"meter", meter_print},
    {"queue", queue_print},
    {"dup", dup_print},
    {"fwd", fwd_print},
    {"synproxy", synproxy_print},
    {"flow", flow_print},
    {"ct helper", ct_helper_print},
    {"ct timeout", ct_timeout_print},
    {"ct expectation", ct_expectation_print},
    {"xt", xt_print},
};

/* Verdicts and verdict maps are expressions as well; what is not known at all is shown as it came. */
void nft_statement_print(const json_t *statement, struct text *out)
{
    static const char *const words[] = {"accept", "drop", "continue", "return",
                                        "jump",   "goto", "vmap",     "notrack"};
    const char *key = "";
    const json_t *value = nft_only(statement, &key);
    for (size_t i = 0; value && i < sizeof printers / sizeof *printers; i++)
        if (strcmp(printers[i].key, key) == 0) {
            printers[i].print(value, out);
            return;
        }
    for (size_t i = 0; value && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], key) == 0) {
            nft_print(statement, NULL, out);
            return;
        }
    char *text = json_dumps(statement, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    text_add(out, text ? text : "?");
    free(text);
}

void nft_rule_print(const json_t *rule, struct text *out)
{
    const char *comment = json_string_value(json_object_get(rule, "comment"));
    statements_print(json_object_get(rule, "expr"), out);
    if (!comment)
        return;
    text_add(out, json_array_size(json_object_get(rule, "expr")) ? " comment " : "comment ");
    nft_print_quoted(comment, out);
}
