/* Addresses of interfaces, ranges from which counted namespaces take theirs, and gateways. */
#include <string.h>

#include "base/ip.h"
#include "file/reader.h"

/* What is left of a range; kept by the place of its text, which all instances of a namespace share. */
struct pool {
    struct ip next, last;
    bool empty;
};

static bool ip_after(const struct ip *a, const struct ip *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) > 0;
}

/* How many addresses, counted no further than `enough`. */
static unsigned pool_size(const struct pool *pool, unsigned enough)
{
    struct ip ip = pool->next;
    unsigned n = 0;
    while (n < enough && !ip_after(&ip, &pool->last)) {
        n++;
        if (!ip_add(&ip, 1))
            break;
    }
    return n;
}

static void refuse_range(struct reader *r, const struct node *word)
{
    struct error *error = errors_add(r->errors, &word->place, "`%s` is not a range of addresses", word->text);
    error_hint(r->errors, error, "expected first, last and prefix length, like 10.0.0.10-10.0.0.99/24");
}

/* "FIRST-LAST/LENGTH" into pool and length. */
static bool range_parse(const char *text, struct pool *ret_pool, const char **ret_length)
{
    struct prefix first, last;
    char buffer[2 * IP_TEXT_SIZE];
    const char *dash = strchr(text, '-'), *slash = strchr(text, '/');
    size_t length = strlen(text);
    if (!slash || slash < dash || length >= sizeof buffer)
        return false;
    memcpy(buffer, text, length + 1);
    buffer[dash - text] = '\0';
    if (prefix_parse(buffer, &first) < 0 || prefix_parse(dash + 1, &last) < 0 ||
        first.ip.family != last.ip.family || ip_after(&first.ip, &last.ip))
        return false;
    *ret_pool = (struct pool){.next = first.ip, .last = last.ip};
    *ret_length = slash;
    return true;
}

static struct pool *pool_find(struct reader *r, const struct scope *scope, const struct node *word,
                              const struct pool *fresh)
{
    const char *id =
        arena_printf(r->arena, "%s:%d:%d", word->place.file, word->place.line, word->place.column);
    struct pool *pool = map_get(&r->pools, id);
    if (pool)
        return pool;
    unsigned size = pool_size(fresh, scope->of);
    if (size < scope->of)
        errors_add(r->errors, &word->place, "the range has %u address%s, but %u are needed (`count`)", size,
                   size == 1 ? "" : "es", scope->of);
    pool = arena_alloc(r->arena, sizeof *pool);
    *pool = *fresh;
    pool->empty = size < scope->of; /* told once */
    map_set(&r->pools, id, pool);
    return pool;
}

/* The text of the next address of a range; NULL after a mistake. */
static const char *range_take(struct reader *r, const struct scope *scope, const struct node *word)
{
    struct pool fresh;
    const char *length;
    char buffer[IP_TEXT_SIZE];
    if (!range_parse(word->text, &fresh, &length)) {
        refuse_range(r, word);
        return NULL;
    }
    if (!scope->of) {
        struct error *error =
            errors_add(r->errors, &word->place, "a range gives each of several namespaces an address");
        error_hint(r->errors, error, "say one address, or give the namespace a `count`");
        return NULL;
    }
    struct pool *pool = pool_find(r, scope, word, &fresh);
    if (pool->empty)
        return NULL;
    const char *text = arena_printf(r->arena, "%s%s", ip_format(&pool->next, buffer), length);
    pool->empty = !ip_add(&pool->next, 1) || ip_after(&pool->next, &pool->last);
    return text;
}

/* The word with a range replaced by an address of it. */
static const struct node *take_word(struct reader *r, const struct scope *scope, const struct node *word)
{
    if (!node_is_scalar(word) || !strchr(word->text, '-'))
        return word;
    const char *text = range_take(r, scope, word);
    return text ? node_new_scalar(r->arena, text, &word->place) : NULL;
}

/* A copy of {address: ...} in which the range is an address; NULL after a mistake. */
static const struct node *take_map(struct reader *r, const struct scope *scope, const struct node *map)
{
    struct node *copy = node_new(r->arena, NODE_MAP, &map->place);
    for (size_t i = 0; i < map->n; i++) {
        const struct node *value = map->pairs[i].value;
        if (strcmp(map->pairs[i].key->text, "address") == 0)
            value = take_word(r, scope, value);
        if (!value)
            return NULL;
        node_add_pair(r->arena, copy, map->pairs[i].key, (struct node *)value);
    }
    return copy;
}

/* A word is the short form of {address: ...}. */
static const struct node *map_of_word(struct reader *r, const struct node *word)
{
    if (!want_word(r, word, "addresses"))
        return NULL;
    struct node *map = node_new(r->arena, NODE_MAP, &word->place);
    node_add_pair(r->arena, map, node_new_scalar(r->arena, "address", &word->place), (struct node *)word);
    return map;
}

static void read_address(struct reader *r, struct scope *scope, struct entry *entry, const struct node *item)
{
    const struct node *map = node_is_map(item) ? item : map_of_word(r, item);
    if (map != item && map && !want_one(r, item, "addresses"))
        return;
    map = map ? take_map(r, scope, map) : NULL;
    struct object *object = map ? object_read(r, scope, entry, CLASS_ADDRESS, map) : NULL;
    if (object)
        object_put(r, object, &item->place);
    else
        entry_spoil(r, entry); /* that its range is used up was told at another instance */
}

void read_addresses(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    if (node_is_map(pair->value)) {
        want_form(r, pair->value, NODE_LIST, "addresses", "addresses: [10.0.0.1/24]");
        return;
    }
    for (size_t i = 0; i < node_count(pair->value); i++)
        read_address(r, scope, entry, node_item(pair->value, i));
}

static void read_one_gateway(struct reader *r, struct scope *scope, struct entry *entry,
                             const struct node *word)
{
    struct ip ip;
    char buffer[IP_TEXT_SIZE];
    if (!want_word(r, word, "gateway"))
        return;
    if (ip_parse(word->text, &ip) < 0) {
        struct error *error = errors_add(r->errors, &word->place,
                                         "`gateway` cannot be `%s`: expected an IP address", word->text);
        if (strchr(word->text, '/'))
            error_hint(r->errors, error, "without a prefix length");
        return;
    }
    struct object *route = model_new(r->model, classes[CLASS_ROUTE], NULL, scope->ns);
    object_set_text(r->model, route, "to", ip.family == 4 ? "0.0.0.0/0" : "::/0");
    object_set_text(r->model, route, "via", ip_format(&ip, buffer));
    object_set_text(r->model, route, "dev", entry->name);
    route_settle(r, route, entry);
    object_put(r, route, &word->place);
}

void read_gateway(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    if (node_is_map(pair->value)) {
        errors_add(r->errors, &pair->value->place, "`gateway` takes an address, or a list of two, not a map");
        return;
    }
    for (size_t i = 0; i < node_count(pair->value); i++)
        read_one_gateway(r, scope, entry, node_item(pair->value, i));
}
