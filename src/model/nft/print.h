/* Rules as text for nft(8): what expressions and statements share. */
#pragma once
#include "model/nft/nft.h"

/* An expression; `like` is what a constant in it is compared with or given to, which decides on quotes
 * and on hexadecimal; or NULL. */
void nft_print(const json_t *expression, const json_t *like, struct text *out);
void nft_print_word(const json_t *value, struct text *out); /* a number or a word, as it is */
void nft_print_quoted(const char *word, struct text *out);  /* nft has no way to write a quote inside */
void nft_print_list(const json_t *list, const char *separator, const json_t *like, struct text *out);
