/* Network namespaces, laid out as `ip netns` does it, so that each sees the other's.
 *
 * A namespace lives as long as something holds it: here a bind mount of nsfs on /run/netns/NAME. So that the
 * mount is seen in other mount namespaces, and an unmount too, /run/netns must be a shared mount point: it is
 * made one the same way as iproute2 does, whoever of the two comes first.
 *
 * A netlink socket works in the namespace in which it was made, for ever, whatever its thread does later; so
 * a thread enters a namespace once, for a few microseconds, and talks to it from outside. But a socket also
 * holds its namespace: one that is kept open keeps a deleted namespace alive, with all its interfaces. Hence
 * the rounds, in which the kept ones are compared with what the name means now.
 *
 * To be root elsewhere does not help: entering needs CAP_SYS_ADMIN in the user namespace that owns the
 * network namespace, and in our own. */
#include "kernel/linux/namespaces.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kernel/linux/netlink.h"
#include "model/object.h"

#define NETNS_DIR "/run/netns"
#define OWN_NETNS "/proc/thread-self/ns/net"

enum { DESCRIPTORS_SPARED = 128, OPEN_AT_MOST = 16384 };

/* The soft limit is 1,024 on most machines, for the sake of select(2), which is not used here. */
static unsigned raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return DESCRIPTORS_SPARED;
    rlim_t want = limit.rlim_max < 4 * OPEN_AT_MOST ? limit.rlim_max : 4 * OPEN_AT_MOST;
    if (limit.rlim_cur < want) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = want;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
            limit.rlim_cur = before;
    }
    if (limit.rlim_cur <= 2 * DESCRIPTORS_SPARED)
        return (unsigned)limit.rlim_cur / 2;
    rlim_t open = limit.rlim_cur - DESCRIPTORS_SPARED;
    return open < OPEN_AT_MOST ? (unsigned)open : OPEN_AT_MOST;
}

