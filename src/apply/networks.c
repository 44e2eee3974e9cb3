#include "apply/networks.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "apply/running.h"
#include "apply/ssh.h"
#include "kernel/bound.h"
#include "kernel/ipv6.h"
#include "model/firewall/firewall.h"
#include "model/way.h"

/* What lies on the host */

/* The network that an address or route of the host is about; false: none, or all there is. */
static bool network_of(const struct object *object, struct prefix *ret)
{
    bool leads =
        object->class->id == CLASS_ROUTE && object_number(object, "type", RTN_UNICAST) == RTN_UNICAST;
    const char *text = object->class->id == CLASS_ADDRESS ? object_text(object, "address")
                       : leads                            ? object_text(object, "to")
                                                          : NULL;
    return text && strcmp(object->ns, HOST) == 0 && prefix_parse(text, ret) == 0 && ret->length;
}

static bool is_default(const struct object *object)
{
    struct prefix to;
    const char *text = object->class->id == CLASS_ROUTE ? object_text(object, "to") : NULL;
    return text && strcmp(object->ns, HOST) == 0 && prefix_parse(text, &to) == 0 && !to.length;
}

static bool hangs_on(const struct object *object, const char *dev)
{
    const char *on = object_dev(object);
    return on && strcmp(on, dev) == 0;
}

/* Choosing */

struct around {
    const struct machine *machine;
    struct record record; /* of `topology` */
    struct endpoints own;
    const struct endpoints *endpoints; /* NULL: not looked at yet */
    struct model observed;
    const char *topology; /* NULL: not looked at yet */
    bool is_observed;
};

static void look_around(struct around *a)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct model nothing CLEANUP_MODEL = {0};
    struct door *door = NULL;
    if (a->is_observed)
        return;
    a->is_observed = true;
    if (a->machine->open_door(NULL, &door, &ignored) < 0)
        return;
    door->ops->observe(door, &nothing, LOOK_WANTED, &a->observed, &ignored);
    door->ops->free(door);
}

static const struct model *recorded_of(struct around *a, const char *topology)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    if (!a->topology && topology_name_is_valid(topology))
        record_load(a->machine, topology, &a->record, &ignored);
    a->topology = topology;
    return &a->record.recorded;
}

static struct prefix kept(void *userdata, const char *topology, const char *bridge)
{
    struct prefix subnet;
    model_each(recorded_of(userdata, topology), object)
    {
        if (object->class->id == CLASS_ADDRESS && hangs_on(object, bridge) && network_of(object, &subnet) &&
            subnet.ip.family == 4)
            return prefix_network(&subnet);
    }
    return (struct prefix){0};
}

static struct ip address(void *userdata, const char *topology, const char *ns, const char *interface,
                         const struct prefix *subnet)
{
    const struct model *recorded = recorded_of(userdata, topology);
    struct prefix has;
    for (const struct object *object = map_get(&recorded->namespaces, ns); object;
         object = object->next_in_ns)
        if (object->class->id == CLASS_ADDRESS && hangs_on(object, interface) &&
            prefix_parse(object_text(object, "address"), &has) == 0 && has.length == subnet->length &&
            prefix_contains(subnet, &has.ip))
            return has.ip;
    return (struct ip){0};
}

static const struct endpoint *endpoints(void *userdata, const char *topology)
{
    struct around *a = userdata;
    struct errors ignored CLEANUP_ERRORS = {0};
    if (!a->endpoints && topology_runs(a->machine, topology) == 0)
        endpoints_load(a->machine, topology, &a->own, &ignored);
    if (!a->endpoints)
        a->endpoints = &a->own;
    return a->endpoints->first;
}

static bool in_use(void *userdata, const struct prefix *subnet)
{
    struct around *a = userdata;
    struct prefix network;
    look_around(a);
    model_each(&a->observed, object)
    {
        if (network_of(object, &network) && prefix_overlaps(&network, subnet))
            return true;
    }
    return false;
}

static int64_t mtu_there(void *userdata, const char *interface)
{
    struct around *a = userdata;
    look_around(a);
    const struct object *object = model_interface(&a->observed, HOST, interface);
    return object ? object_number(object, "mtu", 0) : 0;
}

static bool lacks_ipv6(void *userdata)
{
    (void)userdata;
    return !kernel_has_ipv6();
}

struct surroundings surroundings_with(const struct machine *machine, const struct endpoints *with)
{
    struct around *around = xrealloc(NULL, 1, sizeof *around);
    *around = (struct around){.machine = machine, .endpoints = with};
    return (struct surroundings){.kept = kept,
                                 .address = address,
                                 .endpoints = endpoints,
                                 .in_use = in_use,
                                 .mtu = mtu_there,
                                 .lacks_ipv6 = lacks_ipv6,
                                 .userdata = around};
}

