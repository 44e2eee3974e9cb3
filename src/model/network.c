#include "model/network.h"

#include <string.h>

const struct name network_mode_names[] = {{"nat", NETWORK_NAT},           {"routed", NETWORK_ROUTED},
                                          {"isolated", NETWORK_ISOLATED}, {"bridged", NETWORK_BRIDGED},
                                          {"vlan", NETWORK_VLAN},         {NULL, 0}};

struct network *network_find(struct network *networks, const char *name)
{
    while (networks && strcmp(networks->name, name) != 0)
        networks = networks->next;
    return networks;
}

const struct network_guest *network_guest_find(const struct network *network, const char *name)
{
    const struct network_guest *guest = network->guests;
    while (guest && strcmp(guest->name, name) != 0)
        guest = guest->next;
    return guest;
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
    return a->ip.family && a->ip.family == b->ip.family &&
           (prefix_contains(a, &b->ip) || prefix_contains(b, &a->ip));
}

bool subnet_has_host(const struct prefix *subnet, const struct ip *ip)
{
    struct prefix network = prefix_network(subnet);
    struct ip next = *ip;
    bool is_last = !ip_add(&next, 1) || !prefix_contains(subnet, &next);
    return prefix_contains(subnet, ip) && !ip_equal(&network.ip, ip) && !(ip->family == 4 && is_last);
}

struct ip subnet_first(const struct prefix *subnet)
{
    struct ip ip = prefix_network(subnet).ip;
    ip_add(&ip, 1);
    return ip;
}

bool subnet_next(const struct prefix *subnet, struct ip *ip)
{
    struct ip next = *ip;
    if (!ip_add(&next, 1) || !subnet_has_host(subnet, &next))
        return false;
    *ip = next;
    return true;
}

/* FNV-1a, with its bits stirred: the names differ little. */
static uint64_t hash_of(const char *topology, const char *network, const char *more)
{
    const char *const words[] = {topology, "/", network, *more ? "/" : "", more};
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        for (const char *c = words[i]; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
    hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 29;
}

struct prefix subnet_candidate(const char *topology, const char *network, unsigned attempt)
{
    uint64_t hash = hash_of(topology, network, "") + attempt;
    return (struct prefix){
        .ip = {.family = 4, .bytes = {10, (uint8_t)(hash >> 8), (uint8_t)hash, 0}},
        .length = 24,
    };
}

struct prefix subnet_unique_local(const char *topology, const char *network)
{
    struct prefix prefix = {.ip = {.family = 6, .bytes = {0xfd}}, .length = 64};
    uint64_t hash = hash_of(topology, network, "");
    for (unsigned i = 1; i < 8; i++)
        prefix.ip.bytes[i] = (uint8_t)(hash >> 8 * i);
    return prefix;
}

bool ip_is_unique_local(const struct ip *ip)
{
    return ip->family == 6 && (ip->bytes[0] & 0xfe) == 0xfc;
}

struct mac guest_mac(const char *topology, const char *ns, const char *interface)
{
    struct mac mac;
    uint64_t hash = hash_of(topology, ns, interface);
    for (unsigned i = 0; i < sizeof mac.bytes; i++)
        mac.bytes[i] = (uint8_t)(hash >> 8 * i);
    mac.bytes[0] = (uint8_t)((mac.bytes[0] & 0xfc) | 0x02); /* given by hand, and of one machine */
    return mac;
}

struct ip ip_of_mac(const struct mac *mac)
{
    const uint8_t *b = mac->bytes;
    return (struct ip){
        .family = 6,
        .bytes = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, b[0] ^ 0x02, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]}};
}
