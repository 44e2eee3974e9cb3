/* plexus firewall test: which rule decides about a packet, judged by the rules that the file comes to.
 * Each rule of the file is judged by itself, so that it can be named; together as sets they do the same
 * (tests/unit proves it). */
#include <stdlib.h>
#include <string.h>

#include "cli/firewall.h"
#include "cli/firewall_packet.h"
#include "cli/output.h"
#include "kernel/door.h"
#include "model/firewall/compile.h"

/* A rule that matched, or the policy of a chain. */
struct passed {
    const char *chain, *words;
    unsigned number;
    enum nft_verdict verdict;
    bool is_certain;
    struct place place; /* line 0: of no line of the file */
    struct passed *next;
};

struct answer {
    struct cli *cli;
    const struct firewall *fw;
    const char *table;
    struct map origins;
    struct passed *first, **last;
    struct passed *decides; /* NULL: no chain is about it */
    enum nft_outcome outcome;
    bool dnat;
    struct nft_packet seen;        /* where the walk ended */
    const char *without_addresses; /* an interface whose addresses nobody said, and that decides; or NULL */
};

/* Our chains of the type filter, and no others. */
enum { FILTER_PRIORITY = 0 };

static void hear(void *userdata, const struct nft_event *event)
{
    struct answer *answer = userdata;
    struct arena *arena = &answer->cli->arena;
    struct passed *passed = arena_alloc(arena, sizeof *passed);
    const char *chain = object_text(event->chain, "name");
    const struct fw_origin *origin =
        map_get(&answer->origins, arena_printf(arena, "%s %u", chain, event->number));
    *passed = (struct passed){.chain = arena_strdup(arena, chain),
                              .number = event->number,
                              .verdict = event->verdict,
                              .is_certain = !event->unjudged && !event->maybe,
                              .words = arena_strdup(arena, event->comment)};
    if (origin && origin->place.line) {
        passed->words = origin->words;
        passed->place = origin->place;
    }
    bool is_final =
        event->verdict == NFT_ACCEPT || event->verdict == NFT_DROP || event->verdict == NFT_REJECT;
    if (!event->number && object_number(event->chain, "priority", 0) != FILTER_PRIORITY)
        return; /* that nothing was translated */
    *answer->last = passed;
    answer->last = &passed->next;
    if (is_final && event->hook != NFT_PREROUTING && event->hook != NFT_POSTROUTING)
        answer->decides = passed;
}

static bool goes_on(struct answer *answer, struct nft_walk *walk, enum nft_hook hook)
{
    answer->outcome = nft_walk_hook(walk, hook);
    if (answer->outcome == NFT_OUTCOME_DROP || answer->outcome == NFT_OUTCOME_REJECT)
        for (struct passed *passed = answer->first; passed; passed = passed->next)
            if (passed->verdict == NFT_DROP || passed->verdict == NFT_REJECT)
                answer->decides = passed;
    answer->dnat |= walk->dnat;
    return answer->outcome == NFT_OUTCOME_ACCEPT;
}

/* The rules for what is published are for all of it; a packet is for one port. */
static void name_published(struct answer *answer, const struct nft_walk *walk)
{
    const char *to = walk->packet.word[NFT_DADDR], *port = walk->packet.word[NFT_DPORT];
    struct ip ip;
    if (!walk->dnat || !to || !port || ip_parse(to, &ip) < 0)
        return;
    long number = strtol(port, NULL, 10);
    for (const struct fw_publish *publish = answer->fw->published; publish; publish = publish->next)
        if (ip_equal(&publish->to, &ip) && number >= publish->to_first &&
            number - publish->to_first <= publish->last - publish->first)
            for (struct passed *passed = answer->first; passed; passed = passed->next)
                if (passed->words && strcmp(passed->words, "publish") == 0) {
                    passed->words = arena_printf(&answer->cli->arena, "publish %s", publish->words);
                    passed->place = publish->place;
                }
}

/* Where addresses are unknown */

static bool has_address(const struct question *q, const char *interface)
{
    for (const struct object *o = map_get(&q->model->namespaces, q->fw->ns); o; o = o->next_in_ns)
        if (o->class->id == CLASS_ADDRESS && strcmp(object_dev(o), interface) == 0)
            return true;
    return false;
}

