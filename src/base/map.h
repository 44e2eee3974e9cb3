/* A hash table from strings to pointers. Keys are not copied: they must live as long as the map. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    const char *key; /* NULL: free */
    uint64_t hash;
    void *value;
};

struct map {
    struct map_entry *entries;
    size_t used, capacity; /* capacity is a power of two, or 0 */
};

#define CLEANUP_MAP __attribute__((cleanup(map_done)))

void *map_get(const struct map *map, const char *key); /* NULL where there is none */
bool map_has(const struct map *map, const char *key);
void map_set(struct map *map, const char *key, void *value); /* replaces; keeps the first key */
void map_remove(struct map *map, const char *key);
void map_done(struct map *map); /* values are the caller's */

/* Every entry, in no useful order: for (struct map_entry *e = NULL; (e = map_next(map, e));) */
struct map_entry *map_next(const struct map *map, struct map_entry *after);
