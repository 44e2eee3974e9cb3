/* Frames are built whole and sent by packet sockets: ARP has no other, and IPv6 refuses to send from an
 * address that is still tentative. */
#include "kernel/announce.h"

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

struct arp_frame {
    struct ether_header ethernet;
    struct ether_arp arp;
} __attribute__((packed));

struct ipv6_frame {
    struct ether_header ethernet;
    struct ip6_hdr ip;
    struct nd_neighbor_advert advert;
    struct nd_opt_hdr option;
    struct mac mac;
} __attribute__((packed));

_Static_assert(sizeof(struct arp_frame) == ANNOUNCE_ARP_SIZE, "a frame has no holes");
_Static_assert(sizeof(struct ipv6_frame) == ANNOUNCE_IPV6_SIZE, "a frame has no holes");

void announce_arp(const struct mac *mac, const struct ip *ip, uint8_t bytes[ANNOUNCE_ARP_SIZE])
{
    struct arp_frame frame = {
        .ethernet = {.ether_dhost = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, .ether_type = htons(ETHERTYPE_ARP)},
        .arp.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                       .ar_pro = htons(ETHERTYPE_IP),
                       .ar_hln = sizeof mac->bytes,
                       .ar_pln = 4,
                       .ar_op = htons(ARPOP_REQUEST)},
    };
    memcpy(frame.ethernet.ether_shost, mac->bytes, sizeof mac->bytes);
    memcpy(frame.arp.arp_sha, mac->bytes, sizeof mac->bytes);
    memcpy(frame.arp.arp_spa, ip->bytes, sizeof frame.arp.arp_spa);
    memcpy(frame.arp.arp_tpa, ip->bytes, sizeof frame.arp.arp_tpa);
    memcpy(bytes, &frame, sizeof frame);
}

/* Of addresses and message, which lie side by side, the length and the protocol: RFC 8200, section 8.1. */
static uint16_t icmpv6_checksum(const uint8_t frame[ANNOUNCE_IPV6_SIZE], uint16_t length)
{
    uint32_t sum = length + IPPROTO_ICMPV6;
    for (size_t i = offsetof(struct ipv6_frame, ip.ip6_src); i < ANNOUNCE_IPV6_SIZE; i += 2)
        sum += (uint32_t)frame[i] << 8 | frame[i + 1];
    sum = (sum >> 16) + (sum & 0xffff);
    return htons((uint16_t) ~(sum + (sum >> 16)));
}

/* Without the router flag, which matters only of link-local addresses: advertised routes go by those. */
void announce_ipv6(const struct mac *mac, const struct ip *ip, uint8_t bytes[ANNOUNCE_IPV6_SIZE])
{
    const uint16_t length = ANNOUNCE_IPV6_SIZE - offsetof(struct ipv6_frame, advert);
    struct ipv6_frame frame = {
        .ethernet = {.ether_dhost = {0x33, 0x33, 0, 0, 0, 1}, .ether_type = htons(ETHERTYPE_IPV6)},
        .ip = {.ip6_flow = htonl(6u << 28),
               .ip6_plen = htons(length),
               .ip6_nxt = IPPROTO_ICMPV6,
               .ip6_hlim = 255,
               .ip6_dst.s6_addr = {0xff, 0x02, [15] = 1}},
        .advert = {.nd_na_type = ND_NEIGHBOR_ADVERT, .nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE},
        .option = {.nd_opt_type = ND_OPT_TARGET_LINKADDR, .nd_opt_len = 1},
        .mac = *mac,
    };
    memcpy(frame.ethernet.ether_shost, mac->bytes, sizeof mac->bytes);
    memcpy(&frame.ip.ip6_src, ip->bytes, sizeof frame.ip.ip6_src);
    memcpy(&frame.advert.nd_na_target, ip->bytes, sizeof frame.advert.nd_na_target);
    memcpy(bytes, &frame, sizeof frame);
    frame.advert.nd_na_cksum = icmpv6_checksum(bytes, length);
    memcpy(bytes, &frame, sizeof frame);
}

/* One ioctl(2) on an interface of the namespace. */
static int ask(struct linux_door *door, const struct announcement *one, unsigned long what,
               struct ifreq *request)
{
    struct netns *ns;
    int r = namespaces_get(&door->namespaces, one->ns, &ns);
    if (r < 0)
        return r;
    snprintf(request->ifr_name, sizeof request->ifr_name, "%s", one->dev);
    return ioctl(ns->route, what, request);
}

/* An interface whose cable was just plugged in drops frames, and a bridge those of such a port, until the
 * kernel has taken note in the background. It does so at once when asked whether there is a link. */
static void settle(struct linux_door *door, const struct announcement *one)
{
    struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
    struct ifreq request = {.ifr_data = (char *)&link};
    ask(door, one, SIOCETHTOOL, &request);
}

/* Whether it is up and speaks Ethernet. */
static bool look_up(struct linux_door *door, const struct announcement *one, struct mac *ret_mac,
                    int *ret_index)
{
    struct ifreq request = {0};
    if (ask(door, one, SIOCGIFFLAGS, &request) < 0 || !(request.ifr_flags & IFF_UP) ||
        request.ifr_flags & (IFF_NOARP | IFF_LOOPBACK))
        return false;
    if (ask(door, one, SIOCGIFHWADDR, &request) < 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return false;
    memcpy(ret_mac->bytes, request.ifr_hwaddr.sa_data, sizeof ret_mac->bytes);
    if (ask(door, one, SIOCGIFINDEX, &request) < 0)
        return false;
    *ret_index = request.ifr_ifindex;
    return true;
}

/* The socket only sends: with protocol 0 nothing comes to it. One is kept for the addresses of a namespace.
 * */
static void announce(struct linux_door *door, const struct announcement *one, const char **socket_ns, int *fd)
{
    uint8_t frame[ANNOUNCE_IPV6_SIZE];
    struct prefix prefix;
    struct mac mac;
    struct sockaddr_ll to = {.sll_family = AF_PACKET};
    if (prefix_parse(one->address, &prefix) < 0 || !look_up(door, one, &mac, &to.sll_ifindex))
        return;
    bool v4 = prefix.ip.family == 4;
    if (ip_is_link_local(&prefix.ip))
        return;
    if (!*socket_ns || strcmp(*socket_ns, one->ns) != 0) {
        if (*fd >= 0)
            close(*fd);
        *fd = namespaces_socket(&door->namespaces, one->ns, AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
        *socket_ns = one->ns;
    }
    to.sll_protocol = htons(v4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6);
    if (v4)
        announce_arp(&mac, &prefix.ip, frame);
    else
        announce_ipv6(&mac, &prefix.ip, frame);
    if (*fd >= 0)
        sendto(*fd, frame, v4 ? ANNOUNCE_ARP_SIZE : ANNOUNCE_IPV6_SIZE, 0, (struct sockaddr *)&to, sizeof to);
}

void door_announce(struct door *door, const struct announcement *all, size_t n)
{
    enum { ROUNDS = 2 }; /* a port, its bridge, a vlan on that: each learns from the one below */
    struct linux_door *real = linux_door_of(door);
    const char *socket_ns = NULL;
    int fd = -1;
    for (size_t i = 0; real && i < n * ROUNDS; i++)
        settle(real, &all[i % n]);
    for (size_t i = 0; real && i < n; i++)
        if (all[i].address)
            announce(real, &all[i], &socket_ns, &fd);
    if (fd >= 0)
        close(fd);
}
