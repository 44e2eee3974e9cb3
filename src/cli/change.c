#include "cli/change.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/map.h"
#include "cli/network.h"
#include "cli/output.h"
#include "model/json.h"

static const char *const signs[VERB_MAX] = {[VERB_ADD] = "+", [VERB_SET] = "~", [VERB_DEL] = "-"};
static const enum color verb_colors[VERB_MAX] = {
    [VERB_ADD] = COLOR_ADD, [VERB_SET] = COLOR_CHANGE, [VERB_DEL] = COLOR_DELETE};
static const char *const disturbance_texts[DISTURBANCE_MAX] = {[DISTURBS_NOTHING] = NULL,
                                                               [DISTURBS_BLINK] =
                                                                   "traffic stops for a moment",
                                                               [DISTURBS_CUT] = "cuts traffic"};

static void print_step(const struct cli *cli, const struct step *step, bool brief)
{
    struct text line CLEANUP_TEXT = {0};
    step_describe(step, &line);
    printf("%s%s %s%s", output_color(cli, verb_colors[step->verb]), signs[step->verb], text_of(&line),
           output_color(cli, COLOR_OFF));
    const char *disturbs = disturbance_texts[step->disturbs];
    if (!brief && (disturbs || step->reason))
        printf("  %s(%s%s%s)%s", output_color(cli, COLOR_DIM), disturbs ? disturbs : "",
               disturbs && step->reason ? ": " : "", step->reason ? step->reason : "",
               output_color(cli, COLOR_OFF));
    putchar('\n');
}

enum { BRIEF_LINES = 40 };

void plan_print(const struct cli *cli, const struct plan *plan, bool brief)
{
    if (!output_is_talking(cli))
        return;
    size_t n = brief && plan->n_steps > BRIEF_LINES ? BRIEF_LINES : plan->n_steps;
    for (size_t i = 0; i < n; i++)
        print_step(cli, plan->steps[i], brief);
    if (n < plan->n_steps)
        printf("%s... and %zu more %s%s\n", output_color(cli, COLOR_DIM), plan->n_steps - n,
               plan->n_steps - n == 1 ? "step" : "steps", output_color(cli, COLOR_OFF));
}

static const char *namespace_id(struct arena *arena, const char *ns)
{
    return arena_printf(arena, "namespace %s/%s", HOST, ns);
}

/* Ids of what the plan adds or deletes, the other ends of pairs too. */
static void collect(const struct plan *plan, enum verb verb, struct map *ids)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = plan->steps[i];
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
    return map_has(added, step->new->id) || map_has(added, namespace_id(arena, step->new->ns));
}

struct plan_summary plan_summarize(const struct plan *plan)
{
    struct plan_summary summary = {0};
    struct arena arena = {0};
    struct map added CLEANUP_MAP = {0}, changed CLEANUP_MAP = {0}, deleted CLEANUP_MAP = {0};
    collect(plan, VERB_ADD, &added);
    collect(plan, VERB_DEL, &deleted);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = plan->steps[i];
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
    text_printf(out, "%zu to add, %zu to change, %zu to delete; ", summary->add, summary->change,
                summary->delete);
    if (!summary->blinks && !summary->cuts)
        text_add(out, "disturbs nothing");
    if (summary->blinks)
        text_printf(out, "%zu %s traffic for a moment", summary->blinks,
                    summary->blinks == 1 ? "step stops" : "steps stop");
    if (summary->cuts)
        text_printf(out, "%s%zu %s traffic", summary->blinks ? ", " : "", summary->cuts,
                    summary->cuts == 1 ? "step cuts" : "steps cut");
}

json_t *plan_to_json(const struct plan *plan)
{
    struct plan_summary summary = plan_summarize(plan);
    json_t *steps = json_array();
    for (size_t i = 0; i < plan->n_steps; i++)
        json_array_append_new(steps, step_to_json(plan->steps[i]));
    const char *disturbs = summary.cuts ? "cut" : summary.blinks ? "blink" : "nothing";
    return json_pack("{s:o, s:{s:I, s:I, s:I, s:s}}", "steps", steps, "summary", "add",
                     (json_int_t)summary.add, "change", (json_int_t)summary.change, "delete",
                     (json_int_t)summary.delete, "disturbs", disturbs);
}

/* Whether the network of the topology returns unless that is confirmed. */
static bool is_pending(const struct cli *cli, const char *name)
{
    struct pending *list;
    size_t n;
    bool is = false;
    pending_list(cli->machine, &list, &n);
    for (size_t i = 0; i < n; i++)
        is = is || strcmp(list[i].name, name) == 0;
    pending_free(list, n);
    return is;
}

