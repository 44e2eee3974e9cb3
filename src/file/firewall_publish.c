/* Published ports: [ADDRESS:]PORTS:GUEST:PORTS[/PROTOCOL] [from X] */
#include <stdlib.h>
#include <string.h>

#include "file/firewall.h"

enum { FIELDS_MAX = 4 };

/* Splits at colons, but not within brackets, which are taken off. How many, or 0. */
static unsigned fields_split(struct fw_reader *f, const char *text, const char *fields[FIELDS_MAX])
{
    unsigned n = 0;
    for (const char *at = text;; at++) {
        bool bracket = *at == '[';
        size_t length = bracket ? strcspn(at, "]") : strcspn(at, ":");
        if (n == FIELDS_MAX || (bracket && !at[length]))
            return 0;
        fields[n++] = arena_strndup(f->r->arena, at + bracket, length - bracket);
        at += length + bracket;
        if (!*at)
            return n;
        if (*at != ':')
            return 0;
    }
}

static bool published_form(struct fw_reader *f, const struct word *word)
{
    struct error *error = word_refuse(f, word, "`%s` is not a published port", word->text);
    word_hint(
        f, error,
        "expected [ADDRESS:]PORT:GUEST:PORT[/udp], like 8080:10.0.0.5:80 or [2001:db8::1]:8080:[fd00::5]:80");
    return false;
}

static bool published_ip(struct fw_reader *f, const struct word *word, const char *text, struct ip *ret)
{
    if (ip_parse(text, ret) == 0)
        return true;
    struct error *error = word_refuse(f, word, "`%s` is not an address", text);
    word_hint(f, error, "a guest is named by its address; one of IPv6 stands in brackets");
    return false;
}

static bool refuse_guest(struct fw_reader *f, const struct word *word, const char *name)
{
    if (scope_is_unread(f->r, name))
        return false; /* what keeps it out of the network was told */
    struct error *error = word_refuse(f, word, "`%s` is not in network `%s`", name, f->network->name);
    struct nearest nearest = {.word = name};
    for (const struct network_guest *guest = f->network->guests; guest; guest = guest->next)
        nearest_offer(&nearest, guest->ns);
    if (nearest.best)
        word_hint(f, error, "did you mean `%s`?", nearest.best);
    else
        word_hint(f, error, "a namespace says in which it is: `namespaces: {%s: {networks: [%s]}}`", name,
                  f->network->name);
    return false;
}

static void refuse_unaddressed(struct fw_reader *f, const struct word *word,
                               const struct network_guest *guest, unsigned family)
{
    if (!guest->is_client) {
        word_refuse(f, word, "`%s` has no address of IPv%u in network `%s`", guest->ns,
                    family == IPV6 ? 6 : 4, f->network->name);
        return;
    }
    struct error *error =
        word_refuse(f, word, "`%s` gets its address in network `%s` by DHCP", guest->ns, f->network->name);
    word_hint(f, error, "`address:` keeps one for it: `networks: {%s: {dhcp: true, address: ...}}`",
              f->network->name);
}

/* Who lies behind a guest is published by the firewall of the host. */
static bool is_in_network(struct fw_reader *f, const struct word *word, const struct ip *ip)
{
    char of_ip[IP_TEXT_SIZE], of_subnet[PREFIX_TEXT_SIZE];
    const struct prefix *subnet = &f->network->subnets[ip_family(ip)];
    if (subnet->ip.family && prefix_contains(subnet, ip))
        return true;
    struct error *error = word_refuse(f, word, "%s is not in network `%s`%s%s", ip_format(ip, of_ip),
                                      f->network->name, subnet->ip.family ? ", which is " : "",
                                      subnet->ip.family ? prefix_format(subnet, of_subnet) : "");
    word_hint(f, error, "what is elsewhere is published by the firewall: `firewall: {publish: [...]}`");
    return false;
}

/* A guest by the name of its namespace, where there is a network; or by an address. */
static bool published_guest(struct fw_reader *f, const struct word *word, const char *text,
                            const struct ip *at, struct ip *ret)
{
    const struct network_guest *guest = f->network ? network_guest_find(f->network, text) : NULL;
    if (guest) {
        unsigned family = at->family ? ip_family(at) : guest->addresses[IPV4].ip.family ? IPV4 : IPV6;
        *ret = guest->addresses[family].ip;
        if (!ret->family)
            refuse_unaddressed(f, word, guest, family);
        return ret->family;
    }
    if (!f->network)
        return published_ip(f, word, text, ret);
    if (ip_parse(text, ret) < 0)
        return refuse_guest(f, word, text);
    return is_in_network(f, word, ret);
}

/* A packet that has left the loopback has a source that nobody can answer. */
static void refuse_loopback(struct fw_reader *f, const struct word *word, const struct fw_publish *publish)
{
    char buffer[IP_TEXT_SIZE];
    struct error *error =
        word_refuse(f, word, "`%s`: nothing is sent on from the loopback to a guest", word->text);
    word_hint(f, error,
              "publish at an address of the host, `from` a zone to keep others out; or connect to the guest "
              "itself, %s",
              ip_format(&publish->to, buffer));
}

