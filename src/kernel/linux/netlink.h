/* Netlink: requests, their acknowledgements, and dumps.
 *
 * A request is built in a `struct message`, of which a door has one and uses it over and over. Its size is
 * fixed: what does not fit marks it `full`, and sending it then fails with -EMSGSIZE, so that builders need
 * not look at each step. A dump is received whole into a buffer and decoded afterwards, for two reasons: when
 * the kernel says that it changed under the dump, all is thrown away and asked again; and a decoder is then a
 * function of bytes. */
#pragma once
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_SIZE = 32 * 1024, MESSAGE_MARKS = 96 };

struct message {
    union {
        struct nlmsghdr header;
        char buffer[MESSAGE_SIZE];
    };
    uint32_t sequence;
    bool full;
    unsigned n_marks;
    struct {
        uint32_t offset; /* of an attribute */
        const char *key; /* the option it carries */
    } marks[MESSAGE_MARKS];
};

/* Starts a message anew and returns its zeroed fixed part of `size` bytes (struct ifinfomsg ...). */
void *message_begin(struct message *message, uint16_t type, uint16_t flags, size_t size);
void message_put(struct message *message, uint16_t attr, const void *data, size_t size);
void message_put_u8(struct message *message, uint16_t attr, uint8_t value);
void message_put_u16(struct message *message, uint16_t attr, uint16_t value);
void message_put_u32(struct message *message, uint16_t attr, uint32_t value);
void message_put_u64(struct message *message, uint16_t attr, uint64_t value);
void message_put_string(struct message *message, uint16_t attr, const char *string); /* with its NUL */
void *message_put_struct(struct message *message,
                         size_t size); /* zeroed bytes without a header, inside a nest */
struct nlattr *message_nest(struct message *message, uint16_t attr);
void message_nest_end(struct message *message, struct nlattr *nest);
void message_nest_cancel(struct message *message, struct nlattr *nest);

void message_wipe(struct message *message); /* after it held a secret */

/* Says that the attribute put next carries the option `key`: an error of the kernel about it can then name
 * it. */
void message_mark(struct message *message, const char *key);

/* What the kernel said to a request. */
struct reply {
    char text[256];  /* its extended acknowledgement, or "" */
    const char *key; /* the option at fault, or NULL */
};

/* A socket in the namespace of the calling thread; protocol: NETLINK_ROUTE ... Returns a descriptor or
 * -errno. */
int netlink_open(int protocol);

/* Sends a request and waits for its acknowledgement: 0, or the kernel's negative errno with *ret_reply. */
int netlink_request(int fd, struct message *message, struct reply *ret_reply);

/* Messages received, one behind the other. */
struct dump {
    char *data;
    size_t length, capacity;
};

/* Sends the request and receives all messages of the answer: of a dump (the caller has put NLM_F_DUMP), or
 * the single one that answers a plain question (NLM_F_ACK is added). Returns 0 or a negative errno. The
 * memory of `dump` is used again. */
int netlink_dump(int fd, struct message *message, struct dump *dump, struct reply *ret_reply);
/* The same, behind what is in `dump` already; what was added by one that failed is no answer. */
int netlink_dump_add(int fd, struct message *message, struct dump *dump, struct reply *ret_reply);
void dump_done(struct dump *dump);

/* Requests that belong together: all but the last are added to a buffer, and then sent with the last as one.
 * The kernel does all of them before the sender can be killed. Returns 0, or the negative errno of the first
 * that failed; those after it are done all the same. */
void netlink_add(struct dump *requests, const struct message *message);
int netlink_request_all(int fd, struct dump *requests, struct message *last);

/* Sends bytes of several requests as one, whose sequence numbers are those from `first` to `last`, and
 * waits for the answer to the last, or for the first refusal: 0, or its negative errno. */
int netlink_request_bytes(int fd, const struct dump *requests, uint32_t first, uint32_t last,
                          struct reply *ret_reply);

/* for (const struct nlmsghdr *m = NULL; (m = dump_next(data, length, m));)  visits every whole message. */
const struct nlmsghdr *dump_next(const void *data, size_t length, const struct nlmsghdr *after);

/* The fixed part of a message when it is at least `size` bytes long, else NULL. */
const void *message_fixed(const struct nlmsghdr *header, size_t size);

/* for (const struct nlattr *a = NULL; (a = attr_next(nest, a));)  visits every whole attribute in a nest, and
 * ends before one that is cut off; a nest that is NULL has none. */
const struct nlattr *attr_next(const struct nlattr *nest, const struct nlattr *after);

/* Sorts attributes into table[0..max]; unknown ones are left out, missing ones are NULL, the last of several
 * counts. */
void attrs_of_message(const struct nlmsghdr *header, size_t fixed, const struct nlattr **table, unsigned max);
void attrs_of_nest(const struct nlattr *nest, const struct nlattr **table, unsigned max);
void attrs_of_bytes(const void *data, size_t length, const struct nlattr **table, unsigned max);

/* Values of attributes, whose size is checked; `missing` for what is absent or of another size. */
uint64_t attr_number(const struct nlattr *attr, uint64_t missing); /* of 1, 2, 4 or 8 bytes */
const char *attr_string(const struct nlattr *attr);                /* NULL unless it ends with a NUL */
static inline size_t attr_size(const struct nlattr *attr)
{
    return attr->nla_len - (size_t)NLA_HDRLEN;
}
static inline const void *attr_data(const struct nlattr *attr)
{
    return (const char *)attr + NLA_HDRLEN;
}
