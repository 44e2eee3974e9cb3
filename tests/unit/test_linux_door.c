/* The Linux door against the running kernel, without planner and files: every kind of object is made,
 * changed, observed and taken away, and probes are sent. Many deletions at once, foreign objects and
 * refusals: test_linux_delete.c. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "kernel/probe.h"
#include "linux_door.h"

static void makes_red_blue(void **state)
{
    (void)state;
    make_red_blue();
    see("interface host/br0", "up", "true");
    see("interface host/br0", "ageing-time", "20");
    see("interface host/red0", "peer", "red/eth0");
    see("interface host/red0", "master", "host/br0");
    see("interface blue/eth0", "peer", "host/blue0");
    see("interface blue/eth0", "up", "true");
    see("address red/eth0 10.9.0.1/24", "scope", "global");
    see("route red/10.9.0.0/24", "dev", "eth0");
    assert_true(seen_object("route red/10.9.0.0/24")->flags & OBJECT_KERNEL);
    assert_string_equal(seen_object("interface host/br0")->owner, "test");
    assert_string_equal(seen_object("namespace host/red")->owner, "test");
    assert_true(seen_object("address red/eth0 10.9.0.1/24")->flags & OBJECT_OURS);
    assert_null(seen_object("interface host/lo")->owner);
    must(add(with(new_object(&class_address, NULL, HOST), "dev", "br0", "address", "10.9.0.254/24", NULL)));
    must(add(with(new_object(&class_address, NULL, HOST), "dev", "lo", "address", "10.10.0.1/32", NULL)));
    observe();
    assert_string_equal(seen_object("address host/br0 10.9.0.254/24")->owner, "test");
    assert_null(seen_object("address host/lo 10.10.0.1/32")->owner);
    must(del(model_by_id(&model, "address host/lo 10.10.0.1/32")));
}

/* `lo` is there; adding it sets what it is, deleting it leaves it. */
static void takes_what_exists(void **state)
{
    (void)state;
    make_namespace("red");
    struct object *lo = with(interface(&kind_loopback, "red", "lo"), "up", "true", "mtu", "60000", NULL);
    must(add(lo));
    observe();
    see_as_wanted(lo);
    must(del(lo));
    struct object *missing = with(interface(&kind_physical, HOST, "eno77"), "up", "true", NULL);
    assert_int_equal(add(missing), -ENODEV);
}

static void probes(void **state)
{
    const char *why = NULL;
    (void)state;
    make_red_blue();
    assert_int_equal(door_probe(door, "red", "10.9.0.2", PROBE_ICMP, 0, 3000, &why), 1);
    assert_int_equal(door_probe(door, "red", "fd09::2", PROBE_ICMP, 0, 20000, &why), 1);
    assert_int_equal(door_probe(door, "red", "10.9.0.2", PROBE_TCP, 9, 200, &why), 0);
    assert_string_equal(why, "Connection refused");
    assert_int_equal(door_probe(door, "red", "10.9.0.2", PROBE_UDP, 9, 400, &why), 0);
    assert_string_equal(why, "Connection refused");
    assert_int_equal(door_probe(door, "red", "10.9.0.77", PROBE_ICMP, 0, 300, &why), 0);
    assert_int_equal(door_probe(door, "red", "10.77.0.1", PROBE_ICMP, 0, 100, &why), 0);
    assert_string_equal(why, "Network is unreachable");
    assert_int_equal(door_probe(door, "nowhere", "10.9.0.2", PROBE_ICMP, 0, 100, &why), -ENOENT);
    assert_int_equal(door_probe(door, "red", "10.9", PROBE_ICMP, 0, 100, &why), -EINVAL);
}

