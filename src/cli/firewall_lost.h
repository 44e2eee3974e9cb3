/* Warns of what was said by hand (`plexus firewall`) of what runs, and goes with the apply of a file that
 * does not say it. */
#pragma once
#include "apply/apply.h"
#include "cli/command.h"

void firewall_warn_lost(struct cli *cli, const struct change *change);
