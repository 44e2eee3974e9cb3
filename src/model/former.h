/* A namespace that leaves its name to another.
 *
 * When a name shall lead elsewhere (`pid: 1` becomes `pid: 2`), two namespaces go by it in one plan, and what
 * is in them would be the same things. So the one that leaves is called NAME~ wherever it is thought about:
 * in what was recorded, what is observed and the journal. No file can say that. What is run and shown has
 * the plain name, since the one has left it before the other comes. */
#pragma once
#include "model/step.h"

bool former_is(const char *name);
/* "box" of "box~", and the other way round. */
const char *former_other(struct arena *arena, const char *name);

/* The id of an object with the plain name. */
void former_say(const char *id, struct text *out);

/* Copies the model, with `names` (of namespaces -> anything) made former ones. What lies under the name in a
 * file (CLASS_FILE) stays with it. */
void former_copy(const struct model *model, const struct map *names, struct model *ret_copy);

/* The step with plain names, `planned` being the one with former names; the step itself when it has none. */
const struct step *former_plain(struct arena *arena, const struct step *step);
