#include "apply/texts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

static char *text_path(const struct machine *machine, const char *topology, const char *name)
{
    struct text file CLEANUP_TEXT = {0};
    text_printf(&file, "texts/%s", name);
    return run_path(machine, topology, text_of(&file));
}

/* 0: it is none of ours. */
static uint64_t number_of(const char *name)
{
    char *end;
    uint64_t number = *name >= '1' && *name <= '9' ? strtoull(name, &end, 10) : 0;
    return number && !*end && number < UINT64_MAX ? number : 0;
}

/* The nanoseconds since boot: who looks without the lock must not find another text by an old number. */
static uint64_t number_new(uint64_t highest)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    uint64_t number = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    return number > highest ? number : highest + 1;
}

static DIR *open_folder(const struct machine *machine, const char *topology)
{
    char *path CLEANUP_FREE = text_path(machine, topology, "");
    return opendir(path);
}

/* Keeping */

/* Piece by piece: pages that are mapped cost more than their copy. */
static bool is_same(int fd, const char *text, size_t length)
{
    char piece[16 * 1024];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0) {
        if ((size_t)n > length || memcmp(piece, text, (size_t)n) != 0)
            return false;
        text += n;
        length -= (size_t)n;
    }
    return n == 0 && !length;
}

static bool has_content(int folder, const char *name, const char *text, size_t length)
{
    struct stat about;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool has = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == (off_t)length &&
               is_same(fd, text, length);
    close(fd);
    return has;
}

/* The number of the file with that text, or 0; and the highest of all. */
static uint64_t find_text(const struct texts *texts, const char *text, size_t length, uint64_t *ret_highest)
{
    uint64_t found = 0, number;
    *ret_highest = 0;
    DIR *folder = open_folder(texts->machine, texts->name);
    for (const struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        if (!(number = number_of(entry->d_name)))
            continue;
        *ret_highest = number > *ret_highest ? number : *ret_highest;
        if (has_content(dirfd(folder), entry->d_name, text, length))
            found = number;
    }
    if (folder)
        closedir(folder);
    return found;
}

static bool keep(void *userdata, const char *text, size_t length, struct text *ret_name)
{
    struct texts *texts = userdata;
    uint64_t highest, number = find_text(texts, text, length, &highest);
    text_printf(ret_name, "%" PRIu64, number ? number : number_new(highest));
    if (number)
        return true;
    char *path CLEANUP_FREE = text_path(texts->machine, texts->name, text_of(ret_name));
    int r = store_write(path, text, length, texts->errors);
    texts->result = texts->result < 0 ? texts->result : r;
    return true;
}

int texts_write(struct texts *texts, const char *file, const char *text)
{
    struct text name CLEANUP_TEXT = {0};
    size_t length = strlen(text);
    char *path CLEANUP_FREE = run_path(texts->machine, texts->name, file);
    if (length >= APART_MIN && keep(texts, text, length, &name) && texts->result == 0) {
        char *kept CLEANUP_FREE = text_path(texts->machine, texts->name, text_of(&name));
        store_remove(path);
        if (link(kept, path) == 0)
            return 0;
    }
    return texts->result < 0 ? texts->result : store_write(path, text, length, texts->errors);
}

/* Fetching */

static bool read_into(int fd, char *data, size_t size)
{
    ssize_t n = 0;
    for (size_t at = 0; at < size; at += (size_t)n)
        if ((n = read(fd, data + at, size - at)) <= 0)
            return false;
    return true;
}

static const char *fetch(void *userdata, struct arena *arena, const char *name)
{
    struct texts *texts = userdata;
    struct stat about;
    char *path CLEANUP_FREE = text_path(texts->machine, texts->name, name), *text = NULL;
    int fd = number_of(name) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    texts->is_missing |= fd < 0 && errno == ENOENT;
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= STORE_READ_MAX) {
        size_t size = (size_t)about.st_size;
        text = arena_alloc(arena, size + 1);
        if (!read_into(fd, text, size) || strlen(text) != size)
            text = NULL;
    }
    if (fd >= 0)
        close(fd);
    return text;
}

struct apart texts_apart(struct texts *texts)
{
    return (struct apart){.keep = keep, .fetch = fetch, .userdata = texts};
}

/* Removing */

/* Whether it is known what it speaks of; *ret NULL: it is not there. */
static bool read_quietly(const struct machine *machine, const char *name, const char *file, char **ret)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    char *path CLEANUP_FREE = run_path(machine, name, file);
    size_t size;
    int r = store_read(path, ret, &size, &ignored);
    return r == 0 || r == -ENOENT;
}

static bool speaks_of(const char *json, const char *name)
{
    struct text words CLEANUP_TEXT = {0};
    apart_format(name, &words);
    return json && strstr(json, text_of(&words));
}

void texts_sweep(const struct machine *machine, const char *name)
{
    char *record CLEANUP_FREE = NULL, *journal CLEANUP_FREE = NULL;
    DIR *folder = open_folder(machine, name);
    if (!folder)
        return;
    bool is_known = read_quietly(machine, name, "record.json", &record) &&
                    read_quietly(machine, name, "journal.json", &journal);
    for (const struct dirent *entry; is_known && (entry = readdir(folder));)
        if (*entry->d_name != '.' && !speaks_of(record, entry->d_name) && !speaks_of(journal, entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
}
