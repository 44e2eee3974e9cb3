/* What `plexus show` shows: a part of what was observed, in one of several forms. */
#pragma once
#include <jansson.h>

#include "apply/apply.h"
#include "cli/command.h"

struct view {
    struct model observed;    /* view_index() when it is there */
    const struct model *only; /* recorded objects of one topology; NULL: of all, and foreign ones */
    const char *ns;           /* one namespace; NULL: all that were observed */
    const char *interface;    /* one interface in `ns`; NULL: all */
    struct map addresses;     /* internal: id of an interface -> the first of its addresses */
    struct arena arena;       /* internal */
};

void view_index(struct view *view);
void view_done(struct view *view);

bool view_has(const struct view *view, const struct object *object);

/* The interfaces that are shown, in their order, those of one namespace together; the host first.
 * The array is the caller's. */
const struct object **view_interfaces(const struct view *view, size_t *ret_n);

/* The place of each of them in the list, by id; and the place of one, `n` if it is not in the list. */
void view_number(const struct object **interfaces, size_t n, struct map *ret_places);
size_t view_place(const struct map *places, const struct object **interfaces, size_t n,
                  const struct object *interface);

/* Its addresses, joined by `separator`; those that the kernel gives by itself only `with_kernel`. */
void view_addresses(const struct view *view, const struct object *interface, const char *separator,
                    bool with_kernel, struct text *out);

void view_print_tree(const struct cli *cli, const struct view *view);
void view_print_dot(const struct view *view);
void view_print_mermaid(const struct view *view);
json_t *view_to_json(const struct view *view);
