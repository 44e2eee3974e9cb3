/* chain: rules of the firewall in their order. One with a type, a hook and a priority is where packets come
 * in (a base chain); the others are jumped to.
 *
 * `rules` is one text, so a chain is compared, changed and brought back as a whole. Whoever types the
 * commands must not be locked out in between: the policy comes last, and a change is one transaction. */
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include "model/classes.h"
#include "model/lines.h"
#include "model/words.h"

static const struct name type_names[] = {{"filter", 0}, {"nat", 1}, {"route", 2}, {NULL, 0}};
static const struct name hook_names[] = {
    {"prerouting", NF_INET_PRE_ROUTING}, {"input", NF_INET_LOCAL_IN},           {"forward", NF_INET_FORWARD},
    {"output", NF_INET_LOCAL_OUT},       {"postrouting", NF_INET_POST_ROUTING}, {NULL, 0},
};
static const struct name policy_names[] = {{"accept", NF_ACCEPT}, {"drop", NF_DROP}, {NULL, 0}};

static const struct option options[] = {
    {
        .key = "family",
        .type = TYPE_ENUM,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .names = nft_family_names,
        .ip = "%v",
        .help = "The family of its table.",
    },
    {
        .key = "table",
        .type = TYPE_TEXT,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .ip = "%v",
        .help = "The table that it is in.",
    },
    {
        .key = "name",
        .type = TYPE_TEXT,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .ip = "%v",
        .help = "Its name.",
    },
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
    words_nft_object(out, chain, hook ? "add chain" : "chain");
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

static void add_rule(struct text *out, const struct object *chain, const struct edit *edit)
{
    words_nft_object(out, chain, "add rule");
    text_add(out, " ");
    text_add_n(out, edit->line, edit->length);
}

static void make(const struct object *chain, struct commands *out)
{
    struct text words CLEANUP_TEXT = {0};
    struct edits rules CLEANUP_EDITS = {0};
    bool drops = object_number(chain, "policy", NF_ACCEPT) == NF_DROP;
    if (object_has(chain, "type"))
        add_definition(&words, chain, true, "accept");
    else
        words_nft_object(&words, chain, "add chain");
    words_nft(chain->ns, &words, out);
    lines_compare(NULL, object_text(chain, "rules"), &rules);
    for (size_t i = 0; i < rules.n; i++) {
        add_rule(&words, chain, &rules.list[i]);
        words_nft(chain->ns, &words, out);
    }
    if (drops) {
        add_definition(&words, chain, false, "drop");
        words_nft(chain->ns, &words, out);
    }
}

/* All of it is one word of one command, and so one transaction. */
static void change(const struct step *step, struct commands *out)
{
    const struct object *chain = step->new;
    struct text words CLEANUP_TEXT = {0};
    struct edits rules CLEANUP_EDITS = {0};
    if (step_changes(step, (unsigned)object_find_option(chain, "rules"))) {
        words_nft_object(&words, chain, "flush chain");
        lines_compare(NULL, object_text(chain, "rules"), &rules);
        for (size_t i = 0; i < rules.n; i++) {
            text_add(&words, "; ");
            add_rule(&words, chain, &rules.list[i]);
        }
    }
    if (step_changes(step, (unsigned)object_find_option(chain, "policy"))) {
        text_add(&words, words.length ? "; " : "");
        add_definition(&words, chain, false, policy_of(chain));
    }
    words_nft(chain->ns, &words, out);
}

static void commands(const struct step *step, struct commands *out)
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
        words_nft_object(&words, step->old, "delete chain");
        words_nft(step->old->ns, &words, out);
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
    .commands = commands,
};
