/* The Linux door against the running kernel, without planner and files: objects are built by hand, steps are run, and
 * what is observed is compared.
 *
 * All of it happens in a world of its own: new network and mount namespaces (and a user namespace, for who is not root), with
 * empty file systems on /run and /etc. Where that is not allowed, or the kernel lacks a kind, tests are skipped and say so. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/door.h"
#include "kernel/probe.h"
#include "model/classes.h"
#include "model/kinds.h"

static struct door *door;
static struct model model, seen;
static struct errors errors;

static struct object *new_object(const struct class *class, const struct kind *kind, const char *ns)
{
    return model_new(&model, class, kind, ns);
}

/* Sets options given as "key", "written value", ..., NULL, and adds the object. */
static struct object *with(struct object *object, ...)
{
    va_list args;
    va_start(args, object);
    for (const char *key; (key = va_arg(args, const char *));) {
        const char *written = va_arg(args, const char *), *expected = NULL, *near = NULL;
        int i = object_find_option(object, key);
        assert_true(i >= 0);
        if (object_option(object, (unsigned)i)->flags & OPTION_LIST)
            object->values[i] = value_text(arena_strdup(&model.arena, written));
        else if (option_parse(object_option(object, (unsigned)i), written, &model.arena, &object->values[i],
                              &expected, &near) < 0)
            fail_msg("%s: %s: expected %s", key, written, expected);
    }
    va_end(args);
    struct object *other = NULL;
    return model_add(&model, object, &other) == 0 ? object : other;
}

static struct object *interface(const struct kind *kind, const char *ns, const char *name)
{
    struct object *object = new_object(&class_interface, kind, ns);
    object_set_text(&model, object, "name", name);
    return object;
}

static int run_one(const struct step *step)
{
    size_t done = 0;
    int r = door->ops->run(door, &step, 1, &done, &errors);
    assert_int_equal(done, r == 0);
    return r;
}

static void must(int r)
{
    if (r < 0 && errors.first)
        errors_print(&errors, stderr, false);
    assert_int_equal(r, 0);
}

static int add_with_peer(const struct object *object, const struct object *peer)
{
    const struct step step = {.verb = VERB_ADD, .new = object, .peer = peer};
    return run_one(&step);
}

static int add(const struct object *object)
{
    return add_with_peer(object, NULL);
}

static int del(const struct object *object)
{
    const struct step step = {.verb = VERB_DEL, .old = object};
    return run_one(&step);
}

/* A SET of one option; returns what the object is then. */
static struct object *set(const struct object *old, const char *key, const char *written)
{
    struct object *new = object_clone(&model.arena, old);
    int i = object_find_option(new, key);
    const char *expected = NULL, *near = NULL;
    assert_true(i >= 0);
    new->values[i] = (struct value){0};
    if (written && (object_option(new, (unsigned)i)->flags & OPTION_LIST || !*written))
        new->values[i] = value_text(arena_strdup(&model.arena, written));
    else if (written)
        assert_int_equal(option_parse(object_option(new, (unsigned)i), written, &model.arena, &new->values[i],
                                      &expected, &near),
                         0);
    struct step step = {.verb = VERB_SET, .old = old, .new = new};
    step.changed[i / 64] |= UINT64_C(1) << (i % 64);
    must(run_one(&step));
    return new;
}

static void observe(void)
{
    model_done(&seen);
    must(door->ops->observe(door, &model, false, &seen, &errors));
}

static const struct object *seen_object(const char *id)
{
    const struct object *object = model_by_id(&seen, id);
    if (!object)
        fail_msg("not observed: %s", id);
    return object;
}

static void see(const char *id, const char *key, const char *expected)
{
    const struct object *object = seen_object(id);
    struct text text CLEANUP_TEXT = {0};
    int i = object_find_option(object, key);
    assert_true(i >= 0);
    option_format(object_option(object, (unsigned)i), &object->values[i], &text);
    if (strcmp(text_of(&text), expected) != 0)
        fail_msg("%s: %s is `%s`, not `%s`", id, key, text_of(&text), expected);
}

/* Every option that is set in the wanted object is observed with the same value. */
static void see_as_wanted(const struct object *wanted)
{
    const struct object *object = seen_object(wanted->id);
    assert_ptr_equal(object->kind, wanted->kind);
    for (unsigned i = 0; i < object_n_options(wanted); i++) {
        const struct option *option = object_option(wanted, i);
        struct text a CLEANUP_TEXT = {0}, b CLEANUP_TEXT = {0};
        if (!value_is_set(&wanted->values[i]) || option->flags & OPTION_UNSEEN)
            continue;
        option_format(option, &wanted->values[i], &a);
        option_format(option, &object->values[i], &b);
        if (!value_equal(&wanted->values[i], &object->values[i]))
            fail_msg("%s: %s is `%s`, not `%s`", wanted->id, option->key, text_of(&b), text_of(&a));
    }
}

static void see_nothing(const char *id)
{
    if (model_by_id(&seen, id))
        fail_msg("observed, but should be gone: %s", id);
}

static struct object *make_namespace(const char *name)
{
    struct object *ns = with(new_object(&class_namespace, NULL, HOST), "name", name, NULL);
    must(add(ns));
    return ns;
}

