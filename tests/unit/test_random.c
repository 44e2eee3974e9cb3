/* The proofs: random topologies against the fake kernel.
 *
 *   there   nothing → A → B → nothing, beside things of others. After each plan was run, what is there is
 *           what was said, a second plan is empty, and what belongs to others is as it was; at the end
 *           everything is.
 *   back    from A on the way to B, stopped before each step by an error or by the death of the program: the
 *           plan back ends in A exactly, also when it is itself stopped once.
 *
 * A plan is made from what src/apply would look at, and no more (see plan_change()), and what is written down
 * meanwhile goes through JSON; what came of it is judged by a look at everything.
 *
 * PLEXUS_SEED: where to begin (else 1), PLEXUS_PAIRS: how many pairs (else 10,000). A failure prints its seed
 * and is made small: objects and options are taken away while it still fails in the same way. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel/fake/fake.h"
#include "model/json.h"
#include "plan/plan.h"
#include "random_shrink.h"
#include "random_topology.h"

/* Odd, so that B is near and far from A in both proofs: see make_scene(). */
enum { BACK_EVERY = 17, SHRINK_MAX = 4000, FAILURES_MAX = 5 };

struct scene {
    struct model foreign, a, b;
    bool back; /* which proof */
};

struct world {
    struct door *door;
    struct model recorded, originals; /* of the last apply */
    struct model wanted;              /* everything that may be asked for */
    struct errors errors;
    FILE *report; /* NULL: quiet */
};

static size_t n_plans, n_steps;

/* ---- worlds ---- */

static const char *world_open(struct world *world, const struct scene *scene)
{
    const struct model *all[] = {&scene->foreign, &scene->a, &scene->b};
    for (size_t i = 0; i < 3; i++)
        model_each(all[i], object) model_copy(&world->wanted, object);
    door_fake(&world->door);
    return fake_foreign(world->door, &scene->foreign, &world->errors) < 0 ? "foreign objects" : NULL;
}

static void world_done(struct world *world)
{
    world->door->ops->free(world->door);
    model_done(&world->recorded);
    model_done(&world->originals);
    model_done(&world->wanted);
    errors_done(&world->errors);
}

/* Everything there is. */
static void look(struct world *world, struct model *ret_seen)
{
    world->door->ops->observe(world->door, &world->wanted, LOOK_EVERYWHERE, ret_seen, &world->errors);
}

static bool has_all_of(const struct model *a, const struct model *b)
{
    for (size_t i = 0; i < b->n_objects; i++)
        if (!model_by_id(a, b->objects[i]->id))
            return false;
    return true;
}

/* As much as an apply looks at: what the models speak of. */
static void look_for(struct world *world, const struct model *a, const struct model *b, enum look how,
                     struct model *ret_seen)
{
    struct model both CLEANUP_MODEL = {0};
    const struct model *wanted = has_all_of(a, b) ? a : has_all_of(b, a) ? b : &both;
    if (wanted == &both)
        model_each(a, object) model_copy(&both, object);
    if (wanted == &both)
        model_each(b, object) model_copy(&both, object);
    model_done(ret_seen);
    world->door->ops->observe(world->door, wanted, how, ret_seen, &world->errors);
}

static void report_plan(struct world *world, const char *title, const struct plan *plan, size_t mark)
{
    if (!world->report)
        return;
    fprintf(world->report, "  %s:%s\n", title, plan->n_steps ? "" : " no steps");
    for (size_t i = 0; i < plan->n_steps; i++) {
        struct text line CLEANUP_TEXT = {0};
        step_describe(plan->steps[i], &line);
        fprintf(world->report, "    %s %2zu %s %s\n", i == mark ? ">>" : "  ", i,
                names_format(verb_names, plan->steps[i]->verb), text_of(&line));
    }
}

static const char *fail(struct world *world, const char *what)
{
    if (world->report && world->errors.n_errors)
        errors_print(&world->errors, world->report, false);
    return what;
}

/* ---- what is compared ---- */

static void report_difference(struct world *world, const struct object *a, const struct object *b)
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

/* Equal in all that `want` says; with `exactly`, in what it does not say too. */
static bool is_equal(const struct object *want, const struct object *have, bool exactly)
{
    if (!have || want->kind != have->kind)
        return false;
    for (unsigned i = 0; i < object_n_options(want); i++)
        if ((exactly || value_is_set(&want->values[i])) && !(object_option(want, i)->flags & OPTION_UNSEEN) &&
            !value_equal(&want->values[i], &have->values[i]))
            return false;
    return true;
}

