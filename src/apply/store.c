#include "apply/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/regular.h"

void free_pointer(void *pointer)
{
    free(*(void **)pointer);
}

static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *print(const char *format, ...)
{
    struct text text = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&text, format, args);
    va_end(args);
    return text.data;
}

char *run_path(const struct machine *machine, const char *name, const char *file)
{
    return file ? print("%s/%s/%s", machine->run_dir, name, file) : print("%s/%s", machine->run_dir, name);
}

char *saved_path(const struct machine *machine, const char *name)
{
    return print("%s/%s.yaml", machine->saved_dir, name);
}

char *lock_path(const struct machine *machine)
{
    return print("%s/lock", machine->run_dir);
}

static int make_folders(const char *path)
{
    char *copy CLEANUP_FREE = xstrdup(path);
    for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (mkdir(copy, strcmp(copy, "/run") == 0 || strcmp(copy, "/etc") == 0 ? 0755 : 0700) < 0 &&
            errno != EEXIST)
            return -errno;
        *slash = '/';
    }
    return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* What lies there is left of a crash, or a trap. */
static int write_new(const char *path, const char *data, size_t size)
{
    if (remove(path) < 0 && errno != ENOENT)
        return -errno;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int r = write_all(fd, data, size);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

int store_write(const char *path, const char *data, size_t size, struct errors *errors)
{
    char *next CLEANUP_FREE = print("%s.new", path);
    int r = make_folders(path);
    if (r == 0)
        r = write_new(next, data, size);
    if (r == 0 && rename(next, path) < 0)
        r = -errno;
    if (r == 0)
        return 0;
    unlink(next);
    struct error *error =
        errors_add(errors, NULL, "cannot write %s: %s", r == -ENOTEMPTY ? next : path, strerror(-r));
    if (r == -EPERM && geteuid() == 0)
        error_hint(errors, error, "it was made unchangeable: see lsattr; chattr -i lets it be written");
    else if (r == -EACCES || r == -EPERM)
        error_hint(errors, error, "run it as root: sudo plexus ...");
    else if (r == -ENOTEMPTY || r == -EISDIR)
        error_hint(errors, error, "Plexus did not put there what is there: remove it");
    else if (r == -EROFS)
        error_hint(errors, error,
                   "Plexus keeps there what it needs to undo a change, so nothing was changed");
    return r;
}

int store_write_json(const char *path, const json_t *json, struct errors *errors)
{
    char *data CLEANUP_FREE = json_dumps(json, JSON_COMPACT);
    if (!data) {
        errors_add(errors, NULL, "cannot write %s: it has text that is not UTF-8", path);
        return -EILSEQ;
    }
    return store_write(path, data, strlen(data), errors);
}

static int read_all(int fd, char **ret_data, size_t *ret_size)
{
    struct text text = {0};
    char buffer[65536];
    for (;;) {
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || text.length > STORE_READ_MAX) {
            int r = n < 0 ? -errno : -EFBIG;
            text_done(&text);
            return r;
        }
        text_add_n(&text, buffer, (size_t)n);
        if (n == 0)
            break;
    }
    *ret_data = text.data;
    *ret_size = text.length;
    return 0;
}

int store_read(const char *path, char **ret_data, size_t *ret_size, struct errors *errors)
{
    int fd = regular_open(path, 0);
    int r = fd < 0 ? fd : read_all(fd, ret_data, ret_size);
    if (fd >= 0)
        close(fd);
    if (r < 0 && r != -ENOENT) {
        struct error *error = errors_add(errors, NULL, "cannot read %s: %s", path, regular_why(r));
        if (r == -EACCES)
            error_hint(errors, error, "run it as root: sudo plexus ...");
        else if (regular_is_odd(r))
            error_hint(errors, error, "Plexus did not put it there: remove it");
    }
    return r;
}

int store_read_json(const char *path, json_t **ret_json, struct errors *errors)
{
    char *data CLEANUP_FREE = NULL;
    size_t size = 0;
    int r = store_read(path, &data, &size, errors);
    if (r < 0)
        return r;
    json_error_t where;
    json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, &where);
    if (!json) {
        struct place place = {.file = path, .line = where.line, .column = where.column};
        struct error *error = errors_add(errors, &place, "this file of Plexus is damaged: %s", where.text);
        error_hint(
            errors, error,
            "remove it when no other copy is to be had; what it described must then be cleaned up by hand");
        return -EBADMSG;
    }
    *ret_json = json;
    return 0;
}

