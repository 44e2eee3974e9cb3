/* set: addresses, ports and the like that rules ask for by `@name`; with `data`, a map from these to values
 * or verdicts.
 *
 * Linux changes the elements of one that lives, and nothing else. What a rule puts into a `dynamic` set is
 * no file's business: its elements are neither said nor compared. */
#include <string.h>

#include "model/classes.h"
#include "model/lines.h"
#include "model/nft_lines.h"
#include "model/words.h"

enum { ELEMENTS_A_COMMAND = 500 };

static const struct option options[] = {
    NFT_FAMILY_OPTION("The family of its table."),
    NFT_NAME_OPTION("table", "The table that it is in."),
    NFT_NAME_OPTION("name", "Its name."),
    {
        .key = "key",
        .type = TYPE_TEXT,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .help = "The type of its keys: `ipv4_addr`, or several: `inet_proto . inet_service`.",
    },
    {
        .key = "data",
        .type = TYPE_TEXT,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .fallback = "",
        .help = "Of a map: the type of its values, or `verdict`.",
    },
    {
        .key = "interval",
        .type = TYPE_BOOL,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .fallback = "false",
        .help = "Whether its elements may be networks and ranges.",
    },
    {
        .key = "dynamic",
        .type = TYPE_BOOL,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .fallback = "false",
        .help = "Whether rules put elements into it.",
    },
    {
        .key = "counted",
        .type = TYPE_BOOL,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .fallback = "false",
        .help = "Whether each element counts its packets.",
    },
    {
        .key = "timeout",
        .type = TYPE_NUMBER,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = UINT32_MAX,
        .unit = "s",
        .fallback = "0",
        .help = "How long an element stays; 0 is for ever.",
    },
    {
        .key = "size",
        .type = TYPE_NUMBER,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = UINT32_MAX,
        .fallback = "0",
        .help = "How many elements it can hold; 0 is any number.",
    },
    {
        .key = "elements",
        .type = TYPE_ELEMENTS,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "What is in it.",
    },
};

/* " { type ipv4_addr : verdict; flags interval,timeout; timeout 60s; size 1000; counter; }" */
static void add_definition(struct text *out, const struct object *set)
{
    const char *key = object_text(set, "key"), *data = object_text(set, "data"), *flags = " flags ";
    int64_t timeout = object_number(set, "timeout", 0), size = object_number(set, "size", 0);
    text_printf(out, " { type %s", key ? key : "");
    if (data && *data)
        text_printf(out, " : %s", data);
    text_add(out, ";");
    for (size_t i = 0; i < 2; i++) {
        static const char *const names[] = {"interval", "dynamic"};
        if (!object_number(set, names[i], 0))
            continue;
        text_printf(out, "%s%s", flags, names[i]);
        flags = ",";
    }
    if (*flags == ',')
        text_add(out, ";");
    if (timeout)
        text_printf(out, " timeout %llds;", (long long)timeout);
    if (size)
        text_printf(out, " size %lld;", (long long)size);
    if (object_number(set, "counted", 0))
        text_add(out, " counter;");
    text_add(out, " }");
}

#define FIELDS " . "

/* What stands before the next separator, which is passed over. */
static size_t next_field(const char **at, const char *end, const char **ret_field)
{
    const char *found = memmem(*at, (size_t)(end - *at), FIELDS, strlen(FIELDS));
    *ret_field = *at;
    *at = found ? found + strlen(FIELDS) : end;
    return (size_t)((found ? found : end) - *ret_field);
}

/* Names of interfaces are quoted, since one may be a word of nft(8). */
static void add_fields(struct text *out, const char *types, const char *words, const char *end)
{
    const char *types_end = types + strlen(types);
    for (const char *type, *word; words < end;) {
        size_t type_length = next_field(&types, types_end, &type);
        size_t length = next_field(&words, end, &word);
        const char *quote = type_length == 6 && memcmp(type, "ifname", 6) == 0 ? "\"" : "";
        text_add(out, quote);
        text_add_n(out, word, length);
        text_printf(out, "%s%s", quote, words < end ? FIELDS : "");
    }
}

static void add_element(struct text *out, const struct object *set, const struct edit *element)
{
    const char *key = object_text(set, "key"), *data = object_text(set, "data");
    const char *end = element->line + element->length;
    const char *colon = memmem(element->line, element->length, " : ", 3);
    add_fields(out, key ? key : "", element->line, colon ? colon : end);
    if (!colon)
        return;
    text_add(out, " : ");
    add_fields(out, data ? data : "", colon + 3, end);
}

/* The elements that come, or those that go, so many to a command. */
static void add_elements(const struct object *set, const struct edits *edits, enum edit_kind kind,
                         struct commands *out)
{
    struct text words CLEANUP_TEXT = {0};
    size_t n = 0;
    for (size_t i = 0; i < edits->n; i++) {
        if (edits->list[i].kind != kind)
            continue;
        if (n++ == 0)
            nft_begin(&words, kind == EDIT_NEW ? "add element" : "delete element", set);
        text_add(&words, n == 1 ? " { " : ", ");
        add_element(&words, set, &edits->list[i]);
        if (n < ELEMENTS_A_COMMAND)
            continue;
        text_add(&words, " }");
        words_end(&words, out);
        n = 0;
    }
    if (n) {
        text_add(&words, " }");
        words_end(&words, out);
    }
}

void set_lines(const struct step *step, struct commands *out)
{
    const struct object *set = step_object(step);
    const char *data = object_text(set, "data");
    bool is_map = data && *data;
    struct text words CLEANUP_TEXT = {0};
    struct edits elements CLEANUP_EDITS = {0};
    if (step->verb == VERB_DEL) {
        nft_begin(&words, is_map ? "delete map" : "delete set", set);
        words_end(&words, out);
        return;
    }
    if (step->verb == VERB_ADD) {
        nft_begin(&words, is_map ? "add map" : "add set", set);
        add_definition(&words, set);
        words_end(&words, out);
    }
    lines_compare(step->verb == VERB_SET ? object_text(step->old, "elements") : NULL,
                  object_text(set, "elements"), &elements);
    add_elements(set, &elements, EDIT_GONE, out);
    add_elements(set, &elements, EDIT_NEW, out);
}

const struct class class_set = {
    .id = CLASS_SET,
    .name = "set",
    .plural = "sets",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED | CLASS_ASKED | CLASS_BRIEF | CLASS_TOGETHER,
    .deletion = 112,
    .help = "A set of the firewall, or a map.",
    .commands = nft_commands,
};
