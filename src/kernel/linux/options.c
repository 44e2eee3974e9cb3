/* Encoding and decoding of options by their tables: `wire` says how, `attr` where, `scale` by how much.
 *
 * What an interface refers to is a name with us and an index with the kernel, valid only inside one
 * namespace. The kernel writes "nothing" in several ways, as index 0, as the address 0.0.0.0 or as an empty
 * string: all of them are unset here. */
#include "kernel/linux/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "kernel/linux/namespaces.h"

struct link *links_add(struct links *links, int index, const char *name)
{
    if (links->n == links->capacity) {
        links->capacity = links->capacity ? links->capacity * 2 : 64;
        links->list = xrealloc(links->list, links->capacity, sizeof *links->list);
    }
    links->list[links->n] = (struct link){.index = index, .name = name};
    return &links->list[links->n++];
}

static int by_index(const void *a, const void *b)
{
    int one = ((const struct link *)a)->index, other = ((const struct link *)b)->index;
    return (one > other) - (one < other);
}

/* Recent kernels dump in this order already. */
void links_sort(struct links *links)
{
    for (size_t i = 1; i < links->n; i++)
        if (links->list[i - 1].index > links->list[i].index) {
            qsort(links->list, links->n, sizeof *links->list, by_index);
            return;
        }
}

const struct link *links_find(const struct links *links, int index)
{
    const struct link key = {.index = index};
    return links->n ? bsearch(&key, links->list, links->n, sizeof key, by_index) : NULL;
}

void links_clear(struct links *links)
{
    links->n = 0;
}

void links_done(struct links *links)
{
    free(links->list);
    *links = (struct links){0};
}

struct ip attr_ip(const struct nlattr *attr)
{
    struct ip ip = {0};
    if (attr && (attr_size(attr) == 4 || attr_size(attr) == 16)) {
        ip.family = attr_size(attr) == 4 ? 4 : 6;
        memcpy(ip.bytes, attr_data(attr), attr_size(attr));
    }
    return ip;
}

void message_put_ip(struct message *message, uint16_t attr, const struct ip *ip)
{
    message_put(message, attr, ip->bytes, ip_size(ip));
}

static int encode_index(struct message *message, const struct netns *ns, const struct option *option,
                        const char *reference)
{
    int index = *reference ? netns_ifindex(ns, reference_name(reference)) : 0;
    if (index < 0)
        return index;
    message_put_u32(message, option->attr, (uint32_t)index);
    return 0;
}

static int encode_ip_list(struct message *message, const struct option *option, const char *list)
{
    struct nlattr *nest = message_nest(message, option->attr);
    for (uint16_t i = 0; *list; i++) {
        char word[IP_TEXT_SIZE] = "";
        size_t length = strcspn(list, ",");
        struct ip ip;
        if (length >= sizeof word || ip_parse(strncat(word, list, length), &ip) < 0)
            return -EINVAL;
        message_put_ip(message, i, &ip);
        list += length + (list[length] == ',');
    }
    message_nest_end(message, nest);
    return 0;
}

static int encode_text(struct message *message, const struct netns *ns, const struct option *option,
                       const char *text)
{
    struct mac mac;
    struct ip ip;
    bool none = !*text;
    switch (option->wire) {
    case WIRE_STRING:
        message_put_string(message, option->attr, text);
        return 0;
    case WIRE_MAC:
        if (none || mac_parse(text, &mac) < 0)
            return none ? 0 : -EINVAL;
        message_put(message, option->attr, mac.bytes, sizeof mac.bytes);
        return 0;
    case WIRE_IP:
        if (none || ip_parse(text, &ip) < 0)
            return none ? 0 : -EINVAL;
        message_put_ip(message, option->attr, &ip);
        return 0;
    case WIRE_IFINDEX:
        return encode_index(message, ns, option, text);
    case WIRE_IP_LIST:
        return encode_ip_list(message, option, text);
    case WIRE_NONE:
    case WIRE_U8:
    case WIRE_U16:
    case WIRE_U32:
    case WIRE_U64:
    case WIRE_BE16:
        break;
    }
    return -EINVAL; /* a table that pairs a text with a number */
}

static int encode_number(struct message *message, const struct option *option, int64_t number)
{
    int64_t raw = option_to_kernel(option, number);
    switch (option->wire) {
    case WIRE_U8:
        message_put_u8(message, option->attr, (uint8_t)raw);
        return 0;
    case WIRE_U16:
        message_put_u16(message, option->attr, (uint16_t)raw);
        return 0;
    case WIRE_U32:
        message_put_u32(message, option->attr, (uint32_t)raw);
        return 0;
    case WIRE_U64:
        message_put_u64(message, option->attr, (uint64_t)raw);
        return 0;
    case WIRE_BE16:
        message_put_u16(message, option->attr, htons((uint16_t)raw));
        return 0;
    case WIRE_NONE:
    case WIRE_STRING:
    case WIRE_MAC:
    case WIRE_IP:
    case WIRE_IFINDEX:
    case WIRE_IP_LIST:
        break;
    }
    return -EINVAL; /* a table that pairs a number with a text */
}

