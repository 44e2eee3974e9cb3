#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* of Linux 5.14; headers of glibc 2.35 */
#endif

enum { BLOCK_MIN = 16 * 1024, BLOCK_MAX = 256 * 1024, MAPPED_MIN = 128 * 1024, ALIGNMENT = 16, PAGE = 4096 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    size_t mapped; /* bytes of the mapping that it is; 0: it is of malloc() */
    _Alignas(ALIGNMENT) char data[];
};

static char hint[400]; /* there will be no memory to say it in */

void out_of_memory_hint(const char *words, const char *name)
{
    snprintf(hint, sizeof hint, "%s%s", words, name);
}

static void say_hint(void)
{
    fputs("        ", stderr);
    fputs(hint, stderr);
    fputs("\n", stderr);
}

static void *or_die(void *memory)
{
    if (memory)
        return memory;
    fputs("plexus: error: out of memory\n", stderr);
    if (*hint)
        say_hint();
    _exit(EXIT_FAILURE);
}

/* Pages that come one by one, each when it is first written to, cost many times what they do when they are
 * asked for together: in a virtual machine, more than all that is then done with them. Linux before 5.14
 * does not know how, which only takes longer. */
static void *with_pages(void *memory, size_t size)
{
    size_t before = (uintptr_t)memory % PAGE; /* of the first page, which is another's too */
    int error = errno;
    if (size >= BLOCK_MIN)
        madvise((char *)memory - before, (before + size) / PAGE * PAGE, MADV_POPULATE_WRITE);
    errno = error;
    return memory;
}

void *xrealloc(void *old, size_t count, size_t size)
{
    return with_pages(or_die(reallocarray(old, count, size)), count * size);
}

/* Not calloc(), which would write to the pages first. */
void *xcalloc(size_t count, size_t size)
{
    return memset(xrealloc(NULL, count, size), 0, count * size);
}

char *xstrdup(const char *string)
{
    return or_die(strdup(string));
}

/* A large one comes from the kernel, which gives zeroed pages: nobody writes to them before they are used. */
static struct arena_block *block_new(size_t size)
{
    size_t whole = (sizeof(struct arena_block) + size + PAGE - 1) & ~(size_t)(PAGE - 1);
    if (whole < MAPPED_MIN)
        return xcalloc(1, sizeof(struct arena_block) + size);
    void *pages =
        mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    struct arena_block *block = or_die(pages == MAP_FAILED ? NULL : pages);
    block->mapped = whole;
    return block;
}

/* Blocks grow with the arena, so that an eighth of it at most is not used yet. */
static size_t next_size(const struct arena *arena)
{
    size_t size = arena->size / 8 & ~(size_t)(PAGE - 1);
    return size < BLOCK_MIN ? BLOCK_MIN : size > BLOCK_MAX ? BLOCK_MAX : size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

    struct arena_block *block = arena->head;
    if (!block || block->size - block->used < size) {
        bool is_large = size > BLOCK_MIN / 4;
        size_t data = is_large ? size : next_size(arena);
        block = block_new(data);
        block->size = data;
        arena->size += data;
        /* A large object gets a block of its own behind the current one, whose rest stays in use. */
        if (is_large && arena->head) {
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
    if (format_joins_words(format)) {
        char *joined = arena_alloc(arena, format_join(NULL, format, args) + 1);
        format_join(joined, format, args);
        return joined;
    }
    struct text text CLEANUP_TEXT = {0};
    text_vprintf(&text, format, args);
    return arena_strndup(arena, text.data, text.length);
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
        if (block->mapped)
            munmap(block, block->mapped);
        else
            free(block);
    }
    *arena = (struct arena){0};
}
