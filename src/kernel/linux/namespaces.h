/* Network namespaces: sockets in them, files for them, making and deleting. Who goes into one for good, for a
 * command or a world, does that in enter.c and world.c.
 *
 * A namespace is known by its name below /run/netns, as `ip netns` has it; HOST is the one that the door was
 * opened in. What is open is kept for the next time, up to a bound; a name that now means another namespace
 * is noticed, once per round. Threads: all calls of one door must come from the thread that opened it,
 * but for namespaces_visit(). */
#pragma once
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/map.h"

struct netns {
    char *name;
    int route;      /* NETLINK_ROUTE socket in it */
    unsigned round; /* the last in which it was looked at */
    dev_t device;   /* identity of the namespace: */
    ino_t inode;
    enum { MARK_UNKNOWN, MARK_OURS, MARK_NONE } mark; /* whether a topology made it; see mark.c */
    char *owner;                                      /* of MARK_OURS: the topology */
    TAILQ_ENTRY(netns) order;                         /* least recently used first */
};

struct namespaces {
    int host;           /* the namespace of the door, -1 before namespaces_init */
    struct netns *home; /* HOST's entry, never closed */
    struct map by_name;
    TAILQ_HEAD(netns_order, netns) order;
    struct netns_order nameless; /* were removed, and live on until namespaces_release() */
    unsigned n_open, max_open;
    unsigned round;
    unsigned prepared;   /* the round in which the directory was last made ready */
    struct map borrowed; /* name -> path, until the next round: see namespaces_borrow() */
    struct arena arena;  /* of those */
};

int namespaces_init(struct namespaces *all);
void namespaces_done(struct namespaces *all);

/* From here on what is kept is looked at again before it is used. */
void namespaces_round(struct namespaces *all);

/* The namespace with its socket open. -ENOENT: there is none of that name. *ret_ns is good until the next
 * call. */
int namespaces_get(struct namespaces *all, const char *name, struct netns **ret_ns);

/* The socket of a namespace that is kept, and still is what its name means; or -1. */
int namespaces_kept(struct namespaces *all, const char *name);

/* For other threads, as the only call here: goes into the namespace for good, and makes a socket in it.
 * *ret_about is its file. The descriptor, or -errno. adopt: keeps it as that of the name. */
int namespaces_visit(const char *name, struct stat *ret_about);
void namespaces_adopt(struct namespaces *all, const char *name, int route, const struct stat *about);

/* The same of the namespace at `path`, which has no name yet: it goes by `name` until the next round. */
int namespaces_borrow(struct namespaces *all, const char *name, const char *path, struct netns **ret_ns);

/* The same of the one that bears the name `from`. */
int namespaces_lend(struct namespaces *all, const char *name, const char *from, struct netns **ret_ns);

/* A descriptor of the namespace itself, for attributes like IFLA_NET_NS_FD. The caller closes it. Or -errno.
 */
int namespaces_open(struct namespaces *all, const char *name);

/* The calling thread goes there, and comes back. Nothing may be called in between that enters another one. */
int namespaces_enter(struct namespaces *all, const char *name);
void namespaces_leave(struct namespaces *all);

/* A socket made in the namespace: socket(2)'s arguments (close-on-exec is added). Or -errno. */
int namespaces_socket(struct namespaces *all, const char *name, int domain, int type, int protocol);
int namespaces_netlink(struct namespaces *all, const char *name, int protocol);

/* Makes a namespace of that name, or gives the existing one at `path` that name (NULL: a new one). A socket
 * in a new one is given to `mark` (may be NULL) before it has the name. */
int namespaces_make(struct namespaces *all, const char *name, const char *path,
                    int (*mark)(int route, void *userdata), void *userdata);

/* Takes the name away. What is kept open holds the namespace until namespaces_release(): while the kernel
 * takes one down, each further name takes several times as long to go. */
int namespaces_remove(struct namespaces *all, const char *name);
void namespaces_release(struct namespaces *all);

/* Whether the file at `path` is a network namespace (-EINVAL: another file), and not that of the door
 * (-EEXIST): 0, or -errno. *ret_about says which. */
int namespaces_look(const struct namespaces *all, const char *path, struct stat *ret_about);

/* Whether the file at `path` is the namespace that bears the name. */
bool namespaces_same(const char *name, const char *path);

/* Calls `each` for every namespace below /run/netns until it returns non-zero, which is returned then. */
int namespaces_list(int (*each)(const char *name, void *userdata), void *userdata);

/* Raises `lo` in the network namespace of this process: 0, or -errno. */
int loopback_raise(void);

/* The index of an interface, or -errno; whether it is up. */
int netns_ifindex(const struct netns *ns, const char *interface);
bool netns_interface_is_up(const struct netns *ns, const char *interface);
