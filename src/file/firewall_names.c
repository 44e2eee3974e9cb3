/* Where packets come from and go to: zones, sets, addresses. */
#include <stdlib.h>
#include <string.h>

#include "file/firewall.h"

/* Sides */

static void offer_zones(const struct fw_reader *f, struct nearest *nearest)
{
    nearest_offer(nearest, "host");
    nearest_offer(nearest, "any");
    for (const struct fw_zone *zone = f->fw->zones; zone; zone = zone->next)
        nearest_offer(nearest, zone->name);
}

/* A guest is no zone, but that of its network is near. */
static const struct network *network_of_guest(const struct fw_reader *f, const char *ns,
                                              const struct network_guest **ret_guest)
{
    for (const struct network *network = f->r->topology->networks; network; network = network->next)
        if (f->scope == &f->r->host && (*ret_guest = network_guest_find(network, ns)))
            return network;
    return NULL;
}

static void hint_guest(struct fw_reader *f, struct error *error, const struct network *network,
                       const struct network_guest *guest)
{
    const struct prefix *address = &guest->addresses[guest->addresses[IPV4].ip.family ? IPV4 : IPV6];
    char text[IP_TEXT_SIZE];
    if (address->ip.family)
        word_hint(f, error, "`%s` is a guest: say its address, `%s`, or the zone of its network, `%s`",
                  guest->ns, ip_format(&address->ip, text), network->name);
    else
        word_hint(f, error, "`%s` is a guest: say the zone of its network, `%s`", guest->ns, network->name);
}

static bool refuse_side(struct fw_reader *f, const struct word *word)
{
    const struct network_guest *guest;
    const struct network *network = network_of_guest(f, word->text, &guest);
    bool is_set = *word->text == '@';
    struct error *error = word_refuse(f, word, "there is no %s `%s`", is_set ? "set" : "zone", word->text);
    struct nearest nearest = {.word = is_set ? word->text + 1 : word->text};
    if (is_set)
        for (const struct fw_set *set = f->fw->sets; set; set = set->next)
            nearest_offer(&nearest, set->name);
    else
        offer_zones(f, &nearest);
    if (network)
        hint_guest(f, error, network, guest);
    else if (nearest.best)
        word_hint(f, error, "did you mean `%s%s`?", is_set ? "@" : "", nearest.best);
    else if (is_set)
        word_hint(f, error, "describe it: `sets: {%s: [10.0.0.1, 10.1.0.0/16]}`", word->text + 1);
    else if (entry_find(f->r, f->scope->ns, word->text))
        word_hint(f, error, "an interface is named by its zone: `zones: {wan: [%s]}`", word->text);
    else if (strpbrk(word->text, ".:"))
        word_hint(f, error, "an address is like 10.0.0.1, 10.0.0.0/24 or fd00::1; names are not looked up");
    else
        word_hint(f, error, "describe it: `zones: {%s: [eth0]}`", word->text);
    return false;
}

bool side_read(struct fw_reader *f, const struct word *word, struct fw_side *ret)
{
    struct range range;
    struct fw_side side = {.is_said = true};
    const char *text = word->text;
    if (strcmp(text, "any") == 0)
        side.form = FW_ANY;
    else if (strcmp(text, "host") == 0)
        side.form = FW_HOST;
    else if (range_parse(text, &range) == 0)
        side.form = FW_ADDRESSES;
    for (const struct fw_zone *zone = f->fw->zones; zone && !side.zone; zone = zone->next)
        if (strcmp(zone->name, text) == 0)
            side.form = FW_ZONE, side.zone = zone;
    for (const struct fw_set *set = f->fw->sets; *text == '@' && set && !side.set; set = set->next)
        if (strcmp(set->name, text + 1) == 0)
            side.form = FW_SET, side.set = set;
    if (side.form == FW_ANY && strcmp(text, "any") != 0)
        return refuse_side(f, word);
    if (side.form == FW_ADDRESSES)
        addresses_add(f->r->arena, &side.addresses, &range);
    *ret = side;
    return true;
}

