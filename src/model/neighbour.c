/* neighbour: a fixed pair of IP and MAC address, which spares ARP or neighbour discovery. Only permanent
 * entries are objects; what the kernel learns comes and goes. They vanish when the interface goes down. */
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
        .help = "The interface behind which it is.",
    },
    {
        .key = "ip",
        .type = TYPE_IP,
        .wire = WIRE_IP,
        .attr = NDA_DST,
        .flags = OPTION_KEY | OPTION_REQUIRED,
        .change = CHANGE_RECREATE,
        .ip = "%v",
        .help = "The IP address of the neighbour.",
    },
    {
        .key = "mac",
        .type = TYPE_MAC,
        .wire = WIRE_MAC,
        .attr = NDA_LLADDR,
        .flags = OPTION_REQUIRED,
        .ip = "lladdr %v",
        .help = "The MAC address of the neighbour.",
    },
};

static void commands(const struct step *step, struct commands *out)
{
    static const char *const verbs[VERB_MAX] = {"neighbour add", "neighbour replace", "neighbour del"};
    const struct object *neighbour = step_object(step);
    struct text line CLEANUP_TEXT = {0};
    words_begin(&line, "ip", neighbour->ns, verbs[step->verb]);
    words_add_key(&line, neighbour, "ip");
    if (step->verb != VERB_DEL) {
        words_add_key(&line, neighbour, "mac");
        text_add(&line, " nud permanent");
    }
    words_add_key(&line, neighbour, "dev");
    words_end(&line, out);
}

const struct class class_neighbour = {
    .id = CLASS_NEIGHBOUR,
    .name = "neighbour",
    .plural = "neighbours",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_ASKED | CLASS_BRIEF | CLASS_AFTER_RAISED,
    .deletion = 30,
    .help = "A fixed pair of IP and MAC address.",
    .commands = commands,
};
