#include "cli/firewall_change.h"

#include <stdlib.h>
#include <string.h>

#include "apply/store.h"
#include "cli/change.h"
#include "cli/live.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/output.h"
#include "file/edit.h"
#include "file/read.h"

void firewall_op_add(struct firewall_change *change, const struct firewall_op *op)
{
    if (change->n_ops < FIREWALL_OPS_MAX)
        change->ops[change->n_ops++] = *op;
}

const struct fw_rule *firewall_rule_find(const struct firewall *fw, const char *words, long *ret_index)
{
    long index = 0;
    for (const struct fw_rule *rule = fw ? fw->rules : NULL; rule; rule = rule->next, index++)
        if (strcmp(rule->words, words) == 0) {
            *ret_index = index;
            return rule;
        }
    return NULL;
}

/* Texts */

enum { PATH_MAX_KEYS = 6 };

static void path_of(const struct firewall_change *change, const char *key, const char *path[PATH_MAX_KEYS])
{
    unsigned n = 0;
    if (strcmp(change->ns, HOST) != 0) {
        path[n++] = "namespaces";
        path[n++] = change->ns;
    }
    path[n++] = "firewall";
    path[n++] = key;
    path[n] = NULL;
}

enum { NOWHERE = -2 };

/* Where the op is in this text, in which the rules may be others than in that which runs; NOWHERE: there is
 * no such place. Returns whether anything is to be done. */
static bool find_place(const struct firewall *fw, const struct firewall_op *op, bool is_running,
                       long *ret_index)
{
    long found = EDIT_END;
    const struct fw_rule *rule = op->words ? firewall_rule_find(fw, op->words, &found) : NULL;
    *ret_index = EDIT_END;
    switch (op->verb) {
    case OP_ADD:
        *ret_index = op->index;
        if (!is_running && op->behind && !firewall_rule_find(fw, op->behind, ret_index))
            *ret_index = NOWHERE;
        return !rule;
    case OP_REMOVE:
        *ret_index = is_running && op->index != EDIT_END ? op->index : found;
        return rule;
    case OP_DEFAULT:
        return !fw || fw->defaults[op->chain] != op->verdict;
    }
    return false;
}

static int edit_once(struct firewall_change *change, const struct firewall_op *op, long index,
                     const char *text, struct text *out)
{
    static const enum edit_verb verbs[] = {
        [OP_ADD] = EDIT_INSERT, [OP_REMOVE] = EDIT_REMOVE, [OP_DEFAULT] = EDIT_SET};
    struct cli *cli = change->cli;
    const char *path[PATH_MAX_KEYS];
    const char *word = op->verb == OP_ADD       ? op->words
                       : op->verb == OP_DEFAULT ? names_format(fw_verdict_names, op->verdict)
                                                : NULL;
    const struct file_edit edit = {
        .verb = verbs[op->verb],
        .path = path,
        .index = index,
        .value = word ? node_new_scalar(&cli->arena, word, &(struct place){.file = change->file}) : NULL,
    };
    path_of(change, op->verb == OP_DEFAULT ? fw_chain_names[op->chain] : "rules", path);
    return edit_text(change->file, text, strlen(text), &edit, out, &cli->errors);
}

/* Behind another rule, what is saved might be laxer than what runs. */
static enum result refuse_place(const struct firewall_change *change, const struct firewall_op *op)
{
    struct cli *cli = change->cli;
    cli_fail(cli, RESULT_BUSY, "what is saved is another file, without `%s`, before which `%s` is to be",
             op->behind, op->words);
    cli_hint(
        cli,
        "nothing was changed; without --save it is done to what runs, and plexus save %s saves all that runs",
        change->name);
    return RESULT_BUSY;
}

/* The text with all ops: *ret_text in cli->arena. */
static enum result edit_all(struct firewall_change *change, const char *text, bool is_running,
                            const char **ret_text)
{
    for (unsigned i = 0; i < change->n_ops; i++) {
        struct topology topology CLEANUP_TOPOLOGY = {0};
        struct text out CLEANUP_TEXT = {0};
        long index;
        if (network_read_text(change->cli, change->file, text, &topology) < 0)
            return RESULT_USAGE;
        if (!find_place(firewall_find(&topology, change->ns), &change->ops[i], is_running, &index))
            continue;
        if (index == NOWHERE)
            return refuse_place(change, &change->ops[i]);
        if (edit_once(change, &change->ops[i], index, text, &out) < 0)
            return RESULT_USAGE;
        text = arena_strdup(&change->cli->arena, text_of(&out));
    }
    *ret_text = text;
    return RESULT_DONE;
}

