/* The plan: ordered steps from what is to what shall be. Pure.
 *
 * Everything Plexus does to a network is a plan: apply (to the file), down (to nothing), rollback, a failed
 * apply and a crash (to what was before). So there is one way to be right, and one to prove. */
#pragma once
#include "model/step.h"
#include "model/topology.h"

struct plan {
    struct arena arena;
    const struct step **steps; /* in the order in which they are run */
    size_t n_steps;
    /* Observed objects that the steps change or delete, and those that die or change with them (the routes of
     * a deleted link), foreign ones too: what undoing needs, together with what the steps add. */
    const struct object **lost;
    size_t n_lost;
    bool falls_short; /* on the way back: something cannot return, as a warning tells */
};

#define CLEANUP_PLAN __attribute__((cleanup(plan_done)))

struct plan_request {
    const struct model *desired;   /* what shall be; empty for down */
    const struct model *recorded;  /* what the last apply made (OBJECT_MADE) or changed (OBJECT_ADOPTED), with
                                      the values that the file set; empty at first. What is here and not
                                      desired is taken away. What agreed (OBJECT_SHARED) is no business of a
                                      plan */
    const struct model *originals; /* the values that adopted objects had before; may be NULL */
    const struct model *observed;  /* what is */
    /* Settings and hardware of which other topologies say something too (OBJECT_ADOPTED), and settings that
     * follow those, with the values from before all of them. What is said stays when one goes. Or NULL. */
    const struct model *others;
    /* What others have and must go (an address of a card that becomes a port): it is given back, as it is
     * here, once it is recorded (OBJECT_REMOVED) and here no more. Or NULL. */
    const struct model *removed;
    const char *topology;   /* its name: marks that say so count as ours */
    const struct map *gone; /* ids of namespaces that are to be attached, and are no more; with `back` */
    bool adopt;             /* take over foreign objects that are in the way */
    /* Just after its plan was run: what bears no mark of its own is ours, and nothing is told twice. */
    bool again;
    bool back; /* the way back (see plan_undo): what is desired was there, whoever's it is */
};

/* Returns 0; -EEXIST when foreign objects are in the way, or -ENODEV when hardware is missing (each an entry
 * in `errors`). The models must outlive the plan. */
int plan_make(const struct plan_request *request, struct plan *ret_plan, struct errors *errors);
void plan_done(struct plan *plan);

/* What is to be recorded when the request's plan has been run, into two empty models: the desired objects
 * with their origin, and the originals of adopted ones. They must not outlive the request's. */
void plan_record(const struct plan_request *request, struct model *ret_recorded, struct model *ret_originals);

/* The way back. `ret_lost` gets what must return, `ret_added` what must go (marked OBJECT_MADE): written to
 * the journal before the first step, they are the `desired` and `recorded` of the plan (with `adopt` and
 * `back`) that undoes this one, at any point of it. They must not outlive the plan and what was observed. */
void plan_undo(const struct plan *plan, const struct model *observed, struct model *ret_lost,
               struct model *ret_added);

/* A warning for each of the interfaces that is not there, in the words of plan_make(). */
void plan_warn_missing(const struct model *wanted, const struct model *observed, struct errors *errors);

/* The value that the kernel gives the option of such an object by itself; unset: that varies. */
struct value plan_value_at_birth(const struct object *object, const struct option *option);

/* Whether what is there in the place of a recorded object was made by somebody else: it lacks our mark. Such
 * a thing is foreign to plan_make(). */
bool plan_is_replaced(const struct plan_request *request, const struct object *record);

/* Whether `is` has what `shall` says; puts each option that differs into `changed`. `is` is of the kind
 * of `shall`: object_is_of(). */
bool plan_compare(const struct object *shall, const struct object *is, struct option_set *changed);
