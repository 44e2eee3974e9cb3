/* The commands for an interface of any kind.
 *
 * A kind says by its flags how it comes into being; nothing here asks for a kind by name. What `ip link add`
 * can do, it does in one line, the far end of a pair included, except that a far end cannot be born up or
 * with a master. The options of a bridge port and its VLANs are the kernel's defaults again whenever an
 * interface joins a bridge, so a join says all of them.
 *
 * An interface that lies on one of another namespace is made there, where `ip` finds the parent, and born
 * into its own; what needs names of its own namespace is said afterwards. The host is reached from inside
 * as `netns $$`: the shell's own. */
#include "model/interface.h"

#include <stdio.h>
#include <string.h>

#include "model/reference.h"
#include "model/vlans.h"
#include "model/words.h"

static const char *text_of_option(const struct object *interface, enum interface_key key)
{
    const struct value *value = &interface->values[key];
    return value->form == VALUE_TEXT && *value->text && strcmp(value->text, "?") != 0 ? value->text : NULL;
}

static bool is_up(const struct object *interface)
{
    return interface->values[K_UP].form == VALUE_NUMBER && interface->values[K_UP].number;
}

/* It becomes a port: for the kernel it is a new one, and knows nothing of what it was told in another
 * bridge. */
static bool joins(const struct step *step)
{
    return text_of_option(step->new, K_MASTER) && words_matter(step, K_MASTER);
}

static void add_netns(struct text *line, const char *ns)
{
    text_add(line, " netns ");
    text_add(line, strcmp(ns, HOST) == 0 ? "$$" : ns);
}

/* mtu, mac, qlen */
static void add_properties(struct text *line, const struct step *step)
{
    for (unsigned i = K_MTU; i <= K_QLEN; i++)
        if (words_matter(step, i))
            words_add_option(line, object_option(step->new, i), &step->new->values[i]);
}

static void add_master(struct text *line, const struct step *step)
{
    const char *master = text_of_option(step->new, K_MASTER);
    if (!words_matter(step, K_MASTER))
        return;
    text_add(line, master ? " master" : " nomaster");
    if (master)
        words_add(line, reference_name(master));
}

static void add_kind_options(struct text *line, const struct step *step)
{
    for (unsigned i = step->new->class->n_options; i < object_n_options(step->new); i++)
        if (words_matter(step, i))
            words_add_option(line, object_option(step->new, i), &step->new->values[i]);
}

static void begin_set(struct text *line, const struct object *interface)
{
    words_begin(line, "ip", interface->ns, "link set dev");
    words_add(line, interface->name);
}

/* Ends a line that has something to say after its first `length` characters, and drops one that has not. */
static void end_if_more(struct text *line, size_t length, struct commands *out)
{
    if (line->length > length)
        words_end(line, out);
    text_clear(line);
}

/* Options that `ip link` does not know. A secret is neither shown nor can it be a word of `wg`, which
 * reads it from a file. */
static void say_by_tool(const struct step *step, struct commands *out)
{
    int secret = object_find_option(step->new, "private-key");
    const char *key = object_text(step->new, "private-key");
    bool with_secret = secret >= 0 && words_matter(step, (unsigned)secret) && key && *key;
    struct text line CLEANUP_TEXT = {0};
    char buffer[300];
    text_printf(&line, "%s%swg set", with_secret ? "printf '(hidden)' | " : "",
                words_exec(step->new->ns, buffer, sizeof buffer));
    words_add(&line, step->new->name);
    size_t length = line.length;
    add_kind_options(&line, step);
    if (with_secret)
        text_add(&line, " private-key /dev/stdin");
    end_if_more(&line, length, out);
}

static void say_kind(const struct step *step, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    if (step->new->kind->flags & KIND_SETS_LATER) {
        say_by_tool(step, out);
        return;
    }
    if (!step->new->kind->info_kind)
        return;
    begin_set(&line, step->new);
    text_printf(&line, " type %s", step->new->kind->info_kind);
    size_t length = line.length;
    add_kind_options(&line, step);
    end_if_more(&line, length, out);
}

static void say_port(const struct step *step, struct commands *out)
{
    struct step join = {.verb = VERB_ADD, .new = step->new};
    struct text line CLEANUP_TEXT = {0};
    if (!text_of_option(step->new, K_MASTER))
        return;
    begin_set(&line, step->new);
    text_add(&line, " type bridge_slave");
    size_t length = line.length;
    for (unsigned i = 0; i < step->new->class->n_options; i++)
        if (object_option(step->new, i)->flags & OPTION_PORT && words_matter(joins(step) ? &join : step, i))
            words_add_option(&line, object_option(step->new, i), &step->new->values[i]);
    end_if_more(&line, length, out);
}

