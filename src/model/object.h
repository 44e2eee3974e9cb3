/* Objects: the one shape in which everything in a network is held, desired or observed.
 *
 * An object belongs to a class (namespace, interface, address, route ...), lives in a namespace, has an
 * identity that is unique within both, and a value for each option of its class. An interface has in addition
 * a kind (bridge, veth ...), whose options follow those that all interfaces share. Two objects with one
 * identity are the same thing at two times, and their difference is the options whose values differ. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "model/option.h"

#define HOST "host" /* the namespace that Plexus was started in */

struct step;
struct commands;
struct object;

enum class_id {
    CLASS_NAMESPACE,
    CLASS_INTERFACE,
    CLASS_ADDRESS,
    CLASS_ROUTE,
    CLASS_RULE,
    CLASS_NEIGHBOUR,
    CLASS_FDB,
    CLASS_WGPEER,
    CLASS_SYSCTL,
    CLASS_RESOLVER,
    CLASS_TABLE,
    CLASS_SET,
    CLASS_CHAIN,
    CLASS_SERVICE,
    CLASS_MAX,
};

enum class_flag {
    CLASS_ALWAYS = 1 << 0,       /* exists by itself (a sysctl): it is set, never made or deleted */
    CLASS_MARKED = 1 << 1,       /* each bears a mark of its own, unless its namespace does for all in it */
    CLASS_ASKED = 1 << 2,        /* most networks have none, and reading costs: only where it matters */
    CLASS_CARRIES = 1 << 3,      /* others go with it, of which no file need speak */
    CLASS_FILE = 1 << 4,         /* a file, and no part of the kernel: it outlives its namespace */
    CLASS_BRIEF = 1 << 5,        /* without it the network is disturbed for a moment, not cut */
    CLASS_AFTER_DEV = 1 << 6,    /* is made when the interface it hangs on is there */
    CLASS_AFTER_RAISED = 1 << 7, /* is made when the interface it hangs on is up */
    CLASS_AFTER_ROUTES = 1 << 8, /* is made when all routes of its namespace are */
    CLASS_WHOLE = 1 << 9,        /* when it goes back to what it was before us, it is said as a whole */
    CLASS_TOGETHER = 1 << 10,    /* all steps about such objects of a namespace stand together: they are one
                                    transaction */
};

/* A class is one file src/model/CLASS.c that ends in one of these.
 * `options` holds the key options first, in the order in which they make up the identity. */
struct class
{
    enum class_id id;
    const char *name;   /* "address" */
    const char *plural; /* in JSON: "addresses" */
    const struct option *options;
    unsigned n_options;
    unsigned flags;    /* enum class_flag */
    unsigned deletion; /* its place among deletions, the lowest first; with gaps, for classes to come */
    const char *help;
    /* Appends the commands that a person would type for the step (see step.h). */
    void (*commands)(const struct step *step, struct commands *out);
};

/* How an interface of a kind comes into being. */
enum maker {
    MAKER_LINK,     /* RTM_NEWLINK with IFLA_INFO_KIND */
    MAKER_TUN,      /* TUNSETIFF on /dev/net/tun */
    MAKER_EXISTING, /* it is there already: hardware, loopback */
};

enum kind_flag {
    KIND_PORTS = 1 << 0,      /* other interfaces can be its ports */
    KIND_RAISE_LAST = 1 << 1, /* is set up after its ports are in (see design: flooding) */
    KIND_LAYER3 = 1 << 2,     /* carries IP packets and no Ethernet: cannot be a bridge port */
    KIND_PAIR = 1 << 3,       /* made and deleted together with its `peer` (veth) */
    KIND_PARENT = 1 << 4,     /* lies on the interface `parent`, and dies with it */
    KIND_PORTS_DOWN = 1 << 5, /* a port must be down when it joins (bond) */
    KIND_SETS_LATER =
        1 << 6, /* options must be set in a message of their own after it was made (wireguard) */
    KIND_VLAN_PORTS = 1 << 7,   /* its ports can have VLANs (bridge) */
    KIND_MOVES_ROUTES = 1 << 8, /* joining or leaving it makes the kernel drop the routes of the port (vrf) */
    KIND_OUTLIVES = 1 << 9,     /* it stays when its parent goes, but sends no more (gre) */
    KIND_FOLLOWS = 1 << 10,     /* it goes down and up with its parent (vlan) */
    KIND_FDB = 1 << 11,         /* it has a table of MAC addresses (bridge, vxlan) */
    KIND_STAYS = 1 << 12,       /* it can be neither deleted nor moved (loopback) */
};

