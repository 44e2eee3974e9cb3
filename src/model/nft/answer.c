#include "model/nft/answer.h"

#include <string.h>

#include "base/ip.h"
#include "model/nft/expression.h"
#include "model/nft/fib.h"

/* What a packet shows at a place */

static bool is_word(const char *word, const char *other)
{
    return word && strcmp(word, other) == 0;
}

const char *nft_packet_family(const struct nft_packet *packet)
{
    const char *address = packet->word[NFT_SADDR] ? packet->word[NFT_SADDR] : packet->word[NFT_DADDR];
    if (packet->word[NFT_FAMILY] || !address)
        return packet->word[NFT_FAMILY];
    return ip_text_is_ipv6(address) ? "ipv6" : "ipv4";
}

bool nft_packet_is_tracked(const struct nft_run *run)
{
    enum { CONNTRACK = -200 };
    return (run->hook != NFT_PREROUTING && run->hook != NFT_OUTPUT) || run->base->nat ||
           run->base->priority >= CONNTRACK;
}

enum {
    BIT_PREROUTING = 1 << NFT_PREROUTING,
    BIT_INPUT = 1 << NFT_INPUT,
    BIT_FORWARD = 1 << NFT_FORWARD,
    BIT_OUTPUT = 1 << NFT_OUTPUT
};

/* In which hooks a packet has no interface on that side, which to rules is one without a name; and where
 * it has no such thing at all. */
static const struct {
    enum nft_word word;
    unsigned nameless, absent;
} places[] = {
    {NFT_IIFNAME, BIT_OUTPUT, 0},
    {NFT_OIFNAME, BIT_PREROUTING | BIT_INPUT, 0},
    {NFT_SKUID, 0, BIT_PREROUTING | BIT_FORWARD},
    {NFT_SKGID, 0, BIT_PREROUTING | BIT_FORWARD},
    {NFT_ETHER_SADDR, 0, BIT_OUTPUT},
    {NFT_ETHER_DADDR, 0, BIT_OUTPUT},
};

/* The part of a packet that conntrack knows. */
static const char *tracked_word(const struct nft_run *run, enum nft_word word)
{
    const char *state = run->walk->packet.word[NFT_CT_STATE];
    bool untracked = is_word(state, "untracked");
    if (!untracked && !nft_packet_is_tracked(run))
        state = "invalid";
    if (word == NFT_CT_STATE)
        return state;
    return untracked || is_word(state, "invalid") ? "" : run->walk->packet.word[word];
}

/* NULL: not known; "": there is none, or an interface without a name. */
static const char *word_here(const struct nft_run *run, const struct nft_expression *row)
{
    const char *word = run->walk->packet.word[row->word];
    if (row->word == NFT_FAMILY) {
        const char *family = nft_packet_family(&run->walk->packet);
        bool ether = is_word(row->type, "ether_type");
        return ether && is_word(family, "ipv4") ? "ip" : ether && is_word(family, "ipv6") ? "ip6" : family;
    }
    if (strcmp(row->kind, "ct") == 0)
        return tracked_word(run, row->word);
    for (size_t i = 0; i < sizeof places / sizeof *places && !run->walk->bridge; i++)
        if (places[i].word == row->word && (places[i].nameless | places[i].absent) & 1U << run->hook)
            return "";
    return word;
}

/* Headers: what must be true of a packet that has one. */

static const struct {
    const char *header, *family, *protocol;
} headers[] = {
    {"ip", "ipv4", NULL},     {"ip6", "ipv6", NULL},        {"arp", "arp", NULL},     {"tcp", NULL, "tcp"},
    {"udp", NULL, "udp"},     {"udplite", NULL, "udplite"}, {"sctp", NULL, "sctp"},   {"dccp", NULL, "dccp"},
    {"icmp", "ipv4", "icmp"}, {"icmpv6", "ipv6", "icmpv6"}, {"igmp", "ipv4", "igmp"}, {"esp", NULL, "esp"},
    {"ah", NULL, "ah"},       {"comp", NULL, "ipcomp"},
};

static enum nft_truth is_same(const char *type, const char *word, const char *other)
{
    uint8_t a[NFT_TYPE_SIZE], b[NFT_TYPE_SIZE], unused[NFT_TYPE_SIZE];
    const struct nft_type *known = nft_type_by_name(type);
    if (!other)
        return NFT_YES;
    if (!word || nft_type_parse(known, word, a, unused) < 0 || nft_type_parse(known, other, b, unused) < 0)
        return NFT_MAYBE;
    return memcmp(a, b, known->size) == 0 ? NFT_YES : NFT_NO;
}

