/* Reads the rule sets of others in a namespace. */
#pragma once
#include "kernel/door.h"
#include "model/foreign.h"

/* All but the table `ours` of the family inet. 0, or a negative errno. Behind another door there is
 * nothing. */
int door_foreign(struct door *base, const char *ns, const char *ours, struct foreign *ret_foreign);
