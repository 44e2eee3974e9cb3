/* Translation of addresses.
 *
 * A published port is an element of a map: what comes to an address of the host, from outside, from a
 * guest or from the host itself, is sent on to the guest. When guest and sibling lie in one network, the
 * answer would go past us, so that the sibling would not know it: there, the source becomes our own
 * address as well (a hairpin).
 *
 * What was sent on passes the forward chain behind the rules, so that a rule can deny it, and before the
 * default.
 *
 * Masquerading is about IPv4. Addresses of IPv6 are anybody's own, and stay, except unique local ones
 * (fc00::/7), which nobody else can answer; and those that a rule names. */
#include <string.h>

#include "model/firewall/compiler.h"
#include "model/nft/nft.h"

static const char *address_type(unsigned family)
{
    return family == 6 ? "ipv6_addr" : "ipv4_addr";
}

static const char *family_word(unsigned family)
{
    return family == 6 ? "ip6" : "ip";
}

static json_t *address_json(const struct ip *ip)
{
    char buffer[IP_TEXT_SIZE];
    return json_string(ip_format(ip, buffer));
}

/* Atoms of a translation, in the family of its address. */
static void nat_atoms(struct fw_compiler *c, const struct fw_nat *nat, struct fw_atoms *out)
{
    size_t n = 0;
    fw_atoms_of(c, &nat->matches, &nat->from, &nat->to, NULL, out);
    for (size_t i = 0; i < out->n; i++)
        if (!nat->address.family || !out->list[i].family || out->list[i].family == nat->address.family)
            out->list[n++] = out->list[i];
    out->n = n;
}

/* Port-forwards and what changes the source */

static void add_ports(json_t *action, uint16_t first, uint16_t last)
{
    if (first)
        json_object_set_new(action, "port",
                            first == last ? json_integer(first)
                                          : json_pack("{s:[i, i]}", "range", first, last));
}

static json_t *nat_action(const struct fw_nat *nat)
{
    json_t *action = nat->verb == FW_MASQUERADE ? json_null() : json_object();
    if (nat->address.family) {
        json_object_set_new(action, "family", json_string(family_word(nat->address.family)));
        json_object_set_new(action, "addr", address_json(&nat->address));
    }
    if (nat->verb != FW_MASQUERADE)
        add_ports(action, nat->first, nat->last);
    return json_pack("{s:o}", names_format(fw_nat_names, nat->verb), action);
}

static void put_nat_rule(struct fw_compiler *c, const struct fw_nat *nat, json_t *expr)
{
    const struct fw_origin origin = {.words = nat->words, .place = nat->place};
    bool early = nat->verb == FW_DNAT || nat->verb == FW_REDIRECT;
    json_array_append_new(expr, fw_counter());
    json_array_append_new(expr, nat_action(nat));
    fw_put(c, early ? &c->prerouting : &c->postrouting, expr, arena_printf(c->arena, "%.120s", nat->words),
           &origin);
}

static json_t *unique_local(void)
{
    return fw_is(fw_field(6, "saddr"), json_pack("{s:{s:s, s:i}}", "prefix", "addr", "fc00::", "len", 7));
}

static void compile_nat_rule(struct fw_compiler *c, const struct fw_nat *nat)
{
    struct fw_atoms atoms = {0};
    nat_atoms(c, nat, &atoms);
    for (size_t i = 0; i < atoms.n; i++) {
        bool both = nat->verb == FW_MASQUERADE && !atoms.list[i].family;
        json_t *expr = fw_atom_json(&atoms.list[i]);
        if (both)
            json_array_append_new(expr, fw_is(fw_meta("nfproto"), json_string("ipv4")));
        put_nat_rule(c, nat, expr);
        if (!both)
            continue;
        expr = fw_atom_json(&atoms.list[i]);
        json_array_append_new(expr, unique_local());
        put_nat_rule(c, nat, expr);
    }
    fw_atoms_done(&atoms);
}

/* Published ports: those of one family, to one address or to any, from one side, are one map */

struct bundle {
    const struct fw_publish *first;
    const char *name;
    struct text map, guests; /* elements */
    struct bundle *next;
};

static bool same_side(const struct fw_side *a, const struct fw_side *b)
{
    return a->form == b->form && a->zone == b->zone && a->set == b->set &&
           addresses_cover(&a->addresses, &b->addresses) && addresses_cover(&b->addresses, &a->addresses);
}

