/* Reads a listing of `nft -j list ruleset` and says what Plexus makes of it, for tests/net/nft.bats:
 *
 *     nft-judge rules < LISTING        for each rule: table, chain, canonical line, text; separated by tabs
 *     nft-judge elements < LISTING     for each element of a set or map: table, set, text */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/nft/nft.h"

static const char *member(const json_t *object, const char *key)
{
    const char *word = json_string_value(json_object_get(object, key));
    return word ? word : "";
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

/* "ipv4_addr" or ["ipv4_addr", "inet_service"] */
static int key_of(const json_t *type, struct nft_key *ret_key)
{
    struct text text CLEANUP_TEXT = {0};
    size_t i;
    json_t *word;
    if (json_is_string(type))
        return nft_key_parse(json_string_value(type), ret_key);
    json_array_foreach(type, i, word) text_printf(&text, "%s%s", i ? " . " : "", json_string_value(word));
    return nft_key_parse(text_of(&text), ret_key);
}

static void set_say(const json_t *set)
{
    struct nft_key key, data;
    struct text text CLEANUP_TEXT = {0};
    const json_t *to = json_object_get(set, "map"), *elements = json_object_get(set, "elem");
    if (key_of(json_object_get(set, "type"), &key) < 0 || (to && key_of(to, &data) < 0) ||
        nft_elements_format(&key, to ? &data : NULL, elements, &text) < 0)
        text_add(&text, "cannot be read");
    char *rest = text.data;
    for (char *line; rest && (line = strsep(&rest, "\n"));)
        printf("%s %s\t%s\t%s\n", member(set, "family"), member(set, "table"), member(set, "name"), line);
}

int main(int argc, char **argv)
{
    json_auto_t *listing = json_loadf(stdin, 0, NULL);
    bool rules = argc == 2 && strcmp(argv[1], "rules") == 0;
    size_t i;
    json_t *entry;
    if (!listing || argc != 2)
        return EXIT_FAILURE;
    json_array_foreach(json_object_get(listing, "nftables"), i, entry)
    {
        json_t *rule = json_object_get(entry, "rule"), *set = json_object_get(entry, "set");
        set = set ? set : json_object_get(entry, "map");
        if (rules && rule)
            rule_say(rule);
        else if (!rules && set)
            set_say(set);
    }
    return EXIT_SUCCESS;
}
