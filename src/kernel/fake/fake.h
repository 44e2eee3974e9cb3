/* A kernel in memory, behind the same door as Linux.
 *
 * Plans are proven on it without privileges: the rules are Linux's, written from trying `ip` and `bridge` on
 * kernels 6.12 and 6.18, and on purpose without a look at the planner, so that a misunderstanding must be
 * made twice to go unseen.
 *
 * What it leaves out: carrier, timers (lifetimes do not run), automatic MAC and MTU of bridges, sysctls that
 * change other things, multicast and broadcast routes. Strict where Linux is silent: an option that Linux
 * ignores on a live object (the id of a vlan) is an error here. */
#pragma once
#include "kernel/door.h"

/* What objects made from now on are marked with; copied. At first "test". */
void fake_topology(struct door *door, const char *topology);

/* Adds what others made, in the order of the model: by the rules of ADD, but without marks; hardware too. A
 * veth needs both its ends in the model. 0, or a negative errno with an entry in `errors`. */
int fake_foreign(struct door *door, const struct model *objects, struct errors *errors);

/* This kernel lacks a kernel option, as `struct kind` and `struct option` name it: "BONDING". */
void fake_lack(struct door *door, const char *config);
