/* What a rule is about: services, protocols with ports, kinds of ICMP. */
#include <stdlib.h>
#include <string.h>

#include "file/firewall.h"

/* Words that go on behind what a rule is about. */
static const char *const keywords[] = {"from",        "to",  "limit", "burst", "per",
                                       "connections", "log", "as",    NULL};

bool is_keyword(const char *text)
{
    for (const char *const *keyword = keywords; *keyword; keyword++)
        if (strcmp(*keyword, text) == 0)
            return true;
    return false;
}

/* Services */

/* What was found so far. */
struct found {
    struct fw_match list[FW_MATCHES_MAX];
    unsigned n;
};

static bool found_add(struct fw_reader *f, const struct word *word, struct found *found,
                      struct fw_match match)
{
    if (found->n == FW_MATCHES_MAX) {
        word_refuse(f, word, "more than %d services and ports in one rule", FW_MATCHES_MAX);
        return false;
    }
    found->list[found->n++] = match;
    return true;
}

static struct fw_matches found_matches(struct fw_reader *f, const struct found *found)
{
    struct fw_match *list = arena_alloc(f->r->arena, (found->n + 1) * sizeof *list);
    memcpy(list, found->list, found->n * sizeof *list);
    return (struct fw_matches){.list = list, .n = found->n};
}

static bool port_parse(const char *text, size_t length, uint16_t *ret)
{
    char digits[6] = "";
    if (!length || length >= sizeof digits || strspn(text, "0123456789") < length)
        return false;
    memcpy(digits, text, length);
    long port = strtol(digits, NULL, 10);
    *ret = (uint16_t)port;
    return port >= 1 && port <= 65535;
}

bool ports_read(struct fw_reader *f, const struct word *word, const char *text, uint16_t *ret_first,
                uint16_t *ret_last)
{
    uint16_t first = 0, last = 0;
    size_t dash = strcspn(text, "-");
    bool good = port_parse(text, dash, &first);
    if (good && text[dash])
        good = port_parse(text + dash + 1, strlen(text + dash + 1), &last);
    else
        last = first;
    if (good && first <= last) {
        *ret_first = first;
        *ret_last = last;
        return true;
    }
    struct error *error =
        word_refuse(f, word, "`%s` is not a port from 1 to 65535, nor a range of them", text);
    if (good)
        word_hint(f, error, "the lower one comes first: `%u-%u`", last, first);
    else if (strchr(text, ':'))
        word_hint(f, error, "a range has a dash: 5000-5010");
    return false;
}

static const struct fw_icmp *icmp_find(const char *name)
{
    for (const struct fw_icmp *icmp = fw_icmps; icmp->name; icmp++)
        if (strcmp(icmp->name, name) == 0)
            return icmp;
    return NULL;
}

static bool icmp_read(struct fw_reader *f, const struct word *word, const char *name, struct found *found)
{
    const struct fw_icmp *icmp = icmp_find(name);
    if (icmp)
        return found_add(f, word, found, (struct fw_match){.protocol = IPPROTO_ICMP, .icmp = icmp});
    struct error *error = word_refuse(f, word, "unknown kind of ICMP `%s`", name);
    struct nearest nearest = {.word = name};
    for (icmp = fw_icmps; icmp->name; icmp++)
        nearest_offer(&nearest, icmp->name);
    if (nearest.best)
        word_hint(f, error, "did you mean `%s`?", nearest.best);
    else
        word_hint(f, error, "for example echo-request, time-exceeded; plexus.file(5) has all");
    return false;
}

static void offer_services(const struct fw_reader *f, struct nearest *nearest)
{
    for (const struct fw_service *service = f->fw->services; service; service = service->next)
        nearest_offer(nearest, service->name);
    for (const struct fw_known_service *known = fw_known_services; known->name; known++)
        nearest_offer(nearest, known->name);
    for (const struct name *protocol = fw_protocol_names; protocol->name; protocol++)
        nearest_offer(nearest, protocol->name);
}

static bool refuse_service(struct fw_reader *f, const struct word *word)
{
    const char *text = word->text;
    struct error *error = word_refuse(f, word, "there is no service `%s`", text);
    struct range range;
    struct nearest nearest = {.word = text};
    if (may_guess(f->r))
        offer_services(f, &nearest);
    if (icmp_find(text))
        word_hint(f, error, "kinds of ICMP follow the word: `icmp %s`", text);
    else if (range_parse(text, &range) == 0)
        word_hint(f, error, "an address is where it comes from or goes to: `from %s`", text);
    else if (*text >= '0' && *text <= '9')
        word_hint(f, error, "a port needs its protocol: `tcp/%s`", text);
    else if (nearest.best)
        word_hint(f, error, "did you mean `%s`?", nearest.best);
    else
        word_hint(f, error, "say its ports, as `tcp/8000`, or name them: `services: {%s: tcp/8000}`", text);
    return false;
}

/* "tcp/80", "udp/5000-5010", "icmp/echo-request". */
static bool pair_read(struct fw_reader *f, const struct word *word, struct found *found)
{
    int64_t protocol;
    struct fw_match match = {0};
    const char *slash = strchr(word->text, '/');
    const char *name = arena_strndup(f->r->arena, word->text, (size_t)(slash - word->text));
    if (names_parse(fw_protocol_names, name, &protocol) < 0) {
        struct error *error = word_refuse(f, word, "unknown protocol `%s`", name);
        if (names_parse(fw_protocol_names, slash + 1, &protocol) == 0 && *name >= '0' && *name <= '9')
            word_hint(f, error, "the protocol comes first: `%s/%s`", slash + 1, name);
        else
            word_hint(f, error, "for example tcp/80, udp/5000-5010");
        return false;
    }
    if (protocol == IPPROTO_ICMP)
        return icmp_read(f, word, slash + 1, found);
    match.protocol = (uint8_t)protocol;
    if (!fw_protocol_has_ports(match.protocol)) {
        word_refuse(f, word, "%s has no ports", name);
        return false;
    }
    return ports_read(f, word, slash + 1, &match.first, &match.last) && found_add(f, word, found, match);
}

