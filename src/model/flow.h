/* Flows: the connections that conntrack knows in a namespace, and what becomes of them when the rules of its
 * firewall change.
 *
 * Rules are asked about the first packet of a flow, and all that follow pass by that. So what a change
 * forbids, or translates otherwise, would go on as it began. Each flow is therefore judged as if it began
 * now, by the rules before the change and by those after it; where both say the same, it is left alone.
 *
 * What is forbidden now ends: the kernel forgets it. That is not enough for TCP, since the kernel takes up a
 * connection in its middle, from either side (nf_conntrack_tcp_loose), and what the host or a guest sends may
 * be allowed. It is put back into the state SYN_SENT instead, in which nothing passes from who began it, but
 * an attempt to begin anew. So it can be told from all others, and goes on when it is allowed again, as
 * after a rollback. */
#pragma once
#include "base/ip.h"
#include "model/step.h"

struct flow_tuple {
    struct ip source, destination;
    uint16_t from, to; /* ports; of ICMP: id, and type and code */
};

struct flow {
    uint8_t protocol;
    uint8_t tcp_state; /* enum tcp_conntrack of linux/netfilter/nf_conntrack_tcp.h */
    uint32_t status;   /* enum ip_conntrack_status of linux/netfilter/nf_conntrack_common.h */
    uint32_t id;
    struct flow_tuple original, reply; /* the first packet, and what is expected in answer, after NAT */
};

enum flow_fate {
    FLOW_STAYS,
    FLOW_UNKNOWN, /* it cannot be judged, so it stays */
    FLOW_ENDS,    /* the kernel is to forget it */
    FLOW_STOPS,   /* TCP: nothing of it passes any more */
    FLOW_RESUMES, /* TCP that was stopped goes on */
    FLOW_FATES
};

/* The namespace before and after; both models must outlive the judge. It is quick where there are many. */
struct flow_judge *flow_judge_new(const struct model *before, const struct model *after, const char *ns,
                                  size_t n_flows);
void flow_judge_free(struct flow_judge *judge);
enum flow_fate flow_judge(struct flow_judge *judge, const struct flow *flow);

/* Whether anybody still has something of it: it has not ended, and was answered. */
bool flow_runs(const struct flow *flow);

/* "tcp 192.0.2.2:40000 -> 192.0.2.1:80", with " (10.1.0.2:8080)" where it goes in truth. */
void flow_format(const struct flow *flow, struct text *out);
/* The command that a person would type, in the namespace: `conntrack -D ...`. */
void flow_command(const struct flow *flow, enum flow_fate fate, const char *ns, struct commands *out);
