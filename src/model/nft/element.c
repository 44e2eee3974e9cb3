/* Elements of sets and maps: text, JSON and bytes of one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/nft/nft.h"

enum { WORD_SIZE = 128, REGISTER = 4 };

const struct name nft_verdict_names[] = {
    {"accept", NFT_ACCEPT}, {"drop", NFT_DROP},         {"reject", NFT_REJECT},
    {"queue", NFT_QUEUE},   {"continue", NFT_CONTINUE}, {"return", NFT_RETURN},
    {"jump", NFT_JUMP},     {"goto", NFT_GOTO},         {NULL, 0},
};

/* Keys */

/* A part of a text, up to a separator. */
struct span {
    const char *text;
    size_t length;
};

/* Takes what stands before the separator (NULL: there is none) off the rest; false: the rest was all taken. */
static bool span_next(struct span *rest, const char *separator, struct span *ret_part)
{
    size_t skip = separator ? strlen(separator) : 0;
    if (!rest->text)
        return false;
    const char *found = separator ? memmem(rest->text, rest->length, separator, skip) : NULL;
    *ret_part = *rest;
    if (found) {
        ret_part->length = (size_t)(found - rest->text);
        rest->length -= ret_part->length + skip;
    }
    rest->text = found ? found + skip : NULL;
    return true;
}

static int span_word(const struct span *span, char word[WORD_SIZE])
{
    if (span->length < 1 || span->length >= WORD_SIZE || memchr(span->text, '\0', span->length))
        return -EINVAL;
    memcpy(word, span->text, span->length);
    word[span->length] = '\0';
    return 0;
}

int nft_key_parse(const char *types, struct nft_key *ret_key)
{
    struct nft_key key = {0};
    struct span rest = {types, strlen(types)}, part;
    char word[WORD_SIZE];
    while (span_next(&rest, " . ", &part)) {
        const struct nft_type *type = span_word(&part, word) < 0 ? NULL : nft_type_by_name(word);
        if (!type || key.n == NFT_KEY_FIELDS || key.size + type->size > NFT_VALUE_SIZE)
            return -EINVAL;
        key.field[key.n] = type;
        key.offset[key.n++] = key.size;
        key.size += (type->size + REGISTER - 1) / REGISTER * REGISTER;
    }
    if (key.n > 1)
        for (unsigned i = 0; i < key.n; i++)
            if (!key.field[i]->size)
                return -EINVAL;
    *ret_key = key;
    return 0;
}

static bool is_verdict(const struct nft_key *key)
{
    return key->n == 1 && !key->field[0]->size;
}

/* Reading text */

static int values_parse(const struct nft_key *key, struct span text, uint8_t *first, uint8_t *last)
{
    uint8_t low[NFT_TYPE_SIZE], high[NFT_TYPE_SIZE];
    char word[WORD_SIZE];
    struct span part;
    for (unsigned i = 0; i < key->n; i++) {
        if (!span_next(&text, key->n > 1 ? " . " : NULL, &part) || span_word(&part, word) < 0 ||
            nft_type_parse(key->field[i], word, low, high) < 0)
            return -EINVAL;
        memcpy(first + key->offset[i], low, key->field[i]->size);
        memcpy(last + key->offset[i], high, key->field[i]->size);
    }
    return text.text ? -EINVAL : 0;
}

static int verdict_parse(struct span text, struct nft_element *element)
{
    char word[WORD_SIZE];
    struct span verb;
    int64_t verdict;
    if (!span_next(&text, " ", &verb) || span_word(&verb, word) < 0 ||
        names_parse(nft_verdict_names, word, &verdict) < 0)
        return -EINVAL;
    bool leads = verdict == NFT_JUMP || verdict == NFT_GOTO;
    if (leads != (text.text && text.length) || verdict == NFT_REJECT || verdict == NFT_QUEUE)
        return -EINVAL;
    element->verdict = (enum nft_verdict)verdict;
    element->chain = leads ? text.text : NULL;
    element->chain_length = leads ? text.length : 0;
    return 0;
}

/* JSON has no other texts. */
static bool is_utf8(const char *text, size_t length)
{
    while (length && (unsigned char)*text < 0x80) {
        text++;
        length--;
    }
    for (unsigned n; length; text += n, length -= n)
        if (!(n = utf8_length(text, length)))
            return false;
    return true;
}

