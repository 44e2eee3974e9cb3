/* WireGuard: the interface is a link like any other; keys, port and peers go through generic netlink.
 *
 * The number of the generic family is asked for each time: it is cheap, and the module may not be loaded
 * before the first interface is made. Keys are 32 bytes there and base64 everywhere else. A list of allowed
 * addresses may be too long for one message; then more follow, of which only the first replaces. The kernel
 * gives the list back in the order of its tree, so that of the file is kept when both hold the same.
 *
 * Reading the keys needs CAP_NET_ADMIN; without, what is secret stays unset. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/regular.h"
#include "kernel/linux/linux.h"

enum { ALLOWED_AT_ONCE = 500 };
typedef uint8_t wg_key[WG_KEY_LEN];

static int key_read(const char *path, wg_key key)
{
    char text[64] = "";
    int fd = regular_open(path, 0);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (!file)
        return fd < 0 ? fd : -errno;
    int r = fscanf(file, "%63s", text) == 1 ? wgkey_parse(text, key) : -EINVAL;
    fclose(file);
    explicit_bzero(text, sizeof text);
    return r;
}

/* The number of the family "wireguard", or -errno: -EOPNOTSUPP where the kernel has none. */
static int family_of(struct linux_door *door, int fd)
{
    const struct nlattr *attrs[CTRL_ATTR_MAX + 1];
    struct dump answer = {0};
    struct genlmsghdr *ask = message_begin(&door->message, GENL_ID_CTRL, 0, sizeof *ask);
    ask->cmd = CTRL_CMD_GETFAMILY;
    ask->version = 1;
    message_put_string(&door->message, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
    int r = netlink_dump(fd, &door->message, &answer, &door->reply);
    const struct nlmsghdr *m = r == 0 ? dump_next(answer.data, answer.length, NULL) : NULL;
    if (m) {
        attrs_of_message(m, sizeof *ask, attrs, CTRL_ATTR_MAX);
        r = (int)attr_number(attrs[CTRL_ATTR_FAMILY_ID], 0);
    }
    dump_done(&answer);
    return r == -ENOENT || r == 0 ? -EOPNOTSUPP : r;
}

/* A generic socket in the namespace, with the family's number. */
static int open_family(struct linux_door *door, const char *ns, int *ret_family)
{
    int fd = namespaces_netlink(&door->namespaces, ns, NETLINK_GENERIC);
    if (fd < 0)
        return fd;
    *ret_family = family_of(door, fd);
    if (*ret_family < 0) {
        close(fd);
        return *ret_family;
    }
    return fd;
}

static void begin(struct linux_door *door, int family, uint8_t command, uint16_t flags, const char *interface)
{
    struct genlmsghdr *header = message_begin(&door->message, (uint16_t)family, flags, sizeof *header);
    header->cmd = command;
    header->version = WG_GENL_VERSION;
    message_put_string(&door->message, WGDEVICE_A_IFNAME, interface);
}

static bool says(const struct step *step, const struct object *object, const char *key)
{
    int i = object_find_option(object, key);
    return i >= 0 &&
           (step->verb == VERB_SET ? step_changes(step, (unsigned)i) : value_is_set(&object->values[i]));
}

static int put_private_key(struct linux_door *door, const struct step *step, const struct object *interface)
{
    const char *text = object_text(interface, "private-key"),
               *path = object_text(interface, "private-key-file");
    wg_key key;
    if (!says(step, interface, "private-key") && !says(step, interface, "private-key-file"))
        return 0;
    int r = text && *text ? wgkey_parse(text, key) : path && *path ? key_read(path, key) : 1;
    if (r == 0) {
        message_mark(&door->message, "private-key");
        message_put(&door->message, WGDEVICE_A_PRIVATE_KEY, key, sizeof key);
    }
    explicit_bzero(key, sizeof key);
    return r < 0 ? r : 0;
}

static int wireguard_set(struct linux_door *door, const struct step *step, const struct object *interface)
{
    int family, fd = open_family(door, interface->ns, &family);
    if (fd < 0)
        return fd;
    begin(door, family, WG_CMD_SET_DEVICE, 0, interface->name);
    uint32_t empty = door->message.header.nlmsg_len;
    int r = put_private_key(door, step, interface);
    if (says(step, interface, "listen-port"))
        message_put_u16(&door->message, WGDEVICE_A_LISTEN_PORT,
                        (uint16_t)object_number(interface, "listen-port", 0));
    if (says(step, interface, "fwmark"))
        message_put_u32(&door->message, WGDEVICE_A_FWMARK, (uint32_t)object_number(interface, "fwmark", 0));
    if (r == 0 && door->message.header.nlmsg_len > empty)
        r = netlink_request(fd, &door->message, &door->reply);
    message_wipe(&door->message);
    close(fd);
    return r;
}

static int put_endpoint(struct message *message, const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct ip ip;
    uint16_t port;
    if (endpoint_parse(text, &ip, &port) < 0)
        return -EINVAL;
    v4.sin_port = v6.sin6_port = htons(port);
    memcpy(ip.family == 4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr, ip.bytes, ip_size(&ip));
    if (ip.family == 4)
        message_put(message, WGPEER_A_ENDPOINT, &v4, sizeof v4);
    else
        message_put(message, WGPEER_A_ENDPOINT, &v6, sizeof v6);
    return 0;
}

/* Puts some of a list; returns where the rest begins, or NULL when an element is no network. */
static const char *put_allowed(struct message *message, const char *list)
{
    struct nlattr *nest = message_nest(message, WGPEER_A_ALLOWEDIPS);
    for (unsigned n = 0; *list && n < ALLOWED_AT_ONCE; n++) {
        char word[PREFIX_TEXT_SIZE] = "";
        size_t length = strcspn(list, ",");
        struct prefix prefix;
        if (length >= sizeof word || prefix_parse(strncat(word, list, length), &prefix) < 0)
            return NULL;
        struct nlattr *entry = message_nest(message, 0);
        message_put_u16(message, WGALLOWEDIP_A_FAMILY, prefix.ip.family == 4 ? AF_INET : AF_INET6);
        message_put_ip(message, WGALLOWEDIP_A_IPADDR, &prefix.ip);
        message_put_u8(message, WGALLOWEDIP_A_CIDR_MASK, prefix.length);
        message_nest_end(message, entry);
        list += length + (list[length] == ',');
    }
    message_nest_end(message, nest);
    return list;
}

static int put_peer_options(struct message *message, const struct step *step, const struct object *peer)
{
    const char *endpoint = object_text(peer, "endpoint"), *preshared = object_text(peer, "preshared-key");
    wg_key key = {0};
    int r = 0;
    if (says(step, peer, "preshared-key")) {
        if (preshared && *preshared)
            r = wgkey_parse(preshared, key);
        message_mark(message, "preshared-key");
        message_put(message, WGPEER_A_PRESHARED_KEY, key, sizeof key);
        explicit_bzero(key, sizeof key);
    }
    if (r == 0 && says(step, peer, "endpoint") && endpoint && *endpoint)
        r = put_endpoint(message, endpoint);
    if (says(step, peer, "keepalive"))
        message_put_u16(message, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
                        (uint16_t)object_number(peer, "keepalive", 0));
    return r;
}

/* One message about a peer. `rest`: allowed addresses still to say, advanced. */
static int send_peer(struct linux_door *door, int fd, int family, const struct step *step,
                     const struct object *peer, uint32_t flags, const char **rest, bool first)
{
    struct message *message = &door->message;
    const char *public = object_text(peer, "public-key");
    wg_key key;
    int r = public ? wgkey_parse(public, key) : -EINVAL;
    if (r < 0)
        return r;
    begin(door, family, WG_CMD_SET_DEVICE, 0, object_dev(peer));
    struct nlattr *peers = message_nest(message, WGDEVICE_A_PEERS), *nest = message_nest(message, 0);
    message_put(message, WGPEER_A_PUBLIC_KEY, key, sizeof key);
    if (flags)
        message_put_u32(message, WGPEER_A_FLAGS, flags);
    if (first && !(flags & WGPEER_F_REMOVE_ME))
        r = put_peer_options(message, step, peer);
    if (*rest && !(*rest = put_allowed(message, *rest)))
        r = -EINVAL;
    message_nest_end(message, nest);
    message_nest_end(message, peers);
    if (r == 0)
        r = netlink_request(fd, message, &door->reply);
    message_wipe(message);
    return r;
}

static int change_peer(struct linux_door *door, const struct step *step, bool remove)
{
    const struct object *peer = step_object(step);
    bool allowed = !remove && says(step, peer, "allowed-ips");
    const char *list = object_text(peer, "allowed-ips"), *rest = allowed ? (list ? list : "") : NULL;
    uint32_t flags = remove ? WGPEER_F_REMOVE_ME : allowed ? WGPEER_F_REPLACE_ALLOWEDIPS : 0;
    int family, fd = open_family(door, peer->ns, &family);
    if (fd < 0)
        return fd;
    int r = send_peer(door, fd, family, step, peer, flags, &rest, true);
    while (r == 0 && rest && *rest)
        r = send_peer(door, fd, family, step, peer, 0, &rest, false);
    close(fd);
    return r;
}

static int wgpeer_set(struct linux_door *door, const struct step *step)
{
    return change_peer(door, step, false);
}

static int wgpeer_del(struct linux_door *door, const struct step *step)
{
    return change_peer(door, step, true);
}

static void read_key(struct view *view, struct object *object, const char *option, const struct nlattr *attr)
{
    static const wg_key none;
    char text[WGKEY_TEXT_SIZE];
    if (attr && attr_size(attr) == WG_KEY_LEN && memcmp(attr_data(attr), none, WG_KEY_LEN) != 0)
        object_set_text(view->model, object, option, wgkey_format(attr_data(attr), text));
}

static void read_endpoint(struct view *view, struct object *object, const struct nlattr *attr)
{
    char buffer[IP_TEXT_SIZE], text[IP_TEXT_SIZE + 16];
    struct ip ip = {0};
    size_t size = attr ? attr_size(attr) : 0;
    if (size != sizeof(struct sockaddr_in) && size != sizeof(struct sockaddr_in6))
        return;
    const struct sockaddr_in6 *v6 = attr_data(attr);
    const struct sockaddr_in *v4 = attr_data(attr);
    ip.family = size == sizeof *v4 ? 4 : 6;
    memcpy(ip.bytes, ip.family == 4 ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr,
           ip_size(&ip));
    snprintf(text, sizeof text, ip.family == 4 ? "%s:%u" : "[%s]:%u", ip_format(&ip, buffer),
             ntohs(v6->sin6_port));
    object_set_text(view->model, object, "endpoint", text);
}

static void read_allowed(const struct nlattr *nest, struct text *list)
{
    for (const struct nlattr *entry = NULL; (entry = attr_next(nest, entry));) {
        const struct nlattr *attrs[WGALLOWEDIP_A_MAX + 1];
        char buffer[PREFIX_TEXT_SIZE];
        attrs_of_nest(entry, attrs, WGALLOWEDIP_A_MAX);
        struct prefix prefix = {attr_ip(attrs[WGALLOWEDIP_A_IPADDR]),
                                (uint8_t)attr_number(attrs[WGALLOWEDIP_A_CIDR_MASK], 0)};
        if (prefix.ip.family && prefix.length <= ip_bits(&prefix.ip))
            text_printf(list, "%s%s", list->length ? "," : "", prefix_format(&prefix, buffer));
    }
}

/* A peer may be split over several messages of a dump: its later parts hold allowed addresses only. */
static void read_peer(struct view *view, const struct object *interface, const struct nlattr *nest)
{
    const struct nlattr *attrs[WGPEER_A_MAX + 1];
    struct text list CLEANUP_TEXT = {0};
    struct object *other = NULL, *peer = view_new(view, CLASS_WGPEER);
    attrs_of_nest(nest, attrs, WGPEER_A_MAX);
    object_set_text(view->model, peer, "dev", interface->name);
    read_key(view, peer, "public-key", attrs[WGPEER_A_PUBLIC_KEY]);
    read_key(view, peer, "preshared-key", attrs[WGPEER_A_PRESHARED_KEY]);
    read_endpoint(view, peer, attrs[WGPEER_A_ENDPOINT]);
    object_set_number(view->model, peer, "keepalive",
                      (int64_t)attr_number(attrs[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL], 0));
    if (!object_text(peer, "public-key"))
        return;
    peer->owner = interface->owner;
    peer->flags = interface->flags & OBJECT_OURS;
    bool known = model_add(view->model, peer, &other) == -EEXIST;
    const char *before = known ? object_text(other, "allowed-ips") : NULL;
    peer = known ? other : peer;
    text_add(&list, before ? before : "");
    read_allowed(attrs[WGPEER_A_ALLOWEDIPS], &list);
    const struct object *wanted = view->wanted ? model_by_id(view->wanted, peer->id) : NULL;
    const char *said = wanted ? object_text(wanted, "allowed-ips") : NULL;
    object_set_text(view->model, peer, "allowed-ips", list_as_wanted(text_of(&list), said));
}

void wireguard_decode(struct view *view, struct object *interface, const struct nlmsghdr *m)
{
    const struct nlattr *attrs[WGDEVICE_A_MAX + 1];
    attrs_of_message(m, sizeof(struct genlmsghdr), attrs, WGDEVICE_A_MAX);
    read_key(view, interface, "private-key", attrs[WGDEVICE_A_PRIVATE_KEY]);
    if (attrs[WGDEVICE_A_LISTEN_PORT]) {
        object_set_number(view->model, interface, "listen-port",
                          (int64_t)attr_number(attrs[WGDEVICE_A_LISTEN_PORT], 0));
        object_set_number(view->model, interface, "fwmark",
                          (int64_t)attr_number(attrs[WGDEVICE_A_FWMARK], 0));
    }
    for (const struct nlattr *peer = NULL; (peer = attr_next(attrs[WGDEVICE_A_PEERS], peer));)
        read_peer(view, interface, peer);
}

/* After all links are read, each WireGuard one is asked for. */
static int wgpeer_observe(struct view *view)
{
    int family, r = 0;
    if (!view->has_wireguard)
        return 0;
    int fd = open_family(view->door, view->name, &family);
    if (fd < 0)
        return fd;
    for (size_t i = 0; r == 0 && i < view->links.n; i++) {
        struct object *interface = view->links.list[i].object;
        if (!interface || linux_kind_of(interface->kind) != &linux_kind_wireguard)
            continue;
        begin(view->door, family, WG_CMD_GET_DEVICE, NLM_F_DUMP, interface->name);
        r = netlink_dump(fd, &view->door->message, &view->door->dump, &view->door->reply);
        const struct dump *dump = &view->door->dump;
        for (const struct nlmsghdr *m = NULL; r == 0 && (m = dump_next(dump->data, dump->length, m));)
            wireguard_decode(view, interface, m);
        r = r == -EPERM || r == -ENODEV ? 0 : r;
    }
    close(fd);
    return r;
}

static int wireguard_read(struct view *view, struct object *interface, const struct nlattr *data)
{
    (void)interface, (void)data;
    view->has_wireguard = true;
    return 0;
}

const struct linux_kind linux_kind_wireguard = {
    .info_kind = WG_GENL_NAME,
    .set = wireguard_set,
    .read = wireguard_read,
};

const struct linux_class linux_wgpeer = {
    .observe = wgpeer_observe,
    .add = wgpeer_set,
    .set = wgpeer_set,
    .del = wgpeer_del,
};
