/* Processes that are named beyond the life of whoever names them. */
#pragma once
#include <sys/types.h>

/* When it was started, in clock ticks since boot (proc_pid_stat(5), field 22), so that a number that another
 * process has by now is not mistaken for it. 0: there is none, or it has ended and nobody has asked yet. */
unsigned long long process_start(pid_t pid);

/* What ps(1) shows of this process in the place of its command line. A process that outlives the command says
 * by that what it is there for. The words of the command line are gone with it; without process_words() at
 * the beginning of main() nothing happens. */
void process_words(int argc, char **argv);
void process_title(const char *format, ...) __attribute__((format(printf, 1, 2)));
