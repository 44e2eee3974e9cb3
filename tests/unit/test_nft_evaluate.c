/* The evaluator: what is unknown, what listeners are told, what only a model can show. How rules match is
 * compared with the kernel in tests/net/nft.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nft_model.h"

#define PAYLOAD(protocol, field) "{\"payload\":{\"field\":\"" field "\",\"protocol\":\"" protocol "\"}}"
#define META(key)                "{\"meta\":{\"key\":\"" key "\"}}"
#define CT(key)                  "{\"ct\":{\"key\":\"" key "\"}}"
#define MATCH(left, op, right)   "{\"match\":{\"left\":" left ",\"op\":\"" op "\",\"right\":" right "}}"
#define DPORT(port)              MATCH(PAYLOAD("tcp", "dport"), "==", port)
#define RULE(statements)         "{\"expr\":[" statements "]}"
#define ACCEPT                   "{\"accept\":null}"
#define DROP                     "{\"drop\":null}"
#define RETURN                   "{\"return\":null}"
#define JUMP(chain)              "{\"jump\":{\"target\":\"" chain "\"}}"
#define GOTO(chain)              "{\"goto\":{\"target\":\"" chain "\"}}"
#define SAYS_NOTHING             MATCH(META("cpu"), "==", "0")
#define XT(type, name)           "{\"xt\":{\"name\":\"" name "\",\"type\":\"" type "\"}}"

/* The rules of the chains `input` and `other`, and of a second chain after input. */
struct sample {
    const char *title, *input, *other, *after;
    enum nft_outcome outcome;
};