static bool published_read(struct fw_reader *f, const struct word *word, struct fw_publish *publish)
{
    const char *fields[FIELDS_MAX], *slash = strrchr(word->text, '/');
    int64_t protocol = IPPROTO_TCP;
    uint16_t to_last;
    const char *text =
        slash ? arena_strndup(f->r->arena, word->text, (size_t)(slash - word->text)) : word->text;
    unsigned n = fields_split(f, text, fields), at = n == FIELDS_MAX;
    if (n < 3)
        return published_form(f, word);
    if (slash && (names_parse(fw_protocol_names, slash + 1, &protocol) < 0 ||
                  !fw_protocol_has_ports((uint8_t)protocol))) {
        word_refuse(f, word, "`%s` is not a protocol with ports", slash + 1);
        return false;
    }
    publish->protocol = (uint8_t)protocol;
    if ((at && !published_ip(f, word, fields[0], &publish->at)) ||
        !ports_read(f, word, fields[at], &publish->first, &publish->last) ||
        !published_guest(f, word, fields[at + 1], &publish->at, &publish->to) ||
        !ports_read(f, word, fields[at + 2], &publish->to_first, &to_last))
        return false;
    if (to_last - publish->to_first != publish->last - publish->first)
        word_refuse(f, word, "%u ports lead to %u", publish->last - publish->first + 1U,
                    to_last - publish->to_first + 1U);
    else if (at && ip_is_loopback(&publish->at))
        refuse_loopback(f, word, publish);
    else if (at && publish->at.family != publish->to.family)
        word_refuse(f, word, "an IPv%u address leads to one of IPv%u", publish->at.family,
                    publish->to.family);
    else
        return true;
    return false;
}

/* 0.0.0.0 and [::], as Docker writes it: every address of the family, which that of the guest tells. */
static void publish_anywhere(struct fw_publish *publish)
{
    static const uint8_t unspecified[sizeof publish->at.bytes];
    if (memcmp(publish->at.bytes, unspecified, sizeof unspecified) == 0)
        publish->at = (struct ip){0};
}

bool publish_read(struct fw_reader *f, const struct node *node, struct fw_publish *publish)
{
    struct phrase phrase;
    if (!phrase_split(f, node, "publish", &phrase))
        return false;
    const struct word *word = phrase_next(&phrase);
    publish->words = phrase.folded;
    publish->place = node->place;
    if (!word || !published_read(f, word, publish))
        return false;
    publish_anywhere(publish);
    if (!phrase_peek(&phrase))
        return true;
    const struct word *from = phrase_take(&phrase, "from") ? phrase_next(&phrase) : NULL;
    if (!from || phrase_peek(&phrase)) {
        phrase_refuse(f, &phrase, "`from` and a zone");
        return false;
    }
    return side_read(f, from, &publish->from);
}

void read_fw_publish(struct fw_reader *f, const struct pair *pair)
{
    struct fw_publish **last = &f->fw->published;
    if (node_is_map(pair->value)) {
        want_form(f->r, pair->value, NODE_LIST, "publish", "publish: [\"8080:10.0.0.5:80\"]");
        return;
    }
    for (size_t i = 0; i < node_count(pair->value); i++) {
        struct fw_publish *publish = arena_alloc(f->r->arena, sizeof *publish);
        if (!publish_read(f, node_item(pair->value, i), publish))
            continue;
        *last = publish;
        last = &publish->next;
    }
}

/* Twice */

/* One of all, in the order of the file, and the first before it that has its port; by their ports. */
struct claim {
    const struct fw_publish *publish;
    size_t number;
    const struct claim *taken;
};

static int by_port(const void *a, const void *b)
{
    const struct fw_publish *x = ((const struct claim *)a)->publish, *y = ((const struct claim *)b)->publish;
    if (x->protocol != y->protocol)
        return x->protocol < y->protocol ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static bool collides(const struct fw_publish *a, const struct fw_publish *b)
{
    bool same_at = !a->at.family || !b->at.family || ip_equal(&a->at, &b->at);
    return a->to.family == b->to.family && same_at && !a->from.is_said && !b->from.is_said;
}

static void claim_take(struct claim *a, struct claim *b)
{
    struct claim *first = a->number < b->number ? a : b, *second = first == a ? b : a;
    if (!second->taken || first->number < second->taken->number)
        second->taken = first;
}

static void refuse_taken(struct reader *r, const struct claim *claim)
{
    const struct fw_publish *publish = claim->publish, *first = claim->taken->publish;
    struct error *error = refuse_twice(r, &publish->place, &first->place, "port %u/%s is published twice",
                                       first->first > publish->first ? first->first : publish->first,
                                       names_format(fw_protocol_names, publish->protocol));
    if (!publish->place.line)
        error_hint(r->errors, error, "`%s` has it", first->words);
}

/* Sorted by port, who has one of another's ports stands right behind it, or behind others of its ports. */
static void refuse_claims(struct reader *r, struct claim *claims, size_t n)
{
    qsort(claims, n, sizeof *claims, by_port);
    for (size_t i = 0; i < n; i++) {
        const struct fw_publish *publish = claims[i].publish;
        for (size_t j = i + 1; j < n && claims[j].publish->protocol == publish->protocol &&
                               claims[j].publish->first <= publish->last;
             j++)
            if (collides(publish, claims[j].publish))
                claim_take(&claims[i], &claims[j]);
    }
    for (size_t i = 0; i < n; i++)
        if (claims[i].taken)
            refuse_taken(r, &claims[i]);
}

void publish_finish(struct reader *r)
{
    for (struct firewall *fw = r->topology->firewalls; fw; fw = fw->next) {
        size_t n = 0, before = r->errors->n_errors;
        for (const struct fw_publish *publish = fw->published; publish; publish = publish->next)
            n++;
        if (n < 2)
            continue;
        struct claim *claims = xcalloc(n, sizeof *claims);
        n = 0;
        for (const struct fw_publish *publish = fw->published; publish; publish = publish->next, n++)
            claims[n] = (struct claim){.publish = publish, .number = n};
        refuse_claims(r, claims, n);
        free(claims);
        fw->is_broken |= r->errors->n_errors > before;
    }
}
