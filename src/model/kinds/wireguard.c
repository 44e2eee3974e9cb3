/* wireguard: an encrypted tunnel to peers known by their public keys (class wgpeer).
 *
 * The link is made by RTM_NEWLINK without options; all that it is goes through generic netlink afterwards,
 * so no row has an attribute here. Its UDP socket stays in the namespace in which it was made: moved into
 * another, it still sends its encrypted packets from the first. Setting the private key removes a peer
 * with the public key that belongs to it. */
#include "model/kinds.h"

static const struct option options[] = {
    {
        .key = "listen-port",
        .type = TYPE_NUMBER,
        .change = CHANGE_BLINK,
        .min = 0,
        .max = 65535,
        .ip = "listen-port %v",
        .help = "The UDP port it listens on; 0, or nothing, lets the kernel choose one when it is set up.",
    },
    {
        .key = "private-key",
        .type = TYPE_KEY,
        .change = CHANGE_BLINK,
        .flags = OPTION_SECRET,
        .help = "Its private key in base64, as `wg genkey` prints it; `private-key-file` keeps it out of the "
                "file.",
    },
    {
        .key = "private-key-file",
        .type = TYPE_TEXT,
        .change = CHANGE_BLINK,
        .flags = OPTION_UNSEEN,
        .ip = "private-key %v",
        .help = "A file that holds the private key in base64.",
    },
    {
        .key = "fwmark",
        .type = TYPE_NUMBER,
        .min = 0,
        .max = UINT32_MAX,
        .fallback = "0",
        .ip = "fwmark %v",
        .help = "The mark of the encrypted packets it sends, for routing rules; 0 is none.",
    },
};

static void check(const struct object *interface, struct errors *errors)
{
    if (object_has(interface, "private-key") && object_has(interface, "private-key-file"))
        errors_add(errors, &interface->place,
                   "`private-key` and `private-key-file` of %s/%s say the same thing twice", interface->ns,
                   interface->name);
}

const struct kind kind_wireguard = {
    .name = "wireguard",
    .info_kind = "wireguard",
    .maker = MAKER_LINK,
    .flags = KIND_LAYER3 | KIND_SETS_LATER,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .mtu = 1420,
    .config = "WIREGUARD",
    .help = "An encrypted tunnel to the peers in its list.",
    .check = check,
};
