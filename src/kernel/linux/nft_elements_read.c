/* Elements of sets as they are: a dump, sorted, and said in words.
 *
 * The kernel tells them in the order of its hash, and intervals by their ends. There may be many: so what is
 * sorted is small, and most of it is told apart by one comparison of numbers. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/linux/nft.h"
#include "kernel/linux/nft_shape.h"

/* An element in the dump. */
struct seen {
    uint64_t rank;                /* the first bytes of the key, as a number */
    const uint8_t *key, *key_end; /* key_end: NULL where there is none */
    const struct nlattr *data;    /* the same */
    const struct nlattr *counter; /* an expression, or NULL */
    unsigned key_size;
    bool is_end;
};

struct seen_list {
    struct seen *list;
    size_t n, capacity;
};

static struct seen *seen_new(struct seen_list *all)
{
    if (all->n == all->capacity) {
        all->capacity = all->capacity ? all->capacity * 2 : 256;
        all->list = xrealloc(all->list, all->capacity, sizeof *all->list);
    }
    return &all->list[all->n++];
}

/* The bytes in NFTA_DATA_VALUE of such a nest, if there are at least so many; or NULL. */
static uint8_t *value_of(const struct nlattr *nest, unsigned size)
{
    const struct nlattr *attrs[NFTA_DATA_VALUE + 1];
    attrs_of_nest(nest, attrs, NFTA_DATA_VALUE);
    const struct nlattr *value = attrs[NFTA_DATA_VALUE];
    return value && attr_size(value) >= size ? (uint8_t *)attr_data(value) : NULL;
}

/* The key is put into the order of the network where it is. */
static void see(const struct shape *shape, const struct nlattr *elem, struct seen_list *all)
{
    const struct nlattr *attrs[NFTA_SET_ELEM_KEY_END + 1];
    attrs_of_nest(elem, attrs, NFTA_SET_ELEM_KEY_END);
    uint8_t *key = value_of(attrs[NFTA_SET_ELEM_KEY], shape->key_size);
    if (!key)
        return;
    if (!shape->is_interval)
        swap_fields(&shape->key, key);
    struct seen *seen = seen_new(all);
    *seen = (struct seen){.key = key,
                          .key_end = value_of(attrs[NFTA_SET_ELEM_KEY_END], shape->key_size),
                          .data = attrs[NFTA_SET_ELEM_DATA],
                          .counter = attrs[NFTA_SET_ELEM_EXPR],
                          .key_size = shape->key_size};
    for (unsigned i = 0; i < sizeof seen->rank; i++)
        seen->rank = seen->rank << 8 | (i < shape->key_size ? key[i] : 0U);
    seen->is_end = ntohl((uint32_t)attr_number(attrs[NFTA_SET_ELEM_FLAGS], 0)) & NFT_SET_ELEM_INTERVAL_END;
}

/* Where one interval ends another may begin. */
static int by_key(const void *left, const void *right)
{
    const struct seen *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int r = a->key_size > sizeof a->rank ? memcmp(a->key, b->key, a->key_size) : 0;
    return r ? r : (int)b->is_end - (int)a->is_end;
}

static void read_verdict(const struct nlattr *nest, struct nft_element *element)
{
    const struct nlattr *attrs[NFTA_DATA_VERDICT + 1], *verdict[NFTA_VERDICT_CHAIN + 1];
    attrs_of_nest(nest, attrs, NFTA_DATA_VERDICT);
    attrs_of_nest(attrs[NFTA_DATA_VERDICT], verdict, NFTA_VERDICT_CHAIN);
    element->verdict = verdict_of_code((int)ntohl((uint32_t)attr_number(verdict[NFTA_VERDICT_CODE], 0)));
    element->chain = attr_string(verdict[NFTA_VERDICT_CHAIN]);
    element->chain_length = element->chain ? strlen(element->chain) : 0;
}

static void read_data(const struct shape *shape, const struct seen *seen, struct nft_element *element)
{
    const uint8_t *value = shape->is_verdict ? NULL : value_of(seen->data, shape->data_size);
    if (shape->is_verdict)
        read_verdict(seen->data, element);
    if (!value)
        return;
    memcpy(element->data, value, shape->data_size);
    swap_fields(&shape->data, element->data);
    memcpy(element->data_last, element->data, sizeof element->data);
}

