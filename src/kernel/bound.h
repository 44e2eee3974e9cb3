/* Who listens on the host. */
#pragma once
#include "base/ip.h"
#include "base/text.h"

/* The sockets of this network namespace that listen (TCP) or are bound (UDP), as they were when they were
 * read, by their ports. Free with sockets_done(). */
struct sockets {
    struct bound_socket *list;
    size_t n;
};
#define CLEANUP_SOCKETS __attribute__((cleanup(sockets_done)))
void sockets_read(struct sockets *ret);
void sockets_done(struct sockets *sockets);

/* The first port from first to last that is taken at that address or at all of them; `at` of family 0: at any,
 * unspecified: at any of its family. 0: none. Appends "`nginx` (pid 77)" to `who`, or nothing where it cannot
 * be seen. */
uint16_t port_bound(const struct sockets *sockets, uint8_t protocol, const struct ip *at, uint16_t first,
                    uint16_t last, struct text *who);

/* Whether a program of this network namespace keeps another from binding to the port at that address
 * (family 0: at all of IPv4), which need not be there yet. `shared`: as servers of DHCP do, who take each
 * other's sockets for granted. Appends who it is as above. */
bool port_refused(uint8_t protocol, const struct ip *at, uint16_t port, bool shared, struct text *who);
