/* Objects as JSON: for `--json`, the record of what runs, and the journal. Reading is strict: what has an
 * unknown class, kind, option, type or member, or no whole identity, is refused, since a damaged record must
 * not become a step. */
#pragma once
#include <jansson.h>

#include "base/pull.h"
#include "model/object.h"
#include "model/step.h"

/* Where a text is large, somebody may keep it apart; it is then written by the name that it has there:
 * {"apart":"17"}. */
enum { APART_MIN = 32 * 1024 };
struct apart {
    /* Returns whether it is kept; appends its name. */
    bool (*keep)(void *userdata, const char *text, size_t length, struct text *ret_name);
    /* In the arena; NULL: it is not there. */
    const char *(*fetch)(void *userdata, struct arena *arena, const char *name);
    void *userdata;
};
void apart_format(const char *name, struct text *out);
/* `apart` may be NULL: then no text is, or may be. */
void text_format(const char *text, const struct apart *apart, struct text *out);
const char *text_parse(struct arena *arena, const struct apart *apart, struct pull *pull); /* NULL: damaged */

/* {"class":"interface","namespace":"host","kind":"bridge","owner":"lab","origin":"made",
 *  "values":{"name":"br0","up":true,...}}: unset options are left out, keys in snake_case; a text that is not
 * UTF-8 is {"hex":"62ff"}. `hide` replaces secrets by "(hidden)". */
void object_format(const struct object *object, bool hide, const struct apart *apart, struct text *out);
json_t *object_to_json(const struct object *object, bool hide); /* the same as a tree: a new reference */

/* Reads the same from text; `values` come last, as they are written. Adds the object to the model. 0, or
 * -EINVAL, and the whole text is damaged. */
int object_parse(struct model *model, const struct apart *apart, struct pull *pull,
                 struct object **ret_object);

json_t *step_to_json(const struct step *step);