static bool is_all_there(struct world *world, const struct model *want, const struct model *have,
                         const struct model *but, bool exactly)
{
    model_each(want, object)
    {
        if (object->flags & OBJECT_KERNEL || (but && model_by_id(but, object->id)))
            continue;
        const struct object *other = model_by_id(have, object->id);
        if (is_equal(object, other, exactly))
            continue;
        report_difference(world, object, other);
        return false;
    }
    return true;
}

static bool is_nothing_more(struct world *world, const struct model *have, const struct model *a,
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

/* ---- there ---- */

static int run_plan(struct world *world, const struct plan *plan, size_t *ret_done)
{
    int r = world->door->ops->run(world->door, plan->steps, plan->n_steps, ret_done, &world->errors);
    n_plans++;
    n_steps += *ret_done;
    return r;
}

/* As it is written to disk, and read by whoever comes next. */
static bool through_json(struct model *model)
{
    struct model again = {0};
    bool good = true;
    model_each(model, object)
    {
        json_t *json = object_to_json(object, false);
        char *text = json_dumps(json, JSON_COMPACT);
        struct pull pull = pull_of(text, text ? strlen(text) : 0);
        good = good && text && object_parse(&again, &pull, NULL) == 0;
        json_decref(json);
        free(text);
    }
    model_done(model);
    *model = again;
    return good;
}

static void keep(struct world *world, struct model *recorded, struct model *originals)
{
    model_done(&world->recorded);
    model_done(&world->originals);
    world->recorded = *recorded;
    world->originals = *originals;
}

static struct plan_request request_of(const struct world *world, const struct model *desired,
                                      const struct model *observed)
{
    return (struct plan_request){
        .desired = desired,
        .recorded = &world->recorded,
        .originals = &world->originals,
        .observed = observed,
        .topology = "test",
    };
}

/* With an interface, a namespace or an address, things may go that nobody spoke of. */
static bool takes_down(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_lost; i++)
        if (plan->lost[i]->class->flags & CLASS_CARRIES)
            return true;
    return false;
}

/* What change_prepare() of src/apply does: a short look, and a long one where something is taken down, or all
 * is. The plan is made from `ret_seen`. */
static int plan_change(struct world *world, const struct model *desired, struct model *ret_seen,
                       struct plan *ret_plan)
{
    struct plan_request request = request_of(world, desired, ret_seen);
    enum look how = desired->n_objects ? LOOK_WANTED : LOOK_WHOLE;
    for (;;) {
        look_for(world, desired, &world->recorded, how, ret_seen);
        plan_done(ret_plan);
        int r = plan_make(&request, ret_plan, &world->errors);
        if (r < 0 || how == LOOK_WHOLE || !takes_down(ret_plan))
            return r;
        how = LOOK_WHOLE;
    }
}

/* As an apply does: look, plan, run, look again, plan again. */
static const char *apply(struct world *world, const struct model *desired)
{
    struct model before CLEANUP_MODEL = {0}, after CLEANUP_MODEL = {0}, seen CLEANUP_MODEL = {0};
    struct plan plan CLEANUP_PLAN = {0}, second CLEANUP_PLAN = {0};
    if (plan_change(world, desired, &before, &plan) < 0)
        return fail(world, "the plan is refused");
    struct plan_request request = request_of(world, desired, &before);
    struct model recorded = {0}, originals = {0};
    plan_record(&request, &recorded, &originals);
    size_t done;
    int r = run_plan(world, &plan, &done);
    keep(world, &recorded, &originals);
    if (!through_json(&world->recorded) || !through_json(&world->originals))
        return "the record cannot be read";
    if (r < 0) {
        report_plan(world, "a step fails", &plan, done);
        return fail(world, "a step fails");
    }
    look(world, &after);
    if (!is_all_there(world, desired, &after, NULL, false)) {
        report_plan(world, "it is not as said after", &plan, SIZE_MAX);
        return "it is not as said";
    }
    if (plan_change(world, desired, &seen, &second) < 0)
        return fail(world, "the second plan is refused");
    if (second.n_steps) {
        report_plan(world, "the plan", &plan, SIZE_MAX);
        report_plan(world, "the second plan is not empty", &second, SIZE_MAX);
        return "the second plan is not empty";
    }
    return NULL;
}

