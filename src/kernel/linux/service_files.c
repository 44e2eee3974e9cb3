#include "kernel/linux/service_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"

enum { READ_MAX = 16 * 1024 * 1024 };

static void remove_all(const char *folder, unsigned depth);

/* Bytes */

static void path_in(const char *folder, const char *name, struct text *path)
{
    text_printf(path, "%s/%s", folder, name);
}

/* A folder of that name was put there by nobody of ours. */
static int put_in_place(const char *next, const char *path)
{
    if (rename(next, path) == 0)
        return 0;
    if (errno != EISDIR)
        return -errno;
    remove_all(path, 0);
    return rename(next, path) < 0 ? -errno : 0;
}

int service_put(const char *folder, const char *name, const char *text, mode_t mode)
{
    struct text path CLEANUP_TEXT = {0}, next CLEANUP_TEXT = {0};
    size_t left = strlen(text);
    path_in(folder, name, &path);
    text_printf(&next, "%s.new", text_of(&path));
    int fd = open(text_of(&next), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int r = fd < 0 || fchmod(fd, mode) < 0 ? -errno : 0;
    while (r == 0 && left) {
        ssize_t n = write(fd, text, left);
        r = n < 0 ? -errno : 0;
        text += n < 0 ? 0 : n;
        left -= n < 0 ? 0 : (size_t)n;
    }
    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    if (r == 0)
        r = put_in_place(text_of(&next), text_of(&path));
    if (r < 0)
        unlink(text_of(&next));
    return r;
}

bool service_get(const char *folder, const char *name, struct text *ret)
{
    struct text path CLEANUP_TEXT = {0};
    char buffer[4096];
    ssize_t n = -1;
    path_in(folder, name, &path);
    int fd = regular_open(text_of(&path), 0), why = fd < 0 ? -fd : 0;
    text_add(ret, "");
    while (fd >= 0 && ret->length <= READ_MAX && (n = read(fd, buffer, sizeof buffer)) > 0)
        text_add_n(ret, buffer, (size_t)n);
    if (fd >= 0 && n != 0)
        why = n < 0 ? errno : EFBIG;
    if (fd >= 0)
        close(fd);
    errno = why;
    return n == 0;
}

/* The folder */

/* It and those above it may be passed, and not looked into. */
static int make_folder(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return -errno;
        bool is_ours = strncmp(path, SERVICES_DIR, strlen(SERVICES_DIR)) == 0;
        if (is_ours && chmod(path, 0711) < 0)
            return -errno;
        *slash = '/';
    }
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return -errno;
    return chmod(path, 0711) < 0 ? -errno : 0;
}

/* What is said in one line of the file `service`. */
static const char *const said_keys[] = {"program", "interface", "network", "host-names", "domain", "server"};
enum { N_SAID = sizeof said_keys / sizeof *said_keys };

static void format_said(const struct object *service, const char *owner, struct text *out)
{
    text_printf(out, "owner %s\n", owner);
    for (size_t k = 0; k < N_SAID; k++) {
        unsigned i = (unsigned)object_find_option(service, said_keys[k]);
        if (!value_is_set(&service->values[i]))
            continue;
        text_printf(out, "%s ", said_keys[k]);
        option_format(object_option(service, i), &service->values[i], out);
        text_add(out, "\n");
    }
}

int service_files_write(const char *folder, const struct object *service, const char *owner)
{
    struct text said CLEANUP_TEXT = {0};
    int r = make_folder(folder);
    format_said(service, owner, &said);
    if (r == 0)
        r = service_put(folder, "service", text_of(&said), 0600);
    for (const struct service_file *file = service_files; r == 0 && file->key; file++) {
        const char *text = object_text(service, file->key);
        r = service_put(folder, file->key, text ? text : "", file->is_live ? 0644 : 0600);
    }
    return r;
}

