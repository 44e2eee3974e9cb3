/* plexus firewall: its subcommands. */
#include "cli/firewall.h"

#include <string.h>

#include "base/names.h"
#include "cli/commands.h"
#include "cli/output.h"

static const struct flag flags[FIREWALL_FLAGS] = {
    [FIREWALL_FLAG_NAMESPACE] = {"namespace", "NS", false,
                                 "the firewall of this namespace, not that of the host"},
    [FIREWALL_FLAG_IN] = {"in", "NS", false, "the same"},
    [FIREWALL_FLAG_TOPOLOGY] = {"topology", "NAME", false,
                                "the topology whose file says it; else the only one that runs and has one, "
                                "or `host`"},
    [FIREWALL_FLAG_SAVE] = {"save", NULL, false, "change what is saved for the next boot as well"},
    [FIREWALL_FLAG_CONFIRM] = {"confirm", "S", true,
                               "go back after S seconds (30) unless `plexus confirm` is said before"},
    [FIREWALL_FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FIREWALL_FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
    [FIREWALL_FLAG_AT] = {"at", "N", false, "the rule becomes number N; else the last"},
};

enum {
    FLAGS_OF_TEST = FIREWALL_FLAG_TOPOLOGY,
    FLAGS_OF_LIST = FIREWALL_FLAG_SAVE,
    FLAGS_OF_CHANGE = FIREWALL_FLAG_AT
};

static const struct subcommand {
    const char *name, *usage;
    size_t min_args, max_args; /* behind the name */
    unsigned n_flags;          /* of the table: the first so many */
    unsigned needs;
    enum result (*run)(struct cli *cli);
} subcommands[] = {
    {"list", "list", 0, 0, FLAGS_OF_LIST, NEED_WORLD, firewall_list},
    {"allow", "allow RULE...", 1, SIZE_MAX, FIREWALL_FLAGS, NEED_NEW_WORLD, firewall_rule},
    {"deny", "deny RULE...", 1, SIZE_MAX, FIREWALL_FLAGS, NEED_NEW_WORLD, firewall_rule},
    {"reject", "reject RULE...", 1, SIZE_MAX, FIREWALL_FLAGS, NEED_NEW_WORLD, firewall_rule},
    {"limit", "limit RULE...", 1, SIZE_MAX, FIREWALL_FLAGS, NEED_NEW_WORLD, firewall_rule},
    {"remove", "remove N | RULE...", 1, SIZE_MAX, FLAGS_OF_CHANGE, NEED_NEW_WORLD, firewall_remove},
    {"default", "default DIRECTION POLICY", 2, 2, FLAGS_OF_CHANGE, NEED_NEW_WORLD, firewall_default},
    {"enable", "enable", 0, 0, FLAGS_OF_CHANGE, NEED_NEW_WORLD, firewall_enable},
    {"test", "test [FILE | NAME] PACKET...", 1, SIZE_MAX, FLAGS_OF_TEST, 0, firewall_test},
};

static const char *const names[] = {"list",   "allow",   "deny",   "reject", "limit",
                                    "remove", "default", "enable", "test",   NULL};

/* What ufw, firewall-cmd and iptables call the same. */
static const struct {
    const char *theirs, *ours;
    const char *instead; /* where no word of ours does it */
} aliases[] = {
    {"status", "list", NULL},
    {"ls", "list", NULL},
    {"show", "list", NULL},
    {"delete", "remove N, or the words of the rule", NULL},
    {"del", "remove N, or the words of the rule", NULL},
    {"rm", "remove N, or the words of the rule", NULL},
    {"insert", "allow --at N", NULL},
    {"add", "allow", NULL},
    {"accept", "allow", NULL},
    {"drop", "deny", NULL},
    {"block", "deny", NULL},
    {"disable", "default input accept", NULL},
    {"route", "allow ssh from wan to guests: what is forwarded has a `to`", NULL},
    {"reload", NULL,
     "there is nothing to load again: what is changed holds at once. What others changed in the kernel is "
     "put "
     "right by plexus rollback NAME 0, and shown by plexus status"},
    {"reset", NULL,
     "one that was made by hand goes with its topology: plexus down host; what is saved of it: plexus forget "
     "host. One revision back: plexus rollback NAME 1"},
};

static const struct subcommand *find(const char *word)
{
    for (size_t i = 0; i < COUNT(subcommands); i++)
        if (strcmp(subcommands[i].name, word) == 0)
            return &subcommands[i];
    return NULL;
}

static unsigned needs(const struct cli *cli)
{
    const struct subcommand *subcommand = find(cli->args[0]);
    return subcommand ? subcommand->needs : 0;
}

static enum result refuse(struct cli *cli, const char *word)
{
    struct nearest nearest = {.word = word};
    const char *ours = NULL, *instead = NULL;
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (strcmp(aliases[i].theirs, word) == 0) {
            ours = aliases[i].ours;
            instead = aliases[i].instead;
        }
    for (size_t i = 0; i < COUNT(subcommands); i++)
        nearest_offer(&nearest, subcommands[i].name);
    cli_fail(cli, RESULT_USAGE, "unknown word `%s`", word);
    if (ours)
        cli_hint(cli, "here it is: plexus firewall %s", ours);
    else if (instead)
        cli_hint(cli, "%s", instead);
    else if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "usage: plexus firewall %s", command_firewall.usage);
    return RESULT_USAGE;
}

