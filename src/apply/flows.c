#include "apply/flows.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "apply/ssh.h"
#include "apply/store.h"
#include "kernel/flows.h"
#include "model/way.h"

void flow_effect_done(struct flow_effect *effect)
{
    commands_done(&effect->cut);
    commands_done(&effect->commands);
    map_done(&effect->told);
    arena_done(&effect->arena);
    *effect = (struct flow_effect){0};
}

/* The namespaces whose firewall changes */

/* Those that the plan makes or deletes; what is attached was there before. */
static void passing_by(const struct plan *plan, struct map *ret_names)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct object *object = step_object(plan->steps[i]);
        if (object->class->id == CLASS_NAMESPACE && plan->steps[i]->verb != VERB_SET &&
            !object_is_attached(object))
            map_set(ret_names, object->name, (void *)object);
    }
}

/* Of those that were there and stay there: name -> first step about it. */
static void changed_by(const struct plan *plan, struct map *ret_changed)
{
    struct map passing CLEANUP_MAP = {0};
    passing_by(plan, &passing);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = plan->steps[i];
        const char *ns = step_object(step)->ns;
        if (step_object(step)->class->flags & CLASS_TOGETHER && !step->planned && !map_has(&passing, ns))
            map_set(ret_changed, ns, (void *)step);
    }
}

/* What will be */

static bool matters(const struct object *object, const char *ns)
{
    enum class_id id = object->class->id;
    return strcmp(object->ns, ns) == 0 &&
           (id == CLASS_ADDRESS || id == CLASS_ROUTE || id == CLASS_SET || id == CLASS_CHAIN);
}

static void put_new(struct model *model, const struct object *object)
{
    struct object *old = map_get(&model->by_id, object->id);
    if (old)
        model_remove(model, old);
    model_borrow(model, object);
}

/* The namespace when the plan was run. The networks of addresses that come are on no list of routes yet;
 * they are looked for by the addresses. */
static void predict(const struct model *observed, const struct plan *plan, const char *ns,
                    struct model *ret_after)
{
    struct map lost CLEANUP_MAP = {0};
    for (size_t i = 0; i < plan->n_lost; i++)
        map_set(&lost, plan->lost[i]->id, (void *)plan->lost[i]);
    for (const struct object *o = map_get(&observed->namespaces, ns); o; o = o->next_in_ns)
        if (matters(o, ns) && !map_has(&lost, o->id))
            model_borrow(ret_after, o);
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i]->new &&matters(plan->steps[i]->new, ns))
            put_new(ret_after, plan->steps[i]->new);
}

/* What conntrack is told */

static bool is_sent_through(const struct model *observed, const char *ns, const struct flow *flow)
{
    const char *from = way_dev(observed, ns, &flow->original.source);
    const char *to = way_dev(observed, ns, &flow->original.destination);
    return from && to && strcmp(from, to) != 0 && !way_ends(observed, ns, &flow->original.source) &&
           !way_ends(observed, ns, &flow->original.destination);
}

static void keep_sent_through(const struct model *observed, const char *ns, struct flows *flows, size_t first)
{
    size_t n = first;
    for (size_t i = first; i < flows->n; i++)
        if (is_sent_through(observed, ns, &flows->list[i]))
            flows->list[n++] = flows->list[i];
    flows->n = n;
}

static const char *told_key(struct flow_effect *effect, const char *ns, const struct flow *flow)
{
    struct text text CLEANUP_TEXT = {0};
    text_printf(&text, "%s ", ns);
    flow_format(flow, &text);
    return arena_strdup(&effect->arena, text_of(&text));
}

static void tell_of(struct session *session, const struct model *observed, const char *ns,
                    struct flow_effect *effect)
{
    struct flows flows CLEANUP_FLOWS = {0};
    size_t n_new;
    if (door_connections(session->door, ns, &flows) < 0)
        return;
    for (struct map_entry *e = NULL; (e = map_next(&observed->namespaces, e));) {
        size_t first = flows.n;
        if (strcmp(e->key, ns) != 0 && door_connections(session->door, e->key, &flows) == 0)
            keep_sent_through(observed, ns, &flows, first);
    }
    if (flows.n)
        door_flows_tell(session->door, ns, &flows, &n_new);
    for (size_t i = 0; flows.n && i < n_new; i++)
        map_set(&effect->told, told_key(effect, ns, &flows.list[i]), effect);
}

static bool has_table(const struct model *observed, const char *ns)
{
    const struct object *object = map_get(&observed->namespaces, ns);
    while (object && object->class->id != CLASS_TABLE)
        object = object->next_in_ns;
    return object;
}

