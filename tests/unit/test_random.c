/* The proofs: random topologies, applied by src/apply to the fake kernel.
 *
 *   there   nothing → A → B → nothing, beside things of others. After each apply what is there is what was
 *           said, a second one does nothing, `status` finds nothing, and what belongs to others is as it was;
 *           at the end everything is.
 *   back    a change (from A to B, from nothing to B, from A to nothing) that is refused an act, or dies
 *           before one (see mortal.h): what is there, and the files, are exactly as before; at once when the
 *           apply lived to take it back, else when the next session has mended it, though that one be struck
 *           too. Or the change is complete.
 *
 * Every pair is proven there and back, the latter at two random acts; some of them at every act. What was
 * found once (random_cases.h) is struck at every act, and at every act of the way back.
 *
 * PLEXUS_SEED: where to begin (else 1). PLEXUS_PAIRS: how many pairs (else 10,000). PLEXUS_EVERY: each how
 * many of them is struck at every act (1: all). PLEXUS_WORKERS: how many programs share them (else as many as
 * there are processors). A failure prints its seed and is made small: objects and options are taken away
 * while it still fails in the same way. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random_cases.h"
#include "random_networks.h"
#include "random_shrink.h"
#include "random_topology.h"
#include "random_uplinks.h"
#include "random_world.h"

/* Odd, so that B is near and far from A, and the way each of the three: see make_scene(). */
enum { EVERY = 151, NETWORKS_EVERY = 3, SHRINK_MAX = 4000, FAILURES_MAX = 5 };

enum blows {
    BLOWS_FEW,   /* each fate once, at a random act */
    BLOWS_ALL,   /* at every act; and at some, the way back too */
    BLOWS_TWICE, /* at every act, and at every act of the way back */
};

struct scene {
    struct model foreign, a, b;
    uint64_t seed;
    enum way way; /* of what is struck */
    enum blows blows;
    bool adopt; /* what is in the way is taken over */
    bool moves; /* bridges with a network card are bridged networks: what others have on the card moves */
};

static const char *const fate_names[FATE_MAX] = {
    [FATE_NONE] = "nothing", [FATE_REFUSED] = "refusal", [FATE_DEATH] = "death"};

static char folder[100]; /* of the files of Plexus */
static size_t n_applies, n_struck;

/* ---- worlds ---- */

static const char *world_open(struct world *world, const struct scene *scene)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    const struct model *all[] = {&scene->foreign, &scene->a, &scene->b};
    world->adopt = scene->adopt;
    world->machine = (struct machine){.open_door = life_open_door, .run_dir = folder, .saved_dir = folder};
    for (size_t i = 0; i < 3; i++)
        model_each(all[i], object) model_copy(&world->wanted, object);
    door_fake(&life.kernel);
    life_begin(FATE_NONE, 0);
    return fake_foreign(life.kernel, &scene->foreign, &ignored) < 0 ? "foreign objects" : NULL;
}

static void world_done(struct world *world)
{
    char *path CLEANUP_FREE = run_path(&world->machine, NAME, NULL);
    life.kernel->ops->free(life.kernel);
    model_done(&world->wanted);
    remove_folder(path);
}

static void report_plan(struct world *world, const struct plan *plan)
{
    if (!world->report)
        return;
    fprintf(world->report, "  the plan:%s\n", plan->n_steps ? "" : " no steps");
    for (size_t i = 0; i < plan->n_steps; i++) {
        struct text line CLEANUP_TEXT = {0};
        step_describe(plan->steps[i], &line);
        fprintf(world->report, "    %2zu %s %s\n", i, names_format(verb_names, plan->steps[i]->verb),
                text_of(&line));
    }
}

/* ---- commands ---- */

static enum result begin(struct world *world, struct session *session)
{
    return session_open(session, &world->machine, ACCESS_WRITE, NAME, 0, NULL, NULL);
}

static enum result end(struct world *world, struct session *session, enum result result)
{
    if (world->report && session->errors.n_errors)
        errors_print(&session->errors, world->report, false);
    session_done(session);
    return result;
}

