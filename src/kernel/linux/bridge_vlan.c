/* VLANs of bridge ports, and of bridges themselves.
 *
 * They are set in AF_BRIDGE messages of their own, as ranges: two entries of struct bridge_vlan_info, one
 * marked as the begin and one as the end; a pvid cannot be part of a range. To delete one that is not there
 * is no error in a range, so "unknown" is made empty by deleting all.
 *
 * What a port gets when it joins (the default pvid) is there before anything can be said about it.
 *
 * They are read by a dump that costs as much as that of the interfaces, so it is made only where a VLAN-aware
 * bridge is. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/linux/linux.h"
#include "model/vlans.h"

/* Ranges in one message: well below what fits. */
enum { RANGES_AT_ONCE = 1000 };

static void put_info(struct message *message, unsigned vid, unsigned flags)
{
    struct bridge_vlan_info info = {.vid = (uint16_t)vid, .flags = (uint16_t)flags};
    message_put(message, IFLA_BRIDGE_VLAN_INFO, &info, sizeof info);
}

static void put_range(struct message *message, const struct vlan_range *range)
{
    unsigned flags = (range->flags & VLAN_PVID ? BRIDGE_VLAN_INFO_PVID : 0) |
                     (range->flags & VLAN_UNTAGGED ? BRIDGE_VLAN_INFO_UNTAGGED : 0);
    if (range->first == range->last) {
        put_info(message, range->first, flags);
        return;
    }
    put_info(message, range->first, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN);
    put_info(message, range->last, flags | BRIDGE_VLAN_INFO_RANGE_END);
}

/* Adds (RTM_SETLINK) or deletes (RTM_DELLINK) the VLANs. */
static int send_vlans(struct linux_door *door, const struct netns *ns, int index, bool is_bridge,
                      uint16_t type, const struct vlans *vlans)
{
    struct vlan_range range;
    unsigned id = 1;
    while (vlans_range(vlans, id, &range)) {
        struct ifinfomsg *info = message_begin(&door->message, type, 0, sizeof *info);
        info->ifi_family = AF_BRIDGE;
        info->ifi_index = index;
        message_mark(&door->message, "vlans");
        struct nlattr *nest = message_nest(&door->message, IFLA_AF_SPEC);
        if (is_bridge)
            message_put_u16(&door->message, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
        for (unsigned n = 0; n < RANGES_AT_ONCE && vlans_range(vlans, id, &range); n++) {
            put_range(&door->message, &range);
            id = range.last + 1U;
        }
        message_nest_end(&door->message, nest);
        int r = linux_request(door, ns);
        if (r < 0)
            return r;
    }
    return 0;
}

int bridge_vlans_set(struct linux_door *door, const struct netns *ns, int index, bool is_bridge,
                     const char *from, const char *to)
{
    struct vlans before = {0}, after, surplus = {0}, missing = {0};
    if (vlans_read(to, &after) < 0 || (from && vlans_read(from, &before) < 0))
        return -EINVAL;
    for (unsigned id = 1; id <= VLAN_MAX; id++) {
        if (!after.flags[id] && (before.flags[id] || !from))
            surplus.flags[id] = VLAN_MEMBER;
        /* Flags are changed by adding it again; but only a deletion takes the pvid away from a member that
         * stays. */
        if (after.flags[id] && before.flags[id] & VLAN_PVID && !(after.flags[id] & VLAN_PVID))
            surplus.flags[id] = VLAN_MEMBER;
        if (after.flags[id] && after.flags[id] != before.flags[id])
            missing.flags[id] = after.flags[id];
        if (after.flags[id] && !from) /* it may be there with other flags */
            surplus.flags[id] = VLAN_MEMBER;
    }
    int r = send_vlans(door, ns, index, is_bridge, RTM_DELLINK, &surplus);
    return r < 0 ? r : send_vlans(door, ns, index, is_bridge, RTM_SETLINK, &missing);
}

static void read_infos(const struct nlattr *nest, struct vlans *vlans)
{
    unsigned begin = 0;
    for (const struct nlattr *attr = NULL; (attr = attr_next(nest, attr));) {
        const struct bridge_vlan_info *info = attr_data(attr);
        if ((attr->nla_type & NLA_TYPE_MASK) != IFLA_BRIDGE_VLAN_INFO || attr_size(attr) < sizeof *info ||
            !info->vid || info->vid > VLAN_MAX)
            continue;
        uint8_t flags = (uint8_t)(VLAN_MEMBER | (info->flags & BRIDGE_VLAN_INFO_PVID ? VLAN_PVID : 0) |
                                  (info->flags & BRIDGE_VLAN_INFO_UNTAGGED ? VLAN_UNTAGGED : 0));
        if (info->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN)
            begin = info->vid;
        for (unsigned id = info->flags & BRIDGE_VLAN_INFO_RANGE_END && begin ? begin : info->vid;
             id <= info->vid; id++)
            vlans->flags[id] = flags;
    }
}

void bridge_vlans_read(struct view *view, const struct nlmsghdr *m)
{
    const struct ifinfomsg *info = message_fixed(m, sizeof *info);
    const struct nlattr *attrs[IFLA_AF_SPEC + 1];
    const struct link *link = info ? links_find(&view->links, info->ifi_index) : NULL;
    if (!link || !link->object || m->nlmsg_type != RTM_NEWLINK)
        return;
    attrs_of_message(m, sizeof *info, attrs, IFLA_AF_SPEC);
    struct vlans vlans = {0};
    struct text out CLEANUP_TEXT = {0};
    int i = object_find_option(link->object, "vlans");
    if (attrs[IFLA_AF_SPEC]) /* missing: it is in none */
        read_infos(attrs[IFLA_AF_SPEC], &vlans);
    vlans_write(&vlans, &out);
    if (i >= 0)
        link->object->values[i] = value_text(arena_strdup(&view->model->arena, text_of(&out)));
}

int bridge_vlans_observe(struct view *view)
{
    struct ifinfomsg *ask = message_begin(&view->door->message, RTM_GETLINK, NLM_F_DUMP, sizeof *ask);
    ask->ifi_family = AF_BRIDGE;
    message_put_u32(&view->door->message, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
    int r = view_dump(view);
    const struct dump *dump = &view->door->dump;
    for (const struct nlmsghdr *m = NULL; r == 0 && (m = dump_next(dump->data, dump->length, m));)
        bridge_vlans_read(view, m);
    return r;
}
