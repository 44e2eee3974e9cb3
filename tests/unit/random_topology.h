/* Random valid topologies, by the model API.
 *
 * Every decision belongs to a slot ("options of the third dummy"), and each slot has its own stream of random numbers. A second topology
 * from the same seed with some slots drawn anew is the first one changed in a few places, and valid as well. */
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

/* One dummy always says its MTU, which may be too small for IPv6. Others must not have to do with it: an MTU that is said no
 * longer stays, and what lies on it or was its port keeps what it took over. */
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
    /* An interface on another of its kind but vlan: allowed by Linux where frames may be taken twice; left out. */
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
    /* Routes of others on a network card die when it is taken down, joins a bond or moves to a vrf: the price of saying so. */
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

/* Down, MAC address, MTU. A child has no larger MTU than is said of its parent; ports of a bond follow it in everything. */
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

static inline void make_address(struct random *r, int i)
{
    struct device *device = &r->devices[i];
    bool six = chance(r, 35);
    int net = pick(r, 4), host = 1 + pick(r, 5), length = six ? 64 : chance(r, 85) ? 24 : 25;
    bool hidden = chance(r, 5), lives = chance(r, 5), costs = chance(r, 10);
    if (six && device->small)
        return;
    char ip[IP_TEXT_SIZE];
    snprintf(ip, sizeof ip, six ? "fd0%d::%d" : "10.%d.0.%d", net, host);
    for (int k = 0; k < r->n_addresses; k++)
        if (strcmp(r->addresses[k].ip, ip) == 0 && r->devices[r->addresses[k].device].ns == device->ns)
            return;
    if (r->n_addresses == 200)
        return;
    struct object *address =
        sayf(r->model, "address %s dev=%s address=%s/%d", device->ns, device->name, ip, length);
    if (hidden)
        object_set_number(r->model, address, "noprefixroute", 1);
    if (costs)
        object_set_number(r->model, address, "metric", 5);
    if (lives)
        object_set_number(r->model, address, "valid", 5000);
    r->addresses[r->n_addresses].device = i;
    r->addresses[r->n_addresses].net = net;
    r->addresses[r->n_addresses].six = six;
    r->addresses[r->n_addresses].plain = !hidden;
    strcpy(r->addresses[r->n_addresses++].ip, ip);
}

static inline void make_addresses(struct random *r)
{
    for (int i = 0; i < r->n_devices; i++)
        for (int k = 0; k < 3; k++) {
            slot(r, SLOT_ADDRESS, i * 10 + k);
            if (!is_port_of(r, i, "bond") && chance(r, is_port_of(r, i, "bridge") ? 5 : 40))
                make_address(r, i);
        }
}

static inline void rejecting_route(struct random *r)
{
    static const char *const types[] = {"blackhole", "unreachable", "prohibit"};
    bool six = chance(r, 40);
    int number = pick(r, 4), metric = chance(r, 70) ? 0 : 5;
    const char *ns = pick_space(r), *type = types[pick(r, 3)];
    if (six)
        sayf(r->model, "route %s to=fd2%d::/64 metric=1024 type=%s", ns, number, type);
    else
        sayf(r->model, "route %s to=10.2%d.0.0/16 metric=%d type=%s", ns, number, metric, type);
}

/* A route by the network of an address, or straight out of its interface. */
static inline void usable_route(struct random *r)
{
    int k = pick(r, r->n_addresses), number = pick(r, 5), table = chance(r, 75) ? 254 : 100,
        host = 100 + pick(r, 3);
    bool straight = chance(r, 20), source = chance(r, 15), says_dev = chance(r, 40), sized = chance(r, 10);
    int metric = chance(r, 70) ? 0 : 5;
    bool many = chance(r, 8), everything = chance(r, 20);
    const struct device *device = &r->devices[r->addresses[k].device];
    if (!device->up)
        return;
    bool six = r->addresses[k].six, vrf = is_port_of(r, r->addresses[k].device, "vrf");
    char to[32], via[32], hops[200];
    if (everything)
        snprintf(to, sizeof to, "%s", six ? "::/0" : "0.0.0.0/0");
    else
        snprintf(to, sizeof to, six ? "fd1%d::/64" : "10.1%d.0.0/16", number);
    snprintf(via, sizeof via, six ? "fd0%d::%d" : "10.%d.0.%d", r->addresses[k].net, host);
    if (!six && everything && strcmp(device->ns, HOST) == 0)
        metric += 7; /* the foreign one has another */
    struct object *route = say_new(r->model, "route host");
    route->ns = device->ns;
    object_set_text(r->model, route, "to", to);
    object_set_number(r->model, route, "metric", six ? 1024 + metric : metric);
    object_set_number(r->model, route, "table", table);
    bool reach = r->addresses[k].plain && !straight;
    if (reach && many && !vrf) {
        snprintf(hops, sizeof hops,
                 six ? "via %s dev %s,via fd0%d::99 dev %s" : "via %s dev %s,via 10.%d.0.99 dev %s", via,
                 device->name, r->addresses[k].net, device->name);
        object_set_text(r->model, route, "nexthops", hops);
    } else if (reach) {
        object_set_text(r->model, route, "via", via);
    }
    if (!(reach && many && !vrf) && (says_dev || !reach || vrf))
        object_set_text(r->model, route, "dev", device->name);
    if (source && !vrf)
        object_set_text(r->model, route, "src", r->addresses[k].ip);
    if (sized)
        object_set_number(r->model, route, "mtu", 1300);
    model_add(r->model, route, NULL);
}

