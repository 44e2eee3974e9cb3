#include "cli/change.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apply/endpoints.h"
#include "apply/guards.h"
#include "cli/firewall_lost.h"
#include "cli/firewall_ssh.h"
#include "cli/network.h"
#include "cli/output.h"
#include "model/json.h"

const char *const verb_signs[VERB_MAX] = {[VERB_ADD] = "+", [VERB_SET] = "~", [VERB_DEL] = "-"};
static const enum color verb_colors[VERB_MAX] = {
    [VERB_ADD] = COLOR_ADD, [VERB_SET] = COLOR_CHANGE, [VERB_DEL] = COLOR_DELETE};
static const char *const disturbance_texts[DISTURBANCE_MAX] = {[DISTURBS_NOTHING] = NULL,
                                                               [DISTURBS_BLINK] =
                                                                   "traffic stops for a moment",
                                                               [DISTURBS_CUT] = "cuts traffic"};

static void print_step(const struct cli *cli, const struct step *step, bool brief)
{
    struct text line CLEANUP_TEXT = {0};
    output_step(step, &line);
    printf("%s%s %s%s", output_color(cli, verb_colors[step->verb]), verb_signs[step->verb], text_of(&line),
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

json_t *summary_to_json(const struct plan_summary *summary)
{
    return json_pack("{s:I, s:I, s:I}", "add", (json_int_t)summary->add, "change",
                     (json_int_t)summary->change, "delete", (json_int_t)summary->delete);
}

enum { FLOWS_SHOWN = 10 };

void flows_print(const struct cli *cli, const struct flow_effect *flows)
{
    size_t n = flows->cut.n < FLOWS_SHOWN ? flows->cut.n : FLOWS_SHOWN;
    for (size_t i = 0; i < n; i++)
        output_say_in(cli, COLOR_DELETE, "  cut: %s", flows->cut.lines[i]);
    if (flows->n_cut > n)
        output_say_in(cli, COLOR_DIM, "  ... and %zu more", flows->n_cut - n);
    if (flows->n_unknown)
        output_say_in(cli, COLOR_DIM, "  %zu running %s cannot be judged, and %s on", flows->n_unknown,
                      flows->n_unknown == 1 ? "flow" : "flows", flows->n_unknown == 1 ? "goes" : "go");
}

static json_t *flows_to_json(const struct flow_effect *flows)
{
    json_t *cut = json_array();
    for (size_t i = 0; i < flows->cut.n; i++)
        json_array_append_new(cut, json_string(flows->cut.lines[i]));
    return json_pack("{s:o, s:I, s:I, s:I}", "cut", cut, "cut_total", (json_int_t)flows->n_cut,
                     "resumed_total", (json_int_t)flows->n_resumed, "unknown_total",
                     (json_int_t)flows->n_unknown);
}

json_t *plan_to_json(const struct plan *plan, const struct flow_effect *flows)
{
    struct plan_summary summary = plan_summarize(plan);
    json_t *steps = json_array();
    for (size_t i = 0; i < plan->n_steps; i++)
        json_array_append_new(steps, step_to_json(plan->steps[i]));
    const char *disturbs = summary.cuts || flows->n_cut ? "cut" : summary.blinks ? "blink" : "nothing";
    json_t *counts = summary_to_json(&summary);
    json_object_set_new(counts, "disturbs", json_string(disturbs));
    return json_pack("{s:o, s:o, s:I, s:o}", "steps", steps, "summary", counts, "steps_total",
                     (json_int_t)summary.steps, "flows", flows_to_json(flows));
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
    for (unsigned i = 0; i < cli->command->n_flags; i++)
        if (cli->given[i] && !cli->lists[i])
            text_printf(&what, " --%s", cli->command->flags[i].name);
        else
            for (const char *const *value = cli->lists[i]; value && *value; value++)
                text_printf(&what, " --%s=%s", cli->command->flags[i].name, *value);
    for (size_t i = 0; i < cli->n_args; i++)
        text_printf(&what, " %s", cli->args[i]);
    return arena_strdup(&cli->arena, text_of(&what));
}

struct outcome {
    enum result result;
    struct plan_summary summary;
    size_t n_held;       /* expectations */
    double milliseconds; /* without the probes */
    double probe_ms;
    bool dry_run;
};

static const char *outcome_word(const struct outcome *outcome)
{
    if (outcome->result != RESULT_DONE)
        return output_result(outcome->result);
    return outcome->summary.steps == 0 ? "nothing_to_do" : outcome->dry_run ? "planned" : "done";
}

static json_t *time_to_json(const struct outcome *outcome, double milliseconds)
{
    return outcome->dry_run ? json_null() : json_real((double)(long)(milliseconds * 1000) / 1000);
}

/* In which the old network returns, unless that is confirmed; 0: it does not. */
static int seconds_left(const struct cli *cli, const struct change_job *job)
{
    bool waits = job->options.confirm_seconds && !job->dry_run;
    return waits ? pending_seconds(cli->machine, job->name, NULL) : 0;
}

static void report_json(const struct cli *cli, const struct change_job *job, const struct outcome *outcome,
                        json_t *plan)
{
    json_t *json = json_pack("{s:s, s:s}", "topology", job->name, "result", outcome_word(outcome));
    json_object_set_new(json, "expectations_held", json_integer((json_int_t)outcome->n_held));
    json_object_set_new(json, "milliseconds", time_to_json(outcome, outcome->milliseconds));
    json_object_set_new(json, "probe_milliseconds", time_to_json(outcome, outcome->probe_ms));
    json_object_set_new(json, "confirm_seconds",
                        seconds_left(cli, job) ? json_integer(job->options.confirm_seconds) : json_null());
    json_object_update(json, plan);
    if (job->stream)
        output_json_line(json);
    else
        output_json(json);
}

/* Behind the point: what is shorter than 10 ms has one. */
static int digits(double milliseconds)
{
    return milliseconds < 10 ? 1 : 0;
}

static void report(struct cli *cli, const struct change_job *job, const struct outcome *outcome)
{
    if (outcome->result == RESULT_ROLLED_BACK)
        errors_add(&cli->session->errors, NULL, "%s: rolled back: %s", job->name, undo_words(cli->session));
    if (outcome->result != RESULT_DONE)
        return;
    struct text summary CLEANUP_TEXT = {0};
    if (outcome->dry_run)
        plan_summary_text(&outcome->summary, &summary);
    else
        plan_summary_done(&outcome->summary, &summary);
    if (outcome->summary.steps == 0)
        output_say(cli, "%s: nothing to do", job->name);
    else if (outcome->dry_run)
        output_say(cli, "%s: %s; not done", job->name, text_of(&summary));
    else
        output_say(cli, "%s: %zu %s done in %.*f ms: %s", job->name, outcome->summary.steps,
                   outcome->summary.steps == 1 ? "step" : "steps", digits(outcome->milliseconds),
                   outcome->milliseconds, text_of(&summary));
    if (outcome->n_held)
        output_say(cli, "%s: %zu %s, as %.*f ms of probing show", job->name, outcome->n_held,
                   outcome->n_held == 1 ? "expectation holds" : "expectations hold",
                   digits(outcome->probe_ms), outcome->probe_ms);
    int left = seconds_left(cli, job);
    if (left)
        output_say(cli, "%s: unconfirmed: the old network returns in %d s, unless you say: plexus confirm %s",
                   job->name, left, job->name);
}

static enum result refuse_stale(struct cli *cli, const char *name)
{
    cli_fail(cli, RESULT_BUSY, "%s: guests came or left while the file was read", name);
    cli_hint(cli, "nothing was changed; try again");
    return RESULT_BUSY;
}

static enum result run(struct cli *cli, struct change_job *job, struct progress *progress)
{
    struct change change CLEANUP_CHANGE = {0};
    job->is_stale = job->topology && !endpoints_agree(cli->session, job->topology);
    if (job->is_stale)
        return job->reads_again ? RESULT_BUSY : refuse_stale(cli, job->name);
    enum result result = change_prepare(cli->session, job->name, job->topology, job->adopt, &change);
    if (result != RESULT_DONE)
        return result;
    result = change_may(cli->session, &change, job->options.confirm_seconds ? GUARDS_RETURN : GUARDS_REFUSE);
    if (result == RESULT_DONE)
        result = ssh_keep(cli, &change, job->keeps_ssh, job->options.confirm_seconds);
    if (result != RESULT_DONE)
        return result;
    if (job->is_of_file)
        firewall_warn_lost(cli, &change);
    plan_print(cli, &change.plan, !job->dry_run);
    if (job->dry_run) {
        change_foresee(cli->session, &change);
        flows_print(cli, &change.flows);
    }
    output_flush();

    struct outcome outcome = {.summary = plan_summarize(&change.plan), .dry_run = job->dry_run};
    /* The plan may be another one afterwards; the flows are known then. */
    json_t *json = cli->json ? plan_to_json(&change.plan, &change.flows) : NULL;
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (!job->dry_run)
        outcome.result = change_run(cli->session, &change, &job->options);
    outcome.n_held = change.n_held;
    network_progress_end(progress);
    outcome.summary.flows = change.flows.n_cut;
    outcome.probe_ms = change.probe_ms;
    outcome.milliseconds = milliseconds_since(&start) - change.probe_ms;
    if (cli->json) {
        json_object_set_new(json, "flows", flows_to_json(&change.flows));
        report_json(cli, job, &outcome, json);
    }
    if (!job->dry_run && outcome.result == RESULT_DONE)
        flows_print(cli, &change.flows);
    json_decref(json);
    report(cli, job, &outcome);
    return outcome.result;
}

enum result change_make_here(struct cli *cli, struct change_job *job)
{
    struct progress progress;
    job->options.what = what_was_said(cli);
    network_progress(cli, &progress, &job->options);
    return run(cli, job, &progress);
}

enum result change_make(struct cli *cli, struct change_job *job)
{
    enum result result = network_open(cli, job->dry_run ? ACCESS_READ : ACCESS_WRITE, job->name, job->wait);
    if (result == RESULT_DONE)
        result = change_make_here(cli, job);
    network_close(cli, result);
    return result;
}