/* As `plexus apply` does, or `plexus down` for NULL. *ret_steps: of the plan. */
static enum result apply(struct world *world, const struct topology *topology, size_t *ret_steps)
{
    static const struct apply_options options = {.expect = true, .what = "a proof"};
    struct session session;
    struct change change CLEANUP_CHANGE = {0};
    enum result result = begin(world, &session);
    if (result == RESULT_DONE)
        result = change_prepare(&session, NAME, topology, world->adopt, &change);
    if (result == RESULT_DONE) {
        report_plan(world, &change.plan);
        *ret_steps = change.plan.n_steps;
        result = change_run(&session, &change, &options);
    }
    n_applies++;
    return end(world, &session, result);
}

/* What any command that changes something does first. */
static enum result mend(struct world *world)
{
    struct session session;
    if (world->report)
        fprintf(world->report, "  the next session\n");
    return end(world, &session, begin(world, &session));
}

static size_t count_drifts(struct world *world)
{
    struct session session;
    struct status status CLEANUP_STATUS = {0};
    enum result result = session_open(&session, &world->machine, ACCESS_READ, NULL, 0, NULL, NULL);
    if (result == RESULT_DONE)
        result = status_of(&session, NAME, &status);
    for (size_t i = 0; world->report && i < status.n_drifts; i++)
        fprintf(world->report, "  status: %s %s %s should be %s, is %s\n",
                names_format(drift_names, status.drifts[i].kind), status.drifts[i].object,
                status.drifts[i].option, status.drifts[i].shall, status.drifts[i].is);
    return end(world, &session, result) == RESULT_DONE ? status.n_drifts : SIZE_MAX;
}

/* ---- there ---- */

/* `networks`: room for those that the topology gets, one for each card. */
static struct topology topology_of(const struct model *model, char *source, struct network networks[CARDS],
                                   bool moves)
{
    struct topology topology = {
        .name = NAME, .model = *model, .source = source, .source_size = strlen(source)};
    if (moves)
        topology.networks = networks_of(model, networks);
    return topology;
}

/* Nothing is left to be done: a second time changes not even a file. */
static const char *apply_again(struct world *world, const struct topology *topology)
{
    size_t steps = 0;
    life_begin(FATE_NONE, 0);
    enum result result = apply(world, topology, &steps);
    if (!topology)
        return result == RESULT_NOT_FOUND ? NULL : "it can be taken down twice";
    if (result != RESULT_DONE)
        return "the second apply fails";
    if (steps)
        return "the second plan is not empty";
    if (life.acts)
        return "the second apply does something";
    return count_drifts(world) ? "status finds something" : NULL;
}

/* What was said is there, and all that others had: `initial` is what was there before the first apply. */
static const char *check(struct world *world, const struct topology *topology, const struct state *initial)
{
    static const struct model nothing;
    const struct model *desired = topology ? &topology->model : &nothing;
    struct state after CLEANUP_STATE = {0};
    struct model stays CLEANUP_MODEL = {0}, moves CLEANUP_MODEL = {0};
    look(world, &after);
    foresee_moves(topology ? topology->networks : NULL, &initial->model, &stays, &moves);
    if (!is_all_there(world, desired, &after.model, NULL, false))
        return "it is not as said";
    if (!is_all_there(world, &moves, &after.model, NULL, false))
        return "something of others has not moved";
    if (!is_all_there(world, &stays, &after.model, desired, true))
        return "something of others has changed";
    model_each(desired, object) if (!model_by_id(&moves, object->id)) model_copy(&moves, object);
    if (!is_nothing_more(world, &after.model, &stays, &moves))
        return "something is left over";
    return after.files[JOURNAL] ? "the journal is left" : NULL;
}

static const char *arrive(struct world *world, const struct topology *topology, const struct state *initial)
{
    size_t steps;
    life_begin(FATE_NONE, 0);
    if (apply(world, topology, &steps) != RESULT_DONE)
        return "the apply fails";
    const char *what = check(world, topology, initial);
    return what ? what : apply_again(world, topology);
}

/* ---- back ---- */

struct blow {
    enum fate fate;
    size_t at;
    bool is_over; /* it came too late: there were not so many acts */
};

