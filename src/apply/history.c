/* The history of a topology since boot: who changed what, and the file that says how it was. It is for
 * people, and in the way of nothing: where it cannot be written, that is a warning. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/internal.h"

enum { HISTORY_MAX = 50 }; /* revisions kept of one topology; older ones go */

enum { FILE_SIZE = 40 };

static const char *revision_file(unsigned number, const char *ending, char buffer[FILE_SIZE])
{
    snprintf(buffer, FILE_SIZE, "history/%04u.%s", number, ending);
    return buffer;
}

static char *revision_path(const struct machine *machine, const char *name, unsigned number)
{
    char file[FILE_SIZE];
    return run_path(machine, name, revision_file(number, "json", file));
}

static char *source_path(const struct machine *machine, const char *name, unsigned number)
{
    char file[FILE_SIZE];
    return run_path(machine, name, revision_file(number, "yaml", file));
}

static int read_last(const struct machine *machine, const char *name, unsigned *ret_last,
                     struct errors *errors)
{
    char *path CLEANUP_FREE = run_path(machine, name, "history/last");
    char *data CLEANUP_FREE = NULL;
    size_t size;
    enum { NUMBER_MAX = 1000000000 };
    int r = store_read(path, &data, &size, errors);
    unsigned long number = r < 0 ? 0 : strtoul(data, NULL, 10);
    *ret_last = number > NUMBER_MAX ? NUMBER_MAX : (unsigned)number;
    return r == -ENOENT ? 0 : r;
}

unsigned history_last(const struct machine *machine, const char *name)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    unsigned last;
    read_last(machine, name, &last, &ignored);
    return last;
}

static void add_difference(struct text *out, const struct plan *plan)
{
    enum { LINES_MAX = 1000 };
    struct text text CLEANUP_TEXT = {0};
    for (size_t i = 0; i < plan->n_steps && i < LINES_MAX; i++) {
        text_printf(&text, "%s ", names_format(verb_names, plan->steps[i]->verb));
        step_describe(plan->steps[i], &text);
        text_add(&text, "\n");
    }
    if (plan->n_steps > LINES_MAX)
        text_printf(&text, "... and %zu more\n", plan->n_steps - LINES_MAX);
    bool is_utf8 = utf8_is_valid(text_of(&text));
    for (size_t i = 0; !is_utf8 && i < text.length; i++)
        if ((unsigned char)text.data[i] > 0x7f) /* a text of others that is not UTF-8 */
            text.data[i] = '?';
    text_add_json(out, text_of(&text));
}

/* The name of a file need not be UTF-8, which JSON is. */
static const char *printable(const char *what)
{
    return !what ? "" : utf8_is_valid(what) ? what : "apply (a file whose name is not UTF-8)";
}

static void revision_format(unsigned number, const char *what, const struct plan *plan, struct text *out)
{
    const struct plan_summary summary = plan_summarize(plan);
    text_printf(out, "{\"number\":%u,\"time\":%lld,\"user\":", number, (long long)time(NULL));
    text_add_json(out, user_name());
    text_add(out, ",\"what\":");
    text_add_json(out, printable(what));
    text_add(out, ",\"difference\":");
    add_difference(out, plan);
    text_printf(out, ",\"summary\":{\"steps\":%zu,\"add\":%zu,\"change\":%zu,\"delete\":%zu}}\n",
                summary.steps, summary.add, summary.change, summary.delete);
}

static int add_revision(const struct machine *machine, const char *name, unsigned number, const char *what,
                        const struct plan *plan, const char *source, struct errors *errors)
{
    char *path CLEANUP_FREE = revision_path(machine, name, number);
    char *last CLEANUP_FREE = run_path(machine, name, "history/last");
    char file[FILE_SIZE];
    struct text json CLEANUP_TEXT = {0}, text CLEANUP_TEXT = {0};
    struct texts texts = {.machine = machine, .name = name, .errors = errors};
    revision_format(number, what, plan, &json);
    text_printf(&text, "%u\n", number);
    int r = texts_write(&texts, revision_file(number, "yaml", file), source);
    if (r == 0)
        r = store_write(path, json.data, json.length, errors);
    if (r == 0)
        r = store_write(last, text.data, text.length, errors);
    if (r < 0)
        return r;
    if (number > HISTORY_MAX) {
        char *old CLEANUP_FREE = revision_path(machine, name, number - HISTORY_MAX);
        char *old_source CLEANUP_FREE = source_path(machine, name, number - HISTORY_MAX);
        store_remove(old);
        store_remove(old_source);
    }
    return 0;
}

