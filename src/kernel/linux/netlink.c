/* Netlink by libmnl, with the few things that libmnl leaves to its users.
 *
 * Not to be guessed:
 * - NETLINK_EXT_ACK makes the kernel say why; NETLINK_CAP_ACK keeps it from sending the request back with
 * every error; NETLINK_GET_STRICT_CHK makes it refuse filters of a dump that it would otherwise ignore.
 * - A dump that was overtaken by a change carries NLM_F_DUMP_INTR on one of its messages, and may lack
 * entries.
 * - The kernel makes the pieces of a dump as large as the buffer that was last offered, up to 32 KB.
 * - Short of memory, it fails a receive (ENOBUFS) in the middle of an answer; the rest waits in the
 * socket, and while it does, the next dump is refused.
 * - The text of the extended acknowledgement comes even with success, as a warning; it is not shown then. */
#include "kernel/linux/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"

enum { PIECE = 32 * 1024, RETRIES = 50, RECEIVE_ERRORS = 5 };

void *message_begin(struct message *message, uint16_t type, uint16_t flags, size_t size)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(message->buffer);
    header->nlmsg_type = type;
    header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    header->nlmsg_seq = ++message->sequence;
    message->full = false;
    message->n_marks = 0;
    return mnl_nlmsg_put_extra_header(header, size);
}

void message_put(struct message *message, uint16_t attr, const void *data, size_t size)
{
    if (!mnl_attr_put_check(&message->header, MESSAGE_SIZE, attr, size, data))
        message->full = true;
}

void message_put_u8(struct message *message, uint16_t attr, uint8_t value)
{
    message_put(message, attr, &value, sizeof value);
}

void message_put_u16(struct message *message, uint16_t attr, uint16_t value)
{
    message_put(message, attr, &value, sizeof value);
}

void message_put_u32(struct message *message, uint16_t attr, uint32_t value)
{
    message_put(message, attr, &value, sizeof value);
}

void message_put_u64(struct message *message, uint16_t attr, uint64_t value)
{
    message_put(message, attr, &value, sizeof value);
}

void message_put_string(struct message *message, uint16_t attr, const char *string)
{
    message_put(message, attr, string, strlen(string) + 1);
}

void *message_put_struct(struct message *message, size_t size)
{
    static max_align_t nowhere[16];
    if (message->header.nlmsg_len + size > MESSAGE_SIZE) {
        message->full = true;
        return nowhere;
    }
    return mnl_nlmsg_put_extra_header(&message->header, size);
}

struct nlattr *message_nest(struct message *message, uint16_t attr)
{
    struct nlattr *nest = mnl_attr_nest_start_check(&message->header, MESSAGE_SIZE, attr);
    if (!nest)
        message->full = true;
    return nest;
}

void message_nest_end(struct message *message, struct nlattr *nest)
{
    if (nest)
        mnl_attr_nest_end(&message->header, nest);
}

void message_nest_cancel(struct message *message, struct nlattr *nest)
{
    if (nest)
        mnl_attr_nest_cancel(&message->header, nest);
}

void message_mark(struct message *message, const char *key)
{
    if (message->n_marks == MESSAGE_MARKS)
        return;
    message->marks[message->n_marks].offset = message->header.nlmsg_len;
    message->marks[message->n_marks++].key = key;
}

void message_wipe(struct message *message)
{
    explicit_bzero(message->buffer, sizeof message->buffer);
}

int netlink_open(int protocol)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -errno;
    int one = 1;
    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    if (protocol == NETLINK_ROUTE)
        setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof one);
    return fd;
}

static const char *key_at(const struct message *message, uint32_t offset)
{
    for (unsigned i = 0; i < message->n_marks; i++)
        if (message->marks[i].offset == offset)
            return message->marks[i].key;
    return NULL;
}

/* The error of an NLMSG_ERROR or NLMSG_DONE, and the words that came with it. */
static int outcome(const struct nlmsghdr *header, const struct message *message, struct reply *ret_reply)
{
    size_t fixed = header->nlmsg_type == NLMSG_ERROR ? sizeof(struct nlmsgerr) : sizeof(int);
    const int *error = message_fixed(header, fixed);
    if (!error)
        return header->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
    ret_reply->text[0] = '\0';
    ret_reply->key = NULL;
    if (header->nlmsg_flags & NLM_F_ACK_TLVS) {
        const struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];
        attrs_of_message(header, fixed, attrs, NLMSGERR_ATTR_MAX);
        const char *text = attr_string(attrs[NLMSGERR_ATTR_MSG]);
        if (text)
            strncat(ret_reply->text, text, sizeof ret_reply->text - 1);
        if (attrs[NLMSGERR_ATTR_OFFS])
            ret_reply->key = key_at(message, (uint32_t)attr_number(attrs[NLMSGERR_ATTR_OFFS], 0));
    }
    return *error > 0 ? -EBADMSG : *error;
}

