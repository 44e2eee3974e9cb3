#include "cli/hand.h"

#include <string.h>
#include <unistd.h>

#include "apply/leaders.h"
#include "apply/named.h"
#include "cli/change.h"
#include "cli/firewall_ssh.h"
#include "cli/live.h"
#include "cli/network.h"
#include "cli/output.h"

static enum result make_it_so(struct cli *cli, struct hand *hand)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct change change CLEANUP_CHANGE = {0};
    enum result result =
        endpoints_prepare(cli->session, hand->running->record.name, &hand->endpoints, &topology, &change);
    if (result == RESULT_DONE && hand->keeps_ssh)
        result = ssh_keep(cli, &change, true, false);
    if (result != RESULT_DONE)
        return result;
    if (hand->dry_run) {
        plan_print(cli, &change.plan, false);
        change_foresee(cli->session, &change);
    } else
        result = endpoints_run(cli->session, &change, &hand->endpoints);
    const struct network *now = network_find(topology.networks, hand->network->name);
    if (result == RESULT_DONE && now && !hand->dry_run && hand->say)
        hand->say(cli, hand, now);
    if (result == RESULT_DONE && hand->say)
        flows_print(cli, &change.flows);
    return result;
}

/* What runs may be another by the time that the lock is had. */
static enum result change(struct cli *cli, struct hand *hand)
{
    struct running_list all CLEANUP_RUNNING = {0};
    running_load(cli->machine, &all);
    enum result result = running_find(&all, hand->word, &hand->running, &hand->network, &cli->errors);
    if (result != RESULT_DONE)
        return result;
    if (endpoints_load(cli->machine, hand->running->record.name, &hand->endpoints, &cli->errors) < 0)
        result = RESULT_FAILED;
    if (result == RESULT_DONE)
        result = hand->edit(cli, hand);
    if (result == RESULT_DONE)
        result = make_it_so(cli, hand);
    endpoints_done(&hand->endpoints);
    return result;
}

static enum result topology_of(struct cli *cli, const char *word, const char **ret_name)
{
    struct running_list all CLEANUP_RUNNING = {0};
    const struct running *running;
    const struct network *network;
    running_load(cli->machine, &all);
    enum result result = running_find(&all, word, &running, &network, &cli->errors);
    if (result == RESULT_DONE)
        *ret_name = arena_strdup(&cli->arena, running->record.name);
    return result;
}

enum result hand_change(struct cli *cli, struct hand *hand)
{
    const char *topology = NULL;
    enum result result = topology_of(cli, hand->word, &topology);
    if (result == RESULT_DONE)
        result = network_open(cli, hand->dry_run ? ACCESS_READ : ACCESS_WRITE, topology, hand->wait);
    if (result == RESULT_DONE)
        result = change(cli, hand);
    network_close(cli, result);
    return result;
}

static enum result refuse_connected(struct cli *cli, const struct hand *hand,
                                    const struct network_guest *guest)
{
    struct text addresses CLEANUP_TEXT = {0};
    subnets_text(guest->addresses, &addresses);
    return cli_fail(cli, RESULT_BUSY, "`%s` is in `%s` already: %s%s%s", guest->name, hand->network->name,
                    guest->interface, addresses.length ? " " : "", text_of(&addresses));
}

/* By hand; else the file of the topology has the namespace. */
static bool is_brought(const struct hand *hand, const char *ns)
{
    const struct endpoint *one = hand->endpoints.first;
    while (one && (one->is_new || !one->path || strcmp(one->ns, ns) != 0))
        one = one->next;
    return one;
}

static bool is_of_file(const struct hand *hand, const char *ns)
{
    return model_get(&hand->running->topology.model, CLASS_NAMESPACE, HOST, ns) && !is_brought(hand, ns);
}

static enum result refuse_host(struct cli *cli, const struct hand *hand, bool is_name)
{
    return is_name ? cli_fail(cli, RESULT_USAGE, "no namespace can be called `%s`: that is the host", HOST)
                   : cli_fail(cli, RESULT_USAGE, "the host is in `%s` already, by its bridge",
                              hand->network->name);
}

static enum result refuse_name(struct cli *cli, const struct hand *hand, const struct endpoint *endpoint)
{
    cli_fail(cli, RESULT_BUSY, "there is a namespace `%s`, and it is not that of process %d", endpoint->ns,
             (int)endpoint->process);
    cli_hint(cli, "take another name; that namespace itself: plexus network connect %s %s",
             hand->network->name, endpoint->ns);
    return RESULT_BUSY;
}

