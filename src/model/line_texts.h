/* How options that are texts of lines are shown: rules as nft(8) says them, and of a change only the lines
 * that differ, as long as they are few. */
#pragma once
#include "model/option.h"

bool is_line_text(const struct option *option);

/* Appends "3 rules". */
void line_text_count(const struct option *option, const char *text, struct text *out);

/* Appends the lines of `text` that are not in `other`, each after `mark`: "-tcp dport 22 accept, -ct state
 * established accept and 12 more". Nothing where there are none. */
void line_text_more(const struct option *option, const char *text, const char *other, const char *mark,
                    struct text *out);
