#include "cli/firewall_packet.h"

#include <stdlib.h>
#include <string.h>

#include "cli/live.h"
#include "cli/output.h"
#include "model/way.h"

/* What is known of a side of the packet. */
struct side {
    const char *address, *interface;
    bool is_host;
};

struct reading {
    struct cli *cli;
    struct question *q;
    char *const *words;
    size_t n, at;
    struct side from, to;
    const char *protocol, *port, *kind; /* of ICMP */
};

static enum result refuse(struct reading *r, const char *what, const char *hint)
{
    cli_fail(r->cli, RESULT_USAGE, "%s `%s`", what, r->words[r->at]);
    cli_hint(r->cli, "%s", hint);
    return RESULT_USAGE;
}

/* Where packets go */

static bool address_of(const struct object *object, struct prefix *ret)
{
    const char *text = object->class->id == CLASS_ADDRESS ? object_text(object, "address") : NULL;
    return text && prefix_parse(text, ret) == 0;
}

#define each_address(q, object, prefix)                                                       \
    for (const struct object *object = map_get(&(q)->model->namespaces, (q)->fw->ns); object; \
         object = object->next_in_ns)                                                         \
        if (address_of(object, &prefix))

bool packet_is_local(const struct question *q, const char *address)
{
    struct ip ip;
    return ip_parse(address, &ip) == 0 && way_ends(q->model, q->fw->ns, &ip);
}

const char *packet_route(const struct question *q, const char *address)
{
    struct ip ip;
    return ip_parse(address, &ip) == 0 ? way_dev(q->model, q->fw->ns, &ip) : NULL;
}

/* Words */

static bool side_of_zone(struct reading *r, const char *word, struct side *side)
{
    for (const struct fw_zone *zone = r->q->fw->zones; zone; zone = zone->next) {
        if (strcmp(zone->name, word) != 0)
            continue;
        const struct ranges *ranges =
            zone->networks.of[IPV4].n ? &zone->networks.of[IPV4] : &zone->networks.of[IPV6];
        if (zone->n_interfaces) {
            side->interface = zone->interfaces[0];
        } else {
            char buffer[IP_TEXT_SIZE];
            side->address = arena_strdup(&r->cli->arena, ip_format(&ranges->list[0].first, buffer));
        }
        return true;
    }
    return false;
}

/* An address of the guest or of the namespace, which a file knows by name; NULL: none is known. */
static const char *address_named(struct reading *r, const char *word)
{
    const struct prefix *found = NULL;
    struct prefix prefix;
    char buffer[IP_TEXT_SIZE];
    for (const struct network *network = r->q->networks; network && !found; network = network->next)
        for (const struct network_guest *guest = network->guests; guest && !found; guest = guest->next)
            if (strcmp(guest->name, word) == 0 || strcmp(guest->ns, word) == 0)
                for (unsigned family = 0; family < FAMILIES && !found; family++)
                    found = guest->addresses[family].ip.family ? &guest->addresses[family] : NULL;
    for (const struct object *o = map_get(&r->q->model->namespaces, word); o && !found; o = o->next_in_ns)
        found = address_of(o, &prefix) ? &prefix : NULL;
    return found ? arena_strdup(&r->cli->arena, ip_format(&found->ip, buffer)) : NULL;
}

static bool is_guest(const struct reading *r, const char *word)
{
    for (const struct network *network = r->q->networks; network; network = network->next)
        if (network_guest_find(network, word))
            return true;
    return false;
}

static enum result read_side(struct reading *r, struct side *side)
{
    const char *word = r->words[r->at];
    struct ip ip;
    char buffer[IP_TEXT_SIZE];
    struct nearest nearest = {.word = word};
    if (ip_parse(word, &ip) == 0) {
        side->address = arena_strdup(&r->cli->arena, ip_format(&ip, buffer));
        return RESULT_DONE;
    }
    if (strcmp(word, "host") == 0) {
        side->is_host = true;
        return RESULT_DONE;
    }
    if (side_of_zone(r, word, side))
        return RESULT_DONE;
    side->is_host = strcmp(word, r->q->fw->ns) == 0;
    if (!side->is_host)
        side->address = address_named(r, word);
    if (side->is_host || side->address)
        return RESULT_DONE;
    if (is_guest(r, word))
        return refuse(r, "no file says the address of", "say the address itself; plexus leases shows it");
    for (const struct fw_zone *zone = r->q->fw->zones; zone; zone = zone->next)
        nearest_offer(&nearest, zone->name);
    refuse(r, "there is no zone", nearest.best ? "" : "a packet comes from an address, a zone or host");
    cli_hint_nearest(r->cli, nearest.best);
    return RESULT_USAGE;
}

static const char *interface_word(struct reading *r)
{
    return r->words[r->at];
}

