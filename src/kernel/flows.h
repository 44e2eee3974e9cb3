/* What conntrack knows of the flows of a namespace, and how that is changed.
 *
 * All fail with -EOPNOTSUPP where the kernel tells nothing of flows (CONFIG_NF_CT_NETLINK). Behind another
 * door there are none. */
#pragma once
#include "kernel/door.h"
#include "model/flow.h"

struct flows {
    struct flow *list;
    size_t n, capacity;
};
#define CLEANUP_FLOWS __attribute__((cleanup(flows_done)))
void flows_done(struct flows *flows);

/* Those of the namespace that lie in no zone of conntrack's. 0, or a negative errno. */
int door_flows(struct door *base, const char *ns, struct flows *ret_flows);

/* Brings each to its fate, of those that are still there; *ret_done counts the flows that this was done to.
 */
int door_flows_change(struct door *base, const char *ns, const struct flow *flows,
                      const enum flow_fate *fates, size_t n, size_t *ret_done);

/* The TCP connections that programs in the namespace have, as flows that nobody translates; not those of the
 * loopback. */
int door_connections(struct door *base, const char *ns, struct flows *ret_flows);

/* Tells conntrack of flows that go on in the namespace. Those that it knew already are put behind the others,
 * of which there are *ret_new. */
int door_flows_tell(struct door *base, const char *ns, struct flows *flows, size_t *ret_new);
