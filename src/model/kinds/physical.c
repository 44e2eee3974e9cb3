/* physical: hardware, or what stands for it (virtio, a VF). It exists by itself: Plexus sets it up and
 * joins it to a bridge or bond, and neither makes nor deletes it. Linux reports no IFLA_INFO_KIND for it. */
#include "model/kinds.h"

const struct kind kind_physical = {
    .name = "physical",
    .maker = MAKER_EXISTING,
    .help = "A network card: it is there already, and is only configured.",
};
