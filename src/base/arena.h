/* Memory that lives as long as what it describes.
 *
 * A model, a document or a list of errors owns one arena; everything in it is freed at once. Memory comes
 * back zeroed. There is no failure to handle: when the machine has no memory left the program ends with a
 * message, since nothing it could do then would be safer than the journal it has already written. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t size; /* of all blocks */
};

void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *string); /* NULL stays NULL */
char *arena_strndup(struct arena *arena, const char *string, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
void arena_done(struct arena *arena); /* leaves an empty arena that can be used again */

/* What is said beneath that message from now on, one line that ends in a name: what to do next. "": nothing. */
void out_of_memory_hint(const char *words, const char *name);

/* malloc family for what must outlive or grow; they end the program when memory is exhausted. */
void *xrealloc(void *old, size_t count, size_t size);
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *string);