static enum nft_truth family_is(const struct nft_run *run, const char *other)
{
    const char *family = nft_packet_family(&run->walk->packet);
    if (!other)
        return NFT_YES;
    return family ? (strcmp(family, other) == 0 ? NFT_YES : NFT_NO) : NFT_MAYBE;
}

static enum nft_truth has_header(const struct nft_run *run, const char *header)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (strcmp(headers[i].header, header) != 0)
            continue;
        enum nft_truth family = family_is(run, headers[i].family);
        enum nft_truth protocol =
            is_same("inet_proto", run->walk->packet.word[NFT_PROTOCOL], headers[i].protocol);
        if (family == NFT_NO || protocol == NFT_NO)
            return NFT_NO;
        return family == NFT_YES && protocol == NFT_YES ? NFT_YES : NFT_MAYBE;
    }
    return NFT_YES;
}

/* Which header an expression reads; NULL: none. */
static const char *header_of(const char *kind, const json_t *value)
{
    const char *key = json_string_value(json_object_get(value, "key"));
    if (strcmp(kind, "payload") == 0)
        return json_string_value(json_object_get(value, "protocol"));
    if (strcmp(kind, "tcp option") == 0)
        return "tcp";
    if (strcmp(kind, "exthdr") == 0)
        return "ip6";
    if (strcmp(kind, "ip option") == 0)
        return "ip";
    if (strcmp(kind, "ct") == 0 && key && strncmp(key, "ip ", 3) == 0)
        return "ip";
    return strcmp(kind, "ct") == 0 && key && strncmp(key, "ip6 ", 4) == 0 ? "ip6" : NULL;
}

/* Answers */

static struct nft_answer absent(void)
{
    return (struct nft_answer){.absent = true};
}

static struct nft_answer unknown(const struct nft_type *type)
{
    struct nft_answer answer = {.unknown = ~0U};
    if (type) {
        answer.key = (struct nft_key){.field = {type}, .n = 1, .size = type->size};
        answer.unknown = 1;
    }
    return answer;
}

bool nft_answer_is_known(const struct nft_answer *answer)
{
    return !answer->absent && !answer->unknown && memcmp(answer->first, answer->last, NFT_VALUE_SIZE) == 0;
}

static struct nft_answer word_answer(const struct nft_type *type, const char *word)
{
    struct nft_answer answer = unknown(type);
    if (word && type && nft_type_parse(type, word, answer.first, answer.last) == 0)
        answer.unknown = 0;
    return answer;
}

static bool is_name(enum nft_word word)
{
    return word == NFT_IIFNAME || word == NFT_OIFNAME;
}

/* Of what is asked of the packet. */
static struct nft_answer packet_answer(const struct nft_run *run, const char *kind, const json_t *value,
                                       const json_t *expression)
{
    const struct nft_expression *row = nft_expression_find(expression);
    const struct nft_type *type = row && row->type ? nft_type_by_name(row->type) : NULL;
    const char *header = header_of(kind, value), *side = json_string_value(json_object_get(value, "dir"));
    enum nft_truth readable = header ? has_header(run, header) : NFT_YES;
    if (readable == NFT_NO)
        return absent();
    if (strcmp(kind, "fib") == 0)
        return word_answer(type, nft_fib_type(run, value));
    if (!row || row->word == NFT_WORD_MAX || readable == NFT_MAYBE ||
        (row->flags & NFT_ORIGINAL && !is_word(side, "original")))
        return unknown(type);
    const char *word = word_here(run, row);
    if (word && !*word && !is_name(row->word))
        return absent();
    return word_answer(type, word);
}

static struct nft_answer concat_answer(const struct nft_run *run, const json_t *parts,
                                       const struct nft_key *want)
{
    struct nft_answer whole = {0};
    size_t i;
    json_t *part;
    json_array_foreach(parts, i, part)
    {
        struct nft_key one = {.n = 1};
        one.field[0] = want && i < want->n ? want->field[i] : NULL;
        struct nft_answer answer = nft_answer(run, part, one.field[0] ? &one : NULL);
        if (answer.absent)
            return answer;
        if (answer.key.n != 1 || whole.key.n == NFT_KEY_FIELDS ||
            whole.key.size + answer.key.size > NFT_VALUE_SIZE)
            return unknown(NULL);
        unsigned at = whole.key.size, field = whole.key.n++;
        whole.key.field[field] = answer.key.field[0];
        whole.key.offset[field] = at;
        whole.key.size += (answer.key.field[0]->size + 3) / 4 * 4;
        whole.unknown |= answer.unknown << field;
        memcpy(whole.first + at, answer.first, answer.key.field[0]->size);
        memcpy(whole.last + at, answer.last, answer.key.field[0]->size);
    }
    return whole;
}

