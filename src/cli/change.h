/* What apply, down and rollback share: a plan that is shown, run and reported. And the plan as text and JSON. */
#pragma once
#include <jansson.h>

#include "apply/apply.h"
#include "cli/command.h"

struct change_request {
    const char *name;
    const struct topology *topology; /* NULL: down */
    bool adopt, dry_run, wait;
    struct apply_options options; /* `what` and `progress` are filled in here */
    bool stream;                  /* one of several: the JSON is one line */
};

/* Opens a session, prepares, shows, runs, reports, and closes the session. */
enum result change_make(struct cli *cli, struct change_request *request);

/* One line a step. In short, without what it disturbs and why, and not more than people read. */
void plan_print(const struct cli *cli, const struct plan *plan, bool brief);

struct plan_summary {
    size_t add, change, delete; /* objects; one that is made anew counts in two */
    size_t blinks, cuts;        /* steps */
};
struct plan_summary plan_summarize(const struct plan *plan);
void plan_summary_text(const struct plan_summary *summary,
                       struct text *out);      /* "5 to add, ...; disturbs nothing" */
json_t *plan_to_json(const struct plan *plan); /* {"steps":[...],"summary":{...}} */

/* "now, or in 30 s the old network returns": for those of the topology (NULL: all) that wait. */
void pending_say(const struct cli *cli, const char *name);
