/* The view for people: a tree of namespaces, interfaces and their ports, then whatever else was asked for. */
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/view.h"
#include "model/reference.h"

/* Places in the list of interfaces; as many as there are: none. */
struct ports {
    size_t first; /* of its ports */
    size_t next;  /* port of the same master */
    bool is_port; /* of one that is shown */
};

struct tree {
    const struct cli *cli;
    const struct view *view;
    struct libscols_table *table;
    const struct object **interfaces;
    struct ports *ports; /* of each interface */
    size_t n;
};

static const char *bare_name(const char *reference, const char *ns)
{
    return reference_in(reference, ns) ? reference_name(reference) : reference;
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

/* Finds out, once, which interface is a port of which. */
static void link_ports(struct tree *tree)
{
    struct map places CLEANUP_MAP = {0};
    view_number(tree->interfaces, tree->n, &places);
    for (size_t i = 0; i < tree->n; i++)
        tree->ports[i] = (struct ports){.first = tree->n, .next = tree->n};
    for (size_t i = tree->n; i-- > 0;) {
        const struct object *master =
            model_interface_of(&tree->view->observed, tree->interfaces[i], "master");
        size_t place = view_place(&places, tree->interfaces, tree->n, master);
        tree->ports[i].is_port = place < tree->n;
        if (place == tree->n)
            continue;
        tree->ports[i].next = tree->ports[place].first;
        tree->ports[place].first = i;
    }
}

static void add_with_ports(struct tree *tree, struct libscols_line *parent, size_t i)
{
    struct libscols_line *line = add_interface(tree, parent, tree->interfaces[i]);
    for (size_t port = tree->ports[i].first; port < tree->n; port = tree->ports[port].next)
        add_with_ports(tree, line, port);
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
        if (!tree->ports[i].is_port)
            add_with_ports(tree, root, i);
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

/* Routes, rules and all that no interface shows; what the kernel made by itself only for a single interface.
 */
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
        output_step(&(struct step){.verb = VERB_ADD, .new = object}, &line);
        printf("%s%s%s%s\n", is_first ? "\n" : "", output_color(cli, is_kernels ? COLOR_DIM : COLOR_OFF),
               text_of(&line), output_color(cli, COLOR_OFF));
        is_first = false;
    }
}

void view_print_tree(const struct cli *cli, const struct view *view)
{
    static const char *const headings[] = {"NAME|", "KIND",  "STATE",    "ADDRESSES",
                                           "CABLE", "VLANS", "TOPOLOGY", NULL};
    struct tree tree = {.cli = cli, .view = view, .table = table_new(cli, headings)};
    tree.interfaces = view_interfaces(view, &tree.n);
    tree.ports = xrealloc(NULL, tree.n + 1, sizeof *tree.ports);
    link_ports(&tree);
    fill(&tree);
    table_print(tree.table);
    if (view->interface && tree.n)
        print_options(cli, tree.interfaces[0]);
    if (view->ns || view->only)
        print_rest(cli, view);
    free(tree.ports);
    free(tree.interfaces);
}