/* A network card, or an interface that only a zone names: it may have addresses of which no file speaks. */
static const char *find_unsaid(const struct question *q, const struct model *file)
{
    for (const struct object *o = map_get(&file->namespaces, q->fw->ns); o; o = o->next_in_ns)
        if (o->kind == &kind_physical && !object_word(o, "master") && !has_address(q, o->name))
            return o->name;
    for (const struct fw_zone *zone = q->fw->zones; zone; zone = zone->next)
        for (size_t i = 0; i < zone->n_interfaces; i++)
            if (!model_interface(file, q->fw->ns, zone->interfaces[i]) &&
                !has_address(q, zone->interfaces[i]))
                return zone->interfaces[i];
    return NULL;
}

/* It lies in a network that is known, so it is somebody else's. */
static bool is_elsewhere(const struct question *q, const char *address)
{
    struct ip ip;
    struct prefix prefix;
    if (ip_parse(address, &ip) < 0)
        return false;
    for (const struct object *o = map_get(&q->model->namespaces, q->fw->ns); o; o = o->next_in_ns) {
        const char *text = o->class->id == CLASS_ADDRESS ? object_text(o, "address")
                           : o->class->id == CLASS_ROUTE ? object_text(o, "to")
                                                         : NULL;
        if (text && prefix_parse(text, &prefix) == 0 && prefix.length && prefix_contains(&prefix, &ip))
            return true;
    }
    return false;
}

/* The way of a packet through the namespace, with the routing decision between. */
static void walk_packet(struct answer *answer, const struct question *q, struct nft_ruleset *ruleset)
{
    struct nft_walk walk = {.ruleset = ruleset, .packet = q->packet, .listen = hear, .context = answer};
    const char **word = walk.packet.word;
    bool to_host = word[NFT_OIFNAME] && !*word[NFT_OIFNAME];
    if (q->from_host) {
        if (goes_on(answer, &walk, NFT_OUTPUT))
            goes_on(answer, &walk, NFT_POSTROUTING);
    } else if (goes_on(answer, &walk, NFT_PREROUTING)) {
        const char *to = word[NFT_DADDR];
        if (walk.dnat)
            to_host = walk.redirected || (to && packet_is_local(q, to));
        if (walk.dnat && !to_host)
            word[NFT_OIFNAME] = to ? packet_route(q, to) : NULL;
        if (walk.dnat && !word[NFT_CT_STATUS])
            word[NFT_CT_STATUS] = "dnat";
        if (to_host || (to && packet_is_local(q, to)))
            goes_on(answer, &walk, NFT_INPUT);
        else if (!q->is_said_where && !walk.dnat && to && q->unsaid && !is_elsewhere(q, to)) {
            answer->without_addresses = q->unsaid;
            answer->outcome = NFT_OUTCOME_UNKNOWN;
        } else if (goes_on(answer, &walk, NFT_FORWARD))
            goes_on(answer, &walk, NFT_POSTROUTING);
    }
    name_published(answer, &walk);
    for (size_t i = 0; i < NFT_WORD_MAX; i++)
        answer->seen.word[i] = walk.packet.word[i] ? "" : NULL;
    nft_walk_done(&walk);
}

/* What is said of it */

static const char *place_text(struct answer *answer, const struct place *place)
{
    return place->line ? arena_printf(&answer->cli->arena, "%s:%d", place->file, place->line) : "";
}

static void print_packet(const struct cli *cli, const struct question *q)
{
    struct text line CLEANUP_TEXT = {0};
    const char *const *word = q->packet.word;
    text_printf(&line, "%s", word[NFT_PROTOCOL] ? word[NFT_PROTOCOL] : "a packet");
    if (word[NFT_ICMP_TYPE])
        text_printf(&line, " %s", word[NFT_ICMP_TYPE]);
    text_printf(&line, " from %s to %s", word[NFT_SADDR], word[NFT_DADDR]);
    if (word[NFT_DPORT] && *word[NFT_DPORT])
        text_printf(&line, " port %s", word[NFT_DPORT]);
    if (word[NFT_IIFNAME] && *word[NFT_IIFNAME])
        text_printf(&line, " in %s", word[NFT_IIFNAME]);
    if (word[NFT_OIFNAME] && *word[NFT_OIFNAME])
        text_printf(&line, " out %s", word[NFT_OIFNAME]);
    output_say(cli, "%s", text_of(&line));
}

static const char *const outcome_words[] = {
    [NFT_OUTCOME_ACCEPT] = "accepted",
    [NFT_OUTCOME_DROP] = "dropped",
    [NFT_OUTCOME_REJECT] = "rejected",
    [NFT_OUTCOME_UNKNOWN] = "undecided",
};

