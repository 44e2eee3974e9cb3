/* What a firewall does to packets, by the evaluator of src/model/nft; and that runs of rules that became
 * sets do the same as the rules one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file/read.h"
#include "model/firewall/compile.h"
#include "model/nft/evaluate.h"

/* Walking */

struct decision {
    enum nft_outcome outcome;
    char comment[128]; /* of the rule that decided in the filter chain */
    char to[64];       /* where it goes in the end */
};

static void hear(void *context, const struct nft_event *event)
{
    struct decision *decision = context;
    bool is_final =
        event->verdict == NFT_ACCEPT || event->verdict == NFT_DROP || event->verdict == NFT_REJECT;
    if (is_final && event->number &&
        (event->hook == NFT_INPUT || event->hook == NFT_FORWARD || event->hook == NFT_OUTPUT))
        snprintf(decision->comment, sizeof decision->comment, "%s", event->comment ? event->comment : "");
}

static struct decision walk(struct nft_ruleset *ruleset, const struct nft_packet *packet, enum nft_hook hook)
{
    struct decision decision = {0};
    struct nft_walk walk = {.ruleset = ruleset, .packet = *packet, .listen = hear, .context = &decision};
    if (hook != NFT_OUTPUT)
        nft_walk_hook(&walk, NFT_PREROUTING);
    if (walk.dnat) {
        hook = walk.redirected ? NFT_INPUT : NFT_FORWARD;
        walk.packet.word[NFT_CT_STATUS] = "dnat";
        walk.packet.word[NFT_OIFNAME] = walk.redirected ? "" : "br-g";
    }
    decision.outcome = nft_walk_hook(&walk, hook);
    if (hook != NFT_INPUT && decision.outcome == NFT_OUTCOME_ACCEPT)
        decision.outcome = nft_walk_hook(&walk, NFT_POSTROUTING);
    snprintf(decision.to, sizeof decision.to, "%s %s", walk.packet.word[NFT_DADDR],
             walk.packet.word[NFT_DPORT] ? walk.packet.word[NFT_DPORT] : "");
    nft_walk_done(&walk);
    return decision;
}

/* A table of packets */

static const char lab[] =
    "interfaces:\n"
    "  eno1: {type: physical, addresses: [192.0.2.1/24, \"2001:db8::1/64\"]}\n"
    "  br-g: {type: bridge, addresses: [10.0.0.1/24, \"fd00:0:0:1::1/64\"]}\n"
    "forwarding: true\n"
    "firewall:\n"
    "  zones: {wan: [eno1], guests: [br-g], office: [192.168.1.0/24, \"2001:db8:5::/48\"]}\n"
    "  sets: {blocked: [203.0.113.0/24, \"2001:db8:bad::/48\"]}\n"
    "  input: drop\n"
    "  forward: reject\n"
    "  output: accept\n"
    "  rules:\n"
    "    - deny from @blocked\n"
    "    - deny tcp/80 from 203.0.113.0/24 to 10.0.0.5\n"
    "    - allow ssh from wan limit 6/minute\n"
    "    - allow icmp echo-request\n"
    "    - {allow: tcp/8000-8010, from: office, connections: 5}\n"
    "    - reject smtp from guests to wan\n"
    "    - reject telnet from host to any\n"
    "  policies: [guests to wan: allow, office to host: reject]\n"
    "  nat: [redirect tcp/3128 from guests to 8080, dnat tcp/81 from wan to 10.0.0.6:80]\n"
    "  publish: [\"8080:10.0.0.5:80\", \"443:[fd00:0:0:1::5]:443 from wan\"]\n";

#define TO_US "192.0.2.1"
#define WORLD "198.51.100.7"

