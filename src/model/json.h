/* Objects as JSON: for `--json`, the record of what runs, and the journal. Reading is strict: an unknown class, kind, option or
 * type is refused, since a damaged record must not become a step. */
#pragma once
#include <jansson.h>

#include "model/object.h"
#include "model/step.h"

/* {"class":"interface","namespace":"host","name":"br0","kind":"bridge","up":true,...}: unset options are left out, keys in
 * snake_case. Returns a new reference. `hide` replaces secrets by "(hidden)". */
json_t *object_to_json(const struct object *object, bool hide);

/* Adds the object to the model. 0, or -EINVAL. */
int object_from_json(struct model *model, const json_t *json, struct object **ret_object);

json_t *step_to_json(const struct step *step);
