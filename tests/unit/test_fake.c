/* The rules of the fake kernel, one small test each. What each says was tried on Linux; tests/vm can try it
 * again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After those four: */
#include <cmocka.h>

#include "kernel/fake/fake.h"
#include "random_say.h"

static struct door *door;
static struct model said; /* keeps what steps point to */
static struct errors errors;

static int open_world(void **state)
{
    (void)state;
    return door_fake(&door);
}

static int close_world(void **state)
{
    (void)state;
    door->ops->free(door);
    model_done(&said);
    errors_done(&errors);
    return 0;
}

static int run(const struct step *step)
{
    size_t done = 0;
    int r = door->ops->run(door, &step, 1, &done, &errors);
    assert_int_equal(done, r == 0);
    return r;
}

/* The far end of a veth is made out of its `peer`. */
static int add(const char *line)
{
    struct object *object = say_new(&said, line);
    model_add(&said, object, NULL); /* for its identity only */
    struct step step = {.verb = VERB_ADD, .new = object};
    const char *peer = object->kind ? object_text(object, "peer") : NULL;
    if (peer) {
        const char *slash = strchr(peer, '/');
        char other[200];
        snprintf(other, sizeof other, "veth %.*s name=%s peer=%s/%s", (int)(slash - peer), peer, slash + 1,
                 object->ns, object->name);
        struct object *far = say_new(&said, other);
        model_add(&said, far, NULL);
        step.peer = far;
    }
    return run(&step);
}

static struct object *look(const char *id, struct model *seen)
{
    assert_int_equal(door->ops->observe(door, &said, true, seen, &errors), 0);
    return model_by_id(seen, id);
}

static bool has(const char *id)
{
    struct model seen CLEANUP_MODEL = {0};
    return look(id, &seen) != NULL;
}

static const char *text(const char *id, const char *key)
{
    struct model seen CLEANUP_MODEL = {0};
    const struct object *object = look(id, &seen);
    assert_non_null(object);
    return arena_strdup(&said.arena, object_text(object, key));
}

static int64_t number(const char *id, const char *key)
{
    struct model seen CLEANUP_MODEL = {0};
    const struct object *object = look(id, &seen);
    assert_non_null(object);
    return object_number(object, key, -1);
}

/* Changes the options that the line says; the object is as it is otherwise. */
static int set(const char *id, const char *line)
{
    struct model seen CLEANUP_MODEL = {0}, world CLEANUP_MODEL = {0};
    const struct object *old = look(id, &seen);
    assert_non_null(old);
    struct object *wish = say_new(&world, line), *new = object_clone(&world.arena, old);
    struct step step = {.verb = VERB_SET, .old = old, .new = new};
    for (unsigned i = 0; i < object_n_options(new); i++)
        if (value_is_set(&wish->values[i])) {
            new->values[i] = wish->values[i];
            option_set_put(&step.changed, i);
        }
    return run(&step);
}

static int del(const char *id)
{
    struct model seen CLEANUP_MODEL = {0};
    const struct object *old = look(id, &seen);
    assert_non_null(old);
    return run(&(struct step){.verb = VERB_DEL, .old = old});
}

/* Two namespaces, a cable with both ends up, an address. */
static void make_cable(void)
{
    assert_int_equal(add("namespace host name=red"), 0);
    assert_int_equal(add("veth host name=a peer=red/b up=true"), 0);
    assert_int_equal(set("interface red/b", "veth red up=true"), 0);
    assert_int_equal(add("address host dev=a address=10.0.0.1/24"), 0);
}

static void test_namespace(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(number("interface red/lo", "up"), 0);
    assert_int_equal(add("namespace host name=red"), -EEXIST);
    assert_int_equal(add("dummy blue name=d"), -ENOENT);
    assert_int_equal(add("rule red priority=7 table=7"), 0);
    assert_int_equal(del("namespace host/red"), 0);
    assert_false(has("interface host/a")); /* its other end was there */
    assert_false(has("rule red/7"));
    assert_false(has("interface red/lo"));
}

