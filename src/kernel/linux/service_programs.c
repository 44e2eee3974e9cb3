/* The programs of services: where they are, and how they are started.
 *
 * Of DHCP clients udhcpc comes first, by itself or as a part of busybox: it is small, and all that it
 * learns it leaves to a script. dhcpcd sets addresses and routes by itself, and tells the same script.
 * Both ask by IPv4 only: IPv6 addresses come by router advertisements, which the kernel takes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/enter.h"
#include "kernel/linux/supervisor.h"

/* What is learnt is noted in the file `lease`, so that it can be taken back when the client cannot do so any
 * more. Nothing that comes from the network is taken for a command. */
static const char script[] =
    "#!/bin/sh\n"
    "# What a DHCP client learns, applied: written by Plexus. udhcpc says in its argument what happened, "
    "dhcpcd in\n"
    "# $reason. Addresses end with their lease, routes are known by `proto dhcp`.\n"
    "seconds=${lease-4294967295}\n"
    "lease=${0%/*}/lease resolv=/etc/netns/$PLEXUS_NS/resolv.conf mark='# Learnt by DHCP'\n"
    "command -v ip >/dev/null || ip() { busybox ip \"$@\"; }\n"
    "\n"
    "sane() { case $1 in '' | *[!0-9A-Za-z.:/-]*) false ;; esac; }\n"
    "\n"
    "tell_servers() {\n"
    "    if [ \"$PLEXUS_NS\" = host ]; then\n"
    "        if [ -d /run/systemd/resolve ] && command -v resolvectl >/dev/null; then\n"
    "            resolvectl dns \"$interface\" \"$@\"\n"
    "        elif command -v resolvconf >/dev/null; then\n"
    "            for server; do echo \"nameserver $server\"; done | resolvconf -a \"$interface.plexus\"\n"
    "        fi\n"
    "    elif [ ! -e \"$resolv\" ] || head -n 1 \"$resolv\" | grep -q \"^$mark\"; then\n"
    "        mkdir -p \"${resolv%/*}\"\n"
    "        { echo \"$mark on $interface\"; for server; do echo \"nameserver $server\"; done\n"
    "          if [ -n \"$search\" ]; then echo \"search $search\"; fi; } >\"$resolv\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "forget_servers() {\n"
    "    if [ \"$PLEXUS_NS\" = host ]; then\n"
    "        if [ -d /run/systemd/resolve ] && command -v resolvectl >/dev/null; then\n"
    "            resolvectl revert \"$interface\"\n"
    "        elif command -v resolvconf >/dev/null; then\n"
    "            resolvconf -d \"$interface.plexus\"\n"
    "        fi\n"
    "    elif [ -e \"$resolv\" ] && head -n 1 \"$resolv\" | grep -q \"^$mark on $interface\"; then\n"
    "        rm -f \"$resolv\"\n"
    "        rmdir \"${resolv%/*}\" /etc/netns 2>/dev/null\n"
    "    fi\n"
    "}\n"
    "\n"
    "forget() {\n"
    "    [ -e \"$lease\" ] || return 0\n"
    "    while read -r key value; do\n"
    "        case $key in\n"
    "        address) ip -4 address del \"$value\" dev \"$interface\" ;;\n"
    "        router) ip -4 route del default via \"$value\" dev \"$interface\" proto dhcp ;;\n"
    "        servers) forget_servers ;;\n"
    "        esac\n"
    "    done <\"$lease\" 2>/dev/null\n"
    "    rm -f \"$lease\"\n"
    "}\n"
    "\n"
    "# learn ADDRESS/LENGTH ROUTERS SERVERS\n"
    "learn() {\n"
    "    sane \"$1\" || return 0\n"
    "    [ ! -e \"$lease\" ] || grep -qx \"address $1\" \"$lease\" || forget\n"
    "    echo \"address $1\" >\"$lease.new\"\n"
    "    metric=$((1024 + $(cat \"/sys/class/net/$interface/ifindex\")))\n"
    "    if [ -z \"$reason\" ]; then\n"
    "        ip -4 address replace \"$1\" broadcast + dev \"$interface\" valid_lft \"$seconds\" "
    "preferred_lft \"$seconds\"\n"
    "    fi\n"
    "    for router in $2; do\n"
    "        sane \"$router\" || continue\n"
    "        [ -n \"$reason\" ] || ip -4 route replace default via \"$router\" dev \"$interface\" onlink "
    "proto dhcp metric $metric\n"
    "        echo \"router $router\" >>\"$lease.new\"\n"
    "        break\n"
    "    done\n"
    "    servers=\n"
    "    for server in $3; do sane \"$server\" && servers=\"$servers $server\"; done\n"
    "    if [ -n \"$servers\" ]; then\n"
    "        echo \"servers$servers\" >>\"$lease.new\"\n"
    "        tell_servers $servers\n"
    "    fi\n"
    "    mv \"$lease.new\" \"$lease\"\n"
    "}\n"
    "\n"
    "search=${search:-${domain:-${new_domain_search:-$new_domain_name}}}\n"
    "case $search in *[!0-9A-Za-z.\\ -]*) search= ;; esac\n"
    "case ${reason:-$1} in\n"
    "bound | renew) learn \"$ip/$mask\" \"$router\" \"$dns\" ;;\n"
    "BOUND | RENEW | REBIND | REBOOT)\n"
    "    learn \"$new_ip_address/$new_subnet_cidr\" \"$new_routers\" \"$new_domain_name_servers\" ;;\n"
    "deconfig | EXPIRE | STOP | STOPPED | RELEASE | NOCARRIER | FAIL | NAK) forget ;;\n"
    "esac\n"
    "exit 0\n";

/* ---- where they are ---- */

static const char *program_find(struct arena *arena, const char *name)
{
    const char *path = getenv("PATH");
    const char *folders = arena_printf(
        arena, "%s:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", path ? path : "");
    for (const char *at = folders; *at; at += *at == ':') {
        size_t length = strcspn(at, ":");
        const char *file = arena_printf(arena, "%.*s/%s", (int)length, at, name);
        if (*at == '/' && access(file, X_OK) == 0)
            return file;
        at += length;
    }
    return NULL;
}

/* A busybox may have been built without. */
static bool busybox_has_client(const char *busybox)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int fd = 0; fd < 3; fd++)
            dup2(null, fd);
        execl(busybox, "busybox", "udhcpc", "--help", (char *)NULL);
        _exit(1);
    }
    if (child > 0)
        waitpid(child, &status, 0);
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct client {
    const char *path, *applet; /* applet: the first word after the path; NULL: none */
    bool is_dhcpcd;
};

