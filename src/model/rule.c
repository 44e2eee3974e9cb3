/* rule: which routing table a packet is looked up in, in the order of `priority`.
 *
 * Every namespace has three that the kernel made: local (0), main (32766) and default (32767). Linux has
 * no way to change a rule: it is deleted and made again. What tells two rules apart is everything but what
 * they do; a deletion takes the first that has all that it says, so it says all. */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "model/classes.h"
#include "model/words.h"

static const struct name family_names[] = {{"ipv4", AF_INET}, {"ipv6", AF_INET6}, {NULL, 0}};
static const struct name table_names[] = {
    {"main", RT_TABLE_MAIN}, {"local", RT_TABLE_LOCAL}, {"default", RT_TABLE_DEFAULT}, {NULL, 0}};
static const struct name action_names[] = {
    {"lookup", FR_ACT_TO_TBL},
    {"blackhole", FR_ACT_BLACKHOLE},
    {"unreachable", FR_ACT_UNREACHABLE},
    {"prohibit", FR_ACT_PROHIBIT},
    {NULL, 0},
};

static const struct option options[] = {
    {
        .key = "priority",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = FRA_PRIORITY,
        .flags = OPTION_KEY,
        .change = CHANGE_RECREATE,
        .min = 0,
        .max = UINT32_MAX,
        .ip = "priority %v",
        .help =
            "Its place: rules are asked from the lowest to the highest. Those without one get 1000, 1001 and "
            "so on, in the order of the file.",
    },
    {
        .key = "family",
        .type = TYPE_ENUM,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .names = family_names,
        .fallback = "ipv4",
        .help = "Whether it is for IPv4 or IPv6.",
    },
    {
        .key = "from",
        .type = TYPE_NETWORK,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .ip = "from %v",
        .help = "Packets from this network.",
    },
    {
        .key = "to",
        .type = TYPE_NETWORK,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .ip = "to %v",
        .help = "Packets to this network.",
    },
    {
        .key = "iif",
        .type = TYPE_DEVICE,
        .wire = WIRE_STRING,
        .attr = FRA_IIFNAME,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .ip = "iif %v",
        .help = "Packets that came in by this interface; `lo` is what the host itself sends.",
    },
    {
        .key = "oif",
        .type = TYPE_DEVICE,
        .wire = WIRE_STRING,
        .attr = FRA_OIFNAME,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .ip = "oif %v",
        .help = "Packets of programs that are bound to this interface.",
    },
    {
        .key = "mark",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = FRA_FWMARK,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .min = 1,
        .max = UINT32_MAX,
        .ip = "fwmark %v",
        .help = "Packets that carry this mark of the firewall.",
    },
    {
        .key = "table",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = FRA_TABLE,
        .change = CHANGE_RECREATE,
        .min = 1,
        .max = UINT32_MAX,
        .names = table_names,
        .ip = "table %v",
        .help = "The routing table that they are looked up in.",
    },
    {
        .key = "action",
        .type = TYPE_ENUM,
        .change = CHANGE_RECREATE,
        .names = action_names,
        .fallback = "lookup",
        .ip = "%v",
        .help = "What else to do with them: `blackhole` drops, `unreachable` and `prohibit` refuse.",
    },
};

static void add_command(const struct object *rule, const char *verb, struct commands *out)
{
    static const char *const keys[] = {"priority", "from", "to", "iif", "oif", "mark"};
    struct text line CLEANUP_TEXT = {0};
    char buffer[300];
    text_printf(&line, "%s%s rule %s", command_in("ip", rule->ns, buffer, sizeof buffer),
                object_number(rule, "family", AF_INET) == AF_INET6 ? " -6" : "", verb);
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++)
        words_add_key(&line, rule, keys[i]);
    if (object_number(rule, "action", FR_ACT_TO_TBL) == FR_ACT_TO_TBL)
        words_add_key(&line, rule, "table");
    else
        words_add_key(&line, rule, "action");
    words_end(&line, out);
}

static void commands(const struct step *step, struct commands *out)
{
    if (step->verb != VERB_ADD)
        add_command(step->old, "del", out);
    if (step->verb != VERB_DEL)
        add_command(step->new, "add", out);
}

const struct class class_rule = {
    .id = CLASS_RULE,
    .name = "rule",
    .plural = "rules",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED | CLASS_ASKED | CLASS_BRIEF | CLASS_AFTER_ROUTES,
    .deletion = 10,
    .help = "Which routing table packets are looked up in.",
    .commands = commands,
};
