/* Rules and policies.
 *
 *     VERB [WHAT...] [from X] [to Y] [limit N/UNIT [burst N] [per source]] [connections N] [log]
 *
 * A rule that is a map has the same words under keys, and a name and a comment. */
#include <string.h>

#include "file/firewall.h"

enum { COMMENT_MAX = 127, NAME_MAX_LENGTH = 40 };

/* `limit` is that of ufw: allow, but each source only so often. */
static const struct {
    const char *word;
    enum fw_verdict verdict;
    bool limits;
} verbs[] = {
    {"allow", FW_ACCEPT, false}, {"accept", FW_ACCEPT, false}, {"deny", FW_DROP, false},
    {"drop", FW_DROP, false},    {"block", FW_DROP, false},    {"reject", FW_REJECT, false},
    {"limit", FW_ACCEPT, true},
};
enum { VERBS = sizeof verbs / sizeof *verbs };
static const struct fw_limit limit_of_verb = {.rate = 12, .per = "minute", .burst = 6, .by_source = true};

static int verb_find(const char *word)
{
    for (int i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].word, word) == 0)
            return i;
    return -1;
}

static bool verb_read(struct fw_reader *f, const struct word *word, struct fw_rule *rule)
{
    int verb = verb_find(word->text);
    if (verb >= 0) {
        rule->verdict = verbs[verb].verdict;
        if (verbs[verb].limits)
            rule->limit = limit_of_verb;
        return true;
    }
    struct error *error = word_refuse(f, word, "`%s` is not what a rule can do", word->text);
    struct nearest nearest = {.word = word->text};
    for (int i = 0; i < VERBS; i++)
        nearest_offer(&nearest, verbs[i].word);
    if (nearest.best)
        word_hint(f, error, "did you mean `%s`?", nearest.best);
    else
        word_hint(f, error, "a rule begins with allow, deny, reject or limit: `allow ssh from wan`");
    return false;
}

/* "6/minute"; *word is what was written. */
static bool limit_read(struct fw_reader *f, const struct word *word, struct fw_limit *ret)
{
    static const char *const units[] = {"second", "minute", "hour", "day"};
    static const char *const shorts[] = {"s", "min", "h", "d"};
    const char *slash = strchr(word->text, '/'), *per = NULL;
    for (unsigned i = 0; slash && i < sizeof units / sizeof *units; i++)
        if (strcmp(slash + 1, units[i]) == 0 || strcmp(slash + 1, shorts[i]) == 0)
            per = units[i];
    if (!per) {
        struct error *error = word_refuse(f, word, "`%s` is not a rate", word->text);
        word_hint(f, error, "expected a number and second, minute, hour or day: 6/minute");
        return false;
    }
    struct word number = {arena_strndup(f->r->arena, word->text, (size_t)(slash - word->text)), word->place};
    ret->per = per;
    return word_number(f, &number, 1, 1000000, "`limit`", &ret->rate);
}

/* The word behind a keyword; told where there is none. */
static const struct word *operand(struct fw_reader *f, struct phrase *phrase, const char *expected)
{
    if (!phrase_peek(phrase))
        phrase_refuse(f, phrase, expected);
    return phrase_next(phrase);
}

static bool side_take(struct fw_reader *f, struct phrase *phrase, struct fw_side *side)
{
    if (side->is_said) {
        phrase->at--;
        phrase_refuse(f, phrase, "each of `from` and `to` once");
        return false;
    }
    const struct word *word = operand(f, phrase, "a zone, an address, @SET, host or any");
    return word && side_read(f, word, side);
}

static bool limit_take(struct fw_reader *f, struct phrase *phrase, struct fw_limit *limit)
{
    const struct word *word = operand(f, phrase, "a rate such as 6/minute");
    *limit = (struct fw_limit){.burst = FW_BURST};
    if (!word || !limit_read(f, word, limit))
        return false;
    if (phrase_take(phrase, "burst")) {
        word = operand(f, phrase, "a number of packets");
        if (!word || !word_number(f, word, 1, 100000, "`burst`", &limit->burst))
            return false;
    }
    if (!phrase_take(phrase, "per"))
        return true;
    limit->by_source = phrase_take(phrase, "source");
    if (!limit->by_source)
        phrase_refuse(f, phrase, "`source`");
    return limit->by_source;
}

