/* tun and tap: made by an ioctl on /dev/net/tun, and made to stay when the descriptor is closed: after it was
 * marked, so that one without a mark dies with us.
 *
 * The device belongs to the namespace that the thread was in when it opened /dev/net/tun. Everything but the
 * name is said before the first packet: owner, group and the flags that a program must repeat to attach.
 * Reading back goes the ordinary way, by IFLA_INFO_DATA. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/linux/linux.h"
#include "kernel/tap.h"

static unsigned flags_of(const struct object *interface)
{
    unsigned flags = interface->kind->flags & KIND_LAYER3 ? IFF_TUN : IFF_TAP;
    if (!object_number(interface, "packet-info", 0))
        flags |= IFF_NO_PI;
    if (object_number(interface, "multi-queue", 0))
        flags |= IFF_MULTI_QUEUE;
    if (object_number(interface, "vnet-header", 0))
        flags |= IFF_VNET_HDR;
    return flags | IFF_TUN_EXCL;
}

static int configure(int fd, const struct object *interface)
{
    struct ifreq request = {.ifr_flags = (short)flags_of(interface)};
    int64_t owner = object_number(interface, "owner", -1), group = object_number(interface, "group", -1);
    strncpy(request.ifr_name, interface->name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) < 0 ||
        (owner >= 0 && ioctl(fd, TUNSETOWNER, (unsigned long)owner) < 0) ||
        (group >= 0 && ioctl(fd, TUNSETGROUP, (unsigned long)group) < 0))
        return -errno;
    return 0;
}

static int tun_make(struct linux_door *door, const struct object *interface, bool mark)
{
    struct netns *ns;
    int r = namespaces_enter(&door->namespaces, interface->ns);
    if (r < 0)
        return r;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    r = fd < 0 ? -errno : configure(fd, interface);
    namespaces_leave(&door->namespaces);
    if (r == 0 && mark && (r = linux_ns_of(door, interface, &ns)) == 0)
        r = linux_mark(door, ns->route, interface, interface->name);
    if (r == 0 && ioctl(fd, TUNSETPERSIST, 1UL) < 0)
        r = -errno;
    if (fd >= 0)
        close(fd);
    return r;
}

int tap_open(bool vnet_header, char ret_name[IFNAMSIZ])
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "tap%d"};
    unsigned features = 0;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (vnet_header && ioctl(fd, TUNGETFEATURES, &features) == 0 && features & IFF_VNET_HDR)
        request.ifr_flags |= IFF_VNET_HDR;
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    memcpy(ret_name, request.ifr_name, IFNAMSIZ);
    return fd;
}

const struct linux_kind linux_kind_tun = {.info_kind = "tun", .make = tun_make};
