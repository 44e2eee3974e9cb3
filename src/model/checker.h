/* What the parts of the semantic check share (check.c and check_*.c). */
#pragma once
#include "base/ip.h"
#include "base/names.h"
#include "model/check.h"

struct checker {
    const struct topology *topology;
    const struct model *model;
    const struct map *broken; /* ids that are not judged; or NULL */
    struct errors *errors;
    struct arena arena; /* of the check itself */
    unsigned n_guesses; /* searches for a name that was meant: each looks at all, so only some are made */
};

enum { CHECK_GUESSES_MAX = 100 };

static inline bool check_may_guess(struct checker *c)
{
    return c->n_guesses++ < CHECK_GUESSES_MAX;
}

static inline bool check_skips(const struct checker *c, const struct object *object)
{
    return c->broken && map_has(c->broken, object->id);
}

#define check_each(c, o)                                           \
    for (size_t o##_i = 0; o##_i < (c)->model->n_objects; o##_i++) \
        for (struct object *o = (c)->model->objects[o##_i]; o; o = NULL)

/* Interfaces that the check may judge. */
#define check_each_interface(c, o) check_each(c, o) if (o->class->id == CLASS_INTERFACE && !check_skips(c, o))

static inline bool is_bridge(const struct object *interface)
{
    return interface->kind->flags & KIND_VLAN_PORTS;
}

/* The interface that an option of another names; NULL: unset or missing. */
const struct object *check_reference(const struct checker *c, const struct object *object, const char *key);
/* Whether "ns/name" is in the model, or was meant to be and had a mistake that was told. */
bool check_known(struct checker *c, const char *reference);
/* "a bridge", "an ipvlan" */
const char *check_a_kind(struct checker *c, const struct object *interface);
/* Whether something said of the namespace itself, or for all of it, had a mistake that was told. */
bool check_skips_ns(struct checker *c, const char *ns);
/* Whether a namespace may hold interfaces that the model does not describe: the host, or one that is attached
 * to, or one that is not judged. */
bool check_exists(struct checker *c, const char *ns);
/* The bridge that an interface's frames reach: itself, its master, or the master of its peer; NULL: none.
 * *ret_port is the interface that is the port. */
const struct object *check_bridge(const struct checker *c, const struct object *interface,
                                  const struct object **ret_port);

void check_links(struct checker *c);
void check_loops(struct checker *c);
void check_ports(struct checker *c);
void check_addresses(struct checker *c);
void check_gateways(struct checker *c);
void check_networks(struct checker *c);
void check_firewalls(struct checker *c);
