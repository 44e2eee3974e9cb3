/* An apply that waits for confirmation and is taken back by a program that dies over it: what is half undone
 * can no longer be kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random_say.h"
#include "random_world.h"

static char folder[] = "/tmp/plexus-undo-XXXXXX";

static void open_session(struct world *world, struct session *session)
{
    assert_int_equal(session_open(session, &world->machine, ACCESS_WRITE, NAME, 0, NULL, NULL), RESULT_DONE);
}

/* As `plexus apply --confirm` leaves it. */
static void await_confirmation(struct world *world, const struct topology *topology)
{
    static const struct apply_options options = {.what = "a proof"};
    struct session session;
    struct change change CLEANUP_CHANGE = {0};
    struct journal journal CLEANUP_JOURNAL = {.name = xstrdup(NAME), .state = JOURNAL_UNCONFIRMED};
    open_session(world, &session);
    assert_int_equal(change_prepare(&session, NAME, topology, false, &change), RESULT_DONE);
    assert_int_equal(change_run(&session, &change, &options), RESULT_DONE);
    journal.deadline = boottime() + 600;
    plan_undo(&change.plan, &change.observed, &journal.lost, &journal.added);
    assert_int_equal(journal_write(&world->machine, &journal, &session.errors), 0);
    session_done(&session);
}

/* Whether the program lived to its end. */
static bool revert(struct world *world, size_t death)
{
    struct session session;
    life_begin(FATE_DEATH, death);
    open_session(world, &session);
    apply_revert(&session, NAME);
    session_done(&session);
    bool lived = !life.dead;
    life_begin(FATE_NONE, 0);
    return lived;
}

static enum result confirm(struct world *world)
{
    struct session session;
    open_session(world, &session);
    enum result result = apply_confirm(&session, NAME);
    session_done(&session);
    return result;
}

static bool prove(const struct topology *topology, size_t death)
{
    struct world world = {.machine = {.open_door = life_open_door, .run_dir = folder, .saved_dir = folder}};
    struct state after CLEANUP_STATE = {0};
    door_fake(&life.kernel);
    life_begin(FATE_NONE, 0);
    await_confirmation(&world, topology);
    bool lived = revert(&world, death);
    bool is_kept = confirm(&world) == RESULT_DONE;
    look(&world, &after);
    model_each(&topology->model, object) assert_int_equal(map_has(&after.model.by_id, object->id), is_kept);
    assert_int_equal(is_kept, death == 0);
    assert_null(after.files[JOURNAL]);
    life.kernel->ops->free(life.kernel);
    remove_folder(folder);
    return lived;
}

static void half_undone_is_not_confirmed(void **state)
{
    (void)state;
    char source[] = "A";
    struct topology topology = {.name = NAME, .source = source, .source_size = 1};
    for (int i = 0; i < 3; i++)
        sayf(&topology.model, "dummy host name=d%d up=true", i);
    assert_non_null(mkdtemp(folder));
    for (size_t death = 0; !prove(&topology, death); death++)
        ;
    model_done(&topology.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_undone_is_not_confirmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
