/* The firewall through the Linux door, against the running kernel: what is planned is done, and read back
 * as it was said. */
#include "linux_door.h"

#include <unistd.h>

#include "model/nft/nft.h"
#include "plan/plan.h"

/* What shall be, and what was made before. */
static struct model desired, made;

/* "class key=value; key=value": of the table inet plexus-test unless it says so. */
static struct object *say(const struct class *class, const char *name, ...)
{
    struct object *object = model_new(&desired, class, NULL, HOST);
    va_list args;
    object_set_number(&desired, object, "family", 1);
    if (class != &class_table)
        object_set_text(&desired, object, "table", "plexus-test");
    object_set_text(&desired, object, "name", name);
    va_start(args, name);
    for (const char *key; (key = va_arg(args, const char *));) {
        const char *written = va_arg(args, const char *), *expected, *near;
        int i = object_find_option(object, key);
        assert_true(i >= 0);
        assert_int_equal(option_parse(object_option(object, (unsigned)i), written, &desired.arena,
                                      &object->values[i], &expected, &near),
                         0);
    }
    va_end(args);
    assert_int_equal(model_add(&desired, object, NULL), 0);
    return object;
}

/* Lets what is said be; returns the number of steps that it took, and begins to say anew. */
static size_t become(void)
{
    struct model wanted CLEANUP_MODEL = {0}, observed CLEANUP_MODEL = {0};
    struct plan plan CLEANUP_PLAN = {0};
    struct plan_request request = {
        .desired = &desired, .recorded = &made, .observed = &observed, .topology = "test"};
    size_t done;
    model_each(&desired, object) model_copy(&wanted, object);
    model_each(&made, object) model_copy(&wanted, object);
    must(door->ops->observe(door, &wanted, LOOK_WANTED, &observed, &errors));
    must(plan_make(&request, &plan, &errors));
    must(door->ops->run(door, plan.steps, plan.n_steps, &done, &errors));
    assert_int_equal(done, plan.n_steps);
    model_done(&seen);
    must(door->ops->observe(door, &wanted, LOOK_WANTED, &seen, &errors));
    model_each(&desired, object) see_as_wanted(object);
    model_done(&made);
    model_each(&desired, object) model_copy(&made, object)->flags = OBJECT_MADE;
    model_done(&desired);
    return plan.n_steps;
}

static int end_nft(void **state)
{
    model_done(&desired);
    become();
    model_done(&made);
    model_done(&desired);
    return end(state);
}

/* The output of a command. */
static const char *output(const char *command)
{
    static char buffer[8192];
    FILE *stream = popen(command, "r");
    size_t n = stream ? fread(buffer, 1, sizeof buffer - 1, stream) : 0;
    buffer[n] = '\0';
    if (stream)
        pclose(stream);
    return buffer;
}

static bool has_nft(void)
{
    return system("nft list tables >/dev/null 2>&1") == 0;
}

#define MATCH(protocol, field, value)                                                     \
    "{\"match\":{\"left\":{\"payload\":{\"field\":\"" field "\",\"protocol\":\"" protocol \
    "\"}},\"op\":\"==\",\"right\":" value "}}"
#define RULE(comment, expr) "{\"comment\":\"" comment "\",\"expr\":[" expr "]}"
#define COUNTER             "{\"counter\":null}"
#define DENY                RULE("deny from @blocked", MATCH("ip", "saddr", "\"@blocked\"") "," COUNTER ",{\"drop\":null}")
#define SSH                 RULE("allow ssh", MATCH("tcp", "dport", "22") "," COUNTER ",{\"accept\":null}")
#define WEB                 RULE("allow web", MATCH("tcp", "dport", "{\"set\":[80,443]}") "," COUNTER ",{\"accept\":null}")
#define LOOP                                                                                               \
    RULE("loop",                                                                                           \
         "{\"match\":{\"left\":{\"meta\":{\"key\":\"iifname\"}},\"op\":\"==\",\"right\":\"lo\"}}," COUNTER \
         ",{\"accept\":null}")
#define JUMP RULE("guests", "{\"jump\":{\"target\":\"guests\"}}")

static struct object *say_input(const char *policy, const char *rules)
{
    return say(&class_chain, "input", "type", "filter", "hook", "input", "priority", "-5", "policy", policy,
               "rules", rules, NULL);
}

static void say_basics(const char *elements, const char *rules)
{
    say(&class_table, "plexus-test", NULL);
    say(&class_set, "blocked", "key", "ipv4_addr", "interval", "true", "elements", elements, NULL);
    say(&class_chain, "guests", "rules", SSH, NULL);
    say_input("drop", rules);
}

