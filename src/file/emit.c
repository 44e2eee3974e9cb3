/* A tree back to YAML, in block style. Words that were plain stay plain where they are harmless; all else is
 * written in double quotes with escapes, so that whatever was read is read again as the same. */
#include "file/emit.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define WORDS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./@%()"

static bool is_harmless(const struct node *scalar)
{
    const char *text = scalar->text;
    size_t length = strlen(text);
    return !scalar->quoted && length && strspn(text, WORDS ":,") == length && !strchr("-:,@%=", text[0]) &&
           text[length - 1] != ':';
}

/* Words that no reader of YAML takes for anything else, in quotes or not. */
static bool is_phrase(const char *text)
{
    static const char *const meanings[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", NULL};
    size_t length = strlen(text);
    for (const char *const *meaning = meanings; *meaning; meaning++)
        if (strcasecmp(*meaning, text) == 0)
            return false;
    return length && strspn(text, WORDS ", ") == length && isalpha((unsigned char)*text) &&
           text[length - 1] != ' ' && text[length - 1] != ',';
}

/* Whether it can be said line by line, as the file of a set of addresses has it. */
static bool is_block(const struct node *scalar)
{
    const char *text = scalar->text, *control = text;
    size_t length = strlen(text);
    while ((unsigned char)*control >= 0x20 || *control == '\n' || *control == '\t')
        control++;
    return length > 1 && text[length - 1] == '\n' && !*control && !strchr(text, 0x7f);
}

static void emit_lines(const char *text, unsigned indent, struct text *out)
{
    text_add(out, " |2+\n"); /* with its leading spaces and empty lines at the end */
    for (size_t length; *text; text += length) {
        length = strcspn(text, "\n") + 1; /* the last ends in one, too: is_block() */
        for (unsigned i = 0; length > 1 && i < indent; i++)
            text_add_n(out, " ", 1);
        text_add_n(out, text, length);
    }
}

static void emit_quoted(const char *text, struct text *out)
{
    text_add(out, "\"");
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            text_printf(out, "\\x%02x", (unsigned char)*c);
        else
            text_printf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    text_add(out, "\"");
}

void emit_word(const struct node *scalar, struct text *out)
{
    if (node_is_null(scalar))
        text_add(out, "~");
    else if (is_harmless(scalar) || is_phrase(scalar->text))
        text_add(out, scalar->text);
    else
        emit_quoted(scalar->text, out);
}

/* What follows "key:" or "-": in the same line if it is short, below and indented otherwise. */
static void emit_value(const struct node *value, unsigned indent, struct text *out)
{
    if (value->form != NODE_SCALAR && value->n) {
        text_add(out, "\n");
        emit_block(value, indent, out);
        return;
    }
    if (value->form == NODE_SCALAR && is_block(value)) {
        emit_lines(value->text, indent, out);
        return;
    }
    text_add(out, " ");
    if (value->form == NODE_SCALAR)
        emit_word(value, out);
    else
        text_add(out, value->form == NODE_MAP ? "{}" : "[]");
    text_add(out, "\n");
}

void emit_block(const struct node *node, unsigned indent, struct text *out)
{
    for (size_t i = 0; i < node->n; i++) {
        text_printf(out, "%*s", (int)indent, "");
        if (node->form == NODE_MAP) {
            emit_word(node->pairs[i].key, out);
            text_add(out, ":");
            emit_value(node->pairs[i].value, indent + 2, out);
        } else {
            text_add(out, "-");
            emit_value(node->items[i], indent + 2, out);
        }
    }
}

void emit_yaml(const struct node *root, struct text *out)
{
    emit_block(root, 0, out);
}

static void emit_json_scalar(const struct node *scalar, struct text *out)
{
    static const char *const literals[] = {"true", "false", NULL};
    bool is_literal = strspn(scalar->text, "0123456789") == strlen(scalar->text) && *scalar->text != '0';
    for (const char *const *literal = literals; *literal; literal++)
        is_literal |= strcmp(scalar->text, *literal) == 0;
    if (node_is_null(scalar))
        text_add(out, "null");
    else if (is_literal && !scalar->quoted)
        text_add(out, scalar->text);
    else
        text_add_json(out, scalar->text);
}

static void emit_flow_scalar(const struct node *scalar, bool json, struct text *out)
{
    if (json)
        emit_json_scalar(scalar, out);
    else if (strpbrk(scalar->text, ":,"))
        emit_quoted(scalar->text, out);
    else
        emit_word(scalar, out);
}

void emit_flow(const struct node *node, bool json, struct text *out)
{
    if (node->form == NODE_SCALAR) {
        emit_flow_scalar(node, json, out);
        return;
    }
    text_add(out, node->form == NODE_MAP ? "{" : "[");
    for (size_t i = 0; i < node->n; i++) {
        text_add(out, i ? ", " : "");
        if (node->form == NODE_MAP) {
            emit_flow_scalar(node->pairs[i].key, json, out);
            text_add(out, ": ");
        }
        emit_flow(node->form == NODE_MAP ? node->pairs[i].value : node->items[i], json, out);
    }
    text_add(out, node->form == NODE_MAP ? "}" : "]");
}