static const struct sample samples[] = {
    {"nothing", "", "", "", NFT_OUTCOME_DROP},
    {"a match", RULE(DPORT("22") "," ACCEPT), "", "", NFT_OUTCOME_ACCEPT},
    {"no match", RULE(DPORT("23") "," ACCEPT), "", "", NFT_OUTCOME_DROP},
    {"another protocol", RULE(MATCH(PAYLOAD("udp", "dport"), "!=", "53") "," ACCEPT), "", "",
     NFT_OUTCOME_DROP},
    {"reject", RULE("{\"reject\":null}"), "", "", NFT_OUTCOME_REJECT},
    {"may accept, then drops", RULE(SAYS_NOTHING "," ACCEPT), "", "", NFT_OUTCOME_UNKNOWN},
    {"may accept, then accepts", RULE(SAYS_NOTHING "," ACCEPT) "\n" RULE(ACCEPT), "", "", NFT_OUTCOME_ACCEPT},
    {"may drop, then drops", RULE(SAYS_NOTHING "," DROP), "", "", NFT_OUTCOME_DROP},
    {"may accept, and the next chain drops", RULE(SAYS_NOTHING "," ACCEPT), "", RULE(DROP), NFT_OUTCOME_DROP},
    {"may drop or reject", RULE(SAYS_NOTHING ",{\"reject\":null}"), "", "", NFT_OUTCOME_UNKNOWN},
    {"cannot be judged, and does not match", RULE(SAYS_NOTHING "," DPORT("23") "," ACCEPT), "", "",
     NFT_OUTCOME_DROP},
    {"cannot be judged, and only counts", RULE(SAYS_NOTHING ",{\"counter\":null}") "\n" RULE(ACCEPT), "", "",
     NFT_OUTCOME_ACCEPT},
    {"may jump to where it is accepted", RULE(SAYS_NOTHING "," JUMP("other")) "\n" RULE(ACCEPT), RULE(ACCEPT),
     "", NFT_OUTCOME_ACCEPT},
    {"may jump to where it is dropped", RULE(SAYS_NOTHING "," JUMP("other")) "\n" RULE(ACCEPT), RULE(DROP),
     "", NFT_OUTCOME_UNKNOWN},
    {"may return", RULE(JUMP("other")) "\n" RULE(ACCEPT), RULE(SAYS_NOTHING "," RETURN) "\n" RULE(DROP), "",
     NFT_OUTCOME_UNKNOWN},
    {"returns either way", RULE(JUMP("other")) "\n" RULE(ACCEPT),
     RULE(SAYS_NOTHING "," RETURN) "\n" RULE(RETURN), "", NFT_OUTCOME_ACCEPT},
    {"goto does not come back", RULE(GOTO("other")) "\n" RULE(ACCEPT), "", "", NFT_OUTCOME_DROP},
    {"may goto", RULE(SAYS_NOTHING "," GOTO("other")) "\n" RULE(DROP), "", "", NFT_OUTCOME_DROP},
    {"a chain that is not there", RULE(JUMP("nowhere")) "\n" RULE(DROP), "", "", NFT_OUTCOME_UNKNOWN},
    {"a chain that leads to itself", RULE(JUMP("other")), RULE(JUMP("other")), "", NFT_OUTCOME_UNKNOWN},
    {"no rule", "nonsense", "", "", NFT_OUTCOME_UNKNOWN},
    {"an xt match", RULE(XT("match", "recent") "," ACCEPT), "", "", NFT_OUTCOME_UNKNOWN},
    {"an xt match beside what does not match", RULE(DPORT("23") "," XT("match", "recent") "," ACCEPT), "", "",
     NFT_OUTCOME_DROP},
    {"an xt match that drops", RULE(XT("match", "recent") "," DROP), "", "", NFT_OUTCOME_DROP},
    {"an xt target", RULE(XT("target", "REJECT")), "", "", NFT_OUTCOME_UNKNOWN},
    {"an xt target that only logs", RULE(XT("target", "LOG")) "\n" RULE(ACCEPT), "", "", NFT_OUTCOME_ACCEPT},
    {"an xt of which nothing is told", RULE("{\"xt\":null}," DROP), "", "", NFT_OUTCOME_DROP},
    {"an xt of which nothing is told, last", RULE("{\"xt\":null}"), "", "", NFT_OUTCOME_UNKNOWN},
    {"a queue", RULE("{\"queue\":{\"num\":1}}"), "", "", NFT_OUTCOME_UNKNOWN},
    {"a statement that is not known", RULE("{\"novelty\":1}") "\n" RULE(ACCEPT), "", "", NFT_OUTCOME_UNKNOWN},
    {"a named limit", RULE("{\"limit\":\"slow\"}," ACCEPT), "", "", NFT_OUTCOME_UNKNOWN},
    {"a set", RULE(MATCH(PAYLOAD("ip", "saddr"), "==", "\"@friends\"") "," ACCEPT), "", "",
     NFT_OUTCOME_ACCEPT},
    {"not in a set", RULE(MATCH(PAYLOAD("ip", "daddr"), "!=", "\"@friends\"") "," ACCEPT), "", "",
     NFT_OUTCOME_ACCEPT},
    {"a set that is not there", RULE(MATCH(PAYLOAD("ip", "saddr"), "==", "\"@none\"") "," ACCEPT), "", "",
     NFT_OUTCOME_UNKNOWN},
    {"a set that rules fill", RULE(MATCH(PAYLOAD("ip", "saddr"), "==", "\"@seen\"") "," ACCEPT), "", "",
     NFT_OUTCOME_UNKNOWN},
    {"an owner that is not known", RULE(MATCH(META("skuid"), "==", "0") "," ACCEPT), "", "",
     NFT_OUTCOME_UNKNOWN},
    {"a map of verdicts, whose key is half known",
     RULE("{\"vmap\":{\"key\":{\"concat\":[" META("skuid") "," META(
         "l4proto") "]},\"data\":{\"set\":["
                    "[{\"concat\":[0,\"udp\"]}," ACCEPT "],[{\"concat\":[1,\"tcp\"]}," DROP "]]}}}"),
     "", "", NFT_OUTCOME_DROP},
    {"the address of an interface",
     RULE(MATCH("{\"fib\":{\"flags\":[\"daddr\",\"iif\"],\"result\":\"type\"}}",
                "==", "\"local\"") "," ACCEPT),
     "", "", NFT_OUTCOME_ACCEPT},
    {"a broadcast address",
     RULE(MATCH("{\"fib\":{\"flags\":\"saddr\",\"result\":\"type\"}}", "==", "\"unicast\"") "," ACCEPT), "",
     "", NFT_OUTCOME_ACCEPT},
    {"a mark that may have been set",
     RULE(SAYS_NOTHING ",{\"mangle\":{\"key\":" META("mark") ",\"value\":7}}") "\n" RULE(
         MATCH(META("mark"), "==", "7") "," ACCEPT),
     "", "", NFT_OUTCOME_UNKNOWN},
    {"a mark on all that were not dropped",
     RULE(SAYS_NOTHING "," DROP) "\n" RULE("{\"mangle\":{\"key\":" META("mark") ",\"value\":7}}") "\n" RULE(
         MATCH(META("mark"), "==", "7") "," DROP) "\n" RULE(ACCEPT),
     "", "", NFT_OUTCOME_DROP},
    {"a mark on what was not accepted before",
     RULE(SAYS_NOTHING
          "," ACCEPT) "\n" RULE("{\"mangle\":{\"key\":" META("mark") ",\"value\":7}}") "\n" RULE(ACCEPT),
     "", RULE(MATCH(META("mark"), "==", "7") "," DROP), NFT_OUTCOME_UNKNOWN},
    {"a mark that remains",
     RULE(SAYS_NOTHING ",{\"mangle\":{\"key\":" META("mark") ",\"value\":0}}") "\n" RULE(
         MATCH(META("mark"), "==", "0") "," ACCEPT),
     "", "", NFT_OUTCOME_ACCEPT},
    {"a new connection",
     RULE(MATCH(CT("state"), "in", "[\"established\",\"related\"]") "," ACCEPT) "\n" RULE(
         MATCH(CT("status"), "in", "\"dnat\"") "," ACCEPT),
     "", "", NFT_OUTCOME_DROP},
};

