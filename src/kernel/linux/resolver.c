/* The DNS servers of a namespace: /etc/netns/NAME/resolv.conf, which `ip netns exec` mounts over
 * /etc/resolv.conf.
 *
 * The file is replaced as a whole, never written in place: who reads it meanwhile sees the old or the new.
 * One that was there before us is kept beside it, as it is, and takes its place again in the end.
 * The host's own /etc/resolv.conf belongs to the host's resolver, and is read here but never written. A file
 * says in its first line whose it is; one that does not is foreign. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

#define NETNS_ETC   "/etc/netns"
#define FIRST_LINE  "# Written by Plexus for "
#define SECOND_LINE "# Its folder was there before." /* or else goes with it */

struct paths {
    char folder[PATH_MAX];
    char file[PATH_MAX]; /* resolv.conf */
    char next[PATH_MAX]; /* ours, before it takes the place of another of ours */
    char kept[PATH_MAX]; /* what was there before us */
};

static bool directory_of(const char *ns, char path[PATH_MAX])
{
    if (strchr(ns, '/') || strcmp(ns, "..") == 0 || strcmp(ns, ".") == 0 || !*ns)
        return false;
    return snprintf(path, PATH_MAX - 32, NETNS_ETC "/%s", ns) < PATH_MAX - 32;
}

static int paths_of(const struct object *resolver, struct paths *ret_paths)
{
    if (strcmp(resolver->ns, HOST) == 0 || !directory_of(resolver->ns, ret_paths->folder))
        return -EOPNOTSUPP;
    snprintf(ret_paths->file, PATH_MAX, "%.4000s/resolv.conf", ret_paths->folder);
    snprintf(ret_paths->next, PATH_MAX, "%.4000s/resolv.conf.new", ret_paths->folder);
    snprintf(ret_paths->kept, PATH_MAX, "%.4000s/resolv.conf.kept", ret_paths->folder);
    return 0;
}

enum whose { NOBODYS, OURS, THEIRS };

/* By its first line; and whether its second line says that the folder was there before it. */
static enum whose whose_is(const char *path, bool *ret_had_folder)
{
    char line[512];
    struct stat about;
    bool ours = false;
    *ret_had_folder = true;
    if (lstat(path, &about) < 0)
        return NOBODYS;
    FILE *file = S_ISREG(about.st_mode) ? fopen(path, "re") : NULL;
    if (file && fgets(line, sizeof line, file) && strncmp(line, FIRST_LINE, strlen(FIRST_LINE)) == 0) {
        ours = true;
        *ret_had_folder = fgets(line, sizeof line, file) && strcmp(line, SECOND_LINE "\n") == 0;
    }
    if (file)
        fclose(file);
    return ours ? OURS : THEIRS;
}

static void add_list(struct text *content, const char *key, const char *list, bool one_line)
{
    const char *separator = key;
    for (; list && *list; list += *list == ',') {
        size_t length = strcspn(list, ",");
        text_printf(content, "%s %.*s%s", separator, (int)length, list, one_line ? "" : "\n");
        separator = one_line ? "" : key;
        list += length;
    }
    if (one_line && separator != key)
        text_add(content, "\n");
}

static int write_all(const char *path, const char *content)
{
    unlink(path); /* left over, or a trap */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return -errno;
    bool failed = fputs(content, file) < 0 || fflush(file) < 0 || fsync(fileno(file)) < 0 ||
                  fchmod(fileno(file), 0644) < 0;
    int r = failed ? -errno : 0;
    return fclose(file) < 0 && r == 0 ? -errno : r;
}

/* Returns 1 when it was there already. */
static int make_directory(const char *path)
{
    return mkdir(path, 0755) == 0 ? 0 : errno == EEXIST ? 1 : -errno;
}

/* What was there before us, if it was kept, takes its place again. */
static bool put_back(const struct paths *paths)
{
    bool had_folder;
    return whose_is(paths->kept, &had_folder) == THEIRS && rename(paths->kept, paths->file) == 0;
}

/* At each moment there is one of the two at its place, and theirs at one. */
static int exchange(const struct paths *paths, const char *content)
{
    int r = write_all(paths->kept, content);
    if (r == 0 && renameat2(AT_FDCWD, paths->kept, AT_FDCWD, paths->file, RENAME_EXCHANGE) < 0) {
        r = -errno;
        unlink(paths->kept);
    }
    return r;
}

