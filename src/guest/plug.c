#include "guest/plug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/networks.h"
#include "file/read.h"
#include "model/network.h"
#include "model/reference.h"

/* What runs */

struct running {
    struct topology *list;
    size_t n;
};

static void running_done(struct running *running)
{
    for (size_t i = 0; i < running->n; i++)
        topology_done(&running->list[i]);
    free(running->list);
}
#define CLEANUP_RUNNING __attribute__((cleanup(running_done)))

/* Files as they were applied; what cannot be read has no networks. */
static void running_read(const struct machine *machine, struct running *running)
{
    char **names = present_names(machine);
    for (char **name = names; *name; name++) {
        struct record record CLEANUP_RECORD = {0};
        struct errors ignored CLEANUP_ERRORS = {0};
        struct topology topology = {0};
        if (record_load(machine, *name, &record, &ignored) != RESULT_DONE || !record.source)
            continue;
        struct surroundings there = surroundings_of(machine);
        int r =
            file_read_text_there(&there, *name, record.source, strlen(record.source), &topology, &ignored);
        surroundings_done(&there);
        if (r < 0)
            continue;
        running->list = xrealloc(running->list, running->n + 1, sizeof *running->list);
        running->list[running->n++] = topology;
    }
    names_free(names);
}

#define each_network(running, network)                                                       \
    for (size_t network##_i = 0; network##_i < (running)->n; network##_i++)                  \
        for (const struct network *network = (running)->list[network##_i].networks; network; \
             network = network->next)

static const struct network_guest *guest_on(const struct network *network, const char *interface)
{
    const struct network_guest *guest = network->guests;
    while (guest && (strcmp(guest->ns, HOST) != 0 || strcmp(guest->interface, interface) != 0))
        guest = guest->next;
    return guest;
}

static const struct network *network_of(const struct running *running, const char *interface)
{
    each_network(running, network)
    {
        if (guest_on(network, interface))
            return network;
    }
    return NULL;
}

static enum result refuse_name(const struct running *running, const char *name, struct errors *errors)
{
    struct nearest nearest = {.word = name};
    struct error *error = errors_add(errors, NULL, "no network `%s` runs", name);
    each_network(running, network) nearest_offer(&nearest, network->name);
    if (nearest.best)
        error_hint(errors, error, "did you mean `%s`?", nearest.best);
    else
        error_hint(errors, error, "plexus list shows what runs; networks are said in a file");
    return RESULT_NOT_FOUND;
}

static enum result refuse_choice(const struct running *running, struct errors *errors)
{
    struct text all CLEANUP_TEXT = {0};
    each_network(running, network) text_printf(&all, "%s%s", all.length ? ", " : "", network->name);
    if (all.length) {
        struct error *error = errors_add(errors, NULL, "there are several networks: %s", text_of(&all));
        error_hint(errors, error, "name one, behind the interface or as PLEXUS_NETWORK");
        return RESULT_USAGE;
    }
    struct error *error = errors_add(errors, NULL, "no network runs");
    error_hint(errors, error, "networks are said in a file: plexus apply FILE");
    return RESULT_NOT_FOUND;
}

static const struct network *by_name(const struct running *running, const char *name)
{
    each_network(running, network)
    {
        if (strcmp(network->name, name) == 0 || strcmp(network->bridge, name) == 0)
            return network;
    }
    return NULL;
}

static const struct network *only_one(const struct running *running)
{
    const struct network *only = NULL;
    each_network(running, network)
    {
        if (only)
            return NULL;
        only = network;
    }
    return only;
}

/* NULL: none, and *ret_result says why. */
static const struct network *choose(const struct running *running, const char *interface, const char *name,
                                    enum result *ret_result, struct errors *errors)
{
    const struct network *found = name ? by_name(running, name) : network_of(running, interface);
    if (!found && !name)
        found = only_one(running);
    if (!found)
        *ret_result = name ? refuse_name(running, name, errors) : refuse_choice(running, errors);
    return found;
}

/* The port */

static enum result look(struct door *door, const char *interface, struct model *observed,
                        struct object **ret_object, struct errors *errors)
{
    const struct model nothing = {0};
    struct nearest nearest = {.word = interface};
    if (door->ops->observe(door, &nothing, LOOK_WANTED, observed, errors) < 0)
        return RESULT_FAILED;
    *ret_object = model_interface(observed, HOST, interface);
    if (*ret_object)
        return RESULT_DONE;
    struct error *error = errors_add(errors, NULL, "there is no interface `%s`", interface);
    model_each(observed, object)
    {
        if (object->class->id == CLASS_INTERFACE && strcmp(object->ns, HOST) == 0)
            nearest_offer(&nearest, object->name);
    }
    if (nearest.best)
        error_hint(errors, error, "did you mean `%s`?", nearest.best);
    return RESULT_NOT_FOUND;
}

static enum result set(struct door *door, const struct object *old, const struct object *new,
                       struct errors *errors)
{
    struct step step = {.verb = VERB_SET, .old = old, .new = new};
    const struct step *const steps[] = {&step};
    size_t done;
    for (unsigned i = 0; i < object_n_options(new); i++)
        if (!value_equal(&old->values[i], &new->values[i]))
            option_set_put(&step.changed, i);
    if (option_set_is_empty(&step.changed))
        return RESULT_DONE;
    int r = door->ops->run(door, steps, 1, &done, errors);
    return r == 0 ? RESULT_DONE : r == -EPERM ? RESULT_NOT_PERMITTED : RESULT_FAILED;
}

/* What the network says of its ports. */
static struct object *as_port(struct model *model, const struct object *there, const struct network *network)
{
    struct object *port = object_clone(&model->arena, there);
    object_set_text(model, port, "master", arena_printf(&model->arena, "%s/%s", HOST, network->bridge));
    object_set_number(model, port, "up", 1);
    object_set_number(model, port, "isolated", network->is_isolated);
    if (network->mtu)
        object_set_number(model, port, "mtu", network->mtu);
    if (network->is_on_bridge)
        object_set_text(model, port, "vlans",
                        arena_printf(&model->arena, "%lld pvid untagged", (long long)network->vlan));
    return port;
}

static enum result refuse_taken(const char *interface, const char *master, struct errors *errors)
{
    struct error *error =
        errors_add(errors, NULL, "`%s` is plugged into `%s` already", interface, reference_name(master));
    error_hint(errors, error, "take it out first: plexus unplug %s", interface);
    return RESULT_BUSY;
}

static enum result plug_at(struct door *door, const char *interface, const struct network *network,
                           struct errors *errors)
{
    struct model observed CLEANUP_MODEL = {0};
    struct object *there = NULL;
    enum result result = look(door, interface, &observed, &there, errors);
    if (result != RESULT_DONE)
        return result;
    const char *master = object_word(there, "master");
    if (master && strcmp(reference_name(master), network->bridge) != 0)
        return refuse_taken(interface, master, errors);
    return set(door, there, as_port(&observed, there, network), errors);
}

static enum result refuse_unknown(const struct network *network, const char *interface, struct errors *errors)
{
    struct error *error = errors_add(errors, NULL, "network `%s` has anti-spoofing, and does not know `%s`",
                                     network->name, interface);
    error_hint(errors, error,
               "describe it in its file: `interfaces: {%s: {type: tap, network: {%s: {mac: ...}}}}`",
               interface, network->name);
    return RESULT_BUSY;
}

enum result plug_in(struct session *session, const char *interface, const char *name,
                    const char **ret_network)
{
    struct running running CLEANUP_RUNNING = {0};
    struct errors *errors = &session->errors;
    enum result result = RESULT_DONE;
    running_read(session->machine, &running);
    const struct network *network = choose(&running, interface, name, &result, errors);
    if (!network)
        return result;
    *ret_network = arena_strdup(&errors->arena, network->name);
    if (guest_on(network, interface))
        return RESULT_DONE;
    if (network->is_guarded)
        return refuse_unknown(network, interface, errors);
    return plug_at(session->door, interface, network, errors);
}

/* Out again */

static enum result unplug_at(struct door *door, const char *interface, const struct running *running,
                             const char **ret_network, struct errors *errors)
{
    struct model observed CLEANUP_MODEL = {0};
    struct object *there = NULL;
    enum result result = look(door, interface, &observed, &there, errors);
    if (result != RESULT_DONE)
        return result;
    const char *master = object_word(there, "master");
    const struct network *network = master ? by_name(running, reference_name(master)) : NULL;
    if (!network) {
        errors_add(errors, NULL, "`%s` is in no network that runs", interface);
        return RESULT_NOT_FOUND;
    }
    *ret_network = arena_strdup(&errors->arena, network->name);
    if (guest_on(network, interface))
        return RESULT_DONE; /* the file has it there, whoever uses it */
    struct object *alone = object_clone(&observed.arena, there);
    object_set_text(&observed, alone, "master", "");
    return set(door, there, alone, errors);
}

enum result plug_out(struct session *session, const char *interface, const char **ret_network)
{
    struct running running CLEANUP_RUNNING = {0};
    running_read(session->machine, &running);
    return unplug_at(session->door, interface, &running, ret_network, &session->errors);
}
