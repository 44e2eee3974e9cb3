#include "model/reference.h"

#include <string.h>

const char *reference_name(const char *reference)
{
    const char *slash = strchr(reference, '/');
    return slash ? slash + 1 : reference;
}

bool reference_ns(const char *reference, struct text *ns)
{
    const char *slash = strchr(reference, '/');
    if (slash)
        text_add_n(ns, reference, (size_t)(slash - reference));
    return slash;
}

void reference_put(const char *reference, const char *reader_ns, struct text *out)
{
    if (!strchr(reference, '/')) {
        text_add(out, reader_ns);
        text_add(out, "/");
    }
    text_add(out, reference);
}

bool reference_in(const char *reference, const char *ns)
{
    size_t length = strcspn(reference, "/");
    return !reference[length] || (strncmp(reference, ns, length) == 0 && !ns[length]);
}
