#include "cli/firewall_words.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

struct typed {
    struct arena *arena;
    struct errors *errors;
    char *const *words;
    size_t n, at;
    struct text matches, clauses;
    const char *ports, *protocol; /* of ufw: 22, 80,443, 6000:6007; NULL: not said so */
    bool is_out, says_from;
    bool failed;
};

static void refuse(struct typed *t, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void refuse(struct typed *t, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct error *error = errors_add(t->errors, NULL, "%s", arena_vprintf(t->arena, format, args));
    va_end(args);
    error_hint(t->errors, error, "%s", hint);
    t->failed = true;
}

/* The next word, which is gone past; NULL: none. */
static const char *take(struct typed *t)
{
    return t->at < t->n ? t->words[t->at++] : NULL;
}

static bool takes(struct typed *t, const char *word)
{
    bool is = t->at < t->n && strcmp(t->words[t->at], word) == 0;
    t->at += is;
    return is;
}

static const char *operand(struct typed *t, const char *what)
{
    const char *word = take(t);
    if (!word)
        refuse(t, "for example: plexus firewall allow ssh from 10.0.0.0/8", "`%s` is followed by nothing",
               what);
    return word;
}

static void add(struct text *text, const char *word)
{
    text_printf(text, " %s", word);
}

/* "22", "80,443/tcp", "6000:6007": words that begin with a digit and are made of ports. */
static bool is_ports(const char *word)
{
    size_t length = strspn(word, "0123456789:,-");
    return word[0] >= '0' && word[0] <= '9' && (!word[length] || word[length] == '/') &&
           !strpbrk(word + length, ".:");
}

static void take_ports(struct typed *t, const char *word)
{
    const char *slash = strchr(word, '/');
    if (t->ports)
        refuse(t, "several: 80,443/tcp, or tcp/80 udp/53", "ports are said twice: `%s` and `%s`", t->ports,
               word);
    t->ports = arena_strndup(t->arena, word, slash ? (size_t)(slash - word) : strlen(word));
    if (slash)
        t->protocol = slash + 1;
    if (*t->ports && t->ports[strlen(t->ports) - 1] == ',')
        refuse(t, "for example: 80,443/tcp", "`%s`: nothing follows the comma", word);
}

/* `on eth0`, of ufw: here a zone says where an interface leads. */
static void refuse_interface(struct typed *t, const char *side)
{
    const char *interface = t->at + 1 < t->n ? t->words[t->at + 1] : "eth0";
    refuse(t,
           arena_printf(t->arena, "in the file: `zones: {wan: [%s]}`; then: %s wan", interface,
                        strcmp(side, "in") == 0 ? "from" : "to"),
           "`%s on %s`: a rule names the zone of an interface", side, interface);
}

static void take_from(struct typed *t)
{
    const char *side = operand(t, "from");
    if (!side)
        return;
    t->says_from = true;
    text_printf(&t->clauses, " from %s", side);
    if (takes(t, "port"))
        refuse(t, "leave it away: the port that is meant is that of the service, behind `to`",
               "no rule asks for the port that packets come from");
}

/* Of ufw, `to any port 22` is this host; here `to` is about what goes through it. */
static void take_to(struct typed *t)
{
    const char *side = operand(t, "to"), *port;
    if (!side)
        return;
    bool has_port = takes(t, "port");
    if (has_port && (port = operand(t, "port")))
        take_ports(t, port);
    if (has_port && !t->is_out && strcmp(side, "any") != 0 && strcmp(side, "host") != 0)
        refuse(t, "for this host itself leave `to` away; for what it forwards: allow tcp/80 to ADDRESS",
               "`to %s port`: what is meant, this host or one behind it?", side);
    if (!has_port || strcmp(side, "any") != 0)
        text_printf(&t->clauses, " to %s", side);
}

static void take_word(struct typed *t, const char *word)
{
    const char *next;
    if (strcmp(word, "in") == 0 || strcmp(word, "out") == 0) {
        t->is_out |= *word == 'o';
        if (t->at < t->n && strcmp(t->words[t->at], "on") == 0)
            refuse_interface(t, word);
    } else if (strcmp(word, "from") == 0) {
        take_from(t);
    } else if (strcmp(word, "to") == 0) {
        take_to(t);
    } else if (strcmp(word, "proto") == 0) {
        t->protocol = operand(t, word);
    } else if (strcmp(word, "port") == 0) {
        if ((next = operand(t, word)))
            take_ports(t, next);
    } else if (strcmp(word, "comment") == 0) {
        refuse(t, "in the file a rule can be a map: `{allow: ssh, from: wan, comment: the office}`",
               "a comment is not typed with a rule");
    } else if (!t->clauses.length && is_ports(word)) {
        take_ports(t, word);
    } else if (!t->clauses.length && strcasecmp(word, "OpenSSH") == 0) {
        add(&t->matches, "ssh");
    } else {
        add(t->clauses.length || strcmp(word, "limit") == 0 || strcmp(word, "log") == 0 ||
                    strcmp(word, "connections") == 0
                ? &t->clauses
                : &t->matches,
            word);
    }
}

/* Each port by its protocol; by both where none is said, as with ufw. */
static void add_ports(struct typed *t)
{
    static const char *const both[] = {"tcp", "udp", NULL};
    const char *const one[] = {t->protocol, NULL};
    if (!t->ports) {
        if (t->protocol)
            add(&t->matches, t->protocol);
        return;
    }
    for (const char *const *protocol = t->protocol ? one : both; *protocol; protocol++)
        for (const char *at = t->ports; *at; at += strspn(at, ",")) {
            size_t length = strcspn(at, ",");
            char *port = arena_strndup(t->arena, at, length), *colon = strchr(port, ':');
            if (colon)
                *colon = '-';
            text_printf(&t->matches, " %s/%s", *protocol, port);
            at += length;
        }
}

/* Several words may have come as one of the shell: "allow ssh". */
static void split_words(struct typed *t, char *const *words, size_t n)
{
    size_t n_max = 1;
    for (size_t i = 0; i < n; i++)
        n_max += strlen(words[i]);
    char **split = arena_alloc(t->arena, n_max * sizeof *split), *rest = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!words[i][strspn(words[i], " \t\n")])
            refuse(t, "was it meant to come from a variable of the shell? everything is called `any`",
                   "one of the words is empty");
        for (char *word = strtok_r(arena_strdup(t->arena, words[i]), " \t\n", &rest); word;
             word = strtok_r(NULL, " \t\n", &rest))
            split[t->n++] = word;
    }
    t->words = split;
}

const char *firewall_rule_text(struct arena *arena, const char *verb, char *const *words, size_t n,
                               struct errors *errors)
{
    struct typed t = {.arena = arena, .errors = errors};
    split_words(&t, words, n);
    for (const char *word; !t.failed && (word = take(&t));)
        take_word(&t, word);
    if (!t.failed && t.is_out && t.says_from)
        refuse(&t, "what this host sends comes from it: leave `from` away", "`out` has no `from`");
    add_ports(&t);
    const char *rule = arena_printf(arena, "%s%s%s%s", verb, text_of(&t.matches),
                                    t.is_out ? " from host" : "", text_of(&t.clauses));
    text_done(&t.matches);
    text_done(&t.clauses);
    return t.failed ? NULL : rule;
}