static void chain_of(struct model *model, const char *name, const char *hook, int priority,
                     const char *policy, const char *rules)
{
    struct object *chain =
        nft_model_add(model, &nft_model_chain, "family", "inet", "table", "t", "name", name, "type",
                      hook ? "filter" : NULL, "hook", hook, "policy", policy, "rules", rules, NULL);
    object_set_number(model, chain, "priority", priority);
}

static void set_of(struct model *model, const char *name, const char *elements, bool dynamic)
{
    struct object *set = nft_model_add(model, &nft_model_set, "family", "inet", "table", "t", "name", name,
                                       "key", "ipv4_addr", "elements", elements, NULL);
    object_set_number(model, set, "dynamic", dynamic);
}

static const struct nft_packet ssh = {.word = {
                                          [NFT_IIFNAME] = "eth0",
                                          [NFT_PROTOCOL] = "tcp",
                                          [NFT_SADDR] = "10.0.0.5",
                                          [NFT_DADDR] = "10.1.0.1",
                                          [NFT_SPORT] = "40000",
                                          [NFT_DPORT] = "22",
                                          [NFT_CT_STATE] = "new",
                                          [NFT_MARK] = "0",
                                      }};

static void test_outcomes(void **state)
{
    (void)state;
    for (const struct sample *sample = samples; sample < samples + sizeof samples / sizeof *samples;
         sample++) {
        struct model model CLEANUP_MODEL = {0};
        chain_of(&model, "other", NULL, 0, NULL, sample->other);
        chain_of(&model, "input", "input", 0, "drop", sample->input);
        chain_of(&model, "after", "input", 10, "accept", sample->after);
        set_of(&model, "friends", "10.0.0.0/24\n10.9.0.1", false);
        set_of(&model, "seen", "10.0.0.5", true);
        nft_model_address(&model, "eth0", "10.1.0.1/24");
        struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);
        struct nft_walk walk = {.ruleset = ruleset, .packet = ssh};
        enum nft_outcome outcome = nft_walk_hook(&walk, NFT_INPUT);
        if (outcome != sample->outcome)
            fail_msg("%s: %d, expected %d", sample->title, outcome, sample->outcome);
        nft_walk_done(&walk);
        nft_ruleset_free(ruleset);
    }
}

static void tell(void *context, const struct nft_event *event)
{
    struct text *said = context;
    const char *verdict = names_format(nft_verdict_names, event->verdict);
    text_printf(said, "%s %u %s%s%s%s%s%s\n", object_text(event->chain, "name"), event->number,
                verdict ? verdict : "-", event->target ? " " : "", event->target ? event->target : "",
                event->unjudged ? " unjudged" : "", event->maybe ? " maybe" : "",
                event->comment ? event->comment : "");
}

static void test_events(void **state)
{
    struct model model CLEANUP_MODEL = {0};
    struct text said CLEANUP_TEXT = {0};
    (void)state;
    chain_of(&model, "other", NULL, 0, NULL, RULE(DPORT("23") "," DROP) "\n" RULE("{\"counter\":null}"));
    chain_of(&model, "input", "input", 0, "drop",
             "{\"comment\":\" the first\",\"expr\":[" JUMP("other") "]}\n" RULE(
                 SAYS_NOTHING "," ACCEPT) "\n" RULE(DPORT("22") "," JUMP("other")));
    struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);
    struct nft_walk walk = {.ruleset = ruleset, .packet = ssh, .listen = tell, .context = &said};
    assert_int_equal(nft_walk_hook(&walk, NFT_INPUT), NFT_OUTCOME_UNKNOWN);
    assert_string_equal(text_of(&said), "input 1 jump other the first\n"
                                        "other 2 -\n"
                                        "input 2 accept unjudged\n"
                                        "input 3 jump other maybe\n"
                                        "other 2 - maybe\n"
                                        "input 0 drop maybe\n");
    nft_walk_done(&walk);
    nft_ruleset_free(ruleset);
}

