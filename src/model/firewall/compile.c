#include "model/firewall/compile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/firewall/compiler.h"
#include "model/nft/nft.h"

/* Pieces */

json_t *fw_meta(const char *key)
{
    return json_pack("{s:{s:s}}", "meta", "key", key);
}

json_t *fw_payload(const char *protocol, const char *field)
{
    return json_pack("{s:{s:s, s:s}}", "payload", "protocol", protocol, "field", field);
}

json_t *fw_field(unsigned family, const char *field)
{
    return fw_payload(family == 6 ? "ip6" : "ip", field);
}

json_t *fw_is(json_t *left, json_t *right)
{
    return json_pack("{s:{s:s, s:o, s:o}}", "match", "op", "==", "left", left, "right", right);
}

json_t *fw_is_not(json_t *left, json_t *right)
{
    return json_pack("{s:{s:s, s:o, s:o}}", "match", "op", "!=", "left", left, "right", right);
}

json_t *fw_has(const char *ct, const char *word)
{
    return json_pack("{s:{s:s, s:{s:{s:s}}, s:s}}", "match", "op", "in", "left", "ct", "key", ct, "right",
                     word);
}

json_t *fw_counter(void)
{
    return json_pack("{s:n}", "counter");
}

json_t *fw_reject_json(unsigned family)
{
    const char *type = family == 4 ? "icmp" : family == 6 ? "icmpv6" : "icmpx";
    return json_pack("{s:{s:s, s:s}}", "reject", "type", type, "expr", "port-unreachable");
}

json_t *fw_verdict_json(enum fw_verdict verdict)
{
    if (verdict == FW_REJECT)
        return fw_reject_json(0);
    return json_pack("{s:n}", verdict == FW_DROP ? "drop" : "accept");
}

json_t *fw_range_json(const struct range *range)
{
    char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE];
    unsigned bits;
    ip_format(&range->first, first);
    if (range_is_single(range))
        return json_string(first);
    if (range_is_prefix(range, &bits))
        return json_pack("{s:{s:s, s:i}}", "prefix", "addr", first, "len", bits);
    return json_pack("{s:[s, s]}", "range", first, ip_format(&range->last, last));
}

/* Rules */

static void note_origin(struct fw_compiler *c, const struct fw_lines *chain, const struct fw_origin *origin)
{
    if (!c->options.origins || !origin)
        return;
    struct fw_origin *copy = arena_alloc(c->arena, sizeof *copy);
    *copy = *origin;
    map_set(c->options.origins, arena_printf(c->arena, "%s %u", chain->name, chain->n), copy);
}

/* nft has no way to say a quote within quotes. */
const char *fw_unquoted(struct fw_compiler *c, const char *text)
{
    char *copy = arena_strdup(c->arena, text);
    for (char *at = copy; *at; at++)
        *at = *at == '"' ? '\'' : *at;
    return copy;
}

void fw_put(struct fw_compiler *c, struct fw_lines *chain, json_t *expr, const char *comment,
            const struct fw_origin *origin)
{
    json_t *rule = json_pack("{s:s, s:o}", "comment", fw_unquoted(c, comment), "expr", expr);
    char *line = nft_rule_line(rule);
    if (chain->n++)
        text_add(&chain->text, "\n");
    text_add(&chain->text, line);
    note_origin(c, chain, origin);
    free(line);
    json_decref(rule);
}

struct fw_lines *fw_regular_chain(struct fw_compiler *c, const char *name)
{
    struct fw_lines *chain = arena_alloc(c->arena, sizeof *chain);
    chain->name = name;
    *c->last_regular = chain;
    c->last_regular = &chain->next;
    return chain;
}

enum { CHAIN_NAME_LENGTH = 48 };

const char *fw_chain_name(struct fw_compiler *c, const char *words)
{
    char name[CHAIN_NAME_LENGTH + 1];
    size_t length = 0;
    for (; *words && length < CHAIN_NAME_LENGTH; words++)
        if (isalnum((unsigned char)*words))
            name[length++] = *words;
        else if (length && name[length - 1] != '-')
            name[length++] = '-';
    while (length && name[length - 1] == '-')
        length--;
    name[length] = '\0';
    const char *unique = arena_printf(c->arena, "%s%s", isalpha((unsigned char)*name) ? "" : "rule-", name),
               *base = unique;
    unsigned n = 1;
    for (const struct fw_lines *other = c->regular; other; other = other->next)
        if (strcmp(other->name, unique) == 0) {
            unique = arena_printf(c->arena, "%s-%u", base, ++n);
            other = c->regular;
        }
    return unique;
}

