/* Steps of the firewall, as one transaction.
 *
 * All that stand together in a plan and are about one namespace are one script of the same lines that are
 * shown as commands, so that packets see the old rules or the new ones and nothing between. Two things
 * differ. The rules of a chain are changed one by one, by their handles, so that counters of those that
 * stay go on. And many elements at once do not go through libnftables (see nft_elements.c): what stands
 * before them is done before, in a transaction of its own, and what names their set comes after. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/nft.h"
#include "kernel/linux/nft_rules.h"
#include "model/nft_lines.h"

enum {
    MANY = 1000,            /* elements */
    LARGE_TEXT = 16 * 1024, /* bytes; libnftables would fetch all of a set of intervals to add one to it */
};

/* A chain that the script changes. */
struct changed {
    struct live live;
    struct changed *next;
};

struct run {
    struct linux_door *door;
    const char *ns;
    const struct step *const *steps;
    size_t n, done;
    struct text script;
    const struct object *table; /* the last that the script adds something to, which is said to be there */
    size_t n_lines, *last_line; /* of each step */
    json_t *list;               /* what was there before the script; NULL: nobody has asked yet */
    struct map by_id;           /* of a chain -> struct changed */
    struct changed *changed;
};

static void add_text(struct run *run, const char *lines)
{
    text_add(&run->script, lines);
    for (; *lines; lines++)
        run->n_lines += *lines == '\n';
}

/* The table that the object is, or is in. */
static const char *table_name(const struct object *object)
{
    return object_text(object, object->class->id == CLASS_TABLE ? "name" : "table");
}

static bool is_same_table(const struct object *a, const struct object *b)
{
    return object_number(a, "family", 0) == object_number(b, "family", 0) &&
           strcmp(table_name(a), table_name(b)) == 0;
}

/* Others may have deleted the table meanwhile; where it is there, that says nothing. Once is enough. */
static void add_table(struct run *run, const struct step *step, struct commands *lines)
{
    const struct object *object = step_object(step);
    struct text family CLEANUP_TEXT = {0};
    unsigned i = (unsigned)object_find_option(object, "family");
    bool is_table = object->class->id == CLASS_TABLE,
         is_said = run->table && is_same_table(run->table, object);
    if (step->verb != VERB_ADD) {
        run->table = is_table ? NULL : run->table;
        return;
    }
    if (!is_table && !is_said) {
        option_format(object_option(object, i), &object->values[i], &family);
        commands_add(lines, "add table %s %s", text_of(&family), table_name(object));
    }
    run->table = object;
}

static void add_lines(struct run *run, const struct step *step)
{
    struct commands lines CLEANUP_COMMANDS = {0};
    add_table(run, step, &lines);
    nft_lines(step, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        add_text(run, lines.lines[i]);
        add_text(run, "\n");
    }
}

static int fetch_list(struct run *run, const struct object *chain)
{
    struct nft_ctx *ctx;
    int r = run->list ? 0 : nft_open(run->door, chain->ns, &ctx);
    if (r < 0 || run->list)
        return r;
    r = nft_list(run->door, ctx, object_number(chain, "family", 0), &run->list);
    nft_close(run->door, ctx);
    return r;
}

static int changed_of(struct run *run, const struct object *chain, struct changed **ret_changed)
{
    struct changed *changed = map_get(&run->by_id, chain->id);
    int r = changed ? 0 : fetch_list(run, chain);
    if (r < 0)
        return r;
    if (!changed) {
        changed = xrealloc(NULL, 1, sizeof *changed);
        *changed = (struct changed){.next = run->changed};
        run->changed = changed;
        map_set(&run->by_id, chain->id, changed);
        live_read(&changed->live, run->list, chain);
    }
    *ret_changed = changed;
    return 0;
}

/* The rules by their handles, where those are known; then the rest of the step. */
static int change_chain(struct run *run, const struct step *step)
{
    unsigned rules = (unsigned)object_find_option(step->new, "rules");
    struct text script CLEANUP_TEXT = {0};
    struct step rest = *step;
    struct changed *changed;
    int r = changed_of(run, step->new, &changed);
    if (r < 0)
        return r;
    if (step_changes(step, rules) && live_is_known(&changed->live)) {
        live_change(&changed->live, step->new, &script);
        add_text(run, text_of(&script));
        option_set_drop(&rest.changed, rules);
    }
    add_lines(run, &rest);
    return 0;
}

static void forget(struct run *run)
{
    text_clear(&run->script);
    run->table = NULL;
    run->n_lines = 0;
    json_decref(run->list);
    run->list = NULL;
    map_done(&run->by_id);
    for (struct changed *next; run->changed; run->changed = next) {
        next = run->changed->next;
        live_done(&run->changed->live);
        free(run->changed);
    }
}

static size_t step_of_line(const struct run *run, size_t line, size_t end)
{
    for (size_t i = run->done; i < end; i++)
        if (line <= run->last_line[i])
            return i;
    return run->done;
}

