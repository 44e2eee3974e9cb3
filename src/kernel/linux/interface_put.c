/* What a message about an interface says: options by the table, and the few that no table can say. */
#include "kernel/linux/interface.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/ip.h"

struct ifinfomsg *begin_link(struct linux_door *door, uint16_t flags)
{
    return message_begin(&door->message, RTM_NEWLINK, flags, sizeof(struct ifinfomsg));
}

/* A text that is empty says "none". */
/* Keys that this file puts by itself; all others go by the table. */
static const char *const own_keys[] = {"name", "up", "master", "parent", "peer", "vlans"};

bool interface_is_own(const struct option *option)
{
    for (size_t i = 0; i < sizeof own_keys / sizeof own_keys[0]; i++)
        if (strcmp(option->key, own_keys[i]) == 0)
            return true;
    return false;
}

/* Whether the step says something about an option: all that are set, when it adds. */
bool step_says(const struct step *step, unsigned i)
{
    return step->verb == VERB_SET ? step_changes(step, i) : value_is_set(&step->new->values[i]);
}

bool step_says_key(const struct step *step, const char *key)
{
    int i = object_find_option(step->new, key);
    return i >= 0 && step_says(step, (unsigned)i);
}

/* An option that is no longer wanted goes back to what Linux does by itself. */
struct value interface_value(const struct object *object, unsigned i)
{
    struct value value = object->values[i];
    return value_is_set(&value) ? value : option_fallback(object_option(object, i));
}

static enum part part_of(const struct object *object, unsigned i)
{
    if (i >= object->class->n_options)
        return PART_KIND;
    return object_option(object, i)->flags & OPTION_PORT ? PART_PORT : PART_COMMON;
}

/* A kernel without VLANs or snooping refuses even the word for "off": so what a new link or port does by
 * itself is not said. */
static bool goes_without_saying(const struct object *object, unsigned i)
{
    struct value fallback = option_fallback(object_option(object, i));
    return object_option(object, i)->needs && value_equal(&object->values[i], &fallback);
}

/* Appends the options of one part that the step speaks of; *ret_n counts them. */
int put_part(struct linux_door *door, const struct netns *ns, const struct step *step, enum part part,
             bool all, unsigned *ret_n)
{
    const struct object *object = step->new;
    *ret_n = 0;
    for (unsigned i = 0; i < object_n_options(object); i++) {
        struct option option = *object_option(object, i);
        if (part_of(object, i) != part || interface_is_own(&option) || option.wire == WIRE_NONE ||
            !(all ? value_is_set(&object->values[i]) : step_says(step, i)))
            continue;
        struct value value = interface_value(object, i);
        if (!value_is_set(&value) || ((all || step->verb == VERB_ADD) && goes_without_saying(object, i)))
            continue;
        if (option.attr_ipv6 && value.form == VALUE_TEXT && ip_text_is_ipv6(value.text))
            option.attr = option.attr_ipv6;
        int r = option_encode(&door->message, ns, &option, &value);
        if (r < 0)
            return r;
        (*ret_n)++;
    }
    return 0;
}

int put_master(struct linux_door *door, const struct netns *ns, const char *master)
{
    int index = master ? netns_ifindex(ns, reference_name(master)) : 0;
    if (index < 0)
        return index;
    message_mark(&door->message, "master");
    message_put_u32(&door->message, IFLA_MASTER, (uint32_t)index);
    return 0;
}

int put_kind(struct linux_door *door, const struct netns *ns, const struct step *step, unsigned *ret_n,
             int (*more)(struct linux_door *door, const void *userdata), const void *userdata)
{
    struct message *message = &door->message;
    struct nlattr *info = message_nest(message, IFLA_LINKINFO);
    message_put_string(message, IFLA_INFO_KIND, step->new->kind->info_kind);
    struct nlattr *data = message_nest(message, IFLA_INFO_DATA);
    int r = put_part(door, ns, step, PART_KIND, false, ret_n);
    if (r == 0 && more)
        r = more(door, userdata);
    message_nest_end(message, data);
    message_nest_end(message, info);
    return r;
}
