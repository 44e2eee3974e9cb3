#include "model/foreign.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "model/nft/evaluate.h"
#include "model/way.h"

void foreign_done(struct foreign *foreign)
{
    model_done(&foreign->chains);
    text_done(&foreign->legacy);
    text_done(&foreign->offloads);
    *foreign = (struct foreign){0};
}

/* Whose they are */

/* Known by a table, or by how a chain in it is called; and what is said there to let a packet pass. */
static const struct owner {
    const char *table, *chain; /* how their names begin; NULL: whatever it is */
    const char *who, *input, *forward;
} owners[] = {
    {"firewalld", NULL, "firewalld", "let it in there too: firewall-cmd --zone=ZONE --add-port=PORT/tcp",
     "let it through there too: firewall-cmd --zone=trusted --add-interface=INTERFACE"},
    {"libvirt", NULL, "libvirt", NULL,
     "use a libvirt network of mode `open` for guests that this file is about"},
    {"netavark", NULL, "Podman", NULL, NULL},
    {"docker-bridges", NULL, "Docker", NULL,
     "give it a mark in a chain of an earlier priority, and start dockerd with --bridge-accept-fwmark=MARK; "
     "or "
     "with --ip-forward-no-drop"},
    {"incus", NULL, "Incus", NULL, NULL},
    {"lxd", NULL, "LXD", NULL, NULL},
    {"kube-", NULL, "Kubernetes", NULL, NULL},
    {"cni_", NULL, "CNI", NULL, NULL},
    {"f2b-", NULL, "fail2ban", "see: fail2ban-client status", NULL},
    {NULL, "DOCKER", "Docker", NULL,
     "let it through there too: iptables -I DOCKER-USER -i IN -o OUT -j ACCEPT; or start dockerd with "
     "--ip-forward-no-drop"},
    {NULL, "ufw", "ufw", "let it in there too: ufw allow PORT",
     "let it through there too: ufw route allow in on "
     "IN out on OUT"},
    {NULL, "LIBVIRT", "libvirt", NULL,
     "use a libvirt network of mode `open` for guests that this file is about"},
    {NULL, "KUBE-", "Kubernetes", NULL, NULL},
    {NULL, "CNI-", "CNI", NULL, NULL},
    {NULL, "f2b-", "fail2ban", "see: fail2ban-client status", NULL},
    {"plexus-", NULL, "the topology", "say it in the file of that topology too",
     "say it in the file of that topology too"},
};

static bool begins(const char *name, const char *with)
{
    return !with || (name && strncmp(name, with, strlen(with)) == 0);
}

static const struct owner *owner_of(const struct foreign *foreign, const struct object *chain)
{
    const char *table = object_text(chain, "table");
    int64_t family = object_number(chain, "family", 0);
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        model_each(&foreign->chains, other)
        {
            if (object_number(other, "family", 0) == family &&
                strcmp(object_text(other, "table"), table) == 0 && begins(table, owners[i].table) &&
                begins(object_text(other, "name"), owners[i].chain))
                return &owners[i];
        }
    return NULL;
}

/* "chain ip filter FORWARD of Docker" */
static const char *chain_words(const struct foreign *foreign, const struct object *chain, struct arena *arena)
{
    const struct owner *owner = owner_of(foreign, chain);
    const char *table = object_text(chain, "table");
    bool topology = begins(table, "plexus-");
    return arena_printf(arena, "chain `%s`%s%s%s%s%s", chain->name, owner ? " of " : "",
                        owner ? owner->who : "", topology ? " `" : "",
                        topology ? table + strlen("plexus-") : "", topology ? "`" : "");
}

/* What we let through, as a packet */

struct sample {
    enum nft_hook hook;
    struct nft_packet packet;
    const char *words;
    const struct place *place;
};

/* Where a side leaves it open, an interface and an address that no rule names: one packet is witness enough
 * that what passes here does not pass there. */
#define ANY_INTERFACE "(any)"
#define ANY_ADDRESS   "203.0.113.77"

static const char *zone_interface(const struct fw_side *side)
{
    bool is_open = !side->zone || side->zone->is_all_but;
    return is_open ? ANY_INTERFACE : side->zone->n_interfaces ? side->zone->interfaces[0] : NULL;
}

