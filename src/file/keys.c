/* The keys of a network file that no option table says: sections, and what an interface says about its
 * surroundings. At the top, keys that begin with `x-` are nobody's: a place for anchors. With the tables of
 * classes and kinds this is the whole language: reader, schema and manual page are made from it. */
#include <string.h>

#include "file/reader.h"

enum { SECTION = AT_TOP | AT_NAMESPACE, ANYWHERE = SECTION | AT_INTERFACE };

const struct key keys[] = {
    {"name", AT_TOP, SHAPE_NAME, 0, NULL, NULL,
     "The name of the topology: what `plexus down` and others call it. Without it, the name of the file; of "
     "several, that of the first."},
    {"description", SECTION, SHAPE_TEXT, 0, NULL, NULL,
     "What this is for: a remark. Plexus does nothing with it."},
    {"include", SECTION, SHAPE_WORDS, 0, NULL, NULL,
     "Files whose sections are added here; paths are relative to this file."},
    {"interfaces", SECTION, SHAPE_INTERFACES, 0, NULL, NULL, "Interfaces by name."},
    {"namespaces", AT_TOP, SHAPE_NAMESPACES, 0, NULL, NULL,
     "Network namespaces by name. Each has sections of its own, as the host has them at the top of the "
     "file."},
    {"count", AT_NAMESPACE, SHAPE_COUNT, 0, NULL, NULL,
     "Makes so many of it, named NAME-1, NAME-2 and so on. In its texts, `{n}` stands for the number."},
    {"routes", ANYWHERE, SHAPE_OBJECTS, CLASS_ROUTE, read_routes, NULL,
     "Routes; in an interface, those through it."},
    {"rules", SECTION, SHAPE_OBJECTS, CLASS_RULE, read_rules, NULL,
     "Routing policy rules. Those without a priority get 1000, 1001 and so on."},
    {"neighbours", ANYWHERE, SHAPE_OBJECTS, CLASS_NEIGHBOUR, read_objects, NULL,
     "Fixed MAC addresses of neighbours (ARP and NDP)."},
    {"sysctls", ANYWHERE, SHAPE_SETTINGS, CLASS_SYSCTL, read_sysctls, NULL,
     "Kernel settings below net/, as `net.ipv4.ip_forward: 1`; in an interface also short: `ipv4.rp_filter: "
     "0`."},
    {"forwarding", SECTION, SHAPE_BOOL, 0, read_forwarding, NULL,
     "Whether packets are routed from one interface to another."},
    {"dns", SECTION, SHAPE_RESOLVER, CLASS_RESOLVER, read_dns, NULL, "DNS servers and search domains."},
    {"expect", AT_TOP, SHAPE_WORDS, 0, NULL, NULL,
     "Claims that are tried at every apply: `red reaches blue`, `web cannot reach 10.0.0.1 tcp/22`. See "
     "EXPECTATIONS."},

    {"type", AT_INTERFACE, SHAPE_KIND, 0, NULL, NULL, "The kind of interface."},
    {"bridge", AT_INTERFACE, SHAPE_REFERENCE, 0, NULL, NULL,
     "The bridge that it is plugged into. Where that lies in another namespace, the interface is a veth "
     "whose far end is "
     "made beside the bridge and named NAMESPACE-INTERFACE."},
    {"bond", AT_INTERFACE, SHAPE_REFERENCE, 0, NULL, NULL, "The bond that it belongs to."},
    {"vrf", AT_INTERFACE, SHAPE_REFERENCE, 0, NULL, NULL, "The VRF that it belongs to."},
    {"master", AT_INTERFACE, SHAPE_REFERENCE, 0, NULL, NULL,
     "The same as `bridge`, `bond` or `vrf`, whichever it is."},
    {"ports", AT_INTERFACE, SHAPE_REFERENCES, 0, NULL, NULL,
     "Of a bridge, bond or VRF: its ports. One that the file does not describe is a network card that "
     "exists."},
    {"peer", AT_INTERFACE, SHAPE_REFERENCE, 0, NULL, NULL,
     "Of a veth: its other end. It is made, and can be listed in its own namespace too, without a type."},
    {"parent", AT_INTERFACE, SHAPE_REFERENCE, 0, read_parent, NULL, "The interface that it lies on."},
    {"vlan", AT_INTERFACE, SHAPE_VLAN, 0, read_vlans, NULL,
     "Of a bridge port: its VLAN, untagged (an access port)."},
    {"trunk", AT_INTERFACE, SHAPE_VLANS, 0, read_vlans, NULL,
     "Of a bridge port: VLANs and ranges that it carries tagged."},
    {"native", AT_INTERFACE, SHAPE_VLAN, 0, read_vlans, NULL,
     "Of a trunk: the VLAN of frames without a tag."},
    {"addresses", AT_INTERFACE, SHAPE_ADDRESSES, CLASS_ADDRESS, read_addresses, NULL,
     "Addresses with prefix length. In a namespace with `count`, a range such as `10.0.0.10-10.0.0.99/24` "
     "gives each "
     "instance the next one."},
    {"gateway", AT_INTERFACE, SHAPE_IPS, 0, read_gateway, NULL,
     "Default route through it, one for each family."},
    {"fdb", AT_INTERFACE, SHAPE_OBJECTS, CLASS_FDB, read_objects, NULL,
     "Fixed entries of a forwarding database."},
    {"peers", AT_INTERFACE, SHAPE_OBJECTS, CLASS_WGPEER, read_objects, "wireguard",
     "Of a WireGuard interface: its peers."},
    {"ipv6", AT_INTERFACE, SHAPE_BOOL, 0, read_ipv6, NULL, "Whether it has IPv6 at all."},
    {"ipv6-privacy", AT_INTERFACE, SHAPE_BOOL, 0, read_ipv6_privacy, NULL,
     "Whether it makes and prefers temporary addresses (RFC 8981)."},
    {"accept-ra", AT_INTERFACE, SHAPE_ACCEPT_RA, 0, read_accept_ra, NULL,
     "Whether IPv6 addresses and routes are taken from router advertisements; `forwarding`: also while it "
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
