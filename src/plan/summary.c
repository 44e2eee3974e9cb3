#include "plan/summary.h"

#include "base/map.h"

static const char *namespace_id(struct arena *arena, const char *ns)
{
    return arena_printf(arena, "namespace %s/%s", HOST, ns);
}

/* Ids of what the plan adds or deletes, the other ends of pairs too. */
static void collect(const struct plan *plan, enum verb verb, struct map *ids)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = step_planned(plan->steps[i]);
        if (step->verb != verb)
            continue;
        map_set(ids, step_object(step)->id, (void *)step_object(step));
        if (step->peer)
            map_set(ids, step->peer->id, (void *)step->peer);
    }
}

/* A step that finishes what is new (raises it, sets the loopback of a new namespace) changes nothing that was
 * there. */
static bool is_finishing(const struct step *step, const struct map *added, struct arena *arena)
{
    const struct object *namespace = map_get(added, namespace_id(arena, step->new->ns));
    return map_has(added, step->new->id) || (namespace && !object_is_attached(namespace));
}

struct plan_summary plan_summarize(const struct plan *plan)
{
    struct plan_summary summary = {.steps = plan->n_steps};
    struct arena arena = {0};
    struct map added CLEANUP_MAP = {0}, changed CLEANUP_MAP = {0}, deleted CLEANUP_MAP = {0};
    collect(plan, VERB_ADD, &added);
    collect(plan, VERB_DEL, &deleted);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = step_planned(plan->steps[i]);
        if (step->verb == VERB_SET && !is_finishing(step, &added, &arena))
            map_set(&changed, step->new->id, (void *)step->new);
        summary.blinks += step->disturbs == DISTURBS_BLINK;
        summary.cuts += step->disturbs == DISTURBS_CUT;
    }
    summary.add = added.used;
    summary.change = changed.used;
    summary.delete = deleted.used;
    arena_done(&arena);
    return summary;
}

void plan_summary_text(const struct plan_summary *summary, struct text *out)
{
    text_printf(out, "%zu %s: %zu to add, %zu to change, %zu to delete; ", summary->steps,
                summary->steps == 1 ? "step" : "steps", summary->add, summary->change, summary->delete);
    if (!summary->blinks && !summary->cuts && !summary->flows)
        text_add(out, "disturbs nothing");
    if (summary->blinks)
        text_printf(out, "%zu %s traffic for a moment", summary->blinks,
                    summary->blinks == 1 ? "step stops" : "steps stop");
    if (summary->cuts)
        text_printf(out, "%s%zu %s traffic", summary->blinks ? ", " : "", summary->cuts,
                    summary->cuts == 1 ? "step cuts" : "steps cut");
    if (summary->flows)
        text_printf(out, "%s%zu running %s cut", summary->blinks || summary->cuts ? ", " : "", summary->flows,
                    summary->flows == 1 ? "flow is" : "flows are");
}

void plan_summary_done(const struct plan_summary *summary, struct text *out)
{
    const struct {
        size_t n;
        const char *word;
    } parts[] = {{summary->add, "added"}, {summary->change, "changed"}, {summary->delete, "deleted"}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].n)
            text_printf(out, "%s%zu %s", n++ ? ", " : "", parts[i].n, parts[i].word);
    if (!n)
        text_add(out, "nothing changed");
    if (summary->flows)
        text_printf(out, "; %zu running %s cut", summary->flows, summary->flows == 1 ? "flow" : "flows");
}
