/* plexus network ls: the networks of all topologies that run. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/networks.h"
#include "cli/output.h"
#include "model/firewall/firewall.h"

static void add_row(struct libscols_table *table, const struct running *running,
                    const struct network *network)
{
    struct text subnets CLEANUP_TEXT = {0}, guests CLEANUP_TEXT = {0}, ports CLEANUP_TEXT = {0};
    size_t n = 0;
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next)
        n++;
    text_printf(&guests, "%zu", n);
    subnets_text(network->subnets, &subnets);
    const struct fw_publish *port = NULL;
    while ((port = network_published(&running->topology, network, port)))
        text_join(&ports, port->words);
    const char *const cells[] = {
        network->name,   running->record.name, names_format(network_mode_names, network->mode),
        network->bridge, text_of(&subnets),    text_of(&guests),
        text_of(&ports)};
    table_add(table, NULL, cells);
}

static json_t *row_to_json(const struct running *running, const struct network *network)
{
    json_t *guests = json_array(), *ports = json_array();
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next)
        json_array_append_new(guests, output_json_text(guest->name));
    const struct fw_publish *port = NULL;
    while ((port = network_published(&running->topology, network, port)))
        json_array_append_new(ports, output_json_text(port->words));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "name", network->name, "topology",
                     running->record.name, "mode", names_format(network_mode_names, network->mode), "bridge",
                     network->bridge, "subnets", prefixes_to_json(network->subnets), "guests", guests,
                     "published", ports);
}

static enum result run(struct cli *cli)
{
    static const char *const headings[] = {"NAME",    "TOPOLOGY", "MODE",      "BRIDGE",
                                           "SUBNETS", "GUESTS",   "PUBLISHED", NULL};
    struct running_list all CLEANUP_RUNNING = {0};
    struct libscols_table *table = table_new(cli, headings);
    json_t *list = json_array();
    running_load(cli->machine, &all);
    each_running_network(&all, running, network)
    {
        add_row(table, running, network);
        json_array_append_new(list, row_to_json(running, network));
        if (cli->quiet && !cli->json)
            puts(network->name);
    }
    if (!json_array_size(list))
        output_say(cli, "no network runs");
    if (cli->json)
        output_json(json_incref(list));
    if (output_is_talking(cli))
        table_print(table);
    else
        scols_unref_table(table);
    json_decref(list);
    return RESULT_DONE;
}

const struct command command_network_ls = {
    .name = "network ls",
    .usage = "",
    .summary = "List the networks of all topologies that run",
    .details = "With --quiet: names only.",
    .needs = NEED_WORLD,
    .run = run,
};
