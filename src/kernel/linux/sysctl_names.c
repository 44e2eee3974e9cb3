/* Whether there are settings of the names that a model uses, and whether they take what they shall be: before
 * it is run, when nothing has to be taken back yet.
 *
 * They are looked for below /proc/sys of the namespace of the door; that of another has no more. What
 * belongs to an interface comes with it, so the setting is looked for at `default`, and the interface in the
 * model. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/names.h"
#include "kernel/linux/linux.h"
#include "model/sysctl.h"

#define ROOT "/proc/sys/"

static bool is_there(const char *name)
{
    struct text path CLEANUP_TEXT = {0};
    text_printf(&path, ROOT "%s", name);
    return access(text_of(&path), F_OK) == 0;
}

/* "eth0" in net/ipv4/conf/eth0/rp_filter, and that setting at `default`; false: it is of no interface. */
static bool split(struct errors *errors, const char *name, const char **ret_interface,
                  const char **ret_general)
{
    static const char *const trees[] = {"/conf/", "/neigh/"};
    for (unsigned i = 0; i < sizeof trees / sizeof *trees; i++) {
        const char *tree = strstr(name, trees[i]);
        const char *interface = tree ? tree + strlen(trees[i]) : NULL;
        const char *rest = interface ? strchr(interface, '/') : NULL;
        if (!rest)
            continue;
        *ret_interface = arena_strndup(&errors->arena, interface, (size_t)(rest - interface));
        *ret_general = arena_printf(&errors->arena, "%.*sdefault%s", (int)(interface - name), name, rest);
        return strcmp(*ret_interface, "all") != 0 && strcmp(*ret_interface, "default") != 0;
    }
    return false;
}

/* The first part of the path that is not there is replaced by the nearest that is; NULL: none is near. */
static const char *nearest_name(struct errors *errors, const char *name)
{
    char *path = arena_printf(&errors->arena, ROOT "%s", name);
    char *part = path + strlen(ROOT);
    for (char *slash; (slash = strchr(part, '/')); part = slash + 1) {
        *slash = '\0';
        bool there = access(path, F_OK) == 0;
        *slash = '/';
        if (!there)
            break;
    }
    size_t length = strcspn(part, "/");
    const char *word = arena_strndup(&errors->arena, part, length);
    struct nearest nearest = {.word = word};
    DIR *folder = opendir(arena_strndup(&errors->arena, path, (size_t)(part - path)));
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            nearest_offer(&nearest, arena_strdup(&errors->arena, entry->d_name));
    if (folder)
        closedir(folder);
    const char *found = nearest.best ? arena_printf(&errors->arena, "%.*s%s%s", (int)(part - path), path,
                                                    nearest.best, part + length) +
                                           strlen(ROOT)
                                     : NULL;
    return found && is_there(found) ? found : NULL;
}

/* As sysctl(8) has it: with dots, unless a part has one itself. */
static const char *dotted(struct errors *errors, const char *name)
{
    char *text = arena_strdup(&errors->arena, name);
    for (char *c = text; !strchr(name, '.') && *c; c++)
        *c = *c == '/' ? '.' : *c;
    return text;
}

static void refuse(const struct object *sysctl, const char *looked_for, const char *interface,
                   struct errors *errors)
{
    const char *name = dotted(errors, sysctl->name);
    struct error *error = errors_add(errors, &sysctl->place, "there is no setting `%s` in /proc/sys", name);
    const char *nearest = nearest_name(errors, looked_for);
    const char *at = nearest && interface ? strstr(nearest, "/default/") : NULL;
    if (at)
        nearest = arena_printf(&errors->arena, "%.*s/%s/%s", (int)(at - nearest), nearest, interface,
                               at + strlen("/default/"));
    if (nearest)
        error_hint(errors, error, "did you mean `%s`?", dotted(errors, nearest));
    else
        error_hint(errors, error, "`sysctl -a` lists all; some come with a module that is not loaded");
}

static bool has_only(const char *text, const char *characters)
{
    return text[strspn(text, characters)] == '\0';
}

/* One, or several with spaces between. */
static bool is_number(const char *value)
{
    return isdigit((unsigned char)value[*value == '-']) && has_only(value + 1, "0123456789 ");
}

/* `there`: a setting of the same kind that can be read. What is no number now may be anything. */
static int check_value(const struct object *sysctl, const char *there, struct errors *errors)
{
    char present[SYSCTL_SIZE];
    const char *value = object_text(sysctl, "value");
    bool may_be = !value || has_only(value, "0123456789-, "); /* where lists are taken, one is a number */
    if (may_be || sysctl_is_mask(sysctl->name) || !sysctl_read(there, present) || !is_number(present))
        return 0;
    struct error *error = errors_add(errors, &sysctl->place, "`%s` cannot be `%s`: expected a number",
                                     dotted(errors, sysctl->name), value);
    error_hint(errors, error, "at present `%s` is %s", dotted(errors, there), present);
    return -EOPNOTSUPP;
}

static int look(const struct model *model, const struct object *sysctl, struct errors *errors)
{
    const char *interface = NULL, *general = NULL;
    if (!split(errors, sysctl->name, &interface, &general)) {
        if (is_there(sysctl->name))
            return check_value(sysctl, sysctl->name, errors);
        refuse(sysctl, sysctl->name, NULL, errors);
        return -EOPNOTSUPP;
    }
    const struct object *ns = model_get(model, CLASS_NAMESPACE, HOST, sysctl->ns);
    bool is_host = strcmp(sysctl->ns, HOST) == 0;
    if (!is_there(general) && !(is_host && is_there(sysctl->name))) {
        refuse(sysctl, general, interface, errors);
        return -EOPNOTSUPP;
    }
    if (model_interface(model, sysctl->ns, interface) || strcmp(interface, "lo") == 0 ||
        (ns && object_is_attached(ns)) || (is_host && is_there(sysctl->name)))
        return check_value(sysctl, is_there(general) ? general : sysctl->name, errors);
    struct error *error =
        errors_add(errors, &sysctl->place, "there is no interface `%s`, which has the setting `%s`",
                   interface, dotted(errors, sysctl->name));
    error_hint(errors, error, "say it in `sysctls` of an interface, or for all: `%s`",
               dotted(errors, arena_printf(&errors->arena, "%.*sall%s",
                                           (int)(strstr(general, "/default/") + 1 - general), general,
                                           strstr(general, "/default/") + strlen("/default"))));
    return -EOPNOTSUPP;
}

int sysctls_lack(const struct model *model, struct errors *errors)
{
    int r = 0;
    if (!is_there("net/core")) /* nothing is to be seen here */
        return 0;
    model_each(model, object)
    {
        int one = object->class->id == CLASS_SYSCTL ? look(model, object, errors) : 0;
        r = one < 0 ? one : r;
    }
    return r;
}
