/* A rule as it is typed, as a file has it. What ufw(8) says in another way is said anew: `22/tcp`, `22`,
 * `6000:6007/tcp`, `from 10.0.0.5 to any port 22 proto tcp`, `out 25`. Pure. */
#pragma once
#include <stddef.h>

#include "base/error.h"

/* `verb` and the words behind it as one text, in the arena: `allow tcp/22`. NULL: words that no rule has,
 * with an error and what to type instead. */
const char *firewall_rule_text(struct arena *arena, const char *verb, char *const *words, size_t n,
                               struct errors *errors);
