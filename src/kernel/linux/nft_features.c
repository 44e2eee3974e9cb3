/* What the firewalls of a model need of the kernel: each row is tried, in a namespace that nobody sees. */
#include <string.h>

#include "kernel/linux/nft.h"
#include "model/classes.h"

static const struct {
    const char *config;
    const char *word;   /* of a rule in JSON, or the family of a table */
    const char *script; /* after a table and two chains: `c` to filter and `n` for NAT */
} features[] = {
    {"NF_TABLES_INET", "inet", ""},
    {"NFT_CT", "{\"ct\":", "add rule inet t c ct state new accept"},
    {"NFT_LIMIT", "{\"limit\":", "add rule inet t c limit rate 6/minute accept"},
    {"NFT_CONNLIMIT", "{\"ct count\":", "add rule inet t c ct count over 20 drop"},
    {"NFT_LOG", "{\"log\":", "add rule inet t c log"},
    {"NFT_REJECT_INET", "{\"reject\":", "add rule inet t c reject"},
    {"NFT_QUEUE", "{\"queue\":", "add rule inet t c queue"},
    {"NFT_FIB_INET", "{\"fib\":", "add rule inet t c fib daddr type local accept"},
    {"NFT_NAT", "{\"snat\":", "add rule inet t n snat ip to 192.0.2.1"},
    {"NFT_NAT", "{\"dnat\":",
     "add chain inet t d { type nat hook prerouting priority 0; }\n"
     "add rule inet t d dnat ip to 192.0.2.1"},
    {"NFT_MASQ", "{\"masquerade\":", "add rule inet t n masquerade"},
    {"NFT_REDIR", "{\"redirect\":",
     "add chain inet t d { type nat hook prerouting priority 0; }\n"
     "add rule inet t d meta l4proto 6 redirect to :80"},
    {"NF_TABLES_BRIDGE", "bridge",
     "add table bridge t\n"
     "add chain bridge t p { type filter hook prerouting priority 0; }\n"
     "delete table bridge t"},
};
enum { N_FEATURES = sizeof features / sizeof features[0] };

static const char base[] = "add table inet t\n"
                           "add chain inet t c { type filter hook input priority 0; }\n";
static const char nat[] = "add chain inet t n { type nat hook postrouting priority 0; }\n";

static bool needs(const struct object *object, unsigned feature)
{
    const char *word = features[feature].word;
    const char *rules = object->class->id == CLASS_CHAIN ? object_text(object, "rules") : NULL;
    const char *family = names_format(nft_family_names, object_number(object, "family", 0));
    return object->class->id == CLASS_TABLE ? strcmp(word, family) == 0
                                            : *word == '{' && rules && strstr(rules, word);
}

uint32_t nft_features_of(const struct object *object)
{
    uint32_t set = 0;
    for (unsigned i = 0; i < N_FEATURES; i++)
        set |= (uint32_t)needs(object, i) << i;
    return set;
}

static bool works(uint32_t set)
{
    struct text script CLEANUP_TEXT = {0};
    text_add(&script, base);
    for (unsigned i = 0; i < N_FEATURES; i++)
        if (set >> i & 1)
            text_printf(&script, "%s%s\n", strstr(features[i].script, " n ") ? nat : "", features[i].script);
    text_add(&script, "delete table inet t\n");
    return nft_try(text_of(&script));
}

/* All at once, and each by itself only where that fails. */
uint32_t nft_features_missing(uint32_t wanted)
{
    uint32_t missing = 0;
    if (!wanted || works(wanted))
        return 0;
    for (unsigned i = 0; i < N_FEATURES; i++)
        if (wanted >> i & 1 && !works(UINT32_C(1) << i))
            missing |= UINT32_C(1) << i;
    return missing & 1 ? 1 : missing; /* without tables there is nothing */
}

void nft_features_say(const struct object *object, uint32_t missing, struct errors *errors)
{
    for (unsigned i = 0; i < N_FEATURES; i++) {
        if (!(missing >> i & 1))
            continue;
        struct error *error =
            errors_add(errors, &object->place, "this kernel cannot do what the firewall needs (CONFIG_%s)",
                       features[i].config);
        error_hint(errors, error,
                   "use a kernel that was built with it, or install the modules of the running one");
    }
}
