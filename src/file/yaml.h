/* YAML text to a tree of nodes. The only part of Plexus that knows libfyaml. */
#pragma once
#include "file/node.h"

/* `file` is the name for places. The text need not live on: everything is copied into `arena`. Returns 0, or
 * -EINVAL with the mistakes in `errors`. An empty file is a mistake. A key that is given twice is told too,
 * and the tree has the first: 0. */
int yaml_parse(const char *file, const char *data, size_t size, struct arena *arena, struct errors *errors,
               struct node **ret_root);
