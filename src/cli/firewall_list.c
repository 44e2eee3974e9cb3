/* plexus firewall list: what the file says, rule by rule, with what each has counted.
 *
 * The rules are compiled once more, as the apply did, to know which rule of the kernel or which element of a
 * set is whose. What is counted are the packets that a rule decided: the first of a connection, mostly. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "apply/store.h"
#include "cli/firewall.h"
#include "cli/network.h"
#include "cli/output.h"
#include "kernel/counts.h"
#include "model/firewall/compile.h"

struct tally {
    struct count count;
    bool is_known; /* there is something in the kernel that counts for it */
};

struct listing {
    struct cli *cli;
    const char *name, *ns;
    bool runs, is_saved, saved_differs;
    int confirm_seconds; /* left; 0: it does not wait for that */
    bool is_overdue;     /* see struct pending */
    char *source;        /* what runs, else what is saved */
    struct topology topology;
    const struct firewall *fw;

    struct model flat;            /* what it comes to */
    struct map origins, elements; /* see compile.h */
    struct map rules;             /* "CHAIN LINE" -> number, of the compiled chains */
    struct map tallies;           /* see tally_key() */
    bool is_heard;                /* the kernel has some of its rules */
};

static void listing_done(struct listing *l)
{
    map_done(&l->origins);
    map_done(&l->elements);
    map_done(&l->rules);
    map_done(&l->tallies);
    model_done(&l->flat);
    topology_done(&l->topology);
}

/* Counters */

/* A rule is known by where it lies in memory; a default, by its words. */
static const char *tally_key(struct listing *l, const struct fw_rule *rule, const char *words)
{
    return rule ? arena_printf(&l->cli->arena, "%p", (const void *)rule) : words;
}

/* What comes to a published port is counted, and listed, under this. */
static const char *published_key(struct listing *l, const char *words)
{
    return arena_printf(&l->cli->arena, "publish: %s", words);
}

static struct tally *tally_of(struct listing *l, const char *key)
{
    struct tally *tally = map_get(&l->tallies, key);
    if (!tally) {
        tally = arena_alloc(&l->cli->arena, sizeof *tally);
        map_set(&l->tallies, key, tally);
    }
    return tally;
}

static void index_rules(struct listing *l)
{
    struct arena *arena = &l->cli->arena;
    for (const struct object *chain = map_get(&l->flat.namespaces, l->ns); chain; chain = chain->next_in_ns) {
        const char *line = chain->class->id == CLASS_CHAIN ? object_text(chain, "rules") : "";
        const char *name = object_text(chain, "name");
        for (unsigned long number = 1; *line; number++) {
            size_t length = strcspn(line, "\n");
            const char *key = arena_printf(arena, "%s %.*s", name, (int)length, line);
            if (!map_has(&l->rules, key))
                map_set(&l->rules, key, arena_printf(arena, "%s %lu", name, number));
            line += length + (line[length] == '\n');
        }
    }
}

static bool is_filter(const char *chain)
{
    for (unsigned i = 0; i < FW_CHAINS; i++)
        if (strcmp(fw_chain_names[i], chain) == 0)
            return true;
    return false;
}

static void hear(const struct object *in, const char *line, struct count count, void *userdata)
{
    struct listing *l = userdata;
    const char *name = object_text(in, "name"), *key = arena_printf(&l->cli->arena, "%s %s", name, line);
    const struct fw_origin *origin;
    l->is_heard |= in->class->id == CLASS_CHAIN;
    if (in->class->id == CLASS_SET) {
        origin = map_get(&l->elements, key);
    } else {
        const char *number = is_filter(name) ? map_get(&l->rules, key) : NULL;
        origin = number ? map_get(&l->origins, number) : NULL;
    }
    if (!origin || origin->is_lookup)
        return;
    const char *words =
        in->class->id == CLASS_SET && !origin->rule ? published_key(l, origin->words) : origin->words;
    struct tally *tally = tally_of(l, tally_key(l, origin->rule, words));
    tally->is_known = true;
    tally->count.packets += count.packets;
    tally->count.bytes += count.bytes;
}

/* There is none without rules: what passes always is one. */
static void warn_absent(struct listing *l)
{
    struct errors *errors = &l->cli->session->errors;
    struct error *error = errors_warn(
        errors, NULL, "%s: the kernel has no rule of this firewall: somebody took it away", l->name);
    error_hint(errors, error, "plexus status %s shows what differs, plexus rollback %s 0 repairs it", l->name,
               l->name);
}

static enum result count(struct listing *l)
{
    const struct fw_compile_options options = {.origins = &l->origins, .elements = &l->elements};
    if (!l->runs || !l->fw)
        return RESULT_DONE;
    model_each(&l->topology.model, object)
    {
        if (object->class->id == CLASS_ADDRESS)
            model_copy(&l->flat, object);
    }
    firewall_compile(l->fw, l->topology.name, &l->flat, &options);
    index_rules(l);
    enum result result = network_open(l->cli, ACCESS_READ, NULL, false);
    if (result != RESULT_DONE)
        return result;
    struct session *session = l->cli->session;
    if (door_counts(session->door, &l->flat, l->ns, hear, l, &session->errors) < 0)
        return RESULT_FAILED;
    if (!l->is_heard)
        warn_absent(l);
    return RESULT_DONE;
}

