/* Network files as files: include, folders, several files, and what can be wrong with a path. Each test makes
 * a folder of its own and runs in it, so that messages hold short names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "file/load.h"
#include "file/read.h"

static char folder[64];
static int home = -1;

static int enter(void **state)
{
    (void)state;
    home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(folder, sizeof folder, "/tmp/plexus-file-XXXXXX");
    return home < 0 || !mkdtemp(folder) || chdir(folder) < 0 ? -1 : 0;
}

static int leave(void **state)
{
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    int r = fchdir(home) < 0 || system(command) != 0 ? -1 : 0;
    close(home);
    return r;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Reads files, and returns all that is printed; the topology where there is no mistake. */
static char *read_files(const char *const *paths, struct topology *ret)
{
    CLEANUP_ERRORS struct errors errors = {0};
    char *text = NULL;
    size_t n = 0, size;
    while (paths[n])
        n++;
    int r = file_read(paths, n, ret, &errors);
    assert_int_equal(r<0, errors.n_errors> 0);
    FILE *stream = open_memstream(&text, &size);
    errors_print(&errors, stream, false);
    fclose(stream);
    return text;
}

#define GOOD(topology_, ...)                                                               \
    __attribute__((cleanup(topology_done))) struct topology topology_ = {0};               \
    do {                                                                                   \
        char *printed_ = read_files((const char *const[]){__VA_ARGS__, NULL}, &topology_); \
        assert_string_equal(printed_, "");                                                 \
        free(printed_);                                                                    \
    } while (0)

#define BAD(expected, ...)                                                                 \
    do {                                                                                   \
        struct topology topology_ = {0};                                                   \
        char *printed_ = read_files((const char *const[]){__VA_ARGS__, NULL}, &topology_); \
        assert_string_equal(printed_, expected);                                           \
        free(printed_);                                                                    \
    } while (0)

static bool there(const struct topology *topology, const char *id)
{
    return model_by_id(&topology->model, id);
}

static void test_one(void **state)
{
    static const char text[] = "interfaces: {d0: {type: dummy}} # kept\n";
    (void)state;
    put("lab.yaml", text);
    GOOD(t, "lab.yaml");
    assert_string_equal(t.name, "lab");
    assert_string_equal(t.source, text);
    assert_int_equal(t.source_size, sizeof text - 1);
}

static void test_include(void **state)
{
    (void)state;
    mkdir("parts", 0755);
    put("lab.yaml", "include: [parts/a.yaml, parts/b.yaml]\nroutes: [{to: 10.1.0.0/16, dev: d0}]\n"
                    "namespaces: {red: {include: ns.yaml}, blue: {include: [ns.yaml]}}\n");
    put("parts/a.yaml",
        "name: a\ninclude: c.yaml\ninterfaces: {d0: {type: dummy}}\n"
        "routes: [{to: 10.2.0.0/16, dev: d0}]\nnamespaces: {red: {interfaces: {d5: {type: dummy}}}}\n");
    put("parts/b.yaml", "include: [c.yaml]\n"); /* c a second time: it counts once */
    put("parts/c.yaml", "interfaces: {d1: {type: dummy}}\nexpect: [red reaches blue]\n");
    put("ns.yaml", "description: both\ninterfaces: {d9: {type: dummy}}\n");
    GOOD(t, "lab.yaml");
    assert_string_equal(t.name, "lab");
    assert_true(there(&t, "interface host/d0") && there(&t, "interface host/d1"));
    assert_true(there(&t, "route host/10.1.0.0/16") && there(&t, "route host/10.2.0.0/16"));
    assert_true(there(&t, "interface red/d9") && there(&t, "interface red/d5") &&
                there(&t, "interface blue/d9"));
    const struct object *d1 = model_by_id(&t.model, "interface host/d1");
    assert_string_equal(d1->place.file, "parts/c.yaml");
    assert_null(t.expectations->next);
}

