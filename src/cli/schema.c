/* plexus schema: the JSON Schema of network files, for editors. */
#include "file/schema.h"

#include "cli/output.h"

static enum result run(struct cli *cli)
{
    json_t *schema = schema_make();
    if (cli->quiet) {
        json_decref(schema);
        return RESULT_DONE;
    }
    json_dumpf(schema, stdout, cli->json ? JSON_COMPACT : JSON_INDENT(2));
    putchar('\n');
    json_decref(schema);
    return RESULT_DONE;
}

const struct command command_schema = {
    .name = "schema",
    .usage = "",
    .summary = "Print the JSON Schema of network files",
    .details = "With --json: on one line.",
    .run = run,
};
