/* Random valid topologies, by the model API: what lies on the interfaces of random_devices.h, and what others
 * have on the machine. */
#pragma once
#include "random_devices.h"
#include "random_firewall.h"

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
        int family = chance(r, 50) ? 4 : 6;
        if (chance(r, 10))
            sayf(r->model, "sysctl %s name=net/ipv%d/conf/%s/forwarding value=%d dev=%s", d->ns, family,
                 d->name, pick(r, 2), d->name);
    }
    for (int i = 0; i < r->n_spaces; i++) {
        slot(r, SLOT_RESOLVER, i);
        if (i > 0 && chance(r, 30))
            sayf(r->model, "resolver %s name=resolver servers=192.0.2.%d", r->spaces[i], 1 + pick(r, 3));
        if (chance(r, 30))
            sayf(r->model, "service %s name=s program=%s interface=lo config=a%d names=b%d state=running",
                 r->spaces[i], pick(r, 4) ? "dnsmasq" : "dhcp-client", pick(r, 2), pick(r, 2));
        if (chance(r, 30))
            sayf(r->model, "sysctl %s name=net/ipv4/ip_forward value=%d", r->spaces[i], pick(r, 2));
        if (chance(r, 20))
            sayf(r->model, "sysctl %s name=net/ipv6/conf/all/forwarding value=%d", r->spaces[i], pick(r, 2));
        if (chance(r, 10))
            sayf(r->model, "sysctl %s name=net/ipv4/conf/all/accept_redirects value=%d", r->spaces[i],
                 pick(r, 2));
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
    make_firewalls(&r);
}

/* What whoever turns forwarding on changes. */
static inline void random_forwarding(struct random *r, uint64_t seed)
{
    for (int family = 4; family <= 6; family += 2) {
        if (mix(seed) % 3 != 0 && chance(r, 30))
            sayf(r->model, "sysctl host name=net/ipv%d/conf/eth0/forwarding value=%d dev=eth0", family,
                 pick(r, 2));
        if (chance(r, 20))
            sayf(r->model, "sysctl host name=net/ipv%d/conf/default/forwarding value=%d", family, pick(r, 2));
    }
    if (chance(r, 30))
        sayf(r->model, "sysctl host name=net/ipv4/conf/all/accept_redirects value=%d", pick(r, 2));
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
        if (chance(&r, 30))
            say(model, "route host to=198.51.100.0/24 dev=eth0 table=77");
        if (chance(&r, 20))
            say(model,
                "route host to=198.51.101.0/24 nexthops=via+192.0.2.253+dev+eth0,via+192.0.2.254+dev+eth0");
        if (chance(&r, 20))
            say(model, "route host to=198.51.102.0/24 via=192.0.2.253 src=192.0.2.1");
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
    if (chance(&r, 30)) {
        say(model, "table host family=inet name=theirs");
        say(model, "set host family=inet table=theirs name=s0 key=ipv4_addr elements=10.0.0.1");
        say(model, "chain host family=inet table=theirs name=c0 rules={\"expr\":[{\"right\":\"@s0\"}]}");
    }
    if (chance(&r, 30))
        say(model, "sysctl host name=net/ipv4/ip_forward value=1");
    random_forwarding(&r, seed);
}

/* What others have under names that random_topology() may use, in what it leaves to others: to be taken over.
 */
static inline void random_adoptable(struct model *model, uint64_t seed)
{
    struct random r = {.model = model, .state = mix(seed ^ 78)};
    for (int i = 0; i < 7; i++) {
        const char *kind = i < 4 ? "dummy" : "bridge", *stem = i < 4 ? "d" : "br";
        int number = i < 4 ? i : i - 4;
        if (!chance(&r, 40))
            continue;
        /* No MTU of a dummy: see says_mtu(). */
        sayf(model, "%s host name=%s%d up=%s mtu=%d", kind, stem, number, chance(&r, 80) ? "true" : "false",
             i < 4 || chance(&r, 50) ? 1500 : 1450);
        if (chance(&r, 60))
            sayf(model, "address host dev=%s%d address=10.20%d.0.1/24", stem, number, i);
        if (chance(&r, 30))
            sayf(model, "neighbour host dev=%s%d ip=10.20%d.0.9 mac=02:00:00:00:03:0%d", stem, number, i, i);
        if (i >= 4 && chance(&r, 50))
            sayf(model, "dummy host name=port%d up=true master=host/br%d", number, number);
    }
}