static const struct flag *foreign_flag(const struct cli *cli, const struct subcommand *subcommand)
{
    for (unsigned i = subcommand->n_flags; i < FIREWALL_FLAGS; i++)
        if (cli->given[i])
            return &flags[i];
    return NULL;
}

static enum result run(struct cli *cli)
{
    const struct subcommand *subcommand = find(cli->args[0]);
    if (!subcommand)
        return refuse(cli, cli->args[0]);
    size_t n = cli->n_args - 1;
    const struct flag *foreign = foreign_flag(cli, subcommand);
    if (!foreign && n >= subcommand->min_args && n <= subcommand->max_args)
        return subcommand->run(cli);
    if (foreign)
        cli_fail(cli, RESULT_USAGE, "`%s` has no option `--%s`", subcommand->name, foreign->name);
    else if (n < subcommand->min_args)
        cli_fail(cli, RESULT_USAGE, "words are missing");
    else
        cli_fail(cli, RESULT_USAGE, "one word too many: `%s`", cli->args[subcommand->max_args + 1]);
    cli_hint(cli, "usage: plexus firewall %s", subcommand->usage);
    return RESULT_USAGE;
}

const struct command command_firewall = {
    .name = "firewall",
    .usage =
        "list | allow|deny|reject|limit RULE... | remove N|RULE... | default DIRECTION POLICY | enable | "
        "test [FILE | NAME] PACKET...",
    .summary = "Change the firewall by hand, and ask what it does to a packet",
    .details =
        "RULE is what a file says: ssh from wan; tcp/8000-8010 from 10.0.0.0/8; also 22/tcp, as ufw has it.\n"
        "What is changed is the file that runs, which is applied: plan, history and rollback show it.\n"
        "DIRECTION is input, forward or output, POLICY accept, drop or reject.\n"
        "PACKET is a few words: tcp/22 from wan; from 192.0.2.7 to 10.0.0.5 tcp/80; icmp echo-request in "
        "eno1.\n"
        "test, without FILE or NAME: plexus.yaml here, else the only firewall that runs. Nothing is sent; "
        "of\n"
        "what runs, the kernel tells addresses and routes.",
    .flags = flags,
    .n_flags = FIREWALL_FLAGS,
    .min_args = 1,
    .max_args = 300,
    .arguments = {ARGUMENT_SUBCOMMAND, ARGUMENT_FILE},
    .subcommands = names,
    .needs_of = needs,
    .run = run,
};
