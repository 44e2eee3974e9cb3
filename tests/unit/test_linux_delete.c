/* The Linux door against the running kernel where it is not plain: many deletions at once, objects of others,
 * masters that are not what they were, and what is said when the kernel refuses a step or lacks what it
 * needs. */
#include "linux_door.h"

static void deletes_many_at_once(void **state)
{
    (void)state;
    enum { N = 20 };
    make_namespace("red");
    struct step steps[N + 1] = {0};
    const struct step *pointers[N + 1];
    size_t done = 0;
    for (int i = 0; i < N; i++) {
        char near[16], far[16], id[64];
        snprintf(near, sizeof near, "v%d", i);
        snprintf(far, sizeof far, "eth%d", i);
        make_pair(near, "red", far, NULL);
        snprintf(id, sizeof id, "interface host/v%d", i);
        steps[i] = (struct step){.verb = VERB_DEL, .old = model_by_id(&model, id)};
        pointers[i] = &steps[i];
    }
    steps[N] = steps[0]; /* gone with the rest */
    pointers[N] = &steps[N];
    must(door->ops->run(door, pointers, N + 1, &done, &errors));
    assert_int_equal(done, N + 1);
    observe();
    see_nothing("interface host/v0");
    see_nothing("interface host/v19");
    see_nothing("interface red/eth7");
    seen_object("interface host/lo");
}

static bool is_of_group_0(const char *interface)
{
    char command[100];
    snprintf(command, sizeof command, "ip link show dev %s group default 2>/dev/null | grep -q %s", interface,
             interface);
    return system(command) == 0;
}

/* `lo` cannot be deleted, so the whole group is refused: the rest goes one by one up to it, and what is left
 * is as it was. */
static void deletes_one_by_one_what_was_refused(void **state)
{
    (void)state;
    enum { N = 6, REFUSED = 3 };
    struct step steps[N] = {0};
    const struct step *pointers[N];
    size_t done = 0;
    struct object *bridge = with(interface(&kind_bridge, HOST, "br0"), "up", "true", NULL);
    must(add(bridge));
    for (int i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, i == REFUSED ? "lo" : "d%d", i);
        struct object *object = interface(&kind_bridge, HOST, name);
        object = with(object, "up", "false", NULL);
        if (i != REFUSED && i != N - 1)
            must(add(object));
        steps[i] = (struct step){.verb = VERB_DEL, .old = i == N - 1 ? bridge : object};
        pointers[i] = &steps[i];
    }
    assert_int_equal(door->ops->run(door, pointers, N, &done, &errors), -EOPNOTSUPP);
    assert_int_equal(done, REFUSED);
    assert_non_null(strstr(errors.last->message, "cannot delete interface host/lo"));
    observe();
    see_nothing("interface host/d2");
    see("interface host/br0", "up", "true");
    see("interface host/d4", "up", "false");
    assert_true(is_of_group_0("lo") && is_of_group_0("d4") && is_of_group_0("br0"));
    must(door->ops->run(door, pointers + REFUSED + 1, N - REFUSED - 1, &done, &errors));
    observe();
    see_nothing("interface host/br0");
}

