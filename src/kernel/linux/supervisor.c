#include "kernel/linux/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/process.h"
#include "kernel/enter.h"

enum {
    STOP_MS = 5000,
    READY_MS = 10000,
    LEASE_MS = 5000,
    PAUSE_MIN_MS = 100,
    PAUSE_MAX_MS = 30000,
    CALM_MS = 10000
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the process itself ---- */

struct keeper {
    const struct supervised *what;
    struct arena arena;
    const char *words[SERVICE_WORDS_MAX];
    int signals, watch, output; /* descriptors; output: what the program says */
    int answer;                 /* to whom started this; -1: was told */
    pid_t child;                /* 0: it is not running */
    bool goes_on;               /* the program leaves its first process when it is ready */
    bool is_ready;
    int64_t ready_by;       /* when a client without a lease counts as ready, and a server as broken */
    int64_t started, again; /* when it was started; when it is to be started again */
    int pause_ms;
    bool ends;
    char said[256], line[256]; /* the last whole line, and the one that comes */
    size_t n_line;
};

static bool is_client(const struct keeper *k)
{
    return k->what->program == SERVICE_DHCP_CLIENT;
}

/* For poll(2), to which what is past would mean for ever. */
static int ms_until(int64_t until)
{
    int64_t left = until - now_ms();
    return left > 0 ? (int)left : 0;
}

static void tell(struct keeper *k, int error)
{
    struct text text CLEANUP_TEXT = {0};
    if (k->answer < 0)
        return;
    text_printf(&text, "%d %s", error, error ? k->said : "");
    (void)!write(k->answer, text_of(&text), text.length);
    close(k->answer);
    k->answer = -1;
}

static void note_stand(const struct keeper *k, enum service_state state)
{
    const struct service_stand stand = {state, k->what->place, service_files_hash(k->what->folder)};
    service_stand_write(k->what->folder, &stand);
}

static void become_program(struct keeper *k, int output)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(output, STDERR_FILENO);
    dup2(output, STDOUT_FILENO);
    execv(k->words[0], (char *const *)k->words);
    _exit(127);
}

static void be_ready(struct keeper *k)
{
    k->is_ready = true;
    service_names_put(k->what);
    note_stand(k, SERVICE_RUNNING);
    tell(k, 0);
}

static void take_line(struct keeper *k)
{
    k->line[k->n_line] = '\0';
    if (k->n_line)
        memcpy(k->said, k->line, k->n_line + 1);
    k->n_line = 0;
    if (!k->is_ready && k->child && strstr(k->said, "started, version"))
        be_ready(k); /* a dnsmasq that stays in the foreground */
}

/* The last whole line is kept: it tells why the program ended. A line may come in pieces. */
static void hear(struct keeper *k)
{
    char buffer[2048];
    ssize_t n = read(k->output, buffer, sizeof buffer);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        close(k->output);
        k->output = -1;
        take_line(k);
    }
    for (ssize_t i = 0; i < n; i++) {
        if (buffer[i] == '\n')
            take_line(k);
        else if (k->n_line + 1 < sizeof k->line)
            k->line[k->n_line++] = buffer[i];
    }
}

/* Without one of its own making there is nothing to go on with; else it gets another chance, and another. */
static void lose_program(struct keeper *k)
{
    k->child = 0;
    if (k->output >= 0)
        hear(k);
    if (k->answer >= 0) {
        tell(k, ECHILD);
        k->ends = true;
        return;
    }
    bool was_calm = now_ms() - k->started >= CALM_MS;
    k->pause_ms = was_calm || !k->pause_ms         ? PAUSE_MIN_MS
                  : k->pause_ms * 2 < PAUSE_MAX_MS ? k->pause_ms * 2
                                                   : PAUSE_MAX_MS;
    k->again = now_ms() + k->pause_ms;
    note_stand(k, SERVICE_RESTARTING);
}

static int fork_program(struct keeper *k)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    pid_t child = fork();
    int r = child < 0 ? -errno : 0;
    if (child == 0)
        become_program(k, ends[1]);
    close(ends[1]);
    if (k->output >= 0)
        close(k->output);
    k->output = ends[0];
    k->child = r < 0 ? 0 : child;
    return r;
}

static void start(struct keeper *k)
{
    struct text pid CLEANUP_TEXT = {0};
    text_printf(&pid, "%s/pid", k->what->folder);
    unlink(text_of(&pid));
    k->is_ready = false;
    k->started = now_ms();
    k->ready_by = k->started + (is_client(k) ? LEASE_MS : READY_MS);
    k->said[0] = '\0';
    k->n_line = 0;
    int r = fork_program(k);
    if (r == 0)
        return;
    snprintf(k->said, sizeof k->said, "it cannot be started: %s", strerror(-r));
    lose_program(k);
}

