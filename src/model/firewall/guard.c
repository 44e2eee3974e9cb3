#include "model/firewall/guard.h"

#include <stdlib.h>
#include <string.h>

#include "model/firewall/compiler.h"
#include "model/network.h"
#include "model/nft/nft.h"

/* Before br_netfilter and ebtables: `filter` of the family. The kernel lets what was not used for a second
 * come at once, and this besides: packets that are yet to be segmented. */
enum { PRIORITY = -200, BURST_KBYTES = 128, UNIT = 1024 };

/* Rules of all guests */

#define IS(left, right)        "{\"match\":{\"op\":\"==\",\"left\":" left ",\"right\":" right "}}"
#define IS_NOT(left, right)    "{\"match\":{\"op\":\"!=\",\"left\":" left ",\"right\":" right "}}"
#define FIELD(protocol, field) "{\"payload\":{\"protocol\":\"" protocol "\",\"field\":\"" field "\"}}"
#define PORT_TO(port)          IS(FIELD("udp", "dport"), port)
#define PORTS(from, to)        IS(FIELD("udp", "sport"), from) "," PORT_TO(to)
#define ICMPV6(types)          IS(FIELD("icmpv6", "type"), "{\"set\":[" types "]}")
#define FROM_NOWHERE           IS(FIELD("ip6", "saddr"), "\"::\"")

/* Whoever has no address yet asks for one, and whether it is free. A DHCP client takes an answer from any
 * port. */
static const struct {
    const char *comment, *conditions;
    enum fw_verdict verdict;
} of_all[] = {
    {"neither IP nor ARP, or with a VLAN tag",
     IS_NOT(FIELD("ether", "type"), "{\"set\":[\"arp\",\"ip\",\"ip6\"]}"), FW_DROP},
    {"plays DHCP server", PORT_TO("68"), FW_DROP},
    {"plays DHCPv6 server", PORT_TO("546"), FW_DROP},
    {"plays router", ICMPV6("\"nd-router-advert\",\"nd-redirect\""), FW_DROP},
    {"asks for an address", IS(FIELD("ip", "saddr"), "\"0.0.0.0\"") "," PORTS("68", "67"), FW_ACCEPT},
    {"has no address", IS(FIELD("ip", "saddr"), "\"0.0.0.0\""), FW_DROP},
    {"asks whether an address is free",
     FROM_NOWHERE "," ICMPV6("\"nd-neighbor-solicit\",\"nd-router-solicit\",\"mld-listener-report\","
                             "\"mld2-listener-report\""),
     FW_ACCEPT},
    {"has no address", FROM_NOWHERE, FW_DROP},
};

static json_t *with_verdict(json_t *expr, enum fw_verdict verdict)
{
    json_array_append_new(expr, fw_counter());
    json_array_append_new(expr, fw_verdict_json(verdict));
    return expr;
}

static void put_of_all(struct fw_compiler *c, struct fw_lines *chain)
{
    for (size_t i = 0; i < sizeof of_all / sizeof *of_all; i++) {
        struct text text CLEANUP_TEXT = {0};
        text_printf(&text, "[%s]", of_all[i].conditions);
        fw_put(c, chain, with_verdict(json_loads(text_of(&text), 0, NULL), of_all[i].verdict),
               of_all[i].comment, NULL);
    }
}

/* Rules of one port */

/* The rate in the largest unit that nft(8) has no fraction of, as it lists it. */
static void put_rate(struct fw_compiler *c, struct fw_lines *chain, const struct fw_guard *guard)
{
    static const char *const units[] = {"bytes", "kbytes", "mbytes"};
    int64_t rate = guard->rate;
    unsigned i = 0;
    for (; i + 1 < sizeof units / sizeof *units && rate % UNIT == 0; i++)
        rate /= UNIT;
    json_t *limit =
        json_pack("{s:I, s:s, s:s, s:b, s:i, s:s}", "rate", (json_int_t)rate, "rate_unit", units[i], "per",
                  "second", "inv", true, "burst", BURST_KBYTES, "burst_unit", "kbytes");
    fw_put(c, chain, with_verdict(json_pack("[{s:o}]", "limit", limit), FW_DROP),
           arena_printf(c->arena, "%s: beyond its rate", guard->guest), NULL);
}