static void changes_interfaces(void **state)
{
    (void)state;
    make_red_blue();
    struct object *red = model_by_id(&model, "interface host/red0");
    red = set(red, "mtu", "1400");
    red = set(red, "isolated", "true");
    red = set(red, "path-cost", "7");
    red = set(red, "mac", "02:00:00:00:00:09");
    struct object *bridge = set(model_by_id(&model, "interface host/br0"), "stp", "true");
    set(bridge, "forward-delay", "4");
    observe();
    see("interface host/red0", "mtu", "1400");
    see("interface host/red0", "isolated", "true");
    see("interface host/red0", "path-cost", "7");
    see("interface host/red0", "mac", "02:00:00:00:00:09");
    see("interface host/br0", "stp", "true");
    see("interface host/br0", "forward-delay", "4");
    red = set(red, "isolated", NULL);
    observe();
    see("interface host/red0", "isolated", "false");
    red = set(red, "master", "");
    red = set(red, "up", "false");
    observe();
    see("interface host/red0", "master", "");
    see("interface host/red0", "up", "false");
    must(add(with(interface(&kind_bridge, HOST, "br1"), "up", "true", NULL)));
    red = object_clone(&model.arena, red);
    red->values[object_find_option(red, "isolated")] = value_number(1);
    set(red, "master", "host/br1");
    observe();
    see("interface host/red0", "master", "host/br1");
    see("interface host/red0", "isolated", "true"); /* said again on joining */
}

static void changes_addresses(void **state)
{
    (void)state;
    make_red_blue();
    struct object *address = model_by_id(&model, "address red/eth0 10.9.0.1/24");
    set(model_by_id(&model, "address red/eth0 fd09::1/64"), "preferred", "50");
    set(address, "metric", "77");
    struct object *far =
        with(new_object(&class_address, NULL, "red"), "dev", "eth0", "address", "10.8.0.1/32", "peer",
             "10.8.0.2", "scope", "link", "noprefixroute", "true", "broadcast", "10.8.0.9", NULL);
    must(add(far));
    observe();
    const struct object *read = seen_object("address red/eth0 fd09::1/64");
    assert_in_range(object_number(read, "preferred", -1), 45, 50);
    assert_true(read->flags & OBJECT_OURS);
    see(address->id, "metric", "77");
    see_as_wanted(far);
    must(del(address));
    must(del(address)); /* gone already */
    observe();
    see_nothing(address->id);
    seen_object("address red/eth0 fd09::1/64");
}

static void makes_routes(void **state)
{
    (void)state;
    make_red_blue();
    const struct class *route = &class_route;
    struct object *plain = with(new_object(route, NULL, "red"), "to", "10.99.0.0/16", "via", "10.9.0.2",
                                "mtu", "1300", "table", "100", "metric", "50", "src", "10.9.0.1", NULL);
    struct object *hole =
        with(new_object(route, NULL, "red"), "to", "fd99::/64", "type", "blackhole", "metric", "1024", NULL);
    struct object *far = with(new_object(route, NULL, "red"), "to", "10.98.0.0/16", "via", "192.0.2.1", "dev",
                              "eth0", "onlink", "true", NULL);
    struct object *six =
        with(new_object(route, NULL, "red"), "to", "::/0", "via", "fd09::2", "metric", "1024", NULL);
    struct object *link =
        with(new_object(route, NULL, "red"), "to", "10.97.0.0/16", "dev", "eth0", "scope", "link", NULL);
    struct object *mixed = with(new_object(route, NULL, "red"), "to", "10.96.0.0/16", "via", "fd09::2", NULL);
    struct object *many = with(new_object(route, NULL, "red"), "to", "0.0.0.0/0", "nexthops",
                               "via 10.9.0.7 dev eth0 weight 3,via 10.9.0.2 dev eth0", NULL);
    struct object *all[] = {plain, hole, far, six, link, mixed, many};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        must(add(all[i]));
    observe();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        see_as_wanted(all[i]);
    assert_string_equal(plain->id, "route red/10.99.0.0/16 table 100 metric 50");
    all[0] = plain = set(plain, "via", "10.9.0.3");
    all[3] = six = set(six, "mtu", "1280");
    observe();
    see(plain->id, "via", "10.9.0.3");
    see(six->id, "mtu", "1280");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        must(del(all[i]));
        must(del(all[i]));
    }
    observe();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        see_nothing(all[i]->id);
    seen_object("route red/10.9.0.0/24");
}

