/* The first half of a random topology: namespaces and interfaces (the rest: random_topology.h).
 *
 * Every decision belongs to a slot ("options of the third dummy"), and each slot has its own stream of random
 * numbers. A second topology from the same seed with some slots drawn anew is the first one changed in a few
 * places, and valid as well. */
#pragma once
#include "random_say.h"

enum { DEVICES_MAX = 64, SPACES_MAX = 5 };

enum slot {
    SLOT_SPACE,
    SLOT_BRIDGE,
    SLOT_VETH,
    SLOT_DUMMY,
    SLOT_BOND,
    SLOT_VRF,
    SLOT_PHYSICAL,
    SLOT_CHILD,
    SLOT_TUNNEL,
    SLOT_MASTER,
    SLOT_OPTIONS,
    SLOT_ADDRESS,
    SLOT_ROUTE,
    SLOT_RULE,
    SLOT_NEIGHBOUR,
    SLOT_FDB,
    SLOT_SYSCTL,
    SLOT_RESOLVER,
    SLOT_FIREWALL,
    SLOT_NETWORK,
    SLOT_MAX,
};

struct device {
    struct object *object;
    const char *ns, *name;
    int parent, master; /* -1: none */
    bool up, small;     /* small: no IPv6 by its MTU */
    const char *taker;  /* kind of what lies on it and takes its frames: "macvlan"; or NULL */
    unsigned hosts;     /* bits: addresses given, by number of the network; two families */
};

struct random {
    struct model *model;
    uint64_t seed, again; /* again: seed of the slots that are drawn anew */
    unsigned percent;     /* of slots drawn anew */
    uint64_t state;
    const char *spaces[SPACES_MAX];
    int n_spaces;
    struct device devices[DEVICES_MAX];
    int n_devices;
    struct {
        int device, net;
        bool six, plain; /* plain: makes a connected route */
        char ip[IP_TEXT_SIZE];
    } addresses[200];
    int n_addresses;
};

static inline uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static inline void slot(struct random *r, enum slot kind, int index)
{
    uint64_t id = (uint64_t)kind * 1000 + (uint64_t)index;
    bool anew = r->percent && mix(r->again ^ mix(id)) % 100 < r->percent;
    r->state = mix((anew ? r->again : r->seed) ^ mix(id * 7 + 3));
}

static inline int pick(struct random *r, int n)
{
    r->state = mix(r->state);
    return (int)(r->state % (uint64_t)n);
}

static inline bool chance(struct random *r, int percent)
{
    return pick(r, 100) < percent;
}

static inline const char *pick_space(struct random *r)
{
    return r->spaces[pick(r, r->n_spaces)];
}

static inline bool is_kind(const struct device *device, const char *kind)
{
    return strcmp(device->object->kind->name, kind) == 0;
}

/* An interface, unless the name is taken. Returns its number, or -1. */
static inline int add_device(struct random *r, const char *kind, const char *ns, const char *name)
{
    char id[100];
    snprintf(id, sizeof id, "interface %s/%s", ns, name);
    if (r->n_devices == DEVICES_MAX || model_by_id(r->model, id))
        return -1;
    struct device *device = &r->devices[r->n_devices];
    *device = (struct device){.parent = -1, .master = -1, .up = true};
    device->object = sayf(r->model, "%s %s name=%s", kind, ns, name);
    device->ns = device->object->ns;
    device->name = device->object->name;
    return r->n_devices++;
}

static inline int add_numbered(struct random *r, const char *kind, const char *ns, const char *stem,
                               int number)
{
    char name[32];
    snprintf(name, sizeof name, "%s%d", stem, number);
    return add_device(r, kind, ns, name);
}

static inline void set_text(struct random *r, int device, const char *key, const char *text)
{
    object_set_text(r->model, r->devices[device].object, key, text);
}

