#include "apply/guards.h"

enum result change_may(struct session *session, const struct change *change, enum guards guards)
{
    size_t before = session->errors.n_errors;
    guard_sayer *say = guards == GUARDS_REFUSE && change->topology ? errors_add : errors_warn;
    bool asks = guards != GUARDS_RETURN && !session->machine->is_private;
    uplinks_look(session, change, say);
    if (asks && !uplinks_carry_session(session, change, say))
        ssh_way_look(session, change, say);
    return session->errors.n_errors > before ? RESULT_BUSY : RESULT_DONE;
}