static bool set_protocol(struct reading *r, const char *text)
{
    int64_t protocol;
    size_t length = strcspn(text, "/,");
    r->protocol = arena_strndup(&r->cli->arena, text, length);
    if (names_parse(fw_protocol_names, r->protocol, &protocol) < 0)
        return false;
    if (text[length] != '/')
        return true;
    const char *value = arena_strndup(&r->cli->arena, text + length + 1, strcspn(text + length + 1, ",-"));
    char *end;
    long port = strtol(value, &end, 10);
    if (protocol == IPPROTO_ICMP)
        r->kind = value;
    else
        r->port = value;
    return protocol == IPPROTO_ICMP ||
           (!*end && port >= 1 && port <= 65535 && fw_protocol_has_ports((uint8_t)protocol));
}

/* A service stands for the first of its ports. */
static const char *service_words(struct reading *r, const char *word)
{
    for (const struct fw_service *own = r->q->fw->services; own; own = own->next) {
        const struct fw_match *match = own->matches.list;
        if (strcmp(own->name, word) == 0 && own->matches.n)
            return arena_printf(&r->cli->arena, match->first ? "%s/%u" : "%s",
                                names_format(fw_protocol_names, match->protocol), match->first);
    }
    for (const struct fw_known_service *known = fw_known_services; known->name; known++)
        if (strcmp(known->name, word) == 0)
            return known->words;
    return word;
}

static enum result refuse_what(struct reading *r)
{
    const char *word = r->words[r->at];
    const char *name = r->at == 0 ? live_nearest(r->cli, LIVE_RUNNING, word) : NULL;
    struct nearest nearest = {.word = word};
    for (const struct fw_known_service *known = fw_known_services; known->name; known++)
        nearest_offer(&nearest, known->name);
    refuse(r, "not a protocol with a port, nor a service:",
           "for example tcp/22, udp/53, ssh, icmp echo-request");
    if (name)
        cli_hint(r->cli, "did you mean `%s`, a topology that runs?", name);
    else
        cli_hint_nearest(r->cli, nearest.best);
    return RESULT_USAGE;
}

static enum result read_what(struct reading *r)
{
    const char *word = r->words[r->at];
    if (!set_protocol(r, service_words(r, word)))
        return refuse_what(r);
    if (strcmp(r->protocol, "icmp") != 0 || r->kind || r->at + 1 == r->n)
        return RESULT_DONE;
    for (const struct fw_icmp *icmp = fw_icmps; icmp->name; icmp++)
        if (strcmp(icmp->name, r->words[r->at + 1]) == 0) {
            r->kind = icmp->name;
            r->at++;
            break;
        }
    return RESULT_DONE;
}

/* Words that say one value of the packet as it is. */
static const struct name values[] = {
    {"state", NFT_CT_STATE}, {"sport", NFT_SPORT}, {"mark", NFT_MARK}, {"mac", NFT_ETHER_SADDR}, {NULL, 0}};

static enum result read_word(struct reading *r)
{
    static const char *const operands[] = {"from", "to", "in", "out", "state", "sport", "mark", "mac"};
    const char *word = r->words[r->at];
    int64_t value;
    bool takes = false;
    for (size_t i = 0; i < COUNT(operands); i++)
        takes |= strcmp(word, operands[i]) == 0;
    if (!takes)
        return read_what(r);
    if (r->at + 1 == r->n)
        return refuse(r, "a word is missing behind", "for example: tcp/22 from wan, tcp/80 in eno1 out br0");
    r->at++;
    if (strcmp(word, "from") == 0)
        return read_side(r, &r->from);
    if (strcmp(word, "to") == 0)
        return read_side(r, &r->to);
    if (strcmp(word, "in") == 0)
        r->from.interface = interface_word(r);
    else if (strcmp(word, "out") == 0)
        r->to.interface = interface_word(r);
    else if (names_parse(values, word, &value) == 0)
        r->q->packet.word[value] = r->words[r->at];
    return RESULT_DONE;
}

/* What the words leave open */

/* An address behind an interface: one of the world where the way there leads through it, or is not known;
 * else one beside our own. */
static const char *address_behind(const struct question *q, const char *interface, const char *example,
                                  struct arena *arena)
{
    struct prefix prefix;
    char buffer[IP_TEXT_SIZE];
    const char *dev = packet_route(q, example);
    bool ipv6 = ip_text_is_ipv6(example);
    if (!interface || !*interface || (dev && strcmp(dev, interface) == 0))
        return example;
    each_address(q, object, prefix)
    {
        struct ip ip = prefix.ip;
        if (ip.family == (ipv6 ? 6 : 4) && strcmp(object_text(object, "dev"), interface) == 0 &&
            ip_add(&ip, 1) && prefix_contains(&prefix, &ip))
            return arena_strdup(arena, ip_format(&ip, buffer));
    }
    return example;
}

