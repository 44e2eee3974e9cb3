/* Whether the rules of a file would still let in the SSH session in which a command is typed (apply/ssh.h).
 *
 * A change spares it, but whoever loses it comes in no more; so it is judged as a connection that begins
 * now. */
#pragma once
#include "apply/apply.h"
#include "cli/command.h"

struct ssh_judged {
    const char *client, *port; /* from where it comes, and to which port */
    bool is_certain;           /* it would be refused; else that cannot be told */
    bool leads_away;           /* to a guest, for which the port is published: no rule lets it in */
    const char *words;         /* of the rule that decides */
    const char *rule;          /* what lets it in: "ssh from 192.0.2.7" */
};

/* Whether it is refused, or might be, as far as can be told, by the firewall of the host. `observed` says
 * by which interface it comes in. Everything is in cli->arena. */
bool ssh_is_cut(struct cli *cli, const struct topology *topology, const struct model *observed,
                struct ssh_judged *ret_judged);

/* Tells so of a change. `refuses`: RESULT_BUSY, unless the old network `returns` by itself (--confirm); else
 * a warning. */
enum result ssh_keep(struct cli *cli, const struct change *change, bool refuses, bool returns);
