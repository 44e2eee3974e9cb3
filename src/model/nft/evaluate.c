/* A packet's way through the chains.
 *
 * Where a rule cannot be judged, the packet goes both ways. What it may come to there is kept as a set of
 * outcomes, and the walk goes on as one that is not certain: so each rule is still looked at once, and
 * the answer is a plain one whenever all ways end alike. */
#include "model/nft/evaluate.h"

#include <string.h>

#include "model/nft/effect.h"
#include "model/nft/expression.h"

enum { DEPTH_MAX = 16 }; /* NFT_JUMP_STACK_SIZE */

enum outcome_bit {
    BIT_ACCEPT = 1 << NFT_OUTCOME_ACCEPT,
    BIT_DROP = 1 << NFT_OUTCOME_DROP,
    BIT_REJECT = 1 << NFT_OUTCOME_REJECT,
    BIT_ANY = BIT_ACCEPT | BIT_DROP | BIT_REJECT,
};

/* A chain that a packet is in. */
struct frame {
    const struct nft_chain *chain;
    unsigned depth;
    bool maybe;   /* it is not certain that the packet is here */
    bool split;   /* nor that all packets which this base chain accepts were here */
    bool returns; /* it may have left by a return */
    bool ended;   /* it has certainly left */
};

/* A rule that it comes to. */
struct rule {
    struct nft_run *run;
    struct frame *frame;
    const json_t *json;
    unsigned number;
    enum nft_truth truth; /* of what was judged so far */
    const json_t *statement;
    const json_t *unjudged;
    bool told, done;
};

static bool chain_walk(struct nft_run *run, struct frame frame);

static void tell(const struct rule *rule, enum nft_verdict verdict, const char *target)
{
    const struct nft_walk *walk = rule->run->walk;
    const struct nft_event event = {
        .chain = rule->frame->chain->object,
        .hook = rule->run->hook,
        .number = rule->number,
        .rule = rule->json,
        .comment = json_string_value(json_object_get(rule->json, "comment")),
        .verdict = verdict,
        .target = target,
        .unjudged = rule->unjudged,
        .maybe = rule->frame->maybe,
    };
    if (walk->listen)
        walk->listen(walk->context, &event);
}

static bool lead(const struct rule *rule, const char *target, enum nft_truth truth)
{
    struct nft_run *run = rule->run;
    const struct nft_chain *chain = nft_ruleset_chain(run->walk->ruleset, rule->frame->chain, target);
    if (!chain || rule->frame->depth == DEPTH_MAX) {
        run->outcomes |= BIT_ANY;
        return true;
    }
    return chain_walk(run, (struct frame){.chain = chain,
                                          .depth = rule->frame->depth + 1,
                                          .maybe = rule->frame->maybe || truth == NFT_MAYBE,
                                          .split = rule->frame->split || truth == NFT_MAYBE});
}

static void end(struct rule *rule, unsigned outcome, enum nft_truth truth)
{
    rule->run->outcomes |= outcome;
    rule->frame->ended |= truth == NFT_YES;
}

/* What a verdict does, when the rule matches or may match. */
static void take(struct rule *rule, enum nft_truth truth, enum nft_verdict verdict, const char *target)
{
    struct frame *frame = rule->frame;
    tell(rule, verdict, target);
    rule->told = rule->done = true;
    switch (verdict) {
    case NFT_ACCEPT:
        end(rule, BIT_ACCEPT, truth);
        break;
    case NFT_DROP:
        end(rule, BIT_DROP, truth);
        break;
    case NFT_REJECT:
        end(rule, BIT_REJECT, truth);
        break;
    case NFT_QUEUE: /* another program decides */
        end(rule, BIT_ACCEPT | BIT_DROP, truth);
        break;
    case NFT_RETURN:
        frame->returns = true;
        frame->ended |= truth == NFT_YES;
        break;
    case NFT_JUMP:
        frame->ended |= !lead(rule, target, truth) && truth == NFT_YES;
        break;
    case NFT_GOTO:
        frame->returns |= lead(rule, target, truth);
        frame->ended |= truth == NFT_YES;
        break;
    case NFT_CONTINUE:
    case NFT_VERDICT_NONE:
    case NFT_VERDICT_MAX:
        break;
    }
}

/* Verdict maps: all verdicts that the key may lead to. */

static void verdict_found(struct nft_lookup *lookup, enum nft_truth truth, const struct nft_element *element,
                          const struct nft_key *data)
{
    struct rule *rule = lookup->context;
    const char *target =
        element->chain ? arena_strndup(&rule->run->walk->arena, element->chain, element->chain_length) : NULL;
    (void)data;
    if (truth == NFT_MAYBE && !rule->unjudged)
        rule->unjudged = rule->statement;
    take(rule, rule->truth == NFT_YES ? truth : NFT_MAYBE, element->verdict, target);
}