static void read_said(struct model *model, struct object *service, const char *key, const char *word)
{
    const char *expected, *near;
    struct value value;
    int i = object_find_option(service, key);
    if (strcmp(key, "owner") == 0 && *word) {
        service->owner = arena_strdup(&model->arena, word);
        service->flags |= OBJECT_OURS;
    } else if (i >= 0 && !*word) {
        object_set(model, service, key, value_text(""));
    } else if (i >= 0 && option_parse(object_option(service, (unsigned)i), word, &model->arena, &value,
                                      &expected, &near) == 0) {
        object_set(model, service, key, value);
    }
}

bool service_files_read(const char *folder, struct model *model, struct object *service)
{
    struct text said CLEANUP_TEXT = {0};
    char *rest = NULL;
    if (!service_get(folder, "service", &said))
        return false;
    for (char *line = strtok_r(said.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *space = strchr(line, ' ');
        if (space)
            *space = '\0';
        read_said(model, service, line, space ? space + 1 : "");
    }
    for (const struct service_file *file = service_files; file->key; file++) {
        struct text text CLEANUP_TEXT = {0};
        if (service_get(folder, file->key, &text))
            object_set_text(model, service, file->key, text_of(&text));
    }
    return true;
}

/* FNV-1a. */
uint64_t service_files_hash(const char *folder)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (const struct service_file *file = service_files; file->key; file++) {
        struct text text CLEANUP_TEXT = {0};
        service_get(folder, file->key, &text);
        for (size_t i = 0; i <= text.length; i++)
            hash = (hash ^ (unsigned char)text_of(&text)[i]) * 0x100000001b3ULL;
    }
    return hash;
}

/* Nothing but files and the folders of clients is in it, one below the other at most. */
static void remove_all(const char *folder, unsigned depth)
{
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct text path CLEANUP_TEXT = {0};
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        path_in(folder, entry->d_name, &path);
        if (unlink(text_of(&path)) < 0 && (errno == EISDIR || errno == EPERM) && depth)
            remove_all(text_of(&path), depth - 1);
    }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

void service_files_remove(const char *folder)
{
    enum { DEPTH = 3 };
    struct text above CLEANUP_TEXT = {0};
    remove_all(folder, DEPTH);
    text_add_n(&above, folder, (size_t)(strrchr(folder, '/') - folder));
    if (rmdir(text_of(&above)) == 0) /* fails, and shall, while there are others */
        rmdir(SERVICES_DIR);
}

/* The process */

static int lock_file(const char *folder, int flags)
{
    struct text path CLEANUP_TEXT = {0};
    path_in(folder, "lock", &path);
    int fd = open(text_of(&path), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    return fd < 0 ? -errno : fd;
}

int service_lock(const char *folder)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = lock_file(folder, O_RDWR | O_CREAT);
    if (fd < 0 || fcntl(fd, F_SETLK, &lock) == 0)
        return fd;
    int r = -errno;
    close(fd);
    return r;
}

pid_t service_keeper(const char *folder)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = lock_file(folder, O_RDWR);
    if (fd < 0)
        return 0;
    bool is_free = fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK;
    close(fd);
    return is_free ? 0 : lock.l_pid > 0 ? lock.l_pid : -1;
}

/* How it stands */

int service_stand_write(const char *folder, const struct service_stand *stand)
{
    struct text text CLEANUP_TEXT = {0};
    text_printf(&text, "%s %" PRIu64 " %" PRIu64 " %u %" PRIu64 "\n",
                names_format(service_state_names, stand->state), stand->place.device, stand->place.inode,
                stand->place.interface, stand->hash);
    return service_put(folder, "state", text_of(&text), 0600);
}

bool service_stand_read(const char *folder, struct service_stand *ret)
{
    struct text text CLEANUP_TEXT = {0};
    uint64_t numbers[4];
    int64_t state;
    if (!service_get(folder, "state", &text))
        return false;
    char *at = text.data + strcspn(text_of(&text), " ");
    for (size_t i = 0; i < 4; i++) {
        if (*at != ' ')
            return false;
        *at = '\0';
        numbers[i] = strtoull(at + 1, &at, 10);
    }
    if (names_parse(service_state_names, text_of(&text), &state) < 0)
        return false;
    *ret = (struct service_stand){
        (enum service_state)state, {numbers[0], numbers[1], (unsigned)numbers[2]}, numbers[3]};
    return true;
}
