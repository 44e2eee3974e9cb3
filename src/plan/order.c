/* The order of steps, from what depends on what.
 *
 * Deletions come first: nothing that is deleted by a step of its own is needed by what remains (what would
 * have died with it has no step), so among them the class decides: rules before routes before addresses
 * before interfaces before namespaces. (What moves from a card to its bridge is deleted when it is there:
 * removed.c.) Then comes what is added and set, each after what it needs. Between
 * steps that do not need each other the order of the file decides, so that a plan reads as the file does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/former.h"
#include "model/service.h"
#include "model/uses.h"
#include "plan/internal.h"

struct edge {
    struct node *to;
    struct edge *next;
};

/* A step in the graph; or, without a step, a milestone that many wait for. */
struct node {
    const struct step *step;
    struct edge *edges; /* who waits for it */
    unsigned n_waits;   /* for how many it waits */
    uint64_t sequence;  /* the place it would have if it depended on nothing */
};

/* The milestones of one namespace. */
struct scope {
    struct node *joined; /* cards that hand over are ports, of bridges that are up and have their addresses */
    struct node *near;   /* routes without a gateway lead over those bridges */
    struct node *moved;  /* the others too: what lies on the cards may go */
    struct node *settled;   /* its own settings are made, which interfaces inherit, and its firewall stands */
    struct node *addressed; /* addresses are there, interfaces are raised */
    struct node *connected; /* routes without a gateway are there: gateways can be reached */
    struct node *routed;    /* all routes are there */
};

struct graph {
    struct planner *planner;
    struct arena *arena;
    struct map scopes; /* namespace -> struct scope */
    struct node **nodes;
    size_t n_nodes, capacity;
    struct node *deleted; /* the milestone between deletions and the rest */
    struct node *served;  /* all services run that others may ask */
};

static struct node *node_new(struct graph *graph, const struct step *step, uint64_t sequence)
{
    struct node *node = arena_alloc(graph->arena, sizeof *node);
    node->step = step;
    node->sequence = sequence;
    if (graph->n_nodes == graph->capacity) {
        graph->capacity = graph->capacity ? graph->capacity * 2 : 64;
        graph->nodes = xrealloc(graph->nodes, graph->capacity, sizeof(struct node *));
    }
    graph->nodes[graph->n_nodes++] = node;
    return node;
}

static void wait_for(struct graph *graph, struct node *node, struct node *before)
{
    if (!node || !before || node == before)
        return;
    struct edge *edge = arena_alloc(graph->arena, sizeof *edge);
    *edge = (struct edge){.to = node, .next = before->edges};
    before->edges = edge;
    node->n_waits++;
}

/* Its deletions stand with its additions, and neither wait for what else is deleted. */
static bool stands_together(const struct object *object)
{
    return object->class->flags & CLASS_TOGETHER;
}

static struct scope *scope_of(struct graph *graph, const char *ns)
{
    struct scope *scope = map_get(&graph->scopes, ns);
    if (scope)
        return scope;
    scope = arena_alloc(graph->arena, sizeof *scope);
    scope->joined = node_new(graph, NULL, 0);
    scope->near = node_new(graph, NULL, 0);
    scope->moved = node_new(graph, NULL, 0);
    scope->settled = node_new(graph, NULL, 0);
    scope->addressed = node_new(graph, NULL, 0);
    scope->connected = node_new(graph, NULL, 0);
    scope->routed = node_new(graph, NULL, 0);
    wait_for(graph, scope->near, scope->joined);
    wait_for(graph, scope->moved, scope->near);
    wait_for(graph, scope->connected, scope->addressed);
    wait_for(graph, scope->routed, scope->connected);
    map_set(&graph->scopes, ns, scope);
    return scope;
}

/* The node after which the object exists; after which all of it is said but `up`; after which it is up. NULL:
 * it is so already. */
static struct node *made(const struct item *item)
{
    return item->is_far ? item->pair->nodes[PART_MAKE] : item->nodes[PART_MAKE];
}

static struct node *finished(const struct item *item)
{
    return item->nodes[PART_SET] ? item->nodes[PART_SET] : made(item);
}

static struct node *raised(const struct item *item)
{
    return item->nodes[PART_RAISE] ? item->nodes[PART_RAISE] : finished(item);
}

