/* What outlives a start of the machine: each part knows its own. */
#include "kernel/leftovers.h"

#include "kernel/linux/resolver_file.h"
#include "kernel/linux/supervisor.h"

void leftovers_forget(void)
{
    service_names_forget();
    resolvers_forget();
}
