/* Opening what must be a regular file.
 *
 * In the place of a file of ours others may have put a pipe, on which open() and read() wait for ever, or a
 * device, which does who knows what when it is read. */
#pragma once
#include <stdbool.h>

/* Never waits. `flags`: more than O_RDONLY | O_CLOEXEC; what O_CREAT makes is the user's own. A descriptor,
 * or a negative errno: -EISDIR of a folder, -ENXIO of what else is no regular file. */
int regular_open(const char *path, int flags);
/* The errno of that in words: "it is no regular file", "Permission denied". */
const char *regular_why(int r);
/* Whether it is one of those two: nobody can have meant it. */
bool regular_is_odd(int r);