static bool client_find(struct arena *arena, struct client *ret)
{
    *ret = (struct client){.path = program_find(arena, "udhcpc")};
    if (ret->path)
        return true;
    const char *busybox = program_find(arena, "busybox");
    *ret = (struct client){.path = busybox, .applet = "udhcpc"};
    if (busybox && busybox_has_client(busybox))
        return true;
    *ret = (struct client){.path = program_find(arena, "dhcpcd"), .is_dhcpcd = true};
    return ret->path;
}

bool service_is_installed(enum service_program program)
{
    struct arena arena = {0};
    struct client client;
    bool is =
        program == SERVICE_DNSMASQ ? program_find(&arena, "dnsmasq") != NULL : client_find(&arena, &client);
    arena_done(&arena);
    return is;
}

/* ---- their commands ---- */

struct words {
    const char **list;
    unsigned n;
};

static void add(struct words *words, const char *word)
{
    if (word && words->n + 1 < SERVICE_WORDS_MAX)
        words->list[words->n++] = word;
    words->list[words->n] = NULL;
}

/* dnsmasq goes into the background when it has all that it needs, and has given up root: so that tells. Where
 * there is no other user to be (a user namespace with one), it stays who it is, and in the foreground. */
static bool has_other_users(void)
{
    struct text map CLEANUP_TEXT = {0};
    service_get("/proc/self", "uid_map", &map);
    const char *line = text_of(&map), *last = strrchr(line, ' ');
    return !last || strtoul(last, NULL, 10) > 1 || strchr(line, '\n') != strrchr(line, '\n');
}