/* What says more is asked first. */
static int specific(const struct fw_publish *publish)
{
    return 2 * (publish->at.family != 0) + (publish->from.form != FW_ANY);
}

static struct bundle *bundle_find(struct fw_compiler *c, struct bundle **bundles,
                                  const struct fw_publish *publish)
{
    struct bundle **at = bundles;
    unsigned n = 0;
    for (; *at && specific((*at)->first) >= specific(publish); at = &(*at)->next, n++) {
        const struct fw_publish *first = (*at)->first;
        if (first->to.family == publish->to.family && !first->at.family == !publish->at.family &&
            same_side(&first->from, &publish->from))
            return *at;
    }
    const struct fw_zone *zone = publish->from.zone;
    struct bundle *less = *at;
    *at = arena_alloc(c->arena, sizeof **at);
    **at = (struct bundle){.first = publish, .next = less};
    (*at)->name = arena_printf(c->arena, "%s%s%s", publish->at.family ? "-at" : "", zone ? "-" : "",
                               zone ? zone->name : "");
    if (publish->from.form == FW_SET || publish->from.form == FW_ADDRESSES)
        (*at)->name = arena_printf(c->arena, "%s-%u", (*at)->name, n);
    (*at)->name = fw_set_name(c, (*at)->name, publish->to.family);
    return *at;
}

/* Which element of its map counts what comes to a port. */
static void put_origin(struct fw_compiler *c, const struct bundle *bundle, const char *element,
                       const struct fw_publish *publish)
{
    struct fw_origin *origin = arena_alloc(c->arena, sizeof *origin);
    *origin = (struct fw_origin){.words = publish->words, .place = publish->place};
    map_set(c->options.elements, arena_printf(c->arena, "publish%s %s", bundle->name, element), origin);
}

static void bundle_add(struct fw_compiler *c, struct bundle *bundle, const struct fw_publish *publish)
{
    char at[IP_TEXT_SIZE] = "", to[IP_TEXT_SIZE];
    const char *protocol = fw_protocol_word(publish->protocol);
    ip_format(&publish->to, to);
    if (publish->at.family)
        ip_format(&publish->at, at);
    for (unsigned i = 0; i <= (unsigned)(publish->last - publish->first); i++) {
        text_add(&bundle->map, bundle->map.length ? "\n" : "");
        size_t begin = bundle->map.length;
        text_printf(&bundle->map, "%s%s%s . %u : %s . %u", at, *at ? " . " : "", protocol, publish->first + i,
                    to, publish->to_first + i);
        if (c->options.elements)
            put_origin(c, bundle, bundle->map.data + begin, publish);
        text_printf(&bundle->guests, "%s%s . %s . %u", bundle->guests.length ? "\n" : "", to, protocol,
                    publish->to_first + i);
    }
}

static void add_lookup_set(struct fw_compiler *c, const char *name, const char *types, const char *data_types,
                           const char *lines)
{
    struct text sorted CLEANUP_TEXT = {0};
    struct nft_key key, data;
    struct object *set = fw_set_new(c, name, types);
    nft_key_parse(types, &key);
    if (data_types) {
        nft_key_parse(data_types, &data);
        object_set_text(c->model, set, "data", data_types);
    }
    nft_elements_sort(&key, data_types ? &data : NULL, lines, &sorted);
    object_set_number(c->model, set, "counted", 1);
    object_set_text(c->model, set, "elements", text_of(&sorted));
    fw_set_add(c, set);
}

static json_t *guest_key(unsigned family, bool with_address)
{
    json_t *list = json_pack("[o, o]", fw_meta("l4proto"), fw_payload("th", "dport"));
    if (with_address)
        json_array_insert_new(list, 0, fw_field(family, "daddr"));
    return json_pack("{s:o}", "concat", list);
}

/* Not to the loopback: what is sent there has a source that nobody can answer. */
static json_t *not_loopback(unsigned family)
{
    json_t *loopback = family == 6 ? json_string("::1")
                                   : json_pack("{s:{s:s, s:i}}", "prefix", "addr", "127.0.0.0", "len", 8);
    return json_pack("{s:{s:s, s:o, s:o}}", "match", "op", "!=", "left", fw_field(family, "daddr"), "right",
                     loopback);
}

static json_t *is_local(void)
{
    return fw_is(json_pack("{s:{s:s, s:[s]}}", "fib", "result", "type", "flags", "daddr"),
                 json_string("local"));
}

