#include "model/nft/fib.h"

#include <string.h>

#include "base/ip.h"

static bool has_flag(const json_t *fib, const char *flag)
{
    const json_t *flags = json_object_get(fib, "flags");
    size_t n = json_is_array(flags) ? json_array_size(flags) : 1;
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_is_array(flags) ? json_array_get(flags, i) : flags);
        if (word && strcmp(word, flag) == 0)
            return true;
    }
    return false;
}

/* 127.0.0.0/8 and ::1, which are there when lo is, and no file need say so. */
static bool is_loopback(const struct ip *ip)
{
    static const struct ip one = {6, {[15] = 1}};
    return ip->family == 4 ? ip->bytes[0] == 127 : ip_equal(ip, &one);
}

static bool is_everyone(const struct ip *ip)
{
    static const struct ip all = {4, {255, 255, 255, 255}};
    return ip_equal(ip, &all);
}

/* The last of the network that the address is in, and what `broadcast` says. */
static bool is_broadcast_of(const struct object *address, const struct prefix *own, const struct ip *ip)
{
    enum { LARGEST = 31 };
    struct ip said;
    const char *broadcast = object_text(address, "broadcast");
    if (broadcast && ip_parse(broadcast, &said) == 0 && ip_equal(&said, ip))
        return true;
    if (ip->family != 4 || own->length >= LARGEST || !prefix_contains(own, ip))
        return false;
    for (unsigned bit = own->length; bit < 32; bit++)
        if (!(ip->bytes[bit / 8] & 0x80 >> bit % 8))
            return false;
    return true;
}

const char *nft_address_type(const struct model *model, const char *ns, const struct ip *ip,
                             const char *behind)
{
    const char *type = "unicast";
    if (ip_is_multicast(ip) || is_everyone(ip))
        return ip_is_multicast(ip) ? "multicast" : "broadcast";
    if (is_loopback(ip))
        return behind && strcmp(behind, "lo") != 0 ? "unicast" : "local";
    for (const struct object *o = map_get(&model->namespaces, ns); o; o = o->next_in_ns) {
        struct prefix own;
        if (o->class->id != CLASS_ADDRESS || (behind && strcmp(object_dev(o), behind) != 0) ||
            prefix_parse(object_text(o, "address"), &own) < 0)
            continue;
        if (ip_equal(&own.ip, ip))
            return "local";
        if (is_broadcast_of(o, &own, ip))
            type = "broadcast";
    }
    return type;
}

const char *nft_fib_type(const struct nft_run *run, const json_t *fib)
{
    const struct nft_packet *packet = &run->walk->packet;
    const struct nft_ruleset *ruleset = run->walk->ruleset;
    const char *word = packet->word[has_flag(fib, "saddr") ? NFT_SADDR : NFT_DADDR];
    const char *result = json_string_value(json_object_get(fib, "result"));
    const char *behind = has_flag(fib, "iif")   ? packet->word[NFT_IIFNAME]
                         : has_flag(fib, "oif") ? packet->word[NFT_OIFNAME]
                                                : NULL;
    struct ip ip;
    if (!result || strcmp(result, "type") != 0 || !word || ip_parse(word, &ip) < 0 || has_flag(fib, "mark"))
        return NULL;
    if ((has_flag(fib, "iif") || has_flag(fib, "oif")) && !behind)
        return NULL;
    return nft_address_type(ruleset->model, ruleset->ns, &ip, behind);
}