static const struct {
    enum nft_hook hook;
    const char *in, *out, *protocol, *from, *to, *port, *state;
    enum nft_outcome outcome;
    const char *comment, *ends; /* NULL: not asked */
} packets[] = {
    /* clang-format off */
    {NFT_INPUT, "eno1", "", "tcp", WORLD, TO_US, "22", "new", NFT_OUTCOME_ACCEPT, "allow ssh from wan limit 6/minute", NULL},
    {NFT_INPUT, "eno1", "", "tcp", "2001:db8:1::7", "2001:db8::1", "22", "new", NFT_OUTCOME_ACCEPT, "allow ssh from wan limit 6/minute", NULL},
    {NFT_INPUT, "br-g", "", "tcp", "10.0.0.9", "10.0.0.1", "22", "new", NFT_OUTCOME_DROP, "input: drop", NULL},
    {NFT_INPUT, "eno1", "", "tcp", "203.0.113.9", TO_US, "22", "new", NFT_OUTCOME_DROP, "deny from @blocked", NULL},
    {NFT_INPUT, "eno1", "", "tcp", "2001:db8:bad::9", "2001:db8::1", "22", "new", NFT_OUTCOME_DROP, "deny from @blocked", NULL},
    {NFT_INPUT, "eno1", "", "tcp", WORLD, TO_US, "23", "new", NFT_OUTCOME_DROP, "input: drop", NULL},
    {NFT_INPUT, "eno1", "", "tcp", WORLD, TO_US, "23", "established", NFT_OUTCOME_ACCEPT, "what belongs to a connection that was let through", NULL},
    {NFT_INPUT, "eno1", "", "tcp", WORLD, TO_US, "22", "invalid", NFT_OUTCOME_DROP, "what belongs to no connection and begins none", NULL},
    {NFT_INPUT, "lo", "", "tcp", "127.0.0.1", "127.0.0.1", "23", "new", NFT_OUTCOME_ACCEPT, "loopback", NULL},
    {NFT_INPUT, "eno1", "", "icmp", WORLD, TO_US, "echo-request", "new", NFT_OUTCOME_ACCEPT, "allow icmp echo-request", NULL},
    {NFT_INPUT, "eno1", "", "icmp", WORLD, TO_US, "timestamp-request", "new", NFT_OUTCOME_DROP, "input: drop", NULL},
    {NFT_INPUT, "eno1", "", "ipv6-icmp", "2001:db8:1::7", "2001:db8::1", "echo-request", "new", NFT_OUTCOME_ACCEPT, "allow icmp echo-request", NULL},
    {NFT_INPUT, "eno1", "", "ipv6-icmp", "fe80::7", "ff02::1:ff00:1", "nd-neighbor-solicit", "untracked", NFT_OUTCOME_ACCEPT, "IPv6: errors, neighbours, routers, multicast groups", NULL},
    {NFT_INPUT, "eno1", "", "ipv6-icmp", "2001:db8:1::7", "2001:db8::1", "packet-too-big", "new", NFT_OUTCOME_ACCEPT, "IPv6: errors, neighbours, routers, multicast groups", NULL},
    {NFT_INPUT, "eno1", "", "tcp", "192.168.1.5", TO_US, "8005", "new", NFT_OUTCOME_ACCEPT, NULL, NULL},
    {NFT_INPUT, "eno1", "", "tcp", "192.168.1.5", TO_US, "8011", "new", NFT_OUTCOME_REJECT, "office to host: reject", NULL},
    {NFT_INPUT, "eno1", "", "tcp", "2001:db8:5::5", "2001:db8::1", "8005", "new", NFT_OUTCOME_ACCEPT, NULL, NULL},
    {NFT_FORWARD, "br-g", "eno1", "tcp", "10.0.0.9", WORLD, "80", "new", NFT_OUTCOME_ACCEPT, "guests to wan: allow", NULL},
    {NFT_FORWARD, "br-g", "eno1", "tcp", "10.0.0.9", WORLD, "25", "new", NFT_OUTCOME_REJECT, "reject smtp from guests to wan", NULL},
    {NFT_FORWARD, "eno1", "br-g", "tcp", WORLD, "10.0.0.9", "80", "new", NFT_OUTCOME_REJECT, "forward: reject", NULL},
    {NFT_FORWARD, "eno1", "br-g", "tcp", WORLD, "10.0.0.5", "80", "new", NFT_OUTCOME_REJECT, "forward: reject", NULL},
    {NFT_OUTPUT, "", "eno1", "tcp", TO_US, WORLD, "23", "new", NFT_OUTCOME_REJECT, "reject telnet from host to any", NULL},
    {NFT_OUTPUT, "", "eno1", "tcp", TO_US, WORLD, "80", "new", NFT_OUTCOME_ACCEPT, "", NULL},
    /* what is published, and what is sent on */
    {NFT_INPUT, "eno1", "", "tcp", WORLD, TO_US, "8080", "new", NFT_OUTCOME_ACCEPT, "publish", "10.0.0.5 80"},
    {NFT_INPUT, "br-g", "", "tcp", "10.0.0.9", TO_US, "8080", "new", NFT_OUTCOME_ACCEPT, "publish", "10.0.0.5 80"},
    {NFT_INPUT, "eno1", "", "tcp", "203.0.113.9", TO_US, "8080", "new", NFT_OUTCOME_DROP, "deny tcp/80 from 203.0.113.0/24 to 10.0.0.5", "10.0.0.5 80"},
    {NFT_INPUT, "eno1", "", "tcp", "2001:db8:1::7", "2001:db8::1", "443", "new", NFT_OUTCOME_ACCEPT, "publish", "fd00:0:0:1::5 443"},
    {NFT_INPUT, "br-g", "", "tcp", "fd00:0:0:1::9", "2001:db8::1", "443", "new", NFT_OUTCOME_DROP, "input: drop", "2001:db8::1 443"},
    {NFT_INPUT, "eno1", "", "tcp", WORLD, TO_US, "81", "new", NFT_OUTCOME_ACCEPT, "dnat tcp/81 from wan to 10.0.0.6:80", "10.0.0.6 80"},
    {NFT_FORWARD, "br-g", "eno1", "tcp", "10.0.0.9", WORLD, "3128", "new", NFT_OUTCOME_ACCEPT, "redirect tcp/3128 from guests to 8080", NULL},
    /* clang-format on */
};

