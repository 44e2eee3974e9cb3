/* Making it so: lock, observe, plan, journal, run, look again, record; and the way back.
 *
 * A session is one command's hold on the network: the door to the kernel, and, for a command that changes
 * something, the lock. Whoever takes the lock first mends what a crash or an unconfirmed apply left behind.
 * Nothing here prints: what a person should know goes into the session's errors, and what was done is
 * returned. */
#pragma once
#include <time.h>

#include "base/result.h"
#include "kernel/door.h"
#include "model/topology.h"
#include "plan/plan.h"
#include "plan/summary.h"

/* What Plexus works on: a kernel, and the folders of its files. src/cli gives Linux, /run/plexus and
 * /etc/plexus; a proof gives a kernel in memory and folders of its own. */
struct machine {
    /* As door_linux(). */
    int (*open_door)(const char *topology, struct door **ret_door, struct errors *errors);
    const char *run_dir;   /* what is known until the next boot */
    const char *saved_dir; /* what is saved for it */
    bool is_private;       /* an ordinary user's world: nobody logs in by it */
};

enum access {
    ACCESS_READ,  /* looks only; needs no lock, and few privileges */
    ACCESS_WRITE, /* holds the lock until session_close() */
};

struct session {
    const struct machine *machine;
    struct door *door;
    struct errors errors;
    enum access access;
    int lock;        /* file descriptor, or -1 */
    bool fell_short; /* the last way back: something could not return, which is told */
    char **mended;   /* topologies whose earlier apply was undone when the session was opened */
    size_t n_mended;
};

/* `machine` must outlive the session. `topology` names what is to be changed, for its marks; NULL for
 * reading. `wait_seconds`: how long to wait for another plexus that holds the lock (0: not at all);
 * `waiting`, if not NULL, is called once with who holds it, before waiting. */
enum result session_open(struct session *session, const struct machine *machine, enum access access,
                         const char *topology, int wait_seconds,
                         void (*waiting)(const char *holder, void *userdata), void *userdata);
bool session_mended(const struct session *session, const char *name);
void session_close(struct session *session); /* errors stay readable until session_done() */
void session_done(struct session *session);

/* What is known of a topology that runs: /run/plexus/NAME/record.json. */
struct record {
    char *name;
    struct model recorded, originals;
    const char *source; /* the file as applied; in the arena of `recorded`, or borrowed */
    time_t applied;
    char *user;
    unsigned revision; /* number in the history */
};
#define CLEANUP_RECORD __attribute__((cleanup(record_done)))
enum result record_load(const struct machine *machine, const char *name, struct record *ret_record,
                        struct errors *errors); /* RESULT_NOT_FOUND: it does not run */
void record_done(struct record *record);

/* What a change of the firewall does to flows that run: flows.h. */
struct flow_effect {
    size_t n_cut, n_resumed; /* by what is forbidden or translated otherwise; by what is allowed again */
    size_t n_unknown;        /* cannot be judged, and go on */
    struct commands cut; /* in words: "tcp 192.0.2.2:40000 -> 192.0.2.1:80", so many as anyone would read */
    struct commands commands;
    struct map told; /* internal: what conntrack was told of */
    struct arena arena;
};

/* A plan with all that it stands on, so that it can be shown first and run then. */
struct change {
    const struct topology *topology; /* NULL: down */
    char *name;
    struct record before; /* empty when it did not run */
    struct record former; /* the same, where namespaces leave their names to others (leave.c): only what was
                           * recorded and the originals; or empty */
    struct model empty;   /* desired, for down */
    struct model
        desired; /* what the file says, and what moves to the bridges of its networks; empty: the file
                           * alone (uplinks.c) */
    struct model removed; /* see struct plan_request */
    struct model observed;
    struct model others; /* see struct plan_request */
    struct plan plan;
    bool adopt;
    struct model seen; /* what is noted of what the file does not say; see has_seen */
    bool has_seen;     /* steps were run, and looked at */
    struct flow_effect flows;
    size_t n_held;   /* expectations that were probed and hold */
    double probe_ms; /* what that took */
};
#define CLEANUP_CHANGE __attribute__((cleanup(change_done)))
/* The session may be ACCESS_READ, for a plan that is only shown. */
enum result change_prepare(struct session *session, const char *name, const struct topology *topology,
                           bool adopt, struct change *ret_change);
/* Warns of rule sets of others in a namespace that is there: what they drop of what the file lets through. */
void foreign_look(struct session *session, const struct topology *topology, const char *ns);
/* What the flows that run now will notice of it: into change->flows. */
void change_foresee(struct session *session, struct change *change);
void change_done(struct change *change);

/* Whether the namespaces that the topology attaches (of those that go by their names already, when there is
 * a plan, that is not asked) are there, and whether none is attached twice: 0, or -EOPNOTSUPP. */
int origins_check(struct session *session, const struct topology *topology, const struct plan *plan);

struct apply_options {
    int confirm_seconds; /* 0: none; else the old network returns unless confirmed within these seconds */
    bool expect;         /* probe the file's expectations, and roll back when one fails */
    const char *what;    /* for the history: "apply red-blue.yaml"; NULL: not of the file, and not in it */
    void (*progress)(size_t done, size_t total, void *userdata); /* may be NULL */
    void *userdata;                                              /* of progress */
};
/* Runs it. RESULT_DONE; RESULT_ROLLED_BACK with the reason in the errors; RESULT_FAILED when even the way
 * back failed. */
enum result change_run(struct session *session, struct change *change, const struct apply_options *options);

/* An unconfirmed apply: plexus confirm, and the early return. */
enum result apply_confirm(struct session *session, const char *name);
/* The network as it was before the last apply that is unconfirmed or was cut short. RESULT_NOT_FOUND: there
 * is none. */
