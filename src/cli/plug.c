/* plexus plug and unplug: ports that others made, in and out of networks; and what QEMU itself calls:
 * under the names qemu-ifup, qemu-ifdown and qemu-bridge-helper the program is these commands (see
 * main.c). */
#include "guest/plug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/network.h"
#include "cli/output.h"
#include "kernel/tap.h"

enum { FLAG_BR, FLAG_FD, FLAG_VNET };

static const struct flag flags[] = {
    [FLAG_BR] = {"br", "NETWORK", false, "Make a TAP for QEMU, plug it into the network, and pass it on"},
    [FLAG_FD] = {"fd", "N", false, "The socket that QEMU waits at, with --br"},
    [FLAG_VNET] = {"use-vnet", NULL, false, "Each frame is preceded by a virtio header, with --br"},
};

static void say(const struct cli *cli, const char *did, const char *interface, const char *network)
{
    if (cli->json)
        output_json(json_pack("{s:s, s:s, s:s}", "interface", interface, "network", network, "result", did));
}

static enum result plug(struct cli *cli, const char *interface, const char *name, const char **ret_network)
{
    enum result result = network_open(cli, ACCESS_WRITE, NULL, true);
    return result == RESULT_DONE ? plug_in(cli->session, interface, name, ret_network) : result;
}

/* The protocol of qemu-bridge-helper: the exit status says whether a descriptor was sent. */
static enum result help_qemu(struct cli *cli)
{
    char name[IFNAMSIZ], *end;
    const char *network = NULL, *number = cli->values[FLAG_FD];
    long socket = number ? strtol(number, &end, 10) : -1;
    if (!number || *end || end == number || socket < 0 || socket > 65535) {
        cli_fail(cli, RESULT_USAGE, "--br needs --fd=N, the socket to which the TAP is passed");
        cli_hint(cli, "QEMU says both: -netdev bridge,br=NETWORK,helper=...");
        return RESULT_USAGE;
    }
    int fd = tap_open(cli->given[FLAG_VNET], name);
    if (fd < 0) {
        cli_fail(cli, fd == -EPERM || fd == -EACCES ? RESULT_NOT_PERMITTED : RESULT_FAILED,
                 "cannot make a TAP: %s", strerror(-fd));
        return fd == -EPERM || fd == -EACCES ? RESULT_NOT_PERMITTED : RESULT_FAILED;
    }
    enum result result = plug(cli, name, cli->values[FLAG_BR], &network);
    int r = result == RESULT_DONE ? descriptor_pass((int)socket, fd) : 0;
    if (r < 0)
        result =
            cli_fail(cli, RESULT_FAILED, "cannot pass the TAP to descriptor %ld: %s", socket, strerror(-r));
    close(fd);
    return result;
}

static enum result run_plug(struct cli *cli)
{
    const char *network = NULL, *said = cli->n_args > 1 ? cli->args[1] : getenv("PLEXUS_NETWORK");
    if (cli->given[FLAG_BR] && cli->n_args == 0)
        return help_qemu(cli);
    if (cli->n_args == 0 || cli->given[FLAG_BR] || cli->given[FLAG_FD] || cli->given[FLAG_VNET]) {
        cli_fail(cli, RESULT_USAGE,
                 cli->n_args ? "--br, --fd and --use-vnet are for a TAP that is made now"
                             : "an interface is missing");
        cli_hint(cli, "usage: plexus plug %s", cli->command->usage);
        return RESULT_USAGE;
    }
    enum result result = plug(cli, cli->args[0], said, &network);
    if (result != RESULT_DONE)
        return result;
    output_say(cli, "%s: in network %s", cli->args[0], network);
    say(cli, "plugged", cli->args[0], network);
    return result;
}

static bool is_called_by_qemu(void)
{
    return strcmp(program_invocation_short_name, "qemu-ifdown") == 0;
}

static enum result run_unplug(struct cli *cli)
{
    const char *network = NULL;
    enum result result = network_open(cli, ACCESS_WRITE, NULL, true);
    if (result == RESULT_DONE)
        result = plug_out(cli->session, cli->args[0], &network);
    if (result == RESULT_BUSY && network && is_called_by_qemu()) {
        errors_done(&cli->session->errors); /* QEMU calls for all that it had, and the file keeps its own */
        return RESULT_DONE;
    }
    if (result != RESULT_DONE)
        return result;
    output_say(cli, "%s: out of network %s", cli->args[0], network);
    say(cli, "unplugged", cli->args[0], network);
    return result;
}

const struct command command_plug = {
    .name = "plug",
    .usage = "INTERFACE [NETWORK]",
    .summary = "Plug an interface of others into a network that runs",
    .details =
        "The network in which the file has the interface; else NETWORK or PLEXUS_NETWORK, the name of a\n"
        "network or of its bridge; else the only one that runs. It gets the MTU, VLAN and isolation of\n"
        "the network. With --br it is what QEMU calls as its bridge helper; see plexus-vm(7).",
    .flags = flags,
    .n_flags = COUNT(flags),
    .max_args = 2,
    .arguments = {ARGUMENT_OBJECT},
    .needs = NEED_WORLD,
    .run = run_plug,
};

const struct command command_unplug = {
    .name = "unplug",
    .usage = "INTERFACE",
    .summary = "Take an interface of others out of a network",
    .details = "What the file of the network has in it is refused: that is changed there.",
    .min_args = 1,
    .max_args = 1,
    .arguments = {ARGUMENT_OBJECT},
    .needs = NEED_WORLD,
    .run = run_unplug,
};
