/* plexus history: who changed what, and when, since the machine was started. The number is the one that
 * rollback takes. */
#include <stdlib.h>
#include <string.h>

#include "apply/store.h"
#include "base/map.h"
#include "base/names.h"
#include "cli/change.h"
#include "cli/network.h"
#include "cli/output.h"

enum { FLAG_DIFF, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_DIFF] = {"diff", NULL, false, "the steps of each revision, too"},
};

struct entry {
    const char *name; /* of the topology */
    struct revision revision;
    int back; /* how many revisions before the present one; negative: it was undone */
};

struct history {
    struct entry *entries;
    size_t n;
};

/* The verb of a line of a difference; VERB_MAX: it has none. */
static enum verb verb_of(const char *line)
{
    char word[8];
    int64_t verb;
    size_t length = strcspn(line, " \n");
    if (length >= sizeof word)
        return VERB_MAX;
    memcpy(word, line, length);
    word[length] = '\0';
    return names_parse(verb_names, word, &verb) < 0 ? VERB_MAX : (enum verb)verb;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

static int newest_first(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    if (left->revision.time != right->revision.time)
        return left->revision.time < right->revision.time ? 1 : -1;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->back > right->back) - (left->back < right->back);
}

/* RESULT_NOT_FOUND: it has none. */
static enum result collect(struct cli *cli, const char *name, struct history *history)
{
    struct revision *list = NULL;
    size_t n = 0;
    enum result result = history_list(cli->machine, name, &list, &n, &cli->errors);
    if (result != RESULT_DONE)
        return result;
    history->entries = xrealloc(history->entries, history->n + n, sizeof *history->entries);
    for (size_t i = 0; i < n; i++)
        history->entries[history->n++] = (struct entry){
            .name = arena_strdup(&cli->arena, name),
            .revision = {.number = list[i].number,
                         .time = list[i].time,
                         .user = arena_strdup(&cli->arena, list[i].user),
                         .what = arena_strdup(&cli->arena, list[i].what),
                         .difference = arena_strdup(&cli->arena, list[i].difference),
                         .summary = list[i].summary},
            .back = list[i].back,
        };
    history_free(list, n);
    return RESULT_DONE;
}

static enum result collect_all(struct cli *cli, struct history *history)
{
    struct map seen CLEANUP_MAP = {0};
    char **lists[] = {history_names(cli->machine), running_names(cli->machine), saved_names(cli->machine)};
    enum result last = RESULT_DONE;
    for (size_t i = 0; i < COUNT(lists); i++) {
        for (char **name = lists[i]; *name; name++) {
            enum result result = map_has(&seen, *name) ? RESULT_NOT_FOUND : collect(cli, *name, history);
            map_set(&seen, *name, *name);
            last = result == RESULT_NOT_FOUND || result == RESULT_DONE ? last : result;
        }
    }
    map_done(&seen); /* before its keys go */
    for (size_t i = 0; i < COUNT(lists); i++)
        names_free(lists[i]);
    return last;
}

static void print_as_json(const struct history *history)
{
    json_t *list = json_array();
    for (size_t i = 0; i < history->n; i++) {
        const struct entry *entry = &history->entries[i];
        json_t *steps = json_array();
        for (const char *line = entry->revision.difference; *line; line = next_line(line))
            json_array_append_new(steps, json_stringn(line, strcspn(line, "\n")));
        json_t *json = json_pack("{s:s, s:o, s:i, s:o, s:s, s:s, s:o}", "topology", entry->name, "back",
                                 entry->back < 0 ? json_null() : json_integer(entry->back), "revision",
                                 (int)entry->revision.number, "time", output_json_time(entry->revision.time),
                                 "user", entry->revision.user, "what", entry->revision.what, "steps", steps);
        json_object_set_new(json, "summary", summary_to_json(&entry->revision.summary));
        json_object_set_new(json, "steps_total", json_integer((json_int_t)entry->revision.summary.steps));
        json_array_append_new(list, json);
    }
    output_json(list);
}

/* As plan shows them: a sign for the verb. */
static void print_steps(const struct cli *cli, const char *difference)
{
    static const enum color colors[VERB_MAX + 1] = {COLOR_ADD, COLOR_CHANGE, COLOR_DELETE, COLOR_OFF};
    for (const char *line = difference; *line; line = next_line(line)) {
        enum verb verb = verb_of(line);
        size_t skip = verb == VERB_MAX ? 0 : strcspn(line, " \n");
        output_say_in(cli, colors[verb], "  %s%.*s", skip ? verb_signs[verb] : "",
                      (int)strcspn(line + skip, "\n"), line + skip);
    }
}

enum { NUMBER_SIZE = 16 };

/* The number for rollback; what was undone has none. */
static const char *number_text(const struct entry *entry, char buffer[NUMBER_SIZE])
{
    if (entry->back < 0)
        return "undone";
    snprintf(buffer, NUMBER_SIZE, "%d", entry->back);
    return buffer;
}

static void print_diffs(const struct cli *cli, const struct history *history)
{
    char time[TIME_TEXT_SIZE];
    for (size_t i = 0; i < history->n; i++) {
        const struct entry *entry = &history->entries[i];
        char number[NUMBER_SIZE];
        output_say_in(cli, COLOR_STRONG, "%s %s  %s  %s  %s", entry->name, number_text(entry, number),
                      output_time(entry->revision.time, time), entry->revision.user, entry->revision.what);
        print_steps(cli, entry->revision.difference);
    }
}

static void print_table(const struct cli *cli, const struct history *history)
{
    static const char *const headings[] = {"NAME", "N", "TIME", "USER", "WHAT", "CHANGE", NULL};
    struct libscols_table *table = table_new(cli, headings);
    for (size_t i = 0; i < history->n; i++) {
        const struct entry *entry = &history->entries[i];
        struct text change CLEANUP_TEXT = {0};
        char number[NUMBER_SIZE], time[TIME_TEXT_SIZE];
        const struct plan_summary *summary = &entry->revision.summary;
        plan_summary_done(summary, &change);
        if (summary->steps)
            text_printf(&change, " (%zu %s)", summary->steps, summary->steps == 1 ? "step" : "steps");
        const char *const cells[] = {
            entry->name,          number_text(entry, number), output_time(entry->revision.time, time),
            entry->revision.user, entry->revision.what,       text_of(&change)};
        table_add(table, NULL, cells);
    }
    table_print(table);
}

static enum result run(struct cli *cli)
{
    struct history history = {0};
    const char *name = cli->n_args ? cli->args[0] : NULL;
    enum result result = name ? network_name(cli, name) : RESULT_DONE;
    if (result == RESULT_DONE)
        result = name ? collect(cli, name, &history) : collect_all(cli, &history);
    if (result == RESULT_NOT_FOUND)
        network_no_history(cli, name);
    if (history.n)
        qsort(history.entries, history.n, sizeof *history.entries, newest_first);
    if (cli->json && result == RESULT_DONE)
        print_as_json(&history);
    else if (cli->given[FLAG_DIFF])
        print_diffs(cli, &history);
    else if (output_is_talking(cli))
        print_table(cli, &history);
    free(history.entries);
    return result;
}

const struct command command_history = {
    .name = "history",
    .usage = "[NAME]",
    .summary = "Show who changed what, and when",
    .details =
        "Newest first. N is the number for plexus rollback; 0 is the present. Kept until the next boot.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .max_args = 1,
    .arguments = {ARGUMENT_TOPOLOGY},
    .needs = NEED_WORLD,
    .run = run,
};
