/* What a user reads when the kernel refuses a step: what was tried, the kernel's own words, and where one is
 * known, a way out. The errno alone is rarely enough: EOPNOTSUPP may be a kernel without VLANs, EBUSY a port
 * that is one already. */
#include <errno.h>
#include <string.h>

#include "kernel/linux/linux.h"

enum { ANY = -1 };

struct hint {
    int error;
    int class;         /* ANY, or enum class_id */
    int verb;          /* ANY, or enum verb */
    const char *words; /* part of the kernel's words; NULL: whatever it said */
    const char *hint;
};

/* The first that fits counts. */
static const struct hint hints[] = {
    {EPERM, CLASS_NAMESPACE, VERB_ADD, NULL,
     "run it as root; as an ordinary user this needs user namespaces (sysctl "
     "kernel.unprivileged_userns_clone, "
     "kernel.apparmor_restrict_unprivileged_userns)"},
    {EISDIR, CLASS_RESOLVER, ANY, NULL, "there is a folder at /etc/netns/NAME/resolv.conf: remove it"},
    {ENXIO, CLASS_RESOLVER, ANY, NULL, "what lies at /etc/netns/NAME/resolv.conf is no file: remove it"},
    {EFBIG, CLASS_RESOLVER, ANY, NULL,
     "the file /etc/netns/NAME/resolv.conf is too large to be kept: remove it, or move it away"},
    {EEXIST, CLASS_RESOLVER, ANY, NULL, "somebody has written /etc/netns/NAME/resolv.conf meanwhile"},
    {EXDEV, CLASS_RESOLVER, ANY, NULL, "/etc/netns/NAME must not lead to another file system"},
    {EPERM, CLASS_RESOLVER, ANY, NULL,
     "as root: it was made unchangeable, see: lsattr -d /etc/netns/NAME /etc/netns/NAME/resolv.conf; chattr "
     "-i undoes that"},
    {ECHILD, CLASS_SERVICE, ANY, "in use", "another program has the port: see `ss -lnup`, `ss -lntp`"},
    {ECHILD, CLASS_SERVICE, ANY, NULL,
     "the log of the machine may tell more: journalctl -t dnsmasq, /var/log/syslog"},
    {EPERM, CLASS_SERVICE, ANY, NULL,
     "a service is kept in a process namespace of its own, which must be allowed here: run it as root"},
    {EPERM, ANY, ANY, NULL, "run it as root, or with CAP_NET_ADMIN in the namespace"},
    {EACCES, CLASS_SYSCTL, ANY, NULL, "this setting may only be changed by root of the host, or not at all"},
    {EACCES, CLASS_ADDRESS, ANY, NULL,
     "IPv6 is switched off on this interface: `ipv6: false`, or the setting disable_ipv6"},
    {EACCES, ANY, ANY, NULL, "run it as root"},
    {EROFS, CLASS_SYSCTL, ANY, NULL,
     "/proc/sys is read-only here, as in a container: it can be set outside, or by the container's runtime"},
    {EINVAL, CLASS_SYSCTL, ANY, NULL, "the setting takes no such value"},
    {ERANGE, CLASS_SYSCTL, ANY, NULL, "the setting takes no such value"},
    {EOPNOTSUPP, CLASS_INTERFACE, VERB_ADD, "Unknown device type",
     "this kernel was built without that kind of interface, or its module is missing"},
    {EOPNOTSUPP, ANY, ANY, NULL,
     "this kernel was built without it, or this kind of interface cannot have it; see `plexus check`"},
    {EAFNOSUPPORT, ANY, ANY, NULL, "this kernel has no such protocol: IPv6 is left out, or switched off"},
    {EADDRINUSE, CLASS_INTERFACE, ANY, NULL,
     "another interface, or a program, has that address and port or id already"},
    {EXFULL, ANY, ANY, NULL, "a bridge holds 1,023 ports"},
    {ENOSPC, CLASS_INTERFACE, ANY, NULL, "a bridge holds 1,023 ports"},
    {EMFILE, ANY, ANY, NULL, "raise the number of open files: ulimit -n"},
    {ENFILE, ANY, ANY, NULL, "raise the number of open files of the machine: sysctl fs.file-max"},
    {ENOSPC, CLASS_NAMESPACE, ANY, NULL,
     "the number of namespaces is limited: sysctl user.max_net_namespaces, user.max_mnt_namespaces, "
     "fs.mount-max"},
    {EEXIST, CLASS_INTERFACE, VERB_ADD, NULL, "an interface of that name (or that id) is there already"},
    {EEXIST, CLASS_NAMESPACE, VERB_ADD, NULL, "a namespace of that name is there already: see `ip netns`"},
    {EEXIST, CLASS_ADDRESS, VERB_ADD, NULL, "the interface has that address already: see `ip address`"},
    {EEXIST, CLASS_ROUTE, VERB_ADD, NULL,
     "a route to that network is there already: see `ip route`, or give this one another `metric`"},
    {EEXIST, CLASS_RULE, VERB_ADD, NULL, "the same rule is there already: see `ip rule`"},
    {EBUSY, CLASS_CHAIN, VERB_DEL, NULL, "a rule of somebody else leads to it: see `nft list ruleset`"},
    {EBUSY, CLASS_SET, VERB_DEL, NULL, "a rule of somebody else names it: see `nft list ruleset`"},
    {EEXIST, CLASS_SET, ANY, NULL, "an element of it is there already, or overlaps another"},
    {EEXIST, ANY, VERB_ADD, NULL, "others have made the same meanwhile: apply once more"},
    {EBUSY, CLASS_INTERFACE, ANY, NULL,
     "something else holds it: it is a port already, another program has it open, or that id is taken on its "
     "parent"},
    {ENOENT, CLASS_SYSCTL, ANY, NULL,
     "the setting takes no such value, belongs to the host alone, or is gone with its interface"},
    {ENOENT, CLASS_CHAIN, ANY, NULL,
     "what a rule names is not there, or this kernel lacks what the rule needs; see `plexus check`"},
    {ENOENT, ANY, ANY, NULL, "its namespace is not there, or is none: see `ip netns`"},
    {ENOMEM, ANY, ANY, NULL, "the kernel is out of memory"},
    {ENODEV, ANY, ANY, NULL, "an interface that it needs is not there"},
    {ENOTCONN, CLASS_INTERFACE, ANY, NULL, "the other end of the pair is missing"},
    {ENETUNREACH, CLASS_ROUTE, ANY, NULL,
     "the gateway must be reachable over an interface that is up and has an address in the gateway's "
     "network; or say "
     "`onlink: true`"},
    {EHOSTUNREACH, CLASS_ROUTE, ANY, NULL, "the gateway must lie in a network that is directly connected"},
    {ENETDOWN, ANY, ANY, NULL, "the interface is down"},
    {ELOOP, CLASS_INTERFACE, ANY, NULL, "a bridge cannot be, by any way, a port of itself"},
    {EINVAL, ANY, ANY, NULL,
     "Linux does not take these values, or not together; `plexus plan --commands` shows the step to try by "
     "hand"},
};

