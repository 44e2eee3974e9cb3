/* What the host has on an interface that becomes the uplink of a bridged network: as a port of the bridge it
 * carries none of it any more, and who works by it is cut off. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "apply/internal.h"
#include "apply/networks.h"

/* What the file says of the bridge in its place, and what that would be for all that it leaves out. */
struct left {
    struct text words, addresses, gateways, routes;
};

static void left_done(struct left *left)
{
    text_done(&left->words);
    text_done(&left->addresses);
    text_done(&left->gateways);
    text_done(&left->routes);
}

static void add_word(struct text *list, const char *word)
{
    text_printf(list, "%s%s", list->length ? ", " : "", word);
}

static bool is_on(const struct object *object, enum class_id class, const char *dev)
{
    const char *on = object->class->id == class && strcmp(object->ns, HOST) == 0 ? object_dev(object) : NULL;
    return on && strcmp(on, dev) == 0;
}

/* Whether the file has the same on the bridge. */
static bool is_said(const struct model *file, const char *bridge, const struct object *object,
                    const char *key)
{
    model_each(file, said)
    {
        if (is_on(said, object->class->id, bridge) &&
            strcmp(object_text(said, key), object_text(object, key)) == 0)
            return true;
    }
    return false;
}

static void leave_address(const struct change *change, const struct network *network,
                          const struct object *address, struct left *left)
{
    const char *text = object_text(address, "address");
    if (address->flags & OBJECT_KERNEL || ip_text_is_link_local(text) ||
        is_said(&change->topology->model, network->bridge, address, "address"))
        return;
    add_word(&left->words, text);
    add_word(&left->addresses, text);
}

static void leave_route(const struct change *change, const struct network *network,
                        const struct object *route, struct left *left)
{
    const char *to = object_text(route, "to"), *via = object_text(route, "via");
    struct prefix prefix;
    if (route->flags & OBJECT_KERNEL || !via || object_number(route, "type", RTN_UNICAST) != RTN_UNICAST ||
        object_number(route, "table", RT_TABLE_MAIN) != RT_TABLE_MAIN || prefix_parse(to, &prefix) < 0 ||
        is_said(&change->topology->model, network->bridge, route, "to"))
        return;
    text_printf(&left->words, "%sthe route %s via %s", left->words.length ? ", " : "",
                prefix.length ? to : "default", via);
    if (prefix.length)
        text_printf(&left->routes, "%s{to: \"%s\", via: \"%s\"}", left->routes.length ? ", " : "", to, via);
    else
        add_word(&left->gateways, via);
}

static void say_key(const char *key, const struct text *list, struct text *out)
{
    if (list->length)
        text_printf(out, "%s%s: [%s]", out->length ? ", " : "", key, text_of(list));
}

static void refuse(struct session *session, const struct network *network, const struct left *left)
{
    struct text keys CLEANUP_TEXT = {0};
    say_key("addresses", &left->addresses, &keys);
    say_key("gateway", &left->gateways, &keys);
    say_key("routes", &left->routes, &keys);
    struct error *error = errors_add(
        &session->errors, &network->uplink_place,
        "network `%s`: as a port of bridge `%s`, `%s` has no use any more for %s: the host is cut off",
        network->name, network->bridge, network->uplink, text_of(&left->words));
    error_hint(
        &session->errors, error,
        "in a file, say it of the bridge: `interfaces: {%s: {%s}}`, and apply that with --adopt; to try "
        "it nevertheless: --confirm",
        network->bridge, text_of(&keys));
}

static bool is_port_already(const struct change *change, const struct network *network)
{
    const struct object *uplink = model_interface(&change->observed, HOST, network->uplink);
    const struct object *master = uplink ? model_interface_of(&change->observed, uplink, "master") : NULL;
    return master && strcmp(master->name, network->bridge) == 0;
}

int uplinks_fit(struct session *session, const struct change *change)
{
    size_t before = session->errors.n_errors;
    const struct network *network = change->topology ? change->topology->networks : NULL;
    for (; network; network = network->next) {
        struct left left = {0};
        if (network->mode != NETWORK_BRIDGED || is_port_already(change, network))
            continue;
        model_each(&change->observed, object)
        {
            if (is_on(object, CLASS_ADDRESS, network->uplink))
                leave_address(change, network, object, &left);
            else if (is_on(object, CLASS_ROUTE, network->uplink))
                leave_route(change, network, object, &left);
        }
        if (left.words.length)
            refuse(session, network, &left);
        left_done(&left);
    }
    return session->errors.n_errors > before ? -EBUSY : 0;
}
