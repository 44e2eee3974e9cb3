/* The world of an ordinary user.
 *
 * Without root, everything happens inside a user namespace with a network and a mount namespace of its own:
 * there the user is root, /run and /etc are private, and the "host" is an empty network. The world is held by
 * a process that does nothing but live, until the user's last topology is down. Every command enters it first
 * and then works as it would for root. */
#pragma once
#include <stdbool.h>

#include "base/error.h"
#include "base/result.h"

/* Whether this user has no power over the network here: is not root, or root of a user namespace that has
 * none of its own. */
bool world_is_needed(void);

/* Enters the world of this user. Where there is none: with `create` makes one that stays, without it an empty
 * one that ends with this command. Does nothing where none is needed. Must be called while the program
 * has one thread. */
enum result world_enter(bool create, struct errors *errors);

/* Ends the world that was entered (its namespaces go with the last process in them). Does nothing when there
 * is none. */
void world_end(void);
