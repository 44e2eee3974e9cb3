/* The keys of a network file that no option table says: sections, and what an interface says about its
 * surroundings. At the top, keys that begin with `x-` are nobody's: a place for anchors. With the tables of
 * classes and kinds this is the whole language: reader, schema and manual page are made from it. */
#include <string.h>

#include "file/reader.h"

enum { SECTION = AT_TOP | AT_NAMESPACE, ANYWHERE = SECTION | AT_INTERFACE };

const struct key keys[] = {
    {.key = "name",
     .at = AT_TOP,
     .shape = SHAPE_NAME,
     .help = "The name of the topology: what `plexus down` and others call it. Without it, the name of the "
             "file; of "
             "several, that of the first."},
    {.key = "description",
     .at = SECTION,
     .shape = SHAPE_TEXT,
     .help = "What this is for: a remark. Plexus does nothing with it."},
    {.key = "include",
     .at = SECTION,
     .shape = SHAPE_WORDS,
     .help = "Files whose sections are added here; paths are relative to this file."},
    {.key = "interfaces", .at = SECTION, .shape = SHAPE_INTERFACES, .help = "Interfaces by name."},
    {.key = "namespaces",
     .at = AT_TOP,
     .shape = SHAPE_NAMESPACES,
     .help =
         "Network namespaces by name. Each has sections of its own, as the host has them at the top of the "
         "file."},
    {.key = "networks",
     .at = AT_TOP,
     .shape = SHAPE_NETWORKS,
     .help = "Networks by name: each a bridge of the host, with a subnet and a way to the outside. See "
             "NETWORKS."},
    {.key = "networks",
     .at = AT_NAMESPACE,
     .shape = SHAPE_GUEST,
     .help = "The networks that it is in: names, or a map of what is said in each. It gets an interface, an "
             "address "
             "and a default route."},
    {.key = "network",
     .at = AT_INTERFACE,
     .shape = SHAPE_GUEST_ONE,
     .help =
         "Of an interface of the host, such as the TAP of a virtual machine: the network that the machine "
         "behind it is in. Its name, or a map of what is said there."},
    {.key = "count",
     .at = AT_NAMESPACE,
     .shape = SHAPE_COUNT,
     .help =
         "Makes so many of it, named NAME-1, NAME-2 and so on. In its texts, `{n}` stands for the number."},
    {.key = "routes",
     .at = ANYWHERE,
     .shape = SHAPE_OBJECTS,
     .class = CLASS_ROUTE,
     .read = read_routes,
     .help = "Routes; in an interface, those through it."},
    {.key = "rules",
     .at = SECTION,
     .shape = SHAPE_OBJECTS,
     .class = CLASS_RULE,
     .read = read_rules,
     .help = "Routing policy rules. Those without a priority get 1000, 1001 and so on.",
     .more = &rule_family_option},
    {.key = "neighbours",
     .at = ANYWHERE,
     .shape = SHAPE_OBJECTS,
     .class = CLASS_NEIGHBOUR,
     .read = read_objects,
     .help = "Fixed MAC addresses of neighbours (ARP and NDP)."},
    {.key = "sysctls",
     .at = ANYWHERE,
     .shape = SHAPE_SETTINGS,
     .class = CLASS_SYSCTL,
     .read = read_sysctls,
     .help = "Kernel settings below net/, as `net.ipv4.ip_forward: 1`; in an interface also short: "
             "`ipv4.rp_filter: 0`. Numbers may be in hexadecimal (0x40) or octal (010), as the kernel takes "
             "them."},
    {.key = "forwarding",
     .at = SECTION,
     .shape = SHAPE_BOOL,
     .read = read_forwarding,
     .help = "Whether packets are routed from one interface to another."},
    {.key = "dns",
     .at = SECTION,
     .shape = SHAPE_RESOLVER,
     .class = CLASS_RESOLVER,
     .read = read_dns,
     .help = "DNS servers and search domains."},
    {.key = "firewall",
     .at = SECTION,
     .shape = SHAPE_FIREWALL,
     .read = read_firewall,
     .help = "Which packets are let in, through and out, and whose addresses are translated. See FIREWALL."},
    {.key = "expect",
     .at = AT_TOP,
     .shape = SHAPE_WORDS,
     .help =
         "Claims that are tried at every apply: `red reaches blue`, `web cannot reach 10.0.0.1 tcp/22`. See "
         "EXPECTATIONS."},

    {.key = "type", .at = AT_INTERFACE, .shape = SHAPE_KIND, .help = "The kind of interface."},
    {.key = "bridge",
     .at = AT_INTERFACE,
     .shape = SHAPE_REFERENCE,
     .help =
         "The bridge that it is plugged into. Where that lies in another namespace, the interface is a veth "
         "whose far end is "
         "made beside the bridge and named NAMESPACE-INTERFACE."},
    {.key = "bond", .at = AT_INTERFACE, .shape = SHAPE_REFERENCE, .help = "The bond that it belongs to."},
    {.key = "vrf", .at = AT_INTERFACE, .shape = SHAPE_REFERENCE, .help = "The VRF that it belongs to."},
    {.key = "master",
     .at = AT_INTERFACE,
     .shape = SHAPE_REFERENCE,
     .help = "The same as `bridge`, `bond` or `vrf`, whichever it is."},
    {.key = "ports",
     .at = AT_INTERFACE,
     .shape = SHAPE_REFERENCES,
     .help =
         "Of a bridge, bond or VRF: its ports. One that the file does not describe is a network card that "
         "exists."},
    {.key = "peer",
     .at = AT_INTERFACE,
     .shape = SHAPE_REFERENCE,
     .help =
         "Of a veth: its other end. It is made, and can be listed in its own namespace too, without a type."},
    {.key = "parent",
     .at = AT_INTERFACE,
     .shape = SHAPE_REFERENCE,
     .read = read_parent,
     .help = "The interface that it lies on."},
    {.key = "vlan",
     .at = AT_INTERFACE,
     .shape = SHAPE_VLAN,
     .read = read_vlans,
     .help = "Of a bridge port: its VLAN, untagged (an access port)."},
    {.key = "trunk",
     .at = AT_INTERFACE,
     .shape = SHAPE_VLANS,
     .read = read_vlans,
     .help = "Of a bridge port: VLANs and ranges that it carries tagged."},
    {.key = "native",
     .at = AT_INTERFACE,
     .shape = SHAPE_VLAN,
     .read = read_vlans,
     .help = "Of a trunk: the VLAN of frames without a tag."},
    {.key = "addresses",
     .at = AT_INTERFACE,
     .shape = SHAPE_ADDRESSES,
     .class = CLASS_ADDRESS,
     .read = read_addresses,
     .help =
         "Addresses with prefix length. In a namespace with `count`, a range such as "
         "`10.0.0.10-10.0.0.99/24` "
         "gives each "
         "instance the next one. Of several in one IPv4 subnet the first that Linux gets is the source of "
         "what is sent, and it lets none in before those there are: one that is put before them in a "
         "changed file comes last, until the interface is made anew. The `src` of a route says it "
         "outright."},
    {.key = "gateway",
     .at = AT_INTERFACE,
     .shape = SHAPE_IPS,
     .read = read_gateway,
     .help = "Default route through it, one for each family."},
    {.key = "dhcp",
     .at = AT_INTERFACE,
     .shape = SHAPE_BOOL,
     .read = read_dhcp,
     .help =
         "Whether a DHCP client (udhcpc or dhcpcd, whichever is there) asks for its address, routes and DNS "
         "servers. What it learns is none of the file's business: it comes and goes with the lease."},
    {.key = "fdb",
     .at = AT_INTERFACE,
     .shape = SHAPE_OBJECTS,
     .class = CLASS_FDB,
     .read = read_objects,
     .help = "Fixed entries of a forwarding database."},
    {.key = "peers",
     .at = AT_INTERFACE,
     .shape = SHAPE_OBJECTS,
     .class = CLASS_WGPEER,
     .read = read_objects,
     .kind = "wireguard",
     .help = "Of a WireGuard interface: its peers."},
    {.key = "ipv6",
     .at = AT_INTERFACE,
     .shape = SHAPE_BOOL,
     .read = read_ipv6,
     .help = "Whether it has IPv6 at all."},
    {.key = "ipv6-privacy",
     .at = AT_INTERFACE,
     .shape = SHAPE_BOOL,
     .read = read_ipv6_privacy,
     .help = "Whether it makes and prefers temporary addresses (RFC 8981)."},
    {.key = "accept-ra",
     .at = AT_INTERFACE,
     .shape = SHAPE_ACCEPT_RA,
     .read = read_accept_ra,
     .help = "Whether IPv6 addresses and routes are taken from router advertisements; `forwarding`: also "
             "while it "
             "forwards."},
    {0},
};

