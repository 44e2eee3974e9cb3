/*
 * Runs one command and says what it cost: `measure COMMAND [ARG...]` writes one line to descriptor 3:
 *
 *   wall_us user_us sys_us peak_rss_kib exit_status
 *
 * A program of its own, because peak memory is inherited: a process that is forked from a large one (an
 * interpreter) and then executes a small program is still charged the large one's peak by wait4(2). This
 * one is small. User and system time, and the peak, cover the command and the children it waited for. The
 * exit status is 128 + signal when a signal ended the command, as the shell has it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPORT_FD 3

static long long now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static long long timeval_us(struct timeval t)
{
    return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

static void child_exec(char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[0], argv);
    warn("%s", argv[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    long long start, wall;
    struct rusage usage;
    pid_t pid;
    int status;

    if (argc < 2)
        errx(2, "usage: measure COMMAND [ARG...]   (the report goes to descriptor %d)", REPORT_FD);
    if (fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0)
        err(2, "descriptor %d", REPORT_FD);
    start = now_us();
    pid = fork();
    if (pid < 0)
        err(2, "fork");
    if (pid == 0)
        child_exec(argv + 1);
    if (wait4(pid, &status, 0, &usage) < 0)
        err(2, "wait4");
    wall = now_us() - start;
    status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    dprintf(REPORT_FD, "%lld %lld %lld %ld %d\n", wall, timeval_us(usage.ru_utime),
            timeval_us(usage.ru_stime), usage.ru_maxrss, status);
    return 0;
}
