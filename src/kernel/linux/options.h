/* Values of options as netlink attributes, in both directions, by nothing but the tables of the model. */
#pragma once
#include "kernel/linux/netlink.h"
#include "model/object.h"
#include "model/reference.h"

struct netns;

/* One interface of the namespace that is being read. */
struct link {
    int index;
    const char *name;
    struct object *object;
};

struct links {
    struct link *list; /* sorted by index when links_sort() was called */
    size_t n, capacity;
};

struct link *links_add(struct links *links, int index, const char *name);
void links_sort(struct links *links);
const struct link *links_find(const struct links *links, int index); /* NULL: none */
void links_clear(struct links *links);                               /* memory kept */
void links_done(struct links *links);

/* Appends the attribute that carries the value. Unset values and WIRE_NONE append nothing. -ENODEV: the
 * interface that the value names is not in the namespace; -EINVAL: not a value of its type (the checks before
 * let none through). */
int option_encode(struct message *message, const struct netns *ns, const struct option *option,
                  const struct value *value);

/* Where decoded values live, and what indices mean. */
struct decoding {
    struct arena *arena;
    const char *ns; /* name of the namespace */
    const struct links *links;
};

/* The value in an attribute (NULL: it is missing). Unset when it is missing, malformed or says nothing (index
 * 0, address 0.0.0.0, an empty string). */
struct value option_decode(const struct decoding *decoding, const struct option *option,
                           const struct nlattr *attr);

/* An address of 4 or 16 bytes; family 0 for another size. */
struct ip;
struct ip attr_ip(const struct nlattr *attr);
void message_put_ip(struct message *message, uint16_t attr, const struct ip *ip);

/* Lists that the kernel keeps in an order of its own: `seen`, or `wanted` when that holds the same elements.
 * Either may be NULL. */
const char *list_as_wanted(const char *seen, const char *wanted);

/* Keys of a class resolved to indices, so that observing a thousand objects does not compare strings:
 * index[i] is the place of keys[i] in the values of an object of that class, or -1 where its table has no
 * such key. */
void keys_resolve(const struct class *class, const char *const *keys, int *ret_index, unsigned n);
/* Values by such an index. A text that is empty says "none", like one that is unset: NULL. */
const char *value_text_at(const struct object *object, int index);
int64_t value_number_at(const struct object *object, int index, int64_t if_unset);
void value_put_number(struct object *object, int index, int64_t number);
void value_put_text(struct object *object, int index, const char *text); /* not copied; NULL: stays unset */
