/* Runs of alike rules become one look-up, so that a chain of 10,000 rules stays a handful. A run is
 *
 * - consecutive rules of one verdict: then their order means nothing, and those of one shape (which
 * interfaces, and   which of source, destination, protocol and port are said) become a set; or -
 * consecutive rules of one shape that name single addresses and ports: of two for the same key only the
 * first can   match, and the others become a map of verdicts.
 *
 * Only plain rules: those that log or keep a limit, or ask for a set of the user's, stay as they are. */
#include <stdlib.h>
#include <string.h>

#include "model/firewall/compiler.h"
#include "model/nft/nft.h"

/* Shapes */

static bool is_plain(const struct fw_atom *atom)
{
    const struct fw_rule *rule = atom->rule;
    bool says = atom->source.ranges || atom->destination.ranges || atom->group;
    return says && !rule->log && !rule->limit.rate && !rule->connections && !atom->source.set &&
           !atom->destination.set && (!atom->group || !atom->group->n_kinds);
}

static bool has_ports(const struct fw_atom *atom)
{
    return atom->group && atom->group->n_ports;
}

static bool is_alike(const struct fw_atom *a, const struct fw_atom *b)
{
    return a->in == b->in && a->out == b->out && a->family == b->family &&
           !a->source.ranges == !b->source.ranges && !a->destination.ranges == !b->destination.ranges &&
           !a->group == !b->group && has_ports(a) == has_ports(b);
}

/* Cells: what one element of a set says */

struct cell {
    struct range source, destination;
    uint8_t protocol;
    struct fw_ports ports;
    const struct fw_atom *atom;
};

struct cells {
    struct cell *list;
    size_t n, capacity;
};

static size_t n_ranges(const struct fw_part *part)
{
    return part->ranges ? part->ranges->n : 1;
}

static size_t n_cells(const struct fw_atom *atom)
{
    return n_ranges(&atom->source) * n_ranges(&atom->destination) *
           (has_ports(atom) ? atom->group->n_ports : 1);
}

static struct cell cell_of(const struct fw_atom *atom, size_t i)
{
    static const struct range none;
    size_t n_ports = has_ports(atom) ? atom->group->n_ports : 1, n_to = n_ranges(&atom->destination);
    return (struct cell){
        .source = atom->source.ranges ? atom->source.ranges->list[i / n_ports / n_to] : none,
        .destination = atom->destination.ranges ? atom->destination.ranges->list[i / n_ports % n_to] : none,
        .protocol = atom->group ? atom->group->protocol : 0,
        .ports = has_ports(atom) ? atom->group->ports[i % n_ports] : (struct fw_ports){0},
        .atom = atom,
    };
}

static struct cell *cells_more(struct cells *cells)
{
    if (cells->n == cells->capacity) {
        cells->capacity = cells->capacity ? 2 * cells->capacity : 64;
        cells->list = xrealloc(cells->list, cells->capacity, sizeof *cells->list);
    }
    return &cells->list[cells->n++];
}

static bool cell_is_single(const struct cell *cell)
{
    return range_is_single(&cell->source) && range_is_single(&cell->destination) &&
           cell->ports.first == cell->ports.last;
}

static void cell_format(const struct cell *cell, struct text *out)
{
    size_t start = out->length;
    const struct fw_atom *atom = cell->atom;
    if (atom->source.ranges)
        range_format(&cell->source, out);
    if (atom->destination.ranges) {
        text_add(out, out->length > start ? " . " : "");
        range_format(&cell->destination, out);
    }
    if (atom->group)
        text_printf(out, "%s%s", out->length > start ? " . " : "", fw_protocol_word(cell->protocol));
    if (cell->ports.first)
        text_printf(out, " . %u", cell->ports.first);
    if (cell->ports.last != cell->ports.first)
        text_printf(out, "-%u", cell->ports.last);
}

