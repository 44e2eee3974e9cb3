/* Names of a network for the host: a marked part of /etc/hosts, which is kept as leases come and go, or
 * systemd-resolved, which is told to ask for the domain here. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ip.h"
#include "kernel/linux/supervisor.h"

#define HOSTS "/etc/hosts"

/* ---- /etc/hosts ---- */

static bool has_word(const char *line, size_t length, const char *word)
{
    static const char separators[] = ",[]\n";
    for (size_t at = 0, n; at < length; at += n + 1) {
        n = strcspn(line + at, separators);
        if (n == strlen(word) && strncasecmp(line + at, word, n) == 0)
            return true;
    }
    return false;
}

/* Whether the file keeps that address for who has that name: "02:00:00:00:00:01,10.0.0.50,[fd00::50],pc". */
static bool is_kept(const char *leases, const char *address, const char *name)
{
    for (size_t length; *leases; leases += length + (leases[length] == '\n')) {
        length = strcspn(leases, "\n");
        if (has_word(leases, length, address) && has_word(leases, length, name))
            return true;
    }
    return false;
}

/* How a client calls itself is its own word: it must not become another's name in the host, so it is known
 * within the domain only. */
static void add_name(const struct supervised *what, const char *address, const char *name, bool is_said,
                     struct text *out)
{
    struct ip ip;
    if (ip_parse(address, &ip) < 0 || strcmp(name, "*") == 0 || (!is_said && !*what->domain))
        return;
    text_add(out, address);
    if (*what->domain)
        text_printf(out, " %s.%s", name, what->domain);
    if (is_said)
        text_printf(out, " %s", name);
    text_add(out, "\n");
}

/* Of each line the words with these numbers; `leases` NULL: all are said by the file. */
static void add_names(const struct supervised *what, const char *file, unsigned address, unsigned name,
                      const char *leases, struct text *out)
{
    struct text text CLEANUP_TEXT = {0};
    char *rest = NULL;
    service_get(what->folder, file, &text);
    for (char *line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *words[5] = {0}, *more = NULL;
        for (unsigned i = 0; i < 5 && (words[i] = strtok_r(i ? NULL : line, " ", &more)); i++)
            ;
        if (words[address] && words[name])
            add_name(what, words[address], words[name],
                     !leases || is_kept(leases, words[address], words[name]), out);
    }
}

/* The NAME of a line "# Plexus NAME: WORD"; false: it is none. */
static bool is_mark(const char *line, size_t length, const char *word, struct text *ret_name)
{
    static const char head[] = "# Plexus ";
    size_t begin = sizeof head - 1, end = strlen(word) + 2; /* ": " */
    if (length <= begin + end || strncmp(line, head, begin) != 0 ||
        strncmp(line + length - end, ": ", 2) != 0 || strncmp(line + length - end + 2, word, end - 2) != 0)
        return false;
    text_clear(ret_name);
    text_add_n(ret_name, line + begin, length - begin - end);
    return true;
}

/* Of a service that has no folder any more: the machine was started anew, and it was not. */
static bool is_gone(const char *name)
{
    struct text folder CLEANUP_TEXT = {0};
    text_printf(&folder, SERVICES_DIR "/" HOST "/%s", name);
    return !strchr(name, '/') && access(text_of(&folder), F_OK) < 0 && errno == ENOENT;
}

/* The rest of the file, without what stands between the marks of this service (NULL: none) or of those that
 * are no more. Where one of them is missing, nobody knows what is whose, and all stays. */
static void add_others(const char *text, const char *own, struct text *out)
{
    struct text name CLEANUP_TEXT = {0}, end CLEANUP_TEXT = {0};
    bool has_begun = false;
    size_t begun = 0;
    for (const char *next; *text; text = next) {
        size_t length = strcspn(text, "\n");
        next = text + length + (text[length] == '\n');
        if (is_mark(text, length, "begin", &name) &&
            ((own && strcmp(text_of(&name), own) == 0) || is_gone(text_of(&name)))) {
            has_begun = true;
            begun = out->length;
        }
        text_add_n(out, text, (size_t)(next - text));
        if (has_begun && is_mark(text, length, "end", &end) && strcmp(text_of(&end), text_of(&name)) == 0) {
            has_begun = false;
            out->length = begun;
            out->data[begun] = '\0';
        }
    }
}

