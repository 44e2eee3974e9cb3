/* The file of a resolver: /etc/netns/NAME/resolv.conf.
 *
 * Ours says in its first line whose it is; one that does not is somebody else's. When ours takes the place of
 * another, that one goes on living in it as a comment, to which each of its lines is turned: so it is neither
 * lost in a crash nor when the machine is started anew, and nothing else need lie in the folder.
 *
 *     # Written by Plexus for lab
 *     # Its folder was there before.
 *     nameserver 10.0.0.1
 *     # Before it (mode 100644, owner 0:0):
 *     #|nameserver 192.0.2.1
 *
 * A file is replaced as a whole, never written in place: who reads it meanwhile sees the old or the new. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"

/* What a file was. Of a symbolic link `bytes` is where it leads to. */
struct original {
    bool is_known;
    mode_t mode; /* with its type */
    uid_t uid;
    gid_t gid;
    struct text bytes;
};

struct resolver_file {
    enum { RESOLVER_NONE, RESOLVER_OURS, RESOLVER_THEIRS } whose;
    struct text bytes;      /* where a link leads to a file, those of that; empty when it cannot be read */
    struct text owner;      /* of ours: the topology */
    bool had_folder;        /* of ours: the folder was there before */
    struct original before; /* theirs itself, or what ours took the place of */
    int error;              /* of theirs: why it cannot be kept; or 0 */
};
#define CLEANUP_RESOLVER_FILE __attribute__((cleanup(resolver_file_done)))

/* Whether a namespace of that name can have one. */
bool resolver_file_folder(const char *ns, struct text *ret_folder);
void resolver_file_read(const char *folder, struct resolver_file *ret_file);
void resolver_file_done(struct resolver_file *file);

/* The head and the tail of ours; in between stands what the libc reads. */
void resolver_file_begin(const struct resolver_file *file, const char *owner, struct text *out);
void resolver_file_end(const struct resolver_file *file, struct text *out);

/* Puts a file in its place, with its folder. 0 or a negative errno. */
int resolver_file_put(const char *folder, const struct original *what);
int resolver_file_remove(const char *folder, bool with_folder);
/* resolver.c: away with those of namespaces that are no more. */
void resolvers_forget(void);
void resolver_file_tidy(void); /* away with what a crash in the middle of that left */
