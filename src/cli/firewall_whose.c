/* Whose firewall `plexus firewall` means, and in which topology it is said.
 *
 * A file that has networks brings a firewall for the host, of which nobody wrote a line. What is done by hand
 * does not go there unless that is asked for: it would end with the network. */
#include <stdlib.h>
#include <string.h>

#include "cli/firewall.h"
#include "cli/live.h"
#include "cli/network.h"
#include "cli/output.h"
#include "file/read.h"

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

const char *firewall_namespace_words(struct cli *cli, const char *ns)
{
    return strcmp(ns, HOST) == 0 ? "" : arena_printf(&cli->arena, " --namespace %s", ns);
}

/* Which topology */

struct choice {
    struct cli *cli;
    const char *ns;
    struct text names, flags; /* "gate, other", "--topology gate, --topology other" */
    size_t n;
    bool has_host;    /* `host` is one of them */
    const char *last; /* in cli->arena */
};

static bool says(const char *name, const char *source, const char *ns)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    if (!strstr(source, "firewall")) /* most do not, and may be large */
        return false;
    if (file_read_text(name, source, strlen(source), &topology, &ignored) < 0)
        return false;
    const struct firewall *fw = firewall_find(&topology, ns);
    return fw && fw->is_said;
}

static void offer(struct choice *choice, const char *name, const char *source)
{
    if (!says(name, source, choice->ns))
        return;
    const char *comma = choice->n++ ? ", " : "";
    text_printf(&choice->names, "%s%s", comma, name);
    text_printf(&choice->flags, "%s--topology %s", comma, name);
    choice->has_host |= strcmp(name, HOST) == 0;
    choice->last = arena_strdup(&choice->cli->arena, name);
}

static void offer_running(struct choice *choice)
{
    size_t n;
    struct record *records = network_records(choice->cli, &n);
    for (size_t i = 0; i < n; i++)
        offer(choice, records[i].name, records[i].source);
    network_records_free(records, n);
}

static void offer_saved(struct choice *choice)
{
    const struct machine *machine = choice->cli->machine;
    char **names = saved_names(machine);
    for (char **name = names; *name; name++) {
        struct errors ignored CLEANUP_ERRORS = {0};
        char *text = NULL;
        if (topology_runs(machine, *name) != 0 && saved_read(machine, *name, &text, &ignored) == RESULT_DONE)
            offer(choice, *name, text);
        free(text);
    }
    names_free(names);
}

static enum result refuse_several(const struct choice *choice)
{
    struct cli *cli = choice->cli;
    cli_fail(cli, RESULT_USAGE, "several topologies have a firewall for %s: %s",
             firewall_whose(cli, choice->ns), text_of(&choice->names));
    cli_hint(cli, "say which: %s%s", text_of(&choice->flags),
             choice->has_host || strcmp(choice->ns, HOST) != 0 ? "" : "; or --topology host, which is made");
    return RESULT_USAGE;
}

const char *firewall_topology_with(struct cli *cli, const char *ns)
{
    const char *found = NULL;
    size_t n;
    struct record *records = network_records(cli, &n);
    for (size_t i = 0; i < n && !found; i++)
        if (model_get(&records[i].recorded, CLASS_NAMESPACE, HOST, ns))
            found = arena_strdup(&cli->arena, records[i].name);
    network_records_free(records, n);
    return found;
}

enum result firewall_topology(struct cli *cli, const char **ret_name)
{
    const char *said = cli->values[FIREWALL_FLAG_TOPOLOGY];
    struct choice choice = {.cli = cli, .ns = firewall_namespace(cli)};
    if (said) {
        *ret_name = said;
        return network_name(cli, said);
    }
    offer_running(&choice);
    if (!choice.n)
        offer_saved(&choice);
    if (!choice.n)
        choice.last = firewall_topology_with(cli, choice.ns);
    *ret_name = choice.last ? choice.last : HOST;
    enum result result = choice.n > 1 ? refuse_several(&choice) : RESULT_DONE;
    text_done(&choice.names);
    text_done(&choice.flags);
    return result;
}

enum result firewall_refuse_topology(struct cli *cli, const char *name)
{
    const char *nearest = live_nearest(cli, LIVE_RUNNING | LIVE_SAVED, name);
    cli_fail(cli, RESULT_NOT_FOUND, "no topology `%s` runs or is saved", name);
    cli_hint(cli, "%s%s%sonly `host` is made by itself, any other by plexus apply FILE",
             nearest ? "did you mean `" : "", nearest ? nearest : "", nearest ? "`? " : "");
    return RESULT_NOT_FOUND;
}
