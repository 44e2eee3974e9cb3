/* What apply, down and rollback share: a plan that is shown, run and reported. And the plan as text and JSON.
 */
#pragma once
#include <jansson.h>

#include "apply/apply.h"
#include "cli/command.h"
#include "plan/summary.h"

enum { CONFIRM_SECONDS = 30, CONFIRM_MAX = 86400 }; /* of --confirm: without a number, and at most */

struct change_job {
    const char *name;
    const struct topology *topology; /* NULL: down */
    bool adopt, dry_run, wait;
    bool is_of_file; /* it may take away what was said by hand: that is warned of */
    bool keeps_ssh;  /* refused where it would cut the session of whoever asks, rather than warned of */
    struct apply_options options; /* `what` and `progress` are filled in by change_make() */
    bool stream;                  /* one of several: the JSON is one line */
    /* Guests came or left by hand while the file was read, and nothing was done; that is no error where the
     * caller reads it again. */
    bool reads_again, is_stale;
};

/* Opens a session, prepares, shows, runs, reports, and closes the session. */
enum result change_make(struct cli *cli, struct change_job *job);
/* The same in the session that is open, and stays so. */
enum result change_make_here(struct cli *cli, struct change_job *job);

extern const char *const verb_signs[VERB_MAX]; /* "+", "~", "-" */

/* One line a step. In short, without what it disturbs and why, and not more than people read. */
void plan_print(const struct cli *cli, const struct plan *plan, bool brief);

/* What happens to flows that run, a line each; nothing where nothing does. */
void flows_print(const struct cli *cli, const struct flow_effect *flows);

/* {"steps":[...],"summary":{...},"steps_total":...,"flows":{...}} */
json_t *plan_to_json(const struct plan *plan, const struct flow_effect *flows);
json_t *summary_to_json(const struct plan_summary *summary);
