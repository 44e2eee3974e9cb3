/* The process that watches over the program of a service.
 *
 * It is the first process of a process namespace, so that when it is killed, by whomever, the kernel ends all
 * that it has started: no program goes on that nobody knows of. It starts the program, and anew
 * when it ends, with growing pauses; SIGHUP makes the program read its files again; SIGTERM ends both. It
 * ends too when its folder is taken away. */
#pragma once
#include "kernel/linux/service_files.h"

struct supervised {
    const char *folder, *ns, *interface;
    enum service_program program;
    enum host_names host_names;
    const char *domain, *server; /* "" where there is none */
    struct service_place place;
};

/* Starts it, and waits until the program is ready: 0, or -errno with the program's own words, if it had any.
 * A client is ready when it has its first lease, or after a while without. */
int supervisor_start(const struct supervised *what, struct text *words);

/* Ends it, and waits for that. 0, or -errno. */
int supervisor_stop(const char *folder);
/* Lets the program read its files again, and waits until it was told: 0, or -errno. */
int supervisor_reload(const char *folder);

/* service_programs.c: the words of the command, ended by NULL; false: the program is not installed. */
enum { SERVICE_WORDS_MAX = 24, SERVICE_DNSMASQ_WORDS = 2 /* with more it stays in the foreground */ };
bool service_command(const struct supervised *what, struct arena *arena,
                     const char *words[SERVICE_WORDS_MAX]);
bool service_is_installed(enum service_program program);
/* What the program needs besides, in its folder and its mount namespace: 0, or -errno. */
int service_prepare(const struct supervised *what, const char *const *words);
/* Takes back what a client that was killed has learnt. */
void service_forget(const struct supervised *what);

/* service_names.c: lets the host know the names, and takes that back. */
void service_names_put(const struct supervised *what);
void service_names_remove(const struct supervised *what);
void service_names_forget(void); /* those of services that are no more */
