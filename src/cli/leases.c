/* plexus leases: the addresses that networks have given away by DHCP. */
#include <stdlib.h>
#include <string.h>

#include "cli/network.h"
#include "cli/output.h"
#include "kernel/leases.h"

/* The network of a service that gives addresses; NULL: it does not. */
static const char *network_of(const struct object *object)
{
    bool gives = object->class->id == CLASS_SERVICE && service_gives_addresses(object);
    return gives ? object_text(object, "network") : NULL;
}

static json_t *lease_to_json(const char *topology, const char *network, const struct lease *lease)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "topology", output_json_text(topology), "network",
                     output_json_text(network), "address", output_json_text(lease->address), "name",
                     output_json_text(lease->name), "mac", output_json_text(lease->mac), "client",
                     output_json_text(lease->client), "expires", output_json_time((time_t)lease->expires));
}

struct listing {
    struct cli *cli;
    struct libscols_table *table;
    json_t *json;
    size_t n;
};

static void add_leases(struct listing *listing, const char *topology, const struct object *service)
{
    size_t n;
    const char *network = network_of(service);
    const struct lease *leases = leases_of(service, &listing->cli->arena, &n);
    for (size_t i = 0; i < n; i++) {
        char expires[TIME_TEXT_SIZE];
        const char *const cells[] = {leases[i].address, leases[i].name ? leases[i].name : "",
                                     leases[i].mac ? leases[i].mac : leases[i].client, network,
                                     leases[i].expires ? output_time((time_t)leases[i].expires, expires)
                                                       : "never"};
        table_add(listing->table, NULL, cells);
        json_array_append_new(listing->json, lease_to_json(topology, network, &leases[i]));
    }
    listing->n += n;
}

static enum result refuse(struct cli *cli, const char *word, const struct record *records, size_t n)
{
    struct nearest nearest = {.word = word};
    for (size_t i = 0; i < n; i++)
        model_each(&records[i].recorded, object)
        {
            if (network_of(object))
                nearest_offer(&nearest, network_of(object));
        }
    cli_fail(cli, RESULT_NOT_FOUND, "no network `%s` with `dhcp` runs", word);
    if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "plexus leases, without a name, shows those of all");
    return RESULT_NOT_FOUND;
}

static bool list_all(struct listing *listing, const char *word, const struct record *records, size_t n)
{
    bool found = !word;
    for (size_t i = 0; i < n; i++)
        model_each(&records[i].recorded, object)
        {
            const char *network = network_of(object);
            if (!network || (word && strcmp(word, network) != 0))
                continue;
            add_leases(listing, records[i].name, object);
            found = true;
        }
    return found;
}

static enum result run(struct cli *cli)
{
    static const char *const headings[] = {"ADDRESS", "NAME", "CLIENT", "NETWORK", "UNTIL", NULL};
    struct listing listing = {.cli = cli, .table = table_new(cli, headings), .json = json_array()};
    const char *word = cli->n_args ? cli->args[0] : NULL;
    size_t n;
    struct record *records = network_records(cli, &n);
    enum result result = cli->errors.n_errors                   ? RESULT_FAILED
                         : list_all(&listing, word, records, n) ? RESULT_DONE
                                                                : refuse(cli, word, records, n);
    if (cli->json && result == RESULT_DONE)
        output_json(listing.json);
    else
        json_decref(listing.json);
    if (result == RESULT_DONE && output_is_talking(cli)) {
        table_print(listing.table);
        if (!listing.n)
            output_say(cli, "no lease is given");
    } else {
        scols_unref_table(listing.table);
    }
    network_records_free(records, n);
    return result;
}

const struct command command_leases = {
    .name = "leases",
    .usage = "[NETWORK]",
    .summary = "List the addresses that networks have given by DHCP",
    .details = "Without a name: those of all networks that run.",
    .max_args = 1,
    .needs = NEED_WORLD,
    .run = run,
};