static void say_vlan_range(const struct object *interface, const char *verb, const struct vlan_range *range,
                           bool flags, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    words_begin(&line, "bridge", interface->ns, verb);
    words_add(&line, interface->name);
    text_printf(&line, " vid %u", range->first);
    if (range->last != range->first)
        text_printf(&line, "-%u", range->last);
    if (flags)
        text_printf(&line, "%s%s", range->flags & VLAN_PVID ? " pvid" : "",
                    range->flags & VLAN_UNTAGGED ? " untagged" : "");
    if (interface->kind->flags & KIND_VLAN_PORTS)
        text_add(&line, " self");
    words_end(&line, out);
}

/* Those that go first, then those that come or change: the pvid moves by being given to another. */
static void say_vlan_difference(const struct object *interface, const char *from, const char *to,
                                struct commands *out)
{
    struct vlans old = {0}, new = {0}, gone = {0}, come = {0};
    struct vlan_range range;
    if (vlans_read(from, &old) < 0 || vlans_read(to, &new) < 0)
        return;
    for (unsigned id = 1; id <= VLAN_MAX; id++) {
        gone.flags[id] = old.flags[id] && !new.flags[id] ? VLAN_MEMBER : 0;
        come.flags[id] = old.flags[id] != new.flags[id] ? new.flags[id] : 0;
    }
    for (unsigned id = 1; vlans_range(&gone, id, &range); id = range.last + 1U)
        say_vlan_range(interface, "vlan del dev", &range, false, out);
    for (unsigned id = 1; vlans_range(&come, id, &range); id = range.last + 1U)
        say_vlan_range(interface, "vlan add dev", &range, true, out);
}

/* What a bridge, or a new port of one, is a member of before anything is said. */
static void write_default_vlans(const struct step *step, bool is_bridge, char *buffer, size_t size)
{
    int64_t of_master = step->default_pvid.form == VALUE_NUMBER ? step->default_pvid.number : 1,
            pvid = is_bridge ? object_number(step->new, "vlan-default-pvid", 1) : of_master;
    *buffer = '\0';
    if (pvid)
        snprintf(buffer, size, "%u pvid untagged", (unsigned)pvid);
}

static void say_vlans(const struct step *step, struct commands *out)
{
    const struct object *new = step->new;
    bool is_bridge = new->kind->flags &KIND_VLAN_PORTS,
         is_new = step->verb == VERB_ADD || (!is_bridge && joins(step));
    const char *to = new->values[K_VLANS].form == VALUE_TEXT ? new->values[K_VLANS].text : NULL;
    char born[32];
    if (!to || (!is_bridge && !text_of_option(new, K_MASTER)) || (!is_new && !step_changes(step, K_VLANS)))
        return;
    write_default_vlans(step, is_bridge, born, sizeof born);
    const char *was = is_new ? NULL : text_of_option(step->old, K_VLANS);
    say_vlan_difference(new, is_new ? born : was ? was : "", to, out);
}

/* The far end: what it can be born with. */
static void add_peer(struct text *line, const struct step *step)
{
    const struct object *peer = step->peer;
    const char *reference = text_of_option(step->new, K_PEER);
    if (!peer && !reference)
        return;
    text_add(line, " peer name");
    words_add(line, peer ? peer->name : reference_name(reference));
    for (unsigned i = K_MTU; peer && i <= K_MAC; i++)
        words_add_option(line, object_option(peer, i), &peer->values[i]);
    if (peer && strcmp(peer->ns, step->new->ns) != 0) {
        add_netns(line, peer->ns);
    } else if (!peer && !reference_in(reference, step->new->ns)) {
        struct text ns CLEANUP_TEXT = {0};
        reference_ns(reference, &ns);
        add_netns(line, text_of(&ns));
    }
}

/* Whether the parent lies in another namespace: its name. */
static bool parent_elsewhere(const struct object *interface, struct text *ns)
{
    const char *parent = text_of_option(interface, K_PARENT);
    return parent && !reference_in(parent, interface->ns) && reference_ns(parent, ns);
}

