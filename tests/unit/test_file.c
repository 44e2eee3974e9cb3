/* Network files to models: what each notation means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/text.h"
#include "file/manual.h"
#include "file/read.h"
#include "file/schema.h"
#include "file/source.h"
#include "file/yaml.h"
#include "model/option.h"

/* Reads and checks; the test fails with the printed mistakes if there are any. */
static void read_good(const char *yaml, struct topology *ret)
{
    CLEANUP_ERRORS struct errors errors = {0};
    int r = file_read_text("lab.yaml", yaml, strlen(yaml), ret, &errors);
    if (r == 0)
        r = topology_check(ret, &errors);
    if (r < 0)
        errors_print(&errors, stderr, false);
    assert_int_equal(r, 0);
}

static const struct object *get(const struct topology *topology, const char *id)
{
    const struct object *found = model_by_id(&topology->model, id);
    if (!found) {
        print_error("no %s; there are:\n", id);
        model_each(&topology->model, object) print_error("    %s\n", object->id);
    }
    assert_non_null(found);
    return found;
}

/* The value of an option as a file would write it; "" for unset. */
static void has(const struct topology *topology, const char *id, const char *key, const char *expected)
{
    __attribute__((cleanup(text_done))) struct text text = {0};
    const struct object *object = get(topology, id);
    int index = object_find_option(object, key);
    assert_true(index >= 0);
    option_format(object_option(object, (unsigned)index), &object->values[index], &text);
    assert_string_equal(text_of(&text), expected);
}

static void lacks(const struct topology *topology, const char *id)
{
    assert_null(model_by_id(&topology->model, id));
}

#define READ(t, yaml)                                                \
    __attribute__((cleanup(topology_done))) struct topology t = {0}; \
    (void)state;                                                     \
    read_good(yaml, &t)

static void test_red_blue(void **state)
{
    READ(t, "name: red-blue\n"
            "interfaces:\n"
            "  br0: {type: bridge}\n"
            "namespaces:\n"
            "  red:\n"
            "    interfaces:\n"
            "      eth0: {bridge: br0, addresses: [192.168.50.1/24]}     # a veth\n"
            "  blue:\n"
            "    interfaces:\n"
            "      eth0: {bridge: br0, addresses: [192.168.50.2/24]}\n"
            "expect:\n"
            "  - red reaches blue\n");
    assert_string_equal(t.name, "red-blue");
    assert_int_equal(t.model.n_objects, 11);
    has(&t, "interface host/br0", "up", "true");
    has(&t, "interface host/red-eth0", "master", "host/br0");
    has(&t, "interface host/red-eth0", "peer", "red/eth0");
    has(&t, "interface red/eth0", "peer", "host/red-eth0");
    has(&t, "interface red/eth0", "master", "");
    has(&t, "interface red/lo", "up", "true");
    has(&t, "address red/eth0 192.168.50.1/24", "dev", "eth0");
    assert_ptr_equal(get(&t, "interface host/red-eth0")->kind, &kind_veth);
    const struct object *address = get(&t, "address blue/eth0 192.168.50.2/24");
    assert_int_equal(address->place.line, 10);
    assert_int_equal(address->place.column, 39);
    assert_string_equal(t.expectations->from, "red");
    assert_string_equal(t.expectations->to, "blue");
    assert_true(t.expectations->reachable);
    assert_int_equal(t.expectations->probe, PROBE_ICMP);
    assert_null(t.expectations->next);
}

static void test_name_of_file(void **state)
{
    READ(t, "interfaces: {d0: {type: dummy}}\n");
    assert_string_equal(t.name, "lab");
    assert_string_equal(t.source, "interfaces: {d0: {type: dummy}}\n");
}