/* A target of neighbour discovery (RFC 4861, section 4.3): nft(8) has had a name for it only since 1.0.7. */
static json_t *nd_target(void)
{
    return json_pack("{s:{s:s, s:i, s:i}}", "payload", "base", "th", "offset", 64, "len", 128);
}

static json_t *number_of(const struct ip *ip)
{
    char text[IP_HEX_SIZE];
    return json_string(ip_format_hex(ip, text));
}

/* Addresses as the right side of a match; as numbers they must be single. `first` comes before them. */
static json_t *set_of(const struct ranges *ranges, json_t *first, bool as_numbers)
{
    json_t *list = first ? json_pack("[o]", first) : json_array();
    for (size_t i = 0; i < ranges->n; i++)
        json_array_append_new(list, as_numbers ? number_of(&ranges->list[i].first)
                                               : fw_range_json(&ranges->list[i]));
    return json_pack("{s:o}", "set", list);
}

static void put_foreign(struct fw_compiler *c, struct fw_lines *chain, const struct fw_guard *guard,
                        json_t *expr, const char *what)
{
    fw_put(c, chain, with_verdict(expr, FW_DROP),
           arena_printf(c->arena, "%s: not its %s", guard->guest, what), NULL);
}

static void put_mac(struct fw_compiler *c, struct fw_lines *chain, const struct fw_guard *guard)
{
    char text[MAC_TEXT_SIZE];
    const char *mac = mac_format(&guard->mac, text);
    put_foreign(c, chain, guard, json_pack("[o]", fw_is_not(fw_payload("ether", "saddr"), json_string(mac))),
                "MAC");
    put_foreign(c, chain, guard,
                json_pack("[o]", fw_is_not(fw_payload("arp", "saddr ether"), json_string(mac))),
                "MAC in ARP");
}

/* What asks in the name of nobody is judged with that of all. */
static void put_ipv4(struct fw_compiler *c, struct fw_lines *chain, const struct fw_guard *guard)
{
    static const struct {
        const char *protocol, *field, *what;
    } places[] = {{"arp", "saddr ip", "address in ARP"}, {"ip", "saddr", "address"}};
    for (unsigned i = 0; i < 2; i++)
        put_foreign(c, chain, guard,
                    json_pack("[o]", fw_is_not(fw_payload(places[i].protocol, places[i].field),
                                               set_of(&guard->own.of[IPV4], json_string("0.0.0.0"), false))),
                    places[i].what);
}

static void put_ipv6(struct fw_compiler *c, struct fw_lines *chain, const struct fw_guard *guard)
{
    struct addresses own = {0}, singles = {0};
    const struct range local = {ip_of_mac(&guard->mac), ip_of_mac(&guard->mac)};
    addresses_add(c->arena, &own, &local);
    addresses_add(c->arena, &singles, &local);
    for (size_t i = 0; i < guard->own.of[IPV6].n; i++) {
        const struct range *range = &guard->own.of[IPV6].list[i];
        addresses_add(c->arena, &own, range);
        if (range_is_single(range))
            addresses_add(c->arena, &singles, range);
    }
    addresses_settle(&own, true);
    json_t *targets = set_of(&singles.of[IPV6], NULL, true),
           *from_nowhere = json_loads(FROM_NOWHERE, 0, NULL);
    json_t *claims = fw_is(fw_payload("icmpv6", "type"), json_string("nd-neighbor-advert"));
    json_t *asks = fw_is(fw_payload("icmpv6", "type"), json_string("nd-neighbor-solicit"));
    put_foreign(c, chain, guard, json_pack("[o, o]", claims, fw_is_not(nd_target(), json_incref(targets))),
                "address in neighbour discovery");
    put_foreign(c, chain, guard, json_pack("[o, o, o]", from_nowhere, asks, fw_is_not(nd_target(), targets)),
                "address, when it asks whether that is free");
    put_foreign(c, chain, guard,
                json_pack("[o]", fw_is_not(fw_payload("ip6", "saddr"),
                                           set_of(&own.of[IPV6], json_string("::"), false))),
                "address");
}

/* A bridge marks what is sent to its own MAC address before any hook. What was published is sent to an
 * address of the host still. */