enum result apply_revert(struct session *session, const char *name);
/* How the network is after a way back that succeeded. */
const char *undo_words(const struct session *session);
/* Whether the last apply was killed on its way: whoever next changes the network takes it back first. */
bool apply_was_cut_short(const struct machine *machine, const char *name);
/* Who is changing it at this moment, or may be: malloc'ed, as "4711 (plexus apply lab.yaml)"; NULL: nobody. */
char *apply_under_way(const struct machine *machine, const char *name);
/* The topologies whose apply waits for confirmation: *ret_n of them; free with pending_free(). */
struct pending {
    char *name;
    int seconds_left;
    bool is_overdue; /* its guard was killed: the next command that changes anything goes back */
};
void pending_list(const struct machine *machine, struct pending **ret_list, size_t *ret_n);
void pending_free(struct pending *list, size_t n);
/* How many seconds are left to confirm this one, at least 1; 0: it does not wait for that. `ret_overdue` may
 * be NULL. */
int pending_seconds(const struct machine *machine, const char *name, bool *ret_overdue);

/* 0 when it runs, -ENOENT when not, -EACCES when this user may not know. `name` need not be a good one. */
int topology_runs(const struct machine *machine, const char *name);
/* Its first apply was cut short: it does not run, but something of it may be there. */
bool topology_is_half_made(const struct machine *machine, const char *name);
bool topology_is_saved(const struct machine *machine, const char *name);

/* Names, sorted; NULL-terminated. Of topologies with a record; of these, and those whose first apply is not
 * at its end; that are saved; that have a history since boot, whether or not they run. */
char **running_names(const struct machine *machine);
char **present_names(const struct machine *machine);
char **saved_names(const struct machine *machine);
char **history_names(const struct machine *machine);
void names_free(char **names);

/* Saved for the next boot: /etc/plexus/NAME.yaml. */
enum result save_topology(struct session *session, const char *name); /* what runs becomes what is saved */
/* The same with another text, of a file of this name. */
enum result save_text(struct session *session, const char *name, const char *text);
/* What is saved: *ret_text, malloc'ed. RESULT_NOT_FOUND, without an error: nothing is. */
enum result saved_read(const struct machine *machine, const char *name, char **ret_text,
                       struct errors *errors);
enum result forget_topology(struct session *session, const char *name);
/* Whether what is saved can be read at all. */
enum result saved_look(const struct machine *machine, const char *name, struct errors *errors);
char *saved_path(const struct machine *machine, const char *name); /* malloc'ed; whether or not it exists */

/* History, oldest first. What was undone stays in it, but is nothing to go back to. */
struct revision {
    unsigned number; /* from 1 */
    int back;        /* 0: the present, 1: the one before ...; -1: it was undone */
    time_t time;
    char *user, *what;
    char *difference; /* the steps, one line each */
    struct plan_summary summary;
};
enum result history_list(const struct machine *machine, const char *name, struct revision **ret_list,
                         size_t *ret_n, struct errors *errors);
/* One of them, whose `back` is 0 or -1. RESULT_NOT_FOUND: it is not kept. */
enum result history_read(const struct machine *machine, const char *name, unsigned number,
                         struct revision *ret_revision, struct errors *errors);
/* The file that it made run, malloc'ed; "": it went down. RESULT_NOT_FOUND: it is not kept. */
enum result history_source(const struct machine *machine, const char *name, unsigned number,
                           char **ret_source, struct errors *errors);
void revision_done(struct revision *revision);
void history_free(struct revision *list, size_t n);

/* Status: where what runs, what is recorded and what is saved differ, attribute by attribute. */
enum drift_kind {
    DRIFT_MISSING,
    DRIFT_CHANGED,
    DRIFT_EXTRA,    /* foreign, inside what is ours */
    DRIFT_REPLACED, /* foreign, in the place of what is ours: an apply leaves it alone */
    DRIFT_MAX
};
struct drift {
    enum drift_kind kind;
    const char *object;     /* id */
    const char *option;     /* of DRIFT_CHANGED */
    const char *shall, *is; /* texts */
    bool unsaid;            /* the file does not say it: it was so after the apply */
    const char *command;    /* of what apply leaves alone (extra, unsaid): what undoes it, as typed by hand */
};
struct status {
    struct arena arena;
    char *name;
    bool runs, is_saved, saved_differs; /* saved_differs: the saved file is not the one that runs */
    bool was_cut_short;                 /* see apply_was_cut_short() */
    char *under_way;     /* see apply_under_way(); then there are no drifts, since nobody can tell */
    int confirm_seconds; /* left, or 0 */
    bool is_overdue;     /* see struct pending */
    struct drift *drifts;
    size_t n_drifts;
    const char **learnt; /* ids of what a DHCP client of it was told: of no file, and no difference */
    size_t n_learnt;
};
#define CLEANUP_STATUS __attribute__((cleanup(status_done)))
enum result status_of(struct session *session, const char *name, struct status *ret_status);
/* The running values of what drifted become the recorded ones: the other way than `apply`, which repairs. Not
 * the file. */
enum result status_adopt(struct session *session, const char *name);
void status_done(struct status *status);
extern const struct name drift_names[];

/* One expectation, probed for real. */
struct probe_result {
    const struct expectation *expectation;
    bool reached, holds;
    const char *why; /* of what was not reached: "no answer", "Connection refused" ...; static */
};
/* Probes all; what should be reached gets `timeout_ms`, and three times that over IPv6 or with bonds.
 * *ret_results: one per expectation, in their order; free() it. */
enum result expect_probe(struct session *session, const struct topology *topology, int timeout_ms,
                         struct probe_result **ret_results, size_t *ret_n);
