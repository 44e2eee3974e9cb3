/* Objects in one line, for tests: "address red dev=eth0 address=10.0.0.1/24": class (or kind of an
 * interface), namespace, options. A "+" in a value is a space. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "model/object.h"

static inline struct object *say_new(struct model *model, const char *line)
{
    char copy[512], *rest = copy, *word;
    snprintf(copy, sizeof copy, "%s", line);
    const char *what = strsep(&rest, " "), *ns = strsep(&rest, " ");
    const struct kind *kind = strcmp(what, "namespace") == 0 ? NULL : kind_by_name(what);
    const struct class *class = kind ? classes[CLASS_INTERFACE] : class_by_name(what);
    if (!class || !ns)
        abort();
    struct object *object = model_new(model, class, kind, ns);
    while ((word = strsep(&rest, " "))) {
        char *value = strchr(word, '=');
        if (!value)
            abort();
        *value++ = '\0';
        for (char *c = value; (c = strchr(c, '+'));)
            *c = ' ';
        int i = object_find_option(object, word);
        const char *expected = NULL, *near;
        if (i < 0 || (*value && option_parse(object_option(object, (unsigned)i), value, &model->arena,
                                             &object->values[i], &expected, &near) < 0)) {
            fprintf(stderr, "%s: %s: %s\n", line, word, expected ? expected : "unknown");
            abort();
        }
        if (!*value)
            object->values[i] = value_text("");
    }
    return object;
}

static inline struct object *say(struct model *model, const char *line)
{
    struct object *object = say_new(model, line), *other = NULL;
    return model_add(model, object, &other) < 0 ? other : object;
}

static inline struct object *sayf(struct model *model, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline struct object *sayf(struct model *model, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    return say(model, line);
}
