/* resolver: the DNS servers of a namespace. The kernel has no such thing: it is the file
 * /etc/netns/NS/resolv.conf, which `ip netns exec` mounts over /etc/resolv.conf for the program that it
 * starts. The libc reads three servers and ignores the rest. The host has none: its /etc/resolv.conf is
 * written by other programs (see check.c). */
#include <string.h>

#include "model/classes.h"
#include "model/words.h"

static const struct option options[] = {
    {
        .key = "name",
        .type = TYPE_TEXT,
        .flags = OPTION_KEY | OPTION_INTERNAL,
        .change = CHANGE_RECREATE,
        .help = "Always `resolver`.",
    },
    {
        .key = "servers",
        .type = TYPE_IP,
        .flags = OPTION_LIST,
        .fallback = "",
        .help = "The addresses of DNS servers, in the order in which they are asked; the first three count.",
    },
    {
        .key = "search",
        .type = TYPE_TEXT,
        .flags = OPTION_LIST,
        .fallback = "",
        .help = "Domains that are tried behind names without a dot.",
    },
};

/* For printf(1): "nameserver A\nnameserver B\nsearch x y\n". */
static void add_content(struct text *content, const struct object *resolver)
{
    const char *servers = object_text(resolver, "servers"), *search = object_text(resolver, "search");
    while (servers && *servers) {
        size_t length = strcspn(servers, ",");
        text_printf(content, "nameserver %.*s\\n", (int)length, servers);
        servers += length + (servers[length] == ',');
    }
    if (!search || !*search)
        return;
    text_add(content, "search ");
    for (; *search; search++)
        text_add_n(content, *search == ',' ? " " : search, 1);
    text_add(content, "\\n");
}

static void commands(const struct step *step, struct commands *out)
{
    const struct object *resolver = step_object(step);
    struct text content CLEANUP_TEXT = {0}, word CLEANUP_TEXT = {0}, folder CLEANUP_TEXT = {0};
    text_printf(&folder, "/etc/netns/%s", resolver->ns);
    if (step->verb == VERB_DEL) {
        commands_add(out, "rm -f %s/resolv.conf", text_of(&folder));
        commands_add(out, "rmdir --ignore-fail-on-non-empty %s", text_of(&folder));
        return;
    }
    add_content(&content, resolver);
    text_add_quoted(&word, text_of(&content));
    if (step->verb == VERB_ADD)
        commands_add(out, "mkdir -p %s", text_of(&folder));
    commands_add(out, "printf %s > %s/resolv.conf", text_of(&word), text_of(&folder));
}

const struct class class_resolver = {
    .id = CLASS_RESOLVER,
    .name = "resolver",
    .plural = "resolvers",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .flags = CLASS_FILE | CLASS_BRIEF,
    .deletion = 70,
    .help = "The DNS servers of a namespace.",
    .commands = commands,
};
