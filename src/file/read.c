/* From a tree to a topology: the order of passes (see reader.h), and what stands at the very top. */
#include "file/read.h"

#include <errno.h>

#include "file/load.h"
#include "file/reader.h"
#include "model/check.h"
#include "model/firewall/compile.h"
#include "model/firewall/guard.h"

/* The name that the file says, or that of the file. */
static void read_name(struct reader *r, const struct node *root, const char *file_name)
{
    const struct pair *said = section_pair(root, "name", AT_TOP);
    struct error *error = NULL;
    r->topology->name = file_name;
    if (said && want_word(r, said->value, "name"))
        r->topology->name = said->value->text;
    if (said && node_is_scalar(said->value) && !node_is_null(said->value) &&
        !topology_name_is_valid(said->value->text))
        error = errors_add(r->errors, &said->value->place, "`name` cannot be `%s`", said->value->text);
    else if (!said && !file_name)
        error = errors_add(r->errors, &root->place, "the topology needs a `name`");
    else if (!said && !topology_name_is_valid(file_name))
        error = errors_add(r->errors, &root->place,
                           "`%s`, from the name of the file, cannot be the name of a topology", file_name);
    if (error)
        error_hint(r->errors, error,
                   "`name:` takes 1 to %d letters, digits, `-`, `_` or `.`, and begins with a letter "
                   "or digit",
                   TOPOLOGY_NAME_MAX);
}

static void read_description(struct reader *r, const struct node *root)
{
    const struct node *description = node_value(root, "description");
    if (description && !node_is_null(description) && want_word(r, description, "description"))
        r->topology->description = description->text;
}

static void read_root(struct reader *r, const struct node *root, const char *file_name)
{
    r->topology->place = root->place;
    read_name(r, root, file_name);
    read_description(r, root);
    scopes_make(r, root);
    endpoints_join(r);
    networks_read(r);
    each_scope(r, declared) entries_declare(r, declared);
    entries_link(r);
    entries_make(r);
    entries_read(r);
    each_scope(r, scope) keys_read_sections(r, scope);
    networks_finish(r);
    publish_finish(r);
    const struct pair *expect = node_pair(root, "expect");
    if (expect)
        read_expect(r, &r->host, NULL, expect);
}

/* Last of all: it looks at addresses. */
static void compile_firewalls(struct topology *topology)
{
    for (const struct firewall *fw = topology->firewalls; fw; fw = fw->next)
        firewall_compile(fw, topology->name, &topology->model, NULL);
    guards_compile(topology->guards, topology->name, &topology->model);
}

static void reader_done(struct reader *r)
{
    networks_done(r->networks);
    map_done(&r->scopes);
    map_done(&r->groups);
    map_done(&r->entries);
    map_done(&r->pools);
    map_done(&r->broken);
}

/* The tree lives in the arena of the model, since objects point to places in it. */
static int read_loaded(const struct surroundings *there, struct topology *topology, struct loaded *loaded,
                       size_t before, struct errors *errors)
{
    struct reader r = {.topology = topology,
                       .model = &topology->model,
                       .arena = &topology->model.arena,
                       .errors = errors,
                       .there = there};
    r.last_expectation = &topology->expectations;
    r.last_firewall = &topology->firewalls;
    read_root(&r, loaded->root, loaded->name);
    topology->source = loaded->source.data;
    topology->source_size = loaded->source.length;
    loaded->source = (struct text){0};
    if (errors->n_errors > before)
        check_topology(topology, &r.broken, errors);
    else
        compile_firewalls(topology);
    reader_done(&r);
    return errors->n_errors > before ? -EINVAL : 0;
}

/* `before`: how many errors there were before it was loaded. */
static int finish(const struct surroundings *there, int r, struct topology *topology, struct loaded *loaded,
                  size_t before, struct topology *ret, struct errors *errors)
{
    if (r == 0)
        r = read_loaded(there, topology, loaded, before, errors);
    if (r < 0) {
        check_sort(errors);
        topology_done(topology);
        return r;
    }
    *ret = *topology;
    return 0;
}

int file_read_there(const struct surroundings *there, const char *const *paths, size_t n,
                    struct topology *ret, struct errors *errors)
{
    struct topology topology = {0};
    struct loaded loaded = {0};
    size_t before = errors->n_errors;
    int r = load_paths(paths, n, &topology.model.arena, errors, &loaded);
    return finish(there, r, &topology, &loaded, before, ret, errors);
}

int file_read_text_there(const struct surroundings *there, const char *file, const char *text, size_t size,
                         struct topology *ret, struct errors *errors)
{
    struct topology topology = {0};
    struct loaded loaded = {0};
    size_t before = errors->n_errors;
    int r = load_text(file, text, size, &topology.model.arena, errors, &loaded);
    return finish(there, r, &topology, &loaded, before, ret, errors);
}

int file_read(const char *const *paths, size_t n, struct topology *ret, struct errors *errors)
{
    return file_read_there(NULL, paths, n, ret, errors);
}

int file_read_text(const char *file, const char *text, size_t size, struct topology *ret,
                   struct errors *errors)
{
    return file_read_text_there(NULL, file, text, size, ret, errors);
}
