/* Whose default routes a namespace has that is in networks of several topologies, or that others have plugged
 * in: the first one leads, and when that is gone another may. */
#pragma once
#include "apply/endpoints.h"

/* Where others made the namespace: settles what default routes it has from others than the topology, of which
 * `recorded` is. *ret_observed must be empty: the host and the namespace, in which the texts lie. 0, or a
 * negative errno with an entry in the session's errors. */
int endpoint_look(struct session *session, const struct model *recorded, struct endpoint *endpoint,
                  struct model *ret_observed);

/* Whether one that led is gone; these endpoints, of the topology `name`, are then looked at again. Whether
 * any of them is led otherwise now. */
bool leaders_are_lost(const struct machine *machine, const struct endpoints *all);
bool leaders_follow(struct session *session, const char *name, struct endpoints *all);
