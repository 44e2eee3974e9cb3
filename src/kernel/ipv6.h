/* IPv6, without which a kernel can be built or started (ipv6.disable=1). */
#pragma once
#include <stdbool.h>

bool kernel_has_ipv6(void);
