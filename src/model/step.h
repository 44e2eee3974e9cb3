/* Steps are data: what is done to one object. The same step is sent to the kernel, undone, printed as a
 * command, written to the journal and shown on a page. */
#pragma once
#include "model/object.h"

enum verb { VERB_ADD, VERB_SET, VERB_DEL, VERB_MAX };
extern const struct name verb_names[]; /* "add", "set", "del" */

/* What running traffic notices, from least to most. */
enum disturbance {
    DISTURBS_NOTHING,
    DISTURBS_BLINK, /* traffic through the object stops for a moment */
    DISTURBS_CUT,   /* connections through the object are lost */
    DISTURBANCE_MAX,
};
extern const struct name disturbance_names[]; /* "nothing", "blink", "cut" */

enum { STEP_OPTIONS_MAX = 128 };

/* Some options of one object, by number (see object_option()). {0} has none. */
struct option_set {
    uint64_t bits[STEP_OPTIONS_MAX / 64];
};

static inline bool option_set_has(const struct option_set *set, unsigned option)
{
    return set->bits[option / 64] >> (option % 64) & 1;
}
static inline void option_set_put(struct option_set *set, unsigned option)
{
    set->bits[option / 64] |= UINT64_C(1) << (option % 64);
}
static inline void option_set_drop(struct option_set *set, unsigned option)
{
    set->bits[option / 64] &= ~(UINT64_C(1) << (option % 64));
}
static inline bool option_set_is_empty(const struct option_set *set)
{
    uint64_t any = 0;
    for (unsigned i = 0; i < STEP_OPTIONS_MAX / 64; i++)
        any |= set->bits[i];
    return !any;
}
/* The one option alone. */
static inline struct option_set option_set_of(unsigned option)
{
    struct option_set set = {0};
    option_set_put(&set, option);
    return set;
}

struct step {
    enum verb verb;
    const struct object *old;  /* as it is: of SET and DEL. NULL for ADD */
    const struct object *new;  /* as it shall be: of ADD and SET. NULL for DEL */
    const struct object *peer; /* ADD of one end of a pair: the other end, born with it; DEL: dies with it */
    struct option_set changed; /* SET: the options that change */
    struct value default_pvid; /* ADD, SET of an interface: the `vlan-default-pvid` of the bridge that it is
                                  plugged into, where that is said or seen: what it is a member of once it
                                  has joined */
    enum disturbance disturbs;
    const struct step *planned; /* the same as it was planned, with former names (former.h); NULL: has none */
    const char *reason; /* why it must be so, where that is not evident: "`id` cannot be changed on a live
                           vlan"; or NULL */
};

static inline bool step_changes(const struct step *step, unsigned option)
{
    return option_set_has(&step->changed, option);
}
static inline const struct step *step_planned(const struct step *step)
{
    return step->planned ? step->planned : step;
}
static inline const struct object *step_object(const struct step *step)
{
    return step->new ? step->new : step->old;
}

/* Commands, as a person would type them: one line each, without a newline. */
struct commands {
    char **lines;
    size_t n, capacity;
};

#define CLEANUP_COMMANDS __attribute__((cleanup(commands_done)))

void commands_add(struct commands *commands, const char *format, ...) __attribute__((format(printf, 2, 3)));
void commands_done(struct commands *commands);

/* The commands of any step. */
void step_commands(const struct step *step, struct commands *out);

/* Of a SET: whether the option gets another value. What is said as a whole (CLASS_WHOLE) says much again. */
bool step_tells(const struct step *step, unsigned option);

/* "add interface red/eth0", with the options that matter: one line of a plan. */
void step_describe(const struct step *step, struct text *out);

/* "ip" or "ip -n NS": how a command addresses the namespace of an object; the same for "bridge". */
const char *command_in(const char *tool, const char *ns, char *buffer, size_t size);