static void say_settings(const struct step *step, bool properties, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    begin_set(&line, step->new);
    size_t length = line.length;
    if (properties)
        add_properties(&line, step);
    add_master(&line, step);
    if (is_up(step->new))
        text_add(&line, " up");
    end_if_more(&line, length, out);
}

/* Always `name`: `ip` takes an interface called b or mt for a short form of one of its own words. */
static void add_link(const struct step *step, struct commands *out)
{
    const struct object *new = step->new;
    const char *parent = text_of_option(new, K_PARENT);
    bool lies_on = new->kind->flags &KIND_PARENT;
    struct text line CLEANUP_TEXT = {0}, ns CLEANUP_TEXT = {0};
    bool elsewhere = parent_elsewhere(new, &ns);
    words_begin(&line, "ip", elsewhere ? text_of(&ns) : new->ns, "link add name");
    words_add(&line, new->name);
    if (parent && lies_on) {
        text_add(&line, " link");
        words_add(&line, reference_name(parent));
    }
    if (elsewhere)
        add_netns(&line, new->ns);
    add_properties(&line, step);
    if (!elsewhere)
        add_master(&line, step);
    if (!elsewhere && is_up(new))
        text_add(&line, " up");
    text_printf(&line, " type %s", new->kind->info_kind);
    if (!(new->kind->flags &KIND_SETS_LATER))
        add_kind_options(&line, step);
    if (parent && !lies_on) {
        text_add(&line, " dev");
        words_add(&line, reference_name(parent));
    }
    if (new->kind->flags & KIND_PAIR)
        add_peer(&line, step);
    words_end(&line, out);
    if (elsewhere)
        say_settings(step, false, out);
    if (new->kind->flags & KIND_SETS_LATER)
        say_by_tool(step, out);
}

static void add_tun(const struct step *step, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    words_begin(&line, "ip", step->new->ns, "tuntap add dev");
    words_add(&line, step->new->name);
    text_printf(&line, " mode %s", step->new->kind->name);
    add_kind_options(&line, step);
    words_end(&line, out);
    say_settings(step, true, out);
}

static void add(const struct step *step, struct commands *out)
{
    switch (step->new->kind->maker) {
    case MAKER_LINK:
        add_link(step, out);
        break;
    case MAKER_TUN:
        add_tun(step, out);
        break;
    case MAKER_EXISTING:
        say_settings(step, true, out);
        break;
    }
    say_port(step, out);
    say_vlans(step, out);
}

static bool needs_down(const struct step *step)
{
    if (!is_up(step->old))
        return false;
    for (unsigned i = 0; i < object_n_options(step->new); i++)
        if (step_changes(step, i) && object_option(step->new, i)->change == CHANGE_DOWN)
            return true;
    return false;
}

/* Down first, up last. The raising joins the first line when nothing comes between. */
static void set(const struct step *step, struct commands *out)
{
    bool lowered = needs_down(step) || (step_changes(step, K_UP) && !is_up(step->new));
    bool raised = is_up(step->new) && (step_changes(step, K_UP) || lowered);
    struct text first CLEANUP_TEXT = {0}, up CLEANUP_TEXT = {0};
    struct commands rest CLEANUP_COMMANDS = {0};
    begin_set(&up, step->new);
    size_t length = up.length;
    if (lowered)
        commands_add(out, "%s down", text_of(&up));
    say_kind(step, &rest);
    say_port(step, &rest);
    say_vlans(step, &rest);
    text_add(&first, text_of(&up));
    add_properties(&first, step);
    add_master(&first, step);
    if (raised && rest.n == 0)
        text_add(&first, " up");
    end_if_more(&first, length, out);
    for (size_t i = 0; i < rest.n; i++)
        commands_add(out, "%s", rest.lines[i]);
    if (raised && rest.n)
        commands_add(out, "%s up", text_of(&up));
}

/* Hardware and loopback cannot be deleted. */
static void del(const struct object *interface, struct commands *out)
{
    struct text line CLEANUP_TEXT = {0};
    if (interface->kind == &kind_physical || interface->kind == &kind_loopback)
        return;
    words_begin(&line, "ip", interface->ns, "link del dev");
    words_add(&line, interface->name);
    words_end(&line, out);
}

void interface_commands(const struct step *step, struct commands *out)
{
    switch (step->verb) {
    case VERB_ADD:
        add(step, out);
        break;
    case VERB_SET:
        set(step, out);
        break;
    case VERB_DEL:
        del(step->old, out);
        break;
    case VERB_MAX:
        break;
    }
}