static const char *first_address(const struct fw_side *side, struct arena *arena)
{
    const struct addresses *addresses = side->form == FW_ADDRESSES ? &side->addresses
                                        : side->form == FW_SET     ? &side->set->addresses
                                        : side->form == FW_ZONE    ? &side->zone->networks
                                                                   : NULL;
    char buffer[IP_TEXT_SIZE];
    for (unsigned family = 0; addresses && family < FAMILIES; family++)
        if (addresses->of[family].n)
            return arena_strdup(arena, ip_format(&addresses->of[family].list[0].first, buffer));
    return NULL;
}

static const char *number_word(struct arena *arena, unsigned number)
{
    return number ? arena_printf(arena, "%u", number) : NULL;
}

static void settle_addresses(struct nft_packet *packet)
{
    const char **word = packet->word;
    bool ipv6 = ip_text_is_ipv6(word[NFT_SADDR]) || ip_text_is_ipv6(word[NFT_DADDR]);
    word[NFT_FAMILY] = ipv6 ? "ipv6" : "ipv4";
    if (!ipv6 && !word[NFT_SADDR])
        word[NFT_SADDR] = ANY_ADDRESS;
}

static struct sample sample_of_rule(const struct fw_rule *rule, struct arena *arena)
{
    bool forward = fw_rule_chain(rule) == FW_FORWARD;
    struct sample sample = {
        .hook = forward ? NFT_FORWARD : NFT_INPUT, .words = rule->words, .place = &rule->place};
    const char **word = sample.packet.word;
    const struct fw_match *match = rule->matches.list;
    word[NFT_IIFNAME] = zone_interface(&rule->from);
    word[NFT_OIFNAME] = forward ? zone_interface(&rule->to) : "";
    word[NFT_SADDR] = first_address(&rule->from, arena);
    word[NFT_DADDR] = first_address(&rule->to, arena);
    if (rule->matches.n) {
        word[NFT_PROTOCOL] = number_word(arena, match->protocol);
        word[NFT_DPORT] = number_word(arena, match->first);
    }
    if (rule->matches.n && match->icmp)
        word[NFT_ICMP_TYPE] = match->icmp->ipv4 ? match->icmp->ipv4 : match->icmp->ipv6;
    return sample;
}

static struct sample sample_of_publish(const struct fw_publish *publish, const struct model *model,
                                       const char *ns, struct arena *arena)
{
    char buffer[IP_TEXT_SIZE];
    struct sample sample = {.hook = NFT_FORWARD, .words = publish->words, .place = &publish->place};
    const char **word = sample.packet.word;
    word[NFT_IIFNAME] = zone_interface(&publish->from);
    word[NFT_OIFNAME] = way_dev(model, ns, &publish->to);
    word[NFT_DADDR] = arena_strdup(arena, ip_format(&publish->to, buffer));
    word[NFT_PROTOCOL] = number_word(arena, publish->protocol);
    word[NFT_DPORT] = number_word(arena, publish->to_first);
    word[NFT_CT_STATUS] = "dnat";
    return sample;
}

/* Theirs against ours */

/* A chain that drops what we let through, and the first of it. */
struct conflict {
    const struct object *chain;
    bool is_sure, by_policy;
    struct sample first;
    unsigned n;
    struct conflict *next;
};

struct warner {
    const struct foreign *foreign;
    const struct firewall *fw;
    const struct model *model;
    struct errors *errors;
    struct nft_ruleset *theirs;
    struct conflict *conflicts;
    struct arena arena;
};

struct hearing {
    const struct object *chain; /* the last that drops, or may */
    bool by_policy;
};

static void hear(void *context, const struct nft_event *event)
{
    struct hearing *hearing = context;
    if (event->verdict != NFT_DROP && event->verdict != NFT_REJECT)
        return;
    hearing->chain = event->chain;
    hearing->by_policy = event->number == 0;
}

static void add_conflict(struct warner *w, const struct sample *sample, const struct hearing *hearing,
                         bool is_sure)
{
    struct conflict *conflict = w->conflicts;
    while (conflict && conflict->chain != hearing->chain)
        conflict = conflict->next;
    if (!conflict) {
        conflict = arena_alloc(&w->arena, sizeof *conflict);
        conflict->chain = hearing->chain;
        conflict->next = w->conflicts;
        w->conflicts = conflict;
    }
    if (!conflict->n || (is_sure && !conflict->is_sure)) {
        conflict->first = *sample;
        conflict->is_sure = is_sure;
        conflict->by_policy = hearing->by_policy;
    }
    conflict->n++;
}

