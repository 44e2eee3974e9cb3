#include "apply/running.h"

#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "apply/networks.h"
#include "file/read.h"
#include "model/firewall/firewall.h"

/* Reading */

/* To read a file for nothing takes time. */
static bool may_have(const char *source)
{
    return strstr(source, "networks") || strstr(source, "publish");
}

static bool read_one(const struct machine *machine, const char *name, struct running *ret)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct text file CLEANUP_TEXT = {0};
    struct running one = {0};
    if (record_load(machine, name, &one.record, &ignored) != RESULT_DONE || !may_have(one.record.source)) {
        record_done(&one.record);
        return false;
    }
    endpoints_load(machine, name, &one.endpoints, &ignored);
    struct surroundings there = surroundings_with(machine, &one.endpoints);
    text_printf(&file, "%s.yaml", name);
    file_read_text_there(&there, text_of(&file), one.record.source, strlen(one.record.source), &one.topology,
                         &ignored);
    surroundings_done(&there);
    *ret = one;
    return true;
}

void running_load(const struct machine *machine, struct running_list *ret)
{
    char **names = running_names(machine);
    for (char **name = names; *name; name++) {
        struct running one;
        if (!read_one(machine, *name, &one))
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

static enum result refuse_unknown(const struct running_list *all, const char *word, struct errors *errors)
{
    struct nearest nearest = {.word = word};
    struct error *error = errors_add(errors, NULL, "no network `%s` runs", word);
    each_running_network(all, running, network) nearest_offer(&nearest, network->name);
    if (!error_hint_nearest(errors, error, nearest.best))
        error_hint(errors, error, "plexus network ls shows those that do; plexus network create %s makes one",
                   word);
    return RESULT_NOT_FOUND;
}

static enum result refuse_ambiguous(const char *word, const struct running *one, const struct running *other,
                                    struct errors *errors)
{
    struct error *error =
        errors_add(errors, NULL, "two topologies have a network `%s`: which one is meant?", word);
    error_hint(errors, error, "say %s/%s or %s/%s", one->record.name, word, other->record.name, word);
    return RESULT_USAGE;
}

static bool is_asked(const struct running *one, const char *word, const char *slash)
{
    size_t length = slash ? (size_t)(slash - word) : 0;
    return !slash || (strlen(one->record.name) == length && memcmp(one->record.name, word, length) == 0);
}

enum result running_find(const struct running_list *all, const char *word, const struct running **ret_running,
                         const struct network **ret_network, struct errors *errors)
{
    const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
    const struct running *found = NULL;
    each_running_network(all, running, network)
    {
        if (!is_asked(running, word, slash) || strcmp(network->name, name) != 0)
            continue;
        if (found)
            return refuse_ambiguous(name, found, running, errors);
        found = running;
        *ret_network = network;
    }
    *ret_running = found;
    return found ? RESULT_DONE : refuse_unknown(all, word, errors);
}

const struct fw_publish *topology_published(const struct topology *topology)
{
    const struct firewall *fw = topology->firewalls;
    while (fw && strcmp(fw->ns, HOST) != 0)
        fw = fw->next;
    return fw ? fw->published : NULL;
}
