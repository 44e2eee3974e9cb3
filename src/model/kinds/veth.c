/* veth: a cable between two namespaces, or between a namespace and a bridge. Two interfaces that are made and
 * die as one.
 *
 * The far end can be born in its namespace, with its name, MAC address and MTU, but neither up (ENOTCONN)
 * nor with a master: those take a second message. The mtu of one end says nothing about the other. */
#include "model/kinds.h"

const struct kind kind_veth = {
    .name = "veth",
    .info_kind = "veth",
    .maker = MAKER_LINK,
    .flags = KIND_PAIR,
    .mtu = 1500,
    .config = "VETH",
    .help = "One end of a virtual cable; `peer` names the other.",
};