/* Objects */

/* Sets an option by its word, as a file would. */
static void set_word(struct fw_compiler *c, struct object *object, const char *key, const char *word)
{
    const char *expected, *near;
    struct value value;
    int i = object_find_option(object, key);
    if (i >= 0 &&
        option_parse(object_option(object, (unsigned)i), word, c->arena, &value, &expected, &near) == 0)
        object_set(c->model, object, key, value);
}

static struct object *object_in_table(struct fw_compiler *c, enum class_id class, const char *name)
{
    struct object *object = model_new(c->model, classes[class], NULL, c->fw->ns);
    object->place = c->fw->place;
    set_word(c, object, "family", c->family);
    if (class != CLASS_TABLE)
        object_set_text(c->model, object, "table", c->table);
    object_set_text(c->model, object, "name", name);
    return object;
}

const char *fw_set_name(struct fw_compiler *c, const char *name, unsigned family)
{
    return arena_printf(c->arena, "%s-v%u", name, family);
}

const char *fw_user_set_name(struct fw_compiler *c, const struct fw_set *set, unsigned family)
{
    const char *name = fw_set_name(c, set->name, family);
    bool plain = ranges_are_single(&set->addresses.of[family == 4 ? IPV4 : IPV6]);
    return plain ? name : arena_printf(c->arena, "%s-nets", name);
}

struct object *fw_set_new(struct fw_compiler *c, const char *name, const char *key)
{
    struct object *set = object_in_table(c, CLASS_SET, name);
    object_set_text(c->model, set, "key", key);
    return set;
}

void fw_set_add(struct fw_compiler *c, struct object *set)
{
    model_add(c->model, set, NULL);
}

void fw_table_add(struct fw_compiler *c)
{
    model_add(c->model, object_in_table(c, CLASS_TABLE, c->table), NULL);
}

void fw_chain_add(struct fw_compiler *c, const struct fw_lines *chain, const char *type, const char *hook,
                  int priority, const char *policy)
{
    struct object *object = object_in_table(c, CLASS_CHAIN, chain->name);
    if (type) {
        set_word(c, object, "type", type);
        set_word(c, object, "hook", hook);
        object_set_number(c->model, object, "priority", priority);
        set_word(c, object, "policy", policy);
    }
    object_set_text(c->model, object, "rules", text_of(&chain->text));
    model_add(c->model, object, NULL);
}

/* A set of the user's, in each family of which it has addresses: a hash, unless there are networks among
 * them, since one element more in a large set of intervals costs milliseconds. */
static void compile_set(struct fw_compiler *c, const struct fw_set *set)
{
    for (unsigned family = 0; family < FAMILIES; family++) {
        const struct ranges *ranges = &set->addresses.of[family];
        struct text lines CLEANUP_TEXT = {0};
        if (!ranges->n && !set->grows)
            continue;
        for (size_t i = 0; i < ranges->n; i++) {
            text_add(&lines, i ? "\n" : "");
            range_format(&ranges->list[i], &lines);
        }
        struct object *object = fw_set_new(c, fw_user_set_name(c, set, family == IPV4 ? 4 : 6),
                                           family == IPV4 ? "ipv4_addr" : "ipv6_addr");
        if (!ranges_are_single(ranges))
            object_set_number(c->model, object, "interval", 1);
        object_set_text(c->model, object, "elements", text_of(&lines));
        object->place = set->place;
        fw_set_add(c, object);
    }
}

/* Filter */

enum { IN = 1 << FW_INPUT, THROUGH = 1 << FW_FORWARD, OUT = 1 << FW_OUTPUT };

#define IS(left, right)        "{\"match\":{\"op\":\"==\",\"left\":" left ",\"right\":" right "}}"
#define STATE(states)          "{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}},\"right\":" states "}}"
#define META(key)              "{\"meta\":{\"key\":\"" key "\"}}"
#define FIELD(protocol, field) "{\"payload\":{\"protocol\":\"" protocol "\",\"field\":\"" field "\"}}"
#define PORTS(from, to)        IS(FIELD("udp", "sport"), from) "," IS(FIELD("udp", "dport"), to)
#define LINK_LOCAL             IS(FIELD("ip6", "saddr"), "{\"prefix\":{\"addr\":\"fe80::\",\"len\":10}}")

