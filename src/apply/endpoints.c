#include "apply/endpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/guards.h"
#include "apply/internal.h"
#include "apply/networks.h"
#include "base/process.h"
#include "file/read.h"

static char *endpoints_path(const struct machine *machine, const char *name)
{
    return run_path(machine, name, "endpoints.json");
}

void endpoints_done(struct endpoints *all)
{
    arena_done(&all->arena);
    all->first = NULL;
}

/* The list */

struct endpoint *endpoint_find(const struct endpoints *all, const char *network, const char *ns)
{
    struct endpoint *endpoint = all->first;
    while (endpoint && (strcmp(endpoint->network, network) != 0 || strcmp(endpoint->ns, ns) != 0))
        endpoint = endpoint->next;
    return endpoint;
}

struct endpoint *endpoint_add(struct endpoints *all, const char *network, const char *ns)
{
    struct endpoint *endpoint = arena_alloc(&all->arena, sizeof *endpoint), **last = &all->first;
    *endpoint = (struct endpoint){.network = network, .ns = ns, .is_new = true};
    while (*last)
        last = &(*last)->next;
    return *last = endpoint;
}

void endpoint_publish(struct endpoints *all, struct endpoint *endpoint, const char *port)
{
    const char **list = arena_alloc(&all->arena, (endpoint->n_publish + 1) * sizeof *list);
    for (size_t i = 0; i < endpoint->n_publish; i++)
        list[i] = endpoint->publish[i];
    list[endpoint->n_publish++] = port;
    endpoint->publish = list;
}

void endpoint_remove(struct endpoints *all, const struct endpoint *endpoint)
{
    struct endpoint **at = &all->first;
    while (*at != endpoint)
        at = &(*at)->next;
    *at = endpoint->next;
}

/* The file */

static bool endpoint_read(void *list, json_t *json)
{
    struct endpoints *all = list;
    struct mac mac;
    struct endpoint said = {0};
    json_t *leaders = NULL, *addresses = NULL, *publish = NULL, *word;
    json_int_t process = 0, started = 0, device = 0, inode = 0, born = 0;
    int plugged = 0, is_run = 0, led = 0;
    size_t i;
    if (json_unpack(json, "{s:s, s:s, s:b, s:b, s?s, s?I, s?I, s?I, s:i, s:o, s:o, s?s, s?s, s:o, s:I, s:I}",
                    "network", &said.network, "namespace", &said.ns, "plugged", &plugged, "run", &is_run,
                    "path", &said.path, "device", &device, "inode", &inode, "born", &born, "led", &led,
                    "leaders", &leaders, "addresses", &addresses, "mac", &said.mac, "interface",
                    &said.interface, "publish", &publish, "process", &process, "started", &started) < 0 ||
        !*said.network || !*said.ns || (said.mac && mac_parse(said.mac, &mac) < 0))
        return false;
    struct endpoint *endpoint =
        endpoint_add(all, arena_strdup(&all->arena, said.network), arena_strdup(&all->arena, said.ns));
    endpoint->is_plugged = plugged;
    endpoint->is_run = is_run;
    endpoint->is_new = false;
    endpoint->led = (unsigned)led;
    endpoint->path = arena_strdup(&all->arena, said.path);
    endpoint->id = (struct namespace_id){.device = (unsigned long long)device,
                                         .inode = (unsigned long long)inode,
                                         .born = (unsigned long long)born};
    for (unsigned family = 0; family < FAMILIES; family++)
        endpoint->leaders[family] =
            arena_strdup(&all->arena, json_string_value(json_array_get(leaders, family)));
    endpoint->mac = arena_strdup(&all->arena, said.mac);
    endpoint->interface = arena_strdup(&all->arena, said.interface);
    endpoint->process = (pid_t)process;
    endpoint->started = (unsigned long long)started;
    json_array_foreach(addresses, i, word)
    {
        if (i < ENDPOINT_ADDRESSES && json_is_string(word))
            endpoint->addresses[i] = arena_strdup(&all->arena, json_string_value(word));
    }
    json_array_foreach(publish, i, word)
    {
        if (json_is_string(word))
            endpoint_publish(all, endpoint, arena_strdup(&all->arena, json_string_value(word)));
    }
    return true;
}

/* All that is kept, be it in use or not. */
static int read_all(const struct machine *machine, const char *name, struct endpoints *ret,
                    struct errors *errors)
{
    char *path CLEANUP_FREE = endpoints_path(machine, name);
    int r = record_load_list(path, endpoint_read, ret, errors);
    if (r < 0)
        endpoints_done(ret);
    return r;
}

static int save(const struct machine *machine, const char *name, const struct endpoints *all,
                struct errors *errors)
{
    char *path CLEANUP_FREE = endpoints_path(machine, name);
    if (!all->first)
        return store_remove(path);
    json_t *json CLEANUP_JSON = endpoints_to_json(all->first);
    return store_write_json(path, json, errors);
}