static void add_client(const struct supervised *what, const struct client *client, struct arena *arena,
                       struct words *words)
{
    struct text config CLEANUP_TEXT = {0};
    const char *script_path = arena_printf(arena, "%s/script", what->folder), *hostname = NULL;
    if (service_get(what->folder, "config", &config) && strncmp(text_of(&config), "hostname ", 9) == 0)
        hostname = arena_strndup(arena, config.data + 9, strcspn(config.data + 9, "\n"));
    add(words, client->path);
    if (client->is_dhcpcd) {
        static const char *const fixed[] = {"-4", "-B", "-A", "-L", "-t", "0", "-f", "/dev/null", "-c"};
        for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
            add(words, fixed[i]);
        add(words, script_path);
        add(words, hostname ? "-h" : NULL);
        add(words, hostname);
        add(words, what->interface);
        return;
    }
    static const char *const fixed[] = {"-f", "-R", "-S", "-t", "5", "-T", "2", "-A", "10", "-s"};
    add(words, client->applet);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add(words, fixed[i]);
    add(words, script_path);
    add(words, "-i");
    add(words, what->interface);
    add(words, hostname ? "-x" : NULL);
    add(words, hostname ? arena_printf(arena, "hostname:%s", hostname) : NULL);
}

bool service_command(const struct supervised *what, struct arena *arena, const char *list[SERVICE_WORDS_MAX])
{
    struct words words = {.list = list};
    struct client client;
    if (what->program == SERVICE_DHCP_CLIENT) {
        if (!client_find(arena, &client))
            return false;
        add_client(what, &client, arena, &words);
        return true;
    }
    add(&words, program_find(arena, "dnsmasq"));
    add(&words, arena_printf(arena, "--conf-file=%s/config", what->folder));
    add(&words, has_other_users() ? NULL : "--no-daemon");
    return list[0] && *list[0] == '/';
}

/* ---- what they need ---- */

/* dhcpcd knows its instances by the name of the interface only, which every namespace may have: so each gets
 * folders of its own in their places. */
static int hide_folder(const struct supervised *what, const char *name, const char *over)
{
    struct text own CLEANUP_TEXT = {0};
    text_printf(&own, "%s/%s", what->folder, name);
    if ((mkdir(text_of(&own), 0755) < 0 && errno != EEXIST) || (mkdir(over, 0755) < 0 && errno != EEXIST) ||
        mount(text_of(&own), over, "none", MS_BIND, NULL) < 0)
        return -errno;
    return 0;
}

static int put_script(const struct supervised *what)
{
    return service_put(what->folder, "script", script, 0700);
}

int service_prepare(const struct supervised *what, const char *const *words)
{
    if (what->program != SERVICE_DHCP_CLIENT)
        return 0;
    setenv("PLEXUS_NS", what->ns, 1);
    setenv("interface", what->interface, 1);
    int r = put_script(what);
    if (r == 0 && strstr(words[0], "dhcpcd"))
        r = hide_folder(what, "run", "/run/dhcpcd");
    if (r == 0 && strstr(words[0], "dhcpcd"))
        r = hide_folder(what, "database", "/var/lib/dhcpcd");
    return r;
}

void service_forget(const struct supervised *what)
{
    struct errors errors CLEANUP_ERRORS = {0};
    struct text path CLEANUP_TEXT = {0};
    text_printf(&path, "%s/script", what->folder);
    pid_t child = access(text_of(&path), X_OK) == 0 ? fork() : -1;
    if (child == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int fd = 0; fd < 3; fd++)
            dup2(null, fd);
        if (namespace_enter(what->ns, &errors) < 0)
            _exit(1);
        setenv("PLEXUS_NS", what->ns, 1);
        setenv("interface", what->interface, 1);
        execl(text_of(&path), "script", "deconfig", (char *)NULL);
        _exit(1);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}
