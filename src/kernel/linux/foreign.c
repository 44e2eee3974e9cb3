/* Rule sets of others: one listing of each family that IP packets pass; and what no listing of nf_tables
 * shows, by the files of /proc. */
#include "kernel/foreign.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>

#include "kernel/linux/nft.h"

static void read_entry(struct view *view, const json_t *list, const json_t *entry, int64_t family,
                       const char *ours, struct foreign *foreign)
{
    const json_t *chain = json_object_get(entry, "chain"), *fast = json_object_get(entry, "flowtable");
    const char *table = json_string_value(json_object_get(chain ? chain : fast, "table"));
    if (!table || (family == NFPROTO_INET && strcmp(table, ours) == 0))
        return;
    if (chain)
        nft_chain_read(view, list, chain, table);
    else
        text_printf(&foreign->offloads, "%s`%s %s`", foreign->offloads.length ? ", " : "", table,
                    json_string_value(json_object_get(fast, "name")));
}

static int read_family(struct view *view, int64_t family, const char *ours, struct foreign *foreign)
{
    struct nft_ctx *ctx;
    json_t *list = NULL;
    size_t i;
    const json_t *entry;
    int r = nft_open(view->door, view->name, &ctx);
    if (r < 0)
        return r;
    r = nft_list(view->door, ctx, family, &list);
    nft_close(view->door, ctx);
    json_array_foreach(list, i, entry) read_entry(view, list, entry, family, ours, foreign);
    json_decref(list);
    return r;
}

static void read_names(const char *path, struct text *out)
{
    char line[64];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line && !strstr(text_of(out), line))
            text_join(out, line);
    }
    if (file)
        fclose(file);
}

/* Of the namespace that the thread is in. */
static void read_files(struct foreign *foreign)
{
    char value[SYSCTL_SIZE];
    read_names("/proc/thread-self/net/ip_tables_names", &foreign->legacy);
    read_names("/proc/thread-self/net/ip6_tables_names", &foreign->legacy);
    foreign->bridge_asks =
        sysctl_read("net/bridge/bridge-nf-call-iptables", value) && strcmp(value, "1") == 0;
}

int door_foreign(struct door *base, const char *ns, const char *ours, struct foreign *ret_foreign)
{
    static const int64_t families[] = {NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6};
    struct linux_door *door = linux_door_of(base);
    struct view view = {.door = door, .model = &ret_foreign->chains, .name = ns};
    int r = door ? 0 : -EOPNOTSUPP;
    for (size_t i = 0; r == 0 && i < sizeof families / sizeof *families; i++)
        r = read_family(&view, families[i], ours, ret_foreign);
    if (r == 0)
        r = namespaces_enter(&door->namespaces, ns);
    if (r < 0)
        return door ? r : 0;
    read_files(ret_foreign);
    namespaces_leave(&door->namespaces);
    return 0;
}