/* A pair between the host and a namespace, the far end raised. */
static void make_pair(const char *near, const char *ns, const char *far, const char *master)
{
    char ref[64];
    struct object *a = interface(&kind_veth, HOST, near), *b = interface(&kind_veth, ns, far);
    snprintf(ref, sizeof ref, "%s/%s", ns, far);
    a = with(a, "up", "true", "peer", ref, master ? "master" : NULL, master, NULL);
    snprintf(ref, sizeof ref, HOST "/%s", near);
    b = with(b, "up", "false", "peer", ref, NULL);
    must(add_with_peer(a, b));
    set(b, "up", "true");
}

/* The object as it is observed and wanted is forgotten by the next test. */
static int begin(void **state)
{
    (void)state;
    return door_linux("test", &door, &errors);
}

static int end(void **state)
{
    (void)state;
    observe();
    struct step *steps = calloc(seen.n_objects + 1, sizeof *steps);
    size_t n = 0;
    model_each(&seen, object)
    {
        bool link = object->class->id == CLASS_INTERFACE && strcmp(object->ns, HOST) == 0 && object->owner;
        if (object->class->id == CLASS_NAMESPACE || link)
            steps[n++] = (struct step){.verb = VERB_DEL, .old = object};
    }
    for (size_t i = 0; i < n; i++)
        must(run_one(&steps[i]));
    free(steps);
    door->ops->free(door);
    model_done(&model);
    model_done(&seen);
    errors_done(&errors);
    errors = (struct errors){0};
    return 0;
}

static void makes_red_blue(void **state)
{
    (void)state;
    struct object *bridge =
        with(interface(&kind_bridge, HOST, "br0"), "up", "false", "ageing-time", "20", NULL);
    must(add(bridge));
    make_namespace("red");
    make_namespace("blue");
    make_pair("red0", "red", "eth0", HOST "/br0");
    make_pair("blue0", "blue", "eth0", HOST "/br0");
    must(add(with(new_object(&class_address, NULL, "red"), "dev", "eth0", "address", "10.9.0.1/24", NULL)));
    must(add(with(new_object(&class_address, NULL, "blue"), "dev", "eth0", "address", "10.9.0.2/24", NULL)));
    must(add(with(new_object(&class_address, NULL, "blue"), "dev", "eth0", "address", "fd09::2/64", NULL)));
    must(add(with(new_object(&class_address, NULL, "red"), "dev", "eth0", "address", "fd09::1/64", NULL)));
    set(bridge, "up", "true");
    observe();
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
    makes_red_blue(state);
    assert_int_equal(door_probe(door, "red", "10.9.0.2", PROBE_ICMP, 0, 3000, &why), 1);
    assert_int_equal(door_probe(door, "red", "fd09::2", PROBE_ICMP, 0, 5000, &why), 1);
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
    makes_red_blue(state);
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
    makes_red_blue(state);
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
    makes_red_blue(state);
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
    makes_red_blue(state);
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
    makes_red_blue(state);
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

/* Adds it, unless the kernel has no such kind. */
static bool add_if_known(struct object *object)
{
    int r = add(object);
    if (r == -EOPNOTSUPP) {
        assert_non_null(strstr(errors.last->message, "Unknown device type"));
        print_message("[   SKIP   ] this kernel has no %s\n", object->kind->name);
        return false;
    }
    must(r);
    return true;
}

static void makes_other_kinds(void **state)
{
    makes_red_blue(state);
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
    makes_red_blue(state);
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

/* `lo` cannot be deleted, so the whole group is refused: the rest goes one by one up to it, and what is left is as it was. */
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
    makes_red_blue(state);
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
        for (size_t i = round == 1 ? 3 : 0; i < N; i++) { /* Linux 6.1 keeps the protocol of a changed address */
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
    makes_red_blue(state);
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
    struct step step = {.verb = VERB_SET, .old = mtu, .new = small, .changed = {UINT64_C(1) << i}};
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

static bool write_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A world of its own; false where that is not allowed. */
static bool enter_world(void)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWNET | CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)) < 0)
        return false;
    if (uid) {
        snprintf(map, sizeof map, "0 %u 1", uid);
        bool ok = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %u 1", gid);
        if (!ok || !write_file("/proc/self/gid_map", map))
            return false;
    }
    return mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("test", "/run", "tmpfs", 0, "mode=755") == 0 &&
           mount("test", "/etc", "tmpfs", 0, "mode=755") == 0;
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
        cmocka_unit_test_setup_teardown(deletes_many_at_once, begin, end),
        cmocka_unit_test_setup_teardown(deletes_one_by_one_what_was_refused, begin, end),
        cmocka_unit_test_setup_teardown(makes_foreign_objects_without_a_mark, begin, end),
        cmocka_unit_test_setup_teardown(knows_a_master_in_a_namespace_made_again, begin, end),
        cmocka_unit_test_setup_teardown(names_what_was_refused, begin, end),
        cmocka_unit_test_setup_teardown(says_what_is_lacking, begin, end),
        cmocka_unit_test_setup_teardown(says_which_option_is_lacking, begin, end),
        cmocka_unit_test_setup_teardown(attaches_and_lists, begin, end),
        cmocka_unit_test_setup_teardown(works_with_few_descriptors, begin, end),
    };
    if (!enter_world()) {
        fprintf(stderr, "SKIP: no namespaces of its own here: %s\n", strerror(errno));
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