/* What runs; else what is saved; else a file that has nothing but its name. */
static const char *base_text(const struct firewall_change *change)
{
    return change->running ? change->running
           : change->saved ? change->saved
                           : arena_printf(&change->cli->arena, "name: %s\n", change->name);
}

enum result firewall_change_try(struct firewall_change *change, struct topology *ret_topology)
{
    const char *text;
    enum result result = edit_all(change, base_text(change), true, &text);
    if (result != RESULT_DONE)
        return result;
    int r = network_read_text(change->cli, change->file, text, ret_topology);
    return r < 0 ? RESULT_USAGE : RESULT_DONE;
}

/* Whether the namespace can have a firewall there, and a text of its own. */
static enum result check_namespace(struct firewall_change *change, const struct topology *topology)
{
    struct cli *cli = change->cli;
    const char *const path[] = {"namespaces", change->ns, NULL}, *text = base_text(change);
    if (strcmp(change->ns, HOST) == 0 || edit_has(text, strlen(text), path))
        return RESULT_DONE;
    if (model_get(&topology->model, CLASS_NAMESPACE, HOST, change->ns)) {
        cli_fail(cli, RESULT_USAGE, "namespace `%s` of `%s` is one of several that are said once", change->ns,
                 change->name);
        cli_hint(cli, "what holds for all of them is changed in the file");
        return RESULT_USAGE;
    }
    struct nearest nearest = {.word = change->ns};
    model_each(&topology->model, object)
    {
        if (object->class->id == CLASS_NAMESPACE)
            nearest_offer(&nearest, object->name);
    }
    cli_fail(cli, RESULT_NOT_FOUND, "`%s` has no namespace `%s`", change->name, change->ns);
    const char *other = firewall_topology_with(cli, change->ns);
    if (other)
        cli_hint(cli, "`%s` has it: --topology %s --namespace %s", other, other, change->ns);
    else if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "no topology that runs has it; plexus list shows the topologies, plexus show what is "
                      "in them");
    return RESULT_NOT_FOUND;
}

/* The whole */

static enum result load_texts(struct firewall_change *change)
{
    struct cli *cli = change->cli;
    struct record record CLEANUP_RECORD = {0};
    enum result result = record_load(cli->machine, change->name, &record, &cli->errors);
    if (result == RESULT_DONE)
        change->running = arena_strdup(&cli->arena, record.source);
    else if (result != RESULT_NOT_FOUND)
        return result;
    char *saved CLEANUP_FREE = NULL;
    result = saved_read(cli->machine, change->name, &saved, &cli->errors);
    change->saved = arena_strdup(&cli->arena, saved);
    if (result != RESULT_NOT_FOUND || change->running || strcmp(change->name, HOST) == 0)
        return result == RESULT_NOT_FOUND ? RESULT_DONE : result;
    return firewall_refuse_topology(cli, change->name);
}

static enum result choose(struct firewall_change *change)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    if (network_read_text(change->cli, change->file, base_text(change), &topology) < 0)
        return RESULT_USAGE;
    enum result result = check_namespace(change, &topology);
    return result == RESULT_DONE ? change->choose(change, firewall_find(&topology, change->ns)) : result;
}

static enum result apply(struct firewall_change *change, const struct topology *topology)
{
    struct cli *cli = change->cli;
    long seconds = 0;
    enum result result = options_number(cli, FIREWALL_FLAG_CONFIRM, 1, CONFIRM_MAX,
                                        cli->given[FIREWALL_FLAG_CONFIRM] ? CONFIRM_SECONDS : 0, &seconds);
    if (result != RESULT_DONE)
        return result;
    struct change_job job = {
        .name = change->name,
        .topology = topology,
        .dry_run = cli->given[FIREWALL_FLAG_DRY_RUN],
        .keeps_ssh = change->keeps_ssh,
        .options = {.confirm_seconds = (int)seconds, .expect = true},
    };
    return change_make_here(cli, &job);
}

