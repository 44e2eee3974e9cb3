/* A tree back to YAML, in block style. Words that were plain stay plain where they are harmless; all else is
 * written in double quotes with escapes, so that whatever was read is read again as the same. */
#include "file/emit.h"

#include <string.h>

static bool is_harmless(const struct node *scalar)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%()";
    const char *text = scalar->text;
    size_t length = strlen(text);
    return !scalar->quoted && length && strspn(text, safe) == length && !strchr("-:,@%=", text[0]) &&
           text[length - 1] != ':';
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

static void emit_block(const char *text, unsigned indent, struct text *out)
{
    text_add(out, " |2+\n"); /* with its leading spaces and empty lines at the end */
    for (size_t length; *text; text += length + 1) {
        length = strcspn(text, "\n");
        text_printf(out, "%*s%.*s\n", length ? (int)indent : 0, "", (int)length, text);
    }
}

static void emit_scalar(const struct node *scalar, struct text *out)
{
    if (node_is_null(scalar)) {
        text_add(out, "~");
        return;
    }
    if (is_harmless(scalar)) {
        text_add(out, scalar->text);
        return;
    }
    text_add(out, "\"");
    for (const char *c = scalar->text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            text_printf(out, "\\x%02x", (unsigned char)*c);
        else
            text_printf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    text_add(out, "\"");
}

static void emit_node(const struct node *node, unsigned indent, struct text *out);

/* What follows "key:" or "-": in the same line if it is short, below and indented otherwise. */
static void emit_value(const struct node *value, unsigned indent, struct text *out)
{
    if (value->form != NODE_SCALAR && value->n) {
        text_add(out, "\n");
        emit_node(value, indent, out);
        return;
    }
    if (value->form == NODE_SCALAR && is_block(value)) {
        emit_block(value->text, indent, out);
        return;
    }
    text_add(out, " ");
    if (value->form == NODE_SCALAR)
        emit_scalar(value, out);
    else
        text_add(out, value->form == NODE_MAP ? "{}" : "[]");
    text_add(out, "\n");
}

static void emit_node(const struct node *node, unsigned indent, struct text *out)
{
    for (size_t i = 0; i < node->n; i++) {
        text_printf(out, "%*s", (int)indent, "");
        if (node->form == NODE_MAP) {
            emit_scalar(node->pairs[i].key, out);
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
    emit_node(root, 0, out);
}