/* First and last step of an item that is added or set. */
static struct node *first_of(const struct item *item)
{
    return item->is_far && item->nodes[PART_SET] ? item->nodes[PART_SET]
           : item->nodes[PART_MAKE]              ? item->nodes[PART_MAKE]
                                                 : item->nodes[PART_RAISE];
}

static void wait_for_namespace(struct graph *graph, struct node *node, const char *ns)
{
    const struct item *namespace = item_of_namespace(graph->planner, ns);
    if (namespace)
        wait_for(graph, node, made(namespace));
}

/* A vlan goes down and up with its parent, so what is done on it waits for that, even where it has no step of
 * its own. */
static void wait_for_parents(struct graph *graph, struct node *node, const struct item *item)
{
    while (item && item->want && (item = item_named_by(graph->planner, item->want, "parent")))
        if (item->want)
            wait_for(graph, node, raised(item));
}

/* What lies on an interface may have its MTU only when that has it: of its own, or of the bond that it is in.
 */
static void wait_for_mtu(struct graph *graph, struct node *node, const struct object *child,
                         const struct item *parent)
{
    const struct object *base = parent && parent->want
                                    ? parent->want
                                    : model_interface_of(graph->planner->request->observed, child, "parent");
    const struct item *master = base ? item_named_by(graph->planner, base, "master") : NULL;
    wait_for(graph, node, parent ? finished(parent) : NULL);
    wait_for(graph, node, master ? finished(master) : NULL);
}

/* Whether what lies on the item, or has it as a port, is a port of the bridge. */
static bool is_below(const struct graph *graph, const struct item *item, const struct item *bridge,
                     bool itself)
{
    const struct item *master = itself ? NULL : item_named_by(graph->planner, item->want, "master");
    if (master && master->want && (master == bridge || is_below(graph, master, bridge, false)))
        return true;
    for (const struct item *child = graph->planner->items; child; child = child->next)
        if (child->want && child->want->class->id == CLASS_INTERFACE &&
            item_named_by(graph->planner, child->want, "parent") == item &&
            is_below(graph, child, bridge, false))
            return true;
    return false;
}

/* A card that hands over joins last, and the bridge takes over at once. */
static void depend_card(struct graph *graph, const struct item *card)
{
    const struct item *bridge = card->want ? item_named_by(graph->planner, card->want, "master") : NULL;
    if (!bridge)
        return;
    struct node *ready = node_new(graph, NULL, 0), *joined = scope_of(graph, card->want->ns)->joined;
    bool last = !is_below(graph, card, bridge, true);
    for (const struct item *item = graph->planner->items; item; item = item->next)
        if (item->want && item->want->class->id == CLASS_ADDRESS &&
            item_named_by(graph->planner, item->want, "dev") == bridge)
            wait_for(graph, ready, item->nodes[PART_MAKE]);
    wait_for(graph, ready, raised(bridge));
    wait_for(graph, joined, ready);
    wait_for(graph, joined, raised(card));
    if (last)
        wait_for(graph, first_of(card), ready);
    else
        wait_for(graph, bridge->nodes[PART_RAISE], raised(card));
}

static void depend_interface(struct graph *graph, const struct item *item)
{
    struct scope *scope = scope_of(graph, item->want->ns);
    const struct item *master = item_named_by(graph->planner, item->want, "master");
    const struct item *parent = item_named_by(graph->planner, item->want, "parent");
    struct node *first = first_of(item);

    wait_for(graph, item->nodes[PART_SET], made(item));
    wait_for(graph, item->nodes[PART_RAISE], finished(item));
    wait_for(graph, first, scope->settled);
    wait_for_mtu(graph, first, item->want, parent);
    wait_for(graph, scope->addressed, raised(item));
    if (item->pair && !item->is_far)
        wait_for_namespace(graph, first, item->pair->want->ns);
    if (master) {
        wait_for(graph, finished(item), made(master));
        if (!item->hands_over)
            wait_for(graph, master->nodes[PART_RAISE], raised(item));
    }
    if (parent)
        wait_for(graph, raised(item), raised(parent));
}

