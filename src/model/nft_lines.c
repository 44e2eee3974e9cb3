#include "model/nft_lines.h"

#include <string.h>

#include "model/nft/nft.h"
#include "model/words.h"

/* What the shell takes as it is. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-./:,@%+"

void nft_begin(struct text *line, const char *verb, const struct object *object)
{
    text_add(line, verb);
    words_add_key(line, object, "family");
    words_add_key(line, object, "table");
    words_add_key(line, object, "name");
}

void nft_add_rule(struct text *line, const char *rule, size_t length)
{
    json_t *json = nft_rule_parse(rule, length);
    text_add(line, " ");
    if (json)
        nft_rule_print(json, line);
    json_decref(json);
}

void nft_lines(const struct step *step, struct commands *out)
{
    static void (*const of_class[CLASS_MAX])(const struct step *, struct commands *) = {
        [CLASS_TABLE] = table_lines,
        [CLASS_SET] = set_lines,
        [CLASS_CHAIN] = chain_lines,
    };
    of_class[step_object(step)->class->id](step, out);
}

/* Words that stand for themselves are left alone; the rest is one word for the shell, since nft(8) joins them
 * anyway. */
static void add_command(const char *ns, const char *words, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    char buffer[300];
    text_printf(&line, "%snft ", words_exec(ns, buffer, sizeof buffer));
    if (strspn(words, PLAIN) == strlen(words))
        text_add(&line, words);
    else
        text_add_quoted(&line, words);
    words_end(&line, out);
}

void nft_commands(const struct step *step, struct commands *out)
{
    const struct object *object = step_object(step);
    struct commands lines CLEANUP_COMMANDS = {0};
    struct text joined CLEANUP_TEXT = {0};
    bool is_one = step->verb == VERB_SET && object->class->id == CLASS_CHAIN;
    nft_lines(step, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        if (is_one)
            text_printf(&joined, "%s%s", i ? "; " : "", lines.lines[i]);
        else
            add_command(object->ns, lines.lines[i], out);
    }
    if (is_one)
        add_command(object->ns, text_of(&joined), out);
}
