/* Files of Plexus: where they are, and how they are written so that a crash leaves the old or the new one,
 * never a half. Of the two folders a `struct machine` says where they are:
 *
 *     /run/plexus/lock                    who changes the network at the moment
 *     /run/plexus/NAME/record.json        what runs
 *     /run/plexus/NAME/seen.json          what was seen of what its file does not say
 *     /run/plexus/NAME/endpoints.json     who was plugged in by hand
 *     /run/plexus/NAME/journal.json       the way back, while an apply is under way or unconfirmed
 *     /run/plexus/NAME/history/NNNN.json  what was done since boot; NNNN.yaml: the file that ran then
 *     /run/plexus/NAME/texts/NUMBER       large texts of all these (texts.h)
 *     /etc/plexus/NAME.yaml               what is saved for the next boot */
#pragma once
#include <jansson.h>

#include "apply/apply.h"

/* Paths are malloc'ed. `name` must be a topology's name: topology_name_is_valid(). */
char *lock_path(const struct machine *machine);
char *run_path(const struct machine *machine, const char *name,
               const char *file); /* /run/plexus/NAME/FILE; file NULL: the folder */

/* Written to a neighbour, synced, renamed. Makes missing folders (0700). 0 or a negative errno with an entry
 * in errors. */
int store_write(const char *path, const char *data, size_t size, struct errors *errors);
int store_write_json(const char *path, const json_t *json, struct errors *errors);
enum { STORE_READ_MAX = 64 * 1024 * 1024 }; /* larger files are refused */
/* malloc'ed with a final NUL; -ENOENT makes no entry in errors. */
int store_read(const char *path, char **ret_data, size_t *ret_size, struct errors *errors);
int store_read_json(const char *path, json_t **ret_json, struct errors *errors);
int store_remove(const char *path);                                              /* absent is fine */
int store_rename(const char *path, const char *new_path, struct errors *errors); /* absent is fine */

/* Whether RUN_DIR, if it is there, can be trusted: 0, or -EIO with an entry in `errors`. */
int store_check(const struct machine *machine, struct errors *errors);

/* The lock. Returns a descriptor, or -EBUSY with *ret_holder (malloc'ed, may be NULL), or another error. */
int lock_take(const struct machine *machine, int wait_seconds,
              void (*waiting)(const char *holder, void *userdata), void *userdata, char **ret_holder);
char *lock_holder(const struct machine *machine); /* who has it now, malloc'ed; NULL: nobody */

/* Who asked: SUDO_USER, PLEXUS_USER (world_enter), or the user's name; UTF-8 without control characters. */
const char *user_name(void);

#define CLEANUP_FREE __attribute__((cleanup(free_pointer)))
void free_pointer(void *pointer);
static inline void json_decref_pointer(json_t **json)
{
    json_decref(*json);
}
#define CLEANUP_JSON __attribute__((cleanup(json_decref_pointer)))
