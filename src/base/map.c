#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Eight bytes at a time, each mixed in by a multiplication whose high half is folded back. Keys are names
 * that a user wrote; a hostile file costs its own author time, and no more. */
static uint64_t hash_of(const char *key)
{
    static const uint64_t odd = 0x9e3779b97f4a7c15ULL;
    size_t left = strlen(key);
    uint64_t hash = left * odd, word;
    for (; left >= sizeof word; key += sizeof word, left -= sizeof word) {
        memcpy(&word, key, sizeof word);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, key, left);
    hash = (hash ^ word) * odd;
    return hash ^ hash >> 32;
}

static struct map_entry *slot_of(const struct map *map, const char *key, uint64_t hash)
{
    size_t i = hash & (map->capacity - 1);
    while (map->entries[i].key && (map->entries[i].hash != hash || strcmp(map->entries[i].key, key) != 0))
        i = (i + 1) & (map->capacity - 1);
    return &map->entries[i];
}

static struct map_entry *find(const struct map *map, const char *key)
{
    if (!map->capacity)
        return NULL;
    struct map_entry *entry = slot_of(map, key, hash_of(key));
    return entry->key ? entry : NULL;
}

void *map_get(const struct map *map, const char *key)
{
    struct map_entry *entry = find(map, key);
    return entry ? entry->value : NULL;
}

bool map_has(const struct map *map, const char *key)
{
    return find(map, key) != NULL;
}

static void grow(struct map *map)
{
    struct map bigger = {.capacity = map->capacity ? map->capacity * 2 : 64, .used = map->used};
    bigger.entries = xcalloc(bigger.capacity, sizeof *bigger.entries);
    for (size_t i = 0; i < map->capacity; i++) {
        struct map_entry *entry = &map->entries[i];
        if (entry->key)
            *slot_of(&bigger, entry->key, entry->hash) = *entry;
    }
    free(map->entries);
    *map = bigger;
}

void map_set(struct map *map, const char *key, void *value)
{
    if (map->used * 4 >= map->capacity * 3)
        grow(map);
    uint64_t hash = hash_of(key);
    struct map_entry *entry = slot_of(map, key, hash);
    if (!entry->key) {
        *entry = (struct map_entry){.key = key, .hash = hash};
        map->used++;
    }
    entry->value = value;
}

void map_remove(struct map *map, const char *key)
{
    struct map_entry *entry = find(map, key);
    if (!entry)
        return;
    entry->key = NULL;
    map->used--;
    /* Linear probing: what stands behind the hole may belong before it, so it is put in again. */
    for (size_t i = (size_t)(entry - map->entries + 1) & (map->capacity - 1); map->entries[i].key;
         i = (i + 1) & (map->capacity - 1)) {
        struct map_entry moved = map->entries[i];
        map->entries[i].key = NULL;
        *slot_of(map, moved.key, moved.hash) = moved;
    }
}

struct map_entry *map_next(const struct map *map, struct map_entry *after)
{
    for (size_t i = after ? (size_t)(after - map->entries) + 1 : 0; i < map->capacity; i++)
        if (map->entries[i].key)
            return &map->entries[i];
    return NULL;
}

void map_done(struct map *map)
{
    free(map->entries);
    *map = (struct map){0};
}
