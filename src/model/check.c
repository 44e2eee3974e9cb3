/* The semantic check: what a model says that cannot be, or cannot be meant. It needs no kernel, goes over
 * the whole model, and tells everything it finds. Here are names, required options, ranges, the kinds' own
 * checks, resolvers and expectations. The other parts:
 *
 * - check_links.c: master, peer and parent: that they exist and fit; loops
 * - check_ports.c: what is said of bridge ports: VLANs, port options, how many
 * - check_addresses.c: addresses: once each, and fitting what they are on
 * - check_gateways.c: that gateways can be reached
 * - check_networks.c: subnets that overlap what the host has elsewhere
 * - check_firewall.c: rules that never match, zones that overlap, forwarding */
#include "model/check.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/checker.h"
#include "model/reference.h"
#include "model/service.h"

enum { INTERFACE_NAME_MAX = 15, NAMESPACE_NAME_MAX = 64 };

const struct object *check_reference(const struct checker *c, const struct object *object, const char *key)
{
    const char *reference = object_text(object, key);
    return reference ? model_interface_ref(c->model, reference) : NULL;
}

bool check_known(struct checker *c, const char *reference)
{
    if (model_interface_ref(c->model, reference))
        return true;
    return c->broken && map_has(c->broken, arena_printf(&c->arena, "interface %s", reference));
}

const char *check_a_kind(struct checker *c, const struct object *interface)
{
    const char *name = interface->kind->name;
    return arena_printf(&c->arena, "%s %s", text_article(name), name);
}

bool check_skips_ns(struct checker *c, const char *ns)
{
    return c->broken && map_has(c->broken, arena_printf(&c->arena, "namespace %s/%s", HOST, ns));
}

bool check_exists(struct checker *c, const char *ns)
{
    if (strcmp(ns, HOST) == 0 || check_skips_ns(c, ns))
        return true;
    const struct object *object = model_get(c->model, CLASS_NAMESPACE, HOST, ns);
    return object && object_is_attached(object);
}

const struct object *check_bridge(const struct checker *c, const struct object *interface,
                                  const struct object **ret_port)
{
    *ret_port = interface;
    if (is_bridge(interface))
        return interface;
    const struct object *master = check_reference(c, interface, "master");
    if (!master) {
        *ret_port = check_reference(c, interface, "peer");
        master = *ret_port ? check_reference(c, *ret_port, "master") : NULL;
    }
    return master && is_bridge(master) ? master : NULL;
}

/* Names */

/* Why Linux takes no interface of that name; NULL: it does. */
static const char *interface_name_fault(struct checker *c, const char *name)
{
    size_t length = strlen(name);
    if (!length)
        return "it is empty";
    if (length > INTERFACE_NAME_MAX)
        return arena_printf(&c->arena, "it has %zu characters, and Linux takes %d", length,
                            INTERFACE_NAME_MAX);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "it would be a folder in /sys";
    if (strcmp(name, "all") == 0 || strcmp(name, "default") == 0)
        return "its settings would be those of all interfaces";
    for (const char *at = name; *at; at++) {
        if (*at == '/' || *at == ':' || *at == '%')
            return arena_printf(&c->arena, "it contains `%c`", *at);
        if (isspace((unsigned char)*at) || iscntrl((unsigned char)*at))
            return "it contains a space or control character";
    }
    return NULL;
}

static const char *namespace_name_fault(struct checker *c, const char *name)
{
    size_t length = strlen(name);
    if (!length)
        return "it is empty";
    if (length > NAMESPACE_NAME_MAX)
        return arena_printf(&c->arena, "it has %zu characters, and at most %d are taken", length,
                            NAMESPACE_NAME_MAX);
    if (strcmp(name, HOST) == 0)
        return "that is the host itself";
    if (strncmp(name, "plexus-", strlen("plexus-")) == 0)
        return "Plexus keeps such names for itself";
    if (name[0] == '.' || name[0] == '-')
        return arena_printf(&c->arena, "it begins with `%c`", name[0]);
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            return "only letters, digits, `-`, `_` and `.` are taken";
    return NULL;
}

static void check_names(struct checker *c)
{
    check_each(c, object)
    {
        const char *fault = NULL;
        bool is_namespace = object->class->id == CLASS_NAMESPACE;
        if (is_namespace)
            fault = namespace_name_fault(c, object->name);
        else if (object->class->id == CLASS_INTERFACE)
            fault = interface_name_fault(c, object->name);
        if (fault)
            errors_add(c->errors, &object->place, "%s cannot be called `%s`: %s",
                       is_namespace ? "a namespace" : "an interface", object->name, fault);
        if (!is_namespace || !object_has(object, "path") || !object_has(object, "pid"))
            continue;
        struct error *error =
            errors_add(c->errors, &object->place, "namespace `%s` has both `path` and `pid`", object->name);
        error_hint(c->errors, error, "each says which one to attach: keep one of them");
    }
}

