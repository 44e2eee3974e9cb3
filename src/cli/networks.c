#include "cli/networks.h"

#include "cli/output.h"
#include "model/firewall/firewall.h"

const struct fw_publish *network_published(const struct topology *topology, const struct network *network,
                                           const struct fw_publish *after)
{
    const struct fw_publish *publish = after ? after->next : topology_published(topology);
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

enum result network_no_guest(struct cli *cli, const struct network *network, const char *word)
{
    struct nearest nearest = {.word = word};
    for (const struct network_guest *guest = network->guests; guest; guest = guest->next)
        nearest_offer(&nearest, guest->name);
    cli_fail(cli, RESULT_NOT_FOUND, "`%s` is not in network `%s`", word, network->name);
    if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "plexus network inspect %s shows who is", network->name);
    return RESULT_NOT_FOUND;
}

void subnets_text(const struct prefix prefixes[FAMILIES], struct text *out)
{
    char buffer[PREFIX_TEXT_SIZE];
    for (unsigned family = 0; family < FAMILIES; family++)
        if (prefixes[family].ip.family)
            text_join(out, prefix_format(&prefixes[family], buffer));
}

void gateways_text(const struct ip gateways[FAMILIES], struct text *out)
{
    char buffer[IP_TEXT_SIZE];
    for (unsigned family = 0; family < FAMILIES; family++)
        if (gateways[family].family)
            text_join(out, ip_format(&gateways[family], buffer));
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
