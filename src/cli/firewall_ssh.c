#include "cli/firewall_ssh.h"

#include <string.h>

#include "apply/ssh.h"
#include "cli/firewall.h"
#include "model/firewall/compile.h"
#include "model/nft/evaluate.h"
#include "model/way.h"

static const char *interface_with(const struct model *observed, const struct ip *ip)
{
    struct prefix prefix;
    for (const struct object *o = map_get(&observed->namespaces, HOST); o; o = o->next_in_ns) {
        const char *text = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        if (text && prefix_parse(text, &prefix) == 0 && ip_equal(&prefix.ip, ip))
            return object_text(o, "dev");
    }
    return NULL;
}

struct hearing {
    struct arena *arena;
    struct map origins;
    const char *words; /* of the last that decided, or cannot be judged */
    bool leads_away;   /* it is translated: no rule lets it in */
};

static void hear(void *userdata, const struct nft_event *event)
{
    struct hearing *hearing = userdata;
    const char *key = arena_printf(hearing->arena, "%s %u", object_text(event->chain, "name"), event->number);
    const struct fw_origin *origin = map_get(&hearing->origins, key);
    bool ends = event->verdict == NFT_DROP || event->verdict == NFT_REJECT;
    if (!ends && !event->unjudged && !event->maybe)
        return;
    if (origin && origin->place.line)
        hearing->words = arena_printf(hearing->arena, "`%s` at %s:%d", origin->words, origin->place.file,
                                      origin->place.line);
    else
        hearing->words = arena_strdup(hearing->arena, event->comment ? event->comment : "the policy");
}

static const char *ip_word(struct cli *cli, const struct ip *ip)
{
    char buffer[IP_TEXT_SIZE];
    return arena_strdup(&cli->arena, ip_format(ip, buffer));
}

static void add_addresses(struct model *flat, const struct model *from)
{
    model_each(from, object)
    {
        if (object->class->id == CLASS_ADDRESS && !map_has(&flat->by_id, object->id))
            model_copy(flat, object);
    }
}

/* By which it comes in: the way back to the client, as far as that is known. */
static const char *interface_of(const struct model *observed, const struct ssh_session *session)
{
    if (way_is_local(observed, HOST, &session->client))
        return "lo";
    const char *dev = way_dev(observed, HOST, &session->client);
    return dev ? dev : interface_with(observed, &session->server);
}

/* After prerouting: a port that is published leads past the server. */
static enum nft_outcome arrive(struct nft_walk *walk, const struct model *flat, struct hearing *hearing)
{
    const char *to = walk->packet.word[NFT_DADDR];
    struct ip ip;
    bool is_known = to && ip_parse(to, &ip) == 0;
    if (!walk->dnat || walk->redirected || (is_known && way_is_local(flat, HOST, &ip)))
        return nft_walk_hook(walk, NFT_INPUT);
    hearing->leads_away = true;
    hearing->words =
        is_known ? arena_printf(hearing->arena, "the port leads to %s", to) : "the port may lead to another";
    return is_known ? NFT_OUTCOME_DROP : NFT_OUTCOME_UNKNOWN;
}

static enum nft_outcome judge(struct cli *cli, const struct topology *topology, const struct firewall *fw,
                              const struct model *observed, const struct ssh_session *session,
                              struct ssh_judged *ret_judged)
{
    struct model flat CLEANUP_MODEL = {0};
    struct hearing hearing = {.arena = &cli->arena, .words = "a rule"};
    const struct fw_compile_options options = {.run_min = SIZE_MAX, .origins = &hearing.origins};
    add_addresses(&flat, &topology->model);
    add_addresses(&flat, observed);
    firewall_compile(fw, topology->name, &flat, &options);
    struct nft_ruleset *ruleset = nft_ruleset_new(&flat, fw->ns);
    struct nft_walk walk = {.ruleset = ruleset, .listen = hear, .context = &hearing};
    const char **word = walk.packet.word;
    word[NFT_PROTOCOL] = "tcp";
    word[NFT_SADDR] = ret_judged->client;
    word[NFT_DADDR] = ip_word(cli, &session->server);
    word[NFT_SPORT] = arena_printf(&cli->arena, "%u", session->client_port);
    word[NFT_DPORT] = ret_judged->port;
    word[NFT_TCP_FLAGS] = "syn";
    word[NFT_CT_STATE] = "new";
    word[NFT_IIFNAME] = interface_of(observed, session);
    word[NFT_OIFNAME] = "";
    enum nft_outcome outcome = nft_walk_hook(&walk, NFT_PREROUTING);
    if (outcome == NFT_OUTCOME_ACCEPT)
        outcome = arrive(&walk, &flat, &hearing);
    nft_walk_done(&walk);
    nft_ruleset_free(ruleset);
    map_done(&hearing.origins);
    ret_judged->words = hearing.words;
    ret_judged->leads_away = hearing.leads_away;
    return outcome;
}

bool ssh_is_cut(struct cli *cli, const struct topology *topology, const struct model *observed,
                struct ssh_judged *ret_judged)
{
    const struct firewall *fw = firewall_find(topology, HOST);
    struct ssh_judged judged = {0};
    struct ssh_session session;
    if (!fw || cli->in_world || !ssh_session_find(&session))
        return false;
    judged.client = ip_word(cli, &session.client);
    judged.port = arena_printf(&cli->arena, "%u", session.server_port);
    enum nft_outcome outcome = judge(cli, topology, fw, observed, &session, &judged);
    judged.is_certain = outcome == NFT_OUTCOME_DROP || outcome == NFT_OUTCOME_REJECT;
    judged.rule = session.server_port == 22
                      ? arena_printf(&cli->arena, "ssh from %s", judged.client)
                      : arena_printf(&cli->arena, "tcp/%s from %s", judged.port, judged.client);
    if (outcome == NFT_OUTCOME_ACCEPT)
        return false;
    *ret_judged = judged;
    return true;
}

static void hint(struct errors *errors, struct error *error, const struct ssh_judged *judged, bool returns)
{
    if (returns)
        error_hint(errors, error, "this one goes on; before plexus confirm, see whether another comes in");
    else if (judged->leads_away)
        error_hint(errors, error, "publish another port, or at an address that it does not come to");
    else if (error->severity == SEVERITY_WARNING)
        error_hint(errors, error, "this one goes on; so that others come in, the file needs: allow %s",
                   judged->rule);
    else
        error_hint(errors, error, "first: plexus firewall allow %s; or let it come back by itself: --confirm",
                   judged->rule);
}

enum result ssh_keep(struct cli *cli, const struct change *change, bool refuses, bool returns)
{
    struct ssh_judged judged;
    if (!change->topology || !change->plan.n_steps ||
        !ssh_is_cut(cli, change->topology, &change->observed, &judged))
        return RESULT_DONE;
    struct errors *errors = &cli->session->errors;
    refuses = refuses && !returns;
    struct error *error = (refuses ? errors_add : errors_warn)(
        errors, NULL, "%s: the SSH session that this is typed in, from %s to port %s, %s: %s", change->name,
        judged.client, judged.port, judged.is_certain ? "would be let in no more" : "might be let in no more",
        judged.words);
    hint(errors, error, &judged, returns);
    return refuses ? RESULT_BUSY : RESULT_DONE;
}
