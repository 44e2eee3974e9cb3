/* Feeds bytes as a rule and as elements of a set. A rule that is read has one canonical line, which does
 * not change when it is read again; it can be printed and judged. The first line of a set is its types,
 * as "ipv4_addr : verdict"; what is read of the rest is the same when it is written and read again. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/nft_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const char *line)
{
    struct model model CLEANUP_MODEL = {0};
    nft_model_add(&model, &nft_model_set, "family", "inet", "table", "t", "name", "s", "key", "ipv4_addr",
                  "elements", "10.0.0.0/8", NULL);
    nft_model_add(&model, &nft_model_chain, "family", "inet", "table", "t", "name", "c", "type", "nat",
                  "hook", "prerouting", "policy", "accept", "rules", line, NULL);
    nft_model_address(&model, "eth0", "10.1.0.1/24");
    struct nft_ruleset *ruleset = nft_ruleset_new(&model, HOST);
    struct nft_walk walk = {.ruleset = ruleset};
    walk.packet = (struct nft_packet){.word = {
                                          [NFT_IIFNAME] = "eth0",
                                          [NFT_PROTOCOL] = "tcp",
                                          [NFT_SADDR] = "10.0.0.5",
                                          [NFT_DADDR] = "10.1.0.1",
                                          [NFT_DPORT] = "22",
                                          [NFT_CT_STATE] = "new",
                                          [NFT_MARK] = "0",
                                      }};
    nft_walk_hook(&walk, NFT_PREROUTING);
    nft_walk_done(&walk);
    nft_ruleset_free(ruleset);
}

static void check_rule(const char *text, size_t length)
{
    struct text printed CLEANUP_TEXT = {0};
    json_t *rule = nft_rule_parse(text, length);
    if (!rule)
        return;
    char *line = nft_rule_line(rule);
    json_t *again = line ? nft_rule_parse(line, strlen(line)) : NULL;
    char *same = nft_rule_line(again);
    if (!same || strcmp(line, same) != 0)
        abort();
    nft_rule_print(again, &printed);
    judge(line);
    json_decref(rule);
    json_decref(again);
    free(line);
    free(same);
}

static void check_elements(char *text)
{
    struct nft_key key, data, *to = NULL;
    char *lines = strchr(text, '\n');
    char *colon = strstr(text, " : ");
    if (!lines)
        return;
    *lines++ = '\0';
    if (colon && colon < lines) {
        *colon = '\0';
        to = &data;
    }
    if (nft_key_parse(text, &key) < 0 || (to && nft_key_parse(colon + 3, to) < 0))
        return;
    struct text once CLEANUP_TEXT = {0}, twice CLEANUP_TEXT = {0};
    if (nft_elements_sort(&key, to, lines, &once) < 0)
        return;
    if (nft_elements_sort(&key, to, text_of(&once), &twice) < 0 ||
        strcmp(text_of(&once), text_of(&twice)) != 0)
        abort();
    struct nft_element element;
    const char *first = text_of(&once);
    if (*first && nft_element_parse(&key, to, first, strcspn(first, "\n"), &element) == 0) {
        json_t *json = nft_element_json(&key, to, &element);
        if (!json || nft_element_read(&key, to, json, &element) < 0)
            abort();
        json_decref(json);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xrealloc(NULL, size + 1, 1);
    memcpy(text, data, size);
    text[size] = '\0';
    check_rule(text, size);
    check_elements(text);
    free(text);
    return 0;
}
