/* The interface as a class, between its table (interface.c) and its commands (interface_commands.c). */
#pragma once
#include "model/step.h"

/* The first of its options; those of a bridge port follow. */
enum interface_key { K_NAME, K_UP, K_MTU, K_MAC, K_QLEN, K_MASTER, K_PARENT, K_PEER, K_VLANS };

void interface_commands(const struct step *step, struct commands *out);
