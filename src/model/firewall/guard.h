/* Guards: what may come in by a port of a bridge, and how much. A bridge carries any frame to whom it names,
 * and no firewall of IP sees it there; so this is a table of its own, `bridge plexus-TOPOLOGY`, which frames
 * pass as they come in by a port, before the bridge learns from them or the host gets them.
 *
 * A port that is guarded sends from the MAC address and the IP addresses of its guest only: in Ethernet, ARP,
 * IPv4, IPv6 and what it claims in neighbour discovery. It sends nothing but IP and ARP, no VLAN tags (behind
 * which all this could be hidden), and plays neither router (RFC 6105) nor DHCP server.
 *
 * From a port that is isolated nothing goes back into its own network by way of the host, whatever addresses
 * the two have. It is told here because the firewall of IP sees the bridge, and not its ports. */
#pragma once
#include "model/firewall/addresses.h"
#include "model/object.h"

struct fw_guard {
    const char *port;  /* an interface of the host */
    const char *guest; /* what it is called */
    bool is_guarded;
    struct mac mac;
    struct addresses own; /* settled; the link-local one of the MAC address is another */
    int64_t rate;         /* bytes a second, each way; 0: any */
    /* Of one that is isolated: its network, and what the host has there; settled. */
    struct addresses siblings, host;
    struct place place;
    struct fw_guard *next;
};

/* Puts the table into the model, unless there is nothing to guard. */
void guards_compile(const struct fw_guard *guards, const char *topology, struct model *model);
