/* Links: that what `master`, `peer` and `parent` name exists and fits, and that nothing lies on itself. */
#include <stdlib.h>
#include <string.h>

#include "model/checker.h"
#include "model/kinds.h"
#include "model/reference.h"

static bool same_ns(const struct object *a, const struct object *b)
{
    return strcmp(a->ns, b->ns) == 0;
}

/* References */

static void refuse_missing(struct checker *c, const struct object *object, const char *key,
                           const char *reference)
{
    struct error *error = errors_add(c->errors, &object->place, "`%s` of `%s`: there is no interface `%s`",
                                     key, object->name, reference);
    struct nearest nearest = {.word = reference_name(reference)};
    if (!check_may_guess(c))
        return;
    check_each(c, other)
    {
        if (other->class->id == CLASS_INTERFACE && other != object && reference_in(reference, other->ns))
            nearest_offer(&nearest, other->name);
    }
    if (nearest.best)
        error_hint(c->errors, error, "did you mean `%.*s%s`?", (int)(nearest.word - reference), reference,
                   nearest.best);
}

static bool reference_missing(struct checker *c, const struct object *object, const char *key)
{
    const char *reference = object_text(object, key);
    if (!reference || !*reference || check_known(c, reference))
        return false;
    refuse_missing(c, object, key, reference);
    return true;
}

/* Masters */

/* The kind of the same family that carries Ethernet: tap for tun, gretap for gre. */
static const char *layer2_sibling(struct checker *c, const struct kind *kind)
{
    if (kind->maker == MAKER_TUN)
        return "tap";
    const char *name = arena_printf(&c->arena, "%stap", kind->name);
    return kind_by_name(name) ? name : NULL;
}

static void check_layers(struct checker *c, const struct object *port, const struct object *bridge)
{
    if (!(port->kind->flags & KIND_LAYER3))
        return;
    struct error *error = errors_add(
        c->errors, &port->place,
        "`%s` cannot be a port of bridge `%s`: a bridge switches Ethernet frames (layer 2), and %s carries "
        "IP packets (layer 3)",
        port->name, bridge->name, check_a_kind(c, port));
    const char *sibling = layer2_sibling(c, port->kind);
    if (sibling)
        error_hint(c->errors, error, "%s %s is layer 2, and can be a port", text_article(sibling), sibling);
    else
        error_hint(c->errors, error, "give it an address, and route");
}

static void check_master(struct checker *c, const struct object *port)
{
    const struct object *master = check_reference(c, port, "master");
    if (!master || check_skips(c, master))
        return;
    if (!(master->kind->flags & KIND_PORTS)) {
        struct error *error =
            errors_add(c->errors, &port->place, "`%s` cannot be plugged into `%s`: %s has no ports",
                       port->name, object_text(port, "master"), check_a_kind(c, master));
        error_hint(c->errors, error, "%s have", kinds_with_ports(&c->arena));
    } else if (!same_ns(port, master)) {
        struct error *error =
            errors_add(c->errors, &port->place, "`%s` is in `%s`, and cannot be plugged into `%s` in `%s`",
                       port->name, port->ns, master->name, master->ns);
        error_hint(c->errors, error,
                   "both must be in one namespace; a veth connects two: what has no `type` is one");
    } else if (master->kind == port->kind && master != port) {
        struct error *error =
            errors_add(c->errors, &port->place, "`%s` cannot be a port of `%s`: both are %ss", port->name,
                       master->name, port->kind->name);
        error_hint(c->errors, error,
                   is_bridge(port) ? "connect two bridges by a veth: `type: veth`, `peer`, `bridge`"
                                   : "use the ports of one for the other");
    } else if (is_bridge(master)) {
        check_layers(c, port, master);
    }
}

/* Peers */

static void check_peer(struct checker *c, const struct object *interface)
{
    const struct object *peer = check_reference(c, interface, "peer");
    bool is_pair = interface->kind->flags & KIND_PAIR;
    if (is_pair && !object_has(interface, "peer")) {
        struct error *error = errors_add(c->errors, &interface->place, "%s `%s` needs a `peer`",
                                         interface->kind->name, interface->name);
        error_hint(c->errors, error,
                   "its other end: `peer: namespace/interface`; or a `bridge` in another namespace");
    }
    if (!peer || check_skips(c, peer))
        return;
    const struct object *back = check_reference(c, peer, "peer");
    if (!is_pair)
        errors_add(c->errors, &interface->place, "`peer` is the other end of a veth, and `%s` is %s",
                   interface->name, check_a_kind(c, interface));
    else if (peer == interface)
        errors_add(c->errors, &interface->place, "both ends of veth `%s` are the same", interface->name);
    else if (peer->kind != interface->kind)
        errors_add(c->errors, &interface->place, "the peer of `%s` is `%s`, which is %s", interface->name,
                   object_text(interface, "peer"), check_a_kind(c, peer));
    else if (back != interface)
        errors_add(c->errors, &interface->place, "the peer of `%s` is `%s`, whose peer is another",
                   interface->name, object_text(interface, "peer"));
}

/* Parents */

