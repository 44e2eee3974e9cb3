/* The one door to the kernel.
 *
 * Only what stands behind this door opens netlink sockets, enters namespaces or writes below /proc/sys. Two
 * implementations: linux/ (the running kernel) and fake/ (a kernel in memory with the same rules, on which
 * plans are proven without privileges).
 *
 * Life cycle: door_linux() or door_fake() opens; observe() and run() in any order and number; free() closes.
 * No call changes anything except run(). */
#pragma once
#include "model/step.h"

struct door;

/* How closely a network is looked at. Each class costs a request for each namespace. */
enum look {
    LOOK_WHOLE,      /* all classes, in the namespaces that `wanted` mentions */
    LOOK_EVERYWHERE, /* all classes, in HOST and every namespace of /run/netns */
    LOOK_WANTED,     /* of rules, neighbours, FDB entries and the kernel's own routes of the table `local`
                      * none, unless `wanted` has some; of settings none that only follow others */
};

struct door_ops {
    /* Reads what is there into `ret_model` (empty before): the namespaces that `wanted` mentions (without
     * any: HOST), with all their interfaces, addresses, routes, and, as `look` says, rules, permanent
     * neighbours and static FDB entries; of sysctls and resolvers those that `wanted` has, and the sysctls
     * that follow those (model/sysctl.h); of the firewall the tables that it has, with all in them. A
     * namespace that does not exist is no error: it is not in the result. 0, or a negative errno with an
     * entry in `errors`. */
    int (*observe)(struct door *door, const struct model *wanted, enum look look, struct model *ret_model,
                   struct errors *errors);

    /* Does the steps in their order and stops at the first that fails. *ret_done counts those done.
     * 0, or a negative errno with an entry in `errors` that says what was tried, and the kernel's own words.
     */
    int (*run)(struct door *door, const struct step *const *steps, size_t n_steps, size_t *ret_done,
               struct errors *errors);

    /* Says for each kind, option and setting (sysctl) that the model uses whether this kernel has it: an
     * entry in `errors`, at the object's place, naming the missing kernel option (CONFIG_BONDING). 0, or
     * -EOPNOTSUPP. Changes nothing; needs no privileges. */
    int (*lacks)(struct door *door, const struct model *model, struct errors *errors);

    /* Whether what a namespace with `path` or `pid` is to be attached to is there, and is another than the
     * host: 0, or -EOPNOTSUPP with an entry in `errors`, at the object's place. What may not be looked at is
     * taken for good, and has no `identity`: a text that is the same for the same namespace. */
    int (*attaches)(struct door *door, const struct object *namespace, struct text *identity,
                    struct errors *errors);

    void (*free)(struct door *door);
};

struct door {
    const struct door_ops *ops;
    /* run() may call it now and then; NULL: nobody asks. */
    void (*progress)(size_t done, size_t total, void *userdata);
    void *userdata;      /* of progress */
    const char *run_dir; /* a folder where it may keep what saves it work; NULL: nowhere */
};

/* What the objects that we make are marked with, so that they are known again: link alias "plexus:TOPOLOGY",
 * route and rule protocol, address protocol. A namespace that we made is marked by the alias of its `lo`, and
 * then all in it is ours, but for interfaces with the mark of another topology and what hangs on them. A
 * protocol says no name: in the host, what it marks belongs to the topology of its interface, or has
 * OBJECT_OURS and no owner. */
#define MARK_ALIAS "plexus:"
enum {
    MARK_PROTOCOL = 80,
    MARK_GROUP = 0x504c5858, /* the link group that an interface is born in, until it has its alias */
};

int door_linux(const char *topology, struct door **ret_door,
               struct errors *errors); /* topology: the name for marks; NULL: only observes */
int door_fake(struct door **ret_door);
