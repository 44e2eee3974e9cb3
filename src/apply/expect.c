/* Expectations, probed with real packets from inside the namespaces.
 *
 * Who is to be reached is asked at every address it has: one that answers is enough for "reaches", none may
 * answer for "cannot reach". What must be reached is probed first, with patience, since a network that was
 * just made needs a moment (IPv6 checks its addresses for a second); what must not be reached afterwards,
 * with less, since all its time is spent waiting for nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "base/ip.h"
#include "kernel/probe.h"
#include "model/reference.h"

enum { FIRST_SLICE_MS = 250, UNREACHED_MS = 1000, UNREACHED_IPV6_MS = 2500 };

/* Linux looks for doubles of an IPv6 address at leisure: for up to two seconds, and longer on a machine where
 * many namespaces come and go, since that waits for the same lock. A bond first agrees with its other end. */
enum { MORE_PATIENCE = 3 };

struct probes {
    struct probe_request *requests;
    size_t *whose; /* index of the expectation of each request */
    size_t n;
    struct arena arena;
    bool any_ipv6;
};

static void add_probe(struct probes *probes, const struct expectation *expectation, size_t index,
                      const char *address)
{
    probes->requests = xrealloc(probes->requests, probes->n + 1, sizeof *probes->requests);
    probes->whose = xrealloc(probes->whose, probes->n + 1, sizeof *probes->whose);
    probes->whose[probes->n] = index;
    probes->any_ipv6 |= ip_text_is_ipv6(address);
    probes->requests[probes->n++] = (struct probe_request){
        .from_ns = expectation->from,
        .to_address = arena_strdup(&probes->arena, address),
        .probe = expectation->probe,
        .port = expectation->port,
    };
}

/* Every address of a namespace, or of one interface ("ns/interface"). */
static void add_addresses(struct probes *probes, const struct model *model,
                          const struct expectation *expectation, size_t index)
{
    struct text of CLEANUP_TEXT = {0};
    const char *dev = reference_ns(expectation->to, &of) ? reference_name(expectation->to) : NULL;
    const char *ns = dev ? text_of(&of) : expectation->to;
    for (const struct object *o = map_get(&model->namespaces, ns); o; o = o->next_in_ns) {
        const char *address = o->class->id == CLASS_ADDRESS ? object_text(o, "address") : NULL;
        if (!address || ip_text_is_link_local(address) || strcmp(object_dev(o), "lo") == 0 ||
            (dev && strcmp(object_dev(o), dev) != 0))
            continue;
        add_probe(probes, expectation, index, arena_strndup(&probes->arena, address, strcspn(address, "/")));
    }
}

static void add_expectation(struct probes *probes, const struct model *model,
                            const struct expectation *expectation, size_t index)
{
    struct ip ip;
    if (ip_parse(expectation->to, &ip) == 0)
        add_probe(probes, expectation, index, expectation->to);
    else
        add_addresses(probes, model, expectation, index);
}

/* Probes what has not been reached so far, once, for so long. Returns whether something is still to be
 * reached. */
static int probe_once(struct session *session, struct probes *probes, int timeout_ms,
                      struct probe_result *results, bool *ret_missing)
{
    int r = 0;
    size_t n = 0;
    *ret_missing = false;
    for (size_t i = 0; i < probes->n; i++)
        if (!results[probes->whose[i]].reached) {
            probes->requests[n] = probes->requests[i];
            probes->whose[n++] = probes->whose[i];
        }
    probes->n = n;
    if (n)
        door_probe_all(session->door, probes->requests, n, timeout_ms);
    for (size_t i = 0; i < n; i++) {
        struct probe_result *result = &results[probes->whose[i]];
        if (probes->requests[i].result < 0) {
            r = probes->requests[i].result;
            errors_add(&session->errors, &result->expectation->place, "cannot probe `%s`: %s",
                       result->expectation->text, strerror(-r));
        }
        result->reached |= probes->requests[i].result > 0;
        result->why = probes->requests[i].why ? probes->requests[i].why : result->why;
    }
    for (size_t i = 0; i < n; i++)
        *ret_missing |= !results[probes->whose[i]].reached;
    return r;
}

static bool has_bond(const struct topology *topology)
{
    for (size_t i = 0; i < topology->model.n_objects; i++) {
        const struct kind *kind = topology->model.objects[i]->kind;
        if (kind && kind->flags & KIND_PORTS_DOWN)
            return true;
    }
    return false;
}

/* One round: all that shall be reached, or all that shall not. The time is cut in slices, since of many
 * addresses of one target the first that answers is enough. */
static int run_round(struct session *session, const struct topology *topology, const struct model *model,
                     bool reachable, int timeout_ms, struct probe_result *results)
{
    struct probes probes = {0};
    size_t index = 0;
    bool missing = true;
    int r = 0, slice_ms = FIRST_SLICE_MS;
    for (const struct expectation *e = topology->expectations; e; e = e->next, index++)
        if (e->reachable == reachable)
            add_expectation(&probes, model, e, index);
    if (!reachable)
        slice_ms = timeout_ms = probes.any_ipv6 ? UNREACHED_IPV6_MS : UNREACHED_MS;
    else if (probes.any_ipv6 || has_bond(topology))
        timeout_ms *= MORE_PATIENCE;
    for (; r == 0 && missing && probes.n && timeout_ms > 0; timeout_ms -= slice_ms, slice_ms *= 2)
        r = probe_once(session, &probes, slice_ms < timeout_ms ? slice_ms : timeout_ms, results, &missing);
    free(probes.requests);
    free(probes.whose);
    arena_done(&probes.arena);
    return r;
}

enum result expect_probe(struct session *session, const struct topology *topology, int timeout_ms,
                         struct probe_result **ret_results, size_t *ret_n)
{
    struct model observed CLEANUP_MODEL = {0}, none CLEANUP_MODEL = {0};
    size_t n = 0;
    for (const struct expectation *e = topology->expectations; e; e = e->next)
        n++;
    struct probe_result *results = xrealloc(NULL, n ? n : 1, sizeof *results);
    n = 0;
    for (const struct expectation *e = topology->expectations; e; e = e->next)
        results[n++] = (struct probe_result){.expectation = e};

    int r = observe_for(session->door, &topology->model, &none, LOOK_WANTED, &observed, &session->errors);
    if (r == 0)
        r = run_round(session, topology, &observed, true, timeout_ms, results);
    if (r == 0)
        r = run_round(session, topology, &observed, false, timeout_ms, results);
    for (size_t i = 0; i < n; i++)
        results[i].holds = results[i].reached == results[i].expectation->reachable;
    if (r < 0) {
        free(results);
        return result_of(r);
    }
    *ret_results = results;
    *ret_n = n;
    return RESULT_DONE;
}
