#include "apply/ssh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/store.h"

enum { ANCESTORS_MAX = 64, ENVIRONMENT_MAX = 256 * 1024 };

/* At most ENVIRONMENT_MAX bytes, and a zero behind them; malloc'ed. */
static char *read_proc(long pid, const char *file, size_t *ret_size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, file);
    FILE *stream = fopen(path, "re");
    if (!stream)
        return NULL;
    char *data = xrealloc(NULL, ENVIRONMENT_MAX + 1, 1);
    *ret_size = fread(data, 1, ENVIRONMENT_MAX, stream);
    data[*ret_size] = '\0';
    fclose(stream);
    return data;
}

/* "192.0.2.7", "fe80::1%eth0", or "::ffff:192.0.2.7" where IPv4 comes to a socket of IPv6. */
static bool read_address(char *word, struct ip *ret)
{
    static const char mapped[] = "::ffff:";
    bool is_mapped = strncmp(word, mapped, sizeof mapped - 1) == 0 && strchr(word, '.');
    word[strcspn(word, "%")] = '\0';
    return ip_parse(is_mapped ? word + sizeof mapped - 1 : word, ret) == 0;
}

/* "192.0.2.7 51234 10.0.0.5 22" */
static bool read_session(const char *value, struct ssh_session *ret)
{
    char client[128], server[128], client_port[6], server_port[6];
    if (sscanf(value, "%127s %5[0-9] %127s %5[0-9]", client, client_port, server, server_port) != 4)
        return false;
    ret->client_port = (unsigned)strtoul(client_port, NULL, 10);
    ret->server_port = (unsigned)strtoul(server_port, NULL, 10);
    return read_address(client, &ret->client) && read_address(server, &ret->server);
}

static bool has_session(long pid, struct ssh_session *ret)
{
    static const char name[] = "SSH_CONNECTION=";
    size_t size = 0;
    char *data CLEANUP_FREE = read_proc(pid, "environ", &size);
    for (size_t at = 0; at < size; at += strlen(data + at) + 1)
        if (strncmp(data + at, name, sizeof name - 1) == 0)
            return read_session(data + at + sizeof name - 1, ret);
    return false;
}

/* The fourth field of `stat`: behind the name, which may hold anything, in brackets. */
static long parent_of(long pid)
{
    size_t size;
    char *data CLEANUP_FREE = read_proc(pid, "stat", &size);
    const char *bracket = data ? strrchr(data, ')') : NULL;
    return bracket && strlen(bracket) > 4 ? strtol(bracket + 4, NULL, 10) : 0;
}

bool ssh_session_find(struct ssh_session *ret)
{
    const char *value = getenv("SSH_CONNECTION");
    long pid = getppid();
    if (value && *value)
        return read_session(value, ret);
    for (unsigned i = 0; pid > 1 && i < ANCESTORS_MAX; i++, pid = parent_of(pid))
        if (has_session(pid, ret))
            return true;
    return false;
}