unsigned history_add(const struct machine *machine, const char *name, const char *what,
                     const struct plan *plan, const char *source, struct errors *errors)
{
    struct errors why CLEANUP_ERRORS = {0};
    unsigned last;
    int r = read_last(machine, name, &last, &why);
    if (r == 0)
        r = add_revision(machine, name, last + 1, what, plan, source, &why);
    if (r == 0)
        return last + 1;
    struct error *warning = errors_warn(errors, NULL, "this change is missing in the history: %s",
                                        why.first ? why.first->message : strerror(-r));
    if (why.first && why.first->hint)
        error_hint(errors, warning, "%s", why.first->hint);
    return last;
}

static int revision_load(const struct machine *machine, const char *name, unsigned number,
                         struct revision *ret_revision, struct errors *errors)
{
    char *path CLEANUP_FREE = revision_path(machine, name, number);
    json_t *json CLEANUP_JSON = NULL;
    const char *user, *what, *difference;
    json_int_t when, steps = 0, add = 0, change = 0, delete = 0;
    int undone = 0;
    int r = store_read_json(path, &json, errors);
    if (r < 0)
        return r;
    if (json_unpack(json, "{s:I, s:s, s:s, s:s, s?b, s?{s:I, s:I, s:I, s:I}}", "time", &when, "user", &user,
                    "what", &what, "difference", &difference, "undone", &undone, "summary", "steps", &steps,
                    "add", &add, "change", &change, "delete", &delete) < 0) {
        struct error *error = errors_add(errors, NULL, "%s is damaged", path);
        error_hint(errors, error, "remove the file: what runs stays, only that revision is lost");
        return -EBADMSG;
    }
    *ret_revision = (struct revision){
        .number = number,
        .back = undone ? -1 : 0,
        .time = (time_t)when,
        .user = xstrdup(user),
        .what = xstrdup(what),
        .difference = xstrdup(difference),
        .summary = {
            .steps = (size_t)steps, .add = (size_t)add, .change = (size_t)change, .delete = (size_t) delete}};
    return 0;
}

enum result history_list(const struct machine *machine, const char *name, struct revision **ret_list,
                         size_t *ret_n, struct errors *errors)
{
    unsigned last = history_last(machine, name), first = last > HISTORY_MAX ? last - HISTORY_MAX + 1 : 1;
    struct revision *list = NULL;
    size_t n = 0;
    for (unsigned number = first; number - first < HISTORY_MAX && number <= last; number++) {
        list = xrealloc(list, n + 1, sizeof *list);
        int r = revision_load(machine, name, number, &list[n], errors);
        if (r == 0)
            n++;
        else if (r != -ENOENT) {
            history_free(list, n);
            return result_of(r);
        }
    }
    if (!n) {
        free(list);
        return RESULT_NOT_FOUND;
    }
    int back = 0;
    for (size_t i = n; i-- > 0;)
        if (list[i].back == 0)
            list[i].back = back++;
    *ret_list = list;
    *ret_n = n;
    return RESULT_DONE;
}

void history_undo(const struct machine *machine, const char *name, unsigned number)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    unsigned last = history_last(machine, name);
    for (unsigned left = HISTORY_MAX; left-- && number++ < last;) {
        char *path CLEANUP_FREE = revision_path(machine, name, number);
        json_t *json CLEANUP_JSON = NULL;
        if (store_read_json(path, &json, &ignored) < 0)
            continue;
        json_object_set_new(json, "undone", json_true());
        if (store_write_json(path, json, &ignored) < 0)
            store_remove(path); /* a full disk: better gone than taken for what was */
    }
}

enum result history_read(const struct machine *machine, const char *name, unsigned number,
                         struct revision *ret_revision, struct errors *errors)
{
    int r = revision_load(machine, name, number, ret_revision, errors);
    return r == -ENOENT ? RESULT_NOT_FOUND : result_of(r);
}

enum result history_source(const struct machine *machine, const char *name, unsigned number,
                           char **ret_source, struct errors *errors)
{
    char *path CLEANUP_FREE = source_path(machine, name, number);
    size_t size;
    return result_of(store_read(path, ret_source, &size, errors));
}

void revision_done(struct revision *revision)
{
    free(revision->user);
    free(revision->what);
    free(revision->difference);
}

void history_free(struct revision *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        revision_done(&list[i]);
    free(list);
}