/* The next session; if it is struck too, another one. */
static const char *come_back(struct world *world, struct blow *blow)
{
    if (blow->fate != FATE_NONE) {
        life_begin(blow->fate, blow->at);
        mend(world);
        blow->is_over = life.acts <= blow->at;
    }
    life_begin(FATE_NONE, 0);
    return mend(world) == RESULT_DONE ? NULL : "what was cut short cannot be mended";
}

/* From way[0], where the world is, towards way[1], and back. The second blow falls on the way back. */
static const char *strike(struct world *world, const struct topology *const way[2],
                          const struct state *initial, struct blow *first, struct blow *second)
{
    struct state before CLEANUP_STATE = {0};
    size_t steps;
    if (world->report)
        fprintf(world->report, "  act %zu is struck by %s\n", first->at, fate_names[first->fate]);
    look(world, &before);
    life_begin(first->fate, first->at);
    enum result result = apply(world, way[1], &steps);
    bool died = life.dead, is_journal = life.journal_is_struck;
    first->is_over = life.acts <= first->at;
    second->is_over = true;
    n_struck += !first->is_over;
    life_begin(FATE_NONE, 0);
    if (first->is_over && result != RESULT_DONE)
        return "the apply fails";
    if (result == RESULT_DONE) { /* what was refused was of no weight */
        const char *what = check(world, way[1], initial);
        return what ? what : arrive(world, way[0], initial);
    }
    if (!died && result != RESULT_ROLLED_BACK && !is_journal)
        return "it is not taken back at once";
    if (died || result != RESULT_ROLLED_BACK) {
        const char *what = come_back(world, second);
        if (what)
            return what;
    }
    return compare_states(world, &before);
}

/* Now and then the way back is struck as well. */
static struct blow second_blow(size_t k)
{
    enum fate fate = k % 3 < 2 ? FATE_NONE : k % 2 ? FATE_DEATH : FATE_REFUSED;
    return (struct blow){.fate = fate, .at = k / 2};
}

static const char *strike_everywhere(struct world *world, const struct topology *const way[2],
                                     const struct state *initial)
{
    const char *what = NULL;
    for (enum fate fate = FATE_REFUSED; fate <= FATE_DEATH; fate++) {
        struct blow first = {.fate = fate};
        for (; !first.is_over && !what; first.at++) {
            struct blow second = second_blow(first.at);
            what = strike(world, way, initial, &first, &second);
        }
    }
    return what;
}

static const char *strike_twice(struct world *world, const struct topology *const way[2],
                                const struct state *initial)
{
    const char *what = NULL;
    for (int fates = 0; fates < 4; fates++) {
        struct blow first = {.fate = fates / 2 ? FATE_DEATH : FATE_REFUSED};
        for (; !first.is_over && !what; first.at++) {
            struct blow second = {.fate = fates % 2 ? FATE_DEATH : FATE_REFUSED};
            for (; !second.is_over && !what; second.at++)
                what = strike(world, way, initial, &first, &second);
        }
    }
    return what;
}

static size_t count_steps(struct world *world, const struct topology *topology)
{
    struct session session;
    struct change change CLEANUP_CHANGE = {0};
    session_open(&session, &world->machine, ACCESS_READ, NULL, 0, NULL, NULL);
    change_prepare(&session, NAME, topology, world->adopt, &change);
    session_done(&session);
    return change.plan.n_steps;
}

static const char *strike_here_and_there(struct world *world, const struct topology *const way[2],
                                         const struct state *initial, uint64_t seed)
{
    enum { FILE_ACTS = 8 };
    size_t n = count_steps(world, way[1]) + FILE_ACTS;
    const char *what = NULL;
    for (enum fate fate = FATE_REFUSED; fate <= FATE_DEATH && !what; fate++) {
        struct blow first = {.fate = fate, .at = mix(seed * FATE_MAX + fate) % n},
                    second = second_blow(first.at);
        what = strike(world, way, initial, &first, &second);
    }
    return what;
}

static const char *strike_way(struct world *world, const struct topology *const way[2],
                              const struct state *initial, const struct scene *scene)
{
    switch (scene->blows) {
    case BLOWS_FEW:
        return strike_here_and_there(world, way, initial, scene->seed);
    case BLOWS_ALL:
        return strike_everywhere(world, way, initial);
    case BLOWS_TWICE:
        return strike_twice(world, way, initial);
    }
    return NULL;
}