/* What is made again for somebody else bears no mark of ours; what was marked loses it. */
static void makes_foreign_objects_without_a_mark(void **state)
{
    (void)state;
    make_red_blue();
    struct object *all[] = {
        with(interface(&kind_bridge, HOST, "d0"), "up", "true", NULL),
        with(new_object(&class_address, NULL, HOST), "dev", "d0", "address", "10.7.0.1/24", NULL),
        with(new_object(&class_address, NULL, HOST), "dev", "d0", "address", "fd07::1/64", NULL),
        with(new_object(&class_route, NULL, HOST), "to", "10.99.0.0/16", "via", "10.7.0.2", NULL),
        with(new_object(&class_route, NULL, HOST), "to", "fd99::/64", "dev", "d0", "metric", "1024", NULL),
        with(new_object(&class_rule, NULL, HOST), "priority", "100", "from", "10.7.0.0/24", "table", "100",
             "family", "ipv4", NULL),
        with(new_object(&class_neighbour, NULL, HOST), "dev", "d0", "ip", "10.7.0.50", "mac",
             "02:00:00:00:00:50", NULL),
        with(new_object(&class_resolver, NULL, "foreign"), "name", "resolver", "servers", "10.9.0.2", NULL),
    };
    enum { N = sizeof all / sizeof all[0] };
    assert_int_equal(system("ip netns add foreign"), 0);
    for (size_t round = 0; round < 3; round++) { /* ours; changed to foreign; added as foreign */
        for (size_t i = 0; i < N; i++) {
            struct step step = {.verb = round == 1 ? VERB_SET : VERB_ADD, .old = all[i], .new = all[i]};
            all[i]->flags = round ? OBJECT_FOREIGN : 0;
            if (!(round == 1 && all[i]->class->id == CLASS_INTERFACE))
                must(run_one(&step));
        }
        observe();
        /* Linux 6.1 keeps the protocol of a changed address. */
        for (size_t i = round == 1 ? 3 : 0; i < N; i++) {
            bool ours = seen_object(all[i]->id)->flags & OBJECT_OURS;
            if (ours != (round == 0))
                fail_msg("round %zu: %s is%s ours", round, all[i]->id, ours ? "" : " not");
        }
        for (size_t i = N; i-- > 0 && round != 0;)
            must(del(all[i]));
    }
    struct object *a = interface(&kind_veth, HOST, "p0"), *b = interface(&kind_veth, HOST, "p1");
    a = with(a, "up", "true", "peer", HOST "/p1", NULL);
    b = with(b, "up", "false", "peer", HOST "/p0", NULL);
    a->flags = b->flags = OBJECT_FOREIGN;
    must(add_with_peer(a, b));
    struct object *green = with(new_object(&class_namespace, NULL, HOST), "name", "green", NULL);
    green->flags = OBJECT_FOREIGN;
    must(add(green));
    observe();
    assert_null(seen_object(a->id)->owner);
    assert_null(seen_object(b->id)->owner);
    assert_null(seen_object(green->id)->owner);
    must(del(a));
    assert_int_equal(system("ip netns del foreign"), 0);
}

/* With the name of a namespace goes what holds it, at the latest when the rest is looked at: its end of a
 * cable takes the other with it. */
static void lets_go_of_a_namespace(void **state)
{
    (void)state;
    struct object *red = make_namespace("red");
    make_pair("v0", "red", "eth0", NULL);
    observe();
    must(del(red));
    observe();
    see_nothing("namespace red");
    assert_int_equal(
        system("timeout 60 sh -c 'while ip link show dev v0; do sleep 0.05; done' >/dev/null 2>&1"), 0);
}

/* A namespace that is made again numbers its interfaces anew: a bond where a bridge was is no bridge. */
static void knows_a_master_in_a_namespace_made_again(void **state)
{
    (void)state;
    struct object *bond =
        with(interface(&kind_bond, "red", "m0"), "up", "true", "mode", "active-backup", NULL);
    struct object *red = make_namespace("red");
    if (!add_if_known(bond))
        skip();
    must(del(red));
    struct object *bridge = interface(&kind_bridge, "red", "m0"),
                  *port = with(interface(&kind_dummy, "red", "d0"), "up", "true", "master", "red/m0", NULL);
    bridge->values[object_find_option(bridge, "up")] = value_number(0);
    const struct step steps[] = {
        {.verb = VERB_ADD, .new = red},  {.verb = VERB_ADD, .new = bridge}, {.verb = VERB_ADD, .new = port},
        {.verb = VERB_DEL, .old = red},  {.verb = VERB_ADD, .new = red},    {.verb = VERB_ADD, .new = bond},
        {.verb = VERB_ADD, .new = port},
    };
    const struct step *pointers[sizeof steps / sizeof steps[0]];
    size_t n = sizeof steps / sizeof steps[0], done = 0;
    for (size_t i = 0; i < n; i++)
        pointers[i] = &steps[i];
    bridge->name = bond->name;
    must(door->ops->run(door, pointers, n, &done, &errors));
    observe();
    see("interface red/d0", "master", "red/m0");
    assert_ptr_equal(seen_object("interface red/m0")->kind, &kind_bond);
}