static void is_made_changed_and_taken_down(void **state)
{
    (void)state;
    if (!has_nft())
        skip();
    say_basics("10.0.0.0/8\n192.0.2.1\n192.0.2.5-192.0.2.9", DENY "\n" LOOP "\n" WEB "\n" JUMP);
    assert_int_equal(become(), 4);
    assert_non_null(strstr(output("nft list table inet plexus-test"), "policy drop"));
    assert_string_equal(seen_object("table host/inet plexus-test")->owner, "test");
    say_basics("10.0.0.0/8\n192.0.2.1\n192.0.2.5-192.0.2.9", DENY "\n" LOOP "\n" WEB "\n" JUMP);
    assert_int_equal(become(), 0);
    say_basics("10.0.0.0/8\n192.0.2.2", LOOP "\n" DENY "\n" SSH);
    assert_int_equal(become(), 2);
    assert_int_equal(become(), 1); /* all goes with its table */
    assert_string_equal(output("nft list tables"), "");
}

/* What is not concerned by a change counts on, wherever it stands. */
static void counters_go_on(void **state)
{
    (void)state;
    if (!has_nft() || system("ip link set lo up && ping -c 3 -i 0.01 127.0.0.1 >/dev/null 2>&1") != 0)
        skip();
    say_basics("192.0.2.1", DENY "\n" LOOP "\n" WEB);
    become();
    assert_int_equal(system("ping -c 3 -i 0.01 127.0.0.1 >/dev/null"), 0);
    assert_non_null(strstr(output("nft list chain inet plexus-test input"), "packets 6 bytes"));
    say_basics("192.0.2.1\n192.0.2.7", SSH "\n" DENY "\n" LOOP "\n" JUMP);
    assert_int_equal(become(), 2);
    assert_non_null(strstr(output("nft list chain inet plexus-test input"), "packets 6 bytes"));
}

/* What rules name cannot be deleted, so they let go of it for a while. */
static void what_is_in_use_is_made_anew(void **state)
{
    (void)state;
    if (!has_nft())
        skip();
    for (int i = 0; i < 2; i++) {
        say(&class_table, "plexus-test", NULL);
        say(&class_chain, "guests", "rules", SSH, NULL);
        say(&class_set, "blocked", "key", "ipv4_addr", "interval", i ? "false" : "true", "elements",
            "192.0.2.1", NULL);
        say(&class_set, "ports", "key", "inet_proto . inet_service", "data", "verdict", "size",
            i ? "64" : "0", "elements", "tcp . 22 : jump guests\ntcp . 80 : accept", NULL);
        say_input("accept", DENY "\n" LOOP "\n" RULE(
                                "ports", "{\"vmap\":{\"data\":\"@ports\",\"key\":{\"concat\":[{"
                                         "\"meta\":{\"key\":\"l4proto\"}},{\"payload\":{\"field\":\"dport\","
                                         "\"protocol\":\"th\"}}]}}}"));
        assert_int_equal(become(), i ? 6 : 5);
    }
}

static void all_kinds_of_sets_are_read_as_they_were_said(void **state)
{
    (void)state;
    if (!has_nft())
        skip();
    say(&class_table, "plexus-test", NULL);
    say(&class_set, "v6", "key", "ipv6_addr", "interval", "true", "elements",
        "::/96\n2001:db8::1\n2001:db8::2-2001:db8::9\nff00::/8", NULL);
    say(&class_set, "everything", "key", "ipv4_addr", "interval", "true", "elements", "0.0.0.0/0", NULL);
    say(&class_set, "beside", "key", "ipv4_addr", "interval", "true", "elements",
        "10.0.0.0/25\n10.0.0.128/26\n10.0.0.192", NULL);
    say(&class_set, "names", "key", "ifname . ifname", "elements", "br0 . log\neth0 . eth1", NULL);
    say(&class_set, "wild", "key", "ifname", "interval", "true", "elements", "eth*\nlo", NULL);
    say(&class_set, "marks", "key", "mark", "elements", "0x00000001\n0x00ff0000", NULL);
    say(&class_set, "macs", "key", "ether_addr", "elements", "02:00:00:00:00:01", NULL);
    say(&class_set, "both", "key", "ipv4_addr . inet_service", "interval", "true", "elements",
        "10.0.0.0/8 . 80-90\n192.0.2.1 . 443", NULL);
    say(&class_set, "forward", "key", "inet_service", "data", "ipv4_addr . inet_service", "elements",
        "80 : 10.0.0.5 . 8080\n443 : 10.0.0.6 . 8443", NULL);
    say(&class_set, "seen", "key", "ipv4_addr", "dynamic", "true", "timeout", "60", "size", "1000", NULL);
    say(&class_set, "counted", "key", "ipv4_addr", "counted", "true", "elements", "10.0.0.1", NULL);
    become();
    say(&class_table, "plexus-test", NULL);
    say(&class_set, "seen", "key", "ipv4_addr", "dynamic", "true", "timeout", "60", "size", "1000", NULL);
    assert_int_equal(become(), 10);
}

