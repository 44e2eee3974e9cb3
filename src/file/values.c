/* Forms and values: what the tables of options say about a word, told as mistakes at its place. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/ip.h"
#include "file/reader.h"

bool want_form(struct reader *r, const struct node *node, enum node_form form, const char *what,
               const char *example)
{
    if (node->form == form)
        return true;
    struct error *error = errors_add(r->errors, &node->place, "`%s` must be %s, not %s", what,
                                     form == NODE_MAP ? "a map" : "a list", node_form_text(node));
    if (example)
        error_hint(r->errors, error, "for example: `%s`", example);
    return false;
}

static void refuse_nothing(struct reader *r, const struct place *place, const char *key)
{
    struct error *error = errors_add(r->errors, place, "`%s` has no value", key);
    error_hint(r->errors, error, "write one behind the colon, or leave `%s` away", key);
}

bool want_word(struct reader *r, const struct node *node, const char *key)
{
    if (node_is_scalar(node) && !node_is_null(node))
        return true;
    if (node_is_null(node))
        refuse_nothing(r, &node->place, key);
    else
        errors_add(r->errors, &node->place, "`%s` takes a single value here, not %s", key,
                   node_form_text(node));
    return false;
}

/* "eno1 eno2" or "eno1, eno2" as the list that was meant; NULL: it is one word. */
static const char *as_list(struct reader *r, const char *text)
{
    static const char separators[] = ", \t\n";
    struct text list CLEANUP_TEXT = {0};
    unsigned n = 0;
    for (const char *at = text; *(at += strspn(at, separators)); at += strcspn(at, separators))
        text_printf(&list, "%s%.*s", n++ ? ", " : "", (int)strcspn(at, separators), at);
    return n > 1 ? arena_printf(r->arena, "[%s]", text_of(&list)) : NULL;
}

bool want_one(struct reader *r, const struct node *word, const char *key)
{
    const char *list = as_list(r, word->text);
    if (!list)
        return true;
    struct error *error =
        errors_add(r->errors, &word->place, "`%s`: `%s` is more than one word", key, word->text);
    error_hint(r->errors, error, "several are a list: `%s: %s`", key, list);
    return false;
}

/* A secret is not repeated in a message, nor is its line. */
static struct place value_place(const struct option *option, const struct node *node)
{
    struct place place = node->place;
    if (option->flags & OPTION_SECRET)
        place.line_text = NULL;
    return place;
}

/* No user or group has the name. */
static void refuse_account(struct reader *r, const struct option *option, const struct node *word)
{
    struct error *error = errors_add(r->errors, &word->place, "`%s`: there is no %s `%s`", option->key,
                                     option->type == TYPE_USER ? "user" : "group", word->text);
    error_hint(r->errors, error, "a number works too: `%s: 1000`", option->key);
}

/* A network is kept without host bits; who wrote some may have meant something else. */
static void warn_host_bits(struct reader *r, const struct option *option, const struct node *word)
{
    struct prefix prefix;
    char buffer[PREFIX_TEXT_SIZE], ip[IP_TEXT_SIZE];
    if (option->type != TYPE_NETWORK || prefix_parse(word->text, &prefix) < 0)
        return;
    struct prefix network = prefix_network(&prefix);
    if (ip_equal(&network.ip, &prefix.ip))
        return;
    struct error *error =
        errors_warn(r->errors, &word->place, "`%s`: %s is not a network, and is taken for %s", option->key,
                    word->text, prefix_format(&network, buffer));
    error_hint(r->errors, error, "the one address is `%s`", ip_format(&prefix.ip, ip));
}

static struct error *refuse_value(struct reader *r, const struct option *option, const struct node *word,
                                  const char *expected)
{
    struct place place = value_place(option, word);
    if (option->flags & OPTION_SECRET)
        return errors_add(r->errors, &place, "`%s` is not valid: expected %s", option->key, expected);
    return errors_add(r->errors, &place, "`%s` cannot be `%s`: expected %s", option->key, word->text,
                      expected);
}

static bool want_value(struct reader *r, const struct option *option, const struct node *node)
{
    struct place place = value_place(option, node);
    if (node_is_scalar(node) && !node_is_null(node))
        return true;
    if (node_is_null(node))
        refuse_nothing(r, &place, option->key);
    else
        errors_add(r->errors, &place, "`%s` takes a single value, not %s", option->key, node_form_text(node));
    return false;
}

