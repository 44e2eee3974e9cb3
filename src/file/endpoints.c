/* What was said by hand of the networks of this topology (model/endpoint.h), as a person would have written
 * it in the file: a network more in `networks` of a namespace, be it one that only this brings, and more
 * ports in `publish` of the network. The passes that follow read it like the rest. What the file says itself
 * counts; and where the file has no such network or namespace any more, that is told and left out. */
#include <stdlib.h>
#include <string.h>

#include "file/reader.h"
#include "model/network.h"

static const struct place by_hand; /* no line of any file */

/* The endpoints live shorter than what is read. */
static struct node *scalar(struct reader *r, const char *text)
{
    return node_new_scalar(r->arena, arena_strdup(r->arena, text), &by_hand);
}

static struct node *empty(struct reader *r, enum node_form form)
{
    return node_new(r->arena, form, &by_hand);
}

static void say(struct reader *r, struct node *map, const char *key, struct node *value)
{
    node_add_pair(r->arena, map, scalar(r, key), value);
}

/* A copy of a map with one pair more, or in the place of the one of that key. */
static struct node *with_pair(struct reader *r, const struct node *map, struct node *key, struct node *value)
{
    struct node *copy = node_new(r->arena, NODE_MAP, &map->place);
    bool found = false;
    for (size_t i = 0; i < map->n; i++) {
        const struct pair *pair = &map->pairs[i];
        bool is_it = strcmp(pair->key->text, key->text) == 0;
        node_add_pair(r->arena, copy, pair->key, is_it ? value : pair->value);
        found |= is_it;
    }
    if (!found)
        node_add_pair(r->arena, copy, key, value);
    return copy;
}

/* Plugging in */

static struct node *guest_map(struct reader *r, const struct endpoint *endpoint)
{
    struct node *map = empty(r, NODE_MAP), *addresses = empty(r, NODE_LIST);
    for (unsigned i = 0; i < ENDPOINT_ADDRESSES; i++)
        if (endpoint->addresses[i])
            node_add_item(r->arena, addresses, scalar(r, endpoint->addresses[i]));
    if (addresses->n)
        say(r, map, "address", addresses);
    if (endpoint->mac)
        say(r, map, "mac", scalar(r, endpoint->mac));
    if (endpoint->interface)
        say(r, map, "interface", scalar(r, endpoint->interface));
    return map;
}

/* The networks that a namespace is in, as a map; NULL: that is not what stands there. */
static struct node *networks_map(struct reader *r, const struct node *value)
{
    if (value && node_is_map(value))
        return (struct node *)value;
    struct node *map = empty(r, NODE_MAP);
    for (size_t i = 0; value && i < node_count(value); i++) {
        const struct node *name = node_item(value, i);
        if (!node_is_scalar(name) || node_pair(map, name->text))
            return NULL;
        node_add_pair(r->arena, map, (struct node *)name, empty(r, NODE_MAP));
    }
    return map;
}

/* What its namespace is to this topology; NULL: there is none any more. */
static struct scope *scope_of(struct reader *r, const struct endpoint *endpoint)
{
    struct scope *scope = scope_find(r, endpoint->ns);
    struct node *sections = empty(r, NODE_MAP);
    if (scope || !endpoint->is_plugged || !endpoint->path)
        return scope;
    say(r, sections, "path", scalar(r, endpoint->path));
    return scope_add(r, arena_strdup(r->arena, endpoint->ns), &by_hand, sections);
}

/* Whether it is a machine behind an interface of the host, which the file has in the network. */
static bool is_machine(struct reader *r, const struct endpoint *endpoint)
{
    const struct pair *section = section_pair(r->host.sections, "interfaces", AT_TOP);
    const struct node *interfaces = section && node_is_map(section->value) ? section->value : NULL;
    for (size_t i = 0; interfaces && i < interfaces->n; i++) {
        const struct pair *interface = &interfaces->pairs[i];
        const struct node *networks =
            node_is_map(interface->value) ? networks_map(r, node_value(interface->value, "network")) : NULL;
        const struct pair *network = networks ? node_pair(networks, endpoint->network) : NULL;
        const struct node *name =
            network && node_is_map(network->value) ? node_value(network->value, "name") : NULL;
        if (network &&
            strcmp(name && node_is_scalar(name) ? name->text : interface->key->text, endpoint->ns) == 0)
            return true;
    }
    return false;
}

