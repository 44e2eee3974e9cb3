/* The DNS servers of a namespace: /etc/netns/NAME/resolv.conf, which `ip netns exec` mounts over
 * /etc/resolv.conf.
 *
 * The file is replaced as a whole, never written in place: who reads it meanwhile sees the old or the new.
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

#define NETNS_ETC  "/etc/netns"
#define FIRST_LINE "# Written by Plexus for "

static bool directory_of(const char *ns, char path[PATH_MAX])
{
    if (strchr(ns, '/') || strcmp(ns, "..") == 0 || strcmp(ns, ".") == 0 || !*ns)
        return false;
    return snprintf(path, PATH_MAX - 32, NETNS_ETC "/%s", ns) < PATH_MAX - 32;
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

static int make_directory(const char *path)
{
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int resolver_set(struct linux_door *door, const struct step *step)
{
    char directory[PATH_MAX], path[PATH_MAX], new_path[PATH_MAX];
    struct text content CLEANUP_TEXT = {0};
    if (strcmp(step->new->ns, HOST) == 0 || !directory_of(step->new->ns, directory))
        return -EOPNOTSUPP;
    snprintf(path, sizeof path, "%.4000s/resolv.conf", directory);
    snprintf(new_path, sizeof new_path, "%.4000s/resolv.conf.new", directory);
    if (!(step->new->flags &OBJECT_FOREIGN))
        text_printf(&content, FIRST_LINE "%s\n", door->topology ? door->topology : "");
    add_list(&content, "nameserver", object_text(step->new, "servers"), false);
    add_list(&content, "search", object_text(step->new, "search"), true);
    int r = make_directory(NETNS_ETC);
    if (r == 0)
        r = make_directory(directory);
    if (r == 0)
        r = write_all(new_path, text_of(&content));
    if (r == 0 && rename(new_path, path) < 0)
        r = -errno;
    if (r < 0)
        unlink(new_path);
    return r;
}

static int resolver_del(struct linux_door *door, const struct step *step)
{
    char directory[PATH_MAX], path[PATH_MAX];
    (void)door;
    if (strcmp(step->old->ns, HOST) == 0 || !directory_of(step->old->ns, directory))
        return -EOPNOTSUPP;
    snprintf(path, sizeof path, "%.4000s/resolv.conf", directory);
    int r = unlink(path) < 0 ? -errno : 0;
    rmdir(directory); /* fails, and shall, when something else is in it */
    rmdir(NETNS_ETC);
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