static inline void make_routes(struct random *r)
{
    for (int i = 0; i < 8; i++) {
        slot(r, SLOT_ROUTE, i);
        if (chance(r, 20))
            rejecting_route(r);
        else if (r->n_addresses && chance(r, 80))
            usable_route(r);
    }
}

static inline void make_rules(struct random *r)
{
    for (int i = 0; i < 2; i++) {
        slot(r, SLOT_RULE, i);
        if (!chance(r, 30))
            continue;
        const char *ns = pick_space(r);
        int priority = 100 + pick(r, 3), table = 100 + pick(r, 2), net = pick(r, 3);
        bool six = chance(r, 30);
        if (six)
            sayf(r->model, "rule %s priority=%d family=ipv6 from=fd0%d::/64 table=%d", ns, priority, net,
                 table);
        else
            sayf(r->model, "rule %s priority=%d from=10.%d.0.0/16 table=%d", ns, priority, net, table);
    }
}

static inline void make_entries(struct random *r)
{
    for (int i = 0; i < 5; i++) {
        slot(r, SLOT_NEIGHBOUR, i);
        int k = pick(r, r->n_devices + 1) - 1, host = 50 + pick(r, 2), last = pick(r, 3);
        bool six = chance(r, 40);
        if (k >= 0 && !is_port_of(r, k, "bond") && !(six && r->devices[k].small) && chance(r, 60))
            sayf(r->model,
                 six ? "neighbour %s dev=%s ip=fd00::%d mac=02:00:00:00:01:0%d"
                     : "neighbour %s dev=%s ip=10.0.0.%d mac=02:00:00:00:01:0%d",
                 r->devices[k].ns, r->devices[k].name, host, last);
    }
    for (int i = 0; i < r->n_devices; i++) {
        slot(r, SLOT_FDB, i);
        const struct device *d = &r->devices[i];
        int last = pick(r, 2);
        if (is_port_of(r, i, "bridge") && chance(r, 20))
            sayf(r->model, "fdb %s dev=%s mac=02:00:00:00:02:0%d", d->ns, d->name, last);
        else if (is_kind(d, "vxlan") && chance(r, 50))
            sayf(r->model, "fdb %s dev=%s mac=02:00:00:00:02:0%d dst=192.0.2.8%d", d->ns, d->name, last,
                 last);
        slot(r, SLOT_SYSCTL, i);
        if (chance(r, 10))
            sayf(r->model, "sysctl %s name=net/ipv4/conf/%s/rp_filter value=%d dev=%s", d->ns, d->name,
                 1 + pick(r, 2), d->name);
    }
    for (int i = 0; i < r->n_spaces; i++) {
        slot(r, SLOT_RESOLVER, i);
        if (i > 0 && chance(r, 30))
            sayf(r->model, "resolver %s name=resolver servers=192.0.2.%d", r->spaces[i], 1 + pick(r, 3));
        if (chance(r, 30))
            sayf(r->model, "sysctl %s name=net/ipv4/ip_forward value=%d", r->spaces[i], pick(r, 2));
    }
}

static inline void random_topology(struct model *model, uint64_t seed, uint64_t again, unsigned percent)
{
    struct random r = {.model = model, .seed = seed, .again = again, .percent = percent};
    make_spaces(&r);
    make_bases(&r, mix(seed) % 3 != 0);
    for (int i = 0; i < 4; i++) {
        slot(&r, SLOT_CHILD, i);
        if (chance(&r, 50))
            make_child(&r);
    }
    slot(&r, SLOT_TUNNEL, 0);
    make_tunnel(&r);
    make_ports(&r);
    make_options(&r);
    make_addresses(&r);
    make_routes(&r);
    make_rules(&r);
    make_entries(&r);
}

/* What others have on the machine. Hardware is there when random_topology() of the seed may use it. */
static inline void random_foreign(struct model *model, uint64_t seed)
{
    struct random r = {.model = model, .state = mix(seed ^ 77)};
    if (mix(seed) % 3 != 0) {
        say(model, "physical host name=eth0 up=true mac=52:54:00:00:00:01");
        sayf(model, "physical host name=eth1 up=%s mac=52:54:00:00:00:02", chance(&r, 50) ? "true" : "false");
        say(model, "address host dev=eth0 address=192.0.2.1/24");
        if (chance(&r, 50))
            say(model, "address host dev=eth0 address=192.0.2.2/24");
        if (chance(&r, 50))
            say(model, "address host dev=eth0 address=2001:db8::1/64");
        if (chance(&r, 70))
            say(model, "route host to=default via=192.0.2.254 metric=100");
        if (chance(&r, 30))
            say(model, "neighbour host dev=eth0 ip=192.0.2.254 mac=52:54:00:00:00:fe");
    }
    if (chance(&r, 40)) {
        say(model, "bridge host name=docker0 up=true");
        say(model, "address host dev=docker0 address=172.17.0.1/16");
        say(model, "route host to=172.18.0.0/16 via=172.17.0.2");
    }
    if (chance(&r, 40)) {
        say(model, "namespace host name=other");
        say(model, "veth host name=oth0 peer=other/eth0 up=true");
        say(model, "veth other name=eth0 peer=host/oth0 up=true");
        say(model, "address other dev=eth0 address=172.20.0.1/24");
    }
    if (chance(&r, 30))
        say(model, "rule host priority=50 from=172.16.0.0/12 table=77");
    if (chance(&r, 30))
        say(model, "route host to=172.31.0.0/16 type=blackhole");
    if (chance(&r, 30))
        say(model, "sysctl host name=net/ipv4/ip_forward value=1");
}