static int send_bytes(int fd, const void *bytes, size_t length)
{
    ssize_t sent;
    do
        sent = send(fd, bytes, length, 0);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static int send_message(int fd, const struct message *message)
{
    return message->full ? -EMSGSIZE : send_bytes(fd, message->buffer, message->header.nlmsg_len);
}

static ssize_t receive(int fd, char *buffer, size_t size)
{
    ssize_t length;
    do
        length = recv(fd, buffer, size, MSG_TRUNC);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;
    return (size_t)length > size ? -EMSGSIZE : length;
}

/* Throws away what is left of an answer. All of it is there, or made while it is read: nothing is waited
 * for. */
static void drain(int fd)
{
    char buffer[8 * 1024];
    for (unsigned errors = 0; errors < RECEIVE_ERRORS;) {
        ssize_t length = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && errno == EAGAIN)
            return;
        errors += length < 0;
    }
}

int netlink_request(int fd, struct message *message, struct reply *ret_reply)
{
    char buffer[8 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
    message->header.nlmsg_flags |= NLM_F_ACK;
    *ret_reply = (struct reply){0};
    int r = send_message(fd, message);
    while (r == 0) {
        ssize_t length = receive(fd, buffer, sizeof buffer);
        if (length < 0) {
            drain(fd);
            return (int)length;
        }
        for (const struct nlmsghdr *m = NULL; (m = dump_next(buffer, (size_t)length, m));)
            if (m->nlmsg_type == NLMSG_ERROR && m->nlmsg_seq == message->header.nlmsg_seq)
                return outcome(m, message, ret_reply);
    }
    return r;
}

static void dump_reserve(struct dump *dump)
{
    if (dump->capacity - dump->length >= PIECE)
        return;
    dump->capacity = dump->capacity ? dump->capacity * 2 : 4 * PIECE;
    dump->data = xrealloc(dump->data, dump->capacity, 1);
}

/* Appends one answer of the kernel. Returns 1 when it was the last, 0 when more will come, or a negative
 * errno; *ret_lost says that it is no word of the kernel's, and the answer is lost. */
static int dump_receive(int fd, const struct message *message, struct dump *dump, bool *interrupted,
                        bool *ret_lost, struct reply *ret_reply)
{
    dump_reserve(dump);
    char *piece = dump->data + dump->length;
    ssize_t length = receive(fd, piece, PIECE);
    if (length < 0) {
        drain(fd);
        *ret_lost = true;
        return (int)length;
    }
    for (const struct nlmsghdr *m = NULL; (m = dump_next(piece, (size_t)length, m));) {
        if (m->nlmsg_seq != message->header.nlmsg_seq)
            return 0; /* left over from a question that was given up */
        *interrupted |= m->nlmsg_flags & NLM_F_DUMP_INTR;
        if (m->nlmsg_type == NLMSG_ERROR || m->nlmsg_type == NLMSG_DONE) {
            dump->length += (size_t)((const char *)m - piece);
            int r = outcome(m, message, ret_reply);
            return r < 0 ? r : 1;
        }
    }
    dump->length += NLMSG_ALIGN((size_t)length);
    return 0;
}

int netlink_dump_add(int fd, struct message *message, struct dump *dump, struct reply *ret_reply)
{
    size_t before = dump->length;
    *ret_reply = (struct reply){0};
    message->header.nlmsg_flags |= NLM_F_ACK;
    for (unsigned tries = 0, n_lost = 0; tries < RETRIES; tries++) {
        bool interrupted = false, lost = false;
        dump->length = before;
        message->header.nlmsg_seq = ++message->sequence;
        int r = send_message(fd, message);
        while (r == 0)
            r = dump_receive(fd, message, dump, &interrupted, &lost, ret_reply);
        if (lost && ++n_lost < RECEIVE_ERRORS)
            continue;
        if (r < 0)
            return r;
        if (!interrupted)
            return 0;
    }
    return -EAGAIN;
}

int netlink_dump(int fd, struct message *message, struct dump *dump, struct reply *ret_reply)
{
    dump->length = 0;
    return netlink_dump_add(fd, message, dump, ret_reply);
}

void netlink_add(struct dump *requests, const struct message *message)
{
    dump_reserve(requests);
    memcpy(requests->data + requests->length, message->buffer, message->header.nlmsg_len);
    requests->length += NLMSG_ALIGN(message->header.nlmsg_len);
}

/* Only the last is acknowledged when it succeeds, for the answers to many would not fit into the socket. */
int netlink_request_all(int fd, struct dump *requests, struct message *last)
{
    char buffer[8 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
    struct reply reply;
    int first_error = 0;
    last->header.nlmsg_flags |= NLM_F_ACK;
    netlink_add(requests, last);
    uint32_t first = dump_next(requests->data, requests->length, NULL)->nlmsg_seq,
             n = last->header.nlmsg_seq - first;
    int r = last->full ? -EMSGSIZE : send_bytes(fd, requests->data, requests->length);
    while (r == 0) {
        ssize_t length = receive(fd, buffer, sizeof buffer);
        if (length < 0) {
            drain(fd);
            return (int)length;
        }
        for (const struct nlmsghdr *m = NULL; (m = dump_next(buffer, (size_t)length, m));) {
            if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq - first > n)
                continue;
            int error = outcome(m, last, &reply);
            first_error = first_error ? first_error : error;
            if (m->nlmsg_seq - first == n)
                return first_error;
        }
    }
    return r;
}

int netlink_request_bytes(int fd, const struct dump *requests, uint32_t first, uint32_t last,
                          struct reply *ret_reply)
{
    static const struct message no_marks;
    char buffer[8 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
    int r = send_bytes(fd, requests->data, requests->length);
    while (r == 0) {
        ssize_t length = receive(fd, buffer, sizeof buffer);
        if (length < 0) {
            drain(fd);
            return (int)length;
        }
        for (const struct nlmsghdr *m = NULL; r == 0 && (m = dump_next(buffer, (size_t)length, m));) {
            if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq - first > last - first)
                continue;
            r = outcome(m, &no_marks, ret_reply);
            if (r == 0 && m->nlmsg_seq == last)
                return 0;
        }
    }
    drain(fd);
    return r;
}

void dump_done(struct dump *dump)
{
    free(dump->data);
    *dump = (struct dump){0};
}

const struct nlmsghdr *dump_next(const void *data, size_t length, const struct nlmsghdr *after)
{
    size_t at =
        after ? (size_t)((const char *)after - (const char *)data) + NLMSG_ALIGN(after->nlmsg_len) : 0;
    if (!data || at > length || length - at < NLMSG_HDRLEN)
        return NULL;
    const struct nlmsghdr *header = (const struct nlmsghdr *)((const char *)data + at);
    if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > length - at)
        return NULL;
    return header;
}