void flows_tell(struct session *session, const struct plan *plan, const struct model *observed,
                struct flow_effect *effect)
{
    struct map changed CLEANUP_MAP = {0};
    changed_by(plan, &changed);
    for (struct map_entry *e = NULL; (e = map_next(&changed, e));)
        if (!has_table(observed, e->key))
            tell_of(session, observed, e->key, effect);
}

/* Fates */

static void note(struct flow_effect *effect, const char *ns, const struct flow *flow, enum flow_fate fate)
{
    enum { SHOWN = 1000 };
    struct text text CLEANUP_TEXT = {0};
    effect->n_unknown += fate == FLOW_UNKNOWN;
    effect->n_resumed += fate == FLOW_RESUMES;
    if (fate == FLOW_STAYS || fate == FLOW_UNKNOWN || !flow_runs(flow))
        return;
    if (effect->commands.n < SHOWN)
        flow_command(flow, fate, ns, &effect->commands);
    if (fate == FLOW_RESUMES)
        return;
    if (effect->n_cut++ < SHOWN) {
        if (strcmp(ns, HOST) != 0)
            text_printf(&text, "%s: ", ns);
        flow_format(flow, &text);
        commands_add(&effect->cut, "%s", text_of(&text));
    }
}

/* The reply is as the socket of the server has it, whatever was translated on the way. */
static bool is_of(const struct flow *flow, const struct ssh_session *own)
{
    const struct flow_tuple *reply = &flow->reply;
    return flow->protocol == IPPROTO_TCP && ip_equal(&own->client, &reply->destination) &&
           own->client_port == reply->to && ip_equal(&own->server, &reply->source) &&
           own->server_port == reply->from;
}

/* Nobody is cut off by the command that he gives; who gives it tells him. */
static enum flow_fate spare(const struct ssh_session *own, const struct flow *flow, enum flow_fate fate)
{
    return own && (fate == FLOW_STOPS || fate == FLOW_ENDS) && is_of(flow, own) ? FLOW_STAYS : fate;
}

static void judge_all(const struct model *observed, const struct plan *plan, const char *ns,
                      const struct flows *flows, struct flow_effect *effect, enum flow_fate *fates)
{
    struct ssh_session found;
    const struct ssh_session *own = strcmp(ns, HOST) == 0 && ssh_session_find(&found) ? &found : NULL;
    struct model after CLEANUP_MODEL = {0};
    predict(observed, plan, ns, &after);
    struct flow_judge *judge = flow_judge_new(observed, &after, ns, flows->n);
    for (size_t i = 0; i < flows->n; i++) {
        bool was_told = effect->told.used && map_has(&effect->told, told_key(effect, ns, &flows->list[i]));
        fates[i] = was_told ? FLOW_STAYS : flow_judge(judge, &flows->list[i]);
        fates[i] = spare(own, &flows->list[i], fates[i]);
        note(effect, ns, &flows->list[i], fates[i]);
    }
    flow_judge_free(judge);
}

static void warn(struct session *session, const char *ns, int error)
{
    bool host = strcmp(ns, HOST) == 0;
    struct error *warning = errors_warn(&session->errors, NULL, "the flows of %s%s%s cannot be %s: %s",
                                        host ? "the host" : "namespace `", host ? "" : ns, host ? "" : "`",
                                        error == -EOPNOTSUPP ? "listed" : "cut", strerror(-error));
    error_hint(&session->errors, warning,
               error == -EOPNOTSUPP
                   ? "what the firewall forbids now, and ran before, runs on (kernel: CONFIG_NF_CT_NETLINK)"
                   : "what the firewall forbids now, and ran before, may run on: see conntrack -L");
}

static void settle(struct session *session, const struct plan *plan, const struct model *observed,
                   const char *ns, struct flow_effect *effect, bool foresee)
{
    struct flows flows CLEANUP_FLOWS = {0};
    size_t done = 0;
    int r = door_flows(session->door, ns, &flows);
    if (r == 0 && flows.n) {
        enum flow_fate *fates CLEANUP_FREE = xrealloc(NULL, flows.n, sizeof *fates);
        judge_all(observed, plan, ns, &flows, effect, fates);
        if (!foresee)
            r = door_flows_change(session->door, ns, flows.list, fates, flows.n, &done);
    }
    if (r < 0 && r != -ENOENT)
        warn(session, ns, r);
}

void flows_settle(struct session *session, const struct plan *plan, const struct model *observed,
                  struct flow_effect *effect, bool foresee)
{
    struct map changed CLEANUP_MAP = {0};
    changed_by(plan, &changed);
    for (struct map_entry *e = NULL; (e = map_next(&changed, e));)
        settle(session, plan, observed, e->key, effect, foresee);
}
