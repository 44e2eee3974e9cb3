/* Changes the text of a network file in one place, and leaves every other byte as it is: comments, the order
 * of keys, quotes, the way it is broken into lines.
 *
 * What comes of it is read again, and must be the tree with the change and no other: so what the text does
 * not allow is refused, never guessed. Whether the network makes sense is for the reader to say. */
#pragma once
#include "base/text.h"
#include "file/node.h"

enum edit_verb {
    EDIT_SET,    /* the key has this value; it is added where there is none */
    EDIT_UNSET,  /* the key goes */
    EDIT_INSERT, /* a list gets an item: in front of that of this index, or as the last */
    EDIT_REMOVE, /* the item of this index goes */
};

enum { EDIT_END = -1 };

struct file_edit {
    enum edit_verb verb;
    /* Keys from the top of the file, ended by NULL. Set and insert make what is missing of it. Where one
     * value stands for a list of one, it is the only item. */
    const char *const *path;
    long index;               /* insert, remove; EDIT_END */
    const struct node *value; /* set, insert */
};

/* Appends the changed text to `ret`: 0, or -EINVAL with the reason in `errors`, and `ret` untouched. `file`
 * is the name for places. The text must be a file that yaml_parse() takes, and a map. */
int edit_text(const char *file, const char *text, size_t size, const struct file_edit *edit, struct text *ret,
              struct errors *errors);

/* Whether the file says the path itself, neither by `<<` nor by `include`. One that cannot be read says
 * nothing. */
bool edit_has(const char *text, size_t size, const char *const *path);