int store_remove(const char *path)
{
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int store_rename(const char *path, const char *new_path, struct errors *errors)
{
    if (rename(path, new_path) == 0 || errno == ENOENT)
        return 0;
    int r = -errno;
    errors_add(errors, NULL, "cannot rename %s: %s", path, strerror(-r));
    return r;
}

static void wake(int number)
{
    (void)number; /* its arrival alone ends flock() */
}

/* flock() has no time limit of its own; an alarm without SA_RESTART gives it one. */
static int lock_within(int fd, int seconds)
{
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL); /* whoever started us may have blocked it */
    struct sigaction action = {.sa_handler = wake}, old;
    struct itimerval limit = {.it_value.tv_sec = seconds}, off = {0};
    sigaction(SIGALRM, &action, &old);
    setitimer(ITIMER_REAL, &limit, NULL);
    int r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
    setitimer(ITIMER_REAL, &off, NULL);
    sigaction(SIGALRM, &old, NULL);
    return r == -EINTR ? -EBUSY : r;
}

static char *read_holder(int fd)
{
    char buffer[200];
    ssize_t n = pread(fd, buffer, sizeof buffer - 1, 0);
    if (n <= 0)
        return NULL;
    buffer[n] = '\0';
    return xstrdup(buffer);
}

/* "4711 (plexus apply lab.yaml)" for whoever waits. */
static void write_holder(int fd)
{
    struct text text CLEANUP_TEXT = {0};
    char arguments[160] = "";
    int proc = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = proc < 0 ? 0 : read(proc, arguments, sizeof arguments - 1);
    if (proc >= 0)
        close(proc);
    for (ssize_t i = 0; i + 1 < n; i++)
        if (!arguments[i])
            arguments[i] = ' ';
    text_printf(&text, "%d (%s)", (int)getpid(), arguments);
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, text.data, text.length, 0);
}

int store_check(const struct machine *machine, struct errors *errors)
{
    const char *folder = machine->run_dir;
    struct stat about;
    const char *what = NULL;
    if (lstat(folder, &about) < 0)
        return 0; /* it will be made */
    if (S_ISLNK(about.st_mode))
        what = "it is a symbolic link";
    else if (!S_ISDIR(about.st_mode))
        what = "it is no folder";
    else if (about.st_uid != geteuid() && about.st_uid != 0)
        what = "it belongs to another user";
    else if (about.st_mode & (S_IWGRP | S_IWOTH))
        what = "others may write to it";
    if (!what)
        return 0;
    struct error *error = errors_add(errors, NULL, "%s is not safe: %s", folder, what);
    error_hint(errors, error,
               "whoever writes there decides what Plexus does to the network; look at what lies there, then "
               "remove it, or: chown root %s; chmod 700 %s",
               folder, folder);
    return -EIO;
}

int lock_take(const struct machine *machine, int wait_seconds,
              void (*waiting)(const char *holder, void *userdata), void *userdata, char **ret_holder)
{
    char *path CLEANUP_FREE = lock_path(machine);
    int r = make_folders(path);
    if (r < 0)
        return r;
    int fd = regular_open(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (fd < 0)
        return fd;
    r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
    if (r == -EWOULDBLOCK) {
        char *holder = read_holder(fd);
        if (wait_seconds > 0 && waiting)
            waiting(holder ? holder : "another plexus", userdata);
        r = wait_seconds > 0 ? lock_within(fd, wait_seconds) : -EBUSY;
        if (r < 0)
            *ret_holder = holder;
        else
            free(holder);
    }
    if (r < 0) {
        close(fd);
        return r;
    }
    write_holder(fd);
    return fd;
}

char *lock_holder(const struct machine *machine)
{
    char *path CLEANUP_FREE = lock_path(machine), *holder = NULL;
    int fd = regular_open(path, O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        holder = read_holder(fd);
        holder = holder ? holder : xstrdup("another plexus");
    }
    close(fd);
    return holder;
}

/* Is written as JSON, and shown on terminals. */
static const char *made_harmless(const char *name)
{
    static char harmless[64];
    json_t *json CLEANUP_JSON = json_string(name);
    size_t i = 0;
    for (; i < sizeof harmless - 1 && name[i]; i++) {
        unsigned char c = (unsigned char)name[i];
        harmless[i] = c < ' ' || c == 0x7f || (c > 0x7f && !json) ? '?' : name[i];
    }
    harmless[i] = '\0';
    return harmless;
}

const char *user_name(void)
{
    static const char *const asked[] = {"SUDO_USER", "PLEXUS_USER"}; /* the second by world_enter() */
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        const char *name = getenv(asked[i]);
        if (name && *name)
            return made_harmless(name);
    }
    const struct passwd *user = getpwuid(getuid());
    return user ? made_harmless(user->pw_name) : "unknown";
}