static enum result refuse_unknown(struct cli *cli, const char *ns)
{
    const char *nearest = live_nearest(cli, LIVE_NAMESPACES, ns);
    cli_fail(cli, RESULT_NOT_FOUND, "there is no namespace `%s`", ns);
    if (!cli_hint_nearest(cli, nearest))
        cli_hint(cli, "ip netns add %s makes one; plexus run starts a command in one that is new", ns);
    return RESULT_NOT_FOUND;
}

static bool has_name(const struct endpoint *endpoint)
{
    return *endpoint->ns && !strchr(endpoint->ns, '/') && access(endpoint->path, F_OK) == 0;
}

/* The process has a namespace, and that gets the name, unless it has it already. */
static enum result name_it(struct cli *cli, const struct hand *hand, struct endpoint *endpoint)
{
    struct namespace_id id = {0};
    const char *origin = arena_printf(&cli->arena, "/proc/%d/ns/net", (int)endpoint->process);
    namespace_identify(origin, &id);
    id.born = 0; /* both are it */
    if (has_name(endpoint))
        return namespace_is(endpoint->path, &id) ? RESULT_DONE : refuse_name(cli, hand, endpoint);
    if (!hand->dry_run)
        return named_give(cli->session, endpoint);
    endpoint->path = origin;
    return RESULT_DONE;
}

/* It lives as long as the name, and whoever got that by hand; unless others gave the name to another
 * since. */
static enum result settle(struct cli *cli, struct endpoint *endpoint)
{
    struct named_list list CLEANUP_NAMED = {0};
    if (named_load(cli->machine, &list, &cli->session->errors) < 0)
        return RESULT_FAILED;
    const struct named *named = named_find(&list, endpoint->ns);
    bool is_it = named && namespace_is(endpoint->path, &named->id);
    endpoint->process = is_it ? named->process : 0;
    endpoint->started = is_it ? named->started : 0;
    namespace_identify(endpoint->path, &endpoint->id);
    return RESULT_DONE;
}

enum result hand_namespace(struct cli *cli, const struct hand *hand, struct endpoint *endpoint)
{
    const struct network_guest *guest = network_guest_find(hand->network, endpoint->ns);
    enum result result = RESULT_DONE;
    if (guest)
        return refuse_connected(cli, hand, guest);
    if (strcmp(endpoint->ns, HOST) == 0)
        return refuse_host(cli, hand, endpoint->process);
    endpoint->path = arena_printf(&cli->arena, "/run/netns/%s", endpoint->ns);
    if (endpoint->process)
        result = name_it(cli, hand, endpoint);
    else if (!has_name(endpoint))
        result = refuse_unknown(cli, endpoint->ns);
    if (result == RESULT_DONE)
        result = settle(cli, endpoint);
    if (is_of_file(hand, endpoint->ns))
        endpoint->path = NULL;
    return result;
}

/* The first of eth0, eth1 ... that the namespace has not; no file tells what is in it. */
static const char *free_interface(struct cli *cli, const struct model *observed, const char *ns)
{
    const char *name = "eth0";
    for (unsigned i = 1; model_interface(observed, ns, name); i++)
        name = arena_printf(&cli->arena, "eth%u", i);
    return name;
}

enum result hand_look(struct cli *cli, const struct hand *hand, struct endpoint *endpoint)
{
    struct model observed CLEANUP_MODEL = {0};
    if (!endpoint->path)
        return RESULT_DONE;
    if (endpoint_look(cli->session, &hand->running->record.recorded, endpoint, &observed) < 0)
        return RESULT_FAILED;
    for (unsigned family = 0; family < FAMILIES; family++)
        endpoint->leaders[family] = arena_strdup(&cli->arena, endpoint->leaders[family]);
    if (!endpoint->interface)
        endpoint->interface = free_interface(cli, &observed, endpoint->ns);
    return RESULT_DONE;
}

bool endpoint_take_address(struct endpoint *endpoint, const char *address)
{
    for (unsigned i = 0; i < ENDPOINT_ADDRESSES; i++)
        if (!endpoint->addresses[i]) {
            endpoint->addresses[i] = address;
            return true;
        }
    return false;
}
