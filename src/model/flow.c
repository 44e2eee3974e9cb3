#include "model/flow.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/flow_atoms.h"
#include "model/nft/evaluate.h"
#include "model/nft/fib.h"
#include "model/way.h"

/* What the rules of one time do to a flow that begins. */
struct outcome {
    enum { PASSES, FORBIDDEN, UNDECIDED } verdict;
    bool dnat, snat;
    struct ip to,
        from;         /* where it then goes, and from where it seems to come; family 0: as before, or open */
    uint16_t to_port; /* 0: as before */
    bool is_open;     /* it is translated, and it cannot be told to what */
};

/* The namespace at one time. */
struct side {
    const struct model *model;
    struct nft_ruleset *ruleset;
};

struct judged {
    struct outcome before, after;
};

enum { KEY_SIZE = 96, FEW = 200 };

struct flow_judge {
    const char *ns;
    struct side before, after;
    struct flow_atoms *atoms; /* NULL: there are few, each is judged */
    struct map known;         /* atoms of a flow -> struct judged */
    struct arena arena;
};

struct flow_judge *flow_judge_new(const struct model *before, const struct model *after, const char *ns,
                                  size_t n_flows)
{
    struct flow_judge *judge = xcalloc(1, sizeof *judge);
    judge->ns = ns;
    judge->before = (struct side){before, nft_ruleset_new(before, ns)};
    judge->after = (struct side){after, nft_ruleset_new(after, ns)};
    if (n_flows <= FEW)
        return judge;
    judge->atoms = flow_atoms_new();
    flow_atoms_add(judge->atoms, before, ns);
    flow_atoms_add(judge->atoms, after, ns);
    flow_atoms_sort(judge->atoms);
    return judge;
}

void flow_judge_free(struct flow_judge *judge)
{
    if (!judge)
        return;
    nft_ruleset_free(judge->before.ruleset);
    nft_ruleset_free(judge->after.ruleset);
    flow_atoms_free(judge->atoms);
    map_done(&judge->known);
    arena_done(&judge->arena);
    free(judge);
}

/* A flow as a packet */