/* What is attached gets one name: two would be one namespace under both. */
static void check_origins(struct checker *c)
{
    CLEANUP_MAP struct map names = {0};
    check_each(c, object)
    {
        if (object->class->id != CLASS_NAMESPACE || !object_is_attached(object))
            continue;
        const char *path = object_text(object, "path");
        if (!path)
            path = arena_printf(&c->arena, "/proc/%lld/ns/net", (long long)object_number(object, "pid", 0));
        const struct object *other = map_get(&names, path);
        map_set(&names, path, (void *)object);
        if (!other)
            continue;
        struct error *error =
            errors_add(c->errors, &object->place, "`%s` and `%s` would be one namespace: %s", other->name,
                       object->name, path);
        error_hint(c->errors, error, "with `count`, `{n}` in the path stands for the number");
    }
}

/* Options */

static void check_required(struct checker *c, const struct object *object)
{
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        if (!(option->flags & OPTION_REQUIRED) || value_is_set(&object->values[i]))
            continue;
        struct error *error =
            errors_add(c->errors, &object->place, "%s `%s` needs `%s`",
                       object->kind ? object->kind->name : object->class->name, object->name, option->key);
        struct text expected CLEANUP_TEXT = {0};
        option_expects(option, &expected);
        error_hint(c->errors, error, "%s", text_of(&expected));
    }
}

static void check_ranges(struct checker *c, const struct object *object)
{
    for (unsigned i = 0; i < object_n_options(object); i++) {
        const struct option *option = object_option(object, i);
        const struct value *value = &object->values[i];
        if (option->type != TYPE_NUMBER || value->form != VALUE_NUMBER || (!option->min && !option->max) ||
            (value->number >= option->min && value->number <= option->max) ||
            (option->names && names_format(option->names, value->number)))
            continue;
        errors_add(c->errors, &object->place, "`%s` cannot be %lld: expected a number from %lld to %lld",
                   option->key, (long long)value->number, (long long)option->min, (long long)option->max);
    }
}

static void check_options(struct checker *c)
{
    check_each(c, object)
    {
        if (check_skips(c, object))
            continue;
        check_required(c, object);
        check_ranges(c, object);
        if (object->kind && object->kind->check)
            object->kind->check(object, c->errors);
    }
}

/* Resolvers */

static void check_resolvers(struct checker *c)
{
    check_each(c, object)
    {
        if (object->class->id != CLASS_RESOLVER || strcmp(object->ns, HOST) != 0)
            continue;
        struct error *error = errors_add(c->errors, &object->place,
                                         "the host's DNS servers are not Plexus' to set: other programs "
                                         "write /etc/resolv.conf");
        error_hint(c->errors, error,
                   "say `dns` in a namespace; the host's are set by systemd-resolved or NetworkManager");
    }
}

/* Expectations */

static bool is_somewhere(const struct checker *c, const char *name, bool also_interfaces)
{
    struct ip ip;
    if (strcmp(name, HOST) == 0 || model_get(c->model, CLASS_NAMESPACE, HOST, name))
        return true;
    return also_interfaces && (model_interface_ref(c->model, name) || ip_parse(name, &ip) == 0);
}

/* Whether all addresses of a namespace are known: it is made new, was read well, and takes none from router
 * advertisements. */
static bool addresses_known(struct checker *c, const char *ns)
{
    if (check_exists(c, ns))
        return false;
    for (const struct object *o = map_get(&c->model->namespaces, ns); o; o = o->next_in_ns) {
        bool takes = o->class->id == CLASS_SYSCTL && strstr(o->name, "/accept_ra") &&
                     object_text(o, "value") && strcmp(object_text(o, "value"), "0") != 0;
        takes |= o->class->id == CLASS_SERVICE && service_is_client(o);
        if (takes || check_skips(c, o))
            return false;
    }
    return true;
}

/* An address that probes go to: those of `lo` and link-local ones are not tried (src/apply/expect.c). */
static bool can_be_probed(const struct object *address, const char *dev)
{
    const char *text = object_text(address, "address");
    const char *on = object_text(address, "dev");
    return text && on && !ip_text_is_link_local(text) && strcmp(on, "lo") != 0 &&
           (!dev || strcmp(on, dev) == 0);
}

