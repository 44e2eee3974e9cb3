/* Interfaces of the fake kernel: birth, change, death, up and down.
 *
 * Where Linux surprises, as tried:
 *  - Raising an interface raises all VLANs on it, also those that were set down by hand; lowering it lowers
 *    them, and with that flushes their routes and IPv6 addresses. macvlan and ipvlan do not care: they can be
 *    up on a parent that is down.
 *  - Lowering flushes permanent neighbours; yet they can be added while it is down, and live on when it comes
 *    up.
 *  - A change of the MAC address flushes permanent neighbours too.
 *  - A message that makes an interface raises it before it joins a master, so a bond refuses; this door, like
 *    the one of Linux must, lets the bond raise it.
 *  - The ends of a veth are told apart by nothing: deleting one deletes the other, wherever it is. */
#include <errno.h>
#include <string.h>

#include "kernel/fake/internal.h"

struct object *fake_link(const struct fake *fake, const char *ns, const char *name)
{
    return model_interface(&fake->now, ns, name);
}

bool fake_is_kind(const struct object *link, const char *kind)
{
    return strcmp(link->kind->name, kind) == 0;
}

struct object *fake_parent(const struct fake *fake, const struct object *link)
{
    const char *parent = fake_text(link, fake->at.parent);
    return parent ? model_interface_ref(&fake->now, parent) : NULL;
}

static bool is_ref_to(const char *reference, const struct object *link)
{
    return reference && reference_in(reference, link->ns) &&
           strcmp(reference_name(reference), link->name) == 0;
}

/* The next interface at or after *i that names `link` in option `at`. */
static struct object *next_referrer(const struct fake *fake, const struct object *link, int at, size_t *i)
{
    while (*i < fake->now.n_objects) {
        struct object *other = fake->now.objects[(*i)++];
        if (other->class->id == CLASS_INTERFACE && is_ref_to(fake_text(other, at), link))
            return other;
    }
    return NULL;
}

int fake_link_raise(struct fake *fake, struct object *link)
{
    if (fake_is_up(fake, link))
        return 0;
    const struct object *parent = fake_parent(fake, link);
    if (parent && fake_is_kind(link, "vlan") && !fake_is_up(fake, parent))
        return fake_refuse(fake, ENETDOWN, "the parent %s/%s is down", parent->ns, parent->name);
    fake_put_number(link, fake->at.up, 1);
    fake_address_automatic(fake, link);
    size_t i = 0;
    for (struct object *child; (child = next_referrer(fake, link, fake->at.parent, &i));)
        if (fake_is_kind(child, "vlan"))
            fake_link_raise(fake, child);
    return 0;
}

void fake_link_lower(struct fake *fake, struct object *link)
{
    if (!fake_is_up(fake, link))
        return;
    fake_put_number(link, fake->at.up, 0);
    fake_flush(fake, link, FLUSH_DOWN);
    bool again = true;
    while (again) { /* lowering removes objects, so the walk starts anew after each */
        again = false;
        size_t i = 0;
        for (struct object *child; !again && (child = next_referrer(fake, link, fake->at.parent, &i));)
            if (fake_is_kind(child, "vlan") && fake_is_up(fake, child)) {
                fake_link_lower(fake, child);
                again = true;
            }
    }
}

void fake_link_kill(struct fake *fake, struct object *link)
{
    fake_link_lower(fake, link);
    size_t i = 0;
    for (struct object *child; (child = next_referrer(fake, link, fake->at.parent, &i)); i = 0) {
        if (child->kind->flags & KIND_OUTLIVES)
            child->values[fake->at.parent] = (struct value){0};
        else
            fake_link_kill(fake, child);
    }
    i = 0;
    for (struct object *port; (port = next_referrer(fake, link, fake->at.master, &i)); i = 0)
        fake_leave(fake, port);
    fake_leave(fake, link);
    fake_flush(fake, link, FLUSH_ALL);
    struct object *peer = fake_text(link, fake->at.peer)
                              ? model_interface_ref(&fake->now, fake_text(link, fake->at.peer))
                              : NULL;
    model_remove(&fake->now, link);
    if (peer && link->kind->flags & KIND_PAIR)
        fake_link_kill(fake, peer);
}