static void depend_route(struct graph *graph, const struct item *item)
{
    struct scope *scope = scope_of(graph, item->want->ns);
    struct node *node = item->nodes[PART_MAKE];
    bool gateway = object_word(item->want, "via") || object_word(item->want, "nexthops");
    if (item_moves(item)) {
        wait_for(graph, node, gateway ? scope->near : scope->joined);
        wait_for(graph, gateway ? scope->moved : scope->near, node);
    } else {
        wait_for(graph, node, gateway ? scope->connected : scope->addressed);
    }
    wait_for(graph, gateway ? scope->routed : scope->connected, node);
}

static void depend_sysctl(struct graph *graph, const struct item *item)
{
    const struct item *dev = item_named_by(graph->planner, item->want, "dev");
    struct node *node = item->nodes[PART_MAKE];
    const struct item *leader = leader_of(graph->planner, item->want);
    if (leader)
        wait_for(graph, node, leader->nodes[PART_MAKE]);
    if (!dev) {
        wait_for(graph, scope_of(graph, item->want->ns)->settled, node);
        return;
    }
    wait_for(graph, node, finished(dev));
    wait_for(graph, dev->nodes[PART_RAISE], node);
}

static void depend_on_dev(struct graph *graph, const struct item *item, bool up)
{
    const struct item *dev = item_named_by(graph->planner, item->want, "dev");
    if (!dev)
        return;
    /* One that is taken down at last (lower_follower) would lose it again. */
    bool is_lowered = dev->want && !object_number(dev->want, "up", 1);
    wait_for(graph, item->nodes[PART_MAKE], up || is_lowered ? raised(dev) : finished(dev));
    wait_for_parents(graph, item->nodes[PART_MAKE], dev);
    if (dev->hands_over &&
        item->want->class->id != CLASS_ADDRESS) /* it goes with the last address, and returns */
        wait_for(graph, item->nodes[PART_MAKE], scope_of(graph, item->want->ns)->addressed);
}

static void depend_address(struct graph *graph, const struct item *item)
{
    wait_for(graph, scope_of(graph, item->want->ns)->addressed, item->nodes[PART_MAKE]);
}

/* What it names, or shall name. */
static struct item *used_by(const struct graph *graph, const struct object *user, const char **at)
{
    struct text id CLEANUP_TEXT = {0};
    struct use use;
    while (use_next(user, at, &use)) {
        struct item *used = item_of(graph->planner, use_id(user, &use, &id));
        if (used)
            return used;
    }
    return NULL;
}

static const struct item *table_of(const struct graph *graph, const struct object *object)
{
    struct text id CLEANUP_TEXT = {0};
    return item_of(graph->planner, table_id(object, &id));
}

/* After its table and what it names; interfaces come after the firewall, so that none is ever open. */
static void depend_in_table(struct graph *graph, const struct item *item)
{
    const struct item *table = table_of(graph, item->want), *used;
    const char *at = uses_text(item->want);
    if (table)
        wait_for(graph, item->nodes[PART_MAKE], made(table));
    while (at && (used = used_by(graph, item->want, &at)))
        wait_for(graph, item->nodes[PART_MAKE], made(used));
    wait_for(graph, scope_of(graph, item->want->ns)->settled, item->nodes[PART_MAKE]);
}

/* What was named goes after what named it. */
static void depend_users(struct graph *graph, const struct item *item)
{
    const char *at = uses_text(item->steps[PART_DEL]->old);
    const struct item *used;
    while (at && (used = used_by(graph, item->steps[PART_DEL]->old, &at)))
        wait_for(graph, used->nodes[PART_DEL], item->nodes[PART_DEL]);
}

/* On an interface that is up, in a namespace that is whole; who asks comes after all that may answer. */
static void depend_service(struct graph *graph, const struct item *item)
{
    const struct item *interface = item_named_by(graph->planner, item->want, "interface");
    struct node *node = item->nodes[PART_MAKE];
    wait_for(graph, node, scope_of(graph, item->want->ns)->routed);
    wait_for(graph, node, interface && interface->want ? raised(interface) : NULL);
    if (service_is_client(item->want))
        wait_for(graph, node, graph->served);
    else
        wait_for(graph, graph->served, node);
}

