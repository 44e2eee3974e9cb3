/* Services and the machine on which they are to run: the ports that they need. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "apply/networks.h"
#include "kernel/bound.h"

enum { DNS_PORT = 53, DHCP_PORT = 67 };

static bool is_refused(struct session *session, const struct object *service, uint8_t protocol,
                       const struct ip *at, uint16_t port)
{
    struct text who CLEANUP_TEXT = {0};
    char buffer[IP_TEXT_SIZE];
    if (!port_refused(protocol, at, port, port == DHCP_PORT, &who))
        return false;
    struct error *error =
        errors_add(&session->errors, &service->place, "`%s`: port %u/%s%s%s is taken, by %s",
                   port == DNS_PORT ? "dns" : "dhcp", port, protocol == IPPROTO_UDP ? "udp" : "tcp",
                   at->family ? " at " : "", at->family ? ip_format(at, buffer) : "",
                   who.length ? text_of(&who) : "a program that cannot be seen");
    error_hint(
        &session->errors, error,
        "end it, or let it listen at addresses of its own: a DNS server by `bind-interfaces`, `listen-on` or "
        "the like");
    return true;
}

/* Of one that is there already, the ports are its own. */
static void look_at(struct session *session, const struct change *change, const struct object *service)
{
    static const struct ip anywhere = {0};
    const char *domain = object_text(service, "domain"), *server = object_text(service, "server");
    struct ip ip;
    if (strcmp(service->ns, HOST) != 0 || service_is_client(service) ||
        model_by_id(&change->observed, service->id))
        return;
    if (domain && *domain && server && ip_parse(server, &ip) == 0 &&
        (is_refused(session, service, IPPROTO_UDP, &ip, DNS_PORT) ||
         is_refused(session, service, IPPROTO_TCP, &ip, DNS_PORT)))
        return;
    if (service_gives_addresses(service))
        is_refused(session, service, IPPROTO_UDP, &anywhere, DHCP_PORT);
}

/* A service of ours that goes with this change leaves its ports to whom comes. */
static bool leaves_ports(const struct change *change)
{
    model_each(&change->before.recorded, object)
    {
        if (object->class->id == CLASS_SERVICE && !model_by_id(&change->topology->model, object->id))
            return true;
    }
    return false;
}

int services_fit(struct session *session, const struct change *change)
{
    size_t before = session->errors.n_errors;
    if (!change->topology || leaves_ports(change))
        return 0;
    model_each(&change->topology->model, object)
    {
        if (object->class->id == CLASS_SERVICE)
            look_at(session, change, object);
    }
    return session->errors.n_errors > before ? -EBUSY : 0;
}
