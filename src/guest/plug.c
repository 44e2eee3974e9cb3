#include "guest/plug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/running.h"
#include "model/reference.h"

static const struct network_guest *guest_on(const struct network *network, const char *interface)
{
    const struct network_guest *guest = network->guests;
    while (guest && (strcmp(guest->ns, HOST) != 0 || strcmp(guest->interface, interface) != 0))
        guest = guest->next;
    return guest;
}

static const struct network *network_of(const struct running_list *all, const char *interface)
{
    each_running_network(all, running, network)
    {
        if (guest_on(network, interface))
            return network;
    }
    return NULL;
}

static enum result refuse_choice(const struct running_list *all, struct errors *errors)
{
    struct text names CLEANUP_TEXT = {0};
    each_running_network(all, running, network) text_join(&names, network->name);
    if (names.length) {
        struct error *error = errors_add(errors, NULL, "there are several networks: %s", text_of(&names));
        error_hint(errors, error, "name one, behind the interface or as PLEXUS_NETWORK");
        return RESULT_USAGE;
    }
    struct error *error = errors_add(errors, NULL, "no network runs");
    error_hint(errors, error, "networks are said in a file: plexus apply FILE");
    return RESULT_NOT_FOUND;
}

/* *ret_running (may be NULL): the topology that has it. */
static const struct network *by_bridge(const struct running_list *all, const char *bridge,
                                       const struct running **ret_running)
{
    each_running_network(all, running, network)
    {
        if (strcmp(network->bridge, bridge) != 0)
            continue;
        if (ret_running)
            *ret_running = running;
        return network;
    }
    return NULL;
}

static bool is_name(const struct running_list *all, const char *word)
{
    each_running_network(all, running, network)
    {
        if (strcmp(network->name, word) == 0)
            return true;
    }
    return false;
}

static const struct network *only_one(const struct running_list *all)
{
    const struct network *only = NULL;
    each_running_network(all, running, network)
    {
        if (only)
            return NULL;
        only = network;
    }
    return only;
}

static enum result choose(const struct running_list *all, const char *interface, const char *word,
                          const struct network **ret_network, struct errors *errors)
{
    const struct running *running;
    const struct network *bridge = word && !is_name(all, word) ? by_bridge(all, word, NULL) : NULL;
    if (word && !bridge)
        return running_find(all, word, &running, ret_network, errors);
    *ret_network = bridge ? bridge : network_of(all, interface);
    if (!*ret_network)
        *ret_network = only_one(all);
    return *ret_network ? RESULT_DONE : refuse_choice(all, errors);
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
    error_hint_nearest(errors, error, nearest.best);
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
    struct running_list all CLEANUP_RUNNING = {0};
    struct errors *errors = &session->errors;
    const struct network *network;
    running_load(session->machine, &all);
    enum result result = choose(&all, interface, name, &network, errors);
    if (result != RESULT_DONE)
        return result;
    *ret_network = arena_strdup(&errors->arena, network->name);
    if (guest_on(network, interface))
        return RESULT_DONE;
    if (network->is_guarded)
        return refuse_unknown(network, interface, errors);
    return plug_at(session->door, interface, network, errors);
}

/* Out again */

/* Who is plugged in by the port, which the topology has; NULL: nobody, as it leads outside. */
static const struct network_guest *guest_behind(const struct network *network, const struct object *port)
{
    const struct network_guest *guest = guest_on(network, port->name);
    const char *peer = guest ? NULL : object_word(port, "peer");
    for (guest = peer ? network->guests : guest; peer && guest; guest = guest->next)
        if (reference_in(peer, guest->ns) && strcmp(reference_name(peer), guest->interface) == 0)
            break;
    return guest;
}

/* By hand goes only what the topology does not have: that would be missed, and come with the next apply. */
static enum result refuse_own(const struct running *running, const struct network *network,
                              const struct object *port, struct errors *errors)
{
    const struct network_guest *guest = guest_behind(network, port);
    const char *key = !guest ? "uplink" : strcmp(guest->ns, HOST) == 0 ? "network" : "networks";
    bool by_hand = guest && !guest->place.line;
    struct error *error =
        errors_add(errors, NULL, "`%s` is in network `%s` by %s topology `%s`", port->name, network->name,
                   by_hand ? "what was connected by hand, of" : "the file of", running->record.name);
    if (by_hand)
        error_hint(errors, error, "plexus network disconnect %s %s", network->name, guest->name);
    else
        error_hint(errors, error, "take `%s` of `%s` out of the file, and apply that", key,
                   guest ? guest->name : network->name);
    return RESULT_BUSY;
}

static void hint_guest(const struct running_list *all, const char *word, struct errors *errors)
{
    each_running_network(all, running, network)
    {
        const struct network_guest *guest = network_guest_find(network, word);
        if (guest && strcmp(guest->ns, HOST) != 0)
            error_hint(errors, errors->last,
                       "`%s` is a guest of network `%s`: plexus network disconnect %s %s", word,
                       network->name, network->name, word);
    }
}

static enum result unplug_at(struct door *door, const char *interface, const struct running_list *all,
                             const char **ret_network, struct errors *errors)
{
    struct model observed CLEANUP_MODEL = {0};
    struct object *there = NULL;
    const struct running *running = NULL;
    enum result result = look(door, interface, &observed, &there, errors);
    if (result == RESULT_NOT_FOUND)
        hint_guest(all, interface, errors);
    if (result != RESULT_DONE)
        return result;
    const char *master = object_word(there, "master");
    const struct network *network = master ? by_bridge(all, reference_name(master), &running) : NULL;
    if (!network) {
        errors_add(errors, NULL, "`%s` is in no network that runs", interface);
        return RESULT_NOT_FOUND;
    }
    *ret_network = arena_strdup(&errors->arena, network->name);
    const struct object *own = model_interface(&running->topology.model, HOST, interface);
    if (own && object_word(own, "master"))
        return refuse_own(running, network, own, errors);
    struct object *alone = object_clone(&observed.arena, there);
    object_set_text(&observed, alone, "master", "");
    return set(door, there, alone, errors);
}

enum result plug_out(struct session *session, const char *interface, const char **ret_network)
{
    struct running_list all CLEANUP_RUNNING = {0};
    running_load(session->machine, &all);
    return unplug_at(session->door, interface, &all, ret_network, &session->errors);
}