/* What follows the services. */
static bool clause_read(struct fw_reader *f, struct phrase *phrase, struct fw_rule *rule)
{
    if (phrase_take(phrase, "from"))
        return side_take(f, phrase, &rule->from);
    if (phrase_take(phrase, "to"))
        return side_take(f, phrase, &rule->to);
    if (phrase_take(phrase, "limit"))
        return limit_take(f, phrase, &rule->limit);
    if (phrase_take(phrase, "log"))
        return rule->log = true;
    if (phrase_take(phrase, "connections")) {
        const struct word *word = operand(f, phrase, "a number of connections");
        return word && word_number(f, word, 1, 1000000, "`connections`", &rule->connections);
    }
    phrase_refuse(f, phrase, "from, to, limit, connections or log");
    return false;
}

static bool clauses_read(struct fw_reader *f, struct phrase *phrase, struct fw_rule *rule)
{
    while (phrase_peek(phrase))
        if (!clause_read(f, phrase, rule))
            return false;
    return true;
}

static const char *verdict_words(enum fw_verdict verdict)
{
    return verdict == FW_DROP ? "deny" : "reject";
}

/* What cannot be meant, though each word is right. */
static bool rule_makes_sense(struct fw_reader *f, const struct fw_rule *rule)
{
    struct error *error = NULL;
    if (!rule->matches.is_said && !rule->from.is_said && !rule->to.is_said) {
        error = errors_add(f->r->errors, &rule->place, "`%s`: of what?", rule->words);
        word_hint(f, error, "everything is called `any`: `%s any`",
                  rule->verdict == FW_ACCEPT ? "allow" : verdict_words(rule->verdict));
    } else if (rule->from.form == FW_HOST && rule->to.form == FW_HOST) {
        error = errors_add(f->r->errors, &rule->place, "from the host to itself: that is always allowed");
        word_hint(f, error, "what goes over `lo` is not asked about");
    } else if (rule->verdict != FW_ACCEPT && (rule->limit.rate || rule->connections)) {
        error = errors_add(f->r->errors, &rule->place, "`%s` has no `%s`", verdict_words(rule->verdict),
                           rule->limit.rate ? "limit" : "connections");
        word_hint(f, error,
                  "it says how much is let through, and belongs to `allow`: what is beyond is dropped");
    }
    return !error;
}

/* The comment of the kernel's rule ends before a character that does not fit. */
static const char *comment_cut(struct fw_reader *f, const char *text)
{
    size_t length = strlen(text);
    if (length <= COMMENT_MAX)
        return text;
    for (length = COMMENT_MAX - 3; ((unsigned char)text[length] & 0xc0) == 0x80;)
        length--;
    return arena_printf(f->r->arena, "%.*s...", (int)length, text);
}

static bool rule_read_text(struct fw_reader *f, const struct node *node, struct fw_rule *rule)
{
    struct phrase phrase;
    if (!phrase_split(f, node, "rules", &phrase))
        return false;
    const struct word *verb = phrase_next(&phrase);
    rule->words = phrase.folded;
    if (!verb) {
        phrase_refuse(f, &phrase, "allow, deny, reject or limit");
        return false;
    }
    bool good = verb_read(f, verb, rule);
    good &= matches_read(f, &phrase, &rule->matches);
    return clauses_read(f, &phrase, rule) && good;
}

/* Maps */

const struct firewall_key firewall_rule_keys[] = {
    {"allow", FIREWALL_WORDS, "ssh",
     "What is let through: services, `tcp/80`, `icmp echo-request`; `any` is everything.", NULL},
    {"deny", FIREWALL_WORDS, "any", "What is dropped without a word.", NULL},
    {"reject", FIREWALL_WORDS, "smtp", "What is refused, so that the sender knows at once.", NULL},
    {"limit", FIREWALL_WORDS, "6/minute",
     "Beside `allow`: how often new connections are let through, as `6/minute`, `10/second burst 20` or "
     "`6/minute per source`; what is beyond is dropped. As a verb: services, of each source 12 a minute.",
     NULL},
    {"from", FIREWALL_WORD, "wan", "Where it comes from: a zone, an address or network, @SET, host or any.",
     NULL},
    {"to", FIREWALL_WORD, "guests", "Where it goes; without it, to this namespace itself.", NULL},
    {"connections", FIREWALL_NUMBER, "20", "How many connections each source may have at once.", NULL},
    {"log", FIREWALL_BOOL, "true", "Whether each is logged, under the rule's name.", NULL},
    {"name", FIREWALL_WORD, "app", "The name of the rule: the prefix in the log.", NULL},
    {"comment", FIREWALL_WORD, "the app",
     "A remark, which the rule in the kernel bears. Without one it bears the rule's own words.", NULL},
    {0},
};

