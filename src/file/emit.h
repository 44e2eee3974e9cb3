/* A tree back to YAML: what is kept of a network that was read from several files, and what is put into the
 * text of one. */
#pragma once
#include "base/text.h"
#include "file/node.h"

/* Appends block-style YAML that reads back as the same tree (aliases and comments are gone). */
void emit_yaml(const struct node *root, struct text *out);
/* The same of a map or list, each line with so many spaces before it. */
void emit_block(const struct node *node, unsigned indent, struct text *out);
/* A text in a line of its own, in quotes where it needs them. */
void emit_word(const struct node *scalar, struct text *out);
/* In one line, with brackets: as YAML, or as JSON, which is YAML too. */
void emit_flow(const struct node *node, bool json, struct text *out);