static void test_ports(void **state)
{
    READ(t, "interfaces:\n"
            "  bond0: {type: bond, mode: 802.3ad, miimon: 100, ports: [eno2, eno3], lacp-rate: fast}\n"
            "  br0: {type: bridge, ports: [bond0], vlan-aware: true}\n"
            "  t0: {type: tap, bridge: br0, vlan: 20}\n"
            "  t1: {type: tap, master: host/br0, trunk: [30-32, 20, 21], native: 5}\n"
            "  t2: {type: tap, bridge: br0, trunk: 7, isolated: on, up: false}\n"
            "  vrf1: {type: vrf, table: 100}\n"
            "  d0: {type: dummy, vrf: vrf1, addresses: [10.9.0.1/24], gateway: 10.9.0.2}\n");
    has(&t, "interface host/eno2", "master", "host/bond0");
    assert_ptr_equal(get(&t, "interface host/eno2")->kind, &kind_physical);
    has(&t, "interface host/bond0", "master", "host/br0");
    has(&t, "interface host/t0", "vlans", "20 pvid untagged");
    has(&t, "interface host/t1", "master", "host/br0");
    has(&t, "interface host/t1", "vlans", "5 pvid untagged,20-21,30-32");
    has(&t, "interface host/t2", "vlans", "7");
    has(&t, "interface host/t2", "isolated", "true");
    has(&t, "interface host/t2", "up", "false");
    has(&t, "interface host/d0", "master", "host/vrf1");
    has(&t, "route host/0.0.0.0/0 table 100", "via", "10.9.0.2"); /* a VRF's port routes by its table */
}

/* What is said of the port at the namespace's end belongs to the end at the bridge. */
static void test_far_end(void **state)
{
    READ(t, "interfaces:\n"
            "  br0: {type: bridge, vlan-aware: true}\n"
            "  red-eth1: {mtu: 1400}\n"
            "namespaces:\n"
            "  sw: {interfaces: {br0: {type: bridge}, p1: {peer: red/eth2, bridge: br0}}}\n"
            "  red:\n"
            "    interfaces:\n"
            "      eth0: {bridge: host/br0, vlan: 10, isolated: true, mtu: 1300}\n"
            "      eth1: {bridge: br0}\n"
            "      eth2: {mac: \"02:00:00:00:00:02\"}\n"
            "      eth3: {bridge: br0, peer: host/tored, hairpin: true}\n"
            "      a-very-long-one: {bridge: sw/br0}\n");
    has(&t, "interface host/red-eth0", "vlans", "10 pvid untagged");
    has(&t, "interface host/red-eth0", "isolated", "true");
    has(&t, "interface host/red-eth0", "mtu", "");
    has(&t, "interface red/eth0", "mtu", "1300");
    has(&t, "interface red/eth0", "isolated", "");
    has(&t, "interface host/red-eth1", "mtu", "1400"); /* listed to say more of it */
    has(&t, "interface host/red-eth1", "master", "host/br0");
    has(&t, "interface sw/p1", "master", "sw/br0");
    has(&t, "interface red/eth2", "peer", "sw/p1");
    has(&t, "interface red/eth2", "mac", "02:00:00:00:00:02");
    has(&t, "interface host/tored", "master", "host/br0"); /* named by the file */
    has(&t, "interface host/tored", "hairpin", "true");
    has(&t, "interface red/a-very-long-one", "peer", "sw/red-a-ve-2cjdz4");
    lacks(&t, "interface host/red-eth3");
}

static void test_far_name_is_stable(void **state)
{
    static const char *const names[] = {"production-web-1", "production-web-2"};
    char yaml[512];
    const char *found[2] = {NULL, NULL};
    __attribute__((cleanup(topology_done))) struct topology both = {0};
    (void)state;
    snprintf(yaml, sizeof yaml,
             "interfaces: {br0: {type: bridge}}\nnamespaces:\n  %s: {interfaces: {eth0: {bridge: br0}}}\n"
             "  %s: {interfaces: {eth0: {bridge: br0}}}\n",
             names[0], names[1]);
    read_good(yaml, &both);
    for (unsigned i = 0; i < 2; i++) {
        found[i] = object_text(model_interface(&both.model, names[i], "eth0"), "peer");
        assert_int_equal(strlen(found[i]), strlen("host/") + 15);
        assert_memory_equal(found[i], "host/producti-", 14);
    }
    assert_string_not_equal(found[0], found[1]);

    __attribute__((cleanup(topology_done))) struct topology one = {0};
    snprintf(yaml, sizeof yaml,
             "interfaces: {br0: {type: bridge}}\nnamespaces: {%s: {interfaces: {eth0: {bridge: br0}}}}\n",
             names[1]);
    read_good(yaml, &one);
    assert_string_equal(object_text(model_interface(&one.model, names[1], "eth0"), "peer"), found[1]);
}

