/* chain: rules of the firewall in their order. One with a type, a hook and a priority is where packets come
 * in (a base chain); the others are jumped to.
 *
 * `rules` is one text, so a chain is compared, changed and brought back as a whole. Whoever types the
 * commands must not be locked out in between: the policy comes last, and a change is one transaction. */
#include <linux/netfilter.h>
#include <string.h>

#include "model/classes.h"
#include "model/nft_lines.h"
#include "model/words.h"

static const struct name type_names[] = {{"filter", 0}, {"nat", 1}, {"route", 2}, {NULL, 0}};
static const struct name hook_names[] = {
    {"prerouting", NF_INET_PRE_ROUTING}, {"input", NF_INET_LOCAL_IN},           {"forward", NF_INET_FORWARD},
    {"output", NF_INET_LOCAL_OUT},       {"postrouting", NF_INET_POST_ROUTING}, {NULL, 0},
};
static const struct name policy_names[] = {{"accept", NF_ACCEPT}, {"drop", NF_DROP}, {NULL, 0}};

static const struct option options[] = {
    NFT_FAMILY_OPTION("The family of its table."),
    NFT_NAME_OPTION("table", "The table that it is in."),
    NFT_NAME_OPTION("name", "Its name."),
    {
        .key = "type",
        .type = TYPE_ENUM,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .names = type_names,
        .ip = "type %v",
        .help = "What its rules may do.",
    },
    {
        .key = "hook",
        .type = TYPE_ENUM,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .names = hook_names,
        .ip = "hook %v",
        .help = "Where packets come in.",
    },
    {
        .key = "priority",
        .type = TYPE_NUMBER,
        .flags = OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .min = INT32_MIN,
        .max = INT32_MAX,
        .ip = "priority %v",
        .help = "Its place among those of the hook: the lowest first.",
    },
    {
        .key = "policy",
        .type = TYPE_ENUM,
        .flags = OPTION_INTERNAL,
        .names = policy_names,
        .ip = "policy %v",
        .help = "What becomes of packets that no rule decides.",
    },
    {
        .key = "rules",
        .type = TYPE_RULES,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "Its rules.",
    },
};

/* "chain inet lab input { policy drop; }", and with `hook` what it is born with. */
static void add_definition(struct text *out, const struct object *chain, bool hook, const char *policy)
{
    nft_begin(out, hook ? "add chain" : "chain", chain);
    text_add(out, " {");
    if (hook) {
        words_add_key(out, chain, "type");
        words_add_key(out, chain, "hook");
        words_add_key(out, chain, "priority");
        text_add(out, ";");
    }
    text_printf(out, " policy %s; }", policy);
}

static const char *policy_of(const struct object *chain)
{
    return names_format(policy_names, object_number(chain, "policy", NF_ACCEPT));
}

static void add_rules(const struct object *chain, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    for (const char *rule = object_text(chain, "rules"); rule && *rule;) {
        size_t length = strcspn(rule, "\n");
        nft_begin(&line, "add rule", chain);
        nft_add_rule(&line, rule, length);
        words_end(&line, out);
        rule += length + (rule[length] == '\n');
    }
}

static void make(const struct object *chain, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    if (object_has(chain, "type"))
        add_definition(&line, chain, true, "accept");
    else
        nft_begin(&line, "add chain", chain);
    words_end(&line, out);
    add_rules(chain, out);
    if (object_number(chain, "policy", NF_ACCEPT) == NF_ACCEPT)
        return;
    add_definition(&line, chain, false, policy_of(chain));
    words_end(&line, out);
}

static void change(const struct step *step, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    if (step_changes(step, (unsigned)object_find_option(step->new, "rules"))) {
        nft_begin(&line, "flush chain", step->new);
        words_end(&line, out);
        add_rules(step->new, out);
    }
    if (step_changes(step, (unsigned)object_find_option(step->new, "policy"))) {
        add_definition(&line, step->new, false, policy_of(step->new));
        words_end(&line, out);
    }
}

void chain_lines(const struct step *step, struct commands *out)
{
    struct text words CLEANUP_TEXT = {0};
    switch (step->verb) {
    case VERB_ADD:
        make(step->new, out);
        break;
    case VERB_SET:
        change(step, out);
        break;
    case VERB_DEL:
        nft_begin(&words, "delete chain", step->old);
        words_end(&words, out);
        break;
    case VERB_MAX:
        break;
    }
}

const struct class class_chain = {
    .id = CLASS_CHAIN,
    .name = "chain",
    .plural = "chains",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED | CLASS_ASKED | CLASS_BRIEF | CLASS_TOGETHER,
    .deletion = 110,
    .help = "Rules of the firewall, in their order.",
    .commands = nft_commands,
};
