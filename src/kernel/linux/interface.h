/* What the files about interfaces share: interface.c (verbs), interface_birth.c, interface_put.c, mark.c.
 *
 * Functions that put something append to door->message; they return 0 or a negative errno. */
#pragma once
#include "kernel/linux/linux.h"

/* interface_put.c */
struct ifinfomsg *begin_link(struct linux_door *door, uint16_t flags); /* an RTM_NEWLINK */

/* Whether the step says something about an option: all that are set, when it adds. */
bool step_says(const struct step *step, unsigned option);
bool step_says_key(const struct step *step, const char *key);

/* The value to be had; of what is no longer wanted, that with which Linux begins. */
struct value interface_value(const struct object *object, unsigned i);

/* Whether these files put the option by themselves; all others go by the table. */
bool interface_is_own(const struct option *option);

/* The options that the step speaks of (`all`: that are set), by the nest they belong to; *ret_n counts. */
enum part { PART_COMMON, PART_PORT, PART_KIND };
int put_part(struct linux_door *door, const struct netns *ns, const struct step *step, enum part part,
             bool all, unsigned *ret_n);
int put_master(struct linux_door *door, const struct netns *ns, const char *master); /* NULL: none */
/* IFLA_LINKINFO: the kind and its options; `more` (may be NULL) adds to IFLA_INFO_DATA. */
int put_kind(struct linux_door *door, const struct netns *ns, const struct step *step, unsigned *ret_n,
             int (*more)(struct linux_door *door, const void *userdata), const void *userdata);

/* mark.c: whether an interface that is made is to be marked (the kernel is asked when it looks at a namespace
 * first); and the mark. */
bool interface_is_marked(struct linux_door *door, const struct object *object);
void put_mark(struct linux_door *door, const struct object *object);

/* interface_birth.c: makes it, with as much as possible at once. Returns its index or a negative errno. */
int interface_make(struct linux_door *door, const struct step *step, bool up, bool mark);
/* Hardware, from one namespace to another. */
int interface_move(struct linux_door *door, const char *interface, const char *from, const char *to);