static void test_packets(void **state)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    unsigned n_wrong = 0;
    (void)state;
    assert_int_equal(file_read_text("lab.yaml", lab, strlen(lab), &topology, &errors), 0);
    struct nft_ruleset *ruleset = nft_ruleset_new(&topology.model, HOST);
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        bool is_icmp = strstr(packets[i].protocol, "icmp");
        const struct nft_packet packet = {.word = {
                                              [NFT_IIFNAME] = packets[i].in,
                                              [NFT_OIFNAME] = packets[i].out,
                                              [NFT_PROTOCOL] = packets[i].protocol,
                                              [NFT_SADDR] = packets[i].from,
                                              [NFT_DADDR] = packets[i].to,
                                              [NFT_SPORT] = is_icmp ? "" : "40000",
                                              [NFT_DPORT] = is_icmp ? "" : packets[i].port,
                                              [NFT_ICMP_TYPE] = is_icmp ? packets[i].port : NULL,
                                              [NFT_CT_STATE] = packets[i].state,
                                          }};
        struct decision decision = walk(ruleset, &packet, packets[i].hook);
        if (decision.outcome == packets[i].outcome &&
            (!packets[i].comment || strcmp(decision.comment, packets[i].comment) == 0) &&
            (!packets[i].ends || strcmp(decision.to, packets[i].ends) == 0))
            continue;
        print_error("packet %zu (%s %s %s): outcome %u by `%s`, to %s\n", i, packets[i].protocol,
                    packets[i].from, packets[i].port, decision.outcome, decision.comment, decision.to);
        n_wrong++;
    }
    nft_ruleset_free(ruleset);
    assert_int_equal(n_wrong, 0);
}

/* Random rules over a small world, so that they overlap often */

static uint32_t random_state;

static unsigned below(unsigned n)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % n;
}

