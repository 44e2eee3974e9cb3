/* An option: one thing that can be said about an object, as one row of a table.
 *
 * The row alone drives reading it from YAML, the JSON Schema, checking, netlink in both directions, the
 * difference between what is and what should be, the command shown, and the manual page. A thing that needs
 * code in five places belongs into a new column here instead. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/names.h"
#include "base/text.h"

struct arena;
struct ip;

/* A value is unset, a number (booleans and enumerations too), or a canonical text. Texts compare with strcmp.
 */
enum value_form { VALUE_UNSET, VALUE_NUMBER, VALUE_TEXT };

struct value {
    enum value_form form;
    union {
        int64_t number;
        const char *text;
    };
};

/* What may be written, and the canonical form in which it is kept. */
enum type {
    TYPE_BOOL,      /* number 0 or 1; yaml true/false/yes/no/on/off */
    TYPE_NUMBER,    /* number between min and max, in `unit` */
    TYPE_ENUM,      /* number; one of `names` */
    TYPE_TEXT,      /* text, taken as it is */
    TYPE_MAC,       /* text "02:00:00:00:00:01" */
    TYPE_IP,        /* text "10.0.0.1" or "fd00::1" */
    TYPE_ADDRESS,   /* text "10.0.0.1/24": an address with the length of its prefix */
    TYPE_NETWORK,   /* text "10.0.0.0/24": host bits are zero; "default" is 0.0.0.0/0 or ::/0 */
    TYPE_INTERFACE, /* text "ns/name": an interface anywhere. The host's namespace is called "host" */
    TYPE_DEVICE,    /* text "name": an interface of the same namespace */
    TYPE_USER,      /* number: uid; yaml takes a name or a number */
    TYPE_GROUP,     /* number: gid */
    TYPE_KEY,       /* text: 32 bytes in base64, as WireGuard has its keys */
    TYPE_ENDPOINT,  /* text "192.0.2.1:51820" or "[2001:db8::1]:51820" */
    TYPE_VLANS,     /* text "10 pvid untagged,20-30": the VLANs of a bridge port, sorted, ranges joined */
    TYPE_NEXTHOPS,  /* text as in model/nexthop.h: the ways of a route; maps in a file */
    TYPE_RULES,     /* text: the rules of a chain, each a line of JSON; see model/nft/nft.h */
    TYPE_LINES,     /* text: lines, as a program reads them in a file */
    TYPE_ELEMENTS,  /* text: the elements of a set, each a line as nft(8) has them, sorted by their keys */
    TYPE_MAX,
};

/* How the kernel carries it. */
enum wire {
    WIRE_NONE, /* not an attribute of its own; some code behind the door handles it */
    WIRE_U8,
    WIRE_U16,
    WIRE_U32,
    WIRE_U64,
    WIRE_BE16,
    WIRE_STRING,
    WIRE_MAC,
    WIRE_IP,      /* 4 or 16 bytes, by the address given */
    WIRE_IFINDEX, /* u32: the index of the interface that the value names */
    WIRE_IP_LIST, /* a nest of addresses, numbered from 0 (bond arp_ip_target) */
};

/* What it takes to change it on a live object. */
enum change_cost {
    CHANGE_LIVE,     /* a message; nothing else notices */
    CHANGE_BLINK,    /* live, but traffic through the object stops for a moment */
    CHANGE_DOWN,     /* the interface must be down meanwhile: its routes go and are made again */
    CHANGE_RECREATE, /* Linux cannot: the object is deleted and made again */
};

enum option_flag {
    OPTION_KEY = 1 << 0,      /* part of the identity of its object */
    OPTION_REQUIRED = 1 << 1, /* the file must say it */
    OPTION_LIST = 1 << 2,     /* several values of the type; kept as one text joined by "," */
    OPTION_SECRET = 1 << 3,   /* shown as "(hidden)"; records and history are 0600 and have it */
    OPTION_PORT = 1 << 4,     /* has a meaning only while the interface is a port of a bridge */
    OPTION_INTERNAL = 1 << 5, /* not written in files: the reader makes it out of something else */
    OPTION_LABEL = 1 << 6,    /* in the identity it is written with its key: "table 100" */
    OPTION_UNSEEN =
        1 << 7, /* cannot be read back from the kernel: compared with the record of the last apply */
    OPTION_DECAYS = 1 << 8, /* the kernel counts it down: what is left of it agrees with it */
    OPTION_ECHOED = 1 << 9, /* read back only where it is what is wanted; else what the record says counts */
    OPTION_KEPT =
        1 << 10, /* what others gave to what is theirs: nobody says it here, and it returns with it */
    OPTION_ONE = 1 << 11, /* of TYPE_MAC: the address of one machine, neither of a group nor zero */
};