int option_encode(struct message *message, const struct netns *ns, const struct option *option,
                  const struct value *value)
{
    if (!value_is_set(value) || option->wire == WIRE_NONE)
        return 0;
    message_mark(message, option->key);
    if (value->form == VALUE_TEXT)
        return encode_text(message, ns, option, value->text);
    return encode_number(message, option, value->number);
}

static struct value decode_index(const struct decoding *decoding, const struct option *option,
                                 const struct nlattr *attr)
{
    const struct link *link = links_find(decoding->links, (int)attr_number(attr, 0));
    if (!link)
        return (struct value){0};
    if (option->type == TYPE_INTERFACE)
        return value_text(arena_printf(decoding->arena, "%s/%s", decoding->ns, link->name));
    return value_text(link->name);
}

static struct value decode_ip(const struct decoding *decoding, const struct nlattr *attr)
{
    char buffer[IP_TEXT_SIZE];
    struct ip ip = attr_ip(attr);
    if (!ip.family || ip_is_unspecified(&ip))
        return (struct value){0};
    return value_text(arena_strdup(decoding->arena, ip_format(&ip, buffer)));
}

static struct value decode_ip_list(const struct decoding *decoding, const struct nlattr *attr)
{
    struct text list CLEANUP_TEXT = {0};
    const struct nlattr *entries[64];
    attrs_of_nest(attr, entries, 63);
    for (unsigned i = 0; i < 64; i++) {
        char buffer[IP_TEXT_SIZE];
        struct ip ip = attr_ip(entries[i]);
        if (ip.family)
            text_printf(&list, "%s%s", list.length ? "," : "", ip_format(&ip, buffer));
    }
    return list.length ? value_text(arena_strdup(decoding->arena, list.data)) : (struct value){0};
}

static struct value decode_mac(const struct decoding *decoding, const struct nlattr *attr)
{
    char buffer[MAC_TEXT_SIZE];
    struct mac mac;
    if (attr_size(attr) != sizeof mac.bytes)
        return (struct value){0};
    memcpy(mac.bytes, attr_data(attr), sizeof mac.bytes);
    return value_text(arena_strdup(decoding->arena, mac_format(&mac, buffer)));
}

static struct value decode_number(const struct option *option, const struct nlattr *attr)
{
    size_t size = attr_size(attr);
    if (size != 1 && size != 2 && size != 4 && size != 8)
        return (struct value){0};
    uint64_t raw = attr_number(attr, 0);
    if (option->wire == WIRE_BE16)
        raw = ntohs((uint16_t)raw);
    int64_t number = option_from_kernel(option, (int64_t)raw);
    return value_number(option->type == TYPE_BOOL ? number != 0 : number);
}

struct value option_decode(const struct decoding *decoding, const struct option *option,
                           const struct nlattr *attr)
{
    if (!attr)
        return (struct value){0};
    const char *string;
    switch (option->wire) {
    case WIRE_NONE:
        break;
    case WIRE_STRING:
        string = attr_string(attr);
        return string && *string ? value_text(arena_strdup(decoding->arena, string)) : (struct value){0};
    case WIRE_MAC:
        return decode_mac(decoding, attr);
    case WIRE_IP:
        return decode_ip(decoding, attr);
    case WIRE_IFINDEX:
        return decode_index(decoding, option, attr);
    case WIRE_IP_LIST:
        return decode_ip_list(decoding, attr);
    case WIRE_U8:
    case WIRE_U16:
    case WIRE_U32:
    case WIRE_U64:
    case WIRE_BE16:
        return decode_number(option, attr);
    }
    return (struct value){0};
}

static bool list_has(const char *list, const char *element, size_t length)
{
    for (; *list; list += *list == ',') {
        size_t n = strcspn(list, ",");
        if (n == length && strncmp(list, element, n) == 0)
            return true;
        list += n;
    }
    return false;
}

static bool list_within(const char *list, const char *other)
{
    for (; *list; list += *list == ',') {
        size_t n = strcspn(list, ",");
        if (!list_has(other, list, n))
            return false;
        list += n;
    }
    return true;
}

const char *list_as_wanted(const char *seen, const char *wanted)
{
    bool same = seen && wanted && list_within(seen, wanted) && list_within(wanted, seen);
    return same ? wanted : seen;
}

void keys_resolve(const struct class *class, const char *const *keys, int *ret_index, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        ret_index[i] = -1;
        for (unsigned j = 0; j < class->n_options; j++)
            if (strcmp(class->options[j].key, keys[i]) == 0)
                ret_index[i] = (int)j;
    }
}

const char *value_text_at(const struct object *object, int index)
{
    const struct value *value = index < 0 ? NULL : &object->values[index];
    return value && value->form == VALUE_TEXT && *value->text ? value->text : NULL;
}

int64_t value_number_at(const struct object *object, int index, int64_t if_unset)
{
    const struct value *value = index < 0 ? NULL : &object->values[index];
    return value && value->form == VALUE_NUMBER ? value->number : if_unset;
}

void value_put_number(struct object *object, int index, int64_t number)
{
    if (index >= 0)
        object->values[index] = value_number(number);
}

void value_put_text(struct object *object, int index, const char *text)
{
    if (index >= 0 && text)
        object->values[index] = value_text(text);
}
