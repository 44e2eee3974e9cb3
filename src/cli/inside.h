/* Going into a namespace for good: what exec and shell share. */
#pragma once
#include "cli/command.h"

enum result inside_enter(struct cli *cli, const char *ns);

/* Becomes the program. Returns only when that failed: 127 when it was not found, else 126, as shells have it.
 */
enum result inside_exec(struct cli *cli, char *const *words);