static void vmap(struct rule *rule, const json_t *vmap)
{
    struct nft_answer key = nft_answer(rule->run, json_object_get(vmap, "key"), NULL);
    struct nft_key verdict;
    nft_key_parse("verdict", &verdict);
    struct nft_lookup lookup = {.key = &key,
                                .set = json_object_get(vmap, "data"),
                                .data = &verdict,
                                .found = verdict_found,
                                .context = rule};
    enum nft_truth truth = key.absent ? NFT_NO : nft_lookup(rule->run, &lookup);
    if (lookup.unknown) {
        rule->unjudged = rule->statement;
        tell(rule, NFT_VERDICT_NONE, NULL);
        rule->run->outcomes |= BIT_ANY;
    }
    rule->told |= truth == NFT_NO;
    rule->done = true;
}

/* iptables: matches cannot be judged, most targets neither. Old versions of nft tell neither the type nor
 * the name; a target is then what stands last. */
static void xt(struct rule *rule, const json_t *xt, bool last)
{
    static const char *const harmless[] = {"CHECKSUM", "CLASSIFY", "CT", "LOG", "NFLOG", "TCPMSS", "TRACE"};
    const char *type = json_string_value(json_object_get(xt, "type"));
    const char *name = json_string_value(json_object_get(xt, "name"));
    bool target = type ? strcmp(type, "target") == 0 : last;
    for (size_t i = 0; target && name && i < sizeof harmless / sizeof *harmless; i++)
        if (strcmp(harmless[i], name) == 0)
            return;
    rule->truth = NFT_MAYBE;
    if (target)
        rule->run->outcomes |= BIT_ANY;
}

/* Statements */

static bool is_verdict(const json_t *statement, enum nft_verdict *ret_verdict, const char **ret_target)
{
    const char *key = "";
    nft_only(statement, &key);
    *ret_target = NULL;
    if (strcmp(key, "reject") == 0 || strcmp(key, "queue") == 0) {
        *ret_verdict = *key == 'r' ? NFT_REJECT : NFT_QUEUE;
        return true;
    }
    return json_object_size(statement) == 1 && nft_verdict_read(statement, ret_verdict, ret_target) == 0;
}

/* The rest, such as tproxy or synproxy, and what is not known, takes packets who knows where. */
static bool is_followed(const char *key)
{
    static const char *const statements[] = {
        "match", "limit",     "quota",      "ct count",       "set",      "meter", "map",     "mangle",
        "snat",  "dnat",      "notrack",    "masquerade",     "redirect", "xt",    "counter", "log",
        "dup",   "ct helper", "ct timeout", "ct expectation", "flow",     "last",  "secmark",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (strcmp(statements[i], key) == 0)
            return true;
    return false;
}

static void judge(struct rule *rule, const json_t *statement, bool last)
{
    enum nft_verdict verdict;
    const char *target, *key = "";
    const json_t *value = nft_only(statement, &key);
    bool ends = false;
    rule->statement = statement;
    if (is_verdict(statement, &verdict, &target)) {
        take(rule, rule->truth, verdict, target);
        return;
    }
    if (strcmp(key, "vmap") == 0) {
        vmap(rule, value);
        return;
    }
    enum nft_truth before = rule->truth, truth = nft_condition(rule->run, statement);
    if (truth == NFT_YES)
        truth = nft_effect(rule->run, statement, before == NFT_YES && !rule->frame->split, &ends);
    rule->truth = truth == NFT_NO || before == NFT_YES ? truth : NFT_MAYBE;
    if (strcmp(key, "xt") == 0)
        xt(rule, value, last);
    if (!is_followed(key)) {
        rule->truth = NFT_MAYBE;
        rule->run->outcomes |= BIT_ANY;
    }
    if (rule->truth == NFT_MAYBE && before == NFT_YES)
        rule->unjudged = statement;
    if (ends && rule->truth != NFT_NO)
        take(rule, rule->truth, NFT_ACCEPT, NULL);
}

static void rule_walk(struct rule *rule)
{
    const json_t *expr = json_object_get(rule->json, "expr");
    size_t n = json_array_size(expr);
    if (!rule->json) { /* no rule that can be read */
        rule->run->outcomes |= BIT_ANY;
        return;
    }
    for (size_t i = 0; i < n && rule->truth != NFT_NO && !rule->done; i++)
        judge(rule, json_array_get(expr, i), i + 1 == n);
    if (rule->truth != NFT_NO && !rule->told)
        tell(rule, NFT_VERDICT_NONE, NULL);
}

/* Whether the packet may come back from the chain. */
static bool chain_walk(struct nft_run *run, struct frame frame)
{
    const struct nft_chain *from = run->chain;
    const bool maybe = frame.maybe, split = frame.split;
    for (size_t i = 0; i < frame.chain->n_rules && !frame.ended; i++) {
        struct rule rule = {.run = run,
                            .frame = &frame,
                            .json = frame.chain->rules[i],
                            .number = (unsigned)i + 1,
                            .truth = NFT_YES};
        run->chain = frame.chain;
        rule_walk(&rule);
        frame.maybe = maybe || frame.returns || run->outcomes;
        frame.split = split || frame.returns || run->outcomes & BIT_ACCEPT;
    }
    run->chain = from;
    return !frame.ended || frame.returns;
}

/* Hooks */

static enum nft_truth family_concerns(const struct nft_run *run, const char *chain)
{
    static const char *const families[][2] = {
        {"inet", "ipv4"}, {"inet", "ipv6"}, {"ip", "ipv4"}, {"ip6", "ipv6"}, {"arp", "arp"},
    };
    const char *family = nft_packet_family(&run->walk->packet);
    if (run->walk->bridge)
        return strcmp(chain, "bridge") == 0 ? NFT_YES : NFT_NO;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strcmp(chain, families[i][0]) == 0 && (!family || strcmp(family, families[i][1]) == 0))
            return family ? NFT_YES : NFT_MAYBE;
    return NFT_NO;
}

