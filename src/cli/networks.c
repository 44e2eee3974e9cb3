#include "cli/networks.h"

#include <stdlib.h>
#include <string.h>

#include "apply/networks.h"
#include "cli/live.h"
#include "cli/network.h"
#include "cli/output.h"
#include "file/read.h"
#include "model/firewall/firewall.h"

static bool read_running(const struct cli *cli, const char *name, struct running *ret)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct text file CLEANUP_TEXT = {0};
    struct running one = {0};
    if (record_load(cli->machine, name, &one.record, &ignored) != RESULT_DONE ||
        !strstr(one.record.source, "networks")) {
        record_done(&one.record);
        return false;
    }
    endpoints_load(cli->machine, name, &one.endpoints, &ignored);
    struct surroundings there = surroundings_with(cli->machine, &one.endpoints);
    text_printf(&file, "%s.yaml", name);
    file_read_text_there(&there, text_of(&file), one.record.source, strlen(one.record.source), &one.topology,
                         &ignored);
    surroundings_done(&there);
    *ret = one;
    return true;
}

void running_load(const struct cli *cli, struct running_list *ret)
{
    char **names = running_names(cli->machine);
    for (char **name = names; *name; name++) {
        struct running one;
        if (!read_running(cli, *name, &one))
            continue;
        ret->list = xrealloc(ret->list, ret->n + 1, sizeof *ret->list);
        ret->list[ret->n++] = one;
    }
    names_free(names);
}

void running_done(struct running_list *all)
{
    for (size_t i = 0; i < all->n; i++) {
        topology_done(&all->list[i].topology);
        endpoints_done(&all->list[i].endpoints);
        record_done(&all->list[i].record);
    }
    free(all->list);
    *all = (struct running_list){0};
}

/* Finding */

static enum result refuse_unknown(struct cli *cli, const char *word)
{
    const char *nearest = live_nearest(cli, LIVE_NETWORKS, word);
    cli_fail(cli, RESULT_NOT_FOUND, "no network `%s` runs", word);
    if (nearest)
        cli_hint(cli, "did you mean `%s`?", nearest);
    else
        cli_hint(cli, "plexus network ls shows those that do; plexus network create %s makes one", word);
    return RESULT_NOT_FOUND;
}

static enum result refuse_ambiguous(struct cli *cli, const char *word, const struct running *one,
                                    const struct running *other)
{
    cli_fail(cli, RESULT_USAGE, "two topologies have a network `%s`: which one is meant?", word);
    cli_hint(cli, "say %s/%s or %s/%s", one->record.name, word, other->record.name, word);
    return RESULT_USAGE;
}

enum result running_find(struct cli *cli, const struct running_list *all, const char *word,
                         const struct running **ret_running, const struct network **ret_network)
{
    const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
    size_t length = slash ? (size_t)(slash - word) : 0;
    const struct running *found = NULL;
    for (size_t i = 0; i < all->n; i++) {
        const struct running *one = &all->list[i];
        bool is_asked =
            !slash || (strlen(one->record.name) == length && memcmp(one->record.name, word, length) == 0);
        const struct network *network = is_asked ? network_find(one->topology.networks, name) : NULL;
        if (network && found)
            return refuse_ambiguous(cli, name, found, one);
        if (!network)
            continue;
        found = one;
        *ret_network = network;
    }
    *ret_running = found;
    return found ? RESULT_DONE : refuse_unknown(cli, word);
}

/* What is in one */

const struct fw_publish *network_published(const struct topology *topology, const struct network *network,
                                           const struct fw_publish *after)
{
    const struct firewall *fw = topology->firewalls;
    while (fw && strcmp(fw->ns, HOST) != 0)
        fw = fw->next;
    const struct fw_publish *publish = after ? after->next : fw ? fw->published : NULL;
    while (publish && !prefix_contains(&network->subnets[ip_family(&publish->to)], &publish->to))
        publish = publish->next;
    return publish;
}

bool place_is_file(const struct place *place)
{
    return place->line != 0;
}

const char *guest_origin(const struct running *running, const struct network *network,
                         const struct network_guest *guest)
{
    const struct endpoint *endpoint = endpoint_find(&running->endpoints, network->name, guest->name);
    if (place_is_file(&guest->place))
        return "file";
    return endpoint && endpoint->is_run ? "run" : "hand";
}

void subnets_text(const struct prefix prefixes[FAMILIES], struct text *out)
{
    char buffer[PREFIX_TEXT_SIZE];
    for (unsigned family = 0; family < FAMILIES; family++)
        if (prefixes[family].ip.family)
            text_printf(out, "%s%s", out->length ? ", " : "", prefix_format(&prefixes[family], buffer));
}

void gateways_text(const struct ip gateways[FAMILIES], struct text *out)
{
    char buffer[IP_TEXT_SIZE];
    for (unsigned family = 0; family < FAMILIES; family++)
        if (gateways[family].family)
            text_printf(out, "%s%s", out->length ? ", " : "", ip_format(&gateways[family], buffer));
}

json_t *prefixes_to_json(const struct prefix prefixes[FAMILIES])
{
    char buffer[PREFIX_TEXT_SIZE];
    json_t *list = json_array();
    for (unsigned family = 0; family < FAMILIES; family++)
        if (prefixes[family].ip.family)
            json_array_append_new(list, json_string(prefix_format(&prefixes[family], buffer)));
    return list;
}