static const struct firewall_key *rule_key(const char *key)
{
    for (const struct firewall_key *row = firewall_rule_keys; row->key; row++)
        if (strcmp(row->key, key) == 0)
            return row;
    return NULL;
}

/* All words of a list, as one phrase. */
static bool phrase_join(struct fw_reader *f, const struct pair *pair, struct phrase *ret)
{
    struct text folded CLEANUP_TEXT = {0};
    ret->n = ret->at = 0;
    ret->end = pair->value->place;
    for (size_t i = 0; i < node_count(pair->value); i++) {
        struct phrase one;
        if (!phrase_split(f, node_item(pair->value, i), pair->key->text, &one))
            return false;
        for (unsigned w = 0; w < one.n && ret->n < PHRASE_WORDS_MAX; w++)
            ret->words[ret->n++] = one.words[w];
        text_printf(&folded, "%s%s", i ? ", " : "", one.folded);
        ret->end = one.end;
    }
    ret->folded = arena_strdup(f->r->arena, text_of(&folded));
    return true;
}

static bool text_read(struct fw_reader *f, const struct pair *pair, const char **ret)
{
    if (!want_word(f->r, pair->value, pair->key->text))
        return false;
    *ret = pair->value->text;
    return true;
}

static bool log_read(struct fw_reader *f, const struct pair *pair, bool *ret)
{
    struct option option = {.key = pair->key->text, .type = TYPE_BOOL};
    struct value value;
    if (!value_read(f->r, &option, pair->value, &value))
        return false;
    *ret = value.number;
    return true;
}

static bool field_read(struct fw_reader *f, const struct pair *pair, const char *verb, struct fw_rule *rule,
                       struct text *words)
{
    const char *key = pair->key->text;
    struct phrase phrase;
    if (strcmp(key, "log") == 0)
        return log_read(f, pair, &rule->log);
    if (strcmp(key, "name") == 0)
        return text_read(f, pair, &rule->name);
    if (strcmp(key, "comment") == 0)
        return text_read(f, pair, &rule->comment);
    if (!phrase_join(f, pair, &phrase))
        return false;
    text_printf(words, " %s %s", key, phrase.folded);
    if (strcmp(key, verb) == 0)
        return matches_read(f, &phrase, &rule->matches) &&
               (!phrase_peek(&phrase) || !phrase_refuse(f, &phrase, "services only"));
    if (strcmp(key, "from") == 0 || strcmp(key, "to") == 0)
        return side_take(f, &phrase, *key == 'f' ? &rule->from : &rule->to) &&
               (!phrase_peek(&phrase) || !phrase_refuse(f, &phrase, "one word; several are a zone or a set"));
    if (strcmp(key, "limit") == 0)
        return limit_take(f, &phrase, &rule->limit) &&
               (!phrase_peek(&phrase) || !phrase_refuse(f, &phrase, "burst or per source"));
    const struct word *number = operand(f, &phrase, "a number of connections");
    return number && word_number(f, number, 1, 1000000, "`connections`", &rule->connections);
}

static void refuse_rule_key(struct fw_reader *f, const struct node *key)
{
    struct known_keys known = {0};
    for (const struct firewall_key *row = firewall_rule_keys; row->key; row++)
        known_add(&known, row->key);
    refuse_key(f->r, key, "in a rule of the firewall", &known);
}

/* The key that is the verb: `limit` only where there is no other. */
static const struct pair *verb_pair(struct fw_reader *f, const struct node *map)
{
    const struct pair *verb = NULL;
    for (size_t i = 0; i < map->n; i++) {
        const struct pair *pair = &map->pairs[i];
        int found = verb_find(pair->key->text);
        if (found < 0 || (verb && verbs[found].limits))
            continue;
        if (verb && !verbs[verb_find(verb->key->text)].limits) {
            errors_add(f->r->errors, &pair->key->place, "a rule does one thing: `%s`, or `%s`",
                       verb->key->text, pair->key->text);
            return NULL;
        }
        verb = pair;
    }
    if (!verb) {
        struct error *error =
            errors_add(f->r->errors, &map->place, "a rule needs `allow`, `deny`, `reject` or `limit`");
        word_hint(f, error, "for example: `{allow: tcp/8080, from: wan}`");
    }
    return verb;
}