static void makes_rules_and_neighbours(void **state)
{
    (void)state;
    make_red_blue();
    struct object *rule = with(new_object(&class_rule, NULL, "red"), "priority", "100", "from", "10.9.0.0/24",
                               "mark", "7", "table", "100", "family", "ipv4", "iif", "eth0", NULL);
    struct object *six = with(new_object(&class_rule, NULL, "red"), "priority", "101", "to", "fd77::/16",
                              "family", "ipv6", "action", "prohibit", NULL);
    struct object *neighbour = with(new_object(&class_neighbour, NULL, "red"), "dev", "eth0", "ip",
                                    "10.9.0.50", "mac", "02:00:00:00:00:50", NULL);
    struct object *fdb =
        with(new_object(&class_fdb, NULL, HOST), "dev", "red0", "mac", "02:00:00:00:00:51", NULL);
    struct object *all[] = {rule, six, neighbour, fdb};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        must(add(all[i]));
    observe();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        see_as_wanted(all[i]);
    assert_true(seen_object("rule red/32766")->flags & OBJECT_KERNEL);
    assert_true(seen_object(rule->id)->flags & OBJECT_OURS);
    set(neighbour, "mac", "02:00:00:00:00:52");
    observe();
    see(neighbour->id, "mac", "02:00:00:00:00:52");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        must(del(all[i]));
        must(del(all[i]));
    }
    observe();
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        see_nothing(all[i]->id);
}

static void makes_settings(void **state)
{
    (void)state;
    make_red_blue();
    struct object *forward =
        with(new_object(&class_sysctl, NULL, "red"), "name", "net/ipv4/ip_forward", "value", "1", NULL);
    struct object *range = with(new_object(&class_sysctl, NULL, "blue"), "name",
                                "net/ipv4/ip_local_port_range", "value", "20000 30000", NULL);
    struct object *of_link = with(new_object(&class_sysctl, NULL, "red"), "name",
                                  "net/ipv6/conf/eth0/accept_ra", "value", "0", "dev", "eth0", NULL);
    struct object *resolver = with(new_object(&class_resolver, NULL, "red"), "name", "resolver", "servers",
                                   "10.9.0.2,fd09::2", "search", "lab.test,test", NULL);
    must(add(forward));
    must(add(range));
    must(add(of_link));
    must(add(resolver));
    observe();
    see_as_wanted(forward);
    see_as_wanted(range);
    see_as_wanted(of_link);
    see_as_wanted(resolver);
    assert_string_equal(seen_object(resolver->id)->owner, "test");
    set(forward, "value", "0");
    observe();
    see(forward->id, "value", "0");
    must(del(resolver));
    observe();
    see_nothing(resolver->id);
    assert_int_equal(access("/etc/netns/red", F_OK), -1);
    struct object *bad =
        with(new_object(&class_sysctl, NULL, "red"), "name", "net/../kernel/hostname", "value", "x", NULL);
    assert_int_equal(add(bad), -EINVAL);
}

static void makes_taps(void **state)
{
    (void)state;
    make_namespace("red");
    struct object *tap = with(interface(&kind_tap, "red", "tap0"), "up", "true", "owner", "0", "group", "0",
                              "multi-queue", "true", "vnet-header", "true", "mtu", "1400", NULL);
    struct object *tun = with(interface(&kind_tun, HOST, "tun0"), "up", "false", "packet-info", "true", NULL);
    if (access("/dev/net/tun", R_OK | W_OK) < 0)
        skip();
    must(add(tap));
    must(add(tun));
    observe();
    see_as_wanted(tap);
    see_as_wanted(tun);
    see(tap->id, "persistent", "true");
    must(del(tun));
    observe();
    see_nothing(tun->id);
    assert_int_equal(add(tap), -EBUSY);
}