/* Zones */

/* Whether there is, or can come to be, such an interface; told otherwise. */
static bool zone_interface_known(struct fw_reader *f, const struct fw_zone *zone, const struct node *word)
{
    struct reader *r = f->r;
    const struct scope *scope = f->scope;
    if (entry_find(r, scope->ns, word->text) || strcmp(word->text, "lo") == 0)
        return true;
    if (scope->unread || end_was_meant(r, scope, word->text) || interface_is_there(r, scope, word->text))
        return true;
    struct error *error =
        scope->exists ? errors_warn(r->errors, &word->place, "zone `%s`: no interface `%s` is in this file",
                                    zone->name, word->text)
                      : errors_add(r->errors, &word->place, "zone `%s`: no interface `%s` in namespace `%s`",
                                   zone->name, word->text, scope->ns);
    struct nearest nearest = {.word = word->text};
    bool guess = may_guess(r);
    for (const struct entry *entry = guess ? scope->first : NULL; entry; entry = entry->next)
        nearest_offer(&nearest, entry->name);
    if (nearest.best)
        word_hint(f, error, "did you mean `%s`?", nearest.best);
    else if (scope->exists)
        word_hint(f, error, "the zone has it once somebody makes one; describe it: `%s: {type: physical}`",
                  word->text);
    return scope->exists;
}

static void zone_add(struct fw_reader *f, struct fw_zone *zone, const struct node *word)
{
    struct range range;
    if (!want_word(f->r, word, zone->name) || !want_one(f->r, word, zone->name))
        return;
    if (range_parse(word->text, &range) == 0) {
        addresses_add(f->r->arena, &zone->networks, &range);
        return;
    }
    if (strpbrk(word->text, "/:*")) {
        errors_add(f->r->errors, &word->place, "zone `%s`: `%s` is neither an interface nor a network",
                   zone->name, word->text);
        return;
    }
    if (!zone_interface_known(f, zone, word))
        return;
    zone->interfaces[zone->n_interfaces++] = word->text;
}

/* The networks of the file are zones already. */
static bool zone_is_new(struct fw_reader *f, const struct node *key)
{
    if (f->scope != &f->r->host || !network_find(f->r->topology->networks, key->text))
        return true;
    struct error *error = errors_add(f->r->errors, &key->place,
                                     "zone `%s`: the network of that name is a zone by itself", key->text);
    word_hint(f, error, "leave it away, or call it something else");
    return false;
}

void read_zones(struct fw_reader *f, const struct pair *pair)
{
    struct fw_zone **last = &f->fw->zones;
    while (*last)
        last = &(*last)->next;
    if (!want_form(f->r, pair->value, NODE_MAP, "zones", "zones: {wan: [eno1], office: [192.168.1.0/24]}"))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct pair *named = &pair->value->pairs[i];
        size_t n = node_is_map(named->value) ? 0 : node_count(named->value);
        if (!name_is_good(f, named->key, "zone") || !zone_is_new(f, named->key))
            continue;
        struct fw_zone *zone = *last = arena_alloc(f->r->arena, sizeof *zone);
        *zone = (struct fw_zone){.name = named->key->text, .place = named->key->place};
        zone->interfaces = arena_alloc(f->r->arena, (n + 1) * sizeof *zone->interfaces);
        last = &zone->next;
        for (size_t k = 0; k < n; k++)
            zone_add(f, zone, node_item(named->value, k));
        if (!n) {
            struct error *error = errors_add(f->r->errors, &named->value->place,
                                             "zone `%s` has neither interfaces nor networks", zone->name);
            word_hint(f, error, "for example: `%s: [eth0, 10.0.0.0/24]`", zone->name);
        }
        addresses_settle(&zone->networks, true);
    }
}

/* Sets */

enum { BAD_LINES_MAX = 20 };

