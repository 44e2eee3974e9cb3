/* The way of a network to the outside: its uplink, and what becomes of that. */
#include <string.h>

#include "file/networks.h"

static const struct node *interface_keys(const struct reader *r, const char *name)
{
    const struct pair *interfaces = section_pair(r->host.sections, "interfaces", AT_TOP);
    const struct node *map =
        interfaces && node_is_map(interfaces->value) ? node_value(interfaces->value, name) : NULL;
    return map && node_is_map(map) ? map : NULL;
}

static const char *word_of(const struct node *map, const char *key)
{
    const struct node *word = map ? node_value(map, key) : NULL;
    return word && node_is_scalar(word) && !node_is_null(word) ? word->text : NULL;
}

/* MTU */

enum { USUAL_MTU = 1500, PARENTS_MAX = 8 };

/* What the file says; else that of what it lies on; else, of one that nobody makes, what it has. 0: as
 * usual. */
static int64_t mtu_of(const struct reader *r, const char *name)
{
    for (unsigned i = 0; i < PARENTS_MAX; i++) {
        const struct node *map = interface_keys(r, name);
        const char *mtu = word_of(map, "mtu"), *type = word_of(map, "type"), *expected, *near;
        struct value value;
        if (mtu &&
            option_parse(class_option(CLASS_INTERFACE, "mtu"), mtu, r->arena, &value, &expected, &near) == 0)
            return value.number;
        if (type && (strcmp(type, "vlan") == 0 || strcmp(type, "macvlan") == 0) && word_of(map, "parent")) {
            name = word_of(map, "parent");
            continue;
        }
        bool is_there = r->there && (!map || (type && strcmp(type, kind_physical.name) == 0));
        int64_t there = is_there ? r->there->mtu(r->there->userdata, name) : 0;
        return there == USUAL_MTU ? 0 : there;
    }
    return 0;
}

/* What lies on an uplink that is a port is not reached. */
static bool uplink_is_bare(struct reader *r, const struct network *network)
{
    static const char *const moves[] = {"addresses", "gateway", "routes"};
    const struct node *map = interface_keys(r, network->uplink);
    bool bare = true;
    for (unsigned i = 0; map && i < sizeof moves / sizeof *moves; i++) {
        const struct pair *said = node_pair(map, moves[i]);
        if (!said)
            continue;
        struct error *error = errors_add(r->errors, &said->key->place,
                                         "`%s` of `%s`: it becomes a port of bridge `%s`, which has them",
                                         moves[i], network->uplink, network->bridge);
        error_hint(r->errors, error, "say them there: `interfaces: {%s: {%s: ...}}`", network->bridge,
                   moves[i]);
        bare = false;
    }
    return bare;
}

/* Its interface is a bridge, and no other network's. */
static bool bridge_settle(struct reader *r, const struct network *network)
{
    const struct node *map = interface_keys(r, network->bridge), *type = map ? node_value(map, "type") : NULL;
    const struct network *other = r->topology->networks;
    if (network->is_on_bridge)
        return true;
    while (other != network && strcmp(other->bridge, network->bridge) != 0)
        other = other->next;
    if (other != network) {
        refuse_twice(r, &network->place, &other->place, "networks `%s` and `%s` have one bridge, `%s`",
                     other->name, network->name, network->bridge);
        return false;
    }
    if (!type || !node_is_scalar(type) || strcmp(type->text, "bridge") == 0)
        return true;
    struct error *error = errors_add(r->errors, &type->place, "`%s` is the bridge of network `%s`, not %s %s",
                                     network->bridge, network->name, text_article(type->text), type->text);
    error_hint(r->errors, error, "leave the type away, or call the network's `bridge` something else");
    return false;
}

static bool needs_uplink(struct reader *r, const struct network *network)
{
    struct error *error;
    if (network->uplink && network->bridge && strcmp(network->uplink, network->bridge) == 0) {
        error = errors_add(r->errors, &network->uplink_place,
                           "`uplink`: `%s` is the bridge of the network itself", network->uplink);
        error_hint(r->errors, error, "expected the interface that leads outside, like `uplink: eth0`");
        return false;
    }
    if (network_is_bridged(network) && !network->uplink) {
        error = errors_add(r->errors, &network->place, "network `%s` is %s, and needs an `uplink`",
                           network->name, names_format(network_mode_names, network->mode));
        error_hint(r->errors, error,
                   network->mode == NETWORK_VLAN
                       ? "the interface or bridge that has the VLAN: `uplink: eth0`"
                       : "the interface that becomes a port of its bridge: `uplink: eth0`");
    } else if (network->mode == NETWORK_ISOLATED && network->uplink) {
        error = errors_add(r->errors, &network->uplink_place, "`uplink`: network `%s` is isolated",
                           network->name);
        error_hint(r->errors, error, "leave it away, or say `mode: nat`");
    } else {
        return true;
    }
    return false;
}