static void test_peers(void **state)
{
    READ(t, "interfaces:\n"
            "  v0: {peer: red/eth0, addresses: [10.0.0.1/30]}\n"
            "  v1: {type: veth, peer: v2}\n"
            "namespaces:\n"
            "  red: {interfaces: {eth0: {addresses: [10.0.0.2/30]}, eth1: {peer: blue/eth1}}}\n"
            "  blue: {interfaces: {eth1: {peer: red/eth1}}}\n");
    has(&t, "interface host/v0", "peer", "red/eth0");
    has(&t, "interface red/eth0", "peer", "host/v0");
    has(&t, "interface host/v2", "peer", "host/v1");
    has(&t, "interface blue/eth1", "peer", "red/eth1");
    get(&t, "address red/eth0 10.0.0.2/30");
}

static void test_routes(void **state)
{
    READ(t, "interfaces:\n"
            "  eth0:\n"
            "    type: physical\n"
            "    addresses: [192.168.1.10/24, \"fd00::a/64\"]\n"
            "    gateway: [192.168.1.1, \"fd00::1\"]\n"
            "    routes: [{to: 10.1.0.0/16, via: 192.168.1.2, table: 5}]\n"
            "routes:\n"
            "  - {to: 10.2.0.0/16, nexthops: [{weight: 2, via: 192.168.1.2}, {dev: eth0, via: 192.168.1.3, "
            "weight: 1}]}\n"
            "  - {to: default, via: \"fd00::2\", metric: 5}\n"
            "  - {to: 10.3.0.0/16, type: blackhole}\n");
    has(&t, "route host/0.0.0.0/0", "via", "192.168.1.1");
    has(&t, "route host/0.0.0.0/0", "dev", "eth0");
    has(&t, "route host/::/0 metric 1024", "via", "fd00::1");
    has(&t, "route host/::/0 metric 5", "via", "fd00::2");
    has(&t, "route host/10.1.0.0/16 table 5", "dev", "eth0");
    has(&t, "route host/10.2.0.0/16", "nexthops",
        "via 192.168.1.2 dev eth0 weight 2, via 192.168.1.3 dev eth0");
    has(&t, "route host/10.3.0.0/16", "type", "blackhole");
}

static void test_rules(void **state)
{
    READ(t, "rules:\n"
            "  - {from: 10.0.0.0/8, table: 100}\n"
            "  - {from: \"fd00::/8\", table: main}\n"
            "  - {to: 10.9.0.0/16, table: 7, priority: 50}\n"
            "  - {mark: 5, table: 7, family: both}\n");
    has(&t, "rule host/1000 from 10.0.0.0/8", "table", "100");
    has(&t, "rule host/1001 ipv6 from fd00::/8", "table", "main");
    has(&t, "rule host/50 to 10.9.0.0/16", "table", "7");
    has(&t, "rule host/1002 mark 5", "family", "ipv4");
    has(&t, "rule host/1002 ipv6 mark 5", "family", "ipv6");
}

