/* One rule of the kernel with its end: log and verdict; or, where a limit is to be kept, a jump to a
 * chain of the rule's own that keeps it. So all atoms of a rule share one limit. */
#include <string.h>

#include "model/firewall/compiler.h"

enum { METER_SIZE = 65535, PREFIX_MAX = 120 };

static json_t *log_json(const char *prefix)
{
    char text[PREFIX_MAX + 3];
    size_t length = strlen(prefix);
    if (length > PREFIX_MAX)
        for (length = PREFIX_MAX; ((unsigned char)prefix[length] & 0xc0) == 0x80;)
            length--;
    snprintf(text, sizeof text, "%.*s: ", (int)length, prefix);
    return json_pack("{s:{s:s}}", "log", "prefix", text);
}

/* Takes the reference of the verdict. */
static void add_end(struct fw_compiler *c, json_t *expr, const struct fw_rule *rule, json_t *verdict)
{
    json_array_append_new(expr, fw_counter());
    if (rule->log)
        json_array_append_new(expr, log_json(fw_unquoted(c, rule->name ? rule->name : rule->words)));
    json_array_append_new(expr, verdict);
}

/* Seconds for which a source is remembered: twice what its rate is counted over. */
static int64_t meter_timeout(const char *per)
{
    static const struct name seconds[] = {
        {"second", 2}, {"minute", 120}, {"hour", 7200}, {"day", 172800}, {NULL, 0}};
    int64_t timeout = 0;
    names_parse(seconds, per, &timeout);
    return timeout;
}

/* What is beyond the statement, of each source by itself, is dropped. Takes the reference. */
static void put_meter(struct fw_compiler *c, struct fw_lines *chain, const char *what, json_t *statement,
                      int64_t timeout, const struct fw_origin *origin)
{
    for (unsigned family = 4; family <= 6; family += 2) {
        const char *name = fw_set_name(c, arena_printf(c->arena, "%s-%s", chain->name, what), family);
        struct object *set = fw_set_new(c, name, family == 4 ? "ipv4_addr" : "ipv6_addr");
        object_set_number(c->model, set, "dynamic", 1);
        object_set_number(c->model, set, "size", METER_SIZE);
        if (timeout)
            object_set_number(c->model, set, "timeout", timeout);
        fw_set_add(c, set);
        json_t *update =
            json_pack("{s:{s:s, s:o, s:o, s:[O]}}", "set", "op", "add", "elem", fw_field(family, "saddr"),
                      "set", json_sprintf("@%s", name), "stmt", statement);
        json_t *expr = json_pack("[o, o, o]", update, fw_counter(), fw_verdict_json(FW_DROP));
        fw_put(c, chain, expr, "beyond that of one source", origin);
    }
    json_decref(statement);
}

static void put_limit(struct fw_compiler *c, struct fw_lines *chain, const struct fw_limit *limit,
                      const struct fw_origin *origin)
{
    json_t *over = json_pack("{s:{s:i, s:i, s:s, s:b}}", "limit", "rate", limit->rate, "burst", limit->burst,
                             "per", limit->per, "inv", 1);
    if (limit->by_source)
        put_meter(c, chain, "rate", over, meter_timeout(limit->per), origin);
    else
        fw_put(c, chain, json_pack("[o, o, o]", over, fw_counter(), fw_verdict_json(FW_DROP)),
               "beyond the limit", origin);
}

static const char *limited_chain(struct fw_compiler *c, const struct fw_rule *rule,
                                 const struct fw_origin *origin)
{
    struct fw_lines *last = c->regular;
    while (last && last->next)
        last = last->next;
    if (last && last->rule == rule)
        return last->name;
    struct fw_lines *chain = fw_regular_chain(c, fw_chain_name(c, rule->name ? rule->name : rule->words));
    chain->rule = rule;
    if (rule->connections)
        put_meter(c, chain, "count",
                  json_pack("{s:{s:i, s:b}}", "ct count", "val", rule->connections, "inv", 1), 0, origin);
    if (rule->limit.rate)
        put_limit(c, chain, &rule->limit, origin);
    json_t *expr = json_array();
    add_end(c, expr, rule, fw_verdict_json(rule->verdict));
    fw_put(c, chain, expr, rule->comment, origin);
    return chain->name;
}

void fw_put_atom(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atom *atom)
{
    const struct fw_rule *rule = atom->rule;
    const struct fw_origin origin = {.words = rule->words, .place = rule->place, .rule = rule};
    json_t *expr = fw_atom_json(atom);
    if (rule->limit.rate || rule->connections) {
        json_array_append_new(expr, fw_counter());
        json_array_append_new(expr,
                              json_pack("{s:{s:s}}", "jump", "target", limited_chain(c, rule, &origin)));
    } else {
        add_end(c, expr, rule, fw_atom_verdict(atom));
    }
    fw_put(c, chain, expr, rule->comment, &origin);
}
