/* Settings of the kernel (sysctls), said by their names or by a word of their own, and the resolver.
 *
 * Only names below net/ are taken: a network file must not change the rest of a machine. As with sysctl(8),
 * the first separator decides: net.ipv4.ip_forward has its dots read as slashes,
 * net/ipv4/conf/eth0.10/forwarding is a path. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file/reader.h"
#include "model/network.h"
#include "model/sysctl.h"

static void put_setting(struct reader *r, struct scope *scope, const struct entry *entry, const char *name,
                        const char *value, const struct place *place)
{
    struct object *sysctl = model_new(r->model, classes[CLASS_SYSCTL], NULL, scope->ns);
    object_set_text(r->model, sysctl, "name", name);
    object_set_text(r->model, sysctl, "value", value);
    if (entry)
        object_set_text(r->model, sysctl, "dev", entry->name);
    object_put(r, sysctl, place);
}

/* With slashes. A dot after the first separator was a dot may stand for a slash in a name: eth0/10. */
static const char *setting_path(struct reader *r, const char *name)
{
    char *path = arena_strdup(r->arena, name);
    size_t first = strcspn(path, "./");
    if (path[first] != '.')
        return path;
    for (char *c = path; *c; c++)
        *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
    return path;
}

static bool path_is_safe(const char *path)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:@/";
    size_t length = strlen(path);
    return strncmp(path, "net/", 4) == 0 && strspn(path, safe) == length && !strstr(path, "/.") &&
           !strstr(path, "//") && path[length - 1] != '/';
}

/* "ipv4/rp_filter" of eth0 is net/ipv4/conf/eth0/rp_filter, "ipv4/neigh/..." is below net/ipv4/neigh/eth0. */
static const char *path_in_interface(struct reader *r, const struct entry *entry, const char *path)
{
    if (strncmp(path, "ipv4/", 5) != 0 && strncmp(path, "ipv6/", 5) != 0)
        return path;
    const char *rest = path + 5;
    bool neighbours = strncmp(rest, "neigh/", 6) == 0;
    return arena_printf(r->arena, "net/%.4s/%s/%s/%s", path, neighbours ? "neigh" : "conf", entry->name,
                        neighbours ? rest + 6 : rest);
}

static bool belongs_to(const char *path, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = path; (at = strchr(at, '/')); at++)
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '/')
            return true;
    return false;
}

static const char *setting_name(struct reader *r, const struct entry *entry, const struct node *key)
{
    const char *path = setting_path(r, key->text);
    if (entry)
        path = path_in_interface(r, entry, path);
    if (!path_is_safe(path)) {
        struct error *error =
            errors_add(r->errors, &key->place, "`%s` is not a setting of the network", key->text);
        error_hint(r->errors, error,
                   entry ? "expected a name like `ipv4.rp_filter` or `net.ipv4.conf.eth0.rp_filter`"
                         : "expected a name that begins with `net.`, like `net.ipv4.ip_forward`");
        return NULL;
    }
    if (entry && !belongs_to(path, entry->name)) {
        const char *scope_kind = entry->scope == &r->host ? "host" : "namespace";
        struct error *error =
            errors_add(r->errors, &key->place, "`%s` is not a setting of `%s`", key->text, entry->name);
        error_hint(r->errors, error, "say it in `sysctls` of the %s", scope_kind);
        return NULL;
    }
    return sysctl_plain(path);
}

/* Values
 *
 * The kernel reads numbers in decimal, hexadecimal (0x40) or octal (010) and tells them in decimal, with
 * white space of its own between several: what is kept is what it will tell. */

static bool refuse_bool(struct reader *r, const struct pair *setting)
{
    static const struct name switches[] = {{"true", 1}, {"yes", 1}, {"on", 1}, {"false", 0},
                                           {"no", 0},   {"off", 0}, {NULL, -1}};
    const char *word = setting->value->text;
    const struct name *meant = switches;
    while (meant->name && strcasecmp(meant->name, word) != 0)
        meant++;
    if (!meant->name)
        return false;
    struct error *error = errors_add(r->errors, &setting->value->place,
                                     "`%s` cannot be `%s`: expected a number", setting->key->text, word);
    error_hint(r->errors, error, "settings are written as the kernel has them: %d", (int)meant->value);
    return true;
}

static void add_as_told(struct text *out, const char *word, size_t length)
{
    char *end = NULL;
    const char *digits = word + (*word == '-');
    errno = 0;
    unsigned long long number = isdigit((unsigned char)*digits) ? strtoull(digits, &end, 0) : 0;
    if (!isdigit((unsigned char)*digits) || errno || end != word + length)
        text_add_n(out, word, length);
    else
        text_printf(out, "%s%llu", *word == '-' ? "-" : "", number);
}

