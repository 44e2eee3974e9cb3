/* Tables, sets and chains as they are.
 *
 * One listing shows all of a family, and what is wanted is taken out of it: libnftables fetches the
 * elements of all sets when it is asked for one table, and passes them over when it is asked for
 * everything. It does not say which sets are dynamic (1.0.6), so that is asked for by a message of our
 * own. */
#include "kernel/linux/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/nft_rules.h"
#include "model/classes.h"

#define OURS "plexus-"

/* A namespace while its tables are read. */
struct reading {
    struct view *view;
    json_t *list;
    int64_t family;
    int fd; /* NETLINK_NETFILTER, in the namespace */
    struct nft_state state;
    int error;
};

/* The table that it is, or is in; NULL: it is no part of a firewall. */
static const char *table_of(const struct object *object)
{
    return object->class->id == CLASS_TABLE                                     ? object_text(object, "name")
           : object->class->id == CLASS_SET || object->class->id == CLASS_CHAIN ? object_text(object, "table")
                                                                                : NULL;
}

/* Whether anything of the table is wanted here, or of any table of the family (NULL): on the way back it may
 * be a chain alone. */
static bool is_wanted(const struct view *view, int64_t family, const char *table)
{
    const struct object *object = view->wanted ? map_get(&view->wanted->namespaces, view->name) : NULL;
    for (; object; object = object->next_in_ns) {
        const char *its = table_of(object);
        if (its && object_number(object, "family", 0) == family && (!table || strcmp(its, table) == 0))
            return true;
    }
    return false;
}

static void put_word(struct view *view, struct object *object, const char *key, const char *word)
{
    const char *expected, *near;
    int i = object_find_option(object, key);
    if (word)
        option_parse(object_option(object, (unsigned)i), word, &view->model->arena, &object->values[i],
                     &expected, &near);
}

/* What is not listed is 0. */
static void put_count(struct object *object, const char *key, const json_t *number)
{
    object->values[object_find_option(object, key)] = value_number(json_integer_value(number));
}

/* "ipv4_addr", or ["ipv4_addr", "inet_service"]. */
static void put_types(struct view *view, struct object *object, const char *key, const json_t *types)
{
    struct text text CLEANUP_TEXT = {0};
    size_t i;
    const json_t *type;
    if (json_is_string(types))
        text_add(&text, json_string_value(types));
    json_array_foreach(types, i, type)
        text_printf(&text, "%s%s", i ? " . " : "", json_is_string(type) ? json_string_value(type) : "?");
    if (text.length)
        object_set_text(view->model, object, key, text_of(&text));
}

/* The mark of a table is its name, and all in it is marked by that. */
static struct object *found(struct view *view, enum class_id class, const json_t *json, const char *table)
{
    struct object *object = view_new(view, class);
    put_word(view, object, "family", json_string_value(json_object_get(json, "family")));
    if (class != CLASS_TABLE)
        put_word(view, object, "table", table);
    put_word(view, object, "name", json_string_value(json_object_get(json, "name")));
    if (strncmp(table, OURS, strlen(OURS)) == 0) {
        object->owner = arena_strdup(&view->model->arena, table + strlen(OURS));
        object->flags = OBJECT_OURS;
    }
    return object;
}

static void read_table(struct reading *reading, const json_t *json, const char *table)
{
    view_add(reading->view, found(reading->view, CLASS_TABLE, json, table), false);
}

void nft_chain_read(struct view *view, const json_t *list, const json_t *json, const char *table)
{
    struct object *chain = found(view, CLASS_CHAIN, json, table);
    struct live live CLEANUP_LIVE = {0};
    put_word(view, chain, "type", json_string_value(json_object_get(json, "type")));
    put_word(view, chain, "hook", json_string_value(json_object_get(json, "hook")));
    put_word(view, chain, "policy", json_string_value(json_object_get(json, "policy")));
    if (json_object_get(json, "prio"))
        put_count(chain, "priority", json_object_get(json, "prio"));
    live_read(&live, list, chain);
    object_set_text(view->model, chain, "rules", text_of(&live.rules));
    view_add(view, chain, false);
}

static void read_chain(struct reading *reading, const json_t *json, const char *table)
{
    nft_chain_read(reading->view, reading->list, json, table);
}

