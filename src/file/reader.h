/* What the parts of the reader share: the state of one reading, and the tables of keys.
 *
 * Reading goes in passes, because names can be used before they are written:
 *   scopes      host and namespaces, `count` expanded
 *   endpoints   what was said by hand is added to them
 *   networks    what they stand for is added to the scopes
 *   entries     every interface that is listed, by name
 *   links       peers, bridges and ports: kinds and implied interfaces follow from them
 *   objects     one for each entry, then the values of their keys
 *   sections    routes, rules ... of each scope, which can now name interfaces
 *   claims      expectations
 * A pass goes on after a mistake. What was wrong is left out of the model and noted in `broken`, so that the
 * semantic check does not complain of consequences. */
#pragma once
#include "base/map.h"
#include "base/names.h"
#include "file/node.h"
#include "model/reference.h"
#include "model/topology.h"

struct entry;
struct networks;
struct surroundings;

/* A namespace, or the host. */
struct scope {
    const char *ns;
    const struct node *sections; /* a map */
    struct place place;
    unsigned number, of; /* instance 1 ... `of` of a counted namespace; 0: not counted */
    bool exists;         /* the host, or attached: it may hold interfaces that no file describes */
    bool unread;         /* its interfaces were not: names in it may be right */
    unsigned led;        /* the families (1 << family) of which others gave it a default route */
    struct entry *first, *last;
    struct scope *next;
};

/* An interface. */
struct entry {
    struct scope *scope;
    const char *name;
    const char *ref;         /* "ns/name" */
    const struct node *keys; /* a map; NULL: implied by another entry */
    struct place place;
    const struct kind *kind; /* NULL: not known (yet) */
    struct object *object;   /* NULL: not made (yet), or broken */
    struct entry *peer, *master;
    struct place peer_place, master_place; /* where that was said */
    struct entry *port;                    /* which one is the bridge port: the entry itself, or its peer */
    bool broken;                           /* a mistake was told; what refers to it is not to blame */
    struct entry *next;
};

/* A counted namespace, for expectations: "web" stands for web-1, web-2 ... */
struct group {
    const char *name;
    unsigned count; /* 0: it was not read, and any could be meant */
};

struct reader {
    struct topology *topology;
    struct model *model;
    struct arena *arena; /* the model's: places and texts live as long as it */
    struct errors *errors;
    struct scope host, *last_scope;
    bool unread;        /* the namespaces were not: names of them may be right */
    struct map scopes;  /* name -> struct scope */
    struct map groups;  /* name -> struct group */
    struct map entries; /* "ns/name" -> struct entry */
    struct map pools;   /* place of a range of addresses -> its state */
    struct map broken;  /* ids of objects that were not read well */
    struct networks *networks;
    const struct surroundings *there; /* where subnets are chosen; NULL: not known */
    struct firewall **last_firewall;
    struct expectation **last_expectation;
    unsigned n_expectations;
    size_t counted;     /* values that namespaces with `count` come to */
    unsigned n_guesses; /* searches for a name that was meant; see may_guess() */
};