static uint64_t number_of(const uint8_t *bytes, unsigned size)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void shift(uint8_t *bytes, unsigned size, uint64_t by, bool left)
{
    uint64_t number = by < 64 ? number_of(bytes, size) : 0;
    number = by >= 64 ? 0 : left ? number << by : number >> by;
    for (unsigned i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

static void operate(char operation, uint8_t *bytes, const uint8_t *other, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(operation == '&'   ? bytes[i] & other[i]
                             : operation == '|' ? bytes[i] | other[i]
                                                : bytes[i] ^ other[i]);
}

static struct nft_answer operation_answer(const struct nft_run *run, const char *name, const json_t *operands,
                                          const struct nft_key *want)
{
    struct nft_answer left = nft_answer(run, json_array_get(operands, 0), want);
    if (left.absent || left.key.n != 1)
        return left.absent ? left : unknown(NULL);
    const struct nft_type *type = left.key.field[0];
    json_t *operand = json_array_get(operands, 1);
    if (name[0] == '<' || name[0] == '>') {
        if (!json_is_integer(operand) || type->size > 8)
            return unknown(type);
        shift(left.first, type->size, (uint64_t)json_integer_value(operand), name[0] == '<');
        memcpy(left.last, left.first, NFT_VALUE_SIZE);
        return left;
    }
    struct nft_answer right = nft_answer(run, operand, &left.key);
    if (right.absent)
        return right;
    if (left.unknown || right.unknown || right.key.n != 1 || right.key.field[0]->size != type->size)
        return unknown(type);
    operate(name[0], left.first, right.first, type->size);
    memcpy(left.last, left.first, NFT_VALUE_SIZE);
    return left;
}

/* What a map gives. */

static void value_found(struct nft_lookup *lookup, enum nft_truth truth, const struct nft_element *element,
                        const struct nft_key *data)
{
    struct nft_answer *answer = lookup->context;
    answer->key = *data;
    answer->unknown = truth == NFT_YES ? 0 : ~0U;
    memcpy(answer->first, element->data, NFT_VALUE_SIZE);
    memcpy(answer->last, element->data_last, NFT_VALUE_SIZE);
}

static struct nft_answer map_answer(const struct nft_run *run, const json_t *map, const struct nft_key *want)
{
    struct nft_answer key = nft_answer(run, json_object_get(map, "key"), NULL), answer = unknown(NULL);
    struct nft_lookup lookup = {.key = &key,
                                .set = json_object_get(map, "data"),
                                .data = want,
                                .found = value_found,
                                .context = &answer};
    if (key.absent)
        return key;
    if (want)
        answer.key = *want;
    enum nft_truth truth = nft_lookup(run, &lookup);
    if (truth == NFT_MAYBE)
        answer.unknown = ~0U;
    return truth == NFT_NO ? absent() : answer;
}

static struct nft_answer constant_answer(const json_t *constant, const struct nft_key *want)
{
    struct nft_answer answer = {0};
    if (!want)
        return unknown(NULL);
    answer.key = *want;
    if (nft_values_read(want, constant, answer.first, answer.last) < 0)
        answer.unknown = ~0U;
    return answer;
}

/* What no word of a packet says. */
static bool is_beyond(const char *kind)
{
    static const char *const beyond[] = {"numgen", "jhash", "symhash", "rt", "socket", "osf", "ipsec"};
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++)
        if (strcmp(beyond[i], kind) == 0)
            return true;
    return false;
}

struct nft_answer nft_answer(const struct nft_run *run, const json_t *expression, const struct nft_key *want)
{
    const char *kind = NULL;
    const json_t *value = nft_only(expression, &kind);
    if (!value || strcmp(kind, "prefix") == 0 || strcmp(kind, "range") == 0)
        return constant_answer(expression, want);
    if (strcmp(kind, "concat") == 0)
        return concat_answer(run, value, want);
    if (strcmp(kind, "map") == 0)
        return map_answer(run, value, want);
    if (strcmp(kind, "elem") == 0)
        return nft_answer(run, json_object_get(value, "val"), want);
    if (nft_is_operation(kind))
        return operation_answer(run, kind, value, want);
    if (is_beyond(kind))
        return unknown(nft_type_by_name("integer"));
    return packet_answer(run, kind, value, expression);
}
