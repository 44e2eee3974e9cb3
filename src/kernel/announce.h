/* Announcements: who has an address tells everybody on its link at which MAC address it is now.
 *
 * A neighbour that was in touch believes for the better part of a minute what it knew before, and sends to
 * an interface that is no more. An ARP announcement (RFC 5227, section 3) or an unsolicited neighbour
 * advertisement with the override flag (RFC 4861, section 7.2.6) makes it learn anew at once. */
#pragma once
#include "base/ip.h"
#include "kernel/door.h"

enum { ANNOUNCE_ARP_SIZE = 42, ANNOUNCE_IPV6_SIZE = 86 };

/* The frames, whole. The address of the second is one of IPv6. */
void announce_arp(const struct mac *mac, const struct ip *ip, uint8_t bytes[ANNOUNCE_ARP_SIZE]);
void announce_ipv6(const struct mac *mac, const struct ip *ip, uint8_t bytes[ANNOUNCE_IPV6_SIZE]);

struct announcement {
    const char *ns, *dev;
    const char *
        address; /* with or without a length; NULL: nothing to say, but frames of others pass through `dev` */
};

/* Sends them, from interfaces that are up and speak Ethernet; not of link-local IPv6 addresses. Nobody
 * answers, so nothing is waited for, and nothing can be said of success. A namespace that has something to
 * say costs about 10 ms: the kernel takes as long to close a packet socket. */
void door_announce(struct door *door, const struct announcement *all, size_t n);