/* What the flags of a class do not say. */
static void (*const depend_class[CLASS_MAX])(struct graph *graph, const struct item *item) = {
    [CLASS_INTERFACE] = depend_interface, [CLASS_ADDRESS] = depend_address, [CLASS_ROUTE] = depend_route,
    [CLASS_SYSCTL] = depend_sysctl,       [CLASS_SET] = depend_in_table,    [CLASS_CHAIN] = depend_in_table,
    [CLASS_SERVICE] = depend_service,
};

/* What is in a namespace that is attached now can be deleted once that has its name. */
static bool is_attached_first(const struct item *item)
{
    return item->want && item->want->class->id == CLASS_NAMESPACE && object_is_attached(item->want) &&
           !item->have;
}

/* The deletion of the name of an attached namespace that lives on; NULL where it stays, or is attached
 * anew. */
static struct node *leaving(const struct graph *graph, const char *ns)
{
    const struct item *namespace = item_of_namespace(graph->planner, ns);
    return namespace && !made(namespace) && planner_leaves_namespace(graph->planner, ns)
               ? namespace->nodes[PART_DEL]
               : NULL;
}

static void depend_deletion(struct graph *graph, const struct item *item)
{
    const struct item *namespace = item_of_namespace(graph->planner, item->have->ns);
    if (namespace && is_attached_first(namespace))
        wait_for(graph, item->nodes[PART_DEL], made(namespace));
    if (item->is_removed) {
        wait_for(graph, item->nodes[PART_DEL], scope_of(graph, item->have->ns)->moved);
        wait_for(graph, scope_of(graph, item->have->ns)->addressed, item->nodes[PART_DEL]);
    }
    if (stands_together(item->have)) {
        wait_for(graph, leaving(graph, item->have->ns), item->nodes[PART_DEL]);
        depend_users(graph, item);
    }
}

/* The one that bears the name until then leaves first. */
static void wait_for_name(struct graph *graph, const struct item *item)
{
    const struct item *other =
        item_of_namespace(graph->planner, former_other(graph->arena, item->want->name));
    wait_for(graph, item->nodes[PART_MAKE], other ? other->nodes[PART_DEL] : NULL);
}

/* What is set back or given back in a namespace whose name goes is so while it can be reached. */
static void depend_on_deletions(struct graph *graph, const struct item *item)
{
    struct node *leave = leaving(graph, item->want->ns);
    bool alone = leave || stands_together(item->want);
    if (is_attached_first(item)) {
        wait_for_name(graph, item);
        return;
    }
    for (enum part part = PART_MAKE; part < PART_MAX; part++) {
        wait_for(graph, item->nodes[part], alone ? item->nodes[PART_DEL] : graph->deleted);
        wait_for(graph, item->nodes[part] ? leave : NULL, item->nodes[part]);
    }
}

static void depend(struct graph *graph, const struct item *item)
{
    const struct class *class = item->want->class;
    depend_on_deletions(graph, item);
    wait_for_namespace(graph, first_of(item), item->want->ns);
    if (class->flags & (CLASS_AFTER_DEV | CLASS_AFTER_RAISED))
        depend_on_dev(graph, item, class->flags & CLASS_AFTER_RAISED);
    if (class->flags & CLASS_AFTER_ROUTES)
        wait_for(graph, item->nodes[PART_MAKE], scope_of(graph, item->want->ns)->routed);
    if (depend_class[class->id])
        depend_class[class->id](graph, item);
}

/* Among deletions: by class, those of the host first, then in the order of the file. */
static uint64_t deletion_rank(const struct object *object)
{
    return object->class->deletion * 2 + (strcmp(object->ns, HOST) != 0);
}

enum { SEQUENCE_SHIFT = 40, ADDED_RANK = 1000, LAST_RANK, SERVICE_RANK };

/* On a running bridge the IPv6 multicast of each new end of a cable floods all earlier ones, N squared
 * packets in all: so it is raised when nothing else is left to do, save what waits for it. */
static uint64_t rank_of(const struct item *item, enum part part)
{
    if (part == PART_DEL && !stands_together(item->have))
        return deletion_rank(item->have);
    bool last = part == PART_RAISE && item->want->kind->flags & KIND_RAISE_LAST;
    if (part != PART_DEL && item->want->class->id == CLASS_SERVICE)
        return SERVICE_RANK;
    return last ? LAST_RANK : ADDED_RANK;
}

