/* fdb: a fixed entry of a forwarding database: behind which port of a bridge a MAC address is, or, with
 * `dst`, behind which other end of a vxlan.
 *
 * The two live in different tables though the interface may be both (a vxlan in a bridge): a bridge's
 * entry is written to the master of the port, a vxlan's to the interface itself. A vxlan can have several
 * `dst` for one MAC address, which get copies; for 00:00:00:00:00:00 they are where everything unknown
 * goes. */
#include <linux/neighbour.h>

#include "model/classes.h"
#include "model/words.h"

static const struct option options[] = {
    {
        .key = "dev",
        .type = TYPE_DEVICE,
        .flags = OPTION_KEY,
        .change = CHANGE_RECREATE,
        .ip = "dev %v",
        .help = "The bridge port, or the vxlan.",
    },
    {
        .key = "mac",
        .type = TYPE_MAC,
        .wire = WIRE_MAC,
        .attr = NDA_LLADDR,
        .flags = OPTION_KEY | OPTION_REQUIRED,
        .change = CHANGE_RECREATE,
        .ip = "%v",
        .help = "The MAC address that is behind it.",
    },
    {
        .key = "vlan",
        .type = TYPE_NUMBER,
        .wire = WIRE_U16,
        .attr = NDA_VLAN,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .min = 1,
        .max = 4094,
        .ip = "vlan %v",
        .needs = "BRIDGE_VLAN_FILTERING",
        .help = "The VLAN in which it is; nothing means all VLANs of the port.",
    },
    {
        .key = "dst",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = NDA_DST,
        .flags = OPTION_KEY | OPTION_LABEL,
        .change = CHANGE_RECREATE,
        .ip = "dst %v",
        .help = "Of a vxlan: the other end behind which it is.",
    },
};

static void add_command(const struct object *fdb, enum verb verb, struct commands *out)
{
    bool vxlan = object_has(fdb, "dst");
    const char *where = vxlan ? " self" : " master";
    const char *state = verb == VERB_DEL ? "" : vxlan ? " permanent" : " static";
    struct text line CLEANUP_TEXT = {0};
    words_begin(&line, "bridge", fdb->ns, verb == VERB_DEL ? "fdb del" : vxlan ? "fdb append" : "fdb add");
    words_add_key(&line, fdb, "mac");
    words_add_key(&line, fdb, "dev");
    words_add_key(&line, fdb, "dst");
    words_add_key(&line, fdb, "vlan");
    text_printf(&line, "%s%s", where, state);
    words_end(&line, out);
}

static void commands(const struct step *step, struct commands *out)
{
    if (step->verb != VERB_ADD)
        add_command(step->old, VERB_DEL, out);
    if (step->verb != VERB_DEL)
        add_command(step->new, VERB_ADD, out);
}

const struct class class_fdb = {
    .id = CLASS_FDB,
    .name = "fdb",
    .plural = "fdb",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_ASKED | CLASS_BRIEF | CLASS_AFTER_RAISED,
    .deletion = 40,
    .help = "A fixed entry of the forwarding database of a bridge or vxlan.",
    .commands = commands,
};