/* What is kept of several files is one text that means the same. */
static void test_source(void **state)
{
    (void)state;
    put("lab.yaml", "include: more.yaml\ninterfaces:\n  d0: {type: dummy, mac: \"02:00:00:00:00:01\"}\n");
    put("more.yaml", "interfaces: {\"d1\": {type: dummy, addresses: [\"fd00::1/64\", 10.0.0.1/24]}}\n"
                     "namespaces: {red: , blue: {}}\nsysctls: {net/ipv4/ping_group_range: \"0 5\"}\n"
                     "expect: [red cannot reach blue tcp/5]\ndescription: 'not used'\n");
    GOOD(t, "lab.yaml");
    CLEANUP_ERRORS struct errors errors = {0};
    __attribute__((cleanup(topology_done))) struct topology again = {0};
    assert_int_equal(file_read_text("other.yaml", t.source, t.source_size, &again, &errors), 0);
    assert_string_equal(again.name, "lab");
    assert_int_equal(again.model.n_objects, t.model.n_objects);
    model_each(&t.model, object) assert_true(there(&again, object->id));
    assert_string_equal(again.expectations->text, "red cannot reach blue tcp/5");
}

static void test_folder(void **state)
{
    (void)state;
    mkdir("office", 0755);
    put("office/20-b.yaml", "interfaces: {d1: {type: dummy}}\nforwarding: true\n");
    put("office/10-a.yaml", "interfaces: {d0: {type: dummy}}\nforwarding: true\n");
    put("office/notes.txt", "not read: [");
    put("office/.hidden.yaml", "nor this: [");
    GOOD(t, "office/");
    assert_string_equal(t.name, "office");
    assert_true(there(&t, "interface host/d0") && there(&t, "interface host/d1"));
    size_t first = t.model.objects[0]->name[1] - '0';
    assert_int_equal(first, 0); /* in the order of their names */
    mkdir("none", 0755);
    BAD("none: error: no *.yaml file in this folder\n", "none");
}

static void test_twice(void **state)
{
    (void)state;
    put("a.yaml", "name: one\nforwarding: true\ninterfaces:\n  d0: {type: dummy}\n");
    put("b.yaml", "name: two\nforwarding: false\ninterfaces:\n  d0: {type: dummy}\nroutes: {}\n");
    put("c.yaml", "routes: [{to: 10.0.0.0/8, dev: d0}]\n");
    BAD("b.yaml:1:7: error: `name` is given twice\n"
        "     1 | name: two\n"
        "       |       ^\n"
        "       first given at a.yaml:1:7\n"
        "b.yaml:2:13: error: `forwarding` is given twice\n"
        "     2 | forwarding: false\n"
        "       |             ^\n"
        "       first given at a.yaml:2:13\n"
        "b.yaml:4:3: error: `d0` is given twice\n"
        "     4 |   d0: {type: dummy}\n"
        "       |   ^\n"
        "       first given at a.yaml:4:3\n"
        "b.yaml:5:9: error: `routes` must be a list, not a map\n"
        "     5 | routes: {}\n"
        "       |         ^\n"
        "       for example: `routes: [{to: default, via: 10.0.0.1}]`\n"
        "c.yaml:1:9: error: `routes` is a list here, but a map elsewhere\n"
        "     1 | routes: [{to: 10.0.0.0/8, dev: d0}]\n"
        "       |         ^\n"
        "       first given at b.yaml:5:9\n",
        "a.yaml", "b.yaml", "c.yaml");
}

static void test_recursion(void **state)
{
    (void)state;
    put("a.yaml", "include: b.yaml\n");
    put("b.yaml", "namespaces:\n  red:\n    include: [./c.yaml]\n");
    put("c.yaml", "include:\n  - a.yaml\n");
    BAD("./c.yaml:2:5: error: `./a.yaml` includes itself\n"
        "     2 |   - a.yaml\n"
        "       |     ^\n"
        "       a.yaml -> b.yaml -> ./c.yaml -> ./a.yaml\n",
        "a.yaml");
    put("self.yaml", "include: self.yaml\n");
    BAD("self.yaml:1:10: error: `self.yaml` includes itself\n"
        "     1 | include: self.yaml\n"
        "       |          ^\n"
        "       self.yaml -> self.yaml\n",
        "self.yaml");
}

static void test_include_mistakes(void **state)
{
    (void)state;
    mkdir("dir", 0755);
    put("lab.yaml", "include: [nowhere.yaml, dir, [x], broken.yaml]\n");
    put("broken.yaml", "interfaces: {d0: {type: dummy\n");
    BAD("lab.yaml:1:11: error: cannot include `nowhere.yaml`: no such file\n"
        "     1 | include: [nowhere.yaml, dir, [x], broken.yaml]\n"
        "       |           ^\n"
        "       the path is relative to the including file\n"
        "lab.yaml:1:25: error: cannot include `dir`: is a directory\n"
        "     1 | include: [nowhere.yaml, dir, [x], broken.yaml]\n"
        "       |                         ^\n"
        "       name the files in it\n"
        "lab.yaml:1:30: error: `include` takes names of files, not a list\n"
        "     1 | include: [nowhere.yaml, dir, [x], broken.yaml]\n"
        "       |                              ^\n"
        "broken.yaml:1:18: error: this `{` is not closed\n"
        "     1 | interfaces: {d0: {type: dummy\n"
        "       |                  ^\n"
        "       its `}` is missing at the end of the file\n",
        "lab.yaml");
}

