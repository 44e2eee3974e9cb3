/* The small classes of the fake kernel: namespaces, rules, neighbours, FDB entries, WireGuard peers, sysctls,
 * resolvers.
 *
 * Where Linux surprises, as tried:
 *  - A namespace is born with `lo`, down. When it dies everything in it dies, and the other ends of its
 *    cables.
 *  - A rule outlives the interface that it names ([detached]).
 *  - A neighbour can be added to an interface that is down.
 *  - Who writes net/ipv4/ip_forward, or net/ipv6/conf/all/forwarding, another value than it had sets the
 *    `forwarding` of all interfaces of the namespace and of `default`, with which later ones are born; for
 *    IPv4 `accept_redirects` of `all` becomes the contrary.
 *  - An FDB entry of a bridge needs a port, and a VLAN that the port has; it outlives the VLAN. */
#include <errno.h>
#include <string.h>

#include "kernel/fake/internal.h"
#include "model/vlans.h"

int fake_namespace_add(struct fake *fake, const struct step *step)
{
    fake_put(fake, step->new);
    struct object *lo = model_new(&fake->now, classes[CLASS_INTERFACE], &kind_loopback, step->new->name);
    for (unsigned i = 0; i < object_n_options(lo); i++)
        if (!(object_option(lo, i)->flags & OPTION_PORT) && (int)i != fake->at.vlans)
            fake_put_fallback(lo, i);
    object_set_text(&fake->now, lo, "name", "lo");
    fake_put_number(lo, fake->at.up, 0);
    fake_put_number(lo, fake->at.mtu, 65536);
    model_add(&fake->now, lo, NULL);
    return 0;
}

int fake_namespace_del(struct fake *fake, struct object *now)
{
    const char *ns = now->name;
    bool again = true;
    while (again) { /* a death takes others along: from the start after each */
        again = false;
        for (struct object *o = map_get(&fake->now.namespaces, ns); o && !again; o = o->next_in_ns) {
            if (o->class->id != CLASS_INTERFACE || o->kind == &kind_loopback)
                continue;
            fake_link_kill(fake, o);
            again = true;
        }
    }
    fake_each(fake, ns, rest) if (rest->class->id != CLASS_RESOLVER && rest->class->id != CLASS_SERVICE)
        model_remove(&fake->now, rest); /* a file or a process is no part of the kernel */
    model_remove(&fake->now, now);
    return 0;
}

int fake_fdb_check(struct fake *fake, const struct object *want, const struct object *link)
{
    bool vxlan = fake_is_kind(link, "vxlan");
    if (object_has(want, "dst"))
        return vxlan ? 0 : fake_refuse(fake, EOPNOTSUPP, "`dst` is for a vxlan");
    if (!fake_is_bridge_port(fake, link))
        return vxlan ? 0 : fake_refuse(fake, EOPNOTSUPP, "it is no port of a bridge");
    struct vlans vlans;
    int64_t vlan = fake_number(want, fake->at.fdb_vlan);
    const char *text = fake_text(link, fake->at.vlans);
    if (vlan && (!text || vlans_read(text, &vlans) < 0 || !vlans.flags[vlan]))
        return fake_refuse(fake, EINVAL, "the port is not in VLAN %lld", (long long)vlan);
    return 0;
}

int fake_neighbour_check(struct fake *fake, const struct object *want, const struct object *link)
{
    if (strchr(fake_text(want, fake->at.ip), ':') && fake_number(link, fake->at.mtu) < IPV6_MIN_MTU)
        return fake_refuse(fake, EINVAL, "IPv6 is off: the MTU is below %d", IPV6_MIN_MTU);
    return 0;
}

int fake_wgpeer_check(struct fake *fake, const struct object *want, const struct object *link)
{
    (void)want;
    return fake_is_kind(link, "wireguard")
               ? 0
               : fake_refuse(fake, EOPNOTSUPP, "%s is no wireguard interface", link->name);
}

unsigned fake_neighbour_flush(const struct fake *fake, const struct object *neighbour)
{
    return strchr(fake_text(neighbour, fake->at.ip), ':') ? FLUSH_NEIGHBOURS_6 : FLUSH_NEIGHBOURS_4;
}

