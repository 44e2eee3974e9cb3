/* Going into a namespace for `plexus exec`: its network, a mount namespace of its own with the /sys of that
 * network, and the files of /etc/netns/NAME laid over those of /etc, as `ip netns exec` does. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/text.h"
#include "kernel/enter.h"
#include "kernel/linux/namespaces.h"
#include "model/object.h"

/* /sys shows the network namespace of whoever mounted it. Where it cannot be mounted again (in a container)
 * the old one stays. */
static void mount_sys(void)
{
    if (umount2("/sys", MNT_DETACH) == 0 || errno == EINVAL)
        (void)!mount("plexus", "/sys", "sysfs", 0, NULL);
}

/* What has no counterpart in /etc is left out. */
static void bind_files(const char *ns, struct errors *errors)
{
    struct text folder CLEANUP_TEXT = {0};
    text_printf(&folder, "/etc/netns/%s", ns);
    DIR *dir = opendir(text_of(&folder));
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        struct text from CLEANUP_TEXT = {0}, to CLEANUP_TEXT = {0};
        text_printf(&from, "%s/%s", text_of(&folder), entry->d_name);
        text_printf(&to, "/etc/%s", entry->d_name);
        if (mount(text_of(&from), text_of(&to), "none", MS_BIND, NULL) < 0)
            errors_warn(errors, NULL, "%s is not laid over %s: %s", text_of(&from), text_of(&to),
                        strerror(errno));
    }
    if (dir)
        closedir(dir);
}

static int enter_network(const char *ns, struct errors *errors)
{
    struct text path CLEANUP_TEXT = {0};
    text_printf(&path, "/run/netns/%s", ns);
    int fd = open(text_of(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int r = fd < 0 ? -errno : setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    if (r == -ENOENT) {
        struct error *error = errors_add(errors, NULL, "there is no namespace `%s`", ns);
        error_hint(errors, error, "see `plexus show` for those that there are");
    } else if (r == -EINVAL) {
        errors_add(errors, NULL, "cannot enter namespace `%s`: %s is no network namespace", ns,
                   text_of(&path));
    } else if (r < 0) {
        struct error *error = errors_add(errors, NULL, "cannot enter namespace `%s`: %s", ns, strerror(-r));
        if (r == -EPERM)
            error_hint(errors, error, "run it as root: sudo plexus exec ...");
    }
    return r;
}

int namespace_enter(const char *ns, struct errors *errors)
{
    if (strcmp(ns, HOST) == 0)
        return 0;
    int r = strchr(ns, '/') ? -ENOENT : enter_network(ns, errors);
    if (r < 0)
        return r;
    if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0) {
        r = -errno;
        errors_add(errors, NULL, "cannot make a mount namespace for `%s`: %s", ns, strerror(-r));
        return r;
    }
    mount_sys();
    bind_files(ns, errors);
    return 0;
}

int namespace_begin(struct errors *errors)
{
    int r = unshare(CLONE_NEWNET) < 0 ? -errno : loopback_raise();
    if (r == 0)
        return 0;
    struct error *error = errors_add(errors, NULL, "cannot make a network namespace: %s", strerror(-r));
    if (r == -EPERM)
        error_hint(errors, error, "run it as root: sudo plexus run ...");
    return r;
}