static const char *cell_text(struct fw_compiler *c, const struct cell *cell)
{
    struct text text CLEANUP_TEXT = {0};
    cell_format(cell, &text);
    return arena_strdup(c->arena, text_of(&text));
}

/* Overlaps: an interval set takes none. Of cells in one verdict, one that lies in another says nothing
 * new; of two that overlap otherwise, the later stays a rule. */

static int range_order(const struct range *a, const struct range *b)
{
    int first = memcmp(a->first.bytes, b->first.bytes, sizeof a->first.bytes);
    return first ? first : -memcmp(a->last.bytes, b->last.bytes, sizeof a->last.bytes);
}

static int in_order(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    int order = range_order(&x->source, &y->source);
    if (!order)
        order = range_order(&x->destination, &y->destination);
    if (!order)
        order = x->protocol - y->protocol;
    if (!order)
        order = x->ports.first - y->ports.first;
    return order ? order : y->ports.last - x->ports.last;
}

static bool range_meets(const struct range *a, const struct range *b)
{
    return memcmp(a->first.bytes, b->last.bytes, 16) <= 0 && memcmp(b->first.bytes, a->last.bytes, 16) <= 0;
}

static bool range_holds(const struct range *a, const struct range *b)
{
    return memcmp(a->first.bytes, b->first.bytes, 16) <= 0 && memcmp(b->last.bytes, a->last.bytes, 16) <= 0;
}

static bool cell_meets(const struct cell *a, const struct cell *b)
{
    return a->protocol == b->protocol && a->ports.first <= b->ports.last && b->ports.first <= a->ports.last &&
           range_meets(&a->source, &b->source) && range_meets(&a->destination, &b->destination);
}

static bool cell_holds(const struct cell *a, const struct cell *b)
{
    return a->protocol == b->protocol && a->ports.first <= b->ports.first && b->ports.last <= a->ports.last &&
           range_holds(&a->source, &b->source) && range_holds(&a->destination, &b->destination);
}

/* Cells that meet none of each other. They come sorted, so that those that end before a cell meet none
 * behind it either, and are forgotten. */
struct kept {
    struct map texts;
    struct cells ranges; /* those that are more than a single key, and not past */
};

static bool cell_is_past(const struct cell *cell, const struct cell *next)
{
    if (cell->atom->source.ranges)
        return memcmp(cell->source.last.bytes, next->source.first.bytes, 16) < 0;
    if (cell->atom->destination.ranges)
        return memcmp(cell->destination.last.bytes, next->destination.first.bytes, 16) < 0;
    return cell->protocol != next->protocol || cell->ports.last < next->ports.first;
}

enum fate { FATE_KEPT, FATE_HELD, FATE_APART };

static enum fate cell_keep(struct kept *kept, const struct cell *cell, const char *text)
{
    if (map_has(&kept->texts, text))
        return FATE_HELD;
    for (size_t i = 0; i < kept->ranges.n;) {
        const struct cell *other = &kept->ranges.list[i];
        if (cell_meets(other, cell))
            return cell_holds(other, cell) ? FATE_HELD : FATE_APART;
        if (cell_is_past(other, cell))
            kept->ranges.list[i] = kept->ranges.list[--kept->ranges.n];
        else
            i++;
    }
    map_set(&kept->texts, text, (void *)cell);
    if (!cell_is_single(cell))
        *cells_more(&kept->ranges) = *cell;
    return FATE_KEPT;
}

/* Sets */

static void add_key(struct text *types, json_t *fields, const char *type, json_t *field)
{
    text_printf(types, "%s%s", types->length ? " . " : "", type);
    json_array_append_new(fields, field);
}