unsigned fake_fdb_flush(const struct fake *fake, const struct object *entry)
{
    (void)fake;
    return object_has(entry, "dst") ? FLUSH_REST : FLUSH_FDB_PORT;
}

unsigned fake_entry_flush(const struct fake *fake, const struct object *entry)
{
    (void)fake, (void)entry;
    return FLUSH_REST;
}

int fake_entry_add(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    const char *dev = fake_dev(fake, want);
    const struct object *link = dev ? fake_link(fake, want->ns, dev) : NULL;
    int (*check)(struct fake *, const struct object *, const struct object *) =
        fake_classes[want->class->id].check;
    if (dev && !link)
        return fake_refuse(fake, ENODEV, "there is no interface %s", dev);
    int r = link && check ? check(fake, want, link) : 0;
    if (r == 0)
        fake_put(fake, want);
    return r;
}

int fake_entry_set(struct fake *fake, const struct step *step, struct object *now)
{
    int r = fake_check_changes(fake, step);
    if (r == 0)
        fake_change(fake, now, step);
    return r;
}

int fake_entry_del(struct fake *fake, struct object *now)
{
    model_remove(&fake->now, now);
    return 0;
}

static const char *setting_of(const struct fake *fake, const char *ns, const char *name)
{
    const struct object *now = model_get(&fake->now, CLASS_SYSCTL, ns, name);
    return now ? object_text(now, "value") : "0";
}

static void write_setting(struct fake *fake, const char *ns, const char *name, const char *dev,
                          const char *value)
{
    struct object *now = model_get(&fake->now, CLASS_SYSCTL, ns, name);
    if (now) {
        object_set_text(&fake->now, now, "value", value);
        return;
    }
    now = model_new(&fake->now, classes[CLASS_SYSCTL], NULL, ns);
    object_set_text(&fake->now, now, "name", name);
    object_set_text(&fake->now, now, "value", value);
    if (dev)
        object_set_text(&fake->now, now, "dev", dev);
    model_add(&fake->now, now, NULL);
}

static void write_forwarding(struct fake *fake, const struct object *link, int family, const char *value)
{
    char name[100];
    snprintf(name, sizeof name, "net/ipv%d/conf/%s/forwarding", family, link->name);
    write_setting(fake, link->ns, name, link->name, value);
}

static void turn_router(struct fake *fake, const char *ns, int family, const char *value)
{
    char name[40];
    snprintf(name, sizeof name, "net/ipv%d/conf/default/forwarding", family);
    write_setting(fake, ns, name, NULL, value);
    if (family == 4)
        write_setting(fake, ns, "net/ipv4/conf/all/accept_redirects", NULL,
                      strcmp(value, "0") == 0 ? "1" : "0");
    for (size_t i = 0; i < fake->now.n_objects; i++) {
        const struct object *link = fake->now.objects[i];
        if (link->class->id == CLASS_INTERFACE && strcmp(link->ns, ns) == 0)
            write_forwarding(fake, link, family, value);
    }
}

void fake_sysctl_birth(struct fake *fake, const struct object *link)
{
    for (int family = 4; family <= 6; family += 2) {
        char name[40];
        snprintf(name, sizeof name, "net/ipv%d/conf/default/forwarding", family);
        const char *value = setting_of(fake, link->ns, name);
        if (strcmp(value, "0") != 0)
            write_forwarding(fake, link, family, value);
    }
}

int fake_sysctl_put(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    const char *dev = fake_dev(fake, want), *value = object_text(want, "value");
    if (dev && !fake_link(fake, want->ns, dev))
        return fake_refuse(fake, ENOENT, "no such file, for there is no interface %s", dev);
    bool changes = strcmp(setting_of(fake, want->ns, want->name), value) != 0;
    write_setting(fake, want->ns, want->name, dev, value);
    if (changes && strcmp(want->name, "net/ipv4/ip_forward") == 0)
        turn_router(fake, want->ns, 4, value);
    if (changes && strcmp(want->name, "net/ipv6/conf/all/forwarding") == 0)
        turn_router(fake, want->ns, 6, value);
    return 0;
}

/* The file is written anew, with whose it is. */
int fake_resolver_set(struct fake *fake, const struct step *step, struct object *now)
{
    model_remove(&fake->now, now);
    fake_put(fake, step->new);
    return 0;
}
