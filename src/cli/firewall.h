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

/* The file that is named, or that of the topology that runs, or plexus.yaml here, or that of the only one
 * that runs and has a firewall. *ret_word: the first of the packet in args. firewall_subject.c */
enum result firewall_test_subject(struct cli *cli, struct topology *topology, size_t *ret_word,
                                  bool *ret_runs);

/* firewall_whose.c */
const char *firewall_namespace(const struct cli *cli); /* whose firewall is meant */
const struct firewall *firewall_find(const struct topology *topology, const char *ns); /* NULL: it has none */
/* "the host", "namespace `web`" */
const char *firewall_whose(struct cli *cli, const char *ns);
/* " --namespace web", as it is typed; "" for the host */
const char *firewall_namespace_words(struct cli *cli, const char *ns);

/* The topology whose file says the firewall: --topology; else the only one that runs, or else is saved, and
 * whose file says `firewall` for the namespace; else the one that runs and has the namespace; else `host`. In
 * cli->arena. */
enum result firewall_topology(struct cli *cli, const char **ret_name);
/* The topology that runs and has the namespace; NULL: none. In cli->arena. */
const char *firewall_topology_with(struct cli *cli, const char *ns);
/* It neither runs nor is saved: RESULT_NOT_FOUND. */
enum result firewall_refuse_topology(struct cli *cli, const char *name);
