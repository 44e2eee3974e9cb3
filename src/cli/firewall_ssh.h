/* The SSH session in which a command is typed, and whether the rules of a file would still let it in.
 *
 * What is established passes any firewall of ours, so rules that forbid it cut it only when the kernel has
 * not seen it begin, or forgets it; but nobody comes in after it either. It is judged as a new connection. */
#pragma once
#include "apply/apply.h"
#include "cli/command.h"

struct ssh_session {
    const char *client, *client_port, *server, *server_port;
};

struct ssh_judged {
    struct ssh_session session;
    bool is_certain;   /* it would be refused; else that cannot be told */
    const char *words; /* of the rule that decides */
    const char *rule;  /* what lets it in: "ssh from 192.0.2.7" */
};

/* Whether it is refused, or might be, as far as can be told, by the firewall of the host. `observed` says
 * which interface has the address at which it comes in. Everything is in cli->arena. */
bool ssh_is_cut(struct cli *cli, const struct topology *topology, const struct model *observed,
                struct ssh_judged *ret_judged);
