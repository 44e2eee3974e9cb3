/* plexus check: whether a file can be applied, as far as that can be said without looking at what runs: its
 * words, what they refer to, and whether this kernel has what it asks for. Needs no privileges. */
#include <string.h>

#include "apply/apply.h"
#include "cli/network.h"
#include "cli/output.h"
#include "model/check.h"

/* The file may be meant for another machine: so this is a warning, and an apply will refuse. */
static void look_for_hardware(struct session *session, const struct model *model)
{
    struct model wanted CLEANUP_MODEL = {0}, observed CLEANUP_MODEL = {0};
    model_each(model, object)
    {
        if (object->kind == &kind_physical && strcmp(object->ns, HOST) == 0)
            model_copy(&wanted, object);
    }
    if (wanted.n_objects &&
        session->door->ops->observe(session->door, &wanted, LOOK_WANTED, &observed, &session->errors) == 0)
        plan_warn_missing(&wanted, &observed, &session->errors);
}

static enum result check_kernel(struct cli *cli, const struct topology *topology)
{
    enum result result = network_open(cli, ACCESS_READ, NULL, false);
    if (result != RESULT_DONE)
        return result;
    struct door *door = cli->session->door;
    struct errors *errors = &cli->session->errors;
    int r = door->ops->lacks(door, &topology->model, errors);
    int attached = origins_check(cli->session, topology, NULL);
    r = attached < 0 ? attached : r;
    look_for_hardware(cli->session, &topology->model);
    foreign_look(cli->session, topology, HOST);
    check_sort(errors); /* of what has a count, each tells the same */
    return r < 0 ? RESULT_USAGE : RESULT_DONE;
}

static enum result run(struct cli *cli)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    enum result result = network_read(cli, cli->args, cli->n_args, &topology);
    bool is_read = topology.name != NULL;
    enum result kernel = is_read ? check_kernel(cli, &topology) : RESULT_DONE;
    result = result == RESULT_DONE ? kernel : result;
    if (cli->json)
        output_json(json_pack("{s:o, s:b, s:I}", "topology", output_json_text(is_read ? topology.name : NULL),
                              "valid", result == RESULT_DONE, "objects",
                              (json_int_t)topology.model.n_objects));
    if (result == RESULT_DONE)
        output_say(cli, "%s: ok", topology.name);
    return result;
}

const struct command command_check = {
    .name = "check",
    .usage = "[FILE...]",
    .summary = "Look for mistakes in a file; change nothing",
    .details =
        "Several files, or the *.yaml files of a folder, are one topology. Without FILE: plexus.yaml here.",
    .max_args = 1000,
    .arguments = {ARGUMENT_FILE},
    .run = run,
};
