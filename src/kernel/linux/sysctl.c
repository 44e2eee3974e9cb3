/* Settings below /proc/sys/net.
 *
 * The files of /proc/sys/net are those of the namespace in which the thread is when it opens them; a
 * descriptor stays with that namespace. So they are reached by going there, once for all that are wanted of a
 * namespace.
 *
 * Values are compared as texts: the kernel separates several by tabs and ends with a newline, we have single
 * spaces. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/ipv6.h"
#include "kernel/linux/linux.h"
#include "model/sysctl.h"

/* Only what has a copy in each namespace: the rest of /proc/sys is the machine's, and ".." leads there. */
static int path_of(const char *name, char path[PATH_MAX])
{
    if (strncmp(name, "net/", 4) != 0 || strstr(name, "..") || strlen(name) > PATH_MAX / 2)
        return -EINVAL;
    snprintf(path, PATH_MAX, "/proc/sys/%s", name);
    return 0;
}

static int write_value(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, value, strlen(value));
    int r = n < 0 ? -errno : 0;
    close(fd);
    return r;
}

static int sysctl_set(struct linux_door *door, const struct step *step)
{
    char path[PATH_MAX];
    const char *value = object_text(step->new, "value");
    int r = path_of(step->new->name, path);
    if (r < 0 || !value)
        return r;
    r = namespaces_enter(&door->namespaces, step->new->ns);
    if (r < 0)
        return r;
    r = write_value(path, value);
    namespaces_leave(&door->namespaces);
    return r;
}

/* One space where the kernel has any white space, none at the end. */
static void fold_spaces(char *text)
{
    char *out = text;
    for (const char *c = text; *c; c++)
        if (!isspace((unsigned char)*c))
            *out++ = *c;
        else if (out != text && out[-1] != ' ')
            *out++ = ' ';
    while (out != text && out[-1] == ' ')
        out--;
    *out = '\0';
}

bool sysctl_read(const char *name, char value[SYSCTL_SIZE])
{
    char path[PATH_MAX];
    int fd = path_of(name, path) < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, value, SYSCTL_SIZE - 1);
    close(fd);
    if (n < 0)
        return false;
    value[n] = '\0';
    fold_spaces(value);
    return true;
}

bool kernel_has_ipv6(void)
{
    char value[SYSCTL_SIZE];
    return sysctl_read("net/ipv6/conf/all/disable_ipv6", value);
}

static const struct object *next_wanted(const struct object *object)
{
    while (object && object->class->id != CLASS_SYSCTL)
        object = object->next_in_ns;
    return object;
}

static void show(struct view *view, const char *name, const char *dev)
{
    char value[SYSCTL_SIZE];
    if (!sysctl_read(name, value))
        return;
    struct object *object = view_new(view, CLASS_SYSCTL);
    object_set_text(view->model, object, "name", name);
    object_set_text(view->model, object, "value", value);
    if (dev)
        object_set_text(view->model, object, "dev", dev);
    view_add(view, object, false);
}

static void show_follower(struct view *view, const char *name, const char *dev)
{
    if (!model_get(view->wanted, CLASS_SYSCTL, view->name, name))
        show(view, name, dev);
}

/* One for each interface, and that of `default`. */
static void show_followers(struct view *view, const struct sysctl_follower *row)
{
    const char *star = strchr(row->name, '*');
    struct text path CLEANUP_TEXT = {0};
    if (!star) {
        show_follower(view, row->name, NULL);
        return;
    }
    text_printf(&path, "/proc/sys/%.*s", (int)(star - row->name), row->name);
    DIR *folder = opendir(text_of(&path));
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        struct text name CLEANUP_TEXT = {0};
        const char *interface = entry->d_name;
        text_printf(&name, "%.*s%s%s", (int)(star - row->name), row->name, interface, star + 1);
        if (interface[0] != '.' && sysctl_follower_of(text_of(&name)) == row)
            show_follower(view, text_of(&name), strcmp(interface, "default") == 0 ? NULL : interface);
    }
    if (folder)
        closedir(folder);
}

static int sysctl_observe(struct view *view)
{
    const struct object *wanted =
        next_wanted(view->wanted ? map_get(&view->wanted->namespaces, view->name) : NULL);
    if (!wanted)
        return 0;
    int r = namespaces_enter(&view->door->namespaces, view->name);
    if (r < 0)
        return r;
    for (; wanted; wanted = next_wanted(wanted->next_in_ns)) {
        show(view, wanted->name, object_text(wanted, "dev"));
        for (const struct sysctl_follower *row = sysctl_followers; row->leader; row++)
            if (view->look != LOOK_WANTED && strcmp(row->leader, wanted->name) == 0)
                show_followers(view, row);
    }
    namespaces_leave(&view->door->namespaces);
    return 0;
}

/* None can be deleted: it goes with its namespace or interface. */
const struct linux_class linux_sysctl = {
    .observe = sysctl_observe,
    .add = sysctl_set,
    .set = sysctl_set,
};
