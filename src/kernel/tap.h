/* A TAP for one program, which is gone when that closes it. */
#pragma once
#include <net/if.h>
#include <stdbool.h>

/* Made in the host's namespace, named by the kernel: tap0, tap1 ... Returns its descriptor, or a negative
 * errno. `vnet_header`: each frame is preceded by a virtio header, where the kernel can do that. */
int tap_open(bool vnet_header, char ret_name[IFNAMSIZ]);
