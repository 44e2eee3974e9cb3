/* Services: programs that run in a namespace, each watched over by a process of its own (supervisor.h),
 * with its files in a folder (service_files.h).
 *
 * Whether it runs is told by a lock, and where it was started is compared with what has those names now: a
 * namespace or an interface that was made anew is another, and nobody answers there. Its files are read,
 * not remembered: what others changed in them shows. What a DHCP client has learnt is none of anybody's
 * making, and is noted so. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/linux/linux.h"
#include "kernel/linux/supervisor.h"

static struct service_place place_of(struct linux_door *door, const char *ns_name, const char *interface)
{
    struct text path CLEANUP_TEXT = {0};
    struct service_place place = {0};
    struct netns *ns;
    struct stat about;
    if (strcmp(ns_name, HOST) == 0)
        text_add(&path, "/proc/thread-self/ns/net");
    else
        text_printf(&path, "/run/netns/%s", ns_name);
    if (stat(text_of(&path), &about) == 0) {
        place.device = about.st_dev;
        place.inode = about.st_ino;
    }
    if (namespaces_get(&door->namespaces, ns_name, &ns) == 0) {
        int index = netns_ifindex(ns, interface);
        place.interface = index > 0 ? (unsigned)index : 0;
    }
    return place;
}

static bool is_place(const struct service_place *a, const struct service_place *b)
{
    return a->device == b->device && a->inode == b->inode && a->interface == b->interface && a->interface;
}

static const char *text_or_none(const struct object *service, const char *key)
{
    const char *text = object_text(service, key);
    return text ? text : "";
}

static struct supervised supervised_of(struct linux_door *door, const struct object *service,
                                       const char *folder)
{
    return (struct supervised){
        .folder = folder,
        .ns = service->ns,
        .interface = text_or_none(service, "interface"),
        .program = (enum service_program)object_number(service, "program", SERVICE_DNSMASQ),
        .host_names = (enum host_names)object_number(service, "host-names", HOST_NAMES_NONE),
        .domain = text_or_none(service, "domain"),
        .server = text_or_none(service, "server"),
        .place = place_of(door, service->ns, text_or_none(service, "interface")),
    };
}

/* ---- looking ---- */

static enum service_state state_of(struct linux_door *door, const struct object *service, const char *folder)
{
    struct service_stand stand = {0};
    const struct service_place place = place_of(door, service->ns, text_or_none(service, "interface"));
    if (!service_keeper(folder) || !service_stand_read(folder, &stand))
        return SERVICE_DEAD;
    if (!is_place(&stand.place, &place))
        return SERVICE_ELSEWHERE;
    if (stand.state == SERVICE_RUNNING && stand.hash != service_files_hash(folder))
        return SERVICE_OUTDATED;
    return stand.state;
}

/* The address that stands in the file of the lease, and its routes: unless the file has them too. */
static bool is_learnt(const struct view *view, const struct object *object, const char *interface,
                      const char *leased)
{
    enum { PROTOCOL_DHCP = 16 };
    const char *dev = object_dev(object);
    if (!dev || strcmp(dev, interface) != 0 || (view->wanted && map_has(&view->wanted->by_id, object->id)))
        return false;
    if (object->class->id == CLASS_ROUTE)
        return object_number(object, "protocol", 0) == PROTOCOL_DHCP;
    return object->class->id == CLASS_ADDRESS && *leased &&
           strcmp(object_text(object, "address"), leased) == 0;
}

static void note_learnt(struct view *view, const struct object *service, const char *folder)
{
    struct text lease CLEANUP_TEXT = {0};
    static const char key[] = "address ";
    service_get(folder, "lease", &lease);
    const char *address = strncmp(text_of(&lease), key, strlen(key)) == 0 ? lease.data + strlen(key) : "";
    if (lease.length)
        lease.data[strcspn(lease.data, "\n")] = '\0';
    for (struct object *o = map_get(&view->model->namespaces, view->name); o; o = o->next_in_ns)
        if (is_learnt(view, o, text_or_none(service, "interface"), address))
            o->flags = (o->flags & ~(unsigned)OBJECT_ORIGIN) | OBJECT_KERNEL | OBJECT_LEARNT;
}