int fake_link_del(struct fake *fake, struct object *now)
{
    if (now->kind->maker == MAKER_EXISTING)
        return fake_refuse(fake, EOPNOTSUPP, "it cannot be deleted");
    fake_link_kill(fake, now);
    return 0;
}

/* Two of a kind that Linux does not take beside each other, whatever their names. */
static int check_unique(struct fake *fake, const struct object *want)
{
    const char *parent = fake_text(want, fake->at.parent);
    bool vlan = fake_is_kind(want, "vlan"), vxlan = fake_is_kind(want, "vxlan");
    if (!vlan && !vxlan)
        return 0;
    const char *second = vlan ? "protocol" : "port";
    model_each(&fake->now, object)
    {
        if (object->kind != want->kind || object_number(object, "id", 0) != object_number(want, "id", 0))
            continue;
        const char *theirs = fake_text(object, fake->at.parent);
        if (vlan ? !theirs || strcmp(theirs, parent) != 0 : strcmp(object->ns, want->ns) != 0)
            continue;
        int option = object_find_option(want, second);
        struct value mine = {0};
        if (option >= 0)
            mine = want->values[option];
        if (option >= 0 && !value_is_set(&mine))
            mine = option_fallback(object_option(want, (unsigned)option));
        if (option < 0 || value_equal(&mine, &object->values[option]))
            return fake_refuse(fake, EEXIST, "%s has this id already", object->id);
    }
    return 0;
}

static int check_parent(struct fake *fake, const struct object *want)
{
    const char *reference = fake_text(want, fake->at.parent);
    if (!reference)
        return want->kind->flags & KIND_PARENT && !fake_is_kind(want, "vxlan")
                   ? fake_refuse(fake, EINVAL, "it needs a parent")
                   : 0;
    const struct object *parent = model_interface_ref(&fake->now, reference);
    if (!parent)
        return fake_refuse(fake, ENODEV, "the parent %s does not exist", reference);
    bool mac = fake_is_kind(want, "macvlan"), ip = fake_is_kind(want, "ipvlan");
    if (parent->kind == &kind_loopback)
        return fake_refuse(fake, mac || ip ? EINVAL : EOPNOTSUPP, "nothing can lie on lo");
    /* An interface hands its frames to one taker only: a bridge, a bond, macvlans, or ipvlans. */
    const struct object *master = fake_master(fake, parent);
    if ((mac || ip) && master && !fake_is_kind(master, "vrf"))
        return fake_refuse(fake, EBUSY, "the parent is a port of %s", master->name);
    size_t i = 0;
    for (const struct object *other;
         (mac || ip) && (other = next_referrer(fake, parent, fake->at.parent, &i));)
        if (fake_is_kind(other, mac ? "ipvlan" : "macvlan"))
            return fake_refuse(fake, EBUSY, "the parent has %s on it", other->name);
    return fake_text(want, fake->at.parent) ? check_unique(fake, want) : 0;
}

static int check_new(struct fake *fake, const struct object *want, bool foreign)
{
    if (!fake_knows_namespace(fake, want->ns))
        return fake_refuse(fake, ENOENT, "there is no namespace %s", want->ns);
    if (model_by_id(&fake->now, want->id))
        return fake_refuse(fake, EEXIST, "the name is taken");
    if (want->kind->maker == MAKER_EXISTING && !foreign)
        return fake_refuse(fake, EOPNOTSUPP, "a %s interface cannot be made", want->kind->name);
    int r = fake_check_values(fake, want);
    if (r < 0)
        return r;
    r = check_parent(fake, want);
    if (r < 0)
        return r;
    return fake_mtu_check(fake, want, fake_number(want, fake->at.mtu), true);
}

