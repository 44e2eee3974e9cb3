/* Fuzzes the reader of network files through its real entry, and the semantic check of what it read. The
 * printed errors are part of the target: their places and texts come from the input. */
#include <stdint.h>
#include <stdio.h>

#include "file/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses 2 KiB after some syntax errors. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");

    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology;
    if (file_read_text("fuzz.yaml", (const char *)data, size, &topology, &errors) == 0) {
        topology_check(&topology, &errors);
        topology_done(&topology);
    }
    errors_print(&errors, nowhere, true);
    return 0;
}
