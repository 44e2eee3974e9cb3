/* loopback: `lo`. Every namespace is born with one, down; nothing works towards an own address until it is
 * up. Linux takes no second one and no deletion, and a bridge refuses it as a port. */
#include "model/kinds.h"

const struct kind kind_loopback = {
    .name = "loopback",
    .maker = MAKER_EXISTING,
    .flags = KIND_LAYER3 | KIND_STAYS,
    .help = "The loopback interface `lo`, which every namespace has.",
};
