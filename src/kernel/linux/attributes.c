#include "kernel/linux/attributes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *attributes_read(struct arena *arena, const struct nlattr **table, const uint16_t *types, size_t n)
{
    struct text hex CLEANUP_TEXT = {0};
    for (size_t i = 0; i < n; i++) {
        const unsigned char *bytes = (const unsigned char *)table[types[i]];
        for (size_t b = 0; bytes && b < table[types[i]]->nla_len; b++)
            text_printf(&hex, "%02x", bytes[b]);
        for (size_t b = hex.length / 2; b % NLA_ALIGNTO; b++)
            text_add(&hex, "00");
    }
    return hex.length ? arena_strdup(arena, hex.data) : NULL;
}

static size_t bytes_of(const char *hex, char *bytes, size_t size)
{
    size_t n = 0;
    for (; n < size && isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]); hex += 2)
        bytes[n++] = (char)strtoul((char[]){hex[0], hex[1], '\0'}, NULL, 16);
    return n;
}

static bool is_among(uint16_t type, const uint16_t *types, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (types[i] == type)
            return true;
    return !n;
}

unsigned attributes_put(struct message *message, const char *hex, const uint16_t *types, size_t n)
{
    struct {
        struct nlattr head;
        char bytes[16 * 1024];
    } nest = {0};
    unsigned n_put = 0;
    nest.head.nla_len = (uint16_t)(NLA_HDRLEN + bytes_of(hex, nest.bytes, sizeof nest.bytes));
    for (const struct nlattr *attr = NULL; (attr = attr_next(&nest.head, attr));) {
        if (!is_among(attr->nla_type & NLA_TYPE_MASK, types, n))
            continue;
        message_put(message, attr->nla_type, attr_data(attr), attr_size(attr));
        n_put++;
    }
    return n_put;
}
