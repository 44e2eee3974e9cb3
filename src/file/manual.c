/* The reference of all keys and options, in scdoc: sections of a file, keys of an interface, options of each
 * kind and class. The tables say everything, so the page cannot differ from the program. */
#include "file/manual.h"

#include <string.h>

#include "file/firewall.h"
#include "file/networks.h"

/* Text of a table, with what scdoc would take for markup made harmless: `x` becomes *x*. */
static void write_text(FILE *stream, const char *text)
{
    bool bold = false;
    for (; *text; text++) {
        if (*text == '`') {
            bold = !bold;
            fputc('*', stream);
        } else {
            if (strchr("\\*_#<>[]~", *text))
                fputc('\\', stream);
            fputc(*text, stream);
        }
    }
    if (bold)
        fputc('*', stream);
}

static void write_heading(FILE *stream, const char *level, const char *text)
{
    fprintf(stream, "%s %s\n\n", level, text);
}

static void write_item(FILE *stream, const char *key, const char *value, const char *help)
{
    fprintf(stream, "*%s*: ", key);
    write_text(stream, value);
    fputs("\n\t", stream);
    write_text(stream, help ? help : "");
}

static const char *const shape_words[SHAPE_MAX] = {
    [SHAPE_TEXT] = "a text",
    [SHAPE_NAME] = "a name",
    [SHAPE_WORDS] = "one or a list",
    [SHAPE_BOOL] = "true or false",
    [SHAPE_COUNT] = "a number from 1 to 4096",
    [SHAPE_KIND] = "a kind, see below",
    [SHAPE_REFERENCE] = "the name of an interface, or namespace/interface",
    [SHAPE_REFERENCES] = "names of interfaces",
    [SHAPE_IPS] = "one or a list of IP addresses",
    [SHAPE_VLAN] = "a number from 1 to 4094",
    [SHAPE_VLANS] = "a list of numbers and ranges, like 20-30",
    [SHAPE_ADDRESSES] = "a list of addresses, or of maps",
    [SHAPE_OBJECTS] = "a list of maps, see below",
    [SHAPE_ACCEPT_RA] = "true, false or forwarding",
    [SHAPE_SETTINGS] = "a map of values",
    [SHAPE_RESOLVER] = "a map, or a list of servers",
    [SHAPE_INTERFACES] = "a map of interfaces",
    [SHAPE_NAMESPACES] = "a map of namespaces",
    [SHAPE_FIREWALL] = "a map, see FIREWALL",
    [SHAPE_NETWORKS] = "a map of networks, see NETWORKS",
    [SHAPE_GUEST] = "names of networks, or a map",
    [SHAPE_GUEST_ONE] = "the name of a network, or a map",
};

static void write_keys(FILE *stream, unsigned at, unsigned not_at)
{
    for (const struct key *key = keys; key->key; key++) {
        if (!(key->at & at) || key->at & not_at)
            continue;
        write_item(stream, key->key, shape_words[key->shape], key->help);
        if (key->kind)
            fprintf(stream, " (%s)", key->kind);
        fputs("\n\n", stream);
    }
}

static void write_option(FILE *stream, const struct option *option)
{
    static const char *const changes[] = {
        [CHANGE_LIVE] = NULL,
        [CHANGE_BLINK] = "A change stops traffic for a moment.",
        [CHANGE_DOWN] = "A change takes the interface down for a moment.",
        [CHANGE_RECREATE] = "A change makes it anew.",
    };
    struct text expected CLEANUP_TEXT = {0};
    option_expects(option, &expected);
    write_item(stream, option->key, text_of(&expected), option->help);
    if (option->fallback && *option->fallback) {
        fputs(" Without it: ", stream);
        write_text(stream, option->fallback);
        fputs(".", stream);
    }
    if (option->flags & OPTION_REQUIRED)
        fputs(" Required.", stream);
    if (option->flags & OPTION_PORT)
        fputs(" Of a bridge port.", stream);
    if (changes[option->change] && !(option->flags & OPTION_KEY))
        fprintf(stream, " %s", changes[option->change]);
    fputs("\n\n", stream);
}

static void write_options(FILE *stream, const struct option *options, unsigned n, unsigned not_flags)
{
    for (unsigned i = 0; i < n; i++)
        if (!(options[i].flags & (not_flags | OPTION_INTERNAL)))
            write_option(stream, &options[i]);
}

