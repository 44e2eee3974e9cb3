/* The types of nft(8), and words of them as bytes. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "model/nft/names.h"
#include "model/nft/nft.h"

enum { WORD_SIZE = 128 };

/* Addresses and names of interfaces */

static int ip_read(const char *word, uint8_t family, uint8_t *first, uint8_t *last)
{
    struct ip ip;
    if (ip_parse(word, &ip) < 0 || ip.family != family)
        return -EINVAL;
    memcpy(first, ip.bytes, ip_size(&ip));
    memcpy(last, ip.bytes, ip_size(&ip));
    return 0;
}

static int ip4_parse(const char *word, uint8_t *first, uint8_t *last)
{
    return ip_read(word, 4, first, last);
}

static int ip6_parse(const char *word, uint8_t *first, uint8_t *last)
{
    return ip_read(word, 6, first, last);
}

static void ip_put(uint8_t family, const uint8_t *bytes, struct text *out)
{
    char buffer[IP_TEXT_SIZE];
    struct ip ip = {.family = family};
    memcpy(ip.bytes, bytes, ip_size(&ip));
    text_add(out, ip_format(&ip, buffer));
}

static void ip4_format(const uint8_t *bytes, struct text *out)
{
    ip_put(4, bytes, out);
}

static void ip6_format(const uint8_t *bytes, struct text *out)
{
    ip_put(6, bytes, out);
}

static int ether_parse(const char *word, uint8_t *first, uint8_t *last)
{
    struct mac mac;
    if (mac_parse(word, &mac) < 0)
        return -EINVAL;
    memcpy(first, mac.bytes, sizeof mac.bytes);
    memcpy(last, mac.bytes, sizeof mac.bytes);
    return 0;
}

static void ether_format(const uint8_t *bytes, struct text *out)
{
    char buffer[MAC_TEXT_SIZE];
    struct mac mac;
    memcpy(mac.bytes, bytes, sizeof mac.bytes);
    text_add(out, mac_format(&mac, buffer));
}

/* eth* is all names that begin so; a star at the end of a name itself is written \*. */
static int ifname_parse(const char *word, uint8_t *first, uint8_t *last)
{
    size_t length = strlen(word);
    bool star = length && word[length - 1] == '*', literal = star && length > 1 && word[length - 2] == '\\';
    size_t keep = length - (size_t)star - (size_t)literal;
    if (keep + literal >= IFNAMSIZ || strpbrk(word, "/ \t\n"))
        return -EINVAL;
    memset(first, 0, IFNAMSIZ);
    memcpy(first, word, keep);
    if (literal)
        first[keep++] = '*';
    memcpy(last, first, IFNAMSIZ);
    if (star && !literal)
        memset(last + keep, 0xff, IFNAMSIZ - keep);
    return 0;
}

static void ifname_format(const uint8_t *bytes, struct text *out)
{
    size_t length = strnlen((const char *)bytes, IFNAMSIZ);
    bool star = length && bytes[length - 1] == '*';
    text_add_n(out, (const char *)bytes, length - star);
    text_add(out, star ? "\\*" : "");
}