int nft_element_parse(const struct nft_key *key, const struct nft_key *data, const char *line, size_t length,
                      struct nft_element *ret_element)
{
    struct nft_element element = {0};
    struct span rest = {line, length}, part;
    if (!is_utf8(line, length) || !span_next(&rest, data ? " : " : NULL, &part) ||
        (data != NULL) != (rest.text != NULL) || values_parse(key, part, element.first, element.last) < 0)
        return -EINVAL;
    if (data && (is_verdict(data) ? verdict_parse(rest, &element)
                                  : values_parse(data, rest, element.data, element.data_last)) < 0)
        return -EINVAL;
    *ret_element = element;
    return 0;
}

/* Reading JSON */

static int scalar_word(const json_t *json, char word[WORD_SIZE])
{
    int length = -1;
    if (json_is_string(json))
        length = snprintf(word, WORD_SIZE, "%s", json_string_value(json));
    else if (json_is_integer(json))
        length = snprintf(word, WORD_SIZE, "%lld", (long long)json_integer_value(json));
    else if (json_is_boolean(json))
        length = snprintf(word, WORD_SIZE, "%d", json_is_true(json));
    return length < 0 || length >= WORD_SIZE ? -EINVAL : 0;
}

static int prefix_word(const json_t *prefix, char word[WORD_SIZE])
{
    char address[WORD_SIZE];
    const json_t *length = json_object_get(prefix, "len");
    if (scalar_word(json_object_get(prefix, "addr"), address) < 0 || !json_is_integer(length) ||
        snprintf(word, WORD_SIZE, "%s/%lld", address, (long long)json_integer_value(length)) >= WORD_SIZE)
        return -EINVAL;
    return 0;
}

/* A list of flags is one value. */
static int bits_word(const json_t *list, char word[WORD_SIZE])
{
    struct text text CLEANUP_TEXT = {0};
    size_t i;
    json_t *flag;
    json_array_foreach(list, i, flag)
    {
        if (scalar_word(flag, word) < 0)
            return -EINVAL;
        text_printf(&text, "%s%s", i ? "," : "", word);
    }
    return snprintf(word, WORD_SIZE, "%s", text_of(&text)) >= WORD_SIZE ? -EINVAL : 0;
}

int nft_value_read(const struct nft_type *type, const json_t *json, uint8_t ret_first[NFT_TYPE_SIZE],
                   uint8_t ret_last[NFT_TYPE_SIZE])
{
    const json_t *prefix = json_object_get(json, "prefix"), *range = json_object_get(json, "range");
    uint8_t first[NFT_TYPE_SIZE], last[NFT_TYPE_SIZE], unused[NFT_TYPE_SIZE];
    char word[WORD_SIZE];
    if (json_array_size(range) == 2) {
        if (scalar_word(json_array_get(range, 0), word) < 0 ||
            nft_type_parse(type, word, first, unused) < 0 ||
            scalar_word(json_array_get(range, 1), word) < 0 || nft_type_parse(type, word, unused, last) < 0 ||
            memcmp(first, last, type->size) > 0)
            return -EINVAL;
        memcpy(ret_first, first, NFT_TYPE_SIZE);
        memcpy(ret_last, last, NFT_TYPE_SIZE);
        return 0;
    }
    int r = prefix                                    ? prefix_word(prefix, word)
            : type->bits && json_array_size(json) > 0 ? bits_word(json, word)
                                                      : scalar_word(json, word);
    return r < 0 ? r : nft_type_parse(type, word, ret_first, ret_last);
}

int nft_values_read(const struct nft_key *key, const json_t *json, uint8_t *first, uint8_t *last)
{
    const json_t *parts = json_object_get(json, "concat");
    uint8_t low[NFT_TYPE_SIZE], high[NFT_TYPE_SIZE];
    if (key->n > 1 && json_array_size(parts) != key->n)
        return -EINVAL;
    for (unsigned i = 0; i < key->n; i++) {
        const json_t *part = key->n > 1 ? json_array_get(parts, i) : json;
        if (nft_value_read(key->field[i], part, low, high) < 0)
            return -EINVAL;
        memcpy(first + key->offset[i], low, key->field[i]->size);
        memcpy(last + key->offset[i], high, key->field[i]->size);
    }
    return 0;
}

int nft_verdict_read(const json_t *json, enum nft_verdict *ret_verdict, const char **ret_chain)
{
    const char *word = json_object_iter_key(json_object_iter((json_t *)json));
    int64_t verdict;
    if (!word || names_parse(nft_verdict_names, word, &verdict) < 0)
        return -EINVAL;
    const char *chain = json_string_value(json_object_get(json_object_get(json, word), "target"));
    if ((verdict == NFT_JUMP || verdict == NFT_GOTO) != (chain != NULL))
        return -EINVAL;
    *ret_verdict = (enum nft_verdict)verdict;
    *ret_chain = chain;
    return 0;
}

