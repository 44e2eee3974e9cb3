#include "model/nexthop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool take_word(const char **at, char *word, size_t size)
{
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " ,");
    if (!length || length >= size)
        return false;
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    return true;
}

/* One part. Words that nobody knows are passed over. */
static bool take_part(const char **at, const char *key, struct nexthop *nexthop)
{
    char number[8];
    if (strcmp(key, "via") == 0)
        return take_word(at, nexthop->via, sizeof nexthop->via);
    if (strcmp(key, "dev") == 0)
        return take_word(at, nexthop->dev, sizeof nexthop->dev);
    if (strcmp(key, "onlink") == 0)
        nexthop->onlink = true;
    if (strcmp(key, "weight") != 0)
        return true;
    if (!take_word(at, number, sizeof number))
        return false;
    nexthop->weight = (unsigned)strtoul(number, NULL, 10);
    return nexthop->weight >= 1 && nexthop->weight <= 256;
}

int nexthop_take(const char **list, struct nexthop *ret_nexthop)
{
    const char *at = *list;
    struct nexthop nexthop = {.weight = 1};
    char key[64];
    if (!at || !*at)
        return 0;
    while (take_word(&at, key, sizeof key))
        if (!take_part(&at, key, &nexthop))
            return -EINVAL;
    if (*at && *at != ',')
        return -EINVAL;
    *list = at + (*at == ',');
    *ret_nexthop = nexthop;
    return 1;
}

void nexthop_add(struct text *list, const struct nexthop *nexthop)
{
    const char *separator = list->length ? "," : "";
    if (nexthop->via[0]) {
        text_printf(list, "%svia %s", separator, nexthop->via);
        separator = " ";
    }
    if (nexthop->dev[0]) {
        text_printf(list, "%sdev %s", separator, nexthop->dev);
        separator = " ";
    }
    if (nexthop->weight != 1)
        text_printf(list, "%sweight %u", separator, nexthop->weight);
    if (nexthop->onlink)
        text_add(list, " onlink");
}
