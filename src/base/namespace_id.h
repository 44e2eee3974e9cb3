/* Which namespace a name leads to. Numbers of inodes are given again, so when it was made counts too: that
 * stays while it has a name. */
#pragma once
#include <stdbool.h>

struct namespace_id {
    unsigned long long device, inode, born; /* 0: not known */
};

/* Which one is at the path now; none: *ret_id is not touched. Whether it is the one that was there: one made
 * anew under its name is another. */
void namespace_identify(const char *path, struct namespace_id *ret_id);
bool namespace_is(const char *path, const struct namespace_id *id);
