/* What a plan comes to, in numbers: the same ones for whoever plans, applies, or looks at the history.
 *
 * A plan has steps, and they change objects. Those are counted: both ends of a pair, which are one step; not
 * what goes along with something else; and a step that finishes what is new (raises it) counts for nothing.
 */
#pragma once
#include "base/text.h"
#include "plan/plan.h"

struct plan_summary {
    size_t steps;
    size_t add, change, delete; /* objects; one that is made anew counts in two */
    size_t blinks, cuts;        /* steps that stop traffic for a moment, or for longer */
    size_t flows;               /* that run, and are cut: known to who looked at them, else 0 */
};
struct plan_summary plan_summarize(const struct plan *plan);

/* "12 steps: 9 to add, 0 to change, 0 to delete; disturbs nothing", and what was done: "9 added". */
void plan_summary_text(const struct plan_summary *summary, struct text *out);
void plan_summary_done(const struct plan_summary *summary, struct text *out);
