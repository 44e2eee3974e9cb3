#include "model/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/line_texts.h"

const struct name verb_names[] = {{"add", VERB_ADD}, {"set", VERB_SET}, {"del", VERB_DEL}, {NULL, 0}};

const struct name disturbance_names[] = {
    {"nothing", DISTURBS_NOTHING}, {"blink", DISTURBS_BLINK}, {"cut", DISTURBS_CUT}, {NULL, 0}};

void commands_add(struct commands *commands, const char *format, ...)
{
    struct text line = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&line, format, args);
    va_end(args);
    if (commands->n == commands->capacity) {
        commands->capacity = commands->capacity ? commands->capacity * 2 : 8;
        commands->lines = xrealloc(commands->lines, commands->capacity, sizeof *commands->lines);
    }
    commands->lines[commands->n++] = line.data;
}

void commands_done(struct commands *commands)
{
    for (size_t i = 0; i < commands->n; i++)
        free(commands->lines[i]);
    free(commands->lines);
    *commands = (struct commands){0};
}

void step_commands(const struct step *step, struct commands *out)
{
    step_object(step)->class->commands(step, out);
}

const char *command_in(const char *tool, const char *ns, char *buffer, size_t size)
{
    if (strcmp(ns, HOST) == 0)
        snprintf(buffer, size, "%s", tool);
    else
        snprintf(buffer, size, "%s -n %s", tool, ns);
    return buffer;
}

static bool says_nothing(const struct value *value)
{
    return !value_is_set(value) || (value->form == VALUE_TEXT && !*value->text);
}

bool step_tells(const struct step *step, unsigned i)
{
    const struct value *old = &step->old->values[i], *new = &step->new->values[i];
    return step_changes(step, i) && !(object_option(step->new, i)->flags & OPTION_KEPT) &&
           !value_equal(old, new) && !(says_nothing(old) && says_nothing(new));
}

static void describe_value(const struct option *option, const struct value *value, struct text *out)
{
    if (says_nothing(value))
        text_add(out, "(unset)");
    else if (option->flags & OPTION_SECRET)
        text_add(out, "(hidden)");
    else if (is_line_text(option))
        line_text_count(option, value->text, out);
    else
        option_format(option, value, out);
}

/* What an ADD says beyond the identity: options that are set and differ from what would be anyway. That it is
 * not yet up needs no word: raising is a step of its own. */
static void describe_options(const struct object *object, struct text *out)
{
    const char *separator = ": ";
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        const struct value *value = &object->values[i];
        struct value fallback = option_fallback(option);
        if (option->flags & (OPTION_KEY | OPTION_KEPT) || !value_is_set(value) ||
            value_equal(value, &fallback) || strcmp(option->key, "up") == 0)
            continue;
        text_printf(out, "%s%s ", separator, option->key);
        describe_value(option, value, out);
        separator = ", ";
    }
}

/* The far end of a pair is born with the near one, and with these. */
static void describe_far_end(const struct object *far, struct text *out)
{
    static const char *const keys[] = {"mtu", "mac"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        int i = object_find_option(far, keys[k]);
        if (i < 0 || !value_is_set(&far->values[i]))
            continue;
        text_printf(out, ", its %s ", keys[k]);
        describe_value(object_option(far, (unsigned)i), &far->values[i], out);
    }
}

static const char *text_or_none(const struct value *value)
{
    return value->form == VALUE_TEXT ? value->text : "";
}

/* "-old rule +new rule" */
static void describe_lines(const struct option *option, const struct value *old, const struct value *new,
                           struct text *out)
{
    struct text more CLEANUP_TEXT = {0};
    size_t begin = out->length;
    line_text_more(option, text_or_none(old), text_or_none(new), "-", out);
    line_text_more(option, text_or_none(new), text_or_none(old), "+", &more);
    text_printf(out, "%s%s", out->length > begin && more.length ? " " : "", text_of(&more));
}

static void describe_changes(const struct step *step, struct text *out)
{
    const char *separator = ": ";
    for (unsigned i = 0; i < object_n_options(step->new); i++) {
        const struct option *option = object_option(step->new, i);
        if (!step_tells(step, i))
            continue;
        text_printf(out, "%s%s ", separator, option->key);
        separator = ", ";
        if (is_line_text(option)) {
            describe_lines(option, &step->old->values[i], &step->new->values[i], out);
            continue;
        }
        describe_value(option, &step->old->values[i], out);
        text_add(out, " -> ");
        describe_value(option, &step->new->values[i], out);
    }
}

void step_describe(const struct step *step, struct text *out)
{
    const struct object *object = step_object(step);
    text_add(out, object->kind ? object->kind->name : object->class->name);
    if (object->class->id == CLASS_NAMESPACE)
        text_printf(out, " %s", object->name);
    else
        text_printf(out, " %s/%s", object->ns, object->name);
    switch (step->verb) {
    case VERB_ADD:
        describe_options(object, out);
        if (step->peer)
            describe_far_end(step->peer, out);
        break;
    case VERB_SET:
        describe_changes(step, out);
        break;
    case VERB_DEL:
    case VERB_MAX:
        break;
    }
}
