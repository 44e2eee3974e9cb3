/* The world of a user who is not root: user, mount and network namespaces that a process of its own (the
 * holder) keeps alive between commands. Its id stands in a file of the user's runtime folder, and later
 * commands join its namespaces. Inside, the user is root: /run is fresh, and /etc has a writable layer where
 * the kernel lets users have one. */
#include "kernel/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/regular.h"
#include "base/text.h"
#include "kernel/linux/namespaces.h"

/* The holder, by process id and start time (field 22 of /proc/PID/stat), so that a reused id is not mistaken
 * for it. */
struct holder {
    pid_t pid;
    unsigned long long start;
};

static struct holder entered; /* the world this process is in; pid 0: none */

static int write_file(const char *path, const char *data)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int r = fd < 0 || write(fd, data, strlen(data)) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r;
}

/* $XDG_RUNTIME_DIR/plexus; without a login session /tmp/plexus-UID, which must be the user's own and closed
 * to others. */
static int state_folder(struct text *folder)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    struct stat info;
    if (runtime && runtime[0] == '/' && access(runtime, W_OK) == 0)
        text_printf(folder, "%s/plexus", runtime);
    else
        text_printf(folder, "/tmp/plexus-%u", (unsigned)getuid());
    if (mkdir(text_of(folder), 0700) < 0 && errno != EEXIST)
        return -errno;
    if (lstat(text_of(folder), &info) < 0)
        return -errno;
    return S_ISDIR(info.st_mode) && info.st_uid == getuid() && !(info.st_mode & 022) ? 0 : -EPERM;
}

static int holder_read(int fd, struct holder *ret_holder)
{
    char data[64];
    char *after, *end;
    ssize_t n = pread(fd, data, sizeof data - 1, 0);
    if (n <= 0)
        return -ENOENT;
    data[n] = '\0';
    long pid = strtol(data, &after, 10);
    unsigned long long start = strtoull(after, &end, 10);
    if (pid <= 1 || pid > INT_MAX || end == after || process_start((pid_t)pid) != start)
        return -ENOENT;
    *ret_holder = (struct holder){.pid = (pid_t)pid, .start = start};
    return 0;
}

/* Entering a mount namespace leads to its root; the way back is by name, as the folders are the same. */
static int join(const struct holder *holder)
{
    char folder[PATH_MAX];
    const char *back = getcwd(folder, sizeof folder);
    int pidfd = (int)syscall(SYS_pidfd_open, holder->pid, 0);
    if (pidfd < 0)
        return -errno;
    int r = setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0 ? -errno : 0;
    close(pidfd);
    if (r == 0 && back)
        (void)!chdir(back);
    if (r == 0)
        entered = *holder;
    return r;
}

/* A fresh /run, in which all that was in the old one is still to be seen. */
static int make_run(void)
{
    int old = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (old < 0)
        return -errno;
    int r = mount("plexus", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0 ? -errno : 0;
    DIR *dir = r < 0 ? NULL : fdopendir(old);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct text from CLEANUP_TEXT = {0}, to CLEANUP_TEXT = {0};
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || strcmp(entry->d_name, "netns") == 0 ||
            strcmp(entry->d_name, "plexus") == 0 || strcmp(entry->d_name, "plexus-services") == 0)
            continue;
        text_printf(&from, "/proc/self/fd/%d/%s", old, entry->d_name);
        text_printf(&to, "/run/%s", entry->d_name);
        if (mkdir(text_of(&to), 0755) == 0)
            (void)!mount(text_of(&from), text_of(&to), "none", MS_BIND | MS_REC, NULL);
    }
    if (dir)
        closedir(dir);
    else
        close(old);
    return r;
}

/* /etc with a writable layer, for /etc/netns; what is saved goes to the user's own configuration. Where the
 * kernel has no overlay for users, namespaces have no DNS servers of their own and nothing can be saved; the
 * rest works. */
static void make_etc(const char *config)
{
    (void)!mkdir("/run/.plexus-etc", 0700);
    (void)!mkdir("/run/.plexus-etc/upper", 0755);
    (void)!mkdir("/run/.plexus-etc/work", 0755);
    if (mount("plexus", "/etc", "overlay", 0,
              "userxattr,lowerdir=/etc,upperdir=/run/.plexus-etc/upper,workdir=/run/.plexus-etc/work") < 0)
        return;
    (void)!mkdir("/etc/plexus", 0700);
    (void)!mount(config, "/etc/plexus", "none", MS_BIND, NULL);
}

static void make_config_folder(struct text *config)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base && base[0] == '/')
        text_add(config, base);
    else
        text_printf(config, "%s/.config", home ? home : "/");
    (void)!mkdir(text_of(config), 0700);
    text_add(config, "/plexus");
    (void)!mkdir(text_of(config), 0700);
}

/* Makes this process the root of a world of its own. */
static int make_world(void)
{
    struct text map CLEANUP_TEXT = {0}, groups CLEANUP_TEXT = {0}, config CLEANUP_TEXT = {0};
    make_config_folder(&config);
    text_printf(&map, "0 %u 1\n", (unsigned)getuid());
    text_printf(&groups, "0 %u 1\n", (unsigned)getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0)
        return -errno;
    int r = write_file("/proc/self/setgroups", "deny");
    if (r == 0 || r == -ENOENT)
        r = write_file("/proc/self/uid_map", text_of(&map));
    if (r == 0)
        r = write_file("/proc/self/gid_map", text_of(&groups));
    if (r == 0 && mount("", "/", "none", MS_PRIVATE | MS_REC, NULL) < 0)
        r = -errno;
    if (r == 0)
        r = make_run();
    if (r < 0)
        return r;
    make_etc(text_of(&config));
    loopback_raise();
    return 0;
}

