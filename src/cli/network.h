/* The way of a command to the network: reading files, opening the session, finding out what a name means. */
#pragma once
#include "apply/apply.h"
#include "cli/command.h"

enum { WAIT_SECONDS = 60 }; /* for another plexus that holds the lock, unless --no-wait */

/* Reads the files, or plexus.yaml of the working directory where none is named, and checks them. What could
 * be read, and is wrong only as a whole, is in *ret_topology all the same: it must be empty before. */
enum result network_read(struct cli *cli, char *const *paths, size_t n, struct topology *ret_topology);
bool network_is_here(void); /* there is a plexus.yaml */
/* The same, where a word that is no file may be the name of what runs: the file of which that was made. */
enum result network_read_or_running(struct cli *cli, char *const *paths, size_t n,
                                    struct topology *ret_topology);
/* The same of a text that was kept, without the check: 0, or -EINVAL with entries in the errors. */
int network_read_text(struct cli *cli, const char *file, const char *text, struct topology *ret_topology);

/* Opens cli->session. The one before must have been closed. */
enum result network_open(struct cli *cli, enum access access, const char *topology, bool wait);

/* Ends the session where a command goes on without it, or opens another: prints what it had to say. */
void network_close(struct cli *cli, enum result result);

/* Progress of change_run(), on standard error; none where nobody looks. `progress` must live until the change
 * was run; then network_progress_end() removes what stands there. */
struct progress {
    bool is_shown;
    size_t percent;
};
void network_progress(const struct cli *cli, struct progress *progress, struct apply_options *options);
void network_progress_end(struct progress *progress);

/* Whether a topology of that name runs; if not, an error with the nearest name. */
enum result network_runs(struct cli *cli, const char *name);
/* Says that there is no history of the name. RESULT_NOT_FOUND. */
enum result network_no_history(struct cli *cli, const char *name);
/* The same, and its record. */
enum result network_record(struct cli *cli, const char *name, struct record *ret_record);

/* Whether a topology can have this name; if not, an error. To be asked of every name that was written, since
 * names become paths. */
enum result network_name(struct cli *cli, const char *name);

/* The records of all that run, in the order of their names; one that cannot be read is an error entry. Free
 * by network_records_free(). */
struct record *network_records(struct cli *cli, size_t *ret_n);
void network_records_free(struct record *records, size_t n);

/* For people: that its last apply was cut short, and the way out. */
void network_say_cut_short(const struct cli *cli, const char *name);

/* After a command of an ordinary user: their world ends with their last topology. */
void network_leave(struct cli *cli);
