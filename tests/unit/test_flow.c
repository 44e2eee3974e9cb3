/* Flows: what becomes of one when the rules change; and that many are judged as each of them would be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "file/read.h"
#include "model/flow.h"

static const char head[] = "name: fw\n"
                           "interfaces:\n"
                           "  wan: {type: physical, addresses: [192.0.2.1/24]}\n"
                           "  lan: {type: bridge, addresses: [10.0.0.1/24]}\n"
                           "routes: [{to: default, via: 192.0.2.254}]\n"
                           "forwarding: true\n";

static void network(struct topology *topology, const char *firewall)
{
    struct errors errors CLEANUP_ERRORS = {0};
    struct text file CLEANUP_TEXT = {0};
    text_printf(&file, "%s%s\n", head, firewall);
    int r = file_read_text("fw.yaml", text_of(&file), file.length, topology, &errors);
    if (r < 0)
        errors_print(&errors, stderr, false);
    assert_int_equal(r, 0);
}

static struct ip ip(const char *text)
{
    struct ip ip = {0};
    assert_int_equal(ip_parse(text, &ip), 0);
    return ip;
}

/* "192.0.2.2 40000 192.0.2.1 80", and where it goes in truth and under which source, where these are said. */
static struct flow flow_of(uint8_t protocol, const char *words)
{
    char source[64], destination[64], to[64] = "", from[64] = "";
    unsigned sport, dport, port = 0;
    int n =
        sscanf(words, "%63s %u %63s %u %63s %u %63s", source, &sport, destination, &dport, to, &port, from);
    assert_true(n >= 4);
    struct flow flow = {.protocol = protocol,
                        .status = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED,
                        .tcp_state = TCP_CONNTRACK_ESTABLISHED};
    flow.original = (struct flow_tuple){ip(source), ip(destination), (uint16_t)sport, (uint16_t)dport};
    flow.reply = (struct flow_tuple){flow.original.destination, flow.original.source, (uint16_t)dport,
                                     (uint16_t)sport};
    if (n >= 6 && strcmp(to, "-") != 0) {
        flow.reply.source = ip(to);
        flow.reply.from = (uint16_t)port;
    }
    if (n >= 7)
        flow.reply.destination = ip(from);
    return flow;
}

#define NONE    "description: none"
#define CLOSED  "firewall: {input: drop}"
#define OPEN    "firewall: {input: drop, rules: [allow tcp/80, allow udp/53]}"
#define SILENT  "firewall: {output: drop, rules: [allow tcp/80 from host]}"
#define FORWARD "firewall: {forward: drop, policies: []}"
#define PUBLISH "firewall: {publish: [\"8080:10.0.0.5:80\", \"53:10.0.0.5:53/udp\"]}"
#define OTHER   "firewall: {publish: [\"8080:10.0.0.6:80\"]}"
#define MASK    "firewall: {zones: {out: [wan]}, nat: [masquerade to out]}"

