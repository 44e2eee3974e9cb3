/* What a change must not do unasked, whoever makes it: an apply, a guest, the end of use. */
#pragma once
#include "apply/apply.h"

enum guards {
    GUARDS_REFUSE,
    GUARDS_SHOW,   /* only warns: it is only shown */
    GUARDS_RETURN, /* warns of uplinks, and lets the session be cut: the old network returns by itself */
};

/* Whether the uplinks of bridged networks may become ports, and whether the SSH session that the command is
 * typed in keeps its way in. RESULT_BUSY: not unasked, and the session's errors tell what to do. Going down
 * is only warned of: there is no way to ask for it otherwise. */
enum result change_may(struct session *session, const struct change *change, enum guards guards);

/* Its parts: each tells what stands in the way, by errors_add or errors_warn. */
typedef __typeof__(errors_add) guard_sayer;

/* What the host has on the uplinks and does not move; and whether somebody is logged in by one.
 * uplinks_fit.c */
void uplinks_look(struct session *session, const struct change *change, guard_sayer *say);
bool uplinks_carry_session(struct session *session, const struct change *change, guard_sayer *say);
/* What cuts the session's interface, what that lies on, its ports, its address. ssh_way.c */
void ssh_way_look(struct session *session, const struct change *change, guard_sayer *say);