static inline void set_number(struct random *r, int device, const char *key, int64_t number)
{
    object_set_number(r->model, r->devices[device].object, key, number);
}

static inline void make_spaces(struct random *r)
{
    r->spaces[r->n_spaces++] = HOST;
    for (int i = 0; i < 4; i++) {
        slot(r, SLOT_SPACE, i);
        if (!chance(r, 50))
            continue;
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        sayf(r->model, "namespace host name=%s", name);
        r->spaces[r->n_spaces++] = sayf(r->model, "loopback %s name=lo up=true", name)->ns;
    }
}

static inline void make_veth(struct random *r)
{
    char reference[64];
    const char *near = pick_space(r), *far = pick_space(r);
    int a = add_numbered(r, "veth", near, "v", pick(r, 6));
    if (a < 0)
        return;
    int b = add_numbered(r, "veth", far, chance(r, 70) ? "w" : "v", pick(r, 8));
    if (b < 0) { /* the name is taken: no cable */
        model_remove(r->model, r->devices[--r->n_devices].object);
        return;
    }
    snprintf(reference, sizeof reference, "%s/%s", r->devices[b].ns, r->devices[b].name);
    set_text(r, a, "peer", reference);
    snprintf(reference, sizeof reference, "%s/%s", r->devices[a].ns, r->devices[a].name);
    set_text(r, b, "peer", reference);
}

static inline void make_bases(struct random *r, bool has_hardware)
{
    for (int i = 0; i < 3; i++) {
        slot(r, SLOT_BRIDGE, i);
        if (chance(r, 40))
            add_numbered(r, "bridge", pick_space(r), "br", pick(r, 3));
    }
    for (int i = 0; i < 6; i++) {
        slot(r, SLOT_VETH, i);
        if (chance(r, 50))
            make_veth(r);
    }
    for (int i = 0; i < 4; i++) {
        slot(r, SLOT_DUMMY, i);
        if (chance(r, 40))
            add_numbered(r, "dummy", pick_space(r), chance(r, 80) ? "d" : "v", pick(r, 5));
    }
    slot(r, SLOT_BOND, 0);
    if (chance(r, 35))
        add_numbered(r, "bond", pick_space(r), "bond", pick(r, 2));
    slot(r, SLOT_VRF, 0);
    int vrf = chance(r, 20) ? add_numbered(r, "vrf", pick_space(r), "vrf", 0) : -1;
    if (vrf >= 0)
        set_number(r, vrf, "table", 500 + pick(r, 3));
    for (int i = 0; i < 2; i++) {
        slot(r, SLOT_PHYSICAL, i);
        if (has_hardware && chance(r, 40))
            add_numbered(r, "physical", HOST, "eth", i);
    }
}

/* One dummy always says its MTU, which may be too small for IPv6. Others must not have to do with it: an MTU
 * that is said no longer stays, and what lies on it or was its port keeps what it took over. */
static inline bool says_mtu(const struct device *device)
{
    return is_kind(device, "dummy") && strcmp(device->name, "d4") == 0;
}

static inline bool is_vlan_taken(const struct random *r, int parent, int id)
{
    for (int i = 0; i < r->n_devices; i++)
        if (r->devices[i].parent == parent && is_kind(&r->devices[i], "vlan") &&
            object_number(r->devices[i].object, "id", 0) == id)
            return true;
    return false;
}

