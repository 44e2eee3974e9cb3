/* The inside of the Linux door: what its files share.
 *
 * Each class of the model has one `struct linux_class`. Reading all its objects in one namespace is either
 * ask(), which makes a message that asks for a dump, and read() for each message of the answer, or read_all()
 * for the answer as a whole, functions of bytes that trust none of them; or observe(), which does it all.
 * is_there() says whether there is anything to ask for, where that hangs on the interfaces read before.
 * add(), set() and del() do one step. They return 0 or a negative errno and leave the kernel's words in
 * door->reply; linux.c makes the message for the user out of both. A NULL function means that the class has
 * no such step. */
#pragma once
#include "kernel/door.h"
#include "kernel/linux/namespaces.h"
#include "kernel/linux/netlink.h"
#include "kernel/linux/options.h"

struct linux_door {
    struct door door;
    char *topology; /* or NULL */
    struct namespaces namespaces;
    struct message message; /* the request under way */
    struct reply reply;     /* what the kernel said to the last */
    struct dump dump;
    struct errors *errors; /* of the call under way */
    struct {
        char ns[64];
        int index;
        unsigned flags; /* of its kind */
    } master;           /* the last that something was plugged into: most ports of a plan share one */
    size_t alone;       /* steps to come that cannot be deleted together; see delete.c */
    struct nft_known *nft_known;     /* large sets that need not be read again; see nft_known.c */
    char *nft_kept;                  /* their file, in which texts of these lie */
    bool nft_is_loaded, nft_is_news; /* from its file; and it is to be written */
};

/* An interface whose other end (of a veth) or lower device (of a vlan ...) lies in another namespace. */
struct far_end {
    struct object *object;
    int key;              /* of the option to fill: place of "peer" or "parent" */
    int index, far_index; /* its own, and that of the other in the other's namespace */
    int nsid;             /* the other's namespace as this one numbers it; -1: this one */
};

/* What a namespace answered before it was asked: ahead.c. */
struct answers {
    int route; /* the socket, or -1 */
    bool is_new;
    struct stat about; /* of a new one: the file of its namespace */
    const struct dump *dump;
    struct answer {
        bool is_there;
        size_t at, length; /* in the dump */
    } of[CLASS_MAX];
};

/* One namespace while it is read. */
struct view {
    struct linux_door *door;
    const struct model *wanted;
    enum look look;
    bool wants[CLASS_MAX];         /* whether `wanted` has some of the class */
    bool wants_local;              /* whether it has routes of the table `local` */
    struct model *model;           /* what is read goes here */
    const char *name;              /* of the namespace */
    int route;                     /* its socket */
    struct object *namespace;      /* its object; NULL for HOST */
    const char *owner;             /* the topology whose namespace it is, or NULL */
    const struct answers *answers; /* or NULL */
    struct links links;
    bool has_bare;  /* an address that brings no connected route */
    bool has_fdb;   /* a bridge or vxlan is there */
    bool has_vlans; /* a VLAN-aware bridge is there */
    bool has_wireguard;
    struct far_end *far_ends; /* of all namespaces read so far */
    size_t n_far_ends, far_capacity;
};

struct linux_class {
    void (*init)(void);                        /* once, before all else: resolves keys */
    bool (*is_there)(const struct view *view); /* NULL: it may always be */
    void (*ask)(struct message *message);
    void (*read)(struct view *view, const struct nlmsghdr *message);
    int (*read_all)(struct view *view, const void *data, size_t length);
    int (*observe)(struct view *view);
    int (*add)(struct linux_door *door, const struct step *step);
    int (*set)(struct linux_door *door, const struct step *step);
    int (*del)(struct linux_door *door, const struct step *step);
};

extern const struct linux_class linux_namespace, linux_interface, linux_address, linux_route, linux_rule,
    linux_neighbour, linux_fdb, linux_wgpeer, linux_sysctl, linux_resolver, linux_table, linux_set,
    linux_chain, linux_service;
extern const struct linux_class *const linux_classes[CLASS_MAX];

/* The door as this kind of door, or NULL when it is another. */
struct linux_door *linux_door_of(struct door *door);

/* Sends door->message in the namespace; the kernel's words go to door->reply. */
int linux_request(struct linux_door *door, const struct netns *ns);
/* The socket of the object's namespace, and the index of the interface it hangs on. */
int linux_ns_of(struct linux_door *door, const struct object *object, struct netns **ret_ns);
int linux_dev_of(struct linux_door *door, const struct object *object, struct netns **ret_ns,
                 uint32_t *ret_index);

/* Decodes the kernel's answer to what the class asked; `data` is aligned as a message. 0 or -errno. */
int class_read(struct view *view, const struct linux_class *class, const void *data, size_t length);

/* Sends door->message (a dump) in the namespace of the view; what came is in door->dump. */
int view_dump(struct view *view);
/* Whether nobody looks at the class, however many there are. */
bool view_passes_over(const struct view *view, enum class_id id);
/* Adds what was read. `marked`: it carries our mark. An object that is there already (dumps may repeat one)
 * is dropped. */