/* What nobody said of the packet, and how to say it. */
static void say_undecided(const struct answer *answer, const struct question *q)
{
    static const struct {
        enum nft_word word;
        const char *what, *how;
    } words[] = {
        {NFT_PROTOCOL, "what it is", "a protocol: `tcp/22`, `icmp`"},
        {NFT_IIFNAME, "where it comes in", "`in INTERFACE`, or `from ZONE`"},
        {NFT_OIFNAME, "where it leaves", "`out INTERFACE`, `to ZONE` or `to host`"},
        {NFT_MARK, "its mark", "`mark NUMBER`"},
        {NFT_ETHER_SADDR, "its MAC address", "`mac ADDRESS`"},
    };
    bool any = false;
    if (answer->without_addresses) {
        output_say(answer->cli,
                   "undecided: whether %s is an address of this namespace: the file says none of `%s`",
                   q->packet.word[NFT_DADDR], answer->without_addresses);
        output_say(answer->cli, "  say `to host` or `out INTERFACE`, or give `%s` its addresses in the file",
                   answer->without_addresses);
        return;
    }
    for (size_t i = 0; i < COUNT(words); i++) {
        if (answer->seen.word[words[i].word])
            continue;
        output_say(answer->cli, "%s%s; say %s", any ? "  or " : "undecided: not known ", words[i].what,
                   words[i].how);
        any = true;
        if (words[i].word != NFT_IIFNAME) /* the first that is missing is the most likely */
            break;
    }
    if (!any)
        output_say(answer->cli, "undecided: what the rule above asks for cannot be said of a packet");
}

static void print_answer(struct answer *answer, const struct question *q)
{
    static const char *const headings[] = {"CHAIN", "RULE", "DOES", "AT", NULL};
    const struct cli *cli = answer->cli;
    struct libscols_table *table = table_new(cli, headings);
    for (const struct passed *passed = answer->first; passed; passed = passed->next) {
        const char *does = !passed->is_certain ? "perhaps"
                           : passed->verdict == NFT_VERDICT_NONE
                               ? ""
                               : names_format(nft_verdict_names, passed->verdict);
        const char *const cells[] = {passed->chain, passed->words ? passed->words : "(policy)", does,
                                     place_text(answer, &passed->place)};
        table_add(table, NULL, cells);
    }
    table_print(table);
    const struct passed *decides = answer->outcome == NFT_OUTCOME_UNKNOWN ? NULL : answer->decides;
    const char *place = decides ? place_text(answer, &decides->place) : "";
    if (answer->outcome == NFT_OUTCOME_UNKNOWN)
        say_undecided(answer, q);
    else if (!decides)
        output_say(cli, "accepted: no rule is about it");
    else
        output_say(cli, "%s: %s%s%s%s", outcome_words[answer->outcome],
                   decides->words ? decides->words : "the policy of the chain", *place ? " (" : "", place,
                   *place ? ")" : "");
}

static const struct name packet_words[] = {
    {"in", NFT_IIFNAME},        {"out", NFT_OIFNAME},
    {"protocol", NFT_PROTOCOL}, {"from", NFT_SADDR},
    {"to", NFT_DADDR},          {"sport", NFT_SPORT},
    {"dport", NFT_DPORT},       {"icmp_type", NFT_ICMP_TYPE},
    {"state", NFT_CT_STATE},    {"mac", NFT_ETHER_SADDR},
    {"mark", NFT_MARK},         {NULL, 0},
};

static json_t *passed_to_json(const struct passed *passed)
{
    json_t *json = json_pack("{s:s, s:I, s:o, s:o, s:b}", "chain", passed->chain, "number",
                             (json_int_t)passed->number, "rule", output_json_text(passed->words), "verdict",
                             output_json_text(names_format(nft_verdict_names, passed->verdict)), "certain",
                             passed->is_certain);
    bool is_placed = passed->place.line;
    json_object_set_new(json, "file", output_json_text(is_placed ? passed->place.file : NULL));
    json_object_set_new(json, "line", is_placed ? json_integer(passed->place.line) : json_null());
    return json;
}

