/* Network files to topologies. */
#pragma once
#include "model/network.h"
#include "model/topology.h"

/* Reads files, or folders of *.yaml files, or "-" for standard input, into one topology. All mistakes are
 * gathered in `errors`, in the order of their places. Returns 0, and *ret is the caller's to topology_done(),
 * or -EINVAL and *ret is untouched. On success the semantic check is still to be made (topology_check); on
 * failure its findings on what could be read are among the errors already. */
int file_read(const char *const *paths, size_t n, struct topology *ret, struct errors *errors);

/* The same from memory. `file` is the name for places and, without ".yaml", the name of the topology unless
 * the text has one. `include` is refused. */
int file_read_text(const char *file, const char *text, size_t size, struct topology *ret,
                   struct errors *errors);

/* The same where networks may choose subnets: those that they have, or that are free there. Without, each
 * gets what its name says. */
int file_read_there(const struct surroundings *there, const char *const *paths, size_t n,
                    struct topology *ret, struct errors *errors);
int file_read_text_there(const struct surroundings *there, const char *file, const char *text, size_t size,
                         struct topology *ret, struct errors *errors);
