#include "cli/live.h"

#include <dirent.h>
#include <string.h>

#include "base/names.h"
#include "cli/networks.h"

static bool is_among(char **names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

static void each_topology(const struct cli *cli, unsigned what, live_offer offer, void *userdata)
{
    char **present = present_names(cli->machine), **saved = saved_names(cli->machine);
    for (char **name = present; *name && what & LIVE_RUNNING; name++)
        offer(*name, "topology", userdata);
    for (char **name = saved; *name && what & LIVE_SAVED; name++)
        if (!(what & LIVE_RUNNING) || !is_among(present, *name))
            offer(*name, "saved topology", userdata);
    names_free(present);
    names_free(saved);
}

static void each_pending(const struct cli *cli, live_offer offer, void *userdata)
{
    struct pending *list;
    size_t n;
    pending_list(cli->machine, &list, &n);
    for (size_t i = 0; i < n; i++)
        offer(list[i].name, "waits for confirmation", userdata);
    pending_free(list, n);
}

static void each_past(const struct cli *cli, unsigned what, live_offer offer, void *userdata)
{
    char **present = present_names(cli->machine), **past = history_names(cli->machine);
    for (char **name = past; *name; name++)
        if (!(what & LIVE_RUNNING) || !is_among(present, *name))
            offer(*name, "topology that went down", userdata);
    names_free(present);
    names_free(past);
}

static void each_namespace(live_offer offer, void *userdata)
{
    offer(HOST, "namespace", userdata);
    DIR *folder = opendir("/run/netns");
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            offer(entry->d_name, "namespace", userdata);
    if (folder)
        closedir(folder);
}

static void each_interface_of(const struct cli *cli, const char *topology, live_offer offer, void *userdata)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct record record CLEANUP_RECORD = {0};
    struct arena arena = {0};
    if (record_load(cli->machine, topology, &record, &ignored) != RESULT_DONE)
        return;
    model_each(&record.recorded, object)
    {
        if (object->class->id == CLASS_INTERFACE)
            offer(model_ref(&arena, object), object->kind->name, userdata);
    }
    arena_done(&arena);
}

static void each_network(const struct cli *cli, live_offer offer, void *userdata)
{
    struct running_list all CLEANUP_RUNNING = {0};
    running_load(cli->machine, &all);
    each_running_network(&all, running, network)
        offer(network->name, names_format(network_mode_names, network->mode), userdata);
}

void live_each(const struct cli *cli, unsigned what, live_offer offer, void *userdata)
{
    if (what & (LIVE_RUNNING | LIVE_SAVED))
        each_topology(cli, what, offer, userdata);
    if (what & LIVE_PENDING)
        each_pending(cli, offer, userdata);
    if (what & LIVE_PAST)
        each_past(cli, what, offer, userdata);
    if (what & LIVE_NAMESPACES)
        each_namespace(offer, userdata);
    if (what & LIVE_NETWORKS)
        each_network(cli, offer, userdata);
    if (!(what & LIVE_INTERFACES))
        return;
    char **running = running_names(cli->machine);
    for (char **name = running; *name; name++)
        each_interface_of(cli, *name, offer, userdata);
    names_free(running);
}

struct search {
    struct nearest nearest;
    struct arena *arena;
    const char *numbered, *first; /* "web-1" for "web", which has a count; NULL: it is not there */
};

static void offer_to(const char *name, const char *help, void *userdata)
{
    struct search *search = userdata;
    const char *before = search->nearest.best;
    (void)help;
    nearest_offer(&search->nearest, name);
    if (search->nearest.best != before)
        search->nearest.best = arena_strdup(search->arena, name);
    if (!search->first && strcmp(name, search->numbered) == 0)
        search->first = search->numbered;
}

const char *live_nearest(struct cli *cli, unsigned what, const char *word)
{
    size_t length = strcspn(word, "/");
    struct search search = {.nearest = {.word = word},
                            .arena = &cli->arena,
                            .numbered =
                                arena_printf(&cli->arena, "%.*s-1%s", (int)length, word, word + length)};
    live_each(cli, what, offer_to, &search);
    return search.first ? search.first : search.nearest.best;
}
