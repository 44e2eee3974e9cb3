#include "apply/networks.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "kernel/bound.h"
#include "model/firewall/firewall.h"

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

struct surroundings surroundings_with(const struct machine *machine, const struct endpoints *with)
{
    struct around *around = xrealloc(NULL, 1, sizeof *around);
    *around = (struct around){.machine = machine, .endpoints = with};
    return (struct surroundings){
        .kept = kept, .address = address, .endpoints = endpoints, .in_use = in_use, .userdata = around};
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

/* What is ours already, or lies on what is, goes or stays as the file says. */
static bool is_ours(const struct change *change, const struct object *object)
{
    struct text ref CLEANUP_TEXT = {0};
    const char *dev = object_dev(object);
    text_printf(&ref, "interface %s/%s", HOST, dev ? dev : "");
    return map_has(&change->before.recorded.by_id, object->id) ||
           map_has(&change->topology->model.by_id, object->id) ||
           (dev && map_has(&change->before.recorded.by_id, text_of(&ref)) && object->flags & OBJECT_KERNEL);
}

static bool hides_session(struct session *session, const struct network *network, const struct prefix *subnet)
{
    const char *connection = getenv("SSH_CONNECTION");
    char peer[IP_TEXT_SIZE] = "", buffer[PREFIX_TEXT_SIZE];
    struct ip ip;
    size_t length = connection ? strcspn(connection, " ") : 0;
    if (!length || length >= sizeof peer)
        return false;
    memcpy(peer, connection, length);
    if (ip_parse(peer, &ip) < 0 || !prefix_contains(subnet, &ip))
        return false;
    errors_add(&session->errors, &network->place,
               "network `%s`: %s has %s in it, from where you are logged in: you would be cut off",
               network->name, prefix_format(subnet, buffer), peer);
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
        for (unsigned family = 0; network->mode != NETWORK_BRIDGED && family < FAMILIES; family++) {
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

enum { LOOKED_AT_MAX = 256 }; /* each is looked for in tables of all sockets */

static void warn_bound(struct session *session, const struct fw_publish *publish)
{
    struct text who CLEANUP_TEXT = {0};
    unsigned port = port_bound(publish->protocol, &publish->at, publish->first, publish->last, &who);
    if (!port)
        return;
    struct error *error =
        errors_warn(&session->errors, &publish->place, "`%s`: port %u of the host is bound already, by %s",
                    publish->words, port, who.length ? text_of(&who) : "a program that cannot be seen");
    error_hint(&session->errors, error,
               "what comes to the port goes to the guest, and to that program no more");
}

void publish_warn(struct session *session, const struct change *change)
{
    const struct firewall *fw = change->topology ? change->topology->firewalls : NULL;
    unsigned n = 0;
    while (fw && strcmp(fw->ns, HOST) != 0)
        fw = fw->next;
    const struct fw_publish *publish = fw ? fw->published : NULL;
    for (; publish && n++ < LOOKED_AT_MAX; publish = publish->next)
        warn_bound(session, publish);
}
