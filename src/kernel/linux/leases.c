/* The lease database of dnsmasq: "EXPIRES MAC ADDRESS NAME CLIENT" in each line, with * for what is not there; behind a
 * line "duid ...", those of DHCPv6, with the identity association in place of the MAC address. */
#include "kernel/leases.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/linux/service_files.h"

enum { WORDS = 5 };

static const char *word_or_none(const char *word)
{
    return word && strcmp(word, "*") != 0 ? word : NULL;
}

static bool parse(char *line, bool is_six, struct lease *ret)
{
    char *words[WORDS] = {0}, *rest = NULL, *end;
    for (unsigned i = 0; i < WORDS && (words[i] = strtok_r(i ? NULL : line, " ", &rest)); i++)
        ;
    if (!words[3])
        return false;
    *ret = (struct lease){
        .expires = strtoll(words[0], &end, 10),
        .mac = is_six ? NULL : words[1],
        .address = words[2],
        .name = word_or_none(words[3]),
        .client = word_or_none(words[4]),
    };
    return !*end;
}

struct lease *leases_of(const struct object *service, struct arena *arena, size_t *ret_n)
{
    struct text text CLEANUP_TEXT = {0};
    bool is_six = false;
    size_t n = 0, n_lines = 1;
    char *rest = NULL;
    service_get(service_folder(arena, service->ns, service->name), "lease-database", &text);
    for (const char *c = text_of(&text); *c; c++)
        n_lines += *c == '\n';
    struct lease *list = arena_alloc(arena, n_lines * sizeof *list);
    char *copy = arena_strdup(arena, text_of(&text));
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        is_six |= strncmp(line, "duid ", 5) == 0;
        n += parse(line, is_six, &list[n]);
    }
    *ret_n = n;
    return list;
}
