/* What others gave to what is theirs, and no option of ours can say: kept as the kernel tells it, and said
 * again with the object when that must be made anew. None of it may hold an index or a descriptor, which
 * mean something else then. */
#pragma once
#include "base/arena.h"
#include "kernel/linux/netlink.h"

/* Those of `types` that are in the table, one behind the other, in hexadecimal; NULL: none is. */
const char *attributes_read(struct arena *arena, const struct nlattr **table, const uint16_t *types,
                            size_t n);

/* Appends them again: all (n = 0), or those of `types`. Returns how many they were. */
unsigned attributes_put(struct message *message, const char *hex, const uint16_t *types, size_t n);
