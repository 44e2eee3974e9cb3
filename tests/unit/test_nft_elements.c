/* Elements of sets and maps: text to bytes and back, and JSON to bytes and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/nft/nft.h"

struct sample {
    const char *types, *data; /* data NULL: a set */
    const char *line;         /* canonical */
    const char *json;
    const char *written; /* another spelling of the same; NULL: none */
};

static const struct sample samples[] = {
    {"ipv4_addr", NULL, "10.0.0.5", "\"10.0.0.5\"", "10.0.0.5/32"},
    {"ipv4_addr", NULL, "10.0.0.0/8", "{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}}",
     "10.0.0.0-10.255.255.255"},
    {"ipv4_addr", NULL, "10.0.0.5-10.0.0.9", "{\"range\":[\"10.0.0.5\",\"10.0.0.9\"]}", NULL},
    {"ipv4_addr", NULL, "0.0.0.0/0", "{\"prefix\":{\"addr\":\"0.0.0.0\",\"len\":0}}", NULL},
    {"ipv6_addr", NULL, "fd00::/8", "{\"prefix\":{\"addr\":\"fd00::\",\"len\":8}}", "FD12::/8"},
    {"ipv6_addr", NULL, "::1", "\"::1\"", "0:0::1"},
    {"ether_addr", NULL, "00:11:22:33:44:5a", "\"00:11:22:33:44:5a\"", "00:11:22:33:44:5A"},
    {"inet_service", NULL, "80-90", "{\"range\":[80,90]}", NULL},
    {"inet_service", NULL, "22", "22", "0x16"},
    {"inet_proto", NULL, "tcp", "\"tcp\"", "6"},
    {"inet_proto", NULL, "ipv6-icmp", "\"ipv6-icmp\"", "icmpv6"},
    {"inet_proto", NULL, "201", "201", NULL},
    {"mark", NULL, "0x00000010", "16", "16"},
    {"mark", NULL, "0x00000010-0x00000012", "{\"range\":[16,18]}", "16-18"},
    {"icmp_type", NULL, "echo-request", "\"echo-request\"", "8"},
    {"icmp_type", NULL, "echo-reply-echo-request", "{\"range\":[\"echo-reply\",\"echo-request\"]}", "0-8"},
    {"icmpv6_type", NULL, "nd-neighbor-solicit", "\"nd-neighbor-solicit\"", "135"},
    {"ct_state", NULL, "established,related", "\"established,related\"", "related|established"},
    {"ifname", NULL, "eth0", "\"eth0\"", NULL},
    {"ifname", NULL, "br-guests", "\"br-guests\"", NULL},
    {"ifname", NULL, "eth*", "\"eth*\"", NULL},
    {"ifname", NULL, "eth\\*", "\"eth\\\\*\"", NULL},
    {"ifname", NULL, "eth**", "\"eth**\"", NULL}, /* all that begin with eth* */
    {"iface_index", NULL, "lo", "\"lo\"", NULL},
    {"ether_type", NULL, "4660", "4660", "0x1234"},
    {"ipv4_addr . inet_service", NULL, "10.0.0.5 . 80", "{\"concat\":[\"10.0.0.5\",80]}", NULL},
    {"ipv4_addr . inet_service . inet_proto", NULL, "10.0.0.0/8 . 80-90 . tcp",
     "{\"concat\":[{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}},{\"range\":[80,90]},\"tcp\"]}", NULL},
    {"ifname . ifname", "verdict", "eth0 . eth* : jump guests-wan",
     "[{\"concat\":[\"eth0\",\"eth*\"]},{\"jump\":{\"target\":\"guests-wan\"}}]", NULL},
    {"inet_service", "verdict", "22 : accept", "[22,{\"accept\":null}]", NULL},
    {"inet_proto . inet_service", "ipv4_addr . inet_service", "tcp . 8080 : 10.0.0.5 . 80",
     "[{\"concat\":[\"tcp\",8080]},{\"concat\":[\"10.0.0.5\",80]}]", NULL},
    {"inet_service", "ipv4_addr", "80 : 10.0.0.5-10.0.0.9", "[80,{\"range\":[\"10.0.0.5\",\"10.0.0.9\"]}]",
     NULL},
};

struct keys {
    struct nft_key key, data;
};

static struct keys keys_of(const struct sample *sample)
{
    struct keys keys = {0};
    assert_int_equal(nft_key_parse(sample->types, &keys.key), 0);
    assert_true(!sample->data || nft_key_parse(sample->data, &keys.data) == 0);
    return keys;
}

static void check_line(const struct sample *sample, const struct nft_element *element)
{
    struct keys keys = keys_of(sample);
    const struct nft_key *data = sample->data ? &keys.data : NULL;
    struct text text CLEANUP_TEXT = {0};
    nft_element_format(&keys.key, data, element, &text);
    assert_string_equal(text_of(&text), sample->line);

    json_t *expected = json_loads(sample->json, JSON_DECODE_ANY, NULL);
    json_t *json = nft_element_json(&keys.key, data, element);
    assert_non_null(expected);
    if (!json_equal(json, expected))
        fail_msg("%s is %s, not %s", sample->line, json_dumps(json, JSON_ENCODE_ANY), sample->json);
    json_decref(expected);
    json_decref(json);
}