/* The life of the holder: make the world, say how that went, and wait to be ended. */
static void hold(int ready)
{
    setsid();
    prctl(PR_SET_NAME, "plexus-world");
    process_title("plexus: keeps the networks of user %u", (unsigned)getuid());
    (void)!chdir("/");
    int r = make_world();
    (void)!write(ready, &r, sizeof r);
    if (r < 0)
        _exit(1);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    syscall(SYS_close_range, 3U, ~0U, 0U);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    for (;;)
        pause();
}

static int start_holder(int state, struct holder *ret_holder)
{
    int ready[2], r = -EIO, pid;
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork();
    if (child == 0) {
        pid = fork();
        if (pid == 0)
            hold(ready[1]);
        (void)!write(ready[1], &pid, sizeof pid);
        _exit(0);
    }
    close(ready[1]);
    if (child > 0)
        waitpid(child, NULL, 0);
    /* Two messages, the process id and how it went, in an order nobody knows: the process id is the positive
     * one. */
    int first = -1, second = -1;
    if (child > 0 && read(ready[0], &first, sizeof first) == sizeof first &&
        read(ready[0], &second, sizeof second) == sizeof second) {
        pid = first > 0 ? first : second;
        r = first > 0 ? second : first;
    }
    close(ready[0]);
    if (r < 0)
        return r;
    *ret_holder = (struct holder){.pid = pid, .start = process_start(pid)};
    struct text text CLEANUP_TEXT = {0};
    text_printf(&text, "%d %llu\n", pid, ret_holder->start);
    return ftruncate(state, 0) < 0 || pwrite(state, text.data, text.length, 0) < 0 ? -errno : 0;
}

static enum result refuse(int r, struct errors *errors)
{
    struct error *error =
        errors_add(errors, NULL, "cannot make a user namespace to work in without root: %s", strerror(-r));
    error_hint(errors, error,
               "run it as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone, "
               "kernel.apparmor_restrict_unprivileged_userns, user.max_user_namespaces");
    return RESULT_NOT_PERMITTED;
}

/* Whether root has any power over this network: `unshare -Ur` makes a root who has none. */
static bool owns_network(void)
{
    int network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int owner = network < 0 ? -1 : ioctl(network, NS_GET_USERNS);
    bool is_outside = network >= 0 && owner < 0 && errno == EPERM;
    if (owner >= 0)
        close(owner);
    if (network >= 0)
        close(network);
    return !is_outside;
}

bool world_is_needed(void)
{
    return geteuid() != 0 || !owns_network();
}

/* Nobody gets out of a user namespace into a world outside it: whoever is in one has a world of its own. */
static int open_state(struct errors *errors)
{
    struct text path CLEANUP_TEXT = {0};
    struct stat user_ns;
    int r = state_folder(&path);
    if (r == 0)
        text_add(&path, "/world");
    if (r == 0 && geteuid() == 0 && stat("/proc/self/ns/user", &user_ns) == 0)
        text_printf(&path, "-%llu", (unsigned long long)user_ns.st_ino);
    int fd = r < 0 ? r : regular_open(text_of(&path), O_RDWR | O_CREAT | O_NOFOLLOW);
    if (fd >= 0)
        return fd;
    struct error *error = errors_add(errors, NULL, "cannot open %s: %s", text_of(&path), regular_why(fd));
    if (r == -EPERM)
        error_hint(errors, error, "it must be your own folder, and closed to others");
    else if (regular_is_odd(fd))
        error_hint(errors, error, "Plexus did not put it there: remove it");
    return fd;
}

/* A holder that lives, held by a shared lock on the state file: who wants to end the world must have that
 * lock alone. 0, -ENOENT where there is none and none shall be made, or another negative errno. */
static int find_holder(int state, bool create, struct holder *ret_holder)
{
    enum { TRIES = 200, PAUSE_MS = 5 };
    for (int i = 0; i < TRIES; i++) {
        int r = flock(state, LOCK_EX) < 0 ? -errno : holder_read(state, ret_holder);
        if (r == -ENOENT && create)
            r = start_holder(state, ret_holder);
        if (r < 0)
            return r;
        if (flock(state, LOCK_SH) < 0)
            return -errno;
        /* Changing a lock lets it go for a moment, in which the world may have been ended. */
        if (process_start(ret_holder->pid) == ret_holder->start && kill(ret_holder->pid, 0) == 0) {
            r = join(ret_holder);
            if (r != -ESRCH)
                return r;
        }
        poll(NULL, 0, PAUSE_MS); /* it is dying: nothing tells when its process is gone */
    }
    return -ESRCH;
}

static int state_file = -1; /* its lock is held as long as this process is in the world */

enum result world_enter(bool create, struct errors *errors)
{
    struct holder holder = {0};
    if (!world_is_needed())
        return RESULT_DONE;
    const struct passwd *user = getpwuid(getuid());
    if (user)
        setenv("PLEXUS_USER", user->pw_name, 1);
    state_file = open_state(errors);
    if (state_file < 0)
        return RESULT_NOT_PERMITTED;
    int r = find_holder(state_file, create, &holder);
    if (r == -ENOENT)
        r = make_world();
    return r < 0 ? refuse(r, errors) : RESULT_DONE;
}

/* Where another command is in the world, that one ends it when it is the last. */
void world_end(void)
{
    if (entered.pid > 1 && flock(state_file, LOCK_EX | LOCK_NB) == 0 &&
        process_start(entered.pid) == entered.start)
        kill(entered.pid, SIGTERM);
    entered.pid = 0;
}
