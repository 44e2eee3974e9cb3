/* Large texts of a topology: the elements of a set, the file that runs. Record, journal and history share
 * them, each in a file of its own, /run/plexus/NAME/texts/NUMBER, which never changes, nor is the number used
 * again: so what stays as it is is not written again with what becomes otherwise. */
#pragma once
#include "apply/store.h"
#include "model/json.h"

struct texts {
    const struct machine *machine;
    const char *name; /* of the topology */
    int result;       /* of keeping: 0, or a negative errno with an entry in `errors` */
    bool is_missing;  /* one that was asked for is not there */
    struct errors *errors;
};

/* How JSON is written and read whose large texts are kept there; `texts` must outlive it. */
struct apart texts_apart(struct texts *texts);

/* Writes the text to a file of the topology that never changes; a large one shares its bytes. 0, or a
 * negative errno with an entry in texts->errors. */
int texts_write(struct texts *texts, const char *file, const char *text);

/* Removes those of which neither the record nor the journal speaks. */
void texts_sweep(const struct machine *machine, const char *name);
