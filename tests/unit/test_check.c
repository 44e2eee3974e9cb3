/* The semantic check on models that no file made, as they come from the API: what the reader would have
 * refused before, and that a good model passes without a word. The wording for files is in test_file_bad.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/check.h"

#define CLEANUP __attribute__((cleanup(topology_done)))

static struct object *interface(struct topology *t, const char *ns, const char *kind, const char *name)
{
    struct object *object = model_new(&t->model, classes[CLASS_INTERFACE], kind_by_name(kind), ns);
    object_set_text(&t->model, object, "name", name);
    object_set_number(&t->model, object, "up", 1);
    assert_int_equal(model_add(&t->model, object, NULL), 0);
    return object;
}

static void namespace(struct topology *t, const char *name)
{
    struct object *object = model_new(&t->model, classes[CLASS_NAMESPACE], NULL, HOST);
    object_set_text(&t->model, object, "name", name);
    assert_int_equal(model_add(&t->model, object, NULL), 0);
}

static struct object *address(struct topology *t, const char *ns, const char *dev, const char *text)
{
    struct object *object = model_new(&t->model, classes[CLASS_ADDRESS], NULL, ns);
    object_set_text(&t->model, object, "dev", dev);
    object_set_text(&t->model, object, "address", text);
    assert_int_equal(model_add(&t->model, object, NULL), 0);
    return object;
}

static struct object *route(struct topology *t, const char *ns, const char *to, const char *via,
                            const char *dev)
{
    struct object *object = model_new(&t->model, classes[CLASS_ROUTE], NULL, ns);
    object_set_text(&t->model, object, "to", to);
    if (via)
        object_set_text(&t->model, object, "via", via);
    if (dev)
        object_set_text(&t->model, object, "dev", dev);
    assert_int_equal(model_add(&t->model, object, NULL), 0);
    return object;
}

/* Checks, and compares all that is printed. */
static void check(const struct topology *t, const char *expected)
{
    CLEANUP_ERRORS struct errors errors = {0};
    char *text = NULL;
    size_t size;
    int r = topology_check(t, &errors);
    FILE *stream = open_memstream(&text, &size);
    errors_print(&errors, stream, false);
    fclose(stream);
    assert_string_equal(text, expected);
    assert_int_equal(r<0, errors.n_errors> 0);
    free(text);
}

static void test_good(void **state)
{
    CLEANUP struct topology t = {0};
    (void)state;
    namespace(&t, "red");
    interface(&t, HOST, "bridge", "br0");
    struct object *near = interface(&t, HOST, "veth", "red-eth0"),
                  *far = interface(&t, "red", "veth", "eth0");
    object_set_text(&t.model, near, "peer", "red/eth0");
    object_set_text(&t.model, near, "master", "host/br0");
    object_set_text(&t.model, far, "peer", "host/red-eth0");
    address(&t, HOST, "br0", "10.0.0.1/24");
    address(&t, "red", "eth0", "10.0.0.2/24");
    route(&t, "red", "0.0.0.0/0", "10.0.0.1", "eth0");
    route(&t, "red", "10.9.0.1/32", NULL, "eth0");
    route(&t, "red", "10.8.0.0/16", "10.9.0.1", NULL); /* on the link by the route before */
    check(&t, "");
}

static void test_references(void **state)
{
    CLEANUP struct topology t = {0};
    (void)state;
    struct object *dummy = interface(&t, HOST, "dummy", "d0"), *vlan = interface(&t, HOST, "vlan", "v0");
    struct object *veth = interface(&t, HOST, "veth", "v1");
    interface(&t, HOST, "bridge", "br0");
    object_set_text(&t.model, dummy, "master", "host/br1");
    object_set_text(&t.model, vlan, "parent", "host/eth0");
    object_set_number(&t.model, vlan, "id", 5);
    object_set_text(&t.model, veth, "peer", "red/eth0");
    address(&t, HOST, "d1", "10.0.0.1/24");
    check(&t, "plexus: error: `master` of `d0`: there is no interface `host/br1`\n"
              "       did you mean `host/br0`?\n"
              "plexus: error: `parent` of `v0`: there is no interface `host/eth0`\n"
              "plexus: error: `peer` of `v1`: there is no interface `red/eth0`\n"
              "plexus: error: there is no interface `host/d1`\n"
              "       did you mean `d0`?\n");
}

static void test_peer_of_another(void **state)
{
    CLEANUP struct topology t = {0};
    (void)state;
    const char *const peers[3] = {"host/v1", "host/v0", "host/v0"};
    for (unsigned i = 0; i < 3; i++) {
        char name[] = "v0";
        name[1] = (char)('0' + i);
        object_set_text(&t.model, interface(&t, HOST, "veth", name), "peer", peers[i]);
    }
    check(&t, "plexus: error: the peer of `v2` is `host/v0`, whose peer is another\n");
}

static void test_ranges(void **state)
{
    CLEANUP struct topology t = {0};
    (void)state;
    object_set_number(&t.model, interface(&t, HOST, "dummy", "d0"), "mtu", 70000);
    struct object *vlan = interface(&t, HOST, "vlan", "v0");
    object_set_text(&t.model, vlan, "parent", "host/d0");
    object_set_number(&t.model, vlan, "id", 4095);
    check(&t, "plexus: error: `mtu` cannot be 70000: expected a number from 68 to 65535\n"
              "plexus: error: `id` cannot be 4095: expected a number from 1 to 4094\n");
}

