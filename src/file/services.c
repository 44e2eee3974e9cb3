/* The DHCP client of an interface. That of a network's guest comes here too, by the key that the network
 * gives to its interface. */
#include <string.h>

#include "file/reader.h"
#include "model/dnsmasq.h"

static bool can_ask(struct reader *r, const struct entry *entry, const struct pair *pair)
{
    struct error *error;
    if (entry->kind == &kind_loopback) {
        errors_add(r->errors, &pair->key->place, "`dhcp`: nobody answers on a loopback");
    } else if (entry->master) {
        error = errors_add(r->errors, &pair->key->place,
                           "`dhcp` of `%s`: it is a port of `%s`, which gets the answers", entry->name,
                           entry->master->name);
        error_hint(r->errors, error, "say it there: `%s: {dhcp: true}`", entry->master->name);
    } else {
        return true;
    }
    return false;
}

void read_dhcp(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    static const struct option option = {.key = "dhcp", .type = TYPE_BOOL};
    struct value value;
    if (!value_read(r, &option, pair->value, &value) || !value.number || !can_ask(r, entry, pair))
        return;
    struct object *service = model_new(r->model, classes[CLASS_SERVICE], NULL, scope->ns);
    object_set_text(r->model, service, "name", arena_printf(r->arena, "dhcp-%s", entry->name));
    object_set_number(r->model, service, "program", SERVICE_DHCP_CLIENT);
    object_set_text(r->model, service, "interface", entry->name);
    object_set_text(r->model, service, "config",
                    scope != &r->host && dnsmasq_can_name(scope->ns)
                        ? arena_printf(r->arena, "hostname %s\n", scope->ns)
                        : "");
    object_set_number(r->model, service, "state", SERVICE_RUNNING);
    object_put(r, service, &pair->key->place);
}
