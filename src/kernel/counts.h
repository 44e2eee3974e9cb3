/* What the rules of a firewall have counted since they were made. */
#pragma once
#include "kernel/door.h"

struct count {
    uint64_t packets, bytes;
};

/* `in` is a chain, and `line` one of its rules; or a set, and `line` one of its elements, as the object has
 * them. */
typedef void (*count_told)(const struct object *in, const char *line, struct count count, void *userdata);

/* Tells of each rule with a counter, and of each element of the sets that are counted, of the chains and sets
 * that the model has in the namespace, as far as they are there. A kernel in memory counts nothing. 0, or a
 * negative errno with an entry in `errors`. */
int door_counts(struct door *door, const struct model *model, const char *ns, count_told tell, void *userdata,
                struct errors *errors);