static bool has_ports(uint8_t protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
           protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* Where it goes is not where it was sent. */
static bool is_sent_on(const struct flow *flow)
{
    return !ip_equal(&flow->original.destination, &flow->reply.source) ||
           (has_ports(flow->protocol) && flow->original.to != flow->reply.from);
}

static bool is_masked(const struct flow *flow)
{
    return !ip_equal(&flow->original.source, &flow->reply.destination);
}

static const char *ip_word(struct arena *arena, const struct ip *ip)
{
    char buffer[IP_TEXT_SIZE];
    return arena_strdup(arena, ip_format(ip, buffer));
}

static const char *number_word(struct arena *arena, unsigned number)
{
    return arena_printf(arena, "%u", number);
}

static struct nft_packet packet_of(const struct flow *flow, struct arena *arena)
{
    struct nft_packet packet = {.word = {[NFT_PROTOCOL] = number_word(arena, flow->protocol),
                                         [NFT_SADDR] = ip_word(arena, &flow->original.source),
                                         [NFT_DADDR] = ip_word(arena, &flow->original.destination),
                                         [NFT_CT_STATE] = flow->status & IPS_EXPECTED ? "related" : "new"}};
    if (has_ports(flow->protocol)) {
        packet.word[NFT_SPORT] = number_word(arena, flow->original.from);
        packet.word[NFT_DPORT] = number_word(arena, flow->original.to);
    }
    if (is_icmp(flow->protocol)) {
        packet.word[NFT_ICMP_TYPE] = number_word(arena, flow->original.to >> 8);
        packet.word[NFT_ICMP_CODE] = number_word(arena, flow->original.to & 0xff);
    }
    if (flow->protocol == IPPROTO_TCP)
        packet.word[NFT_TCP_FLAGS] = "syn";
    return packet;
}

/* Its way through the namespace */

static enum nft_outcome hook_walk(struct nft_walk *walk, enum nft_hook hook, enum nft_outcome so_far)
{
    return so_far == NFT_OUTCOME_DROP || so_far == NFT_OUTCOME_REJECT ? so_far : nft_walk_hook(walk, hook);
}

/* What others have translated is so for our rules too. */
static void send_on(struct nft_walk *walk, const struct flow *flow)
{
    walk->packet.word[NFT_DADDR] = ip_word(&walk->arena, &flow->reply.source);
    if (has_ports(flow->protocol))
        walk->packet.word[NFT_DPORT] = number_word(&walk->arena, flow->reply.from);
    walk->packet.word[NFT_CT_STATUS] = "dnat";
}

/* The address that a word says, where it is another than the flow began with. */
static struct ip new_address(const char *word, const struct ip *old, bool *open)
{
    static const struct ip as_before;
    struct ip ip = as_before;
    *open |= !word || ip_parse(word, &ip) < 0;
    return ip_equal(&ip, old) ? as_before : ip;
}

static struct outcome outcome_of(const struct nft_walk *walk, const struct flow *flow,
                                 enum nft_outcome verdict)
{
    struct outcome outcome = {.verdict = verdict == NFT_OUTCOME_ACCEPT    ? PASSES
                                         : verdict == NFT_OUTCOME_UNKNOWN ? UNDECIDED
                                                                          : FORBIDDEN,
                              .dnat = walk->dnat,
                              .snat = walk->snat};
    const char *const *word = walk->packet.word;
    if (walk->dnat) {
        outcome.to = new_address(word[NFT_DADDR], &flow->original.destination, &outcome.is_open);
        long port = has_ports(flow->protocol) && word[NFT_DPORT] ? strtol(word[NFT_DPORT], NULL, 10) : 0;
        outcome.to_port = port == flow->original.to ? 0 : (uint16_t)port;
    }
    if (walk->snat)
        outcome.from = new_address(word[NFT_SADDR], &flow->original.source, &outcome.is_open);
    return outcome;
}

static enum nft_outcome walk_from_here(struct nft_walk *walk, const struct side *side, const char *ns,
                                       const struct flow *flow, bool others)
{
    const char **word = walk->packet.word;
    struct ip to;
    word[NFT_IIFNAME] = "";
    word[NFT_OIFNAME] = way_is_local(side->model, ns, &flow->original.destination)
                            ? "lo"
                            : way_dev(side->model, ns, &flow->original.destination);
    enum nft_outcome outcome = nft_walk_hook(walk, NFT_OUTPUT);
    if (!walk->dnat && others)
        send_on(walk, flow);
    if (walk->dnat || others)
        word[NFT_OIFNAME] =
            word[NFT_DADDR] && ip_parse(word[NFT_DADDR], &to) == 0 ? way_dev(side->model, ns, &to) : NULL;
    return hook_walk(walk, NFT_POSTROUTING, outcome);
}

static enum nft_outcome walk_from_outside(struct nft_walk *walk, const struct side *side, const char *ns,
                                          const struct flow *flow, bool others)
{
    const char **word = walk->packet.word;
    struct ip to;
    word[NFT_IIFNAME] = way_dev(side->model, ns, &flow->original.source);
    enum nft_outcome outcome = nft_walk_hook(walk, NFT_PREROUTING);
    if (!walk->dnat && others)
        send_on(walk, flow);
    bool is_known = word[NFT_DADDR] && ip_parse(word[NFT_DADDR], &to) == 0;
    if (walk->redirected || (is_known && way_ends(side->model, ns, &to)))
        return hook_walk(walk, NFT_INPUT, outcome);
    if (!is_known)
        return NFT_OUTCOME_UNKNOWN;
    word[NFT_OIFNAME] = way_dev(side->model, ns, &to);
    return hook_walk(walk, NFT_POSTROUTING, hook_walk(walk, NFT_FORWARD, outcome));
}

/* `others`: it goes elsewhere than it was sent, and not by our doing. */
static struct outcome judge_side(const struct side *side, const char *ns, const struct flow *flow,
                                 bool others)
{
    struct nft_walk walk = {.ruleset = side->ruleset};
    walk.packet = packet_of(flow, &walk.arena);
    bool from_here = way_is_local(side->model, ns, &flow->original.source);
    enum nft_outcome verdict = from_here ? walk_from_here(&walk, side, ns, flow, others)
                                         : walk_from_outside(&walk, side, ns, flow, others);
    struct outcome outcome = outcome_of(&walk, flow, verdict);
    nft_walk_done(&walk);
    return outcome;
}

static struct judged judge_anew(const struct flow_judge *judge, const struct flow *flow)
{
    struct judged judged = {.before = judge_side(&judge->before, judge->ns, flow, false)};
    bool others = is_sent_on(flow) && !judged.before.dnat;
    if (others)
        judged.before = judge_side(&judge->before, judge->ns, flow, true);
    judged.after = judge_side(&judge->after, judge->ns, flow, others);
    return judged;
}

/* Two with one key differ in nothing that a rule asks for. */
static void key_of(const struct flow_atoms *atoms, const struct flow *flow, char key[KEY_SIZE])
{
    const struct flow_tuple *original = &flow->original, *reply = &flow->reply;
    bool ports = has_ports(flow->protocol), sent_on = is_sent_on(flow);
    snprintf(key, KEY_SIZE, "%u %u %u %zx %zx %x %x %zx %x", original->source.family, flow->protocol,
             (flow->status & IPS_EXPECTED) != 0, flow_atom_of_ip(atoms, &original->source),
             flow_atom_of_ip(atoms, &original->destination),
             ports ? flow_atom_of_port(atoms, original->from) : 0,
             ports ? flow_atom_of_port(atoms, original->to) : original->to,
             sent_on ? flow_atom_of_ip(atoms, &reply->source) + 1 : 0,
             sent_on && ports ? flow_atom_of_port(atoms, reply->from) : 0);
}

static const struct judged *judged_of(struct flow_judge *judge, const struct flow *flow, struct judged *once)
{
    char key[KEY_SIZE];
    if (!judge->atoms) {
        *once = judge_anew(judge, flow);
        return once;
    }
    key_of(judge->atoms, flow, key);
    struct judged *judged = map_get(&judge->known, key);
    if (!judged) {
        judged = arena_alloc(&judge->arena, sizeof *judged);
        *judged = judge_anew(judge, flow);
        map_set(&judge->known, arena_strdup(&judge->arena, key), judged);
    }
    return judged;
}

/* What becomes of it */

static bool is_same(const struct outcome *a, const struct outcome *b)
{
    return a->verdict == b->verdict && a->dnat == b->dnat && a->snat == b->snat && ip_equal(&a->to, &b->to) &&
           ip_equal(&a->from, &b->from) && a->to_port == b->to_port && a->is_open == b->is_open;
}

/* Whether it goes where an outcome sends it; what is open may be anywhere but where it was sent. */
static bool goes_there(const struct flow *flow, const struct outcome *outcome)
{
    const struct ip *to = outcome->to.family ? &outcome->to : &flow->original.destination;
    uint16_t port = outcome->to_port ? outcome->to_port : flow->original.to;
    if (!outcome->dnat)
        return !is_sent_on(flow);
    return ip_equal(&flow->reply.source, to) ? !has_ports(flow->protocol) || flow->reply.from == port
                                             : outcome->is_open && !outcome->to.family && is_sent_on(flow);
}

static bool comes_from(const struct flow *flow, const struct outcome *outcome)
{
    const struct ip *from = outcome->from.family ? &outcome->from : &flow->original.source;
    return outcome->snat && outcome->is_open && !outcome->from.family
               ? is_masked(flow)
               : ip_equal(&flow->reply.destination, from);
}

/* What others translate is theirs: only where our rules do so now, or did. */
static bool is_translated_otherwise(const struct flow *flow, const struct judged *judged)
{
    return ((judged->before.dnat || judged->after.dnat) && !goes_there(flow, &judged->after)) ||
           ((judged->before.snat || judged->after.snat) && !comes_from(flow, &judged->after));
}

static bool is_stopped(const struct flow *flow)
{
    return flow->protocol == IPPROTO_TCP && flow->tcp_state == TCP_CONNTRACK_SYN_SENT &&
           flow->status & IPS_ASSURED;
}

static bool is_under_way(const struct flow *flow)
{
    return flow->protocol == IPPROTO_TCP && flow->tcp_state >= TCP_CONNTRACK_ESTABLISHED &&
           flow->tcp_state <= TCP_CONNTRACK_LAST_ACK;
}

/* Nobody answers what is sent to many, or tells who is among them. */
static bool is_to_many(const struct flow_judge *judge, const struct flow *flow)
{
    const char *type = nft_address_type(judge->before.model, judge->ns, &flow->original.destination, NULL);
    return flow->protocol == IPPROTO_IGMP || strcmp(type, "multicast") == 0 || strcmp(type, "broadcast") == 0;
}

bool flow_runs(const struct flow *flow)
{
    if (flow->protocol == IPPROTO_TCP)
        return flow->tcp_state != TCP_CONNTRACK_TIME_WAIT && flow->tcp_state != TCP_CONNTRACK_CLOSE;
    return flow->status & IPS_SEEN_REPLY;
}

static enum flow_fate fate_of(struct flow_judge *judge, const struct flow *flow)
{
    struct judged once;
    const struct judged *judged = judged_of(judge, flow, &once);
    if (is_same(&judged->before, &judged->after))
        return judged->after.verdict == UNDECIDED ? FLOW_UNKNOWN : FLOW_STAYS;
    if (judged->after.verdict == UNDECIDED)
        return FLOW_UNKNOWN;
    if (judged->after.verdict == FORBIDDEN && is_stopped(flow))
        return FLOW_STAYS;
    if (judged->after.verdict == FORBIDDEN && judged->before.verdict != FORBIDDEN)
        return is_under_way(flow) ? FLOW_STOPS : FLOW_ENDS;
    if (is_translated_otherwise(flow, judged))
        return FLOW_ENDS;
    return is_stopped(flow) && judged->after.verdict == PASSES ? FLOW_RESUMES : FLOW_STAYS;
}

enum flow_fate flow_judge(struct flow_judge *judge, const struct flow *flow)
{
    enum flow_fate fate = fate_of(judge, flow);
    return fate == FLOW_ENDS && is_to_many(judge, flow) ? FLOW_STAYS : fate;
}

/* In words */

static void add_end(const struct flow *flow, const struct ip *ip, uint16_t port, struct text *out)
{
    char buffer[IP_TEXT_SIZE];
    bool brackets = ip->family == 6 && has_ports(flow->protocol);
    text_printf(out, "%s%s%s", brackets ? "[" : "", ip_format(ip, buffer), brackets ? "]" : "");
    if (has_ports(flow->protocol))
        text_printf(out, ":%u", port);
}

static const struct name protocols[] = {
    {"tcp", IPPROTO_TCP},       {"udp", IPPROTO_UDP},   {"icmp", IPPROTO_ICMP},
    {"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP}, {"udplite", IPPROTO_UDPLITE},
    {"dccp", IPPROTO_DCCP},     {"gre", IPPROTO_GRE},   {NULL, 0},
};

/* conntrack(8) knows those above. */
static const struct name more_protocols[] = {
    {"ipip", IPPROTO_IPIP}, {"esp", IPPROTO_ESP},   {"ah", IPPROTO_AH}, {"pim", IPPROTO_PIM},
    {"igmp", IPPROTO_IGMP}, {"ipv6", IPPROTO_IPV6}, {NULL, 0},
};

static void add_protocol(const struct flow *flow, struct text *out)
{
    const char *name = names_format(protocols, flow->protocol);
    if (name)
        text_add(out, name);
    else
        text_printf(out, "%u", flow->protocol);
}

void flow_format(const struct flow *flow, struct text *out)
{
    const char *name = names_format(more_protocols, flow->protocol);
    if (name)
        text_add(out, name);
    else
        add_protocol(flow, out);
    text_add(out, " ");
    add_end(flow, &flow->original.source, flow->original.from, out);
    text_add(out, " -> ");
    add_end(flow, &flow->original.destination, flow->original.to, out);
    if (!is_sent_on(flow))
        return;
    text_add(out, " (");
    add_end(flow, &flow->reply.source, flow->reply.from, out);
    text_add(out, ")");
}

void flow_command(const struct flow *flow, enum flow_fate fate, const char *ns, struct commands *out)
{
    static const char *const states[FLOW_FATES] = {[FLOW_STOPS] = "SYN_SENT", [FLOW_RESUMES] = "ESTABLISHED"};
    char source[IP_TEXT_SIZE], destination[IP_TEXT_SIZE];
    struct text line CLEANUP_TEXT = {0};
    if (strcmp(ns, HOST) != 0)
        text_printf(&line, "ip netns exec %s ", ns);
    text_printf(&line, "conntrack -%c -p ", states[fate] ? 'U' : 'D');
    add_protocol(flow, &line);
    text_printf(&line, " -s %s -d %s", ip_format(&flow->original.source, source),
                ip_format(&flow->original.destination, destination));
    if (has_ports(flow->protocol))
        text_printf(&line, " --sport %u --dport %u", flow->original.from, flow->original.to);
    if (states[fate])
        text_printf(&line, " --state %s", states[fate]);
    commands_add(out, "%s", text_of(&line));
}
