/* Says what Plexus makes of the rules in the kernel, for tests/net/nft.bats. It reads a listing of `nft
 * -j list ruleset` from stdin:
 *
 *     nft-judge rules       for each rule: table, chain, canonical line, text; separated by tabs
 *     nft-judge elements    for each element of a set or map: table, set, text, JSON
 *     nft-judge packets     for each packet of "packets", which the test has put beside the listing: the outcome, and the
 *                           destination that it has then. A packet is {"way": "forward", "words": {"saddr": ...}}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/nft_model.h"

static const char *member(const json_t *object, const char *key)
{
    const char *word = json_string_value(json_object_get(object, key));
    return word ? word : "";
}

/* "ipv4_addr", or ["ipv4_addr", "inet_service"] */
static void types_of(const json_t *type, struct text *out)
{
    size_t i;
    json_t *word;
    if (json_is_string(type))
        text_add(out, json_string_value(type));
    json_array_foreach(type, i, word) text_printf(out, "%s%s", i ? " . " : "", json_string_value(word));
}

static int elements_of(const json_t *set, const char *types, const char *data_types, struct text *out)
{
    struct nft_key key, data;
    if (nft_key_parse(types, &key) < 0 || (*data_types && nft_key_parse(data_types, &data) < 0))
        return -1;
    return nft_elements_format(&key, *data_types ? &data : NULL, json_object_get(set, "elem"), out);
}

static void rule_say(const json_t *rule)
{
    struct text text CLEANUP_TEXT = {0};
    char *line = nft_rule_line(rule);
    json_auto_t *parsed = nft_rule_parse(line, strlen(line));
    nft_rule_print(parsed, &text);
    printf("%s %s\t%s\t%s\t%s\n", member(rule, "family"), member(rule, "table"), member(rule, "chain"), line,
           text_of(&text));
    free(line);
}

static void element_say(const json_t *set, const struct nft_key *key, const struct nft_key *data,
                        const char *line)
{
    struct nft_element element;
    if (nft_element_parse(key, data, line, strlen(line), &element) < 0)
        exit(EXIT_FAILURE);
    json_auto_t *json = nft_element_json(key, data, &element);
    char *sent = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
    printf("%s %s\t%s\t%s\t%s\n", member(set, "family"), member(set, "table"), member(set, "name"), line,
           sent);
    free(sent);
}

static void set_say(const json_t *set)
{
    struct text types CLEANUP_TEXT = {0}, elements CLEANUP_TEXT = {0};
    struct nft_key key, data, *to = *member(set, "map") ? &data : NULL;
    types_of(json_object_get(set, "type"), &types);
    if (elements_of(set, text_of(&types), member(set, "map"), &elements) < 0 ||
        nft_key_parse(text_of(&types), &key) < 0 || (to && nft_key_parse(member(set, "map"), to) < 0)) {
        printf("%s cannot be read\n", member(set, "name"));
        return;
    }
    char *rest = elements.data;
    for (char *line; rest && (line = strsep(&rest, "\n"));)
        element_say(set, &key, to, line);
}

/* The listing as a model */

static void chain_take(struct model *model, const json_t *chain)
{
    struct object *object =
        nft_model_add(model, &nft_model_chain, "family", member(chain, "family"), "table",
                      member(chain, "table"), "name", member(chain, "name"), "type", member(chain, "type"),
                      "hook", member(chain, "hook"), "policy", member(chain, "policy"), "rules", "", NULL);
    object_set_number(model, object, "priority", json_integer_value(json_object_get(chain, "prio")));
}

static void rule_take(struct model *model, const json_t *rule)
{
    struct text rules CLEANUP_TEXT = {0};
    char *line = nft_rule_line(rule);
    model_each(model, o)
    {
        if (o->class != &nft_model_chain || strcmp(object_text(o, "family"), member(rule, "family")) != 0 ||
            strcmp(object_text(o, "table"), member(rule, "table")) != 0 ||
            strcmp(object_text(o, "name"), member(rule, "chain")) != 0)
            continue;
        text_printf(&rules, "%s%s%s", object_text(o, "rules"), *object_text(o, "rules") ? "\n" : "", line);
        object_set_text(model, o, "rules", text_of(&rules));
    }
    free(line);
}

static bool has_flag(const json_t *set, const char *name)
{
    size_t i;
    json_t *flag;
    json_array_foreach(json_object_get(set, "flags"), i,
                       flag) if (strcmp(json_string_value(flag), name) == 0) return true;
    return false;
}

