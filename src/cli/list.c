/* plexus list: the topologies there are, running or saved. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "cli/network.h"
#include "cli/output.h"

struct row {
    const char *name;
    const struct record *record; /* NULL: it does not run */
    bool is_saved, was_cut_short;
    char *under_way;     /* by whom; NULL: nobody */
    int confirm_seconds; /* 0: confirmed */
};

static size_t count_class(const struct record *record, enum class_id class)
{
    size_t n = 0;
    if (record)
        model_each(&record->recorded, object) n += object->class->id == class;
    return n;
}

static const char *state_of(const struct row *row)
{
    if (row->under_way)
        return "changing";
    if (row->was_cut_short)
        return "cut-short";
    if (row->confirm_seconds)
        return "unconfirmed";
    return !row->record ? "saved" : row->is_saved ? "both" : "running";
}

static void print_table(const struct cli *cli, const struct row *rows, size_t n)
{
    static const char *const headings[] = {"NAME", "NAMESPACES", "INTERFACES", "STATE", "SINCE", NULL};
    struct libscols_table *table = table_new(cli, headings);
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[i];
        char namespaces[24] = "", interfaces[24] = "", since[TIME_TEXT_SIZE];
        if (row->record) {
            snprintf(namespaces, sizeof namespaces, "%zu", count_class(row->record, CLASS_NAMESPACE));
            snprintf(interfaces, sizeof interfaces, "%zu", count_class(row->record, CLASS_INTERFACE));
        }
        const char *const cells[] = {row->name, namespaces, interfaces, state_of(row),
                                     output_time(row->record ? row->record->applied : 0, since)};
        table_add(table, NULL, cells);
    }
    table_print(table);
}

static json_t *row_to_json(const struct row *row)
{
    const struct record *record = row->record;
    json_t *json = json_pack("{s:s, s:s, s:b, s:b, s:b, s:o}", "name", row->name, "state", state_of(row),
                             "running", record != NULL, "saved", row->is_saved, "cut_short",
                             row->was_cut_short, "since", output_json_time(record ? record->applied : 0));
    json_object_set_new(json, "namespaces",
                        record ? json_integer((json_int_t)count_class(record, CLASS_NAMESPACE))
                               : json_null());
    json_object_set_new(json, "interfaces",
                        record ? json_integer((json_int_t)count_class(record, CLASS_INTERFACE))
                               : json_null());
    json_object_set_new(json, "user", output_json_text(record ? record->user : NULL));
    json_object_set_new(json, "under_way", output_json_text(row->under_way));
    json_object_set_new(json, "confirm_seconds",
                        row->confirm_seconds ? json_integer(row->confirm_seconds) : json_null());
    return json;
}

static void print_rows(const struct cli *cli, const struct row *rows, size_t n)
{
    if (cli->json) {
        json_t *list = json_array();
        for (size_t i = 0; i < n; i++)
            json_array_append_new(list, row_to_json(&rows[i]));
        output_json(list);
    } else if (cli->quiet) {
        for (size_t i = 0; i < n; i++)
            puts(rows[i].name);
    } else {
        print_table(cli, rows, n);
        if (n == 0)
            output_say(cli, "nothing runs, and nothing is saved");
        for (size_t i = 0; i < n; i++)
            if (rows[i].under_way)
                output_say(cli, "%s: is being changed at this moment by %s", rows[i].name, rows[i].under_way);
            else if (rows[i].was_cut_short)
                network_say_cut_short(cli, rows[i].name);
    }
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

/* The row of the name, which is added where it is missing. */
static struct row *find_row(struct row *rows, size_t *n, const char *name)
{
    size_t i = 0;
    while (i < *n && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == *n)
        rows[(*n)++] = (struct row){.name = name};
    return &rows[i];
}

static void note_state(const struct cli *cli, struct row *row)
{
    row->under_way = apply_under_way(cli->machine, row->name);
    row->was_cut_short = !row->under_way && apply_was_cut_short(cli->machine, row->name);
}

static size_t count(char **names)
{
    size_t n = 0;
    while (names[n])
        n++;
    return n;
}

static enum result run(struct cli *cli)
{
    size_t n_records, n = 0;
    struct record *records = network_records(cli, &n_records);
    char **present = present_names(cli->machine), **saved = saved_names(cli->machine);
    size_t n_max = n_records + count(present) + count(saved);
    struct row *rows = arena_alloc(&cli->arena, (n_max + 1) * sizeof *rows);
    for (size_t i = 0; i < n_records; i++)
        find_row(rows, &n, records[i].name)->record = &records[i];
    for (char **name = present; *name; name++)
        note_state(cli, find_row(rows, &n, *name));
    for (char **name = saved; *name; name++)
        find_row(rows, &n, *name)->is_saved = true;
    for (size_t i = 0; i < n; i++)
        rows[i].confirm_seconds = pending_seconds(cli->machine, rows[i].name, NULL);
    qsort(rows, n, sizeof *rows, by_name);
    print_rows(cli, rows, n);
    for (size_t i = 0; i < n; i++)
        free(rows[i].under_way);
    names_free(present);
    names_free(saved);
    network_records_free(records, n_records);
    return cli->errors.n_errors ? RESULT_FAILED : RESULT_DONE;
}

const struct command command_list = {
    .name = "list",
    .usage = "",
    .summary = "List topologies: what runs, what is saved, since when",
    .details = "With --quiet: names only.",
    .needs = NEED_WORLD,
    .run = run,
};
