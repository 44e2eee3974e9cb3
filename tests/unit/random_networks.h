/* Random files with networks: of every mode, with guests, published ports, services, guards, and a firewall.
 * The objects are those that the reader makes of them, so these are the tables, sets and maps that users
 * have.
 *
 * Slots as in random_devices.h. What a file may not say is left out where it is drawn, so each is valid:
 * published ports of who has no address, DHCP where nobody answers, two networks with one uplink. */
#pragma once
#include "file/read.h"
#include "model/check.h"
#include "model/topology.h"
#include "random_devices.h"

enum { NETWORKS = 4, GUESTS = 6, TAPS = 2 };

enum mode { MODE_NAT, MODE_ROUTED, MODE_ISOLATED, MODE_BRIDGED, MODE_VLAN, MODE_TAGGED };
static const char *const mode_words[] = {
    [MODE_NAT] = "nat",         [MODE_ROUTED] = "routed", [MODE_ISOLATED] = "isolated",
    [MODE_BRIDGED] = "bridged", [MODE_VLAN] = "vlan",     [MODE_TAGGED] = "vlan",
};

struct plan_of_networks {
    struct random *r;
    struct text text;
    struct {
        bool is_there, dhcp, dns, six;
        enum mode mode;
    } networks[NETWORKS];
    /* By guest and network: whether it is in it, with an address of its own. */
    bool in[GUESTS][NETWORKS], has[GUESTS][NETWORKS];
};

static inline void net_slot(const struct plan_of_networks *p, int index)
{
    slot(p->r, SLOT_NETWORK, index);
}

static inline bool leads_out(enum mode mode)
{
    return mode == MODE_NAT || mode == MODE_ROUTED;
}

/* The modes that need something of the file have it at most once: a port is that of one bridge. */
static inline void draw_networks(struct plan_of_networks *p)
{
    static const enum mode drawn[] = {MODE_NAT,      MODE_NAT,     MODE_NAT,  MODE_ROUTED,
                                      MODE_ISOLATED, MODE_BRIDGED, MODE_VLAN, MODE_TAGGED};
    bool taken[MODE_TAGGED + 1] = {0};
    for (int i = 0; i < NETWORKS; i++) {
        net_slot(p, i);
        enum mode mode = drawn[pick(p->r, 8)];
        bool is_there = chance(p->r, 60);
        if (mode >= MODE_BRIDGED && taken[mode])
            mode = MODE_NAT;
        taken[mode] |= is_there;
        p->networks[i].is_there = is_there;
        p->networks[i].mode = mode;
        p->networks[i].six = mode < MODE_BRIDGED && chance(p->r, 50);
        p->networks[i].dhcp = mode < MODE_BRIDGED && chance(p->r, 25);
        p->networks[i].dns = mode < MODE_BRIDGED && chance(p->r, 25);
    }
}

/* The last are machines behind an interface of the host, in one network each. */
static inline void draw_guests(struct plan_of_networks *p)
{
    for (int g = 0; g < GUESTS; g++) {
        net_slot(p, 20 + g);
        bool is_there = chance(p->r, 60), machine = g >= GUESTS - TAPS;
        for (int i = 0; i < NETWORKS; i++) {
            bool in = chance(p->r, 35), client = chance(p->r, 30);
            p->in[g][i] = is_there && in && p->networks[i].is_there;
            p->has[g][i] = p->in[g][i] && p->networks[i].mode < MODE_BRIDGED &&
                           (machine || !(p->networks[i].dhcp && client));
            is_there = is_there && !(machine && p->in[g][i]);
        }
    }
}

