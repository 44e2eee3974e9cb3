#include "file/source.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "file/node.h"

static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Lines */

static size_t line_end(const struct source *s, size_t at)
{
    while (at < s->size && s->data[at] != '\n' && s->data[at] != '\r')
        at++;
    return at;
}

static size_t line_next(const struct source *s, size_t end)
{
    bool two = end + 1 < s->size && s->data[end] == '\r' && s->data[end + 1] == '\n';
    return end + (two ? 2 : 1);
}

/* Of a long list of addresses nobody asks where a line is, as long as there is no mistake in it. */
static void split_lines(struct source *s)
{
    size_t n = 1;
    if (s->starts)
        return;
    for (size_t i = 0; i < s->size; i++)
        n += s->data[i] == '\n' || s->data[i] == '\r';
    s->starts = arena_alloc(s->arena, n * sizeof *s->starts);
    for (size_t at = 0; at < s->size || !s->n_lines;) {
        s->starts[s->n_lines++] = at;
        at = line_next(s, line_end(s, at));
    }
}

/* The number of elements that are not greater; the array is sorted. */
static size_t count_upto(const size_t *sorted, size_t n, size_t value)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct place place_of_byte(struct source *s, size_t at)
{
    split_lines(s);
    if (at > s->size)
        at = s->size;
    size_t line = count_upto(s->starts, s->n_lines, at) - 1, from = s->starts[line];
    struct place place = {.file = s->file, .line = (int)line + 1, .column = 1};
    size_t end = line + 1 < s->n_lines ? s->starts[line + 1] : s->size;
    bool is_same = s->last.text && s->last.line == line;
    place.line_text =
        is_same ? s->last.text : arena_strndup(s->arena, s->data + from, line_end(s, from) - from);
    if (is_same && s->last.at >= from && s->last.at <= at) {
        from = s->last.at;
        place.column = s->last.column;
    }
    for (; from < at && from < end; from++)
        place.column += starts_character(s->data[from]);
    s->last.at = from;
    s->last.line = line;
    s->last.column = place.column;
    s->last.text = place.line_text;
    return place;
}

size_t source_byte(const struct source *s, size_t position)
{
    return position - count_upto(s->breaks, s->n_breaks, position);
}

struct place source_place(struct source *s, size_t position)
{
    return place_of_byte(s, source_byte(s, position));
}

struct place source_place_of(struct source *s, int line, int column)
{
    size_t at = 0;
    for (; line > 1 && at < s->parsed_size; line--) {
        const char *end = memchr(s->parsed + at, '\n', s->parsed_size - at);
        at = end ? (size_t)(end - s->parsed) + 1 : s->parsed_size;
    }
    for (; column > 1 && at < s->parsed_size; column--)
        do
            at++;
        while (at < s->parsed_size && !starts_character(s->parsed[at]));
    return source_place(s, at);
}

bool source_continues(const struct source *s, size_t skip, const char *text)
{
    size_t length = strlen(text), at = s->last.at + skip;
    return at <= s->size && s->size - at >= length && memcmp(s->data + at, text, length) == 0;
}

const char *place_in_line(const struct place *place)
{
    int column = 0;
    for (const char *at = place->line_text; at && *at; at++)
        if (starts_character(*at) && ++column == place->column)
            return at;
    return NULL;
}

/* Bytes: UTF-8 without control characters. */

/* The line is not shown where its bytes would spoil the terminal. */
static int refuse_byte(struct source *s, size_t at, struct errors *errors)
{
    unsigned char byte = (unsigned char)s->data[at];
    struct place place = place_of_byte(s, at);
    struct error *error;
    if (!byte || byte >= 0x80)
        place.line_text = NULL;
    if (!byte) {
        error = errors_add(errors, &place, "this is not a text: it contains a zero byte");
        error_hint(errors, error, "a network file is YAML in UTF-8; is this a binary file, or UTF-16?");
    } else if (byte < 0x80) {
        error = errors_add(errors, &place, "control character 0x%02x", byte);
        error_hint(errors, error, "in quotes it can be written as \"\\x%02x\"", byte);
    } else {
        error = errors_add(errors, &place, "byte 0x%02x is not valid UTF-8", byte);
        error_hint(errors, error, "save the file as UTF-8");
    }
    return -EINVAL;
}

