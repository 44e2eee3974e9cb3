/* plexus network create: a topology of its own with one network. Its file is written here, as a person would
 * write it; from then on it is one like any other. The options are those that a network has in a file. */
#include <ctype.h>
#include <string.h>

#include "apply/store.h"
#include "cli/change.h"
#include "cli/commands.h"
#include "cli/network.h"
#include "cli/network_created.h"
#include "cli/networks.h"
#include "cli/options.h"
#include "cli/output.h"
#include "file/emit.h"
#include "file/networks.h"
#include "model/topology.h"

enum {
    FLAG_SAVE = NETWORK_OPTIONS,
    FLAG_CONFIRM,
    FLAG_DRY_RUN,
    FLAG_ADOPT,
    FLAG_NO_WAIT,
    FLAG_MAX,
};

static struct flag flags[FLAG_MAX] = {
    [FLAG_SAVE] = {"save", NULL, false, "keep it for the next boot"},
    [FLAG_CONFIRM] = {"confirm", "S", true,
                      "go back after S seconds (30) unless `plexus confirm` is said before"},
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FLAG_ADOPT] = {"adopt", NULL, false, "take over what is in the way and was not made by Plexus"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
};

/* The first sentence of a help, as --help has them; and the key in capitals, as what it calls the value. */
static void fill_flag(const struct option *option, struct flag *flag)
{
    enum { TEXT_SIZE = 160 };
    static char texts[NETWORK_OPTIONS][TEXT_SIZE], values[NETWORK_OPTIONS][32];
    char *help = texts[option - network_options], *value = values[option - network_options];
    const char *end = strstr(option->help, ". ");
    size_t length = end ? (size_t)(end - option->help) : strcspn(option->help, ".");
    length = length < TEXT_SIZE ? length : TEXT_SIZE - 1;
    memcpy(help, option->help, length);
    if (length > 1 && islower((unsigned char)help[1]))
        help[0] = (char)tolower((unsigned char)help[0]);
    for (size_t i = 0; option->key[i] && i + 1 < sizeof values[0]; i++)
        value[i] = (char)toupper((unsigned char)option->key[i]);
    *flag = (struct flag){.name = option->key,
                          .value = option->type == TYPE_BOOL ? NULL : value,
                          .optional = option == &network_options[NETWORK_OPTION_IPV6] ||
                                      option == &network_options[NETWORK_OPTION_DHCP] ||
                                      option == &network_options[NETWORK_OPTION_DNS],
                          .help = help};
}

static void prepare(void)
{
    for (unsigned i = 0; i < NETWORK_OPTIONS; i++)
        fill_flag(&network_options[i], &flags[i]);
}

/* The file */

static const struct place nowhere;

/* Without quotes, as far as it is a word. */
static struct node *scalar(struct cli *cli, const char *text)
{
    struct node *node = node_new_scalar(&cli->arena, text, &nowhere);
    node->quoted = false;
    node->quoted = node_is_null(node);
    return node;
}

static void say(struct cli *cli, struct node *map, const char *key, struct node *value)
{
    node_add_pair(&cli->arena, map, scalar(cli, key), value);
}

/* A subnet of IPv6 is another key, so that --subnet can be given twice, as Docker has it. */
static const char *key_for(unsigned option, const char *value)
{
    return network_options[option == NETWORK_OPTION_SUBNET && ip_text_is_ipv6(value) ? NETWORK_OPTION_IPV6
                                                                                     : option]
        .key;
}

static enum result say_option(struct cli *cli, unsigned i, struct node *map)
{
    const struct option *option = &network_options[i];
    struct node *list = node_new(&cli->arena, NODE_LIST, &nowhere);
    if (!cli->lists[i])
        say(cli, map, option->key, scalar(cli, "true"));
    for (const char *const *value = cli->lists[i]; value && *value; value++) {
        if (option->flags & OPTION_LIST)
            node_add_item(&cli->arena, list, scalar(cli, *value));
        else if (node_pair(map, key_for(i, *value)))
            return cli_fail(cli, RESULT_USAGE, "--%s is given twice", option->key);
        else
            say(cli, map, key_for(i, *value), scalar(cli, *value));
    }
    if (list->n)
        say(cli, map, option->key, list);
    return RESULT_DONE;
}

static struct node *empty(struct cli *cli)
{
    return node_new(&cli->arena, NODE_MAP, &nowhere);
}

/* It is there already: a mistaken name is told. */
static void say_uplink(struct cli *cli, struct node *root, const char *uplink)
{
    struct node *interfaces = empty(cli), *interface = empty(cli);
    say(cli, interface, "type", scalar(cli, "physical"));
    say(cli, interfaces, uplink, interface);
    say(cli, root, "interfaces", interfaces);
}