static inline void write_publish(struct plan_of_networks *p, int i)
{
    bool any = false;
    for (int g = 0; g < GUESTS; g++) {
        net_slot(p, 40 + 10 * i + g);
        int port = 8000 + 100 * i + 10 * g, form = pick(p->r, 5);
        if (!chance(p->r, 40) || !p->has[g][i])
            continue;
        text_add(&p->text, any ? ", " : ", publish: [");
        any = true;
        if (form == 0)
            text_printf(&p->text, "\"%d-%d:g%d:80-%d\"", port, port + 3, g, 83);
        else if (form == 1)
            text_printf(&p->text, "\"192.0.2.9:%d:g%d:%d\"", port, g, 80 + pick(p->r, 3));
        else if (form == 2 && p->networks[i].six)
            text_printf(&p->text, "\"[2001:db8::9]:%d:[fd2%d::2%d]:80\"", port, i, g);
        else
            text_printf(&p->text, "\"%d:g%d:%d%s\"", port, g, 80 + pick(p->r, 3), form == 3 ? "/udp" : "");
    }
    text_add(&p->text, any ? "]" : "");
}

static inline void write_services(struct plan_of_networks *p, int i)
{
    if (p->networks[i].dhcp && chance(p->r, 50))
        text_printf(&p->text, ", dhcp: {lease-time: %dh, range: 10.2%d.0.100-10.2%d.0.1%d0}",
                    1 + pick(p->r, 3), i, i, 1 + pick(p->r, 4));
    else if (p->networks[i].dhcp)
        text_add(&p->text, ", dhcp: true");
    if (p->networks[i].dns)
        text_printf(&p->text, ", dns: {domain: d%d.internal, servers: [192.0.2.53], host-names: none}",
                    pick(p->r, 2));
}

static inline void write_network(struct plan_of_networks *p, int i)
{
    net_slot(p, 10 + i);
    enum mode mode = p->networks[i].mode;
    text_printf(&p->text, "  net%d: {mode: %s", i, mode_words[mode]);
    if (mode < MODE_BRIDGED)
        text_printf(&p->text, ", subnet: 10.2%d.0.0/%d", i, chance(p->r, 80) ? 24 : 23);
    if (p->networks[i].six)
        text_printf(&p->text, ", ipv6: \"fd2%d::/64\"", i);
    if (mode == MODE_BRIDGED)
        text_add(&p->text, ", uplink: up0");
    else if (mode >= MODE_VLAN)
        text_printf(&p->text, ", uplink: %s, vlan: %d", mode == MODE_TAGGED ? "switch" : "up1",
                    10 + pick(p->r, 2));
    else if (leads_out(mode) && chance(p->r, 50))
        text_add(&p->text, ", uplink: wan0");
    if (chance(p->r, 20))
        text_printf(&p->text, ", isolated: %s", chance(p->r, 70) ? "true" : "false");
    if (mode < MODE_BRIDGED && chance(p->r, 25))
        text_add(&p->text, ", anti-spoofing: true");
    if (mode < MODE_BRIDGED && chance(p->r, 20))
        text_printf(&p->text, ", mtu: %d", chance(p->r, 50) ? 1400 : 1450);
    if (mode < MODE_BRIDGED && chance(p->r, 20))
        text_printf(&p->text,
                    p->networks[i].six ? ", gateway: [10.2%d.0.9, \"fd2%d::9\"]" : ", gateway: 10.2%d.0.9", i,
                    i);
    write_services(p, i);
    if (leads_out(mode))
        write_publish(p, i);
    text_add(&p->text, "}\n");
}

