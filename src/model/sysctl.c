/* sysctl: a value below /proc/sys/net, kept under its path: `net/ipv4/conf/eth0.10/forwarding`.
 *
 * Each namespace has its own copy of most of them (those of the host only, such as net/core/rmem_max, do
 * not appear in the others). They exist by themselves: they are set and set back, never made or deleted.
 * The tree of an interface comes and goes with it. Setting net/ipv4/ip_forward sets `forwarding` of all
 * interfaces and resets other settings to those of a router, so it goes first. */
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
