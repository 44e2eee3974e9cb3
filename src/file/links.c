/* Links between interfaces, and what follows from them: the kind of an interface that does not say it, and
 * interfaces that nobody lists.
 *
 * - `peer` is said at one end of a veth, or at both. The other end may be listed without a type, or not at
 * all.
 * - `bridge` (`bond`, `vrf`, `master`) names what an interface is plugged into. Linux wants both in one
 * namespace. A veth can have its port at the far end: one that has no peer yet gets it beside the bridge,
 * named NAMESPACE-INTERFACE.
 * - `ports` says the same from the other side. A port that is not described is hardware.
 * The interface that is the port, near or far, is the entry's `port`: keys about the port belong there. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "file/reader.h"

enum { NAME_MAX_LENGTH = 15, PREFIX_LENGTH = 8 };

/* Kinds */

static const struct kind *kind_read(struct reader *r, const struct node *word)
{
    if (!want_word(r, word, "type"))
        return NULL;
    const struct kind *kind = kind_by_name(word->text);
    if (kind && kind != &kind_other)
        return kind;
    struct nearest nearest = {.word = word->text};
    struct text all CLEANUP_TEXT = {0};
    for (unsigned i = 0; kinds[i]; i++) {
        if (kinds[i] == &kind_other)
            continue;
        nearest_offer(&nearest, kinds[i]->name);
        text_join(&all, kinds[i]->name);
    }
    struct error *error = errors_add(r->errors, &word->place, "there is no type `%s`", word->text);
    if (!error_hint_nearest(r->errors, error, nearest.best))
        error_hint(r->errors, error, "types: %s", text_of(&all));
    return NULL;
}

static void link_kind(struct reader *r, struct entry *entry)
{
    const struct node *type = entry->keys ? node_value(entry->keys, "type") : NULL;
    if (type) {
        entry->kind = kind_read(r, type);
        if (!entry->kind)
            entry_break(r, entry);
    } else if (strcmp(entry->name, "lo") == 0) {
        entry->kind = &kind_loopback;
    }
}

/* Whether an unknown key was meant to be one from which the kind follows: that is told at the key. */
static bool kind_is_misspelt(const struct entry *entry)
{
    static const char *const keys_of_kind[] = {"type", "peer", "bridge", "bond", "vrf", "master"};
    for (size_t i = 0; entry->keys && i < entry->keys->n; i++) {
        const char *key = entry->keys->pairs[i].key->text;
        struct nearest nearest = {.word = key};
        if (key_find(key, AT_INTERFACE))
            continue;
        for (unsigned k = 0; k < sizeof keys_of_kind / sizeof *keys_of_kind; k++) {
            size_t length = strlen(keys_of_kind[k]);
            nearest_offer(&nearest, keys_of_kind[k]);
            if (strncmp(key, keys_of_kind[k], length) == 0 && key[length] == ':')
                return true;
        }
        if (nearest.best)
            return true;
    }
    return false;
}

/* Whether the kind has each key of the entry that is an option of some kind only. */
static bool kind_has_all(const struct kind *kind, const struct entry *entry, bool *ret_any)
{
    for (size_t i = 0; entry->keys && i < entry->keys->n; i++) {
        const char *key = entry->keys->pairs[i].key->text;
        if (key_find(key, AT_INTERFACE) || class_option(CLASS_INTERFACE, key))
            continue;
        *ret_any = true;
        if (!option_find(kind->options, kind->n_options, key))
            return false;
    }
    return true;
}

/* "`type: vlan` or `type: vxlan`": those that have all its keys; empty: too many, or none. */
static void kinds_by_keys(const struct entry *entry, struct text *out)
{
    enum { SOME = 3 };
    unsigned n = 0;
    bool any = false;
    for (unsigned i = 0; kinds[i]; i++)
        if (kind_has_all(kinds[i], entry, &any) && any)
            text_printf(out, "%s`type: %s`", n++ ? " or " : "", kinds[i]->name);
    if (n > SOME)
        text_clear(out);
}

/* Peers */

