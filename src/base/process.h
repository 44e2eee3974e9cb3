/* Processes that are named beyond the life of whoever names them. */
#pragma once
#include <sys/types.h>

/* When it was started, in clock ticks since boot (proc_pid_stat(5), field 22), so that a number that another
 * process has by now is not mistaken for it. 0: there is none, or it has ended and nobody has asked yet. */
unsigned long long process_start(pid_t pid);
