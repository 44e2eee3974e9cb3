#include "cli/firewall_ssh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/firewall/compile.h"
#include "model/nft/evaluate.h"

/* Whose session it is. sudo takes the variable away, but a process further up has it still. */

enum { ANCESTORS_MAX = 64, ENVIRONMENT_MAX = 256 * 1024 };

static char *read_proc(struct cli *cli, long pid, const char *file, size_t *ret_size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, file);
    FILE *stream = fopen(path, "re");
    if (!stream)
        return NULL;
    char *data = arena_alloc(&cli->arena, ENVIRONMENT_MAX + 1);
    *ret_size = fread(data, 1, ENVIRONMENT_MAX, stream);
    fclose(stream);
    return data;
}

static const char *variable_of(struct cli *cli, long pid)
{
    static const char name[] = "SSH_CONNECTION=";
    size_t size = 0;
    const char *data = read_proc(cli, pid, "environ", &size);
    if (!data)
        return NULL;
    for (size_t at = 0; at < size; at += strlen(data + at) + 1)
        if (strncmp(data + at, name, sizeof name - 1) == 0)
            return data + at + sizeof name - 1;
    return NULL;
}

/* The fourth field of `stat`: behind the name, which may hold anything, in brackets. */
static long parent_of(struct cli *cli, long pid)
{
    size_t size;
    const char *data = read_proc(cli, pid, "stat", &size), *bracket = data ? strrchr(data, ')') : NULL;
    return bracket && strlen(bracket) > 4 ? strtol(bracket + 4, NULL, 10) : 0;
}

static const char *find_variable(struct cli *cli)
{
    const char *value = getenv("SSH_CONNECTION");
    long pid = getppid();
    for (unsigned i = 0; !value && pid > 1 && i < ANCESTORS_MAX; i++) {
        value = variable_of(cli, pid);
        pid = parent_of(cli, pid);
    }
    return value && *value ? value : NULL;
}

/* "192.0.2.7 51234 10.0.0.5 22"; an address with a zone or mapped into IPv6 is said plainly. */
static bool find_session(struct cli *cli, struct ssh_session *ret)
{
    const char *value = find_variable(cli);
    char *words[4], *rest = NULL, *copy = value ? arena_strdup(&cli->arena, value) : NULL;
    for (unsigned i = 0; i < 4; i++) {
        words[i] = copy ? strtok_r(i ? NULL : copy, " ", &rest) : NULL;
        if (!words[i])
            return false;
        if (strncmp(words[i], "::ffff:", 7) == 0 && strchr(words[i], '.'))
            words[i] += 7;
        words[i][strcspn(words[i], "%")] = '\0';
    }
    struct ip ip;
    *ret = (struct ssh_session){words[0], words[1], words[2], words[3]};
    return ip_parse(ret->client, &ip) == 0 && ip_parse(ret->server, &ip) == 0;
}

/* The judgement */

static const char *interface_with(const struct model *observed, const char *address)
{
    struct ip ip;
    struct prefix prefix;
    ip_parse(address, &ip);
    for (const struct object *o = map_get(&observed->namespaces, HOST); o; o = o->next_in_ns) {
        const char *text = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        if (text && prefix_parse(text, &prefix) == 0 && ip_equal(&prefix.ip, &ip))
            return object_text(o, "dev");
    }
    return NULL;
}

struct hearing {
    struct arena *arena;
    struct map origins;
    const char *words; /* of the last that decided, or cannot be judged */
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

static void add_addresses(struct model *flat, const struct model *from)
{
    model_each(from, object)
    {
        if (object->class->id == CLASS_ADDRESS && !map_has(&flat->by_id, object->id))
            model_copy(flat, object);
    }
}

static enum nft_outcome judge(struct cli *cli, const struct topology *topology, const struct firewall *fw,
                              const struct model *observed, const struct ssh_session *session,
                              const char **ret_words)
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
    bool is_local = strcmp(session->client, session->server) == 0;
    word[NFT_PROTOCOL] = "tcp";
    word[NFT_SADDR] = session->client;
    word[NFT_DADDR] = session->server;
    word[NFT_SPORT] = session->client_port;
    word[NFT_DPORT] = session->server_port;
    word[NFT_TCP_FLAGS] = "syn";
    word[NFT_CT_STATE] = "new";
    word[NFT_IIFNAME] = is_local ? "lo" : interface_with(observed, session->server);
    word[NFT_OIFNAME] = "";
    enum nft_outcome outcome = nft_walk_hook(&walk, NFT_PREROUTING);
    if (outcome == NFT_OUTCOME_ACCEPT)
        outcome = nft_walk_hook(&walk, NFT_INPUT);
    nft_walk_done(&walk);
    nft_ruleset_free(ruleset);
    map_done(&hearing.origins);
    *ret_words = hearing.words;
    return outcome;
}

bool ssh_is_cut(struct cli *cli, const struct topology *topology, const struct model *observed,
                struct ssh_judged *ret_judged)
{
    const struct firewall *fw = topology->firewalls;
    struct ssh_judged judged = {0};
    while (fw && strcmp(fw->ns, HOST) != 0)
        fw = fw->next;
    if (!fw || cli->in_world || !find_session(cli, &judged.session))
        return false;
    const struct ssh_session *session = &judged.session;
    enum nft_outcome outcome = judge(cli, topology, fw, observed, session, &judged.words);
    judged.is_certain = outcome == NFT_OUTCOME_DROP || outcome == NFT_OUTCOME_REJECT;
    judged.rule = strcmp(session->server_port, "22") == 0
                      ? arena_printf(&cli->arena, "ssh from %s", session->client)
                      : arena_printf(&cli->arena, "tcp/%s from %s", session->server_port, session->client);
    if (outcome == NFT_OUTCOME_ACCEPT)
        return false;
    *ret_judged = judged;
    return true;
}