static const char *const verbs[VERB_MAX] = {[VERB_ADD] = "add", [VERB_SET] = "change", [VERB_DEL] = "delete"};

static const char *hint_for(const struct step *step, const struct reply *reply, int error)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        const struct hint *hint = &hints[i];
        if (hint->error == -error &&
            (hint->class == ANY || hint->class == (int)step_object(step)->class->id) &&
            (hint->verb == ANY || hint->verb == (int)step->verb) &&
            (!hint->words || strstr(reply->text, hint->words)))
            return hint->hint;
    }
    return NULL;
}

int linux_refused(struct linux_door *door, const struct step *step, int error)
{
    const struct object *object = step_object(step);
    const struct reply *reply = &door->reply;
    struct text words CLEANUP_TEXT = {0};
    text_add(&words, error == -ECHILD ? "its program ended" : strerror(-error));
    if (reply->text[0])
        text_printf(&words, " (%s)", reply->text);
    if (reply->key)
        text_printf(&words, ", about `%s`", reply->key);
    const char *name = object->class->id == CLASS_NAMESPACE ? object->name : NULL;
    struct error *entry =
        errors_add(door->errors, &object->place, "cannot %s %s: %s%s", verbs[step->verb],
                   name ? arena_printf(&door->errors->arena, "namespace %s", name) : object->id,
                   object->class->flags & CLASS_FILE ? "" : "the kernel said: ", text_of(&words));
    const char *hint = hint_for(step, reply, error);
    if (hint)
        error_hint(door->errors, entry, "%s", hint);
    return error;
}
