/* What a change of the firewall means for flows that run (model/flow.h): what it forbids is cut, what was
 * there before conntrack watched goes on. */
#pragma once
#include "apply/apply.h"

/* Before the steps. A namespace that gets its first table has connections of which conntrack knows nothing,
 * and to it the next packet of each is one out of nowhere: it is told of them. What is sent through by others
 * is known where they are in a namespace that was observed. */
void flows_tell(struct session *session, const struct plan *plan, const struct model *observed,
                struct flow_effect *effect);

/* After the steps: brings the flows to their fates. Before the plan was run, with `foresee`: says what that
 * would be. A kernel that tells nothing of flows is a warning. */
void flows_settle(struct session *session, const struct plan *plan, const struct model *observed,
                  struct flow_effect *effect, bool foresee);
void flow_effect_done(struct flow_effect *effect);