static int write_text(int fd, const char *text, size_t left)
{
    for (ssize_t n; left; text += n, left -= (size_t)n)
        if ((n = write(fd, text, left)) < 0)
            return -errno;
    return 0;
}

static int write_file(const char *path, int flags, const struct text *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | flags, 0600);
    int r = fd < 0 ? -errno : write_text(fd, text_of(text), text->length);
    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

/* A container's is a mount, over which nothing can be renamed: then it is written in place. */
static void replace_file(const char *path, const struct text *text)
{
    struct text next CLEANUP_TEXT = {0};
    struct stat about;
    if (stat(path, &about) < 0)
        about = (struct stat){.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()};
    text_printf(&next, "%s.plexus", path);
    bool good = write_file(text_of(&next), O_CREAT | O_NOFOLLOW, text) == 0 &&
                chmod(text_of(&next), about.st_mode & 07777) == 0 &&
                chown(text_of(&next), about.st_uid, about.st_gid) == 0;
    if (good && rename(text_of(&next), path) == 0)
        return;
    unlink(text_of(&next));
    if (good)
        (void)write_file(path, 0, text);
}

/* A link stays one; what it leads to is written, if there is such a file. */
static void replace_hosts(const struct text *text)
{
    struct stat about;
    char *path = realpath(HOSTS, NULL);
    if (path)
        replace_file(path, text);
    else if (lstat(HOSTS, &about) < 0)
        replace_file(HOSTS, text);
    free(path);
}

/* `names` NULL: nothing is to stand there. Two services may be at it at once. */
static void put_hosts(const char *name, const struct text *names)
{
    struct text before CLEANUP_TEXT = {0}, after CLEANUP_TEXT = {0};
    int lock = open(SERVICES_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0)
        flock(lock, LOCK_EX);
    bool is_read = service_get("/etc", "hosts", &before), is_none = !is_read && errno == ENOENT;
    add_others(text_of(&before), name, &after);
    if (names && names->length) {
        if (after.length && after.data[after.length - 1] != '\n')
            text_add(&after, "\n");
        text_printf(&after, "# Plexus %s: begin\n%s# Plexus %s: end\n", name, text_of(names), name);
    }
    if ((is_read || (is_none && names)) && strcmp(text_of(&before), text_of(&after)) != 0)
        replace_hosts(&after);
    if (lock >= 0)
        close(lock);
}

/* ---- systemd-resolved ---- */

static void run(const char *const *words)
{
    pid_t child = fork();
    if (child == 0) {
        execvp(words[0], (char *const *)words);
        _exit(127);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

static bool resolved_runs(void)
{
    return access("/run/systemd/resolve/io.systemd.Resolve", F_OK) == 0;
}

static void tell_resolved(const struct supervised *what)
{
    struct text domain CLEANUP_TEXT = {0};
    text_printf(&domain, "~%s", what->domain);
    run((const char *const[]){"resolvectl", "dns", what->interface, what->server, NULL});
    run((const char *const[]){"resolvectl", "domain", what->interface, text_of(&domain), NULL});
}

/* ---- both ---- */

static const char *name_of(const struct supervised *what)
{
    return strrchr(what->folder, '/') + 1;
}

void service_names_put(const struct supervised *what)
{
    struct text names CLEANUP_TEXT = {0}, leases CLEANUP_TEXT = {0};
    if (what->host_names == HOST_NAMES_RESOLVED && resolved_runs())
        tell_resolved(what);
    if (what->host_names != HOST_NAMES_HOSTS)
        return;
    service_get(what->folder, "leases", &leases);
    add_names(what, "names", 0, 1, NULL, &names);
    add_names(what, "lease-database", 2, 3, text_of(&leases), &names);
    put_hosts(name_of(what), &names);
}

void service_names_remove(const struct supervised *what)
{
    if (what->host_names == HOST_NAMES_RESOLVED && resolved_runs())
        run((const char *const[]){"resolvectl", "revert", what->interface, NULL});
    if (what->host_names == HOST_NAMES_HOSTS)
        put_hosts(name_of(what), NULL);
}

void service_names_forget(void)
{
    put_hosts(NULL, NULL);
}