const struct key *key_find(const char *key, unsigned at)
{
    for (const struct key *row = keys; row->key; row++)
        if (row->at & at && strcmp(row->key, key) == 0)
            return row;
    return NULL;
}

bool key_has_maps(const struct key *key)
{
    return key->shape == SHAPE_OBJECTS || key->shape == SHAPE_ADDRESSES || key->shape == SHAPE_RESOLVER;
}

const struct key *key_of_class(enum class_id class)
{
    for (const struct key *row = keys; row->key; row++)
        if (row->class == class && key_has_maps(row))
            return row;
    return NULL;
}

static void known_sections(unsigned at, struct known_keys *known)
{
    const struct class *class = classes[CLASS_NAMESPACE];
    for (const struct key *row = keys; row->key; row++)
        if (row->at & at)
            known_add(known, row->key);
    for (unsigned i = 0; at == AT_NAMESPACE && i < class->n_options; i++)
        if (!(class->options[i].flags & (OPTION_KEY | OPTION_INTERNAL)))
            known_add(known, class->options[i].key);
}

static void refuse_section(struct reader *r, const struct scope *scope, const struct node *key)
{
    bool top = scope == &r->host;
    struct known_keys known = {0};
    known_sections(top ? AT_TOP : AT_NAMESPACE, &known);
    refuse_key(r, key, top ? "at the top of the file" : "in a namespace", &known);
}

