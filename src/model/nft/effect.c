#include "model/nft/effect.h"

#include <string.h>

#include "base/ip.h"
#include "model/nft/expression.h"

/* NULL for what is not known any more. */
static void word_set(struct nft_run *run, enum nft_word word, const char *value, bool certain)
{
    const char **old = &run->walk->packet.word[word];
    if (value && *old && strcmp(value, *old) == 0)
        return;
    *old = certain && value ? arena_strdup(&run->walk->arena, value) : NULL;
}

static void answer_set(struct nft_run *run, enum nft_word word, const struct nft_answer *answer,
                       unsigned field, bool certain)
{
    struct text text CLEANUP_TEXT = {0};
    uint8_t old[NFT_TYPE_SIZE], unused[NFT_TYPE_SIZE];
    const char *said = run->walk->packet.word[word];
    if (!nft_answer_is_known(answer) || field >= answer->key.n) {
        word_set(run, word, NULL, certain);
        return;
    }
    const struct nft_type *type = answer->key.field[field];
    const uint8_t *bytes = answer->first + answer->key.offset[field];
    if (said && nft_type_parse(type, said, old, unused) == 0 && memcmp(old, bytes, type->size) == 0)
        return; /* however it was spelt */
    nft_type_format(type, bytes, bytes, &text);
    word_set(run, word, text_of(&text), certain);
}

static enum nft_truth mangle(struct nft_run *run, const json_t *mangle, bool certain)
{
    const json_t *key = json_object_get(mangle, "key");
    const struct nft_expression *row = nft_expression_find(key);
    struct nft_key want = {.field = {nft_expression_type(key)}, .n = 1};
    if (!row || !want.field[0] || row->word == NFT_WORD_MAX || row->word == NFT_FAMILY)
        return NFT_YES;
    want.size = want.field[0]->size;
    if (nft_answer(run, key, NULL).absent) /* no such header, or no connection */
        return strcmp(row->kind, "payload") == 0 ? NFT_NO : NFT_YES;
    struct nft_answer value = nft_answer(run, json_object_get(mangle, "value"), &want);
    if (value.absent)
        return NFT_NO;
    answer_set(run, row->word, &value, 0, certain);
    return NFT_YES;
}

static enum nft_truth notrack(struct nft_run *run, const json_t *value, bool certain)
{
    (void)value;
    if (!nft_packet_is_tracked(run))
        word_set(run, NFT_CT_STATE, "untracked", certain);
    return NFT_YES;
}

/* NAT */

/* The only address of a family that an interface has; NULL: none, or several. */
static const char *only_address(const struct nft_run *run, const char *interface, bool ipv6,
                                struct arena *arena)
{
    const struct nft_ruleset *ruleset = run->walk->ruleset;
    const char *only = NULL;
    for (const struct object *o = map_get(&ruleset->model->namespaces, ruleset->ns); o && interface;
         o = o->next_in_ns) {
        const char *address = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        if (!address || strcmp(object_dev(o), interface) != 0 || ip_text_is_ipv6(address) != ipv6 ||
            (ipv6 && ip_text_is_link_local(address)))
            continue;
        if (only)
            return NULL;
        only = address;
    }
    return only ? arena_strndup(arena, only, strcspn(only, "/")) : NULL;
}

static bool is_same(const char *before, const char *after)
{
    return before && after && strcmp(before, after) == 0;
}

/* What a status says besides; where address and port remain what they were, the kernel sets no bit. */
static void status_add(struct nft_run *run, bool source, const struct nft_packet *before, bool certain)
{
    enum nft_word address = source ? NFT_SADDR : NFT_DADDR, port = source ? NFT_SPORT : NFT_DPORT;
    const char *const *was = before->word, *const *is = run->walk->packet.word;
    const char *status = is[NFT_CT_STATUS], *bit = source ? "snat" : "dnat";
    if (is_same(was[address], is[address]) && (!was[port] || !is[port] || is_same(was[port], is[port])))
        return;
    certain = certain && was[address] && is[address];
    word_set(run, NFT_CT_STATUS, status ? arena_printf(&run->walk->arena, "%s,%s", status, bit) : NULL,
             certain);
}

static enum nft_truth family_fits(const struct nft_run *run, const json_t *nat)
{
    const char *said = json_string_value(json_object_get(nat, "family"));
    const char *family = nft_packet_family(&run->walk->packet);
    if (!said)
        return NFT_YES;
    if (!family)
        return NFT_MAYBE;
    return (strcmp(said, "ip6") == 0) == (strcmp(family, "ipv6") == 0) ? NFT_YES : NFT_NO;
}