/* What is listed */

static void hint_unknown(struct listing *l, const char *in)
{
    struct cli *cli = l->cli;
    const char *ns = firewall_namespace_words(cli, l->ns), *other = firewall_topology_with(cli, l->ns);
    if (*ns && other && strcmp(other, l->name) != 0)
        cli_hint(cli, "`%s` has that namespace: --topology %s%s", other, other, ns);
    else if (*ns && !other)
        cli_hint(cli, "no topology that runs has that namespace; plexus show shows those there are");
    else
        cli_hint(cli,
                 "plexus firewall enable%s%s makes one, plexus firewall allow ssh%s%s the first rule of "
                 "one%s",
                 in, ns, in, ns, *in || *ns ? "" : "; that of a file with networks only: --topology NAME");
}

static enum result refuse_unknown(struct listing *l)
{
    struct cli *cli = l->cli;
    const char *whose = firewall_whose(cli, l->ns);
    if (!cli->given[FIREWALL_FLAG_TOPOLOGY]) {
        cli_fail(cli, RESULT_NOT_FOUND, "no topology has a firewall for %s", whose);
        hint_unknown(l, "");
    } else if (l->runs || l->is_saved) {
        cli_fail(cli, RESULT_NOT_FOUND, "`%s` has no firewall for %s", l->name, whose);
        hint_unknown(l, arena_printf(&cli->arena, " --topology %s", l->name));
    } else {
        firewall_refuse_topology(cli, l->name);
    }
    return RESULT_NOT_FOUND;
}

static enum result load(struct listing *l)
{
    struct cli *cli = l->cli;
    struct record record CLEANUP_RECORD = {0};
    char *saved CLEANUP_FREE = NULL;
    enum result result = firewall_topology(cli, &l->name);
    if (result != RESULT_DONE)
        return result;
    result = record_load(cli->machine, l->name, &record, &cli->errors);
    l->runs = result == RESULT_DONE;
    if (result != RESULT_DONE && result != RESULT_NOT_FOUND)
        return result;
    result = saved_read(cli->machine, l->name, &saved, &cli->errors);
    l->is_saved = result == RESULT_DONE;
    if (result != RESULT_DONE && result != RESULT_NOT_FOUND)
        return result;
    if (!l->runs && !l->is_saved)
        return refuse_unknown(l);
    l->source = arena_strdup(&cli->arena, l->runs ? record.source : saved);
    l->confirm_seconds = pending_seconds(cli->machine, l->name, &l->is_overdue);
    l->saved_differs = l->runs && l->is_saved && strcmp(saved, l->source) != 0;
    const char *file = arena_printf(&cli->arena, "%s.yaml", l->name);
    if (network_read_text(cli, file, l->source, &l->topology) < 0)
        return RESULT_FAILED;
    l->fw = firewall_find(&l->topology, l->ns);
    return l->fw ? RESULT_DONE : refuse_unknown(l);
}

static const char *saved_word(const struct listing *l)
{
    return !l->is_saved ? "no" : l->saved_differs ? "differs" : "yes";
}

static const char *default_words(struct listing *l, unsigned chain)
{
    enum fw_verdict verdict = l->fw->defaults[chain];
    return verdict == FW_UNSAID ? NULL
                                : arena_printf(&l->cli->arena, "%s: %s", fw_chain_names[chain],
                                               names_format(fw_verdict_names, verdict));
}

/* For people */

static void add_row(struct listing *l, struct libscols_table *table, const char *number, const char *words,
                    const char *key)
{
    struct arena *arena = &l->cli->arena;
    const struct tally *tally = key ? map_get(&l->tallies, key) : NULL;
    bool is_known = tally && tally->is_known;
    const char *const cells[] = {number, words,
                                 is_known ? arena_printf(arena, "%" PRIu64, tally->count.packets) : "-",
                                 is_known ? arena_printf(arena, "%" PRIu64, tally->count.bytes) : "-"};
    table_add(table, NULL, cells);
}

static void print_rules(struct listing *l)
{
    static const char *const headings[] = {"N", "RULE", "PACKETS", "BYTES", NULL};
    struct libscols_table *table = table_new(l->cli, headings);
    unsigned number = 0;
    for (const struct fw_rule *rule = l->fw->rules; rule; rule = rule->next)
        add_row(l, table, arena_printf(&l->cli->arena, "%u", ++number), rule->words,
                tally_key(l, rule, NULL));
    for (const struct fw_publish *publish = l->fw->published; publish; publish = publish->next)
        add_row(l, table, NULL, published_key(l, publish->words), published_key(l, publish->words));
    for (const struct fw_rule *rule = l->fw->policies; rule; rule = rule->next)
        add_row(l, table, NULL, rule->words, tally_key(l, rule, NULL));
    for (unsigned chain = 0; chain < FW_CHAINS; chain++) {
        const char *words = default_words(l, chain);
        if (words)
            add_row(l, table, NULL, words, l->fw->defaults[chain] == FW_ACCEPT ? NULL : words);
    }
    table_print(table);
}

