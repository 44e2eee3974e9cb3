/* plexus network connect and disconnect: a namespace that is there gets a cable into a network, and loses
 * it. Nobody else in the network notices. */
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/hand.h"
#include "cli/options.h"
#include "cli/output.h"

enum { FLAG_IP, FLAG_INTERFACE, FLAG_MAC, FLAG_PID, FLAG_DRY_RUN, FLAG_NO_WAIT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_IP] = {"ip", "ADDRESS", false, "its address, not the next that is free; once for each family"},
    [FLAG_INTERFACE] = {"interface", "NAME", false, "what its interface is called, not eth0, eth1 ..."},
    [FLAG_MAC] = {"mac", "MAC", false, "its MAC address"},
    [FLAG_PID] = {"pid", "PID", false, "the namespace of this process, which gets the name"},
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
};

/* One that has no name: that of a container, or of a program that made itself one. */
static enum result of_process(struct cli *cli, struct endpoint *endpoint)
{
    enum { PID_MAX = 4194304 };
    long pid;
    enum result result = options_number(cli, FLAG_PID, 1, PID_MAX, 0, &pid);
    if (result != RESULT_DONE)
        return result;
    endpoint->process = (pid_t)pid;
    endpoint->started = process_start((pid_t)pid);
    if (endpoint->started)
        return RESULT_DONE;
    cli_fail(cli, RESULT_NOT_FOUND, "there is no process %ld", pid);
    cli_hint(cli, "that of a container is shown by: docker inspect -f '{{.State.Pid}}' NAME");
    return RESULT_NOT_FOUND;
}

static enum result plug(struct cli *cli, struct hand *hand)
{
    struct endpoint *endpoint = endpoint_add(&hand->endpoints, hand->network->name, cli->args[1]);
    endpoint->is_plugged = true;
    endpoint->mac = cli->values[FLAG_MAC];
    endpoint->interface = cli->values[FLAG_INTERFACE];
    enum result result = cli->given[FLAG_PID] ? of_process(cli, endpoint) : RESULT_DONE;
    if (result == RESULT_DONE)
        result = hand_namespace(cli, hand, endpoint);
    for (const char *const *ip = cli->lists[FLAG_IP]; result == RESULT_DONE && ip && *ip; ip++)
        if (!endpoint_take_address(endpoint, *ip))
            return cli_fail(cli, RESULT_USAGE, "--ip: one address of each family, and there are more");
    return result == RESULT_DONE ? hand_look(cli, hand, endpoint) : result;
}

static void say_plugged(struct cli *cli, const struct hand *hand, const struct network *now)
{
    const struct network_guest *guest = network_guest_find(now, cli->args[1]);
    struct text addresses CLEANUP_TEXT = {0};
    if (!guest)
        return;
    subnets_text(guest->addresses, &addresses);
    output_say(cli, "%s: %s is connected: %s%s%s", now->name, guest->ns, guest->interface,
               addresses.length ? " " : "", text_of(&addresses));
    if (cli->json)
        output_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "topology", hand->running->record.name,
                              "network", now->name, "result", "connected", "namespace", guest->ns,
                              "interface", guest->interface, "addresses",
                              prefixes_to_json(guest->addresses)));
}

static enum result unplug(struct cli *cli, struct hand *hand)
{
    const char *ns = cli->args[1], *network = hand->network->name, *topology = hand->running->record.name;
    const struct endpoint *endpoint = endpoint_find(&hand->endpoints, network, ns);
    const struct network_guest *guest = network_guest_find(hand->network, ns);
    if (endpoint && endpoint->is_plugged && !(guest && place_is_file(&guest->place))) {
        endpoint_remove(&hand->endpoints, endpoint);
        return RESULT_DONE;
    }
    if (guest) {
        cli_fail(cli, RESULT_BUSY, "`%s` is in `%s` by the file of topology `%s`", ns, network, topology);
        cli_hint(cli, "take `%s` of `%s` out of it there, and apply the file",
                 strcmp(guest->ns, HOST) == 0 ? "network" : "networks", ns);
        return RESULT_BUSY;
    }
    return network_no_guest(cli, hand->network, ns);
}

static void say_unplugged(struct cli *cli, const struct hand *hand, const struct network *now)
{
    output_say(cli, "%s: %s is disconnected", now->name, cli->args[1]);
    if (cli->json)
        output_json(json_pack("{s:s, s:s, s:s, s:s}", "topology", hand->running->record.name, "network",
                              now->name, "result", "disconnected", "namespace", cli->args[1]));
}

static enum result connect_it(struct cli *cli)
{
    struct hand hand = {.word = cli->args[0],
                        .dry_run = cli->given[FLAG_DRY_RUN],
                        .wait = !cli->given[FLAG_NO_WAIT],
                        .edit = plug,
                        .say = say_plugged};
    return hand_change(cli, &hand);
}

enum { OUT_DRY_RUN, OUT_NO_WAIT, OUT_MAX };

static enum result disconnect(struct cli *cli)
{
    struct hand hand = {.word = cli->args[0],
                        .dry_run = cli->given[OUT_DRY_RUN],
                        .wait = !cli->given[OUT_NO_WAIT],
                        .edit = unplug,
                        .say = say_unplugged};
    return hand_change(cli, &hand);
}

const struct command command_network_connect = {
    .name = "network connect",
    .usage = "NETWORK NAMESPACE",
    .summary = "Plug a namespace into a network",
    .details = "NAMESPACE is one of the topology, or any that is there (ip netns), or with --pid a new name "
               "for that\n"
               "of a process. It stays connected as long as both are there, whatever is applied meanwhile.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .min_args = 2,
    .max_args = 2,
    .arguments = {ARGUMENT_NETWORK, ARGUMENT_NAMESPACE},
    .needs = NEED_WORLD,
    .run = connect_it,
};

const struct command command_network_disconnect = {
    .name = "network disconnect",
    .usage = "NETWORK NAMESPACE",
    .summary = "Take a namespace out of a network, into which it was plugged by hand",
    .flags = flags + FLAG_DRY_RUN,
    .n_flags = OUT_MAX,
    .min_args = 2,
    .max_args = 2,
    .arguments = {ARGUMENT_NETWORK, ARGUMENT_NAMESPACE},
    .needs = NEED_WORLD,
    .run = disconnect,
};
