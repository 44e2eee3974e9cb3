/* The rules of a chain as they are: the text that the option `rules` has and, beside it, the handle of each
 * line, by which the kernel knows it. */
#pragma once
#include <jansson.h>

#include "model/object.h"

struct live {
    struct text rules;
    int64_t *handles; /* 0: made by the script under way, and not known yet */
    size_t n, capacity;
};

#define CLEANUP_LIVE __attribute__((cleanup(live_done)))

bool rule_is_of(const json_t *rule, const struct object *chain);
/* Those in a listing of libnftables. */
void live_read(struct live *live, const json_t *list, const struct object *chain);
bool live_is_known(const struct live *live); /* the handles of all */
void live_done(struct live *live);

/* The lines of a script that make these rules into those that `chain` shall have: whoever stays keeps its
 * place and its counters. Afterwards `live` is as it will be then. */
void live_change(struct live *live, const struct object *chain, struct text *script);
