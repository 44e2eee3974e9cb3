/* A string that grows. `data` is always a proper C string once anything was added, and "" through text_of().
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data;
    size_t length, capacity;
};

#define CLEANUP_TEXT __attribute__((cleanup(text_done)))

void text_add(struct text *text, const char *string);
void text_add_n(struct text *text, const char *string, size_t length);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A format that says nothing but %s joins words, as nearly all do. Without the C library that is done in a
 * tenth of the time: the length of what is joined, put into `out` (NULL: not yet) without a NUL. */
bool format_joins_words(const char *format);
size_t format_join(char *out, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

void text_vprintf(struct text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void text_add_quoted(struct text *text,
                     const char *word); /* as a POSIX shell word, quoted only where needed */
void text_add_json(struct text *text, const char *string); /* as a JSON string; it must be valid UTF-8 */
/* For people's eyes: what a terminal would obey, or turns the order of letters, as \x1b and \u202e. */
void text_add_shown(struct text *text, const char *string);
void text_add_shown_n(struct text *text, const char *string, size_t length);
void text_join(struct text *list, const char *word); /* behind a comma, unless it is the first */
void text_clear(struct text *text);                  /* empty, memory kept */
void text_done(struct text *text);
const char *text_of(const struct text *text);

/* "a" or "an", as it stands before the word. */
const char *text_article(const char *word);

/* Bytes of the character that begins here, at most `left`; 0: it is not UTF-8 (RFC 3629). */
unsigned utf8_length(const char *text, size_t left);
bool utf8_is_valid(const char *text); /* of a whole text */
