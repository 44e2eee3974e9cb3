/* The semantic check in parts. topology_check() in topology.h is the whole of it. */
#pragma once
#include "model/topology.h"

/* The same as topology_check() for a model of which only a part could be read: objects whose id is a key of
 * `broken` are not judged. `broken` may be NULL. Does not sort. */
int check_topology(const struct topology *topology, const struct map *broken, struct errors *errors);

/* Sorts errors by place: those without a place first, then files in the order in which they appear. One
 * mistake that a counted namespace makes many times is kept once. */
void check_sort(struct errors *errors);