static bool known_read(struct fw_reader *f, const struct word *word, const struct fw_known_service *known,
                       struct found *found)
{
    bool good = true;
    int64_t protocol;
    for (const char *at = known->words; good && *at; at += strspn(at, ",")) {
        size_t length = strcspn(at, ",");
        struct word one = {arena_strndup(f->r->arena, at, length), word->place};
        at += length;
        if (strchr(one.text, '/'))
            good = pair_read(f, &one, found);
        else
            good = names_parse(fw_protocol_names, one.text, &protocol) == 0 &&
                   found_add(f, word, found, (struct fw_match){.protocol = (uint8_t)protocol});
    }
    return good;
}

static bool service_read(struct fw_reader *f, const struct word *word, struct found *found)
{
    int64_t protocol;
    if (strchr(word->text, '/'))
        return pair_read(f, word, found);
    for (const struct fw_service *own = f->fw->services; own; own = own->next)
        if (strcmp(own->name, word->text) == 0) {
            bool good = true;
            for (unsigned i = 0; good && i < own->matches.n; i++)
                good = found_add(f, word, found, own->matches.list[i]);
            return good;
        }
    for (const struct fw_known_service *known = fw_known_services; known->name; known++)
        if (strcmp(known->name, word->text) == 0)
            return known_read(f, word, known, found);
    if (names_parse(fw_protocol_names, word->text, &protocol) == 0)
        return found_add(f, word, found, (struct fw_match){.protocol = (uint8_t)protocol});
    return refuse_service(f, word);
}

/* `icmp` and the kinds behind it. */
static bool icmps_read(struct fw_reader *f, struct phrase *phrase, struct found *found)
{
    const struct word *icmp = phrase_next(phrase), *kind = phrase_peek(phrase);
    if (!kind || is_keyword(kind->text) || !icmp_find(kind->text)) {
        bool other = !kind || is_keyword(kind->text) || strchr(kind->text, '/');
        for (const struct fw_known_service *known = fw_known_services; !other && known->name; known++)
            other = strcmp(known->name, kind->text) == 0;
        if (!other)
            return icmp_read(f, phrase_next(phrase), kind->text, found);
        return found_add(f, icmp, found, (struct fw_match){.protocol = IPPROTO_ICMP});
    }
    bool good = true;
    for (; good && kind && icmp_find(kind->text); kind = phrase_peek(phrase))
        good = icmp_read(f, phrase_next(phrase), kind->text, found);
    return good;
}

bool matches_read(struct fw_reader *f, struct phrase *phrase, struct fw_matches *ret)
{
    struct found found = {.n = 0};
    const struct word *word;
    unsigned begin = phrase->at;
    bool good = true, any = false;
    while ((word = phrase_peek(phrase)) && !is_keyword(word->text)) {
        if (phrase_take(phrase, "any") || phrase_take(phrase, "all") || phrase_take(phrase, "everything")) {
            any = true;
        } else if (strcmp(word->text, "icmp") == 0) {
            good &= icmps_read(f, phrase, &found);
        } else {
            phrase->at++;
            good &= service_read(f, word, &found);
        }
    }
    if (any)
        found.n = 0;
    if (good)
        *ret = found_matches(f, &found);
    ret->is_said = phrase->at > begin;
    return good;
}

/* Names that a file gives */

bool name_is_good(struct fw_reader *f, const struct node *key, const char *what)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    const char *name = key->text;
    struct range range;
    size_t length = strlen(name);
    bool reserved = strcmp(name, "host") == 0 || strcmp(name, "any") == 0 || strcmp(name, "all") == 0 ||
                    strcmp(name, "everything") == 0 || is_keyword(name);
    if (!reserved && length && length <= 32 && strspn(name, letters) == length &&
        strchr(letters, *name) < letters + 52 && range_parse(name, &range) < 0)
        return true;
    struct error *error = errors_add(f->r->errors, &key->place, "a %s cannot be called `%s`", what, name);
    word_hint(f, error,
              reserved ? "the word has a meaning of its own in a rule"
                       : "expected a letter, and up to 31 letters, digits, `-`, `_` or `.`");
    return false;
}

void read_services(struct fw_reader *f, const struct pair *pair)
{
    struct fw_service **last = &f->fw->services;
    if (!want_form(f->r, pair->value, NODE_MAP, "services", "services: {app: tcp/8000-8010}"))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct pair *named = &pair->value->pairs[i];
        struct found found = {.n = 0};
        struct phrase phrase;
        if (!name_is_good(f, named->key, "service"))
            continue;
        for (size_t k = 0; k < node_count(named->value); k++) {
            if (!phrase_split(f, node_item(named->value, k), named->key->text, &phrase))
                continue;
            for (unsigned w = 0; w < phrase.n; w++)
                service_read(f, &phrase.words[w], &found);
        }
        struct fw_service *service = arena_alloc(f->r->arena, sizeof *service);
        *service = (struct fw_service){.name = named->key->text, .place = named->key->place};
        service->matches = found_matches(f, &found);
        *last = service;
        last = &service->next;
    }
}
