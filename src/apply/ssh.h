/* The SSH session in which a command is typed, by SSH_CONNECTION: nobody is to be cut off by the command that
 * he gives. sudo takes the variable away, but a process further up has it still. */
#pragma once
#include "base/ip.h"

/* As the server's socket has it. */
struct ssh_session {
    struct ip client, server;
    unsigned client_port, server_port;
};

/* false: there is none. */
bool ssh_session_find(struct ssh_session *ret);
