/* Counters, which are no part of what a firewall is: so the objects have none, and they are asked for by
 * themselves. */
#include "kernel/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/nft.h"
#include "kernel/linux/nft_rules.h"
#include "model/nft/nft.h"

static bool counter_of(const json_t *rule, struct count *ret_count)
{
    size_t i;
    const json_t *statement;
    json_array_foreach(json_object_get(rule, "expr"), i, statement)
    {
        const json_t *counter = json_object_get(statement, "counter");
        if (!json_is_object(counter))
            continue;
        *ret_count =
            (struct count){.packets = (uint64_t)json_integer_value(json_object_get(counter, "packets")),
                           .bytes = (uint64_t)json_integer_value(json_object_get(counter, "bytes"))};
        return true;
    }
    return false;
}

static void tell_rules(const json_t *list, const struct object *chain, count_told tell, void *userdata)
{
    size_t i;
    const json_t *entry;
    struct count count;
    json_array_foreach(list, i, entry)
    {
        const json_t *rule = json_object_get(entry, "rule");
        if (!rule || !rule_is_of(rule, chain) || !counter_of(rule, &count))
            continue;
        char *line = nft_rule_line(rule);
        if (line)
            tell(chain, line, count, userdata);
        free(line);
    }
}

static int tell_sets(struct linux_door *door, const struct model *model, const char *ns, count_told tell,
                     void *userdata)
{
    int r = 0, fd = namespaces_netlink(&door->namespaces, ns, NETLINK_NETFILTER);
    if (fd < 0)
        return fd;
    for (const struct object *set = map_get(&model->namespaces, ns); set && r == 0; set = set->next_in_ns)
        if (set->class->id == CLASS_SET && object_number(set, "counted", 0))
            r = nft_elements_count(door, fd, set, tell, userdata);
    close(fd);
    return r == -ENOENT ? 0 : r;
}

static int tell_all(struct linux_door *door, const struct model *model, const char *ns, count_told tell,
                    void *userdata)
{
    struct nft_ctx *ctx;
    json_t *list = NULL;
    const struct object *table = map_get(&model->namespaces, ns);
    while (table && table->class->id != CLASS_TABLE)
        table = table->next_in_ns;
    if (!table)
        return 0;
    int r = nft_open(door, ns, &ctx);
    if (r < 0)
        return r;
    r = nft_list(door, ctx, object_number(table, "family", 0), &list);
    nft_close(door, ctx);
    if (r == 0)
        r = tell_sets(door, model, ns, tell, userdata);
    for (const struct object *chain = table; chain && r == 0; chain = chain->next_in_ns)
        if (chain->class->id == CLASS_CHAIN)
            tell_rules(list, chain, tell, userdata);
    json_decref(list);
    return r;
}

int door_counts(struct door *door, const struct model *model, const char *ns, count_told tell, void *userdata,
                struct errors *errors)
{
    struct linux_door *real = linux_door_of(door);
    int r = real ? tell_all(real, model, ns, tell, userdata) : 0;
    if (r < 0)
        errors_add(errors, NULL, "cannot read the counters of namespace `%s`: %s", ns, strerror(-r));
    return r;
}