/* What passes before any rule. A reply from a DHCP server to a client that has no address yet belongs to
 * no connection that is known; nor does neighbour discovery, without which IPv6 is dead, nor do errors,
 * without which it does not find its MTU (RFC 4890). Neighbours are never routed, but forwarded by a
 * bridge on which the kernel asks this firewall too (br_netfilter). */
static const struct {
    unsigned chains;
    const char *comment, *conditions;
    enum fw_verdict verdict;
} always[] = {
    {IN | THROUGH | OUT, "what belongs to a connection that was let through",
     STATE("[\"established\",\"related\"]"), FW_ACCEPT},
    {IN | THROUGH | OUT, "what belongs to no connection and begins none", STATE("\"invalid\""), FW_DROP},
    {IN, "loopback", IS(META("iifname"), "\"lo\""), FW_ACCEPT},
    {OUT, "loopback", IS(META("oifname"), "\"lo\""), FW_ACCEPT},
    {IN | THROUGH | OUT, "IPv6: errors, neighbours, routers, multicast groups",
     IS(FIELD("icmpv6", "type"),
        "{\"set\":[\"destination-unreachable\",\"packet-too-big\",\"time-exceeded\",\"parameter-problem\","
        "\"mld-listener-query\",\"mld-listener-report\",\"mld-listener-done\",\"nd-router-solicit\","
        "\"nd-router-advert\",\"nd-neighbor-solicit\",\"nd-neighbor-advert\",\"mld2-listener-report\"]}"),
     FW_ACCEPT},
    {IN, "answers to DHCP clients", PORTS("67", "68"), FW_ACCEPT},
    {IN, "answers to DHCPv6 clients", LINK_LOCAL "," PORTS("547", "546"), FW_ACCEPT},
    {OUT, "DHCP clients", PORTS("68", "67"), FW_ACCEPT},
    {OUT, "DHCPv6 clients", PORTS("546", "547"), FW_ACCEPT},
};

static void put_always(struct fw_compiler *c, enum fw_chain chain)
{
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        if (!(always[i].chains & 1U << chain))
            continue;
        struct text text CLEANUP_TEXT = {0};
        text_printf(&text, "[%s]", always[i].conditions);
        json_t *expr = json_loads(text_of(&text), 0, NULL);
        json_array_append_new(expr, fw_counter());
        json_array_append_new(expr, fw_verdict_json(always[i].verdict));
        fw_put(c, &c->chains[chain], expr, always[i].comment, NULL);
    }
}

/* Logged at most so often. */
static void put_default(struct fw_compiler *c, enum fw_chain chain)
{
    enum fw_verdict verdict = c->fw->defaults[chain];
    const char *name = fw_chain_names[chain], *word = names_format(fw_verdict_names, verdict);
    if (verdict != FW_DROP && verdict != FW_REJECT)
        return;
    if (c->fw->log_dropped)
        fw_put(c, &c->chains[chain],
               json_pack("[{s:{s:i, s:i, s:s}}, {s:{s:o}}]", "limit", "rate", 10, "burst", 20, "per",
                         "second", "log", "prefix", json_sprintf("%s %s %s: ", c->table, name, word)),
               "log: dropped", NULL);
    const struct fw_origin origin = {.words = arena_printf(c->arena, "%s: %s", name, word),
                                     .place = c->fw->place};
    fw_put(c, &c->chains[chain], json_pack("[o, o]", fw_counter(), fw_verdict_json(verdict)), origin.words,
           &origin);
}

static void put_list(struct fw_compiler *c, const struct fw_rule *rules, enum fw_chain chain)
{
    struct fw_atoms atoms = {0};
    for (const struct fw_rule *rule = rules; rule; rule = rule->next)
        if (fw_rule_chain(rule) == chain)
            fw_atoms_of(c, &rule->matches, &rule->from, &rule->to, rule, &atoms);
    fw_put_rules(c, &c->chains[chain], &atoms);
    fw_atoms_done(&atoms);
}