/* VLANs */

enum { NAME_MAX_LENGTH = 15 };

const char *network_port(struct reader *r, const struct network *network)
{
    return network->mode == NETWORK_VLAN
               ? arena_printf(r->arena, "%s.%lld", network->uplink, (long long)network->vlan)
               : network->uplink;
}

static bool tag_fits_mode(struct reader *r, const struct network *network, const struct node *vlan)
{
    struct error *error;
    if ((network->mode == NETWORK_VLAN) == (vlan != NULL))
        return true;
    if (vlan) {
        error = errors_add(r->errors, &vlan->place, "`vlan`: network `%s` is %s", network->name,
                           names_format(network_mode_names, network->mode));
        error_hint(r->errors, error, "a VLAN of the uplink is `mode: vlan`");
    } else {
        error =
            errors_add(r->errors, &network->place, "network `%s` needs the tag of its VLAN", network->name);
        error_hint(r->errors, error, "for example: `vlan: 20`");
    }
    return false;
}

/* Guests are plugged into the uplink itself where that is a bridge, which must tell VLANs apart. */
static bool is_on_bridge(struct reader *r, const struct network *network, const struct node *bridge)
{
    const struct node *map = interface_keys(r, network->uplink);
    static const struct option boolean = {.key = "vlan-aware", .type = TYPE_BOOL};
    const char *aware = word_of(map, boolean.key), *expected, *near;
    struct value value = {0};
    struct error *error;
    if (aware)
        option_parse(&boolean, aware, r->arena, &value, &expected, &near);
    if (bridge) {
        error = errors_add(r->errors, &bridge->place,
                           "`bridge`: guests of `%s` are plugged into its uplink, "
                           "bridge `%s`",
                           network->name, network->uplink);
        error_hint(r->errors, error, "leave this away");
    } else if (value.form != VALUE_NUMBER || !value.number) {
        error = errors_add(r->errors, &network->uplink_place,
                           "`uplink`: bridge `%s` does not tell VLANs apart", network->uplink);
        error_hint(r->errors, error, "say so: `%s: {type: bridge, vlan-aware: true}`", network->uplink);
    } else {
        return true;
    }
    return false;
}

static bool vlan_settle(struct reader *r, struct network *network, const struct node *vlan,
                        const struct node *bridge)
{
    struct error *error;
    if (!tag_fits_mode(r, network, vlan))
        return false;
    if (!vlan || !network->uplink)
        return true;
    const char *type = word_of(interface_keys(r, network->uplink), "type");
    network->is_on_bridge = type && strcmp(type, "bridge") == 0;
    if (network->is_on_bridge) {
        network->bridge = network->uplink;
        return is_on_bridge(r, network, bridge);
    }
    if (strlen(network_port(r, network)) <= NAME_MAX_LENGTH)
        return true;
    error = errors_add(r->errors, &vlan->place, "`%s` would be too long for the name of an interface",
                       network_port(r, network));
    error_hint(
        r->errors, error,
        "describe the VLAN yourself (`type: vlan`), and make it the uplink of a network that is `bridged`");
    return false;
}

bool uplink_settle(struct reader *r, struct network *network, const struct node *vlan,
                   const struct node *bridge)
{
    bool good =
        needs_uplink(r, network) && vlan_settle(r, network, vlan, bridge) && bridge_settle(r, network);
    if (network->uplink && !network->mtu)
        network->mtu = mtu_of(r, network->uplink);
    return good && (network->mode != NETWORK_BRIDGED || uplink_is_bare(r, network));
}

bool interface_is_said(const struct reader *r, const char *name)
{
    const struct pair *interfaces = section_pair(r->host.sections, "interfaces", AT_TOP);
    return interfaces && node_is_map(interfaces->value) && node_pair(interfaces->value, name);
}