/* What an element is, without its counters and timeouts. */
static const json_t *bare(const json_t *elem)
{
    const json_t *inner = json_object_get(elem, "elem");
    return inner ? json_object_get(inner, "val") : elem;
}

int nft_element_read(const struct nft_key *key, const struct nft_key *data, const json_t *elem,
                     struct nft_element *ret_element)
{
    struct nft_element element = {0};
    const json_t *to = data ? json_array_get(elem, 1) : NULL;
    const json_t *from = bare(data ? json_array_get(elem, 0) : elem);
    if ((data && json_array_size(elem) != 2) || nft_values_read(key, from, element.first, element.last) < 0)
        return -EINVAL;
    if (data && (is_verdict(data) ? nft_verdict_read(to, &element.verdict, &element.chain)
                                  : nft_values_read(data, to, element.data, element.data_last)) < 0)
        return -EINVAL;
    element.chain_length = element.chain ? strlen(element.chain) : 0;
    *ret_element = element;
    return 0;
}

/* Writing */

static void values_format(const struct nft_key *key, const uint8_t *first, const uint8_t *last,
                          struct text *out)
{
    for (unsigned i = 0; i < key->n; i++) {
        text_add(out, i ? " . " : "");
        nft_type_format(key->field[i], first + key->offset[i], last + key->offset[i], out);
    }
}

void nft_element_format(const struct nft_key *key, const struct nft_key *data,
                        const struct nft_element *element, struct text *out)
{
    values_format(key, element->first, element->last, out);
    if (!data)
        return;
    text_add(out, " : ");
    if (is_verdict(data)) {
        text_add(out, names_format(nft_verdict_names, element->verdict));
        text_add(out, element->chain ? " " : "");
        text_add_n(out, element->chain ? element->chain : "", element->chain_length);
    } else {
        values_format(data, element->data, element->data_last, out);
    }
}

static json_t *plain_json(const struct nft_type *type, const uint8_t *bytes)
{
    struct text word CLEANUP_TEXT = {0};
    uint64_t number = 0;
    nft_type_format(type, bytes, bytes, &word);
    for (unsigned i = 0; i < type->size; i++)
        number = number << 8 | bytes[i];
    bool numeric = !type->parse && (type->format || strspn(text_of(&word), "0123456789") == word.length);
    return numeric ? json_integer((json_int_t)number) : json_string(text_of(&word));
}

static json_t *value_json(const struct nft_type *type, const uint8_t *first, const uint8_t *last)
{
    struct text word CLEANUP_TEXT = {0};
    if (memcmp(first, last, type->size) == 0)
        return plain_json(type, first);
    nft_type_format(type, first, last, &word);
    char *slash = strchr(word.data, '/');
    if (slash)
        return json_pack("{s:{s:s%,s:i}}", "prefix", "addr", word.data, (size_t)(slash - word.data), "len",
                         atoi(slash + 1)); // NOLINT(cert-err34-c): from nft_type_format()
    if (word.data[word.length - 1] == '*')
        return json_string(word.data);
    return json_pack("{s:[o,o]}", "range", plain_json(type, first), plain_json(type, last));
}

static json_t *values_json(const struct nft_key *key, const uint8_t *first, const uint8_t *last)
{
    if (key->n == 1)
        return value_json(key->field[0], first, last);
    json_t *parts = json_array();
    for (unsigned i = 0; i < key->n; i++)
        json_array_append_new(parts,
                              value_json(key->field[i], first + key->offset[i], last + key->offset[i]));
    return json_pack("{s:o}", "concat", parts);
}

json_t *nft_element_json(const struct nft_key *key, const struct nft_key *data,
                         const struct nft_element *element)
{
    json_t *from = values_json(key, element->first, element->last);
    if (!data)
        return from;
    if (!is_verdict(data))
        return json_pack("[o,o]", from, values_json(data, element->data, element->data_last));
    const char *verdict = names_format(nft_verdict_names, element->verdict);
    if (!element->chain)
        return json_pack("[o,{s:n}]", from, verdict);
    return json_pack("[o,{s:{s:s%}}]", from, verdict, "target", element->chain, element->chain_length);
}

/* Comparing */

bool nft_element_holds(const struct nft_key *key, const struct nft_element *element, const uint8_t *value)
{
    for (unsigned i = 0; i < key->n; i++) {
        unsigned at = key->offset[i], size = key->field[i]->size;
        if (memcmp(value + at, element->first + at, size) < 0 ||
            memcmp(value + at, element->last + at, size) > 0)
            return false;
    }
    return true;
}

bool nft_element_is_interval(const struct nft_key *key, const struct nft_element *element)
{
    return memcmp(element->first, element->last, key->size) != 0;
}
