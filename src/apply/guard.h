/* Processes that outlive the command, and clear up after it. */
#pragma once
#include "apply/apply.h"

/* Starts the process that brings the old network back at `deadline` unless the journal is gone by then. It
 * survives this program, its terminal and its session. */
int guard_start(const struct machine *machine, const char *name, int64_t deadline, struct errors *errors);

/* Should this process be killed, and the program with it, what that used of networks is taken away at once by
 * another. `ns`: what its namespace is called. */
void guard_use(const struct machine *machine, const char *ns, pid_t program);