static void ask_them(struct warner *w, struct sample sample)
{
    struct hearing hearing = {0};
    settle_addresses(&sample.packet);
    sample.packet.word[NFT_CT_STATE] = "new";
    struct nft_walk walk = {
        .ruleset = w->theirs, .packet = sample.packet, .listen = hear, .context = &hearing};
    enum nft_outcome outcome = nft_walk_hook(&walk, sample.hook);
    nft_walk_done(&walk);
    if (outcome != NFT_OUTCOME_ACCEPT && hearing.chain)
        add_conflict(w, &sample, &hearing, outcome != NFT_OUTCOME_UNKNOWN);
}

static void ask_about_rules(struct warner *w, const struct fw_rule *rule)
{
    for (; rule; rule = rule->next)
        if (rule->verdict == FW_ACCEPT && fw_rule_chain(rule) != FW_OUTPUT)
            ask_them(w, sample_of_rule(rule, &w->arena));
}

static void tell_conflict(const struct warner *w, const struct conflict *conflict)
{
    const struct owner *owner = owner_of(w->foreign, conflict->chain);
    bool input = conflict->first.hook == NFT_INPUT;
    const char *mend = !owner ? NULL : input ? owner->input : owner->forward;
    struct arena *arena = &w->errors->arena;
    struct error *error = errors_warn(
        w->errors, conflict->first.place, "`%s`: what this lets through %s dropped by %s%s%s",
        conflict->first.words, conflict->is_sure ? "is" : "may be",
        chain_words(w->foreign, conflict->chain, arena), conflict->by_policy ? ", its policy" : "",
        conflict->n > 1 ? arena_printf(arena, " (and %u more)", conflict->n - 1) : "");
    if (mend)
        error_hint(w->errors, error, "%s", mend);
    else
        error_hint(w->errors, error, "let it through there too: nft insert rule %s ... accept",
                   conflict->chain->name);
}

static void warn_dropped(struct warner *w)
{
    enum { PUBLISHED_MAX = 256 };
    unsigned n = 0;
    ask_about_rules(w, w->fw->rules);
    ask_about_rules(w, w->fw->policies);
    ask_about_rules(w, w->fw->networks);
    for (const struct fw_publish *p = w->fw->published; p && n++ < PUBLISHED_MAX; p = p->next)
        ask_them(w, sample_of_publish(p, w->model, w->fw->ns, &w->arena));
    for (const struct conflict *conflict = w->conflicts; conflict; conflict = conflict->next)
        tell_conflict(w, conflict);
}

/* Ports that they translate first. Which of several chains of one priority is asked first, changes with each
 * that is made. */
static void warn_taken(struct warner *w)
{
    char buffer[IP_TEXT_SIZE];
    for (const struct fw_publish *p = w->fw->published; p; p = p->next) {
        struct nft_packet packet = {0};
        packet.word[NFT_PROTOCOL] = number_word(&w->arena, p->protocol);
        packet.word[NFT_DPORT] = number_word(&w->arena, p->first);
        packet.word[NFT_DADDR] = p->at.family ? arena_strdup(&w->arena, ip_format(&p->at, buffer)) : NULL;
        packet.word[NFT_FAMILY] = p->to.family == 6 ? "ipv6" : "ipv4";
        packet.word[NFT_CT_STATE] = "new";
        struct nft_walk walk = {.ruleset = w->theirs, .packet = packet};
        nft_walk_hook(&walk, NFT_PREROUTING);
        if (walk.dnat) {
            struct error *error = errors_warn(
                w->errors, &p->place, "`%s`: rules of others send port %u elsewhere", p->words, p->first);
            error_hint(w->errors, error, "see: nft list ruleset; whichever is asked first wins");
        }
        nft_walk_done(&walk);
    }
}

/* Ours against theirs */

static bool hooks_forward(const struct object *chain)
{
    int i = object_find_option(chain, "hook");
    const struct value *hook = i < 0 ? NULL : &chain->values[i];
    const char *word = hook && value_is_set(hook)
                           ? names_format(object_option(chain, (unsigned)i)->names, hook->number)
                           : "";
    return word && strcmp(word, "forward") == 0;
}

