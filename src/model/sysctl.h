/* What is known of settings by their names. */
#pragma once
#include <stdbool.h>

/* Its value is a mask of processors, in hexadecimal without 0x. */
bool sysctl_is_mask(const char *name);