static void test_names(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("dummy host name=a"), -EEXIST);
    assert_int_equal(add("dummy red name=a"), 0);
    assert_int_equal(add("physical host name=eth7"), -EOPNOTSUPP);
    assert_int_equal(del("interface host/lo"), -EOPNOTSUPP);
    assert_int_equal(add("bridge host name=br0 mtu=1500 ageing-time=300"), 0);
    assert_int_equal(set("interface host/br0", "bridge host ageing-time=30"), 0);
    assert_int_equal(number("interface host/br0", "ageing-time"), 30);
    assert_int_equal(add("vlan host name=v1 parent=host/a id=1"), 0);
    assert_int_equal(set("interface host/v1", "vlan host id=2"), -EOPNOTSUPP);
}

static void test_range(void **state)
{
    (void)state;
    struct object *vlan = say(&said, "vlan host name=v parent=host/lo");
    object_set_number(&said, vlan, "id", 9999);
    assert_int_equal(run(&(struct step){.verb = VERB_ADD, .new = vlan}), -ERANGE);
}

static void test_pair(void **state)
{
    (void)state;
    make_cable();
    assert_string_equal(text("interface red/b", "peer"), "host/a");
    assert_int_equal(add("veth host name=c peer=red/b"), -EEXIST);
    assert_false(has("interface host/c")); /* whole, or not at all */
    assert_int_equal(del("interface red/b"), 0);
    assert_false(has("interface host/a"));
    assert_false(has("address host/a 10.0.0.1/24"));
}

static void test_deleted_twice(void **state)
{
    (void)state;
    make_cable();
    struct object *b = say(&said, "veth red name=b");
    assert_int_equal(run(&(struct step){.verb = VERB_DEL, .old = b}), 0);
    assert_int_equal(run(&(struct step){.verb = VERB_DEL, .old = b}), 0);
}

static void test_bridge(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("bridge host name=br0"), 0);
    assert_int_equal(add("bridge host name=br1 master=host/br0"), -ELOOP);
    assert_int_equal(add("tun host name=t master=host/br0"), -EINVAL);
    assert_int_equal(set("interface host/lo", "loopback host master=host/br0"), -EINVAL);
    assert_int_equal(set("interface red/b", "veth red master=host/br0"), -ENODEV); /* another namespace */
    assert_int_equal(add("dummy host name=d master=host/a"), -EOPNOTSUPP);
    assert_int_equal(set("interface host/a", "veth host master=host/br0"), 0);
    assert_string_equal(text("interface host/a", "vlans"), "1 pvid untagged");
    assert_int_equal(del("interface host/br0"), 0);
    assert_null(text("interface host/a", "master") && *text("interface host/a", "master") ? "port" : NULL);
}

static void test_bridge_is_full(void **state)
{
    (void)state;
    char line[100];
    assert_int_equal(add("bridge host name=br0"), 0);
    for (int i = 0; i < 1023; i++) {
        snprintf(line, sizeof line, "dummy host name=d%d master=host/br0", i);
        assert_int_equal(add(line), 0);
    }
    assert_int_equal(add("dummy host name=more master=host/br0"), -EXFULL);
    assert_false(has("interface host/more"));
}

static void test_loop(void **state)
{
    (void)state;
    assert_int_equal(add("bridge host name=br0"), 0);
    assert_int_equal(add("vlan host name=v parent=host/br0 id=7 master=host/br0"), -EBUSY);
    assert_int_equal(add("dummy host name=d"), 0);
    assert_int_equal(add("macvlan host name=m parent=host/d"), 0);
    assert_int_equal(set("interface host/d", "dummy host master=host/br0"),
                     -EBUSY); /* its frames are taken */
    assert_int_equal(add("ipvlan host name=i parent=host/d"), -EBUSY);
    assert_int_equal(add("dummy host name=e master=host/br0"), 0);
    assert_int_equal(add("macvlan host name=n parent=host/e"), -EBUSY);
}