static void check_parent(struct checker *c, const struct object *interface)
{
    const struct kind *kind = interface->kind;
    bool has = object_has(interface, "parent");
    bool lies_on_nothing = kind->maker != MAKER_LINK || kind == &kind_dummy ||
                           kind->flags & (KIND_PORTS | KIND_PAIR | KIND_SETS_LATER);
    if (kind->flags & KIND_PARENT && !has) {
        struct error *error =
            errors_add(c->errors, &interface->place, "%s `%s` needs a `parent`", kind->name, interface->name);
        error_hint(c->errors, error, "the interface that it lies on: `parent: eth0`");
    } else if (has && lies_on_nothing) {
        struct error *error =
            errors_add(c->errors, &interface->place, "`%s` has a `parent`, and %s lies on no other interface",
                       interface->name, check_a_kind(c, interface));
        error_hint(c->errors, error, "leave `parent` away; macvlan, ipvlan and vlan lie on one");
    }
}

/* What exists */

static void check_maker(struct checker *c, const struct object *interface)
{
    bool is_lo = strcmp(interface->name, "lo") == 0;
    if (interface->kind->maker != MAKER_EXISTING || is_lo || interface->kind == &kind_loopback) {
        if (is_lo != (interface->kind == &kind_loopback))
            errors_add(c->errors, &interface->place,
                       "`%s` cannot be %s: `lo` is the one loopback of a namespace", interface->name,
                       check_a_kind(c, interface));
        return;
    }
    if (check_exists(c, interface->ns))
        return;
    struct error *error =
        errors_add(c->errors, &interface->place, "there is no `%s` in namespace `%s`, which is made new",
                   interface->name, interface->ns);
    error_hint(c->errors, error, "hardware is in the host; bring it in by a bridge, or by a macvlan on it");
}

void check_links(struct checker *c)
{
    static const char *const keys[] = {"master", "peer", "parent"};
    check_each_interface(c, interface)
    {
        for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
            reference_missing(c, interface, keys[i]);
        check_master(c, interface);
        check_peer(c, interface);
        check_parent(c, interface);
        check_maker(c, interface);
    }
}

/* Loops. A port lies below its master, and a parent below what lies on it; nobody may be below itself. The
 * walk goes from each interface up: to its master, and to what has it as parent. These can be many, so the
 * edges are listed first. */

enum color { WHITE, GREY, BLACK };

struct vertex {
    const struct object *object;
    enum color color;
    size_t first, n; /* edges up */
    size_t next;     /* the next edge to walk */
    struct vertex *came_from;
};

struct graph {
    struct vertex *vertices;
    size_t n, n_edges;
    struct vertex **edges;
    struct map by_object; /* id -> vertex */
};

/* Goes over all edges, each from what lies below to what lies above: counts them, or lists them once it is
 * known where those of each vertex begin. */
static void graph_edges(const struct checker *c, struct graph *g, bool count_only)
{
    for (size_t i = 0; i < g->n; i++) {
        struct vertex *v = &g->vertices[i];
        const struct object *ends[2][2] = {{v->object, check_reference(c, v->object, "master")},
                                           {check_reference(c, v->object, "parent"), v->object}};
        for (unsigned k = 0; k < 2; k++) {
            struct vertex *low = ends[k][0] ? map_get(&g->by_object, ends[k][0]->id) : NULL;
            struct vertex *high = ends[k][1] ? map_get(&g->by_object, ends[k][1]->id) : NULL;
            if (!low || !high)
                continue;
            if (count_only)
                g->n_edges++;
            else
                g->edges[low->first + low->next++] = high;
            low->n += count_only;
        }
    }
}

static void graph_init(struct checker *c, struct graph *g)
{
    g->vertices = xrealloc(NULL, c->model->n_objects + 1, sizeof *g->vertices);
    check_each_interface(c, object)
    {
        g->vertices[g->n] = (struct vertex){.object = object};
        map_set(&g->by_object, object->id, &g->vertices[g->n++]);
    }
    graph_edges(c, g, true);
    g->edges = xrealloc(NULL, g->n_edges + 1, sizeof(struct vertex *));
    size_t first = 0;
    for (size_t i = 0; i < g->n; i++) {
        g->vertices[i].first = first;
        first += g->vertices[i].n;
    }
    graph_edges(c, g, false);
    for (size_t i = 0; i < g->n; i++)
        g->vertices[i].next = 0;
}

static void refuse_loop(struct checker *c, const struct vertex *last, const struct vertex *first)
{
    struct text way CLEANUP_TEXT = {0};
    CLEANUP_TEXT struct text rest = {0};
    for (const struct vertex *v = last;; v = v->came_from) {
        text_clear(&rest);
        text_printf(&rest, "%s%s%s", v->object->name, way.length ? " -> " : "", text_of(&way));
        text_clear(&way);
        text_add(&way, text_of(&rest));
        if (v == first)
            break;
    }
    struct error *error =
        errors_add(c->errors, &first->object->place, "`%s` lies on itself", first->object->name);
    error_hint(c->errors, error, "each lies on the one before it, by parent or as its bridge: %s -> %s",
               text_of(&way), first->object->name);
}

static void walk(struct checker *c, struct graph *g, struct vertex *start)
{
    struct vertex *at = start;
    at->color = GREY;
    while (at) {
        if (at->next == at->n) {
            at->color = BLACK;
            at = at->came_from;
            continue;
        }
        struct vertex *up = g->edges[at->first + at->next++];
        if (up->color == GREY) {
            refuse_loop(c, at, up);
        } else if (up->color == WHITE) {
            up->color = GREY;
            up->came_from = at;
            at = up;
        }
    }
}

void check_loops(struct checker *c)
{
    struct graph g = {0};
    graph_init(c, &g);
    for (size_t i = 0; i < g.n; i++)
        if (g.vertices[i].color == WHITE)
            walk(c, &g, &g.vertices[i]);
    map_done(&g.by_object);
    free(g.edges);
    free(g.vertices);
}
