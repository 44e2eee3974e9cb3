/* Addresses as numbers: IPv4, IPv6, prefixes and MAC addresses, read and written in their canonical spellings
 * (RFC 4291, RFC 5952; MAC in lower case with colons). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip {
    uint8_t family; /* 4 or 6; 0: none */
    uint8_t bytes[16];
};

struct prefix {
    struct ip ip;
    uint8_t length; /* bits */
};

struct mac {
    uint8_t bytes[6];
};

/* With a smaller MTU Linux takes IPv6 off an interface (RFC 8200, section 5); and the metric of an IPv6 route
 * that was made without one. */
enum { IPV6_MIN_MTU = 1280, IPV6_METRIC = 1024 };

enum { IP_TEXT_SIZE = 46, PREFIX_TEXT_SIZE = 50, MAC_TEXT_SIZE = 18, IP_HEX_SIZE = 35 };

/* The parsers return 0, or -EINVAL and leave the result untouched. */
int ip_parse(const char *text, struct ip *ret_ip);
int prefix_parse(const char *text, struct prefix *ret_prefix); /* a missing length means a single address */
int mac_parse(const char *text, struct mac *ret_mac);
const char *ip_format(const struct ip *ip, char buffer[IP_TEXT_SIZE]);
const char *ip_format_hex(const struct ip *ip,
                          char buffer[IP_HEX_SIZE]); /* 0xfd000000000000000000000000000001 */
const char *prefix_format(const struct prefix *prefix, char buffer[PREFIX_TEXT_SIZE]);
const char *mac_format(const struct mac *mac, char buffer[MAC_TEXT_SIZE]);

static inline unsigned ip_bits(const struct ip *ip)
{
    return ip->family == 4 ? 32 : 128;
}
static inline size_t ip_size(const struct ip *ip)
{
    return ip->family == 4 ? 4 : 16;
}

/* What the bits of an address say: fe80::/10, for to Linux 169.254.0.0/16 is a network like any other;
 * 224.0.0.0/4 and ff00::/8; 0.0.0.0 and ::; 127.0.0.0/8 and ::1. */
bool ip_is_link_local(const struct ip *ip);
bool ip_is_multicast(const struct ip *ip);
bool ip_is_unspecified(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);
/* Whether a canonical address or network, or one in a list of them, is of IPv6; NULL is not. */
bool ip_text_is_ipv6(const char *text);
/* Whether a text is a link-local address, with or without a prefix length. */
bool ip_text_is_link_local(const char *text);

bool ip_equal(const struct ip *a, const struct ip *b);
bool prefix_contains(const struct prefix *prefix, const struct ip *ip);
struct prefix prefix_network(const struct prefix *prefix); /* host bits cleared */
bool ip_add(struct ip *ip, uint64_t number);               /* in place; false where it would overflow */
