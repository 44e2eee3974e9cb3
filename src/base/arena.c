#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(ALIGNMENT) char data[];
};

static void *or_die(void *memory)
{
    if (memory)
        return memory;
    fputs("plexus: out of memory\n", stderr);
    abort();
}

void *xrealloc(void *old, size_t count, size_t size)
{
    return or_die(reallocarray(old, count, size));
}

char *xstrdup(const char *string)
{
    return or_die(strdup(string));
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

    struct arena_block *block = arena->head;
    if (!block || block->size - block->used < size) {
        size_t data = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;
        block = or_die(calloc(1, sizeof *block + data));
        block->size = data;
        /* A large object gets a block of its own behind the current one, whose rest stays in use. */
        if (data != BLOCK_SIZE && arena->head) {
            block->next = arena->head->next;
            arena->head->next = block;
        } else {
            block->next = arena->head;
            arena->head = block;
        }
    }
    void *memory = block->data + block->used;
    block->used += size;
    return memory;
}

char *arena_strndup(struct arena *arena, const char *string, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, string, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *string)
{
    return string ? arena_strndup(arena, string, strlen(string)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    char first[128]; /* nearly always enough */
    int length = vsnprintf(first, sizeof first, format, args);
    char *string = arena_alloc(arena, (size_t)length + 1);
    if ((size_t)length < sizeof first)
        memcpy(string, first, (size_t)length);
    else
        vsnprintf(string, (size_t)length + 1, format, again);
    va_end(again);
    return string;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *string = arena_vprintf(arena, format, args);
    va_end(args);
    return string;
}

void arena_done(struct arena *arena)
{
    for (struct arena_block *block = arena->head, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->head = NULL;
}
