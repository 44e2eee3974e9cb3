/* other: an interface of a kind that Plexus does not know (team, ifb, ip6tnl ...). It is observed, so that
 * names in use are known and what hangs on it is understood; a file cannot make one. */
#include "model/kinds.h"

const struct kind kind_other = {
    .name = "other",
    .maker = MAKER_EXISTING,
    .help = "An interface of a kind that Plexus does not know; it can be used, and cannot be made.",
};
