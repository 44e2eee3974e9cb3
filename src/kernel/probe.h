/* Probes: whether packets from one namespace reach an address. For the expectations of a file.
 *
 * What "reached" means:
 *   icmp  an echo request was answered.
 *   tcp   a connection was established. Refused is not reached: nobody listens there, or a firewall says no.
 *   udp   a datagram was sent and nobody said that it cannot be delivered, nor was it answered: UDP has no
 *         acknowledgement, so silence counts as reached, after PROBE_QUIET_MS of waiting. An answer counts at
 * once; an ICMP error (port, host or network unreachable, prohibited) means not reached. A firewall that
 * drops without a word therefore looks open to this probe; a caller who can see the other end does better to
 * look for a bound socket there.
 *
 * A network that was just built is not ready at once: IPv6 addresses are tentative for a second, a bridge
 * with STP blocks for thirty, ARP takes its time. So a failure is tried again until the time is over; a
 * success ends the probe. */
#pragma once
#include "kernel/door.h"
#include "model/topology.h"

enum { PROBE_QUIET_MS = 200, PROBE_AGAIN_MS = 50 };

/* From inside `from_ns` (HOST or a name) to an address without prefix length; `port` of tcp and udp. 1:
 * reached. 0: not within `timeout_ms`, with *ret_why (may be NULL) a static text: "no answer", "Connection
 * refused" ... A negative errno: the probe itself could not be made (-ENOENT: no such namespace; -EINVAL: no
 * address; -EOPNOTSUPP: another door). */
int door_probe(struct door *door, const char *from_ns, const char *to_address, enum probe probe, int port,
               int timeout_ms, const char **ret_why);

/* One of many that run at the same time. */
struct probe_request {
    const char *from_ns, *to_address;
    enum probe probe;
    int port;
    int result;      /* as door_probe() returns it */
    const char *why; /* static text, or NULL when reached */
};

/* All at once, so that a hundred expectations take no longer than the slowest. */
void door_probe_all(struct door *door, struct probe_request *requests, size_t n, int timeout_ms);
