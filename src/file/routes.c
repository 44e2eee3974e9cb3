/* Routes and rules: what goes beyond the options of their classes. `default` means that of the gateway's
 * family; `nexthops` are maps here and one text in the model; a rule is of the family of its addresses, or of
 * both. */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "file/reader.h"
#include "model/nexthop.h"

enum { RULE_FIRST = 1000 };

static struct node *without(struct reader *r, const struct node *map, const char *key)
{
    struct node *rest = node_new(r->arena, NODE_MAP, &map->place);
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->pairs[i].key->text, key) != 0)
            node_add_pair(r->arena, rest, map->pairs[i].key, map->pairs[i].value);
    return rest;
}

/* Items of a list of maps; others are told. */
static const struct node *map_item(struct reader *r, const struct node *list, size_t i, const char *key,
                                   const char *example)
{
    const struct node *item = list->items[i];
    if (node_is_map(item))
        return item;
    struct error *error =
        errors_add(r->errors, &item->place, "each of `%s` is a map, not %s", key, node_form_text(item));
    error_hint(r->errors, error, "for example: `%s`", example);
    return NULL;
}

static bool want_list(struct reader *r, const struct pair *pair, const char *example)
{
    return !node_is_null(pair->value) && want_form(r, pair->value, NODE_LIST, pair->key->text, example);
}

/* Nexthops */

static const char routes_example[] = "routes: [{to: default, via: 10.0.0.1}]",
                  rules_example[] = "rules: [{from: 10.0.0.0/24, table: 100}]",
                  nexthops_example[] = "nexthops: [{via: 10.0.0.1, weight: 2}, {via: 10.0.0.2}]";

static const struct option weight_option = {.key = "weight", .type = TYPE_NUMBER, .min = 1, .max = 256};

struct hop {
    struct value via, dev, weight, onlink;
};

static bool hop_read_key(struct reader *r, struct scope *scope, const struct pair *pair, struct hop *hop)
{
    const struct {
        const char *key;
        const struct option *option;
        struct value *value;
    } rows[] = {
        {"via", class_option(CLASS_ROUTE, "via"), &hop->via},
        {"dev", class_option(CLASS_ROUTE, "dev"), &hop->dev},
        {"weight", &weight_option, &hop->weight},
        {"onlink", class_option(CLASS_ROUTE, "onlink"), &hop->onlink},
    };
    struct known_keys known = {0};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        known_add(&known, rows[i].key);
        if (strcmp(rows[i].key, pair->key->text) == 0)
            return value_read(r, rows[i].option, pair->value, rows[i].value) &&
                   (rows[i].value != &hop->dev || device_known(r, scope, pair->value, "dev"));
    }
    refuse_key(r, pair->key, "in a nexthop", &known);
    return false;
}

/* The kernel always says by which interface a hop goes; so must the model, or the two would always differ. */
static bool hop_find_dev(struct reader *r, const struct scope *scope, const struct node *map, struct hop *hop)
{
    struct ip via;
    struct prefix prefix;
    if (value_is_set(&hop->dev))
        return true;
    if (!value_is_set(&hop->via) || ip_parse(hop->via.text, &via) < 0) {
        struct error *error = errors_add(r->errors, &map->place, "a nexthop needs `via` or `dev`");
        error_hint(r->errors, error, "for example: `%s`", nexthops_example);
        return false;
    }
    for (const struct object *at = map_get(&r->model->namespaces, scope->ns); at; at = at->next_in_ns) {
        const char *text = at->class->id == CLASS_ADDRESS ? object_text(at, "address") : NULL;
        if (text && prefix_parse(text, &prefix) == 0 && prefix_contains(&prefix, &via)) {
            hop->dev = value_text(object_text(at, "dev"));
            return true;
        }
    }
    struct error *error =
        errors_add(r->errors, &map->place, "no address has nexthop %s in its network", hop->via.text);
    error_hint(r->errors, error, "say `dev`, the interface to send by");
    return false;
}

static void hop_write(const struct hop *hop, struct text *out)
{
    struct nexthop nexthop = {.weight = 1};
    if (value_is_set(&hop->via))
        snprintf(nexthop.via, sizeof nexthop.via, "%s", hop->via.text);
    snprintf(nexthop.dev, sizeof nexthop.dev, "%s", hop->dev.text);
    if (value_is_set(&hop->weight))
        nexthop.weight = (unsigned)hop->weight.number;
    nexthop.onlink = value_is_set(&hop->onlink) && hop->onlink.number;
    nexthop_add(out, &nexthop);
}

static bool nexthops_read(struct reader *r, struct scope *scope, const struct node *list, struct text *out)
{
    bool all = want_form(r, list, NODE_LIST, "nexthops", nexthops_example);
    for (size_t i = 0; node_is_list(list) && i < list->n; i++) {
        struct hop hop = {0};
        const struct node *map = map_item(r, list, i, "nexthops", nexthops_example);
        bool good = map;
        for (size_t k = 0; map && k < map->n; k++)
            good &= hop_read_key(r, scope, &map->pairs[k], &hop);
        good = good && hop_find_dev(r, scope, map, &hop);
        if (good)
            hop_write(&hop, out);
        all &= good;
    }
    return all;
}

/* Routes */

/* `default` was read as IPv4's. */
static void settle_default(struct reader *r, struct object *route, const struct node *to, const char *hops)
{
    const char *via = object_text(route, "via");
    if (to && node_is_scalar(to) && strcmp(to->text, "default") == 0 &&
        (ip_text_is_ipv6(via) || ip_text_is_ipv6(hops)))
        object_set_text(r->model, route, "to", "::/0");
}