static void test_bond(void **state)
{
    (void)state;
    assert_int_equal(add("bond host name=b mtu=1400"), 0);
    assert_int_equal(add("dummy host name=d up=true"), 0);
    assert_int_equal(set("interface host/d", "dummy host master=host/b"), -EPERM);
    assert_int_equal(set("interface host/d", "dummy host up=false"), 0);
    assert_int_equal(set("interface host/d", "dummy host master=host/b"), 0);
    assert_int_equal(number("interface host/d", "up"), 1);
    assert_int_equal(number("interface host/d", "mtu"), 1400);
    assert_int_equal(del("interface host/b"), 0);
    assert_int_equal(number("interface host/d", "up"), 0);
    assert_int_equal(number("interface host/d", "mtu"), 1500);
}

static void test_change_when_down(void **state)
{
    (void)state;
    assert_int_equal(add("bond host name=b mode=802.3ad up=true"), 0);
    assert_int_equal(add("address host dev=b address=10.0.0.1/24"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9"), 0);
    assert_int_equal(set("interface host/b", "bond host lacp-rate=fast"), 0);
    assert_int_equal(number("interface host/b", "up"), 1);
    assert_false(has("route host/10.9.0.0/16")); /* it was down for a moment */
}

static void test_vrf(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("vrf host name=v table=100 up=true"), 0);
    assert_int_equal(add("address host dev=a address=fd00::1/64"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9"), 0);
    assert_int_equal(set("interface host/a", "veth host master=host/v"), 0);
    assert_false(has("route host/10.9.0.0/16"));
    assert_false(has("address host/a fd00::1/64"));
    assert_true(has("route host/10.0.0.0/24 table 100"));
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9"), -ENETUNREACH);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9 dev=a"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9 table=100"), 0);
    assert_int_equal(add("vrf host name=w table=101 master=host/v"), -EINVAL);
}

static void test_vlan(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("vlan red name=v10 parent=host/nix id=10"), -ENODEV);
    assert_int_equal(add("vlan red name=v10 parent=host/a id=10 up=true"), 0); /* another namespace is fine */
    assert_int_equal(add("vlan host name=w10 parent=host/a id=10"), -EEXIST);
    assert_int_equal(set("interface host/a", "veth host up=false"), 0);
    assert_int_equal(number("interface red/v10", "up"), 0);
    assert_int_equal(set("interface red/v10", "vlan red up=true"), -ENETDOWN);
    assert_int_equal(set("interface host/a", "veth host up=true"), 0);
    assert_int_equal(number("interface red/v10", "up"), 1); /* nobody asked for it */
    assert_int_equal(set("interface red/v10", "vlan red mtu=9000"), -ERANGE);
    assert_int_equal(del("interface host/a"), 0);
    assert_false(has("interface red/v10"));
}

static void test_macvlan_up_on_parent_down(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(set("interface host/a", "veth host up=false"), 0);
    assert_int_equal(add("macvlan host name=m parent=host/a up=true"), 0);
    assert_int_equal(number("interface host/m", "up"), 1);
}

static void test_mtu(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("vlan host name=v parent=host/a id=10"), 0);
    assert_int_equal(add("address host dev=a address=fd00::1/64"), 0);
    assert_int_equal(set("interface host/a", "veth host mtu=1200"), 0);
    assert_int_equal(number("interface host/v", "mtu"), 1200);
    assert_false(has("address host/a fd00::1/64"));
    assert_true(has("address host/a 10.0.0.1/24"));
    assert_int_equal(add("address host dev=a address=fd00::1/64"), -EINVAL);
    assert_int_equal(set("interface host/a", "veth host mtu=1500"), 0);
    assert_int_equal(number("interface host/v", "mtu"), 1200);
}

static void test_addresses(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("address host dev=nix address=10.0.0.1/24"), -ENODEV);
    assert_int_equal(add("address host dev=a address=10.0.0.1/24"), -EEXIST);
    assert_int_equal(add("address host dev=a address=10.0.0.1/16"), 0);
    assert_int_equal(add("address host dev=a address=fd00::1/64"), 0);
    assert_int_equal(add("address host dev=a address=fd00::1/72"),
                     -EEXIST); /* IPv6 minds the address alone */
    assert_int_equal(set("interface host/a", "veth host up=false"), 0);
    assert_true(has("address host/a 10.0.0.1/24"));
    assert_false(has("address host/a fd00::1/64"));
    assert_int_equal(add("address host dev=a address=fd00::1/64"), 0); /* while down */
}