static const struct {
    const char *title, *before, *after;
    uint8_t protocol;
    const char *flow;
    enum flow_fate fate;
} cases[] = {
    {"forbidden", OPEN, CLOSED, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 80", FLOW_STOPS},
    {"forbidden, no TCP", OPEN, CLOSED, IPPROTO_UDP, "192.0.2.2 40000 192.0.2.1 53", FLOW_ENDS},
    {"forbidden before too", OPEN, CLOSED, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 81", FLOW_STAYS},
    {"allowed now", CLOSED, OPEN, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 80", FLOW_STAYS},
    {"the first rules", NONE, CLOSED, IPPROTO_TCP, "198.51.100.9 40000 192.0.2.1 80", FLOW_STOPS},
    {"from here", NONE, CLOSED, IPPROTO_TCP, "192.0.2.1 40000 198.51.100.9 80", FLOW_STAYS},
    {"sent through", NONE, FORWARD, IPPROTO_TCP, "10.0.0.5 40000 198.51.100.9 80", FLOW_STOPS},
    {"a broadcast is for us", NONE, FORWARD, IPPROTO_UDP, "192.0.2.7 138 192.0.2.255 138", FLOW_STAYS},
    {"sent to many", NONE, SILENT, IPPROTO_UDP, "192.0.2.1 138 192.0.2.255 138", FLOW_STAYS},
    {"who is among many", NONE, SILENT, IPPROTO_IGMP, "192.0.2.1 0 224.0.0.22 0", FLOW_STAYS},
    {"published now", NONE, PUBLISH, IPPROTO_UDP, "192.0.2.2 40000 192.0.2.1 53", FLOW_ENDS},
    {"published still", PUBLISH, PUBLISH, IPPROTO_UDP, "192.0.2.2 40000 192.0.2.1 53 10.0.0.5 53",
     FLOW_STAYS},
    {"published no more", PUBLISH, OTHER, IPPROTO_UDP, "192.0.2.2 40000 192.0.2.1 53 10.0.0.5 53", FLOW_ENDS},
    {"the guest is another", PUBLISH, OTHER, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 8080 10.0.0.5 80",
     FLOW_ENDS},
    {"the same guest as by others", NONE, PUBLISH, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 8080 10.0.0.5 80",
     FLOW_STAYS},
    {"what others publish", NONE, OTHER, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 443 10.0.0.9 443",
     FLOW_STAYS},
    {"all goes", PUBLISH, NONE, IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 8080 10.0.0.5 80", FLOW_ENDS},
    {"masked now", NONE, MASK, IPPROTO_UDP, "10.0.0.5 40000 198.51.100.9 53", FLOW_ENDS},
    {"masked still", MASK, MASK, IPPROTO_UDP, "10.0.0.5 40000 198.51.100.9 53 - 0 192.0.2.1", FLOW_STAYS},
    {"masked no more", MASK, NONE, IPPROTO_UDP, "10.0.0.5 40000 198.51.100.9 53 - 0 192.0.2.1", FLOW_ENDS},
};

static void test_fates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct topology before CLEANUP_TOPOLOGY = {0}, after CLEANUP_TOPOLOGY = {0};
        struct flow flow = flow_of(cases[i].protocol, cases[i].flow);
        network(&before, cases[i].before);
        network(&after, cases[i].after);
        static const size_t numbers[] = {1, 100000}; /* one by one, and by atoms */
        for (size_t k = 0; k < 2; k++) {
            struct flow_judge *judge = flow_judge_new(&before.model, &after.model, HOST, numbers[k]);
            if (flow_judge(judge, &flow) != cases[i].fate)
                fail_msg("%s: %d, expected %d", cases[i].title, flow_judge(judge, &flow), cases[i].fate);
            flow_judge_free(judge);
        }
    }
}

static void test_what_runs(void **state)
{
    (void)state;
    struct flow tcp = flow_of(IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 80"),
                udp = flow_of(IPPROTO_UDP, "192.0.2.2 40000 192.0.2.1 53");
    assert_true(flow_runs(&tcp));
    assert_true(flow_runs(&udp));
    tcp.tcp_state = TCP_CONNTRACK_TIME_WAIT;
    udp.status = IPS_CONFIRMED;
    assert_false(flow_runs(&tcp));
    assert_false(flow_runs(&udp));
}

static void test_named(void **state)
{
    (void)state;
    struct text text CLEANUP_TEXT = {0};
    const struct flow flow = flow_of(IPPROTO_ESP, "192.0.2.2 0 192.0.2.1 0");
    flow_format(&flow, &text);
    assert_string_equal(text_of(&text), "esp 192.0.2.2 -> 192.0.2.1");
}

static void test_related(void **state)
{
    struct topology before CLEANUP_TOPOLOGY = {0}, after CLEANUP_TOPOLOGY = {0};
    struct flow flow = flow_of(IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 80");
    (void)state;
    network(&before, OPEN);
    network(&after, CLOSED);
    flow.status |= IPS_EXPECTED;
    struct flow_judge *judge = flow_judge_new(&before.model, &after.model, HOST, 1);
    assert_int_equal(flow_judge(judge, &flow), FLOW_STAYS);
    flow_judge_free(judge);
}

static void test_resumes(void **state)
{
    struct topology open CLEANUP_TOPOLOGY = {0}, closed CLEANUP_TOPOLOGY = {0};
    struct flow flow = flow_of(IPPROTO_TCP, "192.0.2.2 40000 192.0.2.1 80");
    (void)state;
    network(&open, OPEN);
    network(&closed, CLOSED);
    flow.tcp_state = TCP_CONNTRACK_SYN_SENT;
    struct flow_judge *judge = flow_judge_new(&closed.model, &open.model, HOST, 1);
    assert_int_equal(flow_judge(judge, &flow), FLOW_RESUMES);
    flow.status &= ~(unsigned)IPS_ASSURED; /* one that begins */
    assert_int_equal(flow_judge(judge, &flow), FLOW_STAYS);
    flow_judge_free(judge);
    judge = flow_judge_new(&open.model, &closed.model, HOST, 1);
    assert_int_equal(flow_judge(judge, &flow), FLOW_ENDS);
    flow_judge_free(judge);
}

/* Random flows about the ends of what the rules say: by atoms, each has the fate that it has by itself. */
static void test_atoms(void **state)
{
    static const char rules[] =
        "firewall: {input: drop, forward: drop, zones: {out: [wan], in: [lan]}, "
        "sets: {bad: [198.51.100.0/25, 203.0.113.7, 203.0.113.9-203.0.113.12]}, "
        "rules: [deny from @bad, allow tcp/80-82 from out, allow udp/53 from 10.0.0.8/30], "
        "policies: [in to out: allow], nat: [masquerade from in to out], "
        "publish: [\"8080-8082:10.0.0.5:80-82\"]}";
    static const char *const addresses[] = {"198.51.100.127", "198.51.100.128", "203.0.113.7",  "203.0.113.8",
                                            "203.0.113.9",    "203.0.113.12",   "203.0.113.13", "10.0.0.7",
                                            "10.0.0.8",       "10.0.0.11",      "10.0.0.12",    "192.0.2.1",
                                            "192.0.2.255",    "10.0.0.5",       "127.0.0.1",    "224.0.0.1"};
    static const unsigned ports[] = {53, 79, 80, 82, 83, 8079, 8080, 8082, 8083};
    struct topology before CLEANUP_TOPOLOGY = {0}, after CLEANUP_TOPOLOGY = {0};
    (void)state;
    network(&before, OPEN);
    network(&after, rules);
    struct flow_judge *one = flow_judge_new(&before.model, &after.model, HOST, 1);
    struct flow_judge *many = flow_judge_new(&before.model, &after.model, HOST, 100000);
    size_t fates[FLOW_FATES] = {0};
    srand(7);
    for (unsigned i = 0; i < 3000; i++) {
        char words[200];
        snprintf(words, sizeof words, "%s %u %s %u", addresses[(unsigned)rand() % 16], 40000 + i,
                 addresses[(unsigned)rand() % 16], ports[(unsigned)rand() % 9]);
        struct flow flow = flow_of(rand() % 2 ? IPPROTO_TCP : IPPROTO_UDP, words);
        enum flow_fate fate = flow_judge(one, &flow);
        if (flow_judge(many, &flow) != fate)
            fail_msg("%s: %d by itself, and %d among many", words, fate, flow_judge(many, &flow));
        fates[fate]++;
    }
    flow_judge_free(one);
    flow_judge_free(many);
    assert_true(fates[FLOW_STAYS] && fates[FLOW_ENDS] && fates[FLOW_STOPS]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fates), cmocka_unit_test(test_related), cmocka_unit_test(test_what_runs),
        cmocka_unit_test(test_named), cmocka_unit_test(test_resumes), cmocka_unit_test(test_atoms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
