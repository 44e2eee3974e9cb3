/* Rules, types and elements of nftables as values: no kernel, no library.
 *
 * The form of a rule is the `expr` array of libnftables-json(5), exactly as `nft -j list ruleset` gives it
 * back. It is kept as a line of text, so that two rules are equal when their lines are: nft_rule_line()
 * makes the line, nft_rule_parse() reads it, nft_rule_print() says it as `nft list ruleset` would. See
 * evaluate.h for what rules do to a packet.
 *
 * An element of a set or map is a line of text too, in the words of nft and without quotes:
 *
 *     10.0.0.0/8                        a prefix        tcp . 22            a concatenation
 *     10.0.0.5-10.0.0.9                 a range         10.0.0.0/8 . 80-90  the same with intervals
 *     tcp . 8080 : 10.0.0.5 . 80        in a map        eth0 . eth* : jump guests-wan
 *
 * Not said by an element: counters, timeouts, comments. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "base/text.h"

/* Rules */

/* One rule (the value of "rule" in a listing, or an object with "expr" and "comment" only) as its
 * canonical line: compact JSON with sorted keys, {"comment":...,"expr":[...]}, without handle, family,
 * table and chain, counters and quotas without what they counted, anonymous sets and lists of flags sorted
 * and without repetition, a set of one plain element as that element, a default burst left out. Malloc'ed;
 * NULL: it has no array "expr". */
char *nft_rule_line(const json_t *rule);
/* {"expr":..., "comment":...} of a line; NULL: it is none. The caller has the reference. */
json_t *nft_rule_parse(const char *line, size_t length);
/* Appends the rule as `nft` takes and lists it: tcp dport 22 counter accept comment "ssh". What nft has no
 * text for is said in its JSON. */
void nft_rule_print(const json_t *rule, struct text *out);
/* The same for one statement of `expr`, and for a verdict or value: 10.0.0.0/8, jump guests-wan. */
void nft_statement_print(const json_t *statement, struct text *out);
void nft_expression_print(const json_t *expression, struct text *out);

/* Types */

enum {
    NFT_VALUE_SIZE = 64, /* of a whole concatenation, as the kernel has it (NFT_DATA_VALUE_MAXLEN) */
    NFT_KEY_FIELDS = 8,
    NFT_TYPE_SIZE = 16, /* of one type */
};

/* A data type of nft(8). The bytes of a value are those of its number with the highest first, whatever the
 * kernel does, so that memcmp() orders them. */
struct nft_type {
    const char *name; /* "ipv4_addr" */
    unsigned size;    /* bytes; 0: a verdict */
    bool host_order;  /* the kernel has the number in the byte order of the machine */
    bool bits;        /* made up of flags: a list of names is one value */
    const struct name *names;
    /* Of what is neither a name nor a number: addresses, names of interfaces. parse() returns 0 or -EINVAL,
     * and gives the first and the last value of a pattern, otherwise the same twice. NULL: numbers only. */
    int (*parse)(const char *word, uint8_t first[NFT_TYPE_SIZE], uint8_t last[NFT_TYPE_SIZE]);
    void (*format)(const uint8_t first[NFT_TYPE_SIZE], struct text *out);
};

const struct nft_type *nft_type_by_name(const char *name); /* NULL: not known here */
/* A word ("22", "tcp", "10.0.0.0/8", "80-90", "eth*") as its first and last value. 0 or -EINVAL. */
int nft_type_parse(const struct nft_type *type, const char *word, uint8_t ret_first[NFT_TYPE_SIZE],
                   uint8_t ret_last[NFT_TYPE_SIZE]);
/* The canonical word for what lies between both, which may be equal. */
void nft_type_format(const struct nft_type *type, const uint8_t *first, const uint8_t *last,
                     struct text *out);

/* What a set is keyed by, or a map leads to: "ipv4_addr . inet_service", "verdict". Each field lies on a
 * multiple of four bytes, its bytes first, as in the registers of the kernel. */
struct nft_key {
    const struct nft_type *field[NFT_KEY_FIELDS];
    unsigned offset[NFT_KEY_FIELDS];
    unsigned n;
    unsigned size; /* bytes of the whole, padding included */
};
int nft_key_parse(const char *types, struct nft_key *ret_key); /* 0; -EINVAL: a type that is not known here */

/* Elements */

enum nft_verdict {
    NFT_VERDICT_NONE, /* no verdict */
    NFT_ACCEPT,
    NFT_DROP,
    NFT_REJECT, /* a statement; never in a map */
    NFT_QUEUE,  /* a statement; never in a map */
    NFT_CONTINUE,
    NFT_RETURN,
    NFT_JUMP,
    NFT_GOTO,
    NFT_VERDICT_MAX,
};
extern const struct name nft_verdict_names[];

struct nft_element {
    uint8_t first[NFT_VALUE_SIZE], last[NFT_VALUE_SIZE]; /* of the key, each field an interval; often equal */
    /* Of a map; a range, as that of addresses for NAT. */
    uint8_t data[NFT_VALUE_SIZE], data_last[NFT_VALUE_SIZE];
    enum nft_verdict verdict; /* of a verdict map */
    /* Of jump and goto: in the text or JSON that was parsed, and not ended there by a zero. */
    const char *chain;
    size_t chain_length;
};

/* An element from its text or from the `elem` of a listing (counters and such are passed over). `data` is
 * NULL for a set. 0, or -EINVAL and nothing is touched. */
int nft_element_parse(const struct nft_key *key, const struct nft_key *data, const char *line, size_t length,
                      struct nft_element *ret_element);
int nft_element_read(const struct nft_key *key, const struct nft_key *data, const json_t *elem,
                     struct nft_element *ret_element);
/* The parts of it: the constant of one field or of a concatenation, and a verdict ({"jump": {"target":
 * ...}}). */
int nft_value_read(const struct nft_type *type, const json_t *json, uint8_t ret_first[NFT_TYPE_SIZE],
                   uint8_t ret_last[NFT_TYPE_SIZE]);
int nft_values_read(const struct nft_key *key, const json_t *json, uint8_t *first, uint8_t *last);
int nft_verdict_read(const json_t *json, enum nft_verdict *ret_verdict, const char **ret_chain);
/* Appends the canonical text: prefixes where a range is one. */
void nft_element_format(const struct nft_key *key, const struct nft_key *data,
                        const struct nft_element *element, struct text *out);
/* As "add element" of libnftables-json(5) takes it. The caller has the reference. */
json_t *nft_element_json(const struct nft_key *key, const struct nft_key *data,
                         const struct nft_element *element);
bool nft_element_holds(const struct nft_key *key, const struct nft_element *element, const uint8_t *value);
bool nft_element_is_interval(const struct nft_key *key, const struct nft_element *element);

/* The text of a whole set: its elements, one a line, sorted by the bytes of the key, without repetition,
 * the last line without a newline. Appends to `out`; 0, or -EINVAL at the first that is none. */
int nft_elements_format(const struct nft_key *key, const struct nft_key *data, const json_t *elements,
                        struct text *out);
int nft_elements_sort(const struct nft_key *key, const struct nft_key *data, const char *lines,
                      struct text *out);