struct option {
    const char *key; /* in the file: "ageing-time" */
    enum type type;
    enum wire wire;
    uint16_t attr;      /* netlink attribute, in the nest of its table */
    uint16_t attr_ipv6; /* the one for an IPv6 address, where that is another; or 0 */
    enum change_cost change;
    unsigned flags; /* enum option_flag */
    int64_t min, max;
    int scale;                /* the kernel's number = ours x scale; 0 means 1 (bridge timers: 100) */
    const char *unit;         /* "s", "ms", "bytes"; NULL: none */
    const struct name *names; /* of TYPE_ENUM; also special words allowed for TYPE_NUMBER */
    const char
        *fallback; /* what the kernel does when nothing is said, as written in a file; NULL: it varies */
    /* The words of `ip`, `bridge` ... for it: %v the value as text, %r the kernel's number, %b 1 or 0, %o on
     * or off, %x in hexadecimal, %g `group` for a multicast address and `remote` for another; "learning|nolearning" for a flag with two spellings. NULL: some code of its class writes it. */
    const char *ip;
    const char
        *needs; /* kernel option without which the kernel refuses it: "BRIDGE_VLAN_FILTERING"; NULL: none */
    const char *help; /* one or two sentences for manual page and schema */
};

static inline bool value_is_set(const struct value *value)
{
    return value->form != VALUE_UNSET;
}
static inline struct value value_number(int64_t number)
{
    return (struct value){.form = VALUE_NUMBER, .number = number};
}
static inline struct value value_text(const char *text)
{
    return (struct value){.form = VALUE_TEXT, .text = text};
}
bool value_equal(const struct value *a, const struct value *b);

/* Reads one written word (one element, for a list) into canonical form; texts are put into `arena`.
 * TYPE_INTERFACE and TYPE_DEVICE are only checked for their form: resolving names is the reader's work.
 * On a mistake returns -EINVAL (or -ERANGE) and says into *ret_expected, in the arena, what is expected,
 * e.g. "a number from 68 to 65535 (bytes)"; *ret_near is the nearest known word or NULL. */
int option_parse(const struct option *option, const char *written, struct arena *arena,
                 struct value *ret_value, const char **ret_expected, const char **ret_near);

/* A key: its 32 bytes from and to base64. wgkey_parse() returns 0 or -EINVAL; what it left in `key` then
 * means nothing. */
enum { WGKEY_SIZE = 32, WGKEY_TEXT_SIZE = 45 };
int wgkey_parse(const char *text, uint8_t key[WGKEY_SIZE]);
const char *wgkey_format(const uint8_t key[WGKEY_SIZE], char text[WGKEY_TEXT_SIZE]);

/* An endpoint: 0, or -EINVAL. */
int endpoint_parse(const char *text, struct ip *ret_ip, uint16_t *ret_port);

/* Appends the value as a file would write it; a list without its brackets: "a, b". Secret values are not
 * hidden here. */
void option_format(const struct option *option, const struct value *value, struct text *out);

/* Appends what `option->ip` says for the value, or nothing where it is NULL. Words are quoted for the shell.
 */
void option_command(const struct option *option, const struct value *value, struct text *out);

/* The kernel's number for a numeric value (x scale) and back. */
int64_t option_to_kernel(const struct option *option, int64_t number);
int64_t option_from_kernel(const struct option *option, int64_t number);

/* The fallback as a value; unset where the option has none. */
struct value option_fallback(const struct option *option);

/* "a number from 1 to 4094", "one of: 802.1q, 802.1ad": for errors and the manual. */
void option_expects(const struct option *option, struct text *out);
