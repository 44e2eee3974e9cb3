/* address: an IP address with the length of its prefix, at an interface.
 *
 * Each brings a local route, and a connected one for its prefix unless `noprefixroute`. The first IPv4
 * address of a prefix is primary, and the others of that prefix go with it unless promote_secondaries is
 * set. IPv6 addresses are tentative for about a second (DAD) while nothing can be sent from them, and
 * vanish when the interface goes down. Only lifetimes and metric can be changed on a living one. With a
 * `peer` the length of the prefix is the peer's. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "model/classes.h"
#include "model/words.h"

static const struct name scope_names[] = {{"global", RT_SCOPE_UNIVERSE},
                                          {"site", RT_SCOPE_SITE},
                                          {"link", RT_SCOPE_LINK},
                                          {"host", RT_SCOPE_HOST},
                                          {NULL, 0}};
static const struct name forever_names[] = {{"forever", UINT32_MAX}, {NULL, 0}};

static const struct option options[] = {
    {
        .key = "dev",
        .type = TYPE_DEVICE,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .ip = "dev %v",
        .help = "The interface.",
    },
    {
        .key = "address",
        .type = TYPE_ADDRESS,
        .flags = OPTION_KEY | OPTION_REQUIRED,
        .change = CHANGE_RECREATE,
        .ip = "%v",
        .help = "The address with the length of its prefix: `10.0.0.1/24`.",
    },
    {
        .key = "peer",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = IFA_ADDRESS,
        .change = CHANGE_RECREATE,
        .help = "The address of the other end of a point-to-point link.",
    },
    {
        .key = "scope",
        .type = TYPE_ENUM,
        .change = CHANGE_RECREATE,
        .names = scope_names,
        .ip = "scope %v",
        .help = "How far the address is valid. IPv6 finds it out from the address.",
    },
    {
        .key = "broadcast",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = IFA_BROADCAST,
        .change = CHANGE_RECREATE,
        .ip = "broadcast %v",
        .help = "The IPv4 broadcast address; it works without being named here.",
    },
    {
        .key = "label",
        .type = TYPE_TEXT,
        .wire = WIRE_STRING,
        .attr = IFA_LABEL,
        .change = CHANGE_RECREATE,
        .ip = "label %v",
        .help = "A name for an IPv4 address, which begins with that of the interface: `eth0:web`.",
    },
    {
        .key = "valid",
        .type = TYPE_NUMBER,
        .flags = OPTION_DECAYS,
        .min = 1,
        .max = UINT32_MAX,
        .unit = "s",
        .names = forever_names,
        .fallback = "forever",
        .ip = "valid_lft %v",
        .help = "How long until the address goes away.",
    },
    {
        .key = "preferred",
        .type = TYPE_NUMBER,
        .flags = OPTION_DECAYS,
        .min = 0,
        .max = UINT32_MAX,
        .unit = "s",
        .names = forever_names,
        .fallback = "forever",
        .ip = "preferred_lft %v",
        .help = "How long new connections may be made from it; 0 is never.",
    },
    {
        .key = "metric",
        .type = TYPE_NUMBER,
        .wire = WIRE_U32,
        .attr = IFA_RT_PRIORITY,
        .min = 0,
        .max = UINT32_MAX,
        .fallback = "0",
        .ip = "metric %v",
        .help = "The metric of the connected route that the address brings.",
    },
    {
        .key = "noprefixroute",
        .type = TYPE_BOOL,
        .change = CHANGE_RECREATE,
        .fallback = "false",
        .ip = "noprefixroute|",
        .help = "Whether the address brings no connected route.",
    },
    {
        .key = "nodad",
        .type = TYPE_BOOL,
        .change = CHANGE_RECREATE,
        .fallback = "false",
        .ip = "nodad|",
        .help = "Whether an IPv6 address is used at once, without asking first whether somebody else has it.",
    },
};

/* "10.0.0.1/24", or "10.0.0.1 peer 10.0.0.2/24". */
static void add_identity(struct text *line, const struct object *address)
{
    const char *text = object_text(address, "address"), *peer = object_text(address, "peer");
    const char *length = strchr(text, '/');
    if (peer && *peer && length)
        text_printf(line, " %.*s peer %s%s", (int)(length - text), text, peer, length);
    else
        words_add(line, text);
}

/* `replace` knows nothing of what was: whatever is not said would be forgotten. */
static void add_options(struct text *line, const struct object *address)
{
    static const char *const keys[] = {"broadcast",     "scope", "label", "metric",
                                       "noprefixroute", "nodad", "valid", "preferred"};
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        int index = object_find_option(address, keys[i]);
        struct value fallback = option_fallback(object_option(address, (unsigned)index));
        if (!value_equal(&address->values[index], &fallback))
            words_add_key(line, address, keys[i]);
    }
}

static void commands(const struct step *step, struct commands *out)
{
    static const char *const verbs[VERB_MAX] = {"address add", "address replace", "address del"};
    const struct object *address = step_object(step);
    struct text line CLEANUP_TEXT = {0};
    words_begin(&line, "ip", address->ns, verbs[step->verb]);
    add_identity(&line, address);
    if (step->verb != VERB_DEL)
        add_options(&line, address);
    words_add_key(&line, address, "dev");
    words_end(&line, out);
}

const struct class class_address = {
    .id = CLASS_ADDRESS,
    .name = "address",
    .plural = "addresses",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    /* Linux has told the protocol of an address only since 5.18: no mark to rely on. */
    .flags = CLASS_CARRIES | CLASS_AFTER_DEV,
    .deletion = 60,
    .help = "An IP address of an interface.",
    .commands = commands,
};