static int path_of(const char *name, char path[PATH_MAX])
{
    if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return -EINVAL;
    return snprintf(path, PATH_MAX, NETNS_DIR "/%s", name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int namespaces_init(struct namespaces *all)
{
    *all = (struct namespaces){.host = -1, .round = 1};
    TAILQ_INIT(&all->order);
    TAILQ_INIT(&all->nameless);
    all->host = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
    if (all->host < 0)
        return -errno;
    int route = netlink_open(NETLINK_ROUTE);
    if (route < 0)
        return route;
    all->max_open = raise_descriptors();
    all->home = xrealloc(NULL, 1, sizeof *all->home);
    *all->home = (struct netns){.name = xstrdup(HOST), .route = route};
    map_set(&all->by_name, all->home->name, all->home);
    return 0;
}

static void unlist(struct namespaces *all, struct netns *ns)
{
    map_remove(&all->by_name, ns->name);
    if (ns == all->home)
        return;
    TAILQ_REMOVE(&all->order, ns, order);
    all->n_open--;
}

static void netns_free(struct netns *ns)
{
    close(ns->route);
    free(ns->name);
    free(ns->owner);
    free(ns);
}

static void forget(struct namespaces *all, struct netns *ns)
{
    unlist(all, ns);
    netns_free(ns);
}

void namespaces_release(struct namespaces *all)
{
    struct netns *ns;
    while ((ns = TAILQ_FIRST(&all->nameless))) {
        TAILQ_REMOVE(&all->nameless, ns, order);
        netns_free(ns);
    }
}

void namespaces_done(struct namespaces *all)
{
    struct netns *ns;
    namespaces_release(all);
    while ((ns = TAILQ_FIRST(&all->order)))
        forget(all, ns);
    if (all->home)
        forget(all, all->home);
    all->home = NULL;
    map_done(&all->by_name);
    map_done(&all->borrowed);
    arena_done(&all->arena);
    if (all->host >= 0)
        close(all->host);
    all->host = -1;
}

void namespaces_round(struct namespaces *all)
{
    all->round++;
    map_done(&all->borrowed);
    arena_done(&all->arena);
}

/* Opens what a path says, if that is a network namespace: after a crash, or by mistake, other files lie
 * there. */
static int open_namespace(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct statfs about;
    if (fd < 0)
        return -errno;
    if (fstatfs(fd, &about) == 0 && about.f_type == NSFS_MAGIC && ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET)
        return fd;
    close(fd);
    return -ENOENT;
}

int namespaces_open(struct namespaces *all, const char *name)
{
    if (strcmp(name, HOST) == 0) {
        int fd = fcntl(all->host, F_DUPFD_CLOEXEC, 0);
        return fd < 0 ? -errno : fd;
    }
    char path[PATH_MAX];
    int r = path_of(name, path);
    const char *borrowed = map_get(&all->borrowed, name);
    return r < 0 ? r : open_namespace(borrowed ? borrowed : path);
}

static int enter_fd(int fd)
{
    return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

int namespaces_enter(struct namespaces *all, const char *name)
{
    if (strcmp(name, HOST) == 0)
        return 0;
    int fd = namespaces_open(all, name);
    if (fd < 0)
        return fd;
    int r = enter_fd(fd);
    close(fd);
    return r;
}

/* To go on in the wrong namespace would change a network that was not meant. */
void namespaces_leave(struct namespaces *all)
{
    if (setns(all->host, CLONE_NEWNET) == 0)
        return;
    perror("plexus: cannot return to the host's network namespace");
    abort();
}

int namespaces_socket(struct namespaces *all, const char *name, int domain, int type, int protocol)
{
    int r = namespaces_enter(all, name);
    if (r < 0)
        return r;
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    r = fd < 0 ? -errno : fd;
    namespaces_leave(all);
    return r;
}

int namespaces_netlink(struct namespaces *all, const char *name, int protocol)
{
    int r = namespaces_enter(all, name);
    if (r < 0)
        return r;
    r = netlink_open(protocol);
    namespaces_leave(all);
    return r;
}

/* Whether the kept namespace is still what its name means. */
static bool is_current(struct namespaces *all, struct netns *ns)
{
    char path[PATH_MAX];
    struct stat now;
    if (ns == all->home || ns->round == all->round)
        return true;
    if (path_of(ns->name, path) < 0 || stat(path, &now) < 0 || now.st_ino != ns->inode ||
        now.st_dev != ns->device)
        return false;
    ns->round = all->round;
    return true;
}

/* Keeps a socket that was made in the namespace, whose file is `about`. */
static struct netns *keep(struct namespaces *all, const char *name, int route, const struct stat *about)
{
    while (all->n_open >= all->max_open)
        forget(all, TAILQ_FIRST(&all->order));
    struct netns *ns = xrealloc(NULL, 1, sizeof *ns);
    *ns = (struct netns){.name = xstrdup(name),
                         .route = route,
                         .round = all->round,
                         .device = about->st_dev,
                         .inode = about->st_ino};
    map_set(&all->by_name, ns->name, ns);
    TAILQ_INSERT_TAIL(&all->order, ns, order);
    all->n_open++;
    return ns;
}

/* Goes into the namespace, whose descriptor is closed, and makes a socket in it. */
static int visit(int fd, struct stat *ret_about)
{
    int r = fstat(fd, ret_about) < 0 ? -errno : enter_fd(fd);
    close(fd);
    return r < 0 ? r : netlink_open(NETLINK_ROUTE);
}

int namespaces_visit(const char *name, struct stat *ret_about)
{
    char path[PATH_MAX];
    int r = path_of(name, path);
    int fd = r < 0 ? r : open_namespace(path);
    return fd < 0 ? fd : visit(fd, ret_about);
}

static int open_and_keep(struct namespaces *all, const char *name, struct netns **ret_ns)
{
    struct stat about;
    int fd = namespaces_open(all, name);
    if (fd < 0)
        return fd;
    int route = visit(fd, &about);
    namespaces_leave(all);
    if (route < 0)
        return route;
    *ret_ns = keep(all, name, route, &about);
    return 0;
}

void namespaces_adopt(struct namespaces *all, const char *name, int route, const struct stat *about)
{
    struct netns *stale = map_get(&all->by_name, name);
    if (stale)
        forget(all, stale);
    keep(all, name, route, about);
}

int namespaces_kept(struct namespaces *all, const char *name)
{
    struct netns *ns = map_get(&all->by_name, name);
    return ns && is_current(all, ns) ? ns->route : -1;
}

int namespaces_get(struct namespaces *all, const char *name, struct netns **ret_ns)
{
    struct netns *ns = map_get(&all->by_name, name);
    if (!ns)
        return open_and_keep(all, name, ret_ns);
    if (!is_current(all, ns)) {
        forget(all, ns);
        return open_and_keep(all, name, ret_ns);
    }
    if (ns != all->home) {
        TAILQ_REMOVE(&all->order, ns, order);
        TAILQ_INSERT_TAIL(&all->order, ns, order);
    }
    *ret_ns = ns;
    return 0;
}

int namespaces_borrow(struct namespaces *all, const char *name, const char *path, struct netns **ret_ns)
{
    struct netns *stale = map_has(&all->borrowed, name) ? NULL : map_get(&all->by_name, name);
    if (stale)
        forget(all, stale);
    map_set(&all->borrowed, arena_strdup(&all->arena, name), arena_strdup(&all->arena, path));
    int r = namespaces_get(all, name, ret_ns);
    if (r < 0)
        map_remove(&all->borrowed, name);
    return r;
}

int namespaces_lend(struct namespaces *all, const char *name, const char *from, struct netns **ret_ns)
{
    char path[PATH_MAX];
    int r = path_of(from, path);
    return r < 0 ? r : namespaces_borrow(all, name, path, ret_ns);
}

static int share_directory(void)
{
    return mount("", NETNS_DIR, NULL, MS_SHARED | MS_REC, NULL);
}

/* Once in a round: each of these calls visits all that is mounted there. */
static int prepare_directory(struct namespaces *all)
{
    if (all->prepared == all->round)
        return 0;
    if (mkdir(NETNS_DIR, 0755) < 0 && errno != EEXIST)
        return -errno;
    if (share_directory() < 0) {
        if (errno != EINVAL) /* EINVAL: it is no mount point yet */
            return -errno;
        if (mount(NETNS_DIR, NETNS_DIR, NULL, MS_BIND | MS_REC, NULL) < 0 || share_directory() < 0)
            return -errno;
    }
    all->prepared = all->round;
    return 0;
}

/* A name on which nothing is mounted: an empty file. Anything else that lies there is somebody's. */
static bool is_bare(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0;
}

/* An empty file to mount on. One that is left over from a crash, on which nothing is mounted, serves. */
static int prepare_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (fd < 0 && errno == EEXIST) {
        fd = open_namespace(path);
        if (fd >= 0) {
            close(fd);
            return -EEXIST;
        }
        return is_bare(path) ? 0 : -EEXIST;
    }
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static int bind_file(const char *from, const char *path)
{
    return mount(from, path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

/* Makes a namespace by going into it, and names it before coming back: killed before that, it is gone. */
static int make_new(struct namespaces *all, const char *name, const char *path,
                    int (*mark)(int route, void *userdata), void *userdata)
{
    struct stat about;
    if (unshare(CLONE_NEWNET) < 0)
        return -errno;
    int route = netlink_open(NETLINK_ROUTE);
    int r = route < 0 ? route : stat(OWN_NETNS, &about) < 0 ? -errno : 0;
    if (r == 0 && mark)
        r = mark(route, userdata);
    if (r == 0)
        r = bind_file(OWN_NETNS, path);
    namespaces_leave(all);
    if (r == 0)
        keep(all, name, route, &about);
    else if (route >= 0)
        close(route);
    return r;
}

static int attach(const char *from, const char *path)
{
    int fd = open_namespace(from);
    if (fd < 0)
        return fd;
    close(fd);
    return bind_file(from, path);
}

int namespaces_make(struct namespaces *all, const char *name, const char *path,
                    int (*mark)(int route, void *userdata), void *userdata)
{
    char file[PATH_MAX];
    int r = path_of(name, file);
    if (r < 0 || (r = prepare_directory(all)) < 0 || (r = prepare_file(file)) < 0)
        return r;
    struct netns *stale = map_get(&all->by_name, name);
    if (stale)
        forget(all, stale);
    r = path ? attach(path, file) : make_new(all, name, file, mark, userdata);
    if (r < 0)
        unlink(file);
    return r;
}

int namespaces_remove(struct namespaces *all, const char *name)
{
    char path[PATH_MAX];
    int r = path_of(name, path);
    if (r < 0)
        return r;
    struct netns *ns = map_get(&all->by_name, name);
    if (ns) {
        unlist(all, ns);
        TAILQ_INSERT_TAIL(&all->nameless, ns, order);
    }
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL)
        return -errno;
    if (!is_bare(path))
        return errno == ENOENT ? -ENOENT : -EEXIST;
    return unlink(path) < 0 ? -errno : 0;
}

int namespaces_look(const struct namespaces *all, const char *path, struct stat *ret_about)
{
    struct stat host = {0};
    int fd = open_namespace(path);
    if (fd < 0)
        return fd == -ENOENT && access(path, F_OK) == 0 ? -EINVAL : fd;
    int r = fstat(fd, ret_about) < 0 || fstat(all->host, &host) < 0 ? -errno : 0;
    bool is_host = r == 0 && ret_about->st_dev == host.st_dev && ret_about->st_ino == host.st_ino;
    close(fd);
    return is_host ? -EEXIST : r;
}

bool namespaces_same(const char *name, const char *path)
{
    struct stat a, b;
    char file[PATH_MAX];
    int fd = path_of(name, file) < 0 ? -1 : open_namespace(file);
    if (fd < 0)
        return false;
    bool same = fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    close(fd);
    return same;
}

int namespaces_list(int (*each)(const char *name, void *userdata), void *userdata)
{
    DIR *directory = opendir(NETNS_DIR);
    if (!directory)
        return errno == ENOENT ? 0 : -errno;
    int r = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            r = each(entry->d_name, userdata);
    closedir(directory);
    return r;
}

static int ask(const struct netns *ns, const char *interface, unsigned long request, struct ifreq *ret_answer)
{
    size_t length = strlen(interface);
    *ret_answer = (struct ifreq){0};
    if (length >= IFNAMSIZ)
        return -ENODEV;
    memcpy(ret_answer->ifr_name, interface, length + 1);
    return ioctl(ns->route, request, ret_answer) < 0 ? -errno : 0;
}

int netns_ifindex(const struct netns *ns, const char *interface)
{
    struct ifreq answer;
    int r = ask(ns, interface, SIOCGIFINDEX, &answer);
    return r < 0 ? r : answer.ifr_ifindex;
}

bool netns_interface_is_up(const struct netns *ns, const char *interface)
{
    struct ifreq answer;
    return ask(ns, interface, SIOCGIFFLAGS, &answer) == 0 && answer.ifr_flags & IFF_UP;
}

int loopback_raise(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int r = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r;
}