/* So many that they do not go through libnftables. */
static void many_elements_go_by_themselves(void **state)
{
    (void)state;
    static const char *const flags[] = {"false", "true"};
    if (!has_nft())
        skip();
    for (int i = 0; i < 6; i++) {
        struct text elements CLEANUP_TEXT = {0}, both CLEANUP_TEXT = {0}, map CLEANUP_TEXT = {0};
        for (int n = 0; n < 3000 - i % 3; n++) {
            text_printf(&elements, "%s10.%d.%d.%d", n ? "\n" : "", n >> 15, n >> 7 & 255, n * 2 & 255);
            text_printf(&both, "%s10.%d.%d.%d . 80-90", n ? "\n" : "", n >> 15, n >> 7 & 255, n * 2 & 255);
            text_printf(&map, "%s10.%d.%d.%d : %s", n ? "\n" : "", n >> 15, n >> 7 & 255, n * 2 & 255,
                        n % 2 ? "goto guests" : "drop");
        }
        say(&class_table, "plexus-test", NULL);
        say(&class_chain, "guests", "rules", SSH, NULL);
        say(&class_set, "blocked", "key", "ipv4_addr", "interval", flags[i / 3], "elements",
            text_of(&elements), NULL);
        say(&class_set, "both", "key", "ipv4_addr . inet_service", "interval", "true", "elements",
            text_of(&both), NULL);
        say(&class_set, "verdicts", "key", "ipv4_addr", "data", "verdict", "elements", text_of(&map), NULL);
        say_input("accept", DENY);
        become();
    }
}

static void what_others_did_is_mended(void **state)
{
    (void)state;
    if (!has_nft())
        skip();
    assert_int_equal(
        system("nft 'add table inet theirs; add chain inet theirs c; add rule inet theirs c accept'"), 0);
    say_basics("192.0.2.1", DENY "\n" LOOP);
    become();
    static const char *const damages[] = {
        "insert rule inet plexus-test input accept", "flush chain inet plexus-test input",
        "chain inet plexus-test input { policy accept; }",
        "add element inet plexus-test blocked { 10.0.0.0/8 }", "flush set inet plexus-test blocked"};
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct text command CLEANUP_TEXT = {0};
        text_printf(&command, "nft '%s'", damages[i]);
        assert_int_equal(system(text_of(&command)), 0);
        say_basics("192.0.2.1", DENY "\n" LOOP);
        assert_int_equal(become(), 1);
    }
    assert_int_equal(system("nft delete table inet plexus-test"), 0);
    say_basics("192.0.2.1", DENY "\n" LOOP);
    assert_int_equal(become(), 4);
    become();
    assert_non_null(strstr(output("nft list table inet theirs"), "accept"));
    assert_int_equal(system("nft delete table inet theirs"), 0);
}

/* Nothing of a transaction is done, and what is told names the step and what the kernel was told. */
static void a_refusal_names_the_rule(void **state)
{
    (void)state;
    if (!has_nft())
        skip();
    struct object *table = say(&class_table, "plexus-test", NULL), *chain = say_input("drop", LOOP "\n" JUMP);
    struct step steps[] = {{.verb = VERB_ADD, .new = table}, {.verb = VERB_ADD, .new = chain}};
    const struct step *both[] = {&steps[0], &steps[1]};
    size_t done = 7;
    assert_int_equal(door->ops->run(door, both, 2, &done, &errors), -ENOENT);
    assert_int_equal(done, 0);
    assert_non_null(strstr(errors.last->message, "cannot add chain host/inet plexus-test input"));
    assert_non_null(strstr(errors.last->message, "jump guests"));
    assert_string_equal(output("nft list tables"), "");
}

/* What cannot be done is said before anything is tried. */
static void what_is_missing_is_named(void **state)
{
    (void)state;
    say(&class_table, "plexus-test", NULL);
    say_input("accept",
              RULE("all", "{\"limit\":{\"per\":\"minute\",\"rate\":6}},{\"log\":null},{\"accept\":null}"));
    if (has_nft())
        assert_int_equal(door->ops->lacks(door, &desired, &errors), 0);
    model_done(&desired);
    say(&class_table, "plexus-test", NULL);
    say_input("accept", RULE("queue", "{\"queue\":null}"));
    if (!has_nft() || system("unshare -n nft 'add table inet t; add chain inet t c; add rule inet t c queue' "
                             "2>/dev/null") == 0)
        return;
    assert_int_equal(door->ops->lacks(door, &desired, &errors), -EOPNOTSUPP);
    assert_non_null(strstr(errors.last->message, "CONFIG_NFT_QUEUE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_made_changed_and_taken_down, begin, end_nft),
        cmocka_unit_test_setup_teardown(counters_go_on, begin, end_nft),
        cmocka_unit_test_setup_teardown(what_is_in_use_is_made_anew, begin, end_nft),
        cmocka_unit_test_setup_teardown(all_kinds_of_sets_are_read_as_they_were_said, begin, end_nft),
        cmocka_unit_test_setup_teardown(many_elements_go_by_themselves, begin, end_nft),
        cmocka_unit_test_setup_teardown(what_others_did_is_mended, begin, end_nft),
        cmocka_unit_test_setup_teardown(what_is_missing_is_named, begin, end_nft),
        cmocka_unit_test_setup_teardown(a_refusal_names_the_rule, begin, end_nft),
    };
    if (!enter_world())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
