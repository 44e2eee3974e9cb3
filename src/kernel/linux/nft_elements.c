/* Elements of sets, by netlink messages of our own.
 *
 * libnftables takes seconds for 100,000 of them, most of it in making and matching its trees of expressions,
 * and fetches all that are there before it adds one to a set of intervals. Here an element is a few bytes in
 * a message, and as many messages make one transaction as the socket takes, which is all of them as long as
 * we may have a large one. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/linux/nft.h"
#include "kernel/linux/nft_shape.h"

enum {
    SOCKET_SIZE = 32 * 1024 * 1024, /* what we would like to send at once */
    ELEMENT_MAX = 512,              /* bytes of a message that one element may take */
};

/* ---- writing ---- */

static void put_value(struct message *message, uint16_t attr, const void *value, size_t size)
{
    struct nlattr *nest = message_nest(message, attr);
    message_put(message, NFTA_DATA_VALUE, value, size);
    message_nest_end(message, nest);
}

static void put_verdict(struct message *message, const struct nft_element *element)
{
    struct nlattr *nest = message_nest(message, NFTA_SET_ELEM_DATA);
    struct nlattr *verdict = message_nest(message, NFTA_DATA_VERDICT);
    char chain[NFT_NAME_MAXLEN];
    message_put_u32(message, NFTA_VERDICT_CODE, htonl((uint32_t)verdict_code(element->verdict)));
    if (element->chain && element->chain_length < sizeof chain) {
        memcpy(chain, element->chain, element->chain_length);
        chain[element->chain_length] = '\0';
        message_put_string(message, NFTA_VERDICT_CHAIN, chain);
    }
    message_nest_end(message, verdict);
    message_nest_end(message, nest);
}

static void put_data(struct message *message, const struct shape *shape, struct nft_element *element)
{
    if (shape->is_verdict) {
        put_verdict(message, element);
    } else if (shape->is_map) {
        swap_fields(&shape->data, element->data);
        put_value(message, NFTA_SET_ELEM_DATA, element->data, shape->data_size);
    }
}

static void put_end(struct message *message, const struct shape *shape, struct nft_element *element)
{
    if (!step_up(element->last, shape->key_size))
        return;
    struct nlattr *nest = message_nest(message, NFTA_LIST_ELEM);
    put_value(message, NFTA_SET_ELEM_KEY, element->last, shape->key_size);
    message_put_u32(message, NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_INTERVAL_END));
    message_nest_end(message, nest);
}

static int put_element(struct message *message, const struct shape *shape, const struct edit *edit)
{
    struct nft_element element;
    int r = nft_element_parse(&shape->key, shape_data(shape), edit->line, edit->length, &element);
    if (r < 0)
        return r;
    if (!shape->is_interval)
        swap_fields(&shape->key, element.first);
    struct nlattr *nest = message_nest(message, NFTA_LIST_ELEM);
    put_value(message, NFTA_SET_ELEM_KEY, element.first, shape->key_size);
    if (shape->is_interval && shape->key.n > 1)
        put_value(message, NFTA_SET_ELEM_KEY_END, element.last, shape->key_size);
    if (edit->kind == EDIT_NEW)
        put_data(message, shape, &element);
    message_nest_end(message, nest);
    if (shape_has_ends(shape))
        put_end(message, shape, &element);
    return 0;
}

/* ---- sending ---- */

/* What is to be sent as one transaction. */
struct batch {
    struct linux_door *door;
    int fd;
    size_t room;     /* bytes that may be sent at once */
    uint32_t n_sent; /* transactions */
    struct dump requests;
    uint32_t first, last; /* sequence numbers: of what opens it, and of the last message */
};

static void put_bracket(struct batch *batch, uint16_t type)
{
    struct message *message = &batch->door->message;
    struct nfgenmsg *fixed = message_begin(message, type, 0, sizeof *fixed);
    fixed->res_id = htons(NFNL_SUBSYS_NFTABLES);
    netlink_add(&batch->requests, message);
}

static void batch_open(struct batch *batch)
{
    batch->requests.length = 0;
    put_bracket(batch, NFNL_MSG_BATCH_BEGIN);
    batch->first = batch->door->message.header.nlmsg_seq;
}