static void zone_text(const struct fw_zone *zone, struct text *out)
{
    size_t n = 0;
    text_add(out, zone->is_all_but ? "all but " : "");
    for (size_t i = 0; i < zone->n_interfaces; i++)
        text_printf(out, "%s%s", n++ ? ", " : "", zone->interfaces[i]);
    for (unsigned family = 0; family < FAMILIES; family++)
        for (size_t i = 0; i < zone->networks.of[family].n; i++) {
            text_add(out, n++ ? ", " : "");
            range_format(&zone->networks.of[family].list[i], out);
        }
}

static void print_rest(struct listing *l)
{
    for (const struct fw_zone *zone = l->fw->zones; zone; zone = zone->next) {
        struct text text CLEANUP_TEXT = {0};
        zone_text(zone, &text);
        output_say(l->cli, "zone %s: %s", zone->name, text_of(&text));
    }
    for (const struct fw_nat *nat = l->fw->nat; nat; nat = nat->next)
        output_say(l->cli, "nat: %s", nat->words);
}

static void print(struct listing *l)
{
    const char *state = l->runs ? "runs" : "does not run";
    output_say(l->cli, "%s: the firewall of %s: %s, %s", l->name, firewall_whose(l->cli, l->ns), state,
               !l->is_saved       ? "not saved"
               : l->saved_differs ? "what is saved is another file"
                                  : "saved");
    if (l->is_overdue)
        output_say(l->cli, "unconfirmed, and the time is over: to go back: plexus rollback %s", l->name);
    else if (l->confirm_seconds)
        output_say(l->cli,
                   "unconfirmed: the old network returns within %d s, unless you say: plexus confirm %s",
                   l->confirm_seconds, l->name);
    if (output_is_talking(l->cli))
        print_rules(l);
    print_rest(l);
}

/* For programs */

/* `what`: "rule", "publish". */
static json_t *counted_to_json(struct listing *l, const char *what, const char *words,
                               const struct place *place, const char *key)
{
    const struct tally *tally = map_get(&l->tallies, key);
    bool is_known = tally && tally->is_known;
    json_t *json = json_pack("{s:s, s:i}", what, words, "line", place->line);
    json_object_set_new(json, "packets",
                        is_known ? json_integer((json_int_t)tally->count.packets) : json_null());
    json_object_set_new(json, "bytes", is_known ? json_integer((json_int_t)tally->count.bytes) : json_null());
    return json;
}

static json_t *rules_to_json(struct listing *l, const struct fw_rule *rule)
{
    json_t *list = json_array();
    for (json_int_t number = 1; rule; rule = rule->next, number++) {
        json_t *json = counted_to_json(l, "rule", rule->words, &rule->place, tally_key(l, rule, NULL));
        json_object_set_new(json, "number", json_integer(number));
        json_array_append_new(list, json);
    }
    return list;
}

static void print_json(struct listing *l)
{
    json_t *defaults = json_object(), *zones = json_object(), *published = json_array(), *nat = json_array();
    for (unsigned chain = 0; chain < FW_CHAINS; chain++) {
        enum fw_verdict verdict = l->fw->defaults[chain];
        json_object_set_new(
            defaults, fw_chain_names[chain],
            output_json_text(verdict == FW_UNSAID ? NULL : names_format(fw_verdict_names, verdict)));
    }
    for (const struct fw_zone *zone = l->fw->zones; zone; zone = zone->next) {
        struct text text CLEANUP_TEXT = {0};
        zone_text(zone, &text);
        json_object_set_new(zones, zone->name, json_string(text_of(&text)));
    }
    for (const struct fw_publish *publish = l->fw->published; publish; publish = publish->next)
        json_array_append_new(published, counted_to_json(l, "publish", publish->words, &publish->place,
                                                         published_key(l, publish->words)));
    for (const struct fw_nat *at = l->fw->nat; at; at = at->next)
        json_array_append_new(nat, json_string(at->words));
    output_json(json_pack("{s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "topology", l->name,
                          "namespace", l->ns, "running", l->runs, "saved", saved_word(l), "confirm_seconds",
                          l->confirm_seconds ? json_integer(l->confirm_seconds) : json_null(), "defaults",
                          defaults, "rules", rules_to_json(l, l->fw->rules), "policies",
                          rules_to_json(l, l->fw->policies), "zones", zones, "published", published, "nat",
                          nat));
}

enum result firewall_list(struct cli *cli)
{
    struct listing listing = {.cli = cli, .ns = firewall_namespace(cli)};
    enum result result = load(&listing);
    if (result == RESULT_DONE)
        result = count(&listing);
    if (result == RESULT_DONE && cli->json)
        print_json(&listing);
    else if (result == RESULT_DONE)
        print(&listing);
    listing_done(&listing);
    return result;
}
