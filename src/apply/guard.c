/* The guard of an unconfirmed apply: a process of its own that brings the old network back.
 *
 * It must outlive everything that a person loses with a wrong change: the command, its terminal (SIGHUP), the
 * SSH session. So it is a grandchild in a session of its own, holding no descriptor of its parent. It waits
 * for one of two things: the journal disappears (confirmed, or rolled back by somebody else), or the deadline
 * comes. Should the guard itself be killed, the next command of Plexus that changes anything finds the
 * expired journal and does its work. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/internal.h"

/* 0: the journal is gone. 1: the deadline has come. */
static int wait_for_deadline(int watch, const char *journal, int64_t deadline)
{
    for (;;) {
        if (access(journal, F_OK) < 0)
            return 0;
        int64_t left = deadline - boottime();
        if (left <= 0)
            return 1;
        struct pollfd poll_fd = {.fd = watch, .events = POLLIN};
        /* A minute at most, since a suspended machine's poll() does not count the time. */
        if (poll(&poll_fd, 1, left > 60 ? 60000 : (int)left * 1000) > 0) {
            char events[4096];
            (void)!read(watch, events, sizeof events);
        }
    }
}

/* Opening for writing undoes what is expired. Whoever holds the lock so long, or whatever is in the way, may
 * go: so this is tried until the journal is gone. */
static void bring_back(const struct machine *machine, const char *name, const char *journal)
{
    enum { WAIT_SECONDS = 600, AGAIN_SECONDS = 5 };
    for (;;) {
        struct session session;
        session_open(&session, machine, ACCESS_WRITE, name, WAIT_SECONDS, NULL, NULL);
        session_done(&session);
        if (access(journal, F_OK) < 0)
            return;
        poll(NULL, 0, AGAIN_SECONDS * 1000);
    }
}

static void guard(const struct machine *machine, const char *name, int64_t deadline, int ready)
{
    char *journal CLEANUP_FREE = run_path(machine, name, "journal.json");
    char *folder CLEANUP_FREE = run_path(machine, name, NULL);
    int watch = inotify_init1(IN_CLOEXEC);
    if (watch < 0 || inotify_add_watch(watch, folder, IN_DELETE | IN_MOVED_TO) < 0)
        return;
    if (write(ready, "", 1) != 1)
        return;
    close(ready);
    if (wait_for_deadline(watch, journal, deadline))
        bring_back(machine, name, journal);
}

static void detach(int keep)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
    setsid();
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "confirm-guard");
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    int kept = dup2(keep, 3);
    syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0U);
    (void)!chdir("/");
}

int guard_start(const struct machine *machine, const char *name, int64_t deadline, struct errors *errors)
{
    int ready[2];
    char byte;
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            detach(ready[1]);
            guard(machine, name, deadline, 3);
        }
        _exit(0);
    }
    close(ready[1]);
    int status;
    if (child > 0)
        waitpid(child, &status, 0);
    /* Closed without a word: it could not keep watch, so nothing may be changed. */
    bool watches = child > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    if (watches)
        return 0;
    struct error *error =
        errors_add(errors, NULL, "cannot start the process that would bring the old network back");
    error_hint(errors, error, "nothing was changed; without --confirm there is no need of it");
    return -ECHILD;
}
