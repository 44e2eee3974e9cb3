/* The subcommands of plexus firewall, and what they share. */
#pragma once
#include "apply/apply.h"
#include "cli/command.h"
#include "model/firewall/firewall.h"

/* First those of all subcommands, then of all but `test`, of all that change something, of new rules. */
enum {
    FIREWALL_FLAG_NAMESPACE,
    FIREWALL_FLAG_IN,
    FIREWALL_FLAG_TOPOLOGY,
    FIREWALL_FLAG_SAVE,
    FIREWALL_FLAG_CONFIRM,
    FIREWALL_FLAG_DRY_RUN,
    FIREWALL_FLAG_NO_WAIT,
    FIREWALL_FLAG_AT,
    FIREWALL_FLAGS
};

/* args[0] is the subcommand. */
enum result firewall_test(struct cli *cli);
enum result firewall_list(struct cli *cli);
enum result firewall_rule(struct cli *cli); /* allow, deny, reject, limit */
enum result firewall_remove(struct cli *cli);
enum result firewall_default(struct cli *cli);
enum result firewall_enable(struct cli *cli);

const char *firewall_namespace(const struct cli *cli); /* whose firewall is meant */
const struct firewall *firewall_find(const struct topology *topology, const char *ns); /* NULL: it has none */
/* "the host", "namespace `web`" */
const char *firewall_whose(struct cli *cli, const char *ns);

/* The topology whose file says the firewall: --topology; else the only one that runs and has one for the
 * namespace; else `host`. In cli->arena. */
enum result firewall_topology(struct cli *cli, const char **ret_name);
