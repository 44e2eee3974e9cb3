/* Phrases: texts of a few words, each with its place. */
#include <stdlib.h>
#include <string.h>

#include "file/firewall.h"

static const char separators[] = " \t\n,";

static bool phrase_add(struct phrase *phrase, const char *text, struct place place)
{
    if (phrase->n == PHRASE_WORDS_MAX)
        return false;
    phrase->words[phrase->n++] = (struct word){text, place};
    return true;
}

bool phrase_split(struct fw_reader *f, const struct node *node, const char *key, struct phrase *ret)
{
    ret->n = ret->at = 0;
    if (!want_word(f->r, node, key))
        return false;
    const char *text = node->text, *at = text;
    struct text folded CLEANUP_TEXT = {0};
    while (*(at += strspn(at, separators))) {
        size_t length = strcspn(at, separators);
        const char *word = arena_strndup(f->r->arena, at, length);
        if (!phrase_add(ret, word, node_place_at(node, (size_t)(at - text)))) {
            errors_add(f->r->errors, &node->place, "more than %d words", PHRASE_WORDS_MAX);
            return false;
        }
        text_printf(&folded, "%s%s%s", folded.length ? " " : "", word, at[length] == ',' ? "," : "");
        at += length;
    }
    ret->end = node_place_at(node, (size_t)(at - text));
    while (at > text && strchr(separators, at[-1]) && *--at != ',')
        ;
    if (*at == ',') {
        struct place comma = node_place_at(node, (size_t)(at - text));
        errors_add(f->r->errors, &comma, "nothing follows this comma");
        return false;
    }
    ret->folded = arena_strdup(f->r->arena, text_of(&folded));
    return true;
}

const struct word *phrase_peek(const struct phrase *phrase)
{
    return phrase->at < phrase->n ? &phrase->words[phrase->at] : NULL;
}

const struct word *phrase_next(struct phrase *phrase)
{
    return phrase->at < phrase->n ? &phrase->words[phrase->at++] : NULL;
}

bool phrase_take(struct phrase *phrase, const char *word)
{
    bool is = phrase->at < phrase->n && strcmp(phrase->words[phrase->at].text, word) == 0;
    phrase->at += is;
    return is;
}

struct error *phrase_refuse(struct fw_reader *f, const struct phrase *phrase, const char *expected)
{
    const struct word *word = phrase_peek(phrase);
    if (word)
        return word_refuse(f, word, "expected %s, not `%s`", expected, word->text);
    return errors_add(f->r->errors, &phrase->end, "expected %s here", expected);
}

struct error *word_refuse(struct fw_reader *f, const struct word *word, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(f->r->arena, format, args);
    va_end(args);
    return errors_add(f->r->errors, &word->place, "%s", message);
}

void word_hint(struct fw_reader *f, struct error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *hint = arena_vprintf(f->r->arena, format, args);
    va_end(args);
    error_hint(f->r->errors, error, "%s", hint);
}

bool word_number(struct fw_reader *f, const struct word *word, unsigned min, unsigned max, const char *what,
                 unsigned *ret)
{
    char *end;
    unsigned long number = strtoul(word->text, &end, 10);
    if (*word->text >= '0' && *word->text <= '9' && !*end && number >= min && number <= max) {
        *ret = (unsigned)number;
        return true;
    }
    word_refuse(f, word, "%s cannot be `%s`: expected a number from %u to %u", what, word->text, min, max);
    return false;
}