/* Whether it is a guest now. */
static bool plug(struct reader *r, const struct endpoint *endpoint)
{
    if (!endpoint->is_plugged && is_machine(r, endpoint))
        return true;
    struct scope *scope = scope_of(r, endpoint);
    if (!scope || scope == &r->host)
        return false;
    const struct pair *pair = section_pair(scope->sections, "networks", AT_NAMESPACE);
    struct node *networks = networks_map(r, pair ? pair->value : NULL);
    if (!networks || node_pair(networks, endpoint->network) || !endpoint->is_plugged)
        return networks && node_pair(networks, endpoint->network);
    scope->led |= endpoint->led;
    networks = with_pair(r, networks, scalar(r, endpoint->network), guest_map(r, endpoint));
    scope->sections = with_pair(r, scope->sections, pair ? pair->key : scalar(r, "networks"), networks);
    return true;
}

/* Publishing */

static struct node *published(struct reader *r, const struct node *said, const struct endpoint *endpoint)
{
    struct node *list = empty(r, NODE_LIST);
    for (size_t i = 0; said && i < node_count(said); i++)
        node_add_item(r->arena, list, (struct node *)node_item(said, i));
    for (size_t i = 0; i < endpoint->n_publish; i++)
        node_add_item(r->arena, list, scalar(r, endpoint->publish[i]));
    return list;
}

static void publish(struct reader *r, const struct pair *section, const struct pair *network,
                    const struct endpoint *endpoint)
{
    struct node *map = node_is_null(network->value) ? empty(r, NODE_MAP) : network->value;
    if (!endpoint->n_publish || !node_is_map(map))
        return;
    const struct pair *said = node_pair(map, "publish");
    map = with_pair(r, map, said ? said->key : scalar(r, "publish"),
                    published(r, said ? said->value : NULL, endpoint));
    r->host.sections =
        with_pair(r, r->host.sections, section->key, with_pair(r, section->value, network->key, map));
}

static void refuse_new(struct reader *r, const struct endpoint *endpoint, bool has_network)
{
    errors_add(r->errors, NULL, "`%s` cannot be in network `%s`: there is no such %s", endpoint->ns,
               endpoint->network, has_network ? "guest" : "network");
}

static void warn_gone(struct reader *r, const struct endpoint *endpoint, bool has_network)
{
    struct error *error =
        errors_warn(r->errors, NULL, "`%s`, which was said by hand to be in network `%s`, is left out: %s",
                    endpoint->ns, endpoint->network,
                    has_network ? "there is no such namespace any more" : "this file has no such network");
    error_hint(r->errors, error, "to forget it: plexus network disconnect %s %s", endpoint->network,
               endpoint->ns);
}

static void join(struct reader *r, const struct endpoint *endpoint)
{
    const struct pair *section = section_pair(r->host.sections, "networks", AT_TOP);
    const struct pair *network =
        section && node_is_map(section->value) ? node_pair(section->value, endpoint->network) : NULL;
    if (network && plug(r, endpoint))
        publish(r, section, network, endpoint);
    else if (endpoint->is_new)
        refuse_new(r, endpoint, network);
    else
        warn_gone(r, endpoint, network);
}

void endpoints_join(struct reader *r)
{
    if (!r->there || !r->topology->name)
        return;
    const struct endpoint *first = r->there->endpoints(r->there->userdata, r->topology->name);
    char *text = endpoints_text(first);
    r->topology->by_hand = arena_strdup(r->arena, text);
    free(text);
    for (const struct endpoint *endpoint = first; endpoint; endpoint = endpoint->next)
        join(r, endpoint);
}
