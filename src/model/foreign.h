/* Rule sets of others beside a firewall of ours. A packet passes only where all of them let it, so one can
 * make the other's word void. */
#pragma once
#include "model/firewall/firewall.h"
#include "model/object.h"

/* What there is in a namespace besides one table. */
struct foreign {
    struct model chains;  /* of nf_tables, iptables-nft among them; no sets, so what asks for one is open */
    struct text legacy;   /* "filter, nat": tables of iptables-legacy, of which no more can be seen */
    struct text offloads; /* "inet filter fast": flow tables */
    bool bridge_asks;     /* net.bridge.bridge-nf-call-iptables: bridged packets are asked about as well */
};
#define CLEANUP_FOREIGN __attribute__((cleanup(foreign_done)))
void foreign_done(struct foreign *foreign);

/* Warns where what the firewall lets through is dropped by others, or the other way round: who does it, and
 * the mend. `model` is the namespace as it shall be, with the tables of the firewall. */
void foreign_warn(const struct foreign *foreign, const struct firewall *fw, const struct model *model,
                  struct errors *errors);