static inline void make_child(struct random *r)
{
    static const char *const kinds_of_children[] = {"vlan", "vlan", "vlan", "macvlan", "ipvlan"};
    const char *kind = kinds_of_children[pick(r, 5)];
    int parent = pick(r, r->n_devices + 1) - 1, id = 10 * (1 + pick(r, 3)), number = pick(r, 4);
    if (parent < 0)
        return;
    struct device *base = &r->devices[parent];
    bool vlan = strcmp(kind, "vlan") == 0;
    /* An interface on another of its kind but vlan: allowed by Linux where frames may be taken twice; left
     * out. */
    if (is_kind(base, "vrf") || base->object->kind->flags & KIND_LAYER3 || is_kind(base, "ipvlan") ||
        is_kind(base, "macvlan") || says_mtu(base) || (vlan && is_vlan_taken(r, parent, id)) ||
        (!vlan && base->taker && strcmp(base->taker, kind) != 0))
        return;
    int child = add_numbered(r, kind, chance(r, 70) ? base->ns : pick_space(r), vlan ? "x" : "m", number);
    if (child < 0)
        return;
    char reference[64];
    snprintf(reference, sizeof reference, "%s/%s", base->ns, base->name);
    set_text(r, child, "parent", reference);
    if (vlan)
        set_number(r, child, "id", id);
    else
        base->taker = r->devices[child].object->kind->name;
    r->devices[child].parent = parent;
}

static inline void make_tunnel(struct random *r)
{
    switch (pick(r, 4)) {
    case 0:
        add_numbered(r, "tap", pick_space(r), "t", pick(r, 2));
        break;
    case 1:
        add_numbered(r, "tun", pick_space(r), "t", pick(r, 2));
        break;
    case 2: {
        int vxlan = add_numbered(r, "vxlan", pick_space(r), "vx", 0);
        if (vxlan >= 0) {
            set_number(r, vxlan, "id", 1 + pick(r, 3));
            set_text(r, vxlan, "remote", chance(r, 50) ? "192.0.2.77" : "192.0.2.78");
        }
        break;
    }
    default:
        break;
    }
}

static inline bool rests_on(const struct random *r, int device, int base)
{
    if (device == base)
        return true;
    if (r->devices[device].parent >= 0 && rests_on(r, r->devices[device].parent, base))
        return true;
    for (int i = 0; i < r->n_devices; i++)
        if (r->devices[i].master == device && rests_on(r, i, base))
            return true;
    return false;
}

static inline bool may_join(const struct random *r, int port, int master)
{
    const struct device *p = &r->devices[port], *m = &r->devices[master];
    if (port == master || !(m->object->kind->flags & KIND_PORTS) || p->ns != m->ns || is_kind(p, "vrf") ||
        rests_on(r, port, master))
        return false;
    /* Routes of others on a network card die when it is taken down, joins a bond or moves to a vrf: the price
     * of saying so. */
    if (is_kind(m, "vrf"))
        return !is_kind(p, "physical");
    if (is_kind(m, "bond"))
        return !p->taker && (is_kind(p, "dummy") || is_kind(p, "veth")) && !says_mtu(p);
    return !p->taker && !(p->object->kind->flags & (KIND_LAYER3 | KIND_VLAN_PORTS)) && !is_kind(p, "ipvlan");
}

static inline void make_ports(struct random *r)
{
    char reference[64];
    for (int i = 0; i < r->n_devices; i++) {
        slot(r, SLOT_MASTER, i);
        int master = chance(r, 60) ? pick(r, r->n_devices) : -1;
        for (int tries = 0; master >= 0 && tries < r->n_devices && !may_join(r, i, master); tries++)
            master = (master + 1) % r->n_devices;
        if (master < 0 || !may_join(r, i, master))
            continue;
        r->devices[i].master = master;
        snprintf(reference, sizeof reference, "%s/%s", r->devices[master].ns, r->devices[master].name);
        set_text(r, i, "master", reference);
    }
}

static inline bool is_port_of(const struct random *r, int device, const char *kind)
{
    int master = r->devices[device].master;
    return master >= 0 && is_kind(&r->devices[master], kind);
}