const void *message_fixed(const struct nlmsghdr *header, size_t size)
{
    return header->nlmsg_len >= NLMSG_HDRLEN + size ? (const char *)header + NLMSG_HDRLEN : NULL;
}

/* The attribute after that one, or the first, when it is whole. */
static const struct nlattr *next_of_bytes(const void *data, size_t length, const struct nlattr *after)
{
    size_t at =
        after ? (size_t)((const char *)after - (const char *)data) + (size_t)NLA_ALIGN(after->nla_len) : 0;
    if (!data || at > length || length - at < (size_t)NLA_HDRLEN)
        return NULL;
    const struct nlattr *attr = (const struct nlattr *)((const char *)data + at);
    return attr->nla_len >= NLA_HDRLEN && attr->nla_len <= length - at ? attr : NULL;
}

const struct nlattr *attr_next(const struct nlattr *nest, const struct nlattr *after)
{
    return nest ? next_of_bytes(attr_data(nest), attr_size(nest), after) : NULL;
}

void attrs_of_bytes(const void *data, size_t length, const struct nlattr **table, unsigned max)
{
    memset(table, 0, (max + 1) * sizeof *table);
    for (const struct nlattr *attr = NULL; (attr = next_of_bytes(data, length, attr));) {
        unsigned type = attr->nla_type & NLA_TYPE_MASK;
        if (type <= max)
            table[type] = attr;
    }
}

void attrs_of_message(const struct nlmsghdr *header, size_t fixed, const struct nlattr **table, unsigned max)
{
    size_t begin = NLMSG_HDRLEN + NLMSG_ALIGN(fixed);
    size_t length = header->nlmsg_len > begin ? header->nlmsg_len - begin : 0;
    attrs_of_bytes((const char *)header + begin, length, table, max);
}

void attrs_of_nest(const struct nlattr *nest, const struct nlattr **table, unsigned max)
{
    attrs_of_bytes(nest ? attr_data(nest) : NULL, nest ? attr_size(nest) : 0, table, max);
}

uint64_t attr_number(const struct nlattr *attr, uint64_t missing)
{
    if (!attr)
        return missing;
    uint64_t number = 0;
    switch (attr_size(attr)) {
    case 1:
        return *(const uint8_t *)attr_data(attr);
    case 2:
        return *(const uint16_t *)attr_data(attr);
    case 4:
        return *(const uint32_t *)attr_data(attr);
    case 8: /* attributes are aligned to four bytes only */
        memcpy(&number, attr_data(attr), sizeof number);
        return number;
    }
    return missing;
}

const char *attr_string(const struct nlattr *attr)
{
    if (!attr || !attr_size(attr) || !memchr(attr_data(attr), '\0', attr_size(attr)))
        return NULL;
    return attr_data(attr);
}
