/* Plugging what somebody else made (QEMU, a container manager, a person) into a network that runs.
 *
 * The port is as the network says: its MTU, its VLAN, isolated or not. It is no object of the topology:
 * nothing is recorded, and it goes when its maker takes it away. A port that the file describes by `network`
 * is plugged in already. */
#pragma once
#include "apply/apply.h"

/* `interface`: one of the host. `name`: that of a network, or of its bridge; NULL: that in which the
 * file has the interface, or the only one that runs. RESULT_BUSY: the network guards its ports, and does not
 * know this one; or it is plugged in elsewhere. *ret_network: its name, in the arena of the session's errors.
 * The session is ACCESS_WRITE: what runs must not change between the look and the step. */
enum result plug_in(struct session *session, const char *interface, const char *name,
                    const char **ret_network);
/* Takes it out of the bridge of a network that runs. RESULT_BUSY: the topology itself has it there. */
enum result plug_out(struct session *session, const char *interface, const char **ret_network);

/* A descriptor for the process at the other end of the socket. 0 or a negative errno. */
int descriptor_pass(int socket, int fd);