static bool rule_read_map(struct fw_reader *f, const struct node *map, struct fw_rule *rule)
{
    const struct pair *verb = verb_pair(f, map);
    struct text words CLEANUP_TEXT = {0};
    if (!verb)
        return false;
    const struct word word = {verb->key->text, verb->key->place};
    bool good = verb_read(f, &word, rule) && field_read(f, verb, word.text, rule, &words);
    for (size_t i = 0; i < map->n; i++) {
        const struct pair *pair = &map->pairs[i];
        if (pair == verb)
            continue;
        if (rule_key(pair->key->text) && verb_find(pair->key->text) <= VERBS)
            good &= field_read(f, pair, word.text, rule, &words);
        else
            good = false, refuse_rule_key(f, pair->key);
    }
    rule->words = words.length ? arena_strdup(f->r->arena, text_of(&words) + 1) : "";
    return good;
}

static void rule_add(struct fw_rule ***last, struct fw_rule *rule)
{
    **last = rule;
    *last = &rule->next;
}

void read_fw_rules(struct fw_reader *f, const struct pair *pair)
{
    struct fw_rule **last = &f->fw->rules;
    if (!want_form(f->r, pair->value, NODE_LIST, "rules", "rules: [allow ssh from wan]"))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct node *item = pair->value->items[i];
        struct fw_rule *rule = arena_alloc(f->r->arena, sizeof *rule);
        rule->place = item->place;
        bool good = node_is_map(item) ? rule_read_map(f, item, rule) : rule_read_text(f, item, rule);
        if (!good || !rule_makes_sense(f, rule))
            continue;
        rule->comment = comment_cut(f, rule->comment ? rule->comment : rule->words);
        rule_add(&last, rule);
    }
}

/* "guests to wan: allow" */
static bool policy_read(struct fw_reader *f, const struct pair *pair, struct fw_rule *rule)
{
    struct phrase phrase, verdict;
    if (!phrase_split(f, pair->key, "policies", &phrase) ||
        !phrase_split(f, pair->value, pair->key->text, &verdict))
        return false;
    rule->words = arena_printf(f->r->arena, "%s: %s", phrase.folded, verdict.folded);
    bool good = side_take(f, &phrase, &rule->from);
    if (!phrase_take(&phrase, "to")) {
        phrase_refuse(f, &phrase, "`to`");
        return false;
    }
    good &= side_take(f, &phrase, &rule->to);
    if (phrase_peek(&phrase)) {
        phrase_refuse(f, &phrase, "no more than two zones");
        return false;
    }
    const struct word *verb = operand(f, &verdict, "allow, deny or reject");
    if (!verb || !verb_read(f, verb, rule))
        return false;
    if (verdict.n > 1 || rule->limit.rate) {
        struct error *error = word_refuse(f, verb, "a policy is `allow`, `deny` or `reject`");
        word_hint(f, error, "what is about services, or has a limit, is a rule");
        return false;
    }
    return good;
}

static void read_policy_map(struct fw_reader *f, const struct node *map, struct fw_rule ***last)
{
    for (size_t i = 0; i < map->n; i++) {
        struct fw_rule *rule = arena_alloc(f->r->arena, sizeof *rule);
        rule->place = map->pairs[i].key->place;
        if (!policy_read(f, &map->pairs[i], rule) || !rule_makes_sense(f, rule))
            continue;
        rule->comment = comment_cut(f, rule->words);
        rule_add(last, rule);
    }
}

void read_fw_policies(struct fw_reader *f, const struct pair *pair)
{
    struct fw_rule **last = &f->fw->policies;
    bool is_map = node_is_map(pair->value);
    for (size_t i = 0; i < (is_map ? 1 : node_count(pair->value)); i++) {
        const struct node *item = is_map ? pair->value : node_item(pair->value, i);
        if (node_is_map(item)) {
            read_policy_map(f, item, &last);
            continue;
        }
        struct error *error = errors_add(f->r->errors, &item->place,
                                         "each of `policies` is a pair of zones and what holds between them");
        word_hint(f, error, "for example: `guests to wan: allow`");
    }
}
