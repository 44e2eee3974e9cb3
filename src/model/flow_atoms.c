#include "model/flow_atoms.h"

#include <stdlib.h>
#include <string.h>

#include "model/firewall/addresses.h"
#include "model/nft/nft.h"

enum { PORTS = 65536, WORD_SIZE = 2 * IP_TEXT_SIZE };

/* Where atoms begin. */
struct flow_atoms {
    struct ip *begins[FAMILIES];
    size_t n[FAMILIES], capacity[FAMILIES];
    bool port_begins[PORTS + 1];
    uint16_t port_atoms[PORTS];
};

struct flow_atoms *flow_atoms_new(void)
{
    return xcalloc(1, sizeof(struct flow_atoms));
}

void flow_atoms_free(struct flow_atoms *atoms)
{
    if (!atoms)
        return;
    for (unsigned family = 0; family < FAMILIES; family++)
        free(atoms->begins[family]);
    free(atoms);
}

static void begin_at(struct flow_atoms *atoms, const struct ip *ip)
{
    unsigned family = ip_family(ip);
    if (atoms->n[family] == atoms->capacity[family]) {
        atoms->capacity[family] = atoms->capacity[family] ? atoms->capacity[family] * 2 : 64;
        atoms->begins[family] =
            xrealloc(atoms->begins[family], atoms->capacity[family], sizeof *atoms->begins[family]);
    }
    atoms->begins[family][atoms->n[family]++] = *ip;
}

static void add_range(struct flow_atoms *atoms, const struct range *range)
{
    struct ip behind = range->last;
    begin_at(atoms, &range->first);
    if (ip_add(&behind, 1))
        begin_at(atoms, &behind);
}

static void add_ports(struct flow_atoms *atoms, long first, long last)
{
    if (first < 0 || last >= PORTS || first > last)
        return;
    atoms->port_begins[first] = true;
    atoms->port_begins[last + 1] = true;
}

/* An address, a network, a range of them; a number or two. What is neither says nothing of a flow. */
static void add_word(struct flow_atoms *atoms, const char *word)
{
    struct range range;
    char *end;
    if (range_parse(word, &range) == 0) {
        add_range(atoms, &range);
        return;
    }
    long first = strtol(word, &end, 10), last = first;
    if (end != word && *end == '-')
        last = strtol(end + 1, &end, 10);
    if (end != word && !*end)
        add_ports(atoms, first, last);
}

static void add_prefix(struct flow_atoms *atoms, const json_t *prefix)
{
    struct prefix whole;
    struct range range;
    char text[PREFIX_TEXT_SIZE];
    const char *address = json_string_value(json_object_get(prefix, "addr"));
    if (!address || ip_parse(address, &whole.ip) < 0)
        return;
    whole.length = (uint8_t)json_integer_value(json_object_get(prefix, "len"));
    if (range_parse(prefix_format(&whole, text), &range) == 0)
        add_range(atoms, &range);
}

/* Both ends are constants too; that the last belongs to it is said by what begins behind each. */
static void add_constants(struct flow_atoms *atoms, const json_t *json)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_string(json))
        add_word(atoms, json_string_value(json));
    else if (json_is_integer(json))
        add_ports(atoms, (long)json_integer_value(json), (long)json_integer_value(json));
    if (json_object_get(json, "prefix"))
        add_prefix(atoms, json_object_get(json, "prefix"));
    json_array_foreach(json, i, value) add_constants(atoms, value);
    json_object_foreach((json_t *)json, key, value) add_constants(atoms, value);
}

static void add_rules(struct flow_atoms *atoms, const char *line)
{
    while (*line) {
        size_t length = strcspn(line, "\n");
        json_t *rule = nft_rule_parse(line, length);
        add_constants(atoms, json_object_get(rule, "expr"));
        json_decref(rule);
        line += length + (line[length] == '\n');
    }
}

/* "10.0.0.0/8 . tcp . 80-90 : 10.0.0.5 . 80" */
static void add_elements(struct flow_atoms *atoms, const char *text)
{
    char word[WORD_SIZE];
    for (; *text; text += strspn(text, " \n")) {
        size_t length = strcspn(text, " \n");
        if (length < sizeof word) {
            memcpy(word, text, length);
            word[length] = '\0';
            add_word(atoms, word);
        }
        text += length;
    }
}

/* The address itself, and the ends of its network: the last is a broadcast. */
static void add_address(struct flow_atoms *atoms, const struct object *address)
{
    const char *text = object_text(address, "address"), *broadcast = object_text(address, "broadcast");
    struct prefix prefix;
    struct range range;
    if (range_parse(text, &range) < 0 || prefix_parse(text, &prefix) < 0)
        return;
    add_range(atoms, &range);
    add_range(atoms, &(struct range){prefix.ip, prefix.ip});
    add_range(atoms, &(struct range){range.last, range.last});
    if (broadcast)
        add_word(atoms, broadcast);
}

void flow_atoms_add(struct flow_atoms *atoms, const struct model *model, const char *ns)
{
    static const char *const everywhere[] = {"127.0.0.0/8", "::1", "224.0.0.0/4", "255.255.255.255",
                                             "ff00::/8"};
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        add_word(atoms, everywhere[i]);
    for (const struct object *o = map_get(&model->namespaces, ns); o; o = o->next_in_ns) {
        if (o->class->id == CLASS_CHAIN && object_has(o, "rules"))
            add_rules(atoms, object_text(o, "rules"));
        else if (o->class->id == CLASS_SET && object_has(o, "elements"))
            add_elements(atoms, object_text(o, "elements"));
        else if (o->class->id == CLASS_ADDRESS)
            add_address(atoms, o);
        else if (o->class->id == CLASS_ROUTE)
            add_word(atoms, object_text(o, "to"));
    }
}

static int by_bytes(const void *left, const void *right)
{
    const struct ip *a = left, *b = right;
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

void flow_atoms_sort(struct flow_atoms *atoms)
{
    for (unsigned family = 0; family < FAMILIES; family++)
        if (atoms->n[family])
            qsort(atoms->begins[family], atoms->n[family], sizeof *atoms->begins[family], by_bytes);
    uint16_t atom = 0;
    for (unsigned port = 0; port < PORTS; port++)
        atoms->port_atoms[port] = atom = (uint16_t)(atom + (port && atoms->port_begins[port]));
}

/* How many begin at it or before it; of several at one place the last counts. */
size_t flow_atom_of_ip(const struct flow_atoms *atoms, const struct ip *ip)
{
    unsigned family = ip_family(ip);
    size_t low = 0, high = atoms->n[family];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (by_bytes(&atoms->begins[family][middle], ip) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

unsigned flow_atom_of_port(const struct flow_atoms *atoms, uint16_t port)
{
    return atoms->port_atoms[port];
}