/* The types of the key, and the expression that is looked up. */
static json_t *key_of(const struct fw_atom *atom, struct text *types)
{
    const char *address = atom->family == 6 ? "ipv6_addr" : "ipv4_addr";
    json_t *fields = json_array();
    if (atom->source.ranges)
        add_key(types, fields, address, fw_field(atom->family, "saddr"));
    if (atom->destination.ranges)
        add_key(types, fields, address, fw_field(atom->family, "daddr"));
    if (atom->group)
        add_key(types, fields, "inet_proto", fw_meta("l4proto"));
    if (has_ports(atom))
        add_key(types, fields, "inet_service", fw_payload("th", "dport"));
    json_t *key = json_array_size(fields) == 1 ? json_incref(json_array_get(fields, 0))
                                               : json_pack("{s:O}", "concat", fields);
    json_decref(fields);
    return key;
}

static const char *lookup_name(struct fw_compiler *c, const struct fw_lines *chain)
{
    return arena_printf(c->arena, "%s-%u", chain->name, ++c->n_runs);
}

/* Under the words that the kernel's element has: those of a prefix are not always ours. */
static void note_element(struct fw_compiler *c, const char *set, const struct fw_atom *atom, const char *line,
                         bool is_map)
{
    struct text types CLEANUP_TEXT = {0}, words CLEANUP_TEXT = {0};
    struct nft_key key, data;
    struct nft_element element;
    if (!c->options.elements)
        return;
    json_decref(key_of(atom, &types));
    nft_key_parse(text_of(&types), &key);
    nft_key_parse("verdict", &data);
    if (nft_element_parse(&key, is_map ? &data : NULL, line, strlen(line), &element) < 0)
        return;
    nft_element_format(&key, is_map ? &data : NULL, &element, &words);
    struct fw_origin *origin = arena_alloc(c->arena, sizeof *origin);
    *origin = (struct fw_origin){.words = atom->rule->words, .place = atom->rule->place, .rule = atom->rule};
    map_set(c->options.elements, arena_printf(c->arena, "%s %s", set, text_of(&words)), origin);
}

static void put_lookup(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atom *first,
                       const char *name, const char *lines, bool interval, bool is_map)
{
    struct text types CLEANUP_TEXT = {0}, sorted CLEANUP_TEXT = {0};
    struct nft_key key, data;
    json_t *left = key_of(first, &types), *expr = json_array();
    struct object *set = fw_set_new(c, name, text_of(&types));
    nft_key_parse(text_of(&types), &key);
    nft_key_parse("verdict", &data);
    nft_elements_sort(&key, is_map ? &data : NULL, lines, &sorted);
    object_set_number(c->model, set, "counted", 1);
    if (interval)
        object_set_number(c->model, set, "interval", 1);
    if (is_map)
        object_set_text(c->model, set, "data", "verdict");
    object_set_text(c->model, set, "elements", text_of(&sorted));
    fw_set_add(c, set);

    json_t *right = json_sprintf("@%s", name);
    fw_add_interfaces(expr, first->in, first->out);
    if (is_map) {
        json_array_append_new(expr, json_pack("{s:{s:o, s:o}}", "vmap", "key", left, "data", right));
    } else {
        json_array_append_new(expr, fw_is(left, right));
        json_array_append_new(expr, fw_counter());
        json_array_append_new(expr, fw_atom_verdict(first));
    }
    const struct fw_origin origin = {
        .words = first->rule->words, .place = first->rule->place, .rule = first->rule, .is_lookup = true};
    fw_put(c, chain, expr, arena_printf(c->arena, "%.100s, and more alike", first->rule->comment), &origin);
}

