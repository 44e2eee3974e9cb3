/* Between the files of the fake kernel. One model holds everything there is; the rules of a class are in one
 * file each. */
#pragma once
#include "base/ip.h"
#include "kernel/fake/fake.h"
#include "model/reference.h"

/* Where the options of a class stand: looked up once, as the rules read them all the time. */
struct fake_fields {
    int dev[CLASS_MAX]; /* or negative */
    int up, mtu, mac, master, parent, peer, vlans, address, noprefix, to, table, metric, type, via, src,
        onlink, nexthops, ip, fdb_vlan, priority;
};

/* The MTU that a bond's port had before: the port gets it back when it leaves. */
struct fake_saved {
    const struct object *port;
    int64_t mtu;
    struct fake_saved *next;
};

enum { FAKE_WORDS = 200, FAKE_LACKS = 16 };

struct fake {
    struct door door;
    struct model now;
    struct fake_fields at;
    struct fake_saved *saved;
    const char *owner;      /* marks what is made now; NULL while foreign objects are added */
    char words[FAKE_WORDS]; /* why the last step was refused */
    const char *lacks[FAKE_LACKS];
    unsigned n_lacks, next_mac;
};

static inline struct fake *fake_of(struct door *door)
{
    return (struct fake *)door;
}

/* Values by position; `at` may be negative. A text is never empty: "" says that there is none. */
static inline const char *fake_text(const struct object *object, int at)
{
    return at >= 0 && object->values[at].form == VALUE_TEXT && *object->values[at].text
               ? object->values[at].text
               : NULL;
}
static inline int64_t fake_number(const struct object *object, int at)
{
    return at >= 0 && object->values[at].form == VALUE_NUMBER ? object->values[at].number : 0;
}
static inline bool fake_is_up(const struct fake *fake, const struct object *link)
{
    return fake_number(link, fake->at.up) != 0;
}
static inline const char *fake_dev(const struct fake *fake, const struct object *object)
{
    return fake_text(object, fake->at.dev[object->class->id]);
}
void fake_put_text(struct fake *fake, struct object *object, int at, const char *text); /* NULL: none */
void fake_put_number(struct object *object, int at, int64_t number);

