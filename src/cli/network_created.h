/* By what a network is known that was made by `plexus network create`, and may be removed as a whole. */
#pragma once

#define NETWORK_CREATED \
    "# Made by plexus network create; plexus network rm takes it away." /* its first line */