/* Alike atoms of one verdict: a set, and what does not fit into it. */
static void put_set(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atoms *alike)
{
    struct cells cells = {0};
    struct kept kept = {0};
    struct text lines CLEANUP_TEXT = {0};
    const struct fw_atom *apart = NULL;
    const char *name = lookup_name(c, chain);
    bool interval = false;
    for (size_t i = 0; i < alike->n; i++)
        for (size_t k = 0; k < n_cells(&alike->list[i]); k++)
            *cells_more(&cells) = cell_of(&alike->list[i], k);
    if (cells.n)
        qsort(cells.list, cells.n, sizeof *cells.list, in_order);
    for (size_t i = 0; i < cells.n; i++) {
        const struct cell *cell = &cells.list[i];
        const char *text = cell_text(c, cell);
        enum fate fate = cell_keep(&kept, cell, text);
        if (fate == FATE_APART && cell->atom != apart)
            fw_put_atom(c, chain, apart = cell->atom);
        if (fate != FATE_KEPT)
            continue;
        interval |= !cell_is_single(cell);
        note_element(c, name, cell->atom, text, false);
        text_printf(&lines, "%s%s", lines.length ? "\n" : "", text);
    }
    put_lookup(c, chain, &alike->list[0], name, text_of(&lines), interval, false);
    map_done(&kept.texts);
    free(kept.ranges.list);
    free(cells.list);
}

/* Atoms of one verdict: those of each shape together. */
static void put_sets(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atom *atoms, size_t n)
{
    bool *done = xrealloc(NULL, n, sizeof *done);
    memset(done, 0, n);
    for (size_t i = 0; i < n; i++) {
        struct fw_atoms alike = {0};
        for (size_t k = i; !done[i] && k < n; k++)
            if (!done[k] && is_alike(&atoms[i], &atoms[k]))
                fw_atom_add(&alike, &atoms[k]), done[k] = k != i;
        if (alike.n && alike.n >= c->options.run_min)
            put_set(c, chain, &alike);
        else
            for (size_t k = 0; k < alike.n; k++)
                fw_put_atom(c, chain, &alike.list[k]);
        fw_atoms_done(&alike);
    }
    free(done);
}

/* Alike atoms of single keys, of any verdict: of two for one key, the first. */
static void put_map(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atom *atoms, size_t n)
{
    CLEANUP_MAP struct map keys = {0};
    struct text lines CLEANUP_TEXT = {0};
    const char *name = lookup_name(c, chain);
    for (size_t i = 0; i < n; i++) {
        const struct cell cell = cell_of(&atoms[i], 0);
        const char *text = cell_text(c, &cell);
        if (map_has(&keys, text))
            continue;
        map_set(&keys, text, c);
        const char *line =
            arena_printf(c->arena, "%s : %s", text, names_format(fw_verdict_names, atoms[i].rule->verdict));
        note_element(c, name, &atoms[i], line, true);
        text_printf(&lines, "%s%s", lines.length ? "\n" : "", line);
    }
    put_lookup(c, chain, atoms, name, text_of(&lines), false, true);
}

/* How far a run goes from the first atom. */

static size_t run_of_verdict(const struct fw_atom *atoms, size_t n)
{
    size_t i = 0;
    while (i < n && is_plain(&atoms[i]) && atoms[i].rule->verdict == atoms[0].rule->verdict)
        i++;
    return i;
}

static bool is_single(const struct fw_atom *atom)
{
    const struct cell cell = cell_of(atom, 0);
    return n_cells(atom) == 1 && cell_is_single(&cell);
}

static size_t run_of_shape(const struct fw_atom *atoms, size_t n)
{
    size_t i = 0;
    while (i < n && is_plain(&atoms[i]) && is_single(&atoms[i]) && is_alike(&atoms[0], &atoms[i]) &&
           atoms[i].rule->verdict != FW_REJECT)
        i++;
    return i;
}

void fw_put_rules(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atoms *atoms)
{
    for (size_t i = 0; i < atoms->n;) {
        const struct fw_atom *first = &atoms->list[i];
        size_t n = run_of_verdict(first, atoms->n - i), n_shape = run_of_shape(first, atoms->n - i);
        size_t run = n > n_shape ? n : n_shape;
        if (run < c->options.run_min) {
            fw_put_atom(c, chain, first);
            i++;
            continue;
        }
        if (n >= n_shape)
            put_sets(c, chain, first, n);
        else
            put_map(c, chain, first, n_shape);
        i += run;
    }
}
