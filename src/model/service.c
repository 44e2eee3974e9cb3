/* service: a program that runs in a namespace as long as the topology does: the dnsmasq of a network, the
 * DHCP client of an interface.
 *
 * The kernel has no such thing. It is a process that watches over the program
 * (src/kernel/linux/supervisor.c) and a folder below /run/plexus-services with what the program reads.
 * Its whole configuration is here as text, so that it is planned, shown, undone and compared like all
 * else. What is in `names`, `leases` and `options` the program reads again while it runs; another `config`
 * starts it anew. It outlives its namespace, as a process does, and is never somebody else's: who types
 * the command has a program of his own. */
#include "model/service.h"

#include <string.h>

#include "model/classes.h"
#include "model/words.h"

const struct name service_program_names[] = {
    {"dnsmasq", SERVICE_DNSMASQ}, {"dhcp-client", SERVICE_DHCP_CLIENT}, {NULL, 0}};

const struct name host_names_names[] = {
    {"none", HOST_NAMES_NONE}, {"resolved", HOST_NAMES_RESOLVED}, {"hosts", HOST_NAMES_HOSTS}, {NULL, 0}};

const struct name service_state_names[] = {
    {"running", SERVICE_RUNNING},     {"restarting", SERVICE_RESTARTING},
    {"elsewhere", SERVICE_ELSEWHERE}, {"outdated", SERVICE_OUTDATED},
    {"dead", SERVICE_DEAD},           {NULL, 0}};

const struct service_file service_files[] = {
    {"config", false}, {"names", true}, {"leases", true}, {"options", true}, {NULL, false}};

static const struct option options[] = {
    {
        .key = "name",
        .type = TYPE_TEXT,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .help = "What it does, and at which interface: there is one of that name in the namespace.",
    },
    {
        .key = "program",
        .type = TYPE_ENUM,
        .names = service_program_names,
        .change = CHANGE_RECREATE,
        .flags = OPTION_INTERNAL,
        .help = "What runs.",
    },
    {
        .key = "interface",
        .type = TYPE_DEVICE,
        .change = CHANGE_RECREATE,
        .flags = OPTION_INTERNAL,
        .help = "The interface on which it serves or asks.",
    },
    {
        .key = "network",
        .type = TYPE_TEXT,
        .change = CHANGE_BLINK,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "The network whose guests it answers.",
    },
    {
        .key = "config",
        .type = TYPE_LINES,
        .change = CHANGE_BLINK,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "What the program is told; a change starts it anew.",
    },
    {
        .key = "names",
        .type = TYPE_LINES,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "Addresses and names, as in hosts(5).",
    },
    {
        .key = "leases",
        .type = TYPE_LINES,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "Addresses that are kept for one client.",
    },
    {
        .key = "options",
        .type = TYPE_LINES,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "DHCP options that clients are told.",
    },
    {
        .key = "host-names",
        .type = TYPE_ENUM,
        .names = host_names_names,
        .change = CHANGE_BLINK,
        .flags = OPTION_INTERNAL,
        .fallback = "none",
        .help = "How the host learns the names.",
    },
    {
        .key = "domain",
        .type = TYPE_TEXT,
        .change = CHANGE_BLINK,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "The domain of the names.",
    },
    {
        .key = "server",
        .type = TYPE_IP,
        .change = CHANGE_BLINK,
        .flags = OPTION_INTERNAL,
        .fallback = "",
        .help = "The address at which it answers.",
    },
    {
        .key = "state",
        .type = TYPE_ENUM,
        .names = service_state_names,
        .flags = OPTION_INTERNAL,
        .fallback = "running",
        .help = "Whether it runs, with these files.",
    },
};

const char *service_folder(struct arena *arena, const char *ns, const char *name)
{
    return arena_printf(arena, SERVICES_DIR "/%s/%s", ns, name);
}

/* As a person would start it: in the background, with its process id in a file. */
static void add_start(const struct object *service, const char *folder, struct commands *out)
{
    char exec[300];
    struct text line CLEANUP_TEXT = {0};
    const char *config = object_text(service, "config");
    text_add(&line, words_exec(service->ns, exec, sizeof exec));
    if (service_is_client(service)) {
        text_printf(&line, "udhcpc -b -R -p %s/pid -i %s", folder, object_text(service, "interface"));
        if (config && strncmp(config, "hostname ", 9) == 0) {
            text_add(&line, " -x hostname:");
            text_add_n(&line, config + 9, strcspn(config + 9, "\n"));
        }
    } else {
        text_printf(&line, "dnsmasq --conf-file=%s/config", folder);
    }
    words_end(&line, out);
}

static void add_file(const struct object *service, const char *folder, const char *key, struct commands *out)
{
    struct text content CLEANUP_TEXT = {0}, word CLEANUP_TEXT = {0};
    const char *text = object_text(service, key);
    for (; text && *text; text++)
        text_add_n(&content,
                   *text == '\n'   ? "\\n"
                   : *text == '%'  ? "%%"
                   : *text == '\\' ? "\\\\"
                                   : text,
                   *text == '\n' || *text == '%' || *text == '\\' ? 2 : 1);
    text_add_quoted(&word, text_of(&content));
    commands_add(out, "printf %s > %s/%s", text_of(&word), folder, key);
}

static void add_files(const struct step *step, const struct object *service, const char *folder,
                      struct commands *out)
{
    for (const struct service_file *file = service_files; file->key; file++) {
        int i = object_find_option(service, file->key);
        if (i >= 0 && (step->verb == VERB_ADD ? service->values[i].form == VALUE_TEXT
                                              : step_changes(step, (unsigned)i)))
            add_file(service, folder, file->key, out);
    }
}

bool service_gives_addresses(const struct object *service)
{
    const char *config = service_is_client(service) ? NULL : object_text(service, "config");
    return config && strstr(config, "\ndhcp-range=");
}

bool service_is_reload(const struct step *step)
{
    for (unsigned i = 0; i < step->new->class->n_options; i++) {
        bool is_live = false;
        for (const struct service_file *file = service_files; file->key; file++)
            is_live |= file->is_live && strcmp(file->key, options[i].key) == 0;
        if (step_changes(step, i) && !is_live)
            return false;
    }
    return true;
}

static void commands(const struct step *step, struct commands *out)
{
    const struct object *service = step_object(step);
    struct arena arena = {0};
    const char *folder = service_folder(&arena, service->ns, service->name);
    bool reload = step->verb == VERB_SET && service_is_reload(step);
    if (step->verb == VERB_ADD)
        commands_add(out, "mkdir -p %s", folder);
    if (step->verb != VERB_DEL)
        add_files(step, service, folder, out);
    if (step->verb != VERB_ADD)
        commands_add(out, "kill %s$(cat %s/pid)", reload ? "-HUP " : "", folder);
    if (step->verb == VERB_DEL)
        commands_add(out, "rm -r %s", folder);
    else if (!reload)
        add_start(service, folder, out);
    arena_done(&arena);
}

const struct class class_service = {
    .id = CLASS_SERVICE,
    .name = "service",
    .plural = "services",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_MARKED | CLASS_FILE | CLASS_BRIEF,
    .deletion = 5,
    .help = "A program that runs in a namespace.",
    .commands = commands,
};
