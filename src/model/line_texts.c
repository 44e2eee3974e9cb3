#include "model/line_texts.h"

#include <string.h>

#include "model/lines.h"
#include "model/nft/nft.h"

enum { LINES_SHOWN = 5, LINE_LENGTH = 120 };

bool is_line_text(const struct option *option)
{
    return option->type == TYPE_RULES || option->type == TYPE_ELEMENTS || option->type == TYPE_LINES;
}

void line_text_count(const struct option *option, const char *text, struct text *out)
{
    size_t n = 0;
    for (; *text; n++)
        text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
    const char *noun = option->type == TYPE_RULES ? "rule" : option->type == TYPE_LINES ? "line" : "element";
    text_printf(out, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

static void add_line(const struct option *option, const struct edit *edit, struct text *out)
{
    struct text words CLEANUP_TEXT = {0};
    json_t *rule = option->type == TYPE_RULES ? nft_rule_parse(edit->line, edit->length) : NULL;
    if (rule)
        nft_rule_print(rule, &words);
    else
        text_add_n(&words, edit->line, edit->length);
    json_decref(rule);
    size_t length = words.length;
    if (length > LINE_LENGTH) /* not within a character */
        for (length = LINE_LENGTH; length && (words.data[length] & 0xc0) == 0x80; length--)
            ;
    text_add_n(out, text_of(&words), length);
    text_add(out, length < words.length ? "..." : "");
}

void line_text_more(const struct option *option, const char *text, const char *other, const char *mark,
                    struct text *out)
{
    struct edits edits CLEANUP_EDITS = {0};
    size_t n = 0;
    lines_compare(other, text, &edits);
    for (size_t i = 0; i < edits.n; i++) {
        if (edits.list[i].kind != EDIT_NEW || n++ >= LINES_SHOWN)
            continue;
        text_printf(out, "%s%s", n > 1 ? ", " : "", mark);
        add_line(option, &edits.list[i], out);
    }
    if (n > LINES_SHOWN)
        text_printf(out, " and %zu more", n - LINES_SHOWN);
}