/* The last value of the element: its own, or where the next mark is. */
static void read_last(const struct shape *shape, const struct seen *seen, const struct seen *next,
                      struct nft_element *element)
{
    if (!shape_has_ends(shape)) {
        memcpy(element->last, seen->key_end ? seen->key_end : seen->key, shape->key_size);
    } else if (!next) {
        memset(element->last, 0xff, shape->key_size);
    } else {
        memcpy(element->last, next->key, shape->key_size);
        step_down(element->last, shape->key_size);
    }
}

/* The element of a mark; false: it is only the end of the one before. */
static bool element_of(const struct shape *shape, const struct seen_list *all, size_t i,
                       struct nft_element *element)
{
    const struct seen *seen = &all->list[i];
    if (seen->is_end)
        return false;
    memcpy(element->first, seen->key, shape->key_size);
    read_last(shape, seen, i + 1 < all->n ? seen + 1 : NULL, element);
    if (shape->is_map)
        read_data(shape, seen, element);
    return true;
}

static void format_all(const struct shape *shape, const struct seen_list *all, struct text *out)
{
    struct nft_element element = {0};
    for (size_t i = 0; i < all->n; i++) {
        if (!element_of(shape, all, i, &element))
            continue;
        text_add_n(out, "\n", out->length != 0);
        nft_element_format(&shape->key, shape_data(shape), &element, out);
    }
}

/* All of them, sorted; what they point to lies in door->dump. */
static int dump_elements(struct linux_door *door, int fd, const struct object *set, const struct shape *shape,
                         struct seen_list *all)
{
    struct nfgenmsg *fixed = message_begin(&door->message, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM,
                                           NLM_F_DUMP, sizeof *fixed);
    fixed->nfgen_family = (uint8_t)object_number(set, "family", 0);
    message_put_string(&door->message, NFTA_SET_ELEM_LIST_TABLE, object_text(set, "table"));
    message_put_string(&door->message, NFTA_SET_ELEM_LIST_SET, object_text(set, "name"));
    int r = netlink_dump(fd, &door->message, &door->dump, &door->reply);
    for (const struct nlmsghdr *m = NULL; r == 0 && (m = dump_next(door->dump.data, door->dump.length, m));) {
        const struct nlattr *attrs[NFTA_SET_ELEM_LIST_ELEMENTS + 1];
        attrs_of_message(m, sizeof *fixed, attrs, NFTA_SET_ELEM_LIST_ELEMENTS);
        for (const struct nlattr *elem = NULL; (elem = attr_next(attrs[NFTA_SET_ELEM_LIST_ELEMENTS], elem));)
            see(shape, elem, all);
    }
    if (all->n)
        qsort(all->list, all->n, sizeof *all->list, by_key);
    return r;
}

int nft_elements_read(struct linux_door *door, int fd, const struct object *set, struct text *out)
{
    struct shape shape;
    struct seen_list all = {0};
    if (shape_of(set, &shape) < 0)
        return 0;
    int r = dump_elements(door, fd, set, &shape, &all);
    format_all(&shape, &all, out);
    free(all.list);
    return r;
}

static uint64_t counted(const struct nlattr *attr)
{
    return be64toh(attr_number(attr, 0));
}

static struct count count_of(const struct nlattr *expression)
{
    const struct nlattr *attrs[NFTA_EXPR_DATA + 1], *counter[NFTA_COUNTER_PACKETS + 1];
    attrs_of_nest(expression, attrs, NFTA_EXPR_DATA);
    attrs_of_nest(attrs[NFTA_EXPR_DATA], counter, NFTA_COUNTER_PACKETS);
    return (struct count){.packets = counted(counter[NFTA_COUNTER_PACKETS]),
                          .bytes = counted(counter[NFTA_COUNTER_BYTES])};
}

int nft_elements_count(struct linux_door *door, int fd, const struct object *set, count_told tell,
                       void *userdata)
{
    struct shape shape;
    struct seen_list all = {0};
    struct nft_element element = {0};
    if (shape_of(set, &shape) < 0)
        return 0;
    int r = dump_elements(door, fd, set, &shape, &all);
    for (size_t i = 0; i < all.n; i++) {
        struct text line CLEANUP_TEXT = {0};
        if (!all.list[i].counter || !element_of(&shape, &all, i, &element))
            continue;
        nft_element_format(&shape.key, shape_data(&shape), &element, &line);
        tell(set, text_of(&line), count_of(all.list[i].counter), userdata);
    }
    free(all.list);
    return r;
}