static bool chain_is_said(const struct firewall *fw, enum fw_chain chain)
{
    bool said = fw->defaults[chain] != FW_UNSAID;
    for (const struct fw_rule *rule = fw->rules; rule && !said; rule = rule->next)
        said = fw_rule_chain(rule) == chain;
    for (const struct fw_rule *rule = fw->policies; rule && !said; rule = rule->next)
        said = fw_rule_chain(rule) == chain;
    for (const struct fw_rule *rule = fw->networks; rule && !said; rule = rule->next)
        said = fw_rule_chain(rule) == chain;
    return said;
}

/* Before all else: what is forwarded for others, or comes from others, is none of our business. */
static void put_bounds(struct fw_compiler *c, enum fw_chain chain)
{
    if (!c->fw->only[chain])
        return;
    json_t *expr = json_array();
    struct fw_zone rest = *c->fw->only[chain];
    rest.is_all_but = true;
    fw_add_interfaces(expr, &rest, chain == FW_FORWARD ? &rest : NULL);
    json_array_append_new(expr, fw_counter());
    json_array_append_new(expr, fw_verdict_json(FW_ACCEPT));
    fw_put(c, &c->chains[chain], expr,
           chain == FW_FORWARD ? "what is of no network of ours" : "what comes from no isolated network",
           NULL);
}

static void compile_chain(struct fw_compiler *c, enum fw_chain chain)
{
    if (!chain_is_said(c->fw, chain))
        return;
    put_bounds(c, chain);
    put_always(c, chain);
    put_list(c, c->fw->rules, chain);
    fw_put_translated(c, chain);
    put_list(c, c->fw->policies, chain);
    put_list(c, c->fw->networks, chain);
    put_default(c, chain);
}

/* The whole */

static void add_chains(struct fw_compiler *c)
{
    for (struct fw_lines *chain = c->regular; chain; chain = chain->next)
        fw_chain_add(c, chain, NULL, NULL, 0, NULL);
    for (unsigned chain = 0; chain < FW_CHAINS; chain++) {
        enum fw_verdict verdict = c->fw->defaults[chain];
        if (c->chains[chain].n)
            fw_chain_add(c, &c->chains[chain], "filter", fw_chain_names[chain], 0,
                         verdict == FW_DROP || verdict == FW_REJECT ? "drop" : "accept");
    }
    if (c->prerouting.n)
        fw_chain_add(c, &c->prerouting, "nat", "prerouting", -100, "accept");
    if (c->output_nat.n)
        fw_chain_add(c, &c->output_nat, "nat", "output", -100, "accept");
    if (c->postrouting.n)
        fw_chain_add(c, &c->postrouting, "nat", "postrouting", 100, "accept");
}

static void done(struct fw_compiler *c)
{
    for (unsigned chain = 0; chain < FW_CHAINS; chain++)
        text_done(&c->chains[chain].text);
    for (struct fw_lines *chain = c->regular; chain; chain = chain->next)
        text_done(&chain->text);
    text_done(&c->prerouting.text);
    text_done(&c->output_nat.text);
    text_done(&c->postrouting.text);
}

void fw_compiler_init(struct fw_compiler *c, const struct firewall *firewall, const char *family,
                      const char *topology, struct model *model)
{
    *c = (struct fw_compiler){.fw = firewall, .model = model, .arena = &model->arena, .family = family};
    c->table = arena_printf(c->arena, "plexus-%s", topology);
    c->last_regular = &c->regular;
}

void firewall_compile(const struct firewall *firewall, const char *topology, struct model *model,
                      const struct fw_compile_options *options)
{
    struct fw_compiler c;
    fw_compiler_init(&c, firewall, "inet", topology, model);
    if (options)
        c.options = *options;
    if (!c.options.run_min)
        c.options.run_min = FW_RUN_MIN;
    for (unsigned chain = 0; chain < FW_CHAINS; chain++)
        c.chains[chain].name = fw_chain_names[chain];
    c.prerouting.name = "prerouting";
    c.output_nat.name = "output-nat";
    c.postrouting.name = "postrouting";

    fw_table_add(&c);
    for (const struct fw_set *set = firewall->sets; set; set = set->next)
        compile_set(&c, set);
    fw_compile_nat(&c);
    for (unsigned chain = 0; chain < FW_CHAINS; chain++)
        compile_chain(&c, (enum fw_chain)chain);
    add_chains(&c);
    done(&c);
}