static struct nft_state state_of(struct run *run)
{
    struct nft_state state = {0};
    int fd = namespaces_netlink(&run->door->namespaces, run->ns, NETLINK_NETFILTER);
    if (fd < 0 || nft_state(run->door, fd, &state) < 0)
        state = (struct nft_state){0};
    if (fd >= 0)
        close(fd);
    return state;
}

/* What the script touched is not known any more; `fresh`, a new set without elements, is. */
static void learn(struct run *run, size_t end, struct nft_state before, const struct object *fresh)
{
    struct nft_state after = state_of(run);
    for (size_t i = run->done; i < end; i++)
        nft_known_drop(run->door, step_object(run->steps[i]), after.cookie);
    nft_known_advance(run->door, before, after);
    if (fresh && after.generation == before.generation + 1)
        nft_known_put(run->door, fresh, after, "", true);
}

static int run_script(struct run *run, size_t end, const struct object *fresh, size_t *ret_line)
{
    struct nft_ctx *ctx;
    bool learns = fresh || nft_knows_any(run->door);
    struct nft_state before = learns ? state_of(run) : (struct nft_state){0};
    int r = nft_open(run->door, run->ns, &ctx);
    if (r < 0)
        return r;
    r = nft_script(run->door, ctx, &run->script, ret_line);
    nft_close(run->door, ctx);
    if (learns)
        learn(run, end, before, fresh);
    return r;
}

/* Runs what the script has of the steps before `end`; `fresh`: the large set that the last of them makes, or
 * NULL. */
static int commit(struct run *run, size_t end, const struct object *fresh)
{
    size_t line = 0;
    int r = run->script.length ? run_script(run, end, fresh, &line) : 0;
    forget(run);
    if (r < 0)
        return linux_refused(run->door, run->steps[step_of_line(run, line, end)], r);
    run->done = end;
    return 0;
}

static bool is_large(const struct step *step, const struct edits *elements)
{
    const char *old = step->old ? object_text(step->old, "elements") : NULL;
    size_t n = 0;
    for (size_t i = 0; i < elements->n; i++)
        n += elements->list[i].kind != EDIT_KEPT;
    return n > MANY || (n && old && strlen(old) > LARGE_TEXT);
}

/* The set as it is made, without its elements. */
static void add_bare_set(struct run *run, const struct step *step)
{
    size_t size = sizeof *step->new + object_n_options(step->new) * sizeof step->new->values[0];
    struct object *bare = xrealloc(NULL, 1, size);
    const struct step make = {.verb = VERB_ADD, .new = bare};
    memcpy(bare, step->new, size);
    bare->values[object_find_option(bare, "elements")] = (struct value){0};
    add_lines(run, &make);
    free(bare);
}

/* All that stands before is done, and the set without its elements; then these. */
static int run_large(struct run *run, size_t i, const struct edits *elements)
{
    const struct step *step = run->steps[i];
    bool is_new = step->verb == VERB_ADD;
    if (is_new)
        add_bare_set(run, step);
    run->last_line[i] = run->n_lines;
    int r = commit(run, i + is_new, is_new ? step->new : NULL);
    if (r < 0)
        return r;
    run->done = i;
    run->door->reply = (struct reply){0};
    r = nft_elements_change(run->door, step->new, elements);
    if (r < 0)
        return linux_refused(run->door, step, r);
    run->done = i + 1;
    return 0;
}

static int run_set(struct run *run, size_t i)
{
    const struct step *step = run->steps[i];
    struct edits elements CLEANUP_EDITS = {0};
    lines_compare(step->old ? object_text(step->old, "elements") : NULL, object_text(step->new, "elements"),
                  &elements);
    if (is_large(step, &elements))
        return run_large(run, i, &elements);
    add_lines(run, step);
    return 0;
}

static int run_step(struct run *run, size_t i)
{
    const struct step *step = run->steps[i];
    enum class_id class = step_object(step)->class->id;
    int r = 0;
    if (class == CLASS_SET && step->verb != VERB_DEL)
        r = run_set(run, i);
    else if (class == CLASS_CHAIN && step->verb == VERB_SET)
        r = change_chain(run, step);
    else
        add_lines(run, step);
    run->last_line[i] = run->n_lines;
    return r;
}

static size_t count_together(const struct step *const *steps, size_t n_steps)
{
    size_t n = 0;
    while (n < n_steps && step_object(steps[n])->class->flags & CLASS_TOGETHER &&
           strcmp(step_object(steps[n])->ns, step_object(steps[0])->ns) == 0)
        n++;
    return n;
}

int linux_nft_run(struct linux_door *door, const struct step *const *steps, size_t n_steps, size_t *ret_done)
{
    struct run run = {
        .door = door, .ns = step_object(steps[0])->ns, .steps = steps, .n = count_together(steps, n_steps)};
    int r = 0;
    run.last_line = xrealloc(NULL, run.n + 1, sizeof *run.last_line);
    for (size_t i = 0; r == 0 && i < run.n; i++)
        r = run_step(&run, i);
    if (r == 0 && run.n)
        r = commit(&run, run.n, NULL);
    forget(&run);
    text_done(&run.script);
    free(run.last_line);
    *ret_done = run.done;
    return r;
}