static void test_gateways(void **state)
{
    CLEANUP struct topology t = {0};
    (void)state;
    namespace(&t, "red");
    interface(&t, "red", "dummy", "d0");
    interface(&t, "red", "dummy", "d1");
    interface(&t, HOST, "physical", "eth0");
    address(&t, "red", "d0", "10.0.0.1/24");
    object_set_text(&t.model, address(&t, "red", "d1", "10.5.0.1/32"), "peer", "10.5.0.2");
    route(&t, "red", "10.1.0.0/16", "10.0.0.2", "d0");
    route(&t, "red", "10.2.0.0/16", "10.5.0.2", "d1"); /* the peer of an address */
    route(&t, "red", "10.3.0.0/16", "10.0.0.2", "d1"); /* on the other link */
    object_set_number(&t.model, route(&t, "red", "10.4.0.0/16", "10.7.0.1", "d1"), "onlink", 1);
    route(&t, HOST, "10.6.0.0/16", "192.168.1.1", "eth0"); /* hardware has addresses that we do not know */
    route(&t, HOST, "10.7.0.0/16", "192.168.1.1", NULL);
    check(&t, "plexus: error: gateway 10.0.0.2 is not reachable: no address of `d1` has it in its network\n"
              "       a gateway must be in a network that an interface has an address of; `onlink: true` in "
              "a route "
              "takes it as it is\n");
}

/* One address on several links: allowed where Linux and the field do it. */
static void test_shared_addresses(void **state)
{
    CLEANUP struct topology t = {0};
    (void)state;
    static const char *const names[] = {"d0", "d1", "d2", "d3"};
    for (unsigned i = 0; i < 4; i++)
        interface(&t, HOST, "dummy", names[i]);
    object_set_number(&t.model, interface(&t, HOST, "vrf", "vrf1"), "table", 5);
    object_set_text(&t.model, model_interface(&t.model, HOST, "d3"), "master", "host/vrf1");
    address(&t, HOST, "d0", "10.0.0.1/32");
    address(&t, HOST, "d1", "10.0.0.1/32"); /* unnumbered */
    address(&t, HOST, "d0", "fe80::1/64");
    address(&t, HOST, "d1", "fe80::1/64"); /* of its link only */
    address(&t, HOST, "d2", "10.0.1.1/24");
    address(&t, HOST, "d3", "10.0.1.1/24"); /* in another VRF */
    check(&t, "");
    address(&t, HOST, "d1", "10.0.1.1/16");
    check(&t, "plexus: error: address 10.0.1.1 is given twice in the host\n"
              "       `d2` has it already\n");
}

/* What was not read well is not judged, nor is what refers to it. */
static void test_broken(void **state)
{
    CLEANUP struct topology t = {0};
    CLEANUP_MAP struct map broken = {0};
    CLEANUP_ERRORS struct errors errors = {0};
    (void)state;
    interface(&t, HOST, "vlan", "v0"); /* neither parent nor id */
    object_set_text(&t.model, interface(&t, HOST, "dummy", "d0"), "master", "host/br0");
    map_set(&broken, "interface host/v0", &t);
    map_set(&broken, "interface host/br0", &t);
    assert_int_equal(check_topology(&t, &broken, &errors), 0);
    assert_null(errors.first);
}

static void test_expectations(void **state)
{
    CLEANUP struct topology t = {0};
    struct expectation good = {.from = HOST, .to = "10.0.0.1"},
                       bad = {.from = "red", .to = HOST, .next = &good};
    (void)state;
    t.expectations = &bad;
    check(&t, "plexus: error: there is nothing called `red`\n");
}

/* Errors come by place, those without one first, and a repeated one once. */
static void test_sort(void **state)
{
    CLEANUP_ERRORS struct errors errors = {0};
    const struct place places[] = {
        {.file = "b", .line = 9, .column = 1},
        {.file = "a", .line = 2, .column = 5},
        {.file = "b", .line = 3, .column = 7},
        {.file = "b", .line = 3, .column = 2},
        {.file = NULL},
        {.file = "b", .line = 3, .column = 7},
    };
    static const char *const expected[] = {"4", "3", "2", "0", "1"};
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        errors_add(&errors, &places[i], "%u", i == 5 ? 2 : i);
    check_sort(&errors);
    assert_int_equal(errors.n_errors, 5);
    unsigned i = 0;
    for (const struct error *error = errors.first; error; error = error->next)
        assert_string_equal(error->message, expected[i++]);
    assert_int_equal(i, 5);
    assert_string_equal(errors.last->message, "1");
}

/* Many of everything: no step of the check looks at all pairs. */
static void test_many(void **state)
{
    CLEANUP struct topology t = {0};
    enum { MANY = 20000 };
    (void)state;
    interface(&t, HOST, "dummy", "d");
    for (unsigned i = 0; i < MANY; i++) {
        char name[16], text[32], to[32], via[32];
        snprintf(name, sizeof name, "v%u", i);
        snprintf(text, sizeof text, "10.%u.%u.1/24", i / 200, i % 200);
        snprintf(via, sizeof via, "10.%u.%u.2", i / 200, i % 200);
        snprintf(to, sizeof to, "172.%u.%u.0/24", i / 200, i % 200);
        struct object *vlan = interface(&t, HOST, "vlan", name);
        object_set_text(&t.model, vlan, "parent", "host/d");
        object_set_number(&t.model, vlan, "id", 1 + i % 4094);
        address(&t, HOST, name, text);
        route(&t, HOST, to, via, NULL);
    }
    check(&t, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_peer_of_another),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_gateways),
        cmocka_unit_test(test_shared_addresses),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