static int check_bytes(struct source *s, struct errors *errors)
{
    const unsigned char *data = (const unsigned char *)s->data;
    const char *zero = memchr(s->data, '\0', s->size);
    if (zero)
        return refuse_byte(s, (size_t)(zero - s->data), errors);
    for (size_t i = 0; i < s->size;) {
        unsigned length = data[i] < 0x80 ? 1 : utf8_length(s->data + i, s->size - i);
        bool control = data[i] == 0x7f || (data[i] < 0x20 && !strchr("\t\n\r", data[i]));
        if (!length || control)
            return refuse_byte(s, i, errors);
        i += length;
    }
    return 0;
}

/* Long lines */

enum { BREAK_AFTER = 1024 };

/* Follows flow YAML as far as is needed to know whether a comma or bracket is one. */
struct flow {
    char quote;    /* within a scalar in these; or '#' in a comment */
    bool expects;  /* a quote begins a scalar here: after a bracket, comma or colon */
    size_t length; /* of the line so far */
    unsigned depth;
};

/* Goes over data[i]; returns whether a line break can follow it. *skip: the next byte belongs to it. */
static bool flow_step(struct flow *f, const struct source *s, size_t i, bool *skip)
{
    char c = s->data[i], next = i + 1 < s->size ? s->data[i + 1] : '\0';
    bool line = c == '\n' || c == '\r';
    *skip = false;
    f->length = line ? 0 : f->length + 1;
    if (f->quote) {
        *skip = (f->quote == '"' && c == '\\' && next) || (f->quote == '\'' && c == '\'' && next == '\'');
        if (!*skip && (f->quote == '#' ? line : c == f->quote))
            f->quote = '\0';
        return false;
    }
    bool structural = strchr("{[,", c) != NULL;
    f->depth += structural && c != ',';
    f->depth -= f->depth && (c == '}' || c == ']');
    if (c == '#' && i && strchr(" \t\n\r", s->data[i - 1]))
        f->quote = '#';
    else if (f->expects && (c == '"' || c == '\''))
        f->quote = c;
    if (!strchr(" \t\n\r", c))
        f->expects = structural || c == ':';
    return structural;
}

static int add_breaks(struct source *s, struct arena *arena, struct errors *errors)
{
    struct flow flow = {.expects = true};
    size_t room = s->size / BREAK_AFTER + 1, out = 0;
    char *text = arena_alloc(arena, s->size + room);
    s->breaks = arena_alloc(arena, room * sizeof *s->breaks);
    for (size_t i = 0; i < s->size; i++) {
        bool skip, can_break = flow_step(&flow, s, i, &skip);
        text[out++] = s->data[i];
        if (skip)
            text[out++] = s->data[++i];
        if (flow.depth > NODE_DEPTH_MAX) {
            struct place place = place_of_byte(s, i);
            errors_add(errors, &place, "nested deeper than %d levels", NODE_DEPTH_MAX);
            return -EINVAL;
        }
        if (!can_break || flow.length < BREAK_AFTER)
            continue;
        s->breaks[s->n_breaks++] = out;
        text[out++] = '\n';
        flow.length = 0;
    }
    s->parsed = text;
    s->parsed_size = out;
    return 0;
}

static bool begins_with_bracket(const struct source *s)
{
    size_t i = 0;
    while (i < s->size && strchr(" \t\n\r", s->data[i]))
        i++;
    return i < s->size && (s->data[i] == '{' || s->data[i] == '[');
}

/* Where the first line begins that is too long for the parser; the size: there is none. */
static size_t find_long(const struct source *s)
{
    size_t at = 0;
    for (size_t end; at < s->size && (end = line_end(s, at)) - at <= SOURCE_LINE_MAX;)
        at = line_next(s, end);
    return at < s->size ? at : s->size;
}

static int check_lines(struct source *s, struct arena *arena, struct errors *errors)
{
    if (s->size > SOURCE_LINE_MAX && begins_with_bracket(s))
        return add_breaks(s, arena, errors);
    size_t at = find_long(s);
    if (at == s->size)
        return 0;
    struct place place = place_of_byte(s, at);
    place.line_text = NULL;
    struct error *error =
        errors_add(errors, &place, "this line is too long: at most %d KiB", SOURCE_LINE_MAX / 1024);
    error_hint(errors, error, "a list can go over several lines, each entry after `- `");
    return -EINVAL;
}

int source_init(struct source *source, const char *file, const char *data, size_t size, struct arena *arena,
                struct errors *errors)
{
    *source = (struct source){.data = data, .size = size, .parsed = data, .parsed_size = size};
    source->file = arena_strdup(arena, file);
    source->arena = arena;
    int r = check_bytes(source, errors);
    return r < 0 ? r : check_lines(source, arena, errors);
}