static void observe_one(struct view *view, const char *name)
{
    struct object *service = view_new(view, CLASS_SERVICE);
    const char *folder = service_folder(&view->model->arena, view->name, name);
    if (!service_files_read(folder, view->model, service)) {
        if (!service_keeper(folder))
            return;
        service->owner = arena_strdup(
            &view->model->arena, view->door->topology); /* it has lost that file, and who says it has it */
        service->flags |= OBJECT_OURS;
    }
    object_set_text(view->model, service, "name", name);
    object_set_number(view->model, service, "state", state_of(view->door, service, folder));
    if (service_is_client(service))
        note_learnt(view, service, folder);
    view_add(view, service, true);
}

static int service_observe(struct view *view)
{
    struct text path CLEANUP_TEXT = {0};
    if (strchr(view->name, '/'))
        return 0;
    text_printf(&path, SERVICES_DIR "/%s", view->name);
    DIR *dir = opendir(text_of(&path));
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            observe_one(view, arena_strdup(&view->model->arena, entry->d_name));
    if (dir)
        closedir(dir);
    return 0;
}

int services_lack(const struct model *model, struct errors *errors)
{
    static const char *const what[] = {
        [SERVICE_DNSMASQ] = "dnsmasq is not installed, which answers for DHCP and DNS",
        [SERVICE_DHCP_CLIENT] = "no DHCP client is installed: neither udhcpc nor dhcpcd",
    };
    static const char *const packages[] = {
        [SERVICE_DNSMASQ] =
            "the package is called dnsmasq-base on Debian and Ubuntu, dnsmasq on Fedora and Arch",
        [SERVICE_DHCP_CLIENT] =
            "one of these packages has one: udhcpc or dhcpcd-base on Debian and Ubuntu, dhcpcd on "
            "Fedora and Arch, busybox on all",
    };
    bool told[2] = {0};
    int r = 0;
    model_each(model, object)
    {
        enum service_program program =
            (enum service_program)object_number(object, "program", SERVICE_DNSMASQ);
        if (object->class->id != CLASS_SERVICE || told[program] || service_is_installed(program))
            continue;
        error_hint(errors, errors_add(errors, &object->place, "%s", what[program]), "%s", packages[program]);
        told[program] = true;
        r = -EOPNOTSUPP;
    }
    return r;
}

/* ---- doing ---- */

/* What the program said is what a person must know. */
static int begin(struct linux_door *door, const struct object *service, const char *folder)
{
    struct text words CLEANUP_TEXT = {0};
    const struct supervised what = supervised_of(door, service, folder);
    int r = supervisor_start(&what, &words);
    if (r < 0)
        snprintf(door->reply.text, sizeof door->reply.text, "%s", text_of(&words));
    return r;
}

static int write_files(struct linux_door *door, const struct object *service, const char *folder)
{
    const char *owner = service->owner ? service->owner : door->topology;
    return service_files_write(folder, service, owner ? owner : "");
}

static int end(struct linux_door *door, const struct object *service, const char *folder)
{
    const struct supervised what = supervised_of(door, service, folder);
    int r = supervisor_stop(folder);
    if (r < 0)
        return r;
    service_names_remove(&what);
    if (what.program == SERVICE_DHCP_CLIENT)
        service_forget(&what);
    return 0;
}

static int service_add(struct linux_door *door, const struct step *step)
{
    struct arena arena = {0};
    const char *folder = service_folder(&arena, step->new->ns, step->new->name);
    int r = write_files(door, step->new, folder);
    if (r == 0)
        r = begin(door, step->new, folder);
    if (r < 0)
        service_files_remove(folder);
    arena_done(&arena);
    return r;
}

static int service_set(struct linux_door *door, const struct step *step)
{
    struct arena arena = {0};
    const char *folder = service_folder(&arena, step->new->ns, step->new->name);
    bool reload = service_is_reload(step) && service_keeper(folder) > 0;
    int r = reload ? 0 : end(door, step->old, folder);
    if (r == 0)
        r = write_files(door, step->new, folder);
    if (r == 0)
        r = reload ? supervisor_reload(folder) : begin(door, step->new, folder);
    arena_done(&arena);
    return r;
}

static int service_del(struct linux_door *door, const struct step *step)
{
    struct arena arena = {0};
    const char *folder = service_folder(&arena, step->old->ns, step->old->name);
    int r = end(door, step->old, folder);
    if (r == 0)
        service_files_remove(folder);
    arena_done(&arena);
    return r;
}

const struct linux_class linux_service = {
    .observe = service_observe,
    .add = service_add,
    .set = service_set,
    .del = service_del,
};
