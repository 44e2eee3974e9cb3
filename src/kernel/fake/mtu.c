/* MTU in the fake kernel.
 *
 * Where Linux surprises, as tried:
 *  - A lower MTU of a parent is taken over by what lies on it; a higher one is not given back.
 *  - Below 1280 IPv6 leaves the interface: addresses, routes, neighbours; it takes none until the MTU is
 *    raised again.
 *  - A bond's MTU is that of its ports; a port gets its own back when it leaves (master.c). */
#include <errno.h>

#include "kernel/fake/internal.h"

int fake_mtu_check(struct fake *fake, const struct object *link, int64_t mtu, bool fresh)
{
    const struct object *parent = fake_parent(fake, link);
    bool bound = fake_is_kind(link, "vlan") || fake_is_kind(link, "macvlan");
    if (!parent || !bound || mtu <= fake_number(parent, fake->at.mtu))
        return 0;
    /* vlan answers ERANGE to a change, everything else EINVAL. */
    return fake_refuse(fake, fake_is_kind(link, "vlan") && !fresh ? ERANGE : EINVAL,
                       "the parent's MTU is %lld", (long long)fake_number(parent, fake->at.mtu));
}

static bool follows(const struct fake *fake, const struct object *other, const struct object *link)
{
    return other->class->id == CLASS_INTERFACE && fake_parent(fake, other) == link &&
           (fake_is_kind(other, "vlan") || fake_is_kind(other, "macvlan") || fake_is_kind(other, "ipvlan"));
}

void fake_mtu_set(struct fake *fake, struct object *link, int64_t mtu)
{
    int64_t before = fake_number(link, fake->at.mtu);
    if (before == mtu)
        return;
    fake_put_number(link, fake->at.mtu, mtu);
    if (mtu < IPV6_MIN_MTU)
        fake_flush(fake, link, FLUSH_6);
    else if (before < IPV6_MIN_MTU && fake_is_up(fake, link))
        fake_address_automatic(fake, link);
    for (size_t i = 0; i < fake->now.n_objects; i++) {
        struct object *other = fake->now.objects[i];
        bool lower = follows(fake, other, link) && fake_number(other, fake->at.mtu) > mtu;
        bool port = other->class->id == CLASS_INTERFACE && fake_is_kind(link, "bond") &&
                    fake_master(fake, other) == link && fake_number(other, fake->at.mtu) != mtu;
        if (lower || port) {
            fake_mtu_set(fake, other, mtu);
            i = (size_t)-1; /* it may have flushed: from the start */
        }
    }
}