static void test_include_in_text(void **state)
{
    static const char yaml[] = "include: /etc/shadow\n";
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology = {0};
    (void)state;
    assert_int_equal(file_read_text("lab.yaml", yaml, sizeof yaml - 1, &topology, &errors), -EINVAL);
    assert_string_equal(errors.first->message, "`include` works only in files");
}

/* Without a name in it a topology is called after its file, or the first of several. */
static void test_names(void **state)
{
    static const char *const files[][3] = {
        {"j.json", "j"}, {"y.yml", "y"}, {"z.yaml", "z"}, {"j.json", "j", "z.yaml"}};
    (void)state;
    put("j.json", "{\"interfaces\": {\"d0\": {\"type\": \"dummy\"}}}\n");
    put("y.yml", "forwarding: true\n");
    put("z.yaml", "forwarding: true\n");
    for (unsigned i = 0; i < 4; i++) {
        CLEANUP_ERRORS struct errors errors = {0};
        CLEANUP_TOPOLOGY struct topology topology = {0};
        const char *paths[] = {files[i][0], files[i][2]};
        assert_int_equal(file_read(paths, files[i][2] ? 2 : 1, &topology, &errors), 0);
        assert_string_equal(topology.name, files[i][1]);
    }
}

static void test_paths(void **state)
{
    (void)state;
    BAD("nowhere.yaml: error: no such file\n", "nowhere.yaml");
    FILE *file = fopen("huge.yaml", "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), LOAD_SIZE_MAX + 1), 0);
    fclose(file);
    BAD("huge.yaml: error: too large: a network file has at most 8 MiB\n"
        "       use `count` and aliases for what repeats, or several files\n",
        "huge.yaml");
    BAD("/dev/zero: error: too large: a network file has at most 8 MiB\n"
        "       use `count` and aliases for what repeats, or several files\n",
        "/dev/zero"); /* has no size to ask for */
}

static void test_permission(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* root reads everything */
    put("secret.yaml", "name: x\n");
    chmod("secret.yaml", 0);
    BAD("secret.yaml: error: permission denied\n"
        "       this user may not read the file\n",
        "secret.yaml");
}

/* Standard input has no name to take for the topology. */
static void test_stdin(void **state)
{
    int saved = dup(STDIN_FILENO);
    (void)state;
    put("in.yaml", "name: piped\ninterfaces: {d0: {type: dummy}}\n");
    assert_non_null(freopen("in.yaml", "r", stdin));
    GOOD(t, "-");
    assert_string_equal(t.name, "piped");
    assert_string_equal(t.model.objects[0]->place.file, "<stdin>");

    put("in.yaml", "interfaces: {d0: {type: dummy}}\n");
    assert_non_null(freopen("in.yaml", "r", stdin));
    BAD("<stdin>:1:1: error: the topology needs a `name`\n"
        "     1 | interfaces: {d0: {type: dummy}}\n"
        "       | ^\n"
        "       `name:` takes 1 to 64 letters, digits, `-`, `_` or `.`, and begins with a letter or digit\n",
        "-");
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one, enter, leave),
        cmocka_unit_test_setup_teardown(test_include, enter, leave),
        cmocka_unit_test_setup_teardown(test_source, enter, leave),
        cmocka_unit_test_setup_teardown(test_folder, enter, leave),
        cmocka_unit_test_setup_teardown(test_twice, enter, leave),
        cmocka_unit_test_setup_teardown(test_recursion, enter, leave),
        cmocka_unit_test_setup_teardown(test_include_mistakes, enter, leave),
        cmocka_unit_test_setup_teardown(test_include_in_text, enter, leave),
        cmocka_unit_test_setup_teardown(test_names, enter, leave),
        cmocka_unit_test_setup_teardown(test_paths, enter, leave),
        cmocka_unit_test_setup_teardown(test_permission, enter, leave),
        cmocka_unit_test_setup_teardown(test_stdin, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
