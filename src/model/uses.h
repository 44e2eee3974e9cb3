/* What the firewall's objects name among themselves: the rules of a chain sets (`@blocked`) and chains (`jump
 * guests`), the elements of a map chains. Always in the same table. */
#pragma once
#include "model/object.h"

struct use {
    enum class_id class; /* CLASS_SET or CLASS_CHAIN */
    const char *name;    /* in the text, and not ended there */
    size_t length;
};

/* The rules or elements of an object; NULL: none, or nothing there can name anything. */
const char *uses_text(const struct object *user);

/* The next that is named in a text of such an object at or behind *at, which moves on. */
bool use_next(const struct object *user, const char **at, struct use *ret_use);

/* The id of the table that a set or chain is in. */
const char *table_id(const struct object *object, struct text *out);

/* The id of what is named. */
const char *use_id(const struct object *user, const struct use *use, struct text *out);
