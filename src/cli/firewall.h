/* The subcommands of plexus firewall, one file each. */
#pragma once
#include "cli/command.h"

enum { FIREWALL_FLAG_IN, FIREWALL_FLAGS };

enum result firewall_test(struct cli *cli); /* args[0] is the subcommand */