static const char *own_address(const struct question *q, const char *interface, uint8_t family,
                               struct arena *arena)
{
    struct prefix prefix;
    char buffer[IP_TEXT_SIZE];
    const char *found = NULL;
    each_address(q, object, prefix)
    {
        bool is_there = interface && strcmp(object_text(object, "dev"), interface) == 0;
        if (prefix.ip.family == family && (is_there || (!found && !ip_is_loopback(&prefix.ip))))
            found = arena_strdup(arena, ip_format(&prefix.ip, buffer));
        if (is_there && prefix.ip.family == family)
            break;
    }
    return found;
}

static bool is_loopback(const char *address)
{
    struct ip ip;
    return address && ip_parse(address, &ip) == 0 && ip_is_loopback(&ip);
}

static bool is_own(const struct question *q, const char *address)
{
    struct ip ip;
    return ip_parse(address, &ip) == 0 && way_is_local(q->model, q->fw->ns, &ip);
}

/* What has an address of ours, or of the loopback, as its source is sent by the host. */
static void settle_own(struct reading *r)
{
    const char *from = r->from.address;
    if (!from || r->from.interface)
        return;
    r->from.is_host |= is_loopback(from) || is_own(r->q, from);
    if (r->from.is_host && !r->to.address && !r->to.interface && !r->to.is_host)
        r->to.address = from;
    if (r->from.is_host && !r->to.interface && is_loopback(r->to.address))
        r->to.interface = "lo";
}

/* By which interface it comes in, as far as is said. */
static const char *comes_in(const struct reading *r, const char *example)
{
    const char *from = r->from.address ? r->from.address : example;
    return r->from.interface ? r->from.interface : packet_route(r->q, from);
}

static const char *icmp_type(const char *kind, bool ipv6)
{
    for (const struct fw_icmp *icmp = fw_icmps; icmp->name; icmp++)
        if (strcmp(icmp->name, kind) == 0)
            return ipv6 ? icmp->ipv6 : icmp->ipv4;
    return kind;
}

static void settle(struct reading *r)
{
    static const char *const examples[2][2] = {{"198.51.100.7", "203.0.113.7"},
                                               {"2001:db8:1::7", "2001:db8:2::7"}};
    struct nft_packet *packet = &r->q->packet;
    struct arena *arena = &r->cli->arena;
    settle_own(r);
    bool ipv6 = ip_text_is_ipv6(r->from.address) || ip_text_is_ipv6(r->to.address);
    bool to_host = r->to.is_host || (!r->to.address && !r->to.interface && !r->from.is_host);
    uint8_t family = ipv6 ? 6 : 4;
    if (!r->from.address && r->from.is_host)
        r->from.address = own_address(r->q, r->to.interface, family, arena);
    if (!r->to.address && to_host)
        r->to.address = own_address(r->q, comes_in(r, examples[ipv6][0]), family, arena);
    if (!r->from.address)
        r->from.address = address_behind(r->q, r->from.interface, examples[ipv6][0], arena);
    if (!r->to.address)
        r->to.address = address_behind(r->q, r->to.interface, examples[ipv6][1], arena);
    r->q->from_host = r->from.is_host;
    r->q->is_said_where = r->to.is_host || r->to.interface;
    packet->word[NFT_SADDR] = r->from.address;
    packet->word[NFT_DADDR] = r->to.address;
    packet->word[NFT_IIFNAME] = r->from.is_host       ? ""
                                : r->from.interface ? r->from.interface
                                                      : packet_route(r->q, r->from.address);
    packet->word[NFT_OIFNAME] = to_host ? "" : r->to.interface ? r->to.interface : packet_route(r->q, r->to.address);
    packet->word[NFT_PROTOCOL] =
        r->protocol && strcmp(r->protocol, "icmp") == 0 && ipv6 ? "ipv6-icmp" : r->protocol;
    packet->word[NFT_DPORT] = r->port ? r->port : r->protocol ? "" : NULL;
    if (r->protocol && strcmp(r->protocol, "icmp") == 0)
        packet->word[NFT_ICMP_TYPE] = icmp_type(r->kind ? r->kind : "echo-request", ipv6);
    if (!packet->word[NFT_CT_STATE])
        packet->word[NFT_CT_STATE] = "new";
    if (r->port && !packet->word[NFT_SPORT])
        packet->word[NFT_SPORT] = "40000";
}

enum result packet_read(struct cli *cli, char *const *words, size_t n, struct question *question)
{
    struct reading r = {.cli = cli, .q = question, .words = words, .n = n};
    question->packet = (struct nft_packet){0};
    for (; r.at < n; r.at++) {
        enum result result = read_word(&r);
        if (result != RESULT_DONE)
            return result;
    }
    settle(&r);
    return RESULT_DONE;
}
