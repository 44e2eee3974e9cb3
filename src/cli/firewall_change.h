/* Changes a firewall by hand: the text of the file that runs, in one place, and then an apply like any other,
 * with plan, history and the way back. */
#pragma once
#include "cli/firewall.h"

/* What is changed, of one firewall. */
struct firewall_op {
    enum { OP_ADD, OP_REMOVE, OP_DEFAULT } verb;
    const char *words;  /* of a rule: add, remove */
    long index;         /* where it is to be, or is, in the file that runs; EDIT_END: anywhere */
    const char *behind; /* add: of the rule there that comes after it; NULL: it is the first, or the last */
    enum fw_chain chain;
    enum fw_verdict verdict; /* default */
};

enum { FIREWALL_OPS_MAX = 4 };

struct firewall_change {
    struct cli *cli;
    const char *name, *ns, *file; /* "host", "host", "host.yaml" */
    bool keeps_ssh;               /* what is done may forbid something */
    /* Says what is to be done, under the lock, with the firewall as it is; `fw` NULL: there is none yet. */
    enum result (*choose)(struct firewall_change *change, const struct firewall *fw);
    struct firewall_op ops[FIREWALL_OPS_MAX];
    unsigned n_ops;

    /* Internal. */
    char *running, *saved; /* texts; NULL: it does not run, is not saved */
};

void firewall_op_add(struct firewall_change *change, const struct firewall_op *op);
/* The rule of these words, as they stand in the file, with single spaces; *ret_index counts from 0. NULL:
 * none. */
const struct fw_rule *firewall_rule_find(const struct firewall *fw, const char *words, long *ret_index);
/* The topology that it would be with the ops so far. */
enum result firewall_change_try(struct firewall_change *change, struct topology *ret_topology);

enum result firewall_change_make(struct firewall_change *change);
