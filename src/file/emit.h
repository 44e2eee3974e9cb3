/* A tree back to YAML: what is kept of a network that was read from several files. */
#pragma once
#include "base/text.h"
#include "file/node.h"

/* Appends block-style YAML that reads back as the same tree (aliases and comments are gone). */
void emit_yaml(const struct node *root, struct text *out);