static bool must_be_veth(struct reader *r, struct entry *entry, const struct place *place,
                         const struct entry *said_by)
{
    if (!entry->kind)
        entry->kind = &kind_veth;
    if (entry->kind == &kind_veth)
        return true;
    struct error *error =
        entry == said_by
            ? errors_add(r->errors, place, "`peer` is the other end of a veth, and `%s` is %s %s",
                         entry->name, text_article(entry->kind->name), entry->kind->name)
            : errors_add(r->errors, place, "the peer of a veth is a veth, and `%s` is %s %s", entry->ref,
                         text_article(entry->kind->name), entry->kind->name);
    if (entry->kind->flags & KIND_PORTS)
        error_hint(r->errors, error, "plug a veth into it: `%s: %s`", entry->kind->name, entry->name);
    else
        error_hint(r->errors, error, "leave the `type` of `%s` away: with a peer it is a veth", entry->name);
    return false;
}

static void join_peers(struct reader *r, struct entry *entry, struct entry *peer, const struct place *place)
{
    if (peer == entry) {
        struct error *error =
            errors_add(r->errors, place, "both ends of veth `%s` are the same", entry->name);
        error_hint(r->errors, error, "name the other end: `namespace/interface`");
        entry_break(r, entry);
        return;
    }
    if ((peer->peer && peer->peer != entry) || (entry->peer && entry->peer != peer)) {
        const struct entry *taken = peer->peer && peer->peer != entry ? peer : entry;
        refuse_twice(r, place, &taken->peer_place, "`%s` already has the peer `%s`", taken->ref,
                     taken->peer->ref);
        entry_break(r, entry);
        if (!peer->peer)
            entry_break(r, peer); /* that it has none is only the consequence */
        return;
    }
    entry->peer = peer;
    peer->peer = entry;
    entry->peer_place = *place;
    if (!peer->peer_place.line)
        peer->peer_place = *place;
}

/* The other end where no entry says it: made, if the word says where. */
static struct entry *imply_peer(struct reader *r, struct entry *entry, const struct node *word)
{
    struct text ns CLEANUP_TEXT = {0};
    bool says_where = reference_ns(word->text, &ns);
    struct scope *scope = says_where ? scope_find(r, text_of(&ns)) : entry->scope;
    if (!scope) {
        entry_resolve(r, entry->scope, word, "peer"); /* says what is wrong */
        return NULL;
    }
    if (!says_where && (scope->unread || r->host.unread))
        return NULL;
    if (!says_where && scope != &r->host) {
        struct error *error =
            errors_add(r->errors, &word->place, "`peer`: there is no interface `%s` yet", word->text);
        error_hint(r->errors, error, "say where to make it: `host/%s` or `%s/%s`", word->text, scope->ns,
                   word->text);
        return NULL;
    }
    return entry_new(r, scope, reference_name(word->text), &word->place);
}

static struct entry *find_peer(struct reader *r, struct entry *entry, const struct node *word)
{
    struct text ns CLEANUP_TEXT = {0};
    if (reference_ns(word->text, &ns))
        return entry_find(r, text_of(&ns), reference_name(word->text));
    struct entry *peer = entry_find(r, entry->scope->ns, word->text);
    return peer ? peer : entry_find(r, HOST, word->text);
}

static void link_peer(struct reader *r, struct entry *entry)
{
    const struct node *word = entry->keys ? node_value(entry->keys, "peer") : NULL;
    if (!word || entry->broken)
        return;
    if (!want_word(r, word, "peer") || !must_be_veth(r, entry, &word->place, entry)) {
        entry_break(r, entry);
        return;
    }
    struct entry *peer = find_peer(r, entry, word);
    if (!peer)
        peer = imply_peer(r, entry, word);
    if (!peer || peer->broken || !must_be_veth(r, peer, &word->place, entry)) {
        entry_break(r, entry);
        return;
    }
    join_peers(r, entry, peer, &word->place);
}

/* Masters */

/* As a person would call it: of the host by its name alone. */
static const char *shown(const struct entry *entry)
{
    return strcmp(entry->scope->ns, HOST) == 0 ? entry->name : entry->ref;
}

static void plug(struct reader *r, struct entry *port, struct entry *master, const struct place *place)
{
    if (port->master && port->master != master) {
        refuse_twice(r, place, &port->master_place, "`%s` is plugged into `%s` and into `%s`", shown(port),
                     shown(port->master), shown(master));
        return;
    }
    port->master = master;
    port->master_place = *place;
}

/* NAMESPACE-INTERFACE; past 15 characters its beginning and a hash, so that it is the same at each reading.
 */