static void makes_other_kinds(void **state)
{
    (void)state;
    make_red_blue();
    struct object *all[] = {
        with(interface(&kind_vxlan, "red", "vx0"), "up", "true", "id", "77", "local", "10.9.0.1", "remote",
             "10.9.0.2", "port", "4789", "mac-learning", "false", NULL),
        with(interface(&kind_vxlan, HOST, "vx1"), "up", "false", "id", "78", "parent", "host/blue0", "port",
             "8472", NULL),
        with(interface(&kind_macvlan, HOST, "mv0"), "up", "true", "parent", "host/br0", "mode", "bridge",
             NULL),
        with(interface(&kind_macvlan, "blue", "mv1"), "up", "true", "parent", "host/br0", "mode", "private",
             NULL),
        with(interface(&kind_vlan, HOST, "br0.5"), "up", "true", "parent", "host/br0", "id", "5", NULL),
        with(interface(&kind_dummy, "red", "dummy0"), "up", "true", "mac", "02:00:00:00:00:77", NULL),
        with(interface(&kind_vrf, "red", "vrf0"), "up", "true", "table", "1000", NULL),
        with(interface(&kind_ipvlan, "blue", "ipv0"), "up", "false", "parent", "blue/eth0", NULL),
        with(interface(&kind_bond, HOST, "bond0"), "up", "true", "mode", "active-backup", "miimon", "200",
             NULL),
        with(interface(&kind_gre, HOST, "gre1"), "up", "false", "local", "10.0.0.1", "remote", "10.0.0.2",
             NULL),
        with(interface(&kind_wireguard, "red", "wg0"), "up", "true", "listen-port", "5555", "private-key",
             "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", NULL),
    };
    size_t n = sizeof all / sizeof all[0];
    bool there[sizeof all / sizeof all[0]];
    for (size_t i = 0; i < n; i++)
        there[i] = add_if_known(all[i]);
    observe();
    for (size_t i = 0; i < n; i++)
        if (there[i])
            see_as_wanted(all[i]);
    struct object *fdb = with(new_object(&class_fdb, NULL, "red"), "dev", "vx0", "mac", "00:00:00:00:00:00",
                              "dst", "10.9.0.3", NULL);
    must(add(fdb));
    observe();
    see_as_wanted(fdb);
    must(del(fdb));
    for (size_t i = 0; i < n; i++)
        must(del(all[i]));
    observe();
    for (size_t i = 0; i < n; i++)
        see_nothing(all[i]->id);
}

static void makes_a_bond_of_ports(void **state)
{
    (void)state;
    make_namespace("red");
    struct object *bond =
        with(interface(&kind_bond, HOST, "bond0"), "up", "true", "mode", "active-backup", NULL);
    if (!add_if_known(bond))
        skip();
    make_pair("p0", "red", "p0", "host/bond0");
    make_pair("p1", "red", "p1", NULL);
    set(model_by_id(&model, "interface host/p1"), "master", "host/bond0");
    observe();
    see("interface host/p0", "master", "host/bond0");
    see("interface host/p0", "up", "true");
    see("interface host/p1", "master", "host/bond0");
    see("interface host/p1", "up", "true");
}

static void sets_vlans(void **state)
{
    (void)state;
    make_red_blue();
    struct object *bridge =
        with(interface(&kind_bridge, HOST, "br9"), "up", "true", "vlan-aware", "true", NULL);
    if (add(bridge) < 0)
        skip();
    struct object *red = model_by_id(&model, "interface host/red0");
    red = object_clone(&model.arena, red);
    red->values[object_find_option(red, "vlans")] = value_text("10 pvid untagged,20-30");
    red = set(red, "master", "host/br9");
    observe();
    see(red->id, "vlans", "10 pvid untagged,20-30");
    red = set(red, "vlans", "20 pvid,25-40");
    observe();
    see(red->id, "vlans", "20 pvid,25-40");
    set(bridge, "vlans", "1 pvid untagged,25");
    observe();
    see(bridge->id, "vlans", "1 pvid untagged,25");
}

static void makes_wireguard_peers(void **state)
{
    (void)state;
    struct object *wg = with(interface(&kind_wireguard, HOST, "wg0"), "up", "true", NULL);
    if (!add_if_known(wg))
        skip();
    struct object *peer = with(new_object(&class_wgpeer, NULL, HOST), "dev", "wg0", "public-key",
                               "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "endpoint", "192.0.2.1:51820",
                               "allowed-ips", "fd00::/64,10.0.0.0/24,0.0.0.0/0", "keepalive", "25", NULL);
    must(add(peer));
    observe();
    see_as_wanted(peer);
    set(peer, "allowed-ips", "10.1.0.0/24");
    observe();
    see(peer->id, "allowed-ips", "10.1.0.0/24");
    must(del(peer));
    observe();
    see_nothing(peer->id);
}

static void attaches_and_lists(void **state)
{
    (void)state;
    make_namespace("red");
    struct object *again =
        with(new_object(&class_namespace, NULL, HOST), "name", "again", "path", "/run/netns/red", NULL);
    must(add(again));
    close(open("/run/netns/stale", O_CREAT | O_RDONLY | O_CLOEXEC, 0600)); /* as a crash leaves it */
    observe();
    see(again->id, "path", "/run/netns/red");
    struct model all CLEANUP_MODEL = {0};
    must(door->ops->observe(door, NULL, true, &all, &errors));
    assert_non_null(model_by_id(&all, "namespace host/red"));
    assert_non_null(model_by_id(&all, "namespace host/again"));
    assert_null(model_by_id(&all, "namespace host/stale"));
    make_namespace("stale");
    assert_int_equal(system("ip netns add foreign 2>/dev/null && ip netns exec red true && ip netns del red"),
                     0);
    observe();
    see_nothing("namespace host/red");
    seen_object("namespace host/again");
    assert_int_equal(system("ip netns del foreign"), 0);
}