/* The last message is answered, and so are those that fail. */
static int batch_send(struct batch *batch, struct message *last)
{
    last->header.nlmsg_flags |= NLM_F_ACK;
    batch->last = last->header.nlmsg_seq;
    netlink_add(&batch->requests, last);
    put_bracket(batch, NFNL_MSG_BATCH_END);
    batch->n_sent++;
    return netlink_request_bytes(batch->fd, &batch->requests, batch->first, batch->last, &batch->door->reply);
}

static size_t room_of(int fd)
{
    int wanted = SOCKET_SIZE / 2, size = 0; /* the kernel doubles it */
    socklen_t length = sizeof size;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) < 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length);
    return (size_t)size;
}

static struct nlattr *begin_elements(struct message *message, const struct object *set, enum edit_kind kind)
{
    uint16_t type = kind == EDIT_NEW ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM;
    struct nfgenmsg *fixed = message_begin(message, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
                                           kind == EDIT_NEW ? NLM_F_CREATE : 0, sizeof *fixed);
    fixed->nfgen_family = (uint8_t)object_number(set, "family", 0);
    message_put_string(message, NFTA_SET_ELEM_LIST_TABLE, object_text(set, "table"));
    message_put_string(message, NFTA_SET_ELEM_LIST_SET, object_text(set, "name"));
    return message_nest(message, NFTA_SET_ELEM_LIST_ELEMENTS);
}

/* Sent, or kept for a batch that has room. */
static int finish_message(struct batch *batch, bool is_last)
{
    if (!is_last && batch->requests.length + 3 * MESSAGE_SIZE < batch->room) {
        netlink_add(&batch->requests, &batch->door->message);
        return 0;
    }
    int r = batch_send(batch, &batch->door->message);
    batch_open(batch);
    return r;
}

static bool is_full(const struct message *message)
{
    return message->header.nlmsg_len + ELEMENT_MAX > MESSAGE_SIZE;
}

/* All edits of one kind, into messages. Of what is left to do, the last is sent, and so is what is all that
 * the socket takes. */
static int add_elements(struct batch *batch, const struct object *set, const struct shape *shape,
                        const struct edits *edits, enum edit_kind kind, size_t *n_left)
{
    struct message *message = &batch->door->message;
    struct nlattr *nest = NULL;
    int r = 0;
    for (size_t i = 0; r == 0 && i < edits->n; i++) {
        if (edits->list[i].kind != kind)
            continue;
        nest = nest ? nest : begin_elements(message, set, kind);
        r = put_element(message, shape, &edits->list[i]);
        if (r < 0 || (--*n_left && !is_full(message)))
            continue;
        message_nest_end(message, nest);
        nest = NULL;
        r = finish_message(batch, *n_left == 0);
    }
    if (r == 0 && nest) {
        message_nest_end(message, nest);
        r = finish_message(batch, false);
    }
    return r;
}

static size_t count_changes(const struct edits *edits)
{
    size_t n = 0;
    for (size_t i = 0; i < edits->n; i++)
        n += edits->list[i].kind != EDIT_KEPT;
    return n;
}

int nft_elements_change(struct linux_door *door, const struct object *set, const struct edits *edits)
{
    struct shape shape;
    struct batch batch = {.door = door};
    size_t n_left = count_changes(edits);
    struct nft_state before = {0}, after;
    int r = shape_of(set, &shape);
    if (r < 0)
        return r;
    batch.fd = namespaces_netlink(&door->namespaces, set->ns, NETLINK_NETFILTER);
    if (batch.fd < 0)
        return batch.fd;
    batch.room = room_of(batch.fd);
    r = nft_state(door, batch.fd, &before);
    bool is_known = r == 0 && nft_known_get(door, set, before);
    batch_open(&batch);
    if (r == 0)
        r = add_elements(&batch, set, &shape, edits, EDIT_GONE, &n_left);
    if (r == 0)
        r = add_elements(&batch, set, &shape, edits, EDIT_NEW, &n_left);
    if (r == 0 && is_known && nft_state(door, batch.fd, &after) == 0 &&
        after.generation == before.generation + batch.n_sent)
        nft_known_put(door, set, after, object_text(set, "elements"), false);
    dump_done(&batch.requests);
    close(batch.fd);
    return r;
}
