/* The firewall: tables, sets and chains. */
#include "kernel/linux/linux.h"

const struct linux_class linux_table = {0}, linux_set = {0}, linux_chain = {0};
