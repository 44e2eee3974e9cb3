#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static void reserve(struct text *text, size_t more)
{
    size_t need = text->length + more + 1;
    if (need <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    text->data = xrealloc(text->data, capacity, 1);
    text->capacity = capacity;
}

void text_add_n(struct text *text, const char *string, size_t length)
{
    reserve(text, length);
    memcpy(text->data + text->length, string, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_n(text, string, strlen(string));
}

bool format_joins_words(const char *format)
{
    while ((format = strchr(format, '%')) && format[1] == 's')
        format += 2;
    return !format;
}

size_t format_join(char *out, const char *format, va_list args)
{
    va_list words;
    size_t length = 0;
    va_copy(words, args);
    while (*format) {
        bool is_word = *format == '%';
        const char *piece = is_word ? va_arg(words, const char *) : format;
        size_t n = is_word ? strlen(piece) : strcspn(format, "%");
        for (size_t i = 0; out && i < n; i++)
            out[length + i] = piece[i];
        length += n;
        format += is_word ? 2 : n;
    }
    va_end(words);
    return length;
}

void text_vprintf(struct text *text, const char *format, va_list args)
{
    if (format_joins_words(format)) {
        reserve(text, format_join(NULL, format, args));
        text->length += format_join(text->data + text->length, format, args);
        text->data[text->length] = '\0';
        return;
    }
    va_list again;
    va_copy(again, args);
    reserve(text, 0);
    size_t room = text->capacity - text->length; /* nearly always enough */
    int length = vsnprintf(text->data + text->length, room, format, args);
    if ((size_t)length >= room) {
        reserve(text, (size_t)length);
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    }
    va_end(again);
    text->length += (size_t)length;
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_vprintf(text, format, args);
    va_end(args);
}

void text_add_quoted(struct text *text, const char *word)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%";
    if (*word && strspn(word, safe) == strlen(word)) {
        text_add(text, word);
        return;
    }
    text_add(text, "'");
    for (; *word; word++) {
        if (*word == '\'')
            text_add(text, "'\\''");
        else
            text_add_n(text, word, 1);
    }
    text_add(text, "'");
}

void text_add_json(struct text *text, const char *string)
{
    static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    text_add_n(text, "\"", 1);
    for (;;) {
        size_t plain = 0;
        while ((unsigned char)string[plain] >= ' ' && string[plain] != '"' && string[plain] != '\\')
            plain++;
        text_add_n(text, string, plain);
        string += plain;
        if (!*string)
            break;
        const char *at = strchr(named, *string);
        if (at)
            text_add_n(text, (char[]){'\\', names[at - named]}, 2);
        else
            text_printf(text, "\\u%04x", (unsigned char)*string);
        string++;
    }
    text_add_n(text, "\"", 1);
}

static unsigned code_of(const unsigned char *s, unsigned length)
{
    unsigned code = length == 1 ? s[0] : s[0] & (0x7fU >> length);
    for (unsigned i = 1; i < length; i++)
        code = code << 6 | (s[i] & 0x3f);
    return code;
}

/* Controls; separators of lines; and marks of direction, which show a text as another (CVE-2021-42574). */
static bool is_unseen(unsigned code)
{
    static const struct {
        unsigned first, last;
    } unseen[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200b, 0x200f},
                  {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (code >= unseen[i].first && code <= unseen[i].last)
            return true;
    return false;
}

void text_add_shown_n(struct text *text, const char *string, size_t length)
{
    const unsigned char *s = (const unsigned char *)string;
    for (size_t i = 0, step; i < length; i += step) {
        unsigned bytes = s[i] < 0x80 ? 1 : utf8_length(string + i, length - i);
        unsigned code = bytes ? code_of(s + i, bytes) : s[i];
        step = bytes ? bytes : 1;
        if (bytes && !is_unseen(code))
            text_add_n(text, string + i, step);
        else
            text_printf(text, code > 0xff ? "\\u%04x" : "\\x%02x", code);
    }
}

void text_add_shown(struct text *text, const char *string)
{
    text_add_shown_n(text, string, strlen(string));
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->data)
        text->data[0] = '\0';
}

void text_done(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

const char *text_of(const struct text *text)
{
    return text->data ? text->data : "";
}

void text_join(struct text *list, const char *word)
{
    text_printf(list, "%s%s", list->length ? ", " : "", word);
}

const char *text_article(const char *word)
{
    return *word && strchr("aeiou", *word) ? "an" : "a";
}

unsigned utf8_length(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    unsigned length = s[0] < 0x80   ? 1
                      : s[0] < 0xc2 ? 0
                      : s[0] < 0xe0 ? 2
                      : s[0] < 0xf0 ? 3
                      : s[0] < 0xf5 ? 4
                                    : 0;
    if (length > left)
        return 0;
    for (unsigned i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
    bool too_large = s[0] == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : length;
}

bool utf8_is_valid(const char *text)
{
    unsigned length = 1;
    for (; *text && length; text += length)
        length = (unsigned char)*text < 0x80 ? 1 : utf8_length(text, SIZE_MAX);
    return length;
}