/* NULL after a mistake, which is told. */
static const char *setting_value(struct reader *r, const struct pair *setting, const char *path)
{
    static const char spaces[] = " \t";
    struct text value CLEANUP_TEXT = {0};
    const char *text = setting->value->text;
    if (strpbrk(text, "\n\r")) {
        errors_add(r->errors, &setting->value->place, "the value of a setting is one line");
        return NULL;
    }
    if (refuse_bool(r, setting))
        return NULL;
    for (const char *at = text; *(at += strspn(at, spaces)); at += strcspn(at, spaces)) {
        text_add(&value, value.length ? " " : "");
        if (sysctl_is_mask(path))
            text_add_n(&value, at, strcspn(at, spaces));
        else
            add_as_told(&value, at, strcspn(at, spaces));
    }
    return arena_strdup(r->arena, text_of(&value));
}

void read_sysctls(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    if (node_is_null(pair->value) ||
        !want_form(r, pair->value, NODE_MAP, "sysctls",
                   entry ? "sysctls: {ipv4.rp_filter: 0}" : "sysctls: {net.ipv4.ip_forward: 1}"))
        return;
    for (size_t i = 0; i < pair->value->n; i++) {
        const struct pair *setting = &pair->value->pairs[i];
        const char *name = setting_name(r, entry, setting->key);
        if (!name || !want_word(r, setting->value, setting->key->text))
            continue;
        const char *value = setting_value(r, setting, name);
        if (value)
            put_setting(r, scope, entry, name, value, &setting->key->place);
    }
}

/* Words of their own */

static const struct option boolean = {.key = "", .type = TYPE_BOOL};

static bool read_bool(struct reader *r, const struct pair *pair, bool *ret_said)
{
    struct option option = boolean;
    struct value value;
    option.key = pair->key->text;
    if (!value_read(r, &option, pair->value, &value))
        return false;
    *ret_said = value.number;
    return true;
}

bool ipv6_is_lacking(const struct reader *r)
{
    return r->there && r->there->lacks_ipv6 && r->there->lacks_ipv6(r->there->userdata);
}

void read_forwarding(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    bool said;
    (void)entry;
    if (!read_bool(r, pair, &said))
        return;
    put_setting(r, scope, NULL, "net/ipv4/ip_forward", said ? "1" : "0", &pair->key->place);
    if (!ipv6_is_lacking(r))
        put_setting(r, scope, NULL, "net/ipv6/conf/all/forwarding", said ? "1" : "0", &pair->key->place);
}

static void put_ipv6(struct reader *r, struct scope *scope, const struct entry *entry, const char *name,
                     const char *value, const struct pair *pair)
{
    const char *path = arena_printf(r->arena, "net/ipv6/conf/%s/%s", entry->name, name);
    put_setting(r, scope, entry, path, value, &pair->key->place);
}

void read_ipv6(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    bool said;
    if (read_bool(r, pair, &said) && (said || !ipv6_is_lacking(r)))
        put_ipv6(r, scope, entry, "disable_ipv6", said ? "0" : "1", pair);
}

void read_ipv6_privacy(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    bool said;
    if (read_bool(r, pair, &said))
        put_ipv6(r, scope, entry, "use_tempaddr", said ? "2" : "0", pair);
}

void read_accept_ra(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    static const struct name names[] = {{"true", 1}, {"false", 0}, {"yes", 1},        {"no", 0},
                                        {"on", 1},   {"off", 0},   {"forwarding", 2}, {NULL, 0}};
    static const char *const values[] = {"0", "1", "2"};
    static const struct option option = {.key = "accept-ra", .type = TYPE_ENUM, .names = names};
    struct value value;
    if (value_read(r, &option, pair->value, &value))
        put_ipv6(r, scope, entry, "accept_ra", values[value.number], pair);
}

/* `dns: {servers: [10.0.0.53], search: [lab]}`, or only the servers. */
void read_dns(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    const struct node *map = pair->value;
    (void)entry;
    if (node_is_null(map))
        return;
    if (!node_is_map(map)) {
        struct node *made = node_new(r->arena, NODE_MAP, &map->place);
        node_add_pair(r->arena, made, node_new_scalar(r->arena, "servers", &map->place), pair->value);
        map = made;
    }
    struct object *resolver = object_read(r, scope, NULL, CLASS_RESOLVER, map);
    if (!resolver)
        return;
    object_set_text(r->model, resolver, "name", "resolver");
    object_put(r, resolver, &pair->key->place);
}