static void put_publish(struct fw_compiler *c, struct fw_lines *chain, const struct bundle *bundle,
                        json_t *expr)
{
    unsigned family = bundle->first->to.family;
    bool at = bundle->first->at.family;
    if (!at)
        json_array_append_new(expr, is_local());
    json_array_append_new(expr, fw_counter());
    json_t *map = json_pack("{s:{s:o, s:o}}", "map", "key", guest_key(family, at), "data",
                            json_sprintf("@publish%s", bundle->name));
    json_array_append_new(expr,
                          json_pack("{s:{s:s, s:o}}", "dnat", "family", family_word(family), "addr", map));
    fw_put(c, chain, expr, "publish", NULL);
}

static void compile_bundle(struct fw_compiler *c, const struct bundle *bundle)
{
    static const struct fw_matches everything;
    static const struct fw_side anywhere;
    const struct fw_publish *first = bundle->first;
    unsigned family = first->to.family;
    const char *address = address_type(family);
    struct fw_atoms atoms = {0};
    add_lookup_set(c, arena_printf(c->arena, "publish%s", bundle->name),
                   first->at.family ? arena_printf(c->arena, "%s . inet_proto . inet_service", address)
                                    : "inet_proto . inet_service",
                   arena_printf(c->arena, "%s . inet_service", address), text_of(&bundle->map));
    add_lookup_set(c, arena_printf(c->arena, "published%s", bundle->name),
                   arena_printf(c->arena, "%s . inet_proto . inet_service", address), NULL,
                   text_of(&bundle->guests));
    fw_atoms_of(c, &everything, &first->from, &anywhere, NULL, &atoms);
    for (size_t i = 0; i < atoms.n; i++)
        if (!atoms.list[i].family || atoms.list[i].family == family)
            put_publish(c, &c->prerouting, bundle, fw_atom_json(&atoms.list[i]));
    if (first->from.form == FW_ANY)
        put_publish(c, &c->output_nat, bundle, json_pack("[o]", not_loopback(family)));
    fw_atoms_done(&atoms);
}

static struct bundle *bundles_of(struct fw_compiler *c)
{
    struct bundle *bundles = NULL;
    for (const struct fw_publish *publish = c->fw->published; publish; publish = publish->next)
        bundle_add(c, bundle_find(c, &bundles, publish), publish);
    return bundles;
}

static void bundles_done(struct bundle *bundles)
{
    for (; bundles; bundles = bundles->next) {
        text_done(&bundles->map);
        text_done(&bundles->guests);
    }
}

/* Hairpins */

/* The network of the namespace in which a guest lies; the guest alone where the model does not know. */
static struct range network_of(const struct fw_compiler *c, const struct ip *guest)
{
    struct range range = {*guest, *guest}, found;
    for (const struct object *o = map_get(&c->model->namespaces, c->fw->ns); o; o = o->next_in_ns) {
        const char *text = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        struct addresses network = {0}, one = {0};
        if (!text || range_parse(text, &found) < 0 || found.first.family != guest->family)
            continue;
        network.of[ip_family(guest)] = (struct ranges){.list = &found, .n = 1};
        one.of[ip_family(guest)] = (struct ranges){.list = &range, .n = 1};
        if (addresses_cover(&network, &one))
            return found;
    }
    return range;
}

static void compile_hairpins(struct fw_compiler *c, unsigned family)
{
    struct addresses networks = {0};
    struct text lines CLEANUP_TEXT = {0};
    struct range range;
    for (const struct fw_publish *publish = c->fw->published; publish; publish = publish->next)
        if (publish->to.family == family && (range = network_of(c, &publish->to), true))
            addresses_add(c->arena, &networks, &range);
    for (const struct fw_nat *nat = c->fw->nat; nat; nat = nat->next)
        if (nat->verb == FW_DNAT && nat->address.family == family &&
            (range = network_of(c, &nat->address), true))
            addresses_add(c->arena, &networks, &range);
    addresses_settle(&networks, false);
    const struct ranges *ranges = &networks.of[family == 6 ? IPV6 : IPV4];
    for (size_t i = 0; i < ranges->n; i++) {
        text_add(&lines, i ? "\n" : "");
        range_format(&ranges->list[i], &lines);
        text_add(&lines, " . ");
        range_format(&ranges->list[i], &lines);
    }
    if (!ranges->n)
        return;
    const char *name = fw_set_name(c, "hairpin", family), *type = address_type(family);
    struct object *set = fw_set_new(c, name, arena_printf(c->arena, "%s . %s", type, type));
    object_set_number(c->model, set, "interval", 1);
    object_set_text(c->model, set, "elements", text_of(&lines));
    fw_set_add(c, set);
    json_t *pair = json_pack("{s:[o, o]}", "concat", fw_field(family, "saddr"), fw_field(family, "daddr"));
    json_t *expr = json_pack("[o, o, o, {s:n}]", fw_has("status", "dnat"),
                             fw_is(pair, json_sprintf("@%s", name)), fw_counter(), "masquerade");
    fw_put(c, &c->postrouting, expr, "from a guest to its sibling by what is published", NULL);
}