/* What is said of a guest in one network. */
static inline void write_guest(struct plan_of_networks *p, int g, int i, bool machine)
{
    const char *comma = "";
    text_printf(&p->text, "net%d: {", i);
    if (machine) {
        text_printf(&p->text, "name: g%d", g);
        comma = ", ";
    }
    if (p->has[g][i] && (machine || p->networks[i].six || chance(p->r, 60))) {
        text_printf(&p->text,
                    p->networks[i].six ? "%saddress: [10.2%d.0.2%d, \"fd2%d::2%d\"]"
                                       : "%saddress: 10.2%d.0.2%d",
                    comma, i, g, i, g);
        comma = ", ";
    } else if (p->in[g][i] && !p->has[g][i] && p->networks[i].dhcp && !machine) {
        text_add(&p->text, "dhcp: true, anti-spoofing: false");
        comma = ", ";
    }
    if (machine || chance(p->r, 20)) {
        text_printf(&p->text, "%smac: \"02:00:00:00:%02d:%02d\"", comma, i, 10 * g + pick(p->r, 3));
        comma = ", ";
    }
    if (p->has[g][i] && chance(p->r, 30)) {
        text_printf(&p->text, "%santi-spoofing: %s", comma, chance(p->r, 70) ? "true" : "false");
        comma = ", ";
    }
    if (chance(p->r, 25)) {
        text_printf(&p->text, "%sisolated: %s", comma, chance(p->r, 70) ? "true" : "false");
        comma = ", ";
    }
    if (chance(p->r, 25))
        text_printf(&p->text, "%srate: %dmbit", comma, 1 + pick(p->r, 3));
    text_add(&p->text, "}");
}

static inline bool is_guest(const struct plan_of_networks *p, int g)
{
    bool any = false;
    for (int i = 0; i < NETWORKS; i++)
        any |= p->in[g][i];
    return any;
}

static inline void write_machines(struct plan_of_networks *p)
{
    for (int g = GUESTS - TAPS; g < GUESTS; g++)
        for (int i = 0; i < NETWORKS; i++)
            if (p->in[g][i]) {
                net_slot(p, 100 + g);
                text_printf(&p->text, "  tap%d: {type: tap, network: {", g);
                write_guest(p, g, i, true);
                text_add(&p->text, "}}\n");
            }
}

static inline void write_namespaces(struct plan_of_networks *p)
{
    text_add(&p->text, "namespaces:\n  out: {interfaces: {eth0: {addresses: [192.0.2.2/24]}}}\n");
    for (int g = 0; g < GUESTS - TAPS; g++) {
        const char *comma = "";
        if (!is_guest(p, g))
            continue;
        net_slot(p, 110 + g);
        text_printf(&p->text, "  g%d:\n    networks: {", g);
        for (int i = 0; i < NETWORKS; i++)
            if (p->in[g][i]) {
                text_add(&p->text, comma);
                comma = ", ";
                write_guest(p, g, i, false);
            }
        text_add(&p->text, "}\n");
        net_slot(p, 120 + g);
        if (chance(p->r, 20))
            text_printf(&p->text, "    firewall: {input: %s, rules: [allow icmp, allow tcp/%d]}\n",
                        chance(p->r, 70) ? "drop" : "accept", 80 + pick(p->r, 3));
    }
}

static inline void write_rules(struct plan_of_networks *p)
{
    static const char *const rules[] = {
        "allow ssh from wan limit 6/minute",
        "deny from @blocked",
        "{allow: tcp/443, connections: 20, log: true}",
        "allow icmp echo-request",
        "reject smtp from wan to any",
        "allow udp/5000-5010 per source limit 9/second from wan",
        "\"deny tcp/25,udp/53 from 10.0.0.0/8 to wan\"",
        "allow from @blocked to wan",
        "limit tcp/2222",
        "deny from host to 203.0.113.0/24",
    };
    text_add(&p->text, "  rules: [");
    for (int i = 0; i < 6; i++) {
        net_slot(p, 140 + i);
        int rule = pick(p->r, 10);
        if (rule != 5 && chance(p->r, 60))
            text_printf(&p->text, "%s, ", rules[rule]);
    }
    net_slot(p, 150); /* a run of alike rules is one map */
    for (int i = 0, n = chance(p->r, 30) ? 16 + pick(p->r, 3) : 0; i < n; i++)
        text_printf(&p->text, "allow tcp/%d from 198.51.100.%d, ", 3000 + i, 1 + pick(p->r, 200));
    text_add(&p->text, "allow icmp]\n");
}

