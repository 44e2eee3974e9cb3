/* Network files with a mistake, and all that is printed about them: shared by the tables of the reader and of
 * the check. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file/read.h"

struct mistake {
    const char *name, *yaml, *expected;
};

/* All that a command would print about the text. */
static inline char *printed(const char *yaml, size_t size)
{
    CLEANUP_ERRORS struct errors errors = {0};
    struct topology topology = {0};
    char *text = NULL;
    size_t text_size;
    int r = file_read_text("lab.yaml", yaml, size, &topology, &errors);
    if (r == 0)
        topology_check(&topology, &errors);
    else
        assert_null(topology.name); /* untouched on failure */
    topology_done(&topology);

    FILE *stream = open_memstream(&text, &text_size);
    errors_print(&errors, stream, false);
    fclose(stream);
    return text;
}

/* Tells every difference before it fails. */
static inline void mistakes_compare(const struct mistake *mistakes, size_t n)
{
    unsigned n_wrong = 0;
    for (size_t i = 0; i < n; i++) {
        char *text = printed(mistakes[i].yaml, strlen(mistakes[i].yaml));
        if (strcmp(text, mistakes[i].expected) != 0) {
            print_error("--- %s: expected\n%s--- printed\n%s", mistakes[i].name, mistakes[i].expected, text);
            n_wrong++;
        }
        free(text);
    }
    assert_int_equal(n_wrong, 0);
}
