#include "model/option.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/ip.h"
#include "model/nexthop.h"
#include "model/vlans.h"

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->form != b->form)
        return false;
    switch (a->form) {
    case VALUE_UNSET:
        return true;
    case VALUE_NUMBER:
        return a->number == b->number;
    case VALUE_TEXT:
        return strcmp(a->text, b->text) == 0;
    }
    return false;
}

/* The words of YAML 1.1 that people write for booleans; YAML 1.2 has only the first pair. */
static const struct name bool_names[] = {
    {"true", 1}, {"false", 0}, {"yes", 1}, {"no", 0}, {"on", 1}, {"off", 0}, {NULL, 0},
};

static int parse_integer(const char *written, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(written, &end, written[0] == '0' && (written[1] | 0x20) == 'x' ? 16 : 10);
    if (errno || end == written || *end || (*written != '-' && (*written < '0' || *written > '9')))
        return -EINVAL;
    *ret_number = number;
    return 0;
}

static int parse_number(const struct option *option, const char *written, struct value *ret_value)
{
    int64_t number;
    if (option->names && names_parse(option->names, written, &number) == 0) {
        *ret_value = value_number(number);
        return 0;
    }
    if (parse_integer(written, &number) < 0)
        return -EINVAL;
    if ((option->min || option->max) && (number < option->min || number > option->max))
        return -ERANGE;
    *ret_value = value_number(number);
    return 0;
}

static int parse_enum(const struct name *names, const char *written, struct value *ret_value,
                      const char **ret_near)
{
    int64_t number;
    if (names_parse(names, written, &number) == 0) {
        *ret_value = value_number(number);
        return 0;
    }
    struct nearest nearest = {.word = written};
    for (const struct name *name = names; name->name; name++)
        nearest_offer(&nearest, name->name);
    *ret_near = nearest.best;
    return -EINVAL;
}

static int parse_ip(const char *written, struct arena *arena, struct value *ret_value)
{
    struct ip ip;
    char buffer[IP_TEXT_SIZE];
    if (ip_parse(written, &ip) < 0)
        return -EINVAL;
    *ret_value = value_text(arena_strdup(arena, ip_format(&ip, buffer)));
    return 0;
}

/* An address keeps its host bits; of a network they are cleared, and a missing length means a single host. */
static int parse_prefix(enum type type, const char *written, struct arena *arena, struct value *ret_value)
{
    struct prefix prefix;
    char buffer[PREFIX_TEXT_SIZE];
    if (type == TYPE_NETWORK && strcmp(written, "default") == 0) {
        *ret_value = value_text("0.0.0.0/0");
        return 0;
    }
    if (prefix_parse(written, &prefix) < 0 || (type == TYPE_ADDRESS && !strchr(written, '/')))
        return -EINVAL;
    if (type == TYPE_NETWORK)
        prefix = prefix_network(&prefix);
    *ret_value = value_text(arena_strdup(arena, prefix_format(&prefix, buffer)));
    return 0;
}

/* Linux gives no interface another one. */
static bool mac_is_of_one(const struct mac *mac)
{
    bool zero = true;
    for (unsigned i = 0; i < sizeof mac->bytes; i++)
        zero &= !mac->bytes[i];
    return !zero && !(mac->bytes[0] & 1);
}

static int parse_mac(const struct option *option, const char *written, struct arena *arena,
                     struct value *ret_value)
{
    struct mac mac;
    char buffer[MAC_TEXT_SIZE];
    if (mac_parse(written, &mac) < 0 || (option->flags & OPTION_ONE && !mac_is_of_one(&mac)))
        return -EINVAL;
    *ret_value = value_text(arena_strdup(arena, mac_format(&mac, buffer)));
    return 0;
}