/* It went into the background when all was well and not before, and is a child of the first process now. */
static bool went_on(struct keeper *k, int status)
{
    struct text pid CLEANUP_TEXT = {0};
    if (k->is_ready || !k->goes_on || !WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
        !service_get(k->what->folder, "pid", &pid))
        return false;
    k->child = (pid_t)strtol(text_of(&pid), NULL, 10);
    return k->child > 1 && kill(k->child, 0) == 0;
}

static void collect(struct keeper *k)
{
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != k->child)
            continue;
        if (went_on(k, status))
            be_ready(k);
        else
            lose_program(k);
    }
}

static void reload(struct keeper *k)
{
    if (k->child && !is_client(k))
        kill(k->child, SIGHUP);
    service_names_put(k->what);
    note_stand(k, k->is_ready && k->child ? SERVICE_RUNNING : SERVICE_RESTARTING);
}

static void take_signal(struct keeper *k)
{
    struct signalfd_siginfo info;
    if (read(k->signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD)
        collect(k);
    else if (info.ssi_signo == SIGHUP)
        reload(k);
    else
        k->ends = true;
}

static void take_event(struct keeper *k, const struct inotify_event *event)
{
    bool is_gone = event->mask & (IN_DELETE_SELF | IN_IGNORED | IN_MOVE_SELF);
    const char *name = event->len ? event->name : "";
    if (is_gone || (event->mask & IN_DELETE && strcmp(name, "lock") == 0))
        k->ends = true;
    else if (strcmp(name, "lease-database") == 0)
        service_names_put(k->what);
    else if (!k->is_ready && is_client(k) && k->child && event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO) &&
             strcmp(name, "lease") == 0)
        be_ready(k);
}

static void take_events(struct keeper *k)
{
    char buffer[4096] __attribute__((aligned(8)));
    ssize_t n = read(k->watch, buffer, sizeof buffer);
    for (ssize_t at = 0; at < n;) {
        const struct inotify_event *event = (const struct inotify_event *)(buffer + at);
        take_event(k, event);
        at += (ssize_t)(sizeof *event + event->len);
    }
}

static int time_left(const struct keeper *k)
{
    int64_t until = !k->child ? k->again : !k->is_ready ? k->ready_by : -1;
    return until < 0 ? -1 : ms_until(until);
}

static void take_time(struct keeper *k)
{
    if (!k->child && now_ms() >= k->again)
        start(k);
    else if (k->child && !k->is_ready && now_ms() >= k->ready_by && is_client(k))
        be_ready(k);
    else if (k->child && !k->is_ready && now_ms() >= k->ready_by)
        kill(k->child, SIGKILL); /* and so it is lost */
}

static void keep(struct keeper *k)
{
    start(k);
    while (!k->ends) {
        struct pollfd fds[] = {{.fd = k->signals, .events = POLLIN},
                               {.fd = k->watch, .events = POLLIN},
                               {.fd = k->output, .events = POLLIN}};
        poll(fds, 3, time_left(k));
        if (fds[2].revents)
            hear(k);
        if (fds[1].revents)
            take_events(k);
        if (fds[0].revents)
            take_signal(k);
        take_time(k);
    }
}

/* A client gives its lease back, so it gets time. */
static void end_program(struct keeper *k)
{
    int64_t until = now_ms() + STOP_MS;
    if (k->child)
        kill(k->child, SIGTERM);
    while (k->child && now_ms() < until) {
        struct pollfd fd = {.fd = k->signals, .events = POLLIN};
        poll(&fd, 1, ms_until(until));
        pid_t pid;
        struct signalfd_siginfo info;
        (void)!read(k->signals, &info, sizeof info);
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
            k->child = pid == k->child ? 0 : k->child;
    }
    service_names_remove(k->what);
}

static void block_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGHUP);
    sigaddset(ret, SIGCHLD);
    sigprocmask(SIG_BLOCK, ret, NULL);
}

