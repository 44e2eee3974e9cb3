/* Values that no rule tells apart are one atom: the verdict about one holds for all of them. A rule tells
 * apart only what its constants do, and the elements of its sets; the namespace itself does by its addresses
 * and routes. So a hundred thousand flows are judged as a handful. */
#pragma once
#include "base/ip.h"
#include "model/object.h"

struct flow_atoms;
struct flow_atoms *flow_atoms_new(void);
void flow_atoms_free(struct flow_atoms *atoms);
/* All that a namespace says; then, once, before the first question, sort. */
void flow_atoms_add(struct flow_atoms *atoms, const struct model *model, const char *ns);
void flow_atoms_sort(struct flow_atoms *atoms);

size_t flow_atom_of_ip(const struct flow_atoms *atoms, const struct ip *ip);
unsigned flow_atom_of_port(const struct flow_atoms *atoms, uint16_t port);