static inline void write_policies(struct plan_of_networks *p)
{
    const char *comma = "";
    text_add(&p->text, "  policies: [");
    for (int i = 0; i < 3; i++) {
        net_slot(p, 160 + i);
        int a = pick(p->r, NETWORKS), b = pick(p->r, NETWORKS);
        if (!chance(p->r, 60) || !p->networks[a].is_there || !p->networks[b].is_there ||
            p->networks[a].mode >= MODE_BRIDGED || p->networks[b].mode >= MODE_BRIDGED)
            continue;
        text_printf(&p->text, "%snet%d to net%d: %s", comma, a, b, chance(p->r, 70) ? "allow" : "deny");
        comma = ", ";
    }
    text_add(&p->text, "]\n");
}

static inline void write_firewall(struct plan_of_networks *p)
{
    static const char *const verdicts[] = {"accept", "drop", "reject"};
    net_slot(p, 130);
    if (!chance(p->r, 60))
        return;
    text_add(&p->text, "firewall:\n  zones: {wan: [wan0]}\n");
    text_printf(&p->text, "  input: %s\n", verdicts[pick(p->r, 3)]);
    if (chance(p->r, 40))
        text_printf(&p->text, "  forward: %s\n", verdicts[pick(p->r, 2)]);
    if (chance(p->r, 20))
        text_add(&p->text, "  output: accept\n  log: dropped\n");
    net_slot(p, 131);
    text_printf(&p->text, "  sets: {blocked: [203.0.113.%d%s%s]}\n", pick(p->r, 100),
                chance(p->r, 50) ? ", 198.18.0.0/15" : "", chance(p->r, 50) ? ", \"2001:db8:1::/48\"" : "");
    write_rules(p);
    write_policies(p);
    net_slot(p, 132);
    if (chance(p->r, 40))
        text_printf(&p->text, "  nat: [masquerade from 10.9.%d.0/24 to wan, redirect tcp/8%d to 3128, %s]\n",
                    pick(p->r, 3), pick(p->r, 3), "dnat tcp/7000 from wan to 10.9.0.5:80");
}

/* The text of a file, which the caller frees. */
static inline void random_file(struct text *ret, uint64_t seed, uint64_t again, unsigned percent)
{
    struct random r = {.seed = seed, .again = again, .percent = percent};
    struct plan_of_networks p = {.r = &r};
    draw_networks(&p);
    draw_guests(&p);
    text_add(&p.text, "name: test\ninterfaces:\n"
                      "  wan0: {peer: out/eth0, addresses: [192.0.2.9/24, \"2001:db8::9/64\"]}\n"
                      "  up0: {type: dummy}\n  up1: {type: dummy}\n"
                      "  switch: {type: bridge, vlan-aware: true}\n");
    write_machines(&p);
    text_add(&p.text, "networks:\n");
    for (int i = 0; i < NETWORKS; i++)
        if (p.networks[i].is_there)
            write_network(&p, i);
    write_firewall(&p);
    write_namespaces(&p);
    *ret = p.text;
}

/* What the reader makes of one; a file that it does not take is a mistake of this generator. */
static inline void random_networks(struct model *model, uint64_t seed, uint64_t again, unsigned percent)
{
    struct text text CLEANUP_TEXT = {0};
    struct errors errors CLEANUP_ERRORS = {0};
    struct topology topology CLEANUP_TOPOLOGY = {0};
    random_file(&text, seed, again, percent);
    int r = file_read_text("random.yaml", text_of(&text), text.length, &topology, &errors);
    if (r == 0)
        r = topology_check(&topology, &errors);
    if (r < 0) {
        printf("%s", text_of(&text));
        errors_print(&errors, stdout, false);
        fflush(stdout);
        abort();
    }
    model_each(&topology.model, object) model_copy(model, object);
}
