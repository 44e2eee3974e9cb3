/* What the files of doom share: what kills, and what the observed objects are to each other. */
#pragma once
#include "plan/internal.h"

/* What is there stays, whatever of it changes. */
bool lives_on(const struct item *item);
/* What is there has become another without a step: its fate is decided anew. */
void become(struct item *item, const struct object *now);
/* Makes its DEL step. */
void delete_item(struct planner *planner, struct item *item);
/* Notes it in plan->lost. */
void lose(struct planner *planner, const struct object *observed);
/* The object dies. Wanted, it is made again; unwanted, that was its deletion. */
void doom(struct planner *planner, const struct object *object);

/* The interface is taken down for a while, or for good: Linux keeps its IPv4 addresses, and nothing else. */
void doom_by_down(struct planner *planner, const struct object *interface);
/* The entries that its bridge holds for a port go when it leaves; those of a vxlan (`dst`) stay. */
void doom_fdb(struct planner *planner, const struct object *port);

/* doom_address.c: it is deleted; or it dies otherwise, and what names it as its source is to go too. */
void doom_by_address(struct planner *planner, const struct object *address);
void doom_by_source(struct planner *planner, const struct object *address);

/* doom_change.c: a SET of an interface. It is raised: a vlan that shall be down is so with its parent, and
 * taken down again by a step of its own (steps.c). */
void doom_by_change(struct planner *planner, const struct item *item);
void doom_by_raise(struct planner *planner, const struct object *interface);

/* settings.c: a SET of a setting that others follow. */
void doom_by_setting(struct planner *planner, const struct item *leader);

bool lies_on(const struct object *object, const struct object *parent);
bool follows(const struct object *object, const struct object *parent); /* down and up: a vlan */
bool is_family(const struct object *object, const char *key, uint8_t family);

/* tables.c: the same for the firewall. */
void delete_tables(struct planner *planner);
void let_users_go(struct planner *planner);