static int replace(const struct paths *paths, const char *content)
{
    int r = write_all(paths->next, content);
    if (r == 0 && rename(paths->next, paths->file) < 0) {
        r = -errno;
        unlink(paths->next);
    }
    return r;
}

static int resolver_set(struct linux_door *door, const struct step *step)
{
    struct paths paths;
    struct text content CLEANUP_TEXT = {0};
    bool foreign = step->new->flags &OBJECT_FOREIGN, had_folder;
    int r = paths_of(step->new, &paths);
    if (r < 0 || (foreign && put_back(&paths)))
        return r;
    r = make_directory(NETNS_ETC);
    int there = r < 0 ? r : make_directory(paths.folder);
    if (there < 0)
        return there;
    enum whose whose = whose_is(paths.file, &had_folder);
    if (!foreign)
        text_printf(&content, FIRST_LINE "%s\n%s", door->topology ? door->topology : "",
                    there && had_folder ? SECOND_LINE "\n" : "");
    add_list(&content, "nameserver", object_text(step->new, "servers"), false);
    add_list(&content, "search", object_text(step->new, "search"), true);
    return whose == THEIRS && !foreign ? exchange(&paths, text_of(&content))
                                       : replace(&paths, text_of(&content));
}

static int resolver_del(struct linux_door *door, const struct step *step)
{
    struct paths paths;
    bool had_folder;
    (void)door;
    int r = paths_of(step->old, &paths);
    if (r < 0 || put_back(&paths))
        return r;
    enum whose whose = whose_is(paths.file, &had_folder);
    r = unlink(paths.file) < 0 ? -errno : 0;
    if (whose == OURS && !had_folder) {
        rmdir(paths.folder); /* fails, and shall, when something else is in it */
        rmdir(NETNS_ETC);
    }
    return r;
}

static void add_word(struct text *list, const char *word)
{
    text_printf(list, "%s%s", list->length ? "," : "", word);
}

static void read_line(char *line, struct text *servers, struct text *search)
{
    char *rest = NULL, buffer[IP_TEXT_SIZE];
    const char *key = strtok_r(line, " \t\n", &rest), *word;
    struct ip ip;
    if (key && strcmp(key, "nameserver") == 0) {
        word = strtok_r(NULL, " \t\n", &rest);
        if (word)
            add_word(servers, ip_parse(word, &ip) == 0 ? ip_format(&ip, buffer) : word);
    } else if (key && strcmp(key, "search") == 0) {
        text_clear(search); /* the last line counts */
        while ((word = strtok_r(NULL, " \t\n", &rest)))
            add_word(search, word);
    }
}

static void read_file(struct view *view, FILE *file, struct object *object)
{
    struct text servers CLEANUP_TEXT = {0}, search CLEANUP_TEXT = {0};
    char *line = NULL;
    size_t size = 0;
    for (bool first = true; getline(&line, &size, file) >= 0; first = false) {
        if (first && strncmp(line, FIRST_LINE, strlen(FIRST_LINE)) == 0) {
            line[strcspn(line, "\n")] = '\0';
            object->owner = arena_strdup(&view->model->arena, line + strlen(FIRST_LINE));
        }
        read_line(line, &servers, &search);
    }
    free(line);
    object_set_text(view->model, object, "name", "resolver");
    object_set_text(view->model, object, "servers", text_of(&servers));
    object_set_text(view->model, object, "search", text_of(&search));
}

static int resolver_observe(struct view *view)
{
    char path[PATH_MAX] = "/etc";
    const char *ns = view->name;
    bool wanted = view->wanted && model_get(view->wanted, CLASS_RESOLVER, ns, "resolver");
    if (!wanted || (strcmp(ns, HOST) != 0 && !directory_of(ns, path)))
        return 0;
    strncat(path, "/resolv.conf", sizeof path - strlen(path) - 1);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    struct object *object = view_new(view, CLASS_RESOLVER);
    read_file(view, file, object);
    fclose(file);
    if (object->owner)
        object->flags |= OBJECT_OURS;
    model_add(view->model, object, NULL);
    return 0;
}

const struct linux_class linux_resolver = {
    .observe = resolver_observe,
    .add = resolver_set,
    .set = resolver_set,
    .del = resolver_del,
};
