/* Chains and sets as objects for tests of the evaluator, from texts or from a listing of nft; and a
 * packet from words. */
#pragma once
#include <string.h>

#include "model/classes.h"
#include "model/nft/evaluate.h"

/* As the model has them, with all words as texts. */
static const struct option nft_model_options[] = {
    {.key = "family", .type = TYPE_TEXT, .flags = OPTION_KEY},
    {.key = "table", .type = TYPE_TEXT, .flags = OPTION_KEY},
    {.key = "name", .type = TYPE_TEXT, .flags = OPTION_KEY},
    {.key = "type", .type = TYPE_TEXT},
    {.key = "hook", .type = TYPE_TEXT},
    {.key = "priority", .type = TYPE_NUMBER, .min = INT32_MIN, .max = INT32_MAX},
    {.key = "policy", .type = TYPE_TEXT},
    {.key = "rules", .type = TYPE_TEXT},
    {.key = "key", .type = TYPE_TEXT},
    {.key = "data", .type = TYPE_TEXT},
    {.key = "dynamic", .type = TYPE_BOOL},
    {.key = "elements", .type = TYPE_TEXT},
};
enum { NFT_MODEL_OPTIONS = sizeof nft_model_options / sizeof *nft_model_options };
static const struct class nft_model_chain = {
    .id = CLASS_RULE, .name = "chain", .options = nft_model_options, .n_options = NFT_MODEL_OPTIONS};
static const struct class nft_model_set = {
    .id = CLASS_RULE, .name = "set", .options = nft_model_options, .n_options = NFT_MODEL_OPTIONS};

static const struct name nft_model_words[] = {
    {"family", NFT_FAMILY},
    {"iifname", NFT_IIFNAME},
    {"oifname", NFT_OIFNAME},
    {"protocol", NFT_PROTOCOL},
    {"saddr", NFT_SADDR},
    {"daddr", NFT_DADDR},
    {"sport", NFT_SPORT},
    {"dport", NFT_DPORT},
    {"icmp-type", NFT_ICMP_TYPE},
    {"icmp-code", NFT_ICMP_CODE},
    {"tcp-flags", NFT_TCP_FLAGS},
    {"ct-state", NFT_CT_STATE},
    {"ct-direction", NFT_CT_DIRECTION},
    {"ct-status", NFT_CT_STATUS},
    {"ct-mark", NFT_CT_MARK},
    {"ct-saddr", NFT_CT_SADDR},
    {"ct-daddr", NFT_CT_DADDR},
    {"mark", NFT_MARK},
    {"ether-saddr", NFT_ETHER_SADDR},
    {"ether-daddr", NFT_ETHER_DADDR},
    {"pkttype", NFT_PKTTYPE},
    {"skuid", NFT_SKUID},
    {NULL, 0},
};

/* "key", "value" ..., NULL; values that are NULL are left unset. */
static inline struct object *nft_model_add(struct model *model, const struct class *class, ...)
{
    struct object *object = model_new(model, class, NULL, HOST);
    va_list args;
    va_start(args, class);
    for (const char *key; (key = va_arg(args, const char *));) {
        const char *value = va_arg(args, const char *);
        if (value)
            object_set_text(model, object, key, value);
    }
    va_end(args);
    model_add(model, object, NULL);
    return object;
}

static inline void nft_model_address(struct model *model, const char *dev, const char *address)
{
    struct object *object = model_new(model, &class_address, NULL, HOST);
    object_set_text(model, object, "dev", dev);
    object_set_text(model, object, "address", address);
    model_add(model, object, NULL);
}
