/* What the parts of the reader of `firewall` share. The section is read in the order of `firewall_keys`:
 * zones, services and sets first, since rules name them. Rules are phrases: a text is split into words; a map
 * has the same words under keys. */
#pragma once
#include "file/reader.h"
#include "model/firewall/firewall.h"
#include "model/network.h"

struct fw_reader {
    struct reader *r;
    struct scope *scope;
    struct firewall *fw;
    const struct network *network; /* whose guests are named by their namespaces; NULL: none */
};

struct word {
    const char *text;
    struct place place;
};

/* The words of a text, which end at spaces and commas. */
enum { PHRASE_WORDS_MAX = 300 };
struct phrase {
    struct word words[PHRASE_WORDS_MAX];
    unsigned n, at;
    struct place end;   /* behind the last */
    const char *folded; /* the text with single spaces */
};

/* How the value of a key of `firewall`, or of a rule that is a map, is written: for schema and manual. */
enum firewall_form {
    FIREWALL_VERDICT,
    FIREWALL_LOG,
    FIREWALL_LISTS, /* a map of lists of words */
    FIREWALL_SETS,  /* a map of lists, texts or {file: ...} */
    FIREWALL_RULES,
    FIREWALL_POLICIES,
    FIREWALL_PHRASES, /* a list of texts */
    FIREWALL_WORDS,   /* one or a list of words */
    FIREWALL_WORD,
    FIREWALL_NUMBER,
    FIREWALL_BOOL,
    FIREWALL_FORMS,
};

struct firewall_key {
    const char *key;
    enum firewall_form form;
    const char *example;
    const char *help;
    void (*read)(struct fw_reader *f, const struct pair *pair); /* of `firewall` */
};
extern const struct firewall_key firewall_keys[];      /* ended by .key = NULL */
extern const struct firewall_key firewall_rule_keys[]; /* of a rule that is a map */

/* firewall_phrase.c */
bool phrase_split(struct fw_reader *f, const struct node *node, const char *key, struct phrase *ret);
const struct word *phrase_next(struct phrase *phrase); /* NULL at the end */
const struct word *phrase_peek(const struct phrase *phrase);
/* Goes past the word if it is that. */
bool phrase_take(struct phrase *phrase, const char *word);
/* "expected ... here" behind the last word, or "expected ..., not `x`". */
struct error *phrase_refuse(struct fw_reader *f, const struct phrase *phrase, const char *expected);
struct error *word_refuse(struct fw_reader *f, const struct word *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void word_hint(struct fw_reader *f, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A number from min to max; tells it otherwise. */
bool word_number(struct fw_reader *f, const struct word *word, unsigned min, unsigned max, const char *what,
                 unsigned *ret);

/* firewall_matches.c: what a rule is about. Each tells what is wrong, and returns false. */

/* Whether a word begins another part of a rule: from, to, limit ... */
bool is_keyword(const char *text);
/* Whether a zone, set or service can be called so. */
bool name_is_good(struct fw_reader *f, const struct node *key, const char *what);

/* "22" or "8000-8010". */
bool ports_read(struct fw_reader *f, const struct word *word, const char *text, uint16_t *ret_first,
                uint16_t *ret_last);
/* Words up to one that is a keyword, or to the end: ssh, tcp/80, icmp echo-request. */
bool matches_read(struct fw_reader *f, struct phrase *phrase, struct fw_matches *ret);
void read_services(struct fw_reader *f, const struct pair *pair);

/* firewall_names.c: where packets come from and go to */
bool side_read(struct fw_reader *f, const struct word *word, struct fw_side *ret);
void read_zones(struct fw_reader *f, const struct pair *pair);
void read_sets(struct fw_reader *f, const struct pair *pair);

/* firewall_rules.c */
void read_fw_rules(struct fw_reader *f, const struct pair *pair);
void read_fw_policies(struct fw_reader *f, const struct pair *pair);

/* firewall_nat.c */
void read_fw_nat(struct fw_reader *f, const struct pair *pair);

/* firewall_publish.c */
void read_fw_publish(struct fw_reader *f, const struct pair *pair);
bool publish_read(struct fw_reader *f, const struct node *node, struct fw_publish *publish);

/* firewall.c: a firewall that says nothing yet, of which the topology knows. */
struct firewall *firewall_new(struct reader *r, struct scope *scope, const struct place *place);

/* networks_firewall.c: each network is a zone of the host's. */
void networks_zones(struct fw_reader *f);
