/* The view for people: a tree of namespaces, interfaces and their ports, then whatever else was asked for. */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/view.h"

struct tree {
    const struct cli *cli;
    const struct view *view;
    struct libscols_table *table;
    const struct object **interfaces;
    struct libscols_line **lines; /* of each interface; NULL: not yet */
    size_t n;
};

static const char *bare_name(const char *reference, const char *ns)
{
    const char *slash = strchr(reference, '/');
    bool is_same =
        slash && strncmp(reference, ns, (size_t)(slash - reference)) == 0 && !ns[slash - reference];
    return is_same ? slash + 1 : reference;
}

/* Where it leads: the other end of a cable, the interface it lies on, the other end of a tunnel. */
static void describe_cable(const struct object *interface, struct text *out)
{
    static const struct {
        const char *key, *word;
    } ways[] = {{"peer", "to "}, {"parent", "on "}, {"remote", "to "}};
    for (size_t i = 0; i < COUNT(ways); i++) {
        int index = object_find_option(interface, ways[i].key);
        const char *text = index < 0 ? NULL : object_text(interface, ways[i].key);
        if (text)
            text_printf(out, "%s%s%s", out->length ? ", " : "", ways[i].word, bare_name(text, interface->ns));
    }
}

static struct libscols_line *add_interface(struct tree *tree, struct libscols_line *parent,
                                           const struct object *interface)
{
    struct text addresses CLEANUP_TEXT = {0}, cable CLEANUP_TEXT = {0};
    bool is_up = object_number(interface, "up", 0);
    view_addresses(tree->view, interface, " ", tree->view->interface, &addresses);
    describe_cable(interface, &cable);
    const char *const cells[] = {interface->name,     interface->kind->name, is_up ? "up" : "down",
                                 text_of(&addresses), text_of(&cable),       object_text(interface, "vlans"),
                                 interface->owner};
    struct libscols_line *line = table_add(tree->table, parent, cells);
    scols_cell_set_color(scols_line_get_cell(line, 2), is_up ? "green" : "red");
    return line;
}

/* The index of an interface's master in the list; n: it has none, or none that is shown. */
static size_t master_of(const struct tree *tree, size_t i)
{
    const char *master = object_text(tree->interfaces[i], "master");
    size_t k = 0;
    const struct object *object = master ? model_interface_ref(&tree->view->observed, master) : NULL;
    while (k < tree->n && (!object || tree->interfaces[k] != object))
        k++;
    return k;
}

static void add_ports(struct tree *tree, size_t master)
{
    for (size_t i = 0; i < tree->n; i++) {
        if (tree->lines[i] || master_of(tree, i) != master)
            continue;
        tree->lines[i] = add_interface(tree, tree->lines[master], tree->interfaces[i]);
        add_ports(tree, i);
    }
}

static void fill(struct tree *tree)
{
    struct libscols_line *root = NULL;
    const char *ns = NULL;
    for (size_t i = 0; i < tree->n; i++) {
        const struct object *interface = tree->interfaces[i];
        if (!ns || strcmp(ns, interface->ns) != 0) {
            const char *const cells[] = {interface->ns, NULL, NULL, NULL, NULL, NULL, NULL};
            root = table_add(tree->table, NULL, cells);
            scols_line_set_color(root, "bold");
        }
        ns = interface->ns;
        if (tree->lines[i] || master_of(tree, i) < tree->n)
            continue;
        tree->lines[i] = add_interface(tree, root, interface);
        add_ports(tree, i);
    }
}

/* All values of one interface; an empty text is none. */
static void print_options(const struct cli *cli, const struct object *interface)
{
    static const char *const headings[] = {"OPTION", "VALUE", NULL};
    struct libscols_table *table = table_new(cli, headings);
    for (unsigned i = 0; i < object_n_options(interface); i++) {
        const struct option *option = object_option(interface, i);
        struct text value CLEANUP_TEXT = {0};
        if (!value_is_set(&interface->values[i]))
            continue;
        if (option->flags & OPTION_SECRET)
            text_add(&value, "(hidden)");
        else
            option_format(option, &interface->values[i], &value);
        const char *const cells[] = {option->key, text_of(&value)};
        if (value.length)
            table_add(table, NULL, cells);
    }
    putchar('\n');
    table_print(table);
}

/* Routes, rules and all that no interface shows; what the kernel made by itself only for a single interface. */
static void print_rest(const struct cli *cli, const struct view *view)
{
    bool is_first = true;
    model_each(&view->observed, object)
    {
        enum class_id class = object->class->id;
        bool is_kernels = object->flags & OBJECT_KERNEL;
        if (!view_has(view, object) || class == CLASS_NAMESPACE || class == CLASS_INTERFACE ||
            class == CLASS_ADDRESS || (is_kernels && !view->interface))
            continue;
        struct text line CLEANUP_TEXT = {0};
        step_describe(&(struct step){.verb = VERB_ADD, .new = object}, &line);
        printf("%s%s%s%s\n", is_first ? "\n" : "", color_of(cli, is_kernels ? COLOR_DIM : COLOR_OFF),
               text_of(&line), color_of(cli, COLOR_OFF));
        is_first = false;
    }
}

void view_print_tree(const struct cli *cli, const struct view *view)
{
    static const char *const headings[] = {"NAME|", "KIND",  "STATE",    "ADDRESSES",
                                           "CABLE", "VLANS", "TOPOLOGY", NULL};
    struct tree tree = {.cli = cli, .view = view, .table = table_new(cli, headings)};
    tree.interfaces = view_interfaces(view, &tree.n);
    tree.lines = xrealloc(NULL, tree.n + 1, sizeof *tree.lines);
    memset(tree.lines, 0, (tree.n + 1) * sizeof *tree.lines);
    fill(&tree);
    table_print(tree.table);
    if (view->interface && tree.n)
        print_options(cli, tree.interfaces[0]);
    if (view->ns || view->only)
        print_rest(cli, view);
    free(tree.lines);
    free(tree.interfaces);
}
