/* dummy: an interface that swallows what is sent through it; a place for addresses that must not depend on
 * a link. */
#include "model/kinds.h"

const struct kind kind_dummy = {
    .name = "dummy",
    .info_kind = "dummy",
    .maker = MAKER_LINK,
    .mtu = 1500,
    .comes_with = "dummy0",
    .config = "DUMMY",
    .help = "An interface without a link behind it, to hold addresses.",
};
