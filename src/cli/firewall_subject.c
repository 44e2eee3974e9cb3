/* plexus firewall test: by which file a packet is judged. */
#include <string.h>
#include <unistd.h>

#include "cli/firewall.h"
#include "cli/network.h"
#include "cli/output.h"

/* Whether the word can be the name of what runs only, though a folder may be called so. */
static bool is_bare(const char *word)
{
    return topology_name_is_valid(word) && !strchr(word, '.');
}

/* One of which nothing else can be meant than a file. */
static bool is_file_name(const char *word)
{
    const char *dot = strrchr(word, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static enum result read_running(struct cli *cli, const char *name, struct topology *topology)
{
    struct record record CLEANUP_RECORD = {0};
    enum result result = network_record(cli, name, &record);
    if (result == RESULT_DONE && network_read_text(cli, name, record.source, topology) < 0)
        result = RESULT_FAILED;
    return result;
}

static bool has_firewall(const struct record *record, const char *ns)
{
    const struct object *object = map_get(&record->recorded.namespaces, ns);
    while (object && object->class->id != CLASS_TABLE)
        object = object->next_in_ns;
    return object;
}

/* Of no file: that of the only topology that runs and has a firewall for the namespace. */
static enum result read_only(struct cli *cli, struct topology *topology)
{
    struct text all CLEANUP_TEXT = {0};
    const char *ns = firewall_namespace(cli), *name = NULL;
    size_t n, n_found = 0;
    struct record *records = network_records(cli, &n);
    for (size_t i = 0; i < n; i++)
        if (has_firewall(&records[i], ns)) {
            text_printf(&all, "%s%s", n_found++ ? ", " : "", records[i].name);
            name = arena_strdup(&cli->arena, records[i].name);
        }
    network_records_free(records, n);
    if (!n_found)
        return network_read(cli, NULL, 0, topology); /* which refuses, as there is none */
    if (n_found > 1) {
        cli_fail(cli, RESULT_USAGE, "several topologies have a firewall for %s: %s", firewall_whose(cli, ns),
                 text_of(&all));
        cli_hint(cli, "say which, in front of the packet: plexus firewall test %s ...", name);
        return RESULT_USAGE;
    }
    output_say(cli, "by the firewall of %s of `%s`, which runs", firewall_whose(cli, ns), name);
    return read_running(cli, name, topology);
}

enum result firewall_test_subject(struct cli *cli, struct topology *topology, size_t *ret_word,
                                  bool *ret_runs)
{
    const char *word = cli->args[1];
    bool is_file = access(word, F_OK) == 0 || strcmp(word, "-") == 0 || is_file_name(word);
    *ret_word = 2;
    *ret_runs =
        topology_name_is_valid(word) && (!is_file || is_bare(word)) && topology_runs(cli->machine, word) == 0;
    if (*ret_runs)
        return read_running(cli, word, topology);
    if (is_file)
        return network_read(cli, &cli->args[1], 1, topology);
    *ret_word = 1;
    *ret_runs = !network_is_here();
    return *ret_runs ? read_only(cli, topology) : network_read(cli, NULL, 0, topology);
}
