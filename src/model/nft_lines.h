/* What nft(8) is told about tables, sets and chains: the lines of a script. The same lines are shown as
 * commands and run behind the door. */
#pragma once
#include "model/step.h"

/* The options that make up the identity of all three. */
#define NFT_FAMILY_OPTION(text)                                                           \
    {                                                                                     \
        .key = "family", .type = TYPE_ENUM, .flags = OPTION_KEY | OPTION_INTERNAL,        \
        .change = CHANGE_RECREATE, .names = nft_family_names, .ip = "%v", .help = (text), \
    }
#define NFT_NAME_OPTION(word, text)                                                                         \
    {                                                                                                       \
        .key = (word), .type = TYPE_TEXT, .flags = OPTION_KEY | OPTION_INTERNAL, .change = CHANGE_RECREATE, \
        .ip = "%v", .help = (text),                                                                         \
    }

/* Of any step about one of them. All lines of a SET of a chain belong to one transaction. */
void nft_lines(const struct step *step, struct commands *out);
void table_lines(const struct step *step, struct commands *out);
void set_lines(const struct step *step, struct commands *out);
void chain_lines(const struct step *step, struct commands *out);

/* The column `commands` of the three classes. */
void nft_commands(const struct step *step, struct commands *out);

/* Appends "add chain inet plexus-lab input". */
void nft_begin(struct text *line, const char *verb, const struct object *object);
/* Appends a rule of a chain, which is kept as JSON. */
void nft_add_rule(struct text *line, const char *rule, size_t length);
