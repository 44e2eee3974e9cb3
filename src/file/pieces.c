#include "file/pieces.h"

#include <string.h>

#include "base/text.h"
#include "file/emit.h"

/* The text */

static size_t line_start(const struct pieces *p, size_t at)
{
    while (at && p->text[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct pieces *p, size_t at)
{
    return at + strcspn(p->text + at, "\n");
}

static size_t next_line(const struct pieces *p, size_t at)
{
    size_t end = line_end(p, at);
    return end < p->size ? end + 1 : end;
}

static size_t skip_blank(const struct pieces *p, size_t at)
{
    return at + strspn(p->text + at, " \t\r");
}

/* Behind spaces, line breaks and remarks. */
static size_t skip_idle(const struct pieces *p, size_t at)
{
    for (;;) {
        size_t next = at + strspn(p->text + at, " \t\r\n");
        bool is_remark = p->text[next] == '#' && (next > at || !next || p->text[next - 1] == '\n');
        if (!is_remark)
            return next;
        at = line_end(p, next);
    }
}

/* Whether nothing but spaces, and a remark perhaps, is left of the line. */
static bool is_last_in_line(const struct pieces *p, size_t at)
{
    size_t next = skip_blank(p, at);
    return !p->text[next] || p->text[next] == '\n' || (p->text[next] == '#' && next > at);
}

static bool is_first_in_line(const struct pieces *p, size_t at)
{
    return skip_blank(p, line_start(p, at)) >= at;
}

static unsigned indent_of(const struct pieces *p, size_t at)
{
    return (unsigned)(at - line_start(p, at));
}

/* The end of lines in this text. */
static const char *newline(const struct pieces *p)
{
    size_t end = line_end(p, 0);
    return end && end < p->size && p->text[end - 1] == '\r' ? "\r\n" : "\n";
}

static void put(struct pieces *p, size_t from, size_t to, const char *with)
{
    if (p->n < PIECES_MAX)
        p->list[p->n++] = (struct piece){from, to, with};
}

/* Entries */

struct span {
    size_t begin, end;
};

static bool is_flow(const struct pieces *p, const struct node *node)
{
    return p->text[node->begin] == '{' || p->text[node->begin] == '[';
}

/* Of a value behind its colon or dash. An alias has the bytes of what it stands for, not its own. */
static struct span value_span(const struct pieces *p, size_t behind, const struct node *value)
{
    size_t at = skip_idle(p, behind);
    if (p->text[at] == '*')
        return (struct span){at, at + strcspn(p->text + at, " \t\r\n,]}")};
    if (value->begin == value->end)
        return (struct span){behind, behind};
    return (struct span){at, value->end};
}

static size_t behind_colon(const struct pieces *p, const struct pair *pair)
{
    size_t colon = skip_idle(p, pair->key->end);
    return p->text[colon] == ':' ? colon + 1 : pair->key->end;
}

/* The dash of an item is the first in its line; that of the first item is where the list begins. */
static size_t dash_of(const struct pieces *p, const struct node *list, size_t i)
{
    unsigned indent = indent_of(p, list->begin);
    size_t line = line_start(p, list->items[i]->begin);
    if (i == 0)
        return list->begin;
    while (line > list->begin && (line + indent >= p->size || skip_blank(p, line) != line + indent ||
                                  p->text[line + indent] != '-'))
        line = line_start(p, line - 1);
    return line + indent;
}

static struct span entry_span(const struct pieces *p, const struct node *in, size_t i)
{
    if (in->form == NODE_MAP) {
        struct span value = value_span(p, behind_colon(p, &in->pairs[i]), in->pairs[i].value);
        return (struct span){in->pairs[i].key->begin, value.end};
    }
    if (is_flow(p, in)) {
        const struct node *item = in->items[i];
        bool is_alias = item->begin < in->begin;
        size_t before = !is_alias ? 0 : i ? skip_idle(p, entry_span(p, in, i - 1).end) : in->begin;
        return is_alias ? value_span(p, before + 1, item) : (struct span){item->begin, item->end};
    }
    size_t dash = dash_of(p, in, i);
    return (struct span){dash, value_span(p, dash + 1, in->items[i]).end};
}

/* Blocks */

/* The lines of an entry. */
static const char *block_entry(struct pieces *p, unsigned indent, const struct node *key,
                               const struct node *value)
{
    struct text out CLEANUP_TEXT = {0}, lines CLEANUP_TEXT = {0};
    struct node *entry = node_new(p->arena, key ? NODE_MAP : NODE_LIST, &value->place);
    if (key) {
        node_add_pair(p->arena, entry, (struct node *)key, (struct node *)value);
        emit_block(entry, indent, &lines);
    } else {
        text_printf(&lines, "%*s- ", (int)indent, "");
        if (value->form == NODE_SCALAR && !strchr(value->text, '\n'))
            emit_word(value, &lines);
        else
            emit_flow(value, false, &lines);
        text_add(&lines, "\n");
    }
    for (const char *at = text_of(&lines); *at; at++)
        if (*at == '\n')
            text_add(&out, newline(p));
        else
            text_add_n(&out, at, 1);
    return arena_strdup(p->arena, text_of(&out));
}

/* Lines put at the beginning of a line, or behind a last one that has no end. */
static void put_lines(struct pieces *p, size_t at, const char *lines)
{
    bool is_open = at && p->text[at - 1] != '\n';
    size_t length = strlen(lines), end = strlen(newline(p));
    put(p, at, at,
        is_open ? arena_printf(p->arena, "%s%.*s", newline(p), (int)(length - end), lines) : lines);
}

/* Behind the line, and behind the remarks below it that are about what ended there, as they stand as deep. */
static size_t behind_lines(const struct pieces *p, size_t end, unsigned indent, bool is_last)
{
    size_t at = next_line(p, end), line = at;
    while (line < p->size) {
        size_t word = skip_blank(p, line);
        unsigned depth = (unsigned)(word - line);
        bool is_remark = p->text[word] == '#', is_empty = p->text[word] == '\n';
        bool is_its = depth > indent || (depth == indent && indent && is_last && line == at);
        if (!is_empty && !(is_remark && is_its))
            break;
        line = next_line(p, word);
        at = is_remark ? line : at;
    }
    return at;
}

/* In front of the line, and of remarks right above it. */
static size_t before_lines(const struct pieces *p, size_t at, unsigned indent)
{
    at = line_start(p, at);
    while (at) {
        size_t above = line_start(p, at - 1), remark = skip_blank(p, above);
        if (p->text[remark] != '#' || remark - above != indent)
            break;
        at = above;
    }
    return at;
}

static bool block_insert(struct pieces *p, const struct node *in, size_t i, const struct node *key,
                         const struct node *value)
{
    unsigned indent = indent_of(p, in->begin);
    const char *lines = block_entry(p, indent, key, value);
    if (!is_first_in_line(p, in->begin))
        return false;
    if (i >= in->n)
        put_lines(p, behind_lines(p, in->end, indent, true), lines);
    else if (i)
        put_lines(p, behind_lines(p, entry_span(p, in, i - 1).end, indent, false), lines);
    else
        put_lines(p, before_lines(p, in->begin, indent), lines);
    return true;
}

static bool block_remove(struct pieces *p, const struct node *from, size_t i)
{
    struct span span = entry_span(p, from, i);
    if (!is_first_in_line(p, span.begin) || !is_last_in_line(p, span.end))
        return false;
    put(p, line_start(p, span.begin), behind_lines(p, span.end, indent_of(p, span.begin), false), "");
    return true;
}

/* Between brackets */

static const char *flow_entry(struct pieces *p, const struct node *key, const struct node *value)
{
    struct text out CLEANUP_TEXT = {0};
    if (key) {
        emit_flow(key, p->json, &out);
        text_add(&out, ": ");
    }
    emit_flow(value, p->json, &out);
    return arena_strdup(p->arena, text_of(&out));
}

/* Whether the entry has its line, or its lines, for itself; *ret_comma: behind its comma, 0: it has none. */
static bool has_own_lines(const struct pieces *p, const struct span *span, size_t *ret_comma)
{
    size_t comma = skip_idle(p, span->end);
    *ret_comma = p->text[comma] == ',' ? comma + 1 : 0;
    bool is_near = *ret_comma && skip_blank(p, span->end) == comma;
    return is_first_in_line(p, span->begin) && is_last_in_line(p, is_near ? *ret_comma : span->end);
}

static void flow_append(struct pieces *p, const struct node *in, const char *entry)
{
    struct span last = entry_span(p, in, in->n - 1);
    size_t comma;
    if (!has_own_lines(p, &last, &comma)) {
        put(p, last.end, last.end, arena_printf(p->arena, ", %s", entry));
        return;
    }
    size_t end = comma ? comma : last.end, start = line_start(p, last.begin), line = line_end(p, end);
    if (!comma)
        put(p, last.end, last.end, ",");
    line -= line > end && p->text[line - 1] == '\r';
    put(p, line, line,
        arena_printf(p->arena, "%s%.*s%s%s", newline(p), (int)(last.begin - start), p->text + start, entry,
                     comma ? "," : ""));
}

static void flow_insert(struct pieces *p, const struct node *in, size_t i, const char *entry)
{
    struct span span = entry_span(p, in, i);
    size_t comma, start = line_start(p, span.begin);
    if (has_own_lines(p, &span, &comma))
        put(p, start, start,
            arena_printf(p->arena, "%.*s%s,%s", (int)(span.begin - start), p->text + start, entry,
                         newline(p)));
    else
        put(p, span.begin, span.begin, arena_printf(p->arena, "%s, ", entry));
}

/* The comma in front of the last entry. */
static bool put_comma(struct pieces *p, const struct node *from, size_t i, size_t *ret_comma)
{
    size_t comma = skip_idle(p, entry_span(p, from, i - 1).end);
    *ret_comma = comma;
    return p->text[comma] == ',';
}

static bool flow_remove(struct pieces *p, const struct node *from, size_t i)
{
    struct span span = entry_span(p, from, i);
    size_t comma, before = 0, end;
    bool own = has_own_lines(p, &span, &comma), is_last = i && !comma;
    if (is_last && !put_comma(p, from, i, &before))
        return false;
    if (is_last && !own && skip_blank(p, before + 1) == span.begin) {
        put(p, before, span.end, "");
        return true;
    }
    if (is_last)
        put(p, before, before + 1, "");
    end = comma ? comma : span.end;
    if (own)
        put(p, line_start(p, span.begin), next_line(p, end), "");
    else
        put(p, span.begin, comma ? skip_blank(p, end) : end, "");
    return true;
}

/* All */

bool pieces_insert(struct pieces *p, const struct node *in, size_t i, const struct node *key,
                   const struct node *value)
{
    if (!is_flow(p, in))
        return block_insert(p, in, i, key, value);
    const char *entry = flow_entry(p, key, value);
    if (!in->n)
        put(p, in->begin + 1, in->begin + 1, entry);
    else if (i >= in->n)
        flow_append(p, in, entry);
    else
        flow_insert(p, in, i, entry);
    return true;
}

bool pieces_remove(struct pieces *p, const struct node *from, size_t i)
{
    return is_flow(p, from) ? flow_remove(p, from, i) : block_remove(p, from, i);
}

/* A map or list that gets lines of its own below the key. */
static bool set_lines(struct pieces *p, const struct pair *pair, size_t colon, const struct span *old,
                      const struct node *value)
{
    unsigned indent = indent_of(p, pair->key->begin);
    const char *lines = block_entry(p, indent, pair->key, value);
    lines += strcspn(lines, "\n") + 1; /* the key is there */
    size_t below = next_line(p, colon);
    if (old->begin == old->end)
        put_lines(p, below, lines);
    else
        put(p, line_start(p, old->begin), next_line(p, old->end), lines);
    return is_first_in_line(p, pair->key->begin) && (old->begin == old->end || old->begin >= below);
}

bool pieces_set(struct pieces *p, const struct node *map, const struct pair *pair, const struct node *value)
{
    size_t colon = behind_colon(p, pair);
    struct span old = value_span(p, colon, pair->value);
    bool is_below = old.begin >= next_line(p, colon) && old.begin < old.end;
    bool is_deep = value->form != NODE_SCALAR && value->n;
    if (!is_flow(p, map) && is_deep && (is_below || old.begin == old.end))
        return set_lines(p, pair, colon, &old, value);

    const char *entry = flow_entry(p, NULL, value);
    if (old.begin == old.end)
        put(p, colon, colon, arena_printf(p->arena, "%s %s", p->text[colon - 1] == ':' ? "" : ":", entry));
    else if (is_below && !is_flow(p, map)) {
        put(p, colon, colon, arena_printf(p->arena, " %s", entry));
        put(p, line_start(p, old.begin), next_line(p, old.end), "");
    } else
        put(p, old.begin, old.end, entry);
    return true;
}
