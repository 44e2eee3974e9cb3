/* Objects as JSON: for `--json`, the record of what runs, and the journal. Reading is strict: what has an
 * unknown class, kind, option, type or member, or no whole identity, is refused, since a damaged record must
 * not become a step. */
#pragma once
#include <jansson.h>

#include "base/pull.h"
#include "model/object.h"
#include "model/step.h"

/* {"class":"interface","namespace":"host","kind":"bridge","owner":"lab","origin":"made",
 *  "values":{"name":"br0","up":true,...}}: unset options are left out, keys in snake_case; a text that is not
 * UTF-8 is {"hex":"62ff"}. `hide` replaces secrets by "(hidden)". */
void object_format(const struct object *object, bool hide, struct text *out);
json_t *object_to_json(const struct object *object, bool hide); /* the same as a tree: a new reference */

/* Reads the same from text; `values` come last, as they are written. Adds the object to the model. 0, or
 * -EINVAL, and the whole text is damaged. */
int object_parse(struct model *model, struct pull *pull, struct object **ret_object);

json_t *step_to_json(const struct step *step);