const char *far_name(struct reader *r, const char *ns, const char *interface, const char *beside)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    char *name = arena_printf(r->arena, "%s-%s", ns, interface);
    if (strlen(name) <= NAME_MAX_LENGTH)
        return name;
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
    name[PREFIX_LENGTH] = '-';
    name[NAME_MAX_LENGTH] = '\0';
    do {
        hash = (hash ^ hash >> 29) * 0x100000001b3ULL;
        for (unsigned i = PREFIX_LENGTH + 1; i < NAME_MAX_LENGTH; i++)
            name[i] = digits[hash >> (12 + 5 * (i - PREFIX_LENGTH)) & 31];
    } while (entry_find(r, beside, name));
    return name;
}

/* A veth without a peer, whose bridge is elsewhere: the far end is made there, or is one listed by that name.
 */
static void make_far_end(struct reader *r, struct entry *entry, struct entry *master,
                         const struct place *place)
{
    const char *name = far_name(r, entry->scope->ns, entry->name, master->scope->ns);
    struct entry *far = entry_find(r, master->scope->ns, name);
    if (far && (far->kind || far->peer || far->broken)) {
        if (!far->broken)
            refuse_twice(r, place, &far->place,
                         "the far end of `%s` would be called `%s`, which is another interface", entry->ref,
                         far->ref);
        entry_break(r, entry);
        return;
    }
    if (!far)
        far = entry_new(r, master->scope, name, &entry->place);
    entry->kind = far->kind = &kind_veth;
    join_peers(r, entry, far, place);
}

static bool can_span(const struct entry *entry)
{
    return !entry->kind || entry->kind == &kind_veth;
}

/* Which end of the entry is in the master's namespace: itself, its peer, or a far end that is made now. */
static void plug_somewhere(struct reader *r, struct entry *entry, struct entry *master,
                           const struct place *place)
{
    bool elsewhere = master->scope != entry->scope;
    if (elsewhere && can_span(entry) && !entry->peer)
        make_far_end(r, entry, master, place);
    if (elsewhere && entry->peer && entry->peer->scope == master->scope)
        entry->port = entry->peer;
    if (!entry->broken)
        plug(r, entry->port, master, place); /* still in another namespace: the check says it */
}

/* Each word but `master` names an interface of its own kind. */
static bool word_fits(struct reader *r, const struct pair *said, const struct entry *master)
{
    const struct kind *kind = master->kind;
    const char *word = said->key->text;
    if (!kind || strcmp(word, "master") == 0 || strcmp(word, kind->name) == 0)
        return true;
    struct error *error = errors_add(r->errors, &said->value->place, "`%s`: `%s` is %s %s", word,
                                     shown(master), text_article(kind->name), kind->name);
    if (kind->flags & KIND_PORTS)
        error_hint(r->errors, error, "say `%s: %s`", kind->name, said->value->text);
    else if (kind == &kind_physical)
        error_hint(r->errors, error, "describe it as what it is: `%s: {type: %s}`", master->name, word);
    else
        error_hint(r->errors, error, "only %s have ports", kinds_with_ports(r->arena));
    return false;
}

static void link_master(struct reader *r, struct entry *entry)
{
    const struct pair *said = NULL;
    for (size_t i = 0; entry->keys && !entry->broken && i < entry->keys->n; i++) {
        const struct pair *pair = &entry->keys->pairs[i];
        const char *key = pair->key->text;
        if (!kind_has_ports(key) && strcmp(key, "master") != 0)
            continue;
        if (said)
            refuse_twice(r, &pair->key->place, &said->key->place, "`%s` is plugged into two: `%s` and `%s`",
                         entry->name, said->key->text, pair->key->text);
        else
            said = pair;
    }
    if (!said)
        return;
    struct entry *master = entry_resolve(r, entry->scope, said->value, said->key->text);
    if (master && word_fits(r, said, master))
        plug_somewhere(r, entry, master, &said->value->place);
    else
        entry_break(r, entry);
}

/* Ports */

static void link_port(struct reader *r, struct entry *master, const struct node *word)
{
    struct scope *scope = master->scope;
    if (!want_word(r, word, "ports") || !want_one(r, word, "ports"))
        return;
    struct entry *port = entry_find(r, scope->ns, word->text);
    if (!port && strchr(word->text, '/')) {
        port = entry_resolve(r, scope, word, "ports");
        if (!port) {
            entry_spoil(r, master);
            return;
        }
    }
    if (!port && !scope->exists) {
        refuse_reference(r, scope, false, word, "ports");
        entry_spoil(r, master);
        return;
    }
    if (!port) {
        port = entry_new(r, scope, word->text, &word->place);
        port->kind = &kind_physical;
    }
    if (port->broken)
        entry_spoil(r, master); /* what it says of its ports may be right */
    else
        plug(r, port, master, &word->place);
}

