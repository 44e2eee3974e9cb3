#include "base/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Four numbers without zeros before them; returns what follows, or NULL. */
static const char *ipv4_parse(const char *text, uint8_t bytes[4])
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned number = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
            number = number * 10 + (unsigned)(*text - '0');
        if (!digits || digits > 3 || number > 255 || (digits > 1 && text[-(int)digits] == '0'))
            return NULL;
        bytes[i] = (uint8_t)number;
        if (i < 3 && *text++ != '.')
            return NULL;
    }
    return text;
}

int ip_parse(const char *text, struct ip *ret_ip)
{
    struct ip ip = {.family = ip_text_is_ipv6(text) ? 6 : 4};
    const char *rest = ip.family == 4 ? ipv4_parse(text, ip.bytes) : NULL;
    if (ip.family == 4 ? !rest || *rest : inet_pton(AF_INET6, text, ip.bytes) != 1)
        return -EINVAL;
    *ret_ip = ip;
    return 0;
}

int prefix_parse(const char *text, struct prefix *ret_prefix)
{
    char address[IP_TEXT_SIZE];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof address)
        return -EINVAL;
    memcpy(address, text, length);
    address[length] = '\0';

    struct prefix prefix;
    int r = ip_parse(address, &prefix.ip);
    if (r < 0)
        return r;
    unsigned bits = ip_bits(&prefix.ip);
    if (slash) {
        const char *digits = slash + 1;
        size_t n = strlen(digits);
        if (n < 1 || n > 3 || strspn(digits, "0123456789") != n || (n > 1 && digits[0] == '0'))
            return -EINVAL;
        bits = (unsigned)strtoul(digits, NULL, 10);
        if (bits > ip_bits(&prefix.ip))
            return -EINVAL;
    }
    prefix.length = (uint8_t)bits;
    *ret_prefix = prefix;
    return 0;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return found ? (int)(found - digits) : -1;
}

int mac_parse(const char *text, struct mac *ret_mac)
{
    struct mac mac;
    if (strlen(text) != MAC_TEXT_SIZE - 1)
        return -EINVAL;
    for (size_t i = 0; i < sizeof mac.bytes; i++, text += 3) {
        int high = hex_digit(text[0]), low = hex_digit(text[1]);
        if (high < 0 || low < 0 || (text[2] != ':' && text[2] != '\0'))
            return -EINVAL;
        mac.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret_mac = mac;
    return 0;
}

/* Appends a byte in decimal; returns the end. */
static char *put_byte(char *at, uint8_t byte)
{
    if (byte >= 100)
        *at++ = (char)('0' + byte / 100);
    if (byte >= 10)
        *at++ = (char)('0' + byte / 10 % 10);
    *at++ = (char)('0' + byte % 10);
    *at = '\0';
    return at;
}

/* All that is observed comes through here, and inet_ntop() of glibc prints each byte of an IPv4 address by
 * sprintf(). */
const char *ip_format(const struct ip *ip, char buffer[IP_TEXT_SIZE])
{
    if (ip->family != 4)
        return inet_ntop(AF_INET6, ip->bytes, buffer, IP_TEXT_SIZE);
    char *at = buffer;
    for (size_t i = 0; i < 4; i++) {
        if (i)
            *at++ = '.';
        at = put_byte(at, ip->bytes[i]);
    }
    return buffer;
}

/* Without zeros before it. */
const char *ip_format_hex(const struct ip *ip, char buffer[IP_HEX_SIZE])
{
    char digits[IP_HEX_SIZE] = "", *at = digits;
    for (size_t i = 0; i < ip_size(ip); i++)
        at += snprintf(at, 3, "%02x", ip->bytes[i]);
    size_t zeros = strspn(digits, "0");
    snprintf(buffer, IP_HEX_SIZE, "0x%s", digits[zeros] ? digits + zeros : "0");
    return buffer;
}

const char *prefix_format(const struct prefix *prefix, char buffer[PREFIX_TEXT_SIZE])
{
    char *at = strchr(ip_format(&prefix->ip, buffer), '\0');
    *at++ = '/';
    put_byte(at, prefix->length);
    return buffer;
}

const char *mac_format(const struct mac *mac, char buffer[MAC_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *at = buffer;
    for (size_t i = 0; i < sizeof mac->bytes; i++) {
        *at++ = digits[mac->bytes[i] >> 4];
        *at++ = digits[mac->bytes[i] & 15];
        *at++ = i + 1 < sizeof mac->bytes ? ':' : '\0';
    }
    return buffer;
}

bool ip_is_link_local(const struct ip *ip)
{
    return ip->family == 6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

bool ip_is_multicast(const struct ip *ip)
{
    return ip->family == 4 ? (ip->bytes[0] & 0xf0) == 0xe0 : ip->bytes[0] == 0xff;
}

bool ip_is_loopback(const struct ip *ip)
{
    static const struct ip one = {6, {[15] = 1}};
    return ip->family == 4 ? ip->bytes[0] == 127 : ip->family == 6 && ip_equal(ip, &one);
}

bool ip_is_unspecified(const struct ip *ip)
{
    static const uint8_t zero[sizeof ip->bytes];
    return memcmp(ip->bytes, zero, ip_size(ip)) == 0;
}

bool ip_text_is_ipv6(const char *text)
{
    return text && strchr(text, ':');
}

bool ip_text_is_link_local(const char *text)
{
    struct prefix prefix;
    return prefix_parse(text, &prefix) == 0 && ip_is_link_local(&prefix.ip);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, ip_size(a)) == 0;
}

struct prefix prefix_network(const struct prefix *prefix)
{
    struct prefix network = *prefix;
    for (size_t i = 0; i < ip_size(&prefix->ip); i++) {
        unsigned keep = prefix->length > i * 8 ? prefix->length - (unsigned)i * 8 : 0;
        if (keep < 8)
            network.ip.bytes[i] &= (uint8_t)(0xff00 >> keep);
    }
    return network;
}

bool prefix_contains(const struct prefix *prefix, const struct ip *ip)
{
    if (prefix->ip.family != ip->family)
        return false;
    struct prefix ours = prefix_network(prefix);
    struct prefix theirs = prefix_network(&(struct prefix){.ip = *ip, .length = prefix->length});
    return ip_equal(&ours.ip, &theirs.ip);
}

bool ip_add(struct ip *ip, uint64_t number)
{
    for (size_t i = ip_size(ip); number && i-- > 0;) {
        number += ip->bytes[i];
        ip->bytes[i] = (uint8_t)number;
        number >>= 8;
    }
    return number == 0;
}