static inline void port_options(struct random *r, int i)
{
    static const char *const members[] = {"10 pvid untagged", "1 pvid untagged,20-30", "20-30",
                                          "1 pvid untagged"};
    if (chance(r, 20))
        set_number(r, i, "isolated", pick(r, 2));
    if (chance(r, 20))
        set_number(r, i, "hairpin", pick(r, 2));
    if (chance(r, 20))
        set_number(r, i, "path-cost", 10 + pick(r, 3));
    if (object_number(r->devices[r->devices[i].master].object, "vlan-aware", 0) && chance(r, 70))
        set_text(r, i, "vlans", members[pick(r, 4)]);
}

static inline void kind_options(struct random *r, int i)
{
    const struct device *device = &r->devices[i];
    if (is_kind(device, "bridge")) {
        if (chance(r, 30))
            set_number(r, i, "vlan-aware", 1);
        if (chance(r, 30))
            set_number(r, i, "ageing-time", 100 * (1 + pick(r, 3)));
        if (chance(r, 20))
            set_number(r, i, "stp", pick(r, 2));
    } else if (is_kind(device, "bond")) {
        bool lacp = chance(r, 50);
        set_number(r, i, "mode", lacp ? 4 : 1);
        if (lacp && chance(r, 50))
            set_number(r, i, "lacp-rate", pick(r, 2));
        if (chance(r, 50))
            set_number(r, i, "miimon", 100 * (1 + pick(r, 2)));
    } else if (is_kind(device, "macvlan") && chance(r, 50)) {
        set_number(r, i, "mode", chance(r, 50) ? 4 : 1);
    } else if (is_kind(device, "tap") && chance(r, 30)) {
        set_number(r, i, "owner", 1000 + pick(r, 2));
    }
}

/* Down, MAC address, MTU. A child has no larger MTU than is said of its parent; ports of a bond follow it in
 * everything. */
static inline void common_options(struct random *r, int i)
{
    static const int sizes[] = {1400, 1500, 9000};
    struct device *device = &r->devices[i];
    bool bonded = is_port_of(r, i, "bond"), child = device->parent >= 0;
    int size = sizes[pick(r, 3)], last = pick(r, 3);
    device->up = bonded || is_kind(device, "physical") || !chance(r, 8);
    if (child && is_kind(device, "vlan") && !r->devices[device->parent].up)
        device->up = false;
    set_number(r, i, "up", device->up);
    int64_t limit = child ? object_number(r->devices[device->parent].object, "mtu", 0) : 9000;
    bool tiny = chance(r, 40), always = says_mtu(device);
    if (!bonded && (chance(r, 20) || always) && size <= limit)
        set_number(r, i, "mtu", tiny && always ? 1000 : size);
    if (child && is_port_of(r, device->parent, "bond"))
        object_set(r->model, device->object, "mtu", (struct value){0});
    bool ethernet = !(device->object->kind->flags & KIND_LAYER3) && !is_kind(device, "ipvlan") &&
                    !is_kind(device, "vrf") && !is_kind(device, "physical");
    if (!bonded && ethernet && chance(r, 20)) {
        char mac[MAC_TEXT_SIZE];
        mac_format(&(struct mac){{2, 0, 0, 0, (uint8_t)last, (uint8_t)(10 + i)}}, mac);
        set_text(r, i, "mac", mac);
    }
}

/* Whether IPv6 may be off by a small MTU: its own, that of its bond, or that which it has from its parent. */
static inline bool is_small(const struct random *r, int i)
{
    const struct device *device = &r->devices[i];
    return object_number(device->object, "mtu", 1500) < 1280 ||
           (device->parent >= 0 && is_small(r, device->parent)) || is_port_of(r, i, "bond");
}

static inline void make_options(struct random *r)
{
    for (int i = 0; i < r->n_devices; i++) {
        slot(r, SLOT_OPTIONS, i);
        kind_options(r, i);
        common_options(r, i);
    }
    for (int i = 0; i < r->n_devices; i++) {
        slot(r, SLOT_OPTIONS, 500 + i);
        if (is_port_of(r, i, "bridge"))
            port_options(r, i);
        r->devices[i].small = is_small(r, i);
    }
}