static bool word_read(struct reader *r, const struct option *option, const struct node *word,
                      struct value *ret_value)
{
    const char *expected = "another value", *near = NULL;
    if (!want_value(r, option, word))
        return false;
    struct option single = *option; /* so that "expected" speaks of the one word, not of the list */
    single.flags &= ~(unsigned)OPTION_LIST;
    int parsed = option_parse(&single, word->text, r->arena, ret_value, &expected, &near);
    if (parsed == 0) {
        warn_host_bits(r, option, word);
        return true;
    }
    if (parsed == -EINVAL && (option->type == TYPE_USER || option->type == TYPE_GROUP)) {
        refuse_account(r, option, word);
        return false;
    }
    struct error *error = refuse_value(r, option, word, expected);
    const char *list = option->flags & OPTION_LIST ? as_list(r, word->text) : NULL;
    if (near)
        error_hint(r->errors, error, "did you mean `%s`?", near);
    else if (list)
        error_hint(r->errors, error, "several are a list: `%s: %s`", option->key, list);
    return false;
}

static bool list_read(struct reader *r, const struct option *option, const struct node *node,
                      struct value *ret_value)
{
    struct text joined CLEANUP_TEXT = {0};
    struct option single = *option;
    single.flags &= ~(unsigned)OPTION_LIST;
    bool good = true;
    for (size_t i = 0; i < node_count(node); i++) {
        struct value value;
        if (!word_read(r, option, node_item(node, i), &value)) {
            good = false;
            continue;
        }
        if (i)
            text_add(&joined, ",");
        option_format(&single, &value, &joined);
    }
    if (good)
        *ret_value = value_text(arena_strdup(r->arena, text_of(&joined)));
    return good;
}

bool value_read(struct reader *r, const struct option *option, const struct node *node,
                struct value *ret_value)
{
    bool many = option->flags & OPTION_LIST && !node_is_null(node);
    if (many && node_is_map(node))
        errors_add(r->errors, &node->place, "`%s` takes a list, not a map", option->key);
    else
        return many ? list_read(r, option, node, ret_value) : word_read(r, option, node, ret_value);
    return false;
}

const struct option *option_find(const struct option *options, unsigned n, const char *key)
{
    for (unsigned i = 0; i < n; i++)
        if (!(options[i].flags & OPTION_INTERNAL) && strcmp(options[i].key, key) == 0)
            return &options[i];
    return NULL;
}

const struct option *class_option(enum class_id class, const char *key)
{
    for (unsigned i = 0; i < classes[class]->n_options; i++)
        if (strcmp(classes[class]->options[i].key, key) == 0)
            return &classes[class]->options[i];
    return NULL;
}

struct error *refuse_twice(struct reader *r, const struct place *place, const struct place *first,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *what = arena_vprintf(r->arena, format, args);
    va_end(args);
    struct error *error = errors_add(r->errors, place, "%s", what);
    if (first->line)
        error_hint(r->errors, error, "first given at %s:%d:%d", first->file, first->line, first->column);
    return error;
}

enum { GUESSES_MAX = 100 };

bool may_guess(struct reader *r)
{
    return r->n_guesses++ < GUESSES_MAX;
}

void known_add(struct known_keys *known, const char *word)
{
    for (unsigned i = 0; i < known->n; i++)
        if (strcmp(known->list[i], word) == 0)
            return;
    if (known->n < sizeof known->list / sizeof *known->list)
        known->list[known->n++] = word;
}

enum { WORDS_SHORT = 14 }; /* so many are shown; of more, only the nearest */

/* What iproute2, netplan, systemd-networkd, ifupdown and /sys call the same. */
static const struct alias {
    const char *theirs, *ours[3]; /* the first that is known in the place */
} aliases[] = {
    {"activation-mode", {"up"}},
    {"address", {"addresses", "mac"}},
    {"addrs", {"addresses"}},
    {"ageing", {"ageing-time"}},
    {"bonds", {"interfaces"}},
    {"bridge-ports", {"ports"}},
    {"bridges", {"interfaces"}},
    {"cost", {"path-cost"}},
    {"device", {"dev"}},
    {"dst", {"to"}},
    {"dstport", {"port"}},
    {"dummy-devices", {"interfaces"}},
    {"ethernets", {"interfaces"}},
    {"fwmark", {"mark"}},
    {"gateway", {"via"}},
    {"gateway4", {"gateway"}},
    {"gateway6", {"gateway"}},
    {"gw", {"via", "gateway"}},
    {"hwaddr", {"mac"}},
    {"hwaddress", {"mac"}},
    {"interface", {"dev", "interfaces"}},
    {"interfaces", {"ports"}},
    {"ip", {"addresses", "address"}},
    {"ip-forward", {"forwarding"}},
    {"ip6", {"addresses"}},
    {"ipv4", {"addresses"}},
    {"kind", {"type"}},
    {"link", {"parent"}},
    {"lladdr", {"mac"}},
    {"mac-address", {"mac"}},
    {"macaddress", {"mac"}},
    {"members", {"ports"}},
    {"mtubytes", {"mtu"}},
    {"nameserver", {"dns", "servers"}},
    {"nameservers", {"dns", "servers"}},
    {"namespace", {"namespaces"}},
    {"neighbors", {"neighbours"}},
    {"netns", {"namespaces"}},
    {"on-link", {"onlink"}},
    {"parameters", {"type"}},
    {"peer-name", {"peer"}},
    {"prio", {"priority", "port-priority"}},
    {"priority", {"metric", "port-priority"}},
    {"pvid", {"native"}},
    {"route", {"routes"}},
    {"routing-policy", {"rules"}},
    {"rule", {"rules"}},
    {"slaves", {"ports"}},
    {"src", {"from"}},
    {"stp-state", {"stp"}},
    {"sysctl", {"sysctls"}},
    {"tagged", {"trunk"}},
    {"tunnels", {"interfaces"}},
    {"txqlen", {"qlen"}},
    {"txqueuelen", {"qlen"}},
    {"untagged", {"native"}},
    {"user", {"owner"}},
    {"vlan-filtering", {"vlan-aware"}},
    {"vlan-id", {"id"}},
    {"vlanid", {"id"}},
    {"vlans", {"trunk", "interfaces"}},
    {"vrfs", {"interfaces"}},
    {"wifis", {"interfaces"}},
};

