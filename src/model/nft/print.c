#include "model/nft/print.h"

#include <string.h>

#include "model/nft/expression.h"

/* Constants */

void nft_print_word(const json_t *value, struct text *out)
{
    if (json_is_string(value))
        text_add(out, json_string_value(value));
    else if (json_is_integer(value))
        text_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        text_add(out, json_is_true(value) ? "exists" : "missing");
}

void nft_print_quoted(const char *word, struct text *out)
{
    text_printf(out, "\"%s\"", word);
}

static void constant_print(const json_t *value, const json_t *like, struct text *out)
{
    const struct nft_expression *row = nft_expression_find(like);
    const struct nft_type *type = nft_expression_type(like);
    const char *word = json_string_value(value);
    unsigned long long number = (unsigned long long)json_integer_value(value);
    if (word && word[0] != '@' && row && row->flags & NFT_QUOTED)
        nft_print_quoted(word, out);
    else if (json_is_integer(value) && type && strcmp(type->name, "mark") == 0)
        text_printf(out, "0x%08llx", number);
    else if (json_is_integer(value) && type && type->bits)
        text_printf(out, "0x%llx", number);
    else
        nft_print_word(value, out);
}

void nft_print_list(const json_t *list, const char *separator, const json_t *like, struct text *out)
{
    size_t i;
    json_t *value;
    if (!json_is_array(list)) {
        nft_print(list, like, out);
        return;
    }
    json_array_foreach(list, i, value)
    {
        text_add(out, i ? separator : "");
        nft_print(value, like, out);
    }
}

/* What is asked of the packet */

static void payload_print(const json_t *payload, const json_t *like, struct text *out)
{
    const char *base = json_string_value(json_object_get(payload, "base"));
    (void)like;
    if (base) {
        text_printf(out, "@%s,%lld,%lld", base,
                    (long long)json_integer_value(json_object_get(payload, "offset")),
                    (long long)json_integer_value(json_object_get(payload, "len")));
        return;
    }
    nft_print_word(json_object_get(payload, "protocol"), out);
    text_add(out, " ");
    nft_print_word(json_object_get(payload, "field"), out);
}

static void meta_print(const json_t *meta, const json_t *like, struct text *out)
{
    json_auto_t *whole = json_pack("{s:O}", "meta", meta);
    const struct nft_expression *row = nft_expression_find(whole);
    (void)like;
    text_add(out, row && row->flags & NFT_BARE ? "" : "meta ");
    nft_print_word(json_object_get(meta, "key"), out);
}

/* "ct original ip saddr", "rt ip nexthop", "socket mark": words that stand one after the other. */
static void words_print(const char *first, const json_t *value, const char *const keys[], struct text *out)
{
    text_add(out, first);
    for (; *keys; keys++) {
        const json_t *word = json_object_get(value, *keys);
        text_add(out, word ? " " : "");
        nft_print_word(word, out);
    }
}

static void ct_print(const json_t *ct, const json_t *like, struct text *out)
{
    (void)like;
    words_print("ct", ct, (const char *const[]){"dir", "family", "key", NULL}, out);
}

static void rt_print(const json_t *rt, const json_t *like, struct text *out)
{
    (void)like;
    words_print("rt", rt, (const char *const[]){"family", "key", NULL}, out);
}

static void socket_print(const json_t *socket, const json_t *like, struct text *out)
{
    (void)like;
    words_print("socket", socket, (const char *const[]){"key", NULL}, out);
}

static void osf_print(const json_t *osf, const json_t *like, struct text *out)
{
    const json_t *ttl = json_object_get(osf, "ttl");
    (void)like;
    text_add(out, ttl ? "osf ttl " : "osf");
    nft_print_word(ttl, out);
    words_print("", osf, (const char *const[]){"key", NULL}, out);
}

static void ipsec_print(const json_t *ipsec, const json_t *like, struct text *out)
{
    (void)like;
    words_print("ipsec", ipsec, (const char *const[]){"dir", NULL}, out);
    if (json_integer_value(json_object_get(ipsec, "spnum")))
        text_printf(out, " spnum %lld", (long long)json_integer_value(json_object_get(ipsec, "spnum")));
    words_print("", ipsec, (const char *const[]){"family", "key", NULL}, out);
}