static const char *apply_beside(struct world *world, const struct model *desired, const struct model *initial)
{
    struct model before CLEANUP_MODEL = {0}, seen CLEANUP_MODEL = {0};
    look(world, &before);
    const char *what = apply(world, desired);
    if (what)
        return what;
    look(world, &seen);
    if (is_all_there(world, initial, &seen, desired, true)) {
        if (is_nothing_more(world, &seen, initial, desired))
            return NULL;
        what = "something is left over";
    } else {
        what = "something of others has changed";
    }
    if (world->report)
        print_model("  before the plan there was", &before, world->report);
    return what;
}

static const char *prove_there(struct world *world, const struct scene *scene)
{
    static const char *const stages[] = {"nothing to A", "A to B", "B to nothing"};
    const struct model nothing = {0}, *goals[] = {&scene->a, &scene->b, &nothing};
    struct model initial CLEANUP_MODEL = {0};
    look(world, &initial);
    for (size_t i = 0; i < 3; i++) {
        const char *what = apply_beside(world, goals[i], &initial);
        if (what && world->report)
            fprintf(world->report, "  from %s\n", stages[i]);
        if (what)
            return what;
    }
    return NULL;
}

/* ---- back ---- */

/* One plan back from wherever it is, itself stopped before step `stop`. */
static const char *go_back(struct world *world, const struct model *lost, const struct model *added,
                           size_t stop)
{
    struct model now CLEANUP_MODEL = {0};
    struct plan plan CLEANUP_PLAN = {0};
    look_for(world, lost, added, LOOK_WHOLE, &now);
    struct plan_request request = {.desired = lost,
                                   .recorded = added,
                                   .observed = &now,
                                   .topology = "test",
                                   .adopt = true,
                                   .back = true};
    if (plan_make(&request, &plan, &world->errors) < 0)
        return fail(world, "the plan back is refused");
    fake_crash_at(world->door, stop);
    size_t done;
    int r = run_plan(world, &plan, &done);
    fake_heal(world->door);
    if (r == -ECANCELED)
        return NULL;
    report_plan(world, "the plan back", &plan, r < 0 ? done : SIZE_MAX);
    return r < 0 ? fail(world, "a step back fails") : NULL;
}

/* The plan was made from `seen`; `before` is all that was there. */
static const char *break_at(struct world *world, const struct plan *plan, const struct model *seen,
                            const struct model *before, size_t k)
{
    struct model lost CLEANUP_MODEL = {0}, added CLEANUP_MODEL = {0}, after CLEANUP_MODEL = {0};
    plan_undo(plan, seen, &lost, &added);
    /* The journal is the same wherever it breaks: every fifth time is enough, and five times as fast. */
    if (k % 5 == 0 && (!through_json(&lost) || !through_json(&added)))
        return "the journal cannot be read";
    if (k % 2)
        fake_crash_at(world->door, k);
    else
        fake_fail_at(world->door, k, ENOMEM, "no memory");
    size_t done;
    run_plan(world, plan, &done);
    errors_done(&world->errors);
    report_plan(world, "the plan that is broken", plan, k);
    const char *what = k % 3 == 2 ? go_back(world, &lost, &added, k / 2) : NULL;
    if (!what)
        what = go_back(world, &lost, &added, SIZE_MAX);
    if (what)
        return what;
    look(world, &after);
    if (!is_all_there(world, before, &after, NULL, true))
        return "it is not as before";
    return is_nothing_more(world, &after, before, NULL) ? NULL : "more is there than before";
}

static const char *prove_back(struct world *world, const struct scene *scene)
{
    const char *what = apply(world, &scene->a);
    for (size_t k = 0, n = 1; k < n && !what; k++) {
        struct model before CLEANUP_MODEL = {0}, seen CLEANUP_MODEL = {0};
        struct plan plan CLEANUP_PLAN = {0};
        look(world, &before);
        if (plan_change(world, &scene->b, &seen, &plan) < 0)
            return fail(world, "the plan is refused");
        n = plan.n_steps;
        if (k < n)
            what = break_at(world, &plan, &seen, &before, k);
    }
    return what;
}

/* NULL, or in a few constant words what went wrong. */
static const char *prove(const struct scene *scene, FILE *report)
{
    struct world world = {0};
    const char *what = world_open(&world, scene);
    char *log = NULL;
    size_t log_size;
    FILE *memory = report ? open_memstream(&log, &log_size) : NULL;
    world.report = memory;
    if (!what)
        what = scene->back ? prove_back(&world, scene) : prove_there(&world, scene);
    if (memory) {
        fclose(memory);
        /* Of many broken plans only the last one counts. */
        const char *last = log, *next;
        while ((next = strstr(last + 1, "  the plan that is broken")))
            last = next;
        fputs(last, report);
        free(log);
    }
    world_done(&world);
    return what;
}