static void test_secondaries(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("address host dev=a address=10.0.0.2/24"), 0);
    assert_int_equal(add("address host dev=a address=10.0.0.3/25"), 0); /* a network of its own */
    assert_int_equal(del("address host/a 10.0.0.1/24"), 0);
    assert_false(has("address host/a 10.0.0.2/24"));
    assert_true(has("address host/a 10.0.0.3/25"));
}

static void test_last_address(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("neighbour host dev=a ip=10.0.0.9 mac=02:00:00:00:00:09"), 0);
    assert_int_equal(add("neighbour host dev=a ip=fd00::9 mac=02:00:00:00:00:09"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9 table=77"), 0);
    assert_int_equal(add("route host to=10.7.0.0/16 type=blackhole"), 0);
    assert_int_equal(del("address host/a 10.0.0.1/24"), 0);
    assert_false(has("route host/10.9.0.0/16 table 77"));
    assert_false(has("neighbour host/a 10.0.0.9"));
    assert_true(has("neighbour host/a fd00::9"));
    assert_true(has("route host/10.7.0.0/16"));
}

static void test_other_address(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("address host dev=a address=10.1.0.1/24"), 0);
    assert_int_equal(add("route host to=10.8.0.0/16 via=10.1.0.9"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9 src=10.1.0.1"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9 src=10.1.0.1 table=7"), 0);
    assert_int_equal(del("address host/a 10.1.0.1/24"), 0);
    assert_true(has("route host/10.8.0.0/16")); /* Linux does not look again */
    assert_false(has("route host/10.9.0.0/16"));
    assert_true(has("route host/10.9.0.0/16 table 7"));
}

static void test_source_of_ipv6(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("address host dev=a address=fd00::1/64"), 0);
    assert_int_equal(add("address host dev=a address=fd01::1/64"), 0);
    assert_int_equal(add("route host to=fd09::/64 metric=1024 via=fd00::9 src=fd01::2"), -EINVAL);
    assert_int_equal(add("route host to=fd09::/64 metric=1024 via=fd00::9 src=fd01::1"), 0);
    assert_int_equal(del("address host/a fd01::1/64"), 0);
    assert_true(has("route host/fd09::/64 metric 1024"));
    assert_string_equal(text("route host/fd09::/64 metric 1024", "src"), "");
}

static void test_gateways(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.77.0.1"), -ENETUNREACH);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.77.0.1 dev=a"), -ENETUNREACH);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.77.0.1 dev=a onlink=true"), 0);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9"), -EEXIST);
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9 metric=5"), 0);
    assert_string_equal(text("route host/10.9.0.0/16 metric 5", "dev"), "a");
    assert_int_equal(add("route host to=10.6.0.0/16 via=10.9.0.1"), -ENETUNREACH); /* by another gateway */
    assert_int_equal(add("route host to=10.5.0.0/16 dev=a"), 0);
    assert_int_equal(add("route host to=10.6.0.0/16 via=10.5.0.1"), 0);
    assert_int_equal(add("route host to=fd09::/64 metric=1024 via=fd00::9"), -EHOSTUNREACH);
    assert_int_equal(add("route host to=fd09::/64 metric=1024 via=fe80::9"), -EINVAL);
    assert_int_equal(add("route host to=fd09::/64 metric=1024 via=fe80::9 dev=a"), 0);
    assert_int_equal(add("address host dev=a address=fd00::1/64"), 0);
    assert_int_equal(add("route host to=fd08::/64 metric=1024 via=fd00::1"), -EINVAL); /* itself */
    assert_int_equal(add("route host to=10.0.0.0/24 dev=a"), -EEXIST);                 /* the kernel's own */
    assert_int_equal(set("route host/10.6.0.0/16", "route host via=10.88.0.1"), -ENETUNREACH);
    assert_int_equal(add("route host to=10.4.0.0/16 nexthops=via+10.0.0.7,via+10.77.0.8"), -ENETUNREACH);
    assert_int_equal(add("route host to=10.4.0.0/16 nexthops=via+10.0.0.7,via+10.0.0.8+dev+a"), 0);
}