/* A new link as Linux makes it: down, alone, with a MAC address and an MTU. */
static struct object *birth(struct fake *fake, const struct object *want)
{
    struct object *link = fake_put(fake, want);
    const struct object *parent = fake_parent(fake, link);
    fake_put_number(link, fake->at.up, 0);
    fake_put_text(fake, link, fake->at.master, NULL);
    for (unsigned i = 0; i < link->class->n_options; i++)
        if (link->class->options[i].flags & OPTION_PORT)
            link->values[i] = (struct value){0};
    if (!(link->kind->flags & KIND_VLAN_PORTS))
        link->values[fake->at.vlans] = (struct value){0};
    else if (!value_is_set(&want->values[fake->at.vlans]))
        fake_put_default_vlans(fake, link, link);
    if (!fake_text(want, fake->at.mac) && !(link->kind->flags & KIND_LAYER3)) {
        char mac[MAC_TEXT_SIZE];
        unsigned n = ++fake->next_mac;
        mac_format(&(struct mac){{0x0a, 0xfa, 0xce, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}}, mac);
        fake_put_text(fake, link, fake->at.mac, mac);
    }
    int miimon = fake_is_kind(link, "bond") ? object_find_option(link, "miimon") : -1;
    if (miimon >= 0 &&
        !value_is_set(&link->values[miimon])) /* modes that cannot do without have it: 802.3ad, tlb, alb */
        fake_put_number(link, miimon, object_number(link, "mode", 0) >= 4 ? 100 : 0);
    if (!value_is_set(&want->values[fake->at.mtu]))
        fake_put_number(link, fake->at.mtu,
                        parent                         ? fake_number(parent, fake->at.mtu)
                        : link->kind == &kind_loopback ? 65536
                                                       : 1500);
    fake_sysctl_birth(fake, link);
    return link;
}

/* Joins, then the options that only a port has, then up. */
static int settle(struct fake *fake, struct object *link, const struct object *want)
{
    const char *master = fake_text(want, fake->at.master);
    int r = master ? fake_join(fake, link, master) : 0;
    if (r < 0)
        return r;
    bool port = fake_is_bridge_port(fake, link);
    for (unsigned i = 0; i < link->class->n_options; i++) {
        bool only_port = link->class->options[i].flags & OPTION_PORT || (int)i == fake->at.vlans;
        if (!only_port || !value_is_set(&want->values[i]))
            continue;
        if (port)
            link->values[i] = want->values[i];
        else if (!(link->kind->flags & KIND_VLAN_PORTS && (int)i == fake->at.vlans))
            return fake_refuse(fake, EOPNOTSUPP, "`%s`: it is no port of a bridge",
                               link->class->options[i].key);
        if (link->values[i].form == VALUE_TEXT)
            link->values[i].text = arena_strdup(&fake->now.arena, link->values[i].text);
    }
    return fake_is_up(fake, want) ? fake_link_raise(fake, link) : 0;
}

/* Of the far end only name, namespace, MAC address and MTU can be said at birth. */
static int birth_peer(struct fake *fake, struct object *link, const struct object *want)
{
    if (!want)
        return fake_refuse(fake, EINVAL, "the other end is missing");
    int r = check_new(fake, want, false);
    if (r < 0)
        return r;
    struct object *peer = birth(fake, want);
    char reference[200];
    snprintf(reference, sizeof reference, "%s/%s", link->ns, link->name);
    fake_put_text(fake, peer, fake->at.peer, reference);
    snprintf(reference, sizeof reference, "%s/%s", peer->ns, peer->name);
    fake_put_text(fake, link, fake->at.peer, reference);
    return 0;
}

int fake_link_add(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    int r = check_new(fake, want, !fake->owner);
    if (r < 0)
        return r;
    struct object *link = birth(fake, want);
    fake_put_text(fake, link, fake->at.peer, NULL);
    if (link->kind->flags & KIND_PAIR)
        r = birth_peer(fake, link, step->peer);
    if (r == 0)
        r = settle(fake, link, want);
    if (r < 0)
        fake_link_kill(fake, link); /* one message: made whole or not at all */
    return r;
}

/* What a bond refuses: its mode while it has ports. What it wants to be down for, the door sees to
 * (CHANGE_DOWN). */
static int check_bond(struct fake *fake, const struct step *step, const struct object *now)
{
    int mode = fake_is_kind(now, "bond") ? object_find_option(now, "mode") : -1;
    size_t i = 0;
    if (mode >= 0 && step_changes(step, (unsigned)mode) && next_referrer(fake, now, fake->at.master, &i))
        return fake_refuse(fake, ENOTEMPTY, "unable to set option because the bond device has slaves");
    return 0;
}

