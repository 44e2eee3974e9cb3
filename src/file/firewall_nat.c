/* Address translation: phrases of `nat`, and the ports of `publish`.
 *
 *     masquerade [WHAT] [from X] [to Y]
 *     snat [WHAT] [from X] [to Y] as ADDRESS
 *     dnat WHAT [from X] to ADDRESS[:PORTS]
 *     redirect WHAT [from X] to PORT
 *
 *     [ADDRESS:]PORTS:GUEST:PORTS[/PROTOCOL] [from X] */
#include <string.h>

#include "file/firewall.h"

static const char nat_example[] = "masquerade from guests to wan";

/* "10.0.0.5", "10.0.0.5:80", "[fd00::5]:80", "fd00::5". */
static bool target_read(struct fw_reader *f, const struct word *word, struct ip *ret_ip,
                        const char **ret_ports)
{
    const char *text = word->text, *end;
    bool bracket = *text == '[';
    *ret_ports = NULL;
    if (!bracket && ip_parse(text, ret_ip) == 0)
        return true;
    end = bracket ? strchr(text, ']') : strrchr(text, ':');
    const char *ip = end ? arena_strndup(f->r->arena, text + bracket, (size_t)(end - text) - bracket) : text;
    if (end && ip_parse(ip, ret_ip) == 0 && (!bracket || end[1] == ':' || !end[1])) {
        *ret_ports = end[bracket] ? end + bracket + 1 : NULL;
        return true;
    }
    struct error *error = word_refuse(f, word, "`%s` is not an address, nor one with a port", text);
    word_hint(f, error, "expected one like 10.0.0.5, 10.0.0.5:8080 or [fd00::5]:8080");
    return false;
}

static bool address_read(struct fw_reader *f, const struct word *word, struct fw_nat *nat)
{
    const char *ports;
    return word && target_read(f, word, &nat->address, &ports) &&
           (!ports || ports_read(f, word, ports, &nat->first, &nat->last));
}

static bool to_read(struct fw_reader *f, struct phrase *phrase, struct fw_nat *nat)
{
    const struct word *word = phrase_next(phrase);
    if (!word) {
        phrase_refuse(f, phrase, nat->verb == FW_REDIRECT ? "a port" : "a zone or an address");
        return false;
    }
    if (nat->verb == FW_REDIRECT)
        return ports_read(f, word, word->text, &nat->first, &nat->last);
    return nat->verb == FW_DNAT ? address_read(f, word, nat) : side_read(f, word, &nat->to);
}

static bool nat_clause_read(struct fw_reader *f, struct phrase *phrase, struct fw_nat *nat)
{
    if (phrase_take(phrase, "from")) {
        const struct word *word = phrase_next(phrase);
        if (!word)
            phrase_refuse(f, phrase, "a zone or an address");
        return word && side_read(f, word, &nat->from);
    }
    if (phrase_take(phrase, "to"))
        return to_read(f, phrase, nat);
    if (nat->verb == FW_SNAT && phrase_take(phrase, "as")) {
        if (!phrase_peek(phrase))
            phrase_refuse(f, phrase, "an address");
        return address_read(f, phrase_next(phrase), nat);
    }
    phrase_refuse(f, phrase, nat->verb == FW_SNAT ? "from, to or as" : "from or to");
    return false;
}

/* Ports need a protocol that has some. */
static bool matches_have_ports(const struct fw_matches *matches)
{
    bool all = matches->n > 0;
    for (unsigned i = 0; i < matches->n; i++)
        all &= fw_protocol_has_ports(matches->list[i].protocol);
    return all;
}

static bool nat_is_whole(struct fw_reader *f, const struct phrase *phrase, const struct fw_nat *nat)
{
    const char *verb = names_format(fw_nat_names, nat->verb);
    if (nat->verb == FW_SNAT && !nat->address.family)
        phrase_refuse(f, phrase, "`as` and an address");
    else if (nat->verb == FW_DNAT && !nat->address.family)
        phrase_refuse(f, phrase, "`to` and an address");
    else if (nat->verb == FW_REDIRECT && !nat->first)
        phrase_refuse(f, phrase, "`to` and a port");
    else if (nat->from.form == FW_HOST || nat->to.form == FW_HOST)
        errors_add(f->r->errors, &nat->place, "`%s` is not about packets of the host itself", verb);
    else if (nat->verb == FW_SNAT && nat->first)
        errors_add(f->r->errors, &nat->place, "`snat` takes no port");
    else if (nat->first && !matches_have_ports(&nat->matches)) {
        struct error *error = errors_add(f->r->errors, &nat->place,
                                         "a port is changed only where a protocol with ports is named");
        word_hint(f, error, "for example: `%s tcp/80 ...`", verb);
    } else
        return true;
    return false;
}

static bool nat_read(struct fw_reader *f, const struct node *node, struct fw_nat *nat)
{
    struct phrase phrase;
    int64_t verb;
    if (!phrase_split(f, node, "nat", &phrase))
        return false;
    const struct word *word = phrase_next(&phrase);
    nat->words = phrase.folded;
    nat->place = node->place;
    if (!word || names_parse(fw_nat_names, word->text, &verb) < 0) {
        phrase.at = 0;
        struct error *error = phrase_refuse(f, &phrase, "masquerade, snat, dnat or redirect");
        word_hint(f, error, "for example: `%s`", nat_example);
        return false;
    }
    nat->verb = (enum fw_nat_verb)verb;
    bool good = matches_read(f, &phrase, &nat->matches);
    while (phrase_peek(&phrase))
        if (!nat_clause_read(f, &phrase, nat))
            return false;
    return good && nat_is_whole(f, &phrase, nat);
}

void read_fw_nat(struct fw_reader *f, const struct pair *pair)
{
    struct fw_nat **last = &f->fw->nat;
    if (node_is_map(pair->value)) {
        want_form(f->r, pair->value, NODE_LIST, "nat", "nat: [masquerade from guests to wan]");
        return;
    }
    for (size_t i = 0; i < node_count(pair->value); i++) {
        struct fw_nat *nat = arena_alloc(f->r->arena, sizeof *nat);
        if (!nat_read(f, node_item(pair->value, i), nat))
            continue;
        *last = nat;
        last = &nat->next;
    }
}

/* Published ports */

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
    if (f->network && ip_parse(text, ret) < 0)
        return refuse_guest(f, word, text);
    return published_ip(f, word, text, ret);
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

static bool publish_collides(const struct fw_publish *a, const struct fw_publish *b)
{
    bool same_at = !a->at.family || !b->at.family || ip_equal(&a->at, &b->at);
    return a->protocol == b->protocol && a->to.family == b->to.family && same_at && a->first <= b->last &&
           b->first <= a->last && !a->from.is_said && !b->from.is_said;
}

void publish_refuse_twice(struct reader *r, const struct fw_publish *all, const struct fw_publish *publish)
{
    while (all != publish && !publish_collides(all, publish))
        all = all->next;
    if (all == publish)
        return;
    struct error *error = refuse_twice(r, &publish->place, &all->place, "port %u/%s is published twice",
                                       all->first > publish->first ? all->first : publish->first,
                                       names_format(fw_protocol_names, publish->protocol));
    if (!publish->place.line)
        error_hint(r->errors, error, "`%s` has it", all->words);
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
        publish_refuse_twice(f->r, f->fw->published, publish);
    }
}