static void test_settings(void **state)
{
    READ(t,
         "forwarding: true\n"
         "sysctls: {net.core.somaxconn: 1024, net/ipv4/conf/e.5/rp_filter: 0, net.ipv4.ping_group_range: 0 "
         "100}\n"
         "interfaces:\n"
         "  e.5:\n"
         "    type: dummy\n"
         "    ipv6: false\n"
         "    accept-ra: forwarding\n"
         "    ipv6-privacy: yes\n"
         "    sysctls: {ipv4.forwarding: 1, net/ipv4/conf/e.5/arp_ignore: 2, ipv4/neigh/gc_stale_time: 9}\n"
         "namespaces:\n"
         "  red: {forwarding: off, dns: 10.0.0.1}\n"
         "  blue: {dns: {servers: [10.0.0.53, \"fd00::53\"], search: [lab, example.org]}}\n"
         "  hex:\n"
         "    sysctls:\n"
         "      net.ipv4.tcp_rmem: \"0x1000\t 010   -1 \"\n"
         "      net.core.rps_default_mask: 00ff\n"
         "      net.core.flow_limit_cpu_bitmap: 010\n"
         "      net.ipv4.tcp_congestion_control: 0xyz\n"
         "      net.ipv4.tcp_fastopen_key: 00000000-00000010-00000000-00000000\n");
    has(&t, "sysctl host/net/ipv4/ip_forward", "value", "1");
    has(&t, "sysctl host/net/ipv6/conf/all/forwarding", "value", "1");
    has(&t, "sysctl red/net/ipv4/ip_forward", "value", "0");
    has(&t, "sysctl host/net/core/somaxconn", "value", "1024");
    has(&t, "sysctl host/net/ipv4/ping_group_range", "value", "0 100");
    /* As the kernel will tell them. */
    has(&t, "sysctl hex/net/ipv4/tcp_rmem", "value", "4096 8 -1");
    has(&t, "sysctl hex/net/core/rps_default_mask", "value", "00ff");
    has(&t, "sysctl hex/net/core/flow_limit_cpu_bitmap", "value", "010");
    has(&t, "sysctl hex/net/ipv4/tcp_congestion_control", "value", "0xyz");
    has(&t, "sysctl hex/net/ipv4/tcp_fastopen_key", "value", "00000000-00000010-00000000-00000000");
    has(&t, "sysctl host/net/ipv4/conf/e.5/rp_filter", "dev", "");
    has(&t, "sysctl host/net/ipv6/conf/e.5/disable_ipv6", "value", "1");
    has(&t, "sysctl host/net/ipv6/conf/e.5/accept_ra", "value", "2");
    has(&t, "sysctl host/net/ipv6/conf/e.5/use_tempaddr", "value", "2");
    has(&t, "sysctl host/net/ipv4/conf/e.5/forwarding", "dev", "e.5");
    has(&t, "sysctl host/net/ipv4/conf/e.5/arp_ignore", "value", "2");
    has(&t, "sysctl host/net/ipv4/neigh/e.5/gc_stale_time", "value", "9");
    has(&t, "resolver blue/resolver", "servers", "10.0.0.53, fd00::53");
    has(&t, "resolver blue/resolver", "search", "lab, example.org");
    has(&t, "resolver red/resolver", "servers", "10.0.0.1");
}

static void test_objects(void **state)
{
    READ(t, "interfaces:\n"
            "  d0:\n"
            "    type: dummy\n"
            "    addresses: [{address: 10.0.0.1/24, scope: link, valid: 3600}, 10.0.0.9/32]\n"
            "    neighbours: [{ip: 10.0.0.7, mac: \"02:00:00:00:00:0A\"}]\n"
            "    fdb: [{mac: \"02:00:00:00:00:01\", vlan: 3}]\n"
            "  wg0:\n"
            "    type: wireguard\n"
            "    private-key: yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"
            "    peers: [{public-key: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=, allowed-ips: "
            "[10.7.0.2/32, 10.8.0.0/16]}]\n"
            "neighbours: [{dev: d0, ip: 10.0.0.8, mac: \"02:00:00:00:00:0b\"}]\n");
    has(&t, "address host/d0 10.0.0.1/24", "scope", "link");
    has(&t, "address host/d0 10.0.0.1/24", "valid", "3600");
    get(&t, "address host/d0 10.0.0.9/32");
    has(&t, "neighbour host/d0 10.0.0.7", "mac", "02:00:00:00:00:0a");
    get(&t, "neighbour host/d0 10.0.0.8");
    get(&t, "fdb host/d0 02:00:00:00:00:01 vlan 3");
    has(&t, "wgpeer host/wg0 xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "allowed-ips",
        "10.7.0.2/32, 10.8.0.0/16");
}