/* A kind is one file src/model/kinds/KIND.c that ends in one of these, a declaration in src/model/kinds.h,
 * and a line in src/model/kinds.c. */
struct kind {
    const char *name;      /* in the file: "bridge" */
    const char *info_kind; /* IFLA_INFO_KIND, or NULL (`linux` is a macro of gcc) */
    enum maker maker;
    unsigned flags;       /* enum kind_flag */
    uint16_t parent_attr; /* of IFLA_INFO_DATA: names its parent; 0: IFLA_LINK does */
    const struct option *options;
    unsigned n_options;
    unsigned mtu;           /* with which it is born; 0: that depends on what it lies on */
    unsigned qlen;          /* the same; 0: 1000, as nearly all */
    const char *comes_with; /* the interface that the kernel makes when it loads the module; NULL: none */
    const char *config;     /* kernel option it needs: "BONDING" */
    const char *help;
    /* What tables cannot say about one interface of the kind; may be NULL. */
    void (*check)(const struct object *interface, struct errors *errors);
};

extern const struct class *const classes[CLASS_MAX];
extern const struct kind *const kinds[]; /* ended by NULL */
extern const struct kind kind_physical, kind_loopback, kind_veth, kind_other;

const struct class *class_by_name(const char *name);
const struct kind *kind_by_name(const char *name);
const struct kind *kind_by_info(const char *info_kind); /* kind_other for what we do not know */
bool kind_has_ports(const char *name);                  /* whether a kind of that name has */
const char *kinds_with_ports(struct arena *arena);      /* "bridge, bond and vrf" */

enum object_flag {
    OBJECT_KERNEL = 1 << 0, /* observed: the kernel made it by itself (connected route, link-local address) */
    OBJECT_OURS = 1 << 1,   /* observed: it carries the mark of Plexus; see `owner` */
    OBJECT_MADE = 1 << 2,   /* recorded: we made it, so we take it away */
    OBJECT_ADOPTED = 1 << 3, /* recorded: it was there before; `down` sets back what we changed and leaves it.
                 * Desired: it may be taken over, though nobody said --adopt */
    OBJECT_FOREIGN = 1 << 4, /* to be made again for whoever it belonged to: without our mark */
    OBJECT_SHARED = 1 << 5,  /* recorded: the file wants it, it was there and agreed; nothing was done to it,
                                so it is not ours */
    OBJECT_REMOVED = 1 << 7, /* recorded: it was somebody else's and had to go; it is given back */
    OBJECT_ORIGIN = OBJECT_KERNEL | OBJECT_OURS | OBJECT_MADE | OBJECT_ADOPTED | OBJECT_FOREIGN |
                    OBJECT_SHARED | OBJECT_REMOVED, /* one of them at most */
    OBJECT_LEARNT = 1 << 6, /* observed, with OBJECT_KERNEL: a DHCP client of ours was told so */
};

struct object {
    const struct class *class;
    const struct kind *kind; /* of an interface; NULL otherwise */
    const char *ns;          /* HOST, or the name of a namespace; a namespace lives in HOST */
    const char *name;  /* identity in (class, ns): "eth0", "eth0 10.0.0.1/24", "10.9.0.0/16 table 254" */
    const char *id;    /* "interface host/br0": identity in the model */
    const char *owner; /* topology that made it, or NULL */
    unsigned flags;
    struct place place;        /* in the network file; line 0 for what was observed */
    struct object *next_in_ns; /* chains kept by the model */
    size_t sequence;           /* in the order in which the model got its objects */
    struct value values[];     /* of the class' options, then of the kind's */
};

