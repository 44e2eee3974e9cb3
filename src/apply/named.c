#include "apply/named.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/endpoints.h"
#include "apply/internal.h"
#include "base/process.h"

/* The list */

void named_done(struct named_list *list)
{
    arena_done(&list->arena);
    list->first = NULL;
}

const struct named *named_find(const struct named_list *list, const char *ns)
{
    const struct named *named = list->first;
    while (named && strcmp(named->ns, ns) != 0)
        named = named->next;
    return named;
}

static struct named *add(struct named_list *list, const struct named *said)
{
    struct named *named = arena_alloc(&list->arena, sizeof *named);
    *named = *said;
    named->ns = arena_strdup(&list->arena, said->ns);
    named->next = list->first;
    return list->first = named;
}

static bool read_one(void *all, json_t *json)
{
    struct named_list *list = all;
    struct named said = {0};
    json_int_t process, started, device, inode, born;
    int is_run;
    if (json_unpack(json, "{s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "namespace", &said.ns, "run", &is_run,
                    "process", &process, "started", &started, "device", &device, "inode", &inode, "born",
                    &born) < 0 ||
        !*said.ns || strchr(said.ns, '/'))
        return false;
    said.is_run = is_run;
    said.process = (pid_t)process;
    said.started = (unsigned long long)started;
    said.id = (struct namespace_id){.device = (unsigned long long)device,
                                    .inode = (unsigned long long)inode,
                                    .born = (unsigned long long)born};
    add(list, &said);
    return true;
}

int named_load(const struct machine *machine, struct named_list *ret, struct errors *errors)
{
    char *path CLEANUP_FREE = names_path(machine);
    int r = record_load_list(path, read_one, ret, errors);
    if (r < 0)
        named_done(ret);
    return r;
}

static int save(const struct machine *machine, const struct named_list *list, struct errors *errors)
{
    char *path CLEANUP_FREE = names_path(machine);
    json_t *json CLEANUP_JSON = json_array();
    if (!list->first)
        return store_remove(path);
    for (const struct named *named = list->first; named; named = named->next)
        json_array_append_new(
            json, json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "namespace", named->ns, "run",
                            named->is_run, "process", (json_int_t)named->process, "started",
                            (json_int_t)named->started, "device", (json_int_t)named->id.device, "inode",
                            (json_int_t)named->id.inode, "born", (json_int_t)named->id.born));
    return store_write_json(path, json, errors);
}

/* Names */

static const char *path_of(struct arena *arena, const char *ns)
{
    return arena_printf(arena, "/run/netns/%s", ns);
}

/* A namespace that has the name, or is to get it from the process. */
static struct object *namespace_new(struct model *model, const char *ns, pid_t process)
{
    struct object *namespace = model_new(model, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(model, namespace, "name", ns);
    if (process)
        object_set_text(model, namespace, "path",
                        arena_printf(&model->arena, "/proc/%d/ns/net", (int)process));
    model_add(model, namespace, NULL);
    return namespace;
}

static int run(struct session *session, const struct step *step, struct errors *errors)
{
    const struct step *const steps[] = {step};
    size_t done;
    return session->door->ops->run(session->door, steps, 1, &done, errors);
}

static int give(struct session *session, struct named_list *list, struct named *named)
{
    struct model model CLEANUP_MODEL = {0};
    struct text identity CLEANUP_TEXT = {0};
    struct errors *errors = &session->errors;
    const struct object *namespace = namespace_new(&model, named->ns, named->process);
    const struct step step = {.verb = VERB_ADD, .new = namespace};
    int r = session->door->ops->attaches(session->door, namespace, &identity, errors);
    if (r < 0)
        return r;
    namespace_identify(object_text(namespace, "path"), &named->id);
    named->id.born = 0; /* it is kept from when on the namespace has a name */
    if ((r = save(session->machine, list, errors)) < 0 || (r = run(session, &step, errors)) < 0)
        return r;
    namespace_identify(path_of(&list->arena, named->ns), &named->id);
    return save(session->machine, list, errors);
}

enum result named_give(struct session *session, const struct endpoint *endpoint)
{
    struct named_list list CLEANUP_NAMED = {0};
    int r = named_load(session->machine, &list, &session->errors);
    if (r < 0)
        return result_of(r);
    const struct named said = {.ns = endpoint->ns,
                               .is_run = endpoint->is_run,
                               .process = endpoint->process,
                               .started = endpoint->started};
    return result_of(give(session, &list, add(&list, &said)));
}

/* The end of use */

static bool is_in_a_network(const struct machine *machine, const char *ns)
{
    char **names = endpoints_names(machine);
    bool found = false;
    for (char **name = names; *name && !found; name++) {
        struct errors ignored CLEANUP_ERRORS = {0};
        struct endpoints all CLEANUP_ENDPOINTS = {0};
        endpoints_load(machine, *name, &all, &ignored);
        for (const struct endpoint *endpoint = all.first; endpoint && !found; endpoint = endpoint->next)
            found = strcmp(endpoint->ns, ns) == 0;
    }
    names_free(names);
    return found;
}

static bool is_used(const struct machine *machine, const struct named *named)
{
    return process_start(named->process) == named->started &&
           (named->is_run || is_in_a_network(machine, named->ns));
}

/* Whether it is gone. Somebody else may have given the name to another since. */
static bool take(struct session *session, struct named_list *list, const struct named *named)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct model model CLEANUP_MODEL = {0};
    const struct step step = {.verb = VERB_DEL, .old = namespace_new(&model, named->ns, 0)};
    return !namespace_is(path_of(&list->arena, named->ns), &named->id) || run(session, &step, &ignored) == 0;
}

void named_sweep(struct session *session)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct named_list list CLEANUP_NAMED = {0};
    bool changed = false;
    if (named_load(session->machine, &list, &ignored) < 0)
        return;
    for (struct named **at = &list.first; *at;) {
        if (is_used(session->machine, *at) || !take(session, &list, *at)) {
            at = &(*at)->next;
            continue;
        }
        *at = (*at)->next;
        changed = true;
    }
    if (changed)
        save(session->machine, &list, &ignored);
}
