#include "kernel/linux/resolver_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"

#define NETNS_ETC   "/etc/netns"
#define STAGE       NETNS_ETC "/.plexus" /* where a file is made */
#define NAME        "/resolv.conf"
#define FIRST_LINE  "# Written by Plexus for "
#define SECOND_LINE "# Its folder was there before.\n" /* or else goes with it */
#define BEFORE_LINE "#|"
#define LEARNT_LINE \
    "# Learnt by DHCP" /* by a client of ours (service_programs.c); it gives way to anything */

/* Bytes; the libc reads a few lines. The second: as a comment, even of empty lines only. */
enum { KEPT_MAX = 64 * 1024, READ_MAX = 4 * KEPT_MAX };

bool resolver_file_folder(const char *ns, struct text *ret_folder)
{
    static const char *const no_names[] = {"", ".", "..", ".plexus"};
    for (size_t i = 0; i < sizeof no_names / sizeof *no_names; i++)
        if (strcmp(ns, no_names[i]) == 0 || strchr(ns, '/'))
            return false;
    text_printf(ret_folder, NETNS_ETC "/%s", ns);
    return true;
}

/* Reading */

static int read_bytes(const char *path, struct text *ret_bytes)
{
    char buffer[4096];
    ssize_t n = 0;
    int fd = regular_open(path, 0);
    text_add(ret_bytes, "");
    while (fd >= 0 && ret_bytes->length <= READ_MAX && (n = read(fd, buffer, sizeof buffer)) > 0)
        text_add_n(ret_bytes, buffer, (size_t)n);
    int r = n < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : r;
}

static bool skip(const char **at, const char *text)
{
    bool is_there = strncmp(*at, text, strlen(text)) == 0;
    *at += is_there ? strlen(text) : 0;
    return is_there;
}

static const char *next_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline + 1 : end;
}

static bool skip_number(const char **at, int base, unsigned *ret_number)
{
    char *end;
    unsigned long number = strtoul(*at, &end, base);
    bool is_there = end > *at && number <= UINT_MAX;
    *ret_number = (unsigned)number;
    *at = end;
    return is_there;
}

static bool read_head(const char *at, struct original *before)
{
    return skip(&at, "# Before it (mode ") && skip_number(&at, 8, &before->mode) && skip(&at, ", owner ") &&
           skip_number(&at, 10, &before->uid) && skip(&at, ":") && skip_number(&at, 10, &before->gid) &&
           skip(&at, "):\n");
}

/* The comment at the end, read back. */
static void read_before(const char *at, const char *end, struct original *before)
{
    for (; at < end && !before->is_known; at = next_line(at, end))
        before->is_known = read_head(at, before);
    for (const char *next; at < end && skip(&at, BEFORE_LINE); at = next) {
        next = next_line(at, end);
        text_add_n(&before->bytes, at, (size_t)(next - at));
    }
}

static bool read_ours(struct resolver_file *file)
{
    const char *at = text_of(&file->bytes), *end = at + file->bytes.length;
    if (!skip(&at, FIRST_LINE))
        return false;
    text_add_n(&file->owner, at, strcspn(at, "\n"));
    at = next_line(at, end);
    file->had_folder = skip(&at, SECOND_LINE);
    read_before(at, end, &file->before);
    return true;
}

static int read_theirs(const char *path, const struct stat *about, struct resolver_file *file)
{
    char target[PATH_MAX];
    file->before = (struct original){true, about->st_mode, about->st_uid, about->st_gid, {0}};
    if (!S_ISLNK(about->st_mode)) {
        text_add_n(&file->before.bytes, text_of(&file->bytes), file->bytes.length);
        return file->error == 0 && file->bytes.length > KEPT_MAX ? -EFBIG : file->error;
    }
    ssize_t length = readlink(path, target, sizeof target);
    if (length < 0)
        return -errno;
    text_add_n(&file->before.bytes, target, (size_t)length);
    return 0;
}