/* Where what is saved is what runs, it stays so; else it gets this change and no other. */
static enum result saved_text(struct firewall_change *change, const char *now, const char **ret_text)
{
    struct topology topology CLEANUP_TOPOLOGY = {0};
    if (!change->saved || (change->running && strcmp(change->saved, change->running) == 0)) {
        *ret_text = now;
        return RESULT_DONE;
    }
    enum result result = edit_all(change, change->saved, false, ret_text);
    if (result == RESULT_DONE && network_read_text(change->cli, change->file, *ret_text, &topology) < 0)
        result = RESULT_USAGE;
    return result;
}

static enum result save(struct firewall_change *change, const char *text)
{
    struct cli *cli = change->cli;
    char *path CLEANUP_FREE = saved_path(cli->machine, change->name);
    enum result result = save_text(cli->session, change->name, text);
    if (result == RESULT_DONE && cli->in_world)
        output_say(cli, "%s: saved: ~/.config/plexus/%s.yaml", change->name, change->name);
    else if (result == RESULT_DONE)
        output_say(cli, "%s: saved for the next boot: %s", change->name, path);
    return result;
}

static bool was_told(const struct errors *before, const struct error *error)
{
    for (const struct error *told = before->first; told; told = told->next)
        if (strcmp(told->message, error->message) == 0)
            return true;
    return false;
}

/* What is wrong with it; of what could be meant, only what was not so before. */
static enum result check(struct firewall_change *change, const struct topology *topology)
{
    CLEANUP_ERRORS struct errors before = {0}, now = {0};
    struct topology old CLEANUP_TOPOLOGY = {0};
    struct errors *errors = &change->cli->errors;
    const char *text = base_text(change);
    if (file_read_text(change->file, text, strlen(text), &old, &before) == 0)
        topology_check(&old, &before);
    int r = topology_check(topology, &now);
    for (const struct error *error = now.first; error; error = error->next) {
        bool is_warning = error->severity == SEVERITY_WARNING;
        if (is_warning && was_told(&before, error))
            continue;
        struct error *told =
            (is_warning ? errors_warn : errors_add)(errors, &error->place, "%s", error->message);
        if (error->hint)
            error_hint(errors, told, "%s", error->hint);
    }
    return r < 0 ? RESULT_USAGE : RESULT_DONE;
}

/* It is another topology than anyone may have thought of. */
static void say_begun(const struct firewall_change *change)
{
    const struct cli *cli = change->cli;
    if (change->running || cli->given[FIREWALL_FLAG_DRY_RUN])
        return;
    if (change->saved)
        output_say(cli, "%s: did not run: it was begun as it is saved, and changed", change->name);
    else
        output_say(cli, "%s: made, a topology for what is said by hand of the host", change->name);
}

static enum result make(struct firewall_change *change)
{
    struct cli *cli = change->cli;
    struct topology topology CLEANUP_TOPOLOGY = {0};
    bool saves = cli->given[FIREWALL_FLAG_SAVE] && !cli->given[FIREWALL_FLAG_DRY_RUN];
    const char *for_boot = NULL;
    enum result result = load_texts(change);
    if (result == RESULT_DONE)
        result = choose(change);
    if (result == RESULT_DONE)
        result = firewall_change_try(change, &topology);
    if (result == RESULT_DONE)
        result = check(change, &topology);
    if (result == RESULT_DONE && saves)
        result = saved_text(change, topology.source, &for_boot);
    if (result == RESULT_DONE)
        result = apply(change, &topology);
    if (result == RESULT_DONE)
        say_begun(change);
    return result == RESULT_DONE && saves ? save(change, for_boot) : result;
}

enum result firewall_change_make(struct firewall_change *change)
{
    struct cli *cli = change->cli;
    if (cli->given[FIREWALL_FLAG_SAVE] && cli->given[FIREWALL_FLAG_CONFIRM]) {
        cli_fail(cli, RESULT_USAGE, "--save and --confirm: what is not confirmed is not saved");
        cli_hint(cli, "first without --save; then: plexus confirm, and plexus save NAME");
        return RESULT_USAGE;
    }
    change->ns = firewall_namespace(cli);
    enum result result = firewall_topology(cli, &change->name);
    if (result != RESULT_DONE)
        return result;
    change->file = arena_printf(&cli->arena, "%s.yaml", change->name);
    result = network_open(cli, cli->given[FIREWALL_FLAG_DRY_RUN] ? ACCESS_READ : ACCESS_WRITE, change->name,
                          !cli->given[FIREWALL_FLAG_NO_WAIT]);
    if (result == RESULT_DONE)
        result = make(change);
    network_close(cli, result);
    return result;
}