static enum result write_file(struct cli *cli, const char *name, struct text *out)
{
    struct node *root = empty(cli), *networks = empty(cli), *network = empty(cli);
    const char *uplink = cli->values[NETWORK_OPTION_UPLINK];
    for (unsigned i = 0; i < NETWORK_OPTIONS; i++)
        if (cli->given[i] && say_option(cli, i, network) != RESULT_DONE)
            return RESULT_USAGE;
    say(cli, root, "name", scalar(cli, name));
    if (uplink)
        say_uplink(cli, root, uplink);
    say(cli, root, "networks", networks);
    say(cli, networks, name, network);
    text_add(out, NETWORK_CREATED "\n");
    emit_yaml(root, out);
    return RESULT_DONE;
}

/* Making it */

static enum result refuse_existing(struct cli *cli, const char *name)
{
    struct running_list all CLEANUP_RUNNING = {0};
    const struct running *other = NULL;
    running_load(cli->machine, &all);
    each_running_network(&all, running, network)
    {
        if (strcmp(network->name, name) == 0)
            other = running;
    }
    if (other) {
        cli_fail(cli, RESULT_BUSY, "a network `%s` runs already, of topology `%s`", name, other->record.name);
        cli_hint(cli, "plexus network inspect %s shows it", name);
    } else if (topology_runs(cli->machine, name) == 0) {
        cli_fail(cli, RESULT_BUSY, "a topology `%s` runs already", name);
        cli_hint(cli, "plexus show %s shows it; take another name", name);
    } else if (topology_is_saved(cli->machine, name)) {
        cli_fail(cli, RESULT_BUSY, "a topology `%s` is saved already", name);
        cli_hint(cli, "make that one run: plexus apply --saved; or forget it: plexus forget %s", name);
    } else {
        return RESULT_DONE;
    }
    return RESULT_BUSY;
}

static void report(const struct cli *cli, const struct network *network, bool saved)
{
    struct text subnets CLEANUP_TEXT = {0};
    subnets_text(network->subnets, &subnets);
    output_say(cli, "network %s: %s%s%s on bridge %s%s", network->name,
               names_format(network_mode_names, network->mode), subnets.length ? ", " : "", text_of(&subnets),
               network->bridge,
               !saved          ? ""
               : cli->in_world ? ", saved"
                               : ", saved for the next boot");
}

static enum result create(struct cli *cli, struct change_job job, const char *text)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    enum result result = refuse_existing(cli, job.name);
    if (result == RESULT_DONE && (network_read_text(cli, cli->command->name, text, &topology) < 0 ||
                                  topology_check(&topology, &cli->errors) < 0))
        result = RESULT_USAGE;
    if (result != RESULT_DONE)
        return result;
    job.topology = &topology;
    result = change_make_here(cli, &job);
    if (result == RESULT_DONE && cli->given[FLAG_SAVE] && !job.dry_run)
        result = save_topology(cli->session, job.name);
    if (result == RESULT_DONE && !job.dry_run)
        report(cli, topology.networks, cli->given[FLAG_SAVE]);
    return result;
}

static enum result run(struct cli *cli)
{
    struct text file CLEANUP_TEXT = {0};
    long seconds = 0;
    const char *name = cli->args[0];
    if (cli->given[FLAG_SAVE] && cli->given[FLAG_CONFIRM]) {
        cli_fail(cli, RESULT_USAGE, "--save and --confirm cannot both be meant");
        cli_hint(cli, "what is not confirmed is not saved; afterwards: plexus confirm %s && plexus save %s",
                 name, name);
        return RESULT_USAGE;
    }
    enum result result = options_number(cli, FLAG_CONFIRM, 1, CONFIRM_MAX,
                                        cli->given[FLAG_CONFIRM] ? CONFIRM_SECONDS : 0, &seconds);
    struct change_job job = {
        .name = name,
        .adopt = cli->given[FLAG_ADOPT],
        .dry_run = cli->given[FLAG_DRY_RUN],
        .options = {.confirm_seconds = (int)seconds},
    };
    if (result == RESULT_DONE && !topology_name_is_valid(name)) {
        result = cli_fail(cli, RESULT_USAGE, "`%s` cannot be the name of a network", name);
        cli_hint(cli, "names are letters, digits, `-`, `_` and `.`");
    }
    if (result == RESULT_DONE)
        result = write_file(cli, name, &file);
    if (result == RESULT_DONE)
        result = network_open(cli, job.dry_run ? ACCESS_READ : ACCESS_WRITE, name, !cli->given[FLAG_NO_WAIT]);
    return result == RESULT_DONE ? create(cli, job, text_of(&file)) : result;
}

const struct command command_network_create = {
    .name = "network create",
    .usage = "NAME",
    .summary = "Make a network",
    .details =
        "It is a topology of its own, called NAME, and its options are the keys of a network in a file\n"
        "(plexus.file(5)): plexus show, status and down work on it like on any other.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .prepare = prepare,
    .min_args = 1,
    .max_args = 1,
    .needs = NEED_NEW_WORLD,
    .run = run,
};
