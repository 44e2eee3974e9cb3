/* What `plexus firewall` changed is in the file that runs, and not in the one that somebody has on the desk:
 * its next apply takes it away. The history has each command with the file before and after it, so it is
 * known what each of them did; where the new file says the same, nothing is lost. */
#include "cli/firewall_lost.h"

#include <string.h>

#include "apply/store.h"
#include "cli/firewall_change.h"
#include "file/read.h"

struct loss {
    struct cli *cli;
    const char *name;
    const char *source; /* of what runs */
    struct topology running;
    bool is_read; /* into `running` */
    const struct topology *next;
    const char *commands; /* those that are lost, the oldest first; NULL: none */
};

/* An edit: its words, and what it made of the file. NULL: none. */
struct edit {
    const char *what, *source;
};

static void read_quietly(const struct loss *loss, const char *source, struct topology *ret)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    file_read_text(loss->name, source, strlen(source), ret, &ignored);
}

static bool has_rule(const struct firewall *fw, const char *words)
{
    long index;
    return firewall_rule_find(fw, words, &index);
}

static enum fw_verdict default_of(const struct firewall *fw, unsigned chain)
{
    return fw ? fw->defaults[chain] : FW_UNSAID;
}

/* What the edit made of the firewall is still so in what runs, and is not in what comes. */
static bool is_undone(const struct loss *loss, const struct topology *before, const struct firewall *after)
{
    const struct firewall *then = firewall_find(before, after->ns),
                          *now = firewall_find(&loss->running, after->ns),
                          *next = firewall_find(loss->next, after->ns);
    bool is = false;
    for (const struct fw_rule *rule = after->rules; rule; rule = rule->next)
        is |= !has_rule(then, rule->words) && has_rule(now, rule->words) && !has_rule(next, rule->words);
    for (const struct fw_rule *rule = then ? then->rules : NULL; rule; rule = rule->next)
        is |= !has_rule(after, rule->words) && !has_rule(now, rule->words) && has_rule(next, rule->words);
    for (unsigned chain = 0; chain < FW_CHAINS; chain++) {
        enum fw_verdict made = after->defaults[chain];
        is |= default_of(then, chain) != made && default_of(now, chain) == made &&
              default_of(next, chain) != made;
    }
    return is;
}

static void judge(struct loss *loss, const struct edit *edit, const char *before_source)
{
    struct topology before CLEANUP_TOPOLOGY = {0}, after CLEANUP_TOPOLOGY = {0};
    bool is_lost = false;
    if (!loss->is_read)
        read_quietly(loss, loss->source, &loss->running);
    loss->is_read = true;
    read_quietly(loss, before_source, &before);
    read_quietly(loss, edit->source, &after);
    for (const struct firewall *fw = after.firewalls; fw; fw = fw->next)
        is_lost |= is_undone(loss, &before, fw);
    if (is_lost)
        loss->commands = arena_printf(&loss->cli->arena, "`plexus %s`%s%s", edit->what,
                                      loss->commands ? ", " : "", loss->commands ? loss->commands : "");
}

static bool begins(const char *what, const char *word)
{
    size_t length = strlen(word);
    return strncmp(what, word, length) == 0 && what[length] == ' ';
}

/* The file of a revision, which can be large, and is mostly not asked for. */
static const char *source_of(const struct loss *loss, unsigned number)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    char *source CLEANUP_FREE = NULL;
    history_source(loss->cli->machine, loss->name, number, &source, &ignored);
    return source ? arena_strdup(&loss->cli->arena, source) : "";
}

/* From the present back to the last apply of a file. A rollback leads to where its file was before. */
static void look_back(struct loss *loss, unsigned number)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct edit edit = {0};
    const char *wanted = NULL;
    bool goes_on = true;
    for (; goes_on && number; number--) {
        struct revision revision = {0};
        if (history_read(loss->cli->machine, loss->name, number, &revision, &ignored) != RESULT_DONE)
            break;
        bool is_edit = begins(revision.what, "firewall"), is_rollback = begins(revision.what, "rollback");
        const char *source = edit.what || wanted || is_edit || is_rollback ? source_of(loss, number) : NULL;
        if (revision.back == 0 && (!wanted || strcmp(source, wanted) == 0)) {
            if (edit.what)
                judge(loss, &edit, source);
            edit = is_edit ? (struct edit){arena_strdup(&loss->cli->arena, revision.what), source}
                           : (struct edit){0};
            wanted = is_rollback ? source : NULL;
            goes_on = is_edit || is_rollback;
        }
        revision_done(&revision);
    }
    if (edit.what && !number)
        judge(loss, &edit, "");
}

void firewall_warn_lost(struct cli *cli, const struct change *change)
{
    const char *source = change->before.source;
    struct loss loss = {.cli = cli, .name = change->name, .source = source, .next = change->topology};
    if (!source || !strstr(source, "firewall") || strcmp(source, change->topology->source) == 0)
        return;
    look_back(&loss, change->before.revision);
    topology_done(&loss.running);
    if (!loss.commands)
        return;
    struct errors *errors = &cli->session->errors;
    struct error *error =
        errors_warn(errors, NULL, "%s: what was said by hand is not in this file, and goes: %s", loss.name,
                    loss.commands);
    error_hint(errors, error,
               "to keep it, put it into the file: plexus firewall list --topology %s shows the lines, plexus "
               "history %s who said them; after an apply it is back by plexus rollback %s 1",
               loss.name, loss.name, loss.name);
}
