/* What the parts of the apply layer share. */
#pragma once
#include "apply/record.h"

enum result result_of(int r); /* of a negative errno */

/* Topologies that have a journal, or endpoints; free with names_free(). */
char **journal_names(const struct machine *machine);
char **endpoints_names(const struct machine *machine);

/* Takes away what nobody uses any more, of all topologies (sweep.c); and the endpoints of one that went
 * down. */
void session_sweep(struct session *session);
void endpoints_forget(const struct machine *machine, const char *name);

/* Plans and runs the way back that the journal holds, from whatever is observed now; then the old record
 * stands and the journal is gone. Can be done again after a failure. */
enum result journal_undo(struct session *session, struct journal *journal);

/* Observes what both models mention. */
int observe_for(struct door *door, const struct model *a, const struct model *b, enum look look,
                struct model *ret_observed, struct errors *errors);

/* The namespaces that the steps touch, by name; keys live as long as the plan. */
void touched_by(const struct plan *plan, struct map *touched);
/* The part of a model that lies in them: the model itself when that is all of it, else borrowed by `part`,
 * which must not outlive it. */
const struct model *touched_part(const struct model *model, const struct map *touched, struct model *part);

/* Of what must return, the namespaces that were attached and are no more: their ids -> themselves. */
void origins_gone(struct door *door, const struct journal *journal, struct map *ret_gone);

/* Puts into change->former what was recorded, with former names of namespaces whose names the file gives to
 * others (model/former.h). Returns whether there are any: then all must be looked at anew. */
bool leave_names(struct door *door, struct change *change);

struct plan_request change_request(const struct change *change);
int run_steps(struct session *session, const struct plan *plan, const struct apply_options *options,
              size_t *ret_done);

/* After the steps were run: looks at the namespaces that they touched. What is left to do there is done once
 * more; then nothing may be left. 0, or a negative errno with an entry in the session's errors. */
int verify_change(struct session *session, struct change *change, const struct apply_options *options);

/* What was seen, after an apply, of what its file does not say (seen.c). note: takes in what is observed of
 * the objects that are said, in place of what was noted of them. look: notes all of a record, anew. */
void seen_note(const struct model *said, const struct model *observed, struct model *seen);
/* 0, or a negative errno without an entry in any errors. */
int seen_load(const struct machine *machine, const char *name, struct model *seen);
int seen_save(const struct machine *machine, const char *name, const struct model *seen,
              struct errors *errors);
/* Before it is saved anew; when the change is complete; and on the way back: what was set aside, or none. */
int seen_set_aside(const struct machine *machine, const char *name, struct errors *errors);
void seen_complete(const struct machine *machine, const char *name);
int seen_return(const struct machine *machine, const char *name, bool runs, struct errors *errors);
int seen_look(struct session *session, const struct record *record);
/* Where one object `is` otherwise: puts the options into `changed`, and sets those values of
 * *ret_shall, a clone of it. */
void seen_compare(const struct object *said, const struct model *seen, const struct object *is,
                  const struct model *recorded, struct option_set *changed, struct object *ret_shall);

/* After that, when the topology ran before: its neighbours learn of MAC addresses that changed. */
void announce_change(struct session *session, const struct change *change);

/* foreign.c: warns of rule sets of others, in the namespaces that are there and whose rules the plan
 * changes. */
void foreign_look_around(struct session *session, const struct change *change);

/* The number of the last revision, or 0; and marks those after `number` as undone. */
unsigned history_last(const struct machine *machine, const char *name);
void history_undo(const struct machine *machine, const char *name, unsigned number);

/* Adds a revision and returns its number; where that cannot be, a warning, and the number of the last. */
unsigned history_add(const struct machine *machine, const char *name, const char *what,
                     const struct plan *plan, const char *source, struct errors *errors);

/* Adds to the originals what settings in namespaces that we made were at their birth. Not finding out is no
 * error; that what it takes stays behind is one. */
int note_births(struct door *door, const struct model *recorded, struct model *originals,
                struct errors *errors);
/* Beforehand: what that may leave behind, when it is cut short, is added to what the way back removes. */
void expect_births(const struct model *desired, struct model *added);
