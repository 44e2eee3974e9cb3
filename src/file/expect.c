/* Expectations: claims in a few words.
 *
 *     FROM reaches TO [icmp | tcp/PORT | udp/PORT]
 *     FROM cannot reach TO [...]
 *
 * FROM is a namespace or `host`. TO is a namespace, an interface (in the host by its name, elsewhere
 * `ns/name`), or an address. The name of a counted namespace stands for each of its instances. */
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "file/reader.h"

enum { CLAIM_WORDS_MAX = 6, EXPECTATIONS_MAX = 10000 };

struct claim {
    const struct node *node;
    const char *words[CLAIM_WORDS_MAX];
    size_t offsets[CLAIM_WORDS_MAX + 1]; /* of the words, and of the end of the text */
    unsigned n;
};

static struct error *refuse_word(struct reader *r, const struct claim *claim, unsigned word,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static struct error *refuse_word(struct reader *r, const struct claim *claim, unsigned word,
                                 const char *format, ...)
{
    struct place place = node_place_at(claim->node, claim->offsets[word < claim->n ? word : claim->n]);
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(r->arena, format, args);
    va_end(args);
    return errors_add(r->errors, &place, "%s", message);
}

static void split(struct reader *r, const struct node *node, struct claim *claim)
{
    *claim = (struct claim){.node = node};
    const char *text = node->text, *at = text;
    while (claim->n < CLAIM_WORDS_MAX && *(at += strspn(at, " \t\n"))) {
        size_t length = strcspn(at, " \t\n");
        claim->offsets[claim->n] = (size_t)(at - text);
        claim->words[claim->n++] = arena_strndup(r->arena, at, length);
        at += length;
    }
    claim->offsets[claim->n] = (size_t)(at - text);
}

static const char *fold(struct reader *r, const struct claim *claim)
{
    struct text text CLEANUP_TEXT = {0};
    for (unsigned i = 0; i < claim->n; i++)
        text_printf(&text, "%s%s", i ? " " : "", claim->words[i]);
    return arena_strdup(r->arena, text_of(&text));
}

static void refuse_shape(struct reader *r, const struct claim *claim, unsigned word, const char *expected)
{
    struct error *error =
        word < claim->n ? refuse_word(r, claim, word, "expected %s, not `%s`", expected, claim->words[word])
                        : refuse_word(r, claim, word, "expected %s here", expected);
    error_hint(r->errors, error, "for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`");
}

/* "reaches" or "cannot reach"; *ret_to is the number of the word after it. */
static bool read_verb(struct reader *r, const struct claim *claim, bool *ret_reachable, unsigned *ret_to)
{
    if (claim->n > 1 && strcmp(claim->words[1], "reaches") == 0) {
        *ret_reachable = true;
        *ret_to = 2;
        return true;
    }
    if (claim->n > 1 && strcmp(claim->words[1], "cannot") == 0) {
        if (claim->n < 3 || strcmp(claim->words[2], "reach") != 0) {
            refuse_shape(r, claim, 2, "`reach`");
            return false;
        }
        *ret_reachable = false;
        *ret_to = 3;
        return true;
    }
    refuse_shape(r, claim, 1, "`reaches` or `cannot reach`");
    return false;
}

static bool read_probe(struct reader *r, const struct claim *claim, unsigned word, struct expectation *ret)
{
    ret->probe = PROBE_ICMP;
    if (word == claim->n || strcmp(claim->words[word], "icmp") == 0)
        return true;
    const char *slash = strchr(claim->words[word], '/');
    int64_t probe;
    const char *name = arena_strndup(r->arena, claim->words[word], strcspn(claim->words[word], "/"));
    if (names_parse(probe_names, name, &probe) < 0 || !slash || probe == PROBE_ICMP) {
        refuse_shape(r, claim, word, "icmp, tcp/PORT or udp/PORT");
        return false;
    }
    char *end;
    long port = strtol(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end || port < 1 || port > 65535) {
        refuse_shape(r, claim, word, "a port from 1 to 65535");
        return false;
    }
    ret->probe = (enum probe)probe;
    ret->port = (int)port;
    return true;
}

/* The place in which a word of a claim names an interface, "red" of "red/eth0"; NULL: it may be a namespace.
 */
static const char *word_scope(struct reader *r, const char *word)
{
    const char *slash = strchr(word, '/');
    return slash ? arena_strndup(r->arena, word, (size_t)(slash - word)) : NULL;
}

static bool is_unread(struct reader *r, const char *word, bool interfaces)
{
    const char *ns = word_scope(r, word);
    return scope_is_unread(r, ns ? ns : word) || (interfaces && !ns && r->host.unread);
}

static void offer_interfaces(const struct reader *r, const struct scope *scope, struct nearest *nearest)
{
    for (const struct entry *entry = scope->first; entry; entry = entry->next)
        nearest_offer(nearest, scope == &r->host ? entry->name : entry->ref);
}

/* What was meant: the nearest name, or a form that looks like another. */
static void hint_name(struct reader *r, const char *word, const char *nearest, struct error *error)
{
    struct prefix prefix;
    char buffer[IP_TEXT_SIZE];
    const char *colon = strrchr(word, ':');
    if (prefix_parse(word, &prefix) == 0)
        error_hint(r->errors, error, "an address is without a prefix length: `%s`",
                   ip_format(&prefix.ip, buffer));
    else if (colon && colon[1] && colon[1 + strspn(colon + 1, "0123456789")] == '\0')
        error_hint(r->errors, error, "a port is a word of its own: `%.*s tcp/%s`", (int)(colon - word), word,
                   colon + 1);
    else if (nearest)
        error_hint(r->errors, error, "did you mean `%s`?", nearest);
    else if (strchr(word, '.'))
        error_hint(r->errors, error, "names of the DNS are not looked up: say its address");
    else
        error_hint(r->errors, error, "the names are those of this file; the host is called `%s`", HOST);
}

static void refuse_name(struct reader *r, const struct claim *claim, unsigned word, bool interfaces)
{
    const char *ns = word_scope(r, claim->words[word]);
    const struct scope *scope = ns ? scope_find(r, ns) : &r->host;
    if (is_unread(r, claim->words[word], interfaces))
        return;
    struct error *error = refuse_word(r, claim, word,
                                      interfaces ? "there is no namespace, interface or address `%s`"
                                                 : "there is no namespace `%s`",
                                      claim->words[word]);
    struct nearest nearest = {.word = claim->words[word]};
    if (!may_guess(r))
        return;
    if (!interfaces && entry_find(r, HOST, claim->words[word])) {
        error_hint(r->errors, error, "packets are sent from a namespace: say `%s`", HOST);
        return;
    }
    if (!ns)
        scopes_offer(r, &nearest);
    for (struct map_entry *e = NULL; !ns && (e = map_next(&r->groups, e));)
        nearest_offer(&nearest, e->key);
    if (interfaces && scope)
        offer_interfaces(r, scope, &nearest);
    hint_name(r, claim->words[word], nearest.best, error);
}

/* The canonical destination of a word that names no counted namespace; NULL: there is none. */
static const char *read_to(struct reader *r, const char *word)
{
    struct ip ip;
    char buffer[IP_TEXT_SIZE];
    if (ip_parse(word, &ip) == 0)
        return arena_strdup(r->arena, ip_format(&ip, buffer));
    if (scope_find(r, word))
        return word;
    if (map_has(&r->entries, word))
        return word;
    const struct entry *entry = entry_find(r, HOST, word);
    return entry ? entry->ref : NULL;
}

static void put_claim(struct reader *r, const struct claim *claim, struct expectation claimed,
                      const char *from, const char *to)
{
    if (r->n_expectations++ >= EXPECTATIONS_MAX) {
        if (r->n_expectations == EXPECTATIONS_MAX + 1)
            errors_add(r->errors, &claim->node->place, "more than %d expectations", EXPECTATIONS_MAX);
        return;
    }
    struct expectation *expectation = arena_alloc(r->arena, sizeof *expectation);
    *expectation = claimed;
    expectation->from = from;
    expectation->to = to;
    *r->last_expectation = expectation;
    r->last_expectation = &expectation->next;
}

/* Instance i of a counted namespace, or the name itself. */
static const char *instance(struct reader *r, const struct group *group, const char *name, unsigned i)
{
    return group ? arena_printf(r->arena, "%s-%u", name, i + 1) : name;
}

static void put_claims(struct reader *r, const struct claim *claim, const struct expectation *claimed,
                       const char *from, const char *to)
{
    const struct group *many_from = map_get(&r->groups, from), *many_to = map_get(&r->groups, to);
    for (unsigned i = 0; i < (many_from ? many_from->count : 1); i++)
        for (unsigned j = 0; j < (many_to ? many_to->count : 1) && r->n_expectations <= EXPECTATIONS_MAX; j++)
            put_claim(r, claim, *claimed, instance(r, many_from, from, i), instance(r, many_to, to, j));
}

static void read_claim(struct reader *r, const struct node *node)
{
    struct claim claim;
    struct expectation claimed = {.place = node->place};
    unsigned to;
    split(r, node, &claim);
    if (!read_verb(r, &claim, &claimed.reachable, &to))
        return;
    claimed.text = fold(r, &claim);
    size_t before = r->errors->n_errors;
    if (!scope_find(r, claim.words[0]) && !map_has(&r->groups, claim.words[0]))
        refuse_name(r, &claim, 0, false);
    if (to >= claim.n) {
        refuse_shape(r, &claim, to, "a namespace, an interface or an address");
        return;
    }
    const char *target = map_has(&r->groups, claim.words[to]) ? claim.words[to] : read_to(r, claim.words[to]);
    if (!target)
        refuse_name(r, &claim, to, true);
    if (read_probe(r, &claim, to + 1, &claimed) && claim.n > to + 2)
        refuse_word(r, &claim, to + 2, "`%s` is one word too many", claim.words[to + 2]);
    if (r->errors->n_errors == before && target)
        put_claims(r, &claim, &claimed, claim.words[0], target);
}

void read_expect(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    (void)scope, (void)entry;
    if (node_is_map(pair->value)) {
        want_form(r, pair->value, NODE_LIST, "expect", "expect: [red reaches blue]");
        return;
    }
    for (size_t i = 0; i < node_count(pair->value); i++) {
        const struct node *item = node_item(pair->value, i);
        if (node_is_scalar(item) && !node_is_null(item)) {
            read_claim(r, item);
            continue;
        }
        struct error *error = errors_add(r->errors, &item->place, "each of `expect` is a few words, not %s",
                                         node_form_text(item));
        error_hint(r->errors, error, "for example: `red reaches blue tcp/80` or `red cannot reach 10.0.0.1`");
    }
}
