#include "model/endpoint.h"

#include <stdlib.h>

static json_t *words_to_json(const char *const *words, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (words[i])
            json_array_append_new(list, json_string(words[i]));
    return list;
}

static json_t *endpoint_to_json(const struct endpoint *endpoint)
{
    return json_pack(
        "{s:s, s:s, s:b, s:b, s:s*, s:I, s:I, s:I, s:i, s:[s?, s?], s:o, s:s*, s:s*, s:o, s:I, s:I}",
        "network", endpoint->network, "namespace", endpoint->ns, "plugged", endpoint->is_plugged, "run",
        endpoint->is_run, "path", endpoint->path, "device", (json_int_t)endpoint->id.device, "inode",
        (json_int_t)endpoint->id.inode, "born", (json_int_t)endpoint->id.born, "led", (int)endpoint->led,
        "leaders", endpoint->leaders[IPV4], endpoint->leaders[IPV6], "addresses",
        words_to_json(endpoint->addresses, ENDPOINT_ADDRESSES), "mac", endpoint->mac, "interface",
        endpoint->interface, "publish", words_to_json(endpoint->publish, endpoint->n_publish), "process",
        (json_int_t)endpoint->process, "started", (json_int_t)endpoint->started);
}

json_t *endpoints_to_json(const struct endpoint *first)
{
    json_t *list = json_array();
    for (const struct endpoint *endpoint = first; endpoint; endpoint = endpoint->next)
        json_array_append_new(list, endpoint_to_json(endpoint));
    return list;
}

char *endpoints_text(const struct endpoint *first)
{
    json_t *list = endpoints_to_json(first);
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}