void resolver_file_read(const char *folder, struct resolver_file *ret_file)
{
    struct text path CLEANUP_TEXT = {0};
    struct stat about;
    *ret_file = (struct resolver_file){.whose = RESOLVER_NONE};
    ret_file->had_folder = lstat(folder, &about) == 0;
    text_printf(&path, "%s" NAME, folder);
    if (lstat(text_of(&path), &about) < 0)
        return;
    ret_file->error = read_bytes(text_of(&path), &ret_file->bytes);
    if (strncmp(text_of(&ret_file->bytes), LEARNT_LINE, strlen(LEARNT_LINE)) == 0)
        return;
    if (S_ISREG(about.st_mode) && read_ours(ret_file)) {
        ret_file->whose = RESOLVER_OURS;
        return;
    }
    ret_file->whose = RESOLVER_THEIRS;
    ret_file->error = read_theirs(text_of(&path), &about, ret_file);
}

void resolver_file_done(struct resolver_file *file)
{
    text_done(&file->bytes);
    text_done(&file->owner);
    text_done(&file->before.bytes);
}

/* Writing */

void resolver_file_begin(const struct resolver_file *file, const char *owner, struct text *out)
{
    text_printf(out, FIRST_LINE "%s\n%s", owner, file->had_folder ? SECOND_LINE : "");
}

void resolver_file_end(const struct resolver_file *file, struct text *out)
{
    const struct original *before = &file->before;
    if (!before->is_known)
        return;
    const char *at = text_of(&before->bytes), *end = at + before->bytes.length;
    text_printf(out, "# Before it (mode %o, owner %u:%u):\n", before->mode, before->uid, before->gid);
    for (const char *next; at < end; at = next) {
        next = next_line(at, end);
        text_add(out, BEFORE_LINE);
        text_add_n(out, at, (size_t)(next - at));
    }
}

void resolver_file_tidy(void)
{
    unlink(STAGE NAME);
    if (rmdir(STAGE) == 0)
        rmdir(NETNS_ETC); /* fails, and shall, when something else is in it */
}

static int write_bytes(int fd, const struct original *what)
{
    const char *at = text_of(&what->bytes);
    size_t left = what->bytes.length;
    for (ssize_t n; left; at += n, left -= (size_t)n)
        if ((n = write(fd, at, left)) < 0)
            return -errno;
    bool failed = fchown(fd, what->uid, what->gid) < 0 || fchmod(fd, what->mode & 07777) < 0 || fsync(fd) < 0;
    return failed ? -errno : 0;
}

static int make_staged(const struct original *what)
{
    if (S_ISLNK(what->mode))
        return symlink(text_of(&what->bytes), STAGE NAME) < 0 ? -errno : 0;
    int fd = open(STAGE NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = write_bytes(fd, what);
    return close(fd) < 0 && r == 0 ? -errno : r;
}

static int make_folder(const char *path)
{
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* A new folder comes with its file in it. */
static int move_in(const char *folder)
{
    struct text path CLEANUP_TEXT = {0};
    text_printf(&path, "%s" NAME, folder);
    if (rename(STAGE NAME, text_of(&path)) == 0)
        return 0;
    return errno == ENOENT && rename(STAGE, folder) == 0 ? 0 : -errno;
}

int resolver_file_put(const char *folder, const struct original *what)
{
    resolver_file_tidy();
    int r = make_folder(NETNS_ETC);
    if (r == 0)
        r = make_folder(STAGE);
    if (r == 0)
        r = make_staged(what);
    if (r == 0)
        r = move_in(folder);
    resolver_file_tidy();
    return r;
}

int resolver_file_remove(const char *folder, bool with_folder)
{
    struct text path CLEANUP_TEXT = {0};
    text_printf(&path, "%s" NAME, folder);
    int r = unlink(text_of(&path)) < 0 ? -errno : 0;
    if (with_folder && rmdir(folder) == 0)
        rmdir(NETNS_ETC);
    return r;
}