static void test_routes_of_down(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("route host to=10.9.0.0/16 via=10.0.0.9"), 0);
    assert_int_equal(add("neighbour host dev=a ip=10.0.0.9 mac=02:00:00:00:00:09"), 0);
    assert_int_equal(set("interface host/a", "veth host up=false"), 0);
    assert_false(has("route host/10.9.0.0/16"));
    assert_false(has("neighbour host/a 10.0.0.9"));
    assert_int_equal(add("route host to=10.9.0.0/16 dev=a"), -ENETDOWN);
    assert_int_equal(add("neighbour host dev=a ip=10.0.0.9 mac=02:00:00:00:00:09"), 0);
    assert_int_equal(set("interface host/a", "veth host up=true"), 0);
    assert_true(has("neighbour host/a 10.0.0.9"));
    assert_int_equal(set("interface host/a", "veth host mac=02:00:00:00:00:55"), 0);
    assert_false(has("neighbour host/a 10.0.0.9"));
}

static void test_blackholes(void **state)
{
    (void)state;
    assert_int_equal(add("namespace host name=red"), 0);
    assert_int_equal(add("route red to=fd05::/64 metric=1024 type=blackhole"), 0); /* though lo is down */
    assert_int_equal(set("interface red/lo", "loopback red up=true"), 0);
    assert_true(has("route red/fd05::/64 metric 1024"));
    assert_int_equal(set("interface red/lo", "loopback red up=false"), 0);
    assert_false(has("route red/fd05::/64 metric 1024"));
}

static void test_rules(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("rule host priority=100 from=10.0.0.0/8 table=7"), 0);
    assert_int_equal(add("rule host priority=100 from=10.0.0.0/8 table=7"), -EEXIST);
    assert_int_equal(add("rule host priority=101 iif=a table=7"), 0);
    assert_int_equal(del("interface host/a"), 0);
    assert_true(has("rule host/101 iif a")); /* detached */
    assert_int_equal(del("rule host/101 iif a"), 0);
}

static void test_fdb(void **state)
{
    (void)state;
    make_cable();
    assert_int_equal(add("fdb host dev=a mac=02:00:00:00:00:66"), -EOPNOTSUPP);
    assert_int_equal(add("bridge host name=br0 vlan-aware=true"), 0);
    assert_int_equal(set("interface host/a", "veth host master=host/br0"), 0);
    assert_int_equal(add("fdb host dev=a mac=02:00:00:00:00:66"), 0);
    assert_int_equal(add("fdb host dev=a mac=02:00:00:00:00:66"), -EEXIST);
    assert_int_equal(add("fdb host dev=a mac=02:00:00:00:00:66 vlan=30"), -EINVAL);
    assert_int_equal(set("interface host/a", "veth host vlans=20-30"), 0);
    assert_int_equal(add("fdb host dev=a mac=02:00:00:00:00:66 vlan=30"), 0);
    assert_int_equal(set("interface host/a", "veth host up=false"), 0);
    assert_true(has("fdb host/a 02:00:00:00:00:66"));
    assert_int_equal(set("interface host/a", "veth host master="), 0);
    assert_false(has("fdb host/a 02:00:00:00:00:66"));
    assert_int_equal(set("interface host/a", "veth host vlans=20-30"), -EOPNOTSUPP);
}