/* The word as the list has it; NULL: it is not there. */
static const char *known_find(const struct known_keys *known, const char *word)
{
    for (unsigned i = 0; i < known->n; i++)
        if (strcmp(known->list[i], word) == 0)
            return known->list[i];
    return NULL;
}

/* What the word of another tool is called here. `elsewhere`: a section of a namespace, and not known in this
 * place. */
static const char *known_as(const struct known_keys *known, const char *word, bool *ret_elsewhere)
{
    char plain[32] = "";
    for (size_t i = 0; i < sizeof plain - 1 && word[i]; i++)
        plain[i] = word[i] == '_' ? '-' : (char)tolower((unsigned char)word[i]);
    *ret_elsewhere = false;
    if (known_find(known, plain))
        return known_find(known, plain);
    const struct alias *alias = aliases, *end = aliases + sizeof aliases / sizeof *aliases;
    while (alias < end && strcmp(alias->theirs, plain) != 0)
        alias++;
    if (alias == end)
        return NULL;
    for (unsigned i = 0; i < 3 && alias->ours[i]; i++)
        if (known_find(known, alias->ours[i]))
            return alias->ours[i];
    *ret_elsewhere = key_find(alias->ours[0], AT_NAMESPACE);
    return *ret_elsewhere ? alias->ours[0] : NULL;
}

/* A key or an option that every interface has. */
bool is_of_interfaces(const char *key)
{
    const struct class *class = classes[CLASS_INTERFACE];
    return key_find(key, AT_INTERFACE) || option_find(class->options, class->n_options, key);
}

void refuse_key(struct reader *r, const struct node *key, const char *where, const struct known_keys *known)
{
    struct error *error = errors_add(r->errors, &key->place, "unknown key `%s` %s", key->text, where);
    struct nearest nearest = {.word = key->text};
    for (unsigned i = 0; i < known->n; i++)
        nearest_offer(&nearest, known->list[i]);
    bool elsewhere;
    const char *alias = known_as(known, key->text, &elsewhere), *colon = strchr(key->text, ':');
    if (colon && known_find(known, arena_strndup(r->arena, key->text, (size_t)(colon - key->text)))) {
        error_hint(r->errors, error, "a space is missing behind the colon: `%.*s: %s`",
                   (int)(colon - key->text), key->text, colon + 1);
    } else if (strncmp(key->text, "dhcp", strlen("dhcp")) == 0) {
        error_hint(r->errors, error,
                   "Plexus asks no DHCP server: say `addresses`, or leave the interface to what does");
    } else if (elsewhere) {
        error_hint(r->errors, error, "that is `%s`, a section beside `interfaces`", alias);
    } else if (known_find(known, "interfaces") && is_of_interfaces(key->text)) {
        error_hint(r->errors, error, "that is said of an interface: `interfaces: {eth0: {%s: ...}}`",
                   key->text);
    } else if (alias || nearest.best) {
        error_hint(r->errors, error, "did you mean `%s`?", alias ? alias : nearest.best);
    } else if (known->n <= WORDS_SHORT) {
        struct text all CLEANUP_TEXT = {0};
        for (unsigned i = 0; i < known->n; i++)
            text_join(&all, known->list[i]);
        error_hint(r->errors, error, "known here: %s", text_of(&all));
    } else {
        error_hint(r->errors, error, "plexus.file(5) has all keys");
    }
}