static const char *prove_pair(struct world *world, const struct scene *scene)
{
    char first[] = "A", second[] = "B";
    struct network of_a[CARDS], of_b[CARDS];
    const struct topology a = topology_of(&scene->a, first, of_a, scene->moves),
                          b = topology_of(&scene->b, second, of_b, scene->moves);
    const struct topology *const ways[][2] = {
        [A_TO_B] = {&a, &b}, [NOTHING_TO_B] = {NULL, &b}, [A_TO_NOTHING] = {&a, NULL}};
    const struct topology *const stages[] = {&a, &b, NULL};
    const struct topology *const *way = ways[scene->way];
    struct state initial CLEANUP_STATE = {0};
    look(world, &initial);
    const char *what = NULL;
    for (size_t i = 0; i < 4 && !what; i++) {
        const struct topology *here = i ? stages[i - 1] : NULL;
        if (world->report)
            fprintf(world->report, "  stage %zu\n", i);
        if (i < 2 && here == way[0])
            what = strike_way(world, way, &initial, scene);
        if (i < 3 && !what)
            what = arrive(world, stages[i], &initial);
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
        what = prove_pair(&world, scene);
    if (memory) {
        fclose(memory);
        /* Of many that were struck only the last one counts. */
        const char *last = log, *next;
        while ((next = strstr(last + 1, "  act ")))
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
    static const enum way ways[] = {A_TO_B, A_TO_B, A_TO_B, NOTHING_TO_B, A_TO_NOTHING};
    uint64_t base = mix(seed);
    *ret_scene =
        (struct scene){.seed = seed, .way = ways[seed / 4 % 5], .adopt = seed % 3 == 0, .moves = seed % 2};
    random_foreign(&ret_scene->foreign, base);
    if (ret_scene->adopt)
        random_adoptable(&ret_scene->foreign, base);
    void (*const draw)(struct model *, uint64_t, uint64_t, unsigned) =
        mix(base) % NETWORKS_EVERY == 0 ? random_networks : random_topology;
    draw(&ret_scene->a, base, 0, 0);
    draw(&ret_scene->b, base, mix(base), percents[seed % 4]);
}

static void scene_done(struct scene *scene)
{
    model_done(&scene->foreign);
    model_done(&scene->a);
    model_done(&scene->b);
}

static const char *const way_names[] = {
    [A_TO_B] = "A to B", [NOTHING_TO_B] = "nothing to B", [A_TO_NOTHING] = "A to nothing"};

static void show_failure(struct scene *scene, const char *what)
{
    printf("not ok: seed %llu: %s\n", (unsigned long long)scene->seed, what);
    size_t before = scene->foreign.n_objects + scene->a.n_objects + scene->b.n_objects;
    if (scene->blows == BLOWS_FEW) { /* with less in it, it may be another act where it fails */
        scene->blows = BLOWS_ALL;
        const char *other = prove(scene, NULL);
        scene->blows = other && strcmp(other, what) == 0 ? BLOWS_ALL : BLOWS_FEW;
    }
    shrink(scene, what);
    printf("  the smallest case found (%zu objects of %zu), %s is struck:\n",
           scene->foreign.n_objects + scene->a.n_objects + scene->b.n_objects, before, way_names[scene->way]);
    print_model("  foreign", &scene->foreign, stdout);
    print_model("  A", &scene->a, stdout);
    print_model("  B", &scene->b, stdout);
    prove(scene, stdout);
    fflush(stdout);
}

static bool try_pair(uint64_t seed, enum blows blows)
{
    struct scene scene;
    make_scene(seed, &scene);
    scene.blows = blows;
    const char *what = prove(&scene, NULL);
    if (what)
        show_failure(&scene, what);
    scene_done(&scene);
    return !what;
}

/* ---- what random pairs have found ---- */

static void say_all(struct model *model, const char *lines)
{
    char *copy CLEANUP_FREE = xstrdup(lines ? lines : ""), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")))
        if (*line)
            say(model, line);
}

static bool try_case(const struct known_case *known)
{
    struct scene scene = {
        .way = known->way, .blows = BLOWS_TWICE, .adopt = known->adopt, .moves = known->moves};
    say_all(&scene.foreign, known->foreign);
    say_all(&scene.a, known->a);
    say_all(&scene.b, known->b);
    const char *what = prove(&scene, NULL);
    if (what) {
        printf("not ok: %s: %s\n", known->name, what);
        prove(&scene, stdout);
    }
    scene_done(&scene);
    return !what;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

/* In memory where that can be written: nothing has to outlive this program, and syncing is free there. */
static bool make_folder(void)
{
    const char *elsewhere = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/plexus-proof-XXXXXX", "/dev/shm");
    if (mkdtemp(folder))
        return true;
    snprintf(folder, sizeof folder, "%s/plexus-proof-XXXXXX", elsewhere ? elsewhere : "/tmp");
    return mkdtemp(folder) != NULL;
}

struct tally {
    size_t pairs, every, applies, struck, steps;
    int failures;
    double seconds; /* of its processor */
};

struct task {
    uint64_t first, pairs, every;
    unsigned workers;
};

/* The share of one of the workers. */
static void work(const struct task *task, unsigned worker, struct tally *tally)
{
    clock_t start = clock();
    if (!make_folder()) {
        perror(folder);
        tally->failures = 1;
        return;
    }
    for (size_t i = 0; worker == 0 && i < sizeof known_cases / sizeof known_cases[0]; i++)
        tally->failures += !try_case(&known_cases[i]);
    for (uint64_t i = worker; i < task->pairs && tally->failures < FAILURES_MAX; i += task->workers) {
        bool every = i % task->every == 0;
        tally->pairs++;
        tally->every += every;
        tally->failures += !try_pair(task->first + i, every ? BLOWS_ALL : BLOWS_FEW);
    }
    if (tally->pairs && !life.files) {
        printf(
            "not ok: files are written past this program's rename() and unlink(), so nothing strikes them\n");
        tally->failures++;
    }
    tally->applies = n_applies;
    tally->struck = n_struck;
    tally->steps = life.steps;
    tally->seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    remove_folder(folder);
}

/* One program for each processor; the first is this one, so that one alone can be looked at with a debugger.
 * Returns the number of those that did not end well. */
static int share(const struct task *task, struct tally *tallies)
{
    int failures = 0, status;
    for (unsigned i = 1; i < task->workers; i++) {
        pid_t child = fork();
        if (child == 0) {
            work(task, i, &tallies[i]);
            exit(tallies[i].failures != 0);
        }
        failures += child < 0;
    }
    work(task, 0, &tallies[0]);
    while (wait(&status) > 0)
        failures += status != 0;
    return failures + (tallies[0].failures != 0);
}

int main(void)
{
    enum { WORKERS_MAX = 64 };
    uint64_t processors = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    processors = processors < WORKERS_MAX ? processors : WORKERS_MAX;
    struct task task = {.first = from_environment("PLEXUS_SEED", 1),
                        .pairs = from_environment("PLEXUS_PAIRS", 10000),
                        .every = from_environment("PLEXUS_EVERY", EVERY),
                        .workers = (unsigned)from_environment("PLEXUS_WORKERS", processors)};
    if (!task.every || !task.workers || task.workers > WORKERS_MAX)
        return 2;
    struct tally sum = {0}, *tallies = mmap(NULL, WORKERS_MAX * sizeof *tallies, PROT_READ | PROT_WRITE,
                                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    setenv("PLEXUS_USER", "prover", 1);
    printf("# seed %llu, %llu pairs\n", (unsigned long long)task.first, (unsigned long long)task.pairs);
    fflush(stdout); /* or each of the workers says it */
    int failures = share(&task, tallies);
    for (unsigned i = 0; i < task.workers; i++) {
        sum.pairs += tallies[i].pairs;
        sum.every += tallies[i].every;
        sum.applies += tallies[i].applies;
        sum.struck += tallies[i].struck;
        sum.steps += tallies[i].steps;
        sum.failures += tallies[i].failures;
        sum.seconds += tallies[i].seconds;
    }
    printf(
        "# %zu pairs, %zu of them struck at every act: %zu applies, %zu of them struck, %zu steps, %.1f s, "
        "%d failures\n",
        sum.pairs, sum.every, sum.applies, sum.struck, sum.steps, sum.seconds, sum.failures);
    return failures != 0;
}
