#include "model/vlans.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static const char *read_id(const char *c, unsigned *ret_id)
{
    char *end;
    if (!isdigit((unsigned char)*c))
        return NULL;
    unsigned long id = strtoul(c, &end, 10);
    if (id < 1 || id > VLAN_MAX)
        return NULL;
    *ret_id = (unsigned)id;
    return end;
}

static const char *read_flags(const char *c, uint8_t *flags)
{
    while (*c == ' ') {
        c += strspn(c, " ");
        if (strncmp(c, "pvid", 4) == 0) {
            *flags |= VLAN_PVID;
            c += 4;
        } else if (strncmp(c, "untagged", 8) == 0) {
            *flags |= VLAN_UNTAGGED;
            c += 8;
        } else {
            return NULL;
        }
    }
    return c;
}

int vlans_read(const char *text, struct vlans *ret_vlans)
{
    struct vlans vlans = {0};
    unsigned n_pvid = 0;
    for (const char *c = text; *c;) {
        unsigned first, last;
        uint8_t flags = VLAN_MEMBER;
        if (!(c = read_id(c, &first)))
            return -EINVAL;
        last = first;
        if (*c == '-' && !(c = read_id(c + 1, &last)))
            return -EINVAL;
        if (last < first || !(c = read_flags(c, &flags)) || (*c && *c != ','))
            return -EINVAL;
        if (*c == ',' && !*++c)
            return -EINVAL;
        if (flags & VLAN_PVID && (first != last || n_pvid++))
            return -EINVAL;
        for (unsigned id = first; id <= last; id++)
            vlans.flags[id] |= flags;
    }
    *ret_vlans = vlans;
    return 0;
}

bool vlans_range(const struct vlans *vlans, unsigned id, struct vlan_range *ret_range)
{
    while (id <= VLAN_MAX && !vlans->flags[id])
        id++;
    if (id > VLAN_MAX)
        return false;
    unsigned last = id;
    while (last < VLAN_MAX && vlans->flags[last + 1] == vlans->flags[id])
        last++;
    *ret_range =
        (struct vlan_range){.first = (uint16_t)id, .last = (uint16_t)last, .flags = vlans->flags[id]};
    return true;
}

void vlans_write(const struct vlans *vlans, struct text *out)
{
    struct vlan_range range;
    for (unsigned id = 1; vlans_range(vlans, id, &range); id = range.last + 1U) {
        text_printf(out, "%s%u", out->length ? "," : "", range.first);
        if (range.last != range.first)
            text_printf(out, "-%u", range.last);
        text_add(out, range.flags & VLAN_PVID ? " pvid" : "");
        text_add(out, range.flags & VLAN_UNTAGGED ? " untagged" : "");
    }
}

int vlans_parse(const char *written, struct arena *arena, struct value *ret_value)
{
    struct vlans vlans;
    struct text canonical CLEANUP_TEXT = {0};
    int r = vlans_read(written, &vlans);
    if (r < 0)
        return r;
    vlans_write(&vlans, &canonical);
    *ret_value = value_text(arena_strdup(arena, text_of(&canonical)));
    return 0;
}