static void add_address(struct text *out, bool single)
{
    unsigned bits = single || below(3) ? 32 : 24 + below(8), address = below(16);
    if (!single && below(8) == 0)
        text_printf(out, "10.0.0.%u-10.0.0.%u", address, address + below(4));
    else
        text_printf(out, "10.0.0.%u/%u", address & ~((1U << (32 - bits)) - 1) & 255, bits);
}

/* Of one shape, single keys only; or of any. */
static void add_rule(struct text *out, unsigned n_verbs, bool single)
{
    static const char *const verbs[] = {"allow", "deny", "reject"};
    unsigned port = 1 + below(8), form = single ? 2 : below(4);
    text_printf(out, "    - %s", verbs[below(n_verbs)]);
    if (form == 0)
        text_add(out, " any");
    else if (form == 1)
        text_printf(out, " tcp/%u-%u", port, port + below(4));
    else
        text_printf(out, " %s/%u", below(2) ? "tcp" : "udp", port);
    if (single || below(4)) {
        text_add(out, " from ");
        add_address(out, single);
    }
    text_printf(out, "%s\n", below(20) ? "" : " log");
}

static void add_firewall(struct text *out)
{
    unsigned n_verbs = 1 + below(3);
    bool single = below(3) == 0;
    text_add(out, "firewall:\n  input: drop\n  rules:\n");
    for (unsigned n = 20 + below(60); n; n--)
        add_rule(out, below(8) ? n_verbs : 3, single && below(10));
}

/* The same packet to the rules as sets, and one by one. */
static bool agree(struct nft_ruleset *one, struct nft_ruleset *other)
{
    char from[16], port[8];
    snprintf(from, sizeof from, "10.0.0.%u", below(18));
    snprintf(port, sizeof port, "%u", 1 + below(12));
    const struct nft_packet packet = {.word = {
                                          [NFT_IIFNAME] = "eth0",
                                          [NFT_OIFNAME] = "",
                                          [NFT_PROTOCOL] = below(2) ? "tcp" : "udp",
                                          [NFT_SADDR] = from,
                                          [NFT_DADDR] = "10.0.1.1",
                                          [NFT_SPORT] = "40000",
                                          [NFT_DPORT] = port,
                                          [NFT_CT_STATE] = "new",
                                      }};
    struct decision a = walk(one, &packet, NFT_INPUT), b = walk(other, &packet, NFT_INPUT);
    if (a.outcome == b.outcome && a.outcome != NFT_OUTCOME_UNKNOWN)
        return true;
    print_error("%s from %s to port %s: %u by `%s` as sets, %u by `%s` one by one\n",
                packet.word[NFT_PROTOCOL], from, port, a.outcome, a.comment, b.outcome, b.comment);
    return false;
}

static void try_random(uint32_t seed)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct model sets CLEANUP_MODEL = {0}, flat CLEANUP_MODEL = {0};
    struct text yaml CLEANUP_TEXT = {0};
    random_state = seed;
    add_firewall(&yaml);
    assert_int_equal(file_read_text("lab.yaml", text_of(&yaml), yaml.length, &topology, &errors), 0);
    const struct fw_compile_options as_sets = {.run_min = 2 + below(6)}, one_by_one = {.run_min = SIZE_MAX};
    firewall_compile(topology.firewalls, "lab", &sets, &as_sets);
    firewall_compile(topology.firewalls, "lab", &flat, &one_by_one);
    struct nft_ruleset *one = nft_ruleset_new(&sets, HOST), *other = nft_ruleset_new(&flat, HOST);
    for (unsigned i = 0; i < 100; i++)
        if (!agree(one, other)) {
            print_error("seed %u:\n%s", seed, text_of(&yaml));
            fail();
        }
    nft_ruleset_free(one);
    nft_ruleset_free(other);
}

static void test_random(void **state)
{
    const char *number = getenv("PLEXUS_PAIRS");
    (void)state;
    for (unsigned seed = 1; seed <= (number ? strtoul(number, NULL, 10) : 100); seed++)
        try_random(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_packets), cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