static void test_count(void **state)
{
    READ(t,
         "interfaces: {br0: {type: bridge}}\n"
         "namespaces:\n"
         "  web:\n"
         "    count: 3\n"
         "    description: number {n}\n"
         "    interfaces:\n"
         "      eth0:\n"
         "        bridge: br0\n"
         "        mac: \"02:00:00:00:00:0{n}\"\n"
         "        addresses: [10.0.0.10-10.0.0.20/24, \"fd00::{n}/64\", {address: 10.1.0.255-10.1.1.9/16}]\n"
         "        gateway: 10.0.0.1\n"
         "  db: {interfaces: {eth0: {bridge: br0, addresses: [10.0.0.2/24]}}}\n"
         "expect:\n"
         "  - web reaches db\n"
         "  - db cannot reach web-2 tcp/22\n");
    has(&t, "interface web-3/eth0", "mac", "02:00:00:00:00:03");
    get(&t, "address web-1/eth0 10.0.0.10/24");
    get(&t, "address web-3/eth0 10.0.0.12/24");
    get(&t, "address web-3/eth0 fd00::3/64");
    get(&t, "address web-1/eth0 10.1.0.255/16");
    get(&t, "address web-2/eth0 10.1.1.0/16");
    has(&t, "interface host/web-2-eth0", "master", "host/br0");
    lacks(&t, "namespace host/web");
    unsigned n = 0;
    for (const struct expectation *e = t.expectations; e; e = e->next)
        n++;
    assert_int_equal(n, 4);
    assert_string_equal(t.expectations->next->from, "web-2");
}

static void test_expectations(void **state)
{
    READ(t, "interfaces: {br0: {type: bridge}}\n"
            "namespaces: {red: {interfaces: {eth0: {bridge: br0}}}}\n"
            "expect:\n"
            "  - red   reaches  br0\n"
            "  - host cannot reach red/eth0 udp/53\n"
            "  - red reaches fd00:0::1 tcp/443\n");
    const struct expectation *e = t.expectations;
    assert_string_equal(e->text, "red reaches br0");
    assert_string_equal(e->to, "host/br0");
    e = e->next;
    assert_string_equal(e->from, HOST);
    assert_string_equal(e->to, "red/eth0");
    assert_false(e->reachable);
    assert_int_equal(e->probe, PROBE_UDP);
    assert_int_equal(e->port, 53);
    e = e->next;
    assert_string_equal(e->to, "fd00::1");
    assert_int_equal(e->port, 443);
}

static void test_anchors(void **state)
{
    READ(t, "x-port: &port {type: tap, mtu: 1400}\n"
            "x-fast: &fast {mtu: 9000, qlen: 5}\n"
            "interfaces:\n"
            "  t0: *port\n"
            "  t1: {<<: *port, mtu: 1300}\n"
            "  t2: {<<: [*fast, *port]}\n");
    has(&t, "interface host/t0", "mtu", "1400");
    has(&t, "interface host/t1", "mtu", "1300");
    has(&t, "interface host/t2", "mtu", "9000");
    has(&t, "interface host/t2", "qlen", "5");
}

/* JSON is YAML too, also when it is one line that is far too long for the parser: values and places stay the
 * same. */