static uint64_t number_of(const uint8_t *bytes, unsigned size)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void number_put(uint64_t number, uint8_t *bytes, unsigned size)
{
    for (unsigned i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

static void mark_format(const uint8_t *bytes, struct text *out)
{
    text_printf(out, "0x%08x", (unsigned)number_of(bytes, 4));
}

/* iface_index is kept by the name, as nft shows it, since numbers mean nothing in a file. */
static const struct nft_type types[] = {
    {.name = "arp_op", .size = 2, .names = nft_arp_op_names},
    {.name = "boolean", .size = 1, .names = nft_boolean_names},
    {.name = "ct_dir", .size = 1, .names = nft_ct_direction_names},
    {.name = "ct_state", .size = 4, .host_order = true, .bits = true, .names = nft_ct_state_names},
    {.name = "ct_status", .size = 4, .host_order = true, .bits = true, .names = nft_ct_status_names},
    {.name = "devgroup", .size = 4, .host_order = true},
    {.name = "dscp", .size = 1, .names = nft_dscp_names},
    {.name = "ether_addr", .size = 6, .parse = ether_parse, .format = ether_format},
    {.name = "ether_type", .size = 2, .names = nft_ether_type_names},
    {.name = "fib_addrtype", .size = 4, .host_order = true, .names = nft_fib_type_names},
    {.name = "gid", .size = 4, .host_order = true},
    {.name = "icmp_code", .size = 1, .names = nft_icmp_code_names},
    {.name = "icmp_type", .size = 1, .names = nft_icmp_type_names},
    {.name = "icmpv6_code", .size = 1, .names = nft_icmpv6_code_names},
    {.name = "icmpv6_type", .size = 1, .names = nft_icmpv6_type_names},
    {.name = "icmpx_code", .size = 1, .names = nft_icmpx_code_names},
    {.name = "iface_index", .size = IFNAMSIZ, .parse = ifname_parse, .format = ifname_format},
    {.name = "iface_type", .size = 2, .host_order = true, .names = nft_iface_type_names},
    {.name = "ifname", .size = IFNAMSIZ, .parse = ifname_parse, .format = ifname_format},
    {.name = "inet_proto", .size = 1, .names = nft_protocol_names},
    {.name = "inet_service", .size = 2},
    {.name = "integer", .size = 4},
    {.name = "ipv4_addr", .size = 4, .parse = ip4_parse, .format = ip4_format},
    {.name = "ipv6_addr", .size = 16, .parse = ip6_parse, .format = ip6_format},
    {.name = "mark", .size = 4, .host_order = true, .format = mark_format},
    {.name = "nf_proto", .size = 1, .names = nft_nfproto_names},
    {.name = "pkt_type", .size = 1, .names = nft_pkttype_names},
    {.name = "realm", .size = 4, .host_order = true},
    {.name = "tcp_flag", .size = 1, .bits = true, .names = nft_tcp_flag_names},
    {.name = "uid", .size = 4, .host_order = true},
    {.name = "verdict", .size = 0},
};

const struct nft_type *nft_type_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

/* Words */

static bool is_pattern(const struct nft_type *type)
{
    return type->parse == ifname_parse;
}

static int number_parse(const struct nft_type *type, const char *word, uint64_t *ret_number)
{
    bool hex = strncmp(word, "0x", 2) == 0;
    const char *digits = hex ? word + 2 : word;
    size_t length = strlen(digits);
    if (length < 1 || length > 16 || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != length)
        return -EINVAL;
    uint64_t number = strtoull(digits, NULL, hex ? 16 : 10);
    if (type->size < 8 && number >> type->size * 8)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

static int name_or_number(const struct nft_type *type, const char *word, uint64_t *ret_number)
{
    int64_t named;
    if (!type->names || names_parse(type->names, word, &named) < 0)
        return number_parse(type, word, ret_number);
    *ret_number = (uint64_t)named;
    return 0;
}

/* "syn,ack" or "syn|ack" */
static int bits_parse(const struct nft_type *type, char *word, uint64_t *ret_number)
{
    uint64_t all = 0, one;
    char *rest = word;
    for (char *flag; (flag = strsep(&rest, ",|"));) {
        if (name_or_number(type, flag, &one) < 0)
            return -EINVAL;
        all |= one;
    }
    *ret_number = all;
    return 0;
}

static int plain_parse(const struct nft_type *type, const char *word, uint8_t *first, uint8_t *last)
{
    char copy[WORD_SIZE];
    uint64_t number;
    if (type->parse)
        return type->parse(word, first, last);
    if (snprintf(copy, sizeof copy, "%s", word) >= (int)sizeof copy)
        return -EINVAL;
    if ((type->bits ? bits_parse(type, copy, &number) : name_or_number(type, copy, &number)) < 0)
        return -EINVAL;
    number_put(number, first, type->size);
    number_put(number, last, type->size);
    return 0;
}

/* Sets the bits after the first `length` to zero in one, and to one in the other. */
static void spread(const struct nft_type *type, unsigned length, uint8_t *first, uint8_t *last)
{
    for (unsigned i = 0; i < type->size; i++) {
        unsigned keep = length > i * 8 ? length - i * 8 : 0;
        uint8_t mask = keep >= 8 ? 0 : (uint8_t)(0xff >> keep);
        first[i] &= (uint8_t)~mask;
        last[i] |= mask;
    }
}

static int prefix_read(const struct nft_type *type, char *word, char *slash, uint8_t *first, uint8_t *last)
{
    size_t length = strlen(slash + 1);
    *slash = '\0';
    if (length < 1 || length > 3 || strspn(slash + 1, "0123456789") != length)
        return -EINVAL;
    unsigned long bits = strtoul(slash + 1, NULL, 10);
    if (bits > (unsigned long)type->size * 8 || plain_parse(type, word, first, last) < 0)
        return -EINVAL;
    spread(type, (unsigned)bits, first, last);
    return 0;
}

/* Names have hyphens too: that hyphen parts a range which leaves a value on both sides. */
static int range_read(const struct nft_type *type, char *word, uint8_t *first, uint8_t *last)
{
    uint8_t unused[NFT_TYPE_SIZE];
    for (char *hyphen = word; (hyphen = strchr(hyphen, '-')); *hyphen++ = '-') {
        *hyphen = '\0';
        if (plain_parse(type, word, first, unused) == 0 && plain_parse(type, hyphen + 1, unused, last) == 0)
            return memcmp(first, last, type->size) <= 0 ? 0 : -EINVAL;
    }
    return -EINVAL;
}

int nft_type_parse(const struct nft_type *type, const char *word, uint8_t ret_first[NFT_TYPE_SIZE],
                   uint8_t ret_last[NFT_TYPE_SIZE])
{
    uint8_t first[NFT_TYPE_SIZE] = {0}, last[NFT_TYPE_SIZE] = {0};
    char copy[WORD_SIZE];
    if (!type->size || snprintf(copy, sizeof copy, "%s", word) >= (int)sizeof copy)
        return -EINVAL;
    if (plain_parse(type, word, first, last) < 0) {
        char *slash = strchr(copy, '/');
        if (is_pattern(type) ||
            (slash ? prefix_read(type, copy, slash, first, last) : range_read(type, copy, first, last)) < 0)
            return -EINVAL;
    }
    memcpy(ret_first, first, NFT_TYPE_SIZE);
    memcpy(ret_last, last, NFT_TYPE_SIZE);
    return 0;
}

static void bits_format(const struct nft_type *type, uint64_t number, struct text *out)
{
    const char *before = "";
    for (const struct name *flag = type->names; flag && flag->name; flag++) {
        if (!(number & (uint64_t)flag->value))
            continue;
        text_printf(out, "%s%s", before, flag->name);
        number &= ~(uint64_t)flag->value;
        before = ",";
    }
    if (number || !*before)
        text_printf(out, "%s0x%llx", before, (unsigned long long)number);
}

static void plain_format(const struct nft_type *type, const uint8_t *bytes, struct text *out)
{
    uint64_t number = type->format ? 0 : number_of(bytes, type->size);
    const char *name = type->names ? names_format(type->names, (int64_t)number) : NULL;
    if (type->format)
        type->format(bytes, out);
    else if (name)
        text_add(out, name);
    else if (type->bits)
        bits_format(type, number, out);
    else
        text_printf(out, "%llu", (unsigned long long)number);
}

/* How many bits both have in common, when after them one has only zeros and the other only ones; or -1. */
static int prefix_length(const struct nft_type *type, const uint8_t *first, const uint8_t *last)
{
    uint8_t low[NFT_TYPE_SIZE], high[NFT_TYPE_SIZE];
    unsigned length = 0;
    while (length < type->size * 8 && !((first[length / 8] ^ last[length / 8]) & 0x80 >> length % 8))
        length++;
    memcpy(low, first, type->size);
    memcpy(high, first, type->size);
    spread(type, length, low, high);
    bool is_prefix = memcmp(low, first, type->size) == 0 && memcmp(high, last, type->size) == 0;
    return is_prefix ? (int)length : -1;
}

void nft_type_format(const struct nft_type *type, const uint8_t *first, const uint8_t *last, struct text *out)
{
    bool address = type->parse && !is_pattern(type);
    int length = address ? prefix_length(type, first, last) : -1;
    plain_format(type, first, out);
    if (memcmp(first, last, type->size) == 0)
        return;
    if (is_pattern(type)) {
        text_add(out, "*");
    } else if (length >= 0) {
        text_printf(out, "/%d", length);
    } else {
        text_add(out, "-");
        plain_format(type, last, out);
    }
}
