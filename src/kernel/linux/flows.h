/* Flows behind the Linux door: what its two files share. */
#pragma once
#include "kernel/flows.h"
#include "kernel/linux/linux.h"

struct flow *flows_add(struct flows *flows); /* a new one, zeroed */

/* A message of ctnetlink about the flow; and what else it can say: a tuple, the state of TCP and its
 * flags. */
void flow_begin(struct message *message, unsigned type, uint16_t flags, const struct flow *flow);
void flow_put_tuple(struct message *message, uint16_t attr, uint8_t protocol, const struct flow_tuple *tuple);
void flow_put_tcp(struct message *message, uint8_t state, uint8_t flags);
