#include "model/uses.h"

#include <string.h>

const char *uses_text(const struct object *user)
{
    const char *data = object_text(user, "data");
    switch (user->class->id) {
    case CLASS_CHAIN:
        return object_text(user, "rules");
    case CLASS_SET:
        return data && strcmp(data, "verdict") == 0 ? object_text(user, "elements") : NULL;
    default:
        return NULL;
    }
}

static bool take(struct use *use, enum class_id class, const char *name, const char *ends)
{
    *use = (struct use){.class = class, .name = name, .length = strcspn(name, ends)};
    return use->length;
}

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* In JSON: "@blocked", and "target":"guests" of a jump. Quotes within a string have a backslash before them, so
 * neither is found in a comment, unless it is nothing but that. */
static bool next_in_rules(const char **at, struct use *ret_use)
{
    for (const char *quote; (quote = strchr(*at, '"'));) {
        const char *set = after(quote, "\"@"), *chain = after(quote, "\"target\":\"");
        *at = quote + 1;
        if (set || chain) {
            *at = set ? set : chain;
            if (take(ret_use, set ? CLASS_SET : CLASS_CHAIN, *at, "\""))
                return true;
        }
    }
    return false;
}

/* "eth0 . eth1 : jump guests" */
static bool next_in_elements(const char **at, struct use *ret_use)
{
    for (const char *colon; (colon = strstr(*at, " : "));) {
        const char *jump = after(colon, " : jump "), *jump_to = jump ? jump : after(colon, " : goto ");
        *at = colon + 1;
        if (jump_to && take(ret_use, CLASS_CHAIN, jump_to, "\n"))
            return true;
    }
    return false;
}

bool use_next(const struct object *user, const char **at, struct use *ret_use)
{
    return user->class->id == CLASS_CHAIN ? next_in_rules(at, ret_use) : next_in_elements(at, ret_use);
}

static void add_id(const struct object *object, enum class_id class, struct text *out)
{
    text_clear(out);
    text_printf(out, "%s %s/", classes[class]->name, object->ns);
    option_format(object_option(object, 0), &object->values[0], out);
    text_printf(out, " %s", object_text(object, "table"));
}

const char *table_id(const struct object *object, struct text *out)
{
    add_id(object, CLASS_TABLE, out);
    return text_of(out);
}

const char *use_id(const struct object *user, const struct use *use, struct text *out)
{
    add_id(user, use->class, out);
    text_printf(out, " %.*s", (int)use->length, use->name);
    return text_of(out);
}