static bool is_namespace_option(const char *key)
{
    const struct class *class = classes[CLASS_NAMESPACE];
    const struct option *option = option_find(class->options, class->n_options, key);
    return option && !(option->flags & OPTION_KEY);
}

const struct pair *section_pair(const struct node *sections, const char *key, unsigned at)
{
    const struct pair *pair = node_pair(sections, key);
    struct known_keys known = {0};
    if (pair)
        return pair;
    for (size_t i = 0; i < sections->n; i++) {
        struct nearest nearest = {.word = sections->pairs[i].key->text};
        if (key_find(nearest.word, at) || (at == AT_NAMESPACE && is_namespace_option(nearest.word)) ||
            strncmp(nearest.word, "x-", 2) == 0)
            continue;
        if (!known.n)
            known_sections(at, &known);
        for (unsigned k = 0; k < known.n; k++)
            nearest_offer(&nearest, known.list[k]);
        if (nearest.best && strcmp(nearest.best, key) == 0)
            return &sections->pairs[i];
    }
    return NULL;
}

void keys_read_sections(struct reader *r, struct scope *scope)
{
    unsigned at = scope == &r->host ? AT_TOP : AT_NAMESPACE;
    size_t before = r->errors->n_errors;
    for (size_t i = 0; i < scope->sections->n; i++) {
        const struct pair *pair = &scope->sections->pairs[i];
        const struct key *key = key_find(pair->key->text, at);
        if (key && key->read)
            key->read(r, scope, NULL, pair);
        else if (at == AT_TOP && strncmp(pair->key->text, "x-", 2) == 0)
            continue;
        else if (!key && (at == AT_TOP || !is_namespace_option(pair->key->text)))
            refuse_section(r, scope, pair->key);
    }
    if (r->errors->n_errors != before)
        scope_spoil(r, scope);
}
