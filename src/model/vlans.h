/* The VLANs of a bridge port, as one canonical text: "1 pvid untagged,20-30". Sorted by number, neighbours
 * with equal flags joined to ranges; at most one is the pvid, which is never part of a range. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "model/option.h"

enum { VLAN_MAX = 4094 };
enum vlan_flag { VLAN_MEMBER = 1, VLAN_PVID = 2, VLAN_UNTAGGED = 4 };

/* Flags by VLAN id; 0: no member. Entries 0 and 4095 stay 0. */
struct vlans {
    uint8_t flags[VLAN_MAX + 2];
};

struct vlan_range {
    uint16_t first, last;
    uint8_t flags;
};

int vlans_read(const char *text, struct vlans *ret_vlans); /* canonical or as written; 0 or -EINVAL */
void vlans_write(const struct vlans *vlans, struct text *out);
int vlans_parse(const char *written, struct arena *arena, struct value *ret_value);

/* The next range at or after `id`: returns false when there is none. For walking: id = range.last + 1. */
bool vlans_range(const struct vlans *vlans, unsigned id, struct vlan_range *ret_range);
