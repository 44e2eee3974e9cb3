/* What outlives a start of the machine. */
#pragma once

/* Takes out of /etc what services and namespaces had there that are no more: names, and files of resolvers.
 * For the first command after a boot. What may not be written stays. */
void leftovers_forget(void);