/* The first packet is translated, and is what later hooks see; of packets that follow the caller knows. */
static void test_nat(void **state)
{
    struct model model CLEANUP_MODEL = {0};
    (void)state;
    nft_model_add(&model, &nft_model_chain, "family", "inet", "table", "t", "name", "n", "type", "nat",
                  "hook", "prerouting", "policy", "accept", "rules",
                  RULE(DPORT("22") ",{\"dnat\":{\"addr\":\"10.0.0.9\",\"family\":\"ip\",\"port\":2222}}"),
                  NULL);
    nft_model_add(&model, &nft_model_chain, "family", "inet", "table", "t", "name", "m", "type", "nat",
                  "hook", "postrouting", "policy", "accept", "rules", RULE("{\"masquerade\":null}"), NULL);
    chain_of(&model, "forward", "forward", 0, "drop", RULE(MATCH(CT("status"), "in", "\"dnat\"") "," ACCEPT));
    nft_model_address(&model, "eth1", "192.0.2.1/24");
    struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);

    struct nft_walk walk = {.ruleset = ruleset, .packet = ssh};
    assert_int_equal(nft_walk_hook(&walk, NFT_PREROUTING), NFT_OUTCOME_ACCEPT);
    assert_true(walk.dnat);
    assert_string_equal(walk.packet.word[NFT_DADDR], "10.0.0.9");
    assert_string_equal(walk.packet.word[NFT_DPORT], "2222");
    assert_string_equal(walk.packet.word[NFT_CT_DADDR], "10.1.0.1");
    walk.packet.word[NFT_OIFNAME] = "eth1";
    assert_int_equal(nft_walk_hook(&walk, NFT_FORWARD), NFT_OUTCOME_ACCEPT);
    assert_int_equal(nft_walk_hook(&walk, NFT_POSTROUTING), NFT_OUTCOME_ACCEPT);
    assert_true(walk.snat);
    assert_string_equal(walk.packet.word[NFT_SADDR], "192.0.2.1");
    assert_null(walk.packet.word[NFT_SPORT]);
    nft_walk_done(&walk);

    walk = (struct nft_walk){.ruleset = ruleset, .packet = ssh};
    walk.packet.word[NFT_CT_STATE] = "established";
    assert_int_equal(nft_walk_hook(&walk, NFT_PREROUTING), NFT_OUTCOME_ACCEPT);
    assert_false(walk.dnat);
    nft_walk_done(&walk);
    nft_ruleset_free(ruleset);
}

static void test_rates(void **state)
{
    static const enum nft_outcome outcomes[] = {NFT_OUTCOME_ACCEPT, NFT_OUTCOME_DROP};
    struct model model CLEANUP_MODEL = {0};
    (void)state;
    chain_of(&model, "input", "input", 0, "drop",
             RULE("{\"ct count\":{\"inv\":true,\"val\":20}}," DROP) "\n" RULE(
                 "{\"limit\":{\"per\":\"minute\",\"rate\":6}}," ACCEPT));
    struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);
    for (int exceeded = 0; exceeded < 2; exceeded++) {
        struct nft_walk walk = {.ruleset = ruleset, .packet = ssh, .exceeded = exceeded};
        assert_int_equal(nft_walk_hook(&walk, NFT_INPUT), outcomes[exceeded]);
        nft_walk_done(&walk);
    }
    nft_ruleset_free(ruleset);
}

/* Only chains of its family, and all that are not known to be of another. */
static void test_families(void **state)
{
    struct model model CLEANUP_MODEL = {0};
    struct nft_packet nothing = {0};
    (void)state;
    nft_model_add(&model, &nft_model_chain, "family", "bridge", "table", "t", "name", "b", "hook", "forward",
                  "policy", "drop", "rules", "", NULL);
    nft_model_add(&model, &nft_model_chain, "family", "ip6", "table", "t", "name", "s", "hook", "input",
                  "policy", "drop", "rules", "", NULL);
    nft_model_add(&model, &nft_model_chain, "family", "netdev", "table", "t", "name", "i", "hook", "input",
                  "policy", "drop", "rules", "", NULL);
    struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);
    struct nft_walk bridged = {.ruleset = ruleset, .packet = ssh, .bridge = true};
    struct nft_walk routed = {.ruleset = ruleset, .packet = ssh},
                    unknown = {.ruleset = ruleset, .packet = nothing};
    assert_int_equal(nft_walk_hook(&bridged, NFT_FORWARD), NFT_OUTCOME_DROP);
    assert_int_equal(nft_walk_hook(&routed, NFT_FORWARD), NFT_OUTCOME_ACCEPT);
    assert_int_equal(nft_walk_hook(&routed, NFT_INPUT), NFT_OUTCOME_ACCEPT);
    assert_int_equal(nft_walk_hook(&unknown, NFT_INPUT), NFT_OUTCOME_UNKNOWN);
    nft_walk_done(&bridged);
    nft_walk_done(&routed);
    nft_walk_done(&unknown);
    nft_ruleset_free(ruleset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes), cmocka_unit_test(test_events),   cmocka_unit_test(test_nat),
        cmocka_unit_test(test_rates),    cmocka_unit_test(test_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