static bool judges_all(const struct firewall *fw)
{
    return (fw->defaults[FW_FORWARD] == FW_DROP || fw->defaults[FW_FORWARD] == FW_REJECT) &&
           !fw->only[FW_FORWARD];
}

static void warn_theirs(const struct warner *w)
{
    const struct owner *told = NULL;
    if (!judges_all(w->fw))
        return;
    model_each(&w->foreign->chains, chain)
    {
        const struct owner *owner = owner_of(w->foreign, chain);
        if (!owner || owner == told || !hooks_forward(chain))
            continue;
        told = owner;
        struct error *error = errors_warn(
            w->errors, &w->fw->place,
            "`forward` of this firewall drops what %s forwards too, where no rule here lets it through",
            chain_words(w->foreign, chain, &w->errors->arena));
        error_hint(w->errors, error,
                   "say a policy for its interfaces, or nothing of `forward`: then only the networks of the "
                   "file are judged");
    }
}

/* Bridges */

static const char *first_bridge(const struct warner *w)
{
    for (const struct object *o = map_get(&w->model->namespaces, w->fw->ns); o; o = o->next_in_ns)
        if (o->kind && strcmp(o->kind->name, "bridge") == 0)
            return o->name;
    return NULL;
}

static bool bridged_passes(const struct warner *w, const char *bridge)
{
    struct nft_ruleset *ours = nft_ruleset_new(w->model, w->fw->ns);
    bool passes = true;
    struct nft_ruleset *const both[] = {ours, w->theirs};
    for (size_t i = 0; i < 2; i++) {
        struct nft_walk walk = {.ruleset = both[i]};
        walk.packet.word[NFT_IIFNAME] = walk.packet.word[NFT_OIFNAME] = bridge;
        walk.packet.word[NFT_FAMILY] = "ipv4";
        walk.packet.word[NFT_CT_STATE] = "new";
        walk.packet.word[NFT_PROTOCOL] = "tcp";
        enum nft_outcome outcome = nft_walk_hook(&walk, NFT_FORWARD);
        passes &= outcome != NFT_OUTCOME_DROP && outcome != NFT_OUTCOME_REJECT;
        nft_walk_done(&walk);
    }
    nft_ruleset_free(ours);
    return passes;
}

static void warn_bridges(const struct warner *w)
{
    const char *bridge = w->foreign->bridge_asks ? first_bridge(w) : NULL;
    if (!bridge || bridged_passes(w, bridge))
        return;
    struct error *error = errors_warn(w->errors, &w->fw->place,
                                      "`net.bridge.bridge-nf-call-iptables` is 1: what guests of `%s` send "
                                      "each other is judged as forwarded, and dropped",
                                      bridge);
    error_hint(w->errors, error,
               "say `policies: [%s to %s: allow]` with a zone of that bridge, or: sysctl -w "
               "net.bridge.bridge-nf-call-iptables=0",
               bridge, bridge);
}

void foreign_warn(const struct foreign *foreign, const struct firewall *fw, const struct model *model,
                  struct errors *errors)
{
    struct warner w = {.foreign = foreign, .fw = fw, .model = model, .errors = errors};
    if (!foreign->chains.n_objects && !foreign->legacy.length && !foreign->bridge_asks &&
        !foreign->offloads.length)
        return;
    w.theirs = nft_ruleset_new(&foreign->chains, fw->ns);
    warn_dropped(&w);
    warn_taken(&w);
    warn_theirs(&w);
    warn_bridges(&w);
    nft_ruleset_free(w.theirs);
    if (foreign->legacy.length) {
        struct error *error = errors_warn(
            errors, &fw->place, "iptables-legacy has tables here (%s): they may drop what this lets through",
            text_of(&foreign->legacy));
        error_hint(errors, error, "see: iptables-legacy-save; where nobody needs them: iptables-legacy -F");
    }
    if (foreign->offloads.length) {
        struct error *error =
            errors_warn(errors, &fw->place, "flow table %s: connections in it pass this firewall unseen",
                        text_of(&foreign->offloads));
        error_hint(errors, error, "a change of this firewall does not cut them: see conntrack -L");
    }
    arena_done(&w.arena);
}
