/* plexus firewall allow, deny, reject, limit, remove, default, enable. */
#include <stdlib.h>
#include <string.h>

#include "cli/firewall_change.h"
#include "cli/firewall_ssh.h"
#include "cli/firewall_words.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/output.h"
#include "file/edit.h"

/* Rules */

static const char *words_at(const struct firewall *fw, long index)
{
    const struct fw_rule *rule = fw ? fw->rules : NULL;
    while (rule && index--)
        rule = rule->next;
    return rule ? rule->words : "";
}

static enum result choose_rule(struct firewall_change *change, const struct firewall *fw)
{
    struct cli *cli = change->cli;
    struct firewall_op op = {.verb = OP_ADD, .index = EDIT_END};
    long n = 1, at, there;
    for (const struct fw_rule *rule = fw ? fw->rules : NULL; rule; rule = rule->next)
        n++;
    op.words = firewall_rule_text(&cli->arena, cli->args[0], cli->args + 1, cli->n_args - 1, &cli->errors);
    enum result result = options_number(cli, FIREWALL_FLAG_AT, 1, n, n, &at);
    if (!op.words || result != RESULT_DONE)
        return RESULT_USAGE;
    op.index = at == n ? EDIT_END : at - 1;
    op.behind = op.index > 0 ? arena_strdup(&cli->arena, words_at(fw, op.index)) : NULL;
    if (firewall_rule_find(fw, op.words, &there))
        output_say(cli, "`%s` is there already, as rule %ld", op.words, there + 1);
    else if (fw && fw->rules && op.index == EDIT_END && strcmp(cli->args[0], "allow") != 0)
        output_say(cli, "`%s` is asked after the rules before it; first of all with --at 1", op.words);
    firewall_op_add(change, &op);
    return RESULT_DONE;
}

enum result firewall_rule(struct cli *cli)
{
    struct firewall_change change = {
        .cli = cli, .keeps_ssh = strcmp(cli->args[0], "allow") != 0, .choose = choose_rule};
    return firewall_change_make(&change);
}

static enum result refuse_number(struct cli *cli, long n)
{
    cli_fail(cli, RESULT_NOT_FOUND, "there is no rule %s", cli->args[1]);
    cli_hint(cli, n ? "plexus firewall list shows the numbers" : "the firewall has no rules");
    return RESULT_NOT_FOUND;
}

static enum result refuse_words(struct cli *cli, const struct firewall *fw, const char *words)
{
    struct nearest nearest = {.word = words};
    for (const struct fw_rule *rule = fw ? fw->rules : NULL; rule; rule = rule->next)
        nearest_offer(&nearest, rule->words);
    cli_fail(cli, RESULT_NOT_FOUND, "there is no rule `%s`", words);
    if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "plexus firewall list shows all");
    return RESULT_NOT_FOUND;
}

static enum result choose_number(struct firewall_change *change, const struct firewall *fw)
{
    struct cli *cli = change->cli;
    long number = strtol(cli->args[1], NULL, 10), n = 0;
    for (const struct fw_rule *rule = fw ? fw->rules : NULL; rule; rule = rule->next)
        if (++n == number) {
            const struct firewall_op op = {
                .verb = OP_REMOVE, .index = n - 1, .words = arena_strdup(&cli->arena, rule->words)};
            firewall_op_add(change, &op);
            return RESULT_DONE;
        }
    return refuse_number(cli, n);
}

/* By the words as they stand in the file, or as they are typed. */
static enum result choose_words(struct firewall_change *change, const struct firewall *fw)
{
    struct cli *cli = change->cli;
    struct firewall_op op = {.verb = OP_REMOVE, .index = EDIT_END};
    struct text plain CLEANUP_TEXT = {0};
    for (size_t i = 1; i < cli->n_args; i++)
        text_printf(&plain, "%s%s", i > 1 ? " " : "", cli->args[i]);
    op.words = arena_strdup(&cli->arena, text_of(&plain));
    if (!firewall_rule_find(fw, op.words, &op.index))
        op.words =
            firewall_rule_text(&cli->arena, cli->args[1], cli->args + 2, cli->n_args - 2, &cli->errors);
    if (!op.words)
        return RESULT_USAGE;
    if (!firewall_rule_find(fw, op.words, &op.index))
        return refuse_words(cli, fw, op.words);
    firewall_op_add(change, &op);
    return RESULT_DONE;
}