/* Keeps nothing open that its parent had: a pipe to `plexus apply | less` must see its end. */
static int detach(int keep)
{
    setsid();
    prctl(PR_SET_NAME, "plexus-service");
    signal(SIGPIPE, SIG_IGN);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    int kept = dup2(keep, 3);
    syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0U);
    fcntl(kept, F_SETFD, FD_CLOEXEC);
    (void)!chdir("/");
    return kept;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void supervise(const struct supervised *what, int answer)
{
    sigset_t signals;
    struct keeper k = {.what = what, .output = -1, .answer = detach(answer)};
    block_signals(&signals);
    int r = service_lock(what->folder);
    k.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    k.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (r >= 0 && (k.signals < 0 || k.watch < 0 ||
                   inotify_add_watch(k.watch, what->folder,
                                     IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY | IN_DELETE | IN_DELETE_SELF |
                                         IN_MOVE_SELF) < 0))
        r = -errno;
    if (r >= 0 && !service_command(what, &k.arena, k.words))
        r = -ENOENT;
    if (r >= 0)
        process_title("plexus: supervises %s on %s/%s", base_name(k.words[0]), what->ns, what->interface);
    if (r >= 0)
        r = service_prepare(what, k.words);
    k.goes_on = what->program == SERVICE_DNSMASQ && !k.words[SERVICE_DNSMASQ_WORDS];
    if (r < 0) {
        tell(&k, -r);
        return;
    }
    keep(&k);
    end_program(&k);
}

/* ---- starting it ---- */

/* A mount namespace of its own in any case: clients get folders of their own. */
static int enter(const struct supervised *what)
{
    struct errors errors CLEANUP_ERRORS = {0};
    if (strcmp(what->ns, HOST) != 0)
        return namespace_enter(what->ns, &errors);
    return unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0 ? -errno : 0;
}

/* In a child, which ends with this. */
static void launch(const struct supervised *what, int answer)
{
    int r = enter(what);
    if (r == 0 && unshare(CLONE_NEWPID) < 0)
        r = -errno;
    if (r < 0) {
        struct text text CLEANUP_TEXT = {0};
        text_printf(&text, "%d ", -r);
        (void)!write(answer, text_of(&text), text.length);
        return;
    }
    if (fork() == 0)
        supervise(what, answer);
}

static int hear_answer(int fd, struct text *words)
{
    char buffer[512];
    ssize_t n = read(fd, buffer, sizeof buffer - 1);
    if (n <= 0)
        return -ECHILD;
    buffer[n] = '\0';
    char *rest;
    long error = strtol(buffer, &rest, 10);
    text_add(words, *rest == ' ' ? rest + 1 : rest);
    return error > 0 ? -(int)error : 0;
}

int supervisor_start(const struct supervised *what, struct text *words)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork();
    if (child == 0) {
        launch(what, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (child > 0)
        waitpid(child, NULL, 0);
    int r = child < 0 ? -errno : hear_answer(ends[0], words);
    close(ends[0]);
    return r;
}

/* ---- speaking to it ---- */

/* The lock is looked at again when the process is held: then it is the one that has it. */
static int send_signal(const char *folder, int signal)
{
    pid_t keeper = service_keeper(folder);
    if (keeper <= 0)
        return keeper < 0 ? -EPERM : -ESRCH;
    int fd = (int)syscall(SYS_pidfd_open, keeper, 0);
    if (fd < 0)
        return -errno;
    int r = service_keeper(folder) != keeper                          ? -ESRCH
            : syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 ? -errno
                                                                      : 0;
    if (r < 0) {
        close(fd);
        return r;
    }
    return fd;
}

int supervisor_stop(const char *folder)
{
    int fd = send_signal(folder, SIGTERM);
    if (fd == -ESRCH)
        return 0;
    if (fd < 0)
        return fd;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    if (poll(&poll_fd, 1, 2 * STOP_MS) == 0)
        syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
    poll(&poll_fd, 1, STOP_MS);
    close(fd);
    return service_keeper(folder) ? -EBUSY : 0;
}

int supervisor_reload(const char *folder)
{
    uint64_t hash = service_files_hash(folder);
    struct service_stand stand = {0};
    int64_t until = now_ms() + READY_MS;
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0 || inotify_add_watch(watch, folder, IN_MOVED_TO) < 0)
        return -errno;
    int fd = send_signal(folder, SIGHUP);
    while (fd >= 0 && now_ms() < until && !(service_stand_read(folder, &stand) && stand.hash == hash)) {
        char events[4096];
        struct pollfd poll_fd = {.fd = watch, .events = POLLIN};
        poll(&poll_fd, 1, ms_until(until));
        (void)!read(watch, events, sizeof events);
    }
    close(watch);
    if (fd < 0)
        return fd;
    close(fd);
    return stand.hash == hash ? 0 : -ETIMEDOUT;
}