static void test_json(void **state)
{
    enum { MANY = 3000 };
    static const char *const words[][2] = {
        {"\"a, \\\" [{ b\"", "a, \" [{ b"}, {"'it''s, {'", "it's, {"}, {"it's", "it's"}, {"\"\\\\\"", "\\"},
        {"10.0.0.1/24", "10.0.0.1/24"},
    };
    __attribute__((cleanup(text_done))) struct text yaml = {0};
    struct arena arena = {0};
    CLEANUP_ERRORS struct errors errors = {0};
    struct node *root = NULL;
    size_t offsets[MANY], n_words = sizeof words / sizeof *words;
    (void)state;
    text_add(&yaml, "[");
    for (unsigned i = 0; i < MANY; i++) {
        text_printf(&yaml, "%s{\"key\":  ", i ? "," : "");
        offsets[i] = yaml.length;
        text_printf(&yaml, "%s, k%u: [x,y]}", words[i % n_words][0], i);
    }
    text_add(&yaml, "]");
    assert_true(yaml.length > SOURCE_LINE_MAX);
    assert_int_equal(yaml_parse("a.json", text_of(&yaml), yaml.length, &arena, &errors, &root), 0);
    assert_int_equal(root->n, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        const struct node *word = node_value(root->items[i], "key");
        assert_string_equal(word->text, words[i % n_words][1]);
        assert_int_equal(word->place.line, 1);
        assert_int_equal(word->place.column, (int)offsets[i] + 1);
    }
    arena_done(&arena);
}

static void test_attached(void **state)
{
    READ(t, "namespaces:\n"
            "  box: {path: /run/netns/box, interfaces: {eth0: {type: physical}}}\n"
            "  ct: {pid: 4711}\n");
    has(&t, "namespace host/box", "path", "/run/netns/box");
    has(&t, "namespace host/ct", "pid", "4711");
    lacks(&t, "interface box/lo"); /* it is there already, as somebody else wants it */
    get(&t, "interface box/eth0");
}

/* 1,000 namespaces on a bridge: read and checked in a fraction of what applying them takes. */
static void test_speed(void **state)
{
    __attribute__((cleanup(text_done))) struct text yaml = {0};
    struct timespec begin, end;
    text_add(&yaml, "interfaces:\n  br0: {type: bridge, addresses: [10.0.0.1/16]}\nnamespaces:\n");
    for (unsigned i = 0; i < 1000; i++)
        text_printf(&yaml,
                    "  ns%u:\n    interfaces:\n"
                    "      eth0: {bridge: br0, addresses: [10.0.%u.%u/16], gateway: 10.0.0.1}\n",
                    i, i / 250 + 1, i % 250 + 1);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    READ(t, text_of(&yaml));
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_int_equal(t.model.n_objects, 1 + 1 + 1000 * 6);
    double ms = (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
    print_message("read and checked in %.1f ms\n", ms);
    assert_true(ms < 1000); /* 60 ms is meant; a sanitizer and a busy machine are let off */
}

static void test_schema(void **state)
{
    json_t *schema = schema_make();
    (void)state;
    assert_non_null(schema);
    json_t *interface = json_object_get(json_object_get(schema, "$defs"), "interface");
    json_t *properties = json_object_get(interface, "properties");
    assert_non_null(json_object_get(properties, "addresses"));
    assert_non_null(json_object_get(properties, "vlan-aware"));
    assert_null(json_object_get(properties, "vlans")); /* internal */
    for (unsigned i = 0; kinds[i]; i++)
        if (kinds[i] != &kind_other)
            assert_true(json_array_size(json_object_get(interface, "allOf")) > i);
    json_decref(schema);
}

static void test_manual(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    (void)state;
    manual_write(stream);
    fclose(stream);
    assert_non_null(strstr(text, "*vlan-aware*: true or false\n"));
    assert_non_null(strstr(text, "## wireguard\n"));
    const char *rules = strstr(text, "## rules\n");
    assert_non_null(rules);
    assert_non_null(strstr(rules, "*family*: one of: ipv4, ipv6, both\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_red_blue),
        cmocka_unit_test(test_name_of_file),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_far_end),
        cmocka_unit_test(test_far_name_is_stable),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_attached),
        cmocka_unit_test(test_speed),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
