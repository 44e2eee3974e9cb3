/* What this kernel lacks of what a model uses.
 *
 * It is tried, not looked up: /proc/config.gz is often absent, and a module may be there or not. A child goes
 * into a new network namespace that nobody sees (as an ordinary user with a user namespace around it), asks
 * for each kind without any options, and for a bridge, whose answer shows by the attributes that are missing
 * what it was built without. A kind that the kernel has not is refused with EOPNOTSUPP before its options are
 * looked at; all other refusals mean that it is known. Trying may load a module, as using it would. Some then
 * make an interface by themselves, in the first namespace of the machine and of just the name that nearly
 * everyone uses (bond0): nobody asked for that, so it goes again.
 *
 * Where no such child can be made, nothing is said: what is missing then shows when it is run. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/linux/linux.h"
#include "kernel/linux/nft.h"
#include "model/check.h"

enum { KINDS_MAX = 64 };

/* Options of the kernel that show as an attribute of every bridge. */
static const struct {
    const char *config;
    uint16_t attr;
} of_bridges[] = {
    {"BRIDGE_VLAN_FILTERING", IFLA_BR_VLAN_DEFAULT_PVID},
    {"BRIDGE_IGMP_SNOOPING", IFLA_BR_MCAST_SNOOPING},
    {"BRIDGE_NETFILTER", IFLA_BR_NF_CALL_IPTABLES},
};
enum { N_OF_BRIDGES = sizeof of_bridges / sizeof of_bridges[0] };

/* What the child is asked, and what it answers. */
struct findings {
    bool kind[KINDS_MAX]; /* by place in kinds[] */
    bool of_bridge[N_OF_BRIDGES];
    uint32_t firewall; /* see nft_features.c */
};

static int place_of(const struct kind *kind)
{
    for (int i = 0; i < KINDS_MAX && kinds[i]; i++)
        if (kinds[i] == kind)
            return i;
    return -1;
}

static int feature_of(const char *config)
{
    for (int i = 0; i < N_OF_BRIDGES; i++)
        if (strcmp(of_bridges[i].config, config) == 0)
            return i;
    return -1;
}

/* Nearly every kernel that can run this has these, and a missing one shows soon enough. */
static bool is_taken_for_granted(const struct kind *kind)
{
    return kind->maker != MAKER_LINK || kind->flags & (KIND_PAIR | KIND_VLAN_PORTS);
}

static bool is_needy(const struct object *object, unsigned i)
{
    const struct option *option = object_option(object, i);
    const struct value *value = &object->values[i];
    if (!option->needs || !value_is_set(value))
        return false;
    const struct value fallback = option_fallback(option);
    return !value_equal(value, &fallback) && !(option->type == TYPE_BOOL && !value->number) &&
           feature_of(option->needs) >= 0;
}

/* Returns whether there is anything to ask. */
static bool gather(const struct model *model, struct findings *wanted)
{
    bool any = false;
    model_each(model, object)
    {
        int kind = object->kind && !is_taken_for_granted(object->kind) ? place_of(object->kind) : -1;
        if (kind >= 0)
            any = wanted->kind[kind] = true;
        for (unsigned i = 0; i < object_n_options(object); i++)
            if (is_needy(object, i))
                any = wanted->of_bridge[feature_of(object_option(object, i)->needs)] = true;
        wanted->firewall |= nft_features_of(object);
    }
    return any || wanted->firewall;
}

