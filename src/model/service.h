/* Services: programs that Plexus starts in a namespace and keeps running there. */
#pragma once
#include "model/object.h"
#include "model/step.h"

enum service_program {
    SERVICE_DNSMASQ,    /* DHCP and DNS of a network */
    SERVICE_DHCP_CLIENT /* udhcpc or dhcpcd, whichever is there */
};
extern const struct name service_program_names[];

/* How the host learns the names of a network. */
enum host_names { HOST_NAMES_NONE, HOST_NAMES_RESOLVED, HOST_NAMES_HOSTS };
extern const struct name host_names_names[];

enum service_state {
    SERVICE_RUNNING,
    SERVICE_RESTARTING, /* its program ended, and is to be started again */
    SERVICE_ELSEWHERE,  /* in a namespace or on an interface that no longer has the name */
    SERVICE_OUTDATED,   /* with other files than there are now */
    SERVICE_DEAD,       /* nobody watches over it */
};
extern const struct name service_state_names[];

/* The folder of its files, with nothing behind: "/run/plexus-services/host/dnsmasq-guests". It is none below
 * /run/plexus, which is closed to who has given up root. */
#define SERVICES_DIR "/run/plexus-services"
const char *service_folder(struct arena *arena, const char *ns, const char *name);

/* The files that are its options, ended by .key = NULL: what they are called, and whether the program reads
 * them again while it runs. */
struct service_file {
    const char *key;
    bool is_live;
};
extern const struct service_file service_files[];

static inline bool service_is_client(const struct object *service)
{
    return object_number(service, "program", SERVICE_DNSMASQ) == SERVICE_DHCP_CLIENT;
}

/* Whether it gives addresses by DHCP. */
bool service_gives_addresses(const struct object *service);

/* Whether the program can go on, and reads its files again. */
bool service_is_reload(const struct step *step);