/* The address and port of `to`, which may come from a map that gives both. False: the map has none. */
static bool target_set(struct nft_run *run, const json_t *nat, bool source, bool certain)
{
    enum nft_word address = source ? NFT_SADDR : NFT_DADDR, port = source ? NFT_SPORT : NFT_DPORT;
    const json_t *to = json_object_get(nat, "addr"), *to_port = json_object_get(nat, "port");
    const char *family = nft_packet_family(&run->walk->packet);
    bool ipv6 = family && strcmp(family, "ipv6") == 0;
    struct nft_key want, service;
    const json_t *pairs = json_object_get(json_object_get(json_object_get(to, "map"), "data"), "set");
    bool both = json_object_get(json_array_get(json_array_get(pairs, 0), 1), "concat");
    const char *types[] = {"ipv4_addr", "ipv4_addr . inet_service", "ipv6_addr", "ipv6_addr . inet_service"};
    nft_key_parse(types[2 * ipv6 + both], &want);
    nft_key_parse("inet_service", &service);
    if (to) {
        struct nft_answer answer = nft_answer(run, to, &want);
        bool prefix = json_object_get(nat, "type_flags"); /* keeps the bits after it */
        if (answer.absent)
            return false;
        answer_set(run, address, &answer, 0, certain && !prefix);
        if (answer.key.n > 1)
            answer_set(run, port, &answer, 1, certain);
    }
    if (to_port) {
        struct nft_answer answer = nft_answer(run, to_port, &service);
        if (answer.absent)
            return false;
        answer_set(run, port, &answer, 0, certain);
    } else if (source) {
        word_set(run, port, NULL, certain); /* kept if it is free */
    }
    return true;
}

/* To where the rules have no word: masquerade takes an address of the way out, redirect one of the way
 * in. */
static void own_address_set(struct nft_run *run, bool source, bool certain)
{
    const struct nft_packet *packet = &run->walk->packet;
    const char *family = nft_packet_family(packet);
    bool ipv6 = family && strcmp(family, "ipv6") == 0;
    if (source)
        word_set(run, NFT_SADDR, only_address(run, packet->word[NFT_OIFNAME], ipv6, &run->walk->arena),
                 certain);
    else if (run->hook == NFT_OUTPUT)
        word_set(run, NFT_DADDR, family ? (ipv6 ? "::1" : "127.0.0.1") : NULL, certain);
    else
        word_set(run, NFT_DADDR, only_address(run, packet->word[NFT_IIFNAME], ipv6, &run->walk->arena),
                 certain);
    run->walk->redirected |= !source && certain;
}

static enum nft_truth translate(struct nft_run *run, const json_t *nat, bool source, bool own, bool certain)
{
    struct nft_packet *packet = &run->walk->packet, before = *packet;
    const char *family = nft_packet_family(packet);
    enum nft_truth fits = family_fits(run, nat);
    if (fits == NFT_NO)
        return fits;
    packet->word[NFT_FAMILY] = family; /* also when no address is left that tells */
    certain = certain && fits == NFT_YES;
    if (!target_set(run, nat, source, certain))
        return NFT_NO;
    if (own)
        own_address_set(run, source, certain);
    status_add(run, source, &before, certain);
    *(source ? &run->walk->snat : &run->walk->dnat) |= certain;
    run->translated = certain ? NFT_YES : run->translated == NFT_YES ? NFT_YES : NFT_MAYBE;
    return fits;
}

static enum nft_truth snat(struct nft_run *run, const json_t *nat, bool certain)
{
    return translate(run, nat, true, false, certain);
}

static enum nft_truth dnat(struct nft_run *run, const json_t *nat, bool certain)
{
    return translate(run, nat, false, false, certain);
}

static enum nft_truth masquerade(struct nft_run *run, const json_t *nat, bool certain)
{
    return translate(run, nat, true, true, certain);
}

static enum nft_truth redirect(struct nft_run *run, const json_t *nat, bool certain)
{
    return translate(run, nat, false, true, certain);
}

static const struct {
    const char *statement;
    enum nft_truth (*act)(struct nft_run *run, const json_t *value, bool certain);
    bool ends;
} effects[] = {
    {"mangle", mangle, false}, {"notrack", notrack, false},      {"snat", snat, true},
    {"dnat", dnat, true},      {"masquerade", masquerade, true}, {"redirect", redirect, true},
};

enum nft_truth nft_effect(struct nft_run *run, const json_t *statement, bool certain, bool *ret_ends)
{
    const char *key = "";
    const json_t *value = nft_only(statement, &key);
    for (size_t i = 0; value && i < sizeof effects / sizeof *effects; i++)
        if (strcmp(effects[i].statement, key) == 0) {
            enum nft_truth truth = effects[i].act(run, value, certain);
            *ret_ends = effects[i].ends;
            return truth;
        }
    *ret_ends = false;
    return NFT_YES;
}
