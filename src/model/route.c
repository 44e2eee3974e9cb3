/* route: where packets to a network go.
 *
 * Linux tells routes apart by network, table and metric (and TOS, which is not used here). IPv4 begins to
 * look at metric 0, IPv6 calls an unsaid metric 1024. `replace` changes everything else in place. A route
 * needs its interface up, and its gateway reachable by another route when it is made (or `onlink`); it
 * vanishes when the interface goes down, an IPv4 route also with the address in `src`, and nothing brings
 * it back. */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "model/classes.h"
#include "model/nexthop.h"
#include "model/words.h"

static const struct name table_names[] = {
    {"main", RT_TABLE_MAIN}, {"local", RT_TABLE_LOCAL}, {"default", RT_TABLE_DEFAULT}, {NULL, 0}};
static const struct name type_names[] = {
    {"unicast", RTN_UNICAST},
    {"local", RTN_LOCAL},
    {"broadcast", RTN_BROADCAST},
    {"anycast", RTN_ANYCAST},
    {"multicast", RTN_MULTICAST},
    {"blackhole", RTN_BLACKHOLE},
    {"unreachable", RTN_UNREACHABLE},
    {"prohibit", RTN_PROHIBIT},
    {"throw", RTN_THROW},
    {NULL, 0},
};
static const struct name scope_names[] = {{"global", RT_SCOPE_UNIVERSE},
                                          {"site", RT_SCOPE_SITE},
                                          {"link", RT_SCOPE_LINK},
                                          {"host", RT_SCOPE_HOST},
                                          {NULL, 0}};

static const struct option options[] = {
    {
        .key = "to",
        .type = TYPE_NETWORK,
        .flags = OPTION_KEY | OPTION_REQUIRED,
        .change = CHANGE_RECREATE,
        .help = "The network: `10.0.0.0/24`, or `default` for everything that no other route says.",
    },
    {
        .key = "table",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = RTA_TABLE,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .min = 1,
        .max = UINT32_MAX,
        .names = table_names,
        .fallback = "main",
        .ip = "table %v",
        .help = "The routing table it is in.",
    },
    {
        .key = "metric",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = RTA_PRIORITY,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = UINT32_MAX,
        .fallback = "0",
        .ip = "metric %v",
        .help = "Among routes to the same network the one with the lowest metric is taken; IPv6 calls "
                "nothing 1024.",
    },
    {
        .key = "type",
        .type = TYPE_ENUM,
        .names = type_names,
        .fallback = "unicast",
        .ip = "%v",
        .help = "What is done with the packets: `unicast` sends them on, `blackhole` drops them, "
                "`unreachable` and `prohibit` "
                "refuse them, `throw` ends the search in this table.",
    },
    {
        .key = "via",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = RTA_GATEWAY,
        .fallback = "",
        .help = "The next router. An IPv4 route may have an IPv6 one.",
    },
    {
        .key = "dev",
        .type = TYPE_DEVICE,
        .wire = WIRE_IFINDEX,
        .attr = RTA_OIF,
        .ip = "dev %v",
        .help = "The interface to send by; nothing takes that towards `via`.",
    },
    {
        .key = "src",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = RTA_PREFSRC,
        .fallback = "",
        .ip = "src %v",
        .help = "The own address that packets get when the program has not chosen one.",
    },
    {
        .key = "mtu",
        .type = TYPE_NUMBER,
        .min = 68,
        .max = 65535,
        .unit = "bytes",
        .ip = "mtu %v",
        .help = "The largest packet that goes this way; nothing takes that of the interface.",
    },
    {
        .key = "scope",
        .type = TYPE_ENUM,
        .names = scope_names,
        .ip = "scope %v",
        .help = "How far the destination is: `link` on the same wire, `host` here. Nothing finds it out; "
                "IPv6 has none.",
    },
    {
        .key = "onlink",
        .type = TYPE_BOOL,
        .fallback = "false",
        .ip = "onlink|",
        .help = "Whether `via` is taken to be on the link of `dev` though no address says so.",
    },
    {
        .key = "nexthops",
        .type = TYPE_NEXTHOPS,
        .flags = OPTION_LIST,
        .fallback = "",
        .help = "Several ways at once, over which flows are spread. Each is a map of `via`, `dev`, `weight` "
                "(1 to "
                "256, 1 without it) and `onlink`: `nexthops: [{via: 10.0.0.1, weight: 2}, {via: 10.1.0.1}]`. "
                "Without `dev` it is the interface whose address has `via` in its network.",
    },
};

static const char *const shown_keys[] = {"dev", "src", "mtu", "scope", "onlink"};

/* `ip` takes a gateway to be of the route's family. */
static void add_gateway(struct text *line, const char *via, bool ipv6)
{
    text_printf(line, " via %s%s", ip_text_is_ipv6(via) && !ipv6 ? "inet6 " : "", via);
}

static void add_identity(struct text *line, const struct object *route, bool whole)
{
    const char *to = object_text(route, "to");
    bool ipv6 = ip_text_is_ipv6(to), is_default = strcmp(to, "0.0.0.0/0") == 0 || strcmp(to, "::/0") == 0;
    int64_t table = object_number(route, "table", RT_TABLE_MAIN), metric = object_number(route, "metric", 0);
    if (object_number(route, "type", RTN_UNICAST) != RTN_UNICAST)
        words_add_key(line, route, "type");
    words_add(line, is_default ? "default" : to);
    if (whole) {
        const char *via = object_text(route, "via");
        if (via && *via)
            add_gateway(line, via, ipv6);
        for (unsigned i = 0; i < sizeof shown_keys / sizeof shown_keys[0]; i++)
            words_add_key(line, route, shown_keys[i]);
    } else if (ipv6 && object_text(route, "dev")) {
        words_add_key(line, route, "dev"); /* or the connected route could be meant */
    }
    if (table != RT_TABLE_MAIN)
        words_add_key(line, route, "table");
    if (metric)
        text_printf(line, " metric %lld", (long long)metric);
    else if (ipv6 && !whole)
        text_printf(line, " metric %d", IPV6_METRIC);
}

static void add_nexthops(struct text *line, const struct object *route, bool ipv6)
{
    const char *list = object_text(route, "nexthops");
    for (struct nexthop hop; nexthop_take(&list, &hop) > 0;) {
        struct text words CLEANUP_TEXT = {0};
        text_add(line, " nexthop");
        if (hop.via[0])
            add_gateway(line, hop.via, ipv6);
        hop.via[0] = '\0';
        nexthop_add(&words, &hop);
        text_printf(line, "%s%s", words.length ? " " : "", text_of(&words));
    }
}

static void commands(const struct step *step, struct commands *out)
{
    static const char *const verbs[VERB_MAX] = {"route add", "route replace", "route del"};
    const struct object *route = step_object(step);
    bool ipv6 = ip_text_is_ipv6(object_text(route, "to"));
    char verb[32];
    struct text line CLEANUP_TEXT = {0};
    snprintf(verb, sizeof verb, "%s%s", ipv6 ? "-6 " : "", verbs[step->verb]);
    words_begin(&line, "ip", route->ns, verb);
    add_identity(&line, route, step->verb != VERB_DEL);
    if (step->verb != VERB_DEL)
        add_nexthops(&line, route, ipv6);
    words_end(&line, out);
}

const struct class class_route = {
    .id = CLASS_ROUTE,
    .name = "route",
    .plural = "routes",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED,
    .deletion = 20,
    .help = "Where packets to a network go.",
    .commands = commands,
};