/* What libnftables does not say of a set. */
static uint32_t flags_of(struct reading *reading, const char *table, const char *set)
{
    struct linux_door *door = reading->view->door;
    const struct nlattr *attrs[NFTA_SET_FLAGS + 1];
    struct nfgenmsg *fixed =
        message_begin(&door->message, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSET, 0, sizeof *fixed);
    fixed->nfgen_family = (uint8_t)reading->family;
    message_put_string(&door->message, NFTA_SET_TABLE, table);
    message_put_string(&door->message, NFTA_SET_NAME, set);
    reading->error = netlink_dump(reading->fd, &door->message, &door->dump, &door->reply);
    const struct nlmsghdr *m = reading->error ? NULL : dump_next(door->dump.data, door->dump.length, NULL);
    if (!m)
        return 0;
    attrs_of_message(m, sizeof *fixed, attrs, NFTA_SET_FLAGS);
    return ntohl((uint32_t)attr_number(attrs[NFTA_SET_FLAGS], 0));
}

static void read_elements(struct reading *reading, struct object *set)
{
    struct linux_door *door = reading->view->door;
    struct text elements CLEANUP_TEXT = {0};
    const char *known = nft_known_get(door, set, reading->state);
    if (!known) {
        reading->error = nft_elements_read(door, reading->fd, set, &elements);
        nft_known_put(door, set, reading->state, text_of(&elements), false);
    }
    object_set_text(reading->view->model, set, "elements", known ? known : text_of(&elements));
}

static void read_set(struct reading *reading, const json_t *json, const char *table)
{
    struct view *view = reading->view;
    struct object *set = found(view, CLASS_SET, json, table);
    uint32_t flags = flags_of(reading, table, json_string_value(json_object_get(json, "name")));
    put_types(view, set, "key", json_object_get(json, "type"));
    put_types(view, set, "data", json_object_get(json, "map"));
    put_count(set, "timeout", json_object_get(json, "timeout"));
    put_count(set, "size", json_object_get(json, "size"));
    object_set_number(view->model, set, "interval", (flags & NFT_SET_INTERVAL) != 0);
    object_set_number(view->model, set, "dynamic", (flags & NFT_SET_EVAL) != 0);
    object_set_number(view->model, set, "counted", json_array_size(json_object_get(json, "stmt")) > 0);
    view_add(view, set, false);
    if (reading->error == 0 && !(flags & NFT_SET_EVAL))
        read_elements(reading, set);
}

/* By the word under which the listing has them. */
static const struct {
    const char *word, *table; /* where the name of the table is */
    void (*read)(struct reading *reading, const json_t *json, const char *table);
} readers[] = {
    {"table", "name", read_table},
    {"chain", "table", read_chain},
    {"set", "table", read_set},
    {"map", "table", read_set},
};

static void read_entry(struct reading *reading, const json_t *entry)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        const json_t *json = json_object_get(entry, readers[i].word);
        const char *table = json_string_value(json_object_get(json, readers[i].table));
        if (table && is_wanted(reading->view, reading->family, table))
            readers[i].read(reading, json, table);
    }
}

/* The listing is taken whole before anything else is asked, since both enter the namespace. */
static int read_family(struct view *view, int64_t family)
{
    struct reading reading = {.view = view, .family = family};
    struct nft_ctx *ctx;
    size_t i;
    const json_t *entry;
    int r = nft_open(view->door, view->name, &ctx);
    if (r < 0)
        return r;
    r = nft_list(view->door, ctx, family, &reading.list);
    nft_close(view->door, ctx);
    if (r < 0)
        return r;
    reading.fd = namespaces_netlink(&view->door->namespaces, view->name, NETLINK_NETFILTER);
    reading.error = reading.fd < 0 ? reading.fd : nft_state(view->door, reading.fd, &reading.state);
    json_array_foreach(reading.list, i, entry) if (reading.error == 0) read_entry(&reading, entry);
    if (reading.fd >= 0)
        close(reading.fd);
    json_decref(reading.list);
    return reading.error;
}

/* A kernel that has no nf_tables has no tables. */
static bool is_unknown(int error)
{
    return error == -EPROTONOSUPPORT || error == -EOPNOTSUPP || error == -EINVAL;
}

static int table_observe(struct view *view)
{
    for (const struct name *family = nft_family_names; family->name; family++) {
        int r = is_wanted(view, family->value, NULL) ? read_family(view, family->value) : 0;
        if (r < 0)
            return is_unknown(r) ? 0 : r;
    }
    return 0;
}

/* Sets and chains are read together with their tables; all three are made, changed and deleted in
 * nft_run.c. */
const struct linux_class linux_table = {.observe = table_observe}, linux_set = {0}, linux_chain = {0};
