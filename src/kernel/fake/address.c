/* Addresses of the fake kernel.
 *
 * Where Linux surprises, as tried:
 *  - The first IPv4 address of a network on an interface is primary, the later ones are secondary and die
 *    with it.
 *  - When the last IPv4 address of an interface goes, all IPv4 routes of the interface go, in all tables, and
 *    all its permanent IPv4 neighbours. IPv6 does not mind.
 *  - Otherwise routes by a gateway in the network of the deleted address stay, reachable or not.
 *  - An IPv4 route in the main table whose `src` is the deleted address goes, on any interface; in another
 *    table it stays. An IPv6 route stays in any case, and loses its `src`.
 *  - IPv4 has one address with two lengths beside each other (10.0.0.1/24 and 10.0.0.1/16), IPv6 has not:
 *    EEXIST.
 *  - IPv4 addresses stay on an interface that goes down; IPv6 addresses go. Both can be added while it is
 *    down. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "kernel/fake/internal.h"

bool fake_address_prefix(const struct fake *fake, const struct object *address, struct prefix *ret_prefix)
{
    const char *text = fake_text(address, fake->at.address);
    return text && prefix_parse(text, ret_prefix) == 0;
}

static struct object *next_address(const struct fake *fake, struct object *o, const char *ns, const char *dev)
{
    for (o = o ? o->next_in_ns : map_get(&fake->now.namespaces, ns); o; o = o->next_in_ns)
        if (o->class->id == CLASS_ADDRESS && (!dev || strcmp(fake_dev(fake, o), dev) == 0))
            return o;
    return NULL;
}

bool fake_has_address(const struct fake *fake, const char *ns, const struct ip *ip)
{
    struct prefix prefix;
    for (struct object *o = NULL; (o = next_address(fake, o, ns, NULL));)
        if (fake_address_prefix(fake, o, &prefix) && ip_equal(&prefix.ip, ip))
            return true;
    return false;
}

unsigned fake_address_flush(const struct fake *fake, const struct object *address)
{
    return strchr(fake_text(address, fake->at.address), ':') ? FLUSH_ADDRESSES_6 : FLUSH_ADDRESSES_4;
}

int fake_address_add(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    const struct object *link = fake_link(fake, want->ns, fake_dev(fake, want));
    if (!link)
        return fake_refuse(fake, ENODEV, "there is no interface %s", fake_dev(fake, want));
    struct prefix prefix, other;
    if (!fake_address_prefix(fake, want, &prefix))
        return fake_refuse(fake, EINVAL, "no address");
    bool six = prefix.ip.family == 6;
    if (six && fake_number(link, fake->at.mtu) < IPV6_MIN_MTU)
        return fake_refuse(fake, EINVAL, "the MTU is below %d", IPV6_MIN_MTU);
    for (struct object *o = NULL; six && (o = next_address(fake, o, want->ns, link->name));)
        if (fake_address_prefix(fake, o, &other) && ip_equal(&other.ip, &prefix.ip))
            return fake_refuse(fake, EEXIST, "ipv6: address already assigned");
    fake_put(fake, want);
    return 0;
}

static void delete_secondaries(struct fake *fake, const struct object *primary, const struct prefix *prefix)
{
    struct prefix other;
    fake_each(fake, primary->ns, o) if (o->class->id == CLASS_ADDRESS &&
                                        strcmp(fake_dev(fake, o), fake_dev(fake, primary)) == 0 &&
                                        fake_address_prefix(fake, o, &other) &&
                                        other.length == prefix->length && prefix_contains(prefix, &other.ip))
        model_remove(&fake->now, o);
}

/* Whether an earlier address of the interface has the network. */
static bool is_secondary(const struct fake *fake, const struct object *address, const struct prefix *prefix)
{
    struct prefix other;
    for (struct object *o = NULL;
         (o = next_address(fake, o, address->ns, fake_dev(fake, address))) && o != address;)
        if (fake_address_prefix(fake, o, &other) && other.length == prefix->length &&
            prefix_contains(prefix, &other.ip))
            return true;
    return false;
}

static bool has_ipv4(const struct fake *fake, const struct object *link)
{
    struct prefix prefix;
    for (struct object *o = NULL; (o = next_address(fake, o, link->ns, link->name));)
        if (fake_address_prefix(fake, o, &prefix) && prefix.ip.family == 4)
            return true;
    return false;
}

void fake_forget_sources(struct fake *fake, const struct object *link)
{
    int64_t table = RT_TABLE_MAIN;
    fake_vrf_table(fake, link, &table);
    fake_each(fake, link->ns, route)
    {
        struct ip src;
        if (route->class->id != CLASS_ROUTE || !fake_text(route, fake->at.src) ||
            ip_parse(fake_text(route, fake->at.src), &src) < 0 || fake_has_address(fake, link->ns, &src))
            continue;
        if (src.family == 6)
            fake_put_text(fake, route, fake->at.src, NULL);
        else if (fake_number(route, fake->at.table) == table)
            model_remove(&fake->now, route);
    }
}

int fake_address_del(struct fake *fake, struct object *now)
{
    const struct object *link = fake_link(fake, now->ns, fake_dev(fake, now));
    struct prefix prefix = {0};
    fake_address_prefix(fake, now, &prefix);
    bool secondary = is_secondary(fake, now, &prefix);
    model_remove(&fake->now, now);
    if (prefix.ip.family == 4 && !secondary)
        delete_secondaries(fake, now, &prefix);
    if (prefix.ip.family == 4 && !has_ipv4(fake, link))
        fake_flush(fake, link, FLUSH_ROUTES_4 | FLUSH_NEIGHBOURS_4);
    fake_forget_sources(fake, link);
    return 0;
}

static void put_automatic(struct fake *fake, const struct object *link, const char *address)
{
    struct object *object = model_new(&fake->now, classes[CLASS_ADDRESS], NULL, link->ns);
    for (unsigned i = 0; i < object->class->n_options; i++)
        fake_put_fallback(object, i);
    fake_put_text(fake, object, fake->at.dev[CLASS_ADDRESS], link->name);
    fake_put_text(fake, object, fake->at.address, address);
    object->flags = OBJECT_KERNEL;
    model_add(&fake->now, object, NULL);
}

void fake_address_automatic(struct fake *fake, struct object *link)
{
    if (link->kind == &kind_loopback) {
        put_automatic(fake, link, "127.0.0.1/8");
        put_automatic(fake, link, "::1/128");
        return;
    }
    const struct object *master = fake_master(fake, link);
    struct mac mac;
    if (!fake_text(link, fake->at.mac) || mac_parse(fake_text(link, fake->at.mac), &mac) < 0 ||
        fake_number(link, fake->at.mtu) < IPV6_MIN_MTU || (master && fake_is_kind(master, "bond")))
        return;
    struct prefix local = {.ip = {.family = 6, .bytes = {0xfe, 0x80}}, .length = 64};
    const uint8_t *b = mac.bytes;
    memcpy(&local.ip.bytes[8], (uint8_t[]){b[0] ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]}, 8);
    char text[PREFIX_TEXT_SIZE];
    put_automatic(fake, link, prefix_format(&local, text));
}