static void link_ports(struct reader *r, struct entry *entry)
{
    const struct node *ports = entry->keys && !entry->broken ? node_value(entry->keys, "ports") : NULL;
    if (!ports)
        return;
    if (entry->kind && !(entry->kind->flags & KIND_PORTS)) {
        struct error *error = errors_add(r->errors, &ports->place, "%s %s has no ports",
                                         text_article(entry->kind->name), entry->kind->name);
        if (entry->kind == &kind_physical)
            error_hint(r->errors, error, "describe it as what it is: `%s: {type: bridge}`", entry->name);
        else
            error_hint(r->errors, error, "%s have", kinds_with_ports(r->arena));
        return;
    }
    if (node_is_map(ports)) {
        struct error *error =
            errors_add(r->errors, &ports->place, "`ports` takes a list of names, not a map");
        error_hint(r->errors, error, "for example: `ports: [eno1, eno2]`");
        return;
    }
    for (size_t i = 0; i < node_count(ports); i++)
        link_port(r, entry, node_item(ports, i));
}

/* Whether the word of a peer names an interface of the scope, or would, were its namespace right. */
static bool names_end(const struct reader *r, const struct entry *said_by, const char *word,
                      const struct scope *scope, const char *name)
{
    const char *slash = strchr(word, '/');
    struct text ns CLEANUP_TEXT = {0};
    if (strcmp(slash ? slash + 1 : word, name) != 0)
        return false;
    if (!slash)
        return scope == said_by->scope || scope == &r->host;
    text_add_n(&ns, word, (size_t)(slash - word));
    const struct scope *meant = scope_find(r, text_of(&ns));
    return !meant || meant == scope;
}

bool end_was_meant(struct reader *r, const struct scope *scope, const char *name)
{
    if (!may_guess(r))
        return false;
    each_entry(r, other) for (size_t i = 0; other->keys && i < other->keys->n; i++)
    {
        const struct pair *pair = &other->keys->pairs[i];
        struct nearest nearest = {.word = pair->key->text};
        bool is_peer = strcmp(pair->key->text, "peer") == 0;
        if (!is_peer && !key_find(pair->key->text, AT_INTERFACE))
            nearest_offer(&nearest, "peer");
        if ((nearest.best || (is_peer && other->broken)) && node_is_scalar(pair->value) &&
            names_end(r, other, pair->value->text, scope, name))
            return true;
    }
    return false;
}

/* The key by which it is plugged into itself, when the host has one of that name that was meant; or NULL. */
static const char *key_to_itself(struct reader *r, const struct entry *entry)
{
    const struct entry *host = entry_find(r, HOST, entry->name);
    for (size_t i = 0; host && host != entry && entry->keys && i < entry->keys->n; i++) {
        const struct pair *pair = &entry->keys->pairs[i];
        if (kind_has_ports(pair->key->text) && node_is_scalar(pair->value) &&
            strcmp(pair->value->text, entry->name) == 0)
            return pair->key->text;
    }
    return NULL;
}

static void demand_kind(struct reader *r, struct entry *entry)
{
    struct text fitting CLEANUP_TEXT = {0};
    if (entry->kind || entry->broken)
        return;
    entry_break(r, entry);
    if (kind_is_misspelt(entry) || end_was_meant(r, entry->scope, entry->name))
        return;
    struct error *error = errors_add(r->errors, &entry->place, "interface `%s` needs a `type`", entry->name);
    const char *key = key_to_itself(r, entry);
    kinds_by_keys(entry, &fitting);
    if (key)
        error_hint(r->errors, error, "its `%s` is itself; the one in the host is `%s: host/%s`", key, key,
                   entry->name);
    else if (fitting.length)
        error_hint(r->errors, error, "by its keys: %s", text_of(&fitting));
    else if (entry->scope->exists)
        error_hint(r->errors, error, "such as `type: bridge`; `type: physical` for one that exists already");
    else
        error_hint(r->errors, error, "or a `bridge` in the host, or a `peer`: then it is a veth");
}

void entries_link(struct reader *r)
{
    each_entry(r, entry) link_kind(r, entry);
    each_entry(r, entry) link_peer(r, entry);
    each_entry(r, entry) link_master(r, entry);
    each_entry(r, entry) link_ports(r, entry);
    each_entry(r, entry) demand_kind(r, entry);
}
