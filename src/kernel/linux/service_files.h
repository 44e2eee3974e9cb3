/* The folder of a service: what its program reads, and how it stands.
 *
 *     lock             held by the process that watches over the program, as long as it lives
 *     service          whose it is, and what is no file of its own: a key and a value in each line
 *     config, names, leases, options
 *                      as in the model; see service_files in model/service.h
 *     state            written by that process: "running", or what else, and what it is about
 *     pid, lease-database, ...
 *                      the program's own
 *
 * That the process lives is told by its lock and nothing else: numbers of processes are given again. Programs
 * give up root, and read some of their files again later: those may be read by whoever knows their names, the
 * others by root only. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "model/service.h"

/* Where the program was started, and with what. */
struct service_place {
    uint64_t device, inode; /* of its network namespace */
    unsigned interface;     /* its index; 0: there is none of that name */
};

struct service_stand {
    enum service_state state; /* as the process says: running or restarting */
    struct service_place place;
    uint64_t hash;
};

/* Files as said by the object, none half. 0, or -errno. */
int service_files_write(const char *folder, const struct object *service, const char *owner);
/* Sets what the files say; false: it is no folder of a service. */
bool service_files_read(const char *folder, struct model *model, struct object *service);
/* Of what the program reads. */
uint64_t service_files_hash(const char *folder);
void service_files_remove(const char *folder);

/* The process that watches over it: 0, nobody does; -1, one that cannot be seen from here. */
pid_t service_keeper(const char *folder);
/* The descriptor of the lock, taken; or -errno: -EAGAIN, somebody has it. */
int service_lock(const char *folder);

int service_stand_write(const char *folder, const struct service_stand *stand);
bool service_stand_read(const char *folder, struct service_stand *ret);

/* A file as a whole, replaced at once; and its bytes (false: it is not there, or not read to its end; errno
 * says which). */
int service_put(const char *folder, const char *name, const char *text, mode_t mode);
bool service_get(const char *folder, const char *name, struct text *ret);