/* Chains of type nat see the first packet only, and after one has translated the others do not. */
static enum nft_truth nat_concerns(const struct nft_run *run)
{
    const char *state = run->walk->packet.word[NFT_CT_STATE];
    if (run->translated == NFT_YES || (state && strcmp(state, "new") != 0 && strcmp(state, "related") != 0))
        return NFT_NO;
    return state && run->translated == NFT_NO ? NFT_YES : NFT_MAYBE;
}

static enum nft_truth concerns(const struct nft_run *run, const struct nft_chain *chain)
{
    enum nft_truth family = chain->hook == run->hook ? family_concerns(run, chain->family) : NFT_NO;
    enum nft_truth nat = chain->nat ? nat_concerns(run) : NFT_YES;
    if (family == NFT_NO || nat == NFT_NO)
        return NFT_NO;
    return family == NFT_YES && nat == NFT_YES ? NFT_YES : NFT_MAYBE;
}

static void base_walk(struct nft_run *run, struct nft_chain *chain, enum nft_truth concerned)
{
    bool split = concerned == NFT_MAYBE;
    struct frame frame = {.chain = chain, .maybe = split || run->walk->outcomes, .split = split};
    run->base = run->chain = chain;
    run->outcomes = 0;
    nft_chain_open(run->walk->ruleset, chain);
    if (chain_walk(run, frame)) {
        frame.maybe |= run->outcomes != 0;
        tell(&(struct rule){.run = run, .frame = &frame}, chain->policy, NULL);
        run->outcomes |= chain->policy == NFT_DROP ? BIT_DROP : BIT_ACCEPT;
    }
    if (concerned == NFT_MAYBE)
        run->outcomes |= BIT_ACCEPT;
}

/* What is known of a connection by its first packet. */
static void begin(struct nft_walk *walk)
{
    static const struct {
        enum nft_word word, from;
        const char *value;
    } firsts[] = {
        {NFT_CT_DIRECTION, NFT_WORD_MAX, "original"},
        {NFT_CT_STATUS, NFT_WORD_MAX, "0"},
        {NFT_CT_MARK, NFT_WORD_MAX, "0"},
        {NFT_CT_SADDR, NFT_SADDR, NULL},
        {NFT_CT_DADDR, NFT_DADDR, NULL},
        {NFT_CT_SPORT, NFT_SPORT, NULL},
        {NFT_CT_DPORT, NFT_DPORT, NULL},
    };
    const char **word = walk->packet.word;
    bool is_new = word[NFT_CT_STATE] && strcmp(word[NFT_CT_STATE], "new") == 0;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts && is_new; i++)
        if (!word[firsts[i].word])
            word[firsts[i].word] = firsts[i].value ? firsts[i].value : word[firsts[i].from];
    walk->begun = true;
}

static enum nft_outcome outcome_of(unsigned outcomes)
{
    for (enum nft_outcome outcome = NFT_OUTCOME_ACCEPT; outcome < NFT_OUTCOME_UNKNOWN; outcome++)
        if (outcomes == 1U << outcome)
            return outcome;
    return NFT_OUTCOME_UNKNOWN;
}

enum nft_outcome nft_walk_hook(struct nft_walk *walk, enum nft_hook hook)
{
    struct nft_run run = {.walk = walk, .hook = hook, .translated = NFT_NO};
    const struct nft_ruleset *ruleset = walk->ruleset;
    if (!walk->begun)
        begin(walk);
    for (size_t i = 0; i < ruleset->n_base; i++) {
        enum nft_truth concerned = concerns(&run, ruleset->base[i]);
        if (concerned == NFT_NO)
            continue;
        base_walk(&run, ruleset->base[i], concerned);
        walk->outcomes |= run.outcomes & ~(unsigned)BIT_ACCEPT;
        if (!(run.outcomes & BIT_ACCEPT))
            return outcome_of(walk->outcomes);
    }
    return outcome_of(walk->outcomes | BIT_ACCEPT);
}

void nft_walk_done(struct nft_walk *walk)
{
    arena_done(&walk->arena);
    *walk = (struct nft_walk){0};
}