/* What is not said: the metric of IPv6, and through a port of a VRF that one's table. */
void route_settle(struct reader *r, struct object *route, const struct entry *entry)
{
    const struct object *vrf = entry && entry->master ? entry->master->object : NULL;
    if (ip_text_is_ipv6(object_text(route, "to")) && !object_has(route, "metric"))
        object_set_number(r->model, route, "metric", IPV6_METRIC);
    if (vrf && vrf->kind->flags & KIND_MOVES_ROUTES && object_has(vrf, "table") &&
        !object_has(route, "table"))
        object_set_number(r->model, route, "table", object_number(vrf, "table", 0));
}

static bool route_leads_somewhere(struct reader *r, const struct object *route, const struct node *map)
{
    int64_t type = object_number(route, "type", RTN_UNICAST);
    bool says = object_has(route, "via") || object_has(route, "dev") || object_has(route, "nexthops");
    if (type != RTN_UNICAST || says)
        return true;
    struct error *error = errors_add(r->errors, &map->place, "a route needs `via`, `dev` or `nexthops`");
    error_hint(r->errors, error, "or `type: blackhole`, which drops the packets");
    return false;
}

static void read_route(struct reader *r, struct scope *scope, struct entry *entry, const struct node *map)
{
    struct text hops CLEANUP_TEXT = {0};
    const struct node *list = node_value(map, "nexthops");
    if (list && entry) {
        errors_add(r->errors, &list->place,
                   "`nexthops` go by several interfaces: say this route in `routes` of %s",
                   scope == &r->host ? "the host" : scope->ns);
        return;
    }
    bool good = !list || nexthops_read(r, scope, list, &hops);
    struct object *route = object_read(r, scope, entry, CLASS_ROUTE, without(r, map, "nexthops"));
    if (!good || !route)
        return;
    if (hops.length)
        object_set_text(r->model, route, "nexthops", text_of(&hops));
    settle_default(r, route, node_value(map, "to"), text_of(&hops));
    route_settle(r, route, entry);
    if (route_leads_somewhere(r, route, map))
        object_put(r, route, &map->place);
}

void read_routes(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    if (!want_list(r, pair, routes_example))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct node *map = map_item(r, pair->value, i, "routes", routes_example);
        if (map)
            read_route(r, scope, entry, map);
    }
}

/* Rules */

static const struct name family_names[] = {{"ipv4", AF_INET}, {"ipv6", AF_INET6}, {"both", 0}, {NULL, 0}};
const struct option rule_family_option = {
    .key = "family",
    .type = TYPE_ENUM,
    .names = family_names,
    .help = "What it is for; `both` makes two rules. Without it: the family of `from` and `to`, else ipv4.",
};

/* What was said, else that of the addresses, else IPv4. Returns false after a mistake. */
static bool rule_family(struct reader *r, const struct object *rule, const struct node *said,
                        int64_t *ret_family)
{
    const char *from = object_text(rule, "from"), *to = object_text(rule, "to");
    int64_t family = ip_text_is_ipv6(from) || ip_text_is_ipv6(to) ? AF_INET6 : AF_INET;
    if (from && to && ip_text_is_ipv6(from) != ip_text_is_ipv6(to)) {
        errors_add(r->errors, &rule->place, "`from` and `to` of a rule must both be IPv4 or both IPv6");
        return false;
    }
    struct value value;
    if (said && !value_read(r, &rule_family_option, said, &value))
        return false;
    if (said && (from || to) && value.number != family) {
        errors_add(r->errors, &said->place, "`family` cannot be `%s`: the addresses of the rule are %s",
                   said->text, names_format(family_names, family));
        return false;
    }
    *ret_family = said ? value.number : family;
    return true;
}

static void put_rule(struct reader *r, struct object *rule, int64_t family, const struct place *place)
{
    object_set_number(r->model, rule, "family", family);
    object_put(r, rule, place);
}

static void read_rule(struct reader *r, struct scope *scope, const struct node *map, unsigned *priority)
{
    struct node *keys_of_rule = without(r, map, "family");
    if (!node_pair(map, "priority")) {
        const char *number = arena_printf(r->arena, "%u", (*priority)++);
        node_add_pair(r->arena, keys_of_rule, node_new_scalar(r->arena, "priority", &map->place),
                      node_new_scalar(r->arena, number, &map->place));
    }
    struct object *rule = object_read(r, scope, NULL, CLASS_RULE, keys_of_rule);
    if (!rule)
        return;
    rule->place = map->place;
    if (!object_has(rule, "table") && !object_has(rule, "action")) {
        struct error *error = errors_add(r->errors, &map->place, "a rule needs a `table`");
        error_hint(r->errors, error, "or an `action`: blackhole, unreachable or prohibit");
        return;
    }
    int64_t family;
    if (!rule_family(r, rule, node_value(map, "family"), &family))
        return;
    if (family) {
        put_rule(r, rule, family, &map->place);
        return;
    }
    struct object *second = object_clone(r->arena, rule);
    put_rule(r, rule, AF_INET, &map->place);
    put_rule(r, second, AF_INET6, &map->place);
}

void read_rules(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    unsigned priority = RULE_FIRST;
    (void)entry;
    if (!want_list(r, pair, rules_example))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct node *map = map_item(r, pair->value, i, "rules", rules_example);
        if (map)
            read_rule(r, scope, map, &priority);
    }
}