static bool entry_add(struct fw_reader *f, struct fw_set *set, const char *text, const struct place *place)
{
    struct range range;
    if (range_parse(text, &range) == 0) {
        addresses_add(f->r->arena, &set->addresses, &range);
        return true;
    }
    struct error *error = errors_add(
        f->r->errors, place, "set `%s`: `%s` is not an address, a network or a range", set->name, text);
    word_hint(f, error, "expected one like 10.0.0.1, 10.1.0.0/16, 10.0.0.5-10.0.0.9 or fd00::/8");
    return false;
}

/* A line of a text: one entry, or none; what follows a # is a remark. */
static bool line_add(struct fw_reader *f, struct fw_set *set, const char *line, size_t length,
                     struct place place)
{
    static const char space[] = " \t\r";
    const char *hash = memchr(line, '#', length);
    size_t end = hash ? (size_t)(hash - line) : length, start = 0;
    while (start < end && strchr(space, line[start]))
        start++;
    while (end > start && strchr(space, line[end - 1]))
        end--;
    if (start == end)
        return true;
    char text[2 * IP_TEXT_SIZE];
    struct range range;
    if (end - start < sizeof text) {
        memcpy(text, line + start, end - start);
        text[end - start] = '\0';
        if (range_parse(text, &range) == 0) {
            addresses_add(f->r->arena, &set->addresses, &range);
            return true;
        }
    }
    place.column = (int)start + 1;
    place.line_text = arena_strndup(f->r->arena, line, length);
    return entry_add(f, set, arena_strndup(f->r->arena, line + start, end - start), &place);
}

static size_t count_lines(const char *text)
{
    size_t n = 1;
    while ((text = strchr(text, '\n'))) {
        text++;
        n++;
    }
    return n;
}

/* One entry a line. */
static void read_lines(struct fw_reader *f, struct fw_set *set, const struct node *node)
{
    struct place place = node->place;
    unsigned n_bad = 0;
    addresses_expect(f->r->arena, &set->addresses, strchr(node->text, '.') ? IPV4 : IPV6,
                     count_lines(node->text));
    for (const char *line = node->text; *line && n_bad < BAD_LINES_MAX; line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        place.line++;
        n_bad += !line_add(f, set, line, length, place);
        line += length;
    }
    set->grows = true;
    if (n_bad == BAD_LINES_MAX)
        errors_add(f->r->errors, &place, "set `%s`: what follows is not looked at, after %d mistakes",
                   set->name, BAD_LINES_MAX);
}

static void read_set(struct fw_reader *f, struct fw_set *set, const struct pair *named)
{
    const struct node *value = named->value;
    if (node_is_scalar(value) && strchr(value->text, '\n')) {
        read_lines(f, set, value);
    } else if (node_is_map(value)) {
        struct error *error =
            errors_add(f->r->errors, &value->place, "set `%s` is a list of addresses, or a file", set->name);
        word_hint(f, error, "for example: `%s: [10.0.0.1, 10.1.0.0/16]` or `%s: {file: %s.txt}`", set->name,
                  set->name, set->name);
    } else {
        for (size_t i = 0; i < node_count(value); i++) {
            const struct node *word = node_item(value, i);
            if (want_word(f->r, word, set->name) && want_one(f->r, word, set->name))
                entry_add(f, set, word->text, &word->place);
        }
    }
    addresses_settle(&set->addresses, false);
}

void read_sets(struct fw_reader *f, const struct pair *pair)
{
    struct fw_set **last = &f->fw->sets;
    if (!want_form(f->r, pair->value, NODE_MAP, "sets",
                   "sets: {admins: [10.0.0.5], blocked: {file: blocked.txt}}"))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct pair *named = &pair->value->pairs[i];
        if (!name_is_good(f, named->key, "set"))
            continue;
        struct fw_set *set = *last = arena_alloc(f->r->arena, sizeof *set);
        *set = (struct fw_set){.name = named->key->text, .place = named->key->place};
        last = &set->next;
        read_set(f, set, named);
    }
}
