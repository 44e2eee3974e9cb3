#include "model/way.h"

#include <linux/rtnetlink.h>
#include <string.h>

#include "model/nft/fib.h"

bool way_is_local(const struct model *model, const char *ns, const struct ip *ip)
{
    return strcmp(nft_address_type(model, ns, ip, NULL), "local") == 0;
}

bool way_ends(const struct model *model, const char *ns, const struct ip *ip)
{
    return strcmp(nft_address_type(model, ns, ip, NULL), "unicast") != 0;
}

/* What an address or a route leads to; false: nothing. */
static bool leads_to(const struct object *object, bool by_routes, struct prefix *ret)
{
    const char *text = object->class->id == CLASS_ADDRESS ? object_text(object, "address") : NULL;
    if (by_routes && object->class->id == CLASS_ROUTE &&
        object_number(object, "table", RT_TABLE_MAIN) == RT_TABLE_MAIN)
        text = object_text(object, "to");
    return text && prefix_parse(text, ret) == 0;
}

bool address_has_ip(const struct object *object, const struct ip *ip)
{
    struct prefix prefix;
    return object->class->id == CLASS_ADDRESS && leads_to(object, false, &prefix) && ip_equal(&prefix.ip, ip);
}

bool route_is_default(const struct object *object)
{
    struct prefix to;
    return object->class->id == CLASS_ROUTE && leads_to(object, true, &to) && !to.length;
}

/* The longest prefix counts, and of those the lowest metric. */
static const struct object *find_way(const struct model *model, const char *ns, const struct ip *ip,
                                     bool by_routes)
{
    const struct object *way = NULL;
    struct prefix prefix;
    int longest = -1;
    int64_t lowest = 0;
    for (const struct object *o = map_get(&model->namespaces, ns); o; o = o->next_in_ns) {
        if (!leads_to(o, by_routes, &prefix) || !prefix_contains(&prefix, ip))
            continue;
        int64_t metric = object_number(o, "metric", 0);
        if (prefix.length < longest || (prefix.length == longest && metric >= lowest))
            continue;
        longest = prefix.length;
        lowest = metric;
        way = o;
    }
    return way;
}

const char *way_dev(const struct model *model, const char *ns, const struct ip *ip)
{
    struct ip via;
    const struct object *way = find_way(model, ns, ip, true);
    const char *text = way && !object_text(way, "dev") ? object_text(way, "via") : NULL;
    if (text)
        way = ip_parse(text, &via) == 0 ? find_way(model, ns, &via, false) : NULL;
    return way ? object_text(way, "dev") : NULL;
}