#define each_scope(r, s) for (struct scope *s = &(r)->host; s; s = s->next)
#define each_entry(r, e)                                                   \
    for (struct scope *e##_in = &(r)->host; e##_in; e##_in = e##_in->next) \
        for (struct entry *e = e##_in->first; e; e = e->next)

/* Keys that no option table says. */

enum shape {
    SHAPE_TEXT,  /* any text */
    SHAPE_NAME,  /* of a topology */
    SHAPE_WORDS, /* one or a list */
    SHAPE_BOOL,
    SHAPE_COUNT,
    SHAPE_KIND,       /* name of a kind */
    SHAPE_REFERENCE,  /* an interface: name or ns/name */
    SHAPE_REFERENCES, /* one or a list of names */
    SHAPE_IPS,        /* one or a list */
    SHAPE_VLAN,       /* 1 to 4094 */
    SHAPE_VLANS,      /* list of them and of ranges */
    SHAPE_ADDRESSES,  /* list of texts, or of maps of the class */
    SHAPE_OBJECTS,    /* list of maps of the class */
    SHAPE_ACCEPT_RA,  /* boolean or "forwarding" */
    SHAPE_SETTINGS,   /* map of texts */
    SHAPE_RESOLVER,   /* map of the class */
    SHAPE_INTERFACES, /* map of interfaces */
    SHAPE_NAMESPACES, /* map of namespaces */
    SHAPE_FIREWALL,   /* map, see firewall.h */
    SHAPE_NETWORKS,   /* map of networks, see networks.h */
    SHAPE_GUEST,      /* names of networks, or a map of what is said in each */
    SHAPE_GUEST_ONE,  /* the same, of one network */
    SHAPE_MAX,
};

enum at { AT_TOP = 1 << 0, AT_NAMESPACE = 1 << 1, AT_INTERFACE = 1 << 2 };

struct key {
    const char *key;
    unsigned at; /* enum at: where it can stand */
    enum shape shape;
    enum class_id class; /* of objects */
    /* Reads the value; `entry` is NULL outside of interfaces. NULL: an earlier pass has read it. */
    void (*read)(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
    const char *kind; /* the only one that has it; NULL: any */
    const char *help;
    const struct option *more; /* what its maps can say beyond the options of the class; or NULL */
};

extern const struct key keys[]; /* keys.c; ended by .key = NULL */

const struct key *key_find(const char *key, unsigned at);
/* Whether its value is maps of the options of its class; and the key of a class whose objects are. */
bool key_has_maps(const struct key *key);
const struct key *key_of_class(enum class_id class);
/* Reads all keys of a map in the order of the file, except those that options or earlier passes take. */
void keys_read_sections(struct reader *r, struct scope *scope);

/* values.c: forms and options. All of them tell mistakes at the node, and return false for them. */

bool want_form(struct reader *r, const struct node *node, enum node_form form, const char *what,
               const char *example);
bool want_word(struct reader *r, const struct node *node, const char *key);
/* A word of a list, which is not several in one text. */
bool want_one(struct reader *r, const struct node *word, const char *key);
/* One value or, for a list option, all, in canonical form. */
bool value_read(struct reader *r, const struct option *option, const struct node *node,
                struct value *ret_value);
const struct option *option_find(const struct option *options, unsigned n,
                                 const char *key);                       /* not internal ones */
const struct option *class_option(enum class_id class, const char *key); /* internal ones too */
struct error *refuse_twice(struct reader *r, const struct place *place, const struct place *first,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether to search for the nearest of many names: only for the first of very many mistakes, since each looks
 * at all. */
bool may_guess(struct reader *r);

/* The pair with the key; else one whose key is unknown there and nearest to it: that is told when its turn
 * comes, and until then it is read as it was meant, so that nothing else is blamed for it. NULL: none. */
const struct pair *section_pair(const struct node *sections, const char *key, unsigned at);

/* "unknown key `adresses` in an interface", with the nearest of the words, or all when they are few. */
struct known_keys {
    const char *list[256];
    unsigned n;
};
void known_add(struct known_keys *known, const char *word);
void refuse_key(struct reader *r, const struct node *key, const char *where, const struct known_keys *known);
bool is_of_interfaces(const char *key);

/* objects.c: objects that are maps of the options of a class. */

/* Whether the machine has it by now, without the file; false where nobody looks. */
bool interface_is_there(const struct reader *r, const struct scope *scope, const char *name);
/* Whether the scope has the interface; tells it otherwise. */
bool device_known(struct reader *r, const struct scope *scope, const struct node *word, const char *key);
/* Adds a finished object; tells it when it is there already. */
bool object_put(struct reader *r, struct object *object, const struct place *place);
/* Reads a map into a new object of the class, without adding it; NULL after a mistake. `entry`: the interface
 * for "dev". */
struct object *object_read(struct reader *r, struct scope *scope, struct entry *entry, enum class_id class,
                           const struct node *map);
void read_objects(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

/* entries.c, links.c, interfaces.c, vlans.c */

/* Spoiled: a value was not read well, so the semantic check passes over it. Broken: there will be no object
 * either. */
void entry_spoil(struct reader *r, struct entry *entry);
void entry_break(struct reader *r, struct entry *entry);

/* NAMESPACE-INTERFACE, as the far end of an interface is called in the namespace `beside`. */
const char *far_name(struct reader *r, const char *ns, const char *interface, const char *beside);
void entries_declare(struct reader *r, struct scope *scope);
void entries_link(struct reader *r);
void entries_make(struct reader *r);
void entries_read(struct reader *r);
struct entry *entry_new(struct reader *r, struct scope *scope, const char *name, const struct place *place);
struct entry *entry_find(const struct reader *r, const char *ns, const char *name);
/* An interface as written: exact ("ns/name"), or looked for in the scope and then in the host. NULL after a
 * mistake, which is told unless the entry is there but broken. */
struct entry *entry_resolve(struct reader *r, const struct scope *scope, const struct node *word,
                            const char *key);
/* Whether it would be the end of a cable, had what says so not been told already: a peer in a namespace that
 * is not there, a key that was meant to be `peer`, an interface that was not read. */
bool end_was_meant(struct reader *r, const struct scope *scope, const char *name);
/* Says that there is none in the scope (nor, with `or_host`, in the host), with the nearest name. */
void refuse_reference(struct reader *r, const struct scope *scope, bool or_host, const struct node *word,
                      const char *key);
void read_vlans(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_parent(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

/* namespaces.c */
void scopes_make(struct reader *r, const struct node *root);
struct scope *scope_find(const struct reader *r, const char *ns);
struct scope *scope_add(struct reader *r, const char *name, const struct place *place,
                        const struct node *sections); /* NULL: it was there, which is told */
void scopes_offer(const struct reader *r, struct nearest *nearest);
/* What is said of it is not judged: it had a mistake. Unread: nor are the names of its interfaces. */
void scope_spoil(struct reader *r, struct scope *scope);
void scope_break(struct reader *r, struct scope *scope);
/* Whether a namespace of that name, which is there or not, was not read. */
bool scope_is_unread(const struct reader *r, const char *ns);

/* addresses.c */
void read_addresses(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_gateway(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

/* routes.c */

/* `family` of a rule as files have it: the model's is one of two, and internal. */
extern const struct option rule_family_option;
void read_routes(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_rules(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

void route_settle(struct reader *r, struct object *route,
                  const struct entry *entry); /* what it does not say */

/* settings.c */
void read_sysctls(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_forwarding(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_ipv6(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_ipv6_privacy(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_accept_ra(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
void read_dns(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

/* services.c */
void read_dhcp(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

/* firewall.c */
void read_firewall(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);

/* endpoints.c */
void endpoints_join(struct reader *r);

/* networks.c, networks_firewall.c */
void networks_read(struct reader *r);
/* What they ask of the host, when all else was read: forwarding, and a part of its firewall. */
void networks_finish(struct reader *r);
/* firewall_publish.c: refuses a port that is published twice. */
void publish_finish(struct reader *r);
void networks_done(struct networks *networks);

/* expect.c */
void read_expect(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair);
