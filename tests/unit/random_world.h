/* What a proof looks at: all that the kernel has, and the files of Plexus beside it. */
#pragma once
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/internal.h"
#include "mortal.h"

#define NAME "test" /* of the topology; what the fake kernel marks */

struct world {
    struct machine machine;
    struct model wanted; /* everything that may be asked for */
    FILE *report;        /* NULL: quiet */
    bool adopt;          /* what is in the way is taken over */
};

/* The files that tell what runs. A history is told by its last number. */
static const char *const state_files[] = {"record.json", "seen.json", "seen-before.json", "journal.json"};
enum { STATE_FILES = sizeof state_files / sizeof state_files[0], JOURNAL = STATE_FILES - 1 };

struct state {
    struct model model;
    char *files[STATE_FILES]; /* NULL: there is none */
    unsigned revision;
};
#define CLEANUP_STATE __attribute__((cleanup(state_done)))

static inline void state_done(struct state *state)
{
    model_done(&state->model);
    for (size_t i = 0; i < STATE_FILES; i++)
        free(state->files[i]);
}

static inline void look(struct world *world, struct state *ret_state)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    life.kernel->ops->observe(life.kernel, &world->wanted, LOOK_EVERYWHERE, &ret_state->model, &ignored);
    for (size_t i = 0; i < STATE_FILES; i++) {
        char *path CLEANUP_FREE = run_path(&world->machine, NAME, state_files[i]);
        size_t size;
        store_read(path, &ret_state->files[i], &size, &ignored);
    }
    ret_state->revision = history_last(&world->machine, NAME);
}

static inline bool is_there(const struct world *world, const char *file)
{
    char *path CLEANUP_FREE = run_path(&world->machine, NAME, file);
    return access(path, F_OK) == 0;
}

static inline int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about;
    (void)where;
    return unlinkat(AT_FDCWD, path, type == FTW_DP ? AT_REMOVEDIR : 0);
}

static inline void remove_folder(const char *path)
{
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- what is compared ---- */

static inline void report_difference(struct world *world, const struct object *a, const struct object *b)
{
    if (!world->report)
        return;
    fprintf(world->report, "  %s:%s", a->id, b ? "" : " missing");
    for (unsigned i = 0; b && a->kind == b->kind && i < object_n_options(a); i++) {
        struct text was CLEANUP_TEXT = {0}, is CLEANUP_TEXT = {0};
        if (value_equal(&a->values[i], &b->values[i]))
            continue;
        option_format(object_option(a, i), &a->values[i], &was);
        option_format(object_option(a, i), &b->values[i], &is);
        fprintf(world->report, " `%s` should be `%s`, is `%s`", object_option(a, i)->key, text_of(&was),
                text_of(&is));
    }
    fputc('\n', world->report);
}

/* Equal in all that `want` says; with `exactly`, in what it does not say and in whose mark it bears too. */
static inline bool is_equal(const struct object *want, const struct object *have, bool exactly)
{
    if (!have || want->kind != have->kind || (exactly && (want->flags ^ have->flags) & OBJECT_OURS))
        return false;
    for (unsigned i = 0; i < object_n_options(want); i++)
        if ((exactly || value_is_set(&want->values[i])) && !(object_option(want, i)->flags & OPTION_UNSEEN) &&
            !value_equal(&want->values[i], &have->values[i]))
            return false;
    return true;
}

/* A setting that changes with one that the model says. */
static inline bool is_led(const struct model *model, const struct object *setting)
{
    bool forwards = strstr(setting->name, "/forwarding"),
         redirects = strstr(setting->name, "/all/accept_redirects");
    const char *leader = strncmp(setting->name, "net/ipv4/", 9) == 0 ? "net/ipv4/ip_forward"
                         : forwards                                  ? "net/ipv6/conf/all/forwarding"
                                                                     : "";
    return setting->class->id == CLASS_SYSCTL && (forwards || redirects) &&
           model_get(model, CLASS_SYSCTL, setting->ns, leader);
}

static inline bool is_all_there(struct world *world, const struct model *want, const struct model *have,
                                const struct model *but, bool exactly)
{
    model_each(want, object)
    {
        if (object->flags & OBJECT_KERNEL || (but && (model_by_id(but, object->id) || is_led(but, object))))
            continue;
        const struct object *other = model_by_id(have, object->id);
        if (is_equal(object, other, exactly))
            continue;
        report_difference(world, object, other);
        return false;
    }
    return true;
}

static inline bool is_nothing_more(struct world *world, const struct model *have, const struct model *a,
                                   const struct model *b)
{
    model_each(have, object)
    {
        /* A setting below /proc/sys is there as long as what it belongs to. */
        if (object->flags & OBJECT_KERNEL || object->class->flags & CLASS_ALWAYS ||
            model_by_id(a, object->id) || (b && model_by_id(b, object->id)))
            continue;
        if (world->report)
            fprintf(world->report, "  left over: %s\n", object->id);
        return false;
    }
    return true;
}

/* What came after `number` says that it was undone, or could not be told so and is gone. */
static inline bool is_history_undone(struct world *world, unsigned number)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    for (unsigned last = history_last(&world->machine, NAME); ++number <= last;) {
        char file[40];
        snprintf(file, sizeof file, "history/%04u.json", number);
        char *path CLEANUP_FREE = run_path(&world->machine, NAME, file), *text CLEANUP_FREE = NULL;
        size_t size;
        if (store_read(path, &text, &size, &ignored) == 0 && !strstr(text, "\"undone\":true"))
            return false;
    }
    return true;
}

static inline bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* NULL: all is as it was. */
static inline const char *compare_states(struct world *world, const struct state *before)
{
    struct state after CLEANUP_STATE = {0};
    look(world, &after);
    if (!is_all_there(world, &before->model, &after.model, NULL, true))
        return "it is not as before";
    if (!is_nothing_more(world, &after.model, &before->model, NULL))
        return "more is there than before";
    for (size_t i = 0; i < STATE_FILES; i++) {
        if (is_same_text(before->files[i], after.files[i]))
            continue;
        if (world->report)
            fprintf(world->report, "  %s should be:\n%s\n  it is:\n%s\n", state_files[i],
                    before->files[i] ? before->files[i] : "absent",
                    after.files[i] ? after.files[i] : "absent");
        return "the files are not as before";
    }
    return is_history_undone(world, before->revision) ? NULL : "the history tells of what was undone";
}