static void check_target(struct checker *c, const struct expectation *e)
{
    struct ip ip;
    if (ip_parse(e->to, &ip) == 0)
        return;
    struct text of CLEANUP_TEXT = {0};
    const char *dev = reference_ns(e->to, &of) ? reference_name(e->to) : NULL;
    const char *ns = dev ? text_of(&of) : e->to;
    bool any = false;
    if (!addresses_known(c, ns))
        return;
    for (const struct object *o = map_get(&c->model->namespaces, ns); o; o = o->next_in_ns) {
        if (o->class->id == CLASS_ADDRESS && can_be_probed(o, dev))
            return;
        any |= o->class->id == CLASS_ADDRESS && (!dev || strcmp(object_text(o, "dev"), dev) == 0);
    }
    struct error *error =
        e->reachable
            ? errors_add(c->errors, &e->place, "`%s` has no address, so nothing can reach it", e->to)
            : errors_warn(c->errors, &e->place, "`%s` has no address, so nothing can reach it anyway", e->to);
    if (any)
        error_hint(c->errors, error,
                   "link-local addresses and those of `lo` are not tried; name the address itself");
    else if (e->reachable)
        error_hint(
            c->errors, error,
            "say `addresses` in one of its interfaces; or `accept-ra: true`, if a router gives it some");
}

static void check_expectations(struct checker *c)
{
    for (const struct expectation *e = c->topology->expectations; e; e = e->next) {
        const char *unknown = !is_somewhere(c, e->from, false) ? e->from
                              : !is_somewhere(c, e->to, true)  ? e->to
                                                               : NULL;
        if (unknown && !c->broken)
            errors_add(c->errors, &e->place, "there is nothing called `%s`", unknown);
        else if (!unknown)
            check_target(c, e);
    }
}

/* The whole */

int check_topology(const struct topology *topology, const struct map *broken, struct errors *errors)
{
    struct checker c = {.topology = topology, .model = &topology->model, .broken = broken, .errors = errors};
    size_t before = errors->n_errors;
    check_names(&c);
    check_origins(&c);
    check_links(&c);
    check_loops(&c);
    check_ports(&c);
    check_options(&c);
    check_resolvers(&c);
    check_addresses(&c);
    check_gateways(&c);
    check_networks(&c);
    check_firewalls(&c);
    check_expectations(&c);
    arena_done(&c.arena);
    return errors->n_errors > before ? -EINVAL : 0;
}

int topology_check(const struct topology *topology, struct errors *errors)
{
    int r = check_topology(topology, NULL, errors);
    check_sort(errors);
    return r;
}

/* Sorting */

struct sortable {
    struct error *error;
    size_t file, position; /* of its first appearance; of itself */
};

static int compare(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    const struct place *p = &x->error->place, *q = &y->error->place;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    if (p->column != q->column)
        return p->column < q->column ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* A counted namespace makes one mistake many times: then texts at one place differ only in their numbers. */
static bool same_but_numbers(const char *a, const char *b)
{
    while (*a || *b) {
        bool number = isdigit((unsigned char)*a) && isdigit((unsigned char)*b);
        if (!number && *a++ != *b++)
            return false;
        if (number) {
            a += strspn(a, "0123456789");
            b += strspn(b, "0123456789");
        }
    }
    return true;
}

static bool is_repeated(const struct sortable *before, const struct sortable *after)
{
    const struct error *a = before->error, *b = after->error;
    return a->place.line && before->file == after->file && a->place.line == b->place.line &&
           a->place.column == b->place.column && a->severity == b->severity &&
           same_but_numbers(a->message, b->message);
}

/* Makes the list anew, without repetitions. */
static void relink(struct errors *errors, const struct sortable *sorted, size_t n)
{
    struct error **link = &errors->first;
    const struct sortable *last = NULL;
    for (size_t i = 0; i < n; i++) {
        struct error *error = sorted[i].error;
        if (last && is_repeated(last, &sorted[i])) {
            *(error->severity == SEVERITY_ERROR ? &errors->n_errors : &errors->n_warnings) -= 1;
            continue;
        }
        last = &sorted[i];
        *link = errors->last = error;
        link = &error->next;
    }
    *link = NULL;
}

void check_sort(struct errors *errors)
{
    size_t n = errors->n_errors + errors->n_warnings, i = 0;
    if (n < 2)
        return;
    CLEANUP_MAP struct map files = {0};
    struct sortable *sorted = xrealloc(NULL, n, sizeof *sorted);
    for (struct error *error = errors->first; error; error = error->next, i++) {
        const char *file = error->place.file ? error->place.file : "";
        if (!map_has(&files, file))
            map_set(&files, file, &sorted[i]);
        const struct sortable *first = map_get(&files, file); /* the first of the file tells its rank */
        sorted[i] = (struct sortable){
            .error = error, .file = *file ? (size_t)(first - sorted) + 1 : 0, .position = i};
    }
    qsort(sorted, n, sizeof *sorted, compare);
    relink(errors, sorted, n);
    free(sorted);
}
