/* plexus firewall: its subcommands. */
#include "cli/firewall.h"

#include <string.h>

#include "base/names.h"
#include "cli/commands.h"
#include "cli/output.h"

static const struct flag flags[FIREWALL_FLAGS] = {
    [FIREWALL_FLAG_IN] = {"in", "NS", false, "the firewall of this namespace, not that of the host"},
};

static const struct {
    const char *name;
    size_t min_args;
    enum result (*run)(struct cli *cli);
} subcommands[] = {
    {"test", 1, firewall_test},
};

static const char *const names[] = {"test", NULL};

static enum result run(struct cli *cli)
{
    struct nearest nearest = {.word = cli->args[0]};
    for (size_t i = 0; i < COUNT(subcommands); i++) {
        nearest_offer(&nearest, subcommands[i].name);
        if (strcmp(subcommands[i].name, cli->args[0]) != 0)
            continue;
        if (cli->n_args > subcommands[i].min_args)
            return subcommands[i].run(cli);
        cli_fail(cli, RESULT_USAGE, "words are missing");
        cli_hint(cli, "usage: plexus firewall %s", command_firewall.usage);
        return RESULT_USAGE;
    }
    cli_fail(cli, RESULT_USAGE, "unknown word `%s`", cli->args[0]);
    if (nearest.best)
        cli_hint(cli, "did you mean `%s`?", nearest.best);
    else
        cli_hint(cli, "usage: plexus firewall %s", command_firewall.usage);
    return RESULT_USAGE;
}

const struct command command_firewall = {
    .name = "firewall",
    .usage = "test [FILE | NAME] PACKET...",
    .summary = "Ask what the firewall does to a packet",
    .details = "PACKET is a few words: tcp/22 from wan; from 192.0.2.7 to 10.0.0.5 tcp/80; icmp echo-request "
               "in eno1.\n"
               "Without FILE or NAME: plexus.yaml here. Nothing is sent, and the kernel is not asked.",
    .flags = flags,
    .n_flags = FIREWALL_FLAGS,
    .min_args = 1,
    .max_args = 100,
    .arguments = {ARGUMENT_SUBCOMMAND, ARGUMENT_FILE},
    .subcommands = names,
    .run = run,
};