static void set_take(struct model *model, const json_t *set)
{
    struct text types CLEANUP_TEXT = {0}, elements CLEANUP_TEXT = {0};
    types_of(json_object_get(set, "type"), &types);
    elements_of(set, text_of(&types), member(set, "map"), &elements);
    struct object *object =
        nft_model_add(model, &nft_model_set, "family", member(set, "family"), "table", member(set, "table"),
                      "name", member(set, "name"), "key", text_of(&types), "data", member(set, "map"),
                      "elements", text_of(&elements), NULL);
    object_set_number(model, object, "dynamic", has_flag(set, "timeout") || has_flag(set, "dynamic"));
}

/* Packets */

static const enum nft_hook ways[][4] = {
    {NFT_PREROUTING, NFT_INPUT, NFT_HOOK_MAX},
    {NFT_PREROUTING, NFT_FORWARD, NFT_POSTROUTING, NFT_HOOK_MAX},
    {NFT_OUTPUT, NFT_POSTROUTING, NFT_HOOK_MAX},
};
static const struct name way_names[] = {{"input", 0}, {"forward", 1}, {"output", 2}, {NULL, 0}};

static void event_say(void *context, const struct nft_event *event)
{
    (void)context;
    fprintf(stderr, "# %s %s rule %u%s%s\n", names_format(nft_hook_names, event->hook), event->chain->name,
            event->number, event->maybe ? " maybe" : "", event->unjudged ? " unjudged" : "");
}

static void packet_say(struct nft_ruleset *ruleset, const json_t *packet)
{
    static const char *const outcomes[] = {"accept", "drop", "reject", "unknown"};
    struct nft_walk walk = {.ruleset = ruleset, .listen = event_say};
    enum nft_outcome outcome = NFT_OUTCOME_ACCEPT;
    int64_t way = 0, word;
    const char *key;
    json_t *value;
    names_parse(way_names, member(packet, "way"), &way);
    json_object_foreach(json_object_get(packet, "words"), key,
                        value) if (names_parse(nft_model_words, key, &word) == 0) walk.packet.word[word] =
        json_string_value(value);
    for (const enum nft_hook *hook = ways[way]; *hook != NFT_HOOK_MAX; hook++) {
        if (walk.redirected && *hook == NFT_FORWARD)
            hook = &ways[0][1];
        outcome = nft_walk_hook(&walk, *hook);
        if (outcome == NFT_OUTCOME_DROP || outcome == NFT_OUTCOME_REJECT)
            break;
    }
    const char *daddr = walk.packet.word[NFT_DADDR], *dport = walk.packet.word[NFT_DPORT];
    printf("%s %s %s\n", outcomes[outcome], daddr ? daddr : "?", dport && *dport ? dport : "?");
    fprintf(stderr, "# %s\n", outcomes[outcome]);
    nft_walk_done(&walk);
}

static void packets_say(const json_t *listing)
{
    struct model model CLEANUP_MODEL = {0};
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(listing, "nftables"), i, entry)
    {
        const json_t *set =
            json_object_get(entry, "set") ? json_object_get(entry, "set") : json_object_get(entry, "map");
        if (json_object_get(entry, "chain"))
            chain_take(&model, json_object_get(entry, "chain"));
        else if (json_object_get(entry, "rule"))
            rule_take(&model, json_object_get(entry, "rule"));
        else if (set)
            set_take(&model, set);
    }
    json_array_foreach(json_object_get(listing, "addresses"), i, entry)
        nft_model_address(&model, member(entry, "dev"), member(entry, "address"));
    struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);
    json_array_foreach(json_object_get(listing, "packets"), i, entry) packet_say(ruleset, entry);
    nft_ruleset_free(ruleset);
}

int main(int argc, char **argv)
{
    json_auto_t *listing = json_loadf(stdin, 0, NULL);
    const char *what = argc == 2 ? argv[1] : "";
    size_t i;
    json_t *entry;
    if (!listing)
        return EXIT_FAILURE;
    if (strcmp(what, "packets") == 0)
        packets_say(listing);
    json_array_foreach(json_object_get(listing, "nftables"), i, entry)
    {
        json_t *rule = json_object_get(entry, "rule"), *set = json_object_get(entry, "set");
        set = set ? set : json_object_get(entry, "map");
        if (rule && strcmp(what, "rules") == 0)
            rule_say(rule);
        else if (set && strcmp(what, "elements") == 0)
            set_say(set);
    }
    return EXIT_SUCCESS;
}