/* Options are numbered through: those of the class, then those of the kind. */
unsigned object_n_options(const struct object *object);
const struct option *object_option(const struct object *object, unsigned index);
int object_find_option(const struct object *object, const char *key); /* index, or -ENOENT */

/* Values by key. Getters return the fallback given here for what is unset or no option of the object. */
const char *object_text(const struct object *object, const char *key); /* or NULL */
const char *object_word(const struct object *object, const char *key); /* NULL for "" too, which says: none */
int64_t object_number(const struct object *object, const char *key, int64_t if_unset);
bool object_has(const struct object *object, const char *key);
/* Whether what is there can be what the file calls `kind`. Any interface can be `physical`: the file says no
 * more than that it is there by itself; only the options that all interfaces share can be said of it then. */
bool object_is_of(const struct object *there, const struct kind *kind);
/* It exists by itself (a sysctl, hardware, a loopback): it is neither made nor deleted. */
bool object_is_always(const struct object *object);
/* A namespace that others made and that a `path` or a `pid` names: it is attached to. */
bool object_is_attached(const struct object *namespace);
/* The namespace that it is in; a namespace itself: its name. */
const char *object_namespace(const struct object *object);
const char *object_dev(const struct object *object); /* interface it hangs on: value of "dev"; an interface
                                                        itself: its name; NULL: none */

/* A model is a set of objects with an arena. */
struct model {
    struct arena arena;
    struct map by_id;        /* id -> struct object */
    struct object **objects; /* in order of insertion */
    size_t n_objects, capacity;
    size_t n_added;        /* since it was empty */
    struct map namespaces; /* name of namespace -> first object in it (chain next_in_ns); HOST too */
    struct map chains;     /* internal: last object of each namespace */
};

#define CLEANUP_MODEL __attribute__((cleanup(model_done)))

/* A new object with unset values, not yet in the model (its identity is not known yet). Strings are copied.
 */
struct object *model_new(struct model *model, const struct class *class, const struct kind *kind,
                         const char *ns);
void object_set(struct model *model, struct object *object, const char *key,
                struct value value); /* copies texts */
void object_set_number(struct model *model, struct object *object, const char *key, int64_t number);
void object_set_text(struct model *model, struct object *object, const char *key, const char *text);

/* Makes name and id out of the key options, and puts the object in. Returns 0, or -EEXIST (object not added)
 * when one with the same identity is there: *ret_other. For an interface or namespace the key option is
 * "name". */
int model_add(struct model *model, struct object *object, struct object **ret_other);
struct object *model_copy(struct model *model,
                          const struct object *object); /* deep copy, added; returns the copy */
/* The same, at a quarter of the cost, where the object outlives the model: its texts are not copied. */
struct object *model_borrow(struct model *model, const struct object *object);
/* Makes name and id anew, of an object that is in no model. */
void object_identify(struct arena *arena, struct object *object);
/* A copy that is not added: for the planner's intermediate states. */
struct object *object_clone(struct arena *arena, const struct object *object);
void model_remove(struct model *model, struct object *object); /* memory stays in the arena */
void model_done(struct model *model);

struct object *model_get(const struct model *model, enum class_id class, const char *ns, const char *name);
struct object *model_by_id(const struct model *model, const char *id);
struct object *model_interface(const struct model *model, const char *ns, const char *name);
struct object *model_interface_ref(const struct model *model, const char *reference); /* "ns/name" */
/* The one that an option of the object refers to (`master`, `parent`, `peer`), or NULL. */
struct object *model_interface_of(const struct model *model, const struct object *object, const char *key);
const char *model_ref(struct arena *arena, const struct object *interface); /* "ns/name" */

#define model_each(model, each)                                          \
    for (size_t each##_i = 0; each##_i < (model)->n_objects; each##_i++) \
        for (struct object *each = (model)->objects[each##_i]; each; each = NULL)