/* ---- making a failure small ---- */

static struct model *part_of(struct scene *scene, int part)
{
    return part == 0 ? &scene->foreign : part == 1 ? &scene->a : &scene->b;
}

/* Takes the smaller model in the place of the part when it fails in the same way. */
static bool try_smaller(struct scene *scene, int part, struct model *smaller, const char *what)
{
    struct model *place = part_of(scene, part), old = *place;
    *place = *smaller;
    const char *other = is_sound(&scene->a, &scene->foreign) && is_sound(&scene->b, &scene->foreign)
                            ? prove(scene, NULL)
                            : NULL;
    if (other && strcmp(other, what) == 0) {
        model_done(&old);
        return true;
    }
    *place = old;
    model_done(smaller);
    return false;
}

static bool shrink_objects(struct scene *scene, const char *what, int *budget)
{
    bool any = false;
    for (int part = 0; part < 3; part++)
        for (size_t i = 0; i < part_of(scene, part)->n_objects && (*budget)-- > 0;) {
            struct model smaller = {0};
            copy_without(part_of(scene, part), i, &smaller);
            if (try_smaller(scene, part, &smaller, what))
                any = true;
            else
                i++;
        }
    return any;
}

static bool shrink_options(struct scene *scene, const char *what, int *budget)
{
    bool any = false;
    for (int part = 1; part < 3; part++)
        for (size_t i = 0; i < part_of(scene, part)->n_objects; i++)
            for (unsigned o = 0; o < object_n_options(part_of(scene, part)->objects[i]) && *budget > 0; o++) {
                struct model smaller = {0};
                if (!copy_unsaid(part_of(scene, part), i, o, &smaller)) {
                    model_done(&smaller);
                    continue;
                }
                (*budget)--;
                any |= try_smaller(scene, part, &smaller, what);
            }
    return any;
}

static void shrink(struct scene *scene, const char *what)
{
    int budget = SHRINK_MAX;
    while (shrink_objects(scene, what, &budget) || shrink_options(scene, what, &budget))
        if (budget <= 0)
            break;
}

/* ---- the pairs ---- */

static void make_scene(uint64_t seed, struct scene *ret_scene)
{
    static const unsigned percents[] = {3, 10, 30, 100};
    uint64_t base = mix(seed);
    *ret_scene = (struct scene){0};
    random_foreign(&ret_scene->foreign, base);
    random_topology(&ret_scene->a, base, 0, 0);
    random_topology(&ret_scene->b, base, mix(base), percents[seed % 4]);
}

static void scene_done(struct scene *scene)
{
    model_done(&scene->foreign);
    model_done(&scene->a);
    model_done(&scene->b);
}

static void show_failure(uint64_t seed, struct scene *scene, const char *what)
{
    printf("not ok: seed %llu: %s: %s\n", (unsigned long long)seed, scene->back ? "back" : "there", what);
    size_t before = scene->foreign.n_objects + scene->a.n_objects + scene->b.n_objects;
    shrink(scene, what);
    printf("  the smallest case found (%zu objects of %zu):\n",
           scene->foreign.n_objects + scene->a.n_objects + scene->b.n_objects, before);
    print_model("  foreign", &scene->foreign, stdout);
    print_model("  A", &scene->a, stdout);
    print_model("  B", &scene->b, stdout);
    prove(scene, stdout);
    fflush(stdout);
}

static bool try_pair(uint64_t seed, bool back)
{
    struct scene scene;
    make_scene(seed, &scene);
    scene.back = back;
    const char *what = prove(&scene, NULL);
    if (what)
        show_failure(seed, &scene, what);
    scene_done(&scene);
    return !what;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

int main(void)
{
    uint64_t first = from_environment("PLEXUS_SEED", 1), pairs = from_environment("PLEXUS_PAIRS", 10000), i;
    size_t n_back = 0;
    int failures = 0;
    clock_t start = clock();
    printf("# seed %llu, %llu pairs\n", (unsigned long long)first, (unsigned long long)pairs);
    for (i = 0; i < pairs && failures < FAILURES_MAX; i++) {
        failures += !try_pair(first + i, false);
        if (pairs <= BACK_EVERY || i % BACK_EVERY == 0) {
            n_back++;
            failures += !try_pair(first + i, true);
        }
    }
    printf("# %llu pairs, %zu of them broken at every step: %zu plans, %zu steps, %.1f s, %d failures\n",
           (unsigned long long)i, n_back, n_plans, n_steps, (double)(clock() - start) / CLOCKS_PER_SEC,
           failures);
    return failures != 0;
}
