/* What must not be moved to a bridge without a word: an uplink by which somebody is logged in, what a DHCP
 * client holds, and what is nobody's to move. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "apply/guards.h"
#include "apply/internal.h"
#include "apply/ssh.h"
#include "apply/uplinks.h"
#include "model/service.h"
#include "model/way.h"

/* What the file would have to say of the bridge in its place. */
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

/* Whether the file has the same on the bridge. */
static bool is_said(const struct model *file, const char *bridge, const struct object *object,
                    const char *key)
{
    model_each(file, said)
    {
        if (said->class == object->class && strcmp(said->ns, HOST) == 0 && object_text(said, "dev") &&
            strcmp(object_text(said, "dev"), bridge) == 0 &&
            strcmp(object_text(said, key), object_text(object, key)) == 0)
            return true;
    }
    return false;
}

static void leave_address(const struct object *address, struct left *left)
{
    const char *text = object_text(address, "address");
    add_word(&left->words, text);
    add_word(&left->addresses, text);
}

static void leave_route(const struct object *route, struct left *left)
{
    const char *to = object_text(route, "to"), *via = object_word(route, "via");
    struct prefix prefix;
    if (!via || object_number(route, "type", RTN_UNICAST) != RTN_UNICAST ||
        object_number(route, "table", RT_TABLE_MAIN) != RT_TABLE_MAIN || prefix_parse(to, &prefix) < 0)
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

static void say_left(struct session *session, const struct network *network, const struct left *left,
                     guard_sayer *say)
{
    struct text keys CLEANUP_TEXT = {0};
    say_key("addresses", &left->addresses, &keys);
    say_key("gateway", &left->gateways, &keys);
    say_key("routes", &left->routes, &keys);
    struct error *error =
        say(&session->errors, &network->uplink_place,
            "network `%s`: as a port of bridge `%s`, `%s` has no use any more for %s: the host is cut off",
            network->name, network->bridge, network->uplink, text_of(&left->words));
    error_hint(&session->errors, error,
               "in a file, say it of the bridge: `interfaces: {%s: {%s}}`; to try it nevertheless: --confirm",
               network->bridge, text_of(&keys));
}

/* What is ours on the uplink is for the file to move, and what belongs to another topology, or to a port of
 * something else than a bridge, is not moved at all. */
static void look_at_left(struct session *session, const struct change *change, const struct network *network,
                         guard_sayer *say)
{
    const struct model *file = &change->topology->model;
    bool gives = uplink_gives(change, network);
    struct left left = {0};
    model_each(&change->observed, object)
    {
        if (!uplink_has(network, object) || object->flags & OBJECT_KERNEL ||
            (gives && uplink_is_theirs(change, object)) || map_has(&file->by_id, object->id))
            continue;
        bool is_address = object->class->id == CLASS_ADDRESS;
        if (is_said(file, network->bridge, object, is_address ? "address" : "to") ||
            (is_address && ip_text_is_link_local(object_text(object, "address"))))
            continue;
        if (is_address)
            leave_address(object, &left);
        else
            leave_route(object, &left);
    }
    if (left.words.length)
        say_left(session, network, &left, say);
    left_done(&left);
}

static bool asks_by_itself(const struct change *change, const char *bridge)
{
    model_each(&change->topology->model, object)
    {
        if (object->class->id == CLASS_SERVICE && service_is_client(object) &&
            strcmp(object->ns, HOST) == 0 && strcmp(object_text(object, "interface"), bridge) == 0)
            return true;
    }
    return false;
}

static void look_at_leases(struct session *session, const struct change *change,
                           const struct network *network, guard_sayer *say)
{
    bool asks = asks_by_itself(change, network->bridge);
    model_each(&change->observed, address)
    {
        if (address->class->id != CLASS_ADDRESS || !uplink_has(network, address) ||
            !uplink_is_theirs(change, address) || !uplink_is_leased(address) ||
            (asks && !ip_text_is_ipv6(object_text(address, "address"))))
            continue;
        const char *text = object_text(address, "address");
        bool is_ipv6 = ip_text_is_ipv6(text);
        struct error *error = (is_ipv6 ? errors_warn : say)(
            &session->errors, &network->uplink_place,
            "network `%s`: `%s` has %s for %lld s more, and whoever renews that is not heard on a port of a "
            "bridge: it does not move to `%s`",
            network->name, network->uplink, text, (long long)object_number(address, "valid", 0),
            network->bridge);
        error_hint(&session->errors, error,
                   is_ipv6
                       ? "the bridge hears router advertisements itself"
                       : "let the bridge ask, `interfaces: {%s: {dhcp: true}}`, and end the DHCP client of "
                         "`%s`; to try it nevertheless: --confirm",
                   network->bridge, network->uplink);
    }
}

static bool look_at_session(struct session *session, const struct change *change,
                            const struct network *network, guard_sayer *say)
{
    struct ssh_session own;
    char client[IP_TEXT_SIZE];
    const char *by = ssh_session_find(&own) ? way_dev(&change->observed, HOST, &own.client) : NULL;
    if (!by || strcmp(by, network->uplink) != 0)
        return false;
    struct error *error = say(
        &session->errors, &network->uplink_place,
        "network `%s`: the SSH session that this is typed in, from %s, comes in by `%s`, which moves into "
        "bridge `%s`",
        network->name, ip_format(&own.client, client), network->uplink, network->bridge);
    error_hint(
        &session->errors, error,
        "it should go on, since all that `%s` has moves along; so that the old network returns by itself "
        "where it does not: --confirm",
        network->uplink);
    return true;
}

static bool is_port_already(const struct change *change, const struct network *network)
{
    const struct object *uplink = model_interface(&change->observed, HOST, network->uplink);
    const struct object *master = uplink ? model_interface_of(&change->observed, uplink, "master") : NULL;
    return master && strcmp(master->name, network->bridge) == 0;
}

static bool becomes_port(const struct change *change, const struct network *network)
{
    return network->mode == NETWORK_BRIDGED && !is_port_already(change, network);
}

void uplinks_look(struct session *session, const struct change *change, guard_sayer *say)
{
    const struct network *network = change->topology ? change->topology->networks : NULL;
    for (; network; network = network->next) {
        if (!becomes_port(change, network))
            continue;
        look_at_left(session, change, network, say);
        if (uplink_gives(change, network))
            look_at_leases(session, change, network, say);
    }
}

bool uplinks_carry_session(struct session *session, const struct change *change, guard_sayer *say)
{
    const struct network *network = change->topology ? change->topology->networks : NULL;
    bool carry = false;
    for (; network; network = network->next)
        carry |= becomes_port(change, network) && uplink_gives(change, network) &&
                 look_at_session(session, change, network, say);
    return carry;
}