struct surroundings surroundings_of(const struct machine *machine)
{
    return surroundings_with(machine, NULL);
}

void surroundings_done(struct surroundings *there)
{
    struct around *around = there->userdata;
    record_done(&around->record);
    endpoints_done(&around->own);
    model_done(&around->observed);
    free(around);
    *there = (struct surroundings){0};
}

/* Fitting */

/* Desired, but not by the file: it moves, or did, from the uplink of a bridged network to the bridge. */
static bool is_moved(const struct change *change, const struct object *object)
{
    return map_has(&change->desired.by_id, object->id) &&
           !map_has(&change->topology->model.by_id, object->id);
}

/* What is ours already, or lies on what is, goes or stays as the file says. What the host has on a bridge in
 * the place of its uplink is the host's. */
static bool is_ours(const struct change *change, const struct object *object)
{
    struct text ref CLEANUP_TEXT = {0};
    const char *dev = object_dev(object);
    if (is_moved(change, object))
        return false;
    text_printf(&ref, "interface %s/%s", HOST, dev ? dev : "");
    return map_has(&change->before.recorded.by_id, object->id) ||
           map_has(&change->topology->model.by_id, object->id) ||
           (dev && map_has(&change->before.recorded.by_id, text_of(&ref)) && object->flags & OBJECT_KERNEL);
}

static bool hides_session(struct session *session, const struct network *network, const struct prefix *subnet)
{
    char peer[IP_TEXT_SIZE], buffer[PREFIX_TEXT_SIZE];
    struct ssh_session own;
    if (!ssh_session_find(&own) || !prefix_contains(subnet, &own.client))
        return false;
    errors_add(&session->errors, &network->place,
               "network `%s`: %s has %s in it, from where you are logged in: you would be cut off",
               network->name, prefix_format(subnet, buffer), ip_format(&own.client, peer));
    return true;
}

static bool hides_gateway(struct session *session, const struct change *change, const struct network *network,
                          const struct prefix *subnet)
{
    char buffer[PREFIX_TEXT_SIZE];
    struct ip via;
    model_each(&change->observed, object)
    {
        const char *text = is_default(object) ? object_text(object, "via") : NULL;
        if (!text || ip_parse(text, &via) < 0 || !prefix_contains(subnet, &via) ||
            hangs_on(object, network->bridge))
            continue;
        errors_add(&session->errors, &network->place,
                   "network `%s`: %s has the host's default gateway in it, %s on `%s`", network->name,
                   prefix_format(subnet, buffer), text, object_dev(object));
        return true;
    }
    return false;
}

static bool overlaps_observed(struct session *session, const struct change *change,
                              const struct network *network, const struct prefix *subnet)
{
    char mine[PREFIX_TEXT_SIZE], theirs[PREFIX_TEXT_SIZE];
    struct prefix other;
    model_each(&change->observed, object)
    {
        if (!network_of(object, &other) || !prefix_overlaps(&other, subnet) ||
            hangs_on(object, network->bridge) || is_ours(change, object))
            continue;
        other = prefix_network(&other);
        errors_add(&session->errors, &network->place, "network `%s`: %s is in use: the host has %s on `%s`",
                   network->name, prefix_format(subnet, mine), prefix_format(&other, theirs),
                   object_dev(object) ? object_dev(object) : "another way");
        return true;
    }
    return false;
}

int networks_fit(struct session *session, const struct change *change)
{
    size_t before = session->errors.n_errors;
    const struct network *network = change->topology ? change->topology->networks : NULL;
    for (; network; network = network->next)
        for (unsigned family = 0; !network_is_bridged(network) && family < FAMILIES; family++) {
            const struct prefix *subnet = &network->subnets[family];
            if (!network->gateways[family].family)
                continue; /* the host has no part in it */
            if (hides_session(session, network, subnet) || hides_gateway(session, change, network, subnet) ||
                overlaps_observed(session, change, network, subnet))
                error_hint(&session->errors, session->errors.last,
                           "say another `subnet`, or none: then one is chosen that is free");
        }
    return session->errors.n_errors > before ? -EINVAL : 0;
}

/* Published ports */