static void exthdr_print(const json_t *exthdr, const json_t *like, struct text *out)
{
    (void)like;
    words_print(json_object_get(exthdr, "field") ? "" : "exthdr", exthdr,
                (const char *const[]){"name", "field", NULL}, out);
}

static void tcp_option_print(const json_t *option, const json_t *like, struct text *out)
{
    (void)like;
    words_print("tcp option", option, (const char *const[]){"name", "field", NULL}, out);
}

static void ip_option_print(const json_t *option, const json_t *like, struct text *out)
{
    (void)like;
    words_print("ip option", option, (const char *const[]){"name", "field", NULL}, out);
}

static void sctp_chunk_print(const json_t *chunk, const json_t *like, struct text *out)
{
    (void)like;
    words_print("sctp chunk", chunk, (const char *const[]){"name", "field", NULL}, out);
}

static void fib_print(const json_t *fib, const json_t *like, struct text *out)
{
    (void)like;
    text_add(out, "fib ");
    nft_print_list(json_object_get(fib, "flags"), " . ", NULL, out);
    words_print("", fib, (const char *const[]){"result", NULL}, out);
}

static void option_print(const char *name, const json_t *value, struct text *out)
{
    if (!json_integer_value(value))
        return;
    text_printf(out, " %s ", name);
    nft_print_word(value, out);
}

static void numgen_print(const json_t *numgen, const json_t *like, struct text *out)
{
    (void)like;
    words_print("numgen", numgen, (const char *const[]){"mode", NULL}, out);
    option_print("mod", json_object_get(numgen, "mod"), out);
    option_print("offset", json_object_get(numgen, "offset"), out);
}

static void hash_print(const char *name, const json_t *hash, struct text *out)
{
    text_add(out, name);
    if (json_object_get(hash, "expr")) {
        text_add(out, " ");
        nft_print(json_object_get(hash, "expr"), NULL, out);
    }
    option_print("mod", json_object_get(hash, "mod"), out);
    option_print("seed", json_object_get(hash, "seed"), out);
    option_print("offset", json_object_get(hash, "offset"), out);
}

static void jhash_print(const json_t *hash, const json_t *like, struct text *out)
{
    (void)like;
    hash_print("jhash", hash, out);
}

static void symhash_print(const json_t *hash, const json_t *like, struct text *out)
{
    (void)like;
    hash_print("symhash", hash, out);
}

/* Values made of values */

/* What the part of a concatenation is compared with. */
static const json_t *part_of(const json_t *like, size_t i)
{
    const json_t *parts = json_object_get(like, "concat");
    return parts ? json_array_get(parts, i) : like;
}

static void concat_print(const json_t *parts, const json_t *like, struct text *out)
{
    size_t i;
    json_t *part;
    json_array_foreach(parts, i, part)
    {
        text_add(out, i ? " . " : "");
        nft_print(part, part_of(like, i), out);
    }
}

static void prefix_print(const json_t *prefix, const json_t *like, struct text *out)
{
    nft_print(json_object_get(prefix, "addr"), like, out);
    text_printf(out, "/%lld", (long long)json_integer_value(json_object_get(prefix, "len")));
}

static void range_print(const json_t *range, const json_t *like, struct text *out)
{
    nft_print(json_array_get(range, 0), like, out);
    text_add(out, "-");
    nft_print(json_array_get(range, 1), like, out);
}

static void set_print(const json_t *set, const json_t *like, struct text *out)
{
    text_add(out, "{ ");
    nft_print_list(set, ", ", like, out);
    text_add(out, " }");
}

