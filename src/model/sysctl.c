/* sysctl: a value below /proc/sys/net, kept under its path: `net/ipv4/conf/eth0.10/forwarding`.
 *
 * Each namespace has its own copy of most of them (those of the host only, such as net/core/rmem_max, do
 * not appear in the others). They exist by themselves: they are set and set back, never made or deleted.
 * The tree of an interface comes and goes with it. Some set others too: see sysctl_followers. */
#include "model/sysctl.h"

#include <string.h>

#include "model/classes.h"
#include "model/words.h"

static const struct option options[] = {
    {
        .key = "name",
        .type = TYPE_TEXT,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .help = "Its path below /proc/sys.",
    },
    {
        .key = "value",
        .type = TYPE_TEXT,
        .flags = OPTION_REQUIRED,
        .help = "The value to write.",
    },
    {
        .key = "dev",
        .type = TYPE_DEVICE,
        .flags = OPTION_INTERNAL | OPTION_UNSEEN,
        .help = "The interface to which it belongs.",
    },
};

bool sysctl_is_mask(const char *name)
{
    static const char *const masks[] = {"net/core/flow_limit_cpu_bitmap", "net/core/rps_default_mask"};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
        if (strcmp(name, masks[i]) == 0)
            return true;
    return false;
}

const char *sysctl_plain(const char *name)
{
    return strcmp(name, "net/ipv4/conf/all/forwarding") == 0 ? "net/ipv4/ip_forward" : name;
}

/* As tried with the kernel. Those of `default` lead too, but only what nobody ever set, and take that along
 * on the way back. */
const struct sysctl_follower sysctl_followers[] = {
    {"net/ipv4/ip_forward", "net/ipv4/conf/*/forwarding", false},
    {"net/ipv4/ip_forward", "net/ipv4/conf/all/accept_redirects", true},
    {"net/ipv6/conf/all/forwarding", "net/ipv6/conf/*/forwarding", false},
    {"net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf/*/disable_ipv6", false},
    {"net/ipv6/conf/all/ignore_routes_with_linkdown", "net/ipv6/conf/*/ignore_routes_with_linkdown", false},
    {"net/ipv6/conf/all/addr_gen_mode", "net/ipv6/conf/*/addr_gen_mode", false},
    {"net/ipv6/conf/all/force_forwarding", "net/ipv6/conf/*/force_forwarding", false},
    {0},
};

bool sysctl_leads(const char *name)
{
    for (const struct sysctl_follower *row = sysctl_followers; row->leader; row++)
        if (strcmp(row->leader, name) == 0)
            return true;
    return false;
}

/* `all` is no interface. */
static bool matches(const char *pattern, const char *name)
{
    size_t before = strcspn(pattern, "*");
    if (strncmp(pattern, name, before) != 0)
        return false;
    if (!pattern[before])
        return !name[before];
    const char *interface = name + before, *rest = strchr(interface, '/');
    return rest && strcmp(rest, pattern + before + 1) == 0 && strncmp(interface, "all/", 4) != 0;
}

const struct sysctl_follower *sysctl_follower_of(const char *name)
{
    for (const struct sysctl_follower *row = sysctl_followers; row->leader; row++)
        if (matches(row->name, name))
            return row;
    return NULL;
}

const char *sysctl_followed(const struct sysctl_follower *follower, const char *value)
{
    bool is_off = strcmp(value, "0") == 0;
    return !follower->is_contrary ? value : is_off ? "1" : "0";
}

/* sysctl takes both spellings; a name that holds a dot (eth0.10) can only be written with slashes. */
static void commands(const struct step *step, struct commands *out)
{
    const struct object *sysctl = step_object(step);
    struct text word CLEANUP_TEXT = {0}, line CLEANUP_TEXT = {0};
    const char *value = object_text(sysctl, "value");
    char buffer[300];
    if (step->verb == VERB_DEL)
        return;
    text_add(&word, sysctl->name);
    for (char *c = word.data; !strchr(sysctl->name, '.') && *c; c++)
        *c = *c == '/' ? '.' : *c;
    text_printf(&word, "=%s", value ? value : "");
    text_printf(&line, "%ssysctl -qw", words_exec(sysctl->ns, buffer, sizeof buffer));
    words_add(&line, text_of(&word));
    words_end(&line, out);
}

const struct class class_sysctl = {
    .id = CLASS_SYSCTL,
    .name = "sysctl",
    .plural = "sysctls",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_ALWAYS,
    .deletion = 80,
    .help = "A setting of the kernel.",
    .commands = commands,
};
