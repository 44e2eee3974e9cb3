/* Leases that the DHCP server of a network has given. */
#pragma once
#include <stdint.h>

#include "model/service.h"

struct lease {
    const char *address;
    const char *mac;    /* NULL: of DHCPv6, which knows clients otherwise */
    const char *name;   /* NULL: it said none */
    const char *client; /* its identity as it says it; NULL: none */
    int64_t expires;    /* seconds since 1970; 0: never */
};

/* Those of a service, in the arena; *ret_n of them. */
struct lease *leases_of(const struct object *service, struct arena *arena, size_t *ret_n);