static void test_samples(void **state)
{
    (void)state;
    for (const struct sample *sample = samples; sample < samples + sizeof samples / sizeof *samples;
         sample++) {
        struct keys keys = keys_of(sample);
        const struct nft_key *data = sample->data ? &keys.data : NULL;
        const char *spellings[] = {sample->line, sample->written ? sample->written : sample->line};
        struct nft_element element;
        for (size_t i = 0; i < 2; i++) {
            if (nft_element_parse(&keys.key, data, spellings[i], strlen(spellings[i]), &element) < 0)
                fail_msg("%s is not read as %s", spellings[i], sample->types);
            check_line(sample, &element);
        }
        json_t *json = json_loads(sample->json, JSON_DECODE_ANY, NULL);
        assert_int_equal(nft_element_read(&keys.key, data, json, &element), 0);
        check_line(sample, &element);
        json_decref(json);
    }
}

/* What is none: types, data, text. */
static const char *const mistakes[][3] = {
    {"ipv4_addr", NULL, ""},
    {"ipv4_addr", NULL, "10.0.0.256"},
    {"ipv4_addr", NULL, "10.0.0.0/33"},
    {"ipv4_addr", NULL, "10.0.0.0/"},
    {"ipv4_addr", NULL, "10.0.0.9-10.0.0.5"},
    {"ipv4_addr", NULL, "fd00::1"},
    {"ipv4_addr", NULL, "10.0.0.5 . 80"},
    {"ipv4_addr", NULL, "10.0.0.5 : accept"},
    {"inet_service", NULL, "65536"},
    {"inet_service", NULL, "-1"},
    {"inet_service", NULL, "22x"},
    {"ifname", NULL, "abcdefghijklmnop"},
    {"ifname", NULL, "a/8"},
    {"ipv4_addr . inet_service", NULL, "10.0.0.5"},
    {"ipv4_addr . inet_service", NULL, "10.0.0.5 . 80 . tcp"},
    {"inet_service", "verdict", "22"},
    {"inet_service", "verdict", "22 : jump"},
    {"inet_service", "verdict", "22 : accept guests"},
    {"inet_service", "verdict", "22 : reject"},
    {"inet_service", "verdict", "22 : nonsense"},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct sample sample = {mistakes[i][0], mistakes[i][1], mistakes[i][2], NULL, NULL};
        struct keys keys = keys_of(&sample);
        struct nft_element element;
        if (nft_element_parse(&keys.key, sample.data ? &keys.data : NULL, sample.line, strlen(sample.line),
                              &element) == 0)
            fail_msg("%s is read as %s", sample.line, sample.types);
    }
}

static void test_keys(void **state)
{
    struct nft_key key;
    (void)state;
    assert_int_equal(nft_key_parse("ether_addr . inet_service . ifname", &key), 0);
    assert_int_equal(key.n, 3);
    assert_int_equal(key.offset[1], 8);
    assert_int_equal(key.offset[2], 12);
    assert_int_equal(key.size, 28);
    assert_true(nft_key_parse("", &key) < 0);
    assert_true(nft_key_parse("ipv4_addr . ", &key) < 0);
    assert_true(nft_key_parse("ipv4_addr . verdict", &key) < 0);
    assert_true(nft_key_parse("no_such_type", &key) < 0);
    assert_true(nft_key_parse("ifname . ifname . ifname . ifname . mark", &key) < 0);
}

static void test_sets(void **state)
{
    struct nft_key key;
    struct text out CLEANUP_TEXT = {0};
    (void)state;
    assert_int_equal(nft_key_parse("ipv4_addr", &key), 0);
    assert_int_equal(nft_elements_sort(&key, NULL, "10.0.0.20\n10.0.0.3\n9.0.0.0/8\n10.0.0.3\n", &out), 0);
    assert_string_equal(text_of(&out), "9.0.0.0/8\n10.0.0.3\n10.0.0.20");

    json_t *listed = json_loads(
        "[{\"elem\":{\"val\":\"10.0.0.3\",\"counter\":{\"packets\":1,\"bytes\":2}}},\"9.0.0.1\"]", 0, NULL);
    text_clear(&out);
    assert_int_equal(nft_elements_format(&key, NULL, listed, &out), 0);
    assert_string_equal(text_of(&out), "9.0.0.1\n10.0.0.3");
    json_decref(listed);
    assert_true(nft_elements_sort(&key, NULL, "10.0.0.1\nnonsense", &out) < 0);
}

static void test_holds(void **state)
{
    struct nft_key key;
    struct nft_element range, value;
    const char *inside = "10.9.9.9 . 85", *outside = "10.9.9.9 . 91", *interval = "10.0.0.0/8 . 80-90";
    (void)state;
    assert_int_equal(nft_key_parse("ipv4_addr . inet_service", &key), 0);
    assert_int_equal(nft_element_parse(&key, NULL, interval, strlen(interval), &range), 0);
    assert_true(nft_element_is_interval(&key, &range));
    assert_int_equal(nft_element_parse(&key, NULL, inside, strlen(inside), &value), 0);
    assert_false(nft_element_is_interval(&key, &value));
    assert_true(nft_element_holds(&key, &range, value.first));
    assert_int_equal(nft_element_parse(&key, NULL, outside, strlen(outside), &value), 0);
    assert_false(nft_element_holds(&key, &range, value.first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples), cmocka_unit_test(test_mistakes), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_sets),    cmocka_unit_test(test_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