static void names_what_was_refused(void **state)
{
    (void)state;
    make_red_blue();
    assert_int_equal(add(model_by_id(&model, "interface host/br0")), -EEXIST);
    assert_non_null(
        strstr(errors.last->message, "cannot add interface host/br0: the kernel said: File exists"));
    assert_non_null(errors.last->hint);
    struct object *route =
        with(new_object(&class_route, NULL, "red"), "to", "10.99.0.0/16", "via", "192.0.2.1", NULL);
    assert_true(add(route) < 0);
    assert_non_null(strstr(errors.last->message, "cannot add route red/10.99.0.0/16: the kernel said: "));
    assert_non_null(strstr(errors.last->hint, "onlink"));
    struct object *address =
        with(new_object(&class_address, NULL, "red"), "dev", "nope", "address", "10.1.1.1/24", NULL);
    assert_int_equal(add(address), -ENODEV);
    struct object *lost =
        with(new_object(&class_address, NULL, "nowhere"), "dev", "lo", "address", "10.1.1.1/24", NULL);
    assert_int_equal(add(lost), -ENOENT);
    must(del(lost));
    struct object *mtu = interface(&kind_veth, "red", "eth0");
    mtu = object_clone(&model.arena, model_by_id(&model, "interface red/eth0"));
    struct object *small = object_clone(&model.arena, mtu);
    int i = object_find_option(small, "mtu");
    small->values[i] = value_number(10);
    struct step step = {.verb = VERB_SET, .old = mtu, .new = small, .changed = option_set_of((unsigned)i)};
    assert_int_equal(run_one(&step), -EINVAL);
    assert_non_null(strstr(errors.last->message, "cannot change interface red/eth0"));
    assert_non_null(strstr(errors.last->message, "mtu less than device minimum"));
    assert_int_equal(add(model_by_id(&model, "namespace host/red")), -EEXIST);
}

static void says_what_is_lacking(void **state)
{
    (void)state;
    struct object *vlan = with(interface(&kind_vlan, HOST, "v5"), "id", "5", "parent", "host/lo", NULL);
    with(interface(&kind_vlan, HOST, "v6"), "id", "6", "parent", "host/lo", NULL);
    with(interface(&kind_vxlan, HOST, "vx5"), "id", "5", NULL);
    bool has = add(vlan) == 0 || !strstr(errors.last->message, "Unknown device type");
    errors_done(&errors);
    errors = (struct errors){0};
    int r = door->ops->lacks(door, &model, &errors);
    assert_int_equal(r, has ? 0 : -EOPNOTSUPP);
    assert_int_equal(errors.n_errors, has ? 0 : 1);
    if (!has)
        assert_string_equal(errors.first->message, "this kernel has no vlan interfaces (CONFIG_VLAN_8021Q)");
}

static void says_which_option_is_lacking(void **state)
{
    (void)state;
    struct object *bridge =
        with(interface(&kind_bridge, HOST, "br9"), "vlan-aware", "true", "up", "false", NULL);
    with(interface(&kind_bridge, HOST, "br8"), "vlan-aware", "false", "nf-call-iptables", "false", NULL);
    bool has = add(bridge) == 0;
    errors_done(&errors);
    errors = (struct errors){0};
    assert_int_equal(door->ops->lacks(door, &model, &errors), has ? 0 : -EOPNOTSUPP);
    if (!has)
        assert_string_equal(errors.first->message,
                            "this kernel does not know `vlan-aware` (CONFIG_BRIDGE_VLAN_FILTERING)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(deletes_many_at_once, begin, end),
        cmocka_unit_test_setup_teardown(deletes_one_by_one_what_was_refused, begin, end),
        cmocka_unit_test_setup_teardown(makes_foreign_objects_without_a_mark, begin, end),
        cmocka_unit_test_setup_teardown(lets_go_of_a_namespace, begin, end),
        cmocka_unit_test_setup_teardown(knows_a_master_in_a_namespace_made_again, begin, end),
        cmocka_unit_test_setup_teardown(names_what_was_refused, begin, end),
        cmocka_unit_test_setup_teardown(says_what_is_lacking, begin, end),
        cmocka_unit_test_setup_teardown(says_which_option_is_lacking, begin, end),
    };
    return enter_world() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