/* Every object of a namespace; the current one may be removed. */
#define fake_each(fake, ns, var)                                                        \
    for (struct object *var##_next = NULL, *var = map_get(&(fake)->now.namespaces, ns); \
         var && (var##_next = var->next_in_ns, true); var = var##_next)

/* The rules of a class; of one that is but an entry, which is put, changed and removed, all may be NULL. */
struct fake_class {
    bool has_mark; /* Linux has a place for one: the alias of a link, the protocol of others */
    int (*add)(struct fake *fake, const struct step *step);
    int (*set)(struct fake *fake, const struct step *step, struct object *now);
    int (*del)(struct fake *fake, struct object *now);
    /* Of what is there without having been made: adds and sets. */
    int (*put)(struct fake *fake, const struct step *step);
    /* Of an entry: whether what is wanted may be on the interface that it names. */
    int (*check)(struct fake *fake, const struct object *want, const struct object *link);
    /* Of what hangs on an interface: the enum fake_flush by which it goes. */
    unsigned (*flush)(const struct fake *fake, const struct object *object);
};
extern const struct fake_class fake_classes[CLASS_MAX]; /* fake.c */

/* Remembers the words and returns -error. */
int fake_refuse(struct fake *fake, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* fake.c */
bool fake_knows_namespace(const struct fake *fake, const char *ns);
int fake_check_values(struct fake *fake, const struct object *object); /* -ERANGE, -EINVAL */
int fake_check_changes(struct fake *fake,
                       const struct step *step); /* -EOPNOTSUPP for what Linux cannot change */
struct object *fake_put(struct fake *fake,
                        const struct object *object); /* a marked, complete copy that is there now */
void fake_change(struct fake *fake, struct object *now,
                 const struct step *step); /* the changed options, no more */
void fake_put_fallback(struct object *object, unsigned option);

/* observe.c */
int fake_observe(struct door *door, const struct model *wanted, enum look look, struct model *ret_model,
                 struct errors *errors);

/* link.c: interfaces */
struct object *fake_link(const struct fake *fake, const char *ns, const char *name);
struct object *fake_parent(const struct fake *fake, const struct object *link);
bool fake_is_kind(const struct object *link, const char *kind);
int fake_link_add(struct fake *fake, const struct step *step);
int fake_link_set(struct fake *fake, const struct step *step, struct object *now);
int fake_link_del(struct fake *fake, struct object *now);
void fake_link_kill(struct fake *fake, struct object *link); /* with all that depends on it */
int fake_link_raise(struct fake *fake, struct object *link);
void fake_link_lower(struct fake *fake, struct object *link);

/* mtu.c: what follows from an MTU */
int fake_mtu_check(struct fake *fake, const struct object *link, int64_t mtu, bool fresh);
void fake_mtu_set(struct fake *fake, struct object *link, int64_t mtu);

/* master.c: bridges, bonds and vrfs with their ports */
int fake_join(struct fake *fake, struct object *port,
              const char *reference); /* "ns/name"; NULL: leaves the one it has */
void fake_leave(struct fake *fake, struct object *port);
void fake_put_default_vlans(struct fake *fake, struct object *port, const struct object *bridge);
struct object *fake_master(const struct fake *fake, const struct object *port);
bool fake_is_bridge_port(const struct fake *fake, const struct object *link);
const char *fake_vrf_table(const struct fake *fake, const struct object *link,
                           int64_t *ret_table); /* NULL: in none */

/* address.c */
int fake_address_add(struct fake *fake, const struct step *step);
int fake_address_del(struct fake *fake, struct object *now);
unsigned fake_address_flush(const struct fake *fake, const struct object *address);
bool fake_has_address(const struct fake *fake, const char *ns, const struct ip *ip); /* on any interface */
bool fake_address_prefix(const struct fake *fake, const struct object *address, struct prefix *ret_prefix);
void fake_forget_sources(struct fake *fake,
                         const struct object *link); /* routes whose `src` is no address any more */
void fake_address_automatic(struct fake *fake, struct object *link); /* those that appear when it is raised */

/* firewall.c */
int fake_firewall_add(struct fake *fake, const struct step *step);
int fake_firewall_set(struct fake *fake, const struct step *step, struct object *now);
int fake_firewall_del(struct fake *fake, struct object *now);
int fake_table_del(struct fake *fake, struct object *now);

/* route.c */
enum fake_flush {
    FLUSH_ROUTES_4 = 1 << 0,
    FLUSH_ROUTES_6 = 1 << 1,
    FLUSH_ADDRESSES_4 = 1 << 2,
    FLUSH_ADDRESSES_6 = 1 << 3,
    FLUSH_NEIGHBOURS_4 = 1 << 4,
    FLUSH_NEIGHBOURS_6 = 1 << 5,
    FLUSH_FDB_PORT = 1 << 6, /* those that the bridge holds */
    FLUSH_REST = 1 << 7,     /* FDB of a vxlan, sysctls, wireguard peers */
    FLUSH_6 = FLUSH_ROUTES_6 | FLUSH_ADDRESSES_6 | FLUSH_NEIGHBOURS_6,
    FLUSH_DOWN = FLUSH_ROUTES_4 | FLUSH_NEIGHBOURS_4 | FLUSH_6,
    FLUSH_ALL = (1 << 8) - 1,
};
void fake_flush(struct fake *fake, const struct object *link, unsigned what);
int fake_route_add(struct fake *fake, const struct step *step);
int fake_route_set(struct fake *fake, const struct step *step, struct object *now);
unsigned fake_route_flush(const struct fake *fake, const struct object *route);
/* The routes that the kernel makes for addresses of raised interfaces, into a model. */
void fake_route_connected(const struct fake *fake, const char *ns, struct model *out);

/* entry.c: the small classes */
int fake_namespace_add(struct fake *fake, const struct step *step);
int fake_namespace_del(struct fake *fake, struct object *now);
int fake_entry_add(struct fake *fake, const struct step *step);
int fake_entry_set(struct fake *fake, const struct step *step, struct object *now);
int fake_entry_del(struct fake *fake, struct object *now);
int fake_resolver_set(struct fake *fake, const struct step *step, struct object *now);
int fake_sysctl_put(struct fake *fake, const struct step *step);
void fake_sysctl_birth(struct fake *fake, const struct object *link); /* what a new one has from `default` */
int fake_neighbour_check(struct fake *fake, const struct object *want, const struct object *link);
int fake_fdb_check(struct fake *fake, const struct object *want, const struct object *link);
int fake_wgpeer_check(struct fake *fake, const struct object *want, const struct object *link);
unsigned fake_neighbour_flush(const struct fake *fake, const struct object *neighbour);
unsigned fake_fdb_flush(const struct fake *fake, const struct object *entry);
unsigned fake_entry_flush(const struct fake *fake, const struct object *entry);
