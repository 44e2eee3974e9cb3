/* plexus show: the network as it is now.
 *
 * Without a name: the host, and every namespace of a topology. With one: a topology; if none of that name
 * runs, a namespace (foreign ones too); if there is none either, the interface of the host, or the only one
 * that is called so; NS/NAME is an interface. */
#include <stdlib.h>
#include <string.h>

#include "cli/live.h"
#include "cli/network.h"
#include "cli/output.h"
#include "cli/view.h"
#include "model/reference.h"

enum { FLAG_DOT, FLAG_MERMAID, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_DOT] = {"dot", NULL, false, "as a picture for Graphviz: plexus show --dot | dot -Tsvg"},
    [FLAG_MERMAID] = {"mermaid", NULL, false, "as a picture for Mermaid"},
};

static enum result refuse(struct cli *cli, const char *word)
{
    unsigned what = strchr(word, '/') ? LIVE_INTERFACES : LIVE_RUNNING | LIVE_NAMESPACES;
    const char *nearest = live_nearest(cli, what, word);
    cli_fail(cli, RESULT_NOT_FOUND, "there is no %s `%s`",
             strchr(word, '/') ? "interface" : "topology, namespace or interface", word);
    if (!cli_hint_nearest(cli, nearest))
        cli_hint(cli, "plexus list shows topologies; plexus show, their namespaces and interfaces");
    return RESULT_NOT_FOUND;
}

/* What the word means, as far as that can be said before looking. */
static void resolve(struct cli *cli, const char *word, const struct record *records, size_t n,
                    struct view *view)
{
    struct text ns CLEANUP_TEXT = {0};
    for (size_t i = 0; i < n; i++)
        if (strcmp(records[i].name, word) == 0)
            view->only = &records[i].recorded;
    if (view->only)
        return;
    bool is_interface = reference_ns(word, &ns);
    view->ns = is_interface ? arena_strdup(&cli->arena, text_of(&ns)) : word;
    view->interface = is_interface ? reference_name(word) : NULL;
}

/* The word is neither a topology nor a namespace. */
static enum result resolve_interface(struct cli *cli, const char *word, struct view *view)
{
    struct text all CLEANUP_TEXT = {0};
    const struct object *in_host = model_interface(&view->observed, HOST, word), *found = NULL;
    size_t n = 0;
    model_each(&view->observed, object)
    {
        if (object->class->id != CLASS_INTERFACE || strcmp(object->name, word) != 0)
            continue;
        text_printf(&all, "%splexus show %s/%s", n++ ? ", or " : "", object->ns, word);
        found = object;
    }
    if (n == 0)
        return refuse(cli, word);
    if (n > 1 && !in_host) {
        cli_fail(cli, RESULT_USAGE, "%zu interfaces are called `%s`: which one is meant?", n, word);
        cli_hint(cli, "%s", text_of(&all));
        return RESULT_USAGE;
    }
    view->ns = in_host ? HOST : found->ns;
    view->interface = found->name;
    return RESULT_DONE;
}

/* After looking; a topology is known already. */
static enum result resolve_seen(struct cli *cli, const char *word, struct view *view)
{
    if (!word || !view->ns ||
        model_interface(&view->observed, view->ns, view->interface ? view->interface : "lo"))
        return RESULT_DONE;
    return view->interface ? refuse(cli, word) : resolve_interface(cli, word, view);
}

/* What runs, and the namespace that is asked for: mentioned by its loopback. */
static void add_wanted(struct model *wanted, const struct record *records, size_t n, const char *ns)
{
    for (size_t i = 0; i < n; i++)
        model_each(&records[i].recorded, object)
        {
            if (!model_by_id(wanted, object->id))
                model_copy(wanted, object);
        }
    if (!ns || model_interface(wanted, ns, "lo"))
        return;
    struct object *lo = model_new(wanted, classes[CLASS_INTERFACE], &kind_loopback, ns);
    object_set_text(wanted, lo, "name", "lo");
    model_add(wanted, lo, NULL);
}

/* What is half made then is nobody's mistake. */
static void warn_of_changes(struct cli *cli)
{
    char **names = present_names(cli->machine);
    for (char **name = names; *name; name++) {
        char *holder = apply_under_way(cli->machine, *name);
        if (holder)
            errors_warn(&cli->session->errors, NULL, "%s: is being changed at this moment by %s", *name,
                        holder);
        free(holder);
    }
    names_free(names);
}

static void print_view(struct cli *cli, struct view *view)
{
    view_index(view);
    if (cli->json)
        output_json(view_to_json(view));
    else if (cli->quiet)
        return;
    else if (cli->given[FLAG_DOT])
        view_print_dot(view);
    else if (cli->given[FLAG_MERMAID])
        view_print_mermaid(view);
    else
        view_print_tree(cli, view);
}

static enum result show(struct cli *cli, const struct record *records, size_t n, const char *word)
{
    struct view view = {0};
    struct model wanted CLEANUP_MODEL = {0};
    if (word)
        resolve(cli, word, records, n, &view);
    add_wanted(&wanted, records, n, view.ns);
    enum result result = network_open(cli, ACCESS_READ, NULL, false);
    if (result != RESULT_DONE)
        return result;
    struct door *door = cli->session->door;
    if (door->ops->observe(door, &wanted, LOOK_WHOLE, &view.observed, &cli->session->errors) < 0)
        result = RESULT_FAILED;
    else
        result = resolve_seen(cli, word, &view);
    if (result == RESULT_DONE)
        print_view(cli, &view);
    warn_of_changes(cli);
    view_done(&view);
    return result;
}

static enum result run(struct cli *cli)
{
    size_t n;
    if (cli->given[FLAG_DOT] + cli->given[FLAG_MERMAID] + cli->json > 1)
        return cli_fail(cli, RESULT_USAGE, "only one of --dot, --mermaid and --json can be had at once");
    struct record *records = network_records(cli, &n);
    enum result result = show(cli, records, n, cli->n_args ? cli->args[0] : NULL);
    network_records_free(records, n);
    return result;
}

const struct command command_show = {
    .name = "show",
    .usage = "[NAME | NS | INTERFACE | NS/INTERFACE]",
    .summary = "Show namespaces, interfaces, cables and addresses as they are now",
    .details = "Without a name: the host, and all that Plexus made.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 1,
    .arguments = {ARGUMENT_OBJECT},
    .needs = NEED_WORLD,
    .run = run,
};
