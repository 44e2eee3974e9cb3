#include "model/words.h"

#include <stdio.h>
#include <string.h>

/* What the shell takes as it is. */
#define WORD_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-./:,@%+"

const char *words_exec(const char *ns, char *buffer, size_t size)
{
    if (strcmp(ns, HOST) == 0)
        snprintf(buffer, size, "%s", "");
    else
        snprintf(buffer, size, "ip netns exec %s ", ns);
    return buffer;
}

void words_add(struct text *line, const char *word)
{
    text_add(line, " ");
    text_add_quoted(line, word);
}

void words_add_option(struct text *line, const struct option *option, const struct value *value)
{
    struct text words CLEANUP_TEXT = {0};
    /* Nothing can be said where a list can be emptied: "arp_ip_target ''". */
    if (value->form == VALUE_TEXT && !*value->text && !(option->flags & OPTION_LIST))
        return;
    option_command(option, value, &words);
    if (words.length)
        text_printf(line, " %s", text_of(&words));
}

void words_add_key(struct text *line, const struct object *object, const char *key)
{
    int i = object_find_option(object, key);
    if (i < 0)
        return;
    words_add_option(line, object_option(object, (unsigned)i), &object->values[i]);
}

bool words_matter(const struct step *step, unsigned option)
{
    const struct value *value = &step->new->values[option];
    if (step->verb == VERB_SET)
        return step_changes(step, option);
    if (!value_is_set(value) || (value->form == VALUE_TEXT && !*value->text))
        return false;
    struct value fallback = option_fallback(object_option(step->new, option));
    return !value_equal(value, &fallback);
}

void words_end(struct text *line, struct commands *out)
{
    commands_add(out, "%s", text_of(line));
    text_clear(line);
}

void words_begin(struct text *line, const char *tool, const char *ns, const char *command)
{
    char buffer[300];
    text_printf(line, "%s %s", command_in(tool, ns, buffer, sizeof buffer), command);
}

void words_nft_object(struct text *words, const struct object *object, const char *verb)
{
    text_add(words, verb);
    words_add_key(words, object, "family");
    words_add_key(words, object, "table");
    words_add_key(words, object, "name");
}

/* Plain words stand as they are; the rest is one word for the shell, since nft(8) joins them anyway. */
void words_nft(const char *ns, struct text *words, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    char buffer[300];
    text_printf(&line, "%snft ", words_exec(ns, buffer, sizeof buffer));
    if (strspn(text_of(words), WORD_LETTERS) == words->length)
        text_add(&line, text_of(words));
    else
        text_add_quoted(&line, text_of(words));
    words_end(&line, out);
    text_clear(words);
}
