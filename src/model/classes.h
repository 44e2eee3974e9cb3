/* The classes, one file each; classes.c lists them. To add one: a file, a line here, a line there, a
 * number in `enum class_id`. */
#pragma once
#include "model/object.h"

extern const struct name nft_family_names[]; /* "inet" ...: NFPROTO_*; of tables and what is in them */

extern const struct class class_namespace, class_interface, class_address, class_route, class_rule,
    class_neighbour, class_fdb, class_wgpeer, class_sysctl, class_resolver, class_table, class_set,
    class_chain, class_service;
