/* References to interfaces: "red/eth0" is the interface eth0 of the namespace red. Somebody who is in red may
 * write "eth0" for it: without a slash, a reference means its reader's own namespace. */
#pragma once
#include <stdbool.h>

#include "base/text.h"

const char *reference_name(const char *reference); /* "eth0" */
/* Appends "red", and returns true; false for a bare name. */
bool reference_ns(const char *reference, struct text *ns);
/* Appends it with its namespace, which is that of its reader where it says none. */
void reference_put(const char *reference, const char *reader_ns, struct text *out);
/* Whether it means an interface of that namespace. */
bool reference_in(const char *reference, const char *ns);
