/* Networks and the machine that they are made on: which subnets are free, what runs already, and what a
 * subnet would hide. */
#pragma once
#include "apply/endpoints.h"
#include "model/network.h"

/* Those of one topology: what is found of it is kept for the next question. Looks at the machine when it is
 * first asked. What may not be looked at is taken for free. */
struct surroundings surroundings_of(const struct machine *machine);
/* With these endpoints in the place of those that are kept; they must outlive it. */
struct surroundings surroundings_with(const struct machine *machine, const struct endpoints *with);
void surroundings_done(struct surroundings *there);

/* Whether each subnet can be used beside what is observed; tells it otherwise. 0 or -EINVAL. */
int networks_fit(struct session *session, const struct change *change);

/* Warns of published ports to which a program of the host is bound, or that another topology publishes, or at
 * addresses that the host does not have; and of addresses that stay on ports of bridges. */
void publish_warn(struct session *session, const struct change *change);
void ports_warn(struct session *session, const struct change *change);

/* Whether the ports that DHCP and DNS of networks need are free; tells who has them otherwise. 0 or -EBUSY.
 * services.c */
int services_fit(struct session *session, const struct change *change);
