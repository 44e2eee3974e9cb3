/* plexus network: the commands below it, one file each. */
#include "cli/commands.h"

static const struct command *const below[] = {
    &command_network_create,  &command_network_ls,        &command_network_inspect,
    &command_network_rm,      &command_network_connect,   &command_network_disconnect,
    &command_network_publish, &command_network_unpublish, NULL,
};

const struct command command_network = {
    .name = "network",
    .usage = "COMMAND [OPTION...] [ARGUMENT...]",
    .summary = "Make networks, and plug namespaces into them, by hand",
    .below = below,
    .max_args = 1,
};
