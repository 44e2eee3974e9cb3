/* What the rules of a namespace do to a packet, judged from the model.
 *
 * The chains are those of the model, ours and others'; the packet is said in words, as a person would.
 * Where a word is missing that decides, or a rule says what cannot be judged here (an `xt` match of
 * iptables, a random number, the time of day), both ways are followed: the outcome is `unknown` only if
 * they end differently, never a guess.
 *
 *     ruleset = nft_ruleset_new(model, "host");
 *     struct nft_walk walk = {.ruleset = ruleset, .packet = {.word = {[NFT_PROTOCOL] = "tcp", ...}}};
 *     if (nft_walk_hook(&walk, NFT_PREROUTING) == NFT_OUTCOME_ACCEPT) {
 *         ... route walk.packet, whose destination may have changed; set NFT_OIFNAME ...
 *         nft_walk_hook(&walk, NFT_FORWARD) ...
 *     }
 *     nft_walk_done(&walk);
 *
 * Rates: a packet is taken to be within every `limit`, `quota` and `ct count`, so that "limit rate
 * 6/minute accept" accepts and "ct count over 20 drop" does not drop, unless `exceeded` says that it is
 * beyond all of them.
 *
 * Chains of type nat see the first packet of a connection only: they are passed over unless the ct state
 * is new or related. What NAT does to the packets that follow is the caller's to know.
 *
 * `fib ... type` is judged from the addresses in the model: what is neither local, broadcast nor
 * multicast is unicast. `fib ... oif` and everything else that needs a route is unknown. Chains of family
 * netdev are not walked, and those of family bridge only when that is asked for. */
#pragma once
#include "model/nft/nft.h"
#include "model/object.h"

enum nft_hook {
    NFT_PREROUTING,
    NFT_INPUT,
    NFT_FORWARD,
    NFT_OUTPUT,
    NFT_POSTROUTING,
    NFT_HOOK_MAX,
};
extern const struct name nft_hook_names[];

/* What can be said of a packet. NULL means not known, "" that it has none. The family follows from the
 * addresses. */
enum nft_word {
    NFT_FAMILY,  /* "ipv4", "ipv6", "arp"; not needed where an address is given */
    NFT_IIFNAME, /* not seen by rules in output; NFT_OIFNAME not in prerouting and input */
    NFT_OIFNAME,
    NFT_PROTOCOL, /* "tcp", "icmp", "47" */
    NFT_SADDR,
    NFT_DADDR,
    NFT_SPORT,
    NFT_DPORT,
    NFT_ICMP_TYPE, /* of ICMP or ICMPv6, by the protocol */
    NFT_ICMP_CODE,
    NFT_TCP_FLAGS,    /* "syn", "syn,ack" */
    NFT_CT_STATE,     /* "new", "established", "related", "invalid", "untracked" */
    NFT_CT_DIRECTION, /* "original" where the state is new */
    NFT_CT_STATUS,    /* "dnat", "snat,assured"; nothing where the state is new */
    NFT_CT_MARK,      /* 0 where the state is new */
    NFT_CT_SADDR, /* of the first packet of the connection, before NAT; where the state is new: of this one */
    NFT_CT_DADDR,
    NFT_CT_SPORT,
    NFT_CT_DPORT,
    NFT_MARK,
    NFT_ETHER_SADDR,
    NFT_ETHER_DADDR,
    NFT_PKTTYPE, /* "host", "broadcast", "multicast", "other" */
    NFT_IBRNAME, /* the bridge whose port it comes in by, or leaves by: in tables of family bridge */
    NFT_OBRNAME,
    NFT_SKUID, /* of whom a socket in this namespace is */
    NFT_SKGID,
    NFT_WORD_MAX,
};

struct nft_packet {
    const char *word[NFT_WORD_MAX];
};

enum nft_outcome { NFT_OUTCOME_ACCEPT, NFT_OUTCOME_DROP, NFT_OUTCOME_REJECT, NFT_OUTCOME_UNKNOWN };

/* Told, in the order in which it happens, for each rule that matches or cannot be judged and, with number
 * 0, for the policy of a chain that was used. */
struct nft_event {
    const struct object *chain;
    enum nft_hook hook;
    unsigned number;          /* of the rule in its chain, from 1; 0: the policy */
    const json_t *rule;       /* NULL for the policy; of the ruleset */
    const char *comment;      /* or NULL */
    enum nft_verdict verdict; /* NFT_VERDICT_NONE: it only counts, marks, translates ... */
    const char *target;       /* the chain of jump and goto, or NULL */
    const json_t *unjudged;   /* the statement that cannot be judged; NULL: the rule matches */
    bool maybe;               /* it is not certain that the packet comes here */
};

struct nft_ruleset;
struct nft_ruleset *nft_ruleset_new(const struct model *model,
                                    const char *ns); /* the model must outlive it */
void nft_ruleset_free(struct nft_ruleset *ruleset);

struct nft_walk {
    struct nft_ruleset *ruleset;
    struct nft_packet packet; /* changed as it goes, by NAT and marks; those words are the walk's */
    bool bridge;              /* it is bridged: the chains of family bridge, instead of those for IP */
    bool exceeded;
    void (*listen)(void *context, const struct nft_event *event); /* or NULL */
    void *context;
    /* Whether the packet was given another destination or source so far. The packet says which; a word of
     * it that is NULL: one of several. Redirected: the destination is this namespace itself. */
    bool dnat, snat, redirected;

    /* Internal. */
    bool begun;
    unsigned outcomes; /* of the hooks so far, as bits, besides accept */
    struct arena arena;
};
void nft_walk_done(struct nft_walk *walk);

/* One hook: all its base chains by priority, with the jumps. The outcome is that of the whole walk so
 * far. After NFT_OUTCOME_UNKNOWN one may go on: if the packet is dropped later in any case, the outcome
 * is a drop. */
enum nft_outcome nft_walk_hook(struct nft_walk *walk, enum nft_hook hook);
