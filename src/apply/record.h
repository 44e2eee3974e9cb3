/* The record of what runs, and the journal that leads back: objects as JSON, in files that a crash cannot
 * tear. */
#pragma once
#include "apply/store.h"
#include "apply/texts.h"
#include "base/pull.h"

int record_save(const struct machine *machine, const struct record *record, struct errors *errors);
void record_say_damaged(const char *path, struct errors *errors);
/* Reads each of a JSON list by read_one(), which returns whether it is whole. 0, also where there is no such
 * file; or a negative errno with an entry in errors. */
int record_load_list(const char *path, bool (*read_one)(void *list, json_t *one), void *list,
                     struct errors *errors);
void record_format(const struct record *record, const struct apart *apart, struct text *out); /* as JSON */
int record_parse(struct pull *pull, const struct apart *apart, struct record *ret_record); /* 0 or -EBADMSG */
void models_format(const struct model *model, const struct apart *apart, struct text *out); /* a list */
int models_parse(struct pull *pull, const struct apart *apart, struct model *model); /* 0 or -EBADMSG */

enum journal_state {
    JOURNAL_RUNNING,     /* steps are being run; found without its writer: a crash */
    JOURNAL_UNCONFIRMED, /* all is done, and waits for `plexus confirm` */
};

/* What undoing an apply needs; see plan_undo(). */
struct journal {
    char *name;
    enum journal_state state;
    int64_t deadline; /* CLOCK_BOOTTIME seconds; 0: none. Running still and dead, or unconfirmed after it: the
                          old network returns. Set anew when it becomes unconfirmed */
    unsigned revision; /* the last in the history when it began */
    struct model lost, added;
    struct record before; /* name NULL: it did not run before */
};
#define CLEANUP_JOURNAL __attribute__((cleanup(journal_done)))

int journal_write(const struct machine *machine, const struct journal *journal, struct errors *errors);
/* Whoever runs out of memory from now on says how to mend it. */
void journal_stands(const struct journal *journal);
int journal_load(const struct machine *machine, const char *name, struct journal *ret_journal,
                 struct errors *errors); /* -ENOENT: none */
int journal_remove(const struct machine *machine, const char *name);
void journal_done(struct journal *journal);
int64_t boottime(void); /* seconds */
