/* A program that is refused one of its acts, or dies before it.
 *
 * An act is what outlives the program: a step that the kernel takes, a file that gets its name, a file that
 * goes. Acts are counted from 0, so that every point between two of them can be tried. Who is dead acts no
 * more and sees nothing: what still runs after that only frees memory, as a real death does at one blow. What
 * lies under another name until it is renamed may be half written; nobody reads it.
 *
 * The kernel is a fake one, behind a door that counts. It outlives all who open the door. Of rename(),
 * unlink() and fsync() those of this program are linked before those of the C library. */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/fake/fake.h"

enum fate { FATE_NONE, FATE_REFUSED, FATE_DEATH, FATE_MAX };

static struct {
    struct door *kernel;
    enum fate fate;
    size_t at; /* the act that it strikes */
    size_t acts;
    size_t steps, files; /* acts that were done, in all */
    bool dead;
    bool journal_is_struck; /* which alone is in the way of taking all back at once */
} life;

static inline void life_begin(enum fate fate, size_t at)
{
    life.fate = fate;
    life.at = at;
    life.acts = 0;
    life.dead = life.journal_is_struck = false;
}

/* 0: it may be done. Else a negative errno. */
static inline int life_act(int error)
{
    bool is_struck = life.acts++ == life.at;
    life.dead |= is_struck && life.fate == FATE_DEATH;
    if (life.dead)
        return -ECANCELED;
    return is_struck && life.fate == FATE_REFUSED ? -error : 0;
}

static inline bool is_journal(const char *path)
{
    const char *name = strrchr(path, '/');
    return name && strcmp(name, "/journal.json") == 0;
}

int rename(const char *old, const char *new)
{
    int r = life_act(ENOSPC);
    life.journal_is_struck |= r < 0 && is_journal(new);
    life.files += r == 0;
    if (r == 0)
        return renameat(AT_FDCWD, old, AT_FDCWD, new);
    errno = -r;
    return -1;
}

int unlink(const char *path)
{
    struct stat about;
    if (!life.dead && lstat(path, &about) < 0)
        return -1; /* there is nothing to go */
    int r = life_act(EIO);
    life.journal_is_struck |= r < 0 && is_journal(path);
    life.files += r == 0;
    if (r == 0)
        return unlinkat(AT_FDCWD, path, 0);
    errno = -r;
    return -1;
}
/* It is a program that dies, and never the machine. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static inline int life_observe(struct door *door, const struct model *wanted, enum look look,
                               struct model *ret_model, struct errors *errors)
{
    (void)door;
    return life.dead ? -ECANCELED : life.kernel->ops->observe(life.kernel, wanted, look, ret_model, errors);
}

static inline int life_run(struct door *door, const struct step *const *steps, size_t n_steps,
                           size_t *ret_done, struct errors *errors)
{
    size_t done = 0, one;
    int r = 0;
    (void)door;
    for (; done < n_steps; done++) {
        r = life_act(ENOMEM);
        if (r < 0)
            errors_add(errors, NULL, "step %zu: refused by fate", done);
        else
            r = life.kernel->ops->run(life.kernel, &steps[done], 1, &one, errors);
        if (r < 0)
            break;
        life.steps++;
    }
    *ret_done = done;
    return r;
}

static inline int life_lacks(struct door *door, const struct model *model, struct errors *errors)
{
    (void)door;
    return life.kernel->ops->lacks(life.kernel, model, errors);
}

static inline void life_free(struct door *door)
{
    (void)door;
}

static inline int life_open_door(const char *topology, struct door **ret_door, struct errors *errors)
{
    static const struct door_ops ops = {
        .observe = life_observe, .run = life_run, .lacks = life_lacks, .free = life_free};
    static struct door door = {.ops = &ops};
    (void)topology;
    (void)errors;
    *ret_door = &door;
    return 0;
}