static void print_json(const struct answer *answer, const struct question *q)
{
    json_t *packet = json_object(), *passed = json_array();
    for (const struct name *name = packet_words; name->name; name++) {
        const char *word = q->packet.word[name->value];
        if (word && *word)
            json_object_set_new(packet, name->name, json_string(word));
    }
    for (const struct passed *at = answer->first; at; at = at->next)
        json_array_append_new(passed, passed_to_json(at));
    bool is_decided = answer->outcome != NFT_OUTCOME_UNKNOWN && answer->decides;
    output_json(json_pack("{s:s, s:o, s:o, s:o, s:o}", "outcome", outcome_words[answer->outcome], "packet",
                          packet, "decides", is_decided ? passed_to_json(answer->decides) : json_null(),
                          "passed", passed, "unknown_addresses_of",
                          output_json_text(answer->without_addresses)));
}

/* What the kernel has */

static bool says_addresses(const struct object *object)
{
    return object->class->id == CLASS_ADDRESS || object->class->id == CLASS_ROUTE;
}

/* Whether the file is about this machine: a network card of it is here. */
static bool is_about(const struct model *file, const struct model *observed, const char *ns)
{
    for (const struct object *o = map_get(&file->namespaces, ns); o; o = o->next_in_ns)
        if (o->kind == &kind_physical && model_interface(observed, ns, o->name))
            return true;
    return false;
}

/* Its addresses and routes, but for those of interfaces that the file makes: these are as it says. What may
 * not be looked at is not known. */
static void add_observed(const struct cli *cli, const struct topology *topology, const char *ns, bool runs,
                         struct model *model)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct model wanted CLEANUP_MODEL = {0}, observed CLEANUP_MODEL = {0};
    struct door *door = NULL;
    const struct object *namespace = model_get(&topology->model, CLASS_NAMESPACE, HOST, ns);
    if (namespace)
        model_borrow(&wanted, namespace);
    if ((!namespace && strcmp(ns, HOST) != 0) || cli->machine->open_door(NULL, &door, &ignored) < 0)
        return;
    if (door->ops->observe(door, &wanted, LOOK_WANTED, &observed, &ignored) == 0 &&
        (runs || is_about(&topology->model, &observed, ns)))
        model_each(&observed, object)
        {
            const char *dev = object_dev(object);
            const struct object *said = dev ? model_interface(&topology->model, ns, dev) : NULL;
            if (says_addresses(object) && strcmp(object->ns, ns) == 0 &&
                (!said || said->kind == &kind_physical) && !map_has(&model->by_id, object->id))
                model_copy(model, object);
        }
    door->ops->free(door);
}

static enum result judge(struct cli *cli, const struct topology *topology, const struct firewall *fw,
                         bool runs, char *const *words, size_t n)
{
    struct model flat CLEANUP_MODEL = {0};
    struct question q = {.fw = fw, .networks = topology->networks, .model = &flat};
    struct answer answer = {.cli = cli, .fw = fw};
    const struct fw_compile_options options = {.run_min = SIZE_MAX, .origins = &answer.origins};
    answer.last = &answer.first;
    model_each(&topology->model, object)
    {
        if (says_addresses(object))
            model_copy(&flat, object);
    }
    add_observed(cli, topology, fw->ns, runs, &flat);
    q.unsaid = find_unsaid(&q, &topology->model);
    enum result result = packet_read(cli, words, n, &q);
    if (result != RESULT_DONE)
        return result;
    firewall_compile(fw, topology->name, &flat, &options);
    struct nft_ruleset *ruleset = nft_ruleset_new(&flat, fw->ns);
    walk_packet(&answer, &q, ruleset);
    nft_ruleset_free(ruleset);
    if (cli->json) {
        print_json(&answer, &q);
    } else {
        print_packet(cli, &q);
        print_answer(&answer, &q);
    }
    map_done(&answer.origins);
    return answer.outcome == NFT_OUTCOME_ACCEPT ? RESULT_DONE : RESULT_FAILED;
}

enum result firewall_test(struct cli *cli)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    const char *ns = firewall_namespace(cli);
    size_t word;
    bool runs = false;
    enum result result = firewall_test_subject(cli, &topology, &word, &runs);
    if (result != RESULT_DONE)
        return result;
    const struct firewall *fw = firewall_find(&topology, ns);
    if (fw)
        return judge(cli, &topology, fw, runs, cli->args + word, cli->n_args - word);
    cli_fail(cli, RESULT_NOT_FOUND, "%s has no firewall for %s", topology.name, firewall_whose(cli, ns));
    if (topology.firewalls)
        cli_hint(cli, "say whose: --in %s", topology.firewalls->ns);
    else
        cli_hint(cli, "it is said in the file: `firewall: {input: drop, rules: [allow ssh]}`");
    return RESULT_NOT_FOUND;
}
