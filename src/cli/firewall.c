/* plexus firewall: its subcommands, and whose firewall is meant. */
#include "cli/firewall.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "cli/commands.h"
#include "cli/network.h"
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
} aliases[] = {
    {"status", "list"},
    {"ls", "list"},
    {"show", "list"},
    {"delete", "remove N, or the words of the rule"},
    {"del", "remove N, or the words of the rule"},
    {"rm", "remove N, or the words of the rule"},
    {"insert", "allow --at N"},
    {"add", "allow"},
    {"accept", "allow"},
    {"drop", "deny"},
    {"block", "deny"},
    {"disable", "default input accept"},
    {"route", "allow ssh from wan to guests: what is forwarded has a `to`"},
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
    const char *ours = NULL;
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (strcmp(aliases[i].theirs, word) == 0)
            ours = aliases[i].ours;
    for (size_t i = 0; i < COUNT(subcommands); i++)
        nearest_offer(&nearest, subcommands[i].name);
    cli_fail(cli, RESULT_USAGE, "unknown word `%s`", word);
    if (ours)
        cli_hint(cli, "here it is: plexus firewall %s", ours);
    else if (nearest.best)
        cli_hint(cli, "did you mean `%s`?", nearest.best);
    else
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

/* Whose */

const char *firewall_namespace(const struct cli *cli)
{
    const char *ns = cli->values[FIREWALL_FLAG_NAMESPACE];
    return ns ? ns : cli->values[FIREWALL_FLAG_IN] ? cli->values[FIREWALL_FLAG_IN] : HOST;
}

const struct firewall *firewall_find(const struct topology *topology, const char *ns)
{
    const struct firewall *fw = topology->firewalls;
    while (fw && strcmp(fw->ns, ns) != 0)
        fw = fw->next;
    return fw;
}

const char *firewall_whose(struct cli *cli, const char *ns)
{
    return strcmp(ns, HOST) == 0 ? "the host" : arena_printf(&cli->arena, "namespace `%s`", ns);
}

static bool has_firewall(const struct record *record, const char *ns)
{
    const struct object *object = map_get(&record->recorded.namespaces, ns);
    while (object && object->class->id != CLASS_TABLE)
        object = object->next_in_ns;
    return object;
}

static enum result refuse_several(struct cli *cli, const char *ns, const char *names_of_all,
                                  const char *first)
{
    cli_fail(cli, RESULT_USAGE, "several topologies have a firewall for %s: %s", firewall_whose(cli, ns),
             names_of_all);
    cli_hint(cli, "say which: --topology %s", first);
    return RESULT_USAGE;
}

enum result firewall_topology(struct cli *cli, const char **ret_name)
{
    const char *said = cli->values[FIREWALL_FLAG_TOPOLOGY], *ns = firewall_namespace(cli);
    if (said) {
        *ret_name = said;
        return network_name(cli, said);
    }
    struct text all CLEANUP_TEXT = {0};
    size_t n, n_found = 0;
    struct record *records = network_records(cli, &n);
    const char *name = HOST;
    for (size_t i = 0; i < n; i++)
        if (has_firewall(&records[i], ns)) {
            text_printf(&all, "%s%s", n_found++ ? ", " : "", records[i].name);
            name = arena_strdup(&cli->arena, records[i].name);
        }
    network_records_free(records, n);
    if (n_found > 1)
        return refuse_several(cli, ns, text_of(&all), name);
    *ret_name = name;
    return RESULT_DONE;
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
        "test, without FILE or NAME: plexus.yaml here. Nothing is sent; of what runs, the kernel tells "
        "addresses\n"
        "and routes.",
    .flags = flags,
    .n_flags = FIREWALL_FLAGS,
    .min_args = 1,
    .max_args = 300,
    .arguments = {ARGUMENT_SUBCOMMAND, ARGUMENT_FILE},
    .subcommands = names,
    .needs_of = needs,
    .run = run,
};
