/* wgpeer: the other end of a WireGuard tunnel, known by its public key.
 *
 * `allowed-ips` is both a filter for what it may send and the table by which packets are given to it; one
 * network belongs to one peer of an interface, and to name it at a second silently takes it from the
 * first. The endpoint follows the peer when it roams, so what is observed need not be what was said. `wg`
 * reads keys from files only, never from its words. */
#include "model/classes.h"
#include "model/words.h"

static const struct option options[] = {
    {
        .key = "dev",
        .type = TYPE_DEVICE,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .help = "The WireGuard interface.",
    },
    {
        .key = "public-key",
        .type = TYPE_KEY,
        .flags = OPTION_KEY | OPTION_REQUIRED,
        .change = CHANGE_RECREATE,
        .ip = "peer %v",
        .help = "The public key of the peer in base64, as `wg pubkey` prints it.",
    },
    {
        .key = "endpoint",
        .type = TYPE_ENDPOINT,
        .ip = "endpoint %v",
        .help =
            "Where it is reached: `192.0.2.1:51820` or `[2001:db8::1]:51820`. Nothing waits for it to come.",
    },
    {
        .key = "allowed-ips",
        .type = TYPE_NETWORK,
        .flags = OPTION_LIST,
        .fallback = "",
        .ip = "allowed-ips %v",
        .help = "The networks behind it: what it may send from, and what is sent to it.",
    },
    {
        .key = "keepalive",
        .type = TYPE_NUMBER,
        .min = 0,
        .max = 65535,
        .unit = "s",
        .fallback = "0",
        .ip = "persistent-keepalive %v",
        .help = "How often to send something so that a firewall between keeps the way open; 0 is never.",
    },
    {
        .key = "preshared-key",
        .type = TYPE_KEY,
        .flags = OPTION_SECRET,
        .help = "A secret in base64 that both ends share, on top of the keys.",
    },
};

static void commands(const struct step *step, struct commands *out)
{
    const struct object *peer = step_object(step);
    int secret = object_find_option(peer, "preshared-key");
    bool with_secret = step->verb != VERB_DEL && words_matter(step, (unsigned)secret);
    bool has_secret = object_text(peer, "preshared-key") && *object_text(peer, "preshared-key");
    struct text line CLEANUP_TEXT = {0};
    char buffer[300];
    if (with_secret && has_secret)
        text_add(&line, "printf '(hidden)' | ");
    text_printf(&line, "%swg set", words_exec(peer->ns, buffer, sizeof buffer));
    words_add(&line, object_dev(peer));
    words_add_key(&line, peer, "public-key");
    if (step->verb == VERB_DEL)
        text_add(&line, " remove");
    for (unsigned i = 0; step->verb != VERB_DEL && i < object_n_options(peer); i++)
        if (!(object_option(peer, i)->flags & OPTION_KEY) && words_matter(step, i))
            words_add_option(&line, object_option(peer, i), &peer->values[i]);
    if (with_secret)
        text_printf(&line, " preshared-key %s", has_secret ? "/dev/stdin" : "/dev/null");
    words_end(&line, out);
}

const struct class class_wgpeer = {
    .id = CLASS_WGPEER,
    .name = "wgpeer",
    .plural = "wireguard_peers",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_AFTER_DEV,
    .deletion = 50,
    .help = "A peer of a WireGuard interface.",
    .commands = commands,
};