static void add_nodes(struct graph *graph)
{
    uint64_t sequence = 0;
    graph->deleted = node_new(graph, NULL, (uint64_t)ADDED_RANK << SEQUENCE_SHIFT);
    graph->served = node_new(graph, NULL, (uint64_t)ADDED_RANK << SEQUENCE_SHIFT);
    for (struct item *item = graph->planner->items; item; item = item->next) {
        for (enum part part = PART_DEL; part < PART_MAX; part++) {
            if (!item->steps[part])
                continue;
            uint64_t place = ++sequence;
            if (part == PART_DEL &&
                item->have->class->id == CLASS_ADDRESS) /* or a later one is gone with it */
                place = ((uint64_t)1 << SEQUENCE_SHIFT) - place;
            item->nodes[part] =
                node_new(graph, item->steps[part], (rank_of(item, part) << SEQUENCE_SHIFT) + place);
        }
        if (item->nodes[PART_DEL] && !stands_together(item->have) && !item->is_removed)
            wait_for(graph, graph->deleted, item->nodes[PART_DEL]);
    }
}

/* A binary heap of nodes, the lowest sequence on top. */
struct heap {
    struct node **nodes;
    size_t n;
};

static void heap_push(struct heap *heap, struct node *node)
{
    size_t i = heap->n++;
    for (; i && heap->nodes[(i - 1) / 2]->sequence > node->sequence; i = (i - 1) / 2)
        heap->nodes[i] = heap->nodes[(i - 1) / 2];
    heap->nodes[i] = node;
}

static struct node *heap_pop(struct heap *heap)
{
    struct node *top = heap->nodes[0], *last = heap->nodes[--heap->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < heap->n; i = child) {
        if (child + 1 < heap->n && heap->nodes[child + 1]->sequence < heap->nodes[child]->sequence)
            child++;
        if (last->sequence <= heap->nodes[child]->sequence)
            break;
        heap->nodes[i] = heap->nodes[child];
    }
    heap->nodes[i] = last;
    return top;
}

static int sort(struct graph *graph)
{
    struct plan *plan = graph->planner->plan;
    struct heap ready = {.nodes = xrealloc(NULL, graph->n_nodes, sizeof(struct node *))};
    size_t n_sorted = 0;

    plan->steps = xrealloc(NULL, graph->n_nodes, sizeof(struct step *));
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (!graph->nodes[i]->n_waits)
            heap_push(&ready, graph->nodes[i]);
    while (ready.n) {
        struct node *node = heap_pop(&ready);
        n_sorted++;
        if (node->step)
            plan->steps[plan->n_steps++] = node->step;
        for (struct edge *edge = node->edges; edge; edge = edge->next)
            if (--edge->to->n_waits == 0)
                heap_push(&ready, edge->to);
    }
    free(ready.nodes);
    if (n_sorted == graph->n_nodes)
        return 0;
    struct error *error =
        errors_add(graph->planner->errors, NULL,
                   "the steps of this change wait for each other in a circle; this is a bug");
    error_hint(graph->planner->errors, error, "nothing was changed; please report it, with the file");
    return -ELOOP;
}

int order_steps(struct planner *planner)
{
    struct graph graph = {.planner = planner, .arena = &planner->plan->arena};
    add_nodes(&graph);
    for (struct item *item = planner->items; item; item = item->next)
        if (item->want && (item->nodes[PART_MAKE] || item->nodes[PART_SET] || item->nodes[PART_RAISE]))
            depend(&graph, item);
    for (struct item *item = planner->items; item; item = item->next) {
        if (item->hands_over)
            depend_card(&graph, item);
        if (item->nodes[PART_DEL])
            depend_deletion(&graph, item);
    }
    for (struct item *item = planner->items; item; item = item->next)
        if (item->want && item->want->class->id == CLASS_INTERFACE && object_text(item->want, "parent"))
            wait_for_parents(&graph, scope_of(&graph, item->want->ns)->addressed, item);
    int r = sort(&graph);
    map_done(&graph.scopes);
    free(graph.nodes);
    return r;
}
