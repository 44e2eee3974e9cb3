/* Address translation: phrases of `nat`.
 *
 *     masquerade [WHAT] [from X] [to Y]
 *     snat [WHAT] [from X] [to Y] as ADDRESS
 *     dnat WHAT [from X] to ADDRESS[:PORTS]
 *     redirect WHAT [from X] to PORT */
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
