/* The guard of an unconfirmed apply: a process of its own that brings the old network back.
 *
 * It must outlive everything that a person loses with a wrong change: the command, its terminal (SIGHUP), the
 * SSH session. So it is a grandchild in a session of its own, holding no descriptor of its parent. It waits
 * for one of two things: the journal disappears (confirmed, or rolled back by somebody else), or the deadline
 * comes. There are two: that of the run, for an apply that dies on its way, and from its end on the one that
 * the person is told, who has all that time to look. Should the guard itself be killed, the next command of
 * Plexus that changes anything finds the expired journal and does its work. */
#include "apply/guard.h"

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
#include "apply/named.h"
#include "base/process.h"

/* Something happens in the folder of the topology, or the time is over. A minute at most, since a suspended
 * machine's poll() does not count the time. */
static void wait_for_news(int watch, int64_t seconds)
{
    struct pollfd poll_fd = {.fd = watch, .events = POLLIN};
    char events[4096];
    if (poll(&poll_fd, 1, seconds > 60 ? 60000 : (int)seconds * 1000) > 0)
        (void)!read(watch, events, sizeof events);
}

/* Opening for writing undoes what is expired, as soon as nobody else holds the lock: an apply that is at work
 * beyond its first deadline comes to its end, and gets its second. */
static void bring_back(const struct machine *machine, const char *name)
{
    enum { WAIT_SECONDS = 600 };
    struct session session;
    session_open(&session, machine, ACCESS_WRITE, name, WAIT_SECONDS, NULL, NULL);
    session_done(&session);
}

/* The deadline that the journal has now, `deadline` where it cannot be read; 0: there is no journal. */
static int64_t read_deadline(const struct machine *machine, const char *name, int64_t deadline)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct journal journal CLEANUP_JOURNAL = {0};
    int r = journal_load(machine, name, &journal, &ignored);
    return r == -ENOENT ? 0 : r < 0 ? deadline : journal.deadline;
}

/* Whatever is in the way of going back may go: so it is tried until the journal is gone. */
static void keep_watch(const struct machine *machine, const char *name, int64_t deadline, int watch)
{
    enum { AGAIN_SECONDS = 5 };
    bool tried = false;
    while ((deadline = read_deadline(machine, name, deadline))) {
        int64_t left = deadline - boottime();
        if (left > 0 || tried)
            wait_for_news(watch, left > 0 ? left : AGAIN_SECONDS);
        else
            bring_back(machine, name);
        tried = left <= 0 && !tried;
    }
}

static void guard(const struct machine *machine, const char *name, int64_t deadline, int ready)
{
    char *folder CLEANUP_FREE = run_path(machine, name, NULL);
    int watch = inotify_init1(IN_CLOEXEC);
    if (watch < 0 || inotify_add_watch(watch, folder, IN_DELETE | IN_MOVED_TO) < 0)
        return;
    if (write(ready, "", 1) != 1)
        return;
    close(ready);
    keep_watch(machine, name, deadline, watch);
}

enum { KEPT = 3 }; /* the first of the descriptors that detach() keeps */

static void detach(const int *keep, unsigned n, const char *process_name)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
    setsid();
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, process_name);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    int above[KEPT]; /* where none lies in the place of another */
    for (unsigned i = 0; i < n; i++)
        above[i] = fcntl(keep[i], F_DUPFD_CLOEXEC, KEPT + (int)n);
    for (unsigned i = 0; i < n; i++)
        dup2(above[i], KEPT + (int)i);
    syscall(SYS_close_range, KEPT + n, ~0U, 0U);
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
            detach(&ready[1], 1, "confirm-guard");
            process_title("plexus: takes back %s unless confirmed", name);
            guard(machine, name, deadline, KEPT);
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

static void await_end(int process)
{
    struct pollfd end = {.fd = process, .events = POLLIN};
    while (poll(&end, 1, -1) < 0 && errno == EINTR)
        ;
}

/* The guard of a `plexus run`: should that be killed, what it used is taken away at once. Without it the next
 * session that writes would do so; hence it is no mistake when it cannot be. */
static void watch_end(const struct machine *machine, pid_t program)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct named_list list CLEANUP_NAMED = {0};
    await_end(KEPT);
    await_end(KEPT + 1); /* killed with the first, it takes its time */
    named_load(machine, &list, &ignored);
    for (const struct named *named = list.first; named; named = named->next)
        if (named->process == program) { /* it has not taken away all itself */
            bring_back(machine, NULL);
            return;
        }
}

void guard_use(const struct machine *machine, const char *ns, pid_t program)
{
    int processes[] = {(int)syscall(SYS_pidfd_open, getpid(), 0), (int)syscall(SYS_pidfd_open, program, 0)};
    pid_t child = processes[0] < 0 || processes[1] < 0 ? -1 : fork();
    if (child == 0) {
        if (fork() == 0) {
            detach(processes, 2, "run-guard");
            process_title("plexus: clears up after run of %s", ns);
            watch_end(machine, program);
        }
        _exit(0);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
    for (unsigned i = 0; i < 2; i++)
        if (processes[i] >= 0)
            close(processes[i]);
}