/* With fewer descriptors than namespaces; in a child, for limits cannot be taken back. */
static void works_with_few_descriptors(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {.rlim_cur = 40, .rlim_max = 40};
        setrlimit(RLIMIT_NOFILE, &limit);
        struct door *small;
        char name[16];
        if (door_linux("test", &small, &errors) < 0)
            _exit(1);
        door = small;
        for (int i = 0; i < 60; i++) {
            snprintf(name, sizeof name, "many%d", i);
            make_namespace(name);
        }
        observe();
        _exit(model_by_id(&seen, "interface many0/lo") && model_by_id(&seen, "interface many59/lo") ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    for (int i = 0; i < 60; i++) {
        char name[16];
        snprintf(name, sizeof name, "many%d", i);
        with(new_object(&class_namespace, NULL, HOST), "name", name, NULL); /* end() takes them away */
    }
}

enum { MANY = 100 };

/* Each of many, with an address that no other has; every tenth is wanted only. */
static void see_many(void)
{
    observe();
    for (int i = 0; i < MANY; i++) {
        char id[64];
        snprintf(id, sizeof id, "namespace host/many%d", i);
        if (i % 10 == 5) {
            see_nothing(id);
            continue;
        }
        see(id, "name", strchr(id, '/') + 1);
        snprintf(id, sizeof id, "interface many%d/lo", i);
        see(id, "up", "false");
        snprintf(id, sizeof id, "address many%d/lo 10.9.0.%d/32", i, i);
        seen_object(id);
    }
}

/* Enough of them that threads ask ahead: what one was told is not taken for another's, neither when they are
 * seen first, nor when their sockets are kept, nor when a name means another. */
static void looks_at_many(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        char name[16], address[24];
        snprintf(name, sizeof name, "many%d", i);
        snprintf(address, sizeof address, "10.9.0.%d/32", i);
        struct object *ns = with(new_object(&class_namespace, NULL, HOST), "name", name, NULL);
        struct object *own =
            with(new_object(&class_address, NULL, name), "dev", "lo", "address", address, NULL);
        if (i % 10 == 5)
            continue;
        must(add(ns));
        must(add(own));
    }
    see_many();
    see_many();
    door->ops->free(door);
    must(door_linux("test", &door, &errors));
    see_many();
    assert_int_equal(system("ip netns del many7 && ip netns add many7"), 0);
    observe();
    seen_object("interface many7/lo");
    see_nothing("address many7/lo 10.9.0.7/32");
    seen_object("address many8/lo 10.9.0.8/32");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_red_blue, begin, end),
        cmocka_unit_test_setup_teardown(takes_what_exists, begin, end),
        cmocka_unit_test_setup_teardown(probes, begin, end),
        cmocka_unit_test_setup_teardown(changes_interfaces, begin, end),
        cmocka_unit_test_setup_teardown(changes_addresses, begin, end),
        cmocka_unit_test_setup_teardown(makes_routes, begin, end),
        cmocka_unit_test_setup_teardown(makes_rules_and_neighbours, begin, end),
        cmocka_unit_test_setup_teardown(makes_settings, begin, end),
        cmocka_unit_test_setup_teardown(makes_taps, begin, end),
        cmocka_unit_test_setup_teardown(makes_other_kinds, begin, end),
        cmocka_unit_test_setup_teardown(makes_a_bond_of_ports, begin, end),
        cmocka_unit_test_setup_teardown(sets_vlans, begin, end),
        cmocka_unit_test_setup_teardown(makes_wireguard_peers, begin, end),
        cmocka_unit_test_setup_teardown(attaches_and_lists, begin, end),
        cmocka_unit_test_setup_teardown(works_with_few_descriptors, begin, end),
        cmocka_unit_test_setup_teardown(looks_at_many, begin, end),
    };
    return enter_world() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