void change_say_pending(const struct cli *cli, const char *name)
{
    struct pending *list;
    size_t n;
    pending_list(cli->machine, &list, &n);
    for (size_t i = 0; i < n; i++)
        if (!name || strcmp(list[i].name, name) == 0)
            output_say(cli,
                       "%s: unconfirmed: the old network returns in %d s, unless you say: plexus confirm %s",
                       list[i].name, list[i].seconds_left, list[i].name);
    pending_free(list, n);
}

static double milliseconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) * 1e3 + (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

/* The words of the command line, for the history. */
static char *what_was_said(struct cli *cli)
{
    struct text what CLEANUP_TEXT = {0};
    text_add(&what, cli->command->name);
    for (size_t i = 0; i < cli->n_args; i++)
        text_printf(&what, " %s", cli->args[i]);
    return arena_strdup(&cli->arena, text_of(&what));
}

struct outcome {
    enum result result;
    size_t n_steps;
    double milliseconds;
    bool dry_run;
};

static const char *outcome_word(const struct outcome *outcome)
{
    if (outcome->result != RESULT_DONE)
        return output_result(outcome->result);
    return outcome->n_steps == 0 ? "nothing_to_do" : outcome->dry_run ? "planned" : "done";
}

static void report_json(const struct cli *cli, const struct change_job *job, const struct outcome *outcome,
                        json_t *plan)
{
    json_t *json = json_pack("{s:s, s:s, s:I}", "topology", job->name, "result", outcome_word(outcome),
                             "steps_total", (json_int_t)outcome->n_steps);
    json_object_set_new(json, "milliseconds",
                        outcome->dry_run ? json_null()
                                         : json_real((double)(long)(outcome->milliseconds * 1000) / 1000));
    json_object_set_new(json, "confirm_seconds",
                        job->options.confirm_seconds && !job->dry_run && is_pending(cli, job->name)
                            ? json_integer(job->options.confirm_seconds)
                            : json_null());
    json_object_update(json, plan);
    if (job->stream)
        output_json_line(json);
    else
        output_json(json);
}

static void report(struct cli *cli, const struct change_job *job, const struct outcome *outcome)
{
    if (outcome->result == RESULT_ROLLED_BACK)
        errors_add(&cli->session->errors, NULL, "%s: rolled back: the network is as it was before",
                   job->name);
    if (outcome->result != RESULT_DONE)
        return;
    if (outcome->n_steps == 0)
        output_say(cli, "%s: nothing to do", job->name);
    else if (outcome->dry_run)
        output_say(cli, "%s: %zu %s, not done", job->name, outcome->n_steps,
                   outcome->n_steps == 1 ? "step" : "steps");
    else
        output_say(cli, "%s: %zu %s done in %.*f ms", job->name, outcome->n_steps,
                   outcome->n_steps == 1 ? "step" : "steps", outcome->milliseconds < 10 ? 1 : 0,
                   outcome->milliseconds);
    if (job->options.confirm_seconds && !outcome->dry_run)
        change_say_pending(cli, job->name);
}

static enum result run(struct cli *cli, struct change_job *job, struct progress *progress)
{
    struct change change CLEANUP_CHANGE = {0};
    enum result result = change_prepare(cli->session, job->name, job->topology, job->adopt, &change);
    if (result != RESULT_DONE)
        return result;
    plan_print(cli, &change.plan, !job->dry_run);
    fflush(stdout);

    struct outcome outcome = {.n_steps = change.plan.n_steps, .dry_run = job->dry_run};
    json_t *json = cli->json ? plan_to_json(&change.plan) : NULL; /* the plan may be another one afterwards */
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (!job->dry_run)
        outcome.result = change_run(cli->session, &change, &job->options);
    network_progress_end(progress);
    outcome.milliseconds = milliseconds_since(&start);
    if (cli->json)
        report_json(cli, job, &outcome, json);
    json_decref(json);
    report(cli, job, &outcome);
    return outcome.result;
}

enum result change_make(struct cli *cli, struct change_job *job)
{
    job->options.what = what_was_said(cli);
    struct progress progress;
    network_progress(cli, &progress, &job->options);
    enum result result = network_open(cli, job->dry_run ? ACCESS_READ : ACCESS_WRITE, job->name, job->wait);
    if (result == RESULT_DONE)
        result = run(cli, job, &progress);
    network_close(cli, result);
    return result;
}