static enum result choose_removed(struct firewall_change *change, const struct firewall *fw)
{
    bool by_number = change->cli->n_args == 2 && options_is_number(change->cli->args[1]);
    return by_number ? choose_number(change, fw) : choose_words(change, fw);
}

enum result firewall_remove(struct cli *cli)
{
    struct firewall_change change = {.cli = cli, .keeps_ssh = true, .choose = choose_removed};
    return firewall_change_make(&change);
}

/* Defaults, also by the words of ufw, and in its order: `default deny incoming`. */

static const struct name directions[] = {
    {"input", FW_INPUT},     {"incoming", FW_INPUT}, {"in", FW_INPUT},
    {"forward", FW_FORWARD}, {"routed", FW_FORWARD}, {"output", FW_OUTPUT},
    {"outgoing", FW_OUTPUT}, {"out", FW_OUTPUT},     {NULL, 0},
};

static const struct name policies[] = {
    {"accept", FW_ACCEPT}, {"allow", FW_ACCEPT},  {"drop", FW_DROP},
    {"deny", FW_DROP},     {"reject", FW_REJECT}, {NULL, 0},
};

static enum result refuse_default(struct cli *cli, const struct name *names, const char *word,
                                  const char *what)
{
    struct nearest nearest = {.word = word};
    for (const struct name *name = names; name->name; name++)
        nearest_offer(&nearest, name->name);
    cli_fail(cli, RESULT_USAGE, "`%s` is no %s", word, what);
    if (!cli_hint_nearest(cli, nearest.best))
        cli_hint(cli, "plexus firewall default input|forward|output accept|drop|reject");
    return RESULT_USAGE;
}

static enum result choose_default(struct firewall_change *change, const struct firewall *fw)
{
    struct cli *cli = change->cli;
    const char *direction = cli->args[1], *policy = cli->args[2];
    int64_t chain, verdict;
    (void)fw;
    if (names_parse(policies, direction, &verdict) == 0) {
        direction = cli->args[2];
        policy = cli->args[1];
    }
    if (names_parse(directions, direction, &chain) < 0)
        return refuse_default(cli, directions, direction, "direction");
    if (names_parse(policies, policy, &verdict) < 0)
        return refuse_default(cli, policies, policy, "policy");
    const struct firewall_op op = {
        .verb = OP_DEFAULT, .chain = (enum fw_chain)chain, .verdict = (enum fw_verdict)verdict};
    firewall_op_add(change, &op);
    return RESULT_DONE;
}

enum result firewall_default(struct cli *cli)
{
    struct firewall_change change = {.cli = cli, .keeps_ssh = true, .choose = choose_default};
    return firewall_change_make(&change);
}

/* Enable: what is not allowed does not come in, but for whoever types this. */

static enum result keep_out(struct firewall_change *change, const struct firewall *fw)
{
    struct firewall_op op = {.verb = OP_DEFAULT, .chain = FW_INPUT, .verdict = FW_DROP};
    if (fw && (fw->defaults[FW_INPUT] == FW_DROP || fw->defaults[FW_INPUT] == FW_REJECT))
        op.verdict = fw->defaults[FW_INPUT];
    firewall_op_add(change, &op);
    return RESULT_DONE;
}

static enum result choose_enabled(struct firewall_change *change, const struct firewall *fw)
{
    struct cli *cli = change->cli;
    struct topology topology CLEANUP_TOPOLOGY = {0};
    struct model none CLEANUP_MODEL = {0}, observed CLEANUP_MODEL = {0};
    struct ssh_judged judged;
    struct door *door = cli->session->door;
    keep_out(change, fw);
    enum result result = firewall_change_try(change, &topology);
    if (result != RESULT_DONE)
        return result;
    if (door->ops->observe(door, &none, LOOK_WANTED, &observed, &cli->session->errors) < 0)
        return RESULT_FAILED;
    if (!ssh_is_cut(cli, &topology, &observed, &judged) || judged.leads_away)
        return RESULT_DONE;
    const struct firewall_op op = {.verb = OP_ADD,
                                   .words = arena_printf(&cli->arena, "allow %s", judged.rule)};
    output_say(cli, "so that your SSH session stays: %s", op.words);
    firewall_op_add(change, &op);
    return RESULT_DONE;
}

enum result firewall_enable(struct cli *cli)
{
    struct firewall_change change = {.cli = cli, .keeps_ssh = true, .choose = choose_enabled};
    return firewall_change_make(&change);
}