static void write_interfaces(FILE *stream)
{
    const struct class *class = classes[CLASS_INTERFACE];
    write_heading(stream, "#", "INTERFACES");
    write_keys(stream, AT_INTERFACE, 0);
    for (unsigned i = 0; i < class->n_options; i++)
        if (!(class->options[i].flags & (OPTION_INTERNAL | OPTION_KEY)) &&
            !key_find(class->options[i].key, AT_INTERFACE))
            write_option(stream, &class->options[i]);
}

static void write_kinds(FILE *stream)
{
    write_heading(stream, "#", "KINDS OF INTERFACES");
    for (unsigned i = 0; kinds[i]; i++) {
        if (kinds[i] == &kind_other)
            continue;
        write_heading(stream, "##", kinds[i]->name);
        write_text(stream, kinds[i]->help ? kinds[i]->help : "");
        fputs("\n\n", stream);
        write_options(stream, kinds[i]->options, kinds[i]->n_options, 0);
    }
}

static void write_classes(FILE *stream)
{
    for (const struct key *key = keys; key->key; key++) {
        const struct class *class = classes[key->class];
        if (!key_has_maps(key))
            continue;
        write_heading(stream, "##", key->key);
        write_text(stream, class->help ? class->help : "");
        fputs("\n\n", stream);
        write_options(stream, class->options, class->n_options, 0);
        if (key->more)
            write_option(stream, key->more);
    }
}

static void write_firewall_keys(FILE *stream, const struct firewall_key *table)
{
    for (const struct firewall_key *key = table; key->key; key++) {
        struct text example CLEANUP_TEXT = {0};
        text_printf(&example, "for example `%s: %s`", key->key, key->example);
        write_item(stream, key->key, text_of(&example), key->help);
        fputs("\n\n", stream);
    }
}

static void write_firewall(FILE *stream)
{
    write_heading(stream, "#", "KEYS OF THE FIREWALL");
    write_firewall_keys(stream, firewall_keys);
    write_heading(stream, "##", "rules that are maps");
    write_firewall_keys(stream, firewall_rule_keys);
    write_heading(stream, "##", "services");
    for (const struct fw_known_service *known = fw_known_services; known->name; known++)
        fprintf(stream, "%s*%s* %s", known == fw_known_services ? "" : ", ", known->name, known->words);
    fputs(".\n\n", stream);
    write_heading(stream, "##", "kinds of ICMP");
    for (const struct fw_icmp *icmp = fw_icmps; icmp->name; icmp++)
        fprintf(stream, "%s*%s*", icmp == fw_icmps ? "" : ", ", icmp->name);
    fputs(".\n\n", stream);
}

static void write_networks(FILE *stream)
{
    write_heading(stream, "#", "KEYS OF NETWORKS");
    write_options(stream, network_options, NETWORK_OPTIONS, 0);
    write_heading(stream, "##", "a guest in a network");
    write_options(stream, guest_options, GUEST_OPTIONS, 0);
    write_heading(stream, "##", "dhcp of a network");
    write_options(stream, dhcp_options, DHCP_OPTIONS, 0);
    write_heading(stream, "##", "hosts of dhcp");
    write_options(stream, lease_options, LEASE_OPTIONS, 0);
    write_heading(stream, "##", "dns of a network");
    write_options(stream, dns_options, DNS_OPTIONS, 0);
}

void manual_write(FILE *stream)
{
    const struct class *class = classes[CLASS_NAMESPACE];
    write_heading(stream, "#", "SECTIONS");
    write_keys(stream, AT_TOP, 0);
    fputs(
        "At the top of the file, and only there, keys that begin with *x-* have no meaning: a place for YAML "
        "anchors.\n\n",
        stream);
    write_heading(stream, "#", "NAMESPACES");
    fputs("A namespace has the sections of the file (except *name*, *namespaces* and *expect*), and:\n\n",
          stream);
    write_keys(stream, AT_NAMESPACE, AT_TOP);
    write_options(stream, class->options, class->n_options, OPTION_KEY);
    write_interfaces(stream);
    write_kinds(stream);
    write_heading(stream, "#", "MAPS IN LISTS");
    write_classes(stream);
    write_networks(stream);
    write_firewall(stream);
}