void view_add(struct view *view, struct object *object, bool marked);
struct object *view_new(struct view *view, enum class_id class);
/* The name of the interface with that index, or NULL. */
const char *view_device(const struct view *view, uint32_t index);

/* A kind that tables and RTM_NEWLINK cannot do alone: tun.c, wireguard.c. NULL functions: the usual way. */
struct linux_kind {
    const char *info_kind; /* IFLA_INFO_KIND */
    int (*make)(struct linux_door *door, const struct object *interface, bool mark);
    /* Sets the options of the kind: those that the step changes; all that are set when it is an ADD. */
    int (*set)(struct linux_door *door, const struct step *step, const struct object *interface);
    /* Reads the options of the kind; `data` is IFLA_INFO_DATA or NULL. */
    int (*read)(struct view *view, struct object *interface, const struct nlattr *data);
};
extern const struct linux_kind linux_kind_tun, linux_kind_wireguard;
const struct linux_kind *linux_kind_of(const struct kind *kind); /* NULL: nothing special */

/* interface_read.c: how the interfaces of a namespace are asked for; the flags of the kind of one of them. */
void interface_ask(struct message *message);
int interface_kind_flags(struct linux_door *door, const struct netns *ns, int index, unsigned *ret_flags);
void interface_init(void);
int interface_read_all(struct view *view, const void *data, size_t length);
int interface_decode(struct view *view, const void *data,
                     size_t length); /* a whole dump: it is walked twice */

/* mark.c: whether what is made in the namespace needs no mark of its own, as the whole of it is marked. */
bool linux_ns_is_marked(struct linux_door *door, struct netns *ns);
void note_mark(struct netns *ns, const char *owner); /* NULL: it has none */
/* Whether what is made for the object is to bear a mark; and the alias that is the mark of an interface, set
 * in the namespace of the socket. */
bool linux_marks(const struct linux_door *door, const struct object *object);
const char *linux_marker(const struct linux_door *door, const struct object *object); /* the topology in it */
int linux_mark(struct linux_door *door, int route, const struct object *object, const char *interface);

/* bridge_vlan.c: membership of a port (or of a bridge itself) from one text to another; reading all of a
 * namespace. */
int bridge_vlans_set(struct linux_door *door, const struct netns *ns, int index, bool is_bridge,
                     const char *from, const char *to);
int bridge_vlans_observe(struct view *view);
void bridge_vlans_read(struct view *view, const struct nlmsghdr *message);

/* namespace.c: the namespace that goes by the name, or by the former name. One that is to be attached has no
 * name yet (*ret_named false), and is found all the same if `wanted`: what is there already must be known.
 * 0, or -errno. */
int linux_find(struct view *view, const char *name, bool wanted, struct netns **ret_ns, bool *ret_named);

/* route.c: whether it is a route of the table `local`. */
bool route_is_local(const struct object *object);

/* wireguard.c: one message about an interface and its peers. */
void wireguard_decode(struct view *view, struct object *interface, const struct nlmsghdr *message);

/* Runs of deletions of interfaces as one request: the number of leading steps done so; 0: none, then the
 * first is to be done by itself. delete.c */
size_t linux_delete_together(struct linux_door *door, const struct step *const *steps, size_t n_steps);

/* The leading steps that are about the firewall of one namespace, in as few transactions as can be;
 * *ret_done counts those done, 0: there are none. nft_run.c */
int linux_nft_run(struct linux_door *door, const struct step *const *steps, size_t n_steps, size_t *ret_done);

/* Puts the kernel's refusal of a step into the errors, with what a user can do about it. Returns `error`.
 * refusal.c */
int linux_refused(struct linux_door *door, const struct step *step, int error);

/* ahead.c: from start to stop, threads ask in all namespaces of the list what the view (which must not
 * change in that) will want to know; NULL: it is not worth it. The answers of a name, in the order of the
 * list, are good until the next are asked for; who takes a new socket over says so (`is_new`). */
struct ahead *ahead_start(const struct view *view, const char *const *names, size_t n_names);
struct answers *ahead_answers(struct ahead *ahead, size_t name);
void ahead_stop(struct ahead *ahead);

/* Finds the other ends, once all namespaces were read. far_ends.c */
void far_ends_resolve(struct view *view);

/* sysctl.c: its value in the namespace of the thread, spaced as in the model; false: it cannot be read. */
enum { SYSCTL_SIZE = 4096 };
bool sysctl_read(const char *name, char value[SYSCTL_SIZE]);

/* sysctl_names.c: 0, or -EOPNOTSUPP with an entry for each setting that is not there, or is a number and is
 * not to be one. */
int sysctls_lack(const struct model *model, struct errors *errors);

/* service.c: the same for each service whose program is not installed. */
int services_lack(const struct model *model, struct errors *errors);

/* namespace.c: the same for the namespace that is to be attached. */
int linux_attaches(struct door *door, const struct object *namespace, struct text *identity,
                   struct errors *errors);

/* features.c */
int linux_lacks(struct door *door, const struct model *model, struct errors *errors);