static int parse_account(enum type type, const char *written, struct value *ret_value)
{
    int64_t number;
    if (parse_integer(written, &number) == 0) {
        if (number < 0 || number > UINT32_MAX - 1)
            return -ERANGE;
        *ret_value = value_number(number);
        return 0;
    }
    const struct passwd *user = type == TYPE_USER ? getpwnam(written) : NULL;
    const struct group *group = type == TYPE_GROUP ? getgrnam(written) : NULL;
    if (!user && !group)
        return -EINVAL;
    *ret_value = value_number(user ? (int64_t)user->pw_uid : (int64_t)group->gr_gid);
    return 0;
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *wgkey_format(const uint8_t key[WGKEY_SIZE], char text[WGKEY_TEXT_SIZE])
{
    char *out = text;
    for (size_t i = 0; i < WGKEY_SIZE; i += 3) {
        bool last = i + 3 > WGKEY_SIZE; /* two bytes are left of 32 */
        uint32_t three = (uint32_t)key[i] << 16 | (uint32_t)key[i + 1] << 8 | (last ? 0U : key[i + 2]);
        *out++ = base64[three >> 18];
        *out++ = base64[three >> 12 & 63];
        *out++ = base64[three >> 6 & 63];
        *out++ = last ? '=' : base64[three & 63];
    }
    *out = '\0';
    return text;
}

int wgkey_parse(const char *text, uint8_t key[WGKEY_SIZE])
{
    uint32_t bits = 0;
    unsigned n_bits = 0, n = 0;
    if (strlen(text) != WGKEY_TEXT_SIZE - 1 || text[WGKEY_TEXT_SIZE - 2] != '=')
        return -EINVAL;
    for (size_t i = 0; i < WGKEY_TEXT_SIZE - 2; i++) {
        const char *at = strchr(base64, text[i]);
        if (!at)
            return -EINVAL;
        bits = bits << 6 | (uint32_t)(at - base64);
        n_bits += 6;
        if (n_bits >= 8)
            key[n++] = (uint8_t)(bits >> (n_bits -= 8));
    }
    return bits & 3 ? -EINVAL : 0; /* 43 digits hold two bits more than 32 bytes */
}

static int parse_key(const char *written, struct arena *arena, struct value *ret_value)
{
    uint8_t key[WGKEY_SIZE];
    int r = wgkey_parse(written, key);
    explicit_bzero(key, sizeof key);
    if (r == 0)
        *ret_value = value_text(arena_strdup(arena, written));
    return r;
}

int endpoint_parse(const char *text, struct ip *ret_ip, uint16_t *ret_port)
{
    char address[IP_TEXT_SIZE] = "";
    bool bracket = *text == '[';
    const char *begin = text + bracket, *colon = strrchr(begin, ':');
    const char *end = colon ? colon - bracket : begin;
    int64_t port;
    if (end <= begin || (bracket && *end != ']') || (size_t)(end - begin) >= sizeof address ||
        colon[1 + strspn(colon + 1, "0123456789")] || parse_integer(colon + 1, &port) < 0 || port < 1 ||
        port > UINT16_MAX)
        return -EINVAL;
    strncat(address, begin, (size_t)(end - begin));
    if (ip_parse(address, ret_ip) < 0 || (ret_ip->family == 6) != bracket)
        return -EINVAL;
    *ret_port = (uint16_t)port;
    return 0;
}

static int parse_endpoint(const char *written, struct arena *arena, struct value *ret_value)
{
    struct ip ip;
    uint16_t port;
    char buffer[IP_TEXT_SIZE];
    if (endpoint_parse(written, &ip, &port) < 0)
        return -EINVAL;
    ip_format(&ip, buffer);
    *ret_value = value_text(ip.family == 4 ? arena_printf(arena, "%s:%u", buffer, port)
                                           : arena_printf(arena, "[%s]:%u", buffer, port));
    return 0;
}

/* The form only: whether it exists is the check's business. 15 characters is IFNAMSIZ less the end. */
static int parse_device(const char *written, struct arena *arena, struct value *ret_value)
{
    size_t length = strlen(written);
    if (length < 1 || length > 15 || strpbrk(written, "/: \t\n"))
        return -EINVAL;
    *ret_value = value_text(arena_strdup(arena, written));
    return 0;
}

static int parse_interface(const char *written, struct arena *arena, struct value *ret_value)
{
    const char *slash = strrchr(written, '/');
    const char *name = slash ? slash + 1 : written;
    size_t length = strlen(name);
    if (length < 1 || length > 15 || slash == written)
        return -EINVAL;
    *ret_value = value_text(arena_strdup(arena, written));
    return 0;
}

static int parse_nexthops(const char *written, struct arena *arena, struct value *ret_value)
{
    struct text list CLEANUP_TEXT = {0};
    struct nexthop hop;
    int r;
    while ((r = nexthop_take(&written, &hop)) > 0)
        nexthop_add(&list, &hop);
    if (r == 0)
        *ret_value = value_text(arena_strdup(arena, text_of(&list)));
    return r;
}

static int parse_one(const struct option *option, const char *written, struct arena *arena,
                     struct value *ret_value, const char **ret_near)
{
    switch (option->type) {
    case TYPE_BOOL:
        return parse_enum(bool_names, written, ret_value, ret_near);
    case TYPE_NUMBER:
        return parse_number(option, written, ret_value);
    case TYPE_ENUM:
        return parse_enum(option->names, written, ret_value, ret_near);
    case TYPE_TEXT:
    case TYPE_RULES:
    case TYPE_LINES:
    case TYPE_ELEMENTS:
        *ret_value = value_text(arena_strdup(arena, written));
        return 0;
    case TYPE_MAC:
        return parse_mac(option, written, arena, ret_value);
    case TYPE_IP:
        return parse_ip(written, arena, ret_value);
    case TYPE_ADDRESS:
    case TYPE_NETWORK:
        return parse_prefix(option->type, written, arena, ret_value);
    case TYPE_INTERFACE:
        return parse_interface(written, arena, ret_value);
    case TYPE_DEVICE:
        return parse_device(written, arena, ret_value);
    case TYPE_USER:
    case TYPE_GROUP:
        return parse_account(option->type, written, ret_value);
    case TYPE_KEY:
        return parse_key(written, arena, ret_value);
    case TYPE_ENDPOINT:
        return parse_endpoint(written, arena, ret_value);
    case TYPE_VLANS:
        return vlans_parse(written, arena, ret_value);
    case TYPE_NEXTHOPS:
        return parse_nexthops(written, arena, ret_value);
    case TYPE_MAX:
        break;
    }
    return -EINVAL;
}

int option_parse(const struct option *option, const char *written, struct arena *arena,
                 struct value *ret_value, const char **ret_expected, const char **ret_near)
{
    struct value value;
    const char *near = NULL;
    int r = parse_one(option, written, arena, &value, &near);
    if (r == 0) {
        *ret_value = value;
        return 0;
    }
    struct text expected CLEANUP_TEXT = {0};
    option_expects(option, &expected);
    if (ret_expected)
        *ret_expected = arena_strdup(arena, text_of(&expected));
    if (ret_near)
        *ret_near = near;
    return r;
}

static void expects_number(const struct option *option, struct text *out)
{
    if (option->min || option->max)
        text_printf(out, "a number from %lld to %lld", (long long)option->min, (long long)option->max);
    else
        text_add(out, "a whole number");
    if (option->unit)
        text_printf(out, " (%s)", option->unit);
}

static void expects_names(const struct name *names, struct text *out)
{
    for (const struct name *name = names; name->name; name++)
        text_printf(out, "%s%s", name == names ? "" : ", ", name->name);
}

static const char *const type_words[TYPE_MAX] = {
    [TYPE_BOOL] = "true or false",
    [TYPE_NUMBER] = NULL,
    [TYPE_ENUM] = NULL,
    [TYPE_TEXT] = "a text",
    [TYPE_MAC] = "a MAC address like 02:00:00:00:00:01",
    [TYPE_IP] = "an IP address like 10.0.0.1 or fd00::1",
    [TYPE_ADDRESS] = "an address with its prefix length, like 10.0.0.1/24 or fd00::1/64",
    [TYPE_NETWORK] = "a network like 10.0.0.0/24 or fd00::/64, or `default`",
    [TYPE_INTERFACE] = "the name of an interface, or namespace/interface",
    [TYPE_DEVICE] = "the name of an interface (1 to 15 characters, no slash, colon or space)",
    [TYPE_USER] = "the name of a user, or a user id",
    [TYPE_GROUP] = "the name of a group, or a group id",
    [TYPE_KEY] = "a key of WireGuard: 32 bytes in base64, which are 44 characters, the last of them `=`",
    [TYPE_ENDPOINT] = "an address (no host name) and a port, like 192.0.2.1:51820 or [2001:db8::1]:51820",
    [TYPE_VLANS] = "VLANs like 10 or 20-30",
    [TYPE_NEXTHOPS] = "a map",
    [TYPE_RULES] = "rules",
    [TYPE_LINES] = "lines",
    [TYPE_ELEMENTS] = "elements",
};

void option_expects(const struct option *option, struct text *out)
{
    if (option->flags & OPTION_LIST)
        text_add(out, "a list, each ");
    if (option->type == TYPE_NUMBER) {
        expects_number(option, out);
        if (option->names)
            text_add(out, ", or one of: ");
    } else if (option->type == TYPE_ENUM) {
        text_add(out, "one of: ");
    } else if (option->type < TYPE_MAX && type_words[option->type]) {
        text_add(out, type_words[option->type]);
        text_add(out, option->flags & OPTION_ONE ? ", neither of a group (01: ...) nor zero" : "");
    }
    if (option->names)
        expects_names(option->names, out);
}

void option_format(const struct option *option, const struct value *value, struct text *out)
{
    if (value->form == VALUE_UNSET)
        return;
    if (value->form == VALUE_TEXT && !(option->flags & OPTION_LIST)) {
        text_add(out, value->text);
        return;
    }
    if (value->form == VALUE_TEXT) {
        for (const char *c = value->text; *c; c++)
            text_add_n(out, *c == ',' ? ", " : c, *c == ',' ? 2 : 1);
        return;
    }
    const char *name = option->type == TYPE_BOOL ? (value->number ? "true" : "false")
                       : option->names           ? names_format(option->names, value->number)
                                                 : NULL;
    if (name)
        text_add(out, name);
    else
        text_printf(out, "%lld", (long long)value->number);
}

/* One placeholder of `option->ip`. */
static void command_word(const struct option *option, const struct value *value, char placeholder,
                         struct text *out)
{
    struct text word CLEANUP_TEXT = {0};
    struct ip ip;
    switch (placeholder) {
    case 'r':
        text_printf(out, "%lld", (long long)option_to_kernel(option, value->number));
        return;
    case 'x':
        text_printf(out, "0x%llx", (unsigned long long)value->number);
        return;
    case 'g':
        text_add(out, ip_parse(value->text, &ip) == 0 && ip_is_multicast(&ip) ? "group" : "remote");
        return;
    case 'b':
        text_add(out, value->number ? "1" : "0");
        return;
    case 'o':
        text_add(out, value->number ? "on" : "off");
        return;
    default:
        if (value->form == VALUE_TEXT)
            text_add(&word, value->text);
        else
            option_format(option, value, &word);
        text_add_quoted(out, text_of(&word));
    }
}

void option_command(const struct option *option, const struct value *value, struct text *out)
{
    const char *spelling = option->ip;
    if (!spelling || value->form == VALUE_UNSET)
        return;
    const char *bar = strchr(spelling, '|');
    const char *end = spelling + strlen(spelling);
    if (bar && value->number)
        end = bar;
    else if (bar)
        spelling = bar + 1;
    for (const char *c = spelling; c < end; c++) {
        if (c[0] == '%' && c + 1 < end)
            command_word(option, value, *++c, out);
        else
            text_add_n(out, c, 1);
    }
}

int64_t option_to_kernel(const struct option *option, int64_t number)
{
    return option->scale ? number * option->scale : number;
}

int64_t option_from_kernel(const struct option *option, int64_t number)
{
    return option->scale ? number / option->scale : number;
}

struct value option_fallback(const struct option *option)
{
    struct value value = {0};
    const char *near;
    if (!option->fallback)
        return value;
    /* Fallbacks of numeric types need no memory; texts are constants of the tables themselves. */
    switch (option->type) {
    case TYPE_BOOL:
    case TYPE_NUMBER:
    case TYPE_ENUM:
    case TYPE_USER:
    case TYPE_GROUP:
        parse_one(option, option->fallback, NULL, &value, &near);
        return value;
    default:
        return value_text(option->fallback);
    }
}