static int try_kind(int fd, struct message *message, const char *info_kind)
{
    struct reply reply;
    message_begin(message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    message_put_string(message, IFLA_IFNAME, "plexus-try");
    struct nlattr *info = message_nest(message, IFLA_LINKINFO);
    message_put_string(message, IFLA_INFO_KIND, info_kind);
    message_nest_end(message, info);
    return netlink_request(fd, message, &reply);
}

static void delete_link(int fd, struct message *message, const char *name)
{
    struct reply reply;
    message_begin(message, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    message_put_string(message, IFLA_IFNAME, name);
    netlink_request(fd, message, &reply);
}

/* `lacking` gets what a bridge does not show. */
static void try_bridge(int fd, struct message *message, struct findings *lacking)
{
    const struct nlattr *attrs[IFLA_LINKINFO + 1], *info[IFLA_INFO_MAX + 1], *data[IFLA_BR_MAX + 1];
    struct dump dump = {0};
    struct reply reply;
    if (try_kind(fd, message, "bridge") < 0)
        return;
    message_begin(message, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
    message_put_string(message, IFLA_IFNAME, "plexus-try");
    int r = netlink_dump(fd, message, &dump, &reply);
    const struct nlmsghdr *m = r == 0 ? dump_next(dump.data, dump.length, NULL) : NULL;
    if (m) {
        attrs_of_message(m, sizeof(struct ifinfomsg), attrs, IFLA_LINKINFO);
        attrs_of_nest(attrs[IFLA_LINKINFO], info, IFLA_INFO_MAX);
        attrs_of_nest(info[IFLA_INFO_DATA], data, IFLA_BR_MAX);
        for (unsigned i = 0; i < N_OF_BRIDGES; i++)
            lacking->of_bridge[i] = !data[of_bridges[i].attr];
    }
    dump_done(&dump);
    delete_link(fd, message, "plexus-try");
}

/* In the child: tries, and answers on the pipe. */
static void try_all(const struct findings *wanted, struct message *message, int answer)
{
    struct findings lacking = {0};
    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return;
    int fd = netlink_open(NETLINK_ROUTE);
    if (fd < 0)
        return;
    for (unsigned i = 0; i < KINDS_MAX && kinds[i]; i++) {
        int r = wanted->kind[i] ? try_kind(fd, message, kinds[i]->info_kind) : -EINVAL;
        lacking.kind[i] = r == -EOPNOTSUPP;
        if (r == 0)
            delete_link(fd, message, "plexus-try");
    }
    try_bridge(fd, message, &lacking);
    lacking.firewall = nft_features_missing(wanted->firewall);
    (void)!write(answer, &lacking, sizeof lacking);
}

/* Asks a child. False: it could not answer. */
static bool ask_child(struct linux_door *door, const struct findings *wanted, struct findings *ret_lacking)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        try_all(wanted, &door->message, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    bool answered =
        child > 0 && read(ends[0], ret_lacking, sizeof *ret_lacking) == (ssize_t)sizeof *ret_lacking;
    close(ends[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return answered;
}

/* Notes which of the interfaces that come with a module are there. */
static void note_companions(const struct netns *home, const struct findings *wanted, bool *ret_there)
{
    for (int i = 0; i < KINDS_MAX && kinds[i]; i++) {
        const char *name = wanted->kind[i] ? kinds[i]->comes_with : NULL;
        ret_there[i] = name && netns_ifindex(home, name) >= 0;
    }
}

/* Deletes those that were not there before. */
static void sweep_companions(const struct netns *home, struct message *message, const struct findings *wanted,
                             const bool *before)
{
    bool there[KINDS_MAX] = {0};
    note_companions(home, wanted, there);
    for (int i = 0; i < KINDS_MAX && kinds[i]; i++)
        if (there[i] && !before[i])
            delete_link(home->route, message, kinds[i]->comes_with);
}

static void say_kind(const struct object *object, struct errors *errors)
{
    const struct kind *kind = object->kind;
    struct error *error = errors_add(errors, &object->place, "this kernel has no %s interfaces%s%s%s",
                                     kind->name, kind->config ? " (CONFIG_" : "",
                                     kind->config ? kind->config : "", kind->config ? ")" : "");
    error_hint(errors, error,
               "use a kernel that was built with it, or install the modules of the running one");
}

static void say_option(const struct object *object, const struct option *option, struct errors *errors)
{
    struct error *error = errors_add(errors, &object->place, "this kernel does not know `%s` (CONFIG_%s)",
                                     option->key, option->needs);
    error_hint(errors, error, "use a kernel that was built with it, or leave `%s` away", option->key);
}

int linux_lacks(struct door *door, const struct model *model, struct errors *errors)
{
    struct linux_door *linux_door = linux_door_of(door);
    const struct netns *home = linux_door->namespaces.home;
    struct findings wanted = {0}, lacking = {0};
    bool companions[KINDS_MAX] = {0};
    int r = sysctls_lack(model, errors), services = services_lack(model, errors);
    r = r < 0 ? r : services;
    if (r < 0)
        check_sort(errors);
    if (!gather(model, &wanted))
        return r;
    note_companions(home, &wanted, companions);
    if (!ask_child(linux_door, &wanted, &lacking))
        return r;
    sweep_companions(home, &linux_door->message, &wanted, companions);
    model_each(model, object)
    {
        int kind = object->kind ? place_of(object->kind) : -1;
        if (kind >= 0 && lacking.kind[kind]) {
            say_kind(object, errors);
            lacking.kind[kind] = false; /* once is enough */
            r = -EOPNOTSUPP;
        }
        uint32_t missing = lacking.firewall ? nft_features_of(object) & lacking.firewall : 0;
        if (missing) {
            nft_features_say(object, missing, errors);
            lacking.firewall &= ~missing;
            r = -EOPNOTSUPP;
        }
        for (unsigned i = 0; i < object_n_options(object); i++) {
            int feature = is_needy(object, i) ? feature_of(object_option(object, i)->needs) : -1;
            if (feature < 0 || !lacking.of_bridge[feature])
                continue;
            say_option(object, object_option(object, i), errors);
            lacking.of_bridge[feature] = false;
            r = -EOPNOTSUPP;
        }
    }
    if (r < 0)
        check_sort(errors);
    return r;
}