/* They were made by hand, so no file brings them back. */
static void warn_of_loss(const struct errors *found, struct errors *errors)
{
    for (const struct error *one = found->first; one; one = one->next)
        error_hint(errors, errors_warn(errors, &one->place, "%s", one->message),
                   "what was connected by hand is not known any more: remove the file, and connect it again");
}

/* Use */

static bool is_in_use(const struct endpoint *endpoint)
{
    if (endpoint->process && process_start(endpoint->process) != endpoint->started)
        return false;
    return !endpoint->path || namespace_is(endpoint->path, &endpoint->id);
}

static void drop_ended(struct endpoints *all)
{
    for (struct endpoint *endpoint = all->first, *next; endpoint; endpoint = next) {
        next = endpoint->next;
        if (is_in_use(endpoint))
            continue;
        endpoint_remove(all, endpoint);
        all->n_ended++;
    }
}

int endpoints_load(const struct machine *machine, const char *name, struct endpoints *ret,
                   struct errors *errors)
{
    int r = read_all(machine, name, ret, errors);
    if (r == 0)
        drop_ended(ret);
    return r;
}

bool endpoints_agree(struct session *session, const struct topology *topology)
{
    struct endpoints all CLEANUP_ENDPOINTS = {0};
    struct errors found CLEANUP_ERRORS = {0};
    if (!topology->by_hand)
        return true;
    if (topology_runs(session->machine, topology->name) == 0)
        endpoints_load(session->machine, topology->name, &all, &found);
    warn_of_loss(&found, &session->errors);
    char *now CLEANUP_FREE = endpoints_text(all.first);
    return now && strcmp(now, topology->by_hand) == 0;
}

/* A change */

/* Warnings of the file were told when it was applied. */
static void tell_mistakes(const struct errors *found, struct errors *errors)
{
    for (const struct error *one = found->first; one; one = one->next) {
        if (one->severity != SEVERITY_ERROR)
            continue;
        struct error *error = errors_add(errors, &one->place, "%s", one->message);
        if (one->hint)
            error_hint(errors, error, "%s", one->hint);
    }
}

static enum result read_topology(struct session *session, const char *name, const char *source,
                                 const struct endpoints *all, struct topology *ret_topology)
{
    struct errors found CLEANUP_ERRORS = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct text file CLEANUP_TEXT = {0};
    struct surroundings there = surroundings_with(session->machine, all);
    text_printf(&file, "%s.yaml", name);
    int r = file_read_text_there(&there, text_of(&file), source, strlen(source), &topology, &found);
    surroundings_done(&there);
    if (r == 0)
        r = topology_check(&topology, &found);
    if (r < 0) {
        tell_mistakes(&found, &session->errors);
        return RESULT_USAGE;
    }
    *ret_topology = topology;
    topology = (struct topology){0};
    return RESULT_DONE;
}

enum result endpoints_prepare(struct session *session, const char *name, const struct endpoints *all,
                              struct topology *ret_topology, struct change *ret_change)
{
    struct record record CLEANUP_RECORD = {0};
    enum result result = record_load(session->machine, name, &record, &session->errors);
    if (result == RESULT_DONE)
        result = read_topology(session, name, record.source, all, ret_topology);
    if (result == RESULT_DONE)
        result = change_prepare(session, name, ret_topology, false, ret_change);
    return result == RESULT_DONE ? change_may(session, ret_change, GUARDS_REFUSE) : result;
}

static bool adds(const struct endpoints *all, const struct endpoints *before)
{
    for (const struct endpoint *endpoint = all->first; endpoint; endpoint = endpoint->next) {
        const struct endpoint *old = endpoint_find(before, endpoint->network, endpoint->ns);
        if (!old || endpoint->n_publish > old->n_publish)
            return true;
    }
    return false;
}

/* At any moment that it may be cut short, what is there by hand is on the list: else nobody would ever take
 * it away. So what comes is listed before it is made, and what goes until it is gone. */
enum result endpoints_run(struct session *session, struct change *change, const struct endpoints *all)
{
    static const struct apply_options options = {.what = NULL};
    struct endpoints before CLEANUP_ENDPOINTS = {0};
    struct errors ignored CLEANUP_ERRORS = {0};
    int r = read_all(session->machine, change->name, &before, &session->errors);
    bool is_first = r == 0 && adds(all, &before);
    if (is_first)
        r = save(session->machine, change->name, all, &session->errors);
    if (r < 0)
        return result_of(r);
    enum result result = change_run(session, change, &options);
    if (result != RESULT_DONE && is_first)
        save(session->machine, change->name, &before, &ignored);
    else if (result == RESULT_DONE && !is_first)
        result = result_of(save(session->machine, change->name, all, &session->errors));
    return result;
}

void endpoints_forget(const struct machine *machine, const char *name)
{
    char *path CLEANUP_FREE = endpoints_path(machine, name);
    store_remove(path);
}
