/* Files to one tree: reading, folders, `include`, and merging by section. */
#pragma once
#include "base/text.h"
#include "file/node.h"

enum { LOAD_SIZE_MAX = 8 * 1024 * 1024, LOAD_FILES_MAX = 1000 };

struct loaded {
    struct node *root;  /* a map, without `include` */
    const char *name;   /* of the file or folder, without ".yaml", ".yml", ".json"; NULL for standard input */
    struct text source; /* of the one file as it is; of several, merged */
};

/* Both return 0, or -EINVAL with the mistakes in `errors`. What is given twice is a mistake too, but the tree
 * is made, with the first: so that reading it can tell the others. Nodes live in `arena`; the
 * source is the caller's. */
int load_paths(const char *const *paths, size_t n, struct arena *arena, struct errors *errors,
               struct loaded *ret_loaded);
/* `include` is refused in a text that came from no file: whoever sent it must not read ours. */
int load_text(const char *file, const char *data, size_t size, struct arena *arena, struct errors *errors,
              struct loaded *ret_loaded);