static void test_sysctl(void **state)
{
    (void)state;
    make_cable();
    say(&said, "sysctl host name=net/ipv4/ip_forward");
    struct object *own = say(&said, "sysctl host name=net/ipv4/conf/a/forwarding value=1 dev=a");
    assert_string_equal(text("sysctl host/net/ipv4/ip_forward", "value"), "0");
    assert_int_equal(set("sysctl host/net/ipv4/ip_forward", "sysctl host value=1"), 0);
    assert_string_equal(text("sysctl host/net/ipv4/ip_forward", "value"), "1");
    assert_int_equal(run(&(struct step){.verb = VERB_SET, .old = own, .new = own}), 0);
    assert_int_equal(del("interface host/a"), 0);
    assert_false(has("sysctl host/net/ipv4/conf/a/forwarding"));
    assert_int_equal(run(&(struct step){.verb = VERB_SET, .old = own, .new = own}), -ENOENT);
}

static void test_marks(void **state)
{
    (void)state;
    struct model foreign CLEANUP_MODEL = {0};
    say(&foreign, "physical host name=eth0 up=true");
    say(&foreign, "address host dev=eth0 address=192.0.2.1/24");
    assert_int_equal(fake_foreign(door, &foreign, &errors), 0);
    fake_topology(door, "lab");
    assert_int_equal(add("route host to=10.9.0.0/16 via=192.0.2.9"), 0);
    struct model seen CLEANUP_MODEL = {0};
    assert_string_equal(look("route host/10.9.0.0/16", &seen)->owner, "lab");
    assert_null(model_by_id(&seen, "interface host/eth0")->owner);
    assert_int_equal(model_by_id(&seen, "address host/eth0 192.0.2.1/24")->flags, 0);
    assert_int_equal(model_by_id(&seen, "route host/192.0.2.0/24")->flags, OBJECT_KERNEL);
    assert_int_equal(del("interface host/eth0"), -EOPNOTSUPP);
}

static void test_hidden_peer(void **state)
{
    (void)state;
    make_cable();
    struct model nothing CLEANUP_MODEL = {0}, seen CLEANUP_MODEL = {0};
    assert_int_equal(door->ops->observe(door, &nothing, false, &seen, &errors), 0);
    assert_string_equal(object_text(model_by_id(&seen, "interface host/a"), "peer"), "?");
    assert_null(model_by_id(&seen, "interface red/b"));
}

static void test_lacks(void **state)
{
    (void)state;
    struct model wanted CLEANUP_MODEL = {0};
    say(&wanted, "bond host name=b");
    assert_int_equal(door->ops->lacks(door, &wanted, &errors), 0);
    fake_lack(door, "BONDING");
    assert_int_equal(door->ops->lacks(door, &wanted, &errors), -EOPNOTSUPP);
    assert_non_null(strstr(errors.first->message, "CONFIG_BONDING"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_namespace),
        TEST(test_names),
        TEST(test_range),
        TEST(test_pair),
        TEST(test_deleted_twice),
        TEST(test_bridge),
        TEST(test_bridge_is_full),
        TEST(test_loop),
        TEST(test_bond),
        TEST(test_change_when_down),
        TEST(test_vrf),
        TEST(test_vlan),
        TEST(test_macvlan_up_on_parent_down),
        TEST(test_mtu),
        TEST(test_addresses),
        TEST(test_secondaries),
        TEST(test_last_address),
        TEST(test_other_address),
        TEST(test_source_of_ipv6),
        TEST(test_gateways),
        TEST(test_routes_of_down),
        TEST(test_blackholes),
        TEST(test_rules),
        TEST(test_fdb),
        TEST(test_sysctl),
        TEST(test_marks),
        TEST(test_hidden_peer),
        TEST(test_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
