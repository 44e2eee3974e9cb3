/* Commands inside a namespace, as `ip netns exec` runs them (ip-netns(8)). */
#pragma once
#include "base/error.h"

/* Moves this process into the namespace (HOST: nothing to do): network, and a mount namespace in which /sys
 * shows it and the files of /etc/netns/NAME lie over those of /etc. To be followed by exec. 0, or a negative
 * errno with an entry in errors (-ENOENT: there is no such namespace). */
int namespace_enter(const char *ns, struct errors *errors);

/* Moves this process into a new network namespace, which has no name; its `lo` is up. The same. */
int namespace_begin(struct errors *errors);