static int check_change(struct fake *fake, const struct step *step, const struct object *now, bool *ret_cycle)
{
    int r = fake_check_changes(fake, step);
    if (r == 0)
        r = check_bond(fake, step, now);
    if (r < 0)
        return r;
    *ret_cycle = false;
    for (unsigned i = 0; i < object_n_options(now); i++) {
        if (!step_changes(step, i))
            continue;
        const struct option *option = object_option(now, i);
        *ret_cycle |= option->change == CHANGE_DOWN && fake_is_up(fake, now);
        bool only_port = option->flags & OPTION_PORT ||
                         ((int)i == fake->at.vlans && !(now->kind->flags & KIND_VLAN_PORTS));
        const char *master =
            fake_text(step_changes(step, (unsigned)fake->at.master) ? step->new : now, fake->at.master);
        const struct object *bridge = master ? model_interface_ref(&fake->now, master) : NULL;
        if (only_port && value_is_set(&step->new->values[i]) &&
            !(bridge && bridge->kind->flags & KIND_VLAN_PORTS))
            return fake_refuse(fake, EOPNOTSUPP, "`%s`: it is no port of a bridge", option->key);
    }
    return step_changes(step, (unsigned)fake->at.mtu)
               ? fake_mtu_check(fake, now, fake_number(step->new, fake->at.mtu), false)
               : 0;
}

/* All ipvlans of one parent share mode and isolation. */
static void change_siblings(struct fake *fake, const struct step *step, const struct object *now)
{
    const struct object *parent = fake_is_kind(now, "ipvlan") ? fake_parent(fake, now) : NULL;
    size_t i = 0;
    for (struct object *other; parent && (other = next_referrer(fake, parent, fake->at.parent, &i));)
        for (unsigned o = now->class->n_options; o < object_n_options(now); o++)
            if (other->kind == now->kind && step_changes(step, o))
                other->values[o] = now->values[o];
}

static int change_master(struct fake *fake, const struct step *step, struct object *now)
{
    const char *master = fake_text(step->new, fake->at.master);
    int r = fake_join(fake, now, master);
    if (r < 0)
        return r;
    /* Port options said in the same step hold for the new port. */
    for (unsigned i = 0; master && i < now->class->n_options; i++)
        if (step_changes(step, i) && (now->class->options[i].flags & OPTION_PORT || (int)i == fake->at.vlans))
            fake_change(fake, now, &(struct step){.new = step->new, .changed = option_set_of(i)});
    return 0;
}

int fake_link_set(struct fake *fake, const struct step *step, struct object *now)
{
    bool cycle;
    int r = check_change(fake, step, now, &cycle);
    if (r < 0)
        return r;
    bool says_up = step_changes(step, (unsigned)fake->at.up), up = says_up && fake_is_up(fake, step->new);
    if (cycle || (says_up && !up))
        fake_link_lower(fake, now);

    struct step rest = *step; /* what has no consequences but itself */
    const int special[] = {fake->at.up, fake->at.master, fake->at.mtu};
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        option_set_drop(&rest.changed, (unsigned)special[i]);
    fake_change(fake, now, &rest);
    change_siblings(fake, step, now);
    if (step_changes(step, (unsigned)fake->at.mac))
        fake_flush(fake, now, FLUSH_NEIGHBOURS_4 | FLUSH_NEIGHBOURS_6);
    /* A bond that is left gives back the MTU that it found, and one that is joined finds the new one: the
     * door has to leave in a message of its own. */
    bool moves = step_changes(step, (unsigned)fake->at.master);
    if (moves)
        fake_leave(fake, now);
    if (step_changes(step, (unsigned)fake->at.mtu))
        fake_mtu_set(fake, now, fake_number(step->new, fake->at.mtu));
    if (moves)
        r = change_master(fake, step, now);
    if (r == 0 && (up || (cycle && !says_up)))
        r = fake_link_raise(fake, now);
    return r;
}
