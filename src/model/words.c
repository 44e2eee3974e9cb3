#include "model/words.h"

#include <stdio.h>
#include <string.h>

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