void fw_compile_nat(struct fw_compiler *c)
{
    struct bundle *bundles = bundles_of(c);
    for (const struct bundle *bundle = bundles; bundle; bundle = bundle->next)
        compile_bundle(c, bundle);
    bundles_done(bundles);
    compile_hairpins(c, 4);
    compile_hairpins(c, 6);
    for (const struct fw_nat *nat = c->fw->nat; nat; nat = nat->next)
        compile_nat_rule(c, nat);
}

/* What was translated is expected */

static void put_expected(struct fw_compiler *c, enum fw_chain chain, const struct fw_side *from,
                         const struct fw_matches *matches, const struct fw_side *to, json_t *extra,
                         const char *words, const struct place *place)
{
    struct fw_atoms atoms = {0};
    const struct fw_origin origin = {.words = words, .place = *place};
    const struct fw_side expected = {.form = FW_ZONE, .zone = c->fw->expected, .is_said = true};
    if (from->form == FW_ANY && expected.zone && chain != FW_OUTPUT)
        from = &expected;
    fw_atoms_of(c, matches, from, to, NULL, &atoms);
    for (size_t i = 0; i < atoms.n; i++) {
        json_t *expr = fw_atom_json(&atoms.list[i]);
        json_array_append_new(expr, fw_has("status", "dnat"));
        if (extra)
            json_array_append(expr, extra);
        json_array_append_new(expr, fw_counter());
        json_array_append_new(expr, fw_verdict_json(FW_ACCEPT));
        fw_put(c, &c->chains[chain], expr, arena_printf(c->arena, "%.120s", words), &origin);
    }
    fw_atoms_done(&atoms);
    json_decref(extra);
}

static void put_published(struct fw_compiler *c, enum fw_chain chain, const struct bundle *bundle)
{
    static const struct fw_matches everything;
    static const struct fw_side anywhere;
    const struct fw_publish *first = bundle->first;
    if (chain == FW_OUTPUT && first->from.form != FW_ANY)
        return;
    json_t *guests = fw_is(guest_key(first->to.family, true), json_sprintf("@published%s", bundle->name));
    put_expected(c, chain, &first->from, &everything, &anywhere, guests, "publish", &(struct place){0});
}

/* The ports behind the translation. */
static struct fw_matches changed_ports(struct fw_compiler *c, const struct fw_nat *nat)
{
    if (!nat->first)
        return nat->matches;
    struct fw_match *list = arena_alloc(c->arena, nat->matches.n * sizeof *list);
    for (unsigned i = 0; i < nat->matches.n; i++)
        list[i] = (struct fw_match){nat->matches.list[i].protocol, nat->first, nat->last, NULL};
    return (struct fw_matches){.list = list, .n = nat->matches.n};
}

void fw_put_translated(struct fw_compiler *c, enum fw_chain chain)
{
    for (const struct fw_nat *nat = c->fw->nat; nat; nat = nat->next) {
        bool here =
            nat->verb == FW_REDIRECT ? chain == FW_INPUT : nat->verb == FW_DNAT && chain == FW_FORWARD;
        struct fw_side to = {0};
        if (!here)
            continue;
        if (nat->verb == FW_DNAT) {
            to.form = FW_ADDRESSES;
            addresses_add(c->arena, &to.addresses, &(struct range){nat->address, nat->address});
        }
        const struct fw_matches matches = changed_ports(c, nat);
        put_expected(c, chain, &nat->from, &matches, &to, NULL, nat->words, &nat->place);
    }
    if (chain == FW_INPUT)
        return;
    struct bundle *bundles = bundles_of(c);
    for (const struct bundle *bundle = bundles; bundle; bundle = bundle->next)
        put_published(c, chain, bundle);
    bundles_done(bundles);
}