/* The data of a map: pairs of a key, which is like the key, and a value. */
static void data_print(const json_t *data, const json_t *key, const json_t *like, struct text *out)
{
    const json_t *set = json_object_get(data, "set");
    size_t i;
    json_t *pair;
    if (!json_is_array(set)) {
        nft_print(data, NULL, out);
        return;
    }
    text_add(out, "{ ");
    json_array_foreach(set, i, pair)
    {
        text_add(out, i ? ", " : "");
        nft_print(json_array_get(pair, 0), key, out);
        text_add(out, " : ");
        nft_print(json_array_get(pair, 1), like, out);
    }
    text_add(out, " }");
}

static void lookup_print(const char *name, const json_t *map, const json_t *like, struct text *out)
{
    const json_t *key = json_object_get(map, "key");
    nft_print(key, NULL, out);
    text_printf(out, " %s ", name);
    data_print(json_object_get(map, "data"), key, like, out);
}

static void map_print(const json_t *map, const json_t *like, struct text *out)
{
    lookup_print("map", map, like, out);
}

static void vmap_print(const json_t *vmap, const json_t *like, struct text *out)
{
    lookup_print("vmap", vmap, like, out);
}

static void elem_print(const json_t *elem, const json_t *like, struct text *out)
{
    nft_print(json_object_get(elem, "val"), like, out);
    const json_t *timeout = json_object_get(elem, "timeout");
    if (timeout)
        text_printf(out, " timeout %llds", (long long)json_integer_value(timeout));
}

/* Both sides in brackets where they are operations themselves, or flags. */
static void operand_print(const json_t *operand, const json_t *like, struct text *out)
{
    const char *key = NULL;
    bool several = json_is_array(operand);
    bool brackets = several || (nft_only(operand, &key) && nft_is_operation(key));
    text_add(out, brackets ? "(" : "");
    nft_print_list(operand, several ? " | " : "", like, out);
    text_add(out, brackets ? ")" : "");
}

static void operation_print(const char *name, const json_t *operands, const json_t *like, struct text *out)
{
    const json_t *left = json_array_get(operands, 0);
    const json_t *first = json_is_object(left) ? left : like;
    operand_print(left, like, out);
    text_printf(out, " %s ", name);
    operand_print(json_array_get(operands, 1), first, out);
}

static void jump_print(const json_t *jump, const json_t *like, struct text *out)
{
    (void)like;
    text_add(out, "jump ");
    nft_print_word(json_object_get(jump, "target"), out);
}

static void goto_print(const json_t *jump, const json_t *like, struct text *out)
{
    (void)like;
    text_add(out, "goto ");
    nft_print_word(json_object_get(jump, "target"), out);
}

static const struct {
    const char *key;
    void (*print)(const json_t *value, const json_t *like, struct text *out);
} printers[] = {
    {"payload", payload_print},
    {"meta", meta_print},
    {"ct", ct_print},
    {"rt", rt_print},
    {"socket", socket_print},
    {"osf", osf_print},
    {"ipsec", ipsec_print},
    {"exthdr", exthdr_print},
    {"tcp option", tcp_option_print},
    {"ip option", ip_option_print},
    {"sctp chunk", sctp_chunk_print},
    {"fib", fib_print},
    {"numgen", numgen_print},
    {"jhash", jhash_print},
    {"symhash", symhash_print},
    {"concat", concat_print},
    {"prefix", prefix_print},
    {"range", range_print},
    {"set", set_print},
    {"map", map_print},
    {"vmap", vmap_print},
    {"elem", elem_print},
    {"jump", jump_print},
    {"goto", goto_print},
};

void nft_print(const json_t *expression, const json_t *like, struct text *out)
{
    const char *key = NULL;
    const json_t *value = nft_only(expression, &key);
    if (json_is_array(expression)) {
        nft_print_list(expression, ",", like, out);
        return;
    }
    if (!value) {
        constant_print(expression, like, out);
        return;
    }
    for (size_t i = 0; i < sizeof printers / sizeof *printers; i++)
        if (strcmp(printers[i].key, key) == 0) {
            printers[i].print(value, like, out);
            return;
        }
    if (nft_is_operation(key))
        operation_print(key, value, like, out);
    else
        text_add(out, key); /* accept, drop, return ... */
}

void nft_expression_print(const json_t *expression, struct text *out)
{
    nft_print(expression, NULL, out);
}
