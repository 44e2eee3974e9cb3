/* The view as a picture, in the languages of Graphviz and of Mermaid: a box for each namespace, a node for
 * each interface, a line for each cable, plug and layer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/view.h"

enum edge { EDGE_CABLE, EDGE_PORT, EDGE_LAYER, EDGE_MAX };

struct picture {
    const char *begin, *end;
    const char *box, *box_end;   /* %zu number, %s label */
    const char *node;            /* %zu number, %s label */
    const char *edges[EDGE_MAX]; /* %zu and %zu */
    const char *quote, *newline; /* what `"` and a new line are in a label */
};

static const struct picture dot = {
    .begin = "graph plexus {\n  node [shape=box];\n",
    .end = "}\n",
    .box = "  subgraph cluster_%zu {\n    label=\"%s\";\n",
    .box_end = "  }\n",
    .node = "    n%zu [label=\"%s\"];\n",
    .edges = {[EDGE_CABLE] = "  n%zu -- n%zu [style=bold];\n",
              [EDGE_PORT] = "  n%zu -- n%zu;\n",
              [EDGE_LAYER] = "  n%zu -- n%zu [style=dashed];\n"},
    .quote = "\\\"",
    .newline = "\\n",
};

static const struct picture mermaid = {
    .begin = "flowchart LR\n",
    .end = "",
    .box = "  subgraph s%zu[\"%s\"]\n",
    .box_end = "  end\n",
    .node = "    n%zu[\"%s\"]\n",
    .edges = {[EDGE_CABLE] = "  n%zu === n%zu\n",
              [EDGE_PORT] = "  n%zu --- n%zu\n",
              [EDGE_LAYER] = "  n%zu -.- n%zu\n"},
    .quote = "#quot;",
    .newline = "<br>",
};

static void add_escaped(const struct picture *picture, const char *string, struct text *out)
{
    for (; *string; string++) {
        if (*string == '"')
            text_add(out, picture->quote);
        else if (*string == '\n')
            text_add(out, picture->newline);
        else if (*string == '\\' && picture == &dot)
            text_add(out, "\\\\");
        else
            text_add_n(out, (unsigned char)*string < ' ' || *string == 0x7f ? "?" : string, 1);
    }
}

/* The formats are the tables' above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void print_labelled(const struct picture *picture, const char *format, size_t number,
                           const char *label)
{
    struct text escaped CLEANUP_TEXT = {0};
    add_escaped(picture, label, &escaped);
    printf(format, number, text_of(&escaped));
}

static void print_edge(const struct picture *picture, enum edge edge, size_t from, size_t to)
{
    printf(picture->edges[edge], from, to);
}
#pragma GCC diagnostic pop

static void print_nodes(const struct picture *picture, const struct view *view,
                        const struct object **interfaces, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct text label CLEANUP_TEXT = {0}, addresses CLEANUP_TEXT = {0};
        bool is_first = i == 0 || strcmp(interfaces[i]->ns, interfaces[i - 1]->ns) != 0;
        bool is_last = i + 1 == n || strcmp(interfaces[i]->ns, interfaces[i + 1]->ns) != 0;
        if (is_first)
            print_labelled(picture, picture->box, i, interfaces[i]->ns);
        text_printf(&label, "%s", interfaces[i]->name);
        view_addresses(view, interfaces[i], "\n", false, &addresses);
        if (addresses.length)
            text_printf(&label, "\n%s", text_of(&addresses));
        print_labelled(picture, picture->node, i, text_of(&label));
        if (is_last)
            fputs(picture->box_end, stdout);
    }
}

static void print_edges(const struct picture *picture, const struct view *view,
                        const struct object **interfaces, size_t n)
{
    static const struct {
        const char *key;
        enum edge edge;
    } ways[] = {{"peer", EDGE_CABLE}, {"master", EDGE_PORT}, {"parent", EDGE_LAYER}};
    struct map places CLEANUP_MAP = {0};
    view_number(interfaces, n, &places);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT(ways); k++) {
            const char *reference =
                object_has(interfaces[i], ways[k].key) ? object_text(interfaces[i], ways[k].key) : NULL;
            const struct object *other = reference ? model_interface_ref(&view->observed, reference) : NULL;
            size_t to = view_place(&places, interfaces, n, other);
            bool is_said = ways[k].edge == EDGE_CABLE && to < i; /* at its other end */
            if (to < n && !is_said)
                print_edge(picture, ways[k].edge, i, to);
        }
}

static void print_picture(const struct picture *picture, const struct view *view)
{
    size_t n;
    const struct object **interfaces = view_interfaces(view, &n);
    fputs(picture->begin, stdout);
    print_nodes(picture, view, interfaces, n);
    print_edges(picture, view, interfaces, n);
    fputs(picture->end, stdout);
    free(interfaces);
}

void view_print_dot(const struct view *view)
{
    print_picture(&dot, view);
}

void view_print_mermaid(const struct view *view)
{
    print_picture(&mermaid, view);
}