static void warn_bound(struct session *session, const struct sockets *sockets,
                       const struct fw_publish *publish)
{
    struct text who CLEANUP_TEXT = {0};
    const struct ip any = {.family = publish->to.family}, *at = publish->at.family ? &publish->at : &any;
    unsigned port = port_bound(sockets, publish->protocol, at, publish->first, publish->last, &who);
    if (!port)
        return;
    struct error *error =
        errors_warn(&session->errors, &publish->place, "`%s`: port %u of the host is bound already, by %s",
                    publish->words, port, who.length ? text_of(&who) : "a program that cannot be seen");
    error_hint(&session->errors, error,
               "what comes to the port goes to the guest, and to that program no more");
}

enum { LOOKED_AT_MAX = 256 }; /* each is looked for in all that is there */

/* An address of no interface, neither now nor then. */
static void warn_nobodys(struct session *session, const struct change *change,
                         const struct fw_publish *publish)
{
    char buffer[IP_TEXT_SIZE];
    if (!publish->at.family || way_is_local(&change->observed, HOST, &publish->at) ||
        way_is_local(&change->topology->model, HOST, &publish->at))
        return;
    struct error *error =
        errors_warn(&session->errors, &publish->place, "`%s`: no interface of the host has the address %s",
                    publish->words, ip_format(&publish->at, buffer));
    error_hint(&session->errors, error,
               "leave it away to publish at every address; or it is routed here, and comes later");
}

static bool overlap(const struct fw_publish *a, const struct fw_publish *b)
{
    bool same_at = !a->at.family || !b->at.family || ip_equal(&a->at, &b->at);
    return same_at && a->to.family == b->to.family && a->protocol == b->protocol && a->first <= b->last &&
           b->first <= a->last;
}

/* Which of two topologies gets a packet for the port of both, the order in which they were made decides. */
static void warn_twice(struct session *session, const struct running *other, const struct fw_publish *publish)
{
    const struct fw_publish *theirs = topology_published(&other->topology);
    while (theirs && !overlap(theirs, publish))
        theirs = theirs->next;
    if (!theirs)
        return;
    struct error *error =
        errors_warn(&session->errors, &publish->place, "`%s`: the topology `%s` publishes that port too",
                    publish->words, other->record.name);
    error_hint(&session->errors, error,
               "one of them gets what comes: publish another port, or at another address");
}

static void warn_of_others(struct session *session, const struct change *change,
                           const struct fw_publish *published)
{
    struct running_list all CLEANUP_RUNNING = {0};
    running_load(session->machine, &all);
    for (size_t i = 0; i < all.n; i++) {
        bool is_other = strcmp(all.list[i].record.name, change->name) != 0;
        const struct fw_publish *publish = is_other ? published : NULL;
        for (unsigned n = 0; publish && n < LOOKED_AT_MAX; n++, publish = publish->next)
            warn_twice(session, &all.list[i], publish);
    }
}

void publish_warn(struct session *session, const struct change *change)
{
    const struct fw_publish *published = change->topology ? topology_published(change->topology) : NULL;
    unsigned n = 0;
    if (!published)
        return;
    struct sockets sockets CLEANUP_SOCKETS = {0};
    sockets_read(&sockets);
    for (const struct fw_publish *publish = published; publish; publish = publish->next) {
        warn_bound(session, &sockets, publish);
        if (publish->at.family && n++ < LOOKED_AT_MAX)
            warn_nobodys(session, change, publish);
    }
    warn_of_others(session, change, published);
}

/* Ports of bridges */

static bool is_deleted(const struct plan *plan, const struct object *object)
{
    for (size_t i = 0; i < plan->n_lost; i++)
        if (plan->lost[i] == object)
            return true;
    return false;
}

/* An address on a port is of little use: what comes in is the bridge's. */
void ports_warn(struct session *session, const struct change *change)
{
    if (!change->topology)
        return;
    model_each(&change->observed, address)
    {
        const char *text = address->class->id == CLASS_ADDRESS ? object_text(address, "address") : NULL;
        const struct object *port =
            text ? model_interface(&change->topology->model, address->ns, object_dev(address)) : NULL;
        const struct object *bridge =
            port ? model_interface_of(&change->topology->model, port, "master") : NULL;
        if (!bridge || strcmp(bridge->kind->name, "bridge") != 0 || address->flags & OBJECT_KERNEL ||
            ip_text_is_link_local(text) || is_deleted(&change->plan, address))
            continue;
        struct error *error = errors_warn(&session->errors, &port->place,
                                          "`%s` has the address %s, and is to be a port of bridge `%s`",
                                          port->name, text, bridge->name);
        error_hint(&session->errors, error,
                   "it belongs onto the bridge: `%s: {addresses: [%s]}`, and: ip address del %s dev %s",
                   bridge->name, text, text, port->name);
    }
}