static void put_isolated(struct fw_compiler *c, struct fw_lines *chain, const struct fw_guard *guard)
{
    for (unsigned family = 0; family < FAMILIES; family++) {
        const char *protocol = family == IPV4 ? "ip" : "ip6";
        if (!guard->siblings.of[family].n)
            continue;
        json_t *expr =
            json_pack("[o, o, o]", fw_is(fw_meta("pkttype"), json_string("host")),
                      fw_is(fw_payload(protocol, "daddr"), set_of(&guard->siblings.of[family], NULL, false)),
                      fw_is_not(fw_payload(protocol, "daddr"), set_of(&guard->host.of[family], NULL, false)));
        fw_put(c, chain, with_verdict(expr, FW_DROP),
               arena_printf(c->arena, "%s: to its network by way of the host", guard->guest), NULL);
    }
}

/* The whole */

struct guarding {
    struct fw_compiler c;
    struct fw_lines prerouting, postrouting, *of_all;
    struct text from, to; /* elements of the maps that lead from a port to its chain */
};

static struct fw_lines *port_chain(struct guarding *g, struct text *map, const char *way, const char *port)
{
    const char *name = fw_chain_name(&g->c, arena_printf(g->c.arena, "%s-%s", way, port));
    text_printf(map, "%s%s : goto %s", map->length ? "\n" : "", port, name);
    return fw_regular_chain(&g->c, name);
}

static void compile_guard(struct guarding *g, const struct fw_guard *guard)
{
    struct fw_lines *from = port_chain(g, &g->from, "from", guard->port);
    if (guard->rate) {
        put_rate(&g->c, from, guard);
        put_rate(&g->c, port_chain(g, &g->to, "to", guard->port), guard);
    }
    put_isolated(&g->c, from, guard);
    if (!guard->is_guarded)
        return;
    put_mac(&g->c, from, guard);
    put_ipv4(&g->c, from, guard);
    put_ipv6(&g->c, from, guard);
    fw_put(&g->c, from, json_pack("[{s:{s:s}}]", "goto", "target", g->of_all->name), "what holds for all",
           NULL);
}

/* The map, and the chain that asks it. */
static void add_entry(struct guarding *g, struct fw_lines *chain, const char *hook, const char *key,
                      const struct text *elements)
{
    const char *name = arena_printf(g->c.arena, "%s-ports", hook);
    struct nft_key ports, verdict;
    struct text sorted CLEANUP_TEXT = {0};
    struct object *map = fw_set_new(&g->c, name, "ifname");
    if (!elements->length)
        return;
    nft_key_parse("ifname", &ports);
    nft_key_parse("verdict", &verdict);
    nft_elements_sort(&ports, &verdict, text_of(elements), &sorted);
    object_set_text(g->c.model, map, "data", "verdict");
    object_set_text(g->c.model, map, "elements", text_of(&sorted));
    fw_set_add(&g->c, map);
    chain->name = hook;
    fw_put(&g->c, chain,
           json_pack("[{s:{s:o, s:o}}]", "vmap", "key", fw_meta(key), "data", json_sprintf("@%s", name)),
           "by port", NULL);
    fw_chain_add(&g->c, chain, "filter", hook, PRIORITY, "accept");
}

static void done(struct guarding *g)
{
    for (struct fw_lines *chain = g->c.regular; chain; chain = chain->next)
        text_done(&chain->text);
    text_done(&g->prerouting.text);
    text_done(&g->postrouting.text);
    text_done(&g->from);
    text_done(&g->to);
}

void guards_compile(const struct fw_guard *guards, const char *topology, struct model *model)
{
    const struct firewall host = {.ns = HOST, .place = guards ? guards->place : (struct place){0}};
    struct guarding g = {0};
    bool any = false;
    if (!guards)
        return;
    fw_compiler_init(&g.c, &host, "bridge", topology, model);
    fw_table_add(&g.c);
    for (const struct fw_guard *guard = guards; guard; guard = guard->next)
        any |= guard->is_guarded;
    if (any) {
        g.of_all = fw_regular_chain(&g.c, "of-all");
        put_of_all(&g.c, g.of_all);
    }
    for (const struct fw_guard *guard = guards; guard; guard = guard->next)
        compile_guard(&g, guard);
    for (const struct fw_lines *chain = g.c.regular; chain; chain = chain->next)
        fw_chain_add(&g.c, chain, NULL, NULL, 0, NULL);
    add_entry(&g, &g.prerouting, "prerouting", "iifname", &g.from);
    add_entry(&g, &g.postrouting, "postrouting", "oifname", &g.to);
    done(&g);
}
